"""Questions over all modules (监管查询): what waits in a scope, what just happened there, the record."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, literal, select, union_all

from app.accounts.models import Account
from app.core import calendar
from app.core.actor import REGION_POSTS, Actor
from app.core.audit import AuditLine
from app.core.calendar import Deadline, Unit
from app.core.clock import BEIJING
from app.core.db import Scoped, db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import reach, visible
from app.inspections.models.draws import DrawPlan
from app.inspections.queries import tasks
from app.inspections.queries.tasks import CoverageCount
from app.inspections.rules.plan import PlanState
from app.providers.models import Site
from app.supervision import rules
from app.supervision.events import RECORD_ID
from app.supervision.rules import DUTIES, OTHERS, Duty, Left, Shelf

LOOK_BACK: Final = 400


# --- what waits -------------------------------------------------------------------------------------------------------

DUE_LIST: Final[ListSpec[Deadline]] = ListSpec(
    columns=(), sorts=[Sort("due", "到期日", Deadline.due_on)], default_sort="due", tie=Deadline.id
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One running clock as it stands on the list (待办事项)."""

    row: Deadline
    duty: Duty
    site_name: str
    left: Left

    @property
    def title(self) -> str:
        """The site, or what the clock is about where there is none."""
        return self.site_name or self.row.label

    @property
    def line(self) -> str:
        """What the clock is about, unless the title says it."""
        return "" if self.row.label in {self.title, self.duty.label} else self.row.label

    @property
    def basis(self) -> str:
        """The article or setting, and the last day."""
        day = self.row.due_on
        unsure = "（暂定，放假通知未录入）" if self.row.provisional else ""
        year = f"{day.year}年" if day.year != self.row.start_on.year else ""
        return f"{self.row.basis}，{year}{day.month}月{day.day}日止{unsure}"


def _on_shelf(shelf: Shelf, actor: Actor) -> ColumnElement[bool]:
    if shelf is Shelf.WAITING:
        return Deadline.kind.in_(OTHERS)
    if shelf is Shelf.DEPARTMENT:
        return Deadline.kind.not_in(OTHERS)
    mine = rules.of_posts(actor.posts)
    return Deadline.kind.in_(mine) | Deadline.kind.not_in(DUTIES.keys()) if mine else false()


def _running(seen_by: Actor) -> Select[Deadline]:
    return visible(Deadline, to=seen_by).where(Deadline.met_on.is_(None), Deadline.dropped_on.is_(None))


def waiting(shelf: Shelf, *, seen_by: Actor) -> Select[Deadline]:
    """The running clocks of a shelf (待办), for the list."""
    return _running(seen_by).where(_on_shelf(shelf, seen_by))


def counts(*, seen_by: Actor) -> Mapping[Shelf, int]:
    """How many clocks run on each shelf (待办数)."""
    here = _running(seen_by).subquery()
    kinds = db.session.execute(select(here.c.kind, func.count()).group_by(here.c.kind)).all()
    mine = rules.of_posts(seen_by.posts)
    return {
        Shelf.MINE: sum(n for kind, n in kinds if kind in mine or (mine and kind not in DUTIES)),
        Shelf.DEPARTMENT: sum(n for kind, n in kinds if kind not in OTHERS),
        Shelf.WAITING: sum(n for kind, n in kinds if kind in OTHERS),
    }


def urgency(shelf: Shelf, *, seen_by: Actor, on: date) -> list[Left]:
    """What is left of the most urgent terms of a shelf (临期), overdue ones included."""
    soon = waiting(shelf, seen_by=seen_by).where(Deadline.due_on <= on + timedelta(days=15)).limit(1000)
    return [_left(row, on) for row in db.session.scalars(soon)]


def as_waiting(rows: Sequence[Deadline], *, seen_by: Actor, on: date) -> list[Waiting]:
    """The rows with the names of their sites and what is left (待办明细)."""
    names = site_names({row.site_id for row in rows if row.site_id}, seen_by=seen_by)
    return [Waiting(row, rules.duty(row.kind), names.get(row.site_id, "") if row.site_id else "", _left(row, on)) for row in rows]


def _left(row: Deadline, on: date) -> Left:
    return rules.left(row.start_on, row.due_on, row.count, working=row.unit is Unit.WORKING, on=on, calendar=calendar.calendar())


def site_names(ids: Collection[UUID], *, seen_by: Actor) -> dict[UUID, str]:
    """Names of the sites that may be seen (网点名称)."""
    if not ids:
        return {}
    rows = db.session.execute(select(Site.id, Site.name).where(Site.id.in_(ids), reach(Site, seen_by)))
    return {row.id: row.name for row in rows}


# --- coverage and draws -----------------------------------------------------------------------------------------------


def coverage(on: date, *, seen_by: Actor) -> CoverageCount | None:
    """This year's coverage of the region (全覆盖); None for who sees single assignments, and where there are no homes yet."""
    if not sees_region(seen_by):
        return None
    found = tasks.coverage_count(on.year, seen_by=seen_by)
    return found if found.homes else None


def working_days_left(on: date) -> int:
    """Working days left in the year (年内剩余工作日)."""
    return calendar.calendar().working_days_between(on, date(on.year, 12, 31))


@dataclass(frozen=True, slots=True)
class DrawUnderWay:
    """A draw that is not finished (进行中的抽查)."""

    id: UUID
    title: str
    state: PlanState
    reveal_on: date


def draws_under_way(*, seen_by: Actor, at_most: int = 2) -> list[DrawUnderWay]:
    """The draws of the scope that are not finished (进行中的双随机), the next to be revealed first."""
    if not sees_region(seen_by):
        return []
    rows = db.session.scalars(
        visible(DrawPlan, to=seen_by).where(DrawPlan.state.in_(rules.UNDER_WAY)).order_by(DrawPlan.reveal_on).limit(at_most)
    )
    return [DrawUnderWay(row.id, row.title, row.state, row.reveal_on) for row in rows]


# --- what just happened -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the record in words (大事记)."""

    at: datetime
    label: str
    site_id: UUID | None
    site_name: str
    who: str


def recent(*, seen_by: Actor, at_most: int = 6) -> list[Happening]:
    """What just happened in the scope (刚刚发生), newest first, out of the last few hundred lines of the record."""
    newest = select(AuditLine.at, AuditLine.event, AuditLine.subject, AuditLine.by).order_by(AuditLine.seq.desc())
    lines = db.session.execute(newest.limit(LOOK_BACK)).all()
    places = _places({line.subject for line in lines}, seen_by=seen_by)
    kept = [line for line in lines if line.subject in places][:at_most]
    sites = site_names({site for line in kept if (site := places[line.subject])}, seen_by=seen_by)
    people, labels = people_named({line.by for line in kept}), rules.event_labels()
    return [
        Happening(
            at=line.at,
            label=labels.get(line.event, line.event),
            site_id=places[line.subject],
            site_name=sites.get(places[line.subject], ""),  # type: ignore[arg-type]  # None is no key and gives ""
            who=people.get(line.by, "系统"),
        )
        for line in kept
    ]


def _places(subjects: Collection[UUID], *, seen_by: Actor) -> dict[UUID, UUID | None]:
    """Which of these rows of any business table may be seen, and to which site each belongs."""
    if not subjects:
        return {}
    parts = [
        select(model.id, model.site_id, literal(model.__name__)).where(model.id.in_(subjects), reach(model, seen_by))
        for model in Scoped.__subclasses__()
    ]
    return {row[0]: row[1] for row in db.session.execute(union_all(*parts))}


def people_named(ids: Collection[UUID]) -> dict[UUID, str]:
    """Names behind ids of the record (办理人姓名)."""
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {row.id: row.name for row in rows}


def sees_region(actor: Actor) -> bool:
    """Whether the actor's view is a region, not single assignments (按辖区查看)."""
    return bool(actor.posts & REGION_POSTS)


# --- the record -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record for the screen (留痕条目)."""

    seq: int
    at: datetime
    label: str
    event: str
    subject: UUID
    by: UUID
    who: str
    on: str
    facts: Mapping[str, Any]
    hash: str

    @property
    def said(self) -> str:
        """The line's own facts; ids and hashes by their first characters, the export has them whole."""
        return "；".join(f"{key}={_short(value)}" for key, value in self.facts.items() if value not in (None, []))


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:8]}…" if len(text) >= 32 and " " not in text else text


def record_lines() -> Select[*tuple[Any, ...]]:
    """Every line of the record with the name of who acted (留痕)."""
    return select(AuditLine, Account.name).outerjoin(Account, Account.id == AuditLine.by)


def as_line(row: Any) -> Line:
    """A row of `record_lines` for the screen."""
    line, name = row[0], row[1]
    label = rules.event_labels().get(line.event, line.event)
    who = name or {0: "系统", 1: "未登录"}.get(line.by.int, "—")
    return Line(line.seq, line.at, label, line.event, line.subject, line.by, who, line.on, line.facts, line.hash)


def _is(column: Any, text: str) -> ColumnElement[bool]:
    """Equal to an id as somebody typed it; what is no id equals nothing."""
    try:
        found: ColumnElement[bool] = column == UUID(text)
    except ValueError:
        return false()
    return found


def _on_day(statement: Select[Any], day: date) -> Select[Any]:
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return statement.where(AuditLine.at >= start, AuditLine.at < start + timedelta(days=1))


def record_spec() -> ListSpec[Line]:
    """The list of the record (留痕列表): by event, subject, day."""
    kinds = sorted(rules.event_labels().items(), key=lambda pair: pair[1])
    return ListSpec(
        columns=[
            Column("seq", "序号", lambda x: x.seq, number=True),
            Column("at", "时间", lambda x: x.at),
            Column("event", "事项", lambda x: x.label),
            Column("who", "办理人", lambda x: x.who),
            Column("subject", "对象编号", lambda x: str(x.subject)),
            Column("facts", "内容", lambda x: x.said, export=False),
            Column("hash", "指纹", lambda x: x.hash),
            Column("whole", "内容（全）", lambda x: json.dumps(x.facts, ensure_ascii=False), screen=False),
            Column("kind", "事项代码", lambda x: x.event, screen=False),
            Column("on", "法定日", lambda x: x.on, screen=False),
            Column("by", "办理人编号", lambda x: str(x.by), screen=False),
        ],
        sorts=[Sort("seq", "先后", AuditLine.seq, up="早的在前", down="晚的在前")],
        default_sort="-seq",
        tie=AuditLine.seq,
        filters=[
            Filter("event", "事项", lambda s, v: s.where(AuditLine.event == v), FilterKind.CHOICE, kinds),
            Filter("day", "日期", _on_day, FilterKind.DATE),
            Filter("subject", "对象编号", lambda s, v: s.where(_is(AuditLine.subject, v))),
            Filter("by", "办理人编号", lambda s, v: s.where(_is(AuditLine.by, v)), primary=False),
        ],
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """The last time that somebody recomputed the record (最近一次核验)."""

    at: datetime
    who: str
    lines: int
    bad_seq: int | None
    head: str


def last_check() -> Checked | None:
    """The newest verification on the record (最近一次核验)."""
    found = db.session.scalars(
        select(AuditLine)
        .where(AuditLine.subject == RECORD_ID, AuditLine.event == "RecordVerified")
        .order_by(AuditLine.seq.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    who = people_named({found.by}).get(found.by, "系统")
    return Checked(found.at, who, found.facts["lines"], found.facts["bad_seq"], found.facts["head"])
