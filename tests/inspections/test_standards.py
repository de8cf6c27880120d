"""The shipped checklists and the loader (标准数据)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.refusal import Refused
from app.core.standards import BadEdition, Confidence, Library, canonical, digest, load, parse, read_data
from app.inspections.rules.checklist import (
    ChecklistEdition,
    Condition,
    Confirmation,
    Department,
    Feature,
    Item,
    PhotoAdvice,
    SiteFacts,
    Standing,
    Ternary,
    applicable,
    freeze,
)
from app.inspections.rules.findings import DeadlineTable
from app.inspections.standards import FOLDER
from app.providers.rules import SiteKind
from tests.inspections.builders import ON, a_checklist, a_hazard, an_edition, an_item, edition_data

SHIPPED: Library[ChecklistEdition] = load(FOLDER, ChecklistEdition)
HOME = SiteFacts(kind=SiteKind.CARE_HOME, beds=25, storeys=3, area_m2=3000, features={Feature.GAS: True, Feature.KEY_UNIT: False})


def _codes(prefix: str, last: int) -> list[str]:
    return [f"{prefix}-{n:02d}" for n in range(1, last + 1)]


def test_every_item_of_the_sources_is_there() -> None:
    today = {code: [i.code for i in SHIPPED.in_force(code, on=ON).items] for code in SHIPPED.codes()}
    assert today["fire"] == _codes("F", 50)
    assert today["hazards"] == _codes("H", 22)
    assert today["money"] == _codes("M", 9)
    assert len(today["gb38600"]) == 60
    assert today["gb38600"][0] == "G-4.1"
    assert today["gb38600"][-1] == "G-7.3.5"


def test_only_what_was_seen_is_verified() -> None:
    by_code = {i.code: i for e in SHIPPED.editions for i in e.items}
    gb = [c for c, i in by_code.items() if c.startswith("G") and i.confidence is Confidence.VERIFIED]
    hazards = [c for c, i in by_code.items() if c.startswith("H") and i.confidence is Confidence.VERIFIED]
    assert gb == ["G-4.1", "G-4.2", "G-4.3", "G-4.4a", "G-4.4b", "G-4.5", "G-4.6"]
    assert hazards == [*_codes("H", 7), "H-22"]
    assert {i.confidence for c, i in by_code.items() if c.startswith("M")} == {Confidence.DRAFT}
    assert all(i.confidence is not Confidence.VERIFIED for i in by_code.values() if i.source == "memory")


def test_references_between_lists_exist() -> None:
    hazards = {i.code for i in SHIPPED.in_force("hazards", on=ON).items}
    assert {i.see_hazard for e in SHIPPED.editions for i in e.items if i.see_hazard} <= hazards


def test_the_fire_list_of_2026_adds_two_items_to_that_of_2023() -> None:
    before, after = SHIPPED.in_force("fire", on=date(2026, 2, 9)), SHIPPED.in_force("fire", on=date(2026, 2, 10))
    assert (before.edition, after.edition) == ("2023-08-01", "2026-02-10")
    assert {i.code for i in after.items} - {i.code for i in before.items} == {"F-11", "F-49"}


def test_nothing_is_in_force_before_its_day() -> None:
    with pytest.raises(Refused) as refused:
        SHIPPED.in_force("gb38600", on=date(2021, 12, 31))
    assert refused.value.code == "standard.none_in_force"


def test_the_nearest_jurisdiction_wins_then_the_latest_day() -> None:
    old = an_edition(an_item("G-1"), edition="2025-01-01", in_force_from="2025-01-01")
    new, local = (
        an_edition(an_item("G-1")),
        an_edition(an_item("G-1"), jurisdiction="21/01/", edition="2025-06-01", in_force_from="2025-06-01"),
    )
    library = Library((old, new)).joined([local])
    assert library.in_force("sample", on=ON, region_path="21/02/") is new
    assert library.in_force("sample", on=ON, region_path="21/01/06/") is local
    assert library.in_force("sample", on=date(2025, 3, 1), region_path="21/01/06/") is old
    assert library.by_hash(local.sha256) is local
    assert library.edition("sample", "2025-01-01") is old


def test_two_editions_cannot_claim_the_same_day_and_place() -> None:
    with pytest.raises(BadEdition, match="two editions"):
        Library((an_edition(an_item("G-1")), an_edition(an_item("G-2"))))


def test_canonical_form() -> None:
    assert canonical({"b": [1, "e\u0301"], "a": "x"}) == '{"a":"x","b":[1,"\u00e9"]}'.encode()
    for wrong in (1.5, True, None, {1: "a"}, {"\u00e9": 1, "e\u0301": 2}):
        with pytest.raises(TypeError):
            canonical(wrong)


def test_the_hash_is_of_the_data_not_of_its_layout() -> None:
    one = read_data("a: 1\nb: [x, y]\n")
    other = read_data("# 说明\nb:\n  - x\n  - y\na: 1\n")
    assert digest(one) == digest(other) != digest(read_data("a: 1\nb: [y, x]\n"))


def test_yaml_keeps_clause_numbers_days_and_words_as_text() -> None:
    assert read_data("a: 4.10\nb: 2022-01-01\nc: no\nd: 20\ne: 010\nf: ~\n") == {
        "a": "4.10", "b": "2022-01-01", "c": "no", "d": 20, "e": "010", "f": "~",
    }  # fmt: skip
    with pytest.raises(BadEdition, match="written twice"):
        read_data("a: 1\na: 2\n")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"items": [an_item("G-1"), an_item("G-1")]}, "written twice"),
        ({"items": [an_item("G-1", area="nowhere")]}, "areas without a line"),
        ({"items": [a_hazard("G-1")]}, "veto"),
        ({"items": [an_item("G-1", severity="major")]}, "veto"),
        ({"items": [an_item("G-1")], "force": "veto"}, "veto"),
        ({"items": [an_item("G-1", source="elsewhere")]}, "no line in `sources`"),
        ({"items": [an_item("G-1", evidence=["猜"])]}, "evidence"),
        ({"items": [an_item("G-1", applies={"min_bed": 20})]}, "min_bed"),
        ({"items": [an_item("G-1")], "in_force_to": "2025-12-31"}, "in_force_to"),
        ({"items": [an_item("G-1")], "edition": "2026-01-02"}, "in_force_from"),
        ({"items": [an_item("G-1")], "weight": 1.5}, "integers and strings only"),
        ({"items": [an_item("G-1")], "sha256": "00"}, "computed"),
    ],
)
def test_a_faulty_edition_is_refused_with_its_fault(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(BadEdition, match=says):
        parse({**edition_data(), **wrong}, ChecklistEdition)


def test_a_file_whose_name_lies_is_refused(tmp_path: Path) -> None:
    source = FOLDER / "deadlines.2026-01-01.yaml"
    (tmp_path / "deadlines.2026-01-02.yaml").write_bytes(source.read_bytes())
    with pytest.raises(BadEdition, match=r"deadlines\.2026-01-02"):
        load(tmp_path, DeadlineTable)


def test_the_deadlines_are_a_platform_default() -> None:
    table = load(FOLDER, DeadlineTable).in_force("deadlines", on=ON)
    assert table.confidence is Confidence.PLATFORM_DEFAULT
    days = (table.on_the_spot_days, table.minor_days, table.serious_days, table.construction_max_days, table.recheck_working_days)
    assert days == (0, 15, 30, 180, 5)


def test_what_each_confidence_may_do() -> None:
    rights = {c: (c.scores, c.publishable_as_law, c.works, c.shown_on_task) for c in Confidence}
    assert rights == {
        Confidence.VERIFIED: (True, True, True, True),
        Confidence.CORROBORATED: (True, True, True, True),
        Confidence.DRAFT: (False, False, False, True),
        Confidence.INACTIVE: (False, False, False, False),
        Confidence.PLATFORM_DEFAULT: (False, False, True, True),
    }


# --- applicability ----------------------------------------------------------------------------------------------------


def _fire(code: str) -> Item:
    return next(i for i in SHIPPED.in_force("fire", on=ON).items if i.code == code)


@pytest.mark.parametrize(
    ("code", "facts", "verdict", "reason"),
    [
        ("F-29", HOME, Ternary.YES, "床位25张，达到20张"),
        ("F-29", SiteFacts(beds=12), Ternary.NO, "床位12张，不足20张"),
        ("F-29", SiteFacts(), Ternary.UNKNOWN, "床位未登记，请现场核实是否达到20张"),
        ("F-26", HOME, Ternary.NO, "建筑面积3000平方米，不足3001平方米"),
        ("F-26", SiteFacts(beds=12), Ternary.NO, "床位12张，不足20张"),  # one no outweighs two unknowns
        ("F-06", HOME, Ternary.NO, "登记为无“消防安全重点单位”情形"),
        ("F-46", HOME, Ternary.YES, "登记为“使用燃气”"),
        ("F-13", HOME, Ternary.UNKNOWN, "是否属于“消防控制室”未登记，请现场核实"),
        ("F-19", SiteFacts(), Ternary.YES, ""),
    ],
)
def test_applicable(code: str, facts: SiteFacts, verdict: Ternary, reason: str) -> None:
    result = applicable(_fire(code), facts)
    assert (result.verdict, "；".join(result.reasons)) == (verdict, reason)


def test_gb38600_binds_care_homes_only() -> None:
    standard = SHIPPED.in_force("gb38600", on=ON)
    item = standard.items[0]
    verdicts = [
        applicable(item, SiteFacts(kind=k), within=standard.applies).verdict
        for k in (SiteKind.CARE_HOME, SiteKind.DAY_CARE, None)
    ]
    assert verdicts == [Ternary.YES, Ternary.NO, Ternary.UNKNOWN]


def test_the_register_cannot_hide_a_hazard() -> None:
    canteen = an_edition(a_hazard("H-1", applies={"has": ["canteen"]}), force="veto").items[0]
    assert applicable(canteen, SiteFacts(features={Feature.CANTEEN: False})).verdict is Ternary.YES


# --- freezing ---------------------------------------------------------------------------------------------------------


def _confirm(edition: ChecklistEdition, item: str, authority: str = "county", **words: str) -> Confirmation:
    return Confirmation(
        edition_sha256=edition.sha256,
        item=item,
        authority_id=authority,
        by="officer",
        on=ON,
        compared_with="演示,未与正式文本核对",
        **words,
    )


def test_a_confirmation_lifts_an_item_for_that_authority_and_edition_alone() -> None:
    edition = an_edition(
        an_item("G-1", confidence="draft"), an_item("G-2", confidence="inactive"), an_item("G-3", confidence="corroborated")
    )
    other = an_edition(an_item("G-1", confidence="draft"), name="另一版")
    plain = a_checklist(edition, confirmations=[_confirm(edition, "G-1", "city"), _confirm(other, "G-1")])
    assert {i.code: i.standing for i in plain.items} == {"G-1": Standing.PENDING, "G-3": Standing.BY_TEXT}
    lifted = a_checklist(
        edition, confirmations=[_confirm(edition, "G-1", text="核对后的文字", clause="6.1.2"), _confirm(edition, "G-2")]
    )
    assert {i.code: i.scores for i in lifted.items} == {"G-1": True, "G-2": True, "G-3": True}
    assert (lifted.by_code["G-1"].item.text, lifted.by_code["G-1"].item.clause) == ("核对后的文字", "6.1.2")
    assert plain.sha256 != lifted.sha256


def test_a_frozen_list_survives_its_payload() -> None:
    editions = [SHIPPED.in_force(code, on=ON) for code in ("gb38600", "fire", "hazards")]
    frozen = a_checklist(*editions, facts=HOME, weights={"F-19": 3})
    again = type(frozen).from_payload(frozen.payload())
    assert again.sha256 == frozen.sha256
    assert again == frozen
    assert (frozen.by_code["F-19"].item.weight, frozen.by_code["F-20"].item.weight) == (3, 1)
    assert "H-08" not in frozen.by_code
    assert [i.code for i in frozen.of_department(Department.HEALTH)] == ["H-05"]
    assert frozen.by_code["G-4.3"].item.photo is PhotoAdvice.YES_NO_RESIDENT


def test_freezing_refuses_an_old_edition_and_doubled_codes() -> None:
    with pytest.raises(Refused) as old:
        freeze([SHIPPED.edition("fire", "2023-08-01")], HOME, [], authority_id="county", on=ON)
    with pytest.raises(Refused) as twice:
        a_checklist(an_edition(an_item("G-1")), an_edition(an_item("G-1"), code="second"))
    assert (old.value.code, twice.value.code) == ("checklist.not_in_force", "checklist.twice")


def test_a_condition_without_parts_always_holds() -> None:
    assert Condition() == SHIPPED.in_force("fire", on=ON).applies
