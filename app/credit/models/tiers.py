"""Risk tiers as decided, and manual ones (风险等级、人工调整)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.credit.rules.tier import TierWay
from app.providers.models import Site
from app.providers.rules import Tier


class TierOverride(Scoped, Model):
    """A manual tier (人工调整): a reason and a last day; the next tier is computed again after it."""

    __tablename__ = "tier_override"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    tier: Mapped[Tier] = enum_column(Tier)
    reason: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    by: Mapped[UUID]
    at: Mapped[datetime]
    ended_on: Mapped[date | None]
    ended_by: Mapped[UUID | None]
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __table_args__ = (
        one_of("tier", Tier),
        CheckConstraint("until >= since", name="dates_in_order"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(ended_on is null) = (ended_by is null)", name="ended_whole"),
        Index("uq_tier_override_open", "site_id", unique=True, postgresql_where=text("ended_on is null")),
    )


class TierDecision(Scoped, Model):
    """A tier as it was decided (定级记录): by which table, on which score, why. A row only when something changed."""

    __tablename__ = "tier_decision"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    on: Mapped[date]
    tier: Mapped[Tier] = enum_column(Tier)
    way: Mapped[TierWay] = enum_column(TierWay)
    listed: Mapped[bool]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    table_code: Mapped[str]
    table_sha256: Mapped[str]
    score_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_score.id"))
    override_id: Mapped[UUID | None] = mapped_column(ForeignKey("tier_override.id"))
    by: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __table_args__ = (
        one_of("tier", Tier),
        one_of("way", TierWay),
        CheckConstraint("not listed or tier = 'D'", name="listed_is_strictest"),
        Index("ix_tier_decision_newest", "site_id", text("at desc")),
    )
