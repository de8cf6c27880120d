"""Geometry of the credit pages' drawings (信用图形): points and bars in units of a drawing; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

WIDTH: Final = 400
HEIGHT: Final = 150
LEFT: Final = 30
TOP: Final = 8
FOOT: Final = 22


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a place (刻度)."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The score through time (分数走势): a stepped line, its points, grade lines, months."""

    line: str
    dots: tuple[tuple[float, float, str], ...]
    levels: tuple[Mark, ...]
    months: tuple[Mark, ...]


def curve(points: Sequence[tuple[date, int]], *, since: date, until: date, most: int, levels: Sequence[tuple[int, str]]) -> Curve:
    """A stepped line from `since` to `until` (走势图). A score holds from its day until the next one's."""

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - 4) * (day - since).days / max(1, (until - since).days), 1)

    def y(total: int) -> float:
        return round(TOP + (HEIGHT - TOP - FOOT) * (1 - min(max(total, 0), most) / most), 1)

    shown = [(max(day, since), total) for day, total in points if day <= until]
    before = [p for p in shown if p[0] == since]
    inside = [*before[-1:], *(p for p in shown if p[0] > since)]
    path, last = "", 0.0
    for n, (day, total) in enumerate(inside):
        path += f"M{x(day)} {y(total)}" if n == 0 else f"L{x(day)} {last}L{x(day)} {y(total)}"
        last = y(total)
    if inside:
        path += f"L{x(until)} {last}"
    dots = tuple((x(day), y(total), f"{day.isoformat()}：{total} 分") for day, total in inside)
    return Curve(path, dots, tuple(Mark(y(at), word) for at, word in levels), _months(since, until, x))


def _months(since: date, until: date, x: Callable[[date], float]) -> tuple[Mark, ...]:
    """Up to five months along the foot (横轴)."""
    count = (until.year - since.year) * 12 + until.month - since.month
    step = max(1, -(-count // 5))
    found = []
    for n in range(1, count + 1, step):
        year, month = divmod(since.year * 12 + since.month - 1 + n, 12)
        day = date(year, month + 1, 1)
        if day <= until:
            found.append(Mark(x(day), f"{year % 100:02d}-{month + 1:02d}"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Bar:
    """When a record counts (计入期), in hundredths of the drawing's width; `now` is today's place."""

    start: float
    width: float
    now: float
    open_end: bool


def bar(first: date, last: date | None, *, since: date, until: date, on: date) -> Bar:
    """One record's time on a common line (计入期条)."""
    total = max(1, (until - since).days)

    def at(day: date) -> float:
        return round(100 * (min(max(day, since), until) - since).days / total, 1)

    end = at(last) if last is not None and last <= until else 100.0
    return Bar(at(first), max(1.0, round(end - at(first), 1)), at(on), last is None or last > until)
