"""Jobs of the list (名单定时任务): close what has run out, warn ahead. Each alert is given once, also after missed nights.

Nothing here takes an entry off the public: that is done by the date in every question. These only tidy up and tell.
"""

from __future__ import annotations

from datetime import date

from app.core import audit
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.timetable import Tally
from app.credit import events
from app.credit.actions import listing_ends
from app.credit.actions.listing import give_alert
from app.credit.queries import listing as queries


def close_expired(on: date) -> Tally:
    """Close the entries whose last day has passed (期满退出)."""
    done, failed = 0, []
    with acting(SYSTEM):
        for list_entry_id in listing_ends.due_to_expire(on):
            try:
                listing_ends.expire(list_entry_id, on=on)
                db.session.commit()
                done += 1
            except Refused as refusal:
                db.session.rollback()
                failed.append(f"{list_entry_id}: {refusal.sentence}")
    return Tally(done, tuple(failed))


def warn(on: date) -> Tally:
    """Give the alerts that are due (名单提醒): ends in 30 days, may be repaired, a clock of ours has run out. Each once."""
    done = 0
    with acting(SYSTEM):
        for alert in queries.alerts_due(on):
            if give_alert(alert.entry, alert.kind, alert.due_on, on=on):
                audit.record(
                    events.ListAlertGiven(subject=alert.entry.id, by=SYSTEM.id, on=on, kind=alert.kind, due_on=alert.due_on)
                )
                done += 1
            db.session.commit()
    return Tally(done)
