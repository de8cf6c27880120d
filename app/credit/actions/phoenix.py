"""Verbs of the phoenix check (换壳核查办理): look at a newcomer, confirm or dismiss what was found."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import audit, clock
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.outbox import Errand
from app.core.refusal import Refused
from app.credit import events
from app.credit.actions.tiers import decide_tier
from app.credit.models.phoenix import PhoenixMatch
from app.credit.queries import phoenix as queries
from app.credit.rules.phoenix import MatchState, compare, suspicious


def check_newcomer(site_id: UUID, *, by: Actor, on: date) -> list[PhoenixMatch]:
    """Compare a new site with every old one that has a bad record (核查新登记网点). Safe to repeat: a pair is found once."""
    with acting(SYSTEM):
        site, table = queries.newcomer(site_id), queries.table_on(on)
        known, new = queries.known_pairs(site_id), queries.fingerprint(site)
        found = []
        for old in queries.old_sites(but=site.provider_id, on=on):
            likeness = compare(new, old.print, table)
            if old.id in known or not suspicious(likeness, table):
                continue
            row = PhoenixMatch(
                scope_path=site.scope_path,
                provider_id=None,  # an officer's business: the provider is asked about it, not shown the queue
                site_id=site.id,
                old_site_id=old.id,
                old=old.told,
                score=likeness.score,
                points=[{"clue": p.clue.value, "points": p.points, "words": p.words} for p in likeness.points],
                table_sha256=table.sha256,
                found_on=on,
            )
            db.session.add(row)
            db.session.flush()
            audit.record(
                events.PhoenixFound(subject=row.id, by=by.id, on=on, site_id=site.id, old_site_id=old.id, score=likeness.score)
            )
            found.append(row)
        return found


def check_around(site_id: UUID, *, by: Actor, on: date) -> list[PhoenixMatch]:
    """A home got a bad record: whoever was registered in the year before is compared again (换壳在先的核查)."""
    with acting(SYSTEM):
        site = queries.newcomer(site_id)
        around = queries.newcomers_since(on - queries.LOOK_AROUND, but=site.provider_id)
        return [match for other in around for match in check_newcomer(other, by=by, on=on) if match.old_site_id == site_id]


def check_around_errand(errand: Errand) -> None:
    """Look at the newcomers around a home with a new bad record, in the background (后台核查)."""
    check_around(errand.subject, by=SYSTEM, on=clock.legal_day(clock.now()))


def check_newcomer_errand(errand: Errand) -> None:
    """Look at a newcomer in the background (后台核查)."""
    check_newcomer(errand.subject, by=SYSTEM, on=clock.legal_day(clock.now()))


def decide_match(phoenix_match_id: UUID, *, confirmed: bool, reason: str, by: Actor, on: date) -> PhoenixMatch:
    """Confirm or dismiss a match (认定或排除换壳), with the reason. Confirmed, the new site's tier follows at once."""
    row = queries.match(phoenix_match_id, seen_by=by, lock=True)
    if row.state is not MatchState.WAITING:
        raise Refused("phoenix.decided", f"这条线索{row.state.label}，不能重复办理。")
    if len(reason.strip()) < 6:
        raise Refused("phoenix.reason", "请写明核查情况和理由，例如查了哪些登记、问了谁。")
    row.state = MatchState.CONFIRMED if confirmed else MatchState.DISMISSED
    row.decided_by, row.decided_on, row.reason = by.id, on, reason.strip()
    db.session.flush()
    audit.record(
        events.PhoenixDecided(
            subject=row.id, by=by.id, on=on, site_id=row.site_id, old_site_id=row.old_site_id, confirmed=confirmed
        )
    )
    decide_tier(row.site_id, by=by, on=on)
    return row
