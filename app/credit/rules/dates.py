"""The dates of an entry on the list (名单日期): when it must be published, when it may be repaired, when it ends.

Pure: the calendar and the terms are given. Months are counted by 民法典 art. 202 (the same day, else the month's last day) and
are not put off from a rest day: publication simply ends. All terms count from the day of the deciding document (令36号), never
from the day on which it was put online.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition, Library
from app.core.working_days import Calendar, Due, add_months

ONE_DAY: Final = timedelta(days=1)


class PublicationClass(Labelled):
    """Class of dishonesty (失信信息分类), 国办发〔2025〕22号 and 令36号: sets how long it is published."""

    MINOR = "minor", "轻微"
    GENERAL = "general", "一般"
    SERIOUS = "serious", "严重"


# --- the versions of the rule -----------------------------------------------------------------------------------------


class ClassTerm(BaseModel):
    """What one version says of one class (分类期限): months before repair, months until the hard stop.

    Where `min_setting` or `max_setting` names a policy setting, its value on the day of the decision wins over the number.
    `published` is False when the class is as a rule not published.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: PublicationClass
    words: str = Field(min_length=1)
    published: Literal["yes", "no"]
    min_months: int = Field(ge=0)
    max_months: int = Field(ge=1)
    min_setting: str = ""
    max_setting: str = ""
    confidence: Confidence
    note: str = ""


class PublicationRule(Edition):
    """One version of the rule on publication and repair (公示与修复规则)."""

    kind: Literal["publication_rule"] = "publication_rule"
    classes: tuple[ClassTerm, ...]

    def term(self, wanted: PublicationClass) -> ClassTerm:
        """The term of a class (分类期限), or a refusal: older versions do not know every class."""
        for term in self.classes:
            if term.code is wanted:
                return term
        raise Refused("listing.class", f"{self.name}没有“{wanted.label}”一类，请另选分类")


CODE: Final = "publication"


def rule_on(library: Library[PublicationRule], decided_on: date) -> PublicationRule:
    """The version that governs a decision (适用规则版本): the one in force on the day of the decision.

    How older decisions pass into the new rule is not verified, so an entry keeps the version of its decision.
    """
    try:
        return library.in_force(CODE, on=decided_on)
    except Refused:
        raise Refused(
            "listing.rule", f"{decided_on.isoformat()} 作出的决定没有录入适用的公示规则，请负责人先录入当时的规则版本"
        ) from None


# --- the dates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms frozen into an entry at its decision (期限): months, counted from the decision."""

    min_months: int
    max_months: int
    published: bool = True


@dataclass(frozen=True, slots=True)
class Timetable:
    """When does this end? (何时结束). Days inclusive: `max_end` is the last day on which the public sees the entry."""

    decided_on: date
    publish_due: Due | None
    min_end: date
    earliest_repair_on: date
    max_end: date

    @property
    def auto_unpublish_on(self) -> date:
        """The first day on which nobody of the public sees it any more (到期停止公示日)."""
        return self.max_end + ONE_DAY

    def shown_on(self, on: date) -> bool:
        """Whether its term still runs on a day (公示期内)."""
        return self.decided_on <= on <= self.max_end

    def warn_on(self, days: int) -> date:
        """From when the officer is warned that it ends (到期提醒日)."""
        return self.max_end - timedelta(days=days)


def publish_due(decided_on: date, working_days: int, calendar: Calendar) -> Due:
    """By when a decision is published (公示期限): working days after the day of the decision."""
    return calendar.add_working_days(decided_on, working_days)


def min_end(decided_on: date, terms: Terms) -> date:
    """The last day of the shortest term (最短公示期末日). A class without a shortest term ends on the day of the decision."""
    return add_months(decided_on, terms.min_months)


def earliest_repair_on(decided_on: date, terms: Terms) -> date:
    """The first day on which repair may be asked for (最早可修复日): the day after `min_end`, the strict reading of 满…方可.

    Without a shortest term: from the day of the decision, as soon as the duty is performed (令36号, minor class).
    """
    return min_end(decided_on, terms) + ONE_DAY if terms.min_months else decided_on


def max_end(decided_on: date, terms: Terms) -> date:
    """The last day of publication (最长公示期末日); it ends by itself, whatever was corrected or not."""
    return add_months(decided_on, terms.max_months)


def timetable(decided_on: date, terms: Terms, *, working_days: int, calendar: Calendar) -> Timetable:
    """All dates of a decision (名单时间表)."""
    return Timetable(
        decided_on=decided_on,
        publish_due=publish_due(decided_on, working_days, calendar) if terms.published else None,
        min_end=min_end(decided_on, terms),
        earliest_repair_on=earliest_repair_on(decided_on, terms),
        max_end=max_end(decided_on, terms),
    )


# --- terms that pause -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that does not count (中止): from the day on which papers were asked for to the day on which they came, both out."""

    first: date
    last: date

    def holds(self, on: date) -> bool:
        """Whether a day falls into it."""
        return self.first <= on <= self.last


def due_with_pauses(calendar: Calendar, start: date, working_days: int, pauses: Sequence[Pause] = ()) -> Due:
    """The last day of a term in working days that pauses (中止后的到期日). The day of the event is not counted."""
    on, left, provisional = start, working_days, False
    while left:
        on += ONE_DAY
        if any(pause.holds(on) for pause in pauses):
            continue
        provisional = provisional or calendar.is_provisional(on)
        left -= calendar.is_workday(on)
    return Due(on, provisional)


def days_left(calendar: Calendar, start: date, working_days: int, paused_on: date) -> int:
    """How many working days of a term were left when it was paused (中止时剩余工作日); the day of the pause does not count."""
    last = paused_on - ONE_DAY
    return working_days - (calendar.working_days_between(start, last) if last > start else 0)


# --- remedies ---------------------------------------------------------------------------------------------------------


def review_until(served_on: date, days: int, calendar: Calendar) -> Due:
    """Until when a review may be asked for (申请行政复议期限): natural days after service (行政复议法 art. 20)."""
    return calendar.end_of_natural_days(served_on, days)


def lawsuit_until(served_on: date, months: int, calendar: Calendar) -> Due:
    """Until when a lawsuit may be brought (起诉期限): months after service, put off from a rest day."""
    return calendar.end_of_months(served_on, months)
