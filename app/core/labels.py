"""Enums with a Chinese label (带中文名的枚举): stored by value, shown by label."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A closed list of words (代码表). A member is written `NAME = "value", "中文名"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Make one member; `label` is what a screen or document shows. Called with a value alone, the enum looks it up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
