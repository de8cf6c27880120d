"""Guard of characters (字符守卫): a document is only made of characters that its fonts can draw.

A character without a glyph would be drawn as an empty box without any error, and the file would no longer be PDF/A.
Control characters and bidirectional overrides are refused too: they print nothing, yet change what a reader sees.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Final, get_type_hints

from app.core.pdf.fonts import covered
from app.core.refusal import Refused

BREAKS: Final = frozenset("\n\t")
UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def check(value: object, where: str = "") -> None:
    """Refuse the first character that cannot be printed (逐字核对), naming the character, its code point and the field.

    Walks strings, mappings, sequences and dataclasses; `where` is the path walked so far.
    Raises `Refused("document.missing_glyph")` or `Refused("document.unprintable")`.
    """
    known = covered()
    for place, text in texts(value, where):
        for character in dict.fromkeys(text):
            if character in BREAKS or (ord(character) in known and not _unprintable(character)):
                continue
            raise _refusal(character, place)


def texts(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every piece of text inside `value` with its field path (取出全部文字); a dataclass field annotated
    with a text is called by it."""
    if isinstance(value, str):
        if hasattr(value, "__html__"):
            raise TypeError(f"ready-made markup is not accepted in a document: {where}")
        yield where, value
    elif is_dataclass(value) and not isinstance(value, type):
        for name, label in _labels(type(value)).items():
            yield from texts(getattr(value, name), _inside(where, label))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, _inside(where, str(key)))
    elif isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray):
        for number, item in enumerate(value, start=1):
            yield from texts(item, f"{where}第{number}项")


@cache
def _labels(kind: type) -> dict[str, str]:
    hints = get_type_hints(kind, include_extras=True)
    named = {field.name: getattr(hints[field.name], "__metadata__", (field.name,))[0] for field in fields(kind)}
    return {name: label if isinstance(label, str) else name for name, label in named.items()}


def _inside(where: str, name: str) -> str:
    return f"{where}·{name}" if where else name


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in UNPRINTABLE


def _refusal(character: str, place: str) -> Refused:
    code = f"U+{ord(character):04X}"
    if _unprintable(character):
        return Refused("document.unprintable", f"“{place}”中有看不见的控制字符（{code}），请删去后重新生成文书")
    return Refused(
        "document.missing_glyph",
        f"“{place}”中的字符“{character}”（{code}）不在文书字库中，无法打印，请改用字库收录的字或附手写说明",
    )
