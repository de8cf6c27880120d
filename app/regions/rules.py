"""The tree of administrative divisions (行政区划) and what follows from a place in it; pure.

Codes change with subordination and are no prefix tree, so scope rests on our own path of short ids: `/21/3k/`.
Source on codes: GB/T 2260, GB/T 10114, 行政区划代码管理办法 (民政部令第79号, in force 2025-09-01).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence
from app.core.working_days import Calendar

# --- levels and codes -------------------------------------------------------------------------------------------------


class Level(Labelled):
    """Level of a division (区划级别)."""

    NATION = "nation", "全国"
    PROVINCE = "province", "省级"
    CITY = "city", "地级"
    COUNTY = "county", "县级"
    STREET = "street", "乡级"
    COMMUNITY = "community", "村级"

    @property
    def depth(self) -> int:
        """0 for the nation down to 5 for a community (层级深度)."""
        return _ORDER.index(self)


_ORDER: Final = tuple(Level)
_WIDTHS: Final[Mapping[int, Level]] = {
    2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.STREET, 12: Level.COMMUNITY,
}  # fmt: skip
_DIGITS: Final[Mapping[Level, int]] = {level: width for width, level in _WIDTHS.items()}


def level_of(code: str) -> Level:
    """The level that the length of a code says (代码级别): 2, 4, 6, 9, 12 digits. Raises Refused for another shape."""
    if code.isascii() and code.isdigit() and len(code) in _WIDTHS:
        return _WIDTHS[len(code)]
    raise Refused("region.code", "行政区划代码应为2、4、6、9或12位数字（省、地、县、乡、村），请更正")


def shorten(padded: str, level: Level) -> str:
    """The code of a level from a padded one (代码去补零): 210100000000 at city level is 2101."""
    return padded[: _DIGITS[level]]


def padded(code: str) -> str:
    """The twelve digits in which lists are exchanged (12位代码)."""
    level_of(code)
    return code.ljust(12, "0")


# --- paths ------------------------------------------------------------------------------------------------------------

ROOT: Final = "/"
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def short_id(number: int) -> str:
    """A division's own short id (区划短码): the n-th division ever entered, in base 36. Given once, never again."""
    if number < 1:
        raise ValueError("numbers start at 1")
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
    return digits


def number_of(short: str) -> int:
    """The number behind a short id (区划序号)."""
    return int(short, 36)


def child_path(parent: str, short: str) -> str:
    """The path of a division below `parent` (区划路径)."""
    return f"{parent}{short}/"


def subtree_range(path: str) -> tuple[str, str]:
    """Bounds of a subtree (辖区范围): a row is inside when low <= path < high, compared byte by byte.

    "/" sorts just before "0", the lowest character of a short id, so the range needs no pattern matching.
    """
    return path, path[:-1] + "0"


def within(path: str, scope: str) -> bool:
    """Whether `path` lies in the subtree of `scope`, itself included (是否在辖区内)."""
    return path.startswith(scope)


def lineage(path: str) -> tuple[str, ...]:
    """The paths from a division up to the root (上级路径), nearest first, itself included."""
    parts = path.strip("/").split("/") if path != ROOT else []
    return tuple("/" + "".join(f"{part}/" for part in parts[:n]) for n in range(len(parts), -1, -1))


def moved(path: str, old: str, new: str) -> str:
    """The path of a row when the subtree `old` moves to `new` (隶属变更); rows outside `old` keep theirs."""
    return new + path[len(old) :] if within(path, old) else path


# --- divisions through time -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Division:
    """One administrative division (行政区划) with its life.

    Days are known to the year only: the first is 1 January, the last 31 December. None: since before the records, or
    still in force. A retired code is never used again; `successor_code` says who took over.
    """

    code: str
    name: str
    level: Level
    parent_code: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    successor_code: str | None = None

    def valid_on(self, on: date) -> bool:
        """Whether the division exists on a day (当日有效)."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


def current_code(code: str, successors: Mapping[str, str]) -> str:
    """The code that carries on a retired one today (现行代码), by the chain of successors; a circle ends where it began."""
    seen = {code}
    while (following := successors.get(code)) is not None and following not in seen:
        seen.add(following)
        code = following
    return code


# --- who is competent -------------------------------------------------------------------------------------------------


def competent(chain: Sequence[Level], wanted: Level) -> int:
    """The place in `chain` of the division whose authority is competent at a level (有管辖权的机关).

    `chain` holds the levels from a site's own division upwards. Trees are irregular: a city without districts
    (东莞) does its counties' work itself, and a county under the province has the province where others have a
    city; so where the level is missing, the next one above is competent.
    """
    for place, level in enumerate(chain):
        if level.depth <= wanted.depth:
            return place
    raise Refused("region.no_authority", f"所在区划没有{wanted.label}或以上的机关，请先补全行政区划")


# --- policy packs: the nearest value wins -----------------------------------------------------------------------------

V = TypeVar("V")


@dataclass(frozen=True)
class Claim(Generic[V]):
    """A value that a document or a setting gives for a region (政策取值).

    `distance` counts levels up from the region asked about: 0 is its own, the platform's default is the farthest.
    `date_pending`: the document's own date is not known (日期待核). `soft`: the document itself says 原则上, 有条件.
    """

    key: str
    value: V
    distance: int
    in_force_from: date
    in_force_to: date | None
    source: str
    confidence: Confidence = Confidence.VERIFIED
    date_pending: bool = False
    soft: bool = False

    @property
    def works(self) -> bool:
        """Whether it may be used, not only shown (可用)."""
        return self.confidence.works

    def in_force_on(self, on: date) -> bool:
        """Whether the value holds on a day (当日有效)."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)


def effective(claims: Iterable[Claim[V]], *, on: date) -> dict[str, Claim[V]]:
    """The value of each key on a day (生效取值): the nearest region's, there the newest; every field for itself.

    A claim that does not work never hides one that does. Of two equal in all this the last one given wins, so
    an authority's own setting is given after the shipped pack.
    """
    best: dict[str, Claim[V]] = {}
    for claim in claims:
        if not (claim.works and claim.in_force_on(on)):
            continue
        held = best.get(claim.key)
        if held is None or _rank(claim) >= _rank(held):
            best[claim.key] = claim
    return best


def _rank(claim: Claim[V]) -> tuple[int, date]:
    return -claim.distance, claim.in_force_from


# --- the yearly notice ------------------------------------------------------------------------------------------------


def year_to_enter(on: date, calendar: Calendar) -> int | None:
    """The year whose notice is still missing, asked for from 1 November (待录入放假通知的年份), or None.

    The State Council's office publishes next year's notice in October or November as a rule.
    """
    if calendar.is_provisional(date(on.year, 7, 1)):
        return on.year
    return on.year + 1 if on.month >= 11 and calendar.is_provisional(date(on.year + 1, 7, 1)) else None


# --- figures of regions -----------------------------------------------------------------------------------------------

# What may be entered about a division (地区数据): key → name and unit. Targets and coverage are counted from these.
FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "population": ("常住人口", "人"),
    "population_60": ("60 岁及以上人口", "人"),
    "population_65": ("65 岁及以上人口", "人"),
    "population_80": ("80 岁及以上人口", "人"),
    "disabled_elders": ("失能老年人", "人"),
    "destitute_elders": ("特困老年人", "人"),
    "destitute_willing": ("有集中供养意愿的特困老年人", "人"),
    "households": ("住户", "户"),
    "communities": ("城市社区", "个"),
    "villages": ("行政村", "个"),
    "streets": ("街道、乡镇", "个"),
    "estates_new": ("新建居住区", "个"),
    "estates_existing": ("已建成居住区", "个"),
    "care_floor_area": ("居家养老服务设施建筑面积", "平方米"),
}
