"""Jobs of the registry (机构与备案定时任务)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.timetable import Tally, one_by_one
from app.providers import actions, queries


def remind_of_papers(on: date) -> Tally:
    """Remind of papers that run out (证照到期提醒), once a step. Validity itself is computed from the dates."""

    def remind(paper_id: UUID) -> None:
        actions.announce_paper(paper_id, by=SYSTEM, on=on)

    return one_by_one([paper.id for paper in queries.papers_expiring(on, seen_by=SYSTEM)], remind)


def announce_overdue_visits(on: date) -> Tally:
    """Announce first visits that did not take place in time (首次检查超期), once a site."""

    def announce(site_id: UUID) -> None:
        actions.announce_overdue_visit(site_id, by=SYSTEM, on=on)

    return one_by_one(queries.overdue_first_visits(on, seen_by=SYSTEM), announce)


def forget_workbooks(on: date) -> Tally:
    """Let go of uploaded workbooks that were never written (清理未写入的工作簿)."""
    done = actions.forget_workbooks(clock.now(), by=SYSTEM, on=on)
    db.session.commit()
    return Tally(done)
