"""What the office pages of tasks show (检查任务页面): the list, one task with its steps and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import url_for
from sqlalchemy import Select

from app.archive import queries as archive
from app.archive.models import Document
from app.core import calendar
from app.core.actor import Actor
from app.core.calendar import Deadline
from app.core.labels import Labelled
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.inspections.models import InspectionTask, KeptInvalid, TaskMember
from app.inspections.queries import answers, tasks
from app.inspections.rules.task import NEXT, NOTICE, CapVerdict, Notice, TaskKind, TaskState, TaskVerb, yearly_cap
from app.providers.models import Site

_S, _V = TaskState, TaskVerb
STATE_TONES: Final[Mapping[TaskState, str]] = {
    _S.PLANNED: "wait",
    _S.APPROVED: "info",
    _S.NOTICED: "info",
    _S.CHECKED_IN: "info",
    _S.IN_PROGRESS: "info",
    _S.SIGNED: "wait",
    _S.REVIEWED: "wait",
    _S.CLOSED: "wait",
    _S.PUBLISHED: "ok",
    _S.WITHDRAWN: "na",
    _S.CANCELLED: "na",
}


def _choices(members: Sequence[Labelled]) -> list[tuple[str, str]]:
    return [(m.value, m.label) for m in members]


def _of_home(stmt: Select[Any], words: str) -> Select[Any]:
    like = f"%{words.replace('%', '').replace('_', '')}%"
    return stmt.where(InspectionTask.site.has(Site.name.like(like) | Site.initials.like(like.lower())))


def task_list() -> ListSpec[InspectionTask]:
    """The list of tasks (检查任务列表)."""
    return ListSpec(
        columns=[
            Column("number", "任务编号", lambda t: t.number, href=lambda t: url_for("tasks.show_task", task_id=t.id)),
            Column("site", "机构", lambda t: t.site.name),
            Column("kind", "类型", lambda t: t.kind.label),
            Column("state", "状态", lambda t: t.state.label, tone=lambda t: STATE_TONES[t.state]),
            Column("day", "检查日期", lambda t: t.ended_on or t.planned_on, sort="day"),
            Column("team", "检查组", lambda t: "、".join(m.name for m in tasks.active_members(t)) or None),
            Column("result", "结果", lambda t: t.result.label if t.result else None),
            Column("source", "来源", lambda t: t.source.label, screen=False),
            Column("nth", "本年度第几次", lambda t: t.nth_of_year, screen=False),
            Column("published", "公示日期", lambda t: t.published_on, screen=False),
        ],
        filters=[
            Filter("q", "机构", _of_home, hint="名称或拼音首字母"),
            Filter("kind", "类型", lambda s, v: s.where(InspectionTask.kind == TaskKind(v)), FilterKind.CHOICE, _choices(list(TaskKind))),
            Filter(
                "state", "状态", lambda s, v: s.where(InspectionTask.state.in_([_S(word) for word in v])), FilterKind.MANY,
                _choices(list(_S)), primary=False,
            ),
            Filter("from", "从", lambda s, v: s.where(InspectionTask.planned_on >= v), FilterKind.DATE, primary=False),
            Filter("to", "到", lambda s, v: s.where(InspectionTask.planned_on <= v), FilterKind.DATE, primary=False),
        ],
        sorts=[
            Sort("day", "检查日期", InspectionTask.planned_on, up="从早到晚", down="从晚到早"),
            Sort("number", "任务编号", InspectionTask.number),
        ],
        default_sort="-day",
        tie=InspectionTask.id,
    )  # fmt: skip


# --- one task ---------------------------------------------------------------------------------------------------------

STEPS: Final = (
    ("拟定", _S.PLANNED),
    ("批准", _S.APPROVED),
    ("到场", _S.CHECKED_IN),
    ("检查", _S.IN_PROGRESS),
    ("签字", _S.SIGNED),
    ("审核", _S.REVIEWED),
    ("办结", _S.CLOSED),
    ("公示", _S.PUBLISHED),
)
_ORDER: Final = (
    _S.PLANNED,
    _S.APPROVED,
    _S.NOTICED,
    _S.CHECKED_IN,
    _S.IN_PROGRESS,
    _S.SIGNED,
    _S.REVIEWED,
    _S.CLOSED,
    _S.PUBLISHED,
)


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One task as the office sees it (任务页)."""

    task: InspectionTask
    members: Sequence[TaskMember]
    gone: Sequence[TaskMember]
    steps: Sequence[Mapping[str, str]]
    acts: frozenset[str]
    clocks: Sequence[Deadline]
    documents: Sequence[Document]
    kept: Sequence[KeptInvalid]
    record: answers.Record

    @property
    def answered(self) -> int:
        """How many items have one answer (已答)."""
        score = self.record.score
        return len(self.record.checklist.items) - len(score.unanswered) - len(score.disputed)


def task_page(task_id: UUID, *, seen_by: Actor) -> TaskPage:
    """Gather one task (任务页内容)."""
    row = tasks.task(task_id, seen_by=seen_by)
    clocks = [c for kind in ("publication", "withdrawal") if (c := calendar.open_clock(kind, row.id)) is not None]
    return TaskPage(
        task=row,
        members=tasks.active_members(row),
        gone=[m for m in row.members if m.recused_on is not None],
        steps=_steps(row),
        acts=_acts(row),
        clocks=clocks,
        documents=archive.documents_about(row.id, seen_by=seen_by),
        kept=answers.kept_aside(row.id, seen_by=seen_by),
        record=answers.record(row.id, seen_by=seen_by),
    )


def _steps(row: InspectionTask) -> list[dict[str, str]]:
    if row.state is _S.CANCELLED:
        return [
            {"label": "拟定", "state": "done", "note": ""},
            {"label": "已取消", "state": "stopped", "note": row.cancel_reason},
        ]
    reached = _ORDER.index(row.state) if row.state in _ORDER else len(_ORDER)
    found = []
    for label, state in STEPS:
        place = _ORDER.index(state)
        found.append({"label": label, "state": "done" if place <= reached else "next", "note": ""})
    waiting = next((step for step in found if step["state"] == "next"), None)
    if waiting is not None:
        waiting["state"] = "now"
    return found


_ACTS: Final = {
    "approval": _V.APPROVE,
    "cancellation": _V.CANCEL,
    "notice": _V.NOTIFY,
    "review": _V.REVIEW,
    "return": _V.RETURN,
    "closing": _V.CLOSE,
    "publication": _V.PUBLISH,
    "revocation": _V.WITHDRAW,
    "withdrawal": _V.WITHDRAW,
}


def _acts(row: InspectionTask) -> frozenset[str]:
    """What the state of a task allows (可办事项); who may do it is the policy's matter."""
    found = {key for key, verb in _ACTS.items() if (row.state, verb) in NEXT}
    if NOTICE[row.kind] is Notice.ON_ARRIVAL:
        found.discard("notice")
    if row.state is _S.PLANNED:
        found.add("team")
    if row.state in (_S.APPROVED, _S.NOTICED, _S.CHECKED_IN, _S.IN_PROGRESS):
        found.add("recusal")
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a home was inspected this year against the published cap (年度频次)."""

    counted: int
    limit: int | None
    on_site: int
    joint: int
    full: bool


def frequency(site_id: UUID, on: date, limit: int | None, *, seen_by: Actor) -> Frequency:
    """What planning another inspection of a home should know (年度频次)."""
    history = tasks.history(site_id, on.year, seen_by=seen_by)
    cap = yearly_cap(TaskKind.DAILY, on=on, from_above=False, history=history, limit=limit or 0)
    seen = tasks.coverage_of(site_id, on.year, seen_by=seen_by)
    return Frequency(
        len(cap.counted), limit, len(seen.on_site), len(seen.joint), limit is not None and cap.verdict is CapVerdict.OVER
    )
