"""The committee, its meetings and votes (评定委员会、会议、表决)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.core.db import Model, Scoped, enum_column, one_of
from app.ratings.rules.process import Choice, MeetingState


class CommitteeMember(Scoped, Model):
    """A member of the rating committee (评定委员会委员): of an authority, an association, or an expert; one is the chair."""

    __tablename__ = "committee_member"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    of_body: Mapped[str]
    chair: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]
    until: Mapped[date | None]
    entered_by: Mapped[UUID]
    account: Mapped[Account] = relationship()
    __table_args__ = (
        Index("uq_committee_member_now", "authority_id", "account_id", unique=True, postgresql_where=text("until is null")),
        Index("uq_committee_chair_now", "authority_id", unique=True, postgresql_where=text("chair and until is null")),
    )


class RatingMeeting(Scoped, Model):
    """A meeting of the committee (评定会): the members of that day, the quorum, and the applications put before it."""

    __tablename__ = "rating_meeting"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    number: Mapped[str]
    state: Mapped[MeetingState] = enum_column(MeetingState, default=MeetingState.CONVENED)
    held_on: Mapped[date]
    chair_id: Mapped[UUID]
    members: Mapped[list[str]] = mapped_column(JSONB)
    absent: Mapped[list[str]] = mapped_column(JSONB, default=list)
    quorum: Mapped[int]
    convened_by: Mapped[UUID]
    convened_on: Mapped[date]
    closed_on: Mapped[date | None]
    __table_args__ = (one_of("state", MeetingState), UniqueConstraint("authority_id", "number"))


class CommitteeVote(Scoped, Model):
    """A vote (表决): may be changed until the decision. `barred` is copied from the application: the database keeps S4."""

    __tablename__ = "committee_vote"
    application_id: Mapped[UUID] = mapped_column(ForeignKey("rating_application.id"), index=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("rating_meeting.id"), index=True)
    round: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    choice: Mapped[Choice] = enum_column(Choice)
    level: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    barred: Mapped[list[str]] = mapped_column(JSONB)
    at: Mapped[datetime]
    __table_args__ = (
        one_of("choice", Choice),
        UniqueConstraint("application_id", "meeting_id", "round", "account_id"),
        CheckConstraint("not barred @> to_jsonb(account_id::text)", name="voter_is_free"),
        CheckConstraint("choice = 'agree' or reason <> ''", name="departure_has_reason"),
        CheckConstraint("(choice = 'change') = (level <> '')", name="change_names_level"),
    )
