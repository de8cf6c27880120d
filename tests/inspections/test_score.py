"""The score and its explanation (检查结果)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inspections.rules.answers import Answer, fold
from app.inspections.rules.checklist import Checklist, SiteFacts, Ternary
from app.inspections.rules.score import recompute, score
from app.providers.rules import SiteKind
from tests.inspections.builders import a_checklist, a_hazard, an_edition, an_item, an_operation, answered

MANDATORY = an_edition(
    an_item("G-1"),
    an_item("G-2", area="two"),
    an_item("G-3", area="two", confidence="corroborated"),
    an_item("G-4", confidence="draft"),
)
FIRE = an_edition(an_item("F-1"), an_item("F-2", applies={"min_beds": 20}), code="fire", force="other")
HAZARDS = an_edition(a_hazard("H-1"), a_hazard("H-2", confidence="draft"), a_hazard("H-3"), code="hazards", force="veto")
LIST = a_checklist(MANDATORY, FIRE, HAZARDS, facts=SiteFacts(kind=SiteKind.CARE_HOME, beds=12))


def test_the_rate_counts_met_over_applicable_and_names_what_is_behind_it() -> None:
    result = score(LIST, answered(G_1="met", G_2="not_met", G_3="met", G_4="not_met", F_1="not_applicable"))
    assert (result.overall.exact, result.overall.per_10k) == (Fraction(2, 3), 6667)
    assert [line.item for line in result.overall.met] == ["G-1", "G-3"]
    assert [line.item for line in result.overall.not_met] == ["G-2"]
    assert all(len(line.operations) == 1 for line in result.overall.met)
    assert {a.key: a.rate.exact for a in result.by_area} == {"sample_one": 1, "sample_two": Fraction(1, 2), "fire_one": None}
    assert [line.item for line in result.not_scored] == ["G-4"]


def test_unanswered_is_unanswered() -> None:
    result = score(LIST, answered(G_1="met"))
    assert result.overall.per_10k == 10_000
    assert result.unanswered == ("G-2", "G-3", "G-4", "F-1", "H-1", "H-2", "H-3")
    assert not result.complete
    assert score(LIST, fold([])).overall.per_10k is None


def test_what_the_register_rules_out_counts_for_neither_side_unless_seen_on_site() -> None:
    silent = score(LIST, answered(G_1="met"))
    assert [(line.item, line.reason) for line in silent.not_applicable] == [("F-2", "床位12张，不足20张")]
    seen = score(LIST, answered(G_1="met", F_2="not_met"))
    assert seen.overall.exact == Fraction(1, 2)
    assert seen.not_applicable == ()


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({"G_1": "met", "G_2": "met", "G_3": "met"}, Ternary.YES),
        ({"G_1": "met", "G_2": "met", "G_3": "met", "G_4": "not_met", "F_1": "not_met"}, Ternary.YES),
        ({"G_1": "met", "G_2": "not_applicable", "G_3": "met"}, Ternary.YES),
        ({"G_1": "met", "G_2": "met"}, Ternary.UNKNOWN),
        ({"G_1": "met", "G_2": "met", "G_3": "referred"}, Ternary.UNKNOWN),
        ({"G_1": "not_met"}, Ternary.NO),
        ({"G_1": "not_applicable", "G_2": "not_applicable", "G_3": "not_applicable"}, Ternary.UNKNOWN),
    ],
)
def test_mandatory_standard_met(given: dict[str, str], verdict: Ternary) -> None:
    mandatory = score(LIST, answered(**given)).mandatory
    assert mandatory.verdict is verdict
    assert mandatory.pending == ("G-4",)


def test_a_hazard_is_named_and_never_averaged() -> None:
    clean = answered(G_1="met", G_2="met", G_3="met", F_1="met", H_1="met", H_2="met", H_3="met")
    hit = answered(G_1="met", G_2="met", G_3="met", F_1="met", H_1="not_met", H_2="not_met", H_3="referred")
    assert score(LIST, clean).hazards == ()
    result = score(LIST, hit)
    assert result.overall.per_10k == score(LIST, clean).overall.per_10k == 10_000
    assert [h.item for h in result.hazards] == ["H-1"]
    assert [h.item for h in result.suspected] == ["H-2", "H-3"]  # a pending text is never a hit
    assert result.referred == ("H-3",)


def test_a_contradiction_counts_for_neither_side_until_it_is_decided() -> None:
    one, two = an_operation("G-1", "met"), an_operation("G-1", "not_met", author_id="ben")
    open_ = score(LIST, fold([one, two]))
    assert (open_.disputed, open_.overall.exact) == (("G-1",), None)
    decided = an_operation("G-1", "not_met", reason="复看现场", replaces=[one.op_id, two.op_id])
    result = score(LIST, fold([one, two, decided]))
    assert (result.disputed, result.overall.exact) == ((), Fraction(0))
    assert result.overall.not_met[0].reason == "复看现场"


def test_weights_change_the_rate() -> None:
    weighted = a_checklist(MANDATORY, weights={"G-1": 3})
    assert score(weighted, answered(G_1="met", G_2="not_met")).overall.exact == Fraction(3, 4)


def test_a_trial_under_another_edition_is_marked_and_names_what_it_drops() -> None:
    newer = a_checklist(an_edition(an_item("G-11"), an_item("G-2"), name="新版"))
    answers = answered(G_1="met", G_2="not_met", G_3="met")
    result = recompute(newer, answers, renamed={"G-11": "G-1"}, answered=LIST)
    assert (result.trial, result.overall.exact, result.dropped) == (True, Fraction(1, 2), ("G-3",))
    assert not score(LIST, answers).trial


_SOME_ANSWERS = st.dictionaries(st.sampled_from([i.code for i in LIST.items]), st.sampled_from([a.value for a in Answer]))


@given(_SOME_ANSWERS)
def test_every_item_is_accounted_for_once(given: dict[str, str]) -> None:
    result = score(LIST, fold(an_operation(code, value) for code, value in given.items()))
    places = [
        [line.item for line in result.overall.met],
        [line.item for line in result.overall.not_met],
        list(result.unanswered),
        list(result.referred),
        [line.item for line in result.not_applicable],
    ]
    named = [code for place in places for code in place]
    aside = [i.code for i in LIST.items if (i.veto or not i.scores) and given.get(i.code) in ("met", "not_met")]
    assert sorted(named + aside) == sorted(i.code for i in LIST.items)
    assert sum(a.rate.earned for a in result.by_area) == result.overall.earned
    assert sum(a.rate.possible for a in result.by_area) == result.overall.possible


@given(_SOME_ANSWERS, st.sampled_from([i.code for i in LIST.items]))
def test_turning_a_failure_into_a_pass_never_lowers_the_rate(given: dict[str, str], code: str) -> None:
    worse, better = _rate(LIST, {**given, code: "not_met"}), _rate(LIST, {**given, code: "met"})
    assert better is None or worse is None or better >= worse


def _rate(checklist: Checklist, given: dict[str, str]) -> Fraction | None:
    return score(checklist, fold(an_operation(code, value) for code, value in given.items())).overall.exact
