"""Whether an application may go on (资格审查): conditions on facts, each yes, no or unknown; unknown never satisfies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.core.labels import Labelled
from app.ratings.rules.case import Case
from app.ratings.rules.evaluate import run
from app.ratings.rules.expressions import Value
from app.ratings.rules.numbers import shown
from app.ratings.rules.scheme import Scheme
from app.ratings.rules.source import fingerprint


class Verdict(Labelled):
    """How one condition stands (条件结论)."""

    MET = "met", "符合"
    FAILED = "failed", "不符合"
    UNKNOWN = "unknown", "待核实"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition with what it was judged on (资格条件)."""

    title: str
    text: str
    verdict: Verdict
    actual: str
    missing: tuple[str, ...]
    basis: str


def _verdict(value: Value) -> Verdict:
    return Verdict.MET if value is True else Verdict.FAILED if value is False else Verdict.UNKNOWN


def conditions(scheme: Scheme, facts: Mapping[str, Value], target: str) -> list[Condition]:
    """The entry conditions and limiters of the level applied for that rest on facts alone (申请等级的准入与限制条件)."""
    frame = run(scheme, Case(facts=facts))
    titles = {fact.id: fact.title or fact.id for fact in scheme.shape.facts}
    found = []
    for check in scheme.program.checks.get(target, ()):
        names = sorted(check.test.names - {"limit"}) if check.test else []
        if check.test is None or set(names) & scheme.program.scored_by_items:
            continue
        said = _verdict(check.verdict(frame.env))
        found.append(_condition(check.title or check.text, check.text, said, names, frame.env, titles, str(check.basis or "")))
    order = scheme.shape.order
    for cap in scheme.program.caps:
        if cap.reads & scheme.program.scored_by_items or cap.reads & {i.id for i in scheme.shape.items}:
            continue
        if target in order and order.index(cap.cap) < order.index(target):
            bites = cap.test(frame)
            said = Verdict.FAILED if bites is True else Verdict.MET if bites is False else Verdict.UNKNOWN
            title = f"没有“{cap.title}”的情形"
            found.append(_condition(title, cap.id, said, sorted(cap.reads), frame.env, titles, str(cap.basis or "")))
    return found


def _condition(
    title: str, text: str, said: Verdict, names: list[str], env: Mapping[str, Value], titles: Mapping[str, str], basis: str
) -> Condition:
    actual = "、".join(f"{titles.get(name, name)}：{_words(env.get(name))}" for name in names)
    missing = tuple(titles.get(name, name) for name in names if env.get(name) is None)
    return Condition(title, text, said, actual, missing if said is Verdict.UNKNOWN else (), basis)


def _words(value: Value) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    return shown(value) if isinstance(value, Fraction) else str(value)


def snapshot_sha(rows: list[dict[str, str]]) -> str:
    """The hash of a snapshot (资格快照指纹)."""
    return fingerprint(rows)
