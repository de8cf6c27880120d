"""A complaint found true weighs on the home's credit once, without a word of whoever complained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.complaints.rules.kinds import Finding
from app.complaints.rules.machine import State
from app.core.actor import SYSTEM
from app.core.db import acting
from app.credit.queries import records as queries
from app.credit.rules.records import RecordKind
from tests.complaints import builders


@pytest.fixture(autouse=True)
def _world(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


@pytest.mark.parametrize(("finding", "records"), [(Finding.TRUE, 1), (Finding.UNTRUE, 0)])
def test_only_what_was_found_true_is_recorded(finding: Finding, records: int) -> None:
    town = builders.a_desk()
    row = builders.brought(town, State.ANSWERED, finding=finding)
    found = [r for r in queries.records_of(town.site.id, seen_by=SYSTEM) if r.kind is RecordKind.COMPLAINT_CONFIRMED]
    assert len(found) == records
    for record in found:
        assert record.facts == f"投诉经核查{finding.label}：照护服务"
        assert builders.NAME not in f"{record.facts}{record.evidence}"
        assert record.cause == f"complaint:{row.id}"
