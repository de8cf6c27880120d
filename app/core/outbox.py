"""Outbox 待办箱: slow work (PDF, archive, messages) as rows, drained by workers that claim rows safely side by side.

An errand is put in the transaction that causes it. A worker claims it under a lease in one transaction, does it in a
second one and marks it done there, fenced by its claim: what the errand writes happens exactly once, and what it does
outside (an object in the store) is idempotent by key. A store that is away delays an errand; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Index, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Identified, Model, db
from app.core.refusal import Unavailable

LEASE: Final = timedelta(minutes=3)
SLOWEST_RETRY: Final = timedelta(minutes=5)


class Outbox(Identified, Model):
    """An errand (待办): what kind of slow work, on what, when due, how often tried."""

    __tablename__ = "outbox"
    kind: Mapped[str]
    subject: Mapped[UUID]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    put_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    __table_args__ = (Index("ix_outbox_waiting", "due_at", postgresql_where=text("done_at is null")),)


@dataclass(frozen=True, slots=True)
class Errand:
    """An errand in hand: what a handler is told."""

    id: UUID
    kind: str
    subject: UUID
    facts: Mapping[str, Any]
    tries: int


Handler = Callable[[Errand], None]
Handlers = Mapping[str, Handler]


def put(kind: str, subject: UUID, **facts: str | int) -> None:
    """Put an errand into the box (投入待办) as part of the running transaction."""
    now = clock.now()
    db.session.add(Outbox(kind=kind, subject=subject, facts=facts, put_at=now, due_at=now))


def defer(until: datetime, *, but: Iterable[UUID]) -> None:
    """Let what waits wait until a moment (暂缓办理), except errands about the subjects `but`."""
    others = Outbox.done_at.is_(None), Outbox.subject.not_in(list(but))
    db.session.execute(update(Outbox).where(*others).values(due_at=until))


def claim(lease: timedelta = LEASE) -> tuple[Errand, UUID] | None:
    """Take the oldest due errand under a lease (领取), or None. Commits."""
    now = clock.now()
    row = db.session.scalars(
        select(Outbox)
        .where(Outbox.done_at.is_(None), Outbox.due_at <= now)
        .order_by(Outbox.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        db.session.rollback()
        return None
    token = uuid4()
    row.claim, row.tries, row.due_at = token, row.tries + 1, now + lease
    errand = Errand(row.id, row.kind, row.subject, dict(row.facts), row.tries)
    db.session.commit()
    return errand, token


def work_one(handlers: Handlers, lease: timedelta = LEASE) -> bool:
    """Claim one errand and do it (办一件). False when nothing is due. Trouble is noted and tried again later."""
    taken = claim(lease)
    if taken is None:
        return False
    errand, token = taken
    try:
        handlers[errand.kind](errand)
        _finish(errand, token)
        db.session.commit()
    except Unavailable as away:
        _postpone(errand, token, away.sentence, _patience(errand.tries))
    except Superseded:
        db.session.rollback()
    except Exception as trouble:  # an errand that fails must not stop the worker; the trouble is kept with the row
        _postpone(errand, token, f"{type(trouble).__name__}: {trouble}", _patience(errand.tries))
    return True


class Superseded(Exception):
    """Another worker took the errand over after the lease ended; this one's writes are undone."""


def _finish(errand: Errand, token: UUID) -> None:
    done = db.session.execute(
        update(Outbox)
        .where(Outbox.id == errand.id, Outbox.claim == token, Outbox.done_at.is_(None))
        .values(done_at=clock.now(), trouble=None)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult for an update
        raise Superseded


def _patience(tries: int) -> timedelta:
    return min(timedelta(seconds=2.0 ** min(tries, 10)), SLOWEST_RETRY)


def _postpone(errand: Errand, token: UUID, why: str, wait: timedelta) -> None:
    db.session.rollback()
    db.session.execute(
        update(Outbox)
        .where(Outbox.id == errand.id, Outbox.claim == token, Outbox.done_at.is_(None))
        .values(due_at=clock.now() + wait, trouble=why[:2000])
    )
    db.session.commit()


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits (待办积压): errands not done, in trouble, and the oldest's time."""

    waiting: int
    troubled: int
    oldest: datetime | None


def backlog() -> Backlog:
    """Count what waits in the box."""
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(or_(Outbox.trouble.is_not(None))),
            func.min(Outbox.put_at),
        ).where(Outbox.done_at.is_(None))
    ).one()
    return Backlog(row[0], row[1], row[2])
