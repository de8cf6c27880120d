"""Ratings and what becomes of them (等级结果): results, measures, news to look at, mid-term checks, the home's own words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.providers.models import Site
from app.ratings.models.campaigns import RatingCampaign
from app.ratings.rules.process import CampaignKind, Cause, CheckResult, Measure, Standing


class Rating(Scoped, Model):
    """A published rating (等级): one site, one scheme edition, from a day to a day. Never recomputed under a newer edition.

    Several ratings under different schemes stand side by side. Expiry is asked by day (`process.standing_on`).
    """

    __tablename__ = "rating"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), unique=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("rating_campaign.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    kind: Mapped[CampaignKind] = enum_column(CampaignKind)
    scheme: Mapped[str] = mapped_column(index=True)
    edition: Mapped[str]
    scheme_name: Mapped[str]
    scheme_sha: Mapped[str]
    scheme_mark: Mapped[str]
    level: Mapped[str]
    rank: Mapped[int]
    value: Mapped[str]
    out_of: Mapped[str]
    areas: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    reason: Mapped[str]
    result: Mapped[dict[str, Any]] = deferred(mapped_column(JSONB))
    seal: Mapped[str]
    state: Mapped[Standing] = enum_column(Standing, default=Standing.VALID)
    state_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    check_due: Mapped[date]
    published_on: Mapped[date]
    published_by: Mapped[UUID]
    certificate_number: Mapped[str]
    plaque_number: Mapped[str]
    document_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    campaign: Mapped[RatingCampaign] = relationship()
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", CampaignKind),
        one_of("state", Standing),
        UniqueConstraint("authority_id", "certificate_number"),
        CheckConstraint("valid_from <= valid_to", name="days_in_order"),
        Index("ix_rating_site_scheme", "site_id", "scheme", "valid_to"),
        Index("ix_rating_scope_valid", "scope_path", "state", "valid_to"),
    )

    @property
    def key(self) -> str:
        """code@edition (方案编号@版本)."""
        return f"{self.scheme}@{self.edition}"


class RatingChange(Scoped, Model):
    """A measure on a rating (等级处理): proposed by one, decided by another; the machine may only suspend or end at once."""

    __tablename__ = "rating_change"
    site_id: Mapped[UUID] = mapped_column(index=True)
    rating_id: Mapped[UUID] = mapped_column(ForeignKey("rating.id"), index=True)
    measure: Mapped[Measure] = enum_column(Measure)
    cause: Mapped[Cause] = enum_column(Cause)
    from_level: Mapped[str]
    to_level: Mapped[str]
    reason: Mapped[str]
    alert_id: Mapped[UUID | None]
    at_once: Mapped[bool] = mapped_column(default=False)
    proposed_by: Mapped[UUID]
    proposed_on: Mapped[date]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    dropped_on: Mapped[date | None]
    plaque_back_on: Mapped[date | None]
    __table_args__ = (
        one_of("measure", Measure),
        one_of("cause", Cause),
        CheckConstraint("at_once or decided_by <> proposed_by", name="not_decided_by_proposer"),
        CheckConstraint("reason <> ''", name="has_reason"),
        Index(
            "uq_rating_change_open",
            "rating_id",
            unique=True,
            postgresql_where=text("decided_on is null and dropped_on is null"),
        ),
    )


class RatingAlert(Scoped, Model):
    """News that touches a rating (等级提示): an accident, a penalty, a listing, a failed check. Somebody must look at it."""

    __tablename__ = "rating_alert"
    site_id: Mapped[UUID] = mapped_column(index=True)
    rating_id: Mapped[UUID] = mapped_column(ForeignKey("rating.id"), index=True)
    cause: Mapped[Cause] = enum_column(Cause)
    source: Mapped[UUID]
    source_words: Mapped[str]
    told_on: Mapped[date]
    settled_by: Mapped[UUID | None]
    settled_on: Mapped[date | None]
    settled_how: Mapped[str] = mapped_column(default="")
    __table_args__ = (one_of("cause", Cause), UniqueConstraint("rating_id", "cause", "source"))


class MidCheck(Scoped, Model):
    """A mid-term check (期中检查) of a valid rating."""

    __tablename__ = "mid_check"
    site_id: Mapped[UUID] = mapped_column(index=True)
    rating_id: Mapped[UUID] = mapped_column(ForeignKey("rating.id"), index=True)
    done_on: Mapped[date]
    result: Mapped[CheckResult] = enum_column(CheckResult)
    words: Mapped[str]
    done_by: Mapped[UUID]
    __table_args__ = (one_of("result", CheckResult),)


class RatingReply(Scoped, Model):
    """What a home says to its grade (机构回应): public beside the grade once somebody looked at the words for personal data."""

    __tablename__ = "rating_reply"
    site_id: Mapped[UUID] = mapped_column(index=True)
    rating_id: Mapped[UUID] = mapped_column(ForeignKey("rating.id"), index=True)
    words: Mapped[str]
    said_on: Mapped[date]
    said_by: Mapped[UUID]
    cleared_by: Mapped[UUID | None]
    cleared_at: Mapped[datetime | None]
    refused: Mapped[str] = mapped_column(default="")
    __table_args__ = (CheckConstraint("cleared_by <> said_by", name="not_cleared_by_speaker"),)
