"""The phoenix check (换壳核查): does a new site look like an old one with a bad record? A score and the reasons; pure.

It only raises a question: an officer looks and decides. Weights and the line stand in a dated file under `standards/`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pypinyin import lazy_pinyin

from app.core.labels import Labelled
from app.core.standards import Confidence, Edition, Library, load
from app.credit.standards import FOLDER


class MatchState(Labelled):
    """State of a match (核查状态)."""

    WAITING = "waiting", "待核查"
    CONFIRMED = "confirmed", "认定为换壳"
    DISMISSED = "dismissed", "排除"


class Clue(Labelled):
    """What two sites have in common (相同之处)."""

    ADDRESS = "address", "地址"
    NAME = "name", "名称"
    LEGAL_REPRESENTATIVE = "legal_representative", "法定代表人"
    MANAGER = "manager", "主要负责人"
    CROSSED = "crossed", "人员换位"
    PHONE = "phone", "电话"
    STAFF = "staff", "人员"
    BEDS = "beds", "床位"


class Weights(BaseModel):
    """What each clue adds in hundredths (各项分量) when the two are the same; likeness counts by its share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: int = Field(ge=0, le=100)
    name: int = Field(ge=0, le=100)
    legal_representative: int = Field(ge=0, le=100)
    manager: int = Field(ge=0, le=100)
    crossed: int = Field(ge=0, le=100)
    phone: int = Field(ge=0, le=100)
    staff: int = Field(ge=0, le=100)
    beds: int = Field(ge=0, le=100)


class PhoenixTable(Edition):
    """Weights and the line from which an officer is asked (换壳核查参数), all hundredths."""

    kind: Literal["phoenix"] = "phoenix"
    weights: Weights
    line: int = Field(ge=1, le=100)
    name_from: int = Field(ge=0, le=100)
    staff_from: int = Field(ge=0, le=100)
    beds_from: int = Field(ge=0)
    generic: tuple[str, ...]
    weights_confidence: Confidence


@cache
def tables() -> Library[PhoenixTable]:
    """Every table that ships (换壳核查参数库)."""
    return load(FOLDER, PhoenixTable)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of a site (比对特征). `places` are names of its divisions, left out of name and address."""

    name: str
    address: str
    legal_representative: str = ""
    manager: str = ""
    phones: frozenset[str] = frozenset()
    beds: int | None = None
    staff: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One thing in common (一项相同): what it adds, in words an officer can check."""

    clue: Clue
    points: int
    words: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two sites look alike (相似度): hundredths, at most 100, and why."""

    score: int
    points: tuple[Point, ...] = field(default=())


def compare(new: Fingerprint, old: Fingerprint, table: PhoenixTable) -> Likeness:
    """Compare a new site with an old one (比对). Nothing in common scores 0; the reasons come heaviest first."""
    found = [*_places(new, old, table), *_people(new, old, table), *_size(new, old, table)]
    points = tuple(sorted((p for p in found if p.points > 0), key=lambda p: (-p.points, p.clue.value)))
    return Likeness(min(100, sum(p.points for p in points)), points)


def suspicious(found: Likeness, table: PhoenixTable) -> bool:
    """Whether an officer is asked to look (需要核查): enough in common, and more than one thing."""
    return found.score >= table.line and len(found.points) >= 2


def _places(new: Fingerprint, old: Fingerprint, table: PhoenixTable) -> Iterable[Point]:
    share = address_likeness(new.address, old.address, (*new.places, *old.places))
    if share:
        word = "同一门牌" if share == 100 else "同一门牌、楼栋不同" if share == 50 else "同一道路、门牌相邻"
        yield Point(Clue.ADDRESS, table.weights.address * share // 100, f"{word}：{old.address}")
    share = name_likeness(new.name, old.name, (*new.places, *old.places), table.generic)
    if share >= table.name_from:
        sound = "同音" if share < 100 else "相同"
        how = sound if share >= 90 else "相近"
        yield Point(Clue.NAME, table.weights.name * share // 100, f"名称{how}：{old.name}")


def _people(new: Fingerprint, old: Fingerprint, table: PhoenixTable) -> Iterable[Point]:
    w = table.weights
    if _same(new.legal_representative, old.legal_representative):
        yield Point(Clue.LEGAL_REPRESENTATIVE, w.legal_representative, "法定代表人同名")
    if _same(new.manager, old.manager):
        yield Point(Clue.MANAGER, w.manager, "主要负责人同名")
    crossed = _same(new.legal_representative, old.manager) or _same(new.manager, old.legal_representative)
    if crossed and not _same(new.legal_representative, old.legal_representative):
        yield Point(Clue.CROSSED, w.crossed, "原主要负责人任新法定代表人，或原法定代表人任新主要负责人")
    if new.phones & old.phones:
        yield Point(Clue.PHONE, w.phone, "联系电话或服务电话相同")
    common = len(new.staff & old.staff)
    share = 100 * common // min(len(new.staff), len(old.staff)) if new.staff and old.staff else 0
    if share >= table.staff_from and common >= 2:
        yield Point(Clue.STAFF, w.staff * share // 100, f"{common} 名工作人员同名")


def _size(new: Fingerprint, old: Fingerprint, table: PhoenixTable) -> Iterable[Point]:
    if new.beds and old.beds and new.beds == old.beds and new.beds >= table.beds_from:
        yield Point(Clue.BEDS, table.weights.beds, f"床位同为 {new.beds} 张")


def _same(one: str, other: str) -> bool:
    return bool(one) and fold(one) == fold(other)


# --- names ------------------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """The text without spelling differences (归一): full-width signs, spaces, points, brackets, case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def core_of(name: str, places: Sequence[str], generic: Iterable[str]) -> str:
    """What is left of a name without divisions and words of the trade (字号): 沈阳市和平区松鹤养老服务中心 → 松鹤."""
    words = _place_words(places)
    left = _without_places(fold(name), [fold(place) for place in places if place])
    for word in sorted((fold(g) for g in generic), key=len, reverse=True):
        left = left.replace(word, "")
    return _without_places(left, words)


def _without_places(text: str, words: list[str]) -> str:
    """A text without the divisions before it, as long as something is left: 和平区和平养老院 keeps its 和平."""
    while place := next((w for w in words if text.startswith(w) and len(text) - len(w) >= 2), ""):
        text = text[len(place) :]
    return text


def _place_words(places: Iterable[str]) -> list[str]:
    """Every way a division is written (区划写法): 和平区 and 和平, longest first."""
    full = {fold(place) for place in places if place}
    short = {re.sub(r"(省|市|区|县|街道|镇|乡|社区|村)$", "", place) for place in full}
    return sorted((word for word in full | short if len(word) >= 2), key=len, reverse=True)


def name_likeness(one: str, other: str, places: Iterable[str] = (), generic: Iterable[str] = ()) -> int:
    """How alike two names are (名称相似度), 0 to 100: by characters, or a little less by sound (同音字)."""
    where, words = tuple(places), tuple(generic)
    a, b = core_of(one, where, words), core_of(other, where, words)
    if not a or not b:
        return 0
    if a == b:
        return 100
    written = SequenceMatcher(None, a, b, autojunk=False).ratio()
    spoken = SequenceMatcher(None, _sounds(a), _sounds(b), autojunk=False).ratio()
    return int(max(written, 0.95 * spoken) * 100)


def _sounds(text: str) -> list[str]:
    """The syllables (音节), with the pairs that many dialects do not tell apart written as one."""
    return [re.sub(r"^(z|c|s)h", r"\1", re.sub(r"ng$", "n", syllable)) for syllable in lazy_pinyin(text)]


# --- addresses --------------------------------------------------------------------------------------------------------

_DIGITS: Final[Mapping[str, int]] = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_CHINESE_NUMBER: Final = re.compile(r"[〇零一二两三四五六七八九十百]+(?=(?:号|弄|巷|栋|幢|座|楼|层|室|单元|院|组|队))")
_DOOR: Final = re.compile(r"(?P<road>[^\d]*?)(?P<number>\d+)(?P<tail>[甲乙丙丁]|-\d+)?(?:号|弄|巷)(?!楼)(?P<end>[甲乙丙丁])?")
_BUILDING: Final = re.compile(r"(\d+|[a-z])(?:号楼|栋|幢|座)")


@dataclass(frozen=True, slots=True)
class Door:
    """A door of an address (门牌): road, number, building."""

    road: str
    number: int
    tail: str
    building: str


def door_of(address: str, places: Iterable[str] = ()) -> Door | None:
    """The door that an address names (解析门牌): numerals in one spelling, divisions left out. None without a number."""
    text = unicodedata.normalize("NFKC", address).lower().replace("號", "号").replace(" ", "").replace("—", "-")
    text = re.sub(r"[()（）,，。.·、]", "", text)
    text = _CHINESE_NUMBER.sub(lambda hit: str(_number(hit[0])), text)
    for place in _place_words(places):
        text = text.replace(place, "") if len(place) > 2 else text.removeprefix(place)
    text = re.sub(r"^.*?(?:省|自治区)", "", text) if re.match(r"^[^\d路街道巷]{2,6}(?:省|自治区)", text) else text
    text = re.sub(r"^(?:[^\d路街道巷村]{1,8}?(?:市|区|县|旗|镇|乡|街道))+", "", text)
    hit = _DOOR.search(text)
    if hit is None:
        return None
    building = _BUILDING.search(text[hit.end() :])
    return Door(_road(hit["road"]), int(hit["number"]), hit["tail"] or hit["end"] or "", building[1] if building else "")


def _road(words: str) -> str:
    """A road in one spelling (道路): 大街, 街, 路 as written, without the direction's doubled word."""
    return words.removeprefix("省").strip("-")


def _number(words: str) -> int:
    """A Chinese numeral (中文数字): 十二 → 12, 一百零八 → 108, 二〇三 → 203."""
    if "十" not in words and "百" not in words:
        return int("".join(str(_DIGITS[c]) for c in words))
    total, digit = 0, 0
    for c in words:
        if c in "十百":
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit


def address_likeness(one: str, other: str, places: Iterable[str] = ()) -> int:
    """How alike two addresses are (地址相似度): 100 same door, 50 same door of another building, 30 next doors, 0 else."""
    where = tuple(places)
    a, b = door_of(one, where), door_of(other, where)
    if a is None or b is None:
        return 100 if len(fold(one)) >= 4 and fold(one) == fold(other) else 0
    if not a.road or a.road != b.road:
        return 0
    if a.number != b.number:
        return 30 if abs(a.number - b.number) <= 2 else 0
    if a.building and b.building and a.building != b.building:
        return 50
    return 100 if a.tail == b.tail else 50
