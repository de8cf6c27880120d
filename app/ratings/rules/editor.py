"""Editing a scheme (方案编辑规则): pure changes to a scheme's content, what they changed, and two editions compared.

A content is the parsed file: texts, integers, lists and mappings. Nothing is guessed: a number is what somebody entered
from a named document and clause, and whatever nobody entered stays a visible gap.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.ratings.rules.faults import Fault
from app.ratings.rules.scheme import Scheme, examine, placeholders, publication
from app.ratings.rules.source import fingerprint

Content = dict[str, Any]
LONGEST: Final = 400
_ID: Final = re.compile(r"^[a-z][a-z0-9_]*$")
_NUMBER: Final = re.compile(r"^[+-]?[0-9]{1,9}(\.[0-9]{1,6})?(/[1-9][0-9]{0,5})?$")


class EditionState(Labelled):
    """How far an authority's edition is (方案版本状态)."""

    DRAFT = "draft", "编制中"
    CONFIRMED = "confirmed", "已确认"


@dataclass(frozen=True, slots=True)
class Source:
    """The text that an entry was taken from (录入依据)."""

    doc: str
    clause: str


def check_source(source: Source) -> None:
    """Refuse an entry without its document and clause (须写依据)."""
    if len(source.doc.strip()) < 2 or not source.clause.strip():
        raise Refused("scheme.source", "请写明录自哪份文件（名称、文号）和哪一条款")
    if len(source.doc) > LONGEST or len(source.clause) > LONGEST:
        raise Refused("scheme.source", f"文件和条款各不超过 {LONGEST} 字")


# --- reading ----------------------------------------------------------------------------------------------------------


def text_of(content: Content) -> str:
    """The content as a scheme file (方案文件): JSON, which is YAML."""
    return json.dumps(content, ensure_ascii=False, indent=1)


def key_of(content: Content) -> str:
    """code@edition (方案编号@版本)."""
    return f"{content['scheme']}@{content['edition']}"


def sha_of(content: Content) -> str:
    """SHA-256 of the canonical content (指纹)."""
    return fingerprint(content)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the check says (检查结果): faults, gaps and placeholders, and what is in the way of publishing."""

    scheme: Scheme | None
    faults: tuple[Fault, ...]
    gaps: tuple[str, ...]
    obstacles: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Nothing in the way once it is confirmed (可以确认)."""
        return self.scheme is not None and not self.faults and not self.obstacles


def check(content: Content) -> Findings:
    """Check a content as it stands (检查方案), as if it were confirmed."""
    scheme, faults = examine(text_of({**content, "status": "confirmed"}))
    if scheme is None:
        return Findings(None, faults, (), ())
    said = publication(scheme, confirmed=True)
    faulty = {fault.sentence for fault in faults}
    return Findings(scheme, faults, placeholders(scheme.shape), tuple(o for o in said.obstacles if o not in faulty))


def items(content: Content) -> list[tuple[Content, Content]]:
    """Every item with its area (评分项)."""
    return [(area, item) for area in content.get("areas", []) for item in area.get("items", [])]


def find_item(content: Content, item_id: str) -> Content:
    """One item by id (某评分项)."""
    for _, item in items(content):
        if item["id"] == item_id:
            return item
    raise Refused("scheme.item", "没有这个评分项，请从页面上选择")


def find_area(content: Content, area_id: str) -> Content:
    """One area by id (某领域)."""
    for area in content.get("areas", []):
        if area["id"] == area_id:
            found: Content = area
            return found
    raise Refused("scheme.area", "没有这个评分领域，请从页面上选择")


def level_of(content: Content, level: str) -> Content:
    """One level's demands (某等级要求); an empty one when nobody entered any."""
    if level not in content.get("order", [])[1:]:
        raise Refused("scheme.level", "没有这个等级，请从页面上选择")
    return next((each for each in content.get("levels", []) if each["level"] == level), {"level": level, "require": []})


def requirement_lines(level: Content) -> list[str]:
    """A level's demands as lines to edit (等级要求行): a gap or placeholder is marked."""
    lines = []
    for each in level.get("require", []):
        if isinstance(each, str):
            lines.append(each)
        elif each.get("gap"):
            lines.append(f"缺口：{each['gap']}")
        else:
            lines.append(f"占位：{each['require']}" if each.get("placeholder") else str(each["require"]))
    return lines


# --- writing ----------------------------------------------------------------------------------------------------------


def begin(content: Content, *, start: date, jurisdiction: str) -> Content:
    """A new edition made of an old one (另起新版): a draft of one's own place, in force from a day."""
    made = copy.deepcopy(content)
    made["edition"] = start.isoformat()
    made["jurisdiction"] = jurisdiction
    made["status"] = "draft"
    made["confidence"] = "draft"
    made["in_force"] = {"from": start.isoformat(), "to": ""}
    return made


def number(text: str) -> int | str:
    """A number as it is written in a file (数值): a whole one as such, any other exactly as typed."""
    tidy = text.strip()
    if not _NUMBER.fullmatch(tidy):
        raise Refused("scheme.number", f"“{text}”不是数，请写成 12、0.5 或 1/3")
    return int(tidy) if re.fullmatch(r"-?(0|[1-9][0-9]*)", tidy) else tidy.removeprefix("+")


def rows_of(lines: str, *, width: int) -> list[list[str]]:
    """Lines with bars between their parts (逐行录入): 编号|说明|分值."""
    found = []
    for line in (each.strip() for each in lines.splitlines()):
        if not line:
            continue
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if len(parts) != width or not _ID.fullmatch(parts[0]):
            raise Refused("scheme.line", f"这一行看不懂：“{line}”。请按“编号|说明|分值”写，编号用小写字母开头")
        found.append(parts)
    return found


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """What somebody entered for an item (录入评分项); options and deductions as lines."""

    title: str
    most: str
    options: str = ""
    deductions: str = ""
    step: str = ""
    gap: str = ""


def lines_of(item: Content, key: str) -> str:
    """An item's options or deductions as lines to edit (选项行、扣分行)."""
    return "\n".join(f"{each['id']}|{each.get('title', '')}|{each['points']}" for each in item.get(key, []))


def entry_of(item: Content) -> ItemEntry:
    """An item as it stands in the form (现有内容)."""
    return ItemEntry(
        title=item["title"],
        most=str(item.get("max", 0)),
        options=lines_of(item, "options"),
        deductions=lines_of(item, "deductions"),
        step=str(item.get("step", "")),
        gap=item.get("gap", ""),
    )


def with_item(content: Content, item_id: str, entry: ItemEntry, source: Source) -> Content:
    """A content with an item entered anew (改评分项). Exclusions and parts that the form does not show stay."""
    check_source(source)
    made = copy.deepcopy(content)
    item = find_item(made, item_id)
    if not entry.title.strip():
        raise Refused("scheme.title", "请写评分项的名称")
    item["title"] = entry.title.strip()
    item["max"] = number(entry.most)
    for key, typed in (("options", entry.options), ("deductions", entry.deductions)):
        if item.get(key) or typed.strip():
            before = {each["id"]: each for each in item.get(key, [])}
            item[key] = [
                {**before.get(name, {}), "id": name, "title": title, "points": number(points)}
                for name, title, points in rows_of(typed, width=3)
            ]
    _put(item, "step", str(number(entry.step)) if entry.step.strip() else "")
    _put(item, "gap", entry.gap.strip())
    item["basis"] = _basis(source)
    return made


def with_area(content: Content, area_id: str, most: str, shares: str, source: Source) -> Content:
    """A content with an area's maximum and least shares (改领域). `shares` are lines 等级|得分率."""
    check_source(source)
    made = copy.deepcopy(content)
    area = find_area(made, area_id)
    area["max"] = number(most)
    found: dict[str, str] = {}
    for line in (each.strip() for each in shares.splitlines() if each.strip()):
        level, bar, share = line.replace("｜", "|").partition("|")
        if not bar or level.strip() not in made.get("order", []):
            raise Refused("scheme.line", f"这一行看不懂：“{line}”。请按“等级|得分率”写，如 3|0.6")
        found[level.strip()] = str(number(share))
    _put(area, "min_share", found)
    area.pop("placeholder", None)
    area["basis"] = _basis(source)
    return made


def with_level(content: Content, level: str, demands: Sequence[str], source: Source) -> Content:
    """A content with a level's demands (改等级要求): one expression a line; 缺口：… stays a gap."""
    check_source(source)
    made = copy.deepcopy(content)
    level_of(made, level)
    basis = _basis(source)
    require: list[Any] = []
    for line in (each.strip() for each in demands if each.strip()):
        if line.startswith("缺口："):
            require.append({"gap": line.removeprefix("缺口：").strip() or "没有取得"})
        elif line.startswith("占位："):
            require.append({"require": line.removeprefix("占位：").strip(), "placeholder": "true"})
        else:
            require.append(line)
    if not require:
        raise Refused("scheme.demands", "请至少写一条要求，如 total >= 600；没有取得的写“缺口：……”")
    rest = [each for each in made.get("levels", []) if each["level"] != level]
    order = made["order"]
    made["levels"] = sorted([*rest, {"level": level, "require": require, "basis": basis}], key=lambda e: -order.index(e["level"]))
    return made


@dataclass(frozen=True, slots=True)
class TermsEntry:
    """What somebody entered for the whole scheme (录入总则)."""

    name: str
    total: str
    validity_months: str
    renew_before_months: str
    notice_days: str
    gaps: str


def with_terms(content: Content, entry: TermsEntry, source: Source) -> Content:
    """A content with its general terms (改总则): name, total, months of validity, days of notice, gaps that are left."""
    check_source(source)
    made = copy.deepcopy(content)
    made["name"] = entry.name.strip() or made["name"]
    for key, typed in (
        ("total", entry.total),
        ("validity_months", entry.validity_months),
        ("renew_before_months", entry.renew_before_months),
    ):
        _put(made, key, number(typed) if typed.strip() else "")
    others = [each for each in made.get("process", []) if each.get("stage") != "公示"]
    notice = (
        [{"stage": "公示", "working_days": number(entry.notice_days), "basis": _basis(source)}]
        if entry.notice_days.strip()
        else []
    )
    _put(made, "process", others + notice)
    _put(made, "gaps", [line.strip() for line in entry.gaps.splitlines() if line.strip()])
    made["basis"] = _basis(source)
    return made


def notice_days(content: Content) -> str:
    """The days of public notice as entered (公示天数)."""
    found = [each["working_days"] for each in content.get("process", []) if each.get("stage") == "公示"]
    return str(found[0]) if found else ""


def _put(place: Content, key: str, value: Any) -> None:
    if value in ("", [], {}):
        place.pop(key, None)
    else:
        place[key] = value


def _basis(source: Source) -> Content:
    return {"doc": source.doc.strip(), "clause": source.clause.strip()}


# --- what changed -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs (一处差异): where, before, after; empty means it is not there."""

    place: str
    before: str
    after: str


def changes(before: Content, after: Content) -> list[Change]:
    """What differs between two contents (差异), by place."""
    old, new = dict(_flat(before)), dict(_flat(after))
    places = [*old, *(place for place in new if place not in old)]
    return [Change(p, old.get(p, ""), new.get(p, "")) for p in places if old.get(p, "") != new.get(p, "")]


def _flat(value: Any, place: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, f"{place}/{key}" if place else str(key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            name = (
                next((str(part[k]) for k in ("id", "level", "stage") if k in part), str(at))
                if isinstance(part, Mapping)
                else str(at)
            )
            yield from _flat(part, f"{place}/{name}")
    else:
        yield place, str(value)


def place_words(place: str, content: Content) -> str:
    """A place in officials' words (位置说明): 安全 › 第1项 › 满分."""
    titles = {area["id"]: area["title"] for area in content.get("areas", [])}
    titles |= {item["id"]: item["title"] for _, item in items(content)}
    known = {
        "max": "满分", "title": "名称", "basis": "依据", "doc": "文件", "clause": "条款", "points": "分值", "gap": "缺口", "step": "步长",
        "min_share": "得分率下限", "require": "要求", "levels": "等级", "gaps": "总缺口", "total": "总分", "name": "方案名称",
        "validity_months": "有效月数", "renew_before_months": "提前续评月数", "process": "程序", "working_days": "工作日",
        "in_force": "施行", "from": "自", "to": "至", "edition": "版本", "status": "状态", "confidence": "可信程度",
        "jurisdiction": "适用地区", "options": "选项", "deductions": "扣分项", "placeholder": "占位", "facts": "数据项", "entry": "准入条件",
        "limiters": "限制条件",
    }  # fmt: skip
    parts = [titles.get(part) or known.get(part) or part for part in place.split("/") if part not in ("areas", "items")]
    return " › ".join(parts)


def value_words(change: Change) -> tuple[str, str]:
    """Both values as people read them (前后值): codes of states in words."""
    words = {
        "draft": "草案", "skeleton": "骨架", "platform_default": "平台默认", "confirmed": "已确认", "verified": "已核实", "corroborated": "有旁证",
        "inactive": "停用",
    } if change.place in ("status", "confidence") else {}  # fmt: skip
    before, after = words.get(change.before, change.before), words.get(change.after, change.after)
    return before or "（没有）", after or "（没有）"


# --- confirming -------------------------------------------------------------------------------------------------------


def check_confirmation(content: Content, *, by: str, writers: Iterable[str], compared_with: str) -> Content:
    """The content as confirmed (确认方案). Refused for whoever entered anything, without a text, or while anything is open."""
    if by in set(writers):
        raise Refused("scheme.own", "录入方案的人不能自己确认，请由另一名人员对照文本核对后确认")
    if len(compared_with.strip()) < 2:
        raise Refused("scheme.compared_with", "请写明对照的是哪一份正式文本（名称、文号、版次、来源）")
    found = check(content)
    if found.faults:
        raise Refused("scheme.faults", f"方案还有 {len(found.faults)} 处问题：{found.faults[0].sentence}")
    if found.obstacles:
        raise Refused("scheme.obstacles", f"方案还有 {len(found.obstacles)} 处没有补齐：{found.obstacles[0]}")
    return {**content, "status": "confirmed"}
