"""Jobs of rectification (整改定时任务)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.timetable import Tally, one_by_one
from app.inspections.actions.findings import escalate_if_due
from app.inspections.queries.findings import to_escalate


def escalate_overdue(on: date) -> Tally:
    """Escalate every problem past its day (逾期升级督办), once in its life, each in its own transaction. Safe to run twice."""

    def escalate(finding_id: UUID) -> None:
        escalate_if_due(finding_id, by=SYSTEM, at=clock.now(), on=on)

    return one_by_one(to_escalate(on, seen_by=SYSTEM), escalate)
