"""Documents and blobs (文书与文件): where the bytes are, which version, which hash, until when they are locked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.archive.rules import BlobKind, DocumentKind, DocumentState, Retention
from app.core.db import Model, Scoped, enum_column, one_of


class Blob(Scoped, Model):
    """A photo or a paper's file (文件): kept by content. Bytes wait in `staged` until the store has them (D20)."""

    __tablename__ = "blob"
    kind: Mapped[BlobKind] = enum_column(BlobKind)
    sha256: Mapped[str]
    size: Mapped[int]
    content_type: Mapped[str]
    file_name: Mapped[str]
    thumbnail: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    staged: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    key: Mapped[str | None]
    version_id: Mapped[str | None]
    retain_until: Mapped[datetime | None]
    stored_at: Mapped[datetime | None]
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    __table_args__ = (
        one_of("kind", BlobKind),
        CheckConstraint("(version_id is not null) or (staged is not null)", name="bytes_somewhere"),
        UniqueConstraint("site_id", "sha256"),
    )


class Document(Scoped, Model):
    """A document (文书): rendered once from frozen facts, signed, archived write-once. A reprint returns these bytes.

    `facts` are the canonical JSON bytes that the file carries as an attachment; `facts_sha256` is the record code's hash.
    """

    __tablename__ = "document"
    kind: Mapped[DocumentKind] = enum_column(DocumentKind)
    state: Mapped[DocumentState] = enum_column(DocumentState, default=DocumentState.WAITING)
    number: Mapped[str]
    title: Mapped[str]
    authority_id: Mapped[UUID]
    subject: Mapped[UUID] = mapped_column(index=True)
    issued_on: Mapped[date]
    issued_by: Mapped[UUID]
    created_at: Mapped[datetime]
    page: Mapped[str] = deferred(mapped_column(Text))
    facts: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    facts_sha256: Mapped[str] = mapped_column(index=True)
    images: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    unsigned_sha256: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(index=True)
    size: Mapped[int | None]
    staged: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    key: Mapped[str | None]
    version_id: Mapped[str | None]
    retention: Mapped[Retention] = enum_column(Retention)
    retain_until: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    public: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        one_of("kind", DocumentKind),
        one_of("state", DocumentState),
        one_of("retention", Retention),
        UniqueConstraint("authority_id", "number"),
        Index("ix_document_number", "number"),
        Index("ix_document_unfinished", "state", postgresql_where=text("state <> 'archived'")),
    )
