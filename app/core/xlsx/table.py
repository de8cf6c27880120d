"""Import by declared columns (表格导入): say what the sheets look like, get typed rows and every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.core.refusal import Refused
from app.core.xlsx.cells import Cell, CellError, SheetRows, clip, fold, is_blank, letter, shown
from app.core.xlsx.parsers import Parser, Wrong
from app.core.xlsx.read import read
from app.core.xlsx.scan import HEADING_ROWS, Bounds
from app.core.xlsx.write import annotate, is_note_title

CHOICES_SHEET: Final = "选项"
GUIDE_SHEET: Final = "填写说明"


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column (列声明). An empty cell gives None, or a fault when the column is required."""

    key: str
    title: str
    parse: Parser
    required: bool = True
    help: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One declared sheet (表声明)."""

    name: str
    columns: Sequence[Column]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One parsed row (一行): its number in Excel and its values by column key; a faulty cell has no key."""

    number: int
    values: dict[str, Any]


@dataclass(slots=True)
class Parsed:
    """What a workbook brought (解析结果). Save only when `errors` is empty; `unknown` names columns nobody reads."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    original: list[SheetRows] = field(default_factory=list)
    _found: dict[str, _Found] = field(default_factory=dict)

    def wrong(self, sheet: str, row: int, key: str, sentence: str) -> None:
        """Add a fault that only the caller can know (补充错误), e.g. a code that is registered already."""
        found = self._found[sheet]
        index = found.places.get(key)
        cell = found.rows[row - 1][index] if index is not None else None
        column = letter(index) if index is not None else ""
        self.errors.append(CellError(found.name, row, column, found.titles[key], _brief(cell), sentence))

    def corrected(self) -> bytes:
        """The workbook to send back (退回改正): as it came, faults marked."""
        return annotate(self.original, self.errors)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a declared sheet was found: its name in the file, its rows, the header row, places by key."""

    name: str
    rows: list[list[Cell]]
    header: int
    places: dict[str, int]
    titles: dict[str, str]


def parse_workbook(data: bytes, sheets: Sequence[Sheet], *, bounds: Bounds = Bounds()) -> Parsed:  # noqa: B008 - frozen
    """Read and check a whole workbook (解析工作簿): typed rows by declared sheet name, every fault at once.

    Raises Refused("import.…") only when the file as a whole cannot be read. Sheets may stand in any order;
    a single declared sheet is also found under another name. The header is looked for in the first 20 rows.
    """
    parsed = Parsed(original=read(data, bounds=bounds))
    for declared in sheets:
        parsed.rows[declared.name] = []
        came = _find_sheet(declared, sheets, parsed.original)
        if came is not None:
            _parse_sheet(parsed, declared, came, bounds)
        elif declared.required:
            names = "、".join(sheet.name for sheet in parsed.original)
            sentence = f"缺少工作表“{declared.name}”（文件里有：{clip(names)}），请用模板填写"
            parsed.errors.append(CellError(declared.name, 0, "", "", "", sentence))
    return parsed


def _find_sheet(declared: Sheet, sheets: Sequence[Sheet], original: Sequence[SheetRows]) -> SheetRows | None:
    for came in original:
        if fold(came.name) == fold(declared.name):
            return came
    others = [came for came in original if came.name not in (GUIDE_SHEET, CHOICES_SHEET) and came.rows]
    return others[0] if len(sheets) == 1 and len(others) == 1 else None


def _parse_sheet(parsed: Parsed, declared: Sheet, came: SheetRows, bounds: Bounds) -> None:
    found = _find_header(parsed, declared, came)
    if found is None:
        return
    parsed._found[declared.name] = found
    columns = [(c, found.places[c.key], c.parse.read) for c in declared.columns if c.key in found.places]
    into = parsed.rows[declared.name]
    for number, cells in enumerate(came.rows[found.header :], start=found.header + 1):
        if any(not is_blank(cells[index]) for _, index, _ in columns):
            into.append(Row(number, _parse_row(parsed, came.name, number, cells, columns)))
    if len(into) > bounds.rows:
        raise Refused("import.too_many_cells", f"“{came.name}”超过 {bounds.rows} 行，请分成几个文件再传")


def _find_header(parsed: Parsed, declared: Sheet, came: SheetRows) -> _Found | None:
    """The first row that holds most declared titles; missing, doubled and unknown columns are noted."""
    wanted = {fold(column.title): column for column in declared.columns}
    scores = [len(wanted.keys() & {fold(cell) for cell in row}) for row in came.rows[:HEADING_ROWS]]
    if not scores or max(scores) == 0:
        sentence = f"没有找到表头，应有：{clip('、'.join(column.title for column in declared.columns))}"
        parsed.errors.append(CellError(came.name, 1, "", "", "", sentence))
        return None
    header = scores.index(max(scores)) + 1
    places = _find_columns(parsed, came, header, wanted)
    for column in declared.columns:
        if column.required and column.key not in places:
            sentence = f"缺少“{column.title}”列，请用模板填写"
            parsed.errors.append(CellError(came.name, header, "", column.title, "", sentence))
    return _Found(came.name, came.rows, header, places, {c.key: c.title for c in declared.columns})


def _find_columns(parsed: Parsed, came: SheetRows, header: int, wanted: Mapping[str, Column]) -> dict[str, int]:
    places: dict[str, int] = {}
    for index, cell in enumerate(came.rows[header - 1]):
        column = wanted.get(fold(cell))
        if column is None:
            if not is_blank(cell) and not is_note_title(cell):
                parsed.unknown.append(f"“{came.name}”{letter(index)} 列“{_brief(cell)}”")
        elif column.key in places:
            sentence = "这一列出现了两次，请只留一列"
            parsed.errors.append(CellError(came.name, header, letter(index), column.title, _brief(cell), sentence))
        else:
            places[column.key] = index
    return places


_Reading = tuple[Column, int, Callable[[Cell], Any]]


def _parse_row(parsed: Parsed, sheet: str, number: int, cells: list[Cell], columns: Sequence[_Reading]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, index, read_cell in columns:
        cell = cells[index]
        try:
            if cell is None or (cell.__class__ is str and not cell.strip()):
                if column.required:
                    raise Wrong("不能为空")
                values[column.key] = None
            else:
                values[column.key] = read_cell(cell)
        except (Wrong, Refused) as wrong:
            place = (letter(index), column.title, _brief(cell))
            parsed.errors.append(CellError(sheet, number, *place, str(wrong)))
    return values


def _brief(cell: Cell) -> str:
    return clip(shown(cell))
