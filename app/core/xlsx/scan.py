"""Look at a workbook before anything opens it (Excel 预检): zip directory first, then a stream of cell references.

Nothing is believed that the file says about itself: not `<dimension>`, not a part's name. A part is a sheet
when its root element says so; a cell is where its own reference says. Memory stays at one chunk.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Final, NoReturn
from xml.parsers import expat

from app.core.refusal import Refused

MB: Final = 1 << 20
CHUNK: Final = 1 << 16
LONGEST_TOKEN: Final = MB
"""A tag longer than this is refused: an incomplete tag is read again with every chunk."""
HEADING_ROWS: Final = 20
"""Rows granted on top of the data for titles, notes and the header."""
_CELL: Final = re.compile(rb'<c(?: r="([A-Z]{1,3})([0-9]{1,7})"(?: s="[0-9]{1,6}")?(?: t="[A-Za-z]{1,9}")?/?>|[\s/>])')
"""Every cell tag in the bytes; one that is not of the plain form has no groups."""
_NOT_PLAIN: Final = (b"<!", b":c", b' t="e"', b"\0")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RESAVE: Final = "请用 Excel 或 WPS 打开，另存为 .xlsx 工作簿后再传"
_ACTIVE_PARTS: Final = ("vbaproject", "macrosheets/", "activex/", "embeddings/", "workbook.bin")
_OUTSIDE_PARTS: Final = ("externallinks/", "connections.xml", "querytables/")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a workbook may hold (工作簿上限). `rows` counts data rows a sheet; sizes in bytes, unpacked."""

    rows: int = 20_000
    columns: int = 100
    cells: int = 1_000_000
    entries: int = 200
    unpacked: int = 50 * MB
    ratio: int = 100


def scan(data: bytes, bounds: Bounds = Bounds()) -> None:
    """Refuse a workbook that is too large, active or damaged (预检). Reads in-process with little memory."""
    _check_container(data, bounds)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_directory(entries, bounds)
            budget = _Budget(bounds.cells * 3)
            for entry in entries:
                _check_part(archive, entry, bounds, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError, RuntimeError):
        _damaged()


def _damaged() -> NoReturn:
    raise Refused("import.damaged", f"这个文件不完整，或者不是 Excel 工作簿。{_RESAVE}")


def _check_container(data: bytes, bounds: Bounds) -> None:
    if not data:
        raise Refused("import.empty", "文件是空的，请重新选择填好的表格")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("import.old_format", f"这是旧版 .xls 文件，或者设了打开密码。请去掉密码；{_RESAVE}")
    if not data.startswith(b"PK\x03\x04"):
        raise Refused("import.not_xlsx", f"这不是 .xlsx 工作簿。{_RESAVE}")
    # Counted in the raw bytes so that a directory of a million entries is never built.
    if data.count(b"PK\x01\x02") > bounds.entries + 8:
        _too_many_parts(bounds)


def _too_many_parts(bounds: Bounds) -> NoReturn:
    raise Refused("import.parts", f"这个文件内部超过 {bounds.entries} 个部件，不是普通表格。请把数据复制到新工作簿再传")


def _check_directory(entries: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    if len(entries) > bounds.entries:
        _too_many_parts(bounds)
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names) or any(_is_trick(entry) for entry in entries):
        _damaged()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused("import.encrypted", "这个文件加了密码，请去掉密码后再传")
    if "[content_types].xml" not in names or ("xl/workbook.xml" not in names and "xl/workbook.bin" not in names):
        raise Refused("import.not_xlsx", f"这不是 .xlsx 工作簿。{_RESAVE}")
    _check_sizes(entries, bounds)
    _check_names(names)


def _is_trick(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    outside = name.startswith("/") or ".." in name.split("/") or any(mark in name for mark in "\\:\0")
    return outside or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _check_sizes(entries: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(e.file_size > CHUNK and e.file_size > bounds.ratio * max(e.compress_size, 1) for e in entries)
    if unpacked > bounds.unpacked or dense:
        limit = bounds.unpacked // MB
        raise Refused("import.too_large", f"表格展开后过大（上限 {limit} MB）。请删去空白的格式和图片，或分成几个文件再传")


def _check_names(names: list[str]) -> None:
    if any(part in name for name in names for part in _ACTIVE_PARTS):
        _active()
    if any(part in name for name in names for part in _OUTSIDE_PARTS):
        _outside()


def _active() -> NoReturn:
    raise Refused("import.macros", f"表格里有宏或嵌入的对象，不能接收。{_RESAVE}，类型选“Excel 工作簿（不含宏）”")


def _outside() -> NoReturn:
    raise Refused("import.external", "表格引用了别的文件或数据源。请全选，用“选择性粘贴—数值”贴到新工作簿后再传")


class _Budget:
    """How many elements one workbook may still have (元素余量)."""

    def __init__(self, elements: int) -> None:
        self.left = elements


class _Part:
    """One part while its tags stream by (部件扫描)."""

    def __init__(self, bounds: Bounds, budget: _Budget) -> None:
        self.root = ""
        self.rows = self.cells = 0
        self.last_row = self.last_column = 0
        self.bad_formulas: list[str] = []
        self._bounds = bounds
        self._budget = budget
        self._max_row = bounds.rows + HEADING_ROWS

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A tag opens."""
        local = name.rpartition(":")[2]
        if not self.root:
            self.root = local
            if local.lower().endswith("macrosheet"):
                _active()
        elif local == "c":
            self._cell(attributes)
        elif local == "row":
            self._row(attributes)
        elif local == "Relationship":
            _check_relationship(attributes)
        elif "macroEnabled" in attributes.get("ContentType", ""):
            _active()
        self._budget.left -= 1
        if self._budget.left < 0:
            self._too_many()

    def _row(self, attributes: dict[str, str]) -> None:
        self.rows += 1
        given = attributes.get("r")
        self.last_row = int(given) if given else self.last_row + 1
        self.last_column = 0
        if self.rows > self._max_row:
            self._too_long()

    def _cell(self, attributes: dict[str, str]) -> None:
        self.cells += 1
        reference = attributes.get("r")
        row = self.last_row
        if reference is None:
            self.last_column += 1
        else:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                _damaged()
            self.last_column = _column(match[1])
            row = int(match[2])
        if row > self._max_row or self.last_column > self._bounds.columns:
            self._too_long(reference or "")
        if self.cells > self._bounds.cells:
            self._too_many()
        if attributes.get("t") == "e" and len(self.bad_formulas) < 5:
            self.bad_formulas.append(reference or "")

    def _too_long(self, reference: str = "") -> NoReturn:
        found = f"在 {reference} 还有内容或格式，" if reference else ""
        raise Refused(
            "import.too_many_cells",
            f"表格{found}超过了 {self._bounds.rows} 行、{self._bounds.columns} 列的上限。"
            "请只把数据复制到新工作表，或分成几个文件再传",
        )

    def _too_many(self) -> NoReturn:
        raise Refused("import.too_many_cells", f"表格超过 {self._bounds.cells} 格，请分成几个文件再传")


def _column(letters: str) -> int:
    number = 0
    for character in letters:
        number = number * 26 + ord(character) - 64
    return number


def _check_relationship(attributes: dict[str, str]) -> None:
    """A mail or web address in a cell is a link a person clicks; anything else outside is fetched by itself."""
    if attributes.get("TargetMode") == "External" and not attributes.get("Type", "").endswith("/hyperlink"):
        _outside()


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, bounds: Bounds, budget: _Budget) -> None:
    """Stream one part (逐个部件): sheets, relations and the content list to the end, others up to their root tag."""
    part = _Part(bounds, budget)
    parser = expat.ParserCreate()
    parser.StartElementHandler = part.start
    parser.StartDoctypeDeclHandler = _declared
    try:
        with archive.open(entry) as stream:
            if _is_plain_and_small(stream, bounds):
                return
        with archive.open(entry) as stream:
            _feed(parser, part, stream)
    except expat.ExpatError:
        if part.root or entry.filename.lower().endswith((".xml", ".rels")):
            _damaged()
    if part.bad_formulas:
        places = "、".join(part.bad_formulas)
        raise Refused("import.formula_error", f"{places} 等格是公式错误（如 #N/A），请改正或改填数值后再传")


def _is_plain_and_small(stream: IO[bytes], bounds: Bounds) -> bool:
    """Whether this is a sheet in the plain form that spreadsheet programs write, within bounds (快速通道).

    Four times faster than the parser. It may only say yes when every `<c` in the bytes is a plain tag with a
    reference inside the bounds: UTF-8, no comment, section or declaration, no prefix, no second attribute `r`.
    Anything else, and everything to be refused, goes to the parser, which finds the words for it.
    """
    start = stream.read(CHUNK)
    if not start.startswith(b'<?xml version="1.0" encoding="UTF-8"') or b"<worksheet" not in start[:200]:
        return False
    rows = cells = 0
    rest = b""
    block = start
    while block:
        cut = (rest + block).rfind(b"<")
        ready, rest = (rest + block)[:cut], (rest + block)[cut:]
        found = _CELL.findall(ready)
        rows += ready.count(b"<row")
        cells += len(found)
        if rows > bounds.rows or cells > bounds.cells or len(rest) > LONGEST_TOKEN:
            return False
        if any(mark in ready for mark in _NOT_PLAIN) or not _are_inside(found, bounds):
            return False
        block = stream.read(MB)
    return rest.startswith(b"</worksheet>")


def _are_inside(found: list[tuple[bytes, bytes]], bounds: Bounds) -> bool:
    columns = {column for column, _ in found}
    rows = {row for _, row in found}
    return all(column and _column(column.decode()) <= bounds.columns for column in columns) and all(
        int(row) <= bounds.rows for row in rows
    )


def _declared(*_: object) -> NoReturn:
    raise Refused("import.declaration", f"文件里有不该出现的声明（DTD）。{_RESAVE}")


def _feed(parser: expat.XMLParserType, part: _Part, stream: IO[bytes]) -> None:
    fed = 0
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
        fed += len(chunk)
        if part.root not in ("worksheet", "Relationships", "Types") and (part.root or fed > LONGEST_TOKEN):
            return
        if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
            _damaged()
    parser.Parse(b"", True)
