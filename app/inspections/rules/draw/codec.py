"""The published files of a draw (公开文件): strict reading, format YLDRAW1.

There is one way to write a value and a reader that accepts nothing else, so two honest programs can never
read one file differently. Specification: docs/draw-yldraw1.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from app.core.refusal import Refused
from app.inspections.rules.draw.sources import canonical
from app.inspections.rules.draw.tickets import commitment, sha256_hex
from app.inspections.rules.draw.values import (
    INPUT_FILES,
    MAGIC,
    RESULT_FILE,
    DrawInputError,
    Freeze,
    InputRule,
    Inputs,
    Inspector,
    Mode,
    Plan,
    Recusal,
    Seat,
    Seed,
    SeedInput,
    Status,
    Stratum,
    Subject,
)

TOKEN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
HASH: Final = re.compile(r"[0-9a-f]{64}")
NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")
FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
PLAN_KEYS: Final = ("plan_id", "issuer", "purpose", "mode", "must_counts", "balance")
PLAN_BLOCKS: Final = {"stratum": 5, "team": 4, "input": 4}  # kind of row, number of fields
FREEZE_KEYS: Final = ("plan", "subjects", "inspectors", "recusals", "blind")


@dataclass(frozen=True, slots=True)
class Row:
    """One row and where it stands (一行), so that every refusal can name it."""

    file: str
    line: int
    fields: list[str]

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the file because of this row (指明原因)."""
        raise DrawInputError(self.file, self.line, reason)

    def width(self, wanted: int, form: str) -> None:
        """The row has this many fields (栏数)."""
        if len(self.fields) != wanted:
            self.refuse(f"应有 {wanted} 栏（{form}），实有 {len(self.fields)} 栏")

    def token(self, at: int, what: str) -> str:
        """A field that is a token (代号)."""
        if not TOKEN.fullmatch(self.fields[at]):
            self.refuse(f"{what}“{self.fields[at]}”不是 1 至 64 位的字母、数字、点、下划线、连字符")
        return self.fields[at]

    def text(self, at: int, what: str) -> str:
        """A field that may not be empty (文字)."""
        if not self.fields[at]:
            self.refuse(f"{what}不能为空")
        return self.fields[at]

    def number(self, at: int, what: str, low: int, high: int) -> int:
        """A whole number without leading zeros (整数)."""
        field = self.fields[at]
        if not NUMBER.fullmatch(field) or not low <= int(field) <= high:
            self.refuse(f"{what}“{field}”不是 {low} 至 {high} 之间、无前导零的整数")
        return int(field)

    def hash(self, at: int, what: str) -> str:
        """A fingerprint (指纹)."""
        if not HASH.fullmatch(self.fields[at]):
            self.refuse(f"{what}“{self.fields[at]}”不是 64 位小写十六进制数")
        return self.fields[at]

    def hash_or_none(self, at: int, what: str) -> str | None:
        """A fingerprint, or the word none (指纹或无)."""
        return None if self.fields[at] == "none" else self.hash(at, what)


def decode(file: str, data: bytes) -> str:
    """Bytes of a published file as text (解码). Raises DrawInputError where they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DrawInputError(file, line, "不是 UTF-8 编码") from error


def _check_characters(file: str, lines: Sequence[str]) -> None:
    text = "\n".join(lines)
    bad = {mark for mark in set(text) - {"\n"} if unicodedata.category(mark) in FORBIDDEN}
    if not bad and unicodedata.is_normalized("NFC", text):
        return
    for number, line in enumerate(lines, 1):
        for mark in line:
            if mark in bad:
                what = {"\ufeff": "字节顺序标记（BOM）", "\r": "回车符（CR）"}.get(mark, "不可见或未定义的字符")
                raise DrawInputError(file, number, f"含有{what} U+{ord(mark):04X}")
        if not unicodedata.is_normalized("NFC", line):
            raise DrawInputError(file, number, "不是 NFC 规范形式")


def rows_of(file: str, text: str) -> list[Row]:
    """Rows after the heading (逐行读取). Raises DrawInputError for anything but the strict form."""
    lines = text.split("\n")
    last = lines.pop()
    if last:
        raise DrawInputError(file, len(lines) + 1, "末行缺少换行符")
    if not lines:
        raise DrawInputError(file, 1, "文件为空")
    _check_characters(file, lines)
    heading = f"{MAGIC}|{file.removesuffix('.txt')}"
    if lines[0] != heading:
        raise DrawInputError(file, 1, f"首行应为“{heading}”")
    return [Row(file, number, line.split("|")) for number, line in enumerate(lines[1:], 2)]


def _after_end(file: str, rows: Sequence[Row], wanted: int) -> None:
    if len(rows) < wanted:
        raise DrawInputError(file, len(rows) + 2, f"缺行：首行之后应有 {wanted} 行")
    if len(rows) > wanted:
        rows[wanted].refuse("多余的行")


def _key(row: Row, key: str) -> None:
    if row.fields[0] != key:
        row.refuse(f"此处应为“{key}”行")


def _once(row: Row, key: object, seen: dict[object, int], what: str) -> None:
    if key in seen:
        row.refuse(f"{what}与第 {seen[key]} 行重复")
    seen[key] = row.line


def _ascending(row: Row, before: str, key: str, what: str) -> None:
    if key == before:
        row.refuse(f"{what}“{key}”与上一行重复")
    if key < before:
        row.refuse(f"{what}“{key}”应排在“{before}”之前，须按{what}从小到大排列")


# plan.txt


def _need(row: Row) -> tuple[str, ...]:
    if row.fields[3] == "*":
        return ()
    tags = tuple(row.fields[3].split("+"))
    if len(set(tags)) != len(tags) or not all(TOKEN.fullmatch(tag) for tag in tags):
        row.refuse(f"席位要求“{row.fields[3]}”应为 * 或用 + 相连、互不重复的标签")
    return tags


def _mode(row: Row) -> Mode:
    if row.fields[1] not in ("open", "sealed"):
        row.refuse(f"方式“{row.fields[1]}”应为 open 或 sealed")
    return Mode(row.fields[1])


def parse_plan(text: str) -> Plan:
    """Read plan.txt (读方案)."""
    file = "plan.txt"
    rows = rows_of(file, text)
    if len(rows) < len(PLAN_KEYS):
        raise DrawInputError(file, len(rows) + 2, f"缺少“{PLAN_KEYS[len(rows)]}”行")
    head = rows[: len(PLAN_KEYS)]
    for row, key in zip(head, PLAN_KEYS, strict=True):
        _key(row, key)
        row.width(2, f"{key}|值")
    blocks = _plan_blocks(rows[len(PLAN_KEYS) :])
    for kind, found in blocks.items():
        if not found:
            raise DrawInputError(file, len(rows) + 2, f"至少应有一行“{kind}”")
    return Plan(
        plan_id=head[0].text(1, "方案编号"),
        issuer=head[1].text(1, "制定机关"),
        purpose=head[2].text(1, "事由"),
        mode=_mode(head[3]),
        must_counts=head[4].number(1, "must_counts", 0, 1) == 1,
        balance=None if head[5].fields[1] == "off" else head[5].number(1, "balance", 0, 999_999_999),
        strata=_strata(blocks["stratum"]),
        seats=_seats(blocks["team"]),
        inputs=_input_rules(blocks["input"]),
    )


def _plan_blocks(rows: Iterable[Row]) -> dict[str, list[Row]]:
    blocks: dict[str, list[Row]] = {kind: [] for kind in PLAN_BLOCKS}
    order = list(PLAN_BLOCKS)
    reached = 0
    for row in rows:
        kind = row.fields[0]
        if kind not in blocks or order.index(kind) < reached:
            row.refuse("方案正文应依次为 stratum、team、input 行")
        row.width(PLAN_BLOCKS[kind], f"{kind}|…")
        reached = order.index(kind)
        blocks[kind].append(row)
    return blocks


def _strata(rows: Iterable[Row]) -> tuple[Stratum, ...]:
    seen: dict[object, int] = {}
    strata = []
    for row in rows:
        _once(row, row.token(1, "分层代号"), seen, "分层")
        rate = row.number(2, "比例", 0, 10000)
        strata.append(
            Stratum(
                row.fields[1],
                rate,
                row.number(3, "下限", 0, 999_999_999),
                row.number(4, "上限", 0, 999_999_999),
            )
        )
    return tuple(strata)


def _seats(rows: Iterable[Row]) -> tuple[Seat, ...]:
    seen: dict[object, int] = {}
    seats = []
    for row in rows:
        seat = Seat(row.token(1, "小组代号"), row.number(2, "席位号", 1, 999), _need(row))
        _once(row, (seat.team, seat.number), seen, "席位")
        seats.append(seat)
    return tuple(seats)


def _input_rules(rows: Iterable[Row]) -> tuple[InputRule, ...]:
    rules = []
    for wanted, row in enumerate(rows, 1):
        if row.number(1, "公开值序号", 1, 999) != wanted:
            row.refuse(f"公开值序号应为 {wanted}")
        rules.append(InputRule(wanted, row.token(2, "公开值来源"), row.text(3, "公开值规则")))
    return tuple(rules)


# subjects.txt, inspectors.txt, recusals.txt


def _status(row: Row) -> tuple[Status, str]:
    word, colon, reason = row.fields[3].partition(":")
    if row.fields[3] == "draw":
        return Status.DRAW, ""
    if word not in ("must", "out") or not colon or not reason:
        row.refuse(f"参加方式“{row.fields[3]}”应为 draw、must:原因 或 out:原因")
    return Status(word), reason


def parse_subjects(text: str) -> tuple[Subject, ...]:
    """Read subjects.txt (读对象名单)."""
    subjects = []
    before = ""
    for row in rows_of("subjects.txt", text):
        row.width(6, "代码|分层|权重|参加方式|小组|名称")
        id_ = row.token(0, "对象代码")
        _ascending(row, before, id_, "对象代码")
        before = id_
        stratum, weight = row.token(1, "分层代号"), row.number(2, "权重", 1, 9999)
        status, reason = _status(row)
        subjects.append(Subject(id_, stratum, row.token(4, "小组代号"), row.fields[5], weight, status, reason))
    return tuple(subjects)


def parse_inspectors(text: str) -> tuple[Inspector, ...]:
    """Read inspectors.txt (读检查人员名录)."""
    inspectors = []
    before = ""
    for row in rows_of("inspectors.txt", text):
        row.width(4, "编号|任务上限|标签|姓名")
        id_ = row.token(0, "人员编号")
        _ascending(row, before, id_, "人员编号")
        before = id_
        cap = row.number(1, "任务上限", 0, 999_999_999)
        tags = tuple(row.fields[2].split(",")) if row.fields[2] else ()
        if list(tags) != sorted(set(tags)) or not all(TOKEN.fullmatch(tag) for tag in tags):
            row.refuse(f"标签“{row.fields[2]}”应为从小到大、用逗号相连、互不重复的代号")
        inspectors.append(Inspector(id_, cap, tags, row.fields[3]))
    return tuple(inspectors)


def parse_recusals(text: str) -> tuple[Recusal, ...]:
    """Read recusals.txt (读回避表). Rows ascend, compared field by field or as whole lines."""
    rows = rows_of("recusals.txt", text)
    recusals = []
    for row in rows:
        row.width(3, "人员编号|对象代码|原因")
        recusals.append(Recusal(row.token(0, "人员编号"), row.token(1, "对象代码"), row.text(2, "原因")))
    by_field = [(recusal.inspector, recusal.subject, recusal.reason) for recusal in recusals]
    by_line = ["|".join(row.fields) for row in rows]
    if not _strict(by_field) and not _strict(by_line):
        wrong = next(at for at in range(1, len(rows)) if by_field[at] <= by_field[at - 1])
        rows[wrong].refuse("回避行重复或未从小到大排列")
    return tuple(recusals)


def _strict(keys: Sequence[str] | Sequence[tuple[str, str, str]]) -> bool:
    return all(keys[at - 1] < keys[at] for at in range(1, len(keys)))  # type: ignore[operator]


# freeze.txt, seed.txt


def parse_freeze(text: str) -> Freeze:
    """Read freeze.txt (读封存指纹)."""
    rows = rows_of("freeze.txt", text)
    _after_end("freeze.txt", rows, len(FREEZE_KEYS))
    for row, key in zip(rows, FREEZE_KEYS, strict=True):
        _key(row, key)
        row.width(2, f"{key}|指纹")
    plan, subjects, inspectors, recusals = (row.hash(1, "指纹") for row in rows[:4])
    return Freeze(plan, subjects, inspectors, recusals, rows[4].hash_or_none(1, "盲数承诺"))


def parse_seed(text: str) -> Seed:
    """Read seed.txt (读种子文件)."""
    rows = rows_of("seed.txt", text)
    if len(rows) < 3:
        raise DrawInputError("seed.txt", len(rows) + 2, "缺行：应有 freeze、input（至少一行）、blind")
    _key(rows[0], "freeze")
    rows[0].width(2, "freeze|指纹")
    _key(rows[-1], "blind")
    rows[-1].width(2, "blind|盲数或 none")
    inputs = tuple(_seed_input(row, wanted) for wanted, row in enumerate(rows[1:-1], 1))
    return Seed(rows[0].hash(1, "封存文件指纹"), inputs, rows[-1].hash_or_none(1, "盲数"))


def _seed_input(row: Row, wanted: int) -> SeedInput:
    _key(row, "input")
    row.width(5, "input|序号|来源|期号或事件|值")
    if row.number(1, "公开值序号", 1, 999) != wanted:
        row.refuse(f"公开值序号应为 {wanted}")
    found = SeedInput(wanted, row.token(2, "公开值来源"), row.text(3, "期号或事件"), row.text(4, "公开值"))
    try:
        spelt = canonical(found.source, found.value)
    except Refused as refusal:
        row.refuse(refusal.sentence)
    if spelt != found.value:
        row.refuse(f"公开值的规范写法应为“{spelt}”")
    return found


# The files against one another


def check_fingerprints(files: Mapping[str, str], freeze: Freeze, seed: Seed) -> None:
    """The chain seed → freeze → lists and the blind's commitment hold (指纹核对). Raises DrawInputError."""
    _same(files, "freeze.txt", seed.freeze, "seed.txt 第 2 行")
    for line, key in enumerate(FREEZE_KEYS[:4], 2):
        _same(files, f"{key}.txt", getattr(freeze, key), f"freeze.txt 第 {line} 行")
    blind_line = len(seed.inputs) + 3
    if (seed.blind is None) != (freeze.blind is None):
        raise DrawInputError("seed.txt", blind_line, "盲数的有无与 freeze.txt 第 6 行的承诺不符")
    if seed.blind is not None and commitment(seed.blind) != freeze.blind:
        raise DrawInputError("seed.txt", blind_line, "盲数的指纹与 freeze.txt 第 6 行的承诺不符")


def _same(files: Mapping[str, str], file: str, recorded: str, where: str) -> None:
    found = sha256_hex(files[file].encode())
    if found != recorded:
        raise DrawInputError(file, 0, f"指纹 {found} 与 {where}所记 {recorded} 不符")


def check_references(
    plan: Plan,
    subjects: Sequence[Subject],
    inspectors: Sequence[Inspector],
    recusals: Sequence[Recusal],
    seed: Seed | None = None,
) -> None:
    """Every name used is defined (引用核对). Raises DrawInputError with file and line."""
    strata = {stratum.token for stratum in plan.strata}
    teams = {seat.team for seat in plan.seats}
    for line, subject in enumerate(subjects, 2):
        if subject.stratum not in strata:
            raise DrawInputError("subjects.txt", line, f"方案中没有分层“{subject.stratum}”")
        if subject.team not in teams:
            raise DrawInputError("subjects.txt", line, f"方案中没有小组“{subject.team}”")
    people = {inspector.id for inspector in inspectors}
    homes = {subject.id for subject in subjects}
    for line, recusal in enumerate(recusals, 2):
        if recusal.inspector not in people:
            raise DrawInputError("recusals.txt", line, f"名录中没有人员“{recusal.inspector}”")
        if recusal.subject not in homes:
            raise DrawInputError("recusals.txt", line, f"名单中没有对象“{recusal.subject}”")
    if seed is not None:
        _check_inputs(plan, seed)


def _check_inputs(plan: Plan, seed: Seed) -> None:
    if len(seed.inputs) != len(plan.inputs):
        raise DrawInputError("seed.txt", 3, f"方案规定 {len(plan.inputs)} 个公开值，实有 {len(seed.inputs)} 个")
    for line, (rule, found) in enumerate(zip(plan.inputs, seed.inputs, strict=True), 3):
        if rule.source != found.source:
            raise DrawInputError("seed.txt", line, f"公开值来源应为方案规定的“{rule.source}”")


def read_inputs(files: Mapping[str, str]) -> Inputs:
    """Read and check the six files (读入六份文件): form first, then fingerprints, then references."""
    for file in INPUT_FILES:
        if file not in files:
            raise DrawInputError(file, 0, "缺少此文件")
    plan, subjects = parse_plan(files["plan.txt"]), parse_subjects(files["subjects.txt"])
    inspectors, recusals = parse_inspectors(files["inspectors.txt"]), parse_recusals(files["recusals.txt"])
    freeze, seed = parse_freeze(files["freeze.txt"]), parse_seed(files["seed.txt"])
    fingerprint = sha256_hex(files["seed.txt"].encode())
    if RESULT_FILE in files:
        _check_published_seed(files[RESULT_FILE], fingerprint)
    check_fingerprints(files, freeze, seed)
    check_references(plan, subjects, inspectors, recusals, seed)
    return Inputs(plan, subjects, inspectors, recusals, fingerprint)


def _check_published_seed(result: str, fingerprint: str) -> None:
    rows = rows_of(RESULT_FILE, result)
    if not rows or rows[0].fields[0] != "seed" or len(rows[0].fields) != 2:
        raise DrawInputError(RESULT_FILE, 2, "此处应为“seed|种子”行")
    recorded = rows[0].hash(1, "种子")
    if recorded != fingerprint:
        raise DrawInputError("seed.txt", 0, f"指纹 {fingerprint} 与 result.txt 第 2 行所记种子 {recorded} 不符")
