"""Findings, deadlines and rectification (问题与整改)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.refusal import Refused
from app.core.standards import load
from app.inspections.rules.answers import Kind, fold
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.findings import (
    NEXT,
    Basis,
    DeadlineTable,
    ExtensionState,
    RectificationState,
    RectificationVerb,
    Remedy,
    check_downgrade,
    check_escalation,
    check_extension_decision,
    check_extension_request,
    check_recheckers,
    check_transfer,
    deadline,
    findings_of,
    next_state,
    overdue,
    should_escalate,
    without_fact,
    without_reason,
)
from app.inspections.standards import FOLDER
from tests.inspections.builders import ON, a_checklist, a_hazard, an_edition, an_item, an_operation

TABLE = load(FOLDER, DeadlineTable).in_force("deadlines", on=ON)
S, V = RectificationState, RectificationVerb
LIST = a_checklist(
    an_edition(an_item("G-1"), an_item("G-2", severity="serious"), an_item("G-3", confidence="draft"), an_item("G-4")),
    an_edition(a_hazard("H-1"), a_hazard("H-2", confidence="draft"), a_hazard("H-3"), code="hazards", force="veto"),
)


def test_one_finding_a_problem_with_what_may_follow_from_it() -> None:
    given = {
        "G-1": "not_met",
        "G-2": "not_met",
        "G-3": "not_met",
        "G-4": "referred",
        "H-1": "not_met",
        "H-2": "not_met",
        "H-3": "referred",
    }
    found = findings_of(LIST, fold(an_operation(code, value) for code, value in given.items()))
    assert [(f.item, f.severity, f.basis) for f in found] == [
        ("H-1", Severity.MAJOR, Basis.ORDER),
        ("G-2", Severity.SERIOUS, Basis.ORDER),
        ("H-2", Severity.SERIOUS, Basis.JUDGEMENT),
        ("H-3", Severity.SERIOUS, Basis.JUDGEMENT),
        ("G-1", Severity.MINOR, Basis.ORDER),
        ("G-3", Severity.MINOR, Basis.ADVICE),
    ]


def test_a_finding_carries_facts_measures_photos_and_the_inspectors_choices() -> None:
    said = an_operation("G-1", "not_met")
    ops = [
        said,
        an_operation("G-1", "二层东侧堆放轮椅3辆", Kind.REMARK.value),
        an_operation("G-1", "14时41分当场移走", Kind.MEASURE.value),
        an_operation("G-1", "aa" * 32, Kind.PHOTO.value),
        an_operation("G-1", "serious", Kind.SEVERITY.value),
        an_operation("G-1", "on_the_spot", Kind.REMEDY.value),
    ]
    (found,) = findings_of(LIST, fold(ops))
    assert (found.facts, found.measures, found.photos) == (("二层东侧堆放轮椅3辆",), ("14时41分当场移走",), ("aa" * 32,))
    assert (found.severity, found.remedy, found.department) == (Severity.SERIOUS, Remedy.ON_THE_SPOT, Department.CIVIL_AFFAIRS)
    assert found.line.operations == (said.op_id,)


def test_only_the_hazard_list_makes_a_major_problem() -> None:
    lifted = findings_of(LIST, fold([an_operation("G-1", "not_met"), an_operation("G-1", "major", Kind.SEVERITY.value)]))
    lowered = findings_of(LIST, fold([an_operation("H-1", "not_met"), an_operation("H-1", "minor", Kind.SEVERITY.value)]))
    assert (lifted[0].severity, lowered[0].severity) == (Severity.SERIOUS, Severity.MAJOR)


def test_before_signing_facts_and_reasons_are_asked_for() -> None:
    catch_all = a_checklist(
        an_edition(an_item("G-1"), an_item("G-2")), an_edition(a_hazard("H-1", reason_required="always"), code="h", force="veto")
    )
    fact = Kind.REMARK.value
    bare = [
        an_operation("G-1", "not_met"),
        an_operation("G-2", "not_applicable"),
        an_operation("H-1", "not_met"),
        an_operation("H-1", "示例事实", fact),
    ]
    assert without_fact(catch_all, fold(bare)) == ("G-1", "H-1")
    assert without_reason(catch_all, fold(bare)) == ("G-2",)
    whole = [
        an_operation("G-1", "not_met"), an_operation("G-1", "示例事实", fact), an_operation("G-2", "not_applicable", reason="无此设施"),
        an_operation("H-1", "not_met", reason="可能致多人伤亡"), an_operation("H-1", "示例事实", fact),
    ]  # fmt: skip
    assert without_fact(catch_all, fold(whole)) == without_reason(catch_all, fold(whole)) == ()


@pytest.mark.parametrize(
    ("severity", "remedy", "days", "plan", "stop"),
    [
        (Severity.MINOR, Remedy.ON_THE_SPOT, 0, False, False),
        (Severity.MINOR, Remedy.WITHIN_TERM, 15, False, False),
        (Severity.SERIOUS, Remedy.WITHIN_TERM, 30, False, False),
        (Severity.SERIOUS, Remedy.CONSTRUCTION, 180, True, False),
        (Severity.MAJOR, Remedy.CONSTRUCTION, 0, True, True),
    ],
)
def test_deadline(severity: Severity, remedy: Remedy, days: int, plan: bool, stop: bool) -> None:
    result = deadline(severity, remedy, ordered_on=ON, table=TABLE)
    assert (result.due, result.plan, result.stop) == (ON + timedelta(days=days), plan, stop)
    assert "平台默认" in result.source


def _refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda r: r.code == code)


def test_lowering_a_major_hazard_needs_a_reason_and_another_person() -> None:
    with _refused("finding.downgrade_reason"):
        check_downgrade(Severity.MAJOR, Severity.SERIOUS, proposed_by="anna", approved_by="chief", reason=" ")
    for approver in ("", "anna"):
        with _refused("finding.downgrade_approver"):
            check_downgrade(Severity.MAJOR, Severity.SERIOUS, proposed_by="anna", approved_by=approver, reason="专家论证")
    check_downgrade(Severity.MAJOR, Severity.SERIOUS, proposed_by="anna", approved_by="chief", reason="专家论证")
    check_downgrade(Severity.SERIOUS, Severity.MINOR, proposed_by="anna", approved_by="", reason="")


def test_the_way_of_a_problem() -> None:
    state = S.OPEN
    for verb, then in (
        (V.REPORT, S.REPORTED), (V.FAIL, S.AGAIN), (V.ESCALATE, S.ESCALATED), (V.REPORT, S.REPORTED), (V.PASS, S.CLOSED),
    ):  # fmt: skip
        state = next_state(state, verb)
        assert state is then
    with _refused("rectification.not_now"):
        next_state(S.CLOSED, V.REPORT)


def test_nothing_is_closed_without_a_report_or_another_departments_result() -> None:
    assert {(state, verb) for (state, verb), to in NEXT.items() if to is S.CLOSED} == {
        (S.REPORTED, V.PASS), (S.TRANSFERRED, V.RECEIVE_RESULT),
    }  # fmt: skip
    assert not {state for state, _ in NEXT} & {S.CLOSED, S.REVOKED}


def test_the_closer_rechecked_and_did_not_report() -> None:
    check_recheckers(["ben", "cora"], reported_by=["anna"], closer="ben")
    with _refused("rectification.two_recheckers"):
        check_recheckers(["ben", "ben"], reported_by=["anna"], closer="ben")
    with _refused("rectification.closer_reported"):
        check_recheckers(["anna", "ben"], reported_by=["anna"], closer="anna")
    with _refused("rectification.closer_rechecked"):
        check_recheckers(["ben", "cora"], reported_by=["anna"], closer="dora")


def test_overdue_starts_the_day_after_and_ends_with_the_report() -> None:
    due = date(2026, 12, 9)
    assert not overdue(S.OPEN, due=due, on=due)
    assert overdue(S.OPEN, due=due, on=date(2026, 12, 10))
    assert not overdue(S.REPORTED, due=due, on=date(2026, 12, 10))


@given(st.lists(st.sampled_from([*RectificationVerb, None]), max_size=40))
def test_escalation_happens_once_whatever_comes(days: list[RectificationVerb | None]) -> None:
    """Day after day the clock asks, people act in any order: at most one escalation."""
    state, escalated_on, times, on = S.OPEN, None, 0, ON
    for verb in days:
        on += timedelta(days=1)
        if should_escalate(state, due=ON, on=on, escalated_on=escalated_on):
            check_escalation(escalated_on=escalated_on)
            state, escalated_on, times = next_state(state, V.ESCALATE), on, times + 1
        if verb is not None and verb is not V.ESCALATE and (state, verb) in NEXT:
            state = next_state(state, verb)
    assert times <= 1
    if escalated_on is not None:
        with _refused("rectification.escalated"):
            check_escalation(escalated_on=escalated_on)


def test_a_transfer_goes_elsewhere_with_a_reason() -> None:
    check_transfer(to=Department.FIRE, own=Department.CIVIL_AFFAIRS, reason="消防设施停用")
    with _refused("rectification.transfer_to_self"):
        check_transfer(to=Department.FIRE, own=Department.FIRE, reason="消防设施停用")
    with _refused("rectification.transfer_reason"):
        check_transfer(to=Department.FIRE, own=Department.CIVIL_AFFAIRS, reason="")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"severity": Severity.MAJOR}, "extension.major"),
        ({"state": S.REPORTED}, "extension.not_now"),
        ({"asked_on": date(2026, 12, 10)}, "extension.late"),
        ({"reason": ""}, "extension.reason"),
        ({"granted_before": 1}, "extension.too_many"),
        ({"wanted": date(2026, 12, 9)}, "extension.range"),
        ({"wanted": ON + timedelta(days=181)}, "extension.range"),
    ],
)
def test_extension_request(change: dict[str, Any], code: str) -> None:
    request: dict[str, Any] = {
        "state": S.OPEN, "severity": Severity.MINOR, "ordered_on": ON, "due": date(2026, 12, 9), "asked_on": date(2026, 12, 9),
        "wanted": ON + timedelta(days=180), "granted_before": 0, "reason": "须更换防火门", "table": TABLE, **change,
    }  # fmt: skip
    state, severity = request.pop("state"), request.pop("severity")
    if not code:
        check_extension_request(state, severity, **request)
        return
    with _refused(code):
        check_extension_request(state, severity, **request)


def test_an_extension_is_decided_once_by_another_person() -> None:
    check_extension_decision(asked_by="manager", decided_by="anna", state=ExtensionState.ASKED)
    with _refused("extension.own"):
        check_extension_decision(asked_by="anna", decided_by="anna", state=ExtensionState.ASKED)
    with _refused("extension.decided"):
        check_extension_decision(asked_by="manager", decided_by="anna", state=ExtensionState.GRANTED)
