"""Verbs on filings (备案办理): draft, submit, return, resubmit, accept, withdraw, and what an accepted filing does to its site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from flask import current_app
from sqlalchemy import select, update

from app.archive import actions as archive
from app.archive.rules import DocumentKind, Retention
from app.core import audit, calendar, numbers
from app.core.actor import Actor, Post
from app.core.calendar import Deadline, Unit
from app.core.db import db
from app.core.identifiers import Phone
from app.core.refusal import Refused
from app.providers import events, queries
from app.providers.actions.sites import note_change, pass_to, start_first_visit, write_facts
from app.providers.documents import Issuer, ReceiptFacts
from app.providers.models import Filing, Site, SiteChange, SiteFact, SitePaper
from app.providers.rules import FilingKind, FilingState, FireTrack, OperatorModel, SiteKind
from app.providers.rules.filings import (
    AS_FACTS,
    CHANGEABLE,
    EDITABLE,
    ONLINE_PAPERS,
    OPEN,
    REQUIRED_PAPERS,
    VERB_OF,
    Entry,
    FilingVerb,
    check_complete,
    check_decider,
    check_first_resident,
    check_return_reason,
    may_say,
    next_state,
    receipt_number,
    shown,
)
from app.providers.rules.names import sounds
from app.providers.rules.sites import check_beds, check_closing_day, check_competent, competent_level, may_claim, next_site_state
from app.regions import queries as regions
from app.regions.rules import within


def save_filing_draft(
    site_id: UUID, kind: FilingKind, content: Mapping[str, Any], *, by: Actor, at: datetime, on: date
) -> Filing:
    """Save what has been typed of a filing (保存备案草稿): one open filing of a kind at a site. What does not belong is dropped."""
    site = queries.site(site_id, seen_by=by, lock=True)
    next_site_state(site.state, VERB_OF[kind])
    filing = _open_filing(site, kind)
    if filing is None:
        filing = Filing(
            scope_path=site.scope_path,
            provider_id=site.provider_id,
            site_id=site.id,
            authority_id=_competent(site, kind, site.scope_path),
            kind=kind,
            state=FilingState.DRAFT,
            created_at=at,
        )
        db.session.add(filing)
    elif filing.state not in EDITABLE:
        raise Refused("filing.sent", "这件备案已经提交，正在核对；要修改请先撤回，或等待退回补正。")
    filing.content = {str(entry): content[entry] for entry in may_say(kind) if content.get(entry) not in (None, "")}
    db.session.flush()
    audit.record(events.FilingSaved(subject=filing.id, by=by.id, on=on, site_id=site.id, kind=kind))
    return filing


def _open_filing(site: Site, kind: FilingKind) -> Filing | None:
    query = select(Filing).where(Filing.site_id == site.id, Filing.kind == kind, Filing.state.in_(OPEN))
    return db.session.scalars(query.with_for_update()).one_or_none()


def _competent(site: Site, kind: FilingKind, path: str) -> UUID:
    """Care homes file where the rule says; community sites with the county of the premises (依地方规定)."""
    body = site.organisation
    filed = kind is FilingKind.FIRST or site.filed_on is not None
    level = competent_level(body.nature, regions.region(body.registrar_region_id).level, filed=filed)
    if site.kind is not SiteKind.CARE_HOME:
        level = competent_level(body.nature, level, filed=False)
    return regions.competent_authority(path, level).id


def submit_filing(filing_id: UUID, *, promise: bool, by: Actor, at: datetime, on: date) -> Filing:
    """Submit a filing with its promise (提交备案). What is missing is named at once."""
    return _send(filing_id, FilingVerb.SUBMIT, promise=promise, by=by, at=at, on=on)


def resubmit(filing_id: UUID, *, promise: bool, by: Actor, at: datetime, on: date) -> Filing:
    """Submit a completed filing again (补正后再提交)."""
    return _send(filing_id, FilingVerb.RESUBMIT, promise=promise, by=by, at=at, on=on)


def _send(filing_id: UUID, verb: FilingVerb, *, promise: bool, by: Actor, at: datetime, on: date) -> Filing:
    filing = queries.filing(filing_id, seen_by=by, lock=True)
    after = next_state(filing.state, verb)
    site, content = filing.site, filing.content
    next_site_state(site.state, VERB_OF[filing.kind])
    attached = {paper.kind for paper in queries.papers_of_filing(filing.id, seen_by=by)}
    check_complete(filing.kind, content, attached, promised=promise)
    if Entry.BEDS in content:
        check_beds(site.kind, content[Entry.BEDS])
    _check_days(site, filing.kind, content, on)
    filing.state, filing.authority_id = after, _competent(site, filing.kind, site.scope_path)
    filing.promise_by, filing.promise_on, filing.submitted_at = by.id, on, at
    if filing.kind is FilingKind.FIRST:
        calendar.meet_clock("filing.after_first_resident", site.id, on)
    _start_handling(filing, on)
    db.session.flush()
    audit.record(events.FilingSubmitted(subject=filing.id, by=by.id, on=on, site_id=site.id, kind=filing.kind))
    return filing


def _check_days(site: Site, kind: FilingKind, content: Mapping[str, Any], on: date) -> None:
    if kind is FilingKind.FIRST:
        check_first_resident(date.fromisoformat(content[Entry.FIRST_RESIDENT_ON]), on)
    if kind is FilingKind.CLOSE:
        notice = regions.setting(site.scope_path, "filing.closing_notice", on)
        days = regions.number_set(site.scope_path, "filing.closing_notice", on)
        check_closing_day(on, date.fromisoformat(content[Entry.ENDS_ON]), days, notice.source)
    if kind is FilingKind.MOVE:
        _check_move(site, UUID(content[Entry.REGION]))


def _check_move(site: Site, region_id: UUID) -> None:
    if not within(regions.region(region_id).path, site.authority.path):
        raise Refused(
            "move.out_of_area",
            f"迁入地不在{site.authority.name}的区域内。请先在原机关办理终止服务，再到迁入地登记网点、重新备案。",
        )


def _start_handling(filing: Filing, on: date) -> None:
    """The authority's own term for looking at a filing, if it has set one; the law sets none."""
    claim = regions.settings_at(filing.scope_path, on).get("filing.handle")
    if claim is not None and isinstance(claim.value, int):
        calendar.start_clock(
            "filing.handle", of=filing, subject=filing.id, label="核对备案材料", start=on, count=claim.value, basis=claim.source
        )


def return_filing(filing_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> Filing:
    """Send a filing back to be completed (退回补正), saying everything that is missing at once."""
    check_return_reason(reason)
    filing = _decide(filing_id, FilingVerb.RETURN, by=by)
    filing.return_reason, filing.decided_at, filing.decided_by = reason.strip(), at, by.id
    calendar.meet_clock("filing.handle", filing.id, on)
    db.session.flush()
    audit.record(events.FilingReturned(subject=filing.id, by=by.id, on=on, site_id=filing.site_id, kind=filing.kind))
    return filing


def _decide(filing_id: UUID, verb: FilingVerb, *, by: Actor) -> Filing:
    filing = queries.filing(filing_id, seen_by=by, lock=True)
    after = next_state(filing.state, verb)
    check_decider(by.id, filing.promise_by)
    if not by.holds(Post.SYSTEM):
        check_competent(by.authority_id, filing.authority_id, regions.authority(filing.authority_id).name)
    filing.state = after
    return filing


def withdraw(filing_id: UUID, *, by: Actor, on: date) -> Filing:
    """Withdraw a filing that has no receipt yet (撤回备案)."""
    filing = queries.filing(filing_id, seen_by=by, lock=True)
    filing.state = next_state(filing.state, FilingVerb.WITHDRAW)
    calendar.drop_clock("filing.handle", filing.id, on)
    db.session.flush()
    audit.record(events.FilingWithdrawn(subject=filing.id, by=by.id, on=on, site_id=filing.site_id, kind=filing.kind))
    return filing


def accept_filing(filing_id: UUID, *, by: Actor, at: datetime, on: date) -> Filing:
    """Issue the receipt (出具备案回执): a number without gaps, no expiry, and what was filed takes effect on the site."""
    filing = _decide(filing_id, FilingVerb.ACCEPT, by=by)
    authority = regions.authority(filing.authority_id)
    filing.number = receipt_number(authority.number_word, on.year, numbers.take(authority.id, "filing", on.year))
    filing.decided_at, filing.decided_by, filing.return_reason = at, by.id, None
    calendar.meet_clock("filing.handle", filing.id, on)
    site = queries.site(filing.site_id, seen_by=by, lock=True)
    _EFFECTS[filing.kind](filing, site, by, at, on)
    db.session.flush()
    filing.document_id = _issue_receipt(filing, site, by=by, at=at, on=on)
    db.session.flush()
    audit.record(
        events.FilingAccepted(subject=filing.id, by=by.id, on=on, site_id=site.id, kind=filing.kind, number=filing.number)
    )
    return filing


def _issue_receipt(filing: Filing, site: Site, *, by: Actor, at: datetime, on: date) -> UUID:
    """Hand the receipt to the archive: its facts are frozen now, workers render, sign and archive it."""
    authority, body = regions.authority(filing.authority_id), site.organisation
    entries = [entry for entry in may_say(filing.kind) if entry in filing.content and entry is not Entry.REGION]
    papers = [paper.kind.label for paper in queries.papers_of_filing(filing.id, seen_by=by)]
    facts = ReceiptFacts(
        number=filing.number or "",
        issuer=Issuer(authority.name, authority.seal_text, authority.supervision_phone),
        issued_on=on,
        kind=filing.kind.label,
        filed_on=filing.promise_on or on,
        organisation=body.name,
        credit_code=body.uscc,
        nature=body.nature.label,
        draw_id=site.draw_id(body.uscc),
        site=site.name,
        site_kind=site.kind.label,
        said=tuple((entry.label, shown(entry, filing.content[entry])) for entry in entries),
        papers=(*(paper.label for paper in ONLINE_PAPERS if paper in REQUIRED_PAPERS[filing.kind]), *papers),
        mark="演示" if current_app.extensions["settings"].is_demo else "",
    )
    document = archive.issue(
        facts,
        kind=DocumentKind.FILING_RECEIPT,
        of=site,
        authority_id=authority.id,
        about=filing.id,
        retention=Retention.THIRTY,
        public=filing.kind is FilingKind.FIRST,
        by=by,
        at=at,
        on=on,
    )
    return document.id


# --- what an accepted filing does to its site -------------------------------------------------------------------------


def _file(filing: Filing, site: Site, by: Actor, at: datetime, on: date) -> None:
    _amend(filing, site, by, at, on)
    site.filed_on, site.filing_number, site.authority_id = on, filing.number, filing.authority_id
    pass_to(site, VERB_OF[filing.kind], by=by, on=on, filing_id=filing.id)
    start_first_visit(site, on=on)


def _amend(filing: Filing, site: Site, by: Actor, at: datetime, on: date) -> None:
    """Write what was filed into the site, its body and its facts; keep the old values."""
    next_site_state(site.state, VERB_OF[filing.kind])
    said = {Entry(key): value for key, value in filing.content.items()}
    known = {key: fact.value for key, fact in queries.facts_of(site.id, seen_by=by).items()}
    facts = {key: said[entry] for entry, key in AS_FACTS.items() if entry in said}
    changed = []
    for entry, value in said.items():
        if entry not in (*CHANGEABLE, Entry.ADDRESS, Entry.FIRST_RESIDENT_ON) or entry is Entry.FIRE_NUMBER:
            continue
        before = known.get(AS_FACTS[entry]) if entry in AS_FACTS else _write(site, entry, value)
        if before != value:
            changed.append(str(entry))
            reason = said.get(Entry.REASON)
            note_change(site, str(entry), before, value, by=by, on=on, reason=reason, filing_id=filing.id)
    if facts:
        write_facts(site, facts, as_of=filing.promise_on or on, source=filing.kind.label, by=by, at=at, on=on)
    if changed and filing.kind is not FilingKind.FIRST:
        audit.record(events.SiteChanged(subject=site.id, by=by.id, on=on, what=tuple(changed), filing_id=filing.id))


def _write(site: Site, entry: Entry, value: Any) -> Any:
    """Set one filed entry where it lives and give its old value, as it stands in a filing (写入备案事项)."""
    before: Any
    match entry:
        case Entry.LEGAL_REPRESENTATIVE:
            before, site.organisation.legal_representative = site.organisation.legal_representative, value
        case Entry.NAME:
            before, site.name = site.name, value
            site.pinyin, site.initials = sounds(value)
        case Entry.FIRE_TRACK:
            before = site.fire_track and site.fire_track.value
            if may_claim(FireTrack(value)):
                site.fire_track = FireTrack(value)
        case Entry.OPERATOR_MODEL:
            before, site.operator_model = site.operator_model and site.operator_model.value, OperatorModel(value)
        case Entry.FIRST_RESIDENT_ON:
            before = site.first_resident_on and site.first_resident_on.isoformat()
            site.first_resident_on = date.fromisoformat(value)
        case Entry.SERVICE_PHONE:
            before, site.service_phone = site.service_phone, Phone.parse(value).reveal()
        case _:
            before = getattr(site, entry)
            setattr(site, entry, value)
    return before


def _move(filing: Filing, site: Site, by: Actor, at: datetime, on: date) -> None:  # noqa: ARG001 — effects share a shape
    """Move a site inside its authority's area (迁移): the region, and the scope of everything that is the registry's."""
    place = regions.region(UUID(filing.content[Entry.REGION]))
    _check_move(site, place.id)
    next_site_state(site.state, VERB_OF[filing.kind])
    before, address = site.region_id, site.address
    site.region_id, site.address, site.scope_path = place.id, filing.content[Entry.ADDRESS], place.path
    db.session.flush()
    for table in (SiteFact, SitePaper, SiteChange, Filing, Deadline):
        db.session.execute(update(table).where(table.site_id == site.id).values(scope_path=place.path))
    reason = filing.content.get(Entry.REASON)
    note_change(site, "region", str(before), str(place.id), by=by, on=on, reason=reason, filing_id=filing.id)
    note_change(site, "address", address, site.address, by=by, on=on, reason=reason, filing_id=filing.id)
    audit.record(events.SiteChanged(subject=site.id, by=by.id, on=on, what=("region", "address"), filing_id=filing.id))


def _suspend(filing: Filing, site: Site, by: Actor, at: datetime, on: date) -> None:  # noqa: ARG001
    until = date.fromisoformat(filing.content[Entry.UNTIL])
    site.suspended_until = until
    pass_to(site, VERB_OF[filing.kind], by=by, on=on, reason=filing.content.get(Entry.REASON), filing_id=filing.id)
    _start_natural(site, "resume", "恢复服务或再次报告", on, until)


def _begin_closing(filing: Filing, site: Site, by: Actor, at: datetime, on: date) -> None:  # noqa: ARG001
    pass_to(site, VERB_OF[filing.kind], by=by, on=on, reason=filing.content.get(Entry.REASON), filing_id=filing.id)
    _start_natural(site, "closing", "安置老年人并终止服务", on, date.fromisoformat(filing.content[Entry.ENDS_ON]))


def _start_natural(site: Site, kind: str, label: str, on: date, until: date) -> None:
    days = max(0, (until - on).days)
    calendar.start_clock(
        kind, of=site, subject=site.id, label=label, start=on, count=days, unit=Unit.NATURAL, basis="机构报告的日期"
    )


_EFFECTS: Final[Mapping[FilingKind, Callable[[Filing, Site, Actor, datetime, date], None]]] = {
    FilingKind.FIRST: _file,
    FilingKind.CHANGE: _amend,
    FilingKind.MOVE: _move,
    FilingKind.SUSPEND: _suspend,
    FilingKind.CLOSE: _begin_closing,
}
