"""Workbooks from strangers: bombs are refused with a sentence, honest tables come through with every fault named."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise

import openpyxl
import pytest
import xlsxwriter

from app.core import child
from app.core.refusal import Refused
from app.core.xlsx import parsers
from app.core.xlsx.cells import CellError, SheetRows, letter
from app.core.xlsx.read import read
from app.core.xlsx.scan import Bounds, scan
from app.core.xlsx.table import Column, Sheet, parse_workbook
from app.core.xlsx.template import template
from app.core.xlsx.write import Table, annotate, write_csv, write_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def sheet_xml(inside: str, head: str = HEAD) -> str:
    return f'{head}<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData>{inside}</sheetData></worksheet>'


def workbook(sheet: str | bytes, more: dict[str, str | bytes] | None = None) -> bytes:
    """A workbook of one sheet written by hand."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>'
        '<sheet name="机构" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **(more or {}),
    }
    return zipped(parts)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def cells(*references: str) -> str:
    return "<row>" + "".join(f'<c r="{reference}"><v>1</v></c>' for reference in references) + "</row>"


def many_rows(count: int) -> str:
    return "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, count + 1))


def relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r9" Type="{REL}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    )


def encrypted(data: bytes) -> bytes:
    """The same archive with the flag of encryption set on its first entry."""
    changed = bytearray(data)
    changed[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


FAR = cells("A1", "XFD1048576")
SHEET_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
LAUGHS = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

Made = bytes | Callable[[], bytes]
"""A file, or how to make it where that takes long."""


def made(file: Made) -> bytes:
    return file if isinstance(file, bytes) else file()


HOSTILE: dict[str, tuple[Made, str]] = {
    "nothing": (b"", "import.empty"),
    "old_xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "import.old_format"),
    "csv_as_xlsx": ("名称,电话\n".encode(), "import.not_xlsx"),
    "other_zip": (zipped({"readme.txt": "x"}), "import.not_xlsx"),
    "truncated": (workbook(sheet_xml(cells("A1")))[:-40], "import.damaged"),
    "not_well_formed": (workbook(sheet_xml("<row><c r='A1'></row>")), "import.damaged"),
    "far_cell": (workbook(sheet_xml(FAR)), "import.too_many_cells"),
    "far_cell_single_quotes": (workbook(sheet_xml("<row><c r='XFD1048576'/></row>")), "import.too_many_cells"),
    "far_cell_by_entity": (workbook(sheet_xml('<row><c r="X&#70;D1"/></row>')), "import.too_many_cells"),
    "far_cell_prefixed": (
        workbook(f'{HEAD}<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c r="ZZ1"/></x:row></x:sheetData></x:worksheet>'),
        "import.too_many_cells",
    ),
    "far_cell_utf16": (
        workbook(sheet_xml(FAR, '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16")),
        "import.too_many_cells",
    ),
    "far_cell_second_attribute": (workbook(sheet_xml('<row><c r="A1" r="XFD1"/></row>')), "import.damaged"),
    "far_cell_after_comment": (workbook(sheet_xml(f"<!-- x -->{FAR}")), "import.too_many_cells"),
    "columns_without_reference": (workbook(sheet_xml(f"<row>{'<c/>' * 101}</row>")), "import.too_many_cells"),
    "sheet_under_another_name": (
        workbook(sheet_xml(cells("A1")), {"xl/media/picture.png": sheet_xml(FAR)}),
        "import.too_many_cells",
    ),
    "600k_rows": (lambda: workbook(sheet_xml(many_rows(600_000))), "import.too_many_cells"),
    "bad_reference": (workbook(sheet_xml(cells("A1:B2"))), "import.damaged"),
    "zeros": (lambda: workbook(sheet_xml(cells("A1")), {"xl/media/z.png": b"\0" * (45 << 20)}), "import.too_large"),
    "too_large_in_sum": (lambda: workbook(sheet_xml(cells("A1")), {"xl/a.txt": b"abcdefgh" * (7 << 20)}), "import.too_large"),
    "many_entries": (workbook(sheet_xml(cells("A1")), {f"xl/{n}.txt": "" for n in range(300)}), "import.parts"),
    "twenty_thousand_entries": (lambda: zipped({f"{n}": "" for n in range(20_000)}), "import.parts"),
    "encrypted": (encrypted(workbook(sheet_xml(cells("A1")))), "import.encrypted"),
    "path_upwards": (workbook(sheet_xml(cells("A1")), {"../../etc/passwd": "x"}), "import.damaged"),
    "path_backslash": (workbook(sheet_xml(cells("A1")), {"xl\\evil.xml": "<a/>"}), "import.damaged"),
    "entities": (workbook(sheet_xml(cells("A1"), LAUGHS)), "import.declaration"),
    "entities_in_strings": (
        workbook(sheet_xml(cells("A1")), {"xl/sharedStrings.xml": f"{LAUGHS}<sst>&b;</sst>"}),
        "import.declaration",
    ),
    "macro": (workbook(sheet_xml(cells("A1")), {"xl/vbaProject.bin": b"x"}), "import.macros"),
    "embedded_object": (workbook(sheet_xml(cells("A1")), {"xl/embeddings/o.bin": b"x"}), "import.macros"),
    "external_book": (workbook(sheet_xml(cells("A1")), {"xl/externalLinks/externalLink1.xml": "<a/>"}), "import.external"),
    "external_picture": (
        workbook(sheet_xml(cells("A1")), {SHEET_RELS: relation("image", "http://198.51.100.1/a.png")}),
        "import.external",
    ),
    "formula_error": (workbook(sheet_xml('<row r="1"><c r="B1" t="e"><v>#N/A</v></c></row>')), "import.formula_error"),
    "endless_tag": (lambda: workbook(f'{HEAD}<worksheet xmlns="{MAIN}" x="{"y" * (2 << 20)}'), "import.too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbooks_are_refused_with_a_way_out(name: str) -> None:
    file, code = HOSTILE[name]
    data = made(file)
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == code
    assert "请" in refused.value.sentence


@pytest.mark.parametrize("name", ["far_cell", "600k_rows", "zeros", "entities", "twenty_thousand_entries"])
def test_bombs_are_refused_within_a_second_and_a_hundred_megabytes(name: str) -> None:
    program = (
        "import resource, sys\n"
        "from app.core.refusal import Refused\n"
        "from app.core.xlsx.scan import scan\n"
        "resource.setrlimit(resource.RLIMIT_AS, (100 << 20, 100 << 20))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n"
        "try: scan(sys.stdin.buffer.read())\n"
        "except Refused as refusal: print(refusal.code)\n"
    )
    file, code = HOSTILE[name]
    data = made(file)
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, cwd=child.ROOT, check=False)
    assert (done.returncode, done.stdout.decode().strip()) == (0, code), done.stderr


@pytest.mark.parametrize("shift", range(-30, 3, 3))
def test_a_far_cell_is_seen_across_the_edge_of_a_block(shift: int) -> None:
    plain = many_rows(1000)
    start = len(sheet_xml(plain).partition("</sheetData>")[0])
    filler = " " * ((1 << 16) - start + shift)
    with pytest.raises(Refused, match="XFD1"):
        scan(workbook(sheet_xml(f'{plain}{filler}<row><c r="XFD1"/></row>')))


def test_a_tag_that_does_not_end_is_given_up() -> None:
    stretched = "".join(f"{n:x}" for n in range(600_000))
    with pytest.raises(Refused, match="不完整"):
        scan(workbook(f'{HEAD}<worksheet xmlns="{MAIN}"><a x="{stretched}'))


def test_what_passes_the_scan_and_still_breaks_the_reader_is_refused() -> None:
    no_sheet = workbook(sheet_xml(cells("A1")), {"xl/_rels/workbook.xml.rels": "<Relationships/>"})
    with pytest.raises(Refused) as refused:
        read(no_sheet)
    assert refused.value.code == "import.unreadable"


def test_a_reader_out_of_limits_is_a_refusal() -> None:
    long_string = f'{HEAD}<sst xmlns="{MAIN}"><si><t>{"松鉴" * 100_000}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 9001))
    strings = {
        "xl/sharedStrings.xml": long_string,
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    }
    with pytest.raises(Refused) as refused:
        read(workbook(sheet_xml(rows), strings), bounds=Bounds(ratio=1000))
    assert refused.value.code == "import.unreadable"


def test_mail_links_and_far_row_styles_are_harmless() -> None:
    sheet = sheet_xml(f'{cells("A1")}<row r="1048576" ht="15"/>')
    data = workbook(sheet, {SHEET_RELS: relation("hyperlink", "mailto:office@example.invalid")})
    assert read(data) == [SheetRows("机构", [[1]])]


def test_values_keep_their_types() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, day = book.add_worksheet("一"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(1, 1, ["0123", 5, 2.5, True, 123456789012345678])
    sheet.write_datetime(1, 6, datetime(2026, 11, 22), day)
    sheet.write_datetime(1, 7, datetime(2026, 11, 22, 9, 30), day)
    book.close()
    (came,) = read(out.getvalue())
    moments = [date(2026, 11, 22), datetime(2026, 11, 22, 9, 30)]
    rounded = came.rows[1].pop(5)
    assert came.rows == [[None] * 8, [None, "0123", 5, 2.5, True, *moments]]
    assert isinstance(rounded, float), "a number beyond 15 digits must stay recognisable as rounded"


def test_the_row_limit_counts_data_rows() -> None:
    bounds = Bounds(rows=50)
    column = [Column("n", "数", parsers.integer())]
    rows = [[n] for n in range(50)]
    fits = write_table([Table("表", ["数"], rows)])
    over = write_table([Table("表", ["数"], [*rows, [50]])])
    assert len(parse_workbook(fits, [Sheet("表", column)], bounds=bounds).rows["表"]) == 50
    with pytest.raises(Refused, match="50 行"):
        parse_workbook(over, [Sheet("表", column)], bounds=bounds)


# --- declared columns ---


def only_nines(value: str) -> str:
    if set(value) != {"9"} or len(value) != 18:
        raise ValueError("应为 18 位统一社会信用代码")
    return value


HOMES = Sheet(
    "机构",
    [
        Column("code", "统一社会信用代码", parsers.code(only_nines)),
        Column("name", "机构名称", parsers.text(10)),
        Column("beds", "床位数", parsers.integer(1, 5000)),
        Column("fee", "收费（元）", parsers.fen(), required=False, help="每月"),
        Column("since", "成立日期", parsers.day(latest=date(2026, 11, 22))),
        Column("kind", "性质", parsers.choice({"公办": "public", "民办": "private"})),
        Column("phone", "电话", parsers.phone(), example="010-12345678"),
    ],
)
TITLES = [column.title for column in HOMES.columns]
GOOD = ["9" * 18, "示例·松柏园", 120, 3200.5, date(2001, 5, 6), "民办", "13800138000"]


def homes(*rows: list[object], header: list[str] = TITLES) -> bytes:
    return write_table([Table("机构", header, rows)])  # type: ignore[arg-type]


def test_a_good_row_is_typed() -> None:
    parsed = parse_workbook(homes(GOOD), [HOMES])
    assert parsed.errors == []
    (row,) = parsed.rows["机构"]
    assert row.number == 2
    assert row.values == {
        "code": "9" * 18,
        "name": "示例·松柏园",
        "beds": 120,
        "fee": 320050,
        "since": date(2001, 5, 6),
        "kind": "private",
        "phone": "13800138000",
    }


@pytest.mark.parametrize("written", ["2026-1-2", "2026/01/02", "2026年1月2日", "２０２６．１．２", date(2026, 1, 2)])
def test_dates_as_people_write_them(written: str | date) -> None:
    assert parsers.day().read(written) == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("parser", "cell", "value"),
    [
        (parsers.fen(), "1,234.50元", 123450),
        (parsers.fen(), "￥3", 300),
        (parsers.fen(), 0.1 + 0.2, 30),
        (parsers.fen(), 19.99, 1999),
        (parsers.integer(), "１,２００", 1200),
        (parsers.text(), 12, "12"),
        (parsers.phone(), 13800138000, "13800138000"),
        (parsers.phone(), "+86 138 0013 8000", "13800138000"),
        (parsers.choice({"A（甲）": 1}), " A(甲) ", 1),
    ],
)
def test_parsers_accept(parser: parsers.Parser, cell: str | int | float, value: object) -> None:
    assert parser.read(cell) == value


@pytest.mark.parametrize(
    ("parser", "cell", "words"),
    [
        (parsers.fen(), 1.234, "两位小数"),
        (parsers.fen(), -1, "0～"),
        (parsers.fen(), "NaN", "只填数字"),
        (parsers.integer(), 1.5, "整数"),
        (parsers.integer(), True, "整数"),
        (parsers.integer(1, 9), 10, "1～9"),
        (parsers.day(), "2026-02-30", "没有这一天"),
        (parsers.day(), 46348, "应为日期"),
        (parsers.day(), "1899-01-01", "1900"),
        (parsers.text(2), "三个字", "最多 2"),
        (parsers.text(), "a\x07b", "控制字符"),
        (parsers.phone(), "12345", ""),
        (parsers.phone(), "abc", "手机号"),
        (parsers.code(only_nines), 123456789012345678.0, "后几位已丢失"),
        (parsers.choice({"公办": 1}), "私立", "公办"),
    ],
)
def test_parsers_say_what_to_do(parser: parsers.Parser, cell: str | int | float, words: str) -> None:
    if not words:
        assert parser.read(cell) == cell
        return
    with pytest.raises(parsers.Wrong, match=words):
        parser.read(cell)


def test_every_fault_of_a_big_form_is_reported_at_once() -> None:
    bad = ["123", "名字" * 9, 0, 1.234, date(2030, 1, 1), "私立", "x"]
    parsed = parse_workbook(homes(*[bad] * 3000), [HOMES])
    assert len(parsed.errors) == 21_000
    assert parsed.errors[-1] == CellError("机构", 3001, "G", "电话", "x", "应为 11 位手机号，或带区号的座机，如 010-12345678")
    assert all(row.values == {} for row in parsed.rows["机构"])
    assert parsed.errors[0].place == "工作表“机构”第 2 行A 列“统一社会信用代码”"


def test_blank_rows_are_skipped_and_required_cells_are_not() -> None:
    parsed = parse_workbook(homes(GOOD, [None] * 7, ["9" * 18, *[None] * 6]), [HOMES])
    assert [row.number for row in parsed.rows["机构"]] == [2, 4]
    assert [(e.row, e.column) for e in parsed.errors] == [(4, c) for c in "BCEFG"]
    assert parsed.rows["机构"][1].values == {"code": "9" * 18, "fee": None}


def test_header_faults_are_named() -> None:
    doubled = [*TITLES[:5], "机构名称", "备注"]
    parsed = parse_workbook(homes(GOOD, header=doubled), [HOMES, Sheet("人员", HOMES.columns)])
    told = [(e.sheet, e.column, e.title) for e in parsed.errors]
    assert told == [("机构", "F", "机构名称"), ("机构", "", "性质"), ("机构", "", "电话"), ("人员", "", "")]
    assert parsed.unknown == ["“机构”G 列“备注”"]


def test_a_title_above_the_header_and_another_sheet_name_do_no_harm() -> None:
    rows = [[None] * 7, TITLES, GOOD]
    parsed = parse_workbook(write_table([Table("Sheet1", ["某县养老机构名单", *[""] * 6], rows)]), [HOMES])  # type: ignore[list-item]
    assert (parsed.errors, [row.number for row in parsed.rows["机构"]]) == ([], [4])


def test_no_header_at_all() -> None:
    parsed = parse_workbook(write_table([Table("机构", ["甲"], [["乙"]])]), [HOMES])
    assert "没有找到表头" in parsed.errors[0].sentence


def test_the_corrected_workbook_marks_faults_and_comes_back() -> None:
    bad = [*GOOD[:2], 0, *GOOD[3:]]
    parsed = parse_workbook(homes(GOOD, bad), [HOMES])
    parsed.wrong("机构", 2, "code", "已经备案过")
    returned = parsed.corrected()
    sheet = openpyxl.load_workbook(io.BytesIO(returned))["机构"]
    assert sheet["H1"].value == "校验说明"
    assert sheet["H2"].value == "统一社会信用代码：已经备案过"
    assert sheet["H3"].value == "床位数：应在 1～5000 之间"
    assert sheet["C3"].comment.text == "应在 1～5000 之间"  # type: ignore[union-attr]
    assert sheet["C3"].fill.fgColor.rgb == "FFFFD9D6"  # type: ignore[union-attr]
    assert sheet["C2"].comment is None
    again = parse_workbook(returned, [HOMES])
    assert [(e.row, e.column) for e in again.errors] == [(3, "C")]
    assert again.unknown == []
    assert again.rows["机构"][0].values == parsed.rows["机构"][0].values
    third = openpyxl.load_workbook(io.BytesIO(again.corrected()))["机构"]
    assert (third.max_column, third["H2"].value) == (8, None)


def test_faults_of_a_missing_sheet_are_listed_apart() -> None:
    marked = annotate([SheetRows("机构", [["x"]])], [CellError("人员", 0, "", "", "", "缺少工作表")])
    assert openpyxl.load_workbook(io.BytesIO(marked))["校验说明"]["B2"].value == "缺少工作表"


def test_the_template_is_read_back_with_its_own_titles() -> None:
    data = template([HOMES, Sheet("类别", [Column("c", "类别", parsers.choice({f"第{n}类服务机构": n for n in range(60)}))])])
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["机构"]
    assert book.sheetnames == ["填写说明", "机构", "类别", "选项"]
    assert book["选项"].sheet_state == "hidden"
    assert sheet.column_dimensions["A"].width >= 14
    lists = [(str(v.sqref), v.formula1) for v in sheet.data_validations.dataValidation]
    assert lists == [("F2:F2001", '"公办,民办"')]
    assert book["类别"].data_validations.dataValidation[0].formula1 == "'选项'!$A$1:$A$60"
    parsed = parse_workbook(data, [HOMES])
    assert (parsed.errors, parsed.unknown, parsed.rows) == ([], [], {"机构": []})


# --- writing ---

RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", "  =1", "{=1}"]


def test_text_stays_text_in_workbooks() -> None:
    texts = [*RISKY, "http://example.invalid", "007", "a\x00\x08b", "x" * 40_000, "\ud800半"]
    data = write_table([Table("a/b:c", ["列"], [[text] for text in texts])])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s"}
    assert sheet.title == "a-b-c"
    assert sheet["A2"].value == "=1+1"
    assert sheet.freeze_panes == "A2"
    values = [row[0] for row in read(data)[0].rows[1:]]
    assert values[13:16] == ["http://example.invalid", "007", "ab"]
    assert len(str(values[16])) == 32_767
    assert values[17] == "半"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_long_numbers_keep_their_digits_in_workbooks() -> None:
    data = write_table([Table("表", ["号"], [[110101199001011234], [5], [float("nan")]])])
    assert [row[0] for row in read(data)[0].rows] == ["号", "110101199001011234", 5, "nan"]


def test_csv_is_harmless_and_streams() -> None:
    pieces = list(write_csv([[text, -5, date(2026, 11, 22), None, True] for text in [*RISKY, '好,"引"\n行']]))
    text = b"".join(pieces).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert pieces[0] == b"\xef\xbb\xbf"
    assert [row[0] for row in rows[:12]] == ["'" + risky for risky in RISKY[:12]]
    assert rows[13] == ['好,"引"\n行', "-5", "2026-11-22", "", "是"]
    assert len(list(write_csv([["x"]] * 1200))) == 4


def test_column_letters() -> None:
    assert [letter(n) for n in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(a != b for a, b in pairwise(letter(n) for n in range(100)))
