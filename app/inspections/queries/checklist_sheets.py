"""A checklist as a workbook and back (检查表 Excel 往返): what goes out comes back the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.labels import Labelled
from app.core.xlsx import parsers
from app.core.xlsx.table import Column, Parsed, Sheet, parse_workbook
from app.core.xlsx.write import Table, write_table
from app.inspections.rules.checklist import ChecklistEdition, Department, Evidence, Feature, Item, PhotoAdvice, Severity
from app.providers.rules import SiteKind

AREAS: Final = "检查区"
ITEMS: Final = "检查项"
_LIST: Final = "、"
_LINES: Final = "\n"


def _labels(enum: type[Labelled]) -> dict[str, str]:
    return {m.label: m.value for m in enum}


def _many(enum: type[Labelled]) -> parsers.Parser:
    """Several words of a list, with 、 between (多选)."""
    known = _labels(enum)

    def read(cell: str) -> list[str]:
        words = [w.strip() for w in cell.replace("，", _LIST).replace(",", _LIST).split(_LIST) if w.strip()]
        unknown = [w for w in words if w not in known]
        if unknown:
            raise ValueError(f"没有“{unknown[0]}”，可填：{_LIST.join(known)}")
        return [known[w] for w in words]

    return parsers.code(read, hint=f"可填几个，用顿号分开：{_LIST.join(known)}")


SHEETS: Final = (
    Sheet(AREAS, (Column("key", "代号", parsers.text(40)), Column("label", "检查区", parsers.text(40)))),
    Sheet(
        ITEMS,
        (
            Column("code", "编号", parsers.text(20), help="如 G-4.1；改版后保持不变"),
            Column("area", "检查区", parsers.text(40), help="填检查区的名称"),
            Column("clause", "条款", parsers.text(60)),
            Column("text", "检查要点", parsers.text(60)),
            Column("look_at", "看什么", parsers.text(300)),
            Column("evidence", "取证方式", _many(Evidence)),
            Column("photo", "拍照", parsers.choice(_labels(PhotoAdvice))),
            Column("departments", "部门", _many(Department), help="第一个部门填写，其余配合"),
            Column("severity", "程度", parsers.choice(_labels(Severity))),
            Column("phrases", "常用语", parsers.text(2000), required=False, help="一行一条"),
            Column("kinds", "适用类型", _many(SiteKind), required=False),
            Column("min_beds", "床位不少于", parsers.integer(1), required=False),
            Column("min_storeys", "层数不少于", parsers.integer(1), required=False),
            Column("over_area_m2", "面积大于㎡", parsers.integer(1), required=False),
            Column("has", "适用情形", _many(Feature), required=False),
            Column("see_hazard", "对应隐患", parsers.text(40), required=False),
            Column("reason", "须写理由", parsers.choice({"是": "always", "否": ""}), required=False),
            Column("weight", "权重", parsers.integer(1, 100), required=False),
            Column("standing", "可信程度", parsers.text(20), required=False, help="只供参考：改动过的条目一律待核"),
        ),
    ),
)


def workbook_of(edition: ChecklistEdition) -> bytes:
    """The workbook of an edition (导出检查表)."""
    areas = {a.key: a.label for a in edition.areas}
    titles = {sheet.name: [c.title for c in sheet.columns] for sheet in SHEETS}
    return write_table(
        [
            Table(AREAS, titles[AREAS], [[a.key, a.label] for a in edition.areas]),
            Table(ITEMS, titles[ITEMS], [_cells(i, areas) for i in edition.items]),
        ]
    )


def _cells(i: Item, areas: Mapping[str, str]) -> list[Any]:
    c = i.applies
    join: Any = lambda words: _LIST.join(w.label for w in words) or None  # noqa: E731
    return [
        i.code, areas[i.area], i.clause, i.text, i.look_at, join(i.evidence), i.photo.label, join(i.departments), i.severity.label,
        _LINES.join(i.phrases) or None, join(c.kinds), c.min_beds, c.min_storeys, c.over_area_m2, join(c.has), i.see_hazard or None,
        "是" if i.reason_required else None, i.weight, i.confidence.label,
    ]  # fmt: skip


def read_workbook(data: bytes) -> tuple[Parsed, list[dict[str, Any]], list[dict[str, str]]]:
    """The items and areas of a workbook, with every fault at once (导入检查表)."""
    parsed = parse_workbook(data, SHEETS)
    areas = [{"key": r.values.get("key", ""), "label": r.values.get("label", "")} for r in parsed.rows[AREAS]]
    keys = {a["label"]: a["key"] for a in areas}
    items, seen = [], set[str]()
    for row in parsed.rows[ITEMS]:
        values = row.values
        if (area := values.get("area")) is not None and area not in keys:
            parsed.wrong(ITEMS, row.number, "area", f"“检查区”表中没有“{area}”，请先在那里加一行")
        if (code := values.get("code")) is not None and code in seen:
            parsed.wrong(ITEMS, row.number, "code", "编号重复，请改成不同的编号")
        seen.add(values.get("code", ""))
        items.append(_item(values, keys))
    return parsed, items, areas


def _item(values: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    applies = {k: v for k in ("kinds", "min_beds", "min_storeys", "over_area_m2", "has") if (v := values.get(k))}
    given: dict[str, Any] = {
        k: values.get(k, "")
        for k in ("code", "clause", "text", "look_at", "evidence", "photo", "departments", "severity", "see_hazard")
    }
    return given | {
        "area": keys.get(values.get("area", ""), ""),
        "phrases": _phrases(values.get("phrases")),
        "reason_required": values.get("reason") or "",
        "weight": values.get("weight") or 1,
        "applies": applies,
        "see_hazard": values.get("see_hazard") or "",
    }


def _phrases(text: str | None) -> Sequence[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
