"""Laws of the house that no type checker and no import contract can hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, text

from app.core.access import entry_of
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from tests.providers.builders import a_filed_site
from tests.worlds import an_authority, signed_in

APP = Path(__file__).resolve().parents[2] / "app"

# ------------------------------------------------------------------------------------------ law 5: a GET never writes

WRITES = re.compile(r"^\s*(insert|update|delete|merge|truncate|nextval)\b", re.IGNORECASE)
SESSION_STORE = "session_record"  # the one thing that a GET may write, on a connection of its own (D24)
# Values of the address by the converter's name; what is not here gets an id that does not exist.
PLAIN = {"number": "1", "year": "2026", "key": "rectification.minor"}


@pytest.fixture
def written(app: Songjian) -> Iterator[list[str]]:
    """Every statement that writes, as it reaches the database."""
    found: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if WRITES.match(statement) and SESSION_STORE not in statement:
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def an_id(name: str) -> UUID:
    """The id of a row of the table that a converter is named after (`site_id` → site), or one that does not exist."""
    with acting(SYSTEM):
        return _some_id(name.removesuffix("_id"))


def _some_id(table: str) -> UUID:
    names = set(db.session.scalars(text("select tablename from pg_tables where schemaname = 'public'")))
    if table not in names:
        return uuid4()
    found: UUID | None = db.session.scalar(text(f'select id from "{table}" limit 1'))
    return found or uuid4()


def addresses(app: Songjian) -> Iterator[str]:
    """Every address of the application that answers a GET, filled in."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            values = {name: PLAIN.get(name) or str(an_id(name)) for name in rule.arguments}
            yield re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda hit, given=values: given[hit[1]], rule.rule)  # type: ignore[misc]


@pytest.mark.parametrize(
    "posts",
    [
        (Post.HEAD, Post.REVIEWER, Post.HANDLER, Post.INSPECTOR),
        (Post.SECURITY_ADMIN,),
        (Post.AUDIT_ADMIN,),
        (Post.OBSERVER,),
        (Post.PROVIDER_OWNER,),
    ],
    ids=lambda posts: posts[0].value,
)
def test_a_get_writes_nothing(client: FlaskClient, app: Songjian, written: list[str], posts: tuple[Post, ...]) -> None:
    place = {"provider_id": uuid4()} if Post.PROVIDER_OWNER in posts else {"authority": an_authority()}
    with acting(SYSTEM):
        a_filed_site(county="210102")
    visit = signed_in(client, *posts, **place)  # type: ignore[arg-type]  # one of two ways
    written.clear()
    bad, answered = [], 0
    for address in list(addresses(app)):
        with visit.get(address) as answer:
            status = answer.status_code
        answered += status == 200
        if written or status >= 500:
            bad.append(f"GET {address} → {status} {written[:1]}")
            written.clear()
    assert bad == []
    assert answered >= 5, "the visitor reached next to nothing: the test sees nothing either"


def test_the_get_test_can_see_a_write(app: Songjian, db_session: object, written: list[str]) -> None:
    db.session.execute(text("update audit_head set seq = seq where id = 1"))
    assert written


# ------------------------------------------------------------------------------------------------- laws read from code


def modules(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    """The files of these rooms, `actions.py` or `actions/….py`, with their syntax trees."""
    for path in sorted(APP.rglob("*.py")):
        inside = path.relative_to(APP).parts[1:]
        if inside and inside[0].removesuffix(".py") in rooms:
            yield str(path.relative_to(APP.parent)), parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def calls(tree: ast.AST) -> frozenset[str]:
    """What is called, as written: `audit.record`, `db.session.commit`, `now`."""
    return frozenset(ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


COMMITTING = {
    "app/accounts/actions.py: _note_failure": "a wrong try must be counted though the request is refused",
}


def test_actions_flush_and_never_commit() -> None:
    found = {
        f"{name}: {function.name}"
        for name, tree in modules("actions", "queries", "listeners", "views", "api")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and any(call.endswith("session.commit") for call in calls(function))
    }
    assert found == COMMITTING.keys()


# Laws 1 and 7: who changes something writes a line. Public functions of actions that need none, each with its reason.
# Errands (functions that take an `Errand`) finish what a verb has put on the record.
SILENT = {
    "app/accounts/actions.py: check_code": "part of signing in, which is on the record",
    "app/accounts/actions.py: assign_site": "called by a task's own verb, which writes the line",
    "app/accounts/actions.py: end_assignments": "called by a task's own verb, which writes the line",
    "app/inspections/actions/findings.py: add_step": "writes the story of a problem for the verb that moves it on",
    "app/inspections/actions/findings.py: save_draft": "an own draft; submitting it is the verb",
    "app/ratings/actions/evidence.py: keep_piece": "a piece of an upload, whose beginning and end are on the record",
    "app/providers/actions/sites.py: note_change": "keeps the old value for the verb that changes it, which writes the line",
    "app/complaints/actions/moving.py: step": "moves a complaint on for the verb that writes the line",
    "app/complaints/actions/moving.py: tell": "adds to a complaint's story for the verb that writes the line",
}
DERIVED = ("app/public/",)  # copies of what the verbs below have put on the record, made in the same transaction


def functions_of(module: str) -> dict[str, dict[str, ast.FunctionDef]]:
    """File → its functions, for all files of the actions of one module."""
    return {
        name: {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for name, tree in modules("actions")
        if name.split("/")[1] == module
    }


def is_errand(function: ast.FunctionDef) -> bool:
    """Whether it is run by a worker from the outbox."""
    return any(ast.unparse(argument.annotation or ast.Constant("")) == "Errand" for argument in function.args.args)


def is_verb(function: ast.FunctionDef) -> bool:
    """Whether it stands for something done: it is told who does it on which day, or writes rows itself."""
    told = {argument.arg for argument in function.args.kwonlyargs} >= {"by", "on"}
    return told or any(call.startswith("db.session.") for call in calls(function))


def recording() -> set[tuple[str, str]]:
    """(module, name) of the functions that write a line: themselves, or through another that does.

    Another of the same module is called by its name; one of a module below with the module's name before it (`archive.issue`).
    """
    everything = [
        (module, function)
        for module in sorted(path.name for path in APP.iterdir() if path.is_dir())
        for functions in functions_of(module).values()
        for function in functions.values()
    ]
    found: set[tuple[str, str]] = set()

    def tells(module: str, call: str) -> bool:
        owner, _, name = call.rpartition(".")
        return call == "audit.record" or (module, name) in found or (owner, name) in found

    while True:
        more = {
            (module, function.name)
            for module, function in everything
            if (module, function.name) not in found and any(tells(module, call) for call in calls(function))
        }
        if not more:
            return found
        found |= more


def test_every_verb_writes_its_line() -> None:
    silent, told = set(), recording()
    for module in sorted(path.name for path in APP.iterdir() if path.is_dir()):
        silent |= {
            f"{name}: {function}"
            for name, functions in functions_of(module).items()
            for function, body in functions.items()
            if not function.startswith("_") and (module, function) not in told and is_verb(body) and not is_errand(body)
        }
    silent = {name for name in silent if not name.startswith(DERIVED)}
    assert sorted(silent - SILENT.keys()) == [], "call audit.record(…), or enter the function above with its reason"


CLOCKLESS = {"now", "today", "clock.now", "clock.today", "datetime.now", "datetime.utcnow", "date.today", "time.time"}
CHANCELESS = {"random.random", "random.choice", "random.shuffle", "secrets.token_bytes", "uuid4", "uuid.uuid4"}


def test_rules_know_no_clock_and_no_chance() -> None:
    """Law 8: time and chance come in as arguments. (That rules import no database and no web is an import contract.)"""
    found = {f"{name}: {call}" for name, tree in modules("rules") for call in calls(tree) if call in CLOCKLESS | CHANCELESS}
    assert found == set()


TELLING_TIME = {
    "app/archive/actions.py: _signer": "whether the signing certificate is still valid is a matter of this moment",
}


def test_verbs_are_told_the_day() -> None:
    """Law 8 again: `on` and `at` are arguments of actions and queries; a worker's errand alone asks the clock itself."""
    found = {
        f"{name}: {function.name}"
        for name, tree in modules("actions", "queries")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and any(call in CLOCKLESS for call in calls(function))
        and not is_errand(function)
    }
    assert found == TELLING_TIME.keys()


def test_no_drawer_for_odds_and_ends() -> None:
    names = re.compile(r"^(utils?|helpers?|common|misc|base)$")
    found = [str(path.relative_to(APP)) for path in APP.rglob("*") if names.match(path.name.removesuffix(".py"))]
    assert found == []


ASKING = {"select", "text", "db.session.get", "db.session.execute", "db.session.scalars", "db.session.scalar", "db.session.add"}


def test_views_ask_for_a_row_with_the_actor() -> None:
    """Law 6: nobody gets a row without saying who is asking. A view may run a query that was given `seen_by`, no other."""
    found = {
        f"{name}: {ast.unparse(node)}"
        for name, tree in modules("views", "api")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKING and "seen_by=" not in ast.unparse(node)
    }
    assert found == set()


def test_every_office_page_is_closed_to_providers(app: Songjian) -> None:
    """Posts of providers appear in no verb that an office page names."""
    from app.core.access import _policy
    from app.core.actor import PROVIDER_POSTS

    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/office/")
        and (verb := entry_of(app, rule.endpoint).verb)
        and _policy[verb].posts & PROVIDER_POSTS
    ]
    assert found == []
