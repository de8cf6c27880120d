"""Cases worked out by hand from the published rules, in YAML that a lawyer can check (手算案例)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.ratings.rules import Case, Sheet, evaluate, exact, pick, read_answer, read_facts, read_records, shown
from app.ratings.rules.source import parse

HAND = sorted((Path(__file__).parent / "hand").glob("*.yaml"))
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in HAND
    for case in parse(path.read_text(encoding="utf-8"))["cases"]
]


@pytest.mark.parametrize("written", CASES)
def test_hand_case(written: dict[str, Any]) -> None:
    scheme = pick(written["scheme"])
    items = {item.id: item for item in scheme.shape.items}
    answers = {name: read_answer(items[name], raw) for name, raw in written.get("answers", {}).items()}
    case = Case(
        facts=read_facts(scheme.shape, written.get("facts", {})),
        sheets=(Sheet("示例·评定员", answers),) if answers else (),
        records=read_records(scheme.shape, written.get("records", {})),
        given={name: exact(raw) for name, raw in written.get("given", {}).items()},
    )
    result, expect = evaluate(scheme, case), written["expect"]
    found: dict[str, Any] = {
        "level": result.level or "null",
        "state": str(result.state),
        "floor": result.floor,
        "ceiling": result.ceiling,
        "missing": list(result.missing),
        "capped_by": list(result.capped_by),
        "referred_by": list(result.referred_by),
        "unmet": sorted({unmet.level for unmet in result.unmet}),
        "what_if": str(result.what_if).lower(),
        "shown": shown(result.value, 2) if result.value is not None else "",
    }
    assert expect.keys() <= {*found, "value", "values"}
    assert {key: found[key] for key in expect if key in found} == {key: expect[key] for key in expect if key in found}
    if "value" in expect:
        assert result.value == exact(expect["value"])
    for name, value in expect.get("values", {}).items():
        assert result.amount(name) == exact(value), name
