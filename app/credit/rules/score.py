"""The credit score (信用分): a pure function of a model and of the records valid on a day.

`base + Σ additions − Σ deductions`, capped for each item and for each group. Nothing but the arguments counts: the same
records in any order give the same score and the same hash, so that the score of any past day can be computed again.
Outline after 《上海市养老服务机构信用评价管理办法》(沪民规〔2022〕1号); the numbers stand in dated files under `standards/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition, Library, digest, load
from app.core.working_days import add_months
from app.credit.rules.records import RecordKind
from app.credit.standards import FOLDER

DEFAULT_MODEL: Final = "platform"


class Grade(Labelled):
    """Credit grade (信用等级): A is the best. Not a star, not a risk class of another department."""

    A = "A", "A 信用优良"
    B = "B", "B 信用良好"
    C = "C", "C 信用一般"
    D = "D", "D 信用较差"


# --- a model ----------------------------------------------------------------------------------------------------------


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Catch(_Frozen):
    """One kind of record that an item takes up (计分规则): its points, or those that the record itself says.

    `months` is how long such a record counts from its first day; 0 is until it is ended by hand.
    """

    kind: RecordKind
    points: int = Field(default=0, ge=0)
    as_given: Literal["yes", "no"] = "no"
    months: int = Field(ge=0)

    @model_validator(mode="after")
    def _one_way(self) -> Catch:
        if (self.points > 0) == (self.as_given == "yes"):
            raise ValueError(f"{self.kind}: either points or as_given")
        return self


class Item(_Frozen):
    """One item of a model (指标): no more than `max` points are taken or given for it. Unsure ones do not count."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=1)
    max: int = Field(ge=1)
    confidence: Confidence
    source: str = Field(min_length=1)
    note: str = ""
    catches: tuple[Catch, ...] = ()


class Group(_Frozen):
    """A group of items (指标组) with its own cap."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=1)
    sense: Literal["deduct", "add"]
    max: int = Field(ge=1)
    confidence: Confidence
    items: tuple[Item, ...] = Field(min_length=1)


class Threshold(_Frozen):
    """From how many points on a grade holds (等级分数线)."""

    grade: Grade
    least: int = Field(ge=0)


class ScoreModel(Edition):
    """A credit model as a dated file (信用评价模型). `purpose: example` shows how a model looks and never scores anybody."""

    kind: Literal["credit_model"] = "credit_model"
    purpose: Literal["use", "example"]
    base: int = Field(ge=0)
    groups: tuple[Group, ...] = Field(min_length=1)
    grades: tuple[Threshold, ...] = ()
    grades_confidence: Confidence = Confidence.PLATFORM_DEFAULT
    grades_source: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> ScoreModel:
        codes = [item.code for group in self.groups for item in group.items]
        kinds = [catch.kind for group in self.groups for item in group.items for catch in item.catches]
        if len(set(codes)) != len(codes) or len(set(kinds)) != len(kinds):
            raise ValueError("an item's code and a record's kind stand once in a model")
        if sum(group.max for group in self.groups if group.sense == "deduct") > self.base:
            raise ValueError("deductions may take the whole base and no more")
        if self.purpose == "use" and [t.grade for t in self.grades] != list(Grade):
            raise ValueError("a model for use says from how many points each grade holds, from A to D")
        if [t.least for t in self.grades] != sorted((t.least for t in self.grades), reverse=True):
            raise ValueError("grades fall with the points")
        return self

    @property
    def scores_people(self) -> bool:
        """Whether it may be used to score (可用于评价)."""
        return self.purpose == "use" and self.confidence.works

    def catch(self, kind: RecordKind) -> tuple[Group, Item, Catch] | None:
        """Where a kind of record counts in this model (对应指标), or None."""
        for group in self.groups:
            for item in group.items:
                for found in item.catches:
                    if found.kind is kind:
                        return group, item, found
        return None

    def last_day(self, kind: RecordKind, valid_from: date) -> date | None:
        """The last day on which a record counts (计入截止日): Civil-Code months from its first day, the day before included."""
        found = self.catch(kind)
        if found is None or found[2].months == 0:
            return None
        return add_months(valid_from, found[2].months)

    def grade(self, total: int) -> Grade | None:
        """The grade of a total (信用等级), or None when the model gives none."""
        return next((t.grade for t in self.grades if total >= t.least), None)


@cache
def library() -> Library[ScoreModel]:
    """Every model that ships (信用评价模型库)."""
    return load(FOLDER, ScoreModel)


def model_for(code: str, *, on: date, region_path: str = "") -> ScoreModel:
    """The model in force that is used for scoring (现行评价模型). Refused for an example."""
    found = library().in_force(code, on=on, region_path=region_path)
    if not found.scores_people:
        raise Refused("credit.example", f"“{found.name}”只是示例，不能用来评分，请在政策参数中改用别的模型。")
    return found


# --- the score --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as the score sees it (计分记录). `valid_to` is the last day that counts; `points` only where the record says them.

    `annulled` entries never count; a repaired one has the day before its repair as `valid_to`.
    """

    id: str
    kind: RecordKind
    valid_from: date
    valid_to: date | None = None
    points: int = 0
    annulled: bool = False

    def counts_on(self, on: date) -> bool:
        """Whether it is valid on a day (当日有效)."""
        return not self.annulled and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one record took or gave (单条计分): `points` by the model, `counted` after the item's cap."""

    id: str
    kind: RecordKind
    points: int
    counted: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of a score (指标得分)."""

    code: str
    name: str
    max: int
    raw: int
    counted: int
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group of a score (指标组得分): `raw` is the sum of its items after their caps."""

    code: str
    name: str
    sense: Literal["deduct", "add"]
    max: int
    raw: int
    counted: int
    items: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A score with everything it is made of (信用分明细). `sha256` covers the model, the day and every line."""

    model_sha256: str
    on: date
    base: int
    total: int
    grade: Grade | None
    groups: tuple[GroupLine, ...]
    sha256: str

    @property
    def added(self) -> int:
        """The additions (加分)."""
        return sum(g.counted for g in self.groups if g.sense == "add")

    @property
    def deducted(self) -> int:
        """The deductions (扣分)."""
        return sum(g.counted for g in self.groups if g.sense == "deduct")

    @property
    def counted(self) -> Mapping[str, int]:
        """What each record counts, by its id (逐条计分)."""
        return {t.id: t.counted for g in self.groups for item in g.items for t in item.taken}

    def lines(self) -> list[dict[str, Any]]:
        """The score as plain data, to be stored (明细数据)."""
        return [_plain_group(group) for group in self.groups]


def score(model: ScoreModel, entries: Iterable[Entry], *, on: date) -> Score:
    """The score of a day (计算信用分). Pure: order, repetition of the call and entries that are not valid change nothing."""
    valid = sorted((e for e in entries if e.counts_on(on)), key=lambda e: (e.valid_from, e.id))
    groups = tuple(_group(group, valid) for group in model.groups)
    total = model.base + sum(g.counted if g.sense == "add" else -g.counted for g in groups)
    grade = model.grade(total)
    said = {
        "model": model.sha256,
        "on": on.isoformat(),
        "base": model.base,
        "total": total,
        "grade": grade.value if grade else "",
        "groups": [_plain_group(group) for group in groups],
    }
    return Score(model.sha256, on, model.base, total, grade, groups, digest(said))


def _group(group: Group, valid: list[Entry]) -> GroupLine:
    items = tuple(_item(item, valid) for item in group.items)
    raw = sum(item.counted for item in items)
    return GroupLine(group.code, group.name, group.sense, group.max, raw, min(raw, group.max), items)


def _item(item: Item, valid: list[Entry]) -> ItemLine:
    """The points of an item in the order of the records' days, until its cap is reached; unsure items stay empty."""
    catches = {catch.kind: catch for catch in item.catches} if item.confidence.works else {}
    taken, left, raw = [], item.max, 0
    for entry in valid:
        catch = catches.get(entry.kind)
        if catch is None:
            continue
        points = entry.points if catch.as_given == "yes" else catch.points
        counted = min(points, left)
        taken.append(Taken(entry.id, entry.kind, points, counted))
        left, raw = left - counted, raw + points
    return ItemLine(item.code, item.name, item.max, raw, item.max - left, tuple(taken))


def _plain_group(group: GroupLine) -> dict[str, Any]:
    return {
        "code": group.code,
        "name": group.name,
        "sense": group.sense,
        "max": group.max,
        "raw": group.raw,
        "counted": group.counted,
        "items": [
            {
                "code": item.code,
                "name": item.name,
                "max": item.max,
                "raw": item.raw,
                "counted": item.counted,
                "taken": [{"id": t.id, "kind": t.kind.value, "points": t.points, "counted": t.counted} for t in item.taken],
            }
            for item in group.items
            if item.taken
        ],
    }


def boundaries(entries: Iterable[Entry], *, after: date, until: date) -> list[date]:
    """The days in (after, until] on which the valid records change (变化日): a first day, or the day after a last day."""
    days: set[date] = set()
    for entry in entries:
        if entry.annulled:
            continue
        days.add(entry.valid_from)
        if entry.valid_to is not None and entry.valid_to < date.max:
            days.add(date.fromordinal(entry.valid_to.toordinal() + 1))
    return sorted(day for day in days if after < day <= until)
