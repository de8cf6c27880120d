"""A scheme made ready to run (方案编译): its nodes in order of dependence, every expression compiled once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from itertools import product
from typing import Final

from app.ratings.rules.expressions import (
    Expression,
    ExpressionFault,
    Kind,
    Lookup,
    Run,
    Steps,
    Value,
    Vocabulary,
    compile_expression,
)
from app.ratings.rules.faults import Fault, Stops
from app.ratings.rules.graph import MIN_SHARE, TOTAL, Cap, Check, Frame, Program, Refer, Vertex
from app.ratings.rules.nodes import area_points, area_share, band, min_share, tally, total, weighted
from app.ratings.rules.numbers import exact, written
from app.ratings.rules.panel import settle
from app.ratings.rules.shape import Area, Basis, Fact, Item, Node, Requirement, SchemeShape

MOST_FACTS: Final = 8


def names_in(source: str) -> frozenset[str]:
    """Names that an expression text reads (条件式引用的名称), `area.share` as one; empty for a text that is no expression."""
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    wanted = (n for n in ast.walk(tree) if isinstance(n, ast.Name | ast.Attribute) and id(n) not in called | inside)
    return frozenset(ast.unparse(node) for node in wanted) - {"unknown"}


def compile_scheme(scheme: SchemeShape) -> tuple[Program | None, list[Fault]]:
    """Compile a scheme (编译方案), with the faults found; a fault that stops use means that there is no program."""
    builder = _Builder(scheme)
    program = builder.build()
    useless = any(fault.stops is Stops.USE for fault in builder.faults)
    return (None if useless else program), builder.faults


class _Builder:
    """Collects vertices and faults (编译过程)."""

    def __init__(self, scheme: SchemeShape) -> None:
        self.scheme = scheme
        self.faults: list[Fault] = []
        self.kinds: dict[str, Kind] = {fact.id: fact.type for fact in scheme.facts}
        self.steps: Mapping[str, Steps] = scheme.steps
        self.lookups: dict[str, Lookup] = {name: _lookup(rows) for name, rows in scheme.lookups.items()}
        self.makers: dict[str, Callable[[], Vertex]] = {}
        self.reads: dict[str, frozenset[str]] = {}

    def build(self) -> Program:
        """The whole program (编译)."""
        self._plan()
        vertices = [self.makers[name]() for name in self._order() if name in self.makers]
        reads = {vertex.id: vertex.reads for vertex in vertices}
        items = frozenset(item.id for item in self.scheme.items)
        return Program(
            vertices=tuple(vertices),
            checks={level: tuple(self._checks(level)) for level in self.scheme.order[1:]},
            caps=tuple(self._caps()),
            refer=tuple(self._referrals()),
            leaves=frozenset(fact.id for fact in self.scheme.facts),
            scored_by_items=_downstream(items, reads),
            steps=self.steps,
            by_id={vertex.id: vertex for vertex in vertices},
        )

    def _plan(self) -> None:
        for node in self.scheme.nodes:
            self._add(node.id, _node_reads(node, self.scheme), lambda node=node: self._node(node))  # type: ignore[misc]
        for item in self.scheme.items:
            self._add(item.id, _item_reads(item), lambda item=item: self._item(item))  # type: ignore[misc]
        for area in self.scheme.areas:
            mine = frozenset(item.id for item in area.items)
            self._add(area.id, mine, lambda area=area: self._area(area))  # type: ignore[misc]
            self._add(f"{area.id}.share", frozenset({area.id}), lambda area=area: area_share(area))  # type: ignore[misc]
        if self.scheme.areas:
            areas = frozenset(area.id for area in self.scheme.areas)
            shares = frozenset(f"{area.id}.share" for area in self.scheme.areas)
            self._add(TOTAL, areas, lambda: total(self.scheme, areas))
            self._add(MIN_SHARE, shares, lambda: min_share(shares))

    def _add(self, name: str, reads: frozenset[str], make: Callable[[], Vertex]) -> None:
        self.makers[name] = make
        self.reads[name] = reads

    def _order(self) -> list[str]:
        try:
            return list(TopologicalSorter({name: sorted(self.reads[name]) for name in sorted(self.reads)}).static_order())
        except CycleError as error:
            self._fault("nodes.cycle", str(error.args[1][0]), "结点互相引用成环:" + " → ".join(error.args[1]))
            return []

    def _fault(self, code: str, where: str, sentence: str) -> None:
        self.faults.append(Fault(code, where, sentence))

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.kinds, self.steps, self.lookups, self.scheme.order)

    def _compile(self, source: str, where: str, kind: Kind | None, extra: Mapping[str, Kind] | None = None) -> Expression:
        try:
            found = compile_expression(source, self._vocabulary().with_names(extra or {}))
        except ExpressionFault as fault:
            self._fault(fault.code, where, fault.sentence)
            return Expression(source, frozenset(), "unknown", lambda _env: None)
        if kind and found.kind not in (kind, "unknown"):
            self._fault("expression.type", where, f"“{source}”的结果应为 {kind}，现为 {found.kind}")
        return found

    def _need(self, name: str, where: str) -> None:
        if name not in self.kinds:
            self._fault("name.unknown", where, f"引用了没有定义的名称“{name}”")

    def _node(self, node: Node) -> Vertex:
        match node.op:
            case "expr":
                found = self._compile(node.expr, node.id, None)
                kind, rule, run = found.kind, node.expr, _by_env(found.run)
            case "tally":
                kind, rule, run = "number", _tally_text(node), self._tally(node)
            case "weighted":
                kind, rule, run = "number", _weighted_text(node), self._weighted(node)
            case _:
                self._need(node.of, node.id)
                kind, rule, run = "number", f"{node.of} 在同组({node.group})中的位次", band(node)
        self.kinds[node.id] = kind
        return Vertex(node.id, node.title or node.id, rule, self.reads[node.id], run, node.basis, node.op)

    def _tally(self, node: Node) -> Callable[[Frame], Value]:
        fields: Mapping[str, Kind] = dict(self.scheme.records.get(node.over, {}))
        if node.over not in self.scheme.records:
            self._fault("name.unknown", node.id, f"没有这类记录“{node.over}”")
        if node.once_per and node.once_per not in fields:
            self._fault("name.unknown", node.id, f"记录里没有字段“{node.once_per}”")
        where = self._compile(node.where or "True", node.id, "flag", fields)
        value = self._compile(node.value or "1", node.id, "number", fields)
        return lambda frame: tally(node, where.run, value.run, frame)

    def _weighted(self, node: Node) -> Callable[[Frame], Value]:
        sets: list[tuple[Run, Mapping[str, Fraction]]] = []
        for each in node.sets:
            for name in each.weights:
                self._need(name, node.id)
            sets.append((self._compile(each.when or "True", node.id, "flag").run, each.weights))
        return lambda frame: weighted(sets, frame.env)

    def _item(self, item: Item) -> Vertex:
        parts: Mapping[str, Kind] = {part.id: "number" for part in item.parts}
        formula = self._compile(item.expr, item.id, "number", parts) if item.kind == "formula" else None
        if formula:
            self._reach(item, formula)
        if item.kind == "tier":
            self._need(item.fact, item.id)
            if item.table not in self.steps:
                self._fault("name.unknown", item.id, f"没有这张分档表“{item.table}”")
        na = tuple((rule, self._compile(rule.when, item.id, "flag")) for rule in item.na if rule.when)
        steps = self.steps.get(item.table, ())
        assessment = self.scheme.assessment
        self.kinds[item.id] = "number"

        def run(frame: Frame) -> Value:
            scored = settle(item, steps, formula, na, assessment, frame.case, frame.env)
            frame.scored[item.id] = scored
            return scored.points

        basis = item.basis or next((area.basis for area in self.scheme.areas if item in area.items), None)
        return Vertex(item.id, item.title, _item_rule(item), self.reads[item.id], run, basis, item.kind)

    def _reach(self, item: Item, formula: Expression) -> None:
        """Can a formula reach its maximum (公式能否得满分)? Tried with every part full and every fact at either end."""
        facts = {fact.id: fact for fact in self.scheme.facts if fact.id in formula.names and fact.type != "text"}
        parts: dict[str, Value] = {part.id: part.max for part in item.parts}
        if len(facts) > MOST_FACTS or formula.names - facts.keys() - parts.keys():
            return
        ends = [_ends(fact) for fact in facts.values()]
        tried = (formula.run({**parts, **dict(zip(facts, combo, strict=True))}) for combo in product(*ends))
        best = max((value for value in tried if isinstance(value, Fraction)), default=Fraction(0))
        if best < item.max:
            sentence = f"“{item.title}”满分 {written(item.max)}，公式最多只能得 {written(best)}"
            self.faults.append(Fault("item.max_unreachable", item.id, sentence, Stops.PUBLICATION))

    def _area(self, area: Area) -> Vertex:
        self.kinds[area.id] = self.kinds[f"{area.id}.share"] = "number"
        self.kinds[TOTAL] = self.kinds[MIN_SHARE] = "number"
        rule = f"各项得分 ÷ 适用满分 × {written(area.max)}"
        return Vertex(area.id, area.title, rule, self.reads[area.id], lambda f: area_points(area, f), area.basis, "area")

    def _checks(self, level: str) -> Iterable[Check]:
        for spec in self.scheme.levels:
            if spec.level == level:
                yield from (self._check(level, requirement, spec.basis) for requirement in spec.require)
        for entry in self.scheme.entry:
            if level in (entry.limits or entry.levels or self.scheme.order):
                extra: Mapping[str, Kind] = {"limit": "number"} if entry.limits else {}
                test = self._compile(entry.require, entry.id, "flag", extra)
                limit = entry.limits.get(level)
                text = entry.require if limit is None else f"{entry.require}(limit = {written(limit)})"
                yield Check(level, text, entry.title, test, entry.basis, entry.placeholder, limit)
        for area in self.scheme.areas:
            if level in area.min_share:
                text = f"{area.id}.share >= {written(area.min_share[level])}"
                test = self._compile(text, area.id, "flag")
                yield Check(level, text, f"{area.title}得分率", test, area.basis, area.placeholder)

    def _check(self, level: str, requirement: Requirement, basis: Basis | None) -> Check:
        test = self._compile(requirement.require, f"level {level}", "flag") if requirement.require else None
        text = requirement.require or requirement.gap
        return Check(level, text, requirement.title, test, requirement.basis or basis, requirement.placeholder)

    def _caps(self) -> Iterable[Cap]:
        for limiter in self.scheme.limiters:
            test = self._compile(limiter.when, limiter.id, "flag")
            yield Cap(limiter.id, limiter.title, limiter.cap, test.names, _by_env(test.run), limiter.basis)
        for item in self.scheme.items:
            if item.kind == "veto":
                yield Cap(item.id, item.title, item.cap, frozenset({item.id}), _vetoed(item.id), item.basis)

    def _referrals(self) -> Iterable[Refer]:
        for each in self.scheme.refer:
            yield Refer(each.id, each.title, self._compile(each.when, each.id, "flag"), each.basis)


def _ends(fact: Fact) -> tuple[Value, Value]:
    if fact.type == "flag":
        return False, True
    return (Fraction(0) if fact.min is None else fact.min), (Fraction(10**12) if fact.max is None else fact.max)


def _lookup(rows: Mapping[str, object]) -> Lookup:
    def value(raw: object) -> Value:
        if isinstance(raw, bool):
            return raw
        try:
            return exact(raw)
        except ValueError:
            return str(raw)

    return {key: value(raw) for key, raw in rows.items()}


def _node_reads(node: Node, scheme: SchemeShape) -> frozenset[str]:
    match node.op:
        case "expr":
            return names_in(node.expr)
        case "tally":
            fields = scheme.records.get(node.over, {}).keys()
            return (names_in(node.where) | names_in(node.value)) - fields
        case "weighted":
            conditions = (names_in(each.when) | each.weights.keys() for each in node.sets)
            return frozenset().union(*conditions)
    return frozenset({node.of})


def _item_reads(item: Item) -> frozenset[str]:
    own = {part.id for part in item.parts}
    conditions = frozenset().union(*(names_in(rule.when) for rule in item.na))
    return conditions | (names_in(item.expr) - own) | (frozenset({item.fact}) - {""})


def _downstream(roots: frozenset[str], reads: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """All vertices that depend on `roots` (下游结点); `reads` is in order of dependence."""
    reached = set(roots)
    for name, sources in reads.items():
        if sources & reached:
            reached.add(name)
    return frozenset(reached)


def _by_env(run: Run) -> Callable[[Frame], Value]:
    return lambda frame: run(frame.env)


def _vetoed(item: str) -> Callable[[Frame], Value]:
    return lambda frame: frame.scored[item].vetoed


def _tally_text(node: Node) -> str:
    merged = f",同一“{node.once_per}”只计一次取大" if node.once_per else ""
    return f"{node.fold}({node.value or '1'}) 取自 {node.over} 中 {node.where or '全部'}{merged}"


def _weighted_text(node: Node) -> str:
    texts = (" + ".join(f"{written(w)}×{n}" for n, w in each.weights.items()) for each in node.sets)
    conditions = (f"[{each.when}] " if each.when else "" for each in node.sets)
    return ";".join(c + t for c, t in zip(conditions, texts, strict=True))


def _item_rule(item: Item) -> str:
    match item.kind:
        case "tier":
            return f"按 {item.fact} 查表 {item.table}，满分 {written(item.max)}"
        case "formula":
            return f"{item.expr}，满分 {written(item.max)}"
    return f"{item.kind}，满分 {written(item.max)}"
