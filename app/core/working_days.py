"""Working days (工作日) and legal terms (期限), computed from rows of a calendar; pure.

A working day is a weekday that is no statutory rest day, or a weekend day made up for (调休上班). A term does not
count the day of the event; a natural term whose last day is a rest day ends on the next day that is none.
Sources: 民法典 arts. 201–203; 全国年节及纪念日放假办法; the State Council's yearly notices.
"""

from __future__ import annotations

import calendar as months
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused

ONE_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5


class DayStatus(Labelled):
    """Where a day's kind comes from (日历状态): a published notice, or what the law alone gives."""

    OFFICIAL = "official", "已公布"
    PROVISIONAL = "provisional", "暂定"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the calendar (日历日). `name` is the festival, empty on an ordinary day."""

    date: date
    is_workday: bool
    name: str
    source_doc: str
    status: DayStatus


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a term (到期日). `provisional`: it rests on a day whose notice is not out yet (暂定)."""

    on: date
    provisional: bool

    def __str__(self) -> str:
        return f"{self.on.year}年{self.on.month}月{self.on.day}日{'（暂定）' if self.provisional else ''}"


class Calendar:
    """The working calendar (工作日历), built from rows. A day without a row is judged by law alone and provisional."""

    def __init__(self, rows: Iterable[DayRow]) -> None:
        self._rows: Mapping[date, DayRow] = {row.date: row for row in rows}

    def day(self, on: date) -> DayRow:
        """The row of a day (日历日), made from the weekly rest days and the fixed festivals where none is entered."""
        return self._rows.get(on) or _by_law(on, _FIXED.get((on.month, on.day), ""))

    def is_workday(self, on: date) -> bool:
        """Whether offices work on this day (是否工作日)."""
        return self.day(on).is_workday

    def is_provisional(self, on: date) -> bool:
        """Whether the day's kind is not settled by a notice (是否暂定)."""
        return self.day(on).status is DayStatus.PROVISIONAL

    def official_through(self) -> date | None:
        """The last day that a notice settles (官方安排截止日), or None for an empty calendar."""
        return max((d for d, row in self._rows.items() if row.status is DayStatus.OFFICIAL), default=None)

    def add_working_days(self, start: date, n: int) -> Due:
        """The day on which `n` working days after `start` end (工作日到期日); 0 is `start` itself (当场).

        Raises ValueError for a negative `n`.
        """
        return self._walk(start, n, ONE_DAY)

    def working_days_before(self, end: date, n: int) -> Due:
        """The latest day from which `n` working days reach `end` (最迟应于): a notice due 3 working days ahead."""
        return self._walk(end, n, -ONE_DAY)

    def _walk(self, start: date, n: int, step: timedelta) -> Due:
        if n < 0:
            raise ValueError("a term has no negative length")
        on, provisional = start, False
        while n > 0:
            on += step
            row = self.day(on)
            provisional = provisional or row.status is DayStatus.PROVISIONAL
            n -= row.is_workday
        return Due(on, provisional)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end` (间隔工作日); negative when `end` lies before `start`."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def end_of_natural_days(self, start: date, n: int) -> Due:
        """The day on which `n` natural days after `start` end (自然日到期日), put off from a rest day.

        Source: 民法典 arts. 201, 203. Raises ValueError for a negative `n`.
        """
        if n < 0:
            raise ValueError("a term has no negative length")
        return self._put_off(start + timedelta(days=n)) if n else Due(start, False)

    def end_of_months(self, start: date, n: int) -> Due:
        """The day on which `n` months after `start` end (按月计算的到期日), put off from a rest day.

        Source: 民法典 arts. 202, 203.
        """
        return self._put_off(add_months(start, n))

    def _put_off(self, last: date) -> Due:
        provisional = self.is_provisional(last)
        while not self.is_workday(last):
            last += ONE_DAY
            provisional = provisional or self.is_provisional(last)
        return Due(last, provisional)


def add_months(start: date, n: int) -> date:
    """The same day `n` months on, else the month's last day (按月计算): 2026-11-30 + 3 = 2027-02-28.

    Source: 民法典 art. 202. Not put off from a rest day: terms of publication simply end.
    """
    month = start.year * 12 + start.month - 1 + n
    year, month = divmod(month, 12)
    return date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))


# --- a term with its reason -------------------------------------------------------------------------------------------


class TermKind(Labelled):
    """How a term is counted (期限单位)."""

    WORKING_DAYS = "working_days", "个工作日"
    NATURAL_DAYS = "natural_days", "日"
    MONTHS = "months", "个月"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A term with its start and its reason (期限): all that is needed to compute it again. `article` is its source."""

    kind: TermKind
    start: date
    n: int
    article: str

    def due(self, calendar: Calendar) -> Due:
        """The last day (到期日)."""
        count = {
            TermKind.WORKING_DAYS: calendar.add_working_days,
            TermKind.NATURAL_DAYS: calendar.end_of_natural_days,
            TermKind.MONTHS: calendar.end_of_months,
        }[self.kind]
        return count(self.start, self.n)

    def words(self, calendar: Calendar) -> str:
        """The term as an officer reads it (期限说明)."""
        start = f"{self.start.year}年{self.start.month}月{self.start.day}日"
        return f"自{start}的次日起{self.n}{self.kind.label}，至{self.due(calendar)}止（{self.article}）"


# --- years without a notice -------------------------------------------------------------------------------------------

# Statutory days with a fixed date. Source: 全国年节及纪念日放假办法 (2024 revision, in force 2025-01-01).
_FIXED: Final[Mapping[tuple[int, int], str]] = {
    (1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节",
}  # fmt: skip
STATUTORY_SOURCE: Final = "《全国年节及纪念日放假办法》法定节假日，放假通知尚未录入"


def _by_law(on: date, festival: str) -> DayRow:
    rest = bool(festival) or on.weekday() >= SATURDAY
    return DayRow(on, not rest, festival, STATUTORY_SOURCE, DayStatus.PROVISIONAL)


def provisional_rows(year: int, statutory: Mapping[date, str]) -> tuple[DayRow, ...]:
    """Every day of a year whose notice is not out (暂定日历): weekends and `statutory` days (day → festival) rest."""
    return tuple(_by_law(on, statutory.get(on, "")) for on in _days_of(year))


def _days_of(year: int) -> Iterator[date]:
    on = date(year, 1, 1)
    while on.year == year:
        yield on
        on += ONE_DAY


# --- the State Council's notice ---------------------------------------------------------------------------------------

FESTIVALS: Final = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")


@dataclass(frozen=True, slots=True)
class HolidayRange:
    """A run of rest days in a notice (放假区间); `name` may join two festivals: 国庆节、中秋节."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice of the State Council's office says (放假通知): rest days and made-up working days of one year."""

    year: int
    holidays: tuple[HolidayRange, ...]
    made_up: tuple[tuple[date, str], ...]


_ITEM: Final = re.compile(r"^\s*[一二三四五六七八九十]+、([^：:]{2,20})[：:](.+)$", re.MULTILINE)
_DAY: Final = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?"
_RUN: Final = re.compile(rf"{_DAY}(?:(?:至|-|—|~){_DAY})?[^。;日]*?(?:放假|补休)")
_TOTAL: Final = re.compile(r"共(\d+)天")
_WEEKDAYS: Final = "一二三四五六日"


def parse_notice(text: str, year: int) -> Notice:
    """Read a notice as published (录入放假通知), for instance 一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。

    The stated weekdays and totals are compared with the dates, and all seven festivals must be there. Raises
    Refused with every fault at once, so that a half-read notice never becomes a calendar.
    """
    clean = unicodedata.normalize("NFKC", text)
    faults: list[str] = []
    holidays: list[HolidayRange] = []
    made_up: list[tuple[date, str]] = []
    for name, body in _ITEM.findall(clean):
        name = re.sub(r"\s", "", name)
        if not any(festival.rstrip("节") in name for festival in FESTIVALS):
            continue
        holiday = _holiday(name, body, year, faults)
        if holiday is not None:
            holidays.append(holiday)
        made_up += [(day, name) for day in _made_up(body, year, faults)]
    _compare(holidays, made_up, faults)
    if faults:
        raise Refused("calendar.notice", "放假通知未能录入，请对照原文更正：" + "；".join(faults))
    return Notice(year, tuple(holidays), tuple(made_up))


def _holiday(name: str, body: str, year: int, faults: list[str]) -> HolidayRange | None:
    """The run of rest days in one item (放假区间)."""
    found = _RUN.search(body)
    if found is None:
        faults.append(f"“{name}”一项没有读到放假日期")
        return None
    parts = found.groups()
    first = _date(parts[:4], year, 0, name, faults)
    last = _date(parts[4:], first.year if first else year, first.month if first else 0, name, faults) if parts[6] else first
    if first is None or last is None:
        return None
    total = _TOTAL.search(body)
    days = (last - first).days + 1
    if days < 1 or (total is not None and int(total[1]) != days):
        faults.append(f"“{name}”写明共{total[1] if total else '?'}天，按日期为{days}天")
    return HolidayRange(name, first, last)


def _made_up(body: str, year: int, faults: list[str]) -> Iterator[date]:
    """The made-up working days of one item (调休上班日)."""
    for sentence in re.split(r"[。;]", body):
        if "上班" not in sentence:
            continue
        month = 0
        for parts in re.findall(_DAY, sentence):
            day = _date(parts, year, month, "调休上班", faults)
            if day is not None:
                month = day.month
                yield day


def _date(parts: tuple[str | None, ...], year: int, month: int, name: str, faults: list[str]) -> date | None:
    """The date in (year, month, day, remark), with the year and month of the text before where they are left out."""
    stated_year, stated_month, day, remark = parts
    try:
        on = date(int(stated_year or year), int(stated_month or month), int(day or 0))
    except ValueError:
        faults.append(f"“{name}”中的{stated_month or ''}月{day}日不是真实日期")
        return None
    weekday = re.search(r"(?:周|星期)([一二三四五六日])", remark or "")
    if weekday and weekday[1] != _WEEKDAYS[on.weekday()]:
        faults.append(f"{on.month}月{on.day}日写作周{weekday[1]}，按{on.year}年历为周{_WEEKDAYS[on.weekday()]}")
    return on


def _compare(holidays: list[HolidayRange], made_up: list[tuple[date, str]], faults: list[str]) -> None:
    """Faults between items (条目间核对)."""
    named = "".join(holiday.name for holiday in holidays)
    faults += [f"没有读到“{festival}”" for festival in FESTIVALS if festival.rstrip("节") not in named]
    runs = sorted(holidays, key=lambda holiday: holiday.first)
    faults += [f"“{a.name}”与“{b.name}”的日期重叠" for a, b in pairwise(runs) if b.first <= a.last]
    firsts = [holiday.first for holiday in runs]
    for day, _ in made_up:
        place = bisect_right(firsts, day) - 1
        if place >= 0 and day <= runs[place].last:
            faults.append(f"{day.month}月{day.day}日既放假又上班")
        if day.weekday() < SATURDAY:
            faults.append(f"调休上班日{day.month}月{day.day}日不是周末")


def notice_rows(notice: Notice, source_doc: str) -> tuple[DayRow, ...]:
    """Every day of the notice's year, and days of its neighbours that it names (日历入库行), all official."""
    rest = {
        holiday.first + timedelta(days=n): holiday.name
        for holiday in notice.holidays
        for n in range((holiday.last - holiday.first).days + 1)
    }
    work = dict(notice.made_up)
    rows = []
    for on in sorted({*_days_of(notice.year), *rest, *work}):
        is_workday = on in work or (on not in rest and on.weekday() < SATURDAY)
        name = f"{work[on]}调休上班" if on in work else rest.get(on, "")
        rows.append(DayRow(on, is_workday, name, source_doc, DayStatus.OFFICIAL))
    return tuple(rows)
