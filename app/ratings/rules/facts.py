"""Where facts come from (事实来源) and which of several values counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from app.core.labels import Labelled


class Origin(Labelled):
    """Who stands behind a fact (事实出处)."""

    REGISTER = "register", "系统登记"
    CREDIT = "credit", "信用记录"
    CLAIMED = "claimed", "机构填报"
    CONFIRMED = "confirmed", "经办核实"


RANK: Final[Mapping[Origin, int]] = {Origin.CLAIMED: 0, Origin.REGISTER: 1, Origin.CREDIT: 1, Origin.CONFIRMED: 2}


@dataclass(frozen=True, slots=True)
class Found:
    """A value with its day and source (取到的事实), as text."""

    value: str
    as_of: date
    source: str
    origin: Origin = Origin.REGISTER


class Entered(Protocol):
    """A fact as it is kept (已存事实)."""

    @property
    def key(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def origin(self) -> Origin: ...


def standing_facts(rows: Iterable[Entered], *, claims: bool) -> dict[str, Entered]:
    """The values that count (有效事实): a confirmation before the register, the register before a claim, the later before the
    earlier. `rows` are in order of entry; without `claims` what the home alone says stays unknown."""
    found: dict[str, Entered] = {}
    for row in rows:
        if row.origin is Origin.CLAIMED and not claims:
            continue
        known = found.get(row.key)
        if known is None or RANK[row.origin] >= RANK[known.origin]:
            found[row.key] = row
    return {key: row for key, row in found.items() if row.value}
