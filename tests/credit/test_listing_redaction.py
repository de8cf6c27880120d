"""What must not reach the public from a free text (公示前脱敏), and names that look alike (名称近似)."""

from __future__ import annotations

import pytest
from pypinyin import lazy_pinyin

from app.credit.rules.likeness import Likeness, core, near, one_apart, ranked
from app.credit.rules.redaction import MarkKind, marks, redact

K = MarkKind
TEXTS = [
    ("老人王桂兰摔倒后未及时送医", [(K.NAME, "王桂兰")]),
    ("护理员李强打骂老人", [(K.NAME, "李强")]),
    ("死者张某系入住老人", []),
    ("证件号11010519491231002X的老人", [(K.IDENTITY, "11010519491231002X")]),
    ("联系电话138 1234 5678", [(K.PHONE, "138 1234 5678")]),
    ("拨打024-12345678无人接听", [(K.PHONE, "024-12345678")]),
    ("款项转入6222 0212 3456 7890 123", [(K.ACCOUNT, "6222 0212 3456 7890 123")]),
    ("老人家住和平区示例路9号2单元301室，行动不便", [(K.ADDRESS, "家住和平区示例路9号2单元301室")]),
    ("患有阿尔茨海默病，无人看护", [(K.HEALTH, "患有阿尔茨海默病")]),
    ("1938年5月6日出生的老人", [(K.BIRTH, "1938年5月6日出生")]),
    ("驾驶辽A12345撞伤", [(K.PLATE, "辽A12345")]),
    ("邮箱 wang@example.com", [(K.MAIL, "wang@example.com")]),
    ("欧阳修女士反映收费不退", [(K.NAME, "欧阳修")]),
    ("2026年3月5日检查时锁闭三层通道，拒绝检查人员进入，处罚决定书〔2026〕12号。", []),
    ("高龄老人补贴由于老年人变动未及时核减，金额12000元", []),
]


@pytest.mark.parametrize(("text", "wanted"), TEXTS)
def test_what_points_at_somebody_is_found(text: str, wanted: list[tuple[MarkKind, str]]) -> None:
    assert [(m.kind, m.text) for m in marks(text)] == wanted


def test_what_was_found_is_replaced_and_nothing_is_left() -> None:
    text = "老人王桂兰（11010519491231002X，电话13812345678）患有失智症，家住示例路9号。"
    shown = redact(text, marks(text))
    assert marks(shown) == ()
    for never in ("王桂兰", "11010519491231002X", "13812345678", "失智", "示例路9号"):
        assert never not in shown
    assert "王某" in shown


def test_names_of_the_file_are_found_wherever_they_stand_and_the_partys_own_may_stay() -> None:
    text = "赵六指使他人作假，钱七知情。"
    assert [m.text for m in marks(text, others=["钱七"])] == ["钱七"]
    assert marks("院长赵六反映", allowed=["赵六"]) == ()
    assert [m.text for m in marks("院长赵六反映")] == ["赵六"]


def sound(name: str) -> str:
    return " ".join(lazy_pinyin(name))


LISTED = "示例·沈阳市和平区松鹤养老服务有限公司"
CODE = "522101020000000195"
ASKED = [
    (LISTED, Likeness.SAME),
    ("沈阳市和平区松鹤养老服务有限公司", Likeness.SAME),
    (CODE, Likeness.CODE),
    ("松鹤养老院", Likeness.CORE),
    ("大连市松鹤老年公寓", Likeness.CORE),
    ("松贺养老院", Likeness.SOUND),
    ("鹤松养老院", Likeness.SWAPPED),
    ("青竹养老院", None),
    ("", None),
    ("522101020000000196", None),
]


@pytest.mark.parametrize(("asked", "wanted"), ASKED)
def test_a_name_is_compared_with_its_reason(asked: str, wanted: Likeness | None) -> None:
    hit = near(asked, LISTED, CODE, reading=sound)
    assert (hit.likeness if hit else None) == wanted
    if hit:
        assert hit.why


def test_one_character_put_in_left_out_or_changed() -> None:
    assert one_apart("松鹤苑", "松鹤园")
    assert one_apart("松鹤", "松鹤苑")
    assert not one_apart("松鹤", "松鹤")
    assert not one_apart("松鹤苑", "鹤松苑")
    assert core("沈阳市和平区松鹤苑养老院") == "松鹤苑"


def test_the_strongest_reason_stands_first() -> None:
    hits = [near(asked, LISTED, CODE, reading=sound) for asked in ("松贺养老院", "松鹤养老院", LISTED)]
    assert [h.likeness for h in ranked(h for h in hits if h)] == [Likeness.SAME, Likeness.CORE, Likeness.SOUND]
