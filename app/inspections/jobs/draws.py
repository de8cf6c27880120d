"""Jobs of draws (抽查定时任务)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.timetable import Tally, one_by_one
from app.inspections.actions.draws import reveal_plan
from app.inspections.queries.draws import due_for_reveal


def reveal_due(on: date) -> Tally:
    """Reveal every drawn plan whose day has come (到期公开抽取结果), each in its own transaction."""

    def reveal(plan_id: UUID) -> None:
        reveal_plan(plan_id, by=SYSTEM, at=clock.now(), on=on)

    return one_by_one(due_for_reveal(on), reveal)
