"""Questions of importing and exporting a staff list (人员名册导入导出查询)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select

from app.core.actor import Actor
from app.core.db import db
from app.core.identifiers import IdType, check_identity
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.core.xlsx.table import Parsed, parse_workbook
from app.core.xlsx.write import Table
from app.providers.models import Site
from app.training.models import Certificate, Employment, StaffImport
from app.training.queries import certificates, people
from app.training.rules.certificates import KindTable, is_valid, kinds_on, shown_number, standing
from app.training.rules.importing import STAFF, Plan, plan, sheets

MOST_EXPORTED: Final = 5_000


def staff_import(staff_import_id: UUID, *, seen_by: Actor, lock: bool = False) -> StaffImport:
    """One import (一次导入)."""
    return find(StaffImport, staff_import_id, seen_by=seen_by, lock=lock)


def imports(site_id: UUID, *, seen_by: Actor) -> Sequence[StaffImport]:
    """The latest imports of a site, newest first (导入记录)."""
    query = visible(StaffImport, to=seen_by).where(StaffImport.site_id == site_id)
    return db.session.scalars(query.order_by(StaffImport.uploaded_at.desc()).limit(20)).all()


def unwritten_since(before: datetime, *, seen_by: Actor) -> Sequence[StaffImport]:
    """Workbooks older than a moment that are still kept (待清理工作簿)."""
    query = visible(StaffImport, to=seen_by).where(StaffImport.workbook.is_not(None), StaffImport.uploaded_at < before)
    return db.session.scalars(query).all()


def read_workbook(data: bytes, site: Site, *, seen_by: Actor, on: date) -> tuple[Parsed, Plan]:
    """Parse and compare a workbook (解析比对): every fault of both joins one list, and none repeats an identity number."""
    table = kinds_on(on)
    parsed = parse_workbook(data, sheets(table))
    numbers = _numbers(parsed, on)
    known = {number: row.name for number, row in people.persons_numbered(numbers).items()}
    staff = people.staff_of(site.id, seen_by=seen_by, on=on)
    here = frozenset((row.person.identity.reveal(), row.post.value) for row in staff)
    found = plan(parsed.rows, table, known, here, on)
    for fault in found.faults:
        parsed.wrong(fault.sheet, fault.row, fault.key, fault.sentence)
    return parsed, found


def _numbers(parsed: Parsed, on: date) -> set[str]:
    numbers = set()
    for row in parsed.rows.get(STAFF, ()):
        text, kind = row.values.get("identity"), row.values.get("id_type")
        if isinstance(text, str) and isinstance(kind, IdType):
            try:
                numbers.add(check_identity(kind, text, on=on).number.reveal())
            except Refused:
                continue  # told by the comparison
    return numbers


# --- export -----------------------------------------------------------------------------------------------------------


def tables(statement: Select[Employment], *, seen_by: Actor, on: date) -> list[Table]:
    """People and their certificates as two sheets (导出名册): identity numbers masked, everything else as entered."""
    table = kinds_on(on)
    rows = db.session.scalars(statement.limit(MOST_EXPORTED)).all()
    held = certificates.of_people({row.person_id for row in rows}, seen_by=seen_by)
    head = ["网点", "姓名", "证件类型", "证件号码", "岗位", "直接护理", "班次", "到岗日期", "离岗日期"]
    staff: list[list[Any]] = [
        [
            row.site.name,
            row.person.name,
            row.person.id_type.label,
            str(row.person.identity),
            row.post.label,
            row.direct_care,
            row.shift.label if row.shift else "",
            row.started_on,
            row.ended_on,
        ]
        for row in rows
    ]
    return [Table("人员", head, staff), _certificates(rows, held, table, on)]


def _certificates(rows: Sequence[Employment], held: Any, table: KindTable, on: date) -> Table:
    head = ["姓名", "证书种类", "等级", "证书编号", "发证机构", "发证日期", "有效期至", "复审日期", "情况", "是否有效", "核验"]
    listed: list[list[Any]] = []
    people_seen: set[UUID] = set()
    for row in rows:
        if row.person_id in people_seen:
            continue
        people_seen.add(row.person_id)
        listed += [[row.person.name, *certificate_cells(paper, table, on)] for paper in held.get(row.person_id, ())]
    return Table("证书", head, listed)


def certificate_cells(paper: Certificate, table: KindTable, on: date) -> list[Any]:
    """A certificate as cells (证书各列): the number masked when it is an identity number."""
    kind = table.named(paper.kind)
    return [
        kind.label,
        table.level_label(paper.kind, paper.level),
        shown_number(kind, paper.number.reveal()) if paper.number else "",
        paper.issuer or "",
        paper.issued_on,
        paper.valid_to,
        paper.review_due,
        standing(paper.state, paper.finding, paper.runs_out_on, on).label,
        is_valid(paper.state, paper.finding, paper.runs_out_on, on),
        paper.finding.label,
    ]
