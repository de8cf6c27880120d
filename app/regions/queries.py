"""Questions about divisions, authorities and what is set for them (区划、机关、政策参数查询). Public knowledge, no scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, or_, select
from sqlalchemy.orm import selectinload

from app.core import calendar
from app.core.actor import Actor
from app.core.calendar import CalendarDay, Deadline, Unit
from app.core.db import db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.refusal import NotVisible, Refused
from app.core.scope import subtree, visible
from app.core.working_days import Calendar, DayRow
from app.regions import rules
from app.regions.models import Authority, Department, PolicySetting, Region, RegionFact
from app.regions.packs import (
    GROUPS,
    SETTINGS,
    PolicyPack,
    Setting,
    Target,
    Value,
    claims,
    library,
    settings_for,
    show,
    targets_for,
)
from app.regions.rules import Claim, Level, competent, lineage


def region(region_id: UUID) -> Region:
    """One division."""
    row = db.session.get(Region, region_id)
    if row is None:
        raise NotVisible("region")
    return row


def region_coded(code: str, on: date) -> Region | None:
    """The division that has a code on a day (按代码查区划)."""
    query = select(Region).where(
        Region.code == code,
        or_(Region.valid_from.is_(None), Region.valid_from <= on),
        or_(Region.valid_to.is_(None), Region.valid_to >= on),
    )
    return db.session.scalars(query.order_by(Region.valid_from.desc().nulls_last()).limit(1)).one_or_none()


def children(region_id: UUID) -> Sequence[Region]:
    """The divisions right below, by code (下级区划)."""
    query = select(Region).where(Region.parent_id == region_id, Region.valid_to.is_(None)).order_by(Region.code)
    return db.session.scalars(query).all()


def below(path: str, level: Level) -> Sequence[Region]:
    """Divisions of a level in a subtree, by code (辖区内某级区划)."""
    query = (
        select(Region)
        .where(Region.path >= path, Region.path < path[:-1] + "0", Region.level == level, Region.valid_to.is_(None))
        .order_by(Region.code)
    )
    return db.session.scalars(query).all()


def upwards(path: str) -> Sequence[Region]:
    """A division and those above it, nearest first (本级与上级)."""
    rows = db.session.scalars(select(Region).where(Region.path.in_(lineage(path)))).all()
    return sorted(rows, key=lambda row: len(row.path), reverse=True)


def full_name(path: str) -> str:
    """The division in words from the province down (区划全称)."""
    return "".join(row.name for row in reversed(upwards(path)) if row.level is not Level.NATION)


def authority(authority_id: UUID) -> Authority:
    """One authority."""
    row = db.session.get(Authority, authority_id)
    if row is None:
        raise NotVisible("authority")
    return row


def authorities(path: str, department: Department | None = None) -> Sequence[Authority]:
    """The authorities in a subtree (辖区内机关)."""
    query = select(Authority).where(Authority.path >= path, Authority.path < path[:-1] + "0").order_by(Authority.path)
    return db.session.scalars(query.where(Authority.department == department) if department else query).all()


def competent_authority(path: str, wanted: Level, department: Department = Department.CIVIL_AFFAIRS) -> Authority:
    """The authority of a department that is competent at a level for a place (主管机关); the next above when it is missing."""
    chain = upwards(path)
    start = competent([row.level for row in chain], wanted)
    here = select(Authority).where(Authority.department == department, Authority.region_id.in_([row.id for row in chain[start:]]))
    found = sorted(db.session.scalars(here), key=lambda row: len(row.path), reverse=True)
    if not found:
        raise Refused("authority.none", f"这里还没有登记{department.label}部门，请先在“机关”里登记。")
    return found[0]


def superior(authority_row: Authority) -> Authority | None:
    """The authority of the same department one level up (上级机关)."""
    above = lineage(authority_row.path)[1:]
    query = select(Authority).where(Authority.department == authority_row.department, Authority.path.in_(above))
    return max(db.session.scalars(query), key=lambda row: len(row.path), default=None)


def settings_at(path: str, on: date) -> Mapping[str, Claim[Value]]:
    """What is set for a place on a day, each value with its source (生效政策参数): the nearest region's wins, field by field."""
    version = db.session.execute(
        select(func.count(), func.max(PolicySetting.set_at), func.max(cast(PolicySetting.id, Text)))
    ).one()
    return _settings(path, on, tuple(version))


@lru_cache(maxsize=512)
def _settings(path: str, on: date, version: tuple[object, ...]) -> Mapping[str, Claim[Value]]:  # noqa: ARG001 — part of the key
    chain = [row for row in upwards(path) if row.level is not Level.NATION]
    places = {row.id: number for number, row in enumerate(chain)}
    own = [
        Claim(row.key, _kept(row.value), places[row.region_id], row.in_force_from, row.in_force_to, row.source)
        for row in db.session.scalars(
            select(PolicySetting).where(PolicySetting.region_id.in_(places)).order_by(PolicySetting.set_at)
        )
    ]
    return settings_for(tuple(row.code for row in chain), on=on, own=own)


def _kept(value: Any) -> Value:
    """A value as the rules know it: a list out of the database is a tuple."""
    kept: Value = tuple(value) if isinstance(value, list) else value
    return kept


def setting(path: str, key: str, on: date) -> Claim[Value]:
    """One value with its source (某项政策参数). Refused when nobody has set it, saying where to."""
    found = settings_at(path, on).get(key)
    if found is None:
        label = SETTINGS[key].label
        raise Refused("setting.none", f"“{label}”还没有设置。请负责人在“政策参数”中填写数值和依据文件后再办理。")
    return found


def number_set(path: str, key: str, on: date) -> int:
    """A setting that is a whole number."""
    value = setting(path, key, on).value
    assert isinstance(value, int)
    return value


def facts_of(region_id: UUID) -> Sequence[RegionFact]:
    """Figures of a division, newest first (地区数据)."""
    query = select(RegionFact).where(RegionFact.region_id == region_id).order_by(RegionFact.key, RegionFact.as_of.desc())
    return db.session.scalars(query).all()


def region_at(path: str) -> Region:
    """The division with a path (按路径查区划)."""
    row = db.session.scalars(select(Region).where(Region.path == path)).one_or_none()
    if row is None:
        raise NotVisible("region")
    return row


def successor(row: Region) -> Region | None:
    """The division that carries on a retired one (承继区划)."""
    return db.session.get(Region, row.successor_id) if row.successor_id else None


def predecessors(region_id: UUID) -> Sequence[Region]:
    """The retired divisions that this one carries on (历史区划)."""
    return db.session.scalars(select(Region).where(Region.successor_id == region_id).order_by(Region.valid_to.desc())).all()


# --- policy packs on a page -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of the policy pack as a page shows it (政策参数). `place` is empty for the platform's own default."""

    setting: Setting
    claim: Claim[Value]
    place: str
    own: bool
    set_at: datetime | None = None
    set_by: UUID | None = None

    @property
    def words(self) -> str:
        """The value with its unit."""
        return show(self.claim.value, self.setting.unit)


def _chain(path: str) -> list[Region]:
    return [row for row in upwards(path) if row.level is not Level.NATION]


def _shown(key: str, claim: Claim[Value], chain: Sequence[Region]) -> Shown:
    place = chain[claim.distance].name if claim.distance < len(chain) else ""
    return Shown(SETTINGS[key], claim, place, claim.distance == 0)


def settings_shown(path: str, on: date) -> Mapping[str, list[Shown]]:
    """What is set for a place, by group in the order of the table (生效政策参数)."""
    chain, found = _chain(path), settings_at(path, on)
    groups: dict[str, list[Shown]] = {}
    for key, item in SETTINGS.items():
        if key in found:
            groups.setdefault(GROUPS[item.group], []).append(_shown(key, found[key], chain))
    return groups


def settings_open(path: str, on: date) -> list[tuple[Setting, list[Shown]]]:
    """The settings without a value in force (未设置的参数), each with what a pack says that may not be used yet (待核)."""
    chain, found = _chain(path), settings_at(path, on)
    said: dict[str, list[Shown]] = {}
    for claim in claims(library().editions, [row.code for row in chain]):
        said.setdefault(claim.key, []).append(_shown(claim.key, claim, chain))
    return [(item, said.get(key, [])) for key, item in SETTINGS.items() if key not in found]


def setting_history(path: str, key: str) -> list[Shown]:
    """Every value that documents and authorities gave for a place (参数沿革): the nearest first, there the newest."""
    chain = _chain(path)
    places = {row.id: number for number, row in enumerate(chain)}
    shipped = [_shown(key, c, chain) for c in claims(library().editions, [row.code for row in chain]) if c.key == key]
    rows = db.session.scalars(
        select(PolicySetting).where(PolicySetting.key == key, PolicySetting.region_id.in_(places)).order_by(PolicySetting.set_at)
    )
    own = [
        replace(
            _shown(key, Claim(key, _kept(r.value), places[r.region_id], r.in_force_from, r.in_force_to, r.source), chain),
            set_at=r.set_at,
            set_by=r.set_by,
        )
        for r in rows
    ]
    return sorted([*reversed(own), *shipped], key=lambda s: (s.claim.distance, -s.claim.in_force_from.toordinal()))


def targets_at(path: str, on: date) -> Sequence[tuple[PolicyPack, Target]]:
    """The targets that bind a place (适用目标)."""
    return targets_for([row.code for row in _chain(path)], on=on)


# --- the calendar -----------------------------------------------------------------------------------------------------


def year_to_enter(on: date) -> int | None:
    """The year whose notice of holidays should be entered by now (待录入放假通知的年份)."""
    return rules.year_to_enter(on, calendar.calendar())


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline that a notice would move (期限变动)."""

    label: str
    was: date
    becomes: date
    provisional: bool


def moves(days: Sequence[DayRow], *, seen_by: Actor) -> list[Move]:
    """The open provisional deadlines in the scope that these days would move or settle (期限变动), those that move first."""
    kept = select(CalendarDay.date, CalendarDay.is_workday, CalendarDay.name, CalendarDay.source_doc, CalendarDay.status)
    after = Calendar([*(DayRow(*row) for row in db.session.execute(kept)), *days])
    running = visible(Deadline, to=seen_by).where(Deadline.provisional, Deadline.met_on.is_(None), Deadline.dropped_on.is_(None))
    found = []
    for row in db.session.scalars(running.order_by(Deadline.due_on)):
        count = after.add_working_days if row.unit is Unit.WORKING else after.end_of_natural_days
        due = count(row.start_on, row.count)
        found.append(Move(row.label, row.due_on, due.on, due.provisional))
    return sorted(found, key=lambda move: move.was == move.becomes)


# --- authorities ------------------------------------------------------------------------------------------------------

AUTHORITY_LIST: Final[ListSpec[Authority]] = ListSpec(
    columns=[
        Column("name", "机关", lambda a: a.name, sort="path"),
        Column("department", "部门", lambda a: a.department.label),
        Column("region", "行政区划", lambda a: a.region.name, href=lambda a: f"/office/regions/{a.region_id}"),
        Column("level", "级别", lambda a: a.level.label),
        Column("number_word", "文书字号", lambda a: a.number_word),
        Column("seal", "印章文字", lambda a: a.seal_text),
        Column("phone", "监督电话", lambda a: a.supervision_phone),
    ],
    sorts=[Sort("path", "行政区划", Authority.path, up="上级在前", down="下级在前")],
    default_sort="path",
    tie=Authority.id,
    filters=[
        Filter("q", "名称", lambda s, v: s.where(Authority.name.contains(v, autoescape=True))),
        Filter(
            "department",
            "部门",
            lambda s, v: s.where(Authority.department == v),
            FilterKind.CHOICE,
            [(d.value, d.label) for d in Department],
        ),
    ],
)


def authorities_within(path: str) -> Select[Authority]:
    """The authorities in a subtree, for the list (辖区内机关)."""
    return select(Authority).where(subtree(Authority.path, path)).options(selectinload(Authority.region))
