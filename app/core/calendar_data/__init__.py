"""The calendar that the platform starts with (初始工作日历): 2004–2026 as published, 2027 provisional."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from chinese_calendar import constants

from app.core.working_days import SATURDAY, DayRow, DayStatus, provisional_rows

FIRST_YEAR: Final = 2004
LAST_OFFICIAL_YEAR: Final = 2026

# Issue dates of the notices as far as a source was seen; no document numbers, because none was.
_ISSUED: Final[Mapping[int, str]] = {
    2017: "2016-12-01发布",
    2025: "2024-11-12发布，日期待核",
    2026: "2025-11-04发布，已与通知核对",
}

# Statutory days of the year whose notice is not out, without the swapped days that only the notice can give.
# The lunar festivals are computed, not published.
STATUTORY: Final[Mapping[int, Mapping[date, str]]] = {
    2027: {
        date(2027, 1, 1): "元旦",
        date(2027, 2, 5): "春节",
        date(2027, 2, 6): "春节",
        date(2027, 2, 7): "春节",
        date(2027, 2, 8): "春节",
        date(2027, 4, 5): "清明节",
        date(2027, 5, 1): "劳动节",
        date(2027, 5, 2): "劳动节",
        date(2027, 6, 9): "端午节",
        date(2027, 9, 15): "中秋节",
        date(2027, 10, 1): "国庆节",
        date(2027, 10, 2): "国庆节",
        date(2027, 10, 3): "国庆节",
    },
}

_NAMES: Final = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def source_of(year: int) -> str:
    """The document behind a year's rows (来源文件)."""
    issued = _ISSUED.get(year, "发布日期未核")
    return f"《国务院办公厅关于{year}年部分节假日安排的通知》（{issued}；数据取自 chinesecalendar 1.11.0，MIT）"


def seed_rows() -> Iterator[DayRow]:
    """Every day from 2004-01-01 through 2027-12-31 (初始日历行). Reads the installed package, no network."""
    on = date(FIRST_YEAR, 1, 1)
    while on.year <= LAST_OFFICIAL_YEAR:
        yield _published(on)
        on += timedelta(days=1)
    for year, statutory in sorted(STATUTORY.items()):
        yield from provisional_rows(year, statutory)


def _published(on: date) -> DayRow:
    """The row of a day whose year's notice is known (已公布日)."""
    if on in constants.holidays:
        name = _festival(constants.holidays[on])
        return DayRow(on, False, name, source_of(on.year), DayStatus.OFFICIAL)
    if on in constants.workdays:
        name = f"{_festival(constants.workdays[on])}调休上班"
        return DayRow(on, True, name, source_of(on.year), DayStatus.OFFICIAL)
    return DayRow(on, on.weekday() < SATURDAY, "", source_of(on.year), DayStatus.OFFICIAL)


def _festival(english: str) -> str:
    """The Chinese name of the package's festival (节日名称)."""
    chinese = str(constants.Holiday(english).chinese)
    return _NAMES.get(chinese, chinese)
