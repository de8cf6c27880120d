"""Jobs of publication (公示定时任务)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from app.core.db import db
from app.core.timetable import Tally, one_by_one
from app.public import actions
from app.public.queries import sources


def note_record(on: date) -> Tally:
    """Publish where the record stood when yesterday ended (公示每日链头). Safe to run twice."""
    actions.note_audit_day(on - timedelta(days=1))
    db.session.commit()
    return Tally(1)


def count_words(on: date) -> Tally:  # noqa: ARG001 — every job is told its day
    """Count common words anew (统计常用词), so that searches choose the right plan."""
    actions.count_words()
    db.session.commit()
    return Tally(1)


def rebuild(on: date) -> Tally:
    """Publish every site anew, each in its own transaction (逐家复核公示). Finds nothing to change when all is well."""

    def one(site_id: UUID) -> None:
        actions.rebuild_facility(site_id, on)

    return one_by_one(sources.sites_to_publish(), one)
