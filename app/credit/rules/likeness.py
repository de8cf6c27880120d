"""Names that look alike (名称近似): the public check of the list by name, each near match with its reason.

Two bodies may bear one name and one body two: a match is a reason to look, never a finding. Pure; the reading of characters
comes in as a function.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from app.core.labels import Labelled


class Likeness(Labelled):
    """Why a name was found (近似理由), the strongest first."""

    CODE = "code", "统一社会信用代码相同"
    SAME = "same", "名称相同"
    CORE = "core", "去掉地区和组织形式后名称相同"
    SOUND = "sound", "读音相同，用字不同"
    ONE_OFF = "one_off", "只差一个字"
    SWAPPED = "swapped", "用字相同，次序不同"
    WITHIN = "within", "名称中含有所查的字"


_RANK: Final = {kind: rank for rank, kind in enumerate(Likeness)}
_FORMS: Final = re.compile(
    r"(有限责任公司|股份有限公司|有限公司|分公司|养老服务中心|养老服务|养老公寓|老年公寓|养老院|敬老院|福利院|护理院|养老中心|养护中心|"
    r"康养中心|服务中心|服务站|中心|公寓|集团|养老|养护|康养|健康|管理|服务)"
)
_PLACE: Final = re.compile(r"^(?:[\u4e00-\u9fa5]{2,7}?(?:省|自治区|市|自治州|区|县|旗|街道|镇|乡))+")
_DEMO: Final = re.compile(r"^示例[·・]?")
_CODE: Final = re.compile(r"[0-9A-Z]{18}")


def tidy_name(name: str) -> str:
    """A name as it is compared (名称整理): width evened, brackets and spaces gone."""
    evened = unicodedata.normalize("NFKC", name).upper()
    return "".join(c for c in _DEMO.sub("", evened) if c.isalnum())


def core(name: str) -> str:
    """The part of a name that tells it from others (字号): place in front and form of body dropped."""
    tidied = tidy_name(name)
    bare = _FORMS.sub("", _PLACE.sub("", tidied))
    return bare or tidied


@dataclass(frozen=True, slots=True)
class Near:
    """A name found and why (近似结果)."""

    name: str
    code: str
    likeness: Likeness
    why: str


def near(asked: str, name: str, code: str, *, reading: Callable[[str], str]) -> Near | None:
    """Whether a listed name is what was asked, or looks like it, and why (名称比对). `reading` gives the pinyin without tones."""
    typed = tidy_name(asked)
    if not typed:
        return None
    if _CODE.fullmatch(typed):
        return Near(name, code, Likeness.CODE, "代码逐位相同") if typed == code else None
    own, mine, theirs = tidy_name(name), core(asked), core(name)
    if typed == own:
        return Near(name, code, Likeness.SAME, "与公布的名称完全相同")
    if mine == theirs:
        return Near(name, code, Likeness.CORE, f"字号都是“{theirs}”，地区或组织形式不同")
    if len(mine) > 1 and reading(mine) == reading(theirs):
        return Near(name, code, Likeness.SOUND, f"“{mine}”与“{theirs}”读音相同")
    if min(len(mine), len(theirs)) > 2 and one_apart(mine, theirs):
        return Near(name, code, Likeness.ONE_OFF, f"“{mine}”与“{theirs}”只差一个字")
    if len(mine) > 1 and sorted(mine) == sorted(theirs):
        return Near(name, code, Likeness.SWAPPED, f"“{mine}”与“{theirs}”用字相同、次序不同")
    if len(typed) > 1 and (typed in own or (len(mine) > 1 and mine in theirs)):
        return Near(name, code, Likeness.WITHIN, f"名称中含有“{asked.strip()}”")
    return None


def one_apart(one: str, other: str) -> bool:
    """Whether two names differ in one character put in, left out or changed (一字之差)."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def ranked(found: Iterable[Near]) -> list[Near]:
    """Near matches, the strongest reason first (排序)."""
    return sorted(found, key=lambda match: (_RANK[match.likeness], match.name))
