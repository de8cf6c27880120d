"""The demo world holds every state of the list (演示名单)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.credit.models.listing import ListEntry, ListObjection, RepairApplication
from app.credit.queries.listing import stands_on
from app.credit.rules.listing import EntryState, ListKind, ObjectionState, RepairState, SubjectKind
from app.seeds import listing, people, sites


@pytest.mark.slow  # the whole register of the demo world is built first
def test_every_state_stands_in_the_demo_world(db_session: object) -> None:
    now, on = clock.now(), clock.today()
    with acting(SYSTEM):
        cast = people.open_offices(now, on - timedelta(days=318))
        register = sites.fill(cast, on)
        began = time.monotonic()
        count = listing.fill(cast, register, on)
        print(f"{count} 件，{time.monotonic() - began:.1f} 秒")
        rows = db.session.scalars(select(ListEntry)).all()
        assert {row.state for row in rows} == set(EntryState)
        assert {row.kind for row in rows} == set(ListKind)
        assert {row.subject_kind for row in rows} == set(SubjectKind)
        assert len(rows) == count
        assert {o.state for o in db.session.scalars(select(ListObjection))} >= {
            ObjectionState.RECEIVED, ObjectionState.MARKED, ObjectionState.REJECTED,
        }  # fmt: skip
        assert {a.state for a in db.session.scalars(select(RepairApplication))} >= {
            RepairState.SUBMITTED, RepairState.ACCEPTED, RepairState.PAUSED, RepairState.REFUSED, RepairState.APPROVED,
        }  # fmt: skip
        assert db.session.scalars(select(ListEntry.id).where(stands_on(on))).all()
