"""Schemes that authorities entered (地方评定方案): editions, and who entered which number from which text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Identified, Model, enum_column, one_of
from app.ratings.rules.editor import EditionState


class SchemeEdition(Identified, Model):
    """An edition of a rating scheme made by an authority (地方方案版本): a draft may be written on, a confirmed one never."""

    __tablename__ = "scheme_edition"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    jurisdiction: Mapped[str] = mapped_column(String(collation="C"))
    code: Mapped[str]
    edition: Mapped[str]
    name: Mapped[str]
    state: Mapped[EditionState] = enum_column(EditionState, default=EditionState.DRAFT)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(index=True)
    based_on: Mapped[str]
    base: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_by: Mapped[UUID]
    made_by_name: Mapped[str]
    made_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    confirmed_by_name: Mapped[str | None]
    confirmed_on: Mapped[date | None]
    compared_with: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("state", EditionState),
        UniqueConstraint("jurisdiction", "code", "edition"),
        CheckConstraint("confirmed_by <> made_by", name="not_confirmed_by_maker"),
        CheckConstraint("(state = 'confirmed') = (confirmed_on is not null)", name="confirmed_whole"),
        CheckConstraint("(confirmed_on is null) = (compared_with is null)", name="confirmed_against_a_text"),
    )


class SchemeEntry(Identified, Model):
    """One value that somebody entered (录入记录): where, before, after, from which document and clause, by whom and when."""

    __tablename__ = "scheme_entry"
    edition_id: Mapped[UUID] = mapped_column(ForeignKey("scheme_edition.id"))
    place: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    doc: Mapped[str]
    clause: Mapped[str]
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("char_length(doc) >= 2 and char_length(clause) >= 1", name="source_named"),
        Index("ix_scheme_entry_edition", "edition_id", "at"),
    )
