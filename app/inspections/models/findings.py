"""Problems found and what becomes of them (问题台账): one row a problem, its steps, orders, re-checks, transfers, supervision."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Model, Scoped, enum_column, one_of
from app.core.standards import Confidence
from app.inspections.models.tasks import InspectionTask
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.findings import Basis, ExtensionState, RectificationState, Remedy
from app.inspections.rules.hazards import SupervisionState
from app.inspections.rules.papers import ServiceWay
from app.inspections.rules.recheck import RecheckState, StepKind
from app.providers.models import Site
from app.regions.models import Authority


class CorrectionOrder(Scoped, Model):
    """An order to correct (责令改正通知书). `demands` are frozen as issued: [{finding_id, number, demand, days, due_on, basis}]."""

    __tablename__ = "correction_order"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    number: Mapped[str]
    demands: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    issued_by: Mapped[UUID]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    served_way: Mapped[ServiceWay | None] = enum_column(ServiceWay)
    served_at: Mapped[datetime | None]
    served_by: Mapped[UUID | None]
    receiver: Mapped[str] = mapped_column(default="")
    service_note: Mapped[str] = mapped_column(default="")
    receipt_blob_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    revoked_on: Mapped[date | None]
    revoked_by: Mapped[UUID | None]
    revoke_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[InspectionTask] = relationship(foreign_keys=[task_id])
    site: Mapped[Site] = relationship(foreign_keys=[site_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("served_way", ServiceWay),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("(served_at is null) = (served_way is null)", name="served_whole"),
        CheckConstraint("(served_way <> 'left') or (service_note <> '')", name="left_has_witness"),
        CheckConstraint("jsonb_array_length(demands) > 0", name="demands_something"),
    )


class Finding(Scoped, Model):
    """A problem (问题): one requirement not met at one visit, with its own deadline and its own closer.

    `due_on` is the day in force now (after extensions and re-checks); the order keeps the day it was issued with.
    `public_text` and a cleared `reply` are the only words that leave the office; both are confirmed by an officer.
    """

    __tablename__ = "finding"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    number: Mapped[int]
    item: Mapped[str]
    rule: Mapped[str]
    clause: Mapped[str]
    confidence: Mapped[Confidence] = enum_column(Confidence)
    requirement: Mapped[str]
    fact: Mapped[str]
    photos: Mapped[list[str]] = mapped_column(JSONB, default=list)
    measures: Mapped[list[str]] = mapped_column(JSONB, default=list)
    severity: Mapped[Severity] = enum_column(Severity)
    remedy: Mapped[Remedy] = enum_column(Remedy)
    basis: Mapped[Basis] = enum_column(Basis)
    department: Mapped[Department] = enum_column(Department)
    state: Mapped[RectificationState] = enum_column(RectificationState, default=RectificationState.OPEN)
    opened_on: Mapped[date]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction_order.id"), index=True)
    demand: Mapped[str] = mapped_column(default="")
    ordered_on: Mapped[date | None]
    due_on: Mapped[date | None]
    due_basis: Mapped[str] = mapped_column(default="")
    due_provisional: Mapped[bool] = mapped_column(default=False)
    extensions: Mapped[int] = mapped_column(default=0)
    reported_by: Mapped[UUID | None]
    reported_on: Mapped[date | None]
    escalated_on: Mapped[date | None]
    escalated_to: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))
    closed_by: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    public_text: Mapped[str | None]
    public_text_by: Mapped[UUID | None]
    public_text_on: Mapped[date | None]
    reply: Mapped[str | None]
    reply_by: Mapped[UUID | None]
    reply_on: Mapped[date | None]
    reply_cleared_by: Mapped[UUID | None]
    reply_cleared_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[InspectionTask] = relationship(foreign_keys=[task_id])
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    authority: Mapped[Authority] = relationship(foreign_keys=[authority_id])
    order: Mapped[CorrectionOrder | None] = relationship(foreign_keys=[order_id])
    supervision: Mapped[Supervision | None] = relationship(back_populates="finding", uselist=False)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("confidence", Confidence),
        one_of("severity", Severity),
        one_of("remedy", Remedy),
        one_of("basis", Basis),
        one_of("department", Department),
        one_of("state", RectificationState),
        UniqueConstraint("task_id", "item"),
        UniqueConstraint("task_id", "number"),
        CheckConstraint("closed_by <> reported_by", name="not_closed_by_reporter"),
        CheckConstraint("(state <> 'closed') or (closed_on is not null and closed_by is not null)", name="closed_has_closer"),
        CheckConstraint("(order_id is null) = (ordered_on is null)", name="ordered_whole"),
        CheckConstraint("(order_id is null) or (basis = 'order' and due_on is not null)", name="only_orders_demand"),
        CheckConstraint("(state <> 'escalated') or (escalated_on is not null)", name="escalated_has_day"),
        CheckConstraint("(public_text is null) = (public_text_by is null)", name="public_text_confirmed"),
        CheckConstraint("reply_cleared_by <> reply_by", name="reply_cleared_by_another"),
        Index("ix_finding_scope_state", "scope_path", "state", "due_on"),
        Index("ix_finding_opened", "opened_on", "id"),
        Index(
            "ix_finding_due",
            "due_on",
            postgresql_where=text("state in ('open','again','escalated','case') and due_on is not null"),
        ),
    )

    @property
    def with_order(self) -> bool:
        """Whether it is demanded by an order (已责令)."""
        return self.order_id is not None


class RectificationStep(Scoped, Model):
    """One step of a problem's story (办理经过), append-only: words, files, who, when. `n` counts from 1 per problem."""

    __tablename__ = "rectification_step"
    site_id: Mapped[UUID] = mapped_column(index=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("finding.id"), index=True)
    n: Mapped[int]
    kind: Mapped[StepKind] = enum_column(StepKind)
    words: Mapped[str] = mapped_column(default="")
    photos: Mapped[list[str]] = mapped_column(JSONB, default=list)
    about: Mapped[UUID | None]
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]
    on: Mapped[date]
    __table_args__ = (
        one_of("kind", StepKind),
        UniqueConstraint("finding_id", "n"),
        Index("uq_rectification_step_escalated", "finding_id", unique=True, postgresql_where=text("kind = 'escalated'")),
    )


class Extension(Scoped, Model):
    """A request for more time (延期申请) and its decision by another person."""

    __tablename__ = "extension"
    site_id: Mapped[UUID] = mapped_column(index=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("finding.id"), index=True)
    state: Mapped[ExtensionState] = enum_column(ExtensionState, default=ExtensionState.ASKED)
    due_before: Mapped[date]
    wanted: Mapped[date]
    reason: Mapped[str]
    asked_by: Mapped[UUID]
    asked_on: Mapped[date]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        one_of("state", ExtensionState),
        CheckConstraint("decided_by <> asked_by", name="not_decided_by_asker"),
        CheckConstraint("wanted > due_before", name="later_than_before"),
        CheckConstraint("(state = 'asked') = (decided_by is null)", name="decided_whole"),
        Index("uq_extension_open", "finding_id", unique=True, postgresql_where=text("state = 'asked'")),
    )


class Transfer(Scoped, Model):
    """A problem passed to the department that is competent (移送): what was sent, when it was taken over, what came of it."""

    __tablename__ = "transfer"
    site_id: Mapped[UUID] = mapped_column(index=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("finding.id"), index=True)
    to_department: Mapped[Department] = enum_column(Department)
    to_authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))
    to_name: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    by: Mapped[UUID]
    on: Mapped[date]
    answer: Mapped[str] = mapped_column(default="")
    answered_on: Mapped[date | None]
    answer_by: Mapped[UUID | None]
    answer_blob_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    __table_args__ = (
        one_of("to_department", Department),
        CheckConstraint("(answered_on is null) = (answer = '')", name="answered_whole"),
        Index("uq_transfer_open", "finding_id", unique=True, postgresql_where=text("answered_on is null")),
    )


class Recheck(Scoped, Model):
    """A re-check of problems of one order (复查): officers who did not inspect, results one by one, conclusion, sheet.

    `rows`: [{finding_id, number, item, demand, measure, evidence, photos, result, handling, new_due}] once done.
    """

    __tablename__ = "recheck"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_task.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction_order.id"))
    state: Mapped[RecheckState] = enum_column(RecheckState, default=RecheckState.ASSIGNED)
    finding_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    officer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    inspector_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    officers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    assigned_by: Mapped[UUID]
    assigned_on: Mapped[date]
    planned_on: Mapped[date]
    number: Mapped[str | None]
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    conclusion: Mapped[str] = mapped_column(default="")
    statement: Mapped[str] = mapped_column(default="")
    rechecked_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    done_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[InspectionTask] = relationship(foreign_keys=[task_id])
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    order: Mapped[CorrectionOrder | None] = relationship(foreign_keys=[order_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("state", RecheckState),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("cardinality(officer_ids) >= 2", name="two_officers"),
        CheckConstraint("not (officer_ids && inspector_ids)", name="others_than_inspectors"),
        CheckConstraint("cardinality(finding_ids) >= 1", name="about_something"),
        CheckConstraint("(state <> 'done') or (number is not null and closed_by = any(officer_ids))", name="done_whole"),
    )


class Supervision(Scoped, Model):
    """A supervised major hazard (重大事故隐患督办): what is stopped, the plan, the review, the lifting, each by its own person."""

    __tablename__ = "supervision"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("finding.id"), unique=True)
    state: Mapped[SupervisionState] = enum_column(SupervisionState, default=SupervisionState.OPENED)
    opened_on: Mapped[date]
    measures: Mapped[list[str]] = mapped_column(JSONB, default=list)
    decision: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    plan: Mapped[str] = mapped_column(default="")
    plan_due: Mapped[date | None]
    plan_by: Mapped[UUID | None]
    plan_approved_by: Mapped[UUID | None]
    plan_approved_on: Mapped[date | None]
    opinion: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[UUID | None]
    reviewed_on: Mapped[date | None]
    lifted_by: Mapped[UUID | None]
    lifted_on: Mapped[date | None]
    downgrade_to: Mapped[Severity | None] = enum_column(Severity)
    downgrade_reason: Mapped[str] = mapped_column(default="")
    downgrade_proposed_by: Mapped[UUID | None]
    downgrade_approved_by: Mapped[UUID | None]
    downgraded_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    finding: Mapped[Finding] = relationship(back_populates="supervision", foreign_keys=[finding_id])
    site: Mapped[Site] = relationship(foreign_keys=[site_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("state", SupervisionState),
        one_of("downgrade_to", Severity),
        CheckConstraint("plan_approved_by <> plan_by", name="plan_not_approved_by_planner"),
        CheckConstraint("reviewed_by <> decided_by", name="not_reviewed_by_decider"),
        CheckConstraint("lifted_by <> reviewed_by", name="not_lifted_by_reviewer"),
        CheckConstraint("downgrade_approved_by <> downgrade_proposed_by", name="not_downgraded_by_proposer"),
        CheckConstraint(
            "(state <> 'downgraded') or (downgrade_approved_by is not null and downgrade_reason <> '')", name="downgrade_named"
        ),
        CheckConstraint("(state = 'opened') or (decided_by is not null) or (state = 'downgraded')", name="measures_first"),
    )


class RectificationDraft(Scoped, Model):
    """What a home has typed and uploaded and not yet submitted (整改报告草稿), so that nothing typed is ever lost."""

    __tablename__ = "rectification_draft"
    site_id: Mapped[UUID] = mapped_column(index=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("finding.id"), unique=True)
    measure: Mapped[str] = mapped_column(default="")
    photos: Mapped[list[str]] = mapped_column(JSONB, default=list)
    by: Mapped[UUID]
    at: Mapped[datetime]
