"""Questions about the committee, its meetings and votes (评定委员会查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import NotVisible
from app.core.scope import find, visible
from app.ratings.models import (
    CommitteeMember,
    CommitteeVote,
    RatingApplication,
    RatingMeeting,
    RatingObjection,
)
from app.ratings.rules.process import Choice, State, quorum


def members(authority_id: UUID, *, seen_by: Actor) -> Sequence[CommitteeMember]:
    """The committee of an authority now (现任委员)."""
    query = visible(CommitteeMember, to=seen_by).options(joinedload(CommitteeMember.account))
    query = query.where(CommitteeMember.authority_id == authority_id, CommitteeMember.until.is_(None))
    return db.session.scalars(query.order_by(CommitteeMember.chair.desc(), CommitteeMember.since, CommitteeMember.id)).all()


def member(member_id: UUID, *, seen_by: Actor) -> CommitteeMember:
    """One membership (委员)."""
    return find(CommitteeMember, member_id, seen_by=seen_by, lock=True)


def sits(who: Actor) -> bool:
    """Whether somebody is a member of any committee (是否委员): for the navigation and the list of meetings."""
    query = select(CommitteeMember.id).where(CommitteeMember.account_id == who.id, CommitteeMember.until.is_(None))
    return db.session.scalars(query.limit(1)).first() is not None


def meeting(meeting_id: UUID, *, seen_by: Actor, lock: bool = False) -> RatingMeeting:
    """One meeting (评定会): for the office, and for its members wherever they work. Locked for one at a time."""
    query = select(RatingMeeting).where(RatingMeeting.id == meeting_id)
    row = db.session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if row is None or not (_reaches(row, seen_by) or str(seen_by.id) in row.members):
        raise NotVisible("rating_meeting")
    return row


def _reaches(row: RatingMeeting, who: Actor) -> bool:
    return bool(who.scope.path) and row.scope_path.startswith(str(who.scope.path))


def meetings(*, seen_by: Actor) -> Sequence[RatingMeeting]:
    """The meetings that somebody may see, newest first (评定会)."""
    query = select(RatingMeeting).order_by(RatingMeeting.held_on.desc(), RatingMeeting.number.desc())
    return [row for row in db.session.scalars(query) if _reaches(row, seen_by) or str(seen_by.id) in row.members]


def cases(row: RatingMeeting, *, seen_by: Actor) -> Sequence[RatingApplication]:
    """The applications before a meeting (上会申请)."""
    query = visible(RatingApplication, to=seen_by).where(RatingApplication.meeting_id == row.id)
    return db.session.scalars(query.order_by(RatingApplication.number)).all()


def proposed(*, seen_by: Actor) -> Sequence[RatingApplication]:
    """The applications that wait for a meeting (待上会)."""
    query = visible(RatingApplication, to=seen_by).where(
        RatingApplication.state == State.PROPOSED, RatingApplication.meeting_id.is_(None)
    )
    return db.session.scalars(query.options(joinedload(RatingApplication.site)).order_by(RatingApplication.number)).all()


def vote_of(row: RatingApplication, account_id: UUID, *, seen_by: Actor) -> CommitteeVote | None:
    """One's own vote (我的一票)."""
    if seen_by.id != account_id:
        return None
    query = select(CommitteeVote).where(
        CommitteeVote.application_id == row.id,
        CommitteeVote.meeting_id == row.meeting_id,
        CommitteeVote.round == row.round,
        CommitteeVote.account_id == account_id,
    )
    return db.session.scalars(query).one_or_none()


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote stands (表决情况): who may vote, how many did; the votes and their reasons only for the decision."""

    entitled: int
    needed: int
    cast: int
    votes: Mapping[str, tuple[Choice, str]]
    reasons: Mapping[tuple[Choice, str], str]

    @property
    def complete(self) -> bool:
        """Whether everybody entitled has voted; before that nobody is shown the count."""
        return self.cast >= self.entitled


def tally(row: RatingApplication, held: RatingMeeting, *, seen_by: Actor) -> Tally:  # noqa: ARG001 — asked past the wall of votes
    """Count the votes (计票). Reads every vote, whoever asks; pages show counts only when the vote is complete."""
    db.session.flush()
    with acting(SYSTEM):
        query = select(CommitteeVote).where(
            CommitteeVote.application_id == row.id, CommitteeVote.meeting_id == held.id, CommitteeVote.round == row.round
        )
        rows = db.session.scalars(query.order_by(CommitteeVote.at, CommitteeVote.id)).all()
    free = [m for m in held.members if m not in row.barred]
    present = [m for m in free if m not in held.absent]
    counted = [v for v in rows if str(v.account_id) in present]
    votes = {str(v.account_id): (v.choice, v.level) for v in counted}
    reasons = {
        vote: "；".join(dict.fromkeys(v.reason for v in counted if v.reason and (v.choice, v.level) == vote))
        for vote in set(votes.values())
    }
    return Tally(len(present), quorum(len(free)), len(votes), votes, reasons)


def objection(objection_id: UUID, *, seen_by: Actor) -> RatingObjection:
    """One objection (异议)."""
    return find(RatingObjection, objection_id, seen_by=seen_by)


def notices_ended(on: date, *, seen_by: Actor) -> Sequence[RatingApplication]:
    """Notices that have run out without a decision to publish (公示期满待公布)."""
    query = visible(RatingApplication, to=seen_by).where(
        RatingApplication.state == State.NOTICED, RatingApplication.notice_until < on
    )
    return db.session.scalars(query.order_by(RatingApplication.notice_until)).all()
