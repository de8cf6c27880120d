"""Builders of credit for tests (信用测试构件): records by hand, by one of the kinds that an officer may enter. Real verbs only."""

from __future__ import annotations

import itertools
from datetime import date
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.credit.actions import records as actions
from app.credit.models.records import CreditRecord
from app.credit.rules.records import RecordKind
from tests.providers.builders import AT, ON

_serial = itertools.count(1)


def a_record(
    site_id: UUID, kind: RecordKind = RecordKind.PENALTY_GENERAL, *, since: date = ON, by: Actor = SYSTEM, on: date | None = None
) -> CreditRecord:
    """A record entered by hand (手工记入), from the day of the decision."""
    return actions.add_record(
        site_id,
        kind,
        facts="示例：未按规定签订服务协议，已作出处罚决定",
        clause="《养老机构管理办法》（民政部令第66号）",
        source="示例·民政局",
        number=f"示民罚〔{since.year}〕{next(_serial)}号",
        decided_on=since,
        by=by,
        at=AT,
        on=on or since,
    )
