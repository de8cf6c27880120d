"""The list of dishonesty (失信惩戒对象名单数据表): entries, what was said, objections, applications for removal, measures.

The order of the procedure stands here a second time, as constraints: no entry without a recorded notice, a closed defence, a
review by another person, both papers served. A trigger lets the state move only along `rules.listing.MOVES`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Identified, Model, Scoped, enum_column, one_of
from app.core.identifiers import IdentityNumber, IdType
from app.core.rls import allow_moves
from app.credit.rules import listing as law
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import (
    ClueSource,
    EntryState,
    EntryVerb,
    ListKind,
    ObjectionState,
    PenaltyKind,
    PublicationBar,
    RepairState,
    SubjectKind,
)
from app.inspections.rules.papers import ServiceWay
from app.regions.models import Authority


def _when(states: Collection[EntryState], needed: str, name: str) -> CheckConstraint:
    """CHECK that a row in one of `states` fulfils `needed` (状态前提)."""
    members = ", ".join(f"'{state.value}'" for state in sorted(states))
    return CheckConstraint(f"state not in ({members}) or coalesce({needed}, false)", name=name)


class ListEntry(Scoped, Model):
    """One subject's proceeding and entry on the list (名单条目); subjects of one case share `case_id`, each has its own dates.

    `provider_id` is the organisation concerned: the subject itself, or the person's employer. The terms are frozen at the
    decision; `max_end` is the last day on which the public sees the entry, and nothing has to run for it to end.
    """

    __tablename__ = "list_entry"
    case_id: Mapped[UUID] = mapped_column(index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    kind: Mapped[ListKind] = enum_column(ListKind)
    subject_kind: Mapped[SubjectKind] = enum_column(SubjectKind)
    subject_name: Mapped[str]
    subject_code: Mapped[str] = mapped_column(default="")
    legal_representative: Mapped[str] = mapped_column(default="")
    person_id_type: Mapped[IdType | None] = enum_column(IdType)
    person_number: Mapped[IdentityNumber | None] = mapped_column(EncryptedText("list_entry.person_number", IdentityNumber))
    state: Mapped[EntryState] = enum_column(EntryState, default=EntryState.CLUE)
    version: Mapped[int] = mapped_column(default=1)

    source: Mapped[ClueSource] = enum_column(ClueSource)
    source_words: Mapped[str]
    facts: Mapped[str]
    other_names: Mapped[list[str]] = mapped_column(JSONB, default=list)
    penalty: Mapped[PenaltyKind] = enum_column(PenaltyKind)
    evidence: Mapped[list[str]] = mapped_column(JSONB, default=list)
    found_on: Mapped[date]
    clue_by: Mapped[UUID]
    clue_on: Mapped[date]

    table_code: Mapped[str]
    table_edition: Mapped[str]
    table_sha: Mapped[str]
    ground_code: Mapped[str]
    ground_text: Mapped[str]
    basis: Mapped[str]
    list_name: Mapped[str]
    reach: Mapped[str]

    proposed_by: Mapped[UUID | None]
    proposed_on: Mapped[date | None]
    publication_class: Mapped[PublicationClass | None] = enum_column(PublicationClass)
    proposal: Mapped[str | None]
    notice_number: Mapped[str | None]
    notice_served_on: Mapped[date | None]
    notice_way: Mapped[ServiceWay | None] = enum_column(ServiceWay)
    notice_receiver: Mapped[str | None]
    notice_by: Mapped[UUID | None]
    defence_until: Mapped[date | None]
    defence_provisional: Mapped[bool] = mapped_column(default=False)
    defence_closed_on: Mapped[date | None]
    defence_answer: Mapped[str | None]
    reviewed_by: Mapped[UUID | None]
    reviewed_on: Mapped[date | None]
    review_words: Mapped[str | None]

    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision_words: Mapped[str | None]
    decision_number: Mapped[str | None]
    repair_notice_number: Mapped[str | None]
    rule_name: Mapped[str | None]
    rule_edition: Mapped[str | None]
    terms_source: Mapped[str | None]
    min_months: Mapped[int | None]
    max_months: Mapped[int | None]
    class_published: Mapped[bool | None]
    publish_due: Mapped[date | None]
    min_end: Mapped[date | None]
    earliest_repair_on: Mapped[date | None]
    max_end: Mapped[date | None]

    decision_served_on: Mapped[date | None]
    repair_notice_served_on: Mapped[date | None]
    served_way: Mapped[ServiceWay | None] = enum_column(ServiceWay)
    served_receiver: Mapped[str | None]
    served_by: Mapped[UUID | None]

    public_draft: Mapped[str | None]
    public_draft_by: Mapped[UUID | None]
    public_text: Mapped[str | None]
    public_text_by: Mapped[UUID | None]
    public_text_cleared_by: Mapped[UUID | None]
    public_text_cleared_on: Mapped[date | None]
    publication_bar: Mapped[PublicationBar] = enum_column(PublicationBar, default=PublicationBar.NONE)
    publish_reason: Mapped[str | None]
    published_on: Mapped[date | None]
    published_by: Mapped[UUID | None]

    ended_on: Mapped[date | None]
    ended_by: Mapped[UUID | None]
    end_reason: Mapped[str | None]
    end_public_reason: Mapped[str | None]
    end_number: Mapped[str | None]
    repair_id: Mapped[UUID | None]

    authority: Mapped[Authority] = relationship()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", ListKind),
        one_of("subject_kind", SubjectKind),
        one_of("person_id_type", IdType),
        one_of("state", EntryState),
        one_of("source", ClueSource),
        one_of("penalty", PenaltyKind),
        one_of("publication_class", PublicationClass),
        one_of("notice_way", ServiceWay),
        one_of("served_way", ServiceWay),
        one_of("publication_bar", PublicationBar),
        CheckConstraint("subject_kind <> 'organisation' or (subject_code <> '' and person_number is null)", name="organisation"),
        CheckConstraint("subject_kind <> 'person' or (subject_code = '' and legal_representative = '')", name="person"),
        _when(
            set(EntryState) - {EntryState.CLUE, EntryState.DISMISSED},
            "proposed_by is not null and publication_class is not null",
            "proposed",
        ),
        _when(
            law.AFTER_NOTICE,
            "notice_number is not null and notice_served_on is not null and defence_until >= notice_served_on",
            "notice_recorded",
        ),
        _when(law.AFTER_DEFENCE, "defence_closed_on > defence_until and defence_answer is not null", "defence_closed"),
        _when(
            law.AFTER_DEFENCE - {EntryState.IN_REVIEW},
            "reviewed_by is not null and reviewed_by <> proposed_by and reviewed_on >= defence_closed_on",
            "reviewed_by_another",
        ),
        _when(
            law.AFTER_DECISION | {EntryState.NOT_LISTED},
            "decided_by is not null and decided_by <> proposed_by and decided_by <> reviewed_by and decided_on >= reviewed_on",
            "decided_by_a_third",
        ),
        _when(
            law.AFTER_DECISION,
            "decision_number is not null and repair_notice_number is not null and max_end >= min_end and earliest_repair_on >= decided_on",
            "decision_papers",
        ),
        _when(
            law.AFTER_SERVICE,
            "decision_served_on >= decided_on and repair_notice_served_on = decision_served_on and served_receiver is not null",
            "both_papers_served",
        ),
        _when(
            {EntryState.PUBLISHED},
            "kind = 'list' and publication_bar = 'none' and published_on >= decision_served_on and public_text is not null"
            " and public_text_cleared_by is not null and public_text_cleared_by <> public_text_by"
            " and (class_published or publish_reason is not null)",
            "published_lawfully",
        ),
        _when({EntryState.REMOVED}, "repair_id is not null and ended_by not in (decided_by, proposed_by)", "removed_by_another"),
        _when({EntryState.ANNULLED}, "ended_by <> decided_by and end_public_reason is not null", "annulled_by_another"),
        _when({EntryState.EXPIRED}, "ended_on > max_end", "expired_after_its_term"),
        _when(law.ENDED, "ended_on is not null and ended_by is not null and end_reason is not null", "end_recorded"),
        UniqueConstraint("authority_id", "decision_number"),
        Index("ix_list_entry_scope_state", "scope_path", "state"),
        Index("ix_list_entry_standing", "provider_id", "max_end", postgresql_where=text("state in ('served', 'published')")),
    )


allow_moves(ListEntry.__tablename__, first=law.FIRST.value, moves=law.MOVES)


class ListStep(Scoped, Model):
    """One line of an entry's history (办理经过), only added to: what was done, from which state into which, by whom."""

    __tablename__ = "list_step"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    verb: Mapped[EntryVerb] = enum_column(EntryVerb)
    before: Mapped[EntryState | None] = enum_column(EntryState)
    after: Mapped[EntryState] = enum_column(EntryState)
    words: Mapped[str]
    by: Mapped[UUID]
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    __table_args__ = (one_of("verb", EntryVerb), one_of("after", EntryState))


class ListStatement(Scoped, Model):
    """What the party said before the decision (陈述申辩), only added to; `written_down_by` when an officer took it down."""

    __tablename__ = "list_statement"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    words: Mapped[str]
    said_by: Mapped[str]
    blob_id: Mapped[UUID | None]
    by: Mapped[UUID]
    on: Mapped[date]
    at: Mapped[datetime]


class ListObjection(Scoped, Model):
    """An objection against an entry (异议): the entry stays visible, but marked, until it is decided by another person."""

    __tablename__ = "list_objection"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    listed_by: Mapped[UUID]
    proposed_by: Mapped[UUID]
    state: Mapped[ObjectionState] = enum_column(ObjectionState, default=ObjectionState.RECEIVED)
    words: Mapped[str]
    made_by: Mapped[UUID]
    made_on: Mapped[date]
    marked_by: Mapped[UUID | None]
    marked_on: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    answer: Mapped[str | None]
    __table_args__ = (
        one_of("state", ObjectionState),
        CheckConstraint("state = 'received' or coalesce(marked_on >= made_on, false)", name="marked_first"),
        CheckConstraint(
            "state in ('received', 'marked') or coalesce(answer is not null and decided_on is not null"
            " and decided_by not in (listed_by, proposed_by, marked_by), false)",
            name="decided_by_another",
        ),
        Index("uq_list_objection_open", "entry_id", unique=True, postgresql_where=text("state in ('received', 'marked')")),
    )


allow_moves(ListObjection.__tablename__, first=ObjectionState.RECEIVED.value, moves=law.OBJECTION_MOVES)


class RepairApplication(Scoped, Model):
    """An application for removal (移出申请、信用修复): not before the shortest term is over, with what was put right and a promise."""

    __tablename__ = "repair_application"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    listed_by: Mapped[UUID]
    proposed_by: Mapped[UUID]
    earliest_on: Mapped[date]
    state: Mapped[RepairState] = enum_column(RepairState, default=RepairState.SUBMITTED)
    corrected: Mapped[str]
    promise: Mapped[bool]
    evidence: Mapped[list[str]] = mapped_column(JSONB, default=list)
    applied_by: Mapped[UUID]
    applied_on: Mapped[date]
    accepted_by: Mapped[UUID | None]
    accepted_on: Mapped[date | None]
    paused_on: Mapped[date | None]
    asked_for: Mapped[str | None]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    answer: Mapped[str | None]
    number: Mapped[str | None]
    __table_args__ = (
        one_of("state", RepairState),
        CheckConstraint("promise and applied_on >= earliest_on and corrected <> ''", name="conditions_met"),
        CheckConstraint(
            "state in ('submitted', 'not_accepted', 'withdrawn') or coalesce(accepted_on >= applied_on, false)",
            name="accepted_first",
        ),
        CheckConstraint(
            "state not in ('approved', 'refused') or coalesce(answer is not null and decided_on is not null and number is not null"
            " and decided_by not in (listed_by, proposed_by, accepted_by, applied_by), false)",
            name="decided_by_another",
        ),
        Index(
            "uq_repair_application_open",
            "entry_id",
            unique=True,
            postgresql_where=text("state in ('submitted', 'accepted', 'paused')"),
        ),
    )


allow_moves(RepairApplication.__tablename__, first=RepairState.SUBMITTED.value, moves=law.REPAIR_MOVES)


class ListMeasure(Scoped, Model):
    """A measure that follows from an entry (惩戒措施): imposed with the service, all lifted together when the entry ends."""

    __tablename__ = "list_measure"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    code: Mapped[str]
    words: Mapped[str]
    confirmed: Mapped[bool]
    imposed_on: Mapped[date]
    lifted_on: Mapped[date | None]
    __table_args__ = (
        UniqueConstraint("entry_id", "code"),
        Index("ix_list_measure_standing", "provider_id", "code", postgresql_where=text("lifted_on is null")),
    )


class ListAlert(Scoped, Model):
    """A warning about an entry or its clocks (到期提醒), given once: `due_on` is the day it is about."""

    __tablename__ = "list_alert"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("list_entry.id"), index=True)
    kind: Mapped[str]
    due_on: Mapped[date]
    given_on: Mapped[date]
    __table_args__ = (UniqueConstraint("entry_id", "kind", "due_on"),)


class GroundConfirmation(Identified, Model):
    """An authority's confirmation of a ground whose text was not verified here (条文确认): who, when, against which text."""

    __tablename__ = "ground_confirmation"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    table_code: Mapped[str]
    table_sha: Mapped[str]
    ground_code: Mapped[str]
    against: Mapped[str]
    by: Mapped[UUID]
    on: Mapped[date]
    __table_args__ = (UniqueConstraint("authority_id", "table_sha", "ground_code"),)


__all__: list[str] = [
    "GroundConfirmation",
    "ListAlert",
    "ListEntry",
    "ListMeasure",
    "ListObjection",
    "ListStatement",
    "ListStep",
    "RepairApplication",
]
