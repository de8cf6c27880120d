"""Public values that go into the seed (公开值): one canonical spelling each, entered twice.

A lottery value is written as two-digit numbers, ascending, joined by commas, special numbers after `+`
(docs/draw-yldraw1.md §2). Two spellings of one value would be two seeds, so only one is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.refusal import Refused
from app.inspections.rules.draw.tickets import sha256_hex
from app.inspections.rules.draw.values import MAGIC, SeedInput


@dataclass(frozen=True, slots=True)
class Game:
    """How a lottery draws (彩票玩法): `count` of 1..`top`, then `extra` of 1..`extra_top`.

    `shared` = the special number comes from the same drum, so it differs from the others.
    """

    name: str
    count: int
    top: int
    extra: int = 0
    extra_top: int = 0
    shared: bool = False


GAMES: Final[Mapping[str, Game]] = {
    "cwl.kl8": Game("快乐8", 20, 80),
    "cwl.ssq": Game("双色球", 6, 33, 1, 16),
    "cwl.qlc": Game("七乐彩", 7, 30, 1, 30, shared=True),
    "lottery.dlt": Game("大乐透", 5, 35, 2, 12),
}
DICE: Final = frozenset({"dice", "demo.dice"})
_DICE_VALUE: Final = re.compile(r"[1-6]+(,[1-6]+)*")
_PLUS: Final = re.compile(r"[+＋|]")


def _numbers(typed: str, count: int, top: int, game: Game) -> list[int]:
    words = re.findall(r"[0-9]+", typed)
    if re.sub(r"[0-9\s,，、.;；]+", "", typed):
        raise Refused("draw.value", f"{game.name}号码中有数字和分隔符以外的字符，请只填号码")
    found = sorted(int(word) for word in words)
    if len(found) != count or len(set(found)) != count:
        raise Refused("draw.value", f"{game.name}应填 {count} 个互不相同的号码，现有 {len(set(found))} 个，请核对公告")
    if found[0] < 1 or found[-1] > top:
        raise Refused("draw.value", f"{game.name}号码应在 01 至 {top:02d} 之间，请核对公告")
    return found


def _written(numbers: list[int]) -> str:
    return ",".join(f"{number:02d}" for number in numbers)


def _lottery(game: Game, typed: str) -> str:
    parts = _PLUS.split(typed)
    if len(parts) != (2 if game.extra else 1):
        wanted = "普通号码 + 特别号码" if game.extra else "普通号码，没有特别号码"
        raise Refused("draw.value", f"{game.name}应填{wanted}")
    main = _numbers(parts[0], game.count, game.top, game)
    if not game.extra:
        return _written(main)
    extra = _numbers(parts[1], game.extra, game.extra_top, game)
    if game.shared and set(extra) & set(main):
        raise Refused("draw.value", f"{game.name}特别号码不能与普通号码相同，请核对公告")
    return f"{_written(main)}+{_written(extra)}"


def canonical(source: str, typed: str) -> str:
    """The one spelling of a public value (规范写法). Raises Refused `draw.value`.

    Known lotteries are checked by their rules; dice are digits 1-6, persons joined by comma; any other
    source is free text, stripped.
    """
    if source in GAMES:
        return _lottery(GAMES[source], typed)
    value = typed.strip()
    if source in DICE:
        value = re.sub(r"[，、]", ",", value).replace(" ", "")
        if not _DICE_VALUE.fullmatch(value):
            raise Refused("draw.value", "骰子点数只能是 1 至 6，各人之间用逗号分开")
    if not value:
        raise Refused("draw.value", "公开值不能为空")
    return value


@dataclass(frozen=True, slots=True)
class Entry:
    """A public value as one official typed it (一人录入)."""

    by: str
    number: int
    source: str
    event: str
    typed: str


def agree(entry_a: Entry, entry_b: Entry) -> SeedInput:
    """Accept a value that two officials entered alike (双人录入一致). Raises Refused when they differ."""
    if entry_a.by == entry_b.by:
        raise Refused("draw.same_person", "公开值须由两人分别录入，请换另一人录入")
    if (entry_a.number, entry_a.source, entry_a.event) != (entry_b.number, entry_b.source, entry_b.event):
        raise Refused("draw.entries_differ", "两人录入的来源或期号不一致，请对照开奖公告重新录入")
    value = canonical(entry_a.source, entry_a.typed)
    if value != canonical(entry_b.source, entry_b.typed):
        raise Refused("draw.entries_differ", "两人录入的号码不一致，请对照开奖公告重新录入")
    return SeedInput(entry_a.number, entry_a.source, entry_a.event, value)


def secret_commitment(name: str, secret: str) -> str:
    """What a person publishes before the secret in a ceremony (仪式承诺). `secret` = 64 lowercase hex."""
    if not re.fullmatch(r"[0-9a-f]{64}", secret):
        raise Refused("draw.secret", "秘密数须为 64 位小写十六进制数")
    return sha256_hex(f"{MAGIC}|commit|{name}|{secret}".encode())
