"""Importing a staff list (人员名册导入): what the workbook looks like, and what a filled one means; pure.

Everything wrong is told at once, by sheet, row and column. No sentence and no fault repeats an identity number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from app.core.identifiers import IdType, PersonName, check_identity
from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.xlsx.parsers import choice, code, day, text
from app.core.xlsx.table import Column, Row, Sheet
from app.training.rules.certificates import Entered, KindTable, check_entry, tidy_number
from app.training.rules.people import Shift, StaffPost, check_start

STAFF: Final = "人员"
CERTIFICATES: Final = "证书"


class ImportState(Labelled):
    """How far an import is (导入状态)."""

    FAULTY = "faulty", "有错误，未写入"
    CHECKED = "checked", "已核对，待写入"
    DONE = "done", "已写入"


class Fault(NamedTuple):
    """One fault found by comparison (错误): sheet, row, column key, sentence."""

    sheet: str
    row: int
    key: str
    sentence: str


def _labels(enum: type[Labelled]) -> dict[str, Any]:
    return {member.label: member for member in enum}


def _name(words: str) -> str:
    return PersonName.parse(words).reveal()


def sheets(table: KindTable) -> tuple[Sheet, ...]:
    """The sheets of the workbook (工作表), with the kinds of a table to choose from."""
    levels = {level.label: level.code for scheme in table.schemes.values() for level in scheme.levels}
    kinds = {kind.label: kind.code for kind in table.kinds}
    who = (
        Column("name", "姓名", code(_name, "与证件一致"), example="示例·安平"),
        Column("id_type", "证件类型", choice(_labels(IdType)), example="居民身份证"),
        Column("identity", "证件号码", text(30), help="加密保存，页面和导出一律遮盖"),
    )
    return (
        Sheet(
            STAFF,
            (
                *who,
                Column("post", "岗位", choice(_labels(StaffPost))),
                Column("shift", "班次", choice(_labels(Shift)), required=False),
                Column("started_on", "到岗日期", day()),
            ),
        ),
        Sheet(
            CERTIFICATES,
            (
                *who[:1],
                Column("identity", "证件号码", text(30), help="与“人员”表一致"),
                Column("kind", "证书种类", choice(kinds)),
                Column("level", "等级", choice(levels), required=False),
                Column("number", "证书编号", text(40), required=False),
                Column("issuer", "发证机构", text(100), required=False),
                Column("issued_on", "发证日期", day(), required=False),
                Column("valid_to", "有效期至", day(), required=False, help="长期有效的不填"),
                Column("review_due", "复审日期", day(), required=False),
            ),
            required=False,
        ),
    )


@dataclass(slots=True)
class Plan:
    """What a workbook would do (导入计划). People are keyed by their number; `certificates` by that number too."""

    staff: list[dict[str, Any]] = field(default_factory=list)
    certificates: list[dict[str, Any]] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)


def plan(
    rows: Mapping[str, Sequence[Row]], table: KindTable, known: Mapping[str, str], here: frozenset[tuple[str, str]], on: date
) -> Plan:
    """Compare a workbook with what is known (比对名册).

    `known`: number → name of persons known anywhere; `here`: (number, post) of those already in post at this site.
    """
    found = Plan()
    listed: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for row in rows.get(STAFF, ()):
        _plan_person(found, row, known, here, listed, seen, on)
    for row in rows.get(CERTIFICATES, ()):
        _plan_certificate(found, row, table, listed, on)
    return found


def _plan_person(
    found: Plan,
    row: Row,
    known: Mapping[str, str],
    here: frozenset[tuple[str, str]],
    listed: dict[str, str],
    seen: set[tuple[str, str]],
    on: date,
) -> None:
    values = row.values
    if not {"name", "id_type", "identity", "post", "started_on"} <= values.keys():
        return  # a faulty cell has been told already
    try:
        checked = check_identity(values["id_type"], values["identity"], on=on)
    except Refused as refusal:
        found.faults.append(Fault(STAFF, row.number, "identity", refusal.sentence))
        return
    number = checked.number.reveal()
    try:
        check_start(values["started_on"], on=on, birth=checked.birth)
    except Refused as refusal:
        found.faults.append(Fault(STAFF, row.number, "started_on", refusal.sentence))
    if known.get(number, values["name"]) != values["name"] or listed.get(number, values["name"]) != values["name"]:
        sentence = "这个证件号码已登记在另一个姓名下，请对照证件核对"
        found.faults.append(Fault(STAFF, row.number, "name", sentence))
    listed[number] = values["name"]
    place = (number, values["post"].value)
    if place in seen:
        found.faults.append(Fault(STAFF, row.number, "identity", "同一个人的同一岗位在表里出现了两次，请只留一行"))
    seen.add(place)
    if place in here:
        found.same += 1
        return
    found.staff.append({**values, "identity": number, "row": row.number})


def _plan_certificate(found: Plan, row: Row, table: KindTable, listed: Mapping[str, str], on: date) -> None:
    values = row.values
    if not {"name", "identity", "kind"} <= values.keys():
        return
    number = "".join(values["identity"].split()).upper()
    if listed.get(number) != values["name"]:
        sentence = "“人员”表里没有这个人（姓名和证件号码都要一致），请先在“人员”表登记"
        found.faults.append(Fault(CERTIFICATES, row.number, "identity", sentence))
        return
    kind = table.named(values["kind"])
    entry = Entered(
        kind,
        tidy_number(values.get("number") or ""),
        values.get("level"),
        values.get("issued_on"),
        values.get("valid_to"),
        values.get("review_due"),
        number,
    )
    try:
        check_entry(table, entry, on=on)
    except Refused as refusal:
        key = {"certificate.level": "level", "certificate.issued": "issued_on", "certificate.review": "review_due"}
        found.faults.append(Fault(CERTIFICATES, row.number, key.get(refusal.code, "valid_to"), refusal.sentence))
        return
    found.certificates.append({**values, "identity": number, "entry": entry, "row": row.number})
