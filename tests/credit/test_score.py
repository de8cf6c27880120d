"""The score against sums done by hand, and what must hold whatever was recorded (信用分)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.refusal import Refused
from app.core.standards import Confidence
from app.credit.rules.records import RecordKind
from app.credit.rules.score import Entry, Grade, ScoreModel, boundaries, library, model_for, score

TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "score.yaml").read_text("utf-8"))
PLATFORM = library().edition("platform", "2026-01-01")
SHANGHAI = library().edition("shanghai_visible", "2022-06-16")
MODELS = {"platform": PLATFORM, "shanghai_visible": SHANGHAI}
ON = date(2026, 11, 24)


def entries(model: ScoreModel, rows: list[list[Any]]) -> list[Entry]:
    found = []
    for kind_word, first, *more in rows:
        kind, said = RecordKind(kind_word), more[0] if more else 1
        last = model.last_day(kind, first)
        points, times, annulled = 0, 1, said == "annulled"
        if isinstance(said, int):
            times = said
        elif said.startswith("p"):
            points = int(said[1:])
        elif said.startswith("repaired "):
            last = date.fromisoformat(said.removeprefix("repaired ")) - timedelta(days=1)
        found += [Entry(f"{kind}-{first}-{n}", kind, first, last, points, annulled) for n in range(times)]
    return found


CASES = [(name, case) for name, cases in TABLE.items() for case in cases]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['why']}" for name, case in CASES])
def test_the_sums_done_by_hand_come_out(name: str, case: dict[str, Any]) -> None:
    model = MODELS[name]
    found = score(model, entries(model, case["records"]), on=case["day"])
    assert found.total == case["total"]
    assert found.grade == (Grade(case["grade"]) if "grade" in case else None)
    assert found.total == found.base + found.added - found.deducted


def test_the_example_scores_nobody_and_invents_nothing() -> None:
    assert sum(g.max for g in SHANGHAI.groups) == SHANGHAI.base == 80
    unseen = [i for g in SHANGHAI.groups for i in g.items if i.confidence is Confidence.INACTIVE]
    assert [(i.max, i.catches) for i in unseen] == [(19, ())]
    assert SHANGHAI.grades == ()
    with pytest.raises(Refused, match="示例"):
        model_for("shanghai_visible", on=ON)


def test_the_platform_model_is_marked_for_what_it_is() -> None:
    marks = {PLATFORM.confidence, PLATFORM.grades_confidence} | {i.confidence for g in PLATFORM.groups for i in g.items}
    assert marks == {Confidence.PLATFORM_DEFAULT}


# --- whatever was recorded --------------------------------------------------------------------------------------------

some_entries = st.lists(
    st.builds(
        Entry,
        id=st.uuids().map(str),
        kind=st.sampled_from(list(RecordKind)),
        valid_from=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
        valid_to=st.none() | st.dates(date(2025, 1, 1), date(2028, 12, 31)),
        points=st.integers(0, 30),
        annulled=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda e: e.id,
)
some_day = st.dates(date(2025, 1, 1), date(2028, 12, 31))
some_model = st.sampled_from([PLATFORM, SHANGHAI])


@settings(deadline=None, max_examples=60)
@given(some_model, some_entries, some_day, st.randoms(use_true_random=False))
def test_order_never_matters(model: ScoreModel, rows: list[Entry], on: date, chance: Any) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)
    assert score(model, mixed, on=on) == score(model, rows, on=on)


@settings(deadline=None, max_examples=60)
@given(some_model, some_entries, some_day)
def test_caps_hold_and_the_lines_add_up(model: ScoreModel, rows: list[Entry], on: date) -> None:
    found = score(model, rows, on=on)
    for group in found.groups:
        assert group.counted == min(group.max, sum(item.counted for item in group.items))
        for item in group.items:
            assert item.counted == sum(t.counted for t in item.taken) == min(item.max, item.raw)
            assert all(0 <= t.counted <= t.points for t in item.taken)
    assert found.total >= 0


@settings(deadline=None, max_examples=60)
@given(some_model, some_entries, some_day)
def test_what_is_annulled_or_not_valid_never_counts(model: ScoreModel, rows: list[Entry], on: date) -> None:
    counting = [e for e in rows if e.counts_on(on)]
    assert score(model, rows, on=on) == score(model, counting, on=on)
    assert not any(e.annulled for e in counting)


@settings(deadline=None, max_examples=40)
@given(some_entries, some_day, some_day)
def test_between_two_boundaries_nothing_changes(rows: list[Entry], one: date, other: date) -> None:
    """What is stored at each boundary holds until the next: no day has to be stored for itself."""
    first, last = min(one, other), max(one, other)
    turns = [first, *boundaries(rows, after=first, until=last)]
    for day in {first, last, *(t - timedelta(days=1) for t in turns[1:])}:
        start = max(t for t in turns if t <= day)
        now, then = score(PLATFORM, rows, on=day), score(PLATFORM, rows, on=start)
        assert (now.total, now.grade, now.groups) == (then.total, then.grade, then.groups)


def test_the_hash_says_what_was_scored() -> None:
    one = [Entry("a", RecordKind.FINDING_MINOR, date(2026, 10, 1))]
    other = [Entry("b", RecordKind.FINDING_MINOR, date(2026, 10, 1))]
    base = score(PLATFORM, one, on=ON).sha256
    assert score(PLATFORM, one, on=ON).sha256 == base
    assert len({base, score(PLATFORM, other, on=ON).sha256, score(PLATFORM, one, on=ON + timedelta(days=1)).sha256}) == 3
    assert score(SHANGHAI, one, on=ON).sha256 != base
