"""Verbs of importing external classes (外部信用评价导入办理): check a workbook, write it all or not at all."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from uuid import UUID

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.credit import events
from app.credit.models.records import ClassImport, ExternalClass
from app.credit.queries import classes as queries
from app.credit.rules.classes import SHEET, ImportState


def check_classes(data: bytes, file_name: str, *, by: Actor, at: datetime, on: date) -> ClassImport:
    """Check a workbook without writing any of it (核对外部评价). Raises Refused when the file as a whole cannot be read."""
    if by.scope.path is None or by.authority_id is None:
        raise Refused("import.scope", "外部评价由民政部门导入。")
    parsed, _, sites = queries.read_workbook(data, seen_by=by, on=on)
    row = ClassImport(
        scope_path=by.scope.path,
        authority_id=by.authority_id,
        state=ImportState.FAULTY if parsed.errors else ImportState.CHECKED,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        workbook=data,
        rows=len(parsed.rows.get(SHEET, ())),
        sites=sum(len(few) for few in sites.values()),
        faults=[
            [e.sheet, e.row, e.column, e.title, e.sentence] for e in sorted(parsed.errors, key=lambda e: (e.row, e.column))[:2000]
        ],
        uploaded_by=by.id,
        uploaded_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.ClassesChecked(subject=row.id, by=by.id, on=on, file_sha256=row.sha256, faults=len(parsed.errors)))
    return row


def enter_classes(class_import_id: UUID, *, by: Actor, at: datetime, on: date) -> int:
    """Write a checked workbook (写入外部评价), all of it or nothing; checked once more, since the register may have moved on.

    Returns how many rows were written; the same class of the same day is written once.
    """
    row = queries.class_import(class_import_id, seen_by=by, lock=True)
    if row.state is not ImportState.CHECKED or row.workbook is None:
        raise Refused("import.not_now", f"这次导入的状态是“{row.state.label}”，不能写入。")
    parsed, found, sites = queries.read_workbook(row.workbook, seen_by=by, on=on)
    if parsed.errors:
        raise Refused("import.moved_on", "核对之后登记库有变化，这份表现在有错误，请重新上传核对。")
    known = queries.known_classes([site.id for few in sites.values() for site in few])
    written = 0
    for new in found.classes:
        for site in sites[new.uscc]:
            there = known.get((site.id, new.source, new.as_of))
            if there is not None:
                there.value, there.given_by, there.import_id = new.value, new.given_by, row.id
                continue
            scope = {"scope_path": site.scope_path, "provider_id": site.provider_id, "site_id": site.id}
            what = {"source": new.source, "value": new.value, "as_of": new.as_of, "given_by": new.given_by}
            db.session.add(ExternalClass(**scope, **what, import_id=row.id))
            written += 1
    row.state, row.written_by, row.written_at, row.workbook = ImportState.DONE, by.id, at, None
    db.session.flush()
    audit.record(events.ClassesImported(subject=row.id, by=by.id, on=on, written=written))
    return written
