"""What inspections add to a site's page (机构页·检查与整改): the last result, open problems, every visit on the timeline.

A home sees what was concluded and what is asked of it, never a visit that is still being prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Select, func

from app.core.access import may
from app.core.actor import PROVIDER_POSTS, Actor
from app.core.db import db
from app.core.scope import find, visible
from app.inspections.models import Finding, InspectionTask
from app.inspections.queries.findings import ENDED_STATES
from app.inspections.queries.task_pages import STATE_TONES
from app.inspections.rules.checklist import Severity
from app.inspections.rules.task import TaskState
from app.providers.models import Site
from app.providers.panels import Answer, Happening, Tab

_S = TaskState
CONCLUDED: Final = (_S.CLOSED, _S.PUBLISHED, _S.WITHDRAWN)
LAST_VISITS: Final = 30


class InspectionsOfSite:
    """Inspections and problems of a site (检查与整改)."""

    def answers(self, site_id: UUID, *, seen_by: Actor, on: date) -> Sequence[Answer]:
        """未整改 and 最近检查."""
        return [_open_answer(site_id, seen_by, on), _last_answer(site_id, seen_by)]

    def happenings(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Happening]:
        """The latest visits, one line each."""
        rows = db.session.scalars(_visits(site_id, seen_by).limit(LAST_VISITS))
        return [_told(row, seen_by) for row in rows]

    def tabs(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Tab]:
        """The lists of visits and of problems, for officers; a home finds its own in its navigation."""
        if not may(seen_by, "task.read"):
            return []
        name = quote(find(Site, site_id, seen_by=seen_by).name)
        visits = db.session.scalar(_visits(site_id, seen_by).order_by(None).with_only_columns(func.count()))
        waiting = db.session.scalar(_open(site_id, seen_by).with_only_columns(func.count())) or 0
        return [
            Tab("检查", f"/office/tasks?q={name}", visits),
            Tab("整改", f"/office/rectification?q={name}", waiting, wait=waiting > 0),
        ]


def _visits(site_id: UUID, seen_by: Actor) -> Select[InspectionTask]:
    query = visible(InspectionTask, to=seen_by).where(InspectionTask.site_id == site_id)
    wanted = InspectionTask.state.in_(CONCLUDED) if seen_by.posts & PROVIDER_POSTS else InspectionTask.state != _S.CANCELLED
    return query.where(wanted).order_by(
        func.coalesce(InspectionTask.ended_on, InspectionTask.planned_on).desc(), InspectionTask.id
    )


def _open(site_id: UUID, seen_by: Actor) -> Select[Finding]:
    return visible(Finding, to=seen_by).where(Finding.site_id == site_id, Finding.state.not_in(ENDED_STATES))


def _open_answer(site_id: UUID, seen_by: Actor, on: date) -> Answer:
    rows = db.session.scalars(_open(site_id, seen_by).order_by(Finding.due_on)).all()
    if not rows:
        return Answer("未整改", "没有", "", "ok", "ok")
    grave = sum(row.severity is not Severity.MINOR for row in rows)
    late = sum(row.due_on is not None and row.due_on < on for row in rows)
    due = next((row.due_on for row in rows if row.due_on), None)
    note = f"{late} 项已逾期" if late else f"最近期限 {due.isoformat()}" if due else "尚未定期限"
    value = f"{len(rows)} 项，较重以上 {grave}" if grave else f"{len(rows)} 项"
    return Answer("未整改", value, note, "veto" if late else "bad", "alert" if late else "bad")


def _last_answer(site_id: UUID, seen_by: Actor) -> Answer:
    ended = _visits(site_id, seen_by).where(InspectionTask.ended_on.is_not(None)).limit(1)
    row = db.session.scalars(ended).one_or_none()
    if row is None or row.ended_on is None:
        return Answer("最近检查", "还没有", "", "na")
    shown = f"符合率 {row.rate_per_10k / 100:.1f}%" if row.rate_per_10k is not None else row.state.label
    href = f"/office/tasks/{row.id}" if may(seen_by, "task.read") else ""
    return Answer("最近检查", shown, f"{row.ended_on.isoformat()} {row.kind.label}", "", "", href)


def _told(row: InspectionTask, seen_by: Actor) -> Happening:
    title = f"{row.kind.label}：{row.state.label}"
    parts = [row.result.label if row.result and row.result.publishable else "", _counts(row), row.number]
    href = f"/office/tasks/{row.id}" if may(seen_by, "task.read") else ""
    text = "；".join(part for part in parts if part)
    return Happening(row.ended_on or row.planned_on, title, text, STATE_TONES[row.state], "search", href)


def _counts(row: InspectionTask) -> str:
    if row.not_met is None:
        return ""
    return f"不符合 {row.not_met} 项" if row.not_met else "未发现问题"
