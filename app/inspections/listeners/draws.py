"""What follows from a draw (抽取之后): its tasks are brought in line by an errand, since a draw may have hundreds."""

from __future__ import annotations

from app.core import outbox
from app.inspections.events.draws import DrawChanged, DrawCompleted, PlanVoided


def follow(done: DrawCompleted | DrawChanged | PlanVoided) -> None:
    """The draw has a new standing: tasks follow (派生检查任务)."""
    outbox.put("draw.follow", done.subject)
