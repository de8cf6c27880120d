"""Write workbooks and CSV (导出): every text stays text, no formula is ever written.

Source of the dangerous beginnings: OWASP, "CSV Injection" (= + - @ TAB CR), with the full-width forms that
Chinese input methods produce and spreadsheet programs accept.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter

from app.core.xlsx.cells import LOST_DIGITS_FROM, Cell, CellError, SheetRows, letter, shown

NOTE_TITLE: Final = "校验说明"
"""The column that a corrected workbook carries; it is ignored when the workbook comes back."""
MOST_COMMENTS: Final = 1000
LONGEST_TEXT: Final = 32_767
DANGEROUS: Final = tuple("=+-@\t\r＝＋－＠")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BAD_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_CSV_BATCH: Final = 500

_HEADER: Final = {"bold": True, "bg_color": "#E7EEF7", "border": 1, "text_wrap": True, "valign": "vcenter"}
_WRONG: Final = {"bg_color": "#FFD9D6", "border": 1, "num_format": "@"}
_NOTE: Final = {"font_color": "#B00020", "text_wrap": True, "valign": "top"}


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet to write (导出表): header, rows, and column widths in characters where the guess will not do."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] | None = None


class Book:
    """A workbook being written (工作簿): the one place that touches xlsxwriter, so that text stays text."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self._buffer, options)
        self.header = self.book.add_format(_HEADER)
        self.wrong = self.book.add_format(_WRONG)
        self.note = self.book.add_format(_NOTE)
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._names: set[str] = set()

    def sheet(self, name: str) -> Any:
        """A new sheet whose name Excel accepts (新建工作表): 31 characters, none of []:*?/\\, no name twice."""
        tidy = _BAD_SHEET_NAME.sub("-", clean(name)).strip("'").strip()[:31] or "表"
        while tidy.lower() in self._names:
            tidy = f"{tidy[:27]}-{len(self._names) + 1}"
        self._names.add(tidy.lower())
        return self.book.add_worksheet(tidy)

    def put(self, sheet: Any, row: int, column: int, cell: Cell, style: Any = None) -> None:
        """Write one cell by its type (写一格); long numbers become text, so no digit is lost."""
        match cell:
            case None:
                sheet.write_blank(row, column, None, style)
            case bool():
                sheet.write_string(row, column, shown(cell), style)
            case datetime():
                sheet.write_datetime(row, column, cell.replace(tzinfo=None), style or self.moment)
            case date():
                sheet.write_datetime(row, column, cell, style or self.day)
            case int() | float() if abs(cell) < LOST_DIGITS_FROM:
                sheet.write_number(row, column, cell, style)
            case _:
                sheet.write_string(row, column, clean(shown(cell)), style)

    def put_header(self, sheet: Any, titles: Sequence[str], widths: Sequence[int], row: int = 0) -> None:
        """Write and freeze the header (表头), with the widths in characters."""
        for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
            sheet.write_string(row, column, clean(title), self.header)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(row + 1, 0)

    def finish(self) -> bytes:
        """The workbook's bytes (成文)."""
        self.book.close()
        return self._buffer.getvalue()


def clean(text: str) -> str:
    """The text without what a workbook cannot hold (去控制字符): control characters, half surrogates, overlength."""
    tidy = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return tidy if len(tidy) <= LONGEST_TEXT else tidy[: LONGEST_TEXT - 1] + "…"


def write_table(sheets: Sequence[Table]) -> bytes:
    """A workbook of plain tables (导出 Excel): styled frozen header, filter, fitting widths."""
    book = Book()
    for table in sheets:
        sheet = book.sheet(table.name)
        book.put_header(sheet, table.header, table.widths or _widths(table.header, table.rows))
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                book.put(sheet, number, column, cell)
        if table.rows and table.header:
            sheet.autofilter(0, 0, len(table.rows), len(table.header) - 1)
    return book.finish()


def _widths(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Widths from the header and the first rows (列宽); a Chinese character takes two."""
    widths = [_breadth(title) for title in header]
    for row in rows[:200]:
        for column, cell in enumerate(row[: len(widths)]):
            widths[column] = max(widths[column], _breadth(shown(cell)))
    return [min(max(width + 2, 8), 50) for width in widths]


def _breadth(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text[:50])


def annotate(original: Sequence[SheetRows], errors: Iterable[CellError]) -> bytes:
    """The workbook as it came with its faults marked (批注退回): red cells, comments and a column of notes.

    Comments are written for the first 1,000 faults (more make Excel slow); the notes tell all of them.
    A fault of a whole sheet or of a missing column stands in the notes of its row, or of row 1.
    """
    by_sheet: dict[str, dict[int, list[CellError]]] = {}
    for error in errors:
        by_sheet.setdefault(error.sheet, {}).setdefault(max(error.row, 1), []).append(error)
    book, comments = Book(), MOST_COMMENTS
    for came in original:
        comments = _annotate_sheet(book, came, by_sheet.pop(came.name, {}), comments)
    if by_sheet:
        _list_orphans(book, [error for rows in by_sheet.values() for row in rows.values() for error in row])
    return book.finish()


def _annotate_sheet(book: Book, came: SheetRows, faults: dict[int, list[CellError]], comments: int) -> int:
    sheet = book.sheet(came.name)
    notes_at = _notes_column(came)
    for number, row in enumerate(came.rows, start=1):
        wrong = {fault.column: fault for fault in faults.get(number, ())}
        for column, cell in enumerate(row[:notes_at]):
            fault = wrong.get(letter(column))
            book.put(sheet, number - 1, column, cell, _wrong_style(book, cell) if fault else None)
            if fault and comments > 0:
                sheet.write_comment(number - 1, column, clean(fault.sentence))
                comments -= 1
    for number, row_faults in faults.items():
        text = "；".join(f"{fault.title}：{fault.sentence}" if fault.title else fault.sentence for fault in row_faults)
        sheet.write_string(number - 1, notes_at, clean(text), book.note)
    header_row = _header_row(came, faults)
    above = "；".join(fault.sentence for fault in faults.get(header_row, ()))
    sheet.write_string(header_row - 1, notes_at, clean(f"{NOTE_TITLE}：{above}" if above else NOTE_TITLE), book.header)
    sheet.set_column(0, max(notes_at - 1, 0), 18)
    sheet.set_column(notes_at, notes_at, 60)
    sheet.freeze_panes(header_row, 0)
    return comments


def is_note_title(cell: Cell) -> bool:
    """Whether this heads the notes of an earlier round (校验说明列)."""
    return isinstance(cell, str) and cell.startswith(NOTE_TITLE)


def _wrong_style(book: Book, cell: Cell) -> Any:
    """A marked date keeps looking like a date; everything else is set to text, so that codes can be typed anew."""
    if isinstance(cell, date):
        return book.book.add_format({**_WRONG, "num_format": "yyyy-mm-dd"})
    return book.wrong


def _notes_column(came: SheetRows) -> int:
    """Where the notes go: over the notes of last time if there are any, else after the last column."""
    for row in came.rows[:20]:
        for column, cell in enumerate(row):
            if is_note_title(cell):
                return column
    return max((len(row) for row in came.rows), default=0)


def _header_row(came: SheetRows, faults: dict[int, list[CellError]]) -> int:
    """The row that holds the titles of the faults' columns, else row 1."""
    titles = {fault.title for row in faults.values() for fault in row if fault.title}
    for number, row in enumerate(came.rows[:20], start=1):
        if titles & {shown(cell).strip().strip("*") for cell in row}:
            return number
    return 1


def _list_orphans(book: Book, faults: Sequence[CellError]) -> None:
    sheet = book.sheet(NOTE_TITLE)
    book.put_header(sheet, ["位置", "说明"], [40, 60])
    for number, fault in enumerate(faults, start=1):
        sheet.write_string(number, 0, clean(fault.place))
        sheet.write_string(number, 1, clean(fault.sentence))


def write_csv(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV in pieces of 500 rows (导出 CSV), UTF-8 with BOM; a text that a program might run begins with '."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, start=1):
        writer.writerow([_harmless(cell) for cell in row])
        if number % _CSV_BATCH == 0:
            yield _take(buffer)
    if buffer.tell():
        yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _harmless(cell: Cell) -> str:
    if not isinstance(cell, str):
        return shown(cell)
    text = re.sub("[\x00\ud800-\udfff]", "", cell)
    return f"'{text}" if text.startswith(DANGEROUS) or text.strip(" \u3000\n\x0b\x0c").startswith(DANGEROUS) else text
