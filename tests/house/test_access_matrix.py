"""Every route × every post × seven places, compared with app/accounts/policy.yaml and with what the rows say (权限矩阵).

Nothing is listed by hand: routes come from the address map, posts from the policy. A new parameter in an address needs an
object in tests/house/matrix.py; the first test says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from werkzeug.routing import Rule

from app.core.access import Entry, entry_of
from app.core.actor import Post
from app.core.embedded.postgres import Cluster
from app.factory import BLUEPRINTS
from tests.conftest import app_for
from tests.house import matrix
from tests.house.matrix import OWN, Place, Reply, Visitor, World

pytestmark = pytest.mark.slow
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
GROUPS = [*(bp.name for bp in BLUEPRINTS), "static"]
# Signing out, in effect or by name: the way back leads to the sign-in page though the visitor was let in.
ENDS_THE_SIGN_IN = {"/account/password", "/sign-out"}
# Open addresses behind which there may rightly be nothing yet.
NOT_YET = {"/v/<path:number>": "a document can be checked once the workers have archived it", "/readyz": "no workers run here"}
# Pages that show texts of places out of reach, and why that is right.
SHOWN_ALL_THE_SAME = {
    "/office/record": "the record is read whole: who audits sees every line and who acted",
    "/office/accounts": "an administrator of accounts sees the names of accounts and employers that he manages",
}


@pytest.fixture(scope="module")
def world(cluster: Cluster, template: str) -> Iterator[World]:
    """The world of the matrix, built once for all tests of this file."""
    name = f"matrix_{id(template):x}"
    cluster.ensure_database(name, template=template)
    app = app_for(cluster, name)
    with matrix.one_transaction(app) as connection:
        yield matrix.build(app, connection)
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def policy(root: Path) -> dict[str, frozenset[Post]]:
    """Verb → posts, read from the file and not from the application."""
    lines = yaml.safe_load((root / "app" / "accounts" / "policy.yaml").read_text("utf-8"))
    return {verb: frozenset(Post(post) for post in line["posts"]) for verb, line in lines.items()}


def routes_of(world: World, group: str = "") -> list[tuple[Rule, str, Entry]]:
    """Every (route, method, who may enter) of a blueprint, or of all."""
    return [
        (rule, method, entry_of(world.app, rule.endpoint))
        for rule in world.app.url_map.iter_rules()
        if not group or rule.endpoint.split(".")[0] == group
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_parameter_has_an_object(world: World) -> None:
    known = world.own.ids.keys() & (matrix.TABLES.keys() | matrix.KNOWN.keys() | matrix.ACCOUNTS)
    missing = {
        f"{rule.rule}: <{name}> has no object: build one in tests/house/matrix.py (_Maker), put its id into `ids` under "
        f"{matrix.key_of(rule, name)!r}, and its table into TABLES"
        for rule, _, _ in routes_of(world)
        for name in rule.arguments
        if matrix.key_of(rule, name) not in known
    }
    assert missing == set()


# ------------------------------------------------------------------------------------------------------------ the matrix


def reaches(world: World, visitor: Visitor, rule: Rule, place: Place) -> bool:
    """Whether the rows that an address names at a place lie within the visitor's reach."""
    for name in rule.arguments:
        key = matrix.key_of(rule, name)
        if key in matrix.ACCOUNTS and place.key not in matrix.MANAGED:
            return False
        if key in matrix.TABLES and not visitor.reaches(world.held(place, key)):
            return False
    return True


def expected(world: World, policy: dict[str, frozenset[Post]], visitor: Visitor, rule: Rule, entry: Entry, place: Place) -> str:
    """What the policy and the rows say: open, sign in, forbidden, enter, hidden."""
    if entry.anyone:
        return "open"
    if visitor.post is None:
        return "sign in"
    if entry.verb is not None and visitor.post not in policy[entry.verb]:
        return "forbidden"
    return "enter" if reaches(world, visitor, rule, place) else "hidden"


def fits(wanted: str, reply: Reply, rule: Rule) -> bool:
    """Whether the answer is of the kind that was expected. An empty form may be refused (409, 422): it was let in."""
    if reply.status >= 500 and rule.rule not in NOT_YET:
        return False
    to_sign_in = reply.status == 401 or (reply.status == 302 and reply.location.startswith("/sign-in"))
    match wanted:
        case "open":
            return reply.status not in {401, 403, 404} or rule.rule in NOT_YET
        case "sign in":
            return reply.status == (401 if rule.rule.startswith(("/api/", "/open/")) else 302) and to_sign_in
        case "forbidden":
            return reply.status == 403
        case "hidden":
            return reply.status == 404
    return reply.status not in {401, 403, 404} and (not to_sign_in or rule.rule in ENDS_THE_SIGN_IN)


def leaks(world: World, visitor: Visitor, rule: Rule, entry: Entry, reply: Reply) -> set[str]:
    """Marks in an answer of places that the visitor does not reach."""
    if rule.rule.startswith(tuple(SHOWN_ALL_THE_SAME)):
        return set()
    by_mark = {place.mark: place for place in world.places.values()}
    return {
        hit[0]
        for hit in matrix.CANARY.finditer(reply.body)
        if not (entry.anyone and hit[1] == "SHOWN") and not visitor.reaches(by_mark[hit[2]].site)
    }


@pytest.mark.parametrize("group", GROUPS)
def test_every_cell_is_as_the_policy_says(
    world: World, policy: dict[str, frozenset[Post]], group: str, capfd: pytest.CaptureFixture[str]
) -> None:
    bad, cells = [], 0
    for rule, method, entry in routes_of(world, group):
        for visitor in world.visitors.values():
            places = list(world.places.values())
            if not rule.arguments or expected(world, policy, visitor, rule, entry, world.own) in {"sign in", "forbidden"}:
                places = [world.places[OWN]]
            for place in places:
                wanted = expected(world, policy, visitor, rule, entry, place)
                reply = world.ask(visitor, method, world.address(rule, place))
                cells += 1
                where = f"{visitor.key:20} {method:4} {rule.rule} [{place.key}]"
                if not fits(wanted, reply, rule):
                    bad.append(f"{where}: {reply}, expected: {wanted}")
                if found := leaks(world, visitor, rule, entry, reply):
                    bad.append(f"{where}: shows {sorted(found)}")
    logged = capfd.readouterr()
    bad += sorted({f"the log shows {hit[0]}" for hit in matrix.CANARY.finditer(logged.out + logged.err)})
    assert not bad, f"{len(bad)} of {cells} cells:\n" + "\n".join(bad)
    assert cells
