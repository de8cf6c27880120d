"""What the clock does in the registry (机构与备案定时任务): each thing told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core import calendar
from app.core.actor import SYSTEM
from app.core.audit import AuditLine
from app.core.db import acting, db
from app.providers import actions, jobs
from app.providers.models import RegisterImport
from app.providers.rules import PaperKind
from tests.providers.builders import AT, ON, a_filed_site
from tests.providers.test_import import a_register, an_importer, checked


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


def told(event: str) -> list[AuditLine]:
    db.session.commit()
    return list(db.session.scalars(select(AuditLine).where(AuditLine.event == event).order_by(AuditLine.seq)))


def test_papers_are_reminded_of_once_a_step() -> None:
    site = a_filed_site()
    for days in (5, 400):
        actions.attach_paper(site.id, PaperKind.LIFT, valid_until=ON + timedelta(days=days), by=SYSTEM, at=AT, on=ON)
    db.session.commit()
    for _ in range(2):
        assert jobs.remind_of_papers(ON).failed == ()
    jobs.remind_of_papers(ON + timedelta(days=6))
    assert [line.facts["days"] for line in told("PaperExpiring")] == [7, 0]


def test_an_overdue_first_visit_is_announced_once() -> None:
    late, visited = a_filed_site(), a_filed_site()
    clock = calendar.open_clock("first_visit", late.id)
    assert clock is not None
    due = clock.due_on
    calendar.meet_clock("first_visit", visited.id, ON)
    db.session.commit()
    for day in (due, due + timedelta(days=1), due + timedelta(days=1), due + timedelta(days=9)):
        assert jobs.announce_overdue_visits(day).failed == ()
    lines = told("FirstVisitOverdue")
    assert [(line.subject, line.facts["due_on"]) for line in lines] == [(late.id, str(due))]


def test_workbooks_that_nobody_entered_are_let_go() -> None:
    row = checked(a_register(1), an_importer())
    db.session.commit()
    assert jobs.forget_workbooks(date(2026, 11, 24)).done == 0, "younger than a week"
    row.uploaded_at = AT - timedelta(days=30)
    db.session.commit()
    assert jobs.forget_workbooks(date(2026, 11, 24)).done == 1
    assert db.session.scalars(select(RegisterImport.workbook)).all() == [None]
