"""The list of routes with who may enter (路由与权限): `python -m tests.house.routes > tests/golden/routes.txt` after a change."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.access import entry_of
from app.core.web import Songjian
from app.factory import create_app
from app.settings import Settings


def an_app() -> Songjian:
    """The application as it is put together, without database or store."""
    return create_app(Settings(_env_file=None, environment="test"))  # type: ignore[call-arg]  # pydantic-settings' own argument


def lines(app: Songjian) -> Iterator[str]:
    """`route  methods  verb` for every route, sorted."""
    found = []
    for rule in app.url_map.iter_rules():
        entry = entry_of(app, rule.endpoint)
        verb = "anyone" if entry.anyone else entry.verb or "signed in"
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        found.append(f"{rule.rule:<72} {methods:<6} {verb}")
    yield from sorted(found)


if __name__ == "__main__":
    print("\n".join(lines(an_app())))
