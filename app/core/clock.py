"""The clock (时钟): called only by views, jobs and the command line; below them dates are arguments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment (此刻), in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's legal day (今日), in Beijing."""
    return now().astimezone(BEIJING).date()


def legal_day(moment: datetime) -> date:
    """The day in Beijing on which a moment falls (法定日)."""
    return moment.astimezone(BEIJING).date()
