"""Tasks that follow a draw (抽查派生任务): one a drawn site, kept in step with replacements and voids."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.core import audit, clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.core.outbox import Errand
from app.core.refusal import Refused
from app.inspections.actions import tasks as actions
from app.inspections.events import draws as events
from app.inspections.models import DrawPlan, InspectionTask
from app.inspections.queries import draws as queries
from app.inspections.queries import tasks
from app.inspections.queries.draws import DrawnTeam
from app.inspections.rules.task import TaskKind, TaskSource, TaskState

NOBODY_THERE_YET: Final = frozenset({TaskState.PLANNED, TaskState.APPROVED, TaskState.NOTICED})
WAITS: Final = "setting.none"  # the yearly cap is not published yet: the errand is tried again until it is


def follow_draw(plan_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Bring the tasks of a plan in line with how its draw stands (派生检查任务). Safe to repeat.

    A drawn site gets a task with its team, a replaced one is cancelled unless somebody is there already, a changed team is
    seated anew. What a rule refuses for one site, such as its yearly cap, is recorded and keeps no other site waiting.
    """
    row = queries.plan(plan_id, seen_by=by, lock=True)
    wanted = {team.site_id: team for team in queries.drawn_teams(plan_id, seen_by=by)}
    known = {task.site_id: task for task in tasks.tasks_from(plan_id, seen_by=by) if task.state is not TaskState.CANCELLED}
    for site_id in sorted(wanted.keys() | known.keys()):
        try:
            with db.session.begin_nested():
                _follow(row, wanted.get(site_id), known.get(site_id), by, at, on)
        except Refused as refusal:
            if refusal.code == WAITS:
                raise
            audit.record(events.TaskNotFollowed(subject=row.id, by=by.id, on=on, site_id=site_id, why=refusal.code))


def _follow(row: DrawPlan, team: DrawnTeam | None, task: InspectionTask | None, by: Actor, at: datetime, on: date) -> None:
    if team is None:
        assert task is not None
        if task.state in NOBODY_THERE_YET:
            actions.cancel_task(task.id, reason=f"双随机计划 {row.code} 递补或作废，本机构不再检查", by=by, on=on)
    elif task is None:
        _plan(row, team, by, at, on)
    else:
        _reseat(task, team, by, on)


def _plan(row: DrawPlan, team: DrawnTeam, by: Actor, at: datetime, on: date) -> None:
    actions.plan_task(
        team.site_id,
        kind=TaskKind.DAILY,
        planned_on=max(row.inspect_from, on),
        source=TaskSource.DRAW,
        source_id=row.id,
        source_words=row.code or "",
        team=[member.account_id for member in team.members],
        joint=team.team == "joint",
        authority_id=row.authority_id,
        by=by,
        at=at,
        on=on,
    )


def _reseat(task: InspectionTask, team: DrawnTeam, by: Actor, on: date) -> None:
    """Seat the team as drawn: freely while the task is planned, afterwards place by place through a noted recusal."""
    drawn = [member.account_id for member in team.members]
    seated = {member.place: member for member in tasks.active_members(task)}
    if [seated[place].account_id for place in sorted(seated)] == drawn:
        return
    if task.state is TaskState.PLANNED:
        actions.set_team(task.id, drawn, by=by, on=on)
        return
    for place, account_id in enumerate(drawn):
        member = next((found for found in task.members if found.place == place and found.replaced_on is None), None)
        if member is None or member.account_id == account_id:
            continue
        if member.recused_on is None:
            actions.note_recusal(task.id, member.account_id, reason="双随机抽取后更换", by=by, on=on)
        actions.replace_member(task.id, out=member.account_id, drawn=account_id, by=by, on=on)


def follow_draw_errand(errand: Errand) -> None:
    """The errand of `follow_draw` (办理派生任务)."""
    follow_draw(errand.subject, by=SYSTEM, at=clock.now(), on=clock.today())
