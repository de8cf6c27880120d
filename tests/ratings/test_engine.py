"""The rules that the engine must keep (评定引擎): panel, not applicable, override, trace, ways up, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.ratings.rules import (
    Answer,
    Case,
    InputFault,
    Item,
    Overruling,
    Result,
    Scheme,
    Sheet,
    State,
    evaluate,
    examine,
    load,
    pick,
    read_answer,
    read_facts,
    ways_up,
)

SMALL = (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")
FACTS: dict[str, object] = {"trained": "0.85", "beds": 50, "nurses": 12, "kitchen": 1, "punished": 0}
ANSWERS: dict[str, object] = {
    "plan": 1, "comfort": 15, "ramp": "half", "fire": "minor=2", "watch": "night", "meals": "dishes=6", "abuse": 1,
}  # fmt: skip


def scheme(*changes: tuple[str, str]) -> Scheme:
    text = SMALL
    for find, put in changes:
        assert find in text
        text = text.replace(find, put)
    return load(text)


def sheet(of: Scheme, who: str = "甲", **answers: object) -> Sheet:
    items = {item.id: item for item in of.shape.items}
    return Sheet(who, {name: read_answer(items[name], raw) for name, raw in {**ANSWERS, **answers}.items() if raw is not None})


def rate(of: Scheme, *sheets: Sheet, facts: Mapping[str, object] | None = None, **more: Any) -> Result:
    known = read_facts(of.shape, {**FACTS, **(facts or {})})
    return evaluate(of, Case(facts=known, sheets=sheets or (sheet(of),), **more))


def test_points_add_up_and_give_a_level() -> None:
    of = scheme()
    result = rate(of)
    assert result.amount("care") == 10 + 15 + 4 + 10
    assert result.amount("safety") == 8 + 10 + 16
    assert (result.state, result.level, result.value) == (State.DECIDED, "low", Fraction(73))


def test_assessors_are_averaged_before_rounding() -> None:
    of = scheme()
    low, high = sheet(of, "甲", comfort="12.5"), sheet(of, "乙", comfort=13)
    both = rate(of, low, high)
    assert both.items["comfort"].points == 13  # 12.75 rounds half up to a half point
    assert both.items["comfort"].by_assessor == {"甲": Fraction("12.5"), "乙": Fraction(13)}


@pytest.mark.parametrize(("how", "points"), [("mean", "12.5"), ("median", 14), ("trimmed_mean", 14), ("consensus", None)])
def test_aggregation(how: str, points: object) -> None:
    of = scheme(("aggregate: mean", f"aggregate: {how}"), ('"0.5"}\noverride', '"0.9"}\noverride'))
    result = rate(of, *(sheet(of, who, comfort=n) for who, n in (("甲", 8), ("乙", 14), ("丙", 15))))
    assert result.items["comfort"].points == (None if points is None else Fraction(str(points)))


def test_divergence_must_be_discussed_and_consensus_settles_it() -> None:
    of = scheme()
    far = (sheet(of, "甲", comfort=4), sheet(of, "乙", comfort=15))
    apart = rate(of, *far)
    assert (apart.state, apart.divergences, apart.missing) == (State.UNDECIDED, ("comfort",), ("comfort：须合议",))
    settled = rate(of, *far, consensus={"comfort": read_answer(of.shape.items[1], 14)})
    assert (settled.level, settled.items["comfort"].points) == ("low", Fraction(14))
    assert settled.items["comfort"].by_assessor == {"甲": 4, "乙": 15}


@pytest.mark.parametrize(("rule", "safety"), [("none", 24), ("bought", 38), ("stopped", 18)])
def test_not_applicable_has_three_outcomes(rule: str, safety: int) -> None:
    of = scheme()
    result = rate(of, sheet(of, meals=f"NA:{rule}:示例·理由"))
    expected = Fraction(18, 20) * 40 if rule == "none" else Fraction(safety)
    assert result.amount("safety") == expected


def test_not_applicable_needs_permission_and_a_reason() -> None:
    of = scheme()
    with pytest.raises(InputFault, match="不允许"):
        rate(of, sheet(of, plan="NA:none:示例"))
    with pytest.raises(InputFault, match="理由"):
        rate(of, sheet(of, meals="NA:none:"))
    disagree = rate(of, sheet(of, "甲"), sheet(of, "乙", meals="NA:none:示例·理由"))
    assert disagree.divergences == ("meals",)


def test_an_area_with_everything_not_applicable_is_undecided() -> None:
    of = pick("cms.staffing")
    result = evaluate(of, Case())
    assert (result.state, result.value) == (State.UNDECIDED, None)


def test_a_veto_leaves_no_level_whatever_the_points() -> None:
    result = rate(of := scheme(), sheet(of, abuse=0))
    assert (result.level, result.capped_by) == ("none", ("abuse",))


def test_unknown_is_neither_met_nor_failed() -> None:
    of = scheme()
    result = rate(of, facts={"nurses": None})
    assert (result.state, result.level, result.missing) == (State.UNDECIDED, None, ("nurses",))
    assert (result.floor, result.ceiling) == ("none", "low")
    assert rate(of, facts={"punished": None}).level == "low"  # the unknown cap could not lower this level


def test_exclusive_options_and_false_answers_are_refused() -> None:
    of = scheme()
    for bad in ({"ramp": "full;half"}, {"comfort": 21}, {"watch": "day"}, {"fire": "minor=-1"}, {"meals": "dishes=11"}):
        with pytest.raises(InputFault):
            rate(of, sheet(of, **bad))
    with pytest.raises(InputFault, match="两张"):
        rate(of, sheet(of), sheet(of))


def test_override_needs_a_reason_stays_within_its_steps_and_below_limiters() -> None:
    of = scheme()
    lifted = rate(of, override=Overruling("high", "示例·理由", "committee"))
    assert (lifted.level, lifted.by_rules, lifted.state) == ("high", "low", State.OVERRULED)
    for wish, facts in (
        (Overruling("high", " ", "committee"), {}),
        (Overruling("high", "示例·理由", "chair"), {}),
        (Overruling("top", "示例·理由", "committee"), {}),
        (Overruling("high", "示例·理由", "committee"), {"nurses": 0}),
        (Overruling("high", "示例·理由", "committee"), {"nurses": None}),
        (Overruling("high", "示例·理由", "committee"), {"punished": 1}),
    ):
        with pytest.raises(InputFault):
            rate(of, facts=facts, override=wish)


def test_unmet_demands_say_what_is_there_and_where_it_is_written() -> None:
    unmet = rate(scheme(), facts={"nurses": 8}).unmet
    assert [(u.level, u.text, u.failed) for u in unmet] == [
        ("high", "total >= 80", True), ("high", "ratio >= limit(limit = 0.2)", True),
    ]  # fmt: skip
    assert "total=73" in unmet[0].actual
    assert unmet[1].basis == "示例·文件 第四章"


def test_trace_names_input_rule_clause_and_evidence() -> None:
    of = scheme()
    with_photo = sheet(of, ramp={"value": ["half"], "evidence": ["photo-2", "photo-1"]})
    lines = {line.id: line for line in rate(of, with_photo).trace}
    assert lines["ramp"].evidence == ("photo-1", "photo-2")
    assert (lines["ramp"].value, lines["ramp"].clause) == ("4", "示例·文件 第一章")
    assert lines["ratio"].inputs == (("beds", "50"), ("nurses", "12"))
    assert lines["ratio"].rule == "nurses / beds"


def test_ways_up_are_few_small_and_enough() -> None:
    of = scheme()
    result = rate(of)
    (way,) = ways_up(of, result)
    assert (way.level, way.reachable, way.also) == ("high", True, ())
    assert [(change.item, change.now, change.to) for change in way.changes] == [("training", Fraction(10), Fraction(20))]
    lacking = rate(of, facts={"nurses": 8})
    assert ways_up(of, lacking)[0].also == ("配比",)
    out_of_reach = rate(scheme(("total >= 80", "total >= 100")), sheet(of, meals="NA:stopped:示例·理由"))
    assert ways_up(out_of_reach.of, out_of_reach)[0].reachable is True  # meals could be taken up again


def test_what_if_is_marked_and_hashed() -> None:
    of = scheme()
    plain, tried = rate(of), rate(of, given={"comfort": Fraction(20)})
    assert (plain.what_if, tried.what_if) == (False, True)
    assert tried.value == 78
    assert plain.seal != tried.seal


@pytest.mark.parametrize(
    "attack",
    ["__import__('os')", "beds.real", "[x for x in (1,)]", "lambda: 1", "beds if punished else", "f'{beds}'", "beds[0]",
     "(beds := 1)", "min(*beds)", "tier('nothing', beds)", "9**9**9", "beds << 9", "1 " + "+ 1" * 400],
)  # fmt: skip
def test_expressions_know_only_the_whitelist(attack: str) -> None:
    text = SMALL.replace("expr: nurses / beds", f'expr: "{attack}"')
    found, faults = examine(text)
    assert found is None
    assert {fault.where for fault in faults} >= {"ratio"}


def test_division_by_zero_is_unknown() -> None:
    result = rate(scheme(), facts={"beds": 0})
    assert result.amount("ratio") is None
    assert result.state is State.UNDECIDED


def test_cut_points_are_an_input() -> None:
    of = pick("cms.health@2020-04")
    facts = read_facts(of.shape, {"surveys": 2, "revisits_1": 0, "revisits_2": 0})
    case = Case(facts=facts, records={"findings": ()})
    assert evaluate(of, case).missing == ("band",)
    cut = replace(case, cuts={"band": ((Fraction(5), Fraction(0)), (Fraction(4), Fraction(10)))})
    assert evaluate(of, cut).level == "5"
    assert evaluate(of, cut).seal != evaluate(of, case).seal


def full_marks(item: Item) -> Answer:
    match item.kind:
        case "achieve":
            return Answer(True)
        case "judgement":
            return Answer(item.max)
        case "choice":
            return Answer(max(item.options, key=lambda option: option.points).id)
        case "options":
            barred = {e for o in item.options for e in o.excludes for w in item.options if w.id == e and w.points < o.points}
            return Answer(frozenset(option.id for option in item.options) - barred)
        case "deduct":
            return Answer({})
    return Answer({part.id: part.max for part in item.parts})


@pytest.mark.parametrize(("form", "most"), [("institution", 998), ("centre", 1000), ("station", 500)])
def test_shenyang_drafts_add_up_but_give_no_star(form: str, most: int) -> None:
    of = pick(f"cn.shenyang.{form}")
    known: dict[str, Any] = {fact.id: 10**6 if fact.type == "number" else fact.id == "meal_service" for fact in of.shape.facts}
    answers = {item.id: full_marks(item) for item in of.shape.items if item.kind != "tier"}
    result = evaluate(of, Case(facts=read_facts(of.shape, known), sheets=(Sheet("甲", answers),)))
    assert (result.value, result.state, result.ceiling) == (Fraction(most), State.UNDECIDED, "5")
    assert "五星的分数线和条件待主管机关填写" in result.missing
