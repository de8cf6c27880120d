"""Terms in working days, natural days and months, and the notice that a calendar comes from."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar_data import seed_rows
from app.core.refusal import Refused
from app.core.working_days import (
    Calendar,
    DayStatus,
    Deadline,
    Due,
    TermKind,
    add_months,
    notice_rows,
    parse_notice,
)

ROWS = tuple(seed_rows())
CALENDAR = Calendar(ROWS)

# The rest days of 2026 in the form in which the notice of 2025-11-04 gives them.
NOTICE_2026 = """
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 11, 22), 5, date(2026, 11, 27)),  # from a Sunday
        (date(2026, 9, 24), 5, date(2026, 10, 9)),  # over Mid-autumn and National Day
        (date(2026, 2, 13), 5, date(2026, 2, 27)),  # a made-up Saturday first, then nine days of rest
        (date(2026, 9, 18), 5, date(2026, 9, 24)),  # a made-up Sunday: later would be a breach
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
    ],
)
def test_working_days_follow_the_published_rest_days(start: date, n: int, end: date) -> None:
    assert CALENDAR.add_working_days(start, n) == Due(end, False)


def test_a_term_that_touches_a_year_without_notice_says_so() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 17), 10) == Due(date(2026, 12, 31), False)
    crossing = CALENDAR.add_working_days(date(2026, 12, 18), 10)
    assert crossing == Due(date(2027, 1, 4), True)
    assert str(crossing) == "2027年1月4日（暂定）"


def test_no_term_crashes_however_long() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 22), 600).provisional
    assert not CALENDAR.is_workday(date(2031, 10, 1))


@given(st.dates(date(2005, 1, 1), date(2028, 12, 31)), st.integers(0, 60))
def test_adding_counting_and_going_back_agree(start: date, n: int) -> None:
    due = CALENDAR.add_working_days(start, n)
    assert CALENDAR.working_days_between(start, due.on) == n
    assert CALENDAR.working_days_between(due.on, start) == -n
    assert n == 0 or CALENDAR.is_workday(due.on)
    back = CALENDAR.working_days_before(due.on, n)
    assert back.on <= due.on
    assert CALENDAR.working_days_between(back.on, due.on) in (n, n - 1, n + 1)


def test_the_latest_day_of_a_notice_before_a_visit() -> None:
    assert CALENDAR.working_days_before(date(2026, 10, 9), 3).on == date(2026, 9, 29)


def test_a_negative_term_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(date(2026, 1, 1), -1)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.end_of_natural_days(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 9, 18), 2, date(2026, 9, 20)),  # ends on a made-up Sunday: not put off
        (date(2026, 9, 10), 15, date(2026, 9, 28)),  # ends on a festival
        (date(2026, 11, 2), 60, date(2027, 1, 4)),  # New Year's Day, a Friday, then the weekend
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_natural_days_are_put_off_from_a_rest_day(start: date, n: int, end: date) -> None:
    assert CALENDAR.end_of_natural_days(start, n).on == end


def test_months_follow_the_civil_code() -> None:
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert CALENDAR.end_of_months(date(2026, 8, 26), 1).on == date(2026, 9, 28)


def test_a_deadline_explains_itself() -> None:
    term = Deadline(TermKind.WORKING_DAYS, date(2026, 9, 24), 5, "行政处罚法第六十四条")
    assert term.words(CALENDAR) == "自2026年9月24日的次日起5个工作日，至2026年10月9日止（行政处罚法第六十四条）"
    assert Deadline(TermKind.NATURAL_DAYS, date(2026, 1, 5), 90, "同法第六十条").due(CALENDAR).on == date(2026, 4, 7)
    assert Deadline(TermKind.MONTHS, date(2026, 1, 30), 1, "").due(CALENDAR).on == date(2026, 2, 28)


def test_the_seed_holds_every_day_once_and_says_where_it_is_from() -> None:
    assert [row.date for row in ROWS] == [date(2004, 1, 1) + timedelta(days=n) for n in range(len(ROWS))]
    assert ROWS[-1].date == date(2027, 12, 31)
    assert {row.date.year for row in ROWS if row.status is DayStatus.PROVISIONAL} == {2027}
    assert CALENDAR.official_through() == date(2026, 12, 31)
    assert Calendar(()).official_through() is None
    assert sum(not row.is_workday and row.name != "" for row in ROWS if row.date.year == 2027) == 13
    assert all(row.source_doc for row in ROWS)


def test_the_notice_of_2026_gives_the_calendar_we_ship() -> None:
    rows = notice_rows(parse_notice(NOTICE_2026, 2026), "notice")
    shipped = [(row.date, row.is_workday) for row in ROWS if row.date.year == 2026]
    assert [(row.date, row.is_workday) for row in rows] == shipped
    assert all(row.status is DayStatus.OFFICIAL for row in rows)


def test_an_official_year_replaces_a_provisional_one() -> None:
    text = NOTICE_2026.replace("9月20日（周日）、", "")
    rows = notice_rows(parse_notice(text, 2026), "notice")
    later = Calendar((*ROWS, *rows))
    assert later.add_working_days(date(2026, 9, 18), 5).on == date(2026, 9, 28)


def test_older_wordings_and_days_of_the_year_before_are_read() -> None:
    text = """一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。"""
    rows = notice_rows(parse_notice(text, 2023), "notice")
    assert rows[0].date == date(2022, 12, 31)
    assert [(r.date, r.is_workday) for r in rows[1:]] == [(r.date, r.is_workday) for r in ROWS if r.date.year == 2023]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("（周四）至3日", "（周五）至3日", "1月1日写作周五"),
        ("共9天", "共8天", "写明共8天，按日期为9天"),
        ("四、劳动节", "四、放假", "没有读到“劳动节”"),
        ("5月9日（周六）上班", "5月8日（周五）上班", "不是周末"),
        ("2月14日（周六）", "2月15日（周日）", "既放假又上班"),
        ("6月19日（周五）至21日（周日）放假", "待定", "没有读到放假日期"),
        ("4月4日", "4月31日", "不是真实日期"),
        ("9月25日（周五）至27日（周日）放假，共3天", "9月29日至10月1日放假，共3天", "日期重叠"),
    ],
)
def test_a_notice_with_a_fault_is_refused_whole(old: str, new: str, fault: str) -> None:
    assert old in NOTICE_2026
    with pytest.raises(Refused, match=fault):
        parse_notice(NOTICE_2026.replace(old, new), 2026)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        parse_notice("", 2027)
    assert refusal.value.sentence.count("没有读到") == 7
