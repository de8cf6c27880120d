"""The way of an application and the life of a rating (评定流程): states, verbs, one table each, and the terms that run.

Order of steps: 申请(自评) → 受理 → 资料审查 → 现场评定 → 评定委员会审定 → 公示 → 公告发证 → 期中检查 → 复评.
Terms marked 平台默认 are the platform's own; a scheme or a campaign replaces them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused

NOTICE_DAYS: Final = 7
WAIT_MONTHS: Final = 12
RENEW_BEFORE_MONTHS: Final = 6
PANEL_SIZE: Final = 3
TIE_YEARS: Final = 3
DEFAULT: Final = "平台默认"


class CampaignKind(Labelled):
    """Kinds of campaign (评定类别)."""

    RATING = "rating", "等级评定"
    QUALITY = "quality", "年度服务质量第三方评估"


class CampaignState(Labelled):
    """State of a campaign (评定工作状态)."""

    DRAFT = "draft", "待批准"
    OPEN = "open", "已发布"
    FINISHED = "finished", "已结束"
    CANCELLED = "cancelled", "已取消"


class State(Labelled):
    """State of an application (申请状态)."""

    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "待受理"
    RETURNED = "returned", "退回补正"
    ACCEPTED = "accepted", "资料审查中"
    ELIGIBLE = "eligible", "符合条件，待抽取评定组"
    REFUSED = "refused", "不予评定"
    SCHEDULED = "scheduled", "已抽取评定组"
    ON_SITE = "on_site", "现场评定中"
    CONFERRING = "conferring", "评定组合议中"
    PROPOSED = "proposed", "待评定委员会审定"
    DECIDED = "decided", "已审定，待公示"
    NOTICED = "noticed", "公示中"
    OBJECTED = "objected", "异议处理中"
    REEXAMINED = "reexamined", "复核，待另抽评定组"
    PUBLISHED = "published", "已公布发证"
    UNRATED = "unrated", "未评上等级"
    TRIED = "tried", "试评结束"
    WITHDRAWN = "withdrawn", "已撤回"


class Verb(Labelled):
    """What may be done to an application (申请办理)."""

    SUBMIT = "submit", "提交申请"
    RETURN = "return", "退回补正"
    ACCEPT = "accept", "受理"
    ADMIT = "admit", "认定符合条件"
    REFUSE = "refuse", "不予评定"
    SCHEDULE = "schedule", "抽取评定组"
    BEGIN = "begin", "开始现场评定"
    OPEN = "open", "开启评分表"
    PROPOSE = "propose", "提出评定意见"
    SEND_BACK = "send_back", "退回重议"
    DECIDE = "decide", "审定"
    NOTICE = "notice", "公示"
    OBJECT = "object", "登记异议"
    DISMISS = "dismiss", "驳回异议"
    UPHOLD = "uphold", "决定复核"
    PUBLISH = "publish", "公布发证"
    CONCLUDE = "conclude", "办结未评上等级"
    TRY = "try", "结束试评"
    WITHDRAW = "withdraw", "撤回申请"


_S, _V = State, Verb

NEXT: Final[Mapping[tuple[State, Verb], State]] = {
    (_S.DRAFT, _V.SUBMIT): _S.SUBMITTED,
    (_S.RETURNED, _V.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, _V.RETURN): _S.RETURNED,
    (_S.SUBMITTED, _V.ACCEPT): _S.ACCEPTED,
    (_S.ACCEPTED, _V.RETURN): _S.RETURNED,
    (_S.ACCEPTED, _V.ADMIT): _S.ELIGIBLE,
    (_S.ACCEPTED, _V.REFUSE): _S.REFUSED,
    (_S.ELIGIBLE, _V.SCHEDULE): _S.SCHEDULED,
    (_S.REEXAMINED, _V.SCHEDULE): _S.SCHEDULED,
    (_S.SCHEDULED, _V.BEGIN): _S.ON_SITE,
    (_S.ON_SITE, _V.OPEN): _S.CONFERRING,
    (_S.CONFERRING, _V.PROPOSE): _S.PROPOSED,
    (_S.PROPOSED, _V.SEND_BACK): _S.CONFERRING,
    (_S.PROPOSED, _V.DECIDE): _S.DECIDED,
    (_S.DECIDED, _V.NOTICE): _S.NOTICED,
    (_S.DECIDED, _V.TRY): _S.TRIED,
    (_S.NOTICED, _V.OBJECT): _S.OBJECTED,
    (_S.OBJECTED, _V.DISMISS): _S.NOTICED,
    (_S.OBJECTED, _V.UPHOLD): _S.REEXAMINED,
    (_S.NOTICED, _V.PUBLISH): _S.PUBLISHED,
    (_S.NOTICED, _V.CONCLUDE): _S.UNRATED,
    **{(s, _V.WITHDRAW): _S.WITHDRAWN for s in (_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.ACCEPTED, _S.ELIGIBLE)},
}
ENDED: Final = frozenset({_S.REFUSED, _S.PUBLISHED, _S.UNRATED, _S.TRIED, _S.WITHDRAWN})
# The self-score and what the home claims may be written only before the office looks at them.
WRITABLE: Final = frozenset({_S.DRAFT, _S.RETURNED})
# Scores of assessors become visible to others only from here on, when every sheet of the round is locked.
SHEETS_OPEN: Final = frozenset(
    {_S.CONFERRING, _S.PROPOSED, _S.DECIDED, _S.NOTICED, _S.OBJECTED, _S.REEXAMINED, _S.PUBLISHED, _S.UNRATED, _S.TRIED}
)
# The home sees points from the public notice on, not while the committee deliberates.
SHOWN_TO_HOME: Final = frozenset({_S.NOTICED, _S.OBJECTED, _S.REEXAMINED, _S.PUBLISHED, _S.UNRATED, _S.TRIED})


def next_state(state: State, verb: Verb) -> State:
    """Where `verb` takes an application (申请流转). Raises Refused when it cannot be done now."""
    if (state, verb) not in NEXT:
        raise Refused("rating.not_now", f"申请现在“{state.label}”，不能“{verb.label}”。可能刚刚有人办过，请刷新后查看办理进度。")
    return NEXT[state, verb]


class Standing(Labelled):
    """How a rating stands (等级状态). Whether it has run out is a matter of the day, never of a job."""

    VALID = "valid", "有效"
    SUSPENDED = "suspended", "暂停使用"
    REVOKED = "revoked", "已撤销"
    DOWNGRADED = "downgraded", "已降级"
    REPLACED = "replaced", "已被新结果取代"
    ENDED = "ended", "已终止"
    EXPIRED = "expired", "已过期"


class Cause(Labelled):
    """Why a rating is questioned (处理原因). Causes of refusal in 2020: Shanghai's notice; the rest 平台默认."""

    ACCIDENT = "accident", "发生严重事故"
    ABUSE = "abuse", "欺老虐老"
    FRAUD = "fraud", "申请材料弄虚作假"
    FAILED_CHECK = "failed_check", "期中检查不合格"
    PENALTY = "penalty", "受到行政处罚"
    LISTED = "listed", "列入失信名单"
    HAZARD = "hazard", "认定重大事故隐患"
    CLOSURE = "closure", "停业或注销"
    REFUSED_CHECK = "refused_check", "拒不接受检查"
    OTHER = "other", "其他"


class Measure(Labelled):
    """What may be done to a rating (处理措施)."""

    SUSPEND = "suspend", "暂停使用"
    RESUME = "resume", "恢复使用"
    DOWNGRADE = "downgrade", "降级"
    REVOKE = "revoke", "撤销"
    END = "end", "终止"


_N, _M = Standing, Measure
AFTER: Final[Mapping[tuple[Standing, Measure], Standing]] = {
    (_N.VALID, _M.SUSPEND): _N.SUSPENDED,
    (_N.SUSPENDED, _M.RESUME): _N.VALID,
    (_N.VALID, _M.DOWNGRADE): _N.DOWNGRADED,
    (_N.SUSPENDED, _M.DOWNGRADE): _N.DOWNGRADED,
    (_N.VALID, _M.REVOKE): _N.REVOKED,
    (_N.SUSPENDED, _M.REVOKE): _N.REVOKED,
    (_N.VALID, _M.END): _N.ENDED,
    (_N.SUSPENDED, _M.END): _N.ENDED,
}
# What happens at once when the news arrives; everything further is decided by a person. 平台默认.
AT_ONCE: Final[Mapping[Cause, Measure]] = {
    Cause.ACCIDENT: _M.SUSPEND,
    Cause.LISTED: _M.SUSPEND,
    Cause.HAZARD: _M.SUSPEND,
    Cause.CLOSURE: _M.END,
}


def standing_after(standing: Standing, measure: Measure) -> Standing:
    """How a rating stands after a measure (处理后的状态). Raises Refused."""
    if (standing, measure) not in AFTER:
        raise Refused("rating.standing", f"等级“{standing.label}”，不能再“{measure.label}”，请查看处理记录。")
    return AFTER[standing, measure]


def standing_on(standing: Standing, valid_to: date | None, on: date) -> Standing:
    """The standing on a day (当日状态): a valid or suspended rating past its last day has run out."""
    if standing in (Standing.VALID, Standing.SUSPENDED) and valid_to is not None and on > valid_to:
        return Standing.EXPIRED
    return standing


class TieKind(Labelled):
    """Why somebody keeps away from a home (回避事由). S4: inspected, assessed, advised or worked there within three years."""

    INSPECTED = "inspected", "检查过该机构"
    ASSESSED = "assessed", "评定过该机构"
    ADVISED = "advised", "为该机构提供过咨询辅导"
    WORKED = "worked", "曾在该机构任职"
    FAMILY = "family", "与机构负责人有近亲属关系"
    INTEREST = "interest", "有其他利害关系"


class Choice(Labelled):
    """A committee member's vote (表决意见)."""

    AGREE = "agree", "同意算出的等级"
    CHANGE = "change", "改级"
    AGAINST = "against", "不同意，退回重议"


class ObjectionState(Labelled):
    """State of an objection (异议状态)."""

    OPEN = "open", "待处理"
    DISMISSED = "dismissed", "不予采纳"
    UPHELD = "upheld", "采纳，复核"


class MeetingState(Labelled):
    """State of a meeting (会议状态)."""

    CONVENED = "convened", "已召集"
    CLOSED = "closed", "已结束"


class CheckResult(Labelled):
    """Result of a mid-term check (期中检查结果)."""

    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


def add_months(day: date, months: int) -> date:
    """The same day some months on (加月); the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def check_window(opens_on: date, closes_on: date, on: date) -> None:
    """Refuse an application outside the days of the campaign (申请期限)."""
    if not opens_on <= on <= closes_on:
        raise Refused("rating.window", f"本次评定的申请时间是 {opens_on.isoformat()} 至 {closes_on.isoformat()}，现在不能提交。")


def check_renewal(valid_to: date, on: date, months: int) -> None:
    """Refuse a renewal before its window opens (复评窗口)."""
    opens = add_months(valid_to, -months)
    if on < opens:
        raise Refused("rating.renew_early", f"现有等级到 {valid_to.isoformat()}，{opens.isoformat()} 起可以申请复评。")


def check_waiting(revoked_on: date, on: date, months: int) -> None:
    """Refuse an application within the waiting time after a revocation (撤销后的等待期)."""
    until = add_months(revoked_on, months)
    if on < until:
        raise Refused("rating.waiting", f"等级于 {revoked_on.isoformat()} 被撤销，{until.isoformat()} 起才能重新申请。")


def check_apart(actor: object, *others: object, words: str) -> None:
    """Refuse when the actor is one of `others` (职责分离)."""
    if actor in others:
        raise Refused("rating.same_person", words)


def quorum(members: int) -> int:
    """How many members must take part (法定人数): two thirds, rounded up. 平台默认."""
    return -(-members * 2 // 3)


def check_meeting(members: int, chairs: int) -> None:
    """Refuse a committee of even number or without one chair (评定委员会组成): 单数, 一名主任."""
    if members < 3 or members % 2 == 0:
        raise Refused("committee.odd", f"评定委员会应为 3 人以上的单数，现有 {members} 人，请增减委员。")
    if chairs != 1:
        raise Refused("committee.chair", "评定委员会须有且只有一名主任。")


def outcome(votes: Mapping[str, tuple[Choice, str]], entitled: int, needed: int) -> tuple[Choice, str]:
    """What the committee resolved (表决结果): more than half of those who may vote, with at least `needed` votes.

    Votes to change count for the level they name. Raises Refused while the quorum is missing or nothing has a majority.
    """
    if len(votes) < needed:
        raise Refused("committee.quorum", f"已投 {len(votes)} 票，至少要 {needed} 票才能审定。")
    counted: dict[tuple[Choice, str], int] = {}
    for vote in votes.values():
        counted[vote] = counted.get(vote, 0) + 1
    best = max(counted, key=lambda vote: (counted[vote], vote))
    if counted[best] * 2 <= entitled:
        raise Refused("committee.majority", f"没有一种意见超过应投 {entitled} 票的半数，请讨论后改投，或退回重议。")
    return best


def check_ties(barred: Collection[object], actor: object, words: str) -> None:
    """Refuse somebody with a tie to the home (回避, S4)."""
    if actor in barred:
        raise Refused("rating.recused", words)


def check_firm(firm: str, adviser: str) -> None:
    """Refuse an assessor of the firm that advises the provider (评定机构与咨询机构分离, S5)."""
    if firm and firm == adviser:
        raise Refused("rating.firm", f"“{firm}”为该机构提供咨询辅导，不能参加它的评定。")
