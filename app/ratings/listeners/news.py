"""News that touches ratings (等级提示来源): from inspections, the registry, the rating's own checks, and credit and complaints.

The last two have generic listeners: an event of theirs needs `site_id` and `subject`.
"""

from __future__ import annotations

from typing import Any

from app.inspections.events.findings import CaseProposed, FindingJudged
from app.inspections.rules.hazards import Judgement
from app.providers.events import SiteStateChanged
from app.providers.rules import SiteState
from app.ratings.actions.ratings import note_news
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
    note_news(news.site_id, Cause.ACCIDENT, source=news.subject, words="发生严重事故", on=news.on)


def penalty_decided(news: Any) -> None:
    """An administrative penalty was recorded (受到行政处罚)."""
    note_news(news.site_id, Cause.PENALTY, source=news.subject, words="受到行政处罚", on=news.on)


def listed(news: Any) -> None:
    """The home was put on the dishonesty list (列入失信名单)."""
    note_news(news.site_id, Cause.LISTED, source=news.subject, words="列入失信名单", on=news.on)
