"""Applications for a rating, the facts they rest on, objections to their results (评定申请、事实、异议)."""

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
from app.ratings.rules.facts import Origin
from app.ratings.rules.process import ObjectionState, State


class RatingApplication(Scoped, Model):
    """One site's application in one campaign (评定申请), from the draft to the published result.

    `round` counts assessments: 1, then 2 after an upheld objection, by other people. `barred` holds the accounts that
    may neither vote nor decide (S4); `eligibility` is the snapshot of the application day and is never rewritten.
    """

    __tablename__ = "rating_application"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("rating_campaign.id"), index=True)
    state: Mapped[State] = enum_column(State, default=State.DRAFT)
    number: Mapped[str | None]
    target: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    renews_id: Mapped[UUID | None] = mapped_column(index=True)
    adviser_firm: Mapped[str] = mapped_column(default="")
    statement: Mapped[str] = mapped_column(default="")
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]
    submitted_on: Mapped[date | None]
    accepted_by: Mapped[UUID | None]
    accepted_on: Mapped[date | None]
    admitted_by: Mapped[UUID | None]
    admitted_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    eligibility: Mapped[list[dict[str, Any]] | None] = deferred(mapped_column(JSONB(none_as_null=True)))
    eligibility_sha: Mapped[str | None]
    evidence: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSONB(none_as_null=True)))
    visit_on: Mapped[date | None]
    opened_at: Mapped[datetime | None]
    proposed_by: Mapped[UUID | None]
    proposed_on: Mapped[date | None]
    barred: Mapped[list[str]] = mapped_column(JSONB, default=list)
    meeting_id: Mapped[UUID | None] = mapped_column(index=True)
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    level: Mapped[str | None]
    by_rules: Mapped[str | None]
    override_reason: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSONB(none_as_null=True)))
    seal: Mapped[str | None]
    noticed_by: Mapped[UUID | None]
    noticed_on: Mapped[date | None]
    notice_until: Mapped[date | None]
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    campaign: Mapped[RatingCampaign] = relationship()
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("state", State),
        CheckConstraint("accepted_by <> submitted_by", name="not_accepted_by_applicant"),
        CheckConstraint("decided_by <> accepted_by and decided_by <> admitted_by", name="not_decided_by_handler"),
        CheckConstraint("noticed_by <> decided_by", name="not_noticed_by_decider"),
        CheckConstraint("not barred @> to_jsonb(decided_by::text)", name="decider_is_free"),
        CheckConstraint("(state <> 'published') or (level is not null and seal is not null)", name="published_has_level"),
        Index(
            "uq_rating_application_open",
            "campaign_id",
            "site_id",
            unique=True,
            postgresql_where=text("state not in ('withdrawn', 'refused')"),
        ),
        Index("ix_rating_application_scope_state", "scope_path", "state"),
    )


class RatingFact(Scoped, Model):
    """A fact on which an application rests (评定事实): value, day, source, who entered it. Append-only, the newest counts.

    A claim of the home counts for the preview alone; the register's, credit's and the office's confirmed values count
    for the result.
    """

    __tablename__ = "rating_fact"
    site_id: Mapped[UUID] = mapped_column(index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    key: Mapped[str]
    value: Mapped[str]
    origin: Mapped[Origin] = enum_column(Origin)
    as_of: Mapped[date]
    source: Mapped[str]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    __table_args__ = (one_of("origin", Origin), CheckConstraint("source <> ''", name="has_source"))


class RatingObjection(Scoped, Model):
    """An objection within the notice (异议): by the home or by somebody else; decided by a person with no part before.

    `of_decision` and `barred` are copied from the application, so that the database can keep the persons apart.
    """

    __tablename__ = "rating_objection"
    site_id: Mapped[UUID] = mapped_column(index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    state: Mapped[ObjectionState] = enum_column(ObjectionState, default=ObjectionState.OPEN)
    by_home: Mapped[bool]
    objector: Mapped[str]
    words: Mapped[str]
    raised_on: Mapped[date]
    raised_by: Mapped[UUID]
    of_decision: Mapped[UUID]
    barred: Mapped[list[str]] = mapped_column(JSONB)
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        one_of("state", ObjectionState),
        CheckConstraint("decided_by <> of_decision and decided_by <> raised_by", name="not_decided_by_same"),
        CheckConstraint("not barred @> to_jsonb(decided_by::text)", name="decider_is_free"),
        UniqueConstraint("application_id", "id"),
    )
