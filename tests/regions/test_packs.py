"""The shipped policy packs: readable, sourced, and inherited field by field."""

from datetime import date
from typing import Any

import pytest

from app.core.standards import BadEdition, Confidence, parse, read_data
from app.regions.divisions import divisions
from app.regions.packs import (
    FOLDER,
    GROUPS,
    PLATFORM,
    SETTINGS,
    PolicyPack,
    TargetKind,
    Unit,
    check_value,
    claims,
    library,
    settings_for,
    show,
    targets_for,
)
from app.regions.rules import Claim

ON = date(2026, 11, 22)
SHENYANG = ("210102", "2101", "21")
NINGBO = ("330203", "3302", "33")
TAIYUAN = ("140105", "1401", "14")
PACKS = library().editions


def a_pack(**changes: Any) -> PolicyPack:
    """A small pack that is valid unless `changes` spoil it."""
    data: dict[str, Any] = {
        "kind": "policy_pack", "code": "sample", "edition": "2026-01-01", "name": "示例", "region": "2101", "basis": "示例",
        "confidence": "verified", "in_force_from": "2026-01-01", "document": {"title": "示例文件"},
    }  # fmt: skip
    return parse(data | changes, PolicyPack)


def test_the_five_documents_and_the_defaults_are_there() -> None:
    assert {(pack.code, pack.region) for pack in PACKS} == {
        ("liaoning_2017", "21"), ("ningbo_2017", "3302"), ("platform", ""), ("shanxi", "14"),
        ("shenyang_2018", "2101"), ("shenyang_2021", "2101"),
    }  # fmt: skip
    codes = {division.code for division in divisions() if division.valid_to is None}
    assert {pack.region for pack in PACKS} - {PLATFORM} <= codes


def test_every_value_names_its_place_in_the_document() -> None:
    bare = [
        (pack.code, said.clause)
        for pack in PACKS
        if pack.region != PLATFORM
        for said in (*pack.settings.values(), *pack.targets, *pack.baselines)
        if not said.words
    ]
    assert bare == []
    assert {pack.code for pack in PACKS if pack.date_pending} == {"shanxi", "shenyang_2021"}


def test_the_facility_quotas_are_per_hundred_households_and_differ_by_place() -> None:
    new, existing = "facility.new_estate_area", "facility.existing_estate_area"
    here, there = settings_for(SHENYANG, on=ON), settings_for(NINGBO, on=ON)
    assert (here[new].value, here[existing].value) == (35, 25)
    assert (there[new].value, there[existing].value) == (20, 15)
    assert SETTINGS[new].unit is Unit.M2_PER_100_HOUSEHOLDS
    assert here[new].source == "《推进养老服务高质量发展实施方案》二（一）1【日期待核】"


def test_a_city_inherits_from_its_province_and_from_the_platform() -> None:
    held = settings_for(SHENYANG, on=ON)
    assert held["facility.rural_centre_area_min"].source.startswith("《省十二届人大")
    assert held["sampling.rate_c"].value == 6_000
    assert held["sampling.rate_c"].confidence is Confidence.PLATFORM_DEFAULT
    assert "subsidy.bed_full_care" not in held
    assert settings_for(TAIYUAN, on=ON)["subsidy.bed_full_care"].value == 30_000
    assert settings_for(TAIYUAN, on=ON)["subsidy.operating_aaa_min"].soft


def test_of_two_plans_of_one_city_the_later_wins_in_its_time() -> None:
    before = settings_for(SHENYANG, on=date(2019, 6, 1))["facility.new_estate_area"]
    assert "沈政办发〔2018〕127号" in before.source
    assert before.confidence is Confidence.CORROBORATED
    assert "facility.new_estate_area" not in settings_for(SHENYANG, on=date(2021, 2, 1))


def test_an_own_setting_beats_every_pack() -> None:
    own = Claim[Any]("facility.new_estate_area", 40, 0, date(2026, 2, 1), None, "和平区文件")
    assert settings_for(SHENYANG, on=ON, own=[own])["facility.new_estate_area"].value == 40
    assert settings_for(SHENYANG, on=date(2026, 1, 31), own=[own])["facility.new_estate_area"].value == 35


def test_what_is_unverified_is_shown_but_not_used() -> None:
    shown = {claim.key: claim for claim in claims(PACKS, TAIYUAN)}
    assert shown["rating.levels"].confidence is Confidence.DRAFT
    used = settings_for(TAIYUAN, on=ON)
    assert "rating.levels" not in used
    assert "staff.ratio_full_care" not in used
    assert used["rating.indicators"].date_pending


def test_the_national_minimum_is_law_and_the_sampling_rates_are_not() -> None:
    used = settings_for((), on=ON)
    assert used["inspection.first_visit"].confidence is Confidence.VERIFIED
    assert {used[f"sampling.rate_{tier}"].value for tier in "abcd"} == {1_000, 3_000, 6_000, 10_000}
    assert "inspection.visits_cap" not in used


def test_every_setting_belongs_to_a_named_group_and_most_have_a_value() -> None:
    assert {setting.group for setting in SETTINGS.values()} == set(GROUPS)
    given = {key for pack in PACKS for key in pack.settings}
    left_to_each_place = {"inspection.visits_cap", "filing.handle", "credit.watch_term"}
    without_a_source = {"staff.night_ratio", "staff.night_level", "staff.ratio_rounding"}
    local_amounts = {key for key in SETTINGS if key.startswith(("subsidy.operating_", "subsidy.star_"))} - given
    assert set(SETTINGS) - given == left_to_each_place | without_a_source | local_amounts


def test_targets_of_a_place_add_up() -> None:
    bound = targets_for(SHENYANG, on=ON)
    ids = [target.id for _, target in bound]
    assert ids[0].startswith("SY21-")
    assert ids[-1].startswith("LN-")
    assert not any(i.startswith("SY18-") for i in ids)
    assert len([i for i in ids if i.startswith("SY21-")]) == 25
    assert len(targets_for(NINGBO, on=ON)) == 19
    assert targets_for(("330102",), on=ON) == ()


def test_a_path_says_what_was_due_and_what_comes() -> None:
    beds = next(target for _, target in targets_for(SHENYANG, on=ON) if target.id == "SY21-3")
    assert beds.due_by(date(2021, 12, 30)) is None
    assert [step.value for step in (beds.due_by(date(2024, 1, 1)), beds.next_step(date(2024, 1, 1))) if step] == [5_000, 6_000]
    assert beds.next_step(ON) is None
    stars = next(target for _, target in targets_for(SHENYANG, on=ON) if target.id == "SY21-11")
    assert (stars.kind, stars.path[0].value, stars.path[0].due) == (TargetKind.RATE, 8_000, date(2023, 12, 31))


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (5_500, Unit.RATE, "55%"), (1_234, Unit.RATE, "12.34%"), (20_000, Unit.FEN_PER_MONTH, "200元/人·月"),
        (15_000_000, Unit.FEN_PER_YEAR, "150,000元/年"), (35, Unit.M2_PER_100_HOUSEHOLDS, "35平方米/百户"),
        (20, Unit.WORKING_DAYS, "20个工作日"), (4, Unit.ONE_TO, "1:4"), ("B", Unit.TEXT, "B"), ((90, 60), Unit.LIST, "90、60日"),
    ],
)  # fmt: skip
def test_values_are_shown_as_officers_read_them(value: Any, unit: Unit, shown: str) -> None:
    assert show(value, unit) == shown


def test_a_figure_with_decimals_is_shown_with_its_point() -> None:
    assert show(3_002, Unit.ITEMS, decimals=2) == "30.02个"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sampling.rate_a", 10_001), ("sampling.rate_a", -1), ("sampling.rate_a", "很多"), ("rating.levels", 3),
        ("rating.levels", " "), ("training.certificate_warnings", 90), ("inspection.notice", True),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_told_in_words(key: str, value: Any) -> None:
    assert SETTINGS[key].label in (check_value(SETTINGS[key], value) or "")


def _target(**changes: Any) -> dict[str, Any]:
    return {
        "id": "XX-1", "label": "示例", "kind": "rate", "unit": "rate", "numerator": "甲", "denominator": "乙", "clause": "一",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"region": "210"},
        {"settings": {"no.such": {"value": 1, "clause": "一"}}},
        {"settings": {"sampling.rate_a": {"value": 20_000, "clause": "一"}}},
        {"settings": {"sampling.rate_a": {"value": 1_000}}},
        {"targets": [_target(), _target()]},
        {"targets": [_target(unit="items")]},
        {"targets": [_target(denominator="")]},
        {"targets": [_target(path=[{"due": "2025-12-31", "value": 1}, {"due": "2023-12-31", "value": 2}])]},
        {"targets": [_target(path=[{"value": 1}, {"due": "2023-12-31", "value": 2}])]},
        {"jurisdictions": "x"},
    ],
)
def test_a_pack_with_a_fault_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadEdition):
        a_pack(**changes)


def test_a_small_pack_is_accepted_and_hashed() -> None:
    pack = a_pack(targets=[_target()], settings={"sampling.rate_a": {"value": 500, "clause": "一"}})
    assert pack.sha256 != a_pack().sha256
    assert pack.cite("一") == "《示例文件》一"


def test_files_hold_whole_numbers_and_words_only() -> None:
    for path in FOLDER.glob("*.yaml"):
        assert parse(read_data(path.read_text(encoding="utf-8")), PolicyPack).name
