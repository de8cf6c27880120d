"""Questions about divisions, authorities and what is set for them (区划、机关、政策参数查询). Public knowledge, no scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, or_, select

from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.regions.models import Authority, Department, PolicySetting, Region, RegionFact
from app.regions.packs import SETTINGS, Value, settings_for
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
    version = db.session.execute(select(func.count(), func.max(PolicySetting.set_at))).one()
    return _settings(path, on, tuple(version))


@lru_cache(maxsize=512)
def _settings(path: str, on: date, version: tuple[object, ...]) -> Mapping[str, Claim[Value]]:  # noqa: ARG001 — part of the key
    chain = [row for row in upwards(path) if row.level is not Level.NATION]
    places = {row.id: number for number, row in enumerate(chain)}
    own = [
        Claim(row.key, row.value, places[row.region_id], row.in_force_from, row.in_force_to, row.source)
        for row in db.session.scalars(
            select(PolicySetting).where(PolicySetting.region_id.in_(places)).order_by(PolicySetting.set_at)
        )
    ]
    return settings_for(tuple(row.code for row in chain), on=on, own=own)


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
