"""Coverage (全覆盖): every site inspected on site at least once a year, and once jointly, whatever the lot says.

The draw decides order and depth; this counter sees to it that nobody ends the year with zero. Source of the numbers:
settings `inspection.visits_min` and `inspection.joint_visits_min` of the policy pack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Visit:
    """One finished on-site inspection (一次现场检查)."""

    site_id: UUID
    on: date
    joint: bool = False


@dataclass(frozen=True, slots=True)
class Covered:
    """How often a site was inspected in a year (覆盖情况), and what is still missing. `last_on`: the newest visit."""

    site_id: UUID
    visits: int
    joint_visits: int
    missing_visits: int
    missing_joint: int
    last_on: date | None

    @property
    def complete(self) -> bool:
        """Whether the year's minimum is reached (已达下限)."""
        return not self.missing_visits and not self.missing_joint


def coverage(
    sites: Collection[UUID], visits: Iterable[Visit], *, year: int, visits_min: int, joint_min: int
) -> tuple[Covered, ...]:
    """Coverage of each site in a calendar year (年度覆盖), in the order given. A joint visit is also a visit.

    Visits of other years and to other sites do not count.
    """
    wanted = set(sites)
    counted = [visit for visit in visits if visit.on.year == year and visit.site_id in wanted]
    all_ = Counter(visit.site_id for visit in counted)
    joint = Counter(visit.site_id for visit in counted if visit.joint)
    last: dict[UUID, date] = {}
    for visit in counted:
        last[visit.site_id] = max(visit.on, last.get(visit.site_id, visit.on))
    return tuple(
        Covered(
            site,
            all_[site],
            joint[site],
            max(0, visits_min - all_[site]),
            max(0, joint_min - joint[site]),
            last.get(site),
        )
        for site in sites
    )


@dataclass(frozen=True, slots=True)
class CoverageSum:
    """The counter of a year (覆盖计数): sites, those visited, those jointly visited, those with nothing at all."""

    sites: int
    visited: int
    joint: int
    untouched: int


def summed(rows: Sequence[Covered]) -> CoverageSum:
    """Add up (汇总). A site counts as visited when its minimum is reached."""
    return CoverageSum(
        len(rows),
        sum(not row.missing_visits for row in rows),
        sum(not row.missing_joint for row in rows),
        sum(row.visits == 0 for row in rows),
    )
