"""The life of a task (检查任务): states, notice, cap, team, clocks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.core.refusal import Refused
from app.inspections.rules.task import (
    NEXT,
    CapVerdict,
    Officer,
    ResultCode,
    Signing,
    TaskKind,
    TaskState,
    TaskVerb,
    Visit,
    check_approval,
    check_arrival,
    check_cap,
    check_notice,
    check_publisher,
    check_reviewer,
    check_signing,
    check_team,
    coverage,
    earliest_visit,
    first_visit_due,
    next_state,
    publication_due,
    recheck_due,
    signing_gaps,
    withdrawal_due,
    yearly_cap,
)

S, V, K = TaskState, TaskVerb, TaskKind
ON = date(2026, 11, 24)  # a Tuesday
YEAR = date(2026, 1, 1), date(2026, 12, 31)


def weekdays(start: date, count: int) -> date:
    """Monday to Friday, holidays left out of the test."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda r: r.code == code)


def test_the_whole_way_of_a_task() -> None:
    state = S.PLANNED
    way = [V.APPROVE, V.NOTIFY, V.CHECK_IN, V.START, V.SIGN, V.RETURN, V.SIGN, V.REVIEW, V.CLOSE, V.PUBLISH, V.WITHDRAW]
    for verb in way:
        state = next_state(state, verb)
    assert state is S.WITHDRAWN


def test_an_inspection_starts_with_an_approval_and_cannot_be_cancelled_once_there() -> None:
    with _refused("task.not_now"):
        next_state(S.PLANNED, V.CHECK_IN)
    assert {state for state, verb in NEXT if verb is V.CANCEL} == {S.PLANNED, S.APPROVED, S.NOTICED}
    assert {state for state, verb in NEXT if verb is V.PUBLISH} == {S.CLOSED}


# --- notice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [K.DAILY, K.SPECIAL])
def test_three_working_days_of_notice(kind: TaskKind) -> None:
    friday, tuesday, wednesday = date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 25)
    assert earliest_visit(kind, noticed_on=friday, add_working_days=weekdays) == wednesday
    arrival: dict[str, Any] = {"noticed_on": friday, "on_arrival_reason": "", "add_working_days": weekdays}
    check_notice(kind)
    check_arrival(kind, on=wednesday, **arrival)
    with _refused("task.notice_running"):
        check_arrival(kind, on=tuesday, **arrival)
    with _refused("task.not_noticed"):
        check_arrival(kind, on=wednesday, **{**arrival, "noticed_on": None})
    check_arrival(kind, on=tuesday, **{**arrival, "noticed_on": None, "on_arrival_reason": "汛期安全"})


def test_a_case_inspection_is_never_announced() -> None:
    with _refused("task.no_notice"):
        check_notice(K.CASE)
    check_arrival(K.CASE, noticed_on=None, on=ON, on_arrival_reason="", add_working_days=weekdays)


# --- the team ---------------------------------------------------------------------------------------------------------


def _officer(name: str, certificate: str = "示00001", until: date = YEAR[1], **other: Any) -> Officer:
    return Officer(name, certificate, YEAR[0], until, **other)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (_officer("ben"), ""),
        (_officer("ben", until=ON), ""),
        (_officer("ben", until=date(2026, 11, 23)), "task.two_officers"),
        (_officer("expert", certificate=""), "task.two_officers"),
        (Officer("helper", "", None, None), "task.two_officers"),
        (_officer("anna"), "task.two_officers"),
        (_officer("ben", recused=True), "task.recused"),
    ],
)
def test_two_officers_with_valid_certificates(second: Officer, code: str) -> None:
    team = [_officer("anna"), second]
    if not code:
        check_team(team, on=ON)
        return
    with _refused(code):
        check_team(team, on=ON)


def test_planner_approver_inspector_reviewer_and_publisher_are_different_people() -> None:
    check_approval(planned_by="anna", approved_by="chief", item_published=True)
    with _refused("task.own_approval"):
        check_approval(planned_by="anna", approved_by="anna", item_published=True)
    with _refused("task.item_not_published"):
        check_approval(planned_by="anna", approved_by="chief", item_published=False)
    with _refused("task.own_review"):
        check_reviewer("anna", inspectors=["anna", "ben"])
    for person in ("anna", "rita"):
        with _refused("task.own_publication"):
            check_publisher(person, inspectors=["anna", "ben"], reviewer="rita")
    check_publisher("paul", inspectors=["anna", "ben"], reviewer="rita")


# --- how often --------------------------------------------------------------------------------------------------------

HISTORY = [
    Visit("t1", K.DAILY, date(2026, 3, 1)),
    Visit("t2", K.SPECIAL, date(2026, 4, 1), joint=True),
    Visit("t3", K.SPECIAL, date(2026, 5, 1), from_above=True),
    Visit("t4", K.RECHECK, date(2026, 6, 1)),
    Visit("t5", K.CASE, date(2026, 7, 1)),
    Visit("t6", K.DAILY, date(2025, 7, 1)),
]


@pytest.mark.parametrize(
    ("kind", "from_above", "limit", "verdict"),
    [
        (K.DAILY, False, 4, CapVerdict.WITHIN),
        (K.DAILY, False, 3, CapVerdict.OVER),
        (K.SPECIAL, False, 3, CapVerdict.OVER),
        (K.SPECIAL, True, 3, CapVerdict.NOT_COUNTED),
        (K.CASE, False, 3, CapVerdict.NEEDS_REASON),
        (K.RECHECK, False, 0, CapVerdict.NOT_COUNTED),
    ],
)
def test_yearly_cap(kind: TaskKind, from_above: bool, limit: int, verdict: CapVerdict) -> None:
    cap = yearly_cap(kind, on=ON, from_above=from_above, history=HISTORY, limit=limit)
    assert (cap.verdict, cap.counted, cap.ordinal) == (verdict, ("t1", "t2", "t5"), 4)


def test_the_cap_bars_plans_and_asks_a_reason_for_clues() -> None:
    def cap(kind: TaskKind) -> Any:
        return yearly_cap(kind, on=ON, from_above=False, history=HISTORY, limit=3)

    with _refused("task.cap"):
        check_cap(cap(K.DAILY), reason="任务需要")
    with _refused("task.cap_reason"):
        check_cap(cap(K.CASE))
    check_cap(cap(K.CASE), reason="举报反映夜间无人值班")


def test_coverage_counts_what_was_done_in_the_year() -> None:
    assert coverage(HISTORY, year=2026).complete
    assert coverage(HISTORY, year=2026).joint == ("t2",)
    assert not coverage([Visit("t7", K.DAILY, ON, joint=True, done=False)], year=2026).complete


# --- signing and clocks -----------------------------------------------------------------------------------------------


def test_signing_waits_for_everything_and_says_for_what() -> None:
    whole = Signing((), (), (), (), (), (), {"anna", "ben"}, party_signed_or_refused=True)
    check_signing(whole)
    gaps = signing_gaps(Signing(["G-1"], ["G-2"], ["设备缺1条"], ["G-3"], ["G-4"], ["@rights_read"], {"anna"}, False))
    assert len(gaps) == 8
    assert gaps[1] == "尚未作答：G-1"
    with _refused("task.not_ready_to_sign"):
        check_signing(Signing((), ("G-2",), (), (), (), (), {"anna", "ben"}, party_signed_or_refused=True))


def test_the_clocks_run_in_working_days() -> None:
    friday = date(2026, 11, 20)
    assert publication_due(ended_on=friday, add_working_days=weekdays) == date(2026, 12, 18)
    assert first_visit_due(accepted_on=friday, add_working_days=weekdays) == date(2026, 12, 18)
    assert withdrawal_due(revoked_on=friday, add_working_days=weekdays) == date(2026, 11, 25)
    assert recheck_due(reported_on=friday, working_days=5, add_working_days=weekdays) == date(2026, 11, 27)


def test_only_wording_seen_in_use_is_published() -> None:
    assert [c.label for c in ResultCode if c.publishable] == [
        "正常",
        "发现问题已责令改正",
        "未按规定公示",
        "通过登记住所无法联系",
    ]
