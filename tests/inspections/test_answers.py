"""Answers as operations (答题操作): any order, any repetition, loss and resending lead to the same state."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.inspections.rules.answers import (
    Answer,
    Invalid,
    Kind,
    Operation,
    SlotState,
    Status,
    TaskView,
    chain_faults,
    decision_faults,
    fold,
    judge,
    late,
)
from tests.inspections.builders import SHA, TASK, an_operation

TASKS = {TASK: TaskView(SHA, frozenset({"G-1", "G-2"}), frozenset({"anna", "ben"}))}


def _judge(
    *batch: Any, stored: dict[str, str] | None = None, taken: dict[tuple[str, int], str] | None = None
) -> list[tuple[Status, Invalid | None]]:
    judged = judge(
        [b.model_dump() if isinstance(b, Operation) else b for b in batch], tasks=TASKS, stored=stored or {}, taken=taken or {}
    )
    return [(j.status, j.invalid) for j in judged]


# --- folding ----------------------------------------------------------------------------------------------------------


def test_the_last_word_of_a_chain_holds() -> None:
    first = an_operation("G-1", "met")
    second = an_operation("G-1", "not_met", replaces=[first.op_id])
    third = an_operation("G-1", "not_applicable", reason="无此设施", replaces=[second.op_id])
    state = fold([third, first, second])
    assert (state.answer("G-1"), state.slot("G-1").reason) == (Answer.NOT_APPLICABLE, "无此设施")


def test_equal_answers_join_and_different_ones_wait_for_the_lead() -> None:
    anna, ben, other = an_operation("G-1", "met"), an_operation("G-1", "met", author_id="ben"), an_operation("G-1", "not_met")
    assert fold([anna, ben]).slot("G-1").state is SlotState.SETTLED
    disputed = fold([anna, ben, other])
    assert [s.item for s in disputed.conflicts()] == ["G-1"]
    assert len(disputed.conflicts()[0].heads) == 3
    assert disputed.answer("G-1") is None


def test_an_answer_can_be_taken_back() -> None:
    said = an_operation("G-1", "met")
    taken_back = an_operation("G-1", "", replaces=[said.op_id])
    assert fold([said, taken_back]).slot("G-1").state is SlotState.OPEN


def test_facts_and_photos_of_two_people_stand_side_by_side() -> None:
    photos = [an_operation("G-1", "aa" * 32, Kind.PHOTO.value), an_operation("G-1", "bb" * 32, Kind.PHOTO.value)]
    gone = an_operation("G-1", "", Kind.PHOTO.value, replaces=[photos[0].op_id])
    assert sorted(fold(photos).values("G-1", Kind.PHOTO)) == ["aa" * 32, "bb" * 32]
    assert fold([*photos, gone]).values("G-1", Kind.PHOTO) == ("bb" * 32,)
    assert fold(photos).conflicts() == ()


def test_an_operation_replaces_only_in_its_own_field() -> None:
    said = an_operation("G-1", "met")
    elsewhere = an_operation("G-2", "met", replaces=[said.op_id])
    assert fold([said, elsewhere]).answer("G-1") is Answer.MET


def test_a_circle_of_replacements_makes_nothing_vanish() -> None:
    one_id, two_id = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    one = an_operation("G-1", "met", op_id=one_id, replaces=[two_id, one_id])
    two = an_operation("G-1", "not_met", op_id=two_id, replaces=[one_id])
    assert {op.op_id for op in fold([one, two]).slot("G-1").heads} == {one_id, two_id}


def test_the_record_code_has_eight_characters_and_follows_the_state() -> None:
    one, two = an_operation("G-1", "met"), an_operation("G-2", "met")
    code = fold([one, two]).short_code
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code)
    assert fold([one]).short_code != code


def test_what_comes_after_the_signatures_is_named() -> None:
    signed, after = an_operation("G-1", "met"), an_operation("G-1", "not_met")
    assert late([after, signed], {signed.op_id}) == (after,)


def test_a_decision_is_the_leads_and_has_a_reason() -> None:
    one, two = an_operation("G-1", "met"), an_operation("G-1", "not_met")
    both = [one.op_id, two.op_id]
    good = an_operation("G-1", "met", reason="复看现场", replaces=both)
    assert decision_faults([one, two, good], lead_id="anna") == ()
    assert "写明理由" in decision_faults([one, two, an_operation("G-1", "met", replaces=both)], lead_id="anna")[0]
    assert "主检人员裁定" in decision_faults([one, two, good], lead_id="ben")[0]


# --- judging ----------------------------------------------------------------------------------------------------------


def test_a_repeated_operation_is_a_duplicate_in_one_batch_or_the_next() -> None:
    op = an_operation("G-1", "met")
    assert _judge(op, op) == [(Status.STORED, None), (Status.DUPLICATE, None)]
    assert _judge(op, stored={op.op_id: op.hash}, taken={(op.device_id, op.seq): op.op_id}) == [(Status.DUPLICATE, None)]


def _changed(op: Operation, **fields: Any) -> dict[str, Any]:
    return {**op.model_dump(), **fields}


def test_the_same_id_with_other_bytes_is_kept_aside() -> None:
    op = an_operation("G-1", "met")
    other = an_operation("G-1", "not_met", op_id=op.op_id)
    assert _judge(op, other)[1] == (Status.KEPT_INVALID, Invalid.SAME_ID_OTHER_BYTES)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"task_id": "6f8d9a34-0d5c-4a51-9d0e-2f6d1a0c7b12"}, Invalid.OTHER_TASK),
        ({"author_id": "stranger"}, Invalid.OTHER_TASK),
        ({"edition_sha": "cd" * 32}, Invalid.OTHER_EDITION),
        ({"item": "G-9"}, Invalid.UNKNOWN_ITEM),
        ({"kind": "field"}, Invalid.UNKNOWN_ITEM),
        ({"value": "perhaps"}, Invalid.VALUE_NOT_ALLOWED),
        ({"value": ""}, Invalid.VALUE_NOT_ALLOWED),
    ],
)
def test_what_cannot_be_used_is_kept_with_its_reason(fields: dict[str, Any], reason: Invalid) -> None:
    op = an_operation(**{"item": "G-1", "value": "met", **fields})
    assert _judge(op) == [(Status.KEPT_INVALID, reason)]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "text",
        {},
        _changed(an_operation("G-1", "met"), seq="1"),
        _changed(an_operation("G-1", "met"), wall_ms=1.5),
        _changed(an_operation("G-1", "met"), seq=2**53),
        _changed(an_operation("G-1", "met"), extra=1),
        _changed(an_operation("G-1", "met"), kind="gossip"),
        _changed(an_operation("G-1", "met"), op_id="7"),
    ],
)
def test_malformed_operations_do_not_stop_the_batch(raw: Any) -> None:
    assert _judge(raw, an_operation("G-1", "met")) == [(Status.KEPT_INVALID, Invalid.MALFORMED), (Status.STORED, None)]


def test_a_damaged_operation_leaves_its_id_free_for_the_whole_one() -> None:
    op = an_operation("G-1", "met")
    assert _judge(_changed(op, value="not_met"), op) == [(Status.KEPT_INVALID, Invalid.HASH_MISMATCH), (Status.STORED, None)]


def test_a_number_of_a_device_is_used_once() -> None:
    op = an_operation("G-1", "met", seq=7)
    assert _judge(op, an_operation("G-2", "met", seq=7))[1] == (Status.KEPT_INVALID, Invalid.SEQ_TAKEN)


def test_steps_of_the_record_are_fields() -> None:
    assert _judge(an_operation("@rights_read", "2026-11-24 13:35", Kind.FIELD.value)) == [(Status.STORED, None)]


# --- chains -----------------------------------------------------------------------------------------------------------


def _chain(length: int) -> list[Operation]:
    ops: list[Operation] = []
    for seq in range(1, length + 1):
        ops.append(an_operation("G-1", "met", seq=seq, prev_hash=ops[-1].hash if ops else ""))
    return ops


def test_a_gap_in_a_devices_chain_is_named() -> None:
    ops = _chain(5)
    assert chain_faults(reversed(ops)) == ()
    assert chain_faults(ops[3:], checked={"tablet-1": (3, ops[2].hash)}) == ()
    assert "第2至3条操作尚未收到" in chain_faults([ops[0], *ops[3:]])[0]
    assert "第1条操作尚未收到" in chain_faults(ops[1:])[0]
    forked = an_operation("G-1", "met", seq=3, prev_hash="00" * 32)
    assert "第3条操作与前一条不衔接" in chain_faults([*ops[:2], forked])[0]
    far = an_operation("G-1", "met", seq=2**53 - 1)
    assert len(chain_faults([ops[0], far])) == 1


# --- the model test ---------------------------------------------------------------------------------------------------


@dataclass
class Device:
    """A tablet that knows what it wrote and what it heard."""

    name: str
    seen: dict[str, Operation] = field(default_factory=dict)
    written: list[Operation] = field(default_factory=list)

    def write(self, item: str, value: str) -> None:
        """Answer an item, replacing every current value this tablet knows of."""
        heads = fold(self.seen.values()).slot(item).heads
        op = an_operation(
            item, value, device_id=self.name, author_id="anna", seq=len(self.written) + 1,
            prev_hash=self.written[-1].hash if self.written else "", replaces=[h.op_id for h in heads],
        )  # fmt: skip
        self.written.append(op)
        self.seen[op.op_id] = op


_STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["write", "hear"]),
        st.sampled_from(["G-1", "G-2"]),
        st.sampled_from(["met", "not_met", "referred"]),
        st.integers(0, 2),
    ),
    max_size=25,
)


def _story(steps: list[tuple[int, str, str, str, int]]) -> list[Operation]:
    devices = [Device(f"tablet-{n}") for n in range(3)]
    for who, act, item, value, other in steps:
        if act == "write":
            devices[who].write(item, value)
        else:
            devices[who].seen |= devices[other].seen
    return [op for d in devices for op in d.written]


class Server:
    """What the receiving side keeps."""

    def __init__(self) -> None:
        self.kept: dict[str, Operation] = {}

    def receive(self, batch: list[Operation]) -> list[Status]:
        """Judge and keep a batch; the answer may get lost on its way back."""
        judged = judge(
            [op.model_dump() for op in batch],
            tasks=TASKS,
            stored={i: op.hash for i, op in self.kept.items()},
            taken={(op.device_id, op.seq): i for i, op in self.kept.items()},
        )
        self.kept |= {j.op_id: j.operation for j in judged if j.status is Status.STORED and j.operation is not None}
        return [j.status for j in judged]


@settings(max_examples=80, deadline=None)
@given(_STEPS, st.integers(0, 2**32))
def test_any_order_repetition_loss_and_resending_give_the_same_state(
    steps: list[tuple[int, str, str, str, int]], seed: int
) -> None:
    every = _story(steps)
    chance = random.Random(seed)
    server = Server()
    waiting = list(every)
    while waiting:
        chance.shuffle(waiting)
        batch = [chance.choice(waiting) for _ in range(chance.randint(1, 6))] + chance.choices(every, k=2)
        if chance.random() < 0.3:
            continue  # lost on the way there
        statuses = server.receive(batch)
        assert Status.KEPT_INVALID not in statuses
        if chance.random() < 0.7:  # else the answer was lost on the way back: all of it is sent again
            waiting = [op for op in waiting if op not in batch]
    assert fold(server.kept.values()).sha256 == fold(every).sha256
    assert fold([*every, *reversed(every)]) == fold(every)
    assert len(server.kept) == len(every)
    assert chain_faults(server.kept.values()) == ()


@settings(max_examples=80, deadline=None)
@given(_STEPS)
def test_every_current_value_is_one_that_nobody_replaced(steps: list[tuple[int, str, str, str, int]]) -> None:
    every = _story(steps)
    replaced = {r for op in every for r in op.replaces}
    heads = {op.op_id for slot in fold(every).slots.values() for op in slot.heads}
    assert heads == {op.op_id for op in every} - replaced
