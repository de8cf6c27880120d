"""What the home may read (告知机构的文字): facts, never the complainant.

The officer writes the facts anew and confirms them; this catches what slips in. It cannot know everything, so the
officer's own reading stays the rule. Source: every regional law demands that the complainant is kept secret.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from app.core.refusal import Refused

_NUMBERS: Final = (
    (re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"), "手机号码"),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "身份证号"),
    (re.compile(r"(?<!\d)0\d{2,3}[\s-]?\d{3,4}[\s-]?\d{4}(?!\d)"), "电话号码"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "邮箱"),
)
_WORDS: Final = (
    "投诉人",
    "举报人",
    "信访人",
    "来电人",
    "来访人",
    "反映人",
    "据其女儿",
    "据其儿子",
    "据家属",
    "家属投诉",
    "家属举报",
    "员工举报",
)
LEAST: Final = 8
COPIED: Final = 24


def squeezed(text: str) -> str:
    """The text without spaces and points, half-width, for comparison (比对用文字)."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()).lower()


def leaks(text: str, *, names: Collection[str] = (), numbers: Collection[str] = (), original: str = "") -> list[str]:
    """What in a text could point at the complainant (泄露风险), in words; empty when nothing was found.

    `names` and `numbers` are those of the complaint and of all merged into it; `original` is what they wrote: a run of
    it longer than a clause gives the writer away by the wording.
    """
    found = []
    low = squeezed(text)
    for name in names:
        short = squeezed(name)
        if len(short) > 1 and short in low:
            found.append("投诉人的姓名")
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdigit())
    for number in numbers:
        bare = "".join(c for c in number if c.isdigit())
        if len(bare) >= 7 and bare[-7:] in digits:
            found.append("投诉人的电话")
    folded = unicodedata.normalize("NFKC", text)
    found += [what for pattern, what in _NUMBERS if pattern.search(folded)]
    found += [f"“{word}”这样的字眼" for word in _WORDS if word in text]
    if _copied(low, squeezed(original)):
        found.append("大段照抄的投诉原文（口气和措辞会让机构认出是谁）")
    return list(dict.fromkeys(found))


def _copied(text: str, original: str) -> bool:
    return any(original[n : n + COPIED] in text for n in range(max(0, len(original) - COPIED + 1))) if original else False


def check(text: str, *, confirmed: bool, names: Collection[str], numbers: Collection[str], original: str) -> str:
    """The text as it may go to the home (核定告知文字). Refused while it points at somebody or nobody confirmed it."""
    text = text.strip()
    if len(text) < LEAST:
        raise Refused("facts.short", "请写明要机构说明的事实：何时、何地、何事。不写谁反映的。")
    if found := leaks(text, names=names, numbers=numbers, original=original):
        raise Refused("facts.leak", f"文字里还有{'、'.join(found)}，机构会认出投诉人。请改写成客观事实再发。")
    if not confirmed:
        raise Refused("facts.unconfirmed", "请通读一遍，勾选“已确认不含投诉人信息”再发。")
    return text
