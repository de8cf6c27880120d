"""The way into the `published` schema (公示只读入口), on the role that may read it and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

from app.core.db import db

SHOWN: Final = "visible_from <= :day and visible_until >= :day"
sql = lru_cache(maxsize=512)(text)


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection of the public role that only reads (公示只读连接): no transaction to begin and end for one statement."""
    bound: Any = db.engines["public"]
    if isinstance(bound, Connection):  # tests: everything on one connection that is rolled back
        yield bound
    else:
        with bound.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection


def feed_seq() -> int:
    """The number of the last change: the validator of every list (列表校验值)."""
    with reading() as connection:
        return int(connection.execute(_SEQ).scalar() or 0)


_SEQ: Final[TextClause] = text("select seq from published.feed_head")
