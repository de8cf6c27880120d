"""A year of nights: every alert exactly once, with three nights missed and two timetables side by side."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app import schedule
from app.core import clock, timetable
from app.core.actor import SYSTEM
from app.core.audit import AuditLine
from app.core.db import acting, db
from app.core.web import Songjian
from app.training import jobs
from app.training.models import CertificateAlert
from tests.providers.builders import a_filed_site
from tests.training.builders import a_carer, a_certificate, a_number

START = date(2026, 1, 6)
STEPS = (90, 60, 30, 7, 0, -1)
JOB = [job for job in schedule.JOBS if job.name == "training.remind_of_certificates"]


@pytest.fixture
def year(own_app: Songjian) -> Iterator[Songjian]:
    with own_app.app_context(), acting(SYSTEM):
        yield own_app


def a_world() -> tuple[set[date], int]:
    """Sixteen certificates over the year; one holder works at two homes. Gives the last days and how many employers are told."""
    before = START - timedelta(days=1)
    sites = [a_filed_site(on=before), a_filed_site(on=before)]
    ends = {START + timedelta(days=91 + 17 * n) for n in range(15)} | {date(2026, 12, 31)}
    number = a_number()
    for n, end in enumerate(sorted(ends)):
        both = n == 3
        job = a_carer(sites[0], name=f"示例·年{n}", identity=number if both else "", on=before)
        if both:
            a_carer(sites[1], name=f"示例·年{n}", identity=number, on=before)
        a_certificate(
            job, valid_to=end, issued_on=end - timedelta(days=365) if end - timedelta(days=365) <= before else before, on=before
        )
    db.session.commit()
    return ends, len(ends) + 1


def night(app: Songjian, now: datetime) -> None:
    """Two timetables tick at the same moment."""
    faults: list[BaseException] = []

    def one() -> None:
        try:
            with app.app_context(), acting(SYSTEM):
                timetable.tick(JOB, now)
        except BaseException as fault:
            faults.append(fault)

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert faults == []


@pytest.mark.slow
def test_each_alert_exactly_once_in_a_year_with_missed_nights_and_two_timetables(year: Songjian) -> None:
    ends, employers = a_world()
    missed = {min(ends) - timedelta(days=60), min(ends) - timedelta(days=59), sorted(ends)[4] - timedelta(days=7)}
    day = START
    while day <= START + timedelta(days=365):
        if day not in missed:
            night(year, datetime(day.year, day.month, day.day, 0, 20, 30, tzinfo=clock.BEIJING))
        day += timedelta(days=1)
    rows = db.session.scalars(select(CertificateAlert)).all()
    counted = Counter((row.employment_id, row.certificate_id, row.step) for row in rows)
    assert set(counted.values()) == {1}
    reached = sum(step >= 0 or end < START + timedelta(days=365) for end in ends for step in STEPS)
    assert len(rows) == reached + len(STEPS), "one holder has two employers"
    assert employers == len({row.employment_id for row in rows})
    lines = db.session.scalars(select(AuditLine).where(AuditLine.event.in_(["CertificateExpiring", "CertificateExpired"]))).all()
    assert len(lines) == len(rows), "each alert is told once"
    for row in rows:
        due = row.runs_out_on - timedelta(days=row.step)
        # two timetables catch up side by side: the slot of tonight may be done before the missed one
        assert due <= row.told_on <= due + timedelta(days=2 if due in missed else 0)


def test_a_late_run_without_catching_up_still_tells_each_step_once(db_session: object) -> None:
    """Nights are simply gone: the next run tells the step that holds then, with the days that are really left."""
    with acting(SYSTEM):
        before = START - timedelta(days=1)
        end = START + timedelta(days=95)
        a_certificate(a_carer(a_filed_site(on=before), on=before), valid_to=end, issued_on=before, on=before)
        db.session.commit()
        for left in (95, 91, 88, 88, 61, 57, 31, 29, 8, 5, 1, 0, 0, -3, -9):
            assert jobs.remind_of_certificates(end - timedelta(days=left)).failed == ()
        rows = db.session.scalars(select(CertificateAlert).order_by(CertificateAlert.told_on)).all()
        assert [(row.step, (end - row.told_on).days) for row in rows] == [(90, 88), (60, 57), (30, 29), (7, 5), (0, 0), (-1, -3)]


def test_a_renewed_certificate_begins_anew(db_session: object) -> None:
    with acting(SYSTEM):
        job = a_carer(a_filed_site(on=START), on=START)
        old = a_certificate(job, valid_to=START + timedelta(days=20), on=START)
        db.session.commit()
        jobs.remind_of_certificates(START)
        a_certificate(job, valid_to=START + timedelta(days=40), replaces=old.id, on=START)
        db.session.commit()
        for n in range(3):
            jobs.remind_of_certificates(START + timedelta(days=n))
        found = db.session.scalars(select(CertificateAlert).order_by(CertificateAlert.runs_out_on)).all()
        assert [(row.certificate_id == old.id, row.step) for row in found] == [(True, 30), (False, 60)]
