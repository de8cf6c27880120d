"""What is left of a term, which kinds wait for whom, what an event is called."""

from __future__ import annotations

from datetime import date

import pytest

import app.factory  # noqa: F401 — every event is known once the house is put together
from app.core.actor import Post
from app.core.calendar_data import seed_rows
from app.core.working_days import Calendar
from app.inspections.rules.plan import PlanState
from app.supervision import rules

CALENDAR = Calendar(seed_rows())
TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("due", "working", "days", "number", "word", "unit", "tone"),
    [
        (date(2026, 11, 26), True, 2, "2", "", "个工作日", "wait"),
        (date(2026, 11, 30), True, 4, "4", "", "个工作日", "info"),
        (date(2026, 11, 30), False, 6, "6", "", "日", "info"),
        (TUESDAY, True, 0, "", "今天", "到期", "wait"),
        (date(2026, 11, 20), True, -4, "4", "", "日逾期", "veto"),
    ],
)
def test_what_is_left(due: date, working: bool, days: int, number: str, word: str, unit: str, tone: str) -> None:
    found = rules.left(date(2026, 11, 17), due, 20, working=working, on=TUESDAY, calendar=CALENDAR)
    assert (found.days, found.number, found.word, found.unit, found.tone) == (days, number, word, unit, tone)


def test_a_term_that_begins_tomorrow_has_not_passed() -> None:
    found = rules.left(date(2026, 12, 1), date(2026, 12, 8), 5, working=True, on=TUESDAY, calendar=CALENDAR)
    assert (found.passed, found.total) == (0, 5)


def test_what_may_not_be_put_off_says_so() -> None:
    found = rules.left(TUESDAY, TUESDAY, 0, working=False, on=TUESDAY, calendar=CALENDAR)
    assert (found.number, found.word, found.unit, found.tone) == ("", "立即", "不得拖延", "veto")
    assert rules.lead([found]) == "1 件立即办"
    late = rules.left(TUESDAY, TUESDAY, 0, working=False, on=date(2026, 11, 25), calendar=CALENDAR)
    assert (late.number, late.unit) == ("1", "日逾期")


def test_the_lead_counts_what_is_overdue_and_what_ends_soon() -> None:
    terms = [rules.Left(days, 20, 0, True) for days in (-2, 0, 3, 4)]
    assert rules.lead(terms) == "1 件已逾期，2 件在 3 日内到期"
    assert rules.lead([]) == ""


def test_the_other_side_has_kinds_that_are_nobodys_here() -> None:
    assert "rectification" in rules.OTHERS
    assert not rules.OTHERS & rules.of_posts(Post)
    assert "filing.handle" in rules.of_posts([Post.HANDLER])
    assert "filing.handle" not in rules.of_posts([Post.INSPECTOR])


def test_an_unknown_kind_still_has_words() -> None:
    assert rules.duty("nobody.entered.this").label == "期限事项"
    assert rules.duty("nobody.entered.this").href(date, None) is None  # type: ignore[arg-type]  # the subject is not used


def test_events_are_called_by_the_term_of_their_docstring() -> None:
    labels = rules.event_labels()
    assert labels["AccountOpened"] == "开通账号"
    assert labels["CalendarImported"] == "录入放假通知"


def test_a_draw_under_way_is_at_one_step() -> None:
    for state in rules.UNDER_WAY:
        assert [step["state"] for step in rules.draw_steps(state)].count("now") == 1
        assert rules.draw_words(state)
    assert PlanState.VOIDED not in rules.UNDER_WAY
