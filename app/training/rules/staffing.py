"""Staffing (人员配备规则): how many are needed by region, kind of site, ability and shift, and how many are missing.

Both ways of rounding are given, because documents mostly do not say which: each class rounded up by itself, or the sum.
Rows that are not verified are shown and never used to say that somebody is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition, Library, load
from app.training.rules.certificates import Group
from app.training.rules.people import Shift, StaffPost
from app.training.standards import FOLDER


class Ability(Labelled):
    """Ability of a resident (能力等级). Source: GB/T 42195-2022, five classes (from memory)."""

    INTACT = "intact", "能力完好"
    MILD = "mild", "轻度失能"
    MODERATE = "moderate", "中度失能"
    SEVERE = "severe", "重度失能"
    TOTAL = "total", "完全失能"


class OldAbility(Labelled):
    """The older three classes in which most ratios are written (自理、半失能、失能)."""

    SELF_CARE = "self_care", "自理"
    PARTIAL_CARE = "partial_care", "半失能"
    FULL_CARE = "full_care", "失能"


class Rounding(Labelled):
    """How a need is rounded (进位方式)."""

    EACH = "each", "各类分别进位"
    SUM = "sum", "合计后进位"


class Counted(Labelled):
    """What a ratio counts (口径). The two are never exchanged."""

    DAY_AND_NIGHT = "day_and_night", "24 小时全部人员"
    SHIFT = "shift", "每班在岗人员"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AbilityRow(_Frozen):
    """A class of ability and the older class that stands for it (能力等级对照)."""

    code: Ability
    label: str
    old: OldAbility


class Demand(_Frozen):
    """One row of a table (配备要求): a ratio to residents, or a fixed number a shift."""

    id: str = Field(pattern=r"^[A-Z0-9-]+$")
    label: str
    region: str = ""
    kinds: tuple[str, ...]
    form: Literal["ratio", "fixed"]
    counted: Counted
    shift: Shift | None = None
    role: StaffPost
    ratios: Mapping[OldAbility, int] = Field(default_factory=dict)
    count: int = Field(default=0, ge=0)
    needs: Group | None = None
    level: str = ""
    when: Literal["", "has_control_room", "has_linked_control"] = ""
    note: str = ""
    source: str
    confidence: Confidence

    @model_validator(mode="after")
    def _makes_sense(self) -> Demand:
        if (self.form == "ratio") != bool(self.ratios) or (self.form == "fixed") != (self.count > 0):
            raise ValueError(f"{self.id}: a ratio has ratios, a fixed number has a count")
        if any(n < 1 for n in self.ratios.values()):
            raise ValueError(f"{self.id}: 1:n needs n of at least 1")
        return self


class StaffingTable(Edition):
    """One edition of the staffing tables (人员配备表)."""

    kind: Literal["staffing"] = "staffing"
    rounding: Rounding
    rounding_note: str
    abilities: tuple[AbilityRow, ...]
    rows: tuple[Demand, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> StaffingTable:
        if {row.code for row in self.abilities} != set(Ability):
            raise ValueError("every class of ability stands once")
        if unknown := {row.source for row in self.rows} - self.sources.keys():
            raise ValueError(f"sources without text: {sorted(unknown)}")
        return self

    def old_class(self, ability: Ability) -> OldAbility:
        """The older class of an ability (旧称对照)."""
        return next(row.old for row in self.abilities if row.code is ability)

    def by_old_class(self, residents: Mapping[Ability, int]) -> dict[OldAbility, int]:
        """Residents by the older classes (按旧分类的人数)."""
        found = dict.fromkeys(OldAbility, 0)
        for ability, n in residents.items():
            found[self.old_class(ability)] += n
        return found

    def rows_for(self, kind: str, codes: Sequence[str]) -> list[Demand]:
        """The rows that speak about a kind of site in a place (适用行); `codes` are the place's and those above it."""
        return [row for row in self.rows if kind in row.kinds and (not row.region or row.region in codes)]


@lru_cache(maxsize=1)
def library() -> Library[StaffingTable]:
    """Every edition of the staffing tables (人员配备库)."""
    return load(FOLDER, StaffingTable)


def table_on(on: date) -> StaffingTable:
    """The table in force on a day (现行配备表); before the first edition, the first."""
    first = min(library().editions, key=lambda edition: edition.in_force_from)
    return first if on < first.in_force_from else library().in_force("staffing", on=on)


# --- need -------------------------------------------------------------------------------------------------------------


def need(residents: Mapping[OldAbility, int], ratios: Mapping[OldAbility, int], rounding: Rounding) -> int:
    """How many are needed (应配人数): Σ⌈n/r⌉ or ⌈Σ n/r⌉ over the classes that have a ratio."""
    parts = [Fraction(n, ratios[ability]) for ability, n in residents.items() if ability in ratios and n > 0]
    return sum(ceil(part) for part in parts) if rounding is Rounding.EACH else ceil(sum(parts, Fraction(0)))


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody in post, as staffing sees them (在岗人员): post, shift, groups of valid certificates with their best rank."""

    post: StaffPost
    shift: Shift | None
    ranks: Mapping[Group, int]
    trained: bool = False

    def fits(self, demand: Demand, rank: int) -> bool:
        """Whether this worker counts for a demand."""
        if self.post is not demand.role:
            return False
        if demand.needs is None:
            return True
        held = self.ranks.get(demand.needs)
        return held is not None and held >= rank


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a site for staffing (机构配备情况)."""

    kind: str
    residents: Mapping[Ability, int]
    has_control_room: bool = False
    has_linked_control: bool = False

    def asks(self, demand: Demand) -> bool:
        """Whether the condition of a demand holds here."""
        if demand.when == "has_linked_control":
            return self.has_linked_control
        if demand.when == "has_control_room":
            return self.has_control_room
        return True


@dataclass(frozen=True, slots=True)
class Line:
    """One demand at one site (配备对照): needed by both ways of rounding, there, missing by the way in use.

    `binding` says whether the row may be used to say that somebody is missing; `unclear` counts rotating staff.
    """

    demand: Demand
    shift: Shift | None
    need_each: int
    need_sum: int
    there: int
    unclear: int
    missing: int
    binding: bool
    level_label: str = ""

    @property
    def words(self) -> str:
        """What is missing, as a home reads it (缺口): 夜班还差 1 名四级（中级工）以上消防控制室值班员."""
        who = f"{self.level_label}以上{self.demand.role.label}" if self.level_label else self.demand.role.label
        where = f"{self.shift.label}" if self.shift else ""
        return f"{where}还差 {self.missing} 名{who}" if self.missing else f"{where}{who}已够"


def lines(
    table: StaffingTable,
    demands: Iterable[Demand],
    place: Place,
    workers: Sequence[Worker],
    rounding: Rounding,
    levels: Mapping[str, tuple[int, str]],
) -> list[Line]:
    """Every demand that applies to a site, with who is there (配备对照表). `levels`: level code → (rank, label)."""
    found: list[Line] = []
    for demand in demands:
        if not place.asks(demand):
            continue
        shifts: Sequence[Shift | None] = [None]
        if demand.counted is Counted.SHIFT:
            shifts = [demand.shift] if demand.shift else [Shift.DAY, Shift.NIGHT]
        found += [_line(table, demand, shift, place, workers, rounding, levels) for shift in shifts]
    return found


def _line(
    table: StaffingTable,
    demand: Demand,
    shift: Shift | None,
    place: Place,
    workers: Sequence[Worker],
    rounding: Rounding,
    levels: Mapping[str, tuple[int, str]],
) -> Line:
    rank, label = levels.get(demand.level, (0, ""))
    fitting = [worker for worker in workers if worker.fits(demand, rank)]
    there = sum(shift is None or worker.shift is shift for worker in fitting)
    unclear = 0 if shift is None else sum(worker.shift in (Shift.ROTATING, None) for worker in fitting)
    residents = table.by_old_class(place.residents)
    each, total = (
        (demand.count, demand.count)
        if demand.form == "fixed"
        else (need(residents, demand.ratios, Rounding.EACH), need(residents, demand.ratios, Rounding.SUM))
    )
    wanted = each if rounding is Rounding.EACH else total
    binding = demand.confidence.works
    return Line(demand, shift, each, total, there, unclear, max(0, wanted - there) if binding else 0, binding, label)


MOST_RESIDENTS: Final = 10_000


def check_residents(residents: Mapping[Ability, int], *, beds: int | None) -> None:
    """Refuse counts that cannot be (在住人数): negative, or more residents than beds."""
    if any(not 0 <= n <= MOST_RESIDENTS for n in residents.values()):
        raise Refused("residents.range", f"各等级人数应在 0～{MOST_RESIDENTS} 之间。")
    total = sum(residents.values())
    if beds is not None and total > beds:
        raise Refused("residents.beds", f"各等级合计 {total} 人，多于核定床位 {beds} 张，请核对。")
