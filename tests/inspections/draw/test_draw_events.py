"""Afterwards nobody chooses: the queue and fresh tickets do, and the chain shows any change."""

from __future__ import annotations

from hashlib import sha256

import pytest

from app.core.refusal import Refused
from app.inspections.rules.draw import (
    DrawInputError,
    Ground,
    Inspector,
    Seat,
    Standing,
    Status,
    Stratum,
    Subject,
    begin,
    compute,
    replace_inspector,
    replace_subject,
    replay,
    top_up,
)
from tests.inspections.draw.cases import a_plan, golden, homes, sealed

GROUND = Ground("加抽", "e" * 64, "officer-1", "head-1")
ILL = Ground("illness", "e" * 64, "officer-1", "head-1")
CLOSED = Ground("closed", "e" * 64, "officer-1", "head-1")


def the_vector() -> Standing:
    return begin(compute(golden("vector")))


def visited(standing: Standing) -> set[str]:
    return {place.subject for place in standing.taking_part}


def crew(standing: Standing) -> dict[tuple[str, int], str]:
    return {(task.subject, task.number): task.inspector for task in standing.tasks}


def test_a_top_up_takes_the_next_in_the_queue_and_moves_nobody() -> None:
    before = the_vector()
    after = top_up(before, "A", 2, GROUND)
    assert visited(after) - visited(before) == {"H004", "H002"}
    assert crew(before).items() <= crew(after).items()
    assert [place.rank for place in after.reserve["A"]] == [4, 5]
    assert {task.number for task in after.tasks if task.subject == "H004"} == {1, 2}


def test_topping_up_step_by_step_draws_the_same_homes_as_at_once() -> None:
    once = top_up(the_vector(), "A", 2, GROUND)
    twice = top_up(top_up(the_vector(), "A", 1, GROUND), "A", 1, GROUND)
    assert visited(once) == visited(twice)


def test_no_more_than_are_waiting() -> None:
    for count in (0, 5):
        with pytest.raises(Refused):
            top_up(the_vector(), "A", count, GROUND)


def test_a_closed_home_is_followed_by_the_next_of_its_stratum() -> None:
    before = the_vector()
    after = replace_subject(before, "H009", CLOSED)
    assert visited(before) ^ visited(after) == {"H009", "H010"}
    assert {key: who for key, who in crew(before).items() if key[0] != "H009"}.items() <= crew(after).items()


def test_a_closed_home_without_a_successor_is_struck() -> None:
    after = replace_subject(the_vector(), "H016", CLOSED)
    assert "H016" not in visited(after)
    assert all(task.subject != "H016" for task in after.tasks)


def test_must_homes_and_others_cannot_be_replaced() -> None:
    for home in ("H003", "H004", "H999"):
        with pytest.raises(Refused):
            replace_subject(the_vector(), home, CLOSED)


def test_a_recused_inspector_does_not_return_to_that_home() -> None:
    before = the_vector()
    after = replace_inspector(before, "J02", "H014", Ground("recusal", "e" * 64, "officer-1", "head-1"))
    changed = {key for key in crew(before) if crew(before)[key] != crew(after)[key]}
    assert changed == {("H014", 1)}
    replaced = next(task for task in after.tasks if (task.subject, task.number) == ("H014", 1))
    line = f"YLDRAW1|assign|{before.result.seed}|2|H014|1|{replaced.inspector}"
    assert replaced.ticket == sha256(line.encode()).hexdigest()
    assert "J02" in {task.inspector for task in after.tasks}


def test_an_ill_inspector_leaves_every_home() -> None:
    before = the_vector()
    after = replace_inspector(before, "J06", None, ILL)
    assert "J06" not in crew(after).values()
    kept = {key: who for key, who in crew(before).items() if who != "J06"}
    unfixed = after.text.count("|unfixed|")
    assert len(kept.items() - crew(after).items()) <= unfixed


def test_places_are_freed_from_the_end_only_if_nobody_else_can_come() -> None:
    """Only B can go where A fell out, but B is busy; so B's place, the last in order, is freed."""
    plan = a_plan(
        strata=(Stratum("A", 10000),),
        seats=(Seat("first", 1, ("lead",)), Seat("second", 1, ("mz",))),
        balance=None,
    )
    people = [
        Inspector("A", 1, ("lead",), "示例·甲"),
        Inspector("B", 1, ("lead", "mz"), "示例·乙"),
        Inspector("C", 1, ("mz",), "示例·丙"),
    ]
    for at in range(40):
        subjects = [Subject("H1", "A", "first", "示例·院"), Subject("H2", "A", "second", "示例·院")]
        before = begin(compute(sealed(plan, subjects, people, event=f"event-{at}")))
        if crew(before) != {("H1", 1): "A", ("H2", 1): "B"}:
            continue
        after = replace_inspector(before, "A", None, ILL)
        assert crew(after) == {("H1", 1): "B", ("H2", 1): "C"}
        assert "1|unfixed|H2|1|B|" in after.text
        return
    pytest.fail("none of forty seeds gave the wanted start")


def test_if_nobody_can_come_the_event_is_refused_with_the_reason() -> None:
    people = [Inspector("J1", 9, ("lead",), "示例·甲"), Inspector("J2", 9, (), "示例·乙")]
    standing = begin(compute(sealed(a_plan(), homes(4), people)))
    with pytest.raises(Refused, match="人手不足"):
        replace_inspector(standing, "J1", None, ILL)


def test_a_draw_without_staff_has_no_later_events() -> None:
    with pytest.raises(Refused, match="J3"):
        begin(compute(golden("infeasible")))


@pytest.mark.parametrize(
    "ground",
    [
        Ground("不喜欢", "e" * 64, "officer-1", "head-1"),
        Ground("closed", "photo.jpg", "officer-1", "head-1"),
        Ground("closed", "e" * 64, "officer-1", "officer-1"),
        Ground("closed", "e" * 64, "张三", "head-1"),
    ],
)
def test_no_reason_no_evidence_no_second_person_no_replacement(ground: Ground) -> None:
    with pytest.raises(Refused):
        replace_subject(the_vector(), "H009", ground)


def a_history() -> Standing:
    standing = top_up(the_vector(), "C", 1, GROUND)
    standing = replace_subject(standing, "H009", CLOSED)
    return replace_inspector(standing, "J05", None, ILL)


def test_the_history_can_be_replayed() -> None:
    standing = a_history()
    assert replay(compute(golden("vector")), standing.text) == standing


def test_any_change_of_the_history_is_found() -> None:
    standing = a_history()
    result = compute(golden("vector"))
    lines = standing.text.splitlines(keepends=True)
    changed = [
        standing.text.replace("|H010|", "|H007|"),
        standing.text.replace("officer-1", "officer-2"),
        "".join(lines[:-1]),
        "".join(lines[:3] + lines[4:]),
        "".join([*lines, lines[-1]]),
        standing.text.replace("result|", "result|0"),
    ]
    assert standing.text not in changed
    for text in changed:
        with pytest.raises(DrawInputError, match=r"events\.txt"):
            replay(result, text)


def test_caps_and_recusals_hold_after_every_event() -> None:
    standing = a_history()
    inputs = standing.result.inputs
    load = {one.id: 0 for one in inputs.inspectors}
    for task in standing.tasks:
        load[task.inspector] += 1
        assert (task.inspector, task.subject) not in standing.barred
    assert all(load[one.id] <= one.cap for one in inputs.inspectors)
    assert len({(task.subject, task.inspector) for task in standing.tasks}) == len(standing.tasks)
    assert all(subject.status is not Status.OUT for subject in inputs.subjects if subject.id in visited(standing))
