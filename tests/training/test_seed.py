"""The demo world holds every state of staff and training."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.seeds import training
from app.seeds.people import Cast, Office
from app.seeds.sites import Register
from app.training.models import Attendance, Certificate, Employment, ShareCode, StaffImport, TrainingSession
from app.training.queries import certificates as papers
from app.training.rules import CertificateState, EndReason, Finding, Outcome, SessionState
from app.training.rules.certificates import Doubt, Standing, standing
from tests.providers.builders import a_filed_site, an_officer, an_owner
from tests.worlds import an_authority


def seen(column: Any) -> set[Any]:
    return set(db.session.scalars(select(column)))


def a_town(on: date) -> tuple[Cast, Register]:
    """Two homes of one district with its officers, as the demo's own builders hand them over."""
    homes = [a_filed_site(on=on) for _ in range(2)]
    officers = {post.value: [an_officer(homes[0], post)] for post in (Post.HANDLER, Post.REVIEWER)}
    register = Register(by_county={"210102": homes}, owners={home.id: an_owner(home) for home in homes})
    return Cast(offices={"210102": Office(an_authority(), officers)}), register


def test_every_state_is_in_the_demo_world(db_session: object) -> None:
    on = clock.today()
    with acting(SYSTEM):
        cast, register = a_town(on)
        assert training.fill(cast, register, on) == 20
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
