"""Rating one case under one scheme (评定计算): points, level, reasons, trace and hashes. No database, no clock, no chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

from app.ratings.rules.case import Case, InputFault, inputs_sha
from app.ratings.rules.expressions import Env, Value
from app.ratings.rules.graph import Check, Frame, Vertex
from app.ratings.rules.numbers import shown, written
from app.ratings.rules.panel import Scored
from app.ratings.rules.scheme import Scheme
from app.ratings.rules.source import fingerprint

ENGINE: Final = "1"
_TYPES: Final = {"number": Fraction, "flag": bool, "text": str}


class State(StrEnum):
    """How a result stands (结果状态)."""

    DECIDED = "decided"
    UNDECIDED = "undecided"
    REFERRED = "referred"
    OVERRULED = "overruled"
    VALUED = "valued"

    @property
    def label(self) -> str:
        """The word on the screen (显示名称)."""
        return {
            "decided": "已得出", "undecided": "尚不能得出", "referred": "由评定委员会决定", "overruled": "合议调整",
            "valued": "只计分值",
        }[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unmet:
    """What a level lacks (未满足的要求): failed, or unknown with what is missing."""

    level: str
    text: str
    title: str
    actual: str
    failed: bool
    missing: tuple[str, ...]
    basis: str

    def __str__(self) -> str:
        lacking = f",缺：{'、'.join(self.missing)}" if self.missing else ""
        name = f"{self.title}({self.text})" if self.title else self.text
        return f"{self.level}:{name}，现为 {self.actual or '未知'}{lacking}"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One step of the computation (计算步骤): input, rule, clause, evidence, value."""

    id: str
    title: str
    value: str
    rule: str
    inputs: tuple[tuple[str, str], ...]
    clause: str
    evidence: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Result:
    """The rating of one case (评定结果). `level` is None while undecided or referred.

    `floor` and `ceiling` are the best level that is certain and the best that is still possible; `seal` is the hash over
    engine, scheme and inputs: the same three always give the same result.
    """

    scheme: str
    state: State
    level: str | None
    by_rules: str | None
    floor: str | None
    ceiling: str | None
    value: Fraction | None
    missing: tuple[str, ...]
    capped_by: tuple[str, ...]
    referred_by: tuple[str, ...]
    unmet: tuple[Unmet, ...]
    scheme_sha: str
    inputs_sha: str
    seal: str
    what_if: bool
    ran: Frame = field(repr=False, compare=False)
    of: Scheme = field(repr=False, compare=False)

    @cached_property
    def trace(self) -> tuple[TraceLine, ...]:
        """Every step with input, rule, clause, evidence (计算过程)."""
        return tuple(_line(vertex, self.ran) for vertex in self.of.program.vertices)

    @property
    def items(self) -> dict[str, Scored]:
        """What each item came to (各项结果)."""
        return dict(self.ran.scored)

    @property
    def divergences(self) -> tuple[str, ...]:
        """Items on which the assessors must confer (须合议的项目)."""
        return tuple(sorted(name for name, scored in self.ran.scored.items() if scored.diverged))

    def amount(self, name: str) -> Fraction | None:
        """A computed number by id (按编号取值), such as `total` or an area."""
        found = self.ran.env.get(name)
        return found if isinstance(found, Fraction) else None


def evaluate(scheme: Scheme, case: Case) -> Result:
    """Rate a case (评定). Raises InputFault for answers that do not fit and for an override without right or reason."""
    _check_inputs(scheme, case)
    frame = run(scheme, case)
    floor, ceiling, caps, missing = _levels(scheme, frame)
    referred, unsure = _referred(scheme, frame)
    state, level = _verdict(scheme, floor, ceiling, referred, unsure)
    by_rules = level
    if case.override:
        level, state = _overruled(scheme, frame, state, level), State.OVERRULED
    inputs = inputs_sha(case)
    value = frame.env.get(scheme.shape.value or "total")
    return Result(
        scheme=scheme.key,
        state=state,
        level=level,
        by_rules=by_rules,
        floor=floor,
        ceiling=ceiling,
        value=value if isinstance(value, Fraction) else None,
        missing=missing if state is State.UNDECIDED or (state is State.VALUED and value is None) else (),
        capped_by=caps,
        referred_by=referred,
        unmet=tuple(_unmet(scheme, frame, level or floor)),
        scheme_sha=scheme.sha,
        inputs_sha=inputs,
        seal=fingerprint({"engine": ENGINE, "scheme": scheme.sha, "inputs": inputs}),
        what_if=bool(case.given),
        ran=frame,
        of=scheme,
    )


def run(scheme: Scheme, case: Case) -> Frame:
    """Compute every node in order of dependence (逐结点计算)."""
    known = scheme.program.leaves
    frame = Frame(case, {name: value for name, value in case.facts.items() if name in known})
    for vertex in scheme.program.vertices:
        frame.env[vertex.id] = _value(vertex, frame)
    return frame


def rerun(scheme: Scheme, frame: Frame, points: dict[str, Fraction]) -> Frame:
    """Run again with other points for some items (换分试算), computing only what follows from items."""
    again = Frame(frame.case, dict(frame.env), dict(frame.scored))
    for vertex in scheme.program.vertices:
        if vertex.id in points:
            again.scored[vertex.id] = replace(again.scored[vertex.id], points=points[vertex.id])
            again.env[vertex.id] = points[vertex.id]
        elif vertex.id in scheme.program.scored_by_items and vertex.id not in again.scored:
            again.env[vertex.id] = _value(vertex, again)
    return again


def _value(vertex: Vertex, frame: Frame) -> Value:
    computed = vertex.run(frame)
    return frame.case.given.get(vertex.id, computed) if frame.case.given else computed


def _check_inputs(scheme: Scheme, case: Case) -> None:
    for fact in scheme.shape.facts:
        value = case.facts.get(fact.id)
        if value is not None and not isinstance(value, _TYPES[fact.type]):
            raise InputFault(f"{fact.title or fact.id}：类型不符，应为 {fact.type}")
    assessors = [sheet.assessor for sheet in case.sheets]
    if len(set(assessors)) < len(assessors):
        raise InputFault("同一评定员交了两张评分表")
    known = {item.id for item in scheme.shape.items}
    for who, answers in [*((s.assessor, s.answers) for s in case.sheets), ("合议", case.consensus)]:
        if answers.keys() - known:
            raise InputFault(f"{who}：没有这些评分项 {'、'.join(sorted(answers.keys() - known))}")
    if case.given.keys() - scheme.program.by_id.keys():
        raise InputFault("试算值的编号不在方案里")


def verdict(checks: Iterable[Check], env: Env) -> Value:
    """All of a level's demands together (一个等级是否满足): no if any fails, unknown if any is unknown."""
    said = [check.verdict(env) for check in checks]
    return False if False in said else None if None in said else True


def _levels(scheme: Scheme, frame: Frame) -> tuple[str | None, str | None, tuple[str, ...], tuple[str, ...]]:
    """The best certain and the best possible level after caps (确定与可能的最高等级), caps that hold, what is missing."""
    order = scheme.shape.order
    if not order:
        return None, None, (), _missing_of(scheme, frame, [scheme.shape.value])
    floor = ceiling = 0
    doubtful: list[str] = []
    for rank, level in enumerate(order[1:], start=1):
        said = verdict(scheme.program.checks[level], frame.env)
        floor = rank if said is True else floor
        ceiling = rank if said is not False else ceiling
        if said is None:
            doubtful += [n for c in scheme.program.checks[level] if c.verdict(frame.env) is None for n in _reads(c)]
            doubtful += [c.text for c in scheme.program.checks[level] if c.test is None]
    held: list[str] = []
    for cap in scheme.program.caps:
        bites = cap.test(frame)
        rank = order.index(cap.cap)
        if bites is True and rank < ceiling:
            held.append(cap.id)
        if bites is not False:
            floor = min(floor, rank)
            ceiling = min(ceiling, rank) if bites else ceiling
        if bites is None:
            doubtful += sorted(cap.reads)
    return order[floor], order[ceiling], tuple(held), _missing_of(scheme, frame, doubtful)


def _reads(check: Check) -> list[str]:
    return sorted(check.test.names - {"limit"}) if check.test else []


def _missing_of(scheme: Scheme, frame: Frame, names: Iterable[str]) -> tuple[str, ...]:
    """The facts and answers that make these names unknown (缺少的事实与评分)."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen or frame.env.get(name) is not None:
            continue
        seen.add(name)
        scored, vertex = frame.scored.get(name), scheme.program.by_id.get(name)
        deeper = [read for read in vertex.reads if frame.env.get(read) is None] if vertex else []
        if scored is not None:
            found |= set(scored.missing or (name,))
        elif deeper:
            waiting += deeper
        elif name:
            found.add(name)
    return tuple(sorted(found))


def _referred(scheme: Scheme, frame: Frame) -> tuple[tuple[str, ...], bool]:
    said = [(each.id, each.test.run(frame.env)) for each in scheme.program.refer]
    return tuple(name for name, value in said if value is True), any(value is None for _, value in said)


def _verdict(
    scheme: Scheme, floor: str | None, ceiling: str | None, referred: tuple[str, ...], unsure: bool
) -> tuple[State, str | None]:
    if not scheme.shape.order:
        return State.VALUED, None
    if referred:
        return State.REFERRED, None
    if floor != ceiling or unsure:
        return State.UNDECIDED, None
    return State.DECIDED, floor


def _overruled(scheme: Scheme, frame: Frame, state: State, level: str | None) -> str:
    """The committee's level, if it may give it (合议调整): with a reason, within the steps allowed, not above a limiter."""
    wish, rule, order = frame.case.override, scheme.shape.override, list(scheme.shape.order)
    assert wish is not None
    if wish.level not in order:
        raise InputFault(f"没有这个等级“{wish.level}”")
    if not wish.reason.strip():
        raise InputFault("合议调整要写明理由")
    if wish.by != rule.allowed_by:
        raise InputFault(f"只有 {rule.allowed_by} 可以调整等级")
    if state not in (State.DECIDED, State.REFERRED):
        raise InputFault("缺少的事实或评分补齐以后才能调整等级")
    rank = order.index(wish.level)
    if level is not None and abs(rank - order.index(level)) > rule.max_steps:
        raise InputFault(f"最多只能调整 {rule.max_steps} 级")
    above = [cap.id for cap in scheme.program.caps if order.index(cap.cap) < rank and cap.test(frame) is not False]
    if above:
        raise InputFault(f"有限制条件({'、'.join(above)}),不能调整到“{wish.level}”")
    return wish.level


def _unmet(scheme: Scheme, frame: Frame, level: str | None) -> Iterable[Unmet]:
    """What every higher level lacks (更高各等级未满足的要求)."""
    order = scheme.shape.order
    for higher in order[order.index(level) + 1 :] if level in order else ():
        for check in scheme.program.checks[higher]:
            said = check.verdict(frame.env)
            if said is not True:
                names = _reads(check)
                actual = "、".join(f"{name}={_said(frame.env.get(name))}" for name in names)
                missing = _missing_of(scheme, frame, names) if said is None else ()
                basis = str(check.basis) if check.basis else ""
                yield Unmet(higher, check.text, check.title, actual, said is False, missing, basis)
        for cap in scheme.program.caps:
            bites = cap.test(frame)
            if bites is not False and order.index(cap.cap) < order.index(higher):
                actual = "限制条件成立" if bites else "未知"
                missing = () if bites else _missing_of(scheme, frame, cap.reads)
                basis = str(cap.basis) if cap.basis else ""
                yield Unmet(higher, cap.id, cap.title, actual, bool(bites), missing, basis)


def _said(value: Value) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    return shown(value) if isinstance(value, Fraction) else value


def _exactly(value: Value) -> str:
    return written(value) if isinstance(value, Fraction) else _said(value)


def _line(vertex: Vertex, frame: Frame) -> TraceLine:
    scored = frame.scored.get(vertex.id)
    inputs = tuple((name, _exactly(frame.env.get(name))) for name in sorted(vertex.reads))
    if scored:
        inputs += tuple((f"评定员 {who}", written(points)) for who, points in sorted(scored.by_assessor.items()))
    cuts = frame.case.cuts.get(vertex.id, ())
    inputs += tuple((f"{written(band)} 段分界", written(limit)) for band, limit in cuts)
    note = scored.note if scored else "试算值" if vertex.id in frame.case.given else ""
    return TraceLine(
        vertex.id, vertex.title, _exactly(frame.env.get(vertex.id)), vertex.rule, inputs,
        str(vertex.basis) if vertex.basis else "", scored.evidence if scored else (), note,
    )  # fmt: skip
