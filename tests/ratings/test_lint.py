"""The lint names every planted fault (方案检查)."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.ratings.rules import Stops, examine, pick, placeholders, publication, shelf, shipped
from app.ratings.rules.source import parse

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text(encoding="utf-8")
PLANTED = parse((HERE / "faults.yaml").read_text(encoding="utf-8"))
TABLES = HERE.parent / "data" / "schemes"
AREA = {"安全": "safety", "服务": "service", "管理": "management", "设施": "facility"}


def test_small_scheme_has_no_fault() -> None:
    scheme, faults = examine(SMALL)
    assert scheme is not None
    assert faults == ()


@pytest.mark.parametrize("planted", PLANTED, ids=[f"{p['code']} at {p['at']} {n}" for n, p in enumerate(PLANTED)])
def test_planted_fault_is_named(planted: dict[str, Any]) -> None:
    text = SMALL
    for change in (planted, planted.get("and", {})):
        assert change.get("find", "") in text
        text = text.replace(change["find"], change["put"], 1) if change else text
    _, faults = examine(text)
    assert planted["code"] in {f.code for f in faults if planted["at"] in (f.where, "any")}, faults


def test_shenyang_item_19_cannot_reach_its_maximum() -> None:
    scheme = pick("cn.shenyang.institution@2019")
    found = [fault for fault in scheme.faults if fault.code == "item.max_unreachable"]
    assert [(fault.where, fault.stops) for fault in found] == [("safety_19", Stops.PUBLICATION)]
    assert "最多只能得 8" in found[0].sentence


@pytest.mark.parametrize("form", ["institution_1000", "centre_1000", "station_500"])
def test_shenyang_drafts_agree_with_the_tables_they_come_from(form: str) -> None:
    name, total = form.split("_")
    shape = pick(f"cn.shenyang.{name}").shape
    with (TABLES / f"shenyang_{form}.csv").open(encoding="utf-8") as file:
        rows = [(f"{AREA[r['area']]}_{r['no']}", r["title"], Fraction(r["max"])) for r in csv.DictReader(file)]
    assert [(item.id, item.title, item.max) for item in shape.items] == rows
    assert shape.total == Fraction(total)


def test_every_shipped_scheme_loads_under_its_own_name() -> None:
    schemes = shipped()
    assert {"cms.overall@2020-04", "cms.overall@2022-07", "cn.shanxi.3a@0.1"} <= schemes.keys()
    assert {path.name for path in shelf().values()} == {f"{key.replace('@', '.')}.yaml" for key in schemes}


def test_only_finished_schemes_may_be_published() -> None:
    allowed = {key for key, scheme in shipped().items() if publication(scheme).allowed}
    assert allowed == {"cn.shanxi.3a@0.1"}
    assert publication(pick("cn.shanxi.3a")).mark == "平台默认"
    assert not publication(pick("cn.gbt37276"), confirmed=True).allowed
    assert any("占位" in gap for gap in placeholders(pick("cn.gbt37276").shape))


def test_a_change_of_one_character_changes_the_hash() -> None:
    first, second = examine(SMALL)[0], examine(SMALL.replace("第六章", "第七章"))[0]
    assert first is not None
    assert second is not None
    assert first.sha != second.sha
