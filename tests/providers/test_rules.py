"""The law of the registry as values in and decisions out (机构与备案规则)."""

from __future__ import annotations

from datetime import date

import pytest

from app.core.refusal import Refused
from app.providers.rules import FilingKind, FilingState, Nature, PaperKind, PaperState, SiteKind, SiteState
from app.providers.rules.facts import FACTS, check_fact, check_facts, contradictions, shown_fact
from app.providers.rules.filings import (
    MINIMUM,
    NEXT,
    REQUIRED_PAPERS,
    Entry,
    FilingVerb,
    check_complete,
    check_first_resident,
    may_say,
    missing_papers,
    next_state,
    receipt_number,
)
from app.providers.rules.names import sounds
from app.providers.rules.papers import PAPERS, Standing, alert_stage, check_paper, standing
from app.providers.rules.sites import (
    FIRE_PAPERS,
    SITE_NEXT,
    SiteVerb,
    check_beds,
    check_closing_day,
    competent_level,
    looks_like_care_home,
    next_site_state,
)
from app.regions.rules import Level

ON = date(2026, 11, 24)


def test_a_filing_moves_only_as_the_table_says() -> None:
    for state in FilingState:
        for verb in FilingVerb:
            if (state, verb) in NEXT:
                assert next_state(state, verb) is NEXT[state, verb]
            else:
                with pytest.raises(Refused, match=f"“{state.label}”状态，不能“{verb.label}”"):
                    next_state(state, verb)


def test_an_answered_filing_is_at_its_end() -> None:
    ended = {FilingState.ACCEPTED, FilingState.WITHDRAWN}
    assert not [pair for pair in NEXT if pair[0] in ended], "a receipt has no expiry and is never taken back here"
    assert set(NEXT.values()) == set(FilingState) - {FilingState.DRAFT}


def test_a_site_moves_only_as_the_table_says_and_never_back_to_life() -> None:
    for state in SiteState:
        for verb in SiteVerb:
            if (state, verb) not in SITE_NEXT:
                with pytest.raises(Refused, match=state.label):
                    next_site_state(state, verb)
    assert not [verb for state, verb in SITE_NEXT if state is SiteState.EXITED]
    assert [verb for state, verb in SITE_NEXT if state is SiteState.CLOSED] == [SiteVerb.EXIT]


@pytest.mark.parametrize(
    ("nature", "registrar", "filed", "level"),
    [
        (Nature.FOR_PROFIT, Level.CITY, True, Level.COUNTY),
        (Nature.FOR_PROFIT, Level.COUNTY, True, Level.COUNTY),
        (Nature.NON_PROFIT, Level.CITY, True, Level.CITY),
        (Nature.NON_PROFIT, Level.PROVINCE, True, Level.PROVINCE),
        (Nature.PUBLIC, Level.CITY, True, Level.CITY),
        (Nature.PUBLIC, Level.COUNTY, True, Level.COUNTY),
        (Nature.NON_PROFIT, Level.STREET, True, Level.COUNTY),
        (Nature.NON_PROFIT, Level.CITY, False, Level.COUNTY),
        (Nature.PUBLIC, Level.PROVINCE, False, Level.COUNTY),
    ],
)
def test_who_is_competent(nature: Nature, registrar: Level, filed: bool, level: Level) -> None:
    assert competent_level(nature, registrar, filed=filed) is level


def test_ten_beds_are_a_cliff() -> None:
    check_beds(SiteKind.CARE_HOME, 10)
    check_beds(SiteKind.DAY_CARE, 4)
    with pytest.raises(Refused, match="不足 10 张"):
        check_beds(SiteKind.CARE_HOME, 9)
    assert looks_like_care_home(SiteKind.COMMUNITY_STATION, 10, True)
    assert not looks_like_care_home(SiteKind.COMMUNITY_STATION, 10, False), "without full-day care it is none"
    assert not looks_like_care_home(SiteKind.COMMUNITY_STATION, None, True)


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        check_complete(FilingKind.FIRST, {Entry.NAME: "示例"}, set(), promised=True)
    for word in ("服务场所地址", "床位数量", "登记证书"):
        assert word in refused.value.sentence
    content = {str(entry): "1" for entry in MINIMUM[FilingKind.FIRST]}
    with pytest.raises(Refused, match="我承诺"):
        check_complete(FilingKind.FIRST, content, {PaperKind.REGISTRATION}, promised=False)
    check_complete(FilingKind.FIRST, content, {PaperKind.REGISTRATION}, promised=True)


def test_no_fire_paper_is_asked_for_nationally_but_every_track_has_one() -> None:
    assert all(PaperKind.FIRE not in papers for papers in REQUIRED_PAPERS.values())
    assert all(paper.paper and paper.issuer for paper in FIRE_PAPERS.values())
    assert missing_papers(FilingKind.CLOSE, set()) == (PaperKind.RESETTLEMENT,)


def test_a_change_must_change_something() -> None:
    with pytest.raises(Refused):
        check_complete(FilingKind.CHANGE, {Entry.REASON: "示例"}, set(), promised=True)
    check_complete(FilingKind.CHANGE, {Entry.REASON: "示例", Entry.BEDS: 80}, set(), promised=True)
    assert Entry.FIRST_RESIDENT_ON not in may_say(FilingKind.CHANGE)


def test_filing_follows_the_first_resident() -> None:
    check_first_resident(ON, ON)
    with pytest.raises(Refused, match="不能晚于今天"):
        check_first_resident(date(2026, 11, 25), ON)


def test_closing_is_announced_as_early_as_the_place_asks() -> None:
    check_closing_day(ON, date(2027, 1, 23), 60, "依地方规定")
    with pytest.raises(Refused, match=r"60 日.*依地方规定.*2027-01-23"):
        check_closing_day(ON, date(2027, 1, 22), 60, "依地方规定")


def test_numbers_on_receipts() -> None:
    assert receipt_number("示和民", 2026, 7) == "示和民养备〔2026〕7号"


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("beds", 60, True),
        ("beds", -1, False),
        ("beds", True, False),
        ("beds", 6.5, False),
        ("beds", 10_001, False),
        ("insurance", True, True),
        ("insurance", 1, False),
        ("tenure", "leased", True),
        ("tenure", "stolen", False),
        ("services", " ", False),
        ("charge_bed_min", 120_000, True),
        ("weight", 1, False),
    ],
)
def test_a_fact_is_checked_by_its_form(key: str, value: object, right: bool) -> None:
    assert (check_fact(key, value) is None) is right


def test_a_part_is_not_more_than_its_whole() -> None:
    assert [key for key, _ in contradictions({"beds": 10, "nursing_beds": 11, "staff": 3, "caregivers": 3})] == ["nursing_beds"]
    assert contradictions({"nursing_beds": 11}) == ()
    with pytest.raises(Refused, match="床位费最低"):
        check_facts({"charge_bed_min": 2, "charge_bed_max": 1})


def test_facts_as_people_read_them() -> None:
    assert shown_fact("charge_meals", 90_050) == "900.50"
    assert shown_fact("insurance", False) == "否"
    assert shown_fact("tenure", "lent") == "无偿使用"
    assert all(fact.label and fact.key == key for key, fact in FACTS.items())


def test_papers_expire_or_not() -> None:
    assert PAPERS.keys() == set(PaperKind)
    with pytest.raises(Refused, match="没有有效期"):
        check_paper(PaperKind.FIRE, None, ON)
    with pytest.raises(Refused, match="请填写"):
        check_paper(PaperKind.FOOD, None, None)
    with pytest.raises(Refused, match="不能早于"):
        check_paper(PaperKind.FOOD, ON, date(2026, 11, 23))
    check_paper(PaperKind.LEASE, None, None)


@pytest.mark.parametrize(
    ("until", "stage", "stands"),
    [
        (date(2027, 2, 23), None, Standing.VALID),
        (date(2027, 2, 22), 90, Standing.VALID),
        (date(2026, 12, 24), 30, Standing.SOON),
        (date(2026, 12, 1), 7, Standing.SOON),
        (date(2026, 11, 24), 0, Standing.SOON),
        (date(2026, 11, 23), 0, Standing.EXPIRED),
    ],
)
def test_reminders_come_in_steps(until: date, stage: int | None, stands: Standing) -> None:
    assert alert_stage(PaperKind.FOOD, until, ON) == stage
    assert standing(PaperState.CURRENT, until, ON) is stands


def test_a_name_is_found_by_its_sound() -> None:
    assert sounds("示例·松鹤养老院") == ("shilisongheyanglaoyuan", "slshyly")
