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
    "filing.handle": Duty("备案待办", "inbox", "核对材料", "/office/filings/{subject}", frozenset({Post.HANDLER})),
    "filing.resubmit": Duty("等待补正", "history", "看备案", "/office/filings/{subject}", _NOBODY),
    "filing.after_first_resident": Duty("应办备案", "flag", "看机构", "/office/sites/{site}", _NOBODY),
    "first_visit": Duty("首次现场检查", "clock", "看机构", "/office/sites/{site}", _DESK | _FIELD),
    "unfiled_visit": Duty("未备案机构检查", "flag", "看机构", "/office/sites/{site}", _DESK | _FIELD),
    "notice": Duty("送达检查通知", "mail", "看任务", "/office/tasks/{subject}", _DESK | _FIELD),
    "publication": Duty("结果公示", "eye", "核对并公示", "/office/tasks/{subject}", frozenset({Post.REVIEWER, Post.HEAD})),
    "withdrawal": Duty("撤回公开", "history", "办理撤回", "/office/tasks/{subject}", frozenset({Post.REVIEWER, Post.HEAD})),
    "rectification": Duty("整改到期", "alert", "催办或升级", "/office/findings/{subject}", _NOBODY),
    "recheck": Duty("复查", "repeat", "派复查", "/office/findings/{subject}", _DESK | _FIELD),
    "transfer": Duty("移送办理", "link", "看移送", "/office/findings/{subject}"),
    "paper.expiry": Duty("证照到期", "file", "看证照", "/office/sites/{site}", _NOBODY),
    "draw.reveal": Duty("公开抽取结果", "dice", "看抽查", "/office/plans/{subject}", frozenset({Post.REVIEWER, Post.HEAD})),
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
    def tone(self) -> str:
        """Red when overdue, amber in the last days, else plain."""
        return "veto" if self.days < 0 else "wait" if self.days <= SOON else "info"

    @property
    def number(self) -> str:
        """The number that stands big; empty on the last day."""
        return str(abs(self.days)) if self.days else ""

    @property
    def word(self) -> str:
        """What stands instead of a number."""
        return "" if self.days else "今天"

    @property
    def unit(self) -> str:
        """The words under the number."""
        if self.days < 0:
            return "日逾期"
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
    all_left = [item.days for item in items]
    overdue = sum(days < 0 for days in all_left)
    soon = sum(0 <= days <= SOON for days in all_left)
    said = [f"{overdue} 件已逾期"] if overdue else []
    said += [f"{soon} 件在 {SOON} 日内到期"] if soon else []
    return "，".join(said) or ("都不急" if all_left else "")


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
