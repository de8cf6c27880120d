"""The clocks of complaints against a table worked out by hand (投诉期限)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.complaints import queries
from app.complaints.rules.clocks import Pause, Term, TermsTable, UnitWord, check_extension, due, light, remaining
from app.complaints.rules.kinds import Track
from app.core.calendar_data import seed_rows
from app.core.refusal import Refused
from app.core.standards import Confidence
from app.core.working_days import Calendar, Due
from app.regions.packs import library as packs

CALENDAR = Calendar(tuple(seed_rows()))
HAND: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "terms.yaml").read_text("utf-8"))
UNITS: dict[str, UnitWord] = {"w": "working_days", "n": "natural_days"}


def test_the_table_is_long_enough() -> None:
    assert len(HAND) >= 60
    assert sum(bool(row.get("provisional")) for row in HAND) >= 8


@pytest.mark.parametrize("row", HAND, ids=lambda row: f"{row['unit']}{row['count']}-{row['start']}-{row['why']}")
def test_by_hand(row: dict[str, Any]) -> None:
    pauses = [Pause(*days) for days in row.get("pauses", [])]
    found = due(row["start"], row["count"], UNITS[row["unit"]], CALENDAR, pauses=pauses, extension=row.get("extension", 0))
    assert found == (Due(row["due"], bool(row.get("provisional"))) if row["due"] else None)


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(2, 60),
    st.sampled_from(list(UNITS.values())),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_stopping_and_starting_a_clock_is_the_same_as_counting_around_the_pause(
    start: date, count: int, unit: UnitWord, after: int, length: int
) -> None:
    stopped = start + timedelta(days=after)
    left = remaining(start, count, unit, CALENDAR, on=stopped)
    if left < 1:
        return  # such a pause is refused
    resumed = stopped + timedelta(days=length)
    whole = due(start, count, unit, CALENDAR, pauses=[Pause(stopped, resumed)])
    assert whole is not None
    assert due(resumed, left, unit, CALENDAR) == Due(whole.on, whole.provisional) or _lighter(whole, resumed, left, unit)


def _lighter(whole: Due, resumed: date, left: int, unit: UnitWord) -> bool:
    """The same day; only the mark 暂定 may be missing, when the provisional days lay before the pause."""
    again = due(resumed, left, unit, CALENDAR)
    return again is not None and again.on == whole.on and whole.provisional and not again.provisional


@pytest.mark.parametrize(
    ("on", "tone", "left", "overdue"),
    [
        (date(2026, 11, 24), "info", 13, 0),
        (date(2026, 12, 2), "info", 7, 0),  # 6 of 13 passed
        (date(2026, 12, 3), "wait", 6, 0),  # 7 of 13: more than half
        (date(2026, 12, 8), "wait", 3, 0),
        (date(2026, 12, 10), "veto", 1, 0),
        (date(2026, 12, 11), "veto", 0, 0),
        (date(2026, 12, 14), "veto", 0, 1),  # Monday after: one working day
        (date(2026, 12, 12), "veto", 0, 1),  # Saturday: overdue all the same
        (date(2026, 12, 18), "veto", 0, 5),
    ],
)
def test_colours_of_a_hotline_complaint(on: date, tone: str, left: int, overdue: int) -> None:
    shown = light(date(2026, 11, 24), date(2026, 12, 11), 13, "working_days", CALENDAR, on=on)
    assert (shown.tone, shown.left, shown.overdue) == (tone, left, overdue)


def test_petitions_are_overdue_in_natural_days() -> None:
    shown = light(date(2026, 11, 24), date(2026, 12, 9), 15, "natural_days", CALENDAR, on=date(2026, 12, 14))
    assert (shown.overdue, shown.unit) == (5, "日")


def test_a_negative_term_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no negative length"):
        due(date(2026, 11, 24), -1, "working_days", CALENDAR)


def a_term(count: int = 10) -> Term:
    return Term(
        label="延期", unit="working_days", count=count, starts="due", source="示例", confidence=Confidence.PLATFORM_DEFAULT
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"term": None}, "extension.none"),
        ({"already": 5}, "extension.once"),
        ({"due_on": None}, "extension.late"),
        ({"due_on": date(2026, 11, 23)}, "extension.late"),
        ({"wanted": 11}, "extension.length"),
        ({"wanted": 0}, "extension.length"),
        ({"reason": "急"}, "extension.reason"),
    ],
)
def test_extensions_are_refused(change: dict[str, Any], code: str) -> None:
    asked: dict[str, Any] = {
        "term": a_term(), "wanted": 5, "already": 0, "due_on": date(2026, 11, 24), "on": date(2026, 11, 24), "reason": "示例：等鉴定",
    }  # fmt: skip
    check_extension(**asked)
    with pytest.raises(Refused) as refusal:
        check_extension(**(asked | change))
    assert refusal.value.code == code


def table() -> TermsTable:
    return queries.library().in_force("complaint_terms", on=date(2026, 11, 24))


def test_every_track_has_terms_with_source_and_standing() -> None:
    assert set(table().tracks) == set(Track)
    for track in table().tracks.values():
        for term in (track.handle, track.notice, track.extension):
            assert term is None or (term.source and term.confidence.works)


def test_the_table_agrees_with_the_platforms_pack_where_both_speak() -> None:
    [pack] = [pack for pack in packs().editions if pack.region == "" and pack.in_force_on(date(2026, 11, 24))]
    named = [
        *table().terms.values(),
        *(t for track in table().tracks.values() for t in (track.handle, track.notice, track.extension) if t),
    ]
    shared = [term for term in named if term.setting]
    assert len(shared) == 8
    assert {term.setting: term.count for term in shared} == {term.setting: pack.settings[term.setting].value for term in shared}
