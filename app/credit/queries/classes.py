"""Questions of external classes (外部信用评价查询)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.core.xlsx.table import Parsed, parse_workbook
from app.credit.models.records import ClassImport, ExternalClass
from app.credit.rules.classes import SHEET, SHEETS, ClassSource, Plan, plan
from app.providers.models import Organisation, Site


def class_import(class_import_id: UUID, *, seen_by: Actor, lock: bool = False) -> ClassImport:
    """One import (一次导入)."""
    return find(ClassImport, class_import_id, seen_by=seen_by, lock=lock)


def imports(*, seen_by: Actor) -> Sequence[ClassImport]:
    """The latest imports, newest first (导入记录)."""
    return db.session.scalars(visible(ClassImport, to=seen_by).order_by(ClassImport.uploaded_at.desc()).limit(50)).all()


def newest_of(site_id: UUID, *, seen_by: Actor) -> dict[ClassSource, ExternalClass]:
    """The newest class of each source (最新外部评价)."""
    query = visible(ExternalClass, to=seen_by).where(ExternalClass.site_id == site_id).order_by(ExternalClass.as_of)
    return {row.source: row for row in db.session.scalars(query)}


def sites_by_code(codes: set[str], *, seen_by: Actor) -> dict[str, list[Site]]:
    """The sites that an authority reaches, by the code of their body (辖区内网点)."""
    query = visible(Site, to=seen_by).join(Organisation, Organisation.id == Site.provider_id)
    rows = db.session.execute(
        query.where(Organisation.uscc.in_([str(c) for c in codes])).add_columns(Organisation.uscc).order_by(Site.number)
    )
    found: dict[str, list[Site]] = {}
    for site, uscc in rows:
        found.setdefault(uscc, []).append(site)
    return found


def read_workbook(data: bytes, *, seen_by: Actor, on: date) -> tuple[Parsed, Plan, dict[str, list[Site]]]:
    """A workbook with what it would write, or every fault at once (解析外部评价)."""
    parsed = parse_workbook(data, SHEETS)
    rows = parsed.rows.get(SHEET, [])
    sites = sites_by_code({row.values["uscc"] for row in rows if row.values.get("uscc")}, seen_by=seen_by)
    found = plan(rows, {uscc: [s.id for s in few] for uscc, few in sites.items()}, on=on)
    for fault in found.faults:
        parsed.wrong(SHEET, fault.row, fault.key, fault.sentence)
    if not rows and not parsed.errors:
        raise Refused("import.empty", "表里没有数据，请在模板里填写后再上传。")
    return parsed, found, sites


def known_classes(site_ids: Sequence[UUID]) -> dict[tuple[UUID, ClassSource, date], ExternalClass]:
    """The classes that are there already (已有评价)."""
    rows = db.session.scalars(select(ExternalClass).where(ExternalClass.site_id.in_(site_ids)))
    return {(row.site_id, row.source, row.as_of): row for row in rows}
