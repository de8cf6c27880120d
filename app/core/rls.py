"""Row-level security 行级安全: the wall behind `visible()`. Fails closed: no setting, no rows.

Migrations call `secure(table)`; `faults()` is what the start-up check and tests/house ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from app.core.scope import UNSCOPED

ROLES: Final = ("songjian_app", "songjian_job")
APPEND_ONLY: Final = frozenset(
    {"audit_line", "operation", "kept_invalid", "signature", "item_confirmation", "rectification_step"}
    | {"draw_seed_entry", "draw_event"}
    | {"complaint_step", "contact_reveal"}
    | {"certificate_check", "certificate_alert"}
    | {"list_step", "list_statement", "ground_confirmation"}
    | {"sheet_operation", "rating_fact", "consensus_entry", "consensus_signature", "mid_check"}
)
REMOVABLE: Final = frozenset({"session_record", "sign_in_attempt"})

_PATH: Final = "nullif(current_setting('app.path', true), '')"
SCOPE_CONDITION: Final = f"""
    (scope_path >= {_PATH} and scope_path < left({_PATH}, -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
"""


def secure(table: str, condition: str = SCOPE_CONDITION, *, removable: bool = False) -> list[str]:
    """Statements that put `table` behind the wall (启用行级安全) and grant the two working roles what they need."""
    return [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy reach on {table} using ({condition}) with check ({condition})",
        *grants(table, removable=removable),
    ]


def grants(table: str, *, removable: bool = False) -> list[str]:
    """What the working roles may do to `table`: nothing is deleted but what is named so, the record is only appended to."""
    verbs = "select, insert" if table in APPEND_ONLY else "select, insert, update"
    if removable or table in REMOVABLE or table.startswith("published."):
        verbs += ", delete"
    return [f"grant {verbs} on {table} to {', '.join(ROLES)}"]


GUARD_RECORD: Final = [
    """create function refuse_change() returns trigger language plpgsql as
       $$ begin raise exception 'the record is append-only (留痕只增不改)'; end $$""",
    "create trigger audit_line_append_only before update or delete on audit_line for each row execute function refuse_change()",
    "create trigger audit_line_no_truncate before truncate on audit_line for each statement execute function refuse_change()",
]

# Columns that are written once and then stay: the published files of a draw and their fingerprints.
WRITE_ONCE: Final[dict[str, tuple[str, ...]]] = {
    "draw_plan": (
        "code", "made_by", "approved_by", "frozen_by", "frozen_at", "computed_by", "computed_at",
        "plan_text", "subjects_text", "inspectors_text", "recusals_text", "freeze_text", "freeze_hash",
        "seed_hash", "result_hash", "seed_text", "result_text",
    ),
    "list_entry": (
        "decided_by", "decided_on", "decision_number", "repair_notice_number", "rule_edition", "min_months", "max_months",
        "min_end", "earliest_repair_on", "max_end", "decision_served_on", "repair_notice_served_on", "published_on",
        "ended_on", "ended_by",
    ),
}  # fmt: skip
REFUSE_REWRITE: Final = """create function refuse_rewrite() returns trigger language plpgsql as $$
    declare
        name text;
        was jsonb := to_jsonb(old);
        now jsonb := to_jsonb(new);
    begin
        foreach name in array tg_argv loop
            if was ->> name is not null and was -> name is distinct from now -> name then
                raise exception 'column % is written once (只写一次)', name using errcode = 'check_violation';
            end if;
        end loop;
        return new;
    end $$"""


def write_once(table: str) -> list[str]:
    """The trigger that refuses a second writing of `WRITE_ONCE` columns (只写一次)."""
    columns = ", ".join(f"'{column}'" for column in WRITE_ONCE.get(table, ()))
    if not columns:
        return []
    body = f"before update on {table} for each row execute function refuse_rewrite({columns})"
    return [f"create trigger {table}_write_once {body}"]


# Tables whose `state` may move only along the table of their own rules: table → (first state, (from, to) …).
_MOVES: Final[dict[str, tuple[str, tuple[tuple[str, str], ...]]]] = {}


def allow_moves(table: str, *, first: str, moves: Sequence[tuple[str, str]]) -> None:
    """Let rows of `table` begin as `first` and change `state` along `moves` alone (状态流转约束); a model says so for its table."""
    _MOVES[table] = (first, tuple(moves))


def moves_guard(table: str) -> list[str]:
    """The trigger that refuses every other change of state (状态流转约束)."""
    if table not in _MOVES:
        return []
    first, moves = _MOVES[table]
    pairs = ", ".join(f"('{before}', '{after}')" for before, after in moves)
    return [
        f"""create function {table}_moves() returns trigger language plpgsql as $$ begin
            if tg_op = 'INSERT' and new.state <> '{first}' then
                raise exception 'a row of {table} begins as {first} (状态应从头开始)' using errcode = 'check_violation';
            end if;
            if tg_op = 'UPDATE' and new.state <> old.state and (old.state, new.state) not in ({pairs}) then
                raise exception 'no way from % to % (没有这一步)', old.state, new.state using errcode = 'check_violation';
            end if;
            return new;
        end $$""",
        f"create trigger {table}_moves before insert or update on {table} for each row execute function {table}_moves()",
    ]


def faults(connection: Connection) -> list[str]:
    """What stands open (隔离缺口), in sentences; empty means the wall holds. Run with a working role."""
    found: list[str] = []
    role = connection.execute(text("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")).one()
    if role.rolsuper or role.rolbypassrls:
        found.append(f"role {role.rolname} may bypass row-level security")
    tables = connection.execute(
        text(
            """select c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner) = current_user as own
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname = 'public' and c.relkind in ('r', 'p')"""
        )
    ).all()
    for name, enabled, forced, own in tables:
        if own:
            found.append(f"role {role.rolname} owns table {name}")
        if name not in UNSCOPED and not (enabled and forced):
            found.append(f"table {name} has no forced row-level security and is not listed in app/core/scope.py UNSCOPED")
    views = connection.execute(
        text(
            """select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname in ('public', 'published') and c.relkind = 'v'
               and not coalesce(c.reloptions::text like '%security_invoker=true%', false)"""
        )
    ).all()
    found += [f"view {name} lacks security_invoker" for (name,) in views]
    definers = connection.execute(
        text(
            """select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where n.nspname in ('public', 'published') and p.prosecdef"""
        )
    ).all()
    found += [f"function {name} runs as its definer" for (name,) in definers]
    return found
