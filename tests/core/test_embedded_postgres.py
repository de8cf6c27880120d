"""The embedded PostgreSQL (内嵌数据库), started for real."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.core.embedded.postgres import Cluster, Role


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    parent = Path(tempfile.mkdtemp())
    parent.chmod(0o755)
    cluster = Cluster(parent / "postgres", durable=False)
    try:
        cluster.start()
        cluster.ensure_database("facts")
        yield cluster
    finally:
        cluster.discard()
        shutil.rmtree(parent)


def ask(cluster: Cluster, role: str, question: str, database: str = "facts") -> list[tuple[object, ...]]:
    engine = sa.create_engine(cluster.url(role, database), poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(question))
        return [tuple(row) for row in result] if result.returns_rows else []


def server_pid(cluster: Cluster) -> int:
    [(data,)] = ask(cluster, "postgres", "show data_directory")
    return int((Path(str(data)) / "postmaster.pid").read_text().splitlines()[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_database_knows_chinese_checks_its_pages_and_keeps_utc(cluster: Cluster) -> None:
    ask(cluster, Role.OWNER, "create extension if not exists pg_trgm")
    [facts] = ask(
        cluster,
        Role.APP,
        "select datlocprovider, datlocale, current_setting('data_checksums'),"
        " current_setting('timezone'), cardinality(show_trgm('养老院')) from pg_database where datname = 'facts'",
    )
    assert facts == ("b", "C.UTF-8", "on", "UTC", 4)


def test_the_roles_cannot_climb_and_own_what_they_should(cluster: Cluster) -> None:
    rows = ask(
        cluster,
        Role.APP,
        "select rolname, rolcanlogin, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication"
        " from pg_roles where rolname like 'songjian%' order by 1",
    )
    assert rows == [(str(role), True, False) for role in sorted(Role)]
    owners = "select nspname, nspowner::regrole::text from pg_namespace where nspname in ('public', 'published') order by 1"
    assert ask(cluster, Role.PUBLIC, owners) == [("public", "songjian_owner"), ("published", "songjian_owner")]
    reach = "select has_schema_privilege('public', 'usage'), has_schema_privilege('published', 'usage'),"
    reach += " has_schema_privilege('public', 'create') or has_schema_privilege('published', 'create')"
    assert ask(cluster, Role.PUBLIC, reach) == [(False, True, False)]
    assert ask(cluster, Role.APP, reach) == ask(cluster, Role.JOB, reach) == [(True, True, False)]


def test_nobody_comes_in_without_the_right_password_nor_over_the_network(cluster: Cluster) -> None:
    address = sa.make_url(cluster.url(Role.APP, "facts"))
    socket = Path(str(address.query["host"]))
    for password in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(socket), user=Role.APP, password=password, dbname="facts", passfile="/dev/null")
    assert ask(cluster, "postgres", "show listen_addresses") == [("",)]
    assert mode(socket) == 0o700
    assert mode(cluster.folder / "cluster.json") == 0o600


def test_a_copied_database_has_the_rows_and_can_be_dropped_under_its_users(cluster: Cluster) -> None:
    cluster.ensure_database("pattern")
    ask(cluster, Role.OWNER, "create table visits as select 7 as n", "pattern")
    cluster.ensure_database("copy", template="pattern")
    cluster.ensure_database("copy", template="pattern")
    user = psycopg.connect(cluster.url(Role.OWNER, "copy").replace("+psycopg", ""), autocommit=True)
    assert user.execute("select n from visits").fetchone() == (7,)
    cluster.drop_database("copy")
    user.close()
    assert ask(cluster, "postgres", "select count(*) from pg_database where datname = 'copy'") == [(0,)]


def test_several_starts_at_once_find_one_server(cluster: Cluster) -> None:
    cluster.stop()
    assert not cluster.running()
    code = "import sys, pathlib; from app.core.embedded.postgres import Cluster;"
    code += "Cluster(pathlib.Path(sys.argv[1]), durable=False).start()"
    starters = [subprocess.Popen([sys.executable, "-c", code, str(cluster.folder)]) for _ in range(3)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0]
    running = server_pid(cluster)
    Cluster(cluster.folder, durable=False).start()  # an orphan, as its starters are gone
    assert server_pid(cluster) == running


def test_a_killed_server_comes_back_with_what_was_committed(cluster: Cluster) -> None:
    ask(cluster, Role.OWNER, "create table receipts as select 20261122 as number")
    os.kill(server_pid(cluster), signal.SIGKILL)
    assert not cluster.running()
    cluster.start()
    assert ask(cluster, Role.OWNER, "select number from receipts") == [(20261122,)]


def test_a_pid_that_now_belongs_to_somebody_else_is_not_taken_for_the_server(cluster: Cluster) -> None:
    [(data,)] = ask(cluster, "postgres", "show data_directory")
    noted = Path(str(data)) / "postmaster.pid"
    lines = noted.read_text().splitlines()
    cluster.stop()
    noted.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    shutil.chown(noted, noted.parent.stat().st_uid)
    cluster.start()
    assert server_pid(cluster) != os.getpid()


def test_a_closed_parent_stays_closed_and_a_long_path_still_works() -> None:
    closed = Path(tempfile.mkdtemp())  # 0700
    folder = closed / ("深" * 40) / "postgres"
    cluster = Cluster(folder, durable=False)
    try:
        cluster.start()
        assert cluster.running()
        places = {Path(str(sa.make_url(cluster.url(Role.APP, "postgres")).query["host"]))}
        places |= {Path(str(data)).parent for (data,) in ask(cluster, "postgres", "show data_directory", "postgres")}
        assert {mode(place) for place in places} == {0o700}
        assert mode(closed) == 0o700
        assert mode(folder.parent) == 0o755
    finally:
        cluster.discard()
    assert not any(place.exists() for place in places)
    shutil.rmtree(closed)
