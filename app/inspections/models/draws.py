"""Lists, recusals, draw plans and what follows a draw (名录库、回避、抽查计划、事后申请)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import Text

from app.accounts.models import Account
from app.core.crypto import EncryptedText
from app.core.db import Model, Scoped, enum_column, one_of
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import (
    MarkReason,
    PlanReach,
    PlanState,
    RecusalReason,
    RequestKind,
    RequestState,
    Standing,
)
from app.providers.models import Site
from app.regions.models import Authority


class InspectionObject(Scoped, Model):
    """An entry of the list of sites (检查对象名录库, 办法 art. 6): listed while the site operates, struck with a reason."""

    __tablename__ = "inspection_object"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), unique=True)
    draw_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    listed_on: Mapped[date]
    struck_on: Mapped[date | None]
    struck_reason: Mapped[str | None]
    site: Mapped[Site] = relationship(foreign_keys=[site_id])


class InspectorEntry(Scoped, Model):
    """An entry of the list of inspectors (检查人员名录库): certificate with validity, specialities, most tasks in one draw.

    Nobody inspects without an enforcement certificate (国办发〔2024〕54号). `code` is the public number.
    """

    __tablename__ = "inspector_entry"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    department: Mapped[str]
    certificate_no: Mapped[str]
    certificate_from: Mapped[date]
    certificate_until: Mapped[date]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    cap: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    account: Mapped[Account] = relationship()
    __table_args__ = (
        UniqueConstraint("authority_id", "account_id"),
        CheckConstraint("certificate_from <= certificate_until", name="certificate_days"),
        CheckConstraint("cap between 1 and 999", name="cap_sensible"),
    )


class InspectorRecusal(Scoped, Model):
    """An inspector who may not go to a site (回避): declared by himself or entered by the office, ended by another person.

    `site_id` stays empty on purpose: a home does not see who withdrew from it.
    """

    __tablename__ = "inspector_recusal"
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("inspector_entry.id"), index=True)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    reason: Mapped[RecusalReason] = enum_column(RecusalReason)
    note: Mapped[str]
    declared_by: Mapped[UUID]
    declared_at: Mapped[datetime]
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    inspector: Mapped[InspectorEntry] = relationship()
    object: Mapped[InspectionObject] = relationship()
    __table_args__ = (
        one_of("reason", RecusalReason),
        CheckConstraint("ended_by <> declared_by and ended_by <> account_id", name="not_ended_by_declarer"),
        Index("uq_inspector_recusal_open", "inspector_id", "object_id", unique=True, postgresql_where=text("ended_at is null")),
    )


class DrawPlan(Scoped, Model):
    """A draw plan (抽查计划) with its published files, each written once (a trigger refuses a second writing).

    The number is taken at the freeze from a register without gaps. In a sealed plan the seed (it holds the blind) and the
    result stay encrypted until the reveal; their fingerprints stand from the moment of the draw.
    """

    __tablename__ = "draw_plan"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("draw_plan.id"), index=True)
    state: Mapped[PlanState] = enum_column(PlanState, default=PlanState.DRAFTED)
    year: Mapped[int | None]
    number: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(unique=True)
    title: Mapped[str]
    mode: Mapped[Mode] = enum_column(Mode)
    reach: Mapped[PlanReach] = enum_column(PlanReach)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    strata: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    seats: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    inputs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    inspect_from: Mapped[date]
    inspect_until: Mapped[date]
    reveal_on: Mapped[date]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    frozen_by: Mapped[UUID | None]
    frozen_at: Mapped[datetime | None]
    computed_by: Mapped[UUID | None]
    computed_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    infeasible: Mapped[bool | None]

    blind: Mapped[str | None] = mapped_column(EncryptedText("draw_plan.blind"))
    plan_text: Mapped[str | None]
    subjects_text: Mapped[str | None]
    inspectors_text: Mapped[str | None]
    recusals_text: Mapped[str | None]
    freeze_text: Mapped[str | None]
    freeze_hash: Mapped[str | None]
    sealed_seed: Mapped[str | None] = mapped_column(EncryptedText("draw_plan.sealed_seed"))
    sealed_result: Mapped[str | None] = mapped_column(EncryptedText("draw_plan.sealed_result"))
    seed_hash: Mapped[str | None]
    result_hash: Mapped[str | None]
    seed_text: Mapped[str | None]
    result_text: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    authority: Mapped[Authority] = relationship()
    parent: Mapped[DrawPlan | None] = relationship(remote_side="DrawPlan.id", foreign_keys=[parent_id])
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("state", PlanState),
        one_of("mode", Mode),
        one_of("reach", PlanReach),
        UniqueConstraint("authority_id", "year", "number"),
        CheckConstraint("approved_by <> made_by", name="not_approved_by_maker"),  # S1
        CheckConstraint("frozen_by <> made_by", name="not_frozen_by_maker"),  # S1
        CheckConstraint("reveal_on >= inspect_until and inspect_until >= inspect_from", name="days_in_order"),
        CheckConstraint(
            "(state in ('drafted', 'approved', 'discarded')) = (freeze_text is null)"
            " and (freeze_text is null) = (number is null) and (freeze_text is null) = (freeze_hash is null)",
            name="numbered_when_frozen",
        ),
        CheckConstraint("(state not in ('drawn', 'revealed')) or result_hash is not null", name="drawn_has_result"),
        CheckConstraint("result_hash is null or freeze_text is not null", name="no_draw_before_freeze"),
        CheckConstraint("(state = 'revealed') = (result_text is not null)", name="result_open_when_revealed"),
    )


class DrawMark(Scoped, Model):
    """A site that must be inspected or is left out of one plan, with its reason (必查、剔除). Removed before the freeze only."""

    __tablename__ = "draw_mark"
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("draw_plan.id"), index=True)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"), index=True)
    standing: Mapped[Standing] = enum_column(Standing)
    reason: Mapped[MarkReason] = enum_column(MarkReason)
    note: Mapped[str]
    added_by: Mapped[UUID]
    added_at: Mapped[datetime]
    removed_by: Mapped[UUID | None]
    removed_at: Mapped[datetime | None]
    object: Mapped[InspectionObject] = relationship()
    __table_args__ = (
        one_of("standing", Standing),
        one_of("reason", MarkReason),
        Index("uq_draw_mark_open", "plan_id", "object_id", unique=True, postgresql_where=text("removed_at is null")),
    )


class DrawSeedEntry(Scoped, Model):
    """A public value as one official typed it (公开值录入). Rows are only added; two by different people make a value (S2).

    `turn` rises when two entries did not agree and both type again.
    """

    __tablename__ = "draw_seed_entry"
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("draw_plan.id"), index=True)
    input_number: Mapped[int]
    turn: Mapped[int]
    place: Mapped[int]
    source: Mapped[str]
    event: Mapped[str]
    typed: Mapped[str]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    __table_args__ = (
        UniqueConstraint("plan_id", "input_number", "turn", "place"),
        UniqueConstraint("plan_id", "input_number", "turn", "entered_by", name="uq_draw_seed_entry_two_people"),  # S2
        CheckConstraint("place in (1, 2)", name="two_entries"),
    )


class DrawEscrow(Scoped, Model):
    """The blind, sealed to the supervising body (盲值封套备份): lies in the superior's scope, out of reach of the office."""

    __tablename__ = "draw_escrow"
    plan_id: Mapped[UUID] = mapped_column(unique=True)
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    blind: Mapped[str] = mapped_column(EncryptedText("draw_escrow.blind"))
    sealed_at: Mapped[datetime]
    opened_by: Mapped[UUID | None]
    opened_at: Mapped[datetime | None]
    opened_reason: Mapped[str | None]


class DrawRequest(Scoped, Model):
    """What is asked for after the freeze (事后申请) and who decided: the asker never decides (S10)."""

    __tablename__ = "draw_request"
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("draw_plan.id"), index=True)
    kind: Mapped[RequestKind] = enum_column(RequestKind)
    state: Mapped[RequestState] = enum_column(RequestState, default=RequestState.ASKED)
    what: Mapped[str]
    detail: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    evidence_sha256: Mapped[str | None]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None]
    __table_args__ = (
        one_of("kind", RequestKind),
        one_of("state", RequestState),
        CheckConstraint("decided_by <> asked_by", name="not_decided_by_asker"),  # S10
        CheckConstraint("kind = 'void' or evidence_sha256 is not null", name="shown_by_evidence"),
        Index("uq_draw_request_open", "plan_id", "kind", "what", unique=True, postgresql_where=text("state = 'asked'")),
    )


class DrawEvent(Scoped, Model):
    """What happened to a plan after its freeze (事后记录): rows are only added, each chained to the one before.

    `text` holds the rows that events.txt gained; `hash` chains the row to `prev_hash`, the first one to the freeze.
    """

    __tablename__ = "draw_event"
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("draw_plan.id"), index=True)
    number: Mapped[int]
    kind: Mapped[RequestKind] = enum_column(RequestKind)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("draw_request.id"), unique=True)
    what: Mapped[str]
    detail: Mapped[str]
    reason: Mapped[str]
    evidence_sha256: Mapped[str | None]
    asked_by: Mapped[UUID]
    approved_by: Mapped[UUID]
    approved_at: Mapped[datetime]
    text: Mapped[str]
    prev_hash: Mapped[str]
    hash: Mapped[str]
    __table_args__ = (
        one_of("kind", RequestKind),
        UniqueConstraint("plan_id", "number"),
        UniqueConstraint("plan_id", "prev_hash"),
        CheckConstraint("approved_by <> asked_by", name="not_approved_by_asker"),  # S10
    )
