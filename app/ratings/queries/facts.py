"""Facts for a rating from the modules below (评定取数): a small list of sources, each asked for one site and day.

    install((from_register, from_inspections, credit_facts))

A source answers only what it knows: what nobody answers stays unknown, and unknown never satisfies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.scope import visible
from app.credit.queries import listing
from app.credit.queries import records as credit
from app.credit.rules.records import EndWay, RecordKind
from app.inspections.models import Finding
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import RectificationState
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.rules import FireTrack, SiteKind, SiteState
from app.ratings.models import Rating
from app.ratings.rules.facts import Found

Source = Callable[[Site, date, str], Mapping[str, Found]]
_sources: Sequence[Source] = ()


def install(sources: Sequence[Source]) -> None:
    """Say who answers (安装取数来源); called once by the factory."""
    global _sources
    _sources = tuple(sources)


def gathered(site_id: UUID, *, on: date, scheme: str) -> dict[str, Found]:
    """Everything known of a site on a day (取数); a later source stands before an earlier one."""
    db.session.flush()
    found: dict[str, Found] = {}
    with acting(SYSTEM):
        site = providers.site(site_id, seen_by=SYSTEM)
        for source in _sources:
            found |= source(site, on, scheme)
    return found


def from_register(site: Site, on: date, scheme: str) -> dict[str, Found]:
    """What the registry knows (机构登记): filing, months in operation, fire papers, figures with their day and source."""
    began = site.first_resident_on or site.filed_on
    found = {"registered": Found(_flag(site.filed_on is not None and site.filed_on <= on), on, "备案登记")}
    if began:
        found["months_operating"] = Found(str(max(0, _months(began, on))), began, "入住首位老人之日或备案之日起算")
    if site.fire_track in (FireTrack.ACCEPTED, FireTrack.FILED, FireTrack.ASSESSED):
        found["fire_ok"] = Found("1", on, f"消防手续：{site.fire_track.label}")
    if site.kind is SiteKind.DAY_CARE:
        found["day_care_capable"] = Found("1", on, "网点类型：日间照料中心")
    facts = providers.facts_of(site.id, seen_by=SYSTEM, on=on)
    for key, wanted in (("floor_area", "floor_area"), ("beds", "beds")):
        if key in facts:
            found[wanted] = Found(str(facts[key].value), facts[key].as_of, facts[key].source)
    disabled, living = facts.get("disabled_residents"), facts.get("occupied_beds")
    if disabled is not None and living is not None and living.value:
        found["disabled_share"] = Found(f"{disabled.value}/{living.value}", living.as_of, living.source)
    before = select(func.count()).select_from(Rating).where(Rating.site_id == site.id, Rating.scheme == scheme.partition("@")[0])
    found["first_application"] = Found(_flag(not db.session.scalar(before)), on, "本系统评定记录")
    return found


def from_inspections(site: Site, on: date, scheme: str) -> dict[str, Found]:  # noqa: ARG001 — sources share a shape
    """What inspections know (检查记录): major hazards that are not yet put right."""
    open_ones = visible(Finding, to=SYSTEM).where(
        Finding.site_id == site.id,
        Finding.severity == Severity.MAJOR,
        Finding.state.not_in((RectificationState.CLOSED, RectificationState.REVOKED)),
    )
    count = db.session.scalar(select(func.count()).select_from(open_ones.subquery()))
    return {"open_major_hazards": Found(str(count or 0), on, "检查与整改记录")}


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _months(since: date, on: date) -> int:
    return (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day)


def in_service(site: Site) -> bool:
    """Whether a site may be rated at all (可参评): filed and in service."""
    return site.state is SiteState.FILED


_PENALTIES: Final = (RecordKind.PENALTY_MINOR, RecordKind.PENALTY_GENERAL, RecordKind.PENALTY_SERIOUS)


def from_credit(site: Site, on: date, scheme: str) -> dict[str, Found]:  # noqa: ARG001 — sources share a shape
    """What credit knows (信用记录): whether the organisation stands on the list, penalties of the last two years."""
    listed = listing.standing(site.provider_id, on).listed
    since = on.replace(year=on.year - 2) if (on.month, on.day) != (2, 29) else date(on.year - 2, 2, 28)
    count = sum(
        row.kind in _PENALTIES and since < row.happened_on <= on and row.ended is not EndWay.ANNULLED
        for row in credit.records_of(site.id, seen_by=SYSTEM)
    )
    return {
        "blacklisted": Found(_flag(listed), on, "失信惩戒对象名单"),
        "penalties_24m": Found(str(count), on, "信用记录中的行政处罚"),
    }
