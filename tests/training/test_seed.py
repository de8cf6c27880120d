"""The demo world holds every state of staff and training."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.web import Songjian
from app.seeds import people, sites, training
from app.training.models import Attendance, Certificate, Employment, ShareCode, StaffImport, TrainingSession
from app.training.queries import certificates as papers
from app.training.rules import CertificateState, EndReason, Finding, Outcome, SessionState
from app.training.rules.certificates import Doubt, Standing, standing


def seen(column: Any) -> set[Any]:
    return set(db.session.scalars(select(column)))


@pytest.mark.slow
def test_every_state_is_in_the_demo_world(own_app: Songjian) -> None:
    on = clock.today()
    with own_app.app_context(), acting(SYSTEM):
        cast = people.open_offices(clock.now(), on)
        register = sites.fill(cast, on)
        assert training.fill(cast, register, on) >= 100
        assert seen(Certificate.state) == set(CertificateState)
        assert seen(Certificate.finding) == set(Finding)
        assert seen(TrainingSession.state) == set(SessionState)
        assert seen(Attendance.outcome) == set(Outcome)
        assert seen(Employment.end_reason) >= {None, EndReason.LEFT, EndReason.MOVED}
        rows = db.session.scalars(select(Certificate)).all()
        assert {standing(row.state, row.finding, row.runs_out_on, on) for row in rows} == set(Standing)
        assert max(papers.twins(rows).values()) > 0
        assert {code for row in rows for code in row.doubts} >= {Doubt.SHAPE, Doubt.MISSING}
        assert {row.revoked_on is None for row in db.session.scalars(select(ShareCode))} == {True, False}
        assert db.session.scalars(select(StaffImport)).first() is not None
