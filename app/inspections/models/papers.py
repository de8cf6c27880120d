"""How an authority words and numbers its papers, and the reports it issued (文书用语、检查报告)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Identified, Model, Scoped


class PaperWords(Identified, Model):
    """An authority's own words for its papers (文书用语); whatever is missing is the platform's. One row an authority.

    `titles` and `patterns` by `rules.papers.Paper`; `remedies` is for the legal office to set, empty means not printed.
    """

    __tablename__ = "paper_words"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), unique=True)
    titles: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    patterns: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    seal_text: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    report_back: Mapped[str] = mapped_column(default="")
    consequence: Mapped[str] = mapped_column(default="")
    remedies: Mapped[str] = mapped_column(default="")
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class InspectionReport(Scoped, Model):
    """An inspection report (检查报告) as issued: number, advice, and which edition. A correction is a new edition by another person.

    `public_number` is of the published version, given when the result is published.
    """

    __tablename__ = "inspection_report"
    site_id: Mapped[UUID] = mapped_column(index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    edition: Mapped[int]
    number: Mapped[str]
    advice: Mapped[list[str]] = mapped_column(JSONB, default=list)
    correction_reason: Mapped[str] = mapped_column(default="")
    issued_by: Mapped[UUID]
    corrected_from_by: Mapped[UUID | None]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    public_number: Mapped[str | None]
    public_on: Mapped[date | None]
    __table_args__ = (
        UniqueConstraint("task_id", "edition"),
        CheckConstraint("(edition = 1) or (correction_reason <> '')", name="correction_has_reason"),
        CheckConstraint("issued_by <> corrected_from_by", name="not_corrected_by_issuer"),
        CheckConstraint("(public_number is null) = (public_on is null)", name="published_whole"),
    )
