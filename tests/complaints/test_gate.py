"""The gate of the public form and what may leave for the home (防灌水、脱敏)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.complaints.rules import gate, redaction
from app.core.refusal import Refused

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TICKET = gate.Ticket("abc", int(AT.timestamp()))
RIGHT = min(TICKET.question.answers)


def refusal(**change: object) -> str:
    sent: dict[str, object] = {"ticket": TICKET, "answer": RIGHT, "trap": "", "at": AT + timedelta(seconds=20)}
    try:
        gate.check(**(sent | change))  # type: ignore[arg-type]
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"at": AT + timedelta(seconds=2)}, "gate.fast"),
        ({"at": AT + timedelta(seconds=3)}, ""),
        ({"at": AT + timedelta(hours=12, seconds=1)}, "gate.stale"),
        ({"at": AT - timedelta(hours=1)}, "gate.stale"),
        ({"ticket": None}, "gate.stale"),
        ({"trap": "http://buy"}, "gate.trap"),
        ({"answer": "不知道"}, "gate.answer"),
        ({"answer": ""}, "gate.answer"),
    ],
)
def test_what_no_person_sends_is_refused(change: dict[str, object], code: str) -> None:
    assert refusal(**change) == code


@pytest.mark.parametrize("words", ["7", " ７ ", "七", "七天", "7天。"])
def test_answers_as_people_write_them(words: str) -> None:
    assert gate.plain(words) in {"7", "七"}


def test_every_question_takes_its_own_answers_with_and_without_a_counting_word() -> None:
    for question in gate.QUESTIONS:
        for answer in question.answers:
            assert {gate.plain(answer), gate.plain(f"{answer}个"), gate.plain(f"{answer}月")} <= question.answers


def test_a_ticket_comes_back_whole_or_not_at_all() -> None:
    sealed = gate.seal("key", TICKET)
    assert gate.read("key", sealed) == TICKET
    for forged in (sealed[:-1] + "0", sealed.replace("abc", "abd"), "9" + sealed, "", "a.b.c", "1..", "１.abc.x", "1.abc.é"):
        assert gate.read("key", forged) is None or (gate.read("key", forged) == TICKET and forged == sealed)
    assert gate.read("other key", sealed) is None


def test_codes_are_one_per_form_and_read_as_people_type_them() -> None:
    code = gate.code_for("key", "nonce")
    assert code == gate.code_for("key", "nonce") != gate.code_for("key", "nonce2")
    assert len({gate.code_for("key", str(n)) for n in range(2000)}) == 2000
    assert gate.read_code(f" {gate.shown_code(code).lower()} ") == code
    for wrong in ("", "ABC", "0" * 12, "I" * 12, code + "A"):
        with pytest.raises(Refused):
            gate.read_code(wrong)


def test_rate() -> None:
    gate.check_rate(gate.PER_HOUR - 1)
    with pytest.raises(Refused):
        gate.check_rate(gate.PER_HOUR)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请说明 11 月 23 日夜间二楼的值班安排", False),
        ("请说明 2026 年 3 号楼 12 室的收费 1200 元", False),
        ("联系１３９００００７７８８", True),
        ("联系 024-2345 6789", True),
        ("写信 a.b@example.com", True),
        ("示例 金 丝 雀说的", True),
    ],
)
def test_leaks(text: str, found: bool) -> None:
    assert bool(redaction.leaks(text, names=["示例·金丝雀"], numbers=["13900007788"])) is found


def test_a_long_run_of_the_original_gives_the_writer_away() -> None:
    original = "我妈妈昨晚从床上摔下来，值班的人过了两个小时才来看，今天早上还不让我们看监控"
    assert redaction.leaks(f"请说明：{original[:32]}", original=original)
    assert not redaction.leaks("请说明昨晚坠床后的处置经过", original=original)
