"""Three hundred sites of the demo world (演示机构), every state of a site and of a filing, through the registry's own verbs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import cycle
from typing import Any, Final
from uuid import UUID, uuid5

import pikepdf

from app.accounts import actions as accounts
from app.core import calendar
from app.core.actor import SYSTEM, Actor, Post, Scope
from app.core.db import db
from app.core.identifiers import organisation_check_character, uscc_check_character
from app.core.uploads import CleanUpload, clean
from app.providers import actions
from app.providers.models import Site
from app.providers.rules import FilingKind, FilingState, FireTrack, Nature, PaperKind, SiteKind, SiteState, Tier
from app.regions import queries as regions
from app.regions.rules import Level
from app.seeds.people import PASSWORD, Cast, actor_of

PER_COUNTY: Final = 30
WORDS: Final = (
    "松鹤", "康宁", "福寿", "夕阳红", "桃源", "长青", "敬亲", "安怡", "乐龄", "和园", "颐养", "仁爱", "泰和", "春晖", "金秋",
    "寿安", "望溪", "清荷", "南山", "慈恩", "怡景", "明德", "静雅", "嘉禾", "芳华", "银杏", "云岭", "听雨", "向阳", "晚晴",
)  # fmt: skip
KINDS: Final = (SiteKind.CARE_HOME,) * 6 + (
    SiteKind.HOME_CARE_CENTRE,
    SiteKind.COMMUNITY_STATION,
    SiteKind.DAY_CARE,
    SiteKind.RURAL_HAPPINESS,
)
SUFFIX: Final = {
    SiteKind.CARE_HOME: "养老院",
    SiteKind.HOME_CARE_CENTRE: "区域性居家养老服务中心",
    SiteKind.COMMUNITY_STATION: "社区养老服务站",
    SiteKind.DAY_CARE: "日间照料中心",
    SiteKind.RURAL_HAPPINESS: "农村幸福院",
}
# What becomes of the sites of a county, by their number: the rest is filed and in service.
FATES: Final[dict[int, SiteState | FilingState]] = {
    21: SiteState.OPERATING,
    22: SiteState.SUSPENDED,
    23: SiteState.CLOSING,
    24: SiteState.CLOSED,
    25: SiteState.EXITED,
    26: FilingState.DRAFT,
    27: FilingState.SUBMITTED,
    28: FilingState.RETURNED,
    29: FilingState.WITHDRAWN,
}


@dataclass(slots=True)
class Register:
    """The sites that were made (演示机构册): by county, with their owners."""

    by_county: dict[str, list[Site]] = field(default_factory=dict)
    owners: dict[UUID, Actor] = field(default_factory=dict)


def _moment(on: date) -> datetime:
    return datetime.combine(on, time(2, 0), UTC)


def fill(cast: Cast, on: date) -> Register:
    """Make the sites (登记机构)."""
    register = Register()
    serial = 0
    for code in sorted(c for c in cast.offices if len(c) == 6):
        places = cycle(_streets(code, on))
        for number in range(PER_COUNTY):
            serial += 1
            _one(register, cast, code, number, serial, next(places), on)
        db.session.commit()
    return register


def _streets(county: str, on: date) -> list[UUID]:
    place = regions.region_coded(county, on)
    assert place is not None
    return [row.id for row in regions.below(place.path, Level.STREET)][:6] or [place.id]


def a_code(serial: int, prefix: str, region: str) -> str:
    """A code that passes its checks and belongs to nobody (虚构代码)."""
    body = f"{serial:08d}"
    first = f"{prefix}{region}{body}{organisation_check_character(body)}"
    return first + uscc_check_character(first)


def _one(register: Register, cast: Cast, county: str, number: int, serial: int, place: UUID, on: date) -> None:
    nature = (Nature.NON_PROFIT, Nature.FOR_PROFIT, Nature.NON_PROFIT, Nature.PUBLIC)[serial % 4]
    fate = FATES.get(number)
    began = on - timedelta(
        days=6 + number if isinstance(fate, FilingState) or fate is SiteState.OPERATING else 60 + serial * 7 % 240
    )
    prefix = {Nature.NON_PROFIT: "52", Nature.FOR_PROFIT: "91", Nature.PUBLIC: "12"}[nature]
    registrar = regions.region_coded(county, on)
    assert registrar is not None
    word = WORDS[number % len(WORDS)]
    body = actions.register_organisation(
        a_code(serial, prefix, county),
        f"示例·{registrar.name}{word}养老服务{'有限公司' if nature is Nature.FOR_PROFIT else '中心'}",
        nature,
        legal_representative=cast.name(),
        registrar=f"示例·{registrar.name}登记机关",
        registrar_region_id=registrar.id,
        phone=f"1390000{serial:04d}",
        by=SYSTEM,
        at=_moment(began),
        on=began,
    )
    kind = KINDS[serial % len(KINDS)]
    beds = 10 + (serial * 7) % 150 if kind is SiteKind.CARE_HOME else (serial * 3) % 20
    site = actions.register_site(
        body.id,
        f"示例·{word}{SUFFIX[kind]}",
        kind,
        region_id=place,
        address=f"示例路 {number + 1} 号",
        service_phone=f"024-0000{serial:04d}",
        manager_name=cast.name(),
        first_resident_on=None if fate in (FilingState.DRAFT, SiteState.EXITED) else began,
        by=SYSTEM,
        at=_moment(began),
        on=began,
    )
    register.by_county.setdefault(county, []).append(site)
    owner = Actor(uuid5(body.id, "owner"), frozenset({Post.PROVIDER_OWNER}), Scope(provider_id=body.id), name="示例·机构负责人")
    if number < 3 or isinstance(fate, FilingState):
        owner = _owner(body.id, f"owner{number + 1}-{county}", cast, on)
        if number < 3:
            cast.lines.append(f"{site.name}（{registrar.name}）：owner{number + 1}-{county}（机构负责人）")
    register.owners[site.id] = owner
    actions.record_facts(
        site.id,
        _facts(kind, beds, serial),
        as_of=on - timedelta(days=serial % 90),
        source="机构申报",
        by=SYSTEM,
        at=_moment(on),
        on=on,
    )
    officer = cast.offices[county].one(Post.HANDLER)
    _bring(site, fate, owner, officer, began, on, beds)
    if site.state is SiteState.FILED:
        _papers(site, owner, serial, on)
        if serial % 9 == 0:
            tier = (Tier.A, Tier.C, Tier.D)[serial // 9 % 3]
            actions.set_supervision_tier(site.id, tier, "示例：按上年度检查与投诉情况调整", by=SYSTEM, on=on)
        if serial % 37 == 0:
            actions.decide_fire_track(site.id, FireTrack.CASE_BY_CASE, "示例：建筑无产权手续，经联席会议研究", by=SYSTEM, on=on)


def _owner(provider_id: UUID, username: str, cast: Cast, on: date) -> Actor:
    account = accounts.open_account(username, cast.name(), PASSWORD, by=SYSTEM, at=_moment(on), on=on)
    accounts.grant_post(account.id, Post.PROVIDER_OWNER, by=SYSTEM, on=on, provider_id=provider_id)
    return actor_of(account.id, provider_id, on)


def _facts(kind: SiteKind, beds: int, serial: int) -> dict[str, Any]:
    found: dict[str, Any] = {"beds": beds, "floor_area": 300 + beds * 38, "storeys": 1 + serial % 6}
    if kind is SiteKind.CARE_HOME:
        low = (1200 + (serial * 130) % 3600) * 100
        found |= {"nursing_beds": beds * 6 // 10, "occupied_beds": beds * (5 + serial % 5) // 10}
        found |= {"charge_bed_min": low, "charge_bed_max": low + 60_000, "charge_care_min": 30_000, "charge_care_max": 220_000}
        found |= {
            "charge_meals": 90_000,
            "disabled_residents": beds * 2 // 10,
            "staff": 6 + beds // 5,
            "caregivers": 4 + beds // 7,
        }
        found |= {"full_day": True, "canteen": serial % 3 > 0, "clinic": serial % 5 == 0, "lift": serial % 2 == 0}
        found |= {"insurance": serial % 4 > 0, "medical_contract": serial % 3 == 0, "charges_published": True}
    return found


def _bring(
    site: Site, fate: SiteState | FilingState | None, owner: Actor, officer: Actor, began: date, on: date, beds: int
) -> None:
    """Bring a site to its fate by the registry's verbs. First visits of the years before the platform were made on paper."""
    if fate in (SiteState.OPERATING,):
        return
    if fate is SiteState.EXITED:
        actions.exit_site(site.id, "示例：登记后未开办", by=SYSTEM, on=on)
        return
    if isinstance(fate, FilingState):
        _file(site, owner, officer, fate, began + timedelta(days=3), beds)
        return
    _file(site, owner, officer, FilingState.ACCEPTED, began + timedelta(days=4), beds)
    calendar.meet_clock("first_visit", site.id, began + timedelta(days=20))
    later = on - timedelta(days=40 + site.number)
    if fate is SiteState.SUSPENDED:
        _report(site, owner, officer, FilingKind.SUSPEND, later)
    if fate in (SiteState.CLOSING, SiteState.CLOSED):
        _report(site, owner, officer, FilingKind.CLOSE, later)
    if fate is SiteState.CLOSED:
        actions.close_site(site.id, 0, by=SYSTEM, on=on)


def _file(site: Site, owner: Actor, officer: Actor, until: FilingState, on: date, beds: int) -> None:
    at = _moment(on)
    content = {
        "name": site.name,
        "address": site.address,
        "legal_representative": site.organisation.legal_representative,
        "manager_name": site.manager_name,
        "service_phone": site.service_phone,
        "tenure": "leased",
        "beds": beds,
        "nursing_beds": beds * 6 // 10 if site.kind is SiteKind.CARE_HOME else 0,
        "floor_area": 300 + beds * 38,
        "fire_track": ("accepted", "filed", "assessed")[beds % 3],
        "first_resident_on": (site.first_resident_on or on - timedelta(days=2)).isoformat(),
    }
    filing = actions.save_filing_draft(site.id, FilingKind.FIRST, content, by=owner, at=at, on=on)
    actions.attach_paper(site.id, PaperKind.REGISTRATION, upload=a_paper(), filing_id=filing.id, by=owner, at=at, on=on)
    if until is FilingState.DRAFT:
        return
    if until is FilingState.WITHDRAWN:
        actions.withdraw(filing.id, by=owner, on=on)
        return
    actions.submit_filing(filing.id, promise=True, by=owner, at=at, on=on)
    if until is FilingState.RETURNED:
        actions.return_filing(filing.id, "示例：登记证书副本不清晰，请重新上传", by=officer, at=at, on=on)
    if until is FilingState.ACCEPTED:
        actions.accept_filing(filing.id, by=officer, at=at, on=on)


def _report(site: Site, owner: Actor, officer: Actor, kind: FilingKind, on: date) -> None:
    at = _moment(on)
    content: dict[str, Any] = {"reason": "示例：房屋改造", "residents": 2, "resettlement": "示例：转至邻近机构，家属均已同意"}
    if kind is FilingKind.SUSPEND:
        content["until"] = (on + timedelta(days=120)).isoformat()
    else:
        content["ends_on"] = (on + timedelta(days=90)).isoformat()
    filing = actions.save_filing_draft(site.id, kind, content, by=owner, at=at, on=on)
    if kind is FilingKind.CLOSE:
        actions.attach_paper(site.id, PaperKind.RESETTLEMENT, upload=a_paper(), filing_id=filing.id, by=owner, at=at, on=on)
    actions.submit_filing(filing.id, promise=True, by=owner, at=at, on=on)
    actions.accept_filing(filing.id, by=officer, at=at, on=on)


def _papers(site: Site, owner: Actor, serial: int, on: date) -> None:
    for kind, days in _expiries(serial):
        actions.attach_paper(
            site.id, kind, upload=a_paper(), number=f"示{serial:05d}", issuer="示例·发证机关",
            issued_on=on - timedelta(days=300), valid_until=on + timedelta(days=days), by=owner, at=_moment(on), on=on,
        )  # fmt: skip


def _expiries(serial: int) -> Iterator[tuple[PaperKind, int]]:
    if serial % 2 == 0:
        yield PaperKind.FOOD, (serial * 13) % 700 - 20
    if serial % 3 == 0:
        yield PaperKind.FIRE_TEST, (serial * 7) % 365 - 10
    if serial % 5 == 0:
        yield PaperKind.INSURANCE, (serial * 11) % 365


@cache
def a_paper() -> CleanUpload:
    """One page that stands for a paper (示例材料)."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out, deterministic_id=True)
    return clean(out.getvalue(), "示例材料.pdf")
