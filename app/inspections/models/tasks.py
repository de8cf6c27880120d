"""Inspection tasks, their teams, answers as operations, signatures (检查任务、检查组、答题操作、签字)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.inspections.rules.answers import Invalid
from app.inspections.rules.checklist import Department, Ternary
from app.inspections.rules.task import CheckInWay, MemberRole, ResultCode, SignerRole, TaskKind, TaskSource, TaskState
from app.providers.models import Site
from app.regions.models import Authority


class InspectionTask(Scoped, Model):
    """One inspection of one site (检查任务), from planning to publication.

    The checklist is frozen as JSON with its hash; answers are `Operation` rows; the result columns are written once, when
    the task is closed, from the operations that the signatures cover (`signed_ops`).
    """

    __tablename__ = "inspection_task"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    number: Mapped[str]
    kind: Mapped[TaskKind] = enum_column(TaskKind)
    state: Mapped[TaskState] = enum_column(TaskState, default=TaskState.PLANNED)
    source: Mapped[TaskSource] = enum_column(TaskSource)
    source_id: Mapped[UUID | None] = mapped_column(index=True)
    source_words: Mapped[str] = mapped_column(default="")
    from_above: Mapped[bool] = mapped_column(default=False)
    joint: Mapped[bool] = mapped_column(default=False)
    nth_of_year: Mapped[int]
    cap_reason: Mapped[str] = mapped_column(default="")
    planned_on: Mapped[date]
    lead_id: Mapped[UUID | None]

    planned_by: Mapped[UUID]
    planned_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_on: Mapped[date | None]
    notice_on: Mapped[date | None]
    notice_by: Mapped[UUID | None]
    notice_way: Mapped[str] = mapped_column(default="")
    on_arrival_reason: Mapped[str] = mapped_column(default="")
    checked_in_at: Mapped[datetime | None]
    checked_in_by: Mapped[UUID | None]
    check_in_way: Mapped[CheckInWay | None] = enum_column(CheckInWay)
    check_in_reason: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    submitted_by: Mapped[UUID | None]
    signed_sha: Mapped[str | None]
    signed_ops: Mapped[list[str] | None] = deferred(mapped_column(JSONB(none_as_null=True)))
    reviewed_by: Mapped[UUID | None]
    reviewed_on: Mapped[date | None]
    review_note: Mapped[str] = mapped_column(default="")
    closed_by: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    published_by: Mapped[UUID | None]
    published_on: Mapped[date | None]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_on: Mapped[date | None]
    withdraw_reason: Mapped[str] = mapped_column(default="")
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str] = mapped_column(default="")

    checklist: Mapped[dict[str, Any]] = deferred(mapped_column(JSONB))
    checklist_sha: Mapped[str]
    item_count: Mapped[int]

    met: Mapped[int | None]
    not_met: Mapped[int | None]
    not_applicable: Mapped[int | None]
    rate_earned: Mapped[int | None]
    rate_possible: Mapped[int | None]
    rate_per_10k: Mapped[int | None]
    mandatory: Mapped[Ternary | None] = enum_column(Ternary)
    mandatory_pending: Mapped[int | None]
    hazards: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    suspected: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    findings_minor: Mapped[int | None]
    findings_serious: Mapped[int | None]
    findings_major: Mapped[int | None]
    result: Mapped[ResultCode | None] = enum_column(ResultCode)

    version: Mapped[int] = mapped_column(default=1)

    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    authority: Mapped[Authority] = relationship(foreign_keys=[authority_id])
    members: Mapped[list[TaskMember]] = relationship(back_populates="task", order_by="TaskMember.place")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", TaskKind),
        one_of("state", TaskState),
        one_of("source", TaskSource),
        one_of("check_in_way", CheckInWay),
        one_of("mandatory", Ternary),
        one_of("result", ResultCode),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("approved_by <> planned_by", name="not_approved_by_planner"),
        CheckConstraint("reviewed_by <> lead_id and reviewed_by <> submitted_by", name="not_reviewed_by_inspector"),
        CheckConstraint("published_by <> reviewed_by", name="not_published_by_reviewer"),
        CheckConstraint("published_by <> lead_id and published_by <> submitted_by", name="not_published_by_inspector"),
        CheckConstraint("(closed_on is null) or (result is not null)", name="closed_has_result"),
        CheckConstraint("(signed_sha is null) = (signed_ops is null)", name="signed_whole"),
        CheckConstraint("(check_in_way <> 'manual') or (check_in_reason <> '')", name="manual_has_reason"),
        Index("ix_inspection_task_scope_state", "scope_path", "state", "planned_on"),
        Index("ix_inspection_task_site_day", "site_id", "planned_on"),
    )

    @property
    def visited_on(self) -> date | None:
        """The legal day of the visit (检查日期), once it has ended."""
        return self.ended_on


class TaskMember(Scoped, Model):
    """A person of a task's team (检查组成员). Name and certificate are frozen when the task is approved."""

    __tablename__ = "task_member"
    site_id: Mapped[UUID] = mapped_column(index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    place: Mapped[int]
    role: Mapped[MemberRole] = enum_column(MemberRole)
    department: Mapped[Department] = enum_column(Department)
    name: Mapped[str]
    certificate_no: Mapped[str] = mapped_column(default="")
    certificate_until: Mapped[date | None]
    recused_on: Mapped[date | None]
    recusal_reason: Mapped[str] = mapped_column(default="")
    replaced_on: Mapped[date | None]

    task: Mapped[InspectionTask] = relationship(back_populates="members")

    __table_args__ = (
        one_of("role", MemberRole),
        one_of("department", Department),
        UniqueConstraint("task_id", "account_id"),
    )


class OperationRow(Scoped, Model):
    """One operation of a tablet (答题操作), append-only: what `rules.answers.Operation` holds, and when it came.

    `op_id` and (device, seq) are unique over all tasks, so that a repeated batch is stored once whoever sends it.
    """

    __tablename__ = "operation"
    site_id: Mapped[UUID] = mapped_column(index=True)
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    op_id: Mapped[str] = mapped_column(unique=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    edition_sha: Mapped[str]
    item: Mapped[str]
    kind: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
    author_id: Mapped[str]
    device_id: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    replaces: Mapped[list[str]] = mapped_column(JSONB)
    wall_ms: Mapped[int] = mapped_column(BigInteger)
    mono_ms: Mapped[int] = mapped_column(BigInteger)
    offset_ms: Mapped[int] = mapped_column(BigInteger)
    prev_hash: Mapped[str]
    hash: Mapped[str]
    sent_by: Mapped[UUID]
    received_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("device_id", "seq"),)


class KeptInvalid(Scoped, Model):
    """What a tablet sent and could not be stored as an answer (留存待处理): the text as it came, and why. Append-only."""

    __tablename__ = "kept_invalid"
    task_id: Mapped[UUID | None] = mapped_column(index=True)
    op_id: Mapped[str]
    device_id: Mapped[str]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[str]
    prev_hash: Mapped[str]
    invalid: Mapped[Invalid] = enum_column(Invalid)
    detail: Mapped[str]
    raw: Mapped[str]
    raw_sha256: Mapped[str]
    sent_by: Mapped[UUID]
    received_at: Mapped[datetime]
    __table_args__ = (
        one_of("invalid", Invalid),
        UniqueConstraint("raw_sha256", "invalid", "sent_by"),
        Index("ix_kept_invalid_device_seq", "device_id", "seq"),
    )


class TaskPhoto(Scoped, Model):
    """A photo of a task (检查照片): the hash that an operation names is of the bytes as taken; the blob is the cleaned picture."""

    __tablename__ = "task_photo"
    site_id: Mapped[UUID] = mapped_column(index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    original_sha256: Mapped[str]
    blob_id: Mapped[UUID] = mapped_column(ForeignKey("blob.id"))
    taken_by: Mapped[UUID]
    received_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("task_id", "original_sha256"),)


class Signature(Scoped, Model):
    """A signature under one state of the record (签字): picture, statement, and the hash of what was signed. Append-only.

    A refusal has a reason instead of a picture; then a witness signs (现场检查笔录: 拒签注明情况).
    """

    __tablename__ = "signature"
    site_id: Mapped[UUID] = mapped_column(index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    role: Mapped[SignerRole] = enum_column(SignerRole)
    account_id: Mapped[UUID | None]
    name: Mapped[str]
    statement: Mapped[str]
    blob_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    state_sha: Mapped[str]
    refused_reason: Mapped[str] = mapped_column(default="")
    taken_by: Mapped[UUID]
    at: Mapped[datetime]
    __table_args__ = (
        one_of("role", SignerRole),
        CheckConstraint("(blob_id is null) = (refused_reason <> '')", name="picture_or_refusal"),
        CheckConstraint("(role <> 'officer') or (account_id is not null)", name="officer_has_account"),
    )
