"""Builders of the registry for every module's tests (机构测试构件): authorities, bodies, sites in any state, filings. Real verbs only.

    site = a_filed_site()                        # a filed care home in 沈阳 和平区, 60 beds
    site = a_site(state=SiteState.SUSPENDED)     # any state of a site's life
    officer = an_officer(site)                   # a handler of the competent authority
    owner = an_owner(site)                       # the provider's own actor

The builders act as the platform, so that a test needs no scope of its own to build a world.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pikepdf

from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.core.identifiers import organisation_check_character, uscc_check_character
from app.core.uploads import CleanUpload, clean
from app.providers import actions
from app.providers.models import Filing, Organisation, Site
from app.providers.rules import FilingKind, FilingState, Nature, PaperKind, SiteKind, SiteState
from app.providers.rules.filings import Entry
from app.regions import queries as regions
from tests.worlds import actor, an_authority

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
COUNTY = "210102"
_serial = itertools.count(1)


def a_code(serial: int | None = None, *, prefix: str = "52", region: str = "210102") -> str:
    """A 统一社会信用代码 that passes its checks and belongs to nobody: 52 民办非企业单位, 91 营利性, 12 事业单位."""
    body = f"{serial or next(_serial):08d}"
    first = f"{prefix}{region}{body}{organisation_check_character(body)}"
    return first + uscc_check_character(first)


def an_organisation(
    *, nature: Nature = Nature.NON_PROFIT, code: str | None = None, registrar: str = COUNTY, name: str = "", by: Actor = SYSTEM
) -> Organisation:
    """A body registered in a county, city or province by its code (示例·机构)."""
    prefix = {Nature.NON_PROFIT: "52", Nature.FOR_PROFIT: "91", Nature.PUBLIC: "12"}[nature]
    with acting(by):
        place = regions.region_coded(registrar, ON)
        assert place is not None
        return actions.register_organisation(
            code or a_code(prefix=prefix),
            name or f"示例·松鹤养老服务中心{next(_serial)}",
            nature,
            legal_representative="示例·甲",
            registrar=f"示例·{place.name}登记机关",
            registrar_region_id=place.id,
            phone="13800000000",
            by=by,
            at=AT,
            on=ON,
        )


def a_site(
    *,
    state: SiteState = SiteState.OPERATING,
    organisation: Organisation | None = None,
    county: str = COUNTY,
    kind: SiteKind = SiteKind.CARE_HOME,
    name: str = "",
    facts: Mapping[str, Any] | None = None,
    on: date = ON,
) -> Site:
    """A site in any state of its life, brought there by the verbs. `county` is a region code of any level from county down."""
    body = organisation or an_organisation()
    county_code = county[:6]
    an_authority(county_code)
    place = regions.region_coded(county, on)
    assert place is not None
    with acting(SYSTEM):
        site = actions.register_site(
            body.id,
            name or f"示例·松鹤养老院{next(_serial)}",
            kind,
            region_id=place.id,
            address="示例路 18 号",
            service_phone="024-00000000",
            manager_name="示例·乙",
            first_resident_on=None if state in (SiteState.DRAFT, SiteState.EXITED) else on - timedelta(days=4),
            by=SYSTEM,
            at=AT,
            on=on,
        )
        if facts:
            actions.record_facts(site.id, facts, as_of=on, source="机构申报", by=SYSTEM, at=AT, on=on)
        _bring(site, state, on)
        db.session.flush()
    return site


def _bring(site: Site, state: SiteState, on: date) -> None:
    if state is SiteState.EXITED:
        actions.exit_site(site.id, "示例", by=SYSTEM, on=on)
    if state in (SiteState.DRAFT, SiteState.OPERATING, SiteState.EXITED):
        return
    a_filing(site, state=FilingState.ACCEPTED, on=on)
    if state is SiteState.SUSPENDED:
        a_filing(site, FilingKind.SUSPEND, state=FilingState.ACCEPTED, on=on)
    if state in (SiteState.CLOSING, SiteState.CLOSED):
        a_filing(site, FilingKind.CLOSE, state=FilingState.ACCEPTED, on=on)
    if state is SiteState.CLOSED:
        actions.close_site(site.id, 0, by=SYSTEM, on=on)


def a_filed_site(*, county: str = COUNTY, beds: int = 60, **more: Any) -> Site:
    """A filed care home with `beds` beds (已备案养老机构)."""
    facts = {"beds": beds, "floor_area": 2400, "storeys": 4} | dict(more.pop("facts", {}))
    return a_site(state=SiteState.FILED, county=county, facts=facts, **more)


CONTENT: Mapping[FilingKind, Mapping[str, Any]] = {
    FilingKind.FIRST: {
        Entry.LEGAL_REPRESENTATIVE: "示例·甲",
        Entry.MANAGER_NAME: "示例·乙",
        Entry.SERVICE_PHONE: "024-00000000",
        Entry.TENURE: "leased",
        Entry.BEDS: 60,
        Entry.NURSING_BEDS: 30,
        Entry.FLOOR_AREA: 2400,
        Entry.FIRE_TRACK: "accepted",
    },
    FilingKind.CHANGE: {Entry.BEDS: 80, Entry.REASON: "示例：扩建东楼"},
    FilingKind.MOVE: {Entry.ADDRESS: "示例街 9 号", Entry.REASON: "示例：搬迁"},
    FilingKind.SUSPEND: {Entry.REASON: "示例：装修", Entry.RESIDENTS: 2, Entry.RESETTLEMENT: "示例：转至同一机构的另一网点"},
    FilingKind.CLOSE: {Entry.REASON: "示例：停业", Entry.RESIDENTS: 2, Entry.RESETTLEMENT: "示例：转至邻近机构"},
}


def content_of(site: Site, kind: FilingKind, on: date = ON) -> dict[str, Any]:
    """What a complete filing of a kind says of a site; beds, if known already, stay what they are."""
    found = {str(key): value for key, value in CONTENT[kind].items()}
    if kind is FilingKind.FIRST:
        from app.providers import queries

        known = {key: fact.value for key, fact in queries.facts_of(site.id, seen_by=SYSTEM).items()}
        found |= {key: known[key] for key in ("beds", "nursing_beds", "floor_area") if key in known}
        found["nursing_beds"] = min(found["nursing_beds"], found["beds"])
        arrived = site.first_resident_on or on - timedelta(days=4)
        found |= {"name": site.name, "address": site.address, "first_resident_on": arrived.isoformat()}
    if kind is FilingKind.MOVE:
        found["region"] = str(site.region_id)
    if kind is FilingKind.SUSPEND:
        found["until"] = (on + timedelta(days=90)).isoformat()
    if kind is FilingKind.CLOSE:
        found["ends_on"] = (on + timedelta(days=90)).isoformat()
    return found


def a_filing(
    site: Site,
    kind: FilingKind = FilingKind.FIRST,
    *,
    state: FilingState = FilingState.SUBMITTED,
    on: date = ON,
    at: datetime | None = None,
) -> Filing:
    """A filing of a site in any state (示例备案), made by its owner and decided by the platform. Each is later than the last."""
    at = at or AT + timedelta(seconds=next(_serial))
    with acting(SYSTEM):
        owner = an_owner(site)
        filing = actions.save_filing_draft(site.id, kind, content_of(site, kind, on), by=owner, at=at, on=on)
        needed = {FilingKind.FIRST: PaperKind.REGISTRATION, FilingKind.CLOSE: PaperKind.RESETTLEMENT}.get(kind)
        if needed:
            actions.attach_paper(site.id, needed, upload=an_upload(), filing_id=filing.id, by=owner, at=at, on=on)
        if state is FilingState.DRAFT:
            return filing
        if state is FilingState.WITHDRAWN:
            return actions.withdraw(filing.id, by=owner, on=on)
        actions.submit_filing(filing.id, promise=True, by=owner, at=at, on=on)
        if state is FilingState.RETURNED:
            actions.return_filing(filing.id, "示例：请补登记证书副本", by=SYSTEM, at=at, on=on)
        if state is FilingState.ACCEPTED:
            actions.accept_filing(filing.id, by=SYSTEM, at=at, on=on)
        return filing


def a_pdf() -> bytes:
    """One empty page (示例 PDF)."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out, deterministic_id=True)
    return out.getvalue()


@cache
def an_upload() -> CleanUpload:
    """A small clean PDF (示例文件)."""
    return clean(a_pdf(), "示例材料.pdf")


def an_owner(site: Site) -> Actor:
    """The provider's owner (机构负责人), who sees every site of the body."""
    return actor(Post.PROVIDER_OWNER, provider_id=site.provider_id, name="示例·机构负责人")


def a_manager(site: Site) -> Actor:
    """The site's manager (院长), who sees this site alone."""
    return actor(Post.SITE_MANAGER, site_ids=frozenset({site.id}), name="示例·院长")


def an_officer(site: Site, post: Post = Post.HANDLER) -> Actor:
    """An officer of the site's competent authority (主管机关经办)."""
    return actor(post, path=site.authority.path, authority_id=site.authority_id, name="示例·经办")
