"""The rules of certificates, training and staffing against cases worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import yaml

from app.core.identifiers import resident_check_character
from app.core.refusal import Refused
from app.core.standards import BadEdition, Confidence, parse
from app.training.rules import CertificateState, CourseKind, Finding, Outcome, SessionState, Shift, StaffPost
from app.training.rules.certificates import (
    Entered,
    Group,
    Kind,
    KindTable,
    alert_step,
    alert_words,
    check_entry,
    doubts,
    holds_identity,
    is_valid,
    kinds_on,
    lacking,
    runs_out,
    shared_number,
    shown_number,
    standing,
    tidy_number,
)
from app.training.rules.courses import (
    Half,
    Taken,
    check_closing,
    check_result,
    education,
    half_of,
    qualified,
    trained_in,
)
from app.training.rules.people import check_end, check_start, in_post
from app.training.rules.staffing import (
    Ability,
    Counted,
    OldAbility,
    Place,
    Rounding,
    StaffingTable,
    Worker,
    check_residents,
    lines,
    need,
    table_on,
)

HAND: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "hand.yaml").read_text("utf-8"))
ON = date(2026, 11, 24)
OWN = "11010519491231002X"
TABLE = kinds_on(ON)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def kind(code: str) -> Kind:
    return TABLE.named(code)


# --- certificates -----------------------------------------------------------------------------------------------------


def test_alerts_by_hand() -> None:
    wrong = [
        row
        for row in HAND["alerts"]
        if alert_step(date.fromisoformat(row[0]), date.fromisoformat(row[1])) != (row[2] if row[2] != "" else None)
    ]
    assert wrong == []


def test_each_step_is_reached_on_its_own_day_and_none_is_jumped() -> None:
    until = date(2028, 3, 1)
    steps = [alert_step(until, until - timedelta(days=left)) for left in range(120, -3, -1)]
    changes = [step for step, before in zip(steps[1:], steps, strict=False) if step != before]
    assert changes == [90, 60, 30, 7, 0, -1]


def test_standing_by_hand() -> None:
    wrong = [
        row
        for row in HAND["standing"]
        if standing(CertificateState.CURRENT, Finding.UNVERIFIED, runs_out(day(row[0]), day(row[1])), date.fromisoformat(row[2]))
        != row[3]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("state", "finding", "valid"),
    [
        (CertificateState.CURRENT, Finding.DOUBTFUL, True),
        (CertificateState.CURRENT, Finding.FALSE, False),
        (CertificateState.REPLACED, Finding.VERIFIED, False),
        (CertificateState.WITHDRAWN, Finding.UNVERIFIED, False),
    ],
)
def test_what_counts(state: CertificateState, finding: Finding, valid: bool) -> None:
    assert is_valid(state, finding, None, ON) is valid


def test_numbers_by_hand() -> None:
    wrong = []
    for code, number, level, issued, expected in HAND["numbers"]:
        found = doubts(Entered(kind(code), tidy_number(number), level or None, day(issued), None, None, OWN))
        if [str(doubt) for doubt in found] != expected:
            wrong.append((code, number, found, expected))
    assert wrong == []


def test_a_longer_life_than_usual_is_a_doubt_and_no_refusal() -> None:
    entry = Entered(kind("health"), "", None, date(2026, 1, 1), date(2029, 1, 1), None, OWN)
    check_entry(TABLE, entry, on=ON)
    assert [str(doubt) for doubt in doubts(entry)] == ["life"]
    assert doubts(replace(entry, valid_to=date(2026, 12, 31))) == ()


@pytest.mark.parametrize(
    ("code", "entry"),
    [
        ("certificate.level", Entered(kind("caregiver_level"), "", None)),
        ("certificate.level", Entered(kind("caregiver_level"), "", "6")),
        ("certificate.level", Entered(kind("health"), "", "5", ON, ON)),
        ("certificate.issued", Entered(kind("other"), "", None, ON + timedelta(days=1))),
        ("certificate.order", Entered(kind("other"), "", None, ON, ON - timedelta(days=1))),
        ("certificate.order", Entered(kind("other"), "", None, ON, None, ON - timedelta(days=1))),
        ("certificate.review", Entered(kind("special_work"), "", None, ON, ON + timedelta(days=9), ON + timedelta(days=10))),
        ("certificate.valid_to", Entered(kind("health"), "", None, ON, None)),
    ],
)
def test_what_cannot_be_is_refused(code: str, entry: Entered) -> None:
    with pytest.raises(Refused) as why:
        check_entry(TABLE, entry, on=ON)
    assert why.value.code == code
    assert OWN not in why.value.sentence


def test_an_unsure_life_asks_for_no_date() -> None:
    """Sources disagree whether a fire operator's certificate ends, and a nurse's five years are from memory."""
    for code, level in (("fire_operator", "4"), ("nurse", None), ("caregiver_level", "chief")):
        check_entry(TABLE, Entered(kind(code), "", level, ON, None), on=ON)


def test_a_number_that_is_an_identity_number_is_masked_whatever_its_kind() -> None:
    assert shown_number(kind("special_work"), f"T{OWN}") == "T110***********002X"
    assert OWN not in shown_number(kind("other"), OWN)
    assert OWN not in shown_number(kind("other"), f"编号{OWN}")
    assert shown_number(kind("caregiver_level"), "Y000123123456195000001") == "Y000123123456195000001"
    assert holds_identity(OWN)
    assert not holds_identity("110105194912310021")
    assert shared_number("Y000123123456195000001").endswith("0001")
    assert shared_number("1234567") == "*******"


def test_masked_numbers_carry_no_birth_date() -> None:
    """Births 1930 to 1975 in several districts: nothing of the date is left in the masked form."""
    for year in range(1930, 1976):
        body = f"210102{year}0102123"
        number = body + resident_check_character(body)
        shown = shown_number(kind("special_work"), f"T{number}")
        assert shown == f"T210***********{number[-4:]}"


def test_words_say_the_days_that_are_left() -> None:
    until = date(2026, 12, 31)
    assert alert_words("健康证明", until, date(2026, 12, 2)) == "健康证明还有 29 天到期"
    assert alert_words("健康证明", until, until) == "健康证明今天到期"
    assert alert_words("健康证明", until, date(2027, 1, 5)) == "健康证明已过期 5 天"


def test_what_a_post_lacks() -> None:
    assert lacking(TABLE, StaffPost.CAREGIVER, set(), trained=False) == ("缺有效的护理员等级证书，或完成岗前培训并考核合格",)
    assert lacking(TABLE, StaffPost.CAREGIVER, set(), trained=True) == ()
    assert lacking(TABLE, StaffPost.COOK, {Group.LEVEL}, trained=True) == ("缺有效的健康证明",)
    assert lacking(TABLE, StaffPost.SUPPORT, set(), trained=False) == ()


# --- the tables as data -----------------------------------------------------------------------------------------------


def test_every_unsure_row_says_so() -> None:
    assert all(kind.confidence is Confidence.DRAFT for kind in TABLE.kinds if kind.source == "memory" and kind.code != "other")
    rows = {row.id: row.confidence for row in table_on(ON).rows}
    assert rows == {
        "ZZ-1": "verified",
        "GB-1": "draft",
        "GB-5": "draft",
        "MZ-187": "draft",
        "FIRE-2": "verified",
        "FIRE-4": "verified",
    }


def test_eight_levels_stand_above_the_five() -> None:
    eight, five = TABLE.schemes["eight"], TABLE.schemes["five"]
    assert [level.code for level in sorted(eight.levels, key=lambda level: level.rank)] == [
        "apprentice",
        "5",
        "4",
        "3",
        "2",
        "1",
        "special",
        "chief",
    ]
    assert {level.code: level.rank for level in five.levels}.items() <= {level.code: level.rank for level in eight.levels}.items()


@pytest.mark.parametrize("fault", ["scheme", "twice", "post", "source"])
def test_a_table_that_does_not_hang_together_is_refused(fault: str) -> None:
    data = TABLE.model_dump(mode="json", exclude={"sha256"}, exclude_none=True)
    match fault:
        case "scheme":
            data["kinds"][0]["scheme"] = "nine"
        case "twice":
            data["kinds"].append(data["kinds"][0])
        case "post":
            data["posts"].pop()
        case "source":
            data["kinds"][0]["source"] = "nowhere"
    with pytest.raises(BadEdition):
        parse(_texts(data), KindTable)


def _texts(value: Any) -> Any:
    """As a file says it: no truth values, no nothing."""
    if isinstance(value, dict):
        return {key: _texts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_texts(part) for part in value]
    return ("yes" if value else "no") if isinstance(value, bool) else value


def test_a_ratio_without_numbers_is_refused() -> None:
    data = table_on(ON).model_dump(mode="json", exclude={"sha256"}, exclude_none=True)
    data["rows"][0]["ratios"] = {}
    with pytest.raises(BadEdition):
        parse(_texts(data), StaffingTable)


# --- people -----------------------------------------------------------------------------------------------------------


def test_starting_and_ending() -> None:
    check_start(ON, on=ON, birth=date(2010, 11, 24))
    for start, birth, code in ((ON + timedelta(days=1), None, "employment.future"), (ON, date(2010, 11, 25), "employment.young")):
        with pytest.raises(Refused) as why:
            check_start(start, on=ON, birth=birth)
        assert why.value.code == code
    check_end(ON, ON, on=ON, already=None)
    for end, already in ((ON - timedelta(days=1), None), (ON + timedelta(days=1), None), (None, None), (ON, ON)):
        with pytest.raises(Refused):
            check_end(ON, end, on=ON, already=already)
    assert in_post(ON, ON, ON)
    assert not in_post(ON, ON, ON + timedelta(days=1))


# --- training ---------------------------------------------------------------------------------------------------------


def who(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


@pytest.mark.parametrize("case", HAND["education"], ids=lambda case: case["name"])
def test_half_year_education_by_hand(case: dict[str, Any]) -> None:
    taken = [
        Taken(who(name), date.fromisoformat(held), CourseKind.SAFETY, True, there == "present", Outcome(outcome))
        for name, held, there, outcome in case["results"]
    ]
    found = education([who(name) for name in "abcde"], taken, Half(2026, second=True))
    for part in ("passed", "failed", "not_examined", "absent"):
        assert getattr(found, part) == {who(name) for name in case[part]}, part
    assert found.everyone == 5
    assert found.rate == (case["rate"] if case["rate"] != "" else None)
    assert found.meets(8000) == (found.rate >= 8000 if found.rate is not None else None)


def test_other_courses_are_no_safety_education() -> None:
    taken = [Taken(who("a"), date(2026, 9, 1), CourseKind.SKILL, True, True, Outcome.PASSED)]
    assert education([who("a")], taken, Half(2026, second=True)).absent == {who("a")}


def test_halves() -> None:
    assert [half_of(date(2026, m, 1)).second for m in (1, 6, 7, 12)] == [False, False, True, True]
    assert (half_of(ON).first_day, half_of(ON).last_day, half_of(ON).label) == (
        date(2026, 7, 1),
        date(2026, 12, 31),
        "2026年下半年",
    )
    assert half_of(ON).before == Half(2026, second=False)
    assert Half(2026, second=False).before == Half(2025, second=True)


def test_a_thousand_a_year_counts_persons_not_times() -> None:
    def took(name: str, held: date, *, exam: bool = True, outcome: Outcome = Outcome.PASSED, present: bool = True) -> Taken:
        return Taken(who(name), held, CourseKind.SKILL, exam, present, outcome)

    taken = [
        took("a", date(2026, 1, 1)),
        took("a", date(2026, 12, 31)),
        took("b", date(2026, 5, 1), outcome=Outcome.FAILED),
        took("c", date(2026, 5, 1), exam=False, outcome=Outcome.NOT_EXAMINED),
        took("d", date(2025, 12, 31)),
        took("e", date(2026, 5, 1), outcome=Outcome.NOT_EXAMINED, present=False, exam=False),
    ]
    found = trained_in(2026, taken)
    assert (found.persons, found.times) == (2, 3)


def test_rates_keep_apart_what_counted() -> None:
    a, b, c, d = (who(name) for name in "abcd")
    found = qualified(ON, [a, b, c, d, a], certified=[a, b], trained=[b, c, who("z")])
    assert (found.everyone, found.certified, found.trained, found.either) == (4, 2, 2, 3)
    assert [found.rate(n) for n in (found.certified, found.either)] == [5000, 7500]
    assert qualified(ON, [], [], []).rate(0) is None


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("result.absent", {"present": False, "outcome": Outcome.PASSED, "score": None, "has_exam": True}),
        ("result.no_exam", {"present": True, "outcome": Outcome.PASSED, "score": None, "has_exam": False}),
        ("result.score", {"present": True, "outcome": Outcome.PASSED, "score": 101, "has_exam": True}),
        ("result.mismatch", {"present": True, "outcome": Outcome.PASSED, "score": 59, "has_exam": True}),
        ("result.mismatch", {"present": True, "outcome": Outcome.NOT_EXAMINED, "score": 80, "has_exam": True}),
    ],
)
def test_results_that_contradict_themselves(code: str, result: dict[str, Any]) -> None:
    with pytest.raises(Refused) as why:
        check_result(**result, pass_mark=60)
    assert why.value.code == code


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("session.not_now", {"state": SessionState.CLOSED}),
        ("session.future", {"held_on": ON + timedelta(days=1)}),
        ("session.empty", {"enrolled": 0, "recorded": 0}),
        ("session.unrecorded", {"recorded": 1}),
    ],
)
def test_a_session_is_not_closed_early(code: str, more: dict[str, Any]) -> None:
    usual = {"held_on": ON, "state": SessionState.PLANNED, "recorded": 2, "enrolled": 2}
    check_closing(**usual, on=ON)  # type: ignore[arg-type]
    with pytest.raises(Refused) as why:
        check_closing(**(usual | more), on=ON)  # type: ignore[arg-type]
    assert why.value.code == code


# --- staffing ---------------------------------------------------------------------------------------------------------


def test_need_by_hand_both_ways() -> None:
    wrong = []
    for own, partial, full, ratios, each, total in HAND["need"]:
        residents = dict(zip(OldAbility, (own, partial, full), strict=True))
        wanted = {ability: n for ability, n in zip(OldAbility, ratios, strict=True) if n}
        found = (need(residents, wanted, Rounding.EACH), need(residents, wanted, Rounding.SUM))
        if found != (each, total):
            wrong.append((own, partial, full, ratios, found))
    assert wrong == []


def test_the_sum_never_needs_more_than_each() -> None:
    ratios = {OldAbility.SELF_CARE: 10, OldAbility.PARTIAL_CARE: 5, OldAbility.FULL_CARE: 3}
    for own in range(0, 31, 3):
        for partial in range(0, 21, 2):
            for full in range(12):
                residents = dict(zip(OldAbility, (own, partial, full), strict=True))
                total, each = need(residents, ratios, Rounding.SUM), need(residents, ratios, Rounding.EACH)
                assert total <= each < total + 3


LEVELS = {"4": (3, "四级（中级工）"), "5": (2, "五级（初级工）")}


def found_lines(codes: list[str], workers: list[Worker], **more: Any) -> dict[str, list[Any]]:
    table = table_on(ON)
    place = Place("care_home", {Ability.INTACT: 11, Ability.MILD: 6, Ability.TOTAL: 4}, **more)
    found = lines(table, table.rows_for("care_home", codes), place, workers, Rounding.EACH, LEVELS)
    return {row.id: [line for line in found if line.demand.id == row.id] for row in table.rows}


def test_only_what_holds_in_the_region_binds() -> None:
    here = found_lines(["210102", "2101", "21"], [])
    assert here["ZZ-1"] == []
    assert [(line.missing, line.binding) for line in here["GB-5"]] == [(0, False)], "a draft never says that somebody is missing"
    there = found_lines(["410102", "4101", "41"], [Worker(StaffPost.CAREGIVER, Shift.DAY, {})] * 4)["ZZ-1"]
    assert [(line.need_each, line.need_sum, line.there, line.missing) for line in there] == [(6, 4, 4, 2)]
    assert there[0].words == "还差 2 名养老护理员"


def test_a_night_lacks_a_level() -> None:
    """The room is there by day; by night one of two operators has too low a level, and rotating staff are not counted."""
    day_shift = [Worker(StaffPost.FIRE_DUTY, Shift.DAY, {Group.FIRE: 3})] * 2
    night = [Worker(StaffPost.FIRE_DUTY, Shift.NIGHT, {Group.FIRE: 3}), Worker(StaffPost.FIRE_DUTY, Shift.NIGHT, {Group.FIRE: 2})]
    rotating = [Worker(StaffPost.FIRE_DUTY, Shift.ROTATING, {Group.FIRE: 6})]
    found = found_lines([], [*day_shift, *night, *rotating], has_control_room=True, has_linked_control=True)
    assert [(line.shift, line.there, line.missing) for line in found["FIRE-2"]] == [(Shift.DAY, 2, 0), (Shift.NIGHT, 2, 0)]
    by_day, by_night = found["FIRE-4"]
    assert (by_day.missing, by_night.missing, by_night.unclear) == (0, 1, 1)
    assert by_night.words == "夜班还差 1 名四级（中级工）以上消防控制室值班员"
    assert found_lines([], [])["FIRE-2"] == [], "no control room, no duty"


def test_a_certificate_of_another_kind_does_not_count() -> None:
    found = found_lines([], [Worker(StaffPost.FIRE_DUTY, Shift.NIGHT, {Group.LEVEL: 6})], has_control_room=True)
    assert [line.missing for line in found["FIRE-2"]] == [2, 2]
    assert all(line.demand.counted is Counted.SHIFT for line in found["FIRE-2"])


def test_residents_fit_the_beds() -> None:
    check_residents({Ability.TOTAL: 60}, beds=60)
    for residents, beds in (({Ability.TOTAL: 61}, 60), ({Ability.MILD: -1}, None)):
        with pytest.raises(Refused):
            check_residents(residents, beds=beds)
