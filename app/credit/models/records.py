"""Credit records, stored scores, objections, external classes (信用记录、信用分、异议、外部评价)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.credit.rules.classes import ClassSource, ImportState
from app.credit.rules.records import EndWay, ObjectionState, RecordKind
from app.credit.rules.score import Grade
from app.providers.models import Site


class CreditStanding(Scoped, Model):
    """The state of a site's file (信用档案): the lock of whoever changes it, and the number of changes so far.

    `revision` says what was known when: a record carries the revisions at which it came and ended, a stored score the one
    it was computed at. `checked_on` is the last day to which scores are stored.
    """

    __tablename__ = "credit_standing"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    checked_on: Mapped[date | None] = mapped_column(index=True)
    total: Mapped[int | None]
    grade: Mapped[Grade | None] = enum_column(Grade)
    next_change_on: Mapped[date | None] = mapped_column(index=True)
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __table_args__ = (one_of("grade", Grade), Index("ix_credit_standing_scope_total", "scope_path", "total"))


class CreditRecord(Scoped, Model):
    """One credit record of a site (信用记录): a fact with its clause and evidence, from a day to a day.

    `cause` is what it came from, once a site. `evidence` is [{kind, id, words}], the first one decisive. `valid_to` is the
    last day that counts. An annulled record never counted, a repaired one counts no longer from `ended_on`.
    """

    __tablename__ = "credit_record"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    kind: Mapped[RecordKind] = enum_column(RecordKind)
    cause: Mapped[str]
    facts: Mapped[str]
    clause: Mapped[str] = mapped_column(default="")
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    points: Mapped[int] = mapped_column(default=0)
    happened_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_by: Mapped[UUID]
    recorded_on: Mapped[date]
    recorded_at: Mapped[datetime]
    revision: Mapped[int]
    ended: Mapped[EndWay | None] = enum_column(EndWay)
    ended_on: Mapped[date | None]
    ended_by: Mapped[UUID | None]
    end_reason: Mapped[str] = mapped_column(default="")
    end_revision: Mapped[int | None]
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __table_args__ = (
        one_of("kind", RecordKind),
        one_of("ended", EndWay),
        UniqueConstraint("site_id", "cause"),
        CheckConstraint("jsonb_array_length(evidence) > 0", name="has_evidence"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("points >= 0", name="points_not_negative"),
        CheckConstraint(
            "(ended is null) = (ended_on is null) and (ended is null) = (ended_by is null)"
            " and (ended is null) = (end_revision is null) and (ended is null or end_reason <> '')",
            name="ended_whole",
        ),
        CheckConstraint(
            "ended_by <> recorded_by or recorded_by = '00000000-0000-0000-0000-000000000000'", name="not_ended_by_its_recorder"
        ),
        Index("ix_credit_record_scope_newest", "scope_path", "recorded_on"),
        Index("ix_credit_record_site_days", "site_id", "valid_from"),
    )


class CreditScore(Scoped, Model):
    """A stored score (信用分存档): what the score of a day was, by what was known then. Never changed.

    It holds from `on` until the next one. `sha256` is that of the computed score: model, day and every line.
    """

    __tablename__ = "credit_score"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    on: Mapped[date]
    revision: Mapped[int]
    total: Mapped[int]
    grade: Mapped[Grade | None] = enum_column(Grade)
    model_code: Mapped[str]
    model_sha256: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sha256: Mapped[str]
    computed_at: Mapped[datetime]
    __table_args__ = (
        one_of("grade", Grade),
        UniqueConstraint("site_id", "on", "revision"),
        Index("ix_credit_score_newest", "site_id", text('"on" desc'), text("revision desc")),
    )


class CreditObjection(Scoped, Model):
    """An objection of a home to a record (信用异议), decided by another person than the recorder."""

    __tablename__ = "credit_objection"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("credit_record.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    state: Mapped[ObjectionState] = enum_column(ObjectionState, default=ObjectionState.OPEN)
    reason: Mapped[str]
    recorded_by: Mapped[UUID]
    asked_by: Mapped[UUID]
    asked_on: Mapped[date]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    record: Mapped[CreditRecord] = relationship(foreign_keys=[record_id])
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __table_args__ = (
        one_of("state", ObjectionState),
        CheckConstraint("decided_by <> asked_by and decided_by <> recorded_by", name="decided_by_another"),
        CheckConstraint("(state in ('upheld','rejected')) = (decided_by is not null)", name="decided_whole"),
        Index("uq_credit_objection_open", "record_id", unique=True, postgresql_where=text("state = 'open'")),
    )


class ExternalClass(Scoped, Model):
    """A class that another department gave (外部信用评价): shown beside ours, never mixed in. The newest `as_of` counts."""

    __tablename__ = "external_class"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    source: Mapped[ClassSource] = enum_column(ClassSource)
    value: Mapped[str]
    as_of: Mapped[date]
    given_by: Mapped[str]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("class_import.id"), index=True)
    __table_args__ = (one_of("source", ClassSource), UniqueConstraint("site_id", "source", "as_of"))


class ClassImport(Scoped, Model):
    """An import of external classes (外部评价导入): checked whole, written whole or not at all."""

    __tablename__ = "class_import"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    state: Mapped[ImportState] = enum_column(ImportState)
    file_name: Mapped[str]
    sha256: Mapped[str]
    workbook: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    rows: Mapped[int]
    sites: Mapped[int] = mapped_column(default=0)
    faults: Mapped[list[list[Any]]] = mapped_column(JSONB)
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime]
    written_by: Mapped[UUID | None]
    written_at: Mapped[datetime | None]
    __table_args__ = (one_of("state", ImportState), Index("ix_class_import_newest", "scope_path", "uploaded_at"))
