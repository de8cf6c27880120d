"""The evidence vault (证据库): pieces of evidence with versions and links to scheme items, and uploads on their way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.archive.models import Blob
from app.core.db import Model, Scoped, enum_column, one_of
from app.providers.models import Site
from app.ratings.rules.evidence import EvidenceState, UploadState


class Evidence(Scoped, Model):
    """A piece of evidence of a site (评定材料): reused across years and applications; its versions stay.

    `size`, `valid_until` and `versions` are those of the newest version.
    """

    __tablename__ = "evidence"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    state: Mapped[EvidenceState] = enum_column(EvidenceState, default=EvidenceState.CURRENT)
    versions: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    valid_until: Mapped[date | None]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_reason: Mapped[str | None]
    site: Mapped[Site] = relationship()
    kept: Mapped[list[EvidenceVersion]] = relationship(
        back_populates="evidence", order_by="EvidenceVersion.number.desc()", lazy="selectin"
    )
    links: Mapped[list[EvidenceLink]] = relationship(
        back_populates="evidence", order_by="EvidenceLink.scheme, EvidenceLink.item", lazy="selectin"
    )
    __table_args__ = (
        one_of("state", EvidenceState),
        CheckConstraint("(state <> 'withdrawn') or (withdrawn_reason is not null)", name="withdrawn_with_reason"),
        Index("ix_evidence_site_changed", "site_id", "changed_at"),
    )


class EvidenceVersion(Scoped, Model):
    """One version of a piece of evidence (材料版本): a cleaned file, fixed by its hash."""

    __tablename__ = "evidence_version"
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    number: Mapped[int]
    blob_id: Mapped[UUID] = mapped_column(ForeignKey("blob.id"))
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[str]
    content_type: Mapped[str]
    pages: Mapped[int]
    valid_until: Mapped[date | None]
    upload_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence_upload.id"), unique=True)
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime]
    evidence: Mapped[Evidence] = relationship(back_populates="kept")
    blob: Mapped[Blob] = relationship()
    __table_args__ = (UniqueConstraint("evidence_id", "number"), UniqueConstraint("evidence_id", "sha256"))


class EvidenceLink(Scoped, Model):
    """A piece of evidence stands for an item of a scheme (材料对应评分项): by the scheme's code, whatever its edition."""

    __tablename__ = "evidence_link"
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    scheme: Mapped[str]
    item: Mapped[str]
    linked_by: Mapped[UUID]
    linked_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    evidence: Mapped[Evidence] = relationship(back_populates="links")
    __table_args__ = (
        Index(
            "uq_evidence_link_in_force",
            "evidence_id",
            "scheme",
            "item",
            unique=True,
            postgresql_where=text("removed_at is null"),
        ),
        Index("ix_evidence_link_item", "site_id", "scheme", "item", postgresql_where=text("removed_at is null")),
    )


class EvidenceUpload(Scoped, Model):
    """An upload on its way (上传): what was announced, how far it is, and what became of it. Hostile until clean."""

    __tablename__ = "evidence_upload"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"))
    kind: Mapped[str]
    title: Mapped[str]
    file_name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    piece: Mapped[int]
    valid_until: Mapped[date | None]
    items: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    state: Mapped[UploadState] = enum_column(UploadState, default=UploadState.OPEN)
    refused_code: Mapped[str | None]
    refused_why: Mapped[str | None]
    began_by: Mapped[UUID]
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    pieces: Mapped[list[UploadPiece]] = relationship(order_by="UploadPiece.number")
    __table_args__ = (
        one_of("state", UploadState),
        CheckConstraint("(state <> 'refused') or (refused_why is not null)", name="refused_with_reason"),
        Index("ix_evidence_upload_open", "expires_at", postgresql_where=text("state = 'open'")),
    )


class UploadPiece(Scoped, Model):
    """One piece of an upload (上传分块): where it waits in the store, and its hash."""

    __tablename__ = "upload_piece"
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_upload.id"))
    number: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str]
    key: Mapped[str]
    version_id: Mapped[str]
    received_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("upload_id", "number"),)
