"""Clocks of complaints (投诉期限): terms as data, pauses as records, one extension, colours; pure.

The day of the event is not counted; the last natural day is put off from a rest day (民法典 arts. 201, 203). A pause
stops the count after its first day and lets it go on after its last: the days after `from_on` up to and with `until_on`
do not count. That the clock stands still meanwhile is a rule of the platform, marked so on pages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.complaints.rules.kinds import Track
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition
from app.core.working_days import ONE_DAY, Calendar, Due

UnitWord = Literal["working_days", "natural_days"]
UNIT_LABELS: Final[Mapping[str, str]] = {"working_days": "个工作日", "natural_days": "日"}


class Term(BaseModel):
    """One term (时限): how many days of which kind, from what on, by which source. `setting` names the pack's value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1)
    unit: UnitWord
    count: int = Field(ge=0)
    starts: Literal["received", "accepted", "answered", "sent", "marked", "due"]
    setting: str = ""
    source: str = Field(min_length=1)
    confidence: Confidence

    @property
    def words(self) -> str:
        """The term as an officer reads it (时限说明): 12345 投诉办结 13 个工作日，某地 12345 办理规定（平台默认）."""
        mark = "" if self.confidence.scores else f"（{self.confidence.label}）"
        length = f"{self.count} {UNIT_LABELS[self.unit]}" if self.count else "当日"
        return f"{self.label} {length}，{self.source}{mark}"


class TrackTerms(BaseModel):
    """The terms of one track (途径时限). No `notice`: nothing is told within a term of its own; no `extension`: none is granted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handle: Term
    notice: Term | None = None
    extension: Term | None = None


class TermsTable(Edition):
    """The terms of complaints (投诉举报办理时限), one dated edition."""

    kind: Literal["complaint_terms"] = "complaint_terms"
    terms: dict[Literal["classify", "urgent", "reply", "callback"], Term]
    tracks: dict[Track, TrackTerms]


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a clock stands still (中止). `until_on` is None while it lasts."""

    from_on: date
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether this day does not count (不计入)."""
        return self.from_on < on and (self.until_on is None or on <= self.until_on)


def due(
    start: date, count: int, unit: UnitWord, calendar: Calendar, *, pauses: Collection[Pause] = (), extension: int = 0
) -> Due | None:
    """The last day of a term (到期日) with pauses and one extension in the term's own unit; None while it stands still.

    Raises ValueError for a negative count.
    """
    if count < 0 or extension < 0:
        raise ValueError("a term has no negative length")
    on, left, provisional = start, count + extension, False
    while left > 0:
        on += ONE_DAY
        if any(pause.holds(on) for pause in pauses):
            if any(pause.until_on is None and pause.holds(on) for pause in pauses):
                return None
            continue
        if unit == "working_days":
            provisional = provisional or calendar.is_provisional(on)
            left -= calendar.is_workday(on)
        else:
            left -= 1
    if unit == "natural_days" and count + extension:
        provisional = calendar.is_provisional(on)
        while not calendar.is_workday(on):
            on += ONE_DAY
            provisional = provisional or calendar.is_provisional(on)
    return Due(on, provisional)


def remaining(start: date, count: int, unit: UnitWord, calendar: Calendar, *, on: date) -> int:
    """What is left of a term at the end of a day (剩余天数), so that it can go on after a pause."""
    used = calendar.working_days_between(start, on) if unit == "working_days" else (on - start).days
    return max(0, count - max(0, used))


def check_pause(left: int) -> None:
    """A clock that has run out, or runs out today, cannot be stopped (中止须在到期前)."""
    if left < 1:
        raise Refused("pause.late", "办理期限已到，不能再中止。请尽快提出处理意见，逾期的在答复中说明原因。")


def check_resume(paused_on: date, on: date) -> None:
    """A pause does not end before it began (恢复日期)."""
    if on < paused_on:
        raise Refused("pause.order", "恢复日期早于中止日期，请核对。")


def check_extension(term: Term | None, *, wanted: int, already: int, due_on: date | None, on: date, reason: str) -> None:
    """One extension, asked before the term ends, no longer than the table grants, with a reason (延期条件)."""
    if term is None:
        raise Refused("extension.none", "这一途径没有延期的依据，请在期限内办结。")
    if already:
        raise Refused("extension.once", "已经延期过一次，不能再延。")
    if due_on is None or on > due_on:
        raise Refused("extension.late", "延期须在到期前申请和批准，现在已过期限。")
    if not 1 <= wanted <= term.count:
        raise Refused("extension.length", f"最多延长 {term.count} {UNIT_LABELS[term.unit]}（{term.source}），请改短。")
    if len(reason.strip()) < 4:
        raise Refused("extension.reason", "请写明延期的理由。")


# --- colours ----------------------------------------------------------------------------------------------------------

YELLOW_LEFT: Final = 3
RED_LEFT: Final = 1


@dataclass(frozen=True, slots=True)
class Light:
    """How a clock stands (期限灯): `left` days in its own unit, or `overdue` days; tone is one of the components' tones."""

    left: int
    overdue: int
    passed: int
    total: int
    tone: str
    unit: str


def light(start: date, due_on: date, count: int, unit: UnitWord, calendar: Calendar, *, on: date) -> Light:
    """Green, yellow at half of the term or three days left, red at one and overdue (黄灯、红灯).

    Overdue is counted in the term's own unit: working days for 12345, natural days for petitions.
    """
    working = unit == "working_days"

    def between(first: date, last: date) -> int:
        return calendar.working_days_between(first, last) if working else (last - first).days

    if on > due_on:
        return Light(0, max(1, between(due_on, on)), count, count, "veto", UNIT_LABELS[unit])
    left = between(on, due_on)
    passed = min(count, max(0, between(start, on)))
    tone = "veto" if left <= RED_LEFT else "wait" if left <= YELLOW_LEFT or passed * 2 >= count else "info"
    return Light(left, 0, passed, count, tone, UNIT_LABELS[unit])
