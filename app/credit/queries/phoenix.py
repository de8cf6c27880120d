"""Questions of the phoenix check (换壳核查查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.core.scope import find, visible
from app.credit.models.listing import ListEntry
from app.credit.models.phoenix import PhoenixMatch
from app.credit.models.records import CreditRecord
from app.credit.rules.listing import AFTER_SERVICE, ListKind, SubjectKind
from app.credit.rules.phoenix import Fingerprint, MatchState, PhoenixTable, tables
from app.credit.rules.records import BAD, EndWay
from app.providers import queries as providers
from app.providers.models import Site, SiteFact
from app.regions import queries as regions

LOOK_BACK: Final = timedelta(days=5 * 366)
"""A bad record is looked for so far back; older ones are past any publication term (a platform default)."""
LOOK_AROUND: Final = timedelta(days=366)
"""Whoever sees a penalty coming registers anew before it: newcomers of so many days before are looked at again."""


@dataclass(frozen=True, slots=True)
class OldSite:
    """An old site with a bad record (有不良记录的旧网点): what is compared, and what the officer has to know of it."""

    id: UUID
    print: Fingerprint
    told: dict[str, Any]


def table_on(on: date) -> PhoenixTable:
    """The weights in force (现行核查参数)."""
    return tables().in_force("phoenix", on=on)


def match(phoenix_match_id: UUID, *, seen_by: Actor, lock: bool = False) -> PhoenixMatch:
    """One match (疑似换壳)."""
    return find(PhoenixMatch, phoenix_match_id, seen_by=seen_by, lock=lock)


def matches(*, seen_by: Actor) -> Select[PhoenixMatch]:
    """The matches that an actor may see (核查队列)."""
    return visible(PhoenixMatch, to=seen_by).join(PhoenixMatch.site).options(joinedload(PhoenixMatch.site))


def matches_of(site_id: UUID, *, seen_by: Actor) -> Sequence[PhoenixMatch]:
    """The matches of a new site, the likeliest first."""
    query = visible(PhoenixMatch, to=seen_by).where(PhoenixMatch.site_id == site_id)
    return db.session.scalars(query.order_by(PhoenixMatch.score.desc(), PhoenixMatch.id)).all()


def waiting(*, seen_by: Actor) -> int:
    """How many matches wait for an officer (待核查数)."""
    return len(db.session.scalars(matches(seen_by=seen_by).where(PhoenixMatch.state == MatchState.WAITING).limit(1000)).all())


def known_pairs(site_id: UUID) -> frozenset[UUID]:
    """The old sites with which a site was compared before and found alike (已提示过的)."""
    query = select(PhoenixMatch.old_site_id).where(PhoenixMatch.site_id == site_id)
    return frozenset(db.session.scalars(query))


def fingerprint(site: Site) -> Fingerprint:
    """What is compared of a site (比对特征)."""
    return _print(site, providers.facts_of(site.id, seen_by=SYSTEM), _places(site))


def _places(site: Site) -> tuple[str, ...]:
    return tuple(row.name for row in regions.upwards(site.region.path) if row.level.depth)


def _print(site: Site, facts: Mapping[str, SiteFact], places: tuple[str, ...]) -> Fingerprint:
    body = site.organisation
    phones = {body.phone.reveal() if body.phone else "", site.service_phone or ""} - {""}
    beds = facts.get("beds")
    return Fingerprint(
        name=site.name,
        address=site.address,
        legal_representative=body.legal_representative,
        manager=site.manager_name or "",
        phones=frozenset(phones),
        beds=beds.value if beds is not None and isinstance(beds.value, int) else None,
        places=places,
    )


def old_sites(*, but: UUID, on: date) -> list[OldSite]:
    """The sites of other organisations with a bad record (有不良记录的旧网点), all over the register: run as the platform."""
    since = on - LOOK_BACK
    bad = select(CreditRecord.site_id).where(
        CreditRecord.kind.in_(BAD),
        CreditRecord.recorded_on >= since,
        or_(CreditRecord.ended.is_(None), CreditRecord.ended != EndWay.ANNULLED),
    )
    listed = select(ListEntry.provider_id).where(
        ListEntry.subject_kind == SubjectKind.ORGANISATION,
        ListEntry.kind == ListKind.LIST,
        ListEntry.state.in_(AFTER_SERVICE),
        ListEntry.decided_on >= since,
    )
    query = select(Site).where(Site.provider_id != but, or_(Site.id.in_(bad), Site.provider_id.in_(listed)))
    rows = db.session.scalars(query.options(joinedload(Site.organisation), joinedload(Site.region)).order_by(Site.id)).all()
    facts = providers.facts_of_sites([site.id for site in rows], seen_by=SYSTEM)
    places: dict[str, tuple[str, ...]] = {}
    for site in rows:
        if site.region.path not in places:
            places[site.region.path] = _places(site)
    records, entries = _bad_records([s.id for s in rows]), _entries([s.provider_id for s in rows])
    return [
        OldSite(
            site.id,
            _print(site, facts.get(site.id, {}), places[site.region.path]),
            _told(site, "".join(reversed(places[site.region.path])), records.get(site.id, ()), entries.get(site.provider_id, ())),
        )
        for site in rows
    ]


def _bad_records(site_ids: Sequence[UUID]) -> dict[UUID, list[CreditRecord]]:
    found: dict[UUID, list[CreditRecord]] = {}
    query = select(CreditRecord).where(CreditRecord.site_id.in_(site_ids), CreditRecord.kind.in_(BAD))
    for row in db.session.scalars(query.order_by(CreditRecord.recorded_on, CreditRecord.id)):
        found.setdefault(row.site_id, []).append(row)
    return found


def _entries(provider_ids: Sequence[UUID]) -> dict[UUID, list[ListEntry]]:
    found: dict[UUID, list[ListEntry]] = {}
    query = select(ListEntry).where(ListEntry.provider_id.in_(provider_ids), ListEntry.state.in_(AFTER_SERVICE))
    for row in db.session.scalars(query.order_by(ListEntry.decided_on, ListEntry.id)):
        if row.provider_id is not None:
            found.setdefault(row.provider_id, []).append(row)
    return found


def _told(site: Site, place: str, records: Sequence[CreditRecord], entries: Sequence[ListEntry]) -> dict[str, Any]:
    """What the officer has to know of an old site (旧网点摘要), kept with the match."""
    words = [f"{r.recorded_on.isoformat()} {r.kind.label}" for r in records if r.ended is not EndWay.ANNULLED]
    words += [f"{e.decided_on.isoformat()} 列入{e.kind.label}" for e in entries if e.decided_on]
    return {
        "name": site.name,
        "place": place,
        "address": site.address,
        "organisation": site.organisation.name,
        "uscc": site.organisation.uscc,
        "state": site.state.label,
        "record": words,
    }


def newcomers_since(day: date, *, but: UUID) -> Sequence[UUID]:
    """Sites of other organisations registered after a day (此后新登记的网点): run as the platform."""
    begins = datetime.combine(day, time(), UTC)
    query = select(Site.id).where(Site.created_at >= begins, Site.provider_id != but).order_by(Site.created_at, Site.id)
    return db.session.scalars(query).all()


def newcomer(site_id: UUID) -> Site:
    """A newly registered site with its body (新登记网点), for the check that runs as the platform."""
    query = select(Site).where(Site.id == site_id).options(joinedload(Site.organisation), joinedload(Site.region))
    return db.session.scalars(query).one()
