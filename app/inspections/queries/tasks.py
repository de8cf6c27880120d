"""Questions about inspection tasks (检查任务查询)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Select, extract, func, or_, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Account, PostHeld
from app.core import clock
from app.core.actor import Actor, Post
from app.core.db import db
from app.core.scope import find, visible
from app.inspections.models import InspectionTask, TaskMember
from app.inspections.rules.checklist import Checklist
from app.inspections.rules.task import Coverage, MemberRole, Officer, TaskKind, TaskState, Visit, coverage
from app.providers.models import Site
from app.providers.rules import SiteState

_S = TaskState
UNDER_WAY = (_S.APPROVED, _S.NOTICED, _S.CHECKED_IN, _S.IN_PROGRESS)


def task(task_id: UUID, *, seen_by: Actor, lock: bool = False) -> InspectionTask:
    """One task (一项检查任务)."""
    return find(InspectionTask, task_id, seen_by=seen_by, lock=lock)


def tasks(*, seen_by: Actor) -> Select[InspectionTask]:
    """The tasks an actor may see, for lists (检查任务)."""
    return visible(InspectionTask, to=seen_by).options(selectinload(InspectionTask.site), selectinload(InspectionTask.members))


def tasks_of_site(site_id: UUID, *, seen_by: Actor) -> Sequence[InspectionTask]:
    """The tasks of a site, newest first (机构检查记录)."""
    query = tasks(seen_by=seen_by).where(InspectionTask.site_id == site_id).order_by(InspectionTask.planned_on.desc())
    return db.session.scalars(query).all()


def tasks_from(source_id: UUID, *, seen_by: Actor) -> Sequence[InspectionTask]:
    """The tasks that came out of a plan, a complaint or a filing (由此产生的任务)."""
    query = tasks(seen_by=seen_by).where(InspectionTask.source_id == source_id).order_by(InspectionTask.number)
    return db.session.scalars(query).all()


def my_tasks(*, seen_by: Actor, on: date) -> Sequence[InspectionTask]:
    """What an inspector has in hand (我的检查任务): approved and not signed, and what was signed this month."""
    mine = select(TaskMember.task_id).where(
        TaskMember.account_id == seen_by.id, TaskMember.recused_on.is_(None), TaskMember.replaced_on.is_(None)
    )
    recent = (InspectionTask.state == _S.SIGNED) | (InspectionTask.ended_on >= on.replace(day=1))
    query = (
        tasks(seen_by=seen_by)
        .where(InspectionTask.id.in_(mine), or_(InspectionTask.state.in_(UNDER_WAY), recent))
        .order_by(InspectionTask.planned_on, InspectionTask.number)
    )
    return db.session.scalars(query).all()


def at_the_door(site_id: UUID, *, seen_by: Actor) -> Sequence[InspectionTask]:
    """One's own tasks at a site that wait for arrival (待到场的任务)."""
    waiting = (_S.APPROVED, _S.NOTICED, _S.CHECKED_IN, _S.IN_PROGRESS)
    mine = select(TaskMember.task_id).where(TaskMember.account_id == seen_by.id)
    query = tasks(seen_by=seen_by).where(
        InspectionTask.site_id == site_id, InspectionTask.id.in_(mine), InspectionTask.state.in_(waiting)
    )
    return db.session.scalars(query.order_by(InspectionTask.planned_on)).all()


def site(site_id: UUID, *, seen_by: Actor) -> Site:
    """The site of a task (被检查单位)."""
    return find(Site, site_id, seen_by=seen_by)


def checklist(task_id: UUID, *, seen_by: Actor) -> Checklist:
    """The checklist that a task froze (任务检查表). Read once in a process: its hash is its name and it never changes."""
    row = task(task_id, seen_by=seen_by)
    if (known := _read.get(row.checklist_sha)) is not None:
        return known
    if len(_read) >= MOST_READ:
        _read.clear()
    payload = db.session.scalars(select(InspectionTask.checklist).where(InspectionTask.id == row.id)).one()
    found = _read[row.checklist_sha] = Checklist.from_payload(payload)
    return found


MOST_READ: Final = 200
"""Checklists kept in memory by one process; past that it begins anew."""
_read: dict[str, Checklist] = {}


def site_words(site_id: UUID, *, seen_by: Actor) -> dict[str, str]:
    """What a tablet shows of the site (机构概况): name, kind, address, who is in charge."""
    row = site(site_id, seen_by=seen_by)
    filed = row.filing_number or ("已备案" if row.filed_on else "未备案")
    return {
        "机构": row.name,
        "类型": row.kind.label,
        "地址": row.address,
        "负责人": row.manager_name or "未登记",
        "电话": row.service_phone or "未登记",
        "备案": filed,
    }


def active_members(row: InspectionTask) -> list[TaskMember]:
    """The team as it stands (现任检查组): without those who stay away or were replaced."""
    return [m for m in row.members if m.recused_on is None and m.replaced_on is None]


def officers(row: InspectionTask) -> list[Officer]:
    """The team as the rule on teams wants it (检查组). The register of accounts holds no first day of a certificate."""
    return [
        Officer(str(m.account_id), m.certificate_no, date.min, m.certificate_until, recused=m.recused_on is not None)
        for m in row.members
        if m.replaced_on is None and m.role is not MemberRole.HELPER
    ]


def history(site_id: UUID, year: int, *, seen_by: Actor) -> tuple[Visit, ...]:
    """The visits of a site in a year (年度检查记录), planned ones included, cancelled ones not."""
    query = visible(InspectionTask, to=seen_by).where(InspectionTask.site_id == site_id, InspectionTask.state != _S.CANCELLED)
    visits = [_visit(row) for row in db.session.scalars(query.order_by(InspectionTask.planned_on))]
    return tuple(v for v in visits if v.on.year == year)


def _visit(row: InspectionTask) -> Visit:
    arrived = clock.legal_day(row.checked_in_at) if row.checked_in_at else None
    return Visit(
        task_id=str(row.id),
        kind=row.kind,
        on=row.ended_on or arrived or row.planned_on,
        from_above=row.from_above,
        joint=row.joint,
        done=row.ended_on is not None,
    )


def coverage_of(site_id: UUID, year: int, *, seen_by: Actor) -> Coverage:
    """Whether a site was seen this year, and jointly (年度覆盖)."""
    return coverage(history(site_id, year, seen_by=seen_by), year=year)


@dataclass(frozen=True, slots=True)
class CoverageCount:
    """How many homes of a place were seen in a year (年度覆盖计数): of how many, on site, jointly, planned and not yet seen."""

    year: int
    homes: int
    on_site: int
    joint: int
    planned: int

    @property
    def unseen(self) -> int:
        """Homes neither seen nor planned (未查未排)."""
        return self.homes - self.on_site - self.planned


def coverage_count(year: int, *, seen_by: Actor) -> CoverageCount:
    """The yearly coverage of what an actor may see (年度覆盖): filed and operating homes."""
    homes = visible(Site, to=seen_by).where(Site.state.in_((SiteState.FILED, SiteState.OPERATING, SiteState.SUSPENDED)))
    home_ids = homes.with_only_columns(Site.id).scalar_subquery()
    seen = visible(InspectionTask, to=seen_by).where(
        InspectionTask.site_id.in_(home_ids), extract("year", InspectionTask.ended_on) == year
    )
    on_site = select(func.count(func.distinct(seen.subquery().c.site_id)))
    joint = select(func.count(func.distinct(seen.where(InspectionTask.joint).subquery().c.site_id)))
    coming = visible(InspectionTask, to=seen_by).where(
        InspectionTask.site_id.in_(home_ids),
        InspectionTask.state.in_((_S.PLANNED, *UNDER_WAY)),
        extract("year", InspectionTask.planned_on) == year,
        InspectionTask.site_id.not_in(seen.with_only_columns(InspectionTask.site_id).scalar_subquery()),
    )
    planned = select(func.count(func.distinct(coming.subquery().c.site_id)))
    return CoverageCount(
        year,
        int(db.session.scalar(select(func.count()).select_from(homes.subquery())) or 0),
        int(db.session.scalar(on_site) or 0),
        int(db.session.scalar(joint) or 0),
        int(db.session.scalar(planned) or 0),
    )


def possible_officers(authority_id: UUID, on: date) -> Sequence[Account]:
    """Who of an authority may inspect on a day (可派检查人员)."""
    held = select(PostHeld.account_id).where(
        PostHeld.authority_id == authority_id,
        PostHeld.post.in_((Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR)),
        PostHeld.valid_from <= on,
        or_(PostHeld.valid_until.is_(None), PostHeld.valid_until >= on),
    )
    query = select(Account).where(Account.id.in_(held), Account.disabled_at.is_(None)).order_by(Account.username)
    return db.session.scalars(query).all()


def draftable_kinds() -> tuple[TaskKind, ...]:
    """The kinds that an official may plan by hand (可拟定的检查类型)."""
    return (TaskKind.DAILY, TaskKind.SPECIAL, TaskKind.CASE, TaskKind.FIRST_VISIT)
