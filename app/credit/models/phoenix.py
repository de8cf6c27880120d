"""Matches of the phoenix check (换壳核查)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.credit.rules.phoenix import MatchState
from app.providers.models import Site


class PhoenixMatch(Scoped, Model):
    """A new site that looks like an old one with a bad record (疑似换壳): the reasons, and what an officer made of it.

    It lies in the scope of the new site. `old` keeps what the officer has to know of the old one, which may lie elsewhere:
    {name, place, organisation, state, record: [words]}; `old_site_id` is not a foreign key for the same reason.
    """

    __tablename__ = "phoenix_match"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    old_site_id: Mapped[UUID] = mapped_column(index=True)
    old: Mapped[dict[str, Any]] = mapped_column(JSONB)
    score: Mapped[int]
    points: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    table_sha256: Mapped[str]
    state: Mapped[MatchState] = enum_column(MatchState, default=MatchState.WAITING)
    found_on: Mapped[date]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __table_args__ = (
        one_of("state", MatchState),
        UniqueConstraint("site_id", "old_site_id"),
        CheckConstraint("(state = 'waiting') = (decided_by is null)", name="decided_whole"),
        CheckConstraint("state = 'waiting' or reason <> ''", name="decided_with_reason"),
        CheckConstraint("site_id <> old_site_id", name="two_sites"),
        Index("ix_phoenix_match_scope_state", "scope_path", "state", "found_on"),
    )
