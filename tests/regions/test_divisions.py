"""The shipped list of divisions: complete, a tree with its irregular branches, and with what became of old codes."""

from collections import Counter
from datetime import date

import pytest

from app.regions.divisions import ATTRIBUTION, county_codes, divisions, successors
from app.regions.rules import Level, current_code, level_of

ALL = tuple(divisions())
CURRENT = {d.code: d for d in ALL if d.valid_to is None}
RETIRED = {d.code: d for d in ALL if d.valid_to is not None}


def test_the_whole_country_is_there_and_each_code_once() -> None:
    assert Counter(d.level for d in CURRENT.values()) == {
        Level.PROVINCE: 34, Level.CITY: 333, Level.COUNTY: 2_847, Level.STREET: 38_749,
    }  # fmt: skip
    assert len(CURRENT) + len(RETIRED) == len(ALL)
    assert len(RETIRED) > 3_000


def test_every_code_has_the_shape_of_its_level() -> None:
    assert [d for d in ALL if level_of(d.code) is not d.level] == []


def test_parents_come_before_children() -> None:
    seen: set[str] = set()
    orphans = []
    for division in ALL:
        if division.valid_to is None:
            if division.parent_code is not None and division.parent_code not in seen:
                orphans.append(division)
            seen.add(division.code)
    assert orphans == []
    assert [d for d in RETIRED.values() if d.parent_code not in CURRENT and d.parent_code not in RETIRED] == []


@pytest.mark.parametrize(
    ("code", "name", "parent"),
    [
        ("2101", "沈阳市", "21"),
        ("210123", "康平县", "2101"),
        ("110101", "东城区", "11"),  # a municipality: no dummy in between
        ("429004", "仙桃市", "42"),  # a county under the province
        ("659001", "石河子市", "65"),
        ("469001", "五指山市", "46"),
        ("4419", "东莞市", "44"),  # cities without counties
        ("4420", "中山市", "44"),
        ("4604", "儋州市", "46"),
        ("6202", "嘉峪关市", "62"),
        ("653228", "和康县", "6532"),  # new in December 2024
    ],
)
def test_the_irregular_places_hang_where_they_belong(code: str, name: str, parent: str) -> None:
    assert (CURRENT[code].name, CURRENT[code].parent_code) == (name, parent)


def test_a_city_without_counties_has_none() -> None:
    parents = {d.parent_code for d in CURRENT.values()}
    assert parents.isdisjoint({"4419", "4420", "4604", "6202"})


@pytest.mark.parametrize(
    ("old", "name", "year", "new"),
    [
        ("210122", "辽中县", 2016, "210115"),
        ("6522", "哈密地区", 2016, "6505"),
        ("320602", "崇川区", 2020, "320613"),
        ("330104", "江干区", 2021, "330102"),
    ],
)
def test_a_retired_code_says_when_it_ended_and_who_took_over(old: str, name: str, year: int, new: str) -> None:
    gone = RETIRED[old]
    assert (gone.name, gone.valid_to, gone.successor_code) == (name, date(year, 12, 31), new)
    assert new in CURRENT
    assert not gone.valid_on(date(year + 1, 1, 1))
    assert gone.valid_on(date(year - 1, 1, 1))


def test_a_renamed_district_keeps_its_code() -> None:
    assert CURRENT["210112"].name == "浑南区"


def test_every_successor_is_a_division_of_today() -> None:
    following = successors()
    assert len(following) > 3_000
    assert set(following.values()) <= set(CURRENT)
    assert current_code("210122", following) == "210115"


def test_codes_that_may_begin_an_identity_number() -> None:
    codes = county_codes()
    assert {"210102", "210122", "110105", "810000"} <= codes
    assert {len(code) for code in codes} == {6}


def test_the_source_is_named() -> None:
    assert "CC BY 4.0" in ATTRIBUTION
    assert "国家地名信息库" in ATTRIBUTION
