"""Administrative divisions, facts of them, authorities, settings of policy packs (行政区划、地区数据、机关、政策参数)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Identified, Model, enum_column, one_of
from app.core.labels import Labelled
from app.regions.rules import Level


class Region(Identified, Model):
    """An administrative division (行政区划). `path` is our own stable path of short ids; the code has a validity and a successor."""

    __tablename__ = "region"
    path: Mapped[str] = mapped_column(String(collation="C"), unique=True)
    code: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    level: Mapped[Level] = enum_column(Level)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"))
    source: Mapped[str]
    parent: Mapped[Region | None] = relationship(remote_side="Region.id", foreign_keys=[parent_id])
    __table_args__ = (one_of("level", Level), UniqueConstraint("code", "valid_from", postgresql_nulls_not_distinct=True))


class RegionFact(Identified, Model):
    """A figure about a division with its day and source (地区数据): population 60+, households, communities, estates …"""

    __tablename__ = "region_fact"
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    key: Mapped[str]
    value: Mapped[int]
    as_of: Mapped[date]
    source: Mapped[str]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("region_id", "key", "as_of"),)


class Department(Labelled):
    """Department of an authority (部门)."""

    CIVIL_AFFAIRS = "civil_affairs", "民政"
    FIRE = "fire", "消防救援"
    MARKET = "market", "市场监管"
    HOUSING = "housing", "住房城乡建设"
    HEALTH = "health", "卫生健康"
    DISCIPLINE = "discipline", "纪检监察"


class Authority(Identified, Model):
    """An authority (机关): a department of one division, with its own document words."""

    __tablename__ = "authority"
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    path: Mapped[str] = mapped_column(String(collation="C"), index=True)
    department: Mapped[Department] = enum_column(Department)
    name: Mapped[str]
    short_name: Mapped[str]
    number_word: Mapped[str]
    seal_text: Mapped[str]
    supervision_phone: Mapped[str]
    region: Mapped[Region] = relationship()
    __table_args__ = (
        one_of("department", Department),
        UniqueConstraint("region_id", "department"),
        Index("ix_authority_department_path", "department", "path"),
    )

    @property
    def level(self) -> Level:
        """The level that the authority's posts have (机关级别)."""
        return self.region.level


class PolicySetting(Identified, Model):
    """A value that a region sets over the shipped packs (政策参数): with the document it comes from; the newest in force wins."""

    __tablename__ = "policy_setting"
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    key: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    source: Mapped[str]
    in_force_from: Mapped[date]
    in_force_to: Mapped[date | None]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
