"""The risk tier by the table (风险等级): grades start it, floors raise it, the list holds it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.refusal import Refused
from app.core.standards import BadEdition, parse
from app.credit.rules.records import RecordKind
from app.credit.rules.score import Grade
from app.credit.rules.tier import Facts, Manual, TierTable, TierWay, check_override, decide, tables
from app.providers.rules import Tier

TABLE = tables().edition("platform_tiers", "2026-01-01")
ON = date(2026, 11, 24)
K = RecordKind


@pytest.mark.parametrize(
    ("facts", "tier", "code"),
    [
        (Facts(None), Tier.B, "unrated"),
        (Facts(None, unrated=Tier.C), Tier.C, "unrated"),
        (Facts(Grade.A), Tier.A, "grade.A"),
        (Facts(Grade.B), Tier.B, "grade.B"),
        (Facts(Grade.C), Tier.C, "grade.C"),
        (Facts(Grade.D), Tier.D, "grade.D"),
        (Facts(Grade.A, listed=True), Tier.D, "listed"),
        (Facts(Grade.A, watched=True), Tier.C, "watched"),
        (Facts(Grade.D, watched=True), Tier.D, "grade.D"),
        (Facts(Grade.A, phoenix=True), Tier.C, "phoenix"),
        (Facts(Grade.B, records={K.PENALTY_SERIOUS}), Tier.D, "record"),
        (Facts(Grade.B, records={K.RECTIFICATION_OVERDUE}), Tier.C, "record"),
        (Facts(Grade.B, records={K.FINDING_MINOR}), Tier.B, "grade.B"),
    ],
)
def test_the_table_gives_tier_and_reason(facts: Facts, tier: Tier, code: str) -> None:
    found = decide(TABLE, facts, on=ON)
    assert (found.tier, found.reasons[0].code, found.way) == (tier, code, TierWay.COMPUTED)


some_facts = st.builds(
    Facts,
    grade=st.none() | st.sampled_from(list(Grade)),
    listed=st.booleans(),
    watched=st.booleans(),
    phoenix=st.booleans(),
    records=st.frozensets(st.sampled_from(list(RecordKind))),
)
some_manual = st.none() | st.builds(
    Manual, tier=st.sampled_from(list(Tier)), reason=st.just("示例理由"), since=st.just(ON), until=st.just(ON)
)


@settings(deadline=None)
@given(some_facts, some_manual)
def test_listed_is_never_lowered(facts: Facts, manual: Manual | None) -> None:
    found = decide(TABLE, facts, manual=manual, on=ON)
    assert found.reasons
    if facts.listed:
        assert (found.tier, found.way) == (Tier.D, TierWay.COMPUTED)


def test_a_manual_tier_holds_to_its_last_day() -> None:
    manual = Manual(Tier.C, "专项整治期间重点检查", ON, ON + timedelta(days=10))
    assert decide(TABLE, Facts(Grade.A), manual=manual, on=ON + timedelta(days=10)).tier is Tier.C
    after = decide(TABLE, Facts(Grade.A), manual=manual, on=ON + timedelta(days=11))
    assert (after.tier, after.way) == (Tier.A, TierWay.COMPUTED)


def test_a_manual_tier_needs_reason_and_end_and_cannot_lower_the_listed() -> None:
    def asked(**changed: object) -> str:
        given: dict[str, object] = {
            "tier": Tier.A,
            "reason": "经实地复核，风险已经消除",
            "until": ON,
            "on": ON,
            "listed": False,
            "most_days": 180,
        }
        with pytest.raises(Refused) as refused:
            check_override(**(given | changed))  # type: ignore[arg-type]
        return refused.value.code

    assert asked(reason="好") == "tier.reason"
    assert asked(until=ON - timedelta(days=1)) == "tier.until"
    assert asked(until=ON + timedelta(days=181)) == "tier.too_long"
    assert asked(listed=True) == "tier.listed"
    check_override(tier=Tier.D, reason="列入期间再次提级说明", until=ON, on=ON, listed=True, most_days=180)


def test_a_table_that_lowers_the_listed_is_no_table() -> None:
    data = {
        "kind": "credit_tiers", "code": "soft", "edition": "2026-01-01", "name": "示例", "basis": "示例", "confidence": "draft",
        "in_force_from": "2026-01-01", "by_grade": {"A": "A", "B": "B", "C": "C", "D": "D"},
        "floors": [{"ground": "listed", "tier": "C", "confidence": "draft", "source": "示例"}],
    }  # fmt: skip
    with pytest.raises(BadEdition):
        parse(data, TierTable)
