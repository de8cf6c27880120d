"""Subsidy claims (补贴清单): one list an authority, rule and period, one row a site and month, never twice."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.providers.models import Site
from app.ratings.rules.claims import ClaimKind, ClaimState
from app.ratings.rules.subsidies import Outcome


class SubsidyClaim(Scoped, Model):
    """A list of subsidies (补贴清单): computed by one person, approved by another; a reversal takes back what was paid."""

    __tablename__ = "subsidy_claim"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    number: Mapped[str]
    kind: Mapped[ClaimKind] = enum_column(ClaimKind, default=ClaimKind.CLAIM)
    state: Mapped[ClaimState] = enum_column(ClaimState, default=ClaimState.DRAFT)
    rule_code: Mapped[str]
    rule_name: Mapped[str]
    rule_sha: Mapped[str]
    first_month: Mapped[date]
    last_month: Mapped[date]
    total_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    paid: Mapped[int] = mapped_column(default=0)
    open: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID]
    made_by_name: Mapped[str]
    made_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_by_name: Mapped[str | None]
    approved_on: Mapped[date | None]
    cancelled_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    lines: Mapped[list[SubsidyLine]] = relationship(back_populates="claim", order_by="SubsidyLine.site_id, SubsidyLine.month")
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", ClaimKind),
        one_of("state", ClaimState),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("approved_by <> made_by", name="not_approved_by_maker"),
        CheckConstraint("(state = 'approved') = (approved_on is not null)", name="approved_whole"),
        CheckConstraint("first_month <= last_month", name="months_in_order"),
    )


class SubsidyLine(Scoped, Model):
    """One site in one month (补贴明细), with every step in words. `active` rows hold the month for their group.

    Number and day of the list stand here too: a provider reaches its own rows, not the list with the rows of others.
    """

    __tablename__ = "subsidy_line"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("subsidy_claim.id"), index=True)
    rule_code: Mapped[str]
    rule_name: Mapped[str]
    claim_number: Mapped[str]
    approved_on: Mapped[date | None]
    pay_group: Mapped[str]
    month: Mapped[date]
    outcome: Mapped[Outcome] = enum_column(Outcome)
    fen: Mapped[int | None] = mapped_column(BigInteger)
    level: Mapped[str]
    rating_id: Mapped[UUID | None] = mapped_column(ForeignKey("rating.id"))
    heads: Mapped[int | None]
    words: Mapped[str]
    active: Mapped[bool]
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("subsidy_line.id"), unique=True)
    claim: Mapped[SubsidyClaim] = relationship(back_populates="lines")
    site: Mapped[Site] = relationship()
    __table_args__ = (
        one_of("outcome", Outcome),
        UniqueConstraint("claim_id", "site_id", "month", "reverses", postgresql_nulls_not_distinct=True),
        CheckConstraint("extract(day from month) = 1", name="month_by_its_first_day"),
        CheckConstraint("not active or outcome = 'paid'", name="only_paid_holds"),
        Index(
            "uq_subsidy_line_once",
            "site_id",
            "pay_group",
            "month",
            unique=True,
            postgresql_where=text("active"),
        ),
    )
