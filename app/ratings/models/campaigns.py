"""Campaigns of rating (评定工作): what an authority rates, under which frozen edition, when, and by which terms."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.ratings.rules.process import CampaignKind, CampaignState
from app.regions.models import Authority


class RatingCampaign(Scoped, Model):
    """A rating campaign (评定工作). The scheme's text is frozen into it, so old results keep their edition for ever.

    `trial` means that the edition may not be published: its results are tried and end with the decision.
    """

    __tablename__ = "rating_campaign"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    number: Mapped[str]
    kind: Mapped[CampaignKind] = enum_column(CampaignKind)
    state: Mapped[CampaignState] = enum_column(CampaignState, default=CampaignState.DRAFT)
    title: Mapped[str]
    year: Mapped[int]
    site_kinds: Mapped[list[str]] = mapped_column(JSONB)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    scheme_key: Mapped[str]
    scheme_name: Mapped[str]
    scheme_sha: Mapped[str]
    scheme_text: Mapped[str] = deferred(mapped_column(Text))
    scheme_mark: Mapped[str]
    confirmed: Mapped[bool]
    trial: Mapped[bool]
    obstacles: Mapped[list[str]] = mapped_column(JSONB)
    panel_size: Mapped[int]
    notice_days: Mapped[int]
    wait_months: Mapped[int]
    renew_before_months: Mapped[int]
    validity_months: Mapped[int]
    terms_basis: Mapped[str]
    firm: Mapped[str] = mapped_column(default="")
    basis: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    opened_by: Mapped[UUID | None]
    opened_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    authority: Mapped[Authority] = relationship()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", CampaignKind),
        one_of("state", CampaignState),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("opens_on <= closes_on", name="days_in_order"),
        CheckConstraint("opened_by <> made_by", name="not_opened_by_maker"),
        CheckConstraint("panel_size between 2 and 15", name="panel_of_two_at_least"),
        CheckConstraint("(kind <> 'quality') or (firm <> '')", name="quality_by_third_party"),
        Index("ix_rating_campaign_scope_state", "scope_path", "state", "closes_on"),
    )
