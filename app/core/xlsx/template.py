"""The empty workbook to fill in (导入模板): explanations, drop-down choices, text columns for codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from app.core.xlsx.cells import letter
from app.core.xlsx.table import CHOICES_SHEET, GUIDE_SHEET, Column, Sheet
from app.core.xlsx.write import Book

_LIST_INLINE: Final = 200
"""Excel allows 255 characters for choices in the cell itself; longer lists stand on a hidden sheet."""


def template(sheets: Sequence[Sheet], *, rows: int = 2000) -> bytes:
    """The empty workbook to fill in (导入模板): a page of explanations, sheets with drop-down choices.

    Columns of codes and telephone numbers are set to text, so that Excel keeps every digit.
    `rows` is how far down the drop-down lists reach.
    """
    book = Book()
    _guide(book, sheets)
    lists: list[tuple[str, ...]] = []
    for declared in sheets:
        sheet = book.sheet(declared.name)
        titles = [f"{c.title}*" if c.required else c.title for c in declared.columns]
        book.put_header(sheet, titles, [max(14, 2 * len(c.title) + 4) for c in declared.columns])
        for index, column in enumerate(declared.columns):
            _prepare_column(book, sheet, index, column, lists, rows)
    _choices(book, lists)
    return book.finish()


def _guide(book: Book, sheets: Sequence[Sheet]) -> None:
    guide = book.sheet(GUIDE_SHEET)
    book.put_header(guide, ["工作表", "列", "必填", "怎么填", "可选的内容"], [18, 24, 8, 60, 60])
    line = 1
    for declared in sheets:
        for column in declared.columns:
            how = "。".join(part for part in (column.parse.hint, column.help, _example(column)) if part)
            required = "必填" if column.required else "选填"
            about = [declared.name, column.title, required, how, "、".join(column.parse.labels)]
            for index, words in enumerate(about):
                book.put(guide, line, index, words)
            line += 1


def _example(column: Column) -> str:
    return f"例：{column.example}" if column.example else ""


def _prepare_column(book: Book, sheet: Any, index: int, column: Column, lists: list[tuple[str, ...]], rows: int) -> None:
    style = book.book.add_format({"num_format": column.parse.cell_format})
    sheet.set_column(index, index, max(14, 2 * len(column.title) + 4), style)
    how = "。".join(part for part in (column.parse.hint, column.help) if part)
    if how:
        sheet.write_comment(0, index, how)
    labels = column.parse.labels
    if not labels:
        return
    source: Any = list(labels)
    if len(",".join(labels)) > _LIST_INLINE or any("," in label for label in labels):
        lists.append(labels)
        place = letter(len(lists) - 1)
        source = f"='{CHOICES_SHEET}'!${place}$1:${place}${len(labels)}"
    rule = {"validate": "list", "source": source, "error_title": "请从列表中选", "error_message": "只能填列表中的内容"}
    sheet.data_validation(1, index, rows, index, rule)


def _choices(book: Book, lists: Sequence[tuple[str, ...]]) -> None:
    if not lists:
        return
    sheet = book.sheet(CHOICES_SHEET)
    for index, labels in enumerate(lists):
        for row, label in enumerate(labels):
            book.put(sheet, row, index, label)
    sheet.hide()
