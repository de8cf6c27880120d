"""Escalation exactly once, whoever else is at it (逾期升级恰好一次): two jobs at the same time on a database of their own."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import func, select, text

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.timetable import Tally
from app.core.web import Songjian
from app.inspections.jobs.findings import escalate_overdue
from app.inspections.models import Finding, RectificationStep
from app.inspections.rules.findings import RectificationState
from app.inspections.rules.recheck import StepKind
from tests.inspections import closing
from tests.inspections.closing import PLAIN, SERIOUS
from tests.inspections.field import ON


def test_two_timetables_escalate_each_problem_once(own_app: Songjian) -> None:
    day = ON + timedelta(days=40)
    tallies: list[Tally] = []
    together = threading.Barrier(2)

    def job() -> None:
        with own_app.app_context(), acting(SYSTEM):
            together.wait()
            tallies.append(escalate_overdue(day))

    with own_app.app_context(), acting(SYSTEM):
        c = closing.a_closing()
        row = closing.a_closed_task(c, **{PLAIN: "not_met", SERIOUS: "not_met"})
        closing.an_order(c, row)
        db.session.commit()
        threads = [threading.Thread(target=job) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [t.failed for t in tallies] == [(), ()]
        assert set(db.session.scalars(select(Finding.state))) == {RectificationState.ESCALATED}
        steps = select(func.count()).where(RectificationStep.kind == StepKind.ESCALATED)
        assert db.session.scalar(steps) == 2
        assert db.session.scalar(text("select count(*) from audit_line where event = 'FindingEscalated'")) == 2
        assert escalate_overdue(day + timedelta(days=1)) == Tally(0, ())
