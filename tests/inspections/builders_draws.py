"""Builders for the tests of draws (抽查测试构件): an office with its people, sites of all tiers, inspectors, plans on their way."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from app.accounts import actions as accounts
from app.accounts import queries as account_queries
from app.accounts.models import Account
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.core.uploads import CleanUpload, Kind
from app.inspections.actions import draw_lists, draws
from app.inspections.actions.draws import PlanDraft
from app.inspections.models import DrawPlan, InspectorEntry
from app.inspections.queries import draws as queries
from app.inspections.rules.draw import Mode
from app.providers.models import Organisation, Site
from app.providers.rules import Nature, SiteKind, SiteState, Tier
from app.regions.models import Authority, Department
from tests.worlds import an_authority

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
AFTER = date(2026, 12, 2)
AFTER_AT = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
REVEAL = date(2027, 1, 15)
KL8 = "2 5 9 11 17 20 23 28 31 36 40 44 49 52 58 61 66 70 73 79"
BLIND = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
PASSWORD = "松鉴测试口令 2026"
_serial = itertools.count(1)


@dataclass(frozen=True)
class Office:
    """A county's people, its city's, and its observer, as real accounts."""

    authority: Authority
    maker: Actor
    second: Actor
    reviewer: Actor
    head: Actor
    city_head: Actor
    city_observer: Actor
    observer: Actor
    inspectors: tuple[InspectorEntry, ...]
    sites: tuple[Site, ...]


def an_account(authority: Authority, *posts: Post, name: str = "") -> Account:
    """An account that holds posts at an authority."""
    n = next(_serial)
    row = accounts.open_account(f"draw-{n}", name or f"示例·人员{n}", PASSWORD, by=SYSTEM, at=AT, on=date(2026, 1, 5))
    for post in posts:
        accounts.grant_post(row.id, post, by=SYSTEM, on=date(2026, 1, 5), authority_id=authority.id)
    return row


def an_actor(authority: Authority, *posts: Post) -> Actor:
    """Somebody who holds posts at an authority, as the sign-in would make him."""
    made = account_queries.actor(an_account(authority, *posts).id, authority.id, ON)
    assert made is not None
    return made


def sites_of(authority: Authority, tiers: str) -> tuple[Site, ...]:
    """One filed care home a letter of `tiers`."""
    made = []
    for tier in tiers:
        n = next(_serial)
        body = Organisation(
            uscc=f"52210102{n:010d}",
            name=f"示例·松鹤{n}",
            nature=Nature.NON_PROFIT,
            legal_representative="示例·甲",
            registrar="示例·机关",
            registrar_region_id=authority.region_id,
            created_by=SYSTEM.id,
            created_at=AT,
        )
        db.session.add(body)
        db.session.flush()
        site = Site(
            scope_path=authority.path, provider_id=body.id, number=1, name=f"示例·松鹤养老院{n}", pinyin="", initials="",
            kind=SiteKind.CARE_HOME, state=SiteState.FILED, region_id=authority.region_id, address="示例路1号",
            authority_id=authority.id, filed_on=date(2025, 3, 3), tier=Tier(tier), created_at=AT,
        )  # fmt: skip
        site.id = site.site_id = uuid4()
        db.session.add(site)
        made.append(site)
    db.session.flush()
    return tuple(made)


def draw_id(site: Site) -> str:
    """The id under which a site is drawn."""
    with acting(SYSTEM):
        body = db.session.get(Organisation, site.provider_id)
    assert body is not None
    return site.draw_id(body.uscc)


def an_inspector(
    keeper: Actor, body: Authority, *qualifications: str, cap: int = 9, by_department: bool = False
) -> InspectorEntry:
    """An inspector on the keeper's list."""
    post = Post.DEPARTMENT_INSPECTOR if by_department else Post.INSPECTOR
    account = an_account(body, post)
    return draw_lists.list_inspector(
        account.username, certificate_no=f"示例证{next(_serial)}", certificate_from=date(2025, 1, 1),
        certificate_until=date(2028, 12, 31), qualifications=qualifications, cap=cap, by=keeper, at=AT, on=ON,
    )  # fmt: skip


def an_office(tiers: str = "AAAAABBBBCCD", inspectors: int = 6, cap: int = 9) -> Office:
    """A county office with sites, inspectors (every second may lead) and a city above it."""
    with acting(SYSTEM):
        city, county = an_authority("2101"), an_authority("210102")
        maker = an_actor(county, Post.HANDLER)
        entries = tuple(an_inspector(maker, county, *(["qual.lead"] if n % 2 == 0 else []), cap=cap) for n in range(inspectors))
        office = Office(
            county,
            maker,
            an_actor(county, Post.HANDLER),
            an_actor(county, Post.REVIEWER),
            an_actor(county, Post.HEAD),
            an_actor(city, Post.HEAD),
            an_actor(city, Post.OBSERVER),
            an_actor(county, Post.OBSERVER),
            entries,
            sites_of(county, tiers),
        )
        db.session.flush()
    return office


def fire_office(office: Office) -> Authority:
    """The fire department beside the office."""
    with acting(SYSTEM):
        return an_authority(office.authority.region.code, Department.FIRE)


def a_draft(office: Office, mode: Mode = Mode.OPEN, **changes: object) -> PlanDraft:
    """A plan with the rates of the policy pack and 快乐8 of 1 December."""
    draft = PlanDraft(
        title="第四季度养老机构双随机抽查",
        mode=mode,
        strata=queries.strata_from_pack(office.authority.path, ON),
        inspect_from=date(2026, 12, 3),
        inspect_until=date(2027, 1, 8),
        reveal_on=REVEAL,
        source="cwl.kl8",
        first_day=date(2026, 12, 1),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def drafted(office: Office, mode: Mode = Mode.OPEN, **changes: object) -> UUID:
    """A drafted plan."""
    with acting(office.maker):
        return draws.draft_plan(a_draft(office, mode, **changes), by=office.maker, at=AT, on=ON).id


def frozen(office: Office, mode: Mode = Mode.OPEN, **changes: object) -> UUID:
    """A frozen plan."""
    plan_id = drafted(office, mode, **changes)
    with acting(office.head):
        draws.approve_plan(plan_id, by=office.head, at=AT, on=ON)
        draws.freeze_plan(plan_id, by=office.head, at=AT, on=ON, blind=lambda: BLIND)
    return plan_id


def enter(plan_id: UUID, by: Actor, typed: str = KL8, number: int = 1, event: str = "2026321") -> queries.ValueStand:
    """One official's entry of a public value."""
    with acting(by):
        return draws.enter_value(plan_id, number, event, typed, by=by, at=AFTER_AT, on=AFTER)


def seeded(office: Office, mode: Mode = Mode.OPEN, **changes: object) -> UUID:
    """A plan whose public values stand."""
    plan_id = frozen(office, mode, **changes)
    enter(plan_id, office.maker)
    enter(plan_id, office.second)
    return plan_id


def drawn(office: Office, mode: Mode = Mode.OPEN, **changes: object) -> UUID:
    """A plan that was drawn; in open mode it is revealed at once."""
    plan_id = seeded(office, mode, **changes)
    with acting(office.second):
        draws.compute_draw(plan_id, by=office.second, at=AFTER_AT, on=AFTER)
    return plan_id


def row(plan_id: UUID) -> DrawPlan:
    """The plan as the system sees it."""
    with acting(SYSTEM):
        return queries.plan(plan_id, seen_by=SYSTEM)


def a_proof(words: str = "示例·证明") -> CleanUpload:
    """A paper that shows why, already cleaned."""
    data = f"%PDF-1.7 {words}".encode()
    mark = sha256(data).hexdigest()
    return CleanUpload(Kind.PDF, data, mark, None, None, None, "证明.pdf", mark, pages=1)
