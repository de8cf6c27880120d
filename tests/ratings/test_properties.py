"""What must hold for any scores (评定引擎的性质)."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.ratings.rules import Answer, Case, Result, Sheet, Value, evaluate, load, pick, round_half_up, ways_up
from app.ratings.rules.source import fingerprint, parse

SMALL = (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")
SCHEME = load(SMALL)
FORM = pick("cn.gbt37276@2018")
OVERALL = pick("cms.overall@2022-07")

halves = st.integers(0, 40).map(lambda n: Fraction(n, 2))
answers = st.fixed_dictionaries({
    "plan": st.booleans().map(Answer),
    "comfort": halves.map(Answer),
    "ramp": st.sampled_from([frozenset[str](), frozenset({"half"}), frozenset({"full"})]).map(Answer),
    "fire": st.fixed_dictionaries({"minor": st.integers(0, 5).map(Fraction), "major": st.integers(0, 3).map(Fraction)}).map(Answer),
    "watch": st.sampled_from(["nobody", "night"]).map(Answer),
    "meals": st.one_of(
        st.integers(0, 10).map(lambda n: Answer({"dishes": Fraction(n)})),
        st.sampled_from(["none", "bought", "stopped"]).map(lambda rule: Answer(na=rule, reason="示例·理由")),
    ),
    "abuse": st.booleans().map(Answer),
})  # fmt: skip
facts = st.fixed_dictionaries({
    "trained": st.none() | st.integers(0, 100).map(lambda n: Fraction(n, 100)),
    "beds": st.none() | st.integers(0, 60).map(Fraction),
    "nurses": st.none() | st.integers(0, 20).map(Fraction),
    "kitchen": st.none() | st.booleans(),
    "punished": st.none() | st.booleans(),
})  # fmt: skip
panels = st.lists(answers, min_size=1, max_size=3)
FULL_FACTS: dict[str, Value] = {
    "trained": Fraction(1), "beds": Fraction(10), "nurses": Fraction(9), "kitchen": True, "punished": False,
}  # fmt: skip


def rate(known: dict[str, Value], panel: list[dict[str, Answer]]) -> Result:
    return evaluate(SCHEME, Case(facts=known, sheets=tuple(Sheet(f"示例·{n}", a) for n, a in enumerate(panel))))


def rank(level: str | None) -> int:
    return SCHEME.shape.order.index(level) if level is not None else -1


@given(facts, panels, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_of_items_assessors_and_files_never_matters(
    known: dict[str, Value], panel: list[dict[str, Answer]], chance: random.Random
) -> None:
    def shuffled(one: dict[str, Answer]) -> dict[str, Answer]:
        return dict(chance.sample(sorted(one.items()), len(one)))

    sheets = [Sheet(f"示例·{n}", one) for n, one in enumerate(panel)]
    mixed = [Sheet(each.assessor, shuffled(dict(each.answers))) for each in chance.sample(sheets, len(sheets))]
    content = parse(SMALL)
    for area in content["areas"]:
        chance.shuffle(area["items"])
    chance.shuffle(content["areas"])
    text = json.dumps(content, ensure_ascii=False)
    first = evaluate(SCHEME, Case(facts=known, sheets=tuple(sheets)))
    second = evaluate(SCHEME, Case(facts=dict(reversed(known.items())), sheets=tuple(mixed)))
    third = evaluate(load(text), Case(facts=known, sheets=tuple(mixed)))
    assert (first.level, first.value, first.missing, first.seal) == (second.level, second.value, second.missing, second.seal)
    assert (first.level, first.value, first.missing, first.inputs_sha) == (
        third.level,
        third.value,
        third.missing,
        third.inputs_sha,
    )


@given(facts, answers, st.sampled_from(["plan", "comfort", "ramp", "watch"]))
@settings(max_examples=200, deadline=None)
def test_more_points_never_lower_a_level(known: dict[str, Value], one: dict[str, Answer], item: str) -> None:
    most = {"plan": Answer(True), "comfort": Answer(Fraction(20)), "ramp": Answer(frozenset({"full"})), "watch": Answer("night")}
    before, after = rate(known, [one]), rate(known, [{**one, item: most[item]}])
    assert rank(after.floor) >= rank(before.floor)
    assert rank(after.ceiling) >= rank(before.ceiling)


@given(st.lists(st.integers(0, 1200), min_size=4, max_size=4), st.integers(0, 3), st.integers(0, 100))
@settings(max_examples=150, deadline=None)
def test_more_points_never_lower_a_star(shares: list[int], which: int, more: int) -> None:
    yes: dict[str, Value] = {fact.id: True for fact in FORM.shape.facts if fact.type == "flag"}
    known = {**yes, "first_application": False, "penalties_24m": Fraction(0)}

    def level(raised: list[int]) -> int:
        points = {
            f"{area.id}_points": Answer(round_half_up(area.max * min(share, 1200) / 1200, Fraction(1, 2)))
            for area, share in zip(FORM.shape.areas, raised, strict=True)
        }
        result = evaluate(FORM, Case(facts=known, sheets=(Sheet("示例", points),)))
        assert result.level is not None
        return FORM.shape.order.index(result.level)

    raised = [share + more * (n == which) for n, share in enumerate(shares)]
    assert level(raised) >= level(shares)


@given(answers)
@settings(max_examples=150, deadline=None)
def test_renormalising_keeps_the_maximum(one: dict[str, Answer]) -> None:
    best = {
        "fire": Answer({"minor": Fraction(0)}), "watch": Answer("night"), "meals": Answer(na="none", reason="示例·理由"),
    }  # fmt: skip
    assert rate(FULL_FACTS, [{**one, **best}]).amount("safety") == 40
    left = rate(FULL_FACTS, [{**one, "meals": best["meals"]}]).amount("safety")
    assert left is not None
    assert 0 <= left <= 40


@given(facts, panels, st.sets(st.sampled_from(sorted(FULL_FACTS))))
@settings(max_examples=200, deadline=None)
def test_unknown_facts_never_satisfy_and_never_fail(
    known: dict[str, Value], panel: list[dict[str, Answer]], hidden: set[str]
) -> None:
    full, less = rate(known, panel), rate({k: (None if k in hidden else v) for k, v in known.items()}, panel)
    assert rank(less.floor) <= rank(full.floor)
    assert rank(less.ceiling) >= rank(full.ceiling)


@given(facts, panels)
@settings(max_examples=100, deadline=None)
def test_recomputation_reproduces_the_hash(known: dict[str, Value], panel: list[dict[str, Answer]]) -> None:
    first, again = rate(known, panel), rate(dict(known), [dict(one) for one in panel])
    assert (first.seal, first.trace, first.unmet) == (again.seal, again.trace, again.unmet)
    assert first.scheme_sha == fingerprint(parse(SMALL))
    other = rate({**known, "beds": Fraction(61)}, panel)
    assert other.seal != first.seal


@given(facts, answers)
@settings(max_examples=60, deadline=None)
def test_a_way_up_meets_the_demands_on_points_and_nothing_in_it_is_idle(known: dict[str, Value], one: dict[str, Answer]) -> None:
    result = rate({**FULL_FACTS, "trained": known["trained"] or Fraction(0)}, [{**one, "abuse": Answer(True)}])
    for way in ways_up(SCHEME, result):
        assert way.reachable
        raised = {change.item: change.to for change in way.changes}

        def reached(points: dict[str, Fraction], level: str = way.level) -> bool:
            tried = evaluate(SCHEME, Case(facts=result.ran.case.facts, sheets=result.ran.case.sheets, given=points))
            return rank(tried.level) >= rank(level)

        assert reached(raised)
        for item in raised:
            assert not reached({name: to for name, to in raised.items() if name != item})


@given(*(st.none() | st.integers(1, 5) for _ in range(3)))
def test_a_better_part_never_lowers_the_overall_star(health: int | None, staffing: int | None, quality: int | None) -> None:
    def star(*parts: int | None) -> int:
        names = ("health_inspection", "staffing", "qm")
        known = {name: Fraction(part) if part else None for name, part in zip(names, parts, strict=True)}
        level = evaluate(OVERALL, Case(facts=known)).level
        return int(level) if level else 0

    for n, part in enumerate((health, staffing, quality)):
        if part is not None and part < 5:
            better = [health, staffing, quality]
            better[n] = part + 1
            assert star(*better) >= star(health, staffing, quality)
