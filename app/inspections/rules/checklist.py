"""Checklists (检查表): the shape of an edition, what applies to a site, and the frozen list that one task uses.

Only items that are verified, corroborated or confirmed by the authority itself score; draft items are asked and
shown as 待核; inactive ones are seen in the editor alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition, digest
from app.providers.rules import SiteKind


class Evidence(Labelled):
    """How an item is looked into (取证方式)."""

    RECORDS = "记", "查看记录"
    ON_SITE = "场", "现场查看"
    INTERVIEW = "访", "询问"


class PhotoAdvice(Labelled):
    """Whether a photo is sensible (拍照提示). Health data and residents stay out of the frame (个人信息保护法第28条)."""

    YES = "yes", "可拍照"
    YES_NO_RESIDENT = "yes_no_resident", "可拍照，不得拍入老年人和可辨认的健康信息"
    NONE = "none", "不拍照"


class Effect(Labelled):
    """What an item does to the result (作用): it counts in the score, or it is a veto outside of it."""

    SCORE = "score", "计入符合率"
    VETO = "veto", "一票否决"


class Department(Labelled):
    """Departments of a joint inspection (联合检查部门)."""

    CIVIL_AFFAIRS = "civil_affairs", "民政"
    FIRE = "fire", "消防"
    MARKET = "market", "市场监管"
    HOUSING = "housing", "住建"
    HEALTH = "health", "卫健"


class Severity(Labelled):
    """How serious a problem is (严重程度). 重大 comes from the major-hazard list alone."""

    MINOR = "minor", "一般"
    SERIOUS = "serious", "较重"
    MAJOR = "major", "重大"


class Feature(Labelled):
    """What a site may have (设施与情形), on which an item may depend."""

    CANTEEN = "canteen", "内设食堂"
    CLINIC = "clinic", "内设医疗机构"
    LIFT = "lift", "电梯"
    CONTROL_ROOM = "control_room", "消防控制室"
    KEY_UNIT = "key_unit", "消防安全重点单位"
    SHARED_BUILDING = "shared_building", "与其他单位共用建筑"
    MEDICATION_SERVICE = "medication_service", "服药管理服务"
    GAS = "gas", "使用燃气"


class Ternary(Labelled):
    """Yes, no, or not known (是、否、未知). Unknown is never yes."""

    YES = "yes", "是"
    NO = "no", "否"
    UNKNOWN = "unknown", "未知"


Force = Literal["mandatory", "other", "veto"]
_FROZEN: Final = ConfigDict(frozen=True, extra="forbid")


class Condition(BaseModel):
    """When an item applies (适用条件): every part that is written must hold; nothing written means always."""

    model_config = _FROZEN

    kinds: tuple[SiteKind, ...] = ()
    min_beds: int | None = Field(default=None, ge=1)
    min_storeys: int | None = Field(default=None, ge=1)
    over_area_m2: int | None = Field(default=None, ge=1, description="strictly more than this floor area, m²")
    has: tuple[Feature, ...] = ()


class Area(BaseModel):
    """A group of items (检查区)."""

    model_config = _FROZEN

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)


class Item(BaseModel):
    """One line of a checklist (检查项). `text` paraphrases the cited clause; `look_at` is our own practical wording."""

    model_config = _FROZEN

    code: str = Field(pattern=r"^[A-Z]+-[0-9A-Za-z.]+$")
    clause: str = Field(min_length=1)
    area: str
    text: str = Field(min_length=2, max_length=60)
    look_at: str = Field(min_length=4)
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    photo: PhotoAdvice
    departments: tuple[Department, ...] = Field(min_length=1)
    severity: Severity = Severity.MINOR
    confidence: Confidence
    source: str = Field(min_length=1)
    effect: Effect = Effect.SCORE
    applies: Condition = Condition()
    phrases: tuple[str, ...] = ()
    see_hazard: str = ""
    reason_required: Literal["", "always"] = ""
    weight: int = Field(default=1, ge=1)


class ChecklistEdition(Edition):
    """One dated edition of a checklist (检查表版本).

    `force` says whether the standard is mandatory (强制性标准), other law, or a list of vetoes. `defaults` are written
    once for all items of the file. `look_at`, severity, phrases and the split among departments are platform defaults.
    """

    kind: Literal["checklist"] = "checklist"
    force: Force
    platform_defaults: str = Field(min_length=1, description="which columns are the platform's own, and why")
    applies: Condition = Condition()
    defaults: dict[str, Any] = Field(default_factory=dict)
    areas: tuple[Area, ...] = Field(min_length=1)
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("items"), list) and isinstance(data.get("defaults"), dict):
            return {**data, "items": [{**data["defaults"], **i} if isinstance(i, dict) else i for i in data["items"]]}
        return data

    @model_validator(mode="after")
    def _holds_together(self) -> ChecklistEdition:
        _must_be_unique([i.code for i in self.items], "item code")
        _must_be_unique([a.key for a in self.areas], "area")
        unknown = {i.area for i in self.items} - {a.key for a in self.areas}
        if unknown:
            raise ValueError(f"areas without a line in `areas`: {sorted(unknown)}")
        for i in self.items:
            _check_veto(i, veto_list=self.force == "veto")
            _check_sources(i, self.sources)
        return self


def _must_be_unique(names: Sequence[str], what: str) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"{what} written twice: {', '.join(twice)}")


def _check_veto(i: Item, *, veto_list: bool) -> None:
    if (i.effect is Effect.VETO) is not veto_list or (i.severity is Severity.MAJOR) is not veto_list:
        raise ValueError(f"{i.code}: veto and 重大 belong to a veto list, and to nothing else")


def _check_sources(i: Item, sources: Mapping[str, str]) -> None:
    missing = [key for key in i.source.split(" ") if key not in sources]
    if missing:
        raise ValueError(f"{i.code}: source {missing} has no line in `sources`")


# --- does it apply? ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the register knows of a site (场所登记信息). None, or a feature that is not listed, is unknown."""

    kind: SiteKind | None = None
    beds: int | None = None
    storeys: int | None = None
    area_m2: int | None = None
    features: Mapping[Feature, bool] = field(default_factory=dict)


class Applicability(BaseModel):
    """Whether an item applies (是否适用), with the sentences that say why."""

    model_config = _FROZEN

    verdict: Ternary
    reasons: tuple[str, ...] = ()


ALWAYS: Final = Applicability(verdict=Ternary.YES)


def applicable(item: Item, facts: SiteFacts, *, within: Condition | None = None) -> Applicability:
    """Whether an item applies to a site (是否适用): no if one condition fails, unknown if one cannot be told.

    `within` is the condition of the whole edition. A veto always applies: the register must not hide a danger.
    """
    parts = () if within is None else _tests(within, facts)
    if item.effect is Effect.SCORE:
        parts = (*parts, *_tests(item.applies, facts))
    for verdict in (Ternary.NO, Ternary.UNKNOWN):
        reasons = tuple(reason for outcome, reason in parts if outcome is verdict)
        if reasons:
            return Applicability(verdict=verdict, reasons=reasons)
    return Applicability(verdict=Ternary.YES, reasons=tuple(reason for _, reason in parts))


def _tests(c: Condition, f: SiteFacts) -> tuple[tuple[Ternary, str], ...]:
    tests = [
        _at_least(c.min_beds, f.beds, "床位", "张"),
        _at_least(c.min_storeys, f.storeys, "层数", "层"),
        _at_least(None if c.over_area_m2 is None else c.over_area_m2 + 1, f.area_m2, "建筑面积", "平方米"),
        *(_has(feature, f.features) for feature in c.has),
    ]
    if c.kinds:
        tests.append(_of_kind(c.kinds, f))
    return tuple(t for t in tests if t is not None)


def _at_least(least: int | None, actual: int | None, what: str, unit: str) -> tuple[Ternary, str] | None:
    if least is None:
        return None
    if actual is None:
        return Ternary.UNKNOWN, f"{what}未登记，请现场核实是否达到{least}{unit}"
    if actual < least:
        return Ternary.NO, f"{what}{actual}{unit}，不足{least}{unit}"
    return Ternary.YES, f"{what}{actual}{unit}，达到{least}{unit}"


def _has(feature: Feature, features: Mapping[Feature, bool]) -> tuple[Ternary, str]:
    known = features.get(feature)
    if known is None:
        return Ternary.UNKNOWN, f"是否属于“{feature.label}”未登记，请现场核实"
    return (Ternary.YES, f"登记为“{feature.label}”") if known else (Ternary.NO, f"登记为无“{feature.label}”情形")


def _of_kind(kinds: tuple[SiteKind, ...], f: SiteFacts) -> tuple[Ternary, str]:
    if f.kind is None:
        return Ternary.UNKNOWN, "机构类型未登记，请现场核实"
    if f.kind in kinds:
        return Ternary.YES, f"“{f.kind.label}”属于适用范围"
    return Ternary.NO, f"“{f.kind.label}”不在本表适用范围，参照检查须另有地方依据"


# --- freezing ---------------------------------------------------------------------------------------------------------


class Confirmation(BaseModel):
    """An authority compared an item with the official text (条文核对): who, when, which text; replacing words if they differ.

    It lifts the item for that authority and for exactly the edition with this hash.
    """

    model_config = _FROZEN

    edition_sha256: str
    item: str
    authority_id: str
    by: str
    on: date
    compared_with: str = Field(min_length=2)
    clause: str = ""
    text: str = Field(default="", max_length=60)


class Standing(Labelled):
    """On what ground an item stands in a task (条目效力)."""

    BY_TEXT = "by_text", "条文已核"
    CONFIRMED = "confirmed", "本机关已核对"
    PENDING = "pending", "待核，不计分"
    PLATFORM = "platform", "平台默认，不计分"


class FrozenItem(BaseModel):
    """An item as a task uses it (任务检查项): its edition, its standing, and whether it applies."""

    model_config = _FROZEN

    item: Item
    edition_code: str
    force: Force
    standing: Standing
    applicability: Applicability
    confirmed_by: Confirmation | None = None

    @property
    def code(self) -> str:
        """The item's code (条目编号)."""
        return self.item.code

    @property
    def scores(self) -> bool:
        """Whether the item counts (是否计分): verified, corroborated, or confirmed by this authority."""
        return self.standing in (Standing.BY_TEXT, Standing.CONFIRMED)

    @property
    def veto(self) -> bool:
        """Whether the item is a major hazard (重大隐患项)."""
        return self.item.effect is Effect.VETO


class EditionRef(BaseModel):
    """Which edition was frozen (所用版本)."""

    model_config = _FROZEN

    code: str
    edition: str
    name: str
    sha256: str


class Checklist(BaseModel):
    """The checklist that one task uses (任务检查表): immutable; its `sha256` is what every answer refers to."""

    model_config = _FROZEN

    authority_id: str
    frozen_on: date
    editions: tuple[EditionRef, ...]
    areas: tuple[Area, ...]
    items: tuple[FrozenItem, ...]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the whole list (检查表指纹)."""
        return digest(self.payload())

    @cached_property
    def by_code(self) -> Mapping[str, FrozenItem]:
        """The items by their codes (按编号)."""
        return {i.code: i for i in self.items}

    def payload(self) -> dict[str, Any]:
        """The list as plain integers, text, lists and mappings (检查表数据), for the tablet and the database."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_payload(cls, data: Mapping[str, Any]) -> Checklist:
        """The list back from its payload (还原检查表); the hash is the same."""
        return cls.model_validate(data)

    def of_department(self, department: Department) -> tuple[FrozenItem, ...]:
        """What one department answers in a joint inspection (本部门检查项): the first department of an item is its own."""
        return tuple(i for i in self.items if i.item.departments[0] is department)


def freeze(
    editions: Sequence[ChecklistEdition],
    facts: SiteFacts,
    confirmations: Iterable[Confirmation],
    *,
    authority_id: str,
    on: date,
    weights: Mapping[str, int] | None = None,
) -> Checklist:
    """Freeze editions and an authority's confirmations into the checklist of a task (冻结检查表).

    `weights` by item code, if the authority set any (otherwise 1 each). Refuses an edition that is not in force on the
    day, and item codes that occur twice.
    """
    confirmed = {(c.edition_sha256, c.item): c for c in confirmations if c.authority_id == authority_id}
    for e in editions:
        if not e.in_force_on(on):
            raise Refused("checklist.not_in_force", f"《{e.name}》{e.edition} 版在 {on.isoformat()} 不在有效期内，请选用现行版本")
    items = [
        _frozen(i, e, confirmed.get((e.sha256, i.code)), facts, (weights or {}).get(i.code, i.weight))
        for e in editions
        for i in e.items
        if i.confidence.shown_on_task or (e.sha256, i.code) in confirmed
    ]
    twice = sorted(code for code, count in Counter(i.code for i in items).items() if count > 1)
    if twice:
        raise Refused("checklist.twice", f"条目编号重复：{'、'.join(twice)}，请去掉重复的检查表")
    return Checklist(
        authority_id=authority_id,
        frozen_on=on,
        editions=tuple(EditionRef(code=e.code, edition=e.edition, name=e.name, sha256=e.sha256) for e in editions),
        areas=tuple(Area(key=f"{e.code}_{a.key}", label=a.label) for e in editions for a in e.areas),
        items=tuple(items),
    )


def _frozen(item: Item, edition: ChecklistEdition, seen: Confirmation | None, facts: SiteFacts, weight: int) -> FrozenItem:
    words = {} if seen is None else {k: v for k, v in (("clause", seen.clause), ("text", seen.text)) if v}
    return FrozenItem(
        item=item.model_copy(update={"area": f"{edition.code}_{item.area}", "weight": weight, **words}),
        edition_code=edition.code,
        force=edition.force,
        standing=standing(item.confidence, seen),
        applicability=applicable(item, facts, within=edition.applies),
        confirmed_by=seen,
    )


def standing(confidence: Confidence, seen: Confirmation | None) -> Standing:
    """On what ground an item stands (条目效力), given the authority's confirmation, if any."""
    if confidence.scores:
        return Standing.BY_TEXT
    if seen is not None:
        return Standing.CONFIRMED
    return Standing.PLATFORM if confidence is Confidence.PLATFORM_DEFAULT else Standing.PENDING
