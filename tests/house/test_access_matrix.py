"""Every route × every post × seven places, compared with app/accounts/policy.yaml and with what the rows say (权限矩阵).

Nothing is listed by hand: routes come from the address map, posts from the policy. A new parameter in an address needs an
object in tests/house/matrix.py; the first test says so.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from werkzeug.routing import Rule, UUIDConverter

from app.core import clock
from app.core.access import Entry, entry_of
from app.core.actor import Post
from app.core.db import Base
from app.core.embedded.postgres import Cluster
from app.factory import BLUEPRINTS
from tests.conftest import app_for
from tests.house import matrix
from tests.house.matrix import FOREIGN, Place, Reply, Visitor, World

pytestmark = pytest.mark.slow
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
GROUPS = [*(bp.name for bp in BLUEPRINTS), "static"]
# Signing out, in effect or by name: the way back leads to the sign-in page though the visitor was let in.
ENDS_THE_SIGN_IN = {"/account/password", "/sign-out"}
# Open addresses behind which there may rightly be nothing yet.
NOT_YET = {"/v/<path:number>": "a document can be checked once the workers have archived it", "/readyz": "no workers run here"}
# What an address needs beside its path to name anything at all.
NAMED = {"/office/packs/setting": {"key": "inspection.visits_cap"}}
# Open pages do not ask who comes: three kinds of visitors stand for all.
ANYBODY = ("anonymous", "handler", "provider_owner")
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
    """Every (route, method, who may enter) of a blueprint, or of all, for whose parameters there are objects."""
    return [
        (rule, method, entry_of(world.app, rule.endpoint))
        for rule in world.app.url_map.iter_rules()
        if (not group or rule.endpoint.split(".")[0] == group) and not unknown(world, rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def unknown(world: World, rule: Rule) -> list[str]:
    """Parameters of a route for which the world has no object."""
    known = world.own.ids.keys() & (matrix.TABLES.keys() | matrix.KNOWN.keys() | matrix.AUTHORITYS.keys() | matrix.ACCOUNTS)
    return [name for name in rule.arguments if matrix.key_of(rule, name) not in known]


def test_every_parameter_has_an_object(world: World) -> None:
    missing = [
        f"{rule.rule}: <{name}> has no object: build one in tests/house/matrix.py (_Maker), put its id into `ids` under "
        f"{matrix.key_of(rule, name)!r}, and its table into TABLES"
        for rule in world.app.url_map.iter_rules()
        for name in unknown(world, rule)
    ]
    assert not missing, "\n".join(missing)


# ------------------------------------------------------------------------------------------------------------ the matrix


def reaches(world: World, visitor: Visitor, rule: Rule, place: Place) -> bool:
    """Whether the rows that an address names at a place lie within the visitor's reach."""
    for name in rule.arguments:
        key = matrix.key_of(rule, name)
        if key in matrix.ACCOUNTS and place.key not in matrix.MANAGED:
            return False
        if key in matrix.AUTHORITYS and visitor.authority_id != world.authority_of(place, key):
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
    """Marks in an answer of places that the visitor does not reach; and identity numbers, which nobody is shown in full."""
    if found := set(matrix.IDENTITY.findall(reply.body)):
        return found
    if rule.rule.startswith(tuple(SHOWN_ALL_THE_SAME)):
        return set()
    by_mark = {place.mark: place for place in world.places.values()}
    return {
        hit[0]
        for hit in matrix.CANARY.finditer(reply.body)
        if not (entry.anyone and hit[1] == "SHOWN") and not visitor.reaches(by_mark[hit[2]].site)
    }


def ask(world: World, visitor: Visitor, method: str, rule: Rule, place: Place) -> Reply:
    """A request with an empty form, or with what the address needs to name anything."""
    named = NAMED.get(rule.rule)
    more = {} if named is None else {"query_string": named} if method in SAFE else {"data": named}
    return world.ask(visitor, method, world.address(rule, place), **more)


def places_for(world: World, policy: dict[str, frozenset[Post]], visitor: Visitor, rule: Rule, entry: Entry) -> list[Place]:
    """Where a visitor tries an address: everywhere, once for each way of reaching; who is not let in at all tries at home."""
    if not rule.arguments or expected(world, policy, visitor, rule, entry, world.own) in {"sign in", "forbidden"}:
        return [world.own]
    alike = [v for v in world.visitors.values() if v.way == visitor.way]
    admitted = [v for v in alike if expected(world, policy, v, rule, entry, world.own) not in {"sign in", "forbidden"}]
    return list(world.places.values()) if entry.anyone or visitor is admitted[0] else [world.own, world.places[FOREIGN]]


@pytest.mark.parametrize("group", GROUPS)
def test_every_cell_is_as_the_policy_says(
    world: World, policy: dict[str, frozenset[Post]], group: str, capfd: pytest.CaptureFixture[str]
) -> None:
    bad, cells = [], 0
    for rule, method, entry in routes_of(world, group):
        for visitor in [world.visitors[key] for key in ANYBODY] if entry.anyone else world.visitors.values():
            for place in places_for(world, policy, visitor, rule, entry):
                wanted = expected(world, policy, visitor, rule, entry, place)
                reply = ask(world, visitor, method, rule, place)
                cells += 1
                where = f"{visitor.key:20} {method:4} {rule.rule} [{place.key}]"
                if not fits(wanted, reply, rule):
                    bad.append(f"{where}: {reply}, expected: {wanted}")
                if found := leaks(world, visitor, rule, entry, reply):
                    bad.append(f"{where}: shows {sorted(found)}")
    logged = capfd.readouterr()
    said = logged.out + logged.err
    bad += sorted({f"the log shows {hit[0]}" for wanted in (matrix.CANARY, matrix.IDENTITY) for hit in wanted.finditer(said)})
    assert not bad, f"{len(bad)} of {cells} cells:\n" + "\n".join(bad)
    assert cells


def test_the_matrix_can_see_what_it_looks_for(world: World) -> None:
    """A page that shows a foreign text, a door that stands open, a form that moves a row: each is noticed."""
    handler, rule = world.visitors["handler"], next(r for r, _, e in routes_of(world, "sites") if r.arguments)
    entry = entry_of(world.app, rule.endpoint)
    assert leaks(world, handler, rule, entry, Reply(200, body="…99999919700101900X…")) == {"99999919700101900X"}
    shown = Reply(200, body="… LEAK-CANARY-4401 … SHOWN-CANARY-4402 … LEAK-CANARY-4407 …")
    assert leaks(world, handler, rule, entry, shown) == {"LEAK-CANARY-4401", "SHOWN-CANARY-4402"}
    assert leaks(world, handler, rule, Entry(None, anyone=True), shown) == {"LEAK-CANARY-4401"}
    answers = {"enter": 200, "hidden": 404, "forbidden": 403, "open": 200}
    for wanted, status in answers.items():
        right = {other for other in (200, 302, 401, 403, 404, 409, 500) if fits(wanted, Reply(other), rule)}
        assert right == ({200, 302, 409} if status == 200 else {status})
    site = world.own.ids["site_id"]
    moved = f"update site set scope_path = '{world.places[FOREIGN].site.path}' where id = '{site}' returning 1"
    before = owners(world)
    with world.connection.begin_nested() as undone:
        world.rows(moved)
        assert owners(world) != before
        undone.rollback()


# ------------------------------------------------------------------------------------------------------ forged requests


def let_in(world: World, policy: dict[str, frozenset[Post]], rule: Rule, entry: Entry) -> Visitor | None:
    """A visitor who may use a route at his own place, if any post may."""
    everybody = [v for v in world.visitors.values() if v.post is not None]
    return next((v for v in everybody if expected(world, policy, v, rule, entry, world.own) in {"open", "enter"}), None)


def writes(world: World) -> list[tuple[Rule, str, Entry]]:
    return [(rule, method, entry) for rule, method, entry in routes_of(world) if method not in SAFE]


def test_forged_requests_are_refused(world: World, policy: dict[str, frozenset[Post]]) -> None:
    """Without its token, from another site, by a plain form to the interface, by an overridden method: always 403."""
    bad = []
    for rule, method, entry in writes(world):
        visitor = let_in(world, policy, rule, entry) or world.visitors["handler"]
        address = world.address(rule, world.own)
        foreign = {"Origin": "https://example.org"}
        forged = {
            "without a token": world.ask(visitor, method, address, token=False),
            "with another's token": world.ask(visitor, method, address, token=False, data={"csrf_token": "0" * 64}),
            "as plain text": world.ask(visitor, method, address, token=False, data="x=1", content_type="text/plain"),
            "from another origin": world.ask(visitor, method, address, headers=foreign),
            "from an opaque origin": world.ask(visitor, method, address, headers={"Origin": "null"}),
            "from another site": world.ask(visitor, method, address, headers={"Sec-Fetch-Site": "cross-site"}),
        }
        bad += [f"{method} {rule.rule} {how}: {reply}" for how, reply in forged.items() if reply.status != 403]
    assert not bad, "\n".join(bad)


OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


def test_a_get_is_not_made_a_write_by_a_header_or_field(world: World) -> None:
    """No method override: a form that says _method, or a header, changes nothing about the method."""
    handler, bad = world.visitors["handler"], []
    readable = {rule.rule for rule, method, _ in routes_of(world) if method == "GET"}
    for rule, method, _ in writes(world):
        if "GET" not in (rule.methods or set()):
            reply = world.ask(
                handler,
                "GET",
                world.address(rule, world.own),
                headers=dict.fromkeys(OVERRIDES, method),
                query_string={"_method": method},
            )
            if reply.status < 400 and rule.rule not in readable:
                bad.append(f"{rule.rule} by GET: {reply}")
    assert not bad, "\n".join(bad)


# ------------------------------------------------------------------------------------------------------ hostile requests

WORDS = (
    "q", "page", "sort", "after", "before", "day", "from", "until", "subject", "by", "event", "post", "state", "kind", "year", "key",
    "number", "h", "price", "district", "next", "large", "task_id", "site", "tier", "region", "columns", "csrf_token",
)  # fmt: skip
HOSTILE = {"NUL": "\x00x\x00", "a huge number": "9" * 400, "a lone surrogate": b"\xed\xa0\x80"}
MIXED = ("99999-99-99", "１２３", b"\xff\xfe", "-1", "1e999")  # in turn, from field to field
BODIES = {
    "half a document": b"{",
    "a list": b"[]",
    "a number": b"1",
    "NUL": b"\x00",
    "deep": b"[" * 50_000,
    "an infinite number": b'{"ops":[{"seq":1e999,"op_id":"\\u0000"}]}',
    "a lone surrogate": b'{"ops":[{"op_id":"\\ud800","value":"\\udfff","task_id":"\\ud800","\\ud800":1}]}',
    "a huge number": b'{"ops":[{"seq":' + b"9" * 4000 + b"}]}",
    "other shapes": b'{"ops":[{"op_id":[],"task_id":{},"device_id":[1],"seq":{},"author_id":null},[],null,1,"x",{}]}',
    "no UTF-8": b'{"ops":["\xff\xfe"]}',
}


def test_hostile_values_break_nothing(world: World, policy: dict[str, frozenset[Post]]) -> None:
    """NUL bytes, huge numbers, lone surrogates, broken documents, wrong methods: never an answer of 5xx."""
    bad = []
    names = sorted({*WORDS, *columns()})
    for rule, method, entry in routes_of(world):
        visitor = let_in(world, policy, rule, entry) or world.visitors["anonymous"]
        address = world.address(rule, world.own)
        tries: dict[str, Reply] = {}
        if method in SAFE:
            tries = {what: world.ask(visitor, method, address, query_string=query(value)) for what, value in HOSTILE.items()}
            tries["a wrong method"] = world.ask(visitor, "DELETE", address)
        else:
            for what, value in HOSTILE.items():
                tries[what] = world.ask(visitor, method, address, data=form(names, value), content_type=PLAIN_FORM)
            tries["all sorts"] = world.ask(visitor, method, address, data=form(names, *MIXED), content_type=PLAIN_FORM)
            file = {name: (io.BytesIO(b"\x00"), "\x00../x.pdf") for name in ("file", "photo", "picture", "page", "proof")}
            tries["files"] = world.ask(visitor, method, address, data=file)
            tries["a torn upload"] = world.ask(
                visitor, method, address, data=b"--x\r\n", content_type="multipart/form-data; boundary=x"
            )
        if rule.rule.startswith("/api/") and method not in SAFE:
            for what, body in BODIES.items():
                tries[what] = world.ask(visitor, method, address, data=body, content_type="application/json")
        bad += [f"{method} {rule.rule}, {what}: {reply}" for what, reply in tries.items() if broken(rule, reply)]
    assert not bad, f"{len(bad)}:\n" + "\n".join(bad)


def test_hostile_addresses_break_nothing(world: World, policy: dict[str, frozenset[Post]]) -> None:
    bad = []
    pieces = (
        "00000000-0000-0000-0000-000000000000",
        "%00",
        "%ED%A0%80",
        "%FF",
        "9" * 400,
        "x" * 3000,
        "..%2F..%2Fetc%2Fpasswd",
        "%0d%0aX:y",
    )
    for rule, method, entry in routes_of(world):
        visitor = let_in(world, policy, rule, entry) or world.visitors["anonymous"]
        for name in rule.arguments:
            right = world.own.ids[matrix.key_of(rule, name)]
            typed = isinstance(rule._converters[name], UUIDConverter)  # takes nothing but a uuid: two are enough
            for piece in pieces[:2] if typed else pieces:
                reply = world.ask(visitor, method, world.address(rule, world.own).replace(right, piece))
                if broken(rule, reply):
                    bad.append(f"{method} {rule.rule} with {piece[:20]} for {name}: {reply}")
    assert not bad, f"{len(bad)}:\n" + "\n".join(bad)


def broken(rule: Rule, reply: Reply) -> bool:
    return reply.status >= 500 and rule.rule not in NOT_YET


PLAIN_FORM = "application/x-www-form-urlencoded"


def query(value: str | bytes) -> str:
    """All words of the lists and forms with one value, as it goes over the wire."""
    return form(WORDS, value).decode()


def form(names: Iterable[str], *values: str | bytes) -> bytes:
    """A form in which every name has one of the values, in turn."""
    return "&".join(f"{name}={quote(value)}" for name, value in zip(names, cycle(values)) if name != "csrf_token").encode()


# ------------------------------------------------------------------------------------------------------- mass assignment

GUARDED = (
    "scope_path",
    "provider_id",
    "site_id",
    "authority_id",
    "state",
    "account_id",
    "made_by",
    "approved_by",
    "version",
    "post",
)


def columns() -> set[str]:
    """The name of every column of every table."""
    return {column.name for table in Base.metadata.tables.values() for column in table.columns}


def filled(world: World, guarded: bool) -> dict[str, str]:
    """A form with every column's name, each with something plausible; the guarded ones name a foreign tenant, or are missing."""
    found = {name: value_for(name) for name in columns()}
    foreign = world.places[FOREIGN]
    aim = {
        "scope_path": foreign.site.path, "provider_id": str(foreign.site.provider_id), "site_id": foreign.ids["site_id"],
        "authority_id": foreign.ids["authority_id"], "account_id": foreign.ids["account_id"], "state": "closed",
        "made_by": foreign.ids["account_id"], "approved_by": foreign.ids["account_id"], "version": "99", "post": "head",
    }  # fmt: skip
    rest = {name: value for name, value in found.items() if name not in GUARDED}
    return rest | aim if guarded else rest


def value_for(name: str) -> str:
    if name.endswith(("_on", "_from", "_until", "_day", "_due", "as_of")):
        return clock.today().isoformat()
    if name.endswith("_at"):
        return clock.now().isoformat()
    return {
        "reason": "示例理由，写得足够长",
        "typed": "1 2 3",
        "tier": "A",
        "kind": "lease",
        "severity": "minor",
        "track": "accepted",
    }.get(name, "1")


def owners(world: World) -> Counter[tuple[Any, ...]]:
    """Every row of every table as its guarded columns say, counted: new rows have new ids, but must belong to the same."""
    parts = []
    for table in Base.metadata.tables.values():
        here = [name for name in GUARDED if name in table.c]
        if here and table.schema is None and table.name not in OUTSIDE:
            shown = ", ".join(f"{name}::text" if name in here else "null" for name in GUARDED)
            parts.append(f"select '{table.name}', {shown} from {table.name}")
    return Counter(world.rows(" union all ".join(parts)))


OUTSIDE = {"session_record": "a signed-in browser, not what a form says"}


def test_a_form_moves_nothing_but_its_own_fields(world: World, policy: dict[str, frozenset[Post]]) -> None:
    """Every column's name posted to every route: whose a row is and how it stands is the same with and without the guarded ones."""
    bad, changed = [], 0
    before = owners(world)
    for rule, method, entry in writes(world):
        visitor = let_in(world, policy, rule, entry)
        if visitor is None or rule.rule.startswith("/api/"):
            continue
        told, plain = (
            world.ask_and_look(visitor, method, world.address(rule, world.own), owners, data=filled(world, guarded))
            for guarded in (True, False)
        )
        changed += plain[1] != before
        more, less = told[1] - plain[1], plain[1] - told[1]
        if more or less:
            bad.append(f"{visitor.key} {method} {rule.rule} ({told[0]} / {plain[0]}): {dict(more)} instead of {dict(less)}")
    assert not bad, "\n".join(bad)
    assert changed >= 3, "no form was taken: the test sees nothing"
