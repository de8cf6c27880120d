"""Classes given by other departments (外部信用评价): read-only, imported from Excel, shown beside ours; pure.

SAMR sorts enterprises into A–D by risk (国市监信发〔2022〕6号: A low, D high), NDRC's comprehensive evaluation says 优、良、中、差.
Neither is our grade, and neither enters our score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.core.identifiers import Uscc
from app.core.labels import Labelled
from app.core.xlsx.parsers import choice, code, day, text
from app.core.xlsx.table import Column, Row, Sheet

SHEET: Final = "外部信用评价"


class ClassSource(Labelled):
    """Who gave the class (评价来源)."""

    SAMR = "samr", "市场监管部门企业信用风险分类"
    NDRC = "ndrc", "发展改革部门公共信用综合评价"


VALUES: Final[Mapping[ClassSource, tuple[str, ...]]] = {
    ClassSource.SAMR: ("A", "B", "C", "D"),
    ClassSource.NDRC: ("优", "良", "中", "差"),
}


class ImportState(Labelled):
    """How far an import is (导入状态)."""

    FAULTY = "faulty", "有错误，未写入"
    CHECKED = "checked", "已核对，待写入"
    DONE = "done", "已写入"


SHEETS: Final = (
    Sheet(
        SHEET,
        (
            Column("uscc", "统一社会信用代码", code(Uscc.parse, "18 位，照登记证书填")),
            Column("source", "评价来源", choice({m.label: m for m in ClassSource})),
            Column("value", "评价结果", text(4), help="市场监管填 A、B、C、D；发展改革填 优、良、中、差"),
            Column("as_of", "评价日期", day()),
            Column("given_by", "提供单位", text(100)),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong that only a comparison shows (对照错误)."""

    row: int
    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class to write (待写入评价)."""

    uscc: str
    source: ClassSource
    value: str
    as_of: date
    given_by: str


@dataclass(slots=True)
class Plan:
    """What an import would write (导入结果预览); nothing while there are faults."""

    classes: list[NewClass] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def plan(rows: Sequence[Row], known: Mapping[str, Sequence[UUID]], *, on: date) -> Plan:
    """What a parsed workbook means (导入核对): `known` gives the importing authority's sites by code."""
    found, seen = Plan(), set()
    for row in rows:
        found.faults += _faults(row, known, on)
        v = row.values
        key = (v.get("uscc"), v.get("source"), v.get("as_of"))
        if None not in key and key in seen:
            found.faults.append(Fault(row.number, "uscc", "同一家、同一来源、同一日期出现了两次，只留一行"))
        seen.add(key)
        if all(v.get(name) is not None for name in ("uscc", "source", "value", "as_of", "given_by")):
            found.classes.append(NewClass(v["uscc"], v["source"], v["value"].upper(), v["as_of"], v["given_by"]))
    return found


def _faults(row: Row, known: Mapping[str, Sequence[UUID]], on: date) -> Iterator[Fault]:
    v: Mapping[str, Any] = row.values
    if v.get("uscc") and v["uscc"] not in known:
        yield Fault(row.number, "uscc", "辖区内没有这个代码的机构，请核对，或先登记机构")
    if v.get("source") and v.get("value") and v["value"].upper() not in VALUES[v["source"]]:
        yield Fault(row.number, "value", f"{v['source'].label}只能填：{'、'.join(VALUES[v['source']])}")
    if v.get("as_of") and v["as_of"] > on:
        yield Fault(row.number, "as_of", "不能晚于今天")
