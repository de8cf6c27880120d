"""Checklist editions that authorities entered, and who compared which item with the official text (检查表版本、条文核对)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Identified, Model


class EditionRow(Identified, Model):
    """An edition of a checklist made by an authority (地方检查表版本): data as in a standards file, fixed once published.

    A draft (`published_on` empty) may be written over; afterwards a correction is a new edition.
    """

    __tablename__ = "checklist_edition"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    jurisdiction: Mapped[str] = mapped_column(String(collation="C"))
    code: Mapped[str]
    edition: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    based_on: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    published_by: Mapped[UUID | None]
    published_on: Mapped[date | None]
    __table_args__ = (
        UniqueConstraint("jurisdiction", "code", "edition"),
        CheckConstraint("published_by <> made_by", name="not_published_by_maker"),
        CheckConstraint("(published_by is null) = (published_on is null)", name="published_whole"),
    )


class ItemConfirmation(Identified, Model):
    """An authority compared an item with the official text (条文核对记录): who, when, which text; the newest counts."""

    __tablename__ = "item_confirmation"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    edition_sha256: Mapped[str]
    item: Mapped[str]
    clause: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    compared_with: Mapped[str]
    by: Mapped[UUID]
    by_name: Mapped[str]
    on: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("char_length(compared_with) >= 2", name="text_named"),
        Index("ix_item_confirmation_item", "authority_id", "edition_sha256", "item", "at"),
    )
