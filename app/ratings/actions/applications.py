"""Verbs of applications (评定申请办理): begin, claim, submit with the snapshot of the day, accept, confirm facts, admit or refuse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from app.accounts import actions as accounts
from app.core import audit, calendar, numbers
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find
from app.providers.models import Site
from app.ratings.events import work as events
from app.ratings.models import RatingApplication, RatingCampaign, RatingFact, ScoreSheet
from app.ratings.queries import applications, facts, sheets
from app.ratings.queries import evidence as vault
from app.ratings.rules import Scheme, evaluate, read_fact
from app.ratings.rules.case import InputFault
from app.ratings.rules.eligibility import Condition, Verdict, conditions, snapshot_sha
from app.ratings.rules.facts import Found, Origin
from app.ratings.rules.process import (
    ENDED,
    CampaignKind,
    CampaignState,
    State,
    Verb,
    check_apart,
    check_renewal,
    check_waiting,
    check_window,
    next_state,
)

REACH_AFTER = 30


def move(row: RatingApplication, verb: Verb, *, by: Actor, on: date, reason: str = "") -> None:
    """Take a step of the table, with its line in the record (流转并留痕)."""
    row.state = next_state(row.state, verb)
    row.reason = reason.strip()
    if row.state in ENDED:
        row.ended_on = on
    db.session.flush()
    audit.record(events.ApplicationMoved(subject=row.id, by=by.id, on=on, site_id=row.site_id, verb=verb, target=row.target))


def begin_application(
    campaign_id: UUID, site_id: UUID, target: str, *, adviser_firm: str = "", by: Actor, at: datetime, on: date
) -> RatingApplication:
    """Begin an application (新建申请) for a site of one's own, at a level of one's choice. Nobody is rated ex officio."""
    campaign = applications.campaign(campaign_id, seen_by=by)
    site = applications.site(site_id, seen_by=by)
    if campaign.state is not CampaignState.OPEN or not site.scope_path.startswith(campaign.scope_path):
        raise Refused("rating.not_open", "这项评定工作没有面向本机构开放，请从“可以申请的评定”中选择。")
    if site.kind.value not in campaign.site_kinds:
        raise Refused("rating.kind", f"本次评定不面向“{site.kind.label}”。")
    check_window(campaign.opens_on, campaign.closes_on, on)
    _check_target(applications.scheme(campaign), target)
    _only_one(campaign_id, site_id, by)
    row = _new(campaign, site, target, by=by, at=at)
    row.adviser_firm = adviser_firm.strip()
    db.session.flush()
    audit.record(events.ApplicationBegun(subject=row.id, by=by.id, on=on, site_id=site.id, campaign_id=campaign.id))
    return row


def _only_one(campaign_id: UUID, site_id: UUID, by: Actor) -> None:
    known = [a for a in applications.of_site(site_id, seen_by=by) if a.campaign_id == campaign_id]
    if any(a.state not in (State.WITHDRAWN, State.REFUSED) for a in known):
        raise Refused("rating.twice", "本机构在这项评定工作中已有一份申请，请继续办理那一份。")


def _new(campaign: RatingCampaign, site: Site, target: str, *, by: Actor, at: datetime) -> RatingApplication:
    row = RatingApplication(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        campaign_id=campaign.id,
        target=target,
        created_by=by.id,
        created_at=at,
    )
    db.session.add(row)
    return row


def _check_target(scheme: Scheme, target: str) -> None:
    if target not in scheme.shape.order[1:]:
        raise Refused("rating.target", "请选择要申请的等级。")


def enrol(campaign_id: UUID, site_id: UUID, *, by: Actor, at: datetime, on: date) -> RatingApplication:
    """Take a site into the yearly quality assessment (列入年度评估): the office does it, no level is applied for."""
    campaign = applications.campaign(campaign_id, seen_by=by)
    site = applications.site(site_id, seen_by=by)
    if campaign.kind is not CampaignKind.QUALITY or campaign.state is not CampaignState.OPEN:
        raise Refused("rating.enrol", "只有已发布的年度服务质量评估由民政部门列入机构；等级评定由机构自愿申请。")
    if site.kind.value not in campaign.site_kinds or not facts.in_service(site):
        raise Refused("rating.kind", "只能列入本次评估范围内、已备案并在服务的机构。")
    _only_one(campaign_id, site_id, by)
    row = _new(campaign, site, "", by=by, at=at)
    row.number = _number(campaign, on)
    row.submitted_on, row.accepted_by, row.accepted_on = on, by.id, on
    row.state = State.ACCEPTED
    db.session.flush()
    _gather(row, campaign, by=by, on=on)
    audit.record(events.ApplicationBegun(subject=row.id, by=by.id, on=on, site_id=site.id, campaign_id=campaign.id))
    move(row, Verb.ADMIT, by=by, on=on)
    return row


def _number(campaign: RatingCampaign, on: date) -> str:
    nth = numbers.take(campaign.authority_id, "rating_application", on.year)
    return f"{campaign.number.partition('〔')[0]}申〔{on.year}〕{nth}号"


def save_application(
    application_id: UUID, *, target: str, adviser_firm: str, statement: str, by: Actor, on: date
) -> RatingApplication:
    """Change what was entered (修改申请) while it is the home's to change."""
    row = _writable(application_id, by)
    _check_target(applications.scheme(row.campaign), target)
    row.target, row.adviser_firm, row.statement = target, adviser_firm.strip(), statement.strip()
    db.session.flush()
    audit.record(events.FactsEntered(subject=row.id, by=by.id, on=on, site_id=row.site_id, keys=("target",), origin="claimed"))
    return row


def _writable(application_id: UUID, by: Actor) -> RatingApplication:
    row = applications.application(application_id, seen_by=by, lock=True)
    if not applications.is_writable(row):
        raise Refused("rating.submitted", f"申请“{row.state.label}”，现在不能修改。需要修改的，请经办退回后再改。")
    return row


def claim_facts(application_id: UUID, said: Mapping[str, str], source: str, *, by: Actor, on: date) -> None:
    """Enter figures that the register does not have (填报数据). They count for the preview; the office confirms them."""
    row = _writable(application_id, by)
    scheme = applications.scheme(row.campaign)
    known = applications.facts(row, claims=True, seen_by=by)
    fresh = {key: value.strip() for key, value in said.items() if value.strip() != (known[key].value if key in known else "")}
    fixed = [key for key in fresh if key in known and known[key].origin is not Origin.CLAIMED]
    if fixed:
        titles = {f.id: f.title or f.id for f in scheme.shape.facts}
        raise Refused("rating.fact_fixed", f"“{'、'.join(titles[k] for k in fixed)}”由系统取数或经办核实，不由机构填报。")
    _enter(row, scheme, fresh, Origin.CLAIMED, source.strip() or "机构填报", as_of=on, by=by, on=on)


def _enter(
    row: RatingApplication,
    scheme: Scheme,
    said: Mapping[str, str],
    origin: Origin,
    source: str,
    *,
    as_of: date,
    by: Actor,
    on: date,
) -> None:
    declared = {fact.id: fact for fact in scheme.shape.facts}
    faults = []
    for key, value in said.items():
        try:
            if key not in declared:
                raise InputFault(f"方案里没有“{key}”")
            read_fact(declared[key], value)
        except (InputFault, ValueError) as error:
            faults.append(str(error))
    if faults:
        raise Refused("rating.fact", "；".join(faults))
    for key, value in said.items():
        _keep(row, key, Found(value, as_of, source, origin), by)
    db.session.flush()
    if said:
        keys = tuple(sorted(said))
        audit.record(events.FactsEntered(subject=row.id, by=by.id, on=on, site_id=row.site_id, keys=keys, origin=origin.value))


def _keep(row: RatingApplication, key: str, found: Found, by: Actor) -> None:
    db.session.add(
        RatingFact(
            scope_path=row.scope_path,
            provider_id=row.provider_id,
            site_id=row.site_id,
            application_id=row.id,
            key=key,
            value=found.value,
            origin=found.origin,
            as_of=found.as_of,
            source=found.source,
            entered_by=by.id,
        )
    )


def _gather(row: RatingApplication, campaign: RatingCampaign, *, by: Actor, on: date) -> None:
    """Fetch what the system knows on the application day and keep the snapshot (取数并固定快照)."""
    scheme = applications.scheme(campaign)
    declared = {fact.id: fact.title or fact.id for fact in scheme.shape.facts}
    for key, found in facts.gathered(row.site_id, on=on, scheme=campaign.scheme_key).items():
        if key in declared:
            _keep(row, key, found, by)
    db.session.flush()
    kept = applications.facts(row, claims=True, seen_by=by)
    row.eligibility = [
        {
            "key": key, "title": declared[key], "value": fact.value, "origin": fact.origin.value,
            "as_of": fact.as_of.isoformat(), "source": fact.source,
        }
        for key, fact in sorted(kept.items())
    ]  # fmt: skip
    row.eligibility_sha = snapshot_sha(row.eligibility)
    db.session.flush()
    audit.record(events.EligibilityTaken(subject=row.id, by=by.id, on=on, site_id=row.site_id, sha=row.eligibility_sha))


def submit_application(application_id: UUID, *, by: Actor, at: datetime, on: date) -> RatingApplication:
    """Submit (提交申请): the self-score must be whole and is locked; the facts of this day are fetched and kept.

    Refused outside the window, within the waiting time after a revocation, before the renewal window, or for a site that is not
    filed and in service.
    """
    row = _writable(application_id, by)
    state = next_state(row.state, Verb.SUBMIT)
    campaign, site = row.campaign, row.site
    if row.submitted_on is None:
        check_window(campaign.opens_on, campaign.closes_on, on)
    if not facts.in_service(site):
        raise Refused("rating.not_filed", f"机构现在“{site.state.label}”，已备案并在服务的机构才能申请评定。")
    code = campaign.scheme_key.partition("@")[0]
    if (revoked := applications.last_revoked(site.id, code, seen_by=by)) is not None:
        check_waiting(revoked, on, campaign.wait_months)
    current = applications.current_rating(site.id, code, on, seen_by=by)
    if current is not None and campaign.kind is CampaignKind.RATING:
        if _rank(row, current.level) >= _rank(row, row.target):
            check_renewal(current.valid_to, on, campaign.renew_before_months)
        row.renews_id = current.id
    _lock_self(row, by=by, at=at)
    row.number = row.number or _number(campaign, on)
    row.submitted_by, row.submitted_on = by.id, row.submitted_on or on
    if row.eligibility is None:
        _gather(row, campaign, by=by, on=on)
    row.evidence = _evidence(row, code, by=by, on=on)
    assert state is State.SUBMITTED
    move(row, Verb.SUBMIT, by=by, on=on)
    return row


def _evidence(row: RatingApplication, scheme: str, *, by: Actor, on: date) -> dict[str, list[dict[str, str]]]:
    """The versions that stand for each item on this day (固定材料版本): what the panel is shown."""
    found = vault.for_items(row.site_id, scheme, on, seen_by=by)
    return {
        item: [{"version": str(p.version_id), "title": p.title, "sha256": p.sha256, "type": p.content_type} for p in pieces]
        for item, pieces in found.items()
    }


def _rank(row: RatingApplication, level: str) -> int:
    order = applications.scheme(row.campaign).shape.order
    return order.index(level) if level in order else -1


def _lock_self(row: RatingApplication, *, by: Actor, at: datetime) -> None:
    scheme = applications.scheme(row.campaign)
    sheet = sheets.own_sheet(row, seen_by=by)
    said = sheets.standing(sheet)
    result = evaluate(scheme, sheets.one_sheet_case(row, scheme, sheet, seen_by=by, claims=True))
    if left := sheets.unanswered(scheme, result, said):
        titles = {item.id: item.title for item in scheme.shape.items}
        few = "、".join(titles[name] for name in left[:3])
        raise Refused("rating.self_open", f"自评还有 {len(left)} 项没填：{few}{' 等' if len(left) > 3 else ''}。填完再提交。")
    assert sheet is not None or not scheme.shape.items
    if sheet is not None:
        sheet.locked_at, sheet.locked_by, sheet.locked_sha = at, by.id, sheets.sheet_sha(sheet)


def withdraw_application(application_id: UUID, *, by: Actor, on: date) -> None:
    """Withdraw (撤回申请) before a panel is drawn."""
    row = applications.application(application_id, seen_by=by, lock=True)
    move(row, Verb.WITHDRAW, by=by, on=on)


# --- the office -------------------------------------------------------------------------------------------------------


def accept_application(application_id: UUID, *, by: Actor, on: date) -> RatingApplication:
    """Accept (受理): the papers are whole; the review of the facts begins."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.ACCEPT)
    check_apart(by.id, row.submitted_by, words="提交申请的人不能受理自己的申请。")
    row.accepted_by, row.accepted_on = by.id, on
    move(row, Verb.ACCEPT, by=by, on=on)
    return row


def return_application(application_id: UUID, reason: str, *, by: Actor, on: date) -> RatingApplication:
    """Send back for completion (退回补正), with what is missing. The self-score can be written again."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.RETURN)
    if not reason.strip():
        raise Refused("rating.reason", "请写明要补正什么，机构才知道怎么改。")
    own = find(RatingApplication, row.id, seen_by=by)
    for sheet in sheets.sheets(own, seen_by=by):
        if sheet.author_id is None:
            _unlock(sheet)
    move(row, Verb.RETURN, by=by, on=on, reason=reason)
    return row


def _unlock(sheet: ScoreSheet) -> None:
    sheet.locked_at = sheet.locked_by = sheet.locked_sha = None


def confirm_facts(
    application_id: UUID, said: Mapping[str, str], source: str, *, as_of: date, by: Actor, on: date
) -> RatingApplication:
    """Confirm or enter facts with their source (核实事实): what was looked at, dated. These count for the result."""
    row = applications.application(application_id, seen_by=by, lock=True)
    if row.state not in (State.ACCEPTED, State.ELIGIBLE, State.SCHEDULED, State.ON_SITE, State.CONFERRING):
        raise Refused("rating.facts_closed", f"申请“{row.state.label}”，不能再改评定所依据的事实。")
    if not source.strip():
        raise Refused("rating.source", "请写明核实的来源，例如“2026 年服务台账第 3 册”或“市场监管局复函”。")
    scheme = applications.scheme(row.campaign)
    _enter(
        row,
        scheme,
        {k: v.strip() for k, v in said.items() if v.strip()},
        Origin.CONFIRMED,
        source.strip(),
        as_of=as_of,
        by=by,
        on=on,
    )
    return row


def judged(row: RatingApplication, *, seen_by: Actor) -> list[Condition]:
    """The conditions of the level applied for, as they stand (资格条件)."""
    scheme = applications.scheme(row.campaign)
    kept = applications.facts(row, claims=False, seen_by=seen_by)
    return conditions(scheme, applications.values(scheme, kept), row.target)


def admit_application(application_id: UUID, *, by: Actor, on: date) -> RatingApplication:
    """Find an application eligible (认定符合条件): every condition met; unknown is not met, but for a trial."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.ADMIT)
    check_apart(by.id, row.submitted_by, words="提交申请的人不能认定自己的资格。")
    found = judged(row, seen_by=by)
    failed = [c.title for c in found if c.verdict is Verdict.FAILED]
    unknown = [c.title for c in found if c.verdict is Verdict.UNKNOWN]
    if failed:
        raise Refused("rating.not_eligible", f"不符合：{'、'.join(failed)}。可以不予评定，或请机构改报较低的等级。")
    if unknown and not row.campaign.trial:
        raise Refused("rating.unknown", f"还没有核实：{'、'.join(unknown)}。请先登记事实和来源。")
    row.admitted_by, row.admitted_on = by.id, on
    move(row, Verb.ADMIT, by=by, on=on)
    return row


def refuse_application(application_id: UUID, reason: str, *, by: Actor, on: date) -> RatingApplication:
    """Refuse (不予评定) for a condition that is not met, in words."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.REFUSE)
    if not reason.strip():
        raise Refused("rating.reason", "请写明不符合哪一项条件。")
    row.admitted_by, row.admitted_on = by.id, on
    move(row, Verb.REFUSE, by=by, on=on, reason=reason)
    return row


def end_reach(row: RatingApplication, on: date) -> None:
    """The panel and the outside members of the committee lose the site (收回查看范围)."""
    accounts.end_assignments(row.id, until=on)


def start_notice(row: RatingApplication, on: date) -> date:
    """Start the clock of the public notice (公示期起算). Returns its last day."""
    campaign = row.campaign
    clock = calendar.start_clock(
        "rating.notice", of=row, subject=row.id, label=f"等级评定公示 {row.number}", start=on, count=campaign.notice_days,
        basis=f"公示 {campaign.notice_days} 个工作日（{campaign.terms_basis}）",
    )  # fmt: skip
    return clock.due_on


__all__ = [
    "accept_application", "admit_application", "begin_application", "claim_facts", "confirm_facts", "end_reach", "enrol",
    "judged", "move", "refuse_application", "return_application", "save_application", "start_notice", "submit_application",
    "withdraw_application",
]  # fmt: skip
