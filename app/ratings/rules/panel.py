"""One item over several assessors (多名评定员汇总): aggregate first, round then; disagreement asks for discussion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from app.ratings.rules.case import Answer, Case, InputFault
from app.ratings.rules.expressions import Env, Expression, Steps
from app.ratings.rules.items import measured, points
from app.ratings.rules.numbers import HALF, round_half_up
from app.ratings.rules.shape import Assessment, Item, NotApplicable

OF_FACT: Final = frozenset({"tier"})


@dataclass(frozen=True, slots=True)
class Scored:
    """What an item came to (一项的结果). `points` None is undecided; `out_of` 0 means taken out of the area's maximum."""

    points: Fraction | None
    out_of: Fraction
    note: str = ""
    missing: tuple[str, ...] = ()
    by_assessor: Mapping[str, Fraction] = field(default_factory=dict)
    diverged: bool = False
    vetoed: bool | None = False
    evidence: tuple[str, ...] = ()


NaRules = tuple[tuple[NotApplicable, Expression], ...]


def settle(
    item: Item, steps: Steps, formula: Expression | None, na: NaRules, assessment: Assessment, case: Case, env: Env
) -> Scored:
    """Settle one item (汇总一项): what does not apply, then the consensus, then the sheets.

    Raises InputFault when an answer does not fit the item or "not applicable" is forbidden or has no reason.
    """
    given = case.given.get(item.id)
    if isinstance(given, Fraction):
        return Scored(given, item.max, "试算值")
    for rule, test in na:
        holds = test.run(env)
        if holds is None:
            return Scored(None, item.max, "是否适用未知", tuple(sorted(n for n in test.names if env.get(n) is None)))
        if holds:
            return _not_applicable(item, rule, rule.reason)
    if item.kind in OF_FACT:
        return _of_fact(item, steps, env)
    if item.kind == "formula" and not item.parts and formula is not None:
        return _of_formula(item, formula, env)
    return _of_sheets(item, formula, assessment, case, env)


def _not_applicable(item: Item, rule: NotApplicable, reason: str, evidence: tuple[str, ...] = ()) -> Scored:
    note = f"不适用({reason})"
    clear: bool | None = False
    match rule.then:
        case "renormalise":
            return Scored(Fraction(0), Fraction(0), f"{note}，其余项折算", vetoed=clear, evidence=evidence)
        case "full":
            return Scored(item.max, item.max, f"{note}，计满分", vetoed=clear, evidence=evidence)
    return Scored(Fraction(0), item.max, f"{note}，计零分", vetoed=clear, evidence=evidence)


def _of_fact(item: Item, steps: Steps, env: Env) -> Scored:
    earned = measured(item, steps, env)
    return Scored(earned, item.max, missing=() if earned is not None else (item.fact,))


def _of_formula(item: Item, formula: Expression, env: Env) -> Scored:
    earned = points(item, {}, formula, env)
    missing = tuple(sorted(name for name in formula.names if env.get(name) is None)) or (item.id,)
    return Scored(earned, item.max, missing=() if earned is not None else missing)


def _of_sheets(item: Item, formula: Expression | None, assessment: Assessment, case: Case, env: Env) -> Scored:
    agreed = case.consensus.get(item.id)
    sheets = sorted(case.sheets, key=lambda sheet: sheet.assessor)
    answers = {sheet.assessor: sheet.answers.get(item.id) for sheet in sheets}
    own = {who: _one(item, formula, answer, env) for who, answer in answers.items()}
    by_assessor = {who: scored.points for who, scored in own.items() if scored.points is not None}
    evidence = tuple(sorted({e for answer in answers.values() if answer for e in answer.evidence}))
    if agreed is not None:
        settled = _one(item, formula, agreed, env)
        note = "合议结果" + (f",{settled.note}" if settled.note else "")
        evidence = tuple(sorted({*evidence, *agreed.evidence}))
        return Scored(
            _stepped(item, settled.points), settled.out_of, note, settled.missing, by_assessor, False,
            settled.vetoed, evidence,
        )  # fmt: skip
    if not own:
        return Scored(None, item.max, "未评分", (item.id,), vetoed=None)
    if len({answer.na for answer in answers.values() if answer}) > 1:
        return _discuss(item, by_assessor, evidence, "对是否适用意见不一")
    return _together(item, assessment, own, by_assessor, evidence)


def _together(
    item: Item, assessment: Assessment, own: Mapping[str, Scored], by_assessor: Mapping[str, Fraction],
    evidence: tuple[str, ...],
) -> Scored:  # fmt: skip
    open_ = tuple(f"{item.id}@{who}" for who, scored in sorted(own.items()) if scored.points is None)
    if open_:
        missing = tuple(sorted({m for s in own.values() for m in s.missing if m != item.id})) or open_
        return Scored(None, item.max, "有评定员未评分", missing, by_assessor, vetoed=None, evidence=evidence)
    first = next(iter(own.values()))
    if any(scored.vetoed != first.vetoed for scored in own.values()):
        return _discuss(item, by_assessor, evidence, "对是否一票否决意见不一")
    values = sorted(by_assessor.values())
    spread = values[-1] - values[0]
    if assessment.divergence is not None and spread > assessment.divergence * item.max:
        return _discuss(item, by_assessor, evidence, "评分差距过大")
    joined = aggregate(assessment, values)
    if joined is None:
        return _discuss(item, by_assessor, evidence, "尚未取得一致")
    return Scored(
        _stepped(item, joined), first.out_of, first.note, (), by_assessor, False, first.vetoed, evidence
    )  # fmt: skip


def _discuss(item: Item, by_assessor: Mapping[str, Fraction], evidence: tuple[str, ...], why: str) -> Scored:
    return Scored(None, item.max, f"{why}，须合议", (f"{item.id}：须合议",), by_assessor, True, None, evidence)


def aggregate(assessment: Assessment, values: Sequence[Fraction]) -> Fraction | None:
    """Join the assessors' points exactly (汇总); None when consensus is asked for and they differ. `values` is sorted."""
    count = len(values)
    match assessment.aggregate:
        case "consensus":
            return values[0] if values[0] == values[-1] else None
        case "median":
            return (values[(count - 1) // 2] + values[count // 2]) * HALF
        case "trimmed_mean" if count >= 3:
            return sum(values[1:-1], Fraction(0)) / (count - 2)
    return sum(values, Fraction(0)) / count


def _one(item: Item, formula: Expression | None, answer: Answer | None, env: Env) -> Scored:
    if answer is None or (answer.value is None and not answer.na):
        return Scored(None, item.max, "未评分", (item.id,), vetoed=None)
    if answer.na:
        rule = next((rule for rule in item.na if rule.id == answer.na and not rule.when), None)
        if rule is None:
            raise InputFault(f"{item.title}：不允许评为不适用({answer.na})")
        if not answer.reason.strip():
            raise InputFault(f"{item.title}：评为不适用要写明理由")
        return _not_applicable(item, rule, answer.reason, answer.evidence)
    earned = points(item, answer.value, formula, env)
    missing: tuple[str, ...] = ()
    if earned is None and formula is not None:
        missing = tuple(sorted(name for name in formula.names if env.get(name) is None)) or (item.id,)
    vetoed = answer.value is False if item.kind == "veto" else False
    return Scored(earned, item.max, missing=missing, vetoed=vetoed, evidence=answer.evidence)


def _stepped(item: Item, value: Fraction | None) -> Fraction | None:
    """Round to the item's step, capped at its maximum (按步长四舍五入)."""
    if value is None or not item.step:
        return value
    return min(item.max, round_half_up(value, item.step))
