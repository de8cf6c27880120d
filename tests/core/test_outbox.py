"""The outbox: every errand once, side by side, whatever breaks; nothing dropped."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update

from app.core import audit, clock, outbox
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.outbox import Errand, Outbox
from app.core.refusal import Unavailable
from app.core.web import Songjian
from tests.core.test_audit import Noted
from tests.worlds import ON


def note(errand: Errand) -> None:
    audit.record(Noted(subject=errand.subject, by=SYSTEM.id, on=ON, what="errand"))


def put(*, times: int = 1) -> list[UUID]:
    subjects = [uuid4() for _ in range(times)]
    for subject in subjects:
        outbox.put("note", subject)
    db.session.commit()
    return subjects


def lines() -> list[UUID]:
    return sorted(db.session.scalars(text("select subject from audit_line")))


def test_three_workers_do_each_errand_once(own_app: Songjian) -> None:
    def work() -> None:
        with own_app.app_context(), acting(SYSTEM):
            while outbox.work_one({"note": note}):
                db.session.remove()

    with own_app.app_context(), acting(SYSTEM):
        subjects = put(times=30)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert lines() == sorted(subjects)
        assert outbox.backlog().waiting == 0


def test_a_part_that_is_away_delays_and_never_drops(db_session: object) -> None:
    def away(errand: Errand) -> None:
        note(errand)
        raise Unavailable("对象存储暂时连不上")

    (subject,) = put()
    assert outbox.work_one({"note": away})
    assert lines() == [], "what the errand wrote is undone with it"
    row = db.session.scalars(select(Outbox)).one()
    assert row.done_at is None
    assert row.trouble == "对象存储暂时连不上"
    assert row.due_at > clock.now()
    db.session.execute(update(Outbox).values(due_at=clock.now()))
    assert outbox.work_one({"note": note})
    assert lines() == [subject]


def test_a_worker_that_died_is_replaced_after_its_lease(db_session: object) -> None:
    (subject,) = put()
    assert outbox.claim(lease=timedelta(minutes=5)) is not None
    assert not outbox.work_one({"note": note}), "the lease protects who works on it"
    db.session.execute(update(Outbox).values(due_at=clock.now()))
    assert outbox.work_one({"note": note})
    assert lines() == [subject]


def test_a_worker_that_was_slow_is_undone_when_another_took_over(db_session: object) -> None:
    put()

    def slow(errand: Errand) -> None:
        note(errand)
        db.session.execute(update(Outbox).values(claim=uuid4()))

    assert outbox.work_one({"note": slow})
    assert lines() == []
    assert db.session.scalar(select(func.count()).where(Outbox.done_at.is_not(None))) == 0
