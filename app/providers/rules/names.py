"""How a name is found by its sound (拼音查找)."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def sounds(name: str) -> tuple[str, str]:
    """The name in pinyin without tones, and its initials (拼音, 首字母), both lower case and without spaces."""
    letters = "".join(lazy_pinyin(name, errors=_plain))
    return letters.lower(), "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_plain)).lower()


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum())
