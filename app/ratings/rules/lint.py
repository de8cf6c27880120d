"""What a scheme file can get wrong (方案检查): sums, reach, order, monotony, basis, evidence.

Faults of meaning in names and expressions are found by the compiler; this finds those in the numbers and the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Final

from app.ratings.rules.expressions import bound, conjuncts
from app.ratings.rules.faults import Fault, Stops
from app.ratings.rules.graph import MIN_SHARE, TOTAL
from app.ratings.rules.items import best
from app.ratings.rules.numbers import written
from app.ratings.rules.program import names_in
from app.ratings.rules.shape import Area, Entry, Item, Limiter, Referral, SchemeShape

RESERVED: Final = frozenset(
    {TOTAL, MIN_SHARE, "limit", "unknown", "known", "min", "max", "clamp", "round_half_up", "tier", "lookup", "count",
     "at_most", "and", "or", "not", "in", "if", "else", "true", "false"}
)  # fmt: skip
MOST_OPTIONS: Final = 14


def lint(shape: SchemeShape) -> list[Fault]:
    """All faults of the numbers and the order (全部缺陷)."""
    checks = (
        _names(shape), _level_names(shape), _levels(shape), _entries(shape), _sums(shape), _tables(shape), _weights(shape),
        _bases(shape), *(_item(shape, item) for item in shape.items),
    )  # fmt: skip
    return [fault for check in checks for fault in check]


def _names(shape: SchemeShape) -> Iterable[Fault]:
    ids = [each.id for group in (shape.facts, shape.areas, shape.items, shape.nodes) for each in group]
    for name, times in sorted(Counter(ids).items()):
        if times > 1:
            yield Fault("id.duplicate", name, f"编号重复 {times} 次")
        if name in RESERVED:
            yield Fault("id.reserved", name, "这个编号是保留字")
    for record, fields in shape.records.items():
        for field in sorted(fields.keys() & set(ids)):
            yield Fault("id.duplicate", f"{record}.{field}", "记录的字段与事实或结点同名")
    if shape.value and shape.value not in {*ids, TOTAL, MIN_SHARE}:
        yield Fault("name.unknown", "value", f"主值引用了没有定义的名称“{shape.value}”")


def _level_names(shape: SchemeShape) -> Iterable[Fault]:
    known = set(shape.order)
    used = [(f"level {level.level}", level.level) for level in shape.levels]
    used += [(limiter.id, limiter.cap) for limiter in shape.limiters]
    used += [(item.id, item.cap) for item in shape.items if item.kind == "veto"]
    used += [(entry.id, name) for entry in shape.entry for name in (*entry.levels, *entry.limits)]
    used += [(area.id, name) for area in shape.areas for name in area.min_share]
    used += [("consequences", each.level) for each in shape.consequences]
    yield from (Fault("level.unknown", where, f"没有这个等级“{name}”") for where, name in used if name not in known)
    named = Counter(level.level for level in shape.levels)
    yield from (Fault("level.duplicate", f"level {name}", "等级写了两次") for name, times in named.items() if times > 1)
    missing = [name for name in shape.order[1:] if name not in named]
    yield from (Fault("level.missing", f"level {name}", "等级没有要求") for name in missing)


def _levels(shape: SchemeShape) -> Iterable[Fault]:
    """A higher level never demands less (等级单调), and none asks for more than there is."""
    demands = {level: _atoms(shape, level) for level in shape.order[1:]}
    ranked = list(shape.order[1:])
    for lower, higher in pairwise(ranked):
        for atom in demands[lower]:
            if not any(_implies(stricter, atom) for stricter in demands[higher]):
                yield Fault(
                    "level.not_monotone", f"level {higher}", f"等级 {lower} 要求“{atom}”，更高的等级 {higher} 反而不要求或更低"
                )
    ceilings = {TOTAL: shape.total, MIN_SHARE: Fraction(1), **{area.id: area.max for area in shape.areas}}
    ceilings |= {f"{area.id}.share": Fraction(1) for area in shape.areas}
    for level, atoms in demands.items():
        for atom in atoms:
            found = bound(atom)
            ceiling = ceilings.get(found[0]) if found else None
            if found and ceiling is not None and found[1] in (">=", ">", "==") and found[2] > ceiling:
                yield Fault("level.unreachable", f"level {level}", f"“{atom}”超过满分 {written(ceiling)}，永远达不到")


def _atoms(shape: SchemeShape, level: str) -> list[str]:
    texts = [r.require for spec in shape.levels if spec.level == level for r in spec.require if r.require]
    texts += [e.require for e in shape.entry if not e.limits and level in (e.levels or shape.order)]
    texts += [f"{a.id}.share >= {written(a.min_share[level])}" for a in shape.areas if level in a.min_share]
    return [atom for text in texts if names_in(text) for atom in conjuncts(text)]


def _implies(stricter: str, atom: str) -> bool:
    if stricter == atom:
        return True
    mine, theirs = bound(stricter), bound(atom)
    if not mine or not theirs or mine[0] != theirs[0]:
        return False
    (_, sign, limit), (_, other, least) = mine, theirs
    if other in (">=", ">"):
        return sign in (">=", ">", "==") and (limit > least or (limit == least and (sign in (other, ">") or other == ">=")))
    if other in ("<=", "<"):
        return sign in ("<=", "<", "==") and (limit < least or (limit == least and (sign in (other, "<") or other == "<=")))
    return False


def _entries(shape: SchemeShape) -> Iterable[Fault]:
    for entry in shape.entry:
        named = [level for level in shape.order[1:] if level in (entry.limits or entry.levels or shape.order)]
        if named and named != list(shape.order[1:])[-len(named) :]:
            yield Fault("level.not_monotone", entry.id, f"准入条件“{entry.title}”低等级要求、高等级却不要求")
        limited = entry.require.replace("limit", "0")
        found = bound(limited) if entry.limits and names_in(limited) else None
        limits = [entry.limits[level] for level in named if level in entry.limits]
        ordered = sorted(limits, reverse=bool(found and found[1] in ("<", "<=")))
        if found and limits != ordered:
            yield Fault("level.not_monotone", entry.id, f"准入条件“{entry.title}”的数值随等级升高反而放宽")


def _sums(shape: SchemeShape) -> Iterable[Fault]:
    for area in shape.areas:
        total = sum((item.max for item in area.items), Fraction(0))
        if total != area.max:
            yield Fault("area.sum", area.id, f"“{area.title}”各项满分合计 {written(total)}，领域满分 {written(area.max)}")
    together = sum((area.max for area in shape.areas), Fraction(0))
    if shape.areas and together != shape.total:
        stated = "未写明" if shape.total is None else written(shape.total)
        yield Fault("total.sum", "total", f"各领域满分合计 {written(together)}，总分 {stated}")


def _item(shape: SchemeShape, item: Item) -> Iterable[Fault]:
    ids = [option.id for option in item.options]
    for option in item.options:
        for other in (*option.excludes, *option.requires):
            if other not in ids or other == option.id:
                yield Fault("options.unknown", item.id, f"选项“{option.id}”引用了没有的选项“{other}”")
    if len(set(ids)) < len(ids):
        yield Fault("id.duplicate", item.id, "选项编号重复")
    if len(ids) > MOST_OPTIONS:
        yield Fault("options.too_many", item.id, f"选项超过 {MOST_OPTIONS} 个，应拆成几项")
        return
    needs = {"options": item.options, "choice": item.options, "deduct": item.deductions, "formula": item.expr}
    if item.kind in needs and not needs[item.kind]:
        yield Fault("item.incomplete", item.id, f"“{item.title}”缺少选项、扣分或公式")
        return
    reach = best(item, shape.steps.get(item.table, ()))
    if reach is not None and reach < item.max:
        sentence = f"“{item.title}”满分 {written(item.max)}，各档或各选项最多只能得 {written(reach)}"
        yield Fault("item.max_unreachable", item.id, sentence, Stops.PUBLICATION)
    if reach is not None and reach > item.max and item.kind != "options":
        yield Fault("item.above_max", item.id, f"“{item.title}”有选项高于满分 {written(item.max)}")


def _tables(shape: SchemeShape) -> Iterable[Fault]:
    for name, rows in shape.steps.items():
        thresholds = [threshold for threshold, _ in rows]
        points = [earned for _, earned in sorted(rows)]
        if thresholds not in (sorted(set(thresholds)), sorted(set(thresholds), reverse=True)):
            yield Fault("table.not_monotone", name, "分档界限要按大小依次排列，不能重复")
        if points != sorted(points):
            yield Fault("table.not_monotone", name, "分档得分随界限升高反而降低")


def _weights(shape: SchemeShape) -> Iterable[Fault]:
    for node in shape.nodes:
        for each in node.sets:
            total = sum(each.weights.values(), Fraction(0))
            if total != 1:
                yield Fault("weights.sum", node.id, f"权重合计为 {written(total)}，应为 1")
        shares = sum((share for _, share in node.bands), Fraction(0))
        if node.bands and shares != 1:
            yield Fault("weights.sum", node.id, f"各段比例合计为 {written(shares)}，应为 1")


def _bases(shape: SchemeShape) -> Iterable[Fault]:
    def missing(where: str, title: str) -> Fault:
        return Fault("basis.missing", where, f"“{title}”没有写依据的文件和条款", Stops.PUBLICATION)

    for area in shape.areas:
        yield from (missing(item.id, item.title) for item in area.items if not (item.basis or area.basis))
        yield from _evidence(area)
    rules: list[Entry | Limiter | Referral] = [*shape.entry, *shape.limiters, *shape.refer]
    yield from (missing(rule.id, rule.title) for rule in rules if not rule.basis)
    yield from (missing(f"level {level.level}", level.level) for level in shape.levels if not level.basis)
    yield from (missing(node.id, node.title or node.id) for node in shape.nodes if not node.basis)


def _evidence(area: Area) -> Iterable[Fault]:
    for item in area.items:
        if not item.evidence:
            yield Fault("evidence.missing", item.id, f"“{item.title}”没有写要什么证据", Stops.PUBLICATION)
