"""Every route says who may enter, and a change of that is seen in review."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from app.core import access
from app.core.access import Grant
from app.core.actor import Post
from tests.house import routes

UPDATE = "Read the difference; when it is meant: python -m tests.house.routes > tests/golden/routes.txt"


def test_the_routes_are_those_of_the_golden_file(root: Path) -> None:
    kept = (root / "tests" / "golden" / "routes.txt").read_text("utf-8").splitlines()
    now = list(routes.lines(routes.an_app()))
    assert kept == now, "\n".join([UPDATE, *difflib.unified_diff(kept, now, "golden", "now", lineterm="", n=0)])


def test_an_undeclared_route_stops_the_start() -> None:
    app = routes.an_app()
    app.add_url_rule("/office/forgotten", "forgotten", lambda: "")
    with pytest.raises(RuntimeError, match="/office/forgotten"):
        access.check_routes(app)


def test_an_unknown_verb_stops_the_start() -> None:
    app = routes.an_app()
    app.add_url_rule("/office/misspelt", "misspelt", access.requires("filing.acept")(lambda: ""))
    with pytest.raises(RuntimeError, match=r"filing\.acept"):
        access.check_routes(app)


# Texts that an address may carry, since each is looked up as it stands.
NAMED = {
    "number": "a document's or a draw's number",
    "name": "a file or table of a short list",
    "sha": "the hash of a photo",
    "scheme_sha": "the hash of a rating scheme's edition",
    "token": "the signed word of a door sign",
    "code": "a caregiver's share code, looked up by its fingerprint",
}


def test_routes_take_only_typed_values_from_the_address() -> None:
    """A path piece is a uuid, a number or a named path, never any text that reaches a query unread."""
    app = routes.an_app()
    loose = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for name, converter in rule._converters.items()
        if type(converter).__name__ in {"UnicodeConverter", "PathConverter"} and name not in NAMED
    ]
    assert loose == []


def policy() -> dict[str, Grant]:
    routes.an_app()
    return access._policy


def test_a_page_of_the_office_names_its_verb() -> None:
    """Being signed in is not enough for an office or provider page: providers are signed in too."""
    app = routes.an_app()
    open_ones = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/office/", "/my/")) and access.entry_of(app, rule.endpoint).verb is None
    ]
    assert open_ones == []


@pytest.mark.parametrize("post", [Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN])
def test_the_three_administrators_reach_no_business(post: Post) -> None:
    """三员分立 (reliability S9): no verb of an administrator is shared with a business post, but the observer's reading."""
    own = {verb: grant for verb, grant in policy().items() if post in grant.posts}
    shared = {verb for verb, grant in own.items() if grant.posts - {post, Post.OBSERVER}}
    assert shared == set()


def test_an_observer_changes_nothing() -> None:
    writing = ("accept", "import", "fact", "edit", "decide", "manage", "close", "export", "create", "approve", "return")
    held = {verb for verb, grant in policy().items() if Post.OBSERVER in grant.posts}
    assert {verb for verb in held if verb.endswith(writing)} == set()
