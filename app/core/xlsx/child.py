"""The child's side of reading (Excel 解析子进程): calamine opens the workbook here and answers in JSON."""

from __future__ import annotations

import io
import json
import math
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from app.core.child import Options
from app.core.xlsx.cells import LOST_DIGITS_FROM


def work(payload: bytes, options: Options) -> bytes:  # noqa: ARG001 - every child room has this shape
    """All sheets as `[[name, rows], …]` (逐表读出); a date is `{"d": iso}`, an empty cell null."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(payload))
    sheets: list[list[object]] = []
    for about in book.sheets_metadata:
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet:
            rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
            sheets.append([about.name, [_plain_row(row) for row in rows]])
    return json.dumps(sheets, ensure_ascii=False, separators=(",", ":")).encode()


def _plain_row(row: list[Any]) -> list[Any]:
    return [(cell or None) if cell.__class__ is str else _plain(cell) for cell in row]


def _plain(cell: Any) -> Any:
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return {"d": cell.date().isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return cell


def _number(value: float) -> int | float | str:
    """Whole numbers as int while Excel still knows all digits; a longer one stays float and is reported."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < LOST_DIGITS_FROM else value
