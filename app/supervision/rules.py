"""What waits for whom (待办规则): a table of the kinds of clocks, how much time is left, what an event is called; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.core.actor import OFFICE_POSTS, Post
from app.core.events import Event
from app.core.labels import Labelled
from app.core.working_days import Calendar
from app.inspections.rules.plan import PlanState

SOON: Final = 3
_DESK: Final = frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD})
_FIELD: Final = frozenset({Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR})


class Shelf(Labelled):
    """Where a clock is shown (待办分栏)."""

    MINE = "mine", "我的待办"
    DEPARTMENT = "department", "全科室"
    WAITING = "waiting", "等对方"


@dataclass(frozen=True, slots=True)
class Duty:
    """What a kind of clock asks (待办种类): `posts` act on it; none of them means that the other side must act.

    `path` is the page where the act is done; `{subject}` and `{site}` are filled in. `act` stands on its button.
    """

    label: str
    icon: str
    act: str
    path: str
    posts: frozenset[Post] = _DESK

    @property
    def ours(self) -> bool:
        """Whether the office must act, not the provider (由机关办理)."""
        return bool(self.posts)

    def href(self, subject: UUID, site: UUID | None) -> str | None:
        """The page of the act, or None when the row belongs to no site but the page needs one."""
        if "{site}" in self.path and site is None:
            return None
        return self.path.format(subject=subject, site=site)


_NOBODY: Final[frozenset[Post]] = frozenset()

DUTIES: Final[Mapping[str, Duty]] = {
    "hazard": Duty("重大隐患督办", "alert", "看督办", "/office/findings/{subject}"),
    "hazard.judgement": Duty("隐患研判", "alert", "看问题", "/office/findings/{subject}"),
    "filing.handle": Duty("备案待办", "inbox", "核对材料", "/office/filings/{subject}", frozenset({Post.HANDLER})),
    "filing.after_first_resident": Duty("应办备案", "flag", "看机构", "/office/sites/{site}", _NOBODY),
    "first_visit": Duty("首次现场检查", "clock", "看机构", "/office/sites/{site}", _DESK | _FIELD),
    "unfiled_visit": Duty("未备案机构检查", "flag", "看机构", "/office/sites/{site}", _DESK | _FIELD),
    "notice": Duty("送达检查通知", "mail", "看任务", "/office/tasks/{subject}", _DESK | _FIELD),
    "publication": Duty("结果公示", "eye", "核对并公示", "/office/tasks/{subject}", frozenset({Post.HANDLER, Post.HEAD})),
    "withdrawal": Duty("撤回公开", "history", "办理撤回", "/office/tasks/{subject}"),
    "rectification": Duty("整改到期", "alert", "催办或升级", "/office/findings/{subject}", _NOBODY),
    "recheck": Duty("复查", "repeat", "派复查", "/office/findings/{subject}", _DESK | _FIELD),
    "paper.expiry": Duty("证照到期", "file", "看证照", "/office/sites/{site}", _NOBODY),
    "resume": Duty("暂停期满", "bed", "看机构", "/office/sites/{site}", _NOBODY),
    "closing": Duty("停业安置", "users", "看机构", "/office/sites/{site}", _NOBODY),
    "rating.notice": Duty("等级公示", "award", "看申请", "/office/rating-applications/{subject}", frozenset({Post.HANDLER})),
    "rating.check": Duty("等级期中检查", "award", "看等级", "/office/ratings/{subject}", frozenset({Post.HANDLER})),
    "draw.reveal": Duty("公开抽取结果", "dice", "看抽查", "/office/draws/{subject}"),
    "complaint.classify": Duty("投诉分类或转办", "speech", "去分类", "/office/complaints/{subject}", frozenset({Post.HANDLER})),
    "complaint.notice": Duty("投诉受理与告知", "mail", "去受理", "/office/complaints/{subject}", frozenset({Post.HANDLER})),
    "complaint.handle": Duty("投诉办结答复", "speech", "看投诉", "/office/complaints/{subject}"),
    "complaint.urgent": Duty("紧急投诉处置", "alert", "马上处置", "/office/complaints/{subject}"),
    "complaint.callback": Duty(
        "投诉回访", "phone", "去回访", "/office/complaints/{subject}", frozenset({Post.HANDLER, Post.REVIEWER})
    ),
    "inquiry.reply": Duty("机构说明情况", "speech", "看机构", "/office/sites/{site}", _NOBODY),
    "credit.objection": Duty(
        "信用异议", "speech", "处理异议", "/office/credit/objections", frozenset({Post.REVIEWER, Post.HEAD})
    ),
    "listing.defence": Duty("名单申辩期", "speech", "看名单", "/office/listings/{subject}", frozenset({Post.HANDLER})),
    "listing.decision": Duty(
        "名单复核决定", "scale", "看名单", "/office/listings/{subject}", frozenset({Post.REVIEWER, Post.HEAD})
    ),
    "listing.service": Duty("名单两书送达", "mail", "登记送达", "/office/listings/{subject}", frozenset({Post.HANDLER})),
    "listing.publish": Duty("名单公布", "eye", "核定并公布", "/office/listings/{subject}"),
    "objection.mark": Duty("名单异议标注", "speech", "看名单", "/office/listings", frozenset({Post.HANDLER})),
    "objection.decide": Duty("名单异议答复", "speech", "看名单", "/office/listings", frozenset({Post.REVIEWER, Post.HEAD})),
    "repair.accept": Duty("移出申请受理", "inbox", "看名单", "/office/listings", frozenset({Post.HANDLER})),
    "repair.answer": Duty("移出申请决定", "repeat", "看名单", "/office/listings", frozenset({Post.REVIEWER, Post.HEAD})),
}
UNKNOWN: Final = Duty("期限事项", "clock", "看机构", "/office/sites/{site}", OFFICE_POSTS)


def duty(kind: str) -> Duty:
    """What a kind of clock asks (待办种类); a kind that nobody entered here still shows, to every post."""
    return DUTIES.get(kind, UNKNOWN)


def of_posts(posts: Iterable[Post]) -> frozenset[str]:
    """The kinds on which these posts act (本岗位待办)."""
    held = frozenset(posts)
    return frozenset(kind for kind, found in DUTIES.items() if not found.posts.isdisjoint(held))


OTHERS: Final = frozenset(kind for kind, found in DUTIES.items() if not found.ours)


# --- how much time is left --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a term is left (剩余期限): `days` in the term's own unit, below zero once overdue, then in calendar days."""

    days: int
    total: int
    passed: int
    working: bool

    @property
    def at_once(self) -> bool:
        """Whether the term has no length: it is done on the day it begins (立即)."""
        return self.total == 0 and self.days >= 0

    @property
    def tone(self) -> str:
        """Red when overdue or not to be put off, amber in the last days, else plain."""
        return "veto" if self.days < 0 or self.at_once else "wait" if self.days <= SOON else "info"

    @property
    def number(self) -> str:
        """The number that stands big; empty on the last day."""
        return str(abs(self.days)) if self.days and not self.at_once else ""

    @property
    def word(self) -> str:
        """What stands instead of a number."""
        return "立即" if self.at_once else "" if self.days else "今天"

    @property
    def unit(self) -> str:
        """The words under the number."""
        if self.days < 0:
            return "日逾期"
        if self.at_once:
            return "不得拖延"
        return "到期" if self.days == 0 else "个工作日" if self.working else "日"


def left(start: date, due: date, count: int, *, working: bool, on: date, calendar: Calendar) -> Left:
    """What is left of a term on a day (剩余期限). Overdue days are counted as calendar days, whatever the unit."""
    if on > due:
        return Left((due - on).days, count, count, working)
    if not working:
        return Left((due - on).days, count, min(count, max(0, (on - start).days)), working)
    passed = max(0, calendar.working_days_between(start, on))
    return Left(calendar.working_days_between(on, due), count, min(count, passed), working)


def lead(items: Iterable[Left]) -> str:
    """The line under the heading (概况): what is overdue, what ends soon."""
    terms = list(items)
    at_once = sum(item.at_once for item in terms)
    all_left = [item.days for item in terms if not item.at_once]
    overdue = sum(days < 0 for days in all_left)
    soon = sum(0 <= days <= SOON for days in all_left)
    said = [f"{at_once} 件立即办"] if at_once else []
    said += [f"{overdue} 件已逾期"] if overdue else []
    said += [f"{soon} 件在 {SOON} 日内到期"] if soon else []
    return "，".join(said) or ("近几日没有到期的" if terms else "")


# --- a draw on its way ------------------------------------------------------------------------------------------------

DRAW_STEPS: Final = ("计划", "封存", "种子", "抽取", "检查", "公开")
_DRAW_AT: Final[Mapping[PlanState, tuple[int, str]]] = {
    PlanState.DRAFTED: (0, "计划拟定中，等另一人批准"),
    PlanState.APPROVED: (1, "计划已批准，等封存名录"),
    PlanState.FROZEN: (2, "名录已封存，等公开值公布后由两人录入"),
    PlanState.SEEDED: (3, "种子已齐，可以抽取"),
    PlanState.DRAWN: (4, "已抽取，结果密封"),
    PlanState.REVEALED: (6, "结果已公开"),
}
UNDER_WAY: Final = tuple(state for state, (step, _) in _DRAW_AT.items() if step < len(DRAW_STEPS))


def draw_steps(state: PlanState) -> list[dict[str, str]]:
    """The six steps of a draw with the one it is at (抽查进度), for the component."""
    at = _DRAW_AT[state][0]
    return [
        {"label": label, "state": "done" if number < at else "now" if number == at else "next"}
        for number, label in enumerate(DRAW_STEPS)
    ]


def draw_words(state: PlanState) -> str:
    """What a draw waits for (抽查等待)."""
    return _DRAW_AT[state][1]


# --- what an event is called ------------------------------------------------------------------------------------------

_TERM: Final = re.compile(r"[（(]([^（）()]*[一-鿿][^（）()]*)[）)]")


def _kinds(base: type[Event]) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def event_labels() -> dict[str, str]:
    """Class name of every event → its Chinese name (事件名称), as the parentheses of its docstring say it."""
    found = {}
    for kind in _kinds(Event):
        term = _TERM.search(kind.__doc__ or "")
        found[kind.__name__] = term[1] if term else kind.__name__
    return found
