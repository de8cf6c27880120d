"""Jobs of the list (名单定时任务): close what has run out, warn ahead. Each alert is given once, also after missed nights.

Nothing here takes an entry off the public: that is done by the date in every question. These only tidy up and tell.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.timetable import Tally, one_by_one
from app.credit.actions import listing, listing_ends
from app.credit.queries import listing as queries


def close_expired(on: date) -> Tally:
    """Close the entries whose last day has passed (期满退出)."""

    def close(list_entry_id: UUID) -> None:
        listing_ends.expire(list_entry_id, on=on)

    with acting(SYSTEM):
        return one_by_one(queries.due_to_expire(on), close)


def warn(on: date) -> Tally:
    """Give the alerts that are due (名单提醒): ends in 30 days, may be repaired, a clock of ours has run out. Each once."""
    done = 0
    with acting(SYSTEM):
        for alert in queries.alerts_due(on):
            done += listing.give_alert(alert.list_entry_id, alert.kind, alert.due_on, on=on)
            db.session.commit()
    return Tally(done)
