"""A year of nights (一年模拟): three of them skipped, two timetables: each alert of the list is given exactly once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.audit import AuditLine
from app.core.db import acting, db
from app.core.timetable import Job, due, run_slot, tick
from app.credit.actions import listing_ends
from app.credit.jobs import listing as jobs
from app.credit.models.listing import ListAlert, ListEntry
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import EntryState
from tests.credit.listing_world import a_bureau, an_entry, moment
from tests.providers.builders import a_filed_site

FIRST, LAST = date(2026, 5, 4), date(2027, 5, 10)
SKIPPED = {date(2026, 7, 8), date(2026, 12, 31), date(2027, 3, 8)}  # the very nights on which something falls due
JOBS = (
    Job("test.listing.close_expired", "15 0 * * *", jobs.close_expired),
    Job("test.listing.warn", "20 0 * * *", jobs.warn),
)


def night(on: date) -> datetime:
    """Twenty-one minutes past midnight in Beijing."""
    return datetime(on.year, on.month, on.day, 0, 21, tzinfo=UTC) - timedelta(hours=8)


def test_each_alert_once_in_a_year_of_nights(db_session: object) -> None:
    with acting(SYSTEM):
        site = a_filed_site(on=date(2026, 2, 2))
        people = a_bureau(site)
        general = an_entry(
            site, people, EntryState.PUBLISHED, decided_on=date(2026, 4, 7), publication_class=PublicationClass.GENERAL
        )
        minor = an_entry(
            site, people, EntryState.PUBLISHED, decided_on=date(2026, 4, 30), publication_class=PublicationClass.MINOR
        )
        left = an_entry(site, people, EntryState.DECIDED, decided_on=date(2026, 4, 27))
        objected = an_entry(site, people, EntryState.PUBLISHED, decided_on=date(2026, 4, 28))
        listing_ends.object_to(objected.id, words="示例", by=people.owner, on=date(2026, 9, 24))
        asked = listing_ends.apply_for_repair(
            general.id, corrected="示例", promise=True, by=people.owner, at=moment(date(2026, 12, 23)), on=date(2026, 12, 23)
        )
        ids = {row.id: name for row, name in ((general, "general"), (minor, "minor"), (left, "left"), (objected, "objected"))}
        minor_id, general_id = minor.id, general.id
        db.session.commit()

        for job in JOBS:
            (slot,) = job.slots(night(FIRST) - timedelta(hours=1), night(FIRST))
            assert run_slot(job, slot, night(FIRST))
            assert not run_slot(job, slot, night(FIRST)), "the other timetable comes too late"
        caught_up = []
        on = FIRST
        while on < LAST:
            on += timedelta(days=1)
            if on in SKIPPED:
                continue
            slots = due(JOBS[1], night(on))
            caught_up += [on] if len(slots) > 1 else []
            assert tick(JOBS, night(on)) == 2 * len(slots)
            assert tick(JOBS, night(on)) == 0, "the second timetable finds nothing to do"
        assert caught_up == [day + timedelta(days=1) for day in sorted(SKIPPED)]

        db.session.commit()
        given = Counter((ids[a.entry_id], a.kind, a.due_on) for a in db.session.scalars(select(ListAlert)))
        told = Counter(
            (ids[line.subject], line.facts["kind"], date.fromisoformat(line.facts["due_on"]))
            for line in db.session.scalars(select(AuditLine).where(AuditLine.event == "ListAlertGiven"))
        )
        assert set(given.values()) == {1}
        assert told == given
        assert set(given) == {
            ("general", "repairable", date(2026, 7, 8)),
            ("general", "ending", date(2027, 4, 7)),
            ("general", "overdue:repair.accept", date(2026, 12, 28)),
            ("minor", "repairable", date(2026, 4, 30)),
            ("minor", "ending", date(2026, 7, 30)),
            ("left", "overdue:listing.service", date(2026, 5, 9)),
            ("left", "overdue:listing.publish", date(2026, 5, 9)),
            ("objected", "overdue:objection.mark", date(2026, 9, 28)),
        }
        warned = {(ids[a.entry_id], a.kind): a.given_on for a in db.session.scalars(select(ListAlert))}
        assert warned["general", "repairable"] == date(2026, 7, 9) - timedelta(days=1), (
            "the skipped night is made up for by its own date"
        )
        for entry_id, last in ((minor_id, date(2026, 7, 30)), (general_id, date(2027, 4, 7))):
            row = db.session.get(ListEntry, entry_id)
            assert row is not None
            assert (row.state, row.ended_on) == (EntryState.EXPIRED, last + timedelta(days=1))
        assert asked.id
