"""Migrations, up and down, with data: they make the very schema that the models and guards describe."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import app.factory  # noqa: F401 — every model is known once the house is put together
from app.core import migrating
from app.core.db import Base
from app.core.embedded.postgres import Cluster
from tests.worlds import connected

CATALOGUE = {
    "columns": """select table_schema, table_name, column_name, data_type, is_nullable, collation_name, column_default
                  from information_schema.columns where table_schema in ('public', 'published') and table_name <> 'alembic_version'""",
    "constraints": """select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
                      where connamespace in ('public'::regnamespace, 'published'::regnamespace) and conrelid::regclass::text <> 'alembic_version'""",
    "indexes": """select schemaname, tablename, indexname, indexdef from pg_indexes
                  where schemaname in ('public', 'published') and tablename <> 'alembic_version'""",
    "policies": "select schemaname, tablename, policyname, cmd, qual, with_check from pg_policies",
    "walls": """select oid::regclass::text, relrowsecurity, relforcerowsecurity, relacl::text from pg_class
                where relnamespace in ('public'::regnamespace, 'published'::regnamespace) and relkind = 'r'
                and oid::regclass::text <> 'alembic_version'""",
    "triggers": "select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
    "functions": """select proname, pg_get_functiondef(oid) from pg_proc
                    where pronamespace in ('public'::regnamespace, 'published'::regnamespace)""",
}


def catalogue(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
    return {name: {tuple(row) for row in connection.execute(text(query))} for name, query in CATALOGUE.items()}


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    name = f"empty_{uuid4().hex[:10]}"
    cluster.ensure_database(name)
    yield name
    cluster.drop_database(name)


def revisions() -> list[str]:
    script = ScriptDirectory.from_config(migrating.configuration("postgresql://"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def test_the_migrations_make_what_models_and_guards_say(cluster: Cluster, empty: str, template: str) -> None:
    migrating.upgrade(cluster.url("songjian_owner", empty))
    with connected(cluster, empty) as connection:
        context = MigrationContext.configure(connection, opts={"include_schemas": True, "include_name": _ours})
        assert compare_metadata(context, Base.metadata) == []
        migrated = catalogue(connection)
    with connected(cluster, template) as connection:
        built = catalogue(connection)
    for name in CATALOGUE:
        assert migrated[name] == built[name], name


def _ours(name: str | None, kind: str, parents: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def test_each_migration_down_and_up_again_leaves_the_same_schema(cluster: Cluster, empty: str) -> None:
    url = cluster.url("songjian_owner", empty)
    for revision in revisions():
        migrating.upgrade(url, revision)
        with connected(cluster, empty) as connection:
            before = catalogue(connection)
        command.downgrade(migrating.configuration(url), "-1")
        migrating.upgrade(url, revision)
        with connected(cluster, empty) as connection:
            assert catalogue(connection) == before, revision


def test_data_below_survives_going_down_and_up(cluster: Cluster, empty: str) -> None:
    url = cluster.url("songjian_owner", empty)
    migrating.upgrade(url)
    with connected(cluster, empty) as connection:
        connection.execute(
            text("insert into calendar_day values ('2026-11-24', true, '', '国务院通知（测试）', 'official', now())")
        )
        connection.execute(text("insert into number_counter values (gen_random_uuid(), 'notice', 2026, 7)"))
        before = connection.execute(text("select * from calendar_day, number_counter")).all()
    migrating.downgrade(url, revisions()[0])
    migrating.upgrade(url)
    with connected(cluster, empty) as connection:
        assert connection.execute(text("select * from calendar_day, number_counter")).all() == before
    migrating.downgrade(url, "base")
    with connected(cluster, empty) as connection:
        assert not any(catalogue(connection).values()), "nothing is left behind"
