"""The shape of a scheme file (方案文件的格式): what may be written, nothing about what it means.

A scheme is one dated file that never changes once used. Level order, points, weights and limits are data in it.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.ratings.rules.numbers import exact


def _exact(raw: object) -> Fraction:
    return exact(raw)


Exact = Annotated[Fraction, BeforeValidator(_exact)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Status(StrEnum):
    """Where a scheme stands (方案状态)."""

    SKELETON = "skeleton"
    DRAFT = "draft"
    PLATFORM_DEFAULT = "platform_default"
    CONFIRMED = "confirmed"
    REFERENCE = "reference"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        """The word on the screen (显示名称)."""
        return {
            "skeleton": "骨架", "draft": "草案", "platform_default": "平台默认", "confirmed": "已确认",
            "reference": "境外对照", "superseded": "已被取代",
        }[self.value]  # fmt: skip


class Confidence(StrEnum):
    """How sure we are of a rule (可信程度)."""

    VERIFIED = "verified"
    CORROBORATED = "corroborated"
    DRAFT = "draft"
    INACTIVE = "inactive"
    PLATFORM_DEFAULT = "platform_default"

    @property
    def label(self) -> str:
        """The word on the screen (显示名称)."""
        return {
            "verified": "已核实", "corroborated": "有旁证", "draft": "待核", "inactive": "停用",
            "platform_default": "平台默认",
        }[self.value]  # fmt: skip


class Shape(BaseModel):
    """A strict, frozen piece of a scheme file (格式基类): an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Basis(Shape):
    """What a rule rests on (依据): document, clause, and how sure we are."""

    doc: str = Field(min_length=1)
    clause: str = ""
    url: str = ""
    note: str = ""
    confidence: Confidence | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.doc, self.clause) if part)


class Fact(Shape):
    """A fact about the provider (事实): from the register or a measurement, never typed in as a score."""

    id: Name
    type: Literal["number", "flag", "text"]
    title: str = ""
    unit: str = ""
    source: str = ""
    min: Exact | None = None
    max: Exact | None = None
    whole: bool = False
    values: tuple[str, ...] = ()


class Option(Shape):
    """One line of an option or choice item (选项). `excludes` may not be ticked with it; without `requires` it earns 0."""

    id: Name
    title: str = ""
    points: Exact
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


class Deduction(Shape):
    """Points off for each occurrence (扣分项), up to `max` where one is set."""

    id: Name
    title: str = ""
    points: Exact
    max: Exact | None = None


class NotApplicable(Shape):
    """What happens when an item does not apply (不适用): by fact (`when`), or claimed by the assessor with a reason."""

    id: Name
    then: Literal["renormalise", "full", "zero"]
    when: str = ""
    reason: str = ""


class Part(Shape):
    """A number the assessor enters into a formula item (分项), 0 to `max`."""

    id: Name
    title: str = ""
    max: Exact


class Item(Shape):
    """One line of the rating form (评分项). `na` empty means that "not applicable" is forbidden."""

    id: Name
    title: str
    kind: Literal["achieve", "judgement", "options", "choice", "deduct", "tier", "formula", "veto"]
    max: Exact = Fraction(0)
    step: Exact | None = None
    options: tuple[Option, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    parts: tuple[Part, ...] = ()
    fact: str = ""
    table: str = ""
    expr: str = ""
    cap: str = ""
    na: tuple[NotApplicable, ...] = ()
    basis: Basis | None = None
    evidence: dict[str, int] = Field(default_factory=dict)
    method: tuple[str, ...] = ()
    gap: str = ""


class Area(Shape):
    """A scoring area (评分领域) with its maximum and the least share of it that each level asks for."""

    id: Name
    title: str
    max: Exact
    min_share: dict[str, Exact] = Field(default_factory=dict)
    placeholder: bool = False
    basis: Basis | None = None
    items: tuple[Item, ...]


class WeightSet(Shape):
    """Weights that hold when a condition is met (权重组); the first that holds is used."""

    when: str = ""
    weights: dict[str, Exact]


class Node(Shape):
    """A computed value (计算结点): an expression, a tally over records, a weighted sum, or a band within a group."""

    id: Name
    title: str = ""
    op: Literal["expr", "tally", "weighted", "band_in_group"]
    expr: str = ""
    over: str = ""
    where: str = ""
    value: str = ""
    fold: Literal["sum", "count", "min", "max"] = "sum"
    once_per: str = ""
    sets: tuple[WeightSet, ...] = ()
    of: str = ""
    group: str = ""
    min_group: int = 1
    best: Literal["lowest", "highest"] = "highest"
    bands: tuple[tuple[Exact, Exact], ...] = ()
    basis: Basis | None = None


class Requirement(Shape):
    """One demand of a level (等级要求). A `gap` has no text yet and is unknown; a `placeholder` only stands in."""

    require: str = ""
    title: str = ""
    gap: str = ""
    placeholder: bool = False
    basis: Basis | None = None


def _requirement(raw: object) -> object:
    return {"require": raw} if isinstance(raw, str) else raw


class Level(Shape):
    """A level and what it takes (等级)."""

    level: str
    require: tuple[Annotated[Requirement, BeforeValidator(_requirement)], ...]
    basis: Basis | None = None


class Entry(Shape):
    """An entry condition on registered facts (准入条件). With `limits` the name `limit` is the level's own figure."""

    id: Name
    title: str
    require: str
    levels: tuple[str, ...] = ()
    limits: dict[str, Exact] = Field(default_factory=dict)
    placeholder: bool = False
    basis: Basis | None = None


class Limiter(Shape):
    """A condition that caps the level whatever the points (限制条件)."""

    id: Name
    title: str
    when: str
    cap: str
    basis: Basis | None = None


class Referral(Shape):
    """A case that the rules do not cover: the committee decides, with a reason (提交评定委员会)."""

    id: Name
    title: str
    when: str
    basis: Basis | None = None


class Override(Shape):
    """How far a committee may leave the computed level (合议调整), always with a reason."""

    allowed_by: str = "committee"
    max_steps: int = Field(default=1, ge=0)


class Assessment(Shape):
    """How several assessors become one score (评分汇总). Divergence above the share forces discussion."""

    min_assessors: int = 1
    aggregate: Literal["consensus", "mean", "median", "trimmed_mean"] = "consensus"
    divergence: Exact | None = None
    self_assessment: bool = True


class Stage(Shape):
    """A stage of the procedure with its length in working days (程序环节)."""

    stage: str
    working_days: int
    basis: Basis | None = None


class Subsidy(Shape):
    """Money that follows a level (补贴), in 分: a floor, or the amount itself."""

    floor_fen: int | None = None
    amount_fen: int | None = None
    per: Literal["year", "resident_month"]
    optional: bool = False
    basis: Basis | None = None


class Consequence(Shape):
    """What follows from a level (等级后果)."""

    level: str
    subsidy: Subsidy | None = None


class InForce(Shape):
    """From when to when an edition holds (施行期间), both days included; empty is open or not known."""

    start: str = Field(default="", alias="from", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    end: str = Field(default="", alias="to", pattern=r"^(\d{4}-\d{2}-\d{2})?$")


class SchemeShape(Shape):
    """One edition of a rating scheme as written (评定方案)."""

    scheme: str = Field(pattern=r"^[a-z0-9]+(\.[a-z0-9_]+)+$")
    edition: str = Field(pattern=r"^[0-9][0-9a-z.-]*$")
    name: str
    jurisdiction: str = Field(pattern=r"^\S+$")
    status: Status
    confidence: Confidence
    basis: Basis
    in_force: InForce = InForce()
    applies_to: tuple[str, ...] = ()
    validity_months: int | None = None
    renew_before_months: int | None = None
    direction: Literal["higher_better", "lower_better"] = "higher_better"
    order: tuple[str, ...] = ()
    total: Exact | None = None
    total_step: Exact | None = None
    value: str = ""
    facts: tuple[Fact, ...] = ()
    records: dict[str, dict[str, Literal["number", "flag", "text"]]] = Field(default_factory=dict)
    steps: dict[str, tuple[tuple[Exact, Exact], ...]] = Field(default_factory=dict)
    lookups: dict[str, dict[str, Any]] = Field(default_factory=dict)
    areas: tuple[Area, ...] = ()
    nodes: tuple[Node, ...] = ()
    entry: tuple[Entry, ...] = ()
    levels: tuple[Level, ...] = ()
    limiters: tuple[Limiter, ...] = ()
    refer: tuple[Referral, ...] = ()
    override: Override = Override()
    assessment: Assessment = Assessment()
    process: tuple[Stage, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All items of all areas (全部评分项)."""
        return tuple(item for area in self.areas for item in area.items)
