"""Audit 留痕: every verb writes one line in the same transaction; lines form one hash chain.

A line holds ids and hashes, never names or numbers. Lines are collected while the transaction works and chained in
`before_commit`; the head row is the transaction's last lock, so the chain costs no waiting before the end (D15).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import rfc8785
from sqlalchemy import BigInteger, Connection, event, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from app.core import clock, events
from app.core.db import Model, db

GENESIS: Final = hashlib.sha256("松鉴 audit chain v1".encode()).hexdigest()
_PENDING: Final = "audit.pending"


class AuditLine(Model):
    """One line of the record (留痕): what was done to what, by whom, when, chained to the line before."""

    __tablename__ = "audit_line"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    event: Mapped[str]
    subject: Mapped[UUID] = mapped_column(index=True)
    by: Mapped[UUID] = mapped_column(index=True)
    on: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    prev_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Model):
    """The end of the chain (链头): one row, locked by whoever appends."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(default=GENESIS)


def record(done: events.Event) -> None:
    """Write `done` into the record and tell the listeners (留痕并告知)."""
    if not db.session().in_transaction():
        db.session().begin()  # so that a rollback finds a transaction with which to forget the line
    db.session.info.setdefault(_PENDING, []).append(done)
    events.tell(done)


def line_hash(seq: int, at: str, name: str, subject: str, by: str, on: str, facts: dict[str, Any], prev: str) -> str:
    """SHA-256 of the canonical JSON of a line, the hash before it included."""
    body: dict[str, Any] = {
        "seq": seq,
        "at": at,
        "event": name,
        "subject": subject,
        "by": by,
        "on": on,
        "facts": facts,
        "prev": prev,
    }
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _stamp(at: datetime) -> str:
    return at.astimezone(clock.now().tzinfo).isoformat(timespec="microseconds")


@event.listens_for(Session, "before_commit")
def _chain(session: Session) -> None:
    if session.in_nested_transaction():
        return
    pending: list[events.Event] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.flush()
    connection = session.connection()
    head = connection.execute(select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1).with_for_update()).one()
    seq, prev, at = head.seq, head.hash, clock.now()
    lines = []
    for done in pending:
        seq += 1
        name, facts = type(done).__name__, done.facts()
        own = line_hash(seq, _stamp(at), name, str(done.subject), str(done.by), str(done.on), facts, prev)
        lines.append(
            {"seq": seq, "at": at, "event": name, "subject": done.subject, "by": done.by, "on": str(done.on)}
            | {"facts": facts, "prev_hash": prev, "hash": own}
        )
        prev = own
    connection.execute(insert(AuditLine), lines)
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(seq=seq, hash=prev))


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info[(_PENDING, id(transaction))] = len(session.info.get(_PENDING, ()))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """What a rolled-back savepoint recorded is forgotten with it; a full rollback forgets everything."""
    kept = session.info.pop((_PENDING, id(undone)), 0) if undone.nested else 0
    if _PENDING in session.info:
        del session.info[_PENDING][kept:]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of checking the chain (核验结果): how many lines hold, and the first bad line, if any."""

    lines: int
    bad_seq: int | None = None
    why: str = ""
    head: str = GENESIS


def verify(connection: Connection) -> Verdict:
    """Recompute the chain from the first line (核验留痕). Names the first line that does not fit."""
    count, prev = 0, GENESIS
    for seq, at, name, subject, by, on, facts, prev_hash, own in _rows(connection):
        if seq != count + 1:
            return Verdict(count, count + 1, f"第 {count + 1} 行缺失（其后为第 {seq} 行）", prev)
        if prev_hash != prev:
            return Verdict(count, seq, f"第 {seq} 行与上一行接不上", prev)
        if own != line_hash(seq, _stamp(at), name, str(subject), str(by), on, facts, prev):
            return Verdict(count, seq, f"第 {seq} 行内容与其指纹不符", prev)
        count, prev = seq, own
    head = connection.execute(select(AuditHead.seq, AuditHead.hash)).one_or_none()
    if head is None or head.seq != count or head.hash != prev:
        return Verdict(count, count + 1, f"链头记到第 {head.seq if head else 0} 行，实有 {count} 行", prev)
    return Verdict(count, head=prev)


def _rows(connection: Connection) -> Iterator[Any]:
    """Every line in order, some thousands at a time."""
    query = text(
        'select seq, at, event, subject, by, "on", facts, prev_hash, hash from audit_line where seq > :last order by seq limit 5000'
    )
    last = -1
    while rows := connection.execute(query, {"last": last}).all():
        yield from rows
        last = rows[-1].seq
