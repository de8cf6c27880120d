"""Verbs of the board (监管看板办理): recompute the record."""

from __future__ import annotations

from datetime import date

from app.core import audit
from app.core.actor import Actor
from app.core.audit import Verdict
from app.core.db import db
from app.supervision import events
from app.supervision.events import RECORD_ID


def verify_record(*, by: Actor, on: date) -> Verdict:
    """Recompute the record from its first line (核验留痕). The result, good or bad, is a line of the record itself."""
    verdict = audit.verify(db.session.connection())
    audit.record(
        events.RecordVerified(subject=RECORD_ID, by=by.id, on=on, lines=verdict.lines, bad_seq=verdict.bad_seq, head=verdict.head)
    )
    return verdict
