"""What the evidence vault does by the calendar (证据库定时任务)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.timetable import Tally, one_by_one
from app.ratings.actions import evidence as actions
from app.ratings.queries.evidence import dead_uploads


def expire_uploads(on: date) -> Tally:
    """Take away what nobody finished sending in time (清理逾期上传), each in its own transaction. Safe to run twice."""
    at = clock.now()

    def expire(upload_id: UUID) -> None:
        actions.expire_upload(upload_id, at=at, on=on)

    return one_by_one(dead_uploads(at, seen_by=SYSTEM), expire)
