"""The database's make-up beyond tables (建库): schema published, bigrams for search, grants. Used by migrations and tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from app.core.audit import GENESIS
from app.core.db import Base
from app.core.rls import GUARD_RECORD, REFUSE_REWRITE, SCOPE_CONDITION, grants, moves_guard, secure, write_once
from app.core.scope import ALSO, NARROWED, SPECIAL, UNSCOPED

PREPARE: Final = [
    "create schema if not exists published",
    """create function published.bigrams(s text) returns text[] language sql immutable parallel safe strict as
       $$ select coalesce(array_agg(distinct substr(s, i, 2)), '{}') from generate_series(1, greatest(char_length(s) - 1, 1)) i $$""",
    "grant usage on schema public, published to songjian_app, songjian_job",
    "grant usage on schema published to songjian_public",
    "revoke create on schema public from public",
    REFUSE_REWRITE,
]


def guard(table: str) -> list[str]:
    """Statements that guard one table by its kind: published, listed without scope, or scoped (给表设防)."""
    if table.startswith("published."):
        return [*grants(table), f"grant select on {table} to songjian_public"]
    if table in UNSCOPED:
        return [*grants(table), *(GUARD_RECORD if table == "audit_line" else [])]
    if table in NARROWED:
        return [*secure(table, NARROWED[table].format(reach=SCOPE_CONDITION)), *write_once(table)]
    if table in ALSO:
        return [*secure(table, f"({SCOPE_CONDITION}) or {ALSO[table]}"), *write_once(table)]
    return [*secure(table, *SPECIAL.get(table, ())), *write_once(table), *moves_guard(table)]


def guard_all() -> list[str]:
    """Statements that guard every table known to the metadata."""
    found = [f"insert into audit_head (id, seq, hash) values (1, 0, '{GENESIS}')"]
    for table in Base.metadata.sorted_tables:
        found += guard(f"{table.schema}.{table.name}" if table.schema else table.name)
    return found


def run(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements as they stand (原样执行): no parameters, so `%` and `:` mean themselves."""
    cursor = connection.connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def build(connection: Connection) -> None:
    """Make every table that the metadata knows, guarded, in an empty database (按模型建库). Run by the owner."""
    run(connection, PREPARE)
    Base.metadata.create_all(connection)
    run(connection, guard_all())
