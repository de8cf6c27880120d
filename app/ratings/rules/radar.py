"""A radar by area as points of a drawing (雷达图): shares on spokes, the first at the top, clockwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CENTRE: Final = 100.0
RADIUS: Final = 70.0


@dataclass(frozen=True, slots=True)
class Spoke:
    """One area's spoke (辐条): its end, and where its name stands."""

    title: str
    x: float
    y: float
    name_x: float
    name_y: float
    anchor: str


def spokes(titles: Sequence[str]) -> list[Spoke]:
    """The spokes of these areas (辐条)."""
    found = []
    for number, title in enumerate(titles):
        x, y = _at(number, len(titles), 1.0)
        name_x, name_y = _at(number, len(titles), 1.18)
        anchor = "middle" if abs(x - CENTRE) < 8 else "start" if x > CENTRE else "end"
        found.append(Spoke(title, x, y, name_x, name_y + 4, anchor))
    return found


def polygon(shares: Sequence[float]) -> str:
    """The points of a polygon (多边形顶点), as SVG writes them. Shares from 0 to 1."""
    return " ".join(f"{x},{y}" for x, y in (_at(n, len(shares), max(0.0, min(1.0, s))) for n, s in enumerate(shares)))


def _at(number: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / max(count, 1) - math.pi / 2
    return round(CENTRE + RADIUS * share * math.cos(angle), 1), round(CENTRE + RADIUS * share * math.sin(angle), 1)
