"""Complaints, their story, pauses and files; what a home is asked (投诉举报、办理经过、中止、材料、核实函).

A complaint belongs to the authority alone: its rows carry neither provider nor site in the scope columns, so no wall lets
a home in. What the home gets is a row of its own, `Inquiry`, which holds facts and nothing else.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.complaints.rules.kinds import (
    Channel,
    Finding,
    InquiryState,
    Matter,
    PauseReason,
    Relation,
    Satisfaction,
    State,
    Track,
    Verb,
)
from app.core.crypto import EncryptedText
from app.core.db import Model, Scoped, enum_column, one_of
from app.core.identifiers import PersonName, Phone

_HOMELESS = "provider_id is null and site_id is null"


class Complaint(Scoped, Model):
    """A complaint (投诉举报). `about_site_id` is the home it is about; the scope columns never name a home.

    `code_mark` is the keyed fingerprint of the complainant's code, `origin_mark` that of the connection, forgotten after
    two days; `form_mark` lets the same form be sent twice without making two complaints.
    """

    __tablename__ = "complaint"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    number: Mapped[str]
    channel: Mapped[Channel] = enum_column(Channel)
    matter: Mapped[Matter] = enum_column(Matter)
    state: Mapped[State] = enum_column(State, default=State.REGISTERED)
    source_words: Mapped[str] = mapped_column(default="")
    about_site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    about_words: Mapped[str]
    statement: Mapped[str] = mapped_column(EncryptedText("complaint.statement"))
    happened_words: Mapped[str] = mapped_column(default="")
    anonymous: Mapped[bool]
    relation: Mapped[Relation | None] = enum_column(Relation)
    name: Mapped[PersonName | None] = mapped_column(EncryptedText("complaint.name", PersonName))
    phone: Mapped[Phone | None] = mapped_column(EncryptedText("complaint.phone", Phone))
    phone_mark: Mapped[str | None] = mapped_column(index=True)
    code_mark: Mapped[str] = mapped_column(unique=True)
    form_mark: Mapped[str | None] = mapped_column(unique=True)
    origin_mark: Mapped[str | None] = mapped_column(index=True)
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    registered_by: Mapped[UUID]

    urgent: Mapped[bool] = mapped_column(default=False)
    urgent_words: Mapped[str] = mapped_column(default="")
    urgent_settled_at: Mapped[datetime | None]
    urgent_settled_by: Mapped[UUID | None]
    urgent_settled_words: Mapped[str] = mapped_column(default="")

    track: Mapped[Track | None] = enum_column(Track)
    classified_at: Mapped[datetime | None]
    classified_by: Mapped[UUID | None]
    accepted_on: Mapped[date | None]
    accepted_by: Mapped[UUID | None]
    handler_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("complaint.id"), index=True)

    extension_asked: Mapped[int] = mapped_column(default=0)
    extension_reason: Mapped[str] = mapped_column(default="")
    extension_asked_by: Mapped[UUID | None]
    extension: Mapped[int] = mapped_column(default=0)
    extension_decided_by: Mapped[UUID | None]

    finding: Mapped[Finding | None] = enum_column(Finding)
    finding_reasons: Mapped[str] = mapped_column(default="")
    home_words: Mapped[str] = mapped_column(default="")
    found_by: Mapped[UUID | None]
    found_on: Mapped[date | None]
    reviewed_by: Mapped[UUID | None]
    reviewed_on: Mapped[date | None]
    task_id: Mapped[UUID | None]

    answer: Mapped[str | None]
    answer_way: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    called_back_by: Mapped[UUID | None]
    called_back_on: Mapped[date | None]
    satisfaction: Mapped[Satisfaction | None] = enum_column(Satisfaction)
    own_satisfaction: Mapped[Satisfaction | None] = enum_column(Satisfaction)
    closed_on: Mapped[date | None]
    archived_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    __table_args__ = (
        one_of("channel", Channel),
        one_of("matter", Matter),
        one_of("state", State),
        one_of("relation", Relation),
        one_of("track", Track),
        one_of("finding", Finding),
        one_of("satisfaction", Satisfaction),
        one_of("own_satisfaction", Satisfaction),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint(_HOMELESS, name="no_home_in_scope"),
        CheckConstraint("not anonymous or (name is null and phone is null and phone_mark is null)", name="anonymous_is_nobody"),
        CheckConstraint(
            "state in ('registered', 'forwarded', 'returned', 'archived')"
            " or (track is not null and classified_at is not null and classified_by is not null)",
            name="classified",
        ),
        CheckConstraint(
            "state not in ('accepted', 'investigating', 'suspended', 'found', 'reviewed')"
            " or (accepted_on is not null and accepted_by is not null)",
            name="accepted",
        ),
        CheckConstraint(
            "state not in ('investigating', 'suspended', 'found', 'reviewed') or handler_id is not null", name="assigned"
        ),
        CheckConstraint(
            "state not in ('found', 'reviewed') or (finding is not null and found_by is not null and finding_reasons <> '')",
            name="found",
        ),
        CheckConstraint("state <> 'reviewed' or (reviewed_by is not null and reviewed_on is not null)", name="reviewed"),
        CheckConstraint("reviewed_by <> found_by", name="reviewed_by_another"),
        CheckConstraint(
            "state not in ('answered', 'called_back', 'closed', 'declined', 'forwarded', 'returned', 'archived')"
            " or (coalesce(answer, '') <> '' and answered_by is not null and answered_at is not null)",
            name="answered",
        ),
        CheckConstraint(
            "state not in ('answered', 'called_back', 'closed') or merged_into_id is not null"
            " or (finding is not null and reviewed_by is not null)",
            name="answered_on_a_finding",
        ),
        CheckConstraint(
            "state <> 'called_back' or (called_back_by is not null and satisfaction is not null)", name="called_back"
        ),
        CheckConstraint("called_back_by <> found_by", name="called_back_by_another"),
        CheckConstraint("state <> 'merged' or merged_into_id is not null", name="merged"),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
        CheckConstraint("extension = 0 or extension_decided_by is not null", name="extension_decided"),
        CheckConstraint("extension_decided_by <> extension_asked_by", name="extension_by_another"),
        CheckConstraint("state <> 'closed' or closed_on is not null", name="closed"),
        CheckConstraint("state <> 'archived' or archived_on is not null", name="archived"),
        CheckConstraint("urgent_settled_at is null or urgent_settled_by is not null", name="urgent_settled"),
        CheckConstraint("state <> 'closed' or not urgent or urgent_settled_at is not null", name="urgent_before_closing"),
        Index("ix_complaint_newest", "scope_path", text("received_at desc")),
        Index("ix_complaint_state", "scope_path", "state"),
    )

    @property
    def reachable(self) -> bool:
        """Whether somebody can be called back (可回访)."""
        return self.phone is not None


class ComplaintStep(Scoped, Model):
    """One step of a complaint's story (办理经过): who did what when. Only added to; the note is stored encrypted."""

    __tablename__ = "complaint_step"
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), index=True)
    verb: Mapped[Verb] = enum_column(Verb)
    state: Mapped[State] = enum_column(State)
    note: Mapped[str] = mapped_column(EncryptedText("complaint_step.note"))
    by: Mapped[UUID]
    at: Mapped[datetime]
    on: Mapped[date]
    order: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    __table_args__ = (one_of("verb", Verb), one_of("state", State), CheckConstraint(_HOMELESS, name="no_home_in_scope"))


class ComplaintPause(Scoped, Model):
    """A time in which the clock stands still (中止记录). `until_on` is empty while it lasts."""

    __tablename__ = "complaint_pause"
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), index=True)
    reason: Mapped[PauseReason] = enum_column(PauseReason)
    words: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    left: Mapped[int]
    paused_by: Mapped[UUID]
    resumed_by: Mapped[UUID | None]
    __table_args__ = (
        one_of("reason", PauseReason),
        CheckConstraint("until_on >= from_on", name="in_order"),
        CheckConstraint('"left" >= 0', name="left_not_negative"),
        CheckConstraint(_HOMELESS, name="no_home_in_scope"),
        Index("uq_complaint_pause_open", "complaint_id", unique=True, postgresql_where=text("until_on is null")),
    )


class ComplaintFile(Scoped, Model):
    """A file that came with a complaint (投诉材料): cleaned, kept in the archive, never shown to the home."""

    __tablename__ = "complaint_file"
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), index=True)
    blob_id: Mapped[UUID] = mapped_column(ForeignKey("blob.id"))
    from_complainant: Mapped[bool]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("complaint_id", "blob_id"), CheckConstraint(_HOMELESS, name="no_home_in_scope"))


class Inquiry(Scoped, Model):
    """Facts put to a home, and what it says (核实函). `complaint_id` is an id that opens nothing for the home."""

    __tablename__ = "inquiry"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    number: Mapped[str]
    state: Mapped[InquiryState] = enum_column(InquiryState, default=InquiryState.SENT)
    facts: Mapped[str]
    confirmed_by: Mapped[UUID]
    sent_on: Mapped[date]
    due_on: Mapped[date]
    reply: Mapped[str] = mapped_column(default="")
    files: Mapped[list[str]] = mapped_column(JSONB, default=list)
    replied_by: Mapped[UUID | None]
    replied_at: Mapped[datetime | None]
    outcome: Mapped[Finding | None] = enum_column(Finding)
    outcome_words: Mapped[str] = mapped_column(default="")
    outcome_on: Mapped[date | None]
    __table_args__ = (
        one_of("state", InquiryState),
        one_of("outcome", Finding),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("site_id is not null", name="has_a_home"),
        CheckConstraint(
            "state <> 'replied' or (reply <> '' and replied_by is not null and replied_at is not null)", name="replied"
        ),
        Index("uq_inquiry_open", "complaint_id", unique=True, postgresql_where=text("state = 'sent'")),
    )


class ContactReveal(Scoped, Model):
    """Somebody looked at a complainant's contact in the clear (查看投诉人联系方式): when and why. The value is not here."""

    __tablename__ = "contact_reveal"
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), index=True)
    reason: Mapped[str]
    by: Mapped[UUID]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("length(reason) >= 2", name="has_a_reason"),
        CheckConstraint(_HOMELESS, name="no_home_in_scope"),
    )
