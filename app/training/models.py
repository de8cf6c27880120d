"""People, employments, certificates, alerts, courses, share codes (人员、任职、证书、提醒、培训、共享码)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Identified, Model, Scoped, enum_column, one_of
from app.core.identifiers import IdentityNumber, IdType
from app.providers.models import Site
from app.training.rules import (
    CertificateState,
    CourseKind,
    EndReason,
    Finding,
    ImportState,
    Outcome,
    SessionState,
    Shift,
    StaffPost,
)
from app.training.rules.certificates import CheckWay


class Person(Identified, Model):
    """A person who works in care (从业人员), one across all employers, known by the keyed fingerprint of the identity number.

    Reached by whoever reaches one of the person's employments.
    """

    __tablename__ = "person"
    name: Mapped[str]
    pinyin: Mapped[str]
    initials: Mapped[str]
    id_type: Mapped[IdType] = enum_column(IdType)
    identity: Mapped[IdentityNumber] = mapped_column(EncryptedText("person.identity", IdentityNumber))
    identity_mark: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    __table_args__ = (one_of("id_type", IdType),)


class Employment(Scoped, Model):
    """A post that a person holds at a site for a time (任职). Ended ones stay as history."""

    __tablename__ = "employment"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    post: Mapped[StaffPost] = enum_column(StaffPost)
    direct_care: Mapped[bool]
    shift: Mapped[Shift | None] = enum_column(Shift)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[EndReason | None] = enum_column(EndReason)
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    site: Mapped[Site] = relationship()
    __table_args__ = (
        one_of("post", StaffPost),
        one_of("shift", Shift),
        one_of("end_reason", EndReason),
        CheckConstraint("ended_on >= started_on", name="ends_after_start"),
        CheckConstraint("(ended_on is null) = (end_reason is null)", name="ended_with_reason"),
        Index("uq_employment_open", "person_id", "site_id", "post", unique=True, postgresql_where=text("ended_on is null")),
        Index("ix_employment_open", "scope_path", "person_id", postgresql_where=text("ended_on is null")),
    )


class Certificate(Scoped, Model):
    """A certificate of a person (证书). Its scope is that of the site that entered it; other employers reach it too.

    `runs_out_on` is the earlier of `valid_to` and `review_due`; whether it has expired is asked of the day.
    `number` is encrypted for every kind, since some numbers are identity numbers.
    """

    __tablename__ = "certificate"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    level: Mapped[str | None]
    number: Mapped[IdentityNumber | None] = mapped_column(EncryptedText("certificate.number", IdentityNumber))
    number_mark: Mapped[str | None] = mapped_column(index=True)
    issuer: Mapped[str | None]
    issued_on: Mapped[date | None]
    valid_to: Mapped[date | None]
    review_due: Mapped[date | None]
    runs_out_on: Mapped[date | None]
    state: Mapped[CertificateState] = enum_column(CertificateState, default=CertificateState.CURRENT)
    finding: Mapped[Finding] = enum_column(Finding, default=Finding.UNVERIFIED)
    checked_by: Mapped[UUID | None]
    checked_on: Mapped[date | None]
    doubts: Mapped[list[str]] = mapped_column(JSONB, default=list)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificate.id"))
    blob_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    __table_args__ = (
        one_of("state", CertificateState),
        one_of("finding", Finding),
        CheckConstraint("runs_out_on is not distinct from least(valid_to, review_due)", name="runs_out_by_its_dates"),
        CheckConstraint("checked_by <> entered_by", name="not_checked_by_who_entered_it"),
        CheckConstraint("(finding = 'unverified') = (checked_by is null)", name="checked_by_somebody"),
        Index("ix_certificate_expiry", "scope_path", "runs_out_on", postgresql_where=text("state = 'current'")),
        Index(
            "uq_certificate_current",
            "person_id",
            "kind",
            "number_mark",
            unique=True,
            postgresql_where=text("state = 'current' and number_mark is not null"),
        ),
    )


class CertificateCheck(Scoped, Model):
    """One verification of a certificate (证书核验记录): by whom, when, how, with what result."""

    __tablename__ = "certificate_check"
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    finding: Mapped[Finding] = enum_column(Finding)
    way: Mapped[CheckWay] = enum_column(CheckWay)
    note: Mapped[str]
    by: Mapped[UUID]
    by_name: Mapped[str]
    on: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (one_of("finding", Finding), one_of("way", CheckWay))


class CertificateAlert(Scoped, Model):
    """An alert that was given (到期提醒): one row an employer, certificate, last day and step. The row is the message in the app.

    The unique constraint gives each alert once, however many timetables run and however often.
    """

    __tablename__ = "certificate_alert"
    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), index=True)
    runs_out_on: Mapped[date]
    step: Mapped[int]
    told_on: Mapped[date]
    __table_args__ = (UniqueConstraint("employment_id", "certificate_id", "runs_out_on", "step"),)


class Course(Scoped, Model):
    """A course (课程): of an authority for its area, or of one home."""

    __tablename__ = "course"
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))
    title: Mapped[str]
    kind: Mapped[CourseKind] = enum_column(CourseKind)
    hours: Mapped[int]
    has_exam: Mapped[bool]
    pass_mark: Mapped[int]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    __table_args__ = (one_of("kind", CourseKind), CheckConstraint("pass_mark between 0 and 100", name="pass_mark_range"))


class TrainingSession(Scoped, Model):
    """A session of a course (培训班次). One held by an authority is announced to every home of its area."""

    __tablename__ = "training_session"
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id"), index=True)
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))
    held_on: Mapped[date]
    until: Mapped[date | None]
    place: Mapped[str]
    trainer: Mapped[str]
    state: Mapped[SessionState] = enum_column(SessionState, default=SessionState.PLANNED)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    closed_by: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    course: Mapped[Course] = relationship()
    __table_args__ = (
        one_of("state", SessionState),
        CheckConstraint("until >= held_on", name="ends_after_start"),
        Index("ix_training_session_day", "scope_path", "held_on"),
    )


class Attendance(Scoped, Model):
    """Somebody's part in a session (参训记录): there or not, examined or not; with the scope of the employer."""

    __tablename__ = "attendance"
    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    present: Mapped[bool | None]
    outcome: Mapped[Outcome] = enum_column(Outcome, default=Outcome.NOT_EXAMINED)
    score: Mapped[int | None]
    enrolled_by: Mapped[UUID]
    recorded_by: Mapped[UUID | None]
    recorded_on: Mapped[date | None]
    person: Mapped[Person] = relationship()
    session: Mapped[TrainingSession] = relationship()
    employment: Mapped[Employment] = relationship()
    __table_args__ = (
        one_of("outcome", Outcome),
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint("present or outcome = 'not_examined'", name="examined_only_when_present"),
        CheckConstraint("score between 0 and 100", name="score_range"),
    )


class CareLoad(Scoped, Model):
    """How many residents of which ability a site has on a day (在住老人能力等级人数); the newest counts."""

    __tablename__ = "care_load"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    as_of: Mapped[date]
    residents: Mapped[dict[str, int]] = mapped_column(JSONB)
    has_control_room: Mapped[bool]
    has_linked_control: Mapped[bool]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    __table_args__ = (Index("ix_care_load_newest", "site_id", text("as_of desc"), text("entered_at desc")),)


class ShareCode(Scoped, Model):
    """A code with which a caregiver shows the own record (共享码): only its fingerprint is kept; it ends and can be taken back."""

    __tablename__ = "share_code"
    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    mark: Mapped[str] = mapped_column(unique=True)
    tail: Mapped[str]
    valid_to: Mapped[date]
    revoked_on: Mapped[date | None]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]


class StaffImport(Scoped, Model):
    """An import of a staff list (人员名册导入): checked whole, written whole or not at all.

    The workbook holds identity numbers: it is kept encrypted, and let go once written or after a week.
    """

    __tablename__ = "staff_import"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    state: Mapped[ImportState] = enum_column(ImportState)
    file_name: Mapped[str]
    sha256: Mapped[str]
    workbook: Mapped[str | None] = deferred(mapped_column(EncryptedText("staff_import.workbook")))
    rows: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    faults: Mapped[list[list[Any]]] = deferred(mapped_column(JSONB))
    fault_count: Mapped[int]
    unknown: Mapped[list[str]] = mapped_column(JSONB)
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    __table_args__ = (one_of("state", ImportState),)
