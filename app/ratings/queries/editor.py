"""Which scheme editions there are (评定方案目录), an authority's drafts, who entered what, and a case tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.core.scope import subtree
from app.core.xlsx import parsers
from app.core.xlsx.table import Column, Parsed, parse_workbook
from app.core.xlsx.table import Sheet as XlsxSheet
from app.core.xlsx.write import Table, write_table
from app.ratings.models.editor import SchemeEdition, SchemeEntry
from app.ratings.queries import schemes
from app.ratings.rules import Case, InputFault, Result, Sheet, evaluate, read_answer, read_facts
from app.ratings.rules.editor import Content, EditionState, items, lines_of, sha_of, text_of
from app.ratings.rules.library import shelf
from app.ratings.rules.scheme import Scheme
from app.ratings.rules.source import parse
from app.regions import queries as regions

# --- what can be used -------------------------------------------------------------------------------------------------


def confirmed(path: str) -> Sequence[schemes.Offered]:
    """The confirmed editions that hold at a place (本地已确认方案): its own and those of the regions above."""
    above = [row.path for row in regions.upwards(path)]
    query = (
        select(SchemeEdition)
        .where(SchemeEdition.state == EditionState.CONFIRMED, SchemeEdition.jurisdiction.in_(above))
        .order_by(SchemeEdition.jurisdiction, SchemeEdition.edition)
    )
    rows = db.session.scalars(query).all()
    return [schemes.Offered(f"{row.code}@{row.edition}", row.name, text_of(row.content), confirmed=True) for row in rows]


schemes.offer(confirmed)


def domestic(*, path: str, on: date) -> Mapping[str, Scheme]:
    """The newest edition of each scheme that rates homes at a place, by code (本地评定方案)."""
    found: dict[str, Scheme] = {}
    for key, each in sorted(schemes.offered(path).items()):
        scheme = schemes.loaded(key, each.text)
        start = scheme.shape.in_force.start
        if not start or start <= on.isoformat() or scheme.shape.scheme not in found:
            found[scheme.shape.scheme] = scheme
    return found


def newest(code: str, *, path: str, on: date) -> Scheme:
    """The edition of a scheme that holds at a place on a day (现行方案)."""
    found = domestic(path=path, on=on).get(code)
    if found is None:
        raise Refused("scheme.unknown", "没有这套评定标准，请从页面上选择")
    return found


# --- editions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """An edition to look at (方案版本): shipped or entered by an authority."""

    sha: str
    key: str
    content: Content
    row: SchemeEdition | None = None

    @property
    def name(self) -> str:
        """Its name (名称)."""
        return str(self.content["name"])

    @property
    def state(self) -> str:
        """Where it stands, in words (状态)."""
        if self.row is not None:
            return f"{self.row.state.label}（{self.content['jurisdiction']}）"
        words = {
            "skeleton": "骨架",
            "draft": "草案",
            "platform_default": "平台默认",
            "reference": "境外对照",
            "confirmed": "已确认",
        }
        return words.get(str(self.content["status"]), str(self.content["status"]))

    @property
    def gaps(self) -> int:
        """How many gaps it shows (缺口数)."""
        return len(self.content.get("gaps", [])) + sum(1 for _, item in items(self.content) if item.get("gap"))


@lru_cache(maxsize=1)
def _shipped() -> tuple[Known, ...]:
    found = []
    for key, path in shelf().items():
        content = parse(path.read_text(encoding="utf-8"))
        if content.get("status") != "reference" and content.get("areas"):
            found.append(Known(sha_of(content), key, content))
    return tuple(found)


def editions(*, seen_by: Actor) -> list[Known]:
    """The editions to look at (方案目录): shipped ones, confirmed ones that hold here, and one's own drafts."""
    path = seen_by.scope.path or "/"
    above = [row.path for row in regions.upwards(path)] if path != "/" else []
    query = (
        select(SchemeEdition)
        .where(
            (SchemeEdition.authority_id == seen_by.authority_id)
            | ((SchemeEdition.state == EditionState.CONFIRMED) & SchemeEdition.jurisdiction.in_(above))
            | ((SchemeEdition.state == EditionState.CONFIRMED) & subtree(SchemeEdition.jurisdiction, path))
        )
        .order_by(SchemeEdition.code, SchemeEdition.edition.desc())
    )
    own = [Known(row.sha256, f"{row.code}@{row.edition}", row.content, row) for row in db.session.scalars(query)]
    return own + list(_shipped())


def known(sha: str, *, seen_by: Actor) -> Known:
    """One edition by its hash (某版方案)."""
    found = next((each for each in editions(seen_by=seen_by) if each.sha == sha), None)
    if found is None:
        raise NotVisible(f"scheme {sha}")
    return found


def draft(edition_id: UUID, *, seen_by: Actor, lock: bool = False) -> SchemeEdition:
    """An edition of one's own authority (本机关方案)."""
    query = select(SchemeEdition).where(SchemeEdition.id == edition_id, SchemeEdition.authority_id == seen_by.authority_id)
    row = db.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotVisible(f"SchemeEdition {edition_id}")
    return row


def exists(jurisdiction: str, code: str, edition: str) -> bool:
    """Whether a place has this edition already (同日版本)."""
    query = select(SchemeEdition.id).where(
        SchemeEdition.jurisdiction == jurisdiction, SchemeEdition.code == code, SchemeEdition.edition == edition
    )
    return db.session.scalar(query) is not None


def entries(edition_id: UUID) -> Sequence[SchemeEntry]:
    """Who entered what from which text, newest first (录入记录)."""
    query = select(SchemeEntry).where(SchemeEntry.edition_id == edition_id).order_by(SchemeEntry.at.desc(), SchemeEntry.id)
    return db.session.scalars(query).all()


# --- trying out -------------------------------------------------------------------------------------------------------


def tried(scheme: Scheme, facts: Mapping[str, str], answers: Mapping[str, str]) -> Result:
    """A case computed for a look (试算). Raises Refused with the field that cannot be true."""
    try:
        given = {item.id: read_answer(item, answers[item.id]) for item in scheme.shape.items if answers.get(item.id, "").strip()}
        sheets = (Sheet("trial", given),) if given else ()
        return evaluate(scheme, Case(facts=read_facts(scheme.shape, facts), sheets=sheets))
    except InputFault as fault:
        raise Refused("scheme.trial", str(fault)) from fault


# --- Excel ------------------------------------------------------------------------------------------------------------

SHEET = "评分项"
_COLUMNS = (
    Column("id", "编号", parsers.text(60), help="不能改；改版后保持不变"),
    Column("area", "领域", parsers.text(60), help="只供参考"),
    Column("title", "评分项", parsers.text(300)),
    Column("most", "满分", parsers.text(20), help="12、0.5 或 1/3"),
    Column("options", "选项", parsers.text(4000), required=False, help="一行一个：编号|说明|分值"),
    Column("deductions", "扣分", parsers.text(4000), required=False, help="一行一个：编号|说明|每次扣分"),
    Column("step", "步长", parsers.text(20), required=False),
    Column("gap", "缺口", parsers.text(300), required=False, help="补齐后清空"),
    Column("doc", "依据文件", parsers.text(300), required=False, help="改动过的行必填"),
    Column("clause", "条款", parsers.text(300), required=False, help="改动过的行必填"),
)


def workbook_of(content: Content) -> bytes:
    """The items of an edition as a workbook (导出评分项)."""
    rows = [
        [
            item["id"],
            area["title"],
            item["title"],
            str(item.get("max", 0)),
            lines_of(item, "options") or None,
            lines_of(item, "deductions") or None,
            item.get("step"),
            item.get("gap"),
            (item.get("basis") or {}).get("doc"),
            (item.get("basis") or {}).get("clause"),
        ]
        for area, item in items(content)
    ]
    return write_table([Table(SHEET, [column.title for column in _COLUMNS], rows)])


def read_workbook(data: bytes) -> tuple[Parsed, list[dict[str, Any]]]:
    """The items of a workbook, with every fault at once (导入评分项)."""
    parsed = parse_workbook(data, (XlsxSheet(SHEET, _COLUMNS),))
    return parsed, [dict(row.values) for row in parsed.rows[SHEET]]
