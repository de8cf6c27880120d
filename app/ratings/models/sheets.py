"""Score sheets as append-only operations, and what the panel agreed (评分表、评分操作、合议)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model, Scoped, enum_column, one_of
from app.ratings.rules.sheet import SheetKind


class ScoreSheet(Scoped, Model):
    """A sheet of one application (评分表): the home's own (自评) or one assessor's. Locked once, with the hash of its answers.

    An assessor's sheet is behind a wall of its own (app/core/scope.py) until every sheet of the round is locked: nobody
    else reads it, the office included.
    """

    __tablename__ = "score_sheet"
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    kind: Mapped[SheetKind] = enum_column(SheetKind)
    round: Mapped[int]
    author_id: Mapped[UUID | None]
    begun_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    locked_by: Mapped[UUID | None]
    locked_sha: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("kind", SheetKind),
        CheckConstraint("(kind = 'self') = (author_id is null)", name="assessor_has_name"),
        CheckConstraint("kind = 'self' or locked_by = author_id", name="locked_by_its_author"),
        CheckConstraint("(locked_at is null) = (locked_sha is null)", name="locked_whole"),
        Index("uq_score_sheet_self", "application_id", unique=True, postgresql_where=text("kind = 'self'")),
        UniqueConstraint("application_id", "round", "author_id"),
    )


class SheetOperation(Scoped, Model):
    """One entry on a sheet (评分操作), append-only. Unique `op_id`, so a repeated batch is stored once, in any order."""

    __tablename__ = "sheet_operation"
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    op_id: Mapped[UUID] = mapped_column(unique=True)
    item: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    na: Mapped[str]
    reason: Mapped[str]
    remark: Mapped[str]
    evidence: Mapped[list[str]] = mapped_column(JSONB)
    replaces: Mapped[list[str]] = mapped_column(JSONB)
    wall_ms: Mapped[int] = mapped_column(BigInteger)
    device: Mapped[str]
    author_id: Mapped[UUID]
    hash: Mapped[str]
    received_at: Mapped[datetime]


class ConsensusEntry(Scoped, Model):
    """What the panel agreed on one item after discussion (合议意见), append-only; the sheets stay as they are."""

    __tablename__ = "consensus_entry"
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    round: Mapped[int]
    item: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    na: Mapped[str]
    reason: Mapped[str]
    by: Mapped[UUID]
    at: Mapped[datetime]
    __table_args__ = (CheckConstraint("reason <> ''", name="has_reason"),)


class ConsensusSignature(Scoped, Model):
    """A panel member signs the agreed scores (合议签字): the hash of what he signed; another entry later asks for a new one."""

    __tablename__ = "consensus_signature"
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    round: Mapped[int]
    account_id: Mapped[UUID]
    state_sha: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("application_id", "round", "account_id", "state_sha"),)
