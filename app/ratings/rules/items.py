"""Points of one item (评分项计分): from an answer or a fact to exact points, before any rounding."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from typing import Final

from app.ratings.rules.case import AnswerValue, InputFault
from app.ratings.rules.expressions import Env, Expression, Steps, tier
from app.ratings.rules.numbers import written
from app.ratings.rules.shape import Item

NOTHING: Final = Fraction(0)


def points(item: Item, value: AnswerValue, formula: Expression | None, env: Env) -> Fraction | None:
    """What one sheet's answer earns (单张评分表的得分); None while a fact that the formula needs is unknown.

    Raises InputFault when the answer cannot be given to this item.
    """
    match item.kind:
        case "achieve" if isinstance(value, bool):
            return item.max if value else NOTHING
        case "veto" if isinstance(value, bool):
            return NOTHING
        case "judgement" if isinstance(value, Fraction):
            return _within(item, value)
        case "options" if isinstance(value, frozenset):
            return _options(item, value)
        case "choice" if isinstance(value, str):
            return _choice(item, value)
        case "deduct" if isinstance(value, Mapping):
            return _deduct(item, value)
        case "formula" if isinstance(value, Mapping) and formula is not None:
            return _formula(item, value, formula, env)
    raise InputFault(f"{item.title}：评分的填法与项目类型不符")


def _within(item: Item, value: Fraction) -> Fraction:
    if not 0 <= value <= item.max:
        raise InputFault(f"{item.title}：得分应在 0 到 {written(item.max)} 之间")
    return value


def _options(item: Item, ticked: frozenset[str]) -> Fraction:
    unknown = ticked - {option.id for option in item.options}
    if unknown:
        raise InputFault(f"{item.title}：没有这个选项 {'、'.join(sorted(unknown))}")
    chosen = [option for option in item.options if option.id in ticked]
    for option in chosen:
        if ticked & set(option.excludes):
            raise InputFault(f"{item.title}：“{option.title or option.id}”与另一选项互斥")
    return min(item.max, sum((o.points for o in chosen if ticked >= set(o.requires)), NOTHING))


def _choice(item: Item, chosen: str) -> Fraction:
    for option in item.options:
        if option.id == chosen:
            return option.points
    raise InputFault(f"{item.title}：没有这个选项 {chosen}")


def _deduct(item: Item, counts: Mapping[str, Fraction]) -> Fraction:
    known = {deduction.id: deduction for deduction in item.deductions}
    lost = NOTHING
    for name, count in counts.items():
        if name not in known or count < 0 or count.denominator != 1:
            raise InputFault(f"{item.title}：扣分次数有误 {name}={count}")
        off = known[name].points * count
        lost += off if known[name].max is None else min(off, known[name].max or NOTHING)
    return max(NOTHING, item.max - lost)


def _formula(item: Item, parts: Mapping[str, Fraction], formula: Expression, env: Env) -> Fraction | None:
    for part in item.parts:
        if part.id in parts and not 0 <= parts[part.id] <= part.max:
            raise InputFault(f"{item.title}：“{part.title or part.id}”应在 0 到 {written(part.max)} 之间")
    unknown = parts.keys() - {part.id for part in item.parts}
    if unknown:
        raise InputFault(f"{item.title}：没有这个分项 {'、'.join(sorted(unknown))}")
    value = formula.run({**env, **{part.id: parts.get(part.id) for part in item.parts}})
    return max(NOTHING, min(item.max, value)) if isinstance(value, Fraction) else None


def best(item: Item, steps: Steps = ()) -> Fraction | None:
    """The most an item can earn by its own parts (可达到的最高分); None where its parts do not tell."""
    match item.kind:
        case "options":
            return _best_options(item)
        case "choice":
            return max((option.points for option in item.options), default=NOTHING)
        case "tier":
            return max((earned for _, earned in steps), default=NOTHING)
    return None


def _best_options(item: Item) -> Fraction:
    if not any(option.excludes for option in item.options):
        return sum((option.points for option in item.options), NOTHING)
    sets = (combo for size in range(len(item.options) + 1) for combo in combinations(item.options, size))
    allowed = (c for c in sets if not any({o.id for o in c} & set(option.excludes) for option in c))
    return max(sum((option.points for option in combo), NOTHING) for combo in allowed)


def ladder(item: Item, steps: Steps = ()) -> list[Fraction]:
    """Scores that the item can take, lowest first (可取得的分值); only the maximum where that is open."""
    match item.kind:
        case "achieve":
            values = {NOTHING, item.max}
        case "choice":
            values = {option.points for option in item.options}
        case "tier":
            values = {NOTHING, *(earned for _, earned in steps)}
        case "judgement" if item.step:
            values = {item.step * n for n in range(int(item.max / item.step) + 1)}
        case "options":
            values = {NOTHING}
            for option in item.options:
                values |= {value + option.points for value in values}
        case _:
            values = set()
    return sorted(value for value in values | {item.max} if value <= item.max)


def measured(item: Item, steps: Steps, env: Env) -> Fraction | None:
    """Points of a tier item from its fact (分档得分); None while the fact is unknown."""
    fact = env.get(item.fact)
    return tier(steps, fact) if isinstance(fact, Fraction) and not isinstance(fact, bool) else None
