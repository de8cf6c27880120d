"""The way into the `published` schema (公示只读入口), on the role that may read it and nothing else.

The two questions that everybody asks, a search and a facility's page, go straight to the driver: building a result of
SQLAlchemy costs more there than the database does (measured by bench/bench_public.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import OperationalError

from app.core.db import db
from app.core.refusal import Unavailable

SHOWN: Final = "visible_from <= %(day)s and visible_until >= %(day)s"
SHOWN_ON: Final = "visible_from <= :day and visible_until >= :day"


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection of the public role (公示只读连接); its engine commits each statement by itself."""
    bound: Any = db.engines["public"]
    if isinstance(bound, Connection):  # tests: everything on one connection that is rolled back
        yield bound
    else:
        with bound.connect() as connection:
            yield connection


def fetch(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[Any]:
    """Rows of a statement in the driver's own style, `%(name)s` (直接查询). A database that is away is `Unavailable`.

    A connection that died in the pool, because the database was started anew, is replaced once.
    """
    try:
        return _rows(connection, statement, values)
    except psycopg.OperationalError:
        connection.invalidate()
        connection.engine.dispose()
    try:
        return _rows(connection, statement, values)
    except (psycopg.OperationalError, OperationalError) as away:
        raise Unavailable("数据库暂时连不上，请稍后再试。") from away


def _rows(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[Any]:
    driver: Any = connection.connection.driver_connection
    if not connection.info.get("public.planned"):
        # One plan a statement: planning anew for every word takes longer than looking it up.
        connection.exec_driver_sql("set plan_cache_mode = force_generic_plan")
        connection.info["public.planned"] = True
    with driver.cursor(row_factory=namedtuple_row) as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def feed_seq() -> int:
    """The number of the last change: the validator of every list (列表校验值)."""
    with reading() as connection:
        return int(connection.execute(_SEQ).scalar() or 0)


_SEQ: Final[TextClause] = text("select seq from published.feed_head")
