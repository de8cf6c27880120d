"""Importing a register of providers (导入机构名册): what the workbook looks like, and what a filled one means; pure.

An import adds and completes; it never overwrites what is filed. Everything wrong is told at once, by sheet, row and column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.core.identifiers import Phone, Uscc
from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.xlsx.parsers import Parser, choice, code, day, fen, integer, text
from app.core.xlsx.table import Column, Row, Sheet
from app.providers.rules.facts import FACTS, Fact, FactType, contradictions
from app.providers.rules.kinds import Nature, OperatorModel, SiteKind, SiteState
from app.providers.rules.sites import check_beds
from app.regions.rules import Level, level_of, within

BODIES: Final = "机构主体"
SITES: Final = "服务网点"
FACT_SHEET: Final = "基本情况"
SMALL: Final = 200
"""Up to so many rows an import is written at once; more are written by a worker."""


class ImportState(Labelled):
    """How far an import is (导入状态)."""

    FAULTY = "faulty", "有错误，未写入"
    CHECKED = "checked", "已核对，待写入"
    WAITING = "waiting", "正在写入"
    DONE = "done", "已写入"


# --- the workbook -----------------------------------------------------------------------------------------------------


def _labels(enum: type[Labelled]) -> dict[str, Any]:
    return {member.label: member for member in enum}


def _phone(words: str) -> str | None:
    """A number in one spelling; a masked one, as exports write it, says nothing."""
    return None if "*" in words else Phone.parse(words).reveal()


def _region_code(words: str) -> str:
    level_of(words)
    return words


def _fact_parser(fact: Fact) -> Parser:
    if fact.form is FactType.COUNT:
        return integer(0, fact.most)
    if fact.form is FactType.MONEY:
        return fen(fact.most // 100)
    if fact.form is FactType.YES:
        return choice({"是": True, "否": False})
    return choice({m.label: m.value for m in fact.choices}) if fact.choices else text(200)


_USCC: Final = Column("uscc", "统一社会信用代码", code(Uscc.parse, "18 位，照登记证书填"))
_DAY: Final = day()
SHEETS: Final = (
    Sheet(
        BODIES,
        (
            _USCC,
            Column("name", "名称", text(100)),
            Column("nature", "机构性质", choice(_labels(Nature))),
            Column("legal_representative", "法定代表人", text(50)),
            Column("registrar", "登记机关", text(100)),
            Column("registrar_region", "登记机关区划代码", code(_region_code, "省 2 位、市 4 位、区县 6 位"), example="210102"),
            Column("registered_on", "登记日期", _DAY, required=False),
            Column("phone", "联系电话", code(_phone, "加密保存，导出时遮盖；带 * 的不改动"), required=False),
        ),
    ),
    Sheet(
        SITES,
        (
            _USCC,
            Column("number", "网点序号", integer(1, 999), required=False, help="新网点不填，由系统给；已有网点照导出的填"),
            Column("name", "网点名称", text(100)),
            Column("kind", "类型", choice(_labels(SiteKind))),
            Column("region", "所在区划代码", code(_region_code, "区县 6 位、街道 9 位或社区 12 位"), example="210102"),
            Column("address", "地址", text(200)),
            Column("service_phone", "服务电话", code(_phone, "向公众公示的电话"), required=False),
            Column("manager_name", "主要负责人", text(50), required=False),
            Column("operator_model", "运营方式", choice(_labels(OperatorModel)), required=False),
            Column("first_resident_on", "首位老人入住日期", _DAY, required=False),
            Column("filed_on", "备案日期", _DAY, required=False),
            Column("filing_number", "备案回执编号", text(60), required=False),
        ),
    ),
    Sheet(
        FACT_SHEET,
        (
            _USCC,
            Column("name", "网点名称", text(100)),
            Column("as_of", "数据日期", _DAY, help="这些数字是哪一天的"),
            Column("source", "数据来源", text(60), required=False, help="不填记为“名册导入”"),
            *(
                Column(fact.key, f"{fact.label}（{fact.unit}）" if fact.unit else fact.label, _fact_parser(fact), required=False)
                for fact in FACTS.values()
            ),
        ),
        required=False,
    ),
)  # fmt: skip


# --- what the register knows ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A division that a code names (区划)."""

    id: UUID
    path: str
    level: Level


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A site as the register has it (已登记网点)."""

    id: UUID
    number: int
    name: str
    kind: SiteKind
    state: SiteState
    region_id: UUID
    path: str
    address: str
    service_phone: str | None = None
    manager_name: str | None = None
    operator_model: OperatorModel | None = None
    first_resident_on: date | None = None
    filed_on: date | None = None
    filing_number: str | None = None


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A body as the register has it (已登记主体), with all its sites, those elsewhere too."""

    id: UUID
    name: str
    nature: Nature
    legal_representative: str
    registrar: str
    registrar_region_id: UUID
    registered_on: date | None
    phone: str | None
    sites: tuple[KnownSite, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What an import is compared with (对照): `path` is the importing authority's own; facts by (site, key, day)."""

    path: str
    bodies: Mapping[str, KnownBody]
    places: Mapping[str, Place]
    facts: Mapping[tuple[UUID, str, date], Any] = field(default_factory=dict)


# --- what the workbook means ------------------------------------------------------------------------------------------

SiteKey = tuple[str, str]
"""A site within an import: code of its body and its name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong that only a comparison shows (对照错误): sheet, row in Excel, column key, sentence."""

    sheet: str
    row: int
    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NewFact:
    """A figure to write (新数据)."""

    site: SiteKey
    key: str
    value: Any
    as_of: date
    source: str


@dataclass(slots=True)
class Plan:
    """What an import would do (导入结果预览). Nothing is written while there are faults."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    phones: dict[UUID, str] = field(default_factory=dict)
    sites: dict[SiteKey, dict[str, Any]] = field(default_factory=dict)
    known_sites: dict[SiteKey, KnownSite] = field(default_factory=dict)
    updates: dict[UUID, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    facts: list[NewFact] = field(default_factory=list)
    unchanged: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[Any, ...]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How much is new, completed and unchanged (统计)."""
        return {
            "bodies_new": len(self.bodies),
            "bodies_changed": len(self.phones),
            "bodies_same": self.unchanged[BODIES] - len(self.phones),
            "sites_new": len(self.sites),
            "sites_changed": len(self.updates),
            "sites_same": self.unchanged[SITES] - len(self.updates),
            "facts_new": len(self.facts),
            "facts_same": self.unchanged[FACT_SHEET],
        }

    @property
    def changes_nothing(self) -> bool:
        """Whether the register has all of it already (没有变化)."""
        return not (self.bodies or self.phones or self.sites or self.updates or self.facts)


def plan(rows: Mapping[str, Sequence[Row]], known: Known, on: date) -> Plan:
    """What a parsed workbook means against the register (导入核对): everything to write, or every fault at once."""
    found = Plan()
    for row in rows.get(BODIES, ()):
        found.faults += _body(found, row, known, on)
    for row in rows.get(SITES, ()):
        found.faults += _site(found, row, known, on)
    for row in rows.get(FACT_SHEET, ()):
        found.faults += _facts(found, row, known, on)
    return found


_FIXED_BODY: Final = ("name", "nature", "legal_representative", "registrar", "registered_on")


def _body(found: Plan, row: Row, known: Known, on: date) -> Iterator[Fault]:
    values, uscc = row.values, row.values.get("uscc")
    place = known.places.get(values.get("registrar_region", ""))
    if values.get("registrar_region") and place is None:
        yield Fault(BODIES, row.number, "registrar_region", "没有这个现行区划代码")
    if values.get("registered_on") and values["registered_on"] > on:
        yield Fault(BODIES, row.number, "registered_on", "不能晚于今天")
    if uscc is None:
        return
    if (BODIES, uscc) in found.seen:
        yield Fault(BODIES, row.number, "uscc", "这个代码在表中出现了两次，一家主体只填一行")
        return
    found.seen.add((BODIES, uscc))
    body = known.bodies.get(uscc)
    if body is None:
        found.bodies[uscc] = {key: values.get(key) for key in (*_FIXED_BODY, "phone")}
        found.bodies[uscc]["registrar_region_id"] = place.id if place else None
        return
    found.unchanged[BODIES] += 1
    for key in _FIXED_BODY:
        yield from _differs(BODIES, row, key, getattr(body, key), "主体信息以登记库为准，有变更请办理变更备案")
    if place is not None and place.id != body.registrar_region_id:
        yield Fault(BODIES, row.number, "registrar_region", "与登记库不一致，主体信息以登记库为准")
    if values.get("phone") and values["phone"] != body.phone:
        found.phones[body.id] = values["phone"]


def _differs(sheet: str, row: Row, key: str, known: Any, why: str) -> Iterator[Fault]:
    """A value that would overwrite what is filed; an empty cell says nothing."""
    value = row.values.get(key)
    if value is not None and value != known:
        shown = known.label if isinstance(known, Labelled) else known if known is not None else "空"
        yield Fault(sheet, row.number, key, f"与登记库不一致（库中为“{shown}”）。{why}")


_COMPLETED: Final = ("service_phone", "manager_name", "operator_model")
_FILED: Final = ("kind", "address", "first_resident_on", "filed_on", "filing_number")


def _site(found: Plan, row: Row, known: Known, on: date) -> Iterator[Fault]:
    yield from _site_days(row, on)
    place = known.places.get(row.values.get("region", ""))
    yield from _site_place(row, place, known)
    uscc, name = row.values.get("uscc"), row.values.get("name")
    if uscc is None or name is None:
        return
    if (uscc, name) in found.sites or (uscc, name) in found.known_sites:
        yield Fault(SITES, row.number, "name", "同一主体下这个名称出现了两次，一处网点只填一行")
        return
    body = known.bodies.get(uscc)
    if body is None and uscc not in found.bodies:
        yield Fault(SITES, row.number, "uscc", f"“{BODIES}”表和登记库里都没有这个代码，请先填主体")
    site = _matching(body, row)
    if site is None:
        if row.values.get("number") is not None:
            yield Fault(SITES, row.number, "number", "登记库里没有这个序号的网点；新网点请不要填序号")
        found.sites[uscc, name] = _new_site(row, place)
        return
    yield from _known_site(found, row, site, place)


def _site_days(row: Row, on: date) -> Iterator[Fault]:
    values = row.values
    for key in ("first_resident_on", "filed_on"):
        if values.get(key) and values[key] > on:
            yield Fault(SITES, row.number, key, "不能晚于今天")
    if values.get("filing_number") and "filed_on" in values and values["filed_on"] is None:
        yield Fault(SITES, row.number, "filed_on", "填了回执编号，也要填备案日期")


def _site_place(row: Row, place: Place | None, known: Known) -> Iterator[Fault]:
    if not row.values.get("region"):
        return
    if place is None:
        yield Fault(SITES, row.number, "region", "没有这个现行区划代码")
    elif place.level.depth < Level.COUNTY.depth:
        yield Fault(SITES, row.number, "region", "请填到区县或更细")
    elif not within(place.path, known.path):
        yield Fault(SITES, row.number, "region", "不在本机关的区域内，请由所在地机关导入")


def _matching(body: KnownBody | None, row: Row) -> KnownSite | None:
    number = row.values.get("number")
    for site in body.sites if body else ():
        if site.number == number or (number is None and site.name == row.values["name"]):
            return site
    return None


def _new_site(row: Row, place: Place | None) -> dict[str, Any]:
    values = row.values
    state = SiteState.OPERATING if values.get("first_resident_on") else SiteState.DRAFT
    made = {key: values.get(key) for key in ("name", *_FILED, *_COMPLETED)}
    made |= {"state": SiteState.FILED if values.get("filed_on") else state}
    return made | {"region_id": place.id if place else None, "scope_path": place.path if place else "", "row": row.number}


def _known_site(found: Plan, row: Row, site: KnownSite, place: Place | None) -> Iterator[Fault]:
    values = row.values
    found.known_sites[values["uscc"], values["name"]] = site
    found.unchanged[SITES] += 1
    for key in ("name", *_FILED):
        yield from _differs(SITES, row, key, getattr(site, key), "这是备案事项，请办理变更备案")
    if place is not None and place.id != site.region_id:
        yield Fault(SITES, row.number, "region", "与登记库不一致，搬迁请办理迁移备案")
    changed = {k: (getattr(site, k), values[k]) for k in _COMPLETED if values.get(k) not in (None, getattr(site, k))}
    if changed:
        found.updates[site.id] = changed


def _facts(found: Plan, row: Row, known: Known, on: date) -> Iterator[Fault]:
    values = row.values
    given = {key: values[key] for key in FACTS if values.get(key) is not None}
    for key, sentence in contradictions(given):
        yield Fault(FACT_SHEET, row.number, key, sentence)
    uscc, name, as_of = (values.get(key) for key in ("uscc", "name", "as_of"))
    if as_of is not None and as_of > on:
        yield Fault(FACT_SHEET, row.number, "as_of", "不能晚于今天")
    if uscc is None or name is None or as_of is None:
        return
    site = found.known_sites.get((uscc, name)) or _by_name(known.bodies.get(uscc), name)
    new = found.sites.get((uscc, name))
    if site is None and new is None:
        yield Fault(FACT_SHEET, row.number, "name", f"“{SITES}”表和登记库里都没有这处网点，请核对代码和名称")
        return
    if site is not None and not within(site.path, known.path):
        yield Fault(FACT_SHEET, row.number, "name", "这处网点不在本机关的区域内")
        return
    kind = site.kind if site else new["kind"] if new else None
    try:
        check_beds(kind or SiteKind.DAY_CARE, given.get("beds", 10))
    except Refused as refusal:
        yield Fault(FACT_SHEET, row.number, "beds", refusal.sentence)
    if (FACT_SHEET, uscc, name, as_of) in found.seen:
        yield Fault(FACT_SHEET, row.number, "as_of", "同一网点同一天的数据出现了两行")
        return
    found.seen.add((FACT_SHEET, uscc, name, as_of))
    if site is not None:
        found.known_sites.setdefault((uscc, name), site)
    for key, value in given.items():
        if site is not None and known.facts.get((site.id, key, as_of)) == value:
            found.unchanged[FACT_SHEET] += 1
        else:
            found.facts.append(NewFact((uscc, name), key, value, as_of, values.get("source") or "名册导入"))


def _by_name(body: KnownBody | None, name: str) -> KnownSite | None:
    return next((site for site in body.sites if site.name == name), None) if body else None
