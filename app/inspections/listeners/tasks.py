"""What follows from an accepted filing (备案之后): the first visit is planned, without team, for the handler to complete."""

from __future__ import annotations

from app.core import calendar, clock
from app.core.actor import SYSTEM
from app.core.db import current_actor
from app.inspections.actions import tasks as actions
from app.inspections.queries import tasks
from app.inspections.rules.task import TaskKind, TaskSource, TaskState
from app.providers.events import FilingAccepted
from app.providers.rules.kinds import FilingKind


def plan_first_visit(done: FilingAccepted) -> None:
    """A site was filed: a first visit is drafted for the last day of its clock (拟定备案后首次检查)."""
    if done.kind is not FilingKind.FIRST:
        return
    actor = current_actor()
    by = actor if actor.id == done.by else SYSTEM
    known = tasks.tasks_of_site(done.site_id, seen_by=by)
    if any(t.kind is TaskKind.FIRST_VISIT and t.state is not TaskState.CANCELLED for t in known):
        return
    running = calendar.open_clock("first_visit", done.site_id)
    actions.plan_task(
        done.site_id,
        kind=TaskKind.FIRST_VISIT,
        planned_on=running.due_on if running else done.on,
        source=TaskSource.FILING,
        source_id=done.subject,
        source_words=done.number,
        by=by,
        at=clock.now(),
        on=done.on,
    )
