"""Verbs on organisations and sites (机构主体与网点办理): register, facts, fire track, tier, suspension's end, closing, exit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from app.core import audit, calendar
from app.core.actor import Actor, Post
from app.core.db import db
from app.core.identifiers import Phone, Uscc
from app.core.refusal import Refused
from app.providers import events, queries
from app.providers.models import Organisation, Site, SiteChange, SiteFact, Unmasking
from app.providers.rules import FireTrack, Nature, OperatorModel, SiteKind, SiteState, Tier
from app.providers.rules.facts import check_facts, contradictions
from app.providers.rules.filings import AS_FACTS
from app.providers.rules.names import sounds
from app.providers.rules.sites import (
    SiteVerb,
    check_beds,
    check_competent,
    check_fire_decision,
    next_site_state,
)
from app.regions import queries as regions
from app.regions.rules import within


def register_organisation(
    uscc: str,
    name: str,
    nature: Nature,
    *,
    legal_representative: str,
    registrar: str,
    registrar_region_id: UUID,
    registered_on: date | None = None,
    phone: str | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Organisation:
    """Register a body under its 统一社会信用代码 (登记机构主体). An owner's body takes the id that the owner's post names."""
    code = Uscc.parse(uscc)
    if queries.body_coded(code) is not None:
        raise Refused("organisation.known", f"统一社会信用代码 {code} 已经登记过，请直接在它名下登记网点。")
    row = Organisation(
        id=by.scope.provider_id or uuid4(),
        uscc=code,
        name=name.strip(),
        nature=nature,
        legal_representative=legal_representative.strip(),
        registrar=registrar.strip(),
        registrar_region_id=registrar_region_id,
        registered_on=registered_on,
        phone=Phone.parse(phone) if phone else None,
        created_by=by.id,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.OrganisationRegistered(subject=row.id, by=by.id, on=on))
    return row


def register_site(
    organisation_id: UUID,
    name: str,
    kind: SiteKind,
    *,
    region_id: UUID,
    address: str,
    service_phone: str | None = None,
    manager_name: str | None = None,
    operator_model: OperatorModel | None = None,
    first_resident_on: date | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Site:
    """Register a site of a body (登记网点). Until it files, the county of the premises is competent, and the filing clock runs."""
    place = regions.region(region_id)
    _check_reach(by, organisation_id, place.path)
    site_id = uuid4()
    pinyin, initials = sounds(name)
    row = Site(
        id=site_id,
        site_id=site_id,
        scope_path=place.path,
        provider_id=organisation_id,
        number=queries.last_site_number(organisation_id) + 1,
        name=name.strip(),
        pinyin=pinyin,
        initials=initials,
        kind=kind,
        state=SiteState.OPERATING if first_resident_on else SiteState.DRAFT,
        region_id=region_id,
        address=address.strip(),
        service_phone=Phone.parse(service_phone).reveal() if service_phone else None,
        manager_name=manager_name,
        operator_model=operator_model,
        authority_id=queries.find_authority(region_id).id,
        first_resident_on=first_resident_on,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.SiteRegistered(subject=row.id, by=by.id, on=on, organisation_id=organisation_id, number=row.number))
    start_unfiled_clocks(row, on, by=by)
    return row


def _check_reach(by: Actor, organisation_id: UUID, path: str) -> None:
    own = by.scope.provider_id == organisation_id
    if not own and not (by.scope.path is not None and within(path, by.scope.path)):
        raise Refused("site.foreign", "这处网点不在您的机构或管辖范围内。")


def start_unfiled_clocks(site: Site, on: date, *, by: Actor) -> None:
    """A home with residents has so many days to file; one that an officer found is visited within so many days."""
    if site.state is not SiteState.OPERATING or site.first_resident_on is None or site.kind is not SiteKind.CARE_HOME:
        return
    _start(site, "filing.after_first_resident", "filing.after_first_resident", "办理备案", site.first_resident_on, on)
    if by.scope.path is not None:
        _start(site, "unfiled_visit", "inspection.unfiled_visit", "未备案机构现场检查", on, on)


def _start(site: Site, kind: str, key: str, label: str, start: date, on: date) -> None:
    claim = regions.setting(site.scope_path, key, on)
    count = regions.number_set(site.scope_path, key, on)
    calendar.start_clock(kind, of=site, subject=site.id, label=label, start=start, count=count, basis=claim.source)


def start_first_visit(site: Site, *, on: date) -> None:
    """Start the clock of the first visit after a filing (首次现场检查起算). Working days of the pack, 20 by 66号令."""
    calendar.drop_clock("unfiled_visit", site.id, on)
    _start(site, "first_visit", "inspection.first_visit", "备案后首次现场检查", on, on)


def open_site(site_id: UUID, first_resident_on: date, *, by: Actor, on: date) -> Site:
    """The first resident has moved in (首位老人入住): the site operates and has to file."""
    site = queries.site(site_id, seen_by=by, lock=True)
    if first_resident_on > on:
        raise Refused("site.future", "首位老人入住日期不能晚于今天。")
    pass_to(site, SiteVerb.OPEN, by=by, on=on)
    site.first_resident_on = first_resident_on
    start_unfiled_clocks(site, on, by=by)
    return site


def pass_to(site: Site, verb: SiteVerb, *, by: Actor, on: date, reason: str | None = None, filing_id: UUID | None = None) -> None:
    """Take a site to its next state and note the change (网点流转)."""
    before, site.state = site.state, next_site_state(site.state, verb)
    if site.state is before:
        return
    note_change(site, "state", before.value, site.state.value, by=by, on=on, reason=reason, filing_id=filing_id)
    audit.record(events.SiteStateChanged(subject=site.id, by=by.id, on=on, state=site.state))


def note_change(
    site: Site,
    what: str,
    before: Any,
    after: Any,
    *,
    by: Actor,
    on: date,
    reason: str | None = None,
    filing_id: UUID | None = None,
) -> None:
    """Keep the old value of what changes (变更留痕)."""
    row = SiteChange(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        on=on,
        what=what,
        before=before,
        after=after,
        reason=reason,
        filing_id=filing_id,
        by=by.id,
    )
    db.session.add(row)
    db.session.flush()


def record_facts(
    site_id: UUID, values: Mapping[str, Any], *, as_of: date, source: str, by: Actor, at: datetime, on: date
) -> None:
    """Record facts of a site as of a day (录入基本情况). What is filed is changed by a change filing, not here."""
    site = queries.site(site_id, seen_by=by, lock=True)
    filed = {str(key) for key in AS_FACTS.values()} & values.keys()
    if filed and site.state is not SiteState.DRAFT and site.filed_on is not None and by.scope.path is None:
        raise Refused("facts.filed", "床位、面积、场所权属是备案事项，请办理“变更备案”。")
    if as_of > on:
        raise Refused("facts.future", "数据日期不能晚于今天。")
    write_facts(site, values, as_of=as_of, source=source, by=by, at=at, on=on)


def write_facts(site: Site, values: Mapping[str, Any], *, as_of: date, source: str, by: Actor, at: datetime, on: date) -> None:
    """Check facts together with what is known and write them (写入基本情况)."""
    check_facts(values)
    known = {key: row.value for key, row in queries.facts_of(site.id, seen_by=by).items()}
    if clash := [sentence for _, sentence in contradictions(known | dict(values))]:
        raise Refused("facts.wrong", "；".join(clash) + "（与已有数据对照）。请核对后再存。")
    if "beds" in values:
        check_beds(site.kind, values["beds"])
    scope = {"scope_path": site.scope_path, "provider_id": site.provider_id, "site_id": site.id}
    for key, value in values.items():
        db.session.add(SiteFact(**scope, key=key, value=value, as_of=as_of, source=source, entered_by=by.id, entered_at=at))
    db.session.flush()
    audit.record(events.FactsRecorded(subject=site.id, by=by.id, on=on, keys=tuple(sorted(values)), as_of=as_of))


def decide_fire_track(site_id: UUID, track: FireTrack, reason: str, *, by: Actor, on: date) -> None:
    """Decide how the fire papers of the premises stand (认定消防手续), 一事一议 among them, with the reason."""
    site = queries.site(site_id, seen_by=by, lock=True)
    check_office(site, by)
    check_fire_decision(reason)
    before, site.fire_track = site.fire_track, track
    note_change(site, "fire_track", before, track.value, by=by, on=on, reason=reason.strip())
    audit.record(events.FireTrackDecided(subject=site.id, by=by.id, on=on, track=track))


def set_supervision_tier(site_id: UUID, tier: Tier, reason: str, *, by: Actor, on: date) -> None:
    """Set the supervision tier (调整监管等级). Credit calls this; the tier sets how often a site is drawn."""
    site = queries.site(site_id, seen_by=by, lock=True)
    if not reason.strip():
        raise Refused("tier.reason", "请写明调整监管等级的依据。")
    if site.tier is tier:
        return
    before, site.tier, site.tier_reason = site.tier, tier, reason.strip()
    note_change(site, "tier", before.value, tier.value, by=by, on=on, reason=reason.strip())
    audit.record(events.TierSet(subject=site.id, by=by.id, on=on, tier=tier))


def resume_service(site_id: UUID, *, by: Actor, on: date) -> None:
    """Service goes on after a suspension (恢复服务)."""
    site = queries.site(site_id, seen_by=by, lock=True)
    pass_to(site, SiteVerb.RESUME, by=by, on=on)
    site.suspended_until = None
    calendar.meet_clock("resume", site.id, on)


def close_site(site_id: UUID, residents_left: int, *, by: Actor, on: date) -> None:
    """Confirm that a home has closed (核定停业): every resident has been resettled (老年人权益保障法 art. 46)."""
    site = queries.site(site_id, seen_by=by, lock=True)
    check_office(site, by)
    if residents_left != 0:
        raise Refused("closing.residents", f"还有 {residents_left} 位老年人没有安置，全部安置后才能核定停业。")
    pass_to(site, SiteVerb.CLOSE, by=by, on=on)
    site.closed_on = on
    calendar.meet_clock("closing", site.id, on)


def exit_site(site_id: UUID, reason: str, *, by: Actor, on: date) -> None:
    """Take a closed site, or one that never opened, off the register (退出). Its record stays."""
    site = queries.site(site_id, seen_by=by, lock=True)
    check_office(site, by)
    pass_to(site, SiteVerb.EXIT, by=by, on=on, reason=reason)
    for clock in queries.clocks(seen_by=by, site_id=site.id):
        clock.dropped_on = on
    db.session.flush()


def check_office(site: Site, by: Actor) -> None:
    """Refuse whoever is not of the competent authority (主管机关); the platform itself may."""
    if not by.holds(Post.SYSTEM):
        check_competent(by.authority_id, site.authority_id, site.authority.name)


def reveal_phone(site_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> str:
    """The body's phone in the clear (查看完整电话), for a reason that is kept."""
    site = queries.site(site_id, seen_by=by)
    if len(reason.strip()) < 4:
        raise Refused("unmask.reason", "请写明查看的原因，例如“通知整改，座机无人接听”。")
    if site.organisation.phone is None:
        raise Refused("unmask.none", "没有登记联系电话。")
    row = Unmasking(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        what="organisation.phone",
        reason=reason.strip(),
        by=by.id,
        at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.PersonalDataRevealed(subject=site.id, by=by.id, on=on, what=row.what, row_id=row.id))
    return site.organisation.phone.reveal()


def announce_overdue_visit(site_id: UUID, *, by: Actor, on: date) -> None:
    """Announce that the first visit did not take place in time (首次检查超期), once a site."""
    clock = calendar.open_clock("first_visit", site_id)
    if clock is not None and clock.due_on < on:
        audit.record(events.FirstVisitOverdue(subject=site_id, by=by.id, on=on, due_on=clock.due_on))
