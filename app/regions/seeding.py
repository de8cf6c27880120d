"""What every instance starts from (初始数据): the working calendar and the administrative divisions, loaded from packages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg import sql
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.core.calendar import CalendarDay
from app.core.calendar_data import seed_rows
from app.regions import divisions
from app.regions.models import Region
from app.regions.rules import ROOT, Level, child_path, short_id

NATION_CODE = "0"


def region_id(code: str) -> UUID:
    """The row id of a shipped division: the same in every instance, so that exports agree."""
    return uuid5(NAMESPACE_URL, f"urn:songjian:region:{code}")


def load_calendar(session: Session, *, at: datetime) -> int:
    """Load the working calendar (工作日历) into an empty table. Returns the number of days."""
    if session.scalar(select(func.count()).select_from(CalendarDay)):
        return 0
    rows = [
        {
            "date": r.date,
            "is_workday": r.is_workday,
            "name": r.name,
            "source_doc": r.source_doc,
            "status": r.status,
            "imported_at": at,
        }
        for r in seed_rows()
    ]
    session.execute(insert(CalendarDay), rows)
    return len(rows)


def load_divisions(session: Session, *, provinces: Collection[str] | None = None) -> int:
    """Load the divisions (行政区划) into an empty table; only those of `provinces` (two digits) when given. Returns how many.

    A division's short id is its place in the shipped list, so paths agree between instances whatever was loaded.
    """
    if session.scalar(select(func.count()).select_from(Region)):
        return 0
    rows: list[dict[str, object]] = [
        {
            "id": region_id(NATION_CODE),
            "path": ROOT,
            "code": NATION_CODE,
            "name": "全国",
            "level": Level.NATION,
            "parent_id": None,
        }
    ]
    paths: dict[str, str] = {}
    successors: dict[str, str] = {}
    for number, division in enumerate(divisions.divisions(), start=1):
        paths[division.code] = path = child_path(paths.get(division.parent_code or "", ROOT), short_id(number))
        if provinces is not None and division.code[:2] not in provinces:
            continue
        rows.append(
            {
                "id": region_id(division.code),
                "path": path,
                "code": division.code,
                "name": division.name,
                "level": division.level,
                "parent_id": region_id(division.parent_code or NATION_CODE),
                "valid_from": division.valid_from,
                "valid_to": division.valid_to,
            }
        )
        if division.successor_code:
            successors[division.code] = division.successor_code
    known = {row["code"] for row in rows}
    for row in rows:
        successor = successors.get(str(row["code"]))
        row["successor_id"] = region_id(successor) if successor in known and successor else None
        row["source"] = divisions.ATTRIBUTION
    _copy(session, rows)
    return len(rows)


def _copy(session: Session, rows: list[dict[str, object]]) -> None:
    """Bring in all divisions in one stream, each with its successor: asking for every retired one again took most of the time."""
    names = list(rows[-1])
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(Region.__tablename__), columns)
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row([row.get(name) for name in names])
