"""The timetable: each slot once, missed slots caught up, a killed run taken over."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update

from app.core import audit, timetable
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.timetable import Job, JobRun, Tally
from app.core.web import Songjian
from tests.core.test_audit import Noted
from tests.core.test_outbox import lines

START = datetime(2026, 11, 20, 16, 0, 30, tzinfo=UTC)


def nightly() -> Job:
    def run(on: date) -> Tally:
        audit.record(Noted(subject=uuid4(), by=SYSTEM.id, on=on, what="ran"))
        db.session.commit()
        return Tally(1)

    return Job("test.nightly", "5 0 * * *", run)


def days() -> list[date]:
    from sqlalchemy import text

    return sorted(date.fromisoformat(day) for day in db.session.scalars(text('select "on" from audit_line')))


def test_slots_are_beijing_times() -> None:
    assert nightly().slots(START, START + timedelta(days=2)) == [
        datetime(2026, 11, 20, 16, 5, tzinfo=UTC),
        datetime(2026, 11, 21, 16, 5, tzinfo=UTC),
    ]


def test_missed_nights_are_caught_up_once_each(db_session: object) -> None:
    job = nightly()
    assert timetable.tick([job], START + timedelta(minutes=5)) == 1
    assert timetable.tick([job], START + timedelta(minutes=6)) == 0
    assert timetable.tick([job], START + timedelta(days=4, hours=1)) == 4, "three nights slept through, and tonight's"
    assert days() == [date(2026, 11, 21) + timedelta(days=n) for n in range(5)]


def test_two_timetables_run_each_slot_once(own_app: Songjian) -> None:
    job = nightly()

    def tick() -> None:
        with own_app.app_context(), acting(SYSTEM):
            timetable.tick([job], START + timedelta(days=6))
            db.session.remove()

    with own_app.app_context(), acting(SYSTEM):
        timetable.tick([job], START + timedelta(minutes=5))
        threads = [threading.Thread(target=tick) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(days()) == len(set(days())) == 6


def test_a_killed_run_is_taken_over_after_its_lease(db_session: object) -> None:
    job, at = nightly(), START + timedelta(minutes=5)
    timetable.tick([job], at)
    db.session.execute(update(JobRun).values(finished_at=None))
    assert timetable.tick([job], at + timedelta(minutes=1)) == 0
    assert timetable.tick([job], at + timetable.LEASE + timedelta(minutes=1)) == 1
    assert db.session.scalars(select(JobRun.finished_at)).one() is not None


def test_a_job_that_fails_is_noted_and_others_run(db_session: object) -> None:
    def breaks(_on: date) -> Tally:
        raise RuntimeError("broken")

    assert timetable.tick([Job("test.broken", "5 0 * * *", breaks), nightly()], START + timedelta(minutes=5)) == 2
    assert db.session.scalars(select(JobRun.trouble).where(JobRun.job == "test.broken")).one() == "RuntimeError: broken"
    assert len(lines()) == 1
    assert days() == [date(2026, 11, 21)]
