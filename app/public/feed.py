"""The feed of changes (变动清单) and what waits to be published at the end of a transaction.

Listeners only note which site, draw or document has news; just before the commit each of them is published once, in one
order, inside the same transaction. So a transaction that tells ten things of a site publishes the site once, reads it
after everything was written, and takes its locks late. The feed's numbers are given last, without gaps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session, SessionTransaction

from app.core import clock
from app.core.db import db
from app.public.models import FeedLine

_WAITING: Final = "public.waiting"
_LINES: Final = "public.lines"
_NEXT: Final = text(
    "insert into published.feed_head (id, seq) values (1, :n)"
    " on conflict (id) do update set seq = published.feed_head.seq + :n returning seq"
)

Publisher = Callable[[list[UUID], date], None]


def note(publisher: Publisher, subject: UUID) -> None:
    """Have `publisher` called with `subject` once, just before the commit (登记待公示)."""
    db.session.info.setdefault(_WAITING, []).append((publisher, subject))


def line(what: str, subject: UUID, site_id: UUID | None, change: str) -> None:
    """Add a line to the feed of this transaction (记变动): `change` is published, changed or withdrawn."""
    db.session.info.setdefault(_LINES, []).append({"what": what, "subject": subject, "site_id": site_id, "change": change})


def publish_noted(on: date) -> None:
    """Publish what was noted so far (公示). Called before the commit; tests may call it by hand."""
    while waiting := db.session.info.pop(_WAITING, None):
        db.session.flush()
        for publisher in dict.fromkeys(publisher for publisher, _ in waiting):
            publisher(sorted({subject for other, subject in waiting if other is publisher}), on)


def _write(session: Session, at: datetime) -> None:
    lines = session.info.pop(_LINES, None)
    if not lines:
        return
    session.flush()
    connection = session.connection()
    last = connection.execute(_NEXT, {"n": len(lines)}).scalar_one()
    first = last - len(lines) + 1
    connection.execute(insert(FeedLine), [{"seq": first + n, "at": at, **values} for n, values in enumerate(lines)])


@event.listens_for(Session, "before_commit", insert=True)
def _before_commit(session: Session) -> None:
    """Before the record is chained, whose head is the transaction's last lock."""
    if session.in_nested_transaction():
        return
    if _WAITING in session.info or _LINES in session.info:
        at = clock.now()
        publish_noted(clock.legal_day(at))
        _write(session, at)


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        for name in (_WAITING, _LINES):
            session.info[(name, id(transaction))] = len(session.info.get(name, ()))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """What a rolled-back savepoint noted is forgotten with it; a full rollback forgets everything."""
    for name in (_WAITING, _LINES):
        kept = session.info.pop((name, id(undone)), 0) if undone.nested else 0
        if name in session.info:
            del session.info[name][kept:]
