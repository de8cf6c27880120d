"""Read a workbook (读取 Excel): scanned here, opened in a child process with limits."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final

from app.core.child import ChildFailed, Limits, run
from app.core.refusal import Refused
from app.core.xlsx.cells import Cell, SheetRows
from app.core.xlsx.scan import Bounds, scan

LIMITS: Final = Limits(memory_mb=768, cpu_seconds=10, wall_seconds=30, answer_mb=48)


def read(data: bytes, *, bounds: Bounds = Bounds(), limits: Limits = LIMITS) -> list[SheetRows]:  # noqa: B008 - frozen
    """Every sheet of the workbook, from row 1 and column A (全部工作表). Raises Refused("import.…")."""
    scan(data, bounds)
    try:
        answer = run("app.core.xlsx.child", data, limits=limits)
    except ChildFailed as failure:
        raise Refused("import.unreadable", "这个表格读不出来。请新建工作簿，用“选择性粘贴—数值”把数据贴过去后再传") from failure
    return [SheetRows(name, rows) for name, rows in json.loads(answer, object_hook=_moment)]


def _moment(tagged: dict[str, str]) -> Cell:
    text = tagged["d"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
