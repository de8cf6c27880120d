"""Cells (单元格): the few value types a workbook may bring in, and how a place in it is named."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

Cell = str | int | float | bool | date | None
"""A cell's value. A date with a time of day is a `datetime`; an empty cell is None."""

LOST_DIGITS_FROM: Final = 10**15
"""Excel keeps 15 digits of a number; longer codes typed as numbers have lost their last digits."""


LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class SheetRows:
    """One sheet as it came (原始工作表). `rows[0]` is row 1; rows are equally long."""

    name: str
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing to correct (一处待改): the place as Excel names it, what stands there and what to do.

    `row` counts from 1; 0 means the whole sheet. `column` is the letter, empty when the column is missing.
    """

    sheet: str
    row: int
    column: str
    title: str
    shown: str
    sentence: str

    @property
    def place(self) -> str:
        """Where, in a person's words (位置)."""
        row = f"第 {self.row} 行" if self.row else ""
        column = f"{self.column} 列" if self.column else ""
        title = f"“{self.title}”" if self.title else ""
        return f"工作表“{self.sheet}”{row}{column}{title}"


def letter(index: int) -> str:
    """The letters of a column (列号): 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def shown(cell: Cell) -> str:
    """A cell as a person reads it (显示值): no trailing .0, dates as 2026-11-22, 是 and 否."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return format(cell, ".0f")
        case _:
            return str(cell)


def is_blank(cell: Cell) -> bool:
    """Nothing but white space (空格子)."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def fold(cell: Cell) -> str:
    """A title or label as it is compared (比对用): width and white space folded, marks of "required" dropped."""
    folded = unicodedata.normalize("NFKC", shown(cell))
    return "".join(folded.split()).strip("*").removesuffix("(必填)")


def clip(text: str) -> str:
    """The text short enough for a message (截短): 60 characters."""
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
