"""Verbs of campaigns (评定工作办理): draft under a frozen edition, announce by another person, finish or call off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.core import audit, numbers
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.providers.rules import SiteKind
from app.ratings.events import work as events
from app.ratings.models import RatingCampaign
from app.ratings.queries import applications, schemes
from app.ratings.rules import load, publication
from app.ratings.rules.process import (
    DEFAULT,
    NOTICE_DAYS,
    PANEL_SIZE,
    RENEW_BEFORE_MONTHS,
    WAIT_MONTHS,
    CampaignKind,
    CampaignState,
    check_apart,
)
from app.regions import queries as regions

VALID_MONTHS = 36
YEARLY = 12


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """What an officer enters for a campaign (评定工作草案). Empty terms come from the scheme, else from the platform."""

    title: str
    kind: CampaignKind
    scheme_key: str
    site_kinds: Sequence[SiteKind]
    opens_on: date
    closes_on: date
    basis: str
    firm: str = ""
    panel_size: int | None = None
    notice_days: int | None = None
    wait_months: int | None = None
    validity_months: int | None = None
    terms_basis: str = ""


def draft_campaign(draft: CampaignDraft, *, by: Actor, at: datetime, on: date) -> RatingCampaign:
    """Draft a campaign (拟定评定工作). The edition's text is frozen into it now; whether it may be published is settled now."""
    if by.authority_id is None:
        raise Refused("rating.authority", "评定工作由民政部门拟定，请用机关账号办理。")
    authority = regions.authority(by.authority_id)
    chosen = schemes.wanted(draft.scheme_key, authority.path)
    scheme = load(chosen.text)
    said = publication(scheme, confirmed=chosen.confirmed)
    shape = scheme.shape
    stage = next((each.working_days for each in shape.process if each.stage == "公示"), NOTICE_DAYS)
    if draft.kind is CampaignKind.QUALITY and not draft.firm.strip():
        raise Refused("rating.third_party", "年度服务质量评估由第三方承担，请填写受委托的第三方机构名称。")
    if not draft.site_kinds:
        raise Refused("rating.site_kinds", "请选择参加评定的机构类型。")
    if draft.closes_on < draft.opens_on:
        raise Refused("rating.days", "申请截止日不能早于开始日。")
    if draft.panel_size is not None and draft.panel_size < max(2, shape.assessment.min_assessors):
        raise Refused("rating.panel_small", f"本方案要求评定组不少于 {max(2, shape.assessment.min_assessors)} 人。")
    valid = draft.validity_months or (YEARLY if draft.kind is CampaignKind.QUALITY else shape.validity_months or VALID_MONTHS)
    number = numbers.take(authority.id, "rating_campaign", on.year)
    row = RatingCampaign(
        scope_path=authority.path,
        authority_id=authority.id,
        number=f"{authority.number_word}评〔{on.year}〕{number}号",
        kind=draft.kind,
        title=draft.title.strip(),
        year=draft.opens_on.year,
        site_kinds=[kind.value for kind in draft.site_kinds],
        opens_on=draft.opens_on,
        closes_on=draft.closes_on,
        scheme_key=scheme.key,
        scheme_name=shape.name,
        scheme_sha=scheme.sha,
        scheme_text=chosen.text,
        scheme_mark=said.mark,
        confirmed=chosen.confirmed,
        trial=not said.allowed,
        obstacles=list(said.obstacles),
        panel_size=draft.panel_size or max(PANEL_SIZE, shape.assessment.min_assessors),
        notice_days=draft.notice_days if draft.notice_days is not None else stage,
        wait_months=draft.wait_months if draft.wait_months is not None else WAIT_MONTHS,
        renew_before_months=shape.renew_before_months or RENEW_BEFORE_MONTHS,
        validity_months=valid,
        terms_basis=draft.terms_basis.strip() or DEFAULT,
        firm=draft.firm.strip(),
        basis=draft.basis.strip(),
        made_by=by.id,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.CampaignDrafted(
            subject=row.id, by=by.id, on=on, kind=row.kind, scheme=row.scheme_key, scheme_sha=row.scheme_sha, trial=row.trial
        )
    )
    return row


def open_campaign(campaign_id: UUID, *, by: Actor, on: date) -> RatingCampaign:
    """Announce a campaign (发布评定工作): by another person than its maker. From now on homes see it."""
    row = applications.campaign(campaign_id, seen_by=by, lock=True)
    if row.state is not CampaignState.DRAFT:
        raise Refused("rating.campaign_state", f"这项评定工作“{row.state.label}”，不能再发布。")
    check_apart(by.id, row.made_by, words="拟定评定工作的人不能自己批准发布，请由审核人或负责人办理。")
    if row.closes_on < on:
        raise Refused("rating.days", "申请截止日已过，请修改日期后重新拟定。")
    row.state, row.opened_by, row.opened_on = CampaignState.OPEN, by.id, on
    db.session.flush()
    audit.record(events.CampaignOpened(subject=row.id, by=by.id, on=on, scheme_sha=row.scheme_sha))
    return row


def end_campaign(campaign_id: UUID, reason: str, *, by: Actor, on: date) -> RatingCampaign:
    """Finish an announced campaign, or call off a draft (结束或取消). Applications under way go on."""
    row = applications.campaign(campaign_id, seen_by=by, lock=True)
    if row.state not in (CampaignState.DRAFT, CampaignState.OPEN):
        raise Refused("rating.campaign_state", f"这项评定工作“{row.state.label}”。")
    if not reason.strip():
        raise Refused("rating.reason", "请写明结束的原因。")
    cancelled = row.state is CampaignState.DRAFT
    row.state = CampaignState.CANCELLED if cancelled else CampaignState.FINISHED
    row.ended_on, row.end_reason = on, reason.strip()
    db.session.flush()
    audit.record(events.CampaignEnded(subject=row.id, by=by.id, on=on, cancelled=cancelled))
    return row
