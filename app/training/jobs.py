"""Jobs of staff and training (人员与培训定时任务). They ask by date, so a missed night is caught up."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.timetable import Tally, one_by_one
from app.training.actions import certificates, importing
from app.training.queries import certificates as queries


def remind_of_certificates(on: date) -> Tally:
    """Remind of certificates that run out (证书到期提醒), once an employer and step. Validity itself is computed from the dates."""

    def remind(certificate_id: UUID) -> None:
        certificates.announce_certificate(certificate_id, by=SYSTEM, on=on)

    return one_by_one(queries.to_announce(on, seen_by=SYSTEM), remind)


def forget_staff_lists(on: date) -> Tally:
    """Let go of uploaded staff workbooks that were never written (清理人员工作簿)."""
    done = importing.forget_staff_lists(clock.now(), by=SYSTEM, on=on)
    db.session.commit()
    return Tally(done)
