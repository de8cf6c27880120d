"""The tree of divisions, who is competent in it, and which policy value wins."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar_data import seed_rows
from app.core.refusal import Refused
from app.core.standards import Confidence
from app.core.working_days import Calendar
from app.regions.rules import (
    ROOT,
    Claim,
    Level,
    child_path,
    competent,
    current_code,
    effective,
    level_of,
    lineage,
    moved,
    number_of,
    padded,
    short_id,
    shorten,
    subtree_range,
    within,
    year_to_enter,
)

PATHS = st.lists(st.integers(1, 50_000).map(short_id), max_size=5).map(lambda ids: ROOT + "".join(f"{i}/" for i in ids))


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("21", Level.PROVINCE), ("2101", Level.CITY), ("210102", Level.COUNTY),
        ("210102001", Level.STREET), ("210102001001", Level.COMMUNITY),
    ],
)  # fmt: skip
def test_the_length_of_a_code_is_its_level(code: str, level: Level) -> None:
    assert level_of(code) is level
    assert shorten(padded(code), level) == code


@pytest.mark.parametrize("code", ["", "2", "210", "21010", "2101021", "21O1", "２１", "2101020010010"])
def test_other_shapes_are_refused(code: str) -> None:
    with pytest.raises(Refused, match="2、4、6、9或12位"):
        level_of(code)


@given(st.integers(1, 10**9))
def test_short_ids_go_both_ways(number: int) -> None:
    assert number_of(short_id(number)) == number


def test_there_is_no_short_id_for_nought() -> None:
    with pytest.raises(ValueError, match="start at 1"):
        short_id(0)


@given(PATHS, PATHS)
def test_the_range_holds_exactly_the_subtree(path: str, scope: str) -> None:
    low, high = subtree_range(scope)
    assert (low.encode() <= path.encode() < high.encode()) is within(path, scope)


def test_a_neighbour_with_a_longer_id_is_outside() -> None:
    assert not within("/21/3ka/", "/21/3k/")
    low, high = subtree_range("/21/3k/")
    assert not low <= "/21/3ka/" < high
    assert low <= child_path("/21/3k/", "z") < high


@given(PATHS)
def test_a_lineage_climbs_to_the_root(path: str) -> None:
    up = lineage(path)
    assert up[0] == path
    assert up[-1] == ROOT
    assert all(within(path, above) for above in up)
    assert len(set(up)) == path.count("/")


def test_a_county_that_changes_its_city_takes_its_subtree_along() -> None:
    assert moved("/1/2/3/4/", "/1/2/3/", "/1/9/3/") == "/1/9/3/4/"
    assert moved("/1/2/33/", "/1/2/3/", "/1/9/3/") == "/1/2/33/"


def test_a_circle_of_successors_ends() -> None:
    assert current_code("a", {"a": "b", "b": "c"}) == "c"
    assert current_code("a", {"a": "b", "b": "a"}) == "b"
    assert current_code("x", {}) == "x"


ORDINARY = [Level.STREET, Level.COUNTY, Level.CITY, Level.PROVINCE]


@pytest.mark.parametrize(
    ("chain", "wanted", "answer"),
    [
        (ORDINARY, Level.COUNTY, Level.COUNTY),
        (ORDINARY, Level.CITY, Level.CITY),
        (ORDINARY, Level.PROVINCE, Level.PROVINCE),
        ([Level.STREET, Level.CITY, Level.PROVINCE], Level.COUNTY, Level.CITY),  # 东莞
        ([Level.COUNTY, Level.PROVINCE], Level.CITY, Level.PROVINCE),  # 仙桃, and a district of 北京
        ([Level.COUNTY, Level.PROVINCE], Level.COUNTY, Level.COUNTY),
    ],
)
def test_the_competent_level_or_the_next_above(chain: list[Level], wanted: Level, answer: Level) -> None:
    assert chain[competent(chain, wanted)] is answer


def test_a_place_without_authority_is_refused() -> None:
    with pytest.raises(Refused, match="县级"):
        competent([Level.COMMUNITY, Level.STREET], Level.COUNTY)


def a_claim(
    key: str = "area", value: int = 1, distance: int = 0, since: int = 2020, to: int | None = None, works: bool = True
) -> Claim[int]:
    until = date(to, 12, 31) if to else None
    sure = Confidence.VERIFIED if works else Confidence.DRAFT
    return Claim(key, value, distance, date(since, 1, 1), until, "示例文件", sure)


def test_the_nearest_region_wins_field_by_field() -> None:
    won = effective([a_claim("a", 1, 2), a_claim("b", 2, 2), a_claim("a", 3, 1), a_claim("c", 4, 9)], on=date(2026, 1, 1))
    assert {key: claim.value for key, claim in won.items()} == {"a": 3, "b": 2, "c": 4}


def test_in_one_region_the_newest_in_force_wins() -> None:
    claims = [a_claim(value=1, since=2018), a_claim(value=2, since=2021), a_claim(value=3, since=2027)]
    assert effective(claims, on=date(2026, 1, 1))["area"].value == 2
    assert effective(claims, on=date(2019, 1, 1))["area"].value == 1
    assert effective(claims, on=date(2017, 1, 1)) == {}
    assert effective([a_claim(value=1, to=2024), a_claim(value=2, distance=1)], on=date(2026, 1, 1))["area"].value == 2


def test_an_own_setting_given_last_beats_the_pack_of_the_same_day() -> None:
    assert effective([a_claim(value=1), a_claim(value=2)], on=date(2026, 1, 1))["area"].value == 2


def test_an_unverified_value_hides_nothing() -> None:
    assert effective([a_claim(value=1, works=False), a_claim(value=2, distance=3)], on=date(2026, 1, 1))["area"].value == 2


@pytest.mark.parametrize(
    ("on", "year"), [(date(2026, 10, 31), None), (date(2026, 11, 1), 2027), (date(2027, 2, 1), 2027), (date(2026, 5, 1), None)]
)
def test_the_notice_is_asked_for_from_november(on: date, year: int | None) -> None:
    assert year_to_enter(on, Calendar(seed_rows())) == year
