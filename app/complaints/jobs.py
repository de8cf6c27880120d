"""Jobs of complaints (投诉定时任务)."""

from __future__ import annotations

from datetime import date, datetime, time

from app.complaints.actions import intake
from app.core.actor import SYSTEM
from app.core.clock import BEIJING
from app.core.db import db
from app.core.timetable import Tally


def forget_origins(on: date) -> Tally:
    """Forget from which connection complaints came (清除来源指纹), two days later. Missed nights are caught up by the date."""
    done = intake.forget_origins(datetime.combine(on, time(), BEIJING), by=SYSTEM, on=on)
    db.session.commit()
    return Tally(done)
