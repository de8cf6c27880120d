"""What every verb of a complaint does first and last (流转): the row, the machine, the story, the clocks."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.complaints import queries
from app.complaints.models import Complaint, ComplaintStep
from app.complaints.rules import machine
from app.complaints.rules.clocks import Term
from app.complaints.rules.kinds import Duty, Verb
from app.core import calendar
from app.core.actor import Actor, Post
from app.core.calendar import Deadline, Unit
from app.core.db import db
from app.core.refusal import Refused


def taken(complaint_id: UUID, verb: Verb, *, by: Actor) -> Complaint:
    """The row, locked, once the verb may be done now by this actor (取件). Refused for another authority's complaint."""
    row = queries.complaint(complaint_id, seen_by=by, lock=True)
    machine.next_state(row.state, verb, by.posts)
    if row.authority_id != by.authority_id:
        raise Refused("complaint.not_ours", "这件投诉由另一机关办理，您可以查看，不能代办。")
    return row


def step(row: Complaint, verb: Verb, note: str, *, by: Actor, at: datetime, on: date, public: bool = False) -> None:
    """Move the complaint on and add the step to its story (记一步)."""
    row.state = machine.next_state(row.state, verb, by.posts, public=public)
    tell(row, verb, note, by=by, at=at, on=on)


def tell(row: Complaint, verb: Verb, note: str, *, by: Actor, at: datetime, on: date) -> None:
    """Add a line to the story (办理经过)."""
    db.session.add(
        ComplaintStep(
            scope_path=row.scope_path, complaint_id=row.id, verb=verb, state=row.state, note=note.strip(), by=by.id, at=at, on=on
        )
    )
    db.session.flush()


def begin(row: Complaint, duty: Duty, term: Term, start: date, *, count: int | None = None) -> Deadline:
    """Start one of the complaint's clocks (起算); `count` where it differs from the term's own."""
    return calendar.start_clock(
        duty.value,
        of=row,
        subject=row.id,
        label=f"{row.number} {row.about_words}",
        start=start,
        count=term.count if count is None else count,
        unit=Unit(term.unit),
        basis=term.words,
    )


def needs(text: str, least: int, code: str, sentence: str) -> str:
    """The text, trimmed, or a refusal when it says too little (必填说明)."""
    text = text.strip()
    if len(text) < least:
        raise Refused(code, sentence)
    return text


def is_ours(row: Complaint, by: Actor) -> bool:
    """Whether the actor's authority handles this complaint (本机关办理)."""
    return row.authority_id == by.authority_id and not by.posts.isdisjoint({Post.HANDLER, Post.REVIEWER, Post.HEAD})
