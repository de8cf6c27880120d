"""The wall behind `visible()`: every table is behind it, it fails closed, and nothing is moved over it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.core import calendar, rls
from app.core.actor import SYSTEM, Actor, Post, Scope
from app.core.calendar import Deadline, Unit
from app.core.db import Base, Scoped, acting, db
from app.core.embedded.postgres import Cluster
from app.core.scope import SPECIAL, UNSCOPED
from tests.worlds import ON, actor, an_authority, connected


@pytest.mark.parametrize("role", rls.ROLES)
def test_nothing_stands_open_for_a_working_role(cluster: Cluster, template: str, role: str) -> None:
    with connected(cluster, template, role) as connection:
        assert rls.faults(connection) == []


def test_the_public_role_sees_nothing_but_what_is_published(cluster: Cluster, template: str) -> None:
    with connected(cluster, template, "songjian_public") as connection:
        seen = connection.scalars(
            text(
                """select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'published')
                   and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))"""
            )
        ).all()
        writes = connection.scalars(
            text(
                """select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'published'
                   and c.relkind = 'r' and has_table_privilege(c.oid, 'insert, update, delete, truncate')"""
            )
        ).all()
    assert seen == []
    assert writes == []


def test_every_table_is_walled_or_listed_with_a_reason(cluster: Cluster, template: str) -> None:
    with connected(cluster, template) as connection:
        walled = set(
            connection.scalars(text("select tablename from pg_policies where schemaname = 'public' and policyname = 'reach'"))
        )
        there = set(connection.scalars(text("select tablename from pg_tables where schemaname = 'public'")))
    assert there - walled == set(UNSCOPED) & there
    assert walled & set(UNSCOPED) == set()


def test_a_business_table_carries_the_columns_of_its_scope() -> None:
    scoped = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)}
    inner = {table.name for table in Base.metadata.tables.values() if table.schema is None}
    assert inner - scoped - set(UNSCOPED) == set(SPECIAL) & inner


def a_row(path: str) -> Deadline:
    of = Deadline(scope_path=path, provider_id=None, site_id=None)
    with acting(SYSTEM):
        return calendar.start_clock(
            "test", of=of, subject=uuid4(), label="试", start=ON, count=1, unit=Unit.WORKING, basis="测试"
        )


def rows_seen(by: Actor) -> int:
    with acting(by):
        return int(db.session.execute(text("select count(*) from deadline")).scalar_one())


def test_without_an_actor_there_are_no_rows(db_session: object) -> None:
    a_row(an_authority("210102").path)
    assert rows_seen(SYSTEM) == 1
    assert db.session.execute(text("select count(*) from deadline")).scalar_one() == 0


def test_raw_sql_sees_the_own_subtree_only(db_session: object) -> None:
    here, there = an_authority("210102").path, an_authority("330203").path
    a_row(here), a_row(there)
    assert rows_seen(actor(Post.HANDLER, path=here)) == 1
    assert rows_seen(Actor(uuid4(), frozenset(), Scope(provider_id=uuid4()))) == 0
    assert rows_seen(Actor(uuid4(), frozenset(), Scope(site_ids=frozenset({uuid4()})))) == 0


COLUMNS = "id, kind, subject, label, start_on, count, unit, basis, due_on, provisional"


@pytest.mark.parametrize(
    "move",
    [
        "update deadline set scope_path = :there",
        f"insert into deadline ({COLUMNS}, scope_path) select gen_random_uuid(), kind, gen_random_uuid(), label, start_on, "
        "count, unit, basis, due_on, provisional, :there from deadline",
    ],
)
def test_a_row_is_not_moved_or_written_over_the_wall(db_session: object, move: str) -> None:
    here, there = an_authority("210102").path, an_authority("330203").path
    a_row(here)
    with (
        acting(actor(Post.HANDLER, path=here)),
        pytest.raises(ProgrammingError, match="row-level security"),
        db.session.begin_nested(),
    ):
        db.session.execute(text(move), {"there": there})


def test_nothing_is_deleted_by_a_working_role(cluster: Cluster, template: str) -> None:
    """D9: only sessions, tries of signing in and what is published may be removed; the record may not even be changed."""
    with connected(cluster, template) as connection:
        for role in rls.ROLES:
            held = connection.execute(
                text(
                    """select table_name, privilege_type from information_schema.role_table_grants
                       where grantee = :role and table_schema = 'public' and privilege_type in ('DELETE', 'TRUNCATE')"""
                ),
                {"role": role},
            ).all()
            assert {name for name, _ in held} <= rls.REMOVABLE
            assert connection.scalar(text(f"select has_table_privilege('{role}', 'audit_line', 'update')")) is False
