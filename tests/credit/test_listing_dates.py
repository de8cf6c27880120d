"""The dates of the list against a table that was worked out without the code (名单期限手算表)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.core import calendar
from app.core.refusal import Refused
from app.core.working_days import Calendar, Due
from app.credit.queries.listing import rules_of_publication
from app.credit.rules import dates
from app.credit.rules.dates import Pause, PublicationClass, Terms

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "listing_dates.yaml").read_text("utf-8"))["cases"]
# The terms of the table: what the rule says, and the 24 and 36 months that are set for the list.
TERMS: Mapping[tuple[str, str], Terms] = {
    ("2026-04-01", "minor"): Terms(0, 3, published=False),
    ("2026-04-01", "general"): Terms(3, 12),
    ("2026-04-01", "serious"): Terms(24, 36),
    ("2023-05-01", "general"): Terms(3, 36),
}


def computed(case: Mapping[str, Any], days: Calendar) -> Any:
    """What the code says of a case."""
    match case["of"]:
        case "working":
            return days.add_working_days(case["from"], case["n"])
        case "publish_due":
            return dates.publish_due(case["decided"], case["n"], days)
        case "paused":
            pauses = [Pause(first, last) for first, last in case["pauses"]]
            return dates.due_with_pauses(days, case["from"], case["n"], pauses)
        case "review":
            return dates.review_until(case["served"], case["n"], days)
        case "lawsuit":
            return dates.lawsuit_until(case["served"], case["n"], days)
    when = dates.timetable(case["decided"], TERMS[str(case["rule"]), case["class"]], working_days=7, calendar=days)
    return {key: getattr(when, key) for key in ("min_end", "earliest_repair_on", "max_end", "auto_unpublish_on")}


def wanted(case: Mapping[str, Any]) -> Any:
    """What the table says."""
    if case["of"] == "term":
        return {key: case[key] for key in ("min_end", "earliest_repair_on", "max_end", "auto_unpublish_on")}
    return Due(case["is"], bool(case.get("provisional")))


def test_every_date_of_the_table(db_session: object) -> None:
    days = calendar.calendar()
    wrong = [f"{case} → {found}" for case in CASES if (found := computed(case, days)) != wanted(case)]
    assert not wrong, "\n".join(wrong)
    assert len(CASES) >= 200
    assert {case["of"] for case in CASES} == {"working", "publish_due", "term", "paused", "review", "lawsuit"}
    print(f"{len(CASES)} 例，{len(CASES) + 3 * sum(c['of'] == 'term' for c in CASES)} 个日期，全部相等")


def test_the_dossiers_example(db_session: object) -> None:
    found = calendar.calendar().add_working_days(date(2026, 11, 22), 5)
    assert found == Due(date(2026, 11, 27), provisional=False)


def test_the_version_is_that_of_the_decisions_day() -> None:
    library = rules_of_publication()
    assert dates.rule_on(library, date(2026, 3, 31)).edition == "2023-05-01"
    assert dates.rule_on(library, date(2026, 4, 1)).edition == "2026-04-01"
    with pytest.raises(Refused, match="没有录入"):
        dates.rule_on(library, date(2023, 4, 30))
    with pytest.raises(Refused, match="没有“轻微”"):
        dates.rule_on(library, date(2026, 3, 31)).term(PublicationClass.MINOR)


def test_what_the_rule_files_say_is_what_the_table_assumes() -> None:
    for (edition, cls), terms in TERMS.items():
        term = rules_of_publication().edition("publication", edition).term(PublicationClass(cls))
        if cls != "serious":
            assert (term.min_months, term.max_months) == (terms.min_months, terms.max_months)
        assert (term.published == "yes") is terms.published


DAYS = st.dates(date(2023, 5, 1), date(2035, 12, 31))


@given(DAYS, st.integers(0, 48), st.integers(1, 48))
def test_the_dates_stand_in_order_whatever_the_terms(decided: date, least: int, more: int) -> None:
    terms = Terms(least, least + more)
    first, repair, last = dates.min_end(decided, terms), dates.earliest_repair_on(decided, terms), dates.max_end(decided, terms)
    assert decided <= first <= last
    assert decided <= repair <= last + dates.ONE_DAY
    assert (last.year * 12 + last.month) - (decided.year * 12 + decided.month) == terms.max_months


@given(DAYS, st.integers(1, 30), st.integers(0, 20), st.integers(0, 40))
def test_a_pause_is_what_stopping_and_going_on_gives(start: date, n: int, wait: int, length: int) -> None:
    """Stopping a clock and starting it again with the days left is the same as one term with a pause in it."""
    days = Calendar(())
    paused_on = start + dates.ONE_DAY * (wait + 1)
    left = dates.days_left(days, start, n, paused_on)
    if left < 1:
        return
    resumed = paused_on + dates.ONE_DAY * length
    assert days.add_working_days(resumed, left).on == dates.due_with_pauses(days, start, n, [Pause(paused_on, resumed)]).on
