"""Fifty hands at once: of contradictory decisions one takes effect, the others are told clearly, one line is in the record."""

from __future__ import annotations

import threading

from sqlalchemy import text

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.web import Songjian
from app.ratings.actions import decisions
from app.ratings.rules.process import Choice, State
from tests.ratings.builders import ON, a_work


def test_fifty_contradictory_decisions_leave_one(own_app: Songjian) -> None:
    with own_app.app_context():
        work = a_work()
        row = work.until(State.PROPOSED)
        work.convene(row)
        work.vote(row, Choice.AGREE)
        chair, row_id = work.head, row.id
        db.session.commit()
        with acting(SYSTEM):
            before = db.session.scalar(text("select count(*) from audit_line"))
    outcomes: list[str] = []
    start = threading.Barrier(50)

    def act(number: int) -> None:
        start.wait()
        with own_app.app_context(), acting(chair):
            try:
                if number % 2:
                    decisions.decide(row_id, by=chair, on=ON)
                else:
                    decisions.send_back(row_id, "示例：重看", by=chair, on=ON)
                db.session.commit()
                outcomes.append("done")
            except Refused as refusal:
                db.session.rollback()
                outcomes.append(refusal.code if "刷新" in refusal.sentence else "unclear")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done"] + ["rating.not_now"] * 49
    with own_app.app_context(), acting(SYSTEM):
        after = db.session.execute(text("select event from audit_line order by seq desc limit 1")).scalar_one()
        assert after in ("RatingDecided", "ApplicationMoved")
        assert db.session.scalar(text("select count(*) from audit_line")) == (before or 0) + 1
