"""The working calendar 工作日历 and the legal clocks 法定期限 that run on it.

Days come from the State Council's notices; a year without a notice is provisional and a deadline that touches it says so.
Every clock is a `Deadline` row: one list answers what is due, for whom, by which article.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Model, Scoped, db, enum_column, one_of
from app.core.labels import Labelled
from app.core.working_days import Calendar, DayRow, DayStatus


class CalendarDay(Model):
    """One day that differs from, or confirms, the plain week (工作日历): working or not, by which notice."""

    __tablename__ = "calendar_day"
    date: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str]
    source_doc: Mapped[str]
    status: Mapped[DayStatus] = enum_column(DayStatus)
    imported_at: Mapped[datetime]
    __table_args__ = (one_of("status", DayStatus),)


def calendar() -> Calendar:
    """The calendar in force (现行工作日历), built once per version of the table."""
    version = db.session.execute(select(func.count(), func.max(CalendarDay.imported_at))).one()
    return _build(tuple(version))


@lru_cache(maxsize=4)
def _build(version: tuple[int, datetime | None]) -> Calendar:  # noqa: ARG001 — the version is the cache's key
    rows = db.session.execute(
        select(CalendarDay.date, CalendarDay.is_workday, CalendarDay.name, CalendarDay.source_doc, CalendarDay.status)
    )
    return Calendar(DayRow(*row) for row in rows)


def replace_days(rows: Iterable[DayRow]) -> int:
    """Write calendar rows, replacing those of the same dates (写入工作日历). Returns how many."""
    now, count = clock.now(), 0
    for row in rows:
        db.session.merge(
            CalendarDay(
                date=row.date,
                is_workday=row.is_workday,
                name=row.name,
                source_doc=row.source_doc,
                status=row.status,
                imported_at=now,
            )
        )
        count += 1
    db.session.flush()
    return count


class Unit(Labelled):
    """How a term is counted (期限单位)."""

    WORKING = "working_days", "个工作日"
    NATURAL = "natural_days", "日"


class Deadline(Scoped, Model):
    """A legal clock (法定期限): what must be done to `subject` by when, counted from `start_on` by which basis.

    `basis` is the officials' sentence of the source (article, or 本县设置). `met_on` ends the clock; `dropped_on` ends it
    because the duty fell away.
    """

    __tablename__ = "deadline"
    kind: Mapped[str]
    subject: Mapped[UUID] = mapped_column(index=True)
    label: Mapped[str]
    start_on: Mapped[date]
    count: Mapped[int]
    unit: Mapped[Unit] = enum_column(Unit)
    basis: Mapped[str]
    due_on: Mapped[date]
    provisional: Mapped[bool]
    met_on: Mapped[date | None]
    dropped_on: Mapped[date | None]
    __table_args__ = (
        one_of("unit", Unit),
        CheckConstraint("count >= 0", name="count_not_negative"),
        Index("uq_deadline_open", "subject", "kind", unique=True, postgresql_where=text("met_on is null and dropped_on is null")),
        Index("ix_deadline_due", "scope_path", "due_on", postgresql_where=text("met_on is null and dropped_on is null")),
    )

    @property
    def is_open(self) -> bool:
        """Whether the clock still runs (期限未了)."""
        return self.met_on is None and self.dropped_on is None


def due(start: date, count: int, unit: Unit) -> tuple[date, bool]:
    """The last day of a term and whether it touches a provisional day (到期日, 是否暂定). The day of the event is not counted."""
    days = calendar()
    found = days.add_working_days(start, count) if unit is Unit.WORKING else days.end_of_natural_days(start, count)
    return found.on, found.provisional


def start_clock(
    kind: str, *, of: Scoped, subject: UUID, label: str, start: date, count: int, unit: Unit = Unit.WORKING, basis: str
) -> Deadline:
    """Start a legal clock on `subject` (起算期限), with the scope of the row `of`."""
    on, provisional = due(start, count, unit)
    row = Deadline(
        scope_path=of.scope_path,
        provider_id=of.provider_id,
        site_id=of.site_id,
        kind=kind,
        subject=subject,
        label=label,
        start_on=start,
        count=count,
        unit=unit,
        basis=basis,
        due_on=on,
        provisional=provisional,
    )
    db.session.add(row)
    db.session.flush()
    return row


def open_clock(kind: str, subject: UUID) -> Deadline | None:
    """The running clock of this kind on `subject`, if any."""
    return db.session.scalars(
        select(Deadline).where(
            Deadline.subject == subject, Deadline.kind == kind, Deadline.met_on.is_(None), Deadline.dropped_on.is_(None)
        )
    ).one_or_none()


def meet_clock(kind: str, subject: UUID, on: date) -> None:
    """The duty was done (期限已了)."""
    if (row := open_clock(kind, subject)) is not None:
        row.met_on = on


def drop_clock(kind: str, subject: UUID, on: date) -> None:
    """The duty fell away (期限终止)."""
    if (row := open_clock(kind, subject)) is not None:
        row.dropped_on = on


def recompute_provisional() -> list[UUID]:
    """Recompute open clocks that touched provisional days (暂定期限重算). Returns the ids of those whose day changed."""
    changed: list[UUID] = []
    open_ones = select(Deadline).where(Deadline.provisional, Deadline.met_on.is_(None), Deadline.dropped_on.is_(None))
    for row in db.session.scalars(open_ones):
        on, provisional = due(row.start_on, row.count, row.unit)
        if (on, provisional) != (row.due_on, row.provisional):
            if on != row.due_on:
                changed.append(row.id)
            row.due_on, row.provisional = on, provisional
    db.session.flush()
    return changed
