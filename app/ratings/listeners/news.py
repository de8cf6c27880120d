"""News that touches ratings (等级提示来源): from inspections, the registry, the rating's own checks, and credit and complaints.

Accidents and penalties have generic listeners: an event of theirs needs `site_id` and `subject`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.credit.events import Listed, ListingEnded
from app.credit.rules.listing import ListKind
from app.inspections.events.findings import CaseProposed, FindingJudged
from app.inspections.rules.hazards import Judgement
from app.providers import queries as providers
from app.providers.events import SiteStateChanged
from app.providers.models import Site
from app.providers.rules import SiteState
from app.ratings.actions.ratings import note_news, withdraw_news
from app.ratings.events.work import MidCheckDone
from app.ratings.rules.process import Cause, CheckResult


def hazard_judged(news: FindingJudged) -> None:
    """A major hazard was confirmed (认定重大事故隐患)."""
    if news.judgement is Judgement.MAJOR:
        note_news(news.site_id, Cause.HAZARD, source=news.subject, words="检查认定重大事故隐患", on=news.on)


def case_proposed(news: CaseProposed) -> None:
    """A case was proposed against a home (提请立案)."""
    note_news(news.site_id, Cause.OTHER, source=news.subject, words="检查发现的问题已提请立案", on=news.on)


def site_state_changed(news: SiteStateChanged) -> None:
    """A site closed or left (停业或退出): its ratings end."""
    if news.state in (SiteState.CLOSED, SiteState.EXITED):
        note_news(news.subject, Cause.CLOSURE, source=news.subject, words=f"机构{news.state.label}", on=news.on)


def check_done(news: MidCheckDone) -> None:
    """A mid-term check failed (期中检查不合格)."""
    if news.result is CheckResult.FAILED:
        note_news(news.site_id, Cause.FAILED_CHECK, source=news.check_id, words="期中检查不合格", on=news.on)


def accident_reported(news: Any) -> None:
    """A serious accident was reported (发生严重事故)."""
    note_news(news.site_id, Cause.ACCIDENT, source=news.subject, words="收到严重事故报告", on=news.on)


def penalty_decided(news: Any) -> None:
    """An administrative penalty was recorded (受到行政处罚)."""
    note_news(news.site_id, Cause.PENALTY, source=news.subject, words="已作出行政处罚决定", on=news.on)


def listed(news: Listed) -> None:
    """The home's organisation was put on the dishonesty list (列入失信惩戒对象名单): its ratings rest at once."""
    for site_id in _sites(news) if news.tier == ListKind.LIST else ():
        note_news(site_id, Cause.LISTED, source=news.subject, words="主办单位已列入失信惩戒对象名单", on=news.on)


def listing_ended(news: ListingEnded) -> None:
    """An entry of the list ended (移出、修复、撤销、到期): what it alone suspended is valid again."""
    for site_id in _sites(news) if news.tier == ListKind.LIST else ():
        withdraw_news(site_id, Cause.LISTED, source=news.subject, words="名单事项已结束，恢复等级", on=news.on)


def _sites(news: Listed | ListingEnded) -> list[UUID]:
    with acting(SYSTEM):
        return list(
            db.session.scalars(
                providers.sites(seen_by=SYSTEM).where(Site.provider_id == news.provider_id).with_only_columns(Site.id)
            )
        )
