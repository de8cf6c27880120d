"""How each kind of node is computed (结点运算): tallies, weights, bands, areas. Unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from app.ratings.rules.expressions import Env, Run, Value
from app.ratings.rules.graph import MIN_SHARE, TOTAL, Frame, Vertex
from app.ratings.rules.numbers import round_half_up, written
from app.ratings.rules.shape import Area, Node, SchemeShape


def tally(node: Node, where: Run, value: Run, frame: Frame) -> Value:
    """A count or sum over records (记录汇总); unknown where a record leaves it open."""
    rows = frame.case.records.get(node.over)
    if rows is None:
        return None
    alone: list[Fraction] = []
    merged: dict[Value, Fraction] = {}
    for row in rows:
        env = {**frame.env, **row}
        counts, amount = where(env), None
        if counts is True:
            amount = value(env)
        if counts is None or (counts and not isinstance(amount, Fraction)):
            return None
        if not isinstance(amount, Fraction):
            continue
        same = row.get(node.once_per) if node.once_per else None
        if same is None:
            alone.append(amount)
        else:
            merged[same] = max(amount, merged.get(same, amount))
    return folded(node.fold, [*alone, *merged.values()])


def folded(fold: str, amounts: list[Fraction]) -> Value:
    """Amounts joined as the node says (合并)."""
    if fold == "count":
        return Fraction(len(amounts))
    if fold == "sum":
        return sum(amounts, Fraction(0))
    if not amounts:
        return None
    return min(amounts) if fold == "min" else max(amounts)


def weighted(sets: list[tuple[Run, Mapping[str, Fraction]]], env: Env) -> Value:
    """The first set of weights that holds (加权)."""
    for when, weights in sets:
        holds = when(env)
        if holds is None:
            return None
        if holds:
            parts = [(weight, env.get(name)) for name, weight in weights.items()]
            if not all(isinstance(value, Fraction) for _, value in parts):
                return None
            return sum((weight * value for weight, value in parts if isinstance(value, Fraction)), Fraction(0))
    return None


def band(node: Node) -> Callable[[Frame], Value]:
    """The band of a value under published cut points (分段)."""

    def run(frame: Frame) -> Value:
        value, cuts = frame.env.get(node.of), frame.case.cuts.get(node.id)
        if not isinstance(value, Fraction) or not cuts:
            return None
        for band, limit in cuts:
            if value <= limit if node.best == "lowest" else value >= limit:
                return band
        return cuts[-1][0]

    return run


def area_points(area: Area, frame: Frame) -> Value:
    """Points of an area (领域得分): what does not apply is taken out, the maximum stays."""
    counted = [frame.scored[item.id] for item in area.items]
    out_of = sum((scored.out_of for scored in counted), Fraction(0))
    if out_of == 0 or any(scored.points is None for scored in counted):
        return None
    earned = sum((scored.points for scored in counted if scored.points is not None), Fraction(0))
    return earned / out_of * area.max


def area_share(area: Area) -> Vertex:
    """The share of an area (领域得分率)."""

    def run(frame: Frame) -> Value:
        points = frame.env.get(area.id)
        return points / area.max if isinstance(points, Fraction) and area.max else None

    name = f"{area.id}.share"
    return Vertex(name, f"{area.title}得分率", f"得分 ÷ {written(area.max)}", frozenset({area.id}), run, area.basis, "share")


def total(scheme: SchemeShape, areas: frozenset[str]) -> Vertex:
    """The sum of the areas (总分)."""

    def run(frame: Frame) -> Value:
        values = [frame.env.get(name) for name in areas]
        if not all(isinstance(value, Fraction) for value in values):
            return None
        total = sum((value for value in values if isinstance(value, Fraction)), Fraction(0))
        return round_half_up(total, scheme.total_step) if scheme.total_step else total

    rule = "各领域得分之和" + (f",四舍五入到 {written(scheme.total_step)}" if scheme.total_step else "")
    return Vertex(TOTAL, "总分", rule, areas, run, scheme.basis, "total")


def min_share(shares: frozenset[str]) -> Vertex:
    """The lowest share of all areas (最低领域得分率)."""

    def run(frame: Frame) -> Value:
        values = [frame.env.get(name) for name in shares]
        known = [value for value in values if isinstance(value, Fraction)]
        return min(known) if len(known) == len(values) else None

    return Vertex(MIN_SHARE, "最低领域得分率", "各领域得分率中最低者", shares, run, None, "min_share")
