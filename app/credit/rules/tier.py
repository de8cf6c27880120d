"""The risk tier (风险等级): from a jurisdiction's table, with its reasons; pure.

The tier sets how often a site is drawn. A grade gives the starting tier; floors raise it; a manual tier moves it for a time.
Whoever is on the list of dishonesty stands in the strictest tier, whatever the score or a manual tier say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition, Library, load
from app.credit.rules.records import RecordKind
from app.credit.rules.score import Grade
from app.credit.standards import FOLDER
from app.providers.rules import Tier

DEFAULT_TABLE: Final = "platform_tiers"
STRICTEST: Final = Tier.D
_ORDER: Final = tuple(Tier)


class Ground(Labelled):
    """What raises a tier beside the grade (提级情形)."""

    LISTED = "listed", "在失信惩戒对象名单内"
    WATCHED = "watched", "在重点关注名单内"
    RECORD = "record", "有指定的不良记录"
    PHOENIX = "phoenix", "经认定为原失信主体换壳"


class TierWay(Labelled):
    """How a tier came about (确定方式)."""

    COMPUTED = "computed", "按表计算"
    OVERRIDDEN = "overridden", "人工调整"


class Floor(BaseModel):
    """One floor of the table (最低等级): while the ground holds, the tier is at least this strict."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ground: Ground
    records: tuple[RecordKind, ...] = ()
    tier: Tier
    confidence: Confidence
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Floor:
        if (self.ground is Ground.RECORD) != bool(self.records):
            raise ValueError("a floor of records names their kinds, and no other floor does")
        return self


class TierTable(Edition):
    """A jurisdiction's table of tiers as a dated file (风险等级表)."""

    kind: Literal["credit_tiers"] = "credit_tiers"
    by_grade: dict[Grade, Tier]
    floors: tuple[Floor, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> TierTable:
        if set(self.by_grade) != set(Grade):
            raise ValueError("every grade has its tier")
        listed = [floor.tier for floor in self.floors if floor.ground is Ground.LISTED]
        if listed != [STRICTEST]:
            raise ValueError("whoever is listed stands in the strictest tier")
        return self


@cache
def tables() -> Library[TierTable]:
    """Every table that ships (风险等级表库)."""
    return load(FOLDER, TierTable)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tier follows from on a day (定级事实). `unrated` is the pack's tier of a site without grade."""

    grade: Grade | None
    listed: bool = False
    watched: bool = False
    phoenix: bool = False
    records: Collection[RecordKind] = ()
    unrated: Tier = Tier.B


@dataclass(frozen=True, slots=True)
class Manual:
    """A manual tier (人工调整) with its last day."""

    tier: Tier
    reason: str
    since: date
    until: date

    def holds_on(self, on: date) -> bool:
        """Whether it is in force on a day (当日有效)."""
        return self.since <= on <= self.until


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a tier is what it is (定级理由), one sentence; `tier` is what this reason asks for."""

    code: str
    tier: Tier
    words: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A tier with its reasons, the decisive one first (定级结果)."""

    tier: Tier
    way: TierWay
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        """The reasons in one line (定级理由)."""
        return "；".join(reason.words for reason in self.reasons)


def stricter(one: Tier, other: Tier) -> Tier:
    """The stricter of two tiers (取较严)."""
    return max(one, other, key=_ORDER.index)


def decide(table: TierTable, facts: Facts, *, manual: Manual | None = None, on: date) -> Decided:
    """The tier of a day (确定风险等级). Listed is never lowered, neither by a good score nor by hand."""
    found = [_start(table, facts), *_floors(table, facts)]
    tier, way = found[0].tier, TierWay.COMPUTED
    for reason in found:
        tier = stricter(tier, reason.tier)
    if manual is not None and manual.holds_on(on):
        if facts.listed:
            found.append(Reason("override.barred", STRICTEST, "列入名单期间，人工调整不生效"))
        else:
            tier, way = manual.tier, TierWay.OVERRIDDEN
            words = f"人工调整为{manual.tier.label}，至 {manual.until.isoformat()}：{manual.reason}"
            found.append(Reason("override", manual.tier, words))
    decisive = sorted(found, key=lambda r: (r.code == "override", _ORDER.index(r.tier)), reverse=True)
    return Decided(tier, way, tuple(decisive))


def _start(table: TierTable, facts: Facts) -> Reason:
    if facts.grade is None:
        return Reason("unrated", facts.unrated, f"尚无信用等级，按{facts.unrated.label}")
    tier = table.by_grade[facts.grade]
    return Reason(f"grade.{facts.grade.value}", tier, f"信用等级 {facts.grade.value}，对应{tier.label}")


def _floors(table: TierTable, facts: Facts) -> list[Reason]:
    holds = {Ground.LISTED: facts.listed, Ground.WATCHED: facts.watched, Ground.PHOENIX: facts.phoenix}
    found = []
    for floor in table.floors:
        if not floor.confidence.works:
            continue
        kinds = [kind for kind in floor.records if kind in facts.records]
        if holds.get(floor.ground, False):
            found.append(Reason(floor.ground.value, floor.tier, f"{floor.ground.label}，不低于{floor.tier.label}"))
        elif kinds:
            words = "、".join(kind.label for kind in kinds)
            found.append(Reason("record", floor.tier, f"有“{words}”记录，不低于{floor.tier.label}"))
    return found


def check_override(*, tier: Tier, reason: str, until: date, on: date, listed: bool, most_days: int) -> None:
    """Refuse a manual tier without reason or end, or one that lowers whoever is listed (人工调整条件)."""
    if len(reason.strip()) < 10:
        raise Refused("tier.reason", "请写明调整理由和依据，至少10个字；理由会随等级一起显示。")
    if not on <= until:
        raise Refused("tier.until", "截止日期不能早于今天。")
    if (until - on).days > most_days:
        raise Refused("tier.too_long", f"人工调整最长 {most_days} 日，到期后仍需要的重新办理。")
    if listed and tier is not STRICTEST:
        raise Refused("tier.listed", "该机构在失信惩戒对象名单内，抽查比例不能降低。请先办理移出或修复。")
