"""The demo world holds every state of credit (演示信用)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.credit.models.phoenix import PhoenixMatch
from app.credit.models.records import ClassImport, CreditObjection, CreditRecord, ExternalClass
from app.credit.models.tiers import TierOverride
from app.credit.queries import records as queries
from app.credit.rules.classes import ClassSource, ImportState
from app.credit.rules.phoenix import MatchState
from app.credit.rules.records import EndWay, ObjectionState, Standing
from app.seeds import credit, people, sites


@pytest.mark.slow  # a county of the demo world is built first
def test_every_state_of_credit_stands_in_the_demo_world(db_session: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PLACES", {"21": ("2101", ("210102",))})
    now, on = clock.now(), clock.today()
    with acting(SYSTEM):
        cast = people.open_offices(now, on - timedelta(days=318))
        register = sites.fill(cast, on)
        began = time.monotonic()
        count = credit.fill(cast, register, on)
        print(f"{count} 条，{time.monotonic() - began:.1f} 秒")
        rows = db.session.scalars(select(CreditRecord)).all()
        assert len(rows) == count
        assert {queries.record_standing(r, on) for r in rows} == set(Standing) - {Standing.AHEAD}
        assert {r.ended for r in rows} == {None, *EndWay}
        assert {o.state for o in db.session.scalars(select(CreditObjection))} == set(ObjectionState)
        assert {m.state for m in db.session.scalars(select(PhoenixMatch))} == set(MatchState)
        assert {i.state for i in db.session.scalars(select(ClassImport))} == set(ImportState)
        assert {c.source for c in db.session.scalars(select(ExternalClass))} == set(ClassSource)
        manual = db.session.scalars(select(TierOverride)).all()
        assert {o.ended_on is None for o in manual} == {True, False}
        assert any(o.until < on and o.ended_on is None for o in manual), "one that the night has still to end"
        for site_id in {r.site_id for r in rows}:
            assert queries.recompute(site_id, on, seen_by=SYSTEM).agrees
