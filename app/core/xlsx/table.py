"""Import by declared columns (表格导入): say what the sheets look like, get typed rows and every fault at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from app.core.refusal import Refused
from app.core.xlsx.cells import LOST_DIGITS_FROM, Cell, CellError, SheetRows, is_blank, letter, shown
from app.core.xlsx.read import read
from app.core.xlsx.scan import HEADING_ROWS, Bounds
from app.core.xlsx.write import Book, annotate, is_note_title

LONGEST_SHOWN: Final = 60
_LIST_INLINE: Final = 200
"""Excel allows 255 characters for choices in the cell itself; longer lists stand on a hidden sheet."""
CHOICES_SHEET: Final = "选项"
GUIDE_SHEET: Final = "填写说明"


class Wrong(ValueError):
    """A cell does not say what it should (填写有误); the text is the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Parser:
    """How a column is read (列解析): `read` gives the value or raises `Wrong`.

    `cell_format` is what the template sets for the column ("@" is text), `labels` the choices of its list.
    """

    read: Callable[[Cell], Any]
    cell_format: str = "@"
    labels: tuple[str, ...] = ()
    hint: str = ""


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
            sentence = f"缺少工作表“{declared.name}”（文件里有：{_clip(names)}），请用模板填写"
            parsed.errors.append(CellError(declared.name, 0, "", "", "", sentence))
    return parsed


def _find_sheet(declared: Sheet, sheets: Sequence[Sheet], original: Sequence[SheetRows]) -> SheetRows | None:
    for came in original:
        if _title(came.name) == _title(declared.name):
            return came
    others = [came for came in original if came.name not in (GUIDE_SHEET, CHOICES_SHEET) and came.rows]
    return others[0] if len(sheets) == 1 and len(others) == 1 else None


def _title(cell: Cell) -> str:
    """A title as it is compared: width and white space folded, marks of "required" dropped."""
    folded = unicodedata.normalize("NFKC", shown(cell))
    return "".join(folded.split()).strip("*").removesuffix("(必填)")


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
    wanted = {_title(column.title): column for column in declared.columns}
    scores = [len(wanted.keys() & {_title(cell) for cell in row}) for row in came.rows[:HEADING_ROWS]]
    if not scores or max(scores) == 0:
        sentence = f"没有找到表头，应有：{_clip('、'.join(column.title for column in declared.columns))}"
        parsed.errors.append(CellError(came.name, 1, "", "", "", sentence))
        return None
    header = scores.index(max(scores)) + 1
    places: dict[str, int] = {}
    for index, cell in enumerate(came.rows[header - 1]):
        column = wanted.get(_title(cell))
        if column is None:
            if not is_blank(cell) and not is_note_title(cell):
                parsed.unknown.append(f"“{came.name}”{letter(index)} 列“{_brief(cell)}”")
        elif column.key in places:
            sentence = "这一列出现了两次，请只留一列"
            parsed.errors.append(CellError(came.name, header, letter(index), column.title, _brief(cell), sentence))
        else:
            places[column.key] = index
    for column in declared.columns:
        if column.required and column.key not in places:
            sentence = f"缺少“{column.title}”列，请用模板填写"
            parsed.errors.append(CellError(came.name, header, "", column.title, "", sentence))
    return _Found(came.name, came.rows, header, places, {c.key: c.title for c in declared.columns})


_Reading = tuple[Column, int, Callable[[Cell], Any]]


def _parse_row(parsed: Parsed, sheet: str, number: int, cells: list[Cell], columns: Sequence[_Reading]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, index, read_cell in columns:
        cell = cells[index]
        try:
            if cell is None or is_blank(cell):
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
    return _clip(shown(cell))


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


# --- parsers --------------------------------------------------------------------------------------


def _text(cell: Cell) -> str:
    """A cell as text (取文本). A number that Excel has already rounded is reported, never guessed."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, (int, float)) and abs(cell) >= LOST_DIGITS_FROM:
        raise Wrong("被 Excel 当作数字存放，后几位已丢失。请先把这一列设为“文本”格式，再重新填写")
    return shown(cell)


def _narrow(cell: Cell) -> str:
    """A number or date typed as text, full-width signs folded."""
    return unicodedata.normalize("NFKC", _text(cell)).strip()


def text(most: int = 200) -> Parser:
    """Free text of at most `most` characters (文本); control characters are refused."""

    def parse(cell: Cell) -> str:
        value = _text(cell)
        if len(value) > most:
            raise Wrong(f"最多 {most} 个字，现有 {len(value)} 个")
        if not value.isprintable() and any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in value):
            raise Wrong("含有看不见的控制字符，请重新填写")
        return value

    return Parser(parse, hint=f"文字，最多 {most} 个字")


def integer(least: int | None = None, most: int | None = None) -> Parser:
    """A whole number within bounds, both included (整数)."""
    bounds = f"{'' if least is None else least}～{'' if most is None else most}"

    def parse(cell: Cell) -> int:
        if isinstance(cell, int) and not isinstance(cell, bool):
            value = cell
        else:
            digits = _narrow(cell).replace(",", "")
            if re.fullmatch(r"[+-]?[0-9]{1,15}", digits) is None:
                raise Wrong("应为整数，只填数字")
            value = int(digits)
        if (least is not None and value < least) or (most is not None and value > most):
            raise Wrong(f"应在 {bounds} 之间")
        return value

    return Parser(parse, cell_format="0", hint="整数" if bounds == "～" else f"整数，{bounds}")


def fen(most_yuan: int = 10**10) -> Parser:
    """An amount in yuan, given back in fen (金额，元→分): at most two decimals, not negative."""

    def parse(cell: Cell) -> int:
        amount = _yuan(cell)
        if not 0 <= amount <= most_yuan:
            raise Wrong(f"金额应在 0～{most_yuan} 元之间")
        if amount != round(amount, 2):
            raise Wrong("金额最多到分（两位小数）")
        return int(amount * 100)

    return Parser(parse, cell_format="0.00", hint="金额，单位元，最多两位小数")


def _yuan(cell: Cell) -> Decimal:
    if isinstance(cell, float):
        return Decimal(str(round(cell, 6)))
    digits = _narrow(cell).replace(",", "").removeprefix("¥").removesuffix("元").strip()
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        raise Wrong("应为金额，只填数字，单位是元") from None
    if not amount.is_finite():
        raise Wrong("应为金额，只填数字，单位是元")
    return amount


_DAY: Final = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)")


def day(earliest: date = date(1900, 1, 1), latest: date = date(2100, 12, 31)) -> Parser:
    """A legal day (日期): a real date, or 2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日."""

    def parse(cell: Cell) -> date:
        value = _day(cell)
        if not earliest <= value <= latest:
            raise Wrong(f"日期应在 {earliest.isoformat()} 至 {latest.isoformat()} 之间")
        return value

    return Parser(parse, cell_format="yyyy-mm-dd", hint="日期，如 2026-11-22")


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DAY.fullmatch("".join(_narrow(cell).split()))
    if match is None:
        raise Wrong("应为日期，如 2026-11-22")
    year, *parts = (int(part) for part in match.groups() if part)
    try:
        return date(year, *parts)
    except ValueError:
        raise Wrong("没有这一天，请核对年月日") from None


def choice(labels: Mapping[str, Any]) -> Parser:
    """One of the labels, given back as its value (选项): `choice({"公办": Kind.PUBLIC, …})`."""
    folded = {_title(label): value for label, value in labels.items()}

    def parse(cell: Cell) -> Any:
        try:
            return folded[_title(cell)]
        except KeyError:
            raise Wrong(f"只能填：{_clip('、'.join(labels))}") from None

    return Parser(parse, labels=tuple(labels), hint="从下拉列表中选")


_PHONE: Final = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(?:-[0-9]{1,6})?|[48]00-?[0-9]{3}-?[0-9]{4}|1[0-9]{4}")


def phone() -> Parser:
    """A telephone number (电话): mobile, fixed line with area code, 400/800, or a five-digit service number."""

    def parse(cell: Cell) -> str:
        value = "".join(_narrow(cell).split()).removeprefix("+86")
        if _PHONE.fullmatch(value) is None:
            raise Wrong("应为 11 位手机号，或带区号的座机，如 010-12345678")
        return value

    return Parser(parse, hint="手机号，或带区号的座机")


def code(check: Callable[[str], Any], hint: str = "") -> Parser:
    """An identifier (编码): `check` takes the text and gives the value, or raises Refused or ValueError with a sentence."""

    def parse(cell: Cell) -> Any:
        value = _narrow(cell)
        try:
            return check(value)
        except ValueError as wrong:
            raise Wrong(str(wrong)) from None

    return Parser(parse, hint=hint or "编码，按文本填写")


# --- template -------------------------------------------------------------------------------------


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
