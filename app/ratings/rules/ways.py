"""What is missing for the next level, cheapest first (晋级差距): the fewest items, the smallest steps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from app.ratings.rules.evaluate import Result, rerun
from app.ratings.rules.graph import Check, Frame
from app.ratings.rules.items import ladder
from app.ratings.rules.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Change:
    """Raise one item (提分项目) from its present points to `to`."""

    item: str
    title: str
    now: Fraction
    to: Fraction

    @property
    def gain(self) -> Fraction:
        """Points gained on the item (增加的分值)."""
        return self.to - self.now


@dataclass(frozen=True, slots=True)
class Way:
    """How a level can be reached (晋级路径): items to raise, and what points cannot mend.

    `reachable` is False when even full points on every answered item do not meet the demands that rest on points.
    """

    level: str
    reachable: bool
    changes: tuple[Change, ...]
    also: tuple[str, ...]


def ways_up(scheme: Scheme, result: Result) -> tuple[Way, ...]:
    """One way for each level above the result's, lowest first (各更高等级的提分办法)."""
    order, stands = scheme.shape.order, result.level or result.floor
    if stands not in order:
        return ()
    return tuple(_way(scheme, result, level) for level in order[order.index(stands) + 1 :])


def _way(scheme: Scheme, result: Result, level: str) -> Way:
    checks = scheme.program.checks[level]
    on_points = [c for c in checks if c.test and c.test.names & scheme.program.scored_by_items]
    facts = {check.text for check in checks if check not in on_points}
    caps = {cap.id for cap in scheme.program.caps}
    also = tuple(u.title or u.text for u in result.unmet if u.level == level and u.text in facts | caps)
    raised = _minimal(scheme, result.ran, on_points)
    if raised is None:
        return Way(level, False, (), also)
    titles = {item.id: item.title for item in scheme.shape.items}
    now = {name: result.ran.scored[name].points or Fraction(0) for name in raised}
    changes = [Change(name, titles[name], now[name], to) for name, to in raised.items() if to > now[name]]
    return Way(level, True, tuple(sorted(changes, key=lambda change: (-change.gain, change.item))), also)


def _minimal(scheme: Scheme, frame: Frame, checks: list[Check]) -> dict[str, Fraction] | None:
    """The smallest raise that meets the checks: start from full points, take back what is not needed, smallest gain first."""
    rungs: dict[str, list[Fraction]] = {}
    for item in scheme.shape.items:
        scored = frame.scored[item.id]
        if scored.points is not None and scored.out_of and scored.points < item.max and item.kind != "veto":
            now = scored.points
            rungs[item.id] = [now, *(p for p in ladder(item, scheme.program.steps.get(item.table, ())) if p > now)]
    points = {name: steps[-1] for name, steps in rungs.items()}

    def enough() -> bool:
        env = rerun(scheme, frame, points).env
        return all(check.verdict(env) is True for check in checks)

    if not enough():
        return None
    for name in sorted(rungs, key=lambda name: (rungs[name][-1] - rungs[name][0], name)):
        points[name] = rungs[name][0]
        if not enough():
            points[name] = rungs[name][-1]
    for name in sorted(rungs, key=lambda name: (rungs[name][0] - rungs[name][-1], name)):
        if points[name] > rungs[name][0]:
            points[name] = _lowest(rungs[name], points, name, enough)
    return points


def _lowest(rungs: list[Fraction], points: dict[str, Fraction], name: str, enough: object) -> Fraction:
    assert callable(enough)
    low, high = 0, len(rungs) - 1
    while low < high:
        middle = (low + high) // 2
        points[name] = rungs[middle]
        low, high = (low, middle) if enough() else (middle + 1, high)
    return rungs[high]
