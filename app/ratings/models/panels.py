"""Assessors, ties, and panels drawn by lot (评定员、回避、评定组抽取)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.accounts.models import Account
from app.core.db import Model, Scoped, enum_column, one_of
from app.providers.models import Site
from app.ratings.rules.process import TieKind


class AssessorEntry(Scoped, Model):
    """An entry of the list of assessors (评定员名录): the firm that sends him, and how many homes at most in one draw."""

    __tablename__ = "assessor_entry"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    firm: Mapped[str] = mapped_column(default="")
    cap: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    account: Mapped[Account] = relationship()
    __table_args__ = (
        UniqueConstraint("authority_id", "account_id"),
        CheckConstraint("cap between 1 and 99", name="cap_sensible"),
    )


class RatingTie(Scoped, Model):
    """A tie of a person to a home (利害关系): keeps him off its panel, its votes and its objections until `until`.

    `site_id` stays empty on purpose: a home does not see who withdrew from it.
    """

    __tablename__ = "rating_tie"
    about_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[TieKind] = enum_column(TieKind)
    note: Mapped[str] = mapped_column(default="")
    since: Mapped[date]
    until: Mapped[date | None]
    declared_by: Mapped[UUID]
    declared_at: Mapped[datetime]
    about: Mapped[Site] = relationship(foreign_keys=[about_id])
    account: Mapped[Account] = relationship()
    __table_args__ = (one_of("kind", TieKind), Index("ix_rating_tie_pair", "about_id", "account_id"))


class PanelDraw(Scoped, Model):
    """A draw of panels (评定组抽取) by the same public procedure as inspections: files kept, so anybody can recompute it.

    Frozen by one person with a public value named beforehand; two others or the same two enter the value alike.
    """

    __tablename__ = "panel_draw"
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("rating_campaign.id"), index=True)
    nth: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    files: Mapped[dict[str, str]] = deferred(mapped_column(JSONB))
    source: Mapped[str]
    rule: Mapped[str]
    freeze_hash: Mapped[str]
    frozen_by: Mapped[UUID]
    frozen_at: Mapped[datetime]
    event: Mapped[str] = mapped_column(default="")
    typed: Mapped[str] = mapped_column(default="")
    typed_by: Mapped[UUID | None]
    drawn_by: Mapped[UUID | None]
    drawn_at: Mapped[datetime | None]
    result_hash: Mapped[str | None]
    infeasible: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        UniqueConstraint("campaign_id", "nth"),
        CheckConstraint("drawn_by <> typed_by", name="value_by_two"),
        Index("uq_panel_draw_open", "campaign_id", unique=True, postgresql_where=text("drawn_at is null and infeasible = ''")),
    )


class PanelMember(Scoped, Model):
    """An assessor on the panel of an application (评定组成员). `adviser_firm` is copied so that the database keeps S5.

    The home sees who comes, so that it can ask for a recusal; it never sees what they score before the notice.
    """

    __tablename__ = "panel_member"
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    round: Mapped[int]
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("panel_draw.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    seat: Mapped[int]
    name: Mapped[str]
    firm: Mapped[str] = mapped_column(default="")
    adviser_firm: Mapped[str] = mapped_column(default="")
    declared_free_at: Mapped[datetime | None]
    recused_on: Mapped[date | None]
    recusal: Mapped[str] = mapped_column(default="")
    replaces_id: Mapped[UUID | None]
    account: Mapped[Account] = relationship()
    __table_args__ = (
        UniqueConstraint("application_id", "round", "account_id"),
        CheckConstraint("firm = '' or firm <> adviser_firm", name="firm_not_adviser"),
        CheckConstraint("(recused_on is null) = (recusal = '')", name="recusal_has_reason"),
    )
