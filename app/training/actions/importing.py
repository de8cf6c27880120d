"""Verbs of importing a staff list (人员名册导入办理): check a workbook, write it all or not at all."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.xlsx.table import Parsed
from app.providers import queries as providers
from app.training import events
from app.training.actions.certificates import enter_certificate
from app.training.actions.people import employ
from app.training.models import Employment, StaffImport
from app.training.queries import importing as queries
from app.training.queries import people
from app.training.rules import ImportState
from app.training.rules.importing import Plan

MOST_ROWS: Final = 1_000
MOST_FAULTS_KEPT: Final = 1_000
KEPT_FOR: Final = timedelta(days=7)


def check_staff_list(data: bytes, file_name: str, site_id: UUID, *, by: Actor, at: datetime, on: date) -> StaffImport:
    """Check a workbook without writing any of it (核对人员名册). Raises Refused when the file as a whole cannot be read."""
    site = providers.site(site_id, seen_by=by)
    parsed, found = queries.read_workbook(data, site, seen_by=by, on=on)
    count = sum(len(rows) for rows in parsed.rows.values())
    if count > MOST_ROWS:
        raise Refused("import.too_many", f"一次最多 {MOST_ROWS} 行，这份有 {count} 行，请分成几份再传。")
    row = StaffImport(
        id=uuid4(),
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        workbook=base64.b64encode(data).decode(),
        rows=count,
        uploaded_by=by.id,
        uploaded_at=at,
    )
    _note(row, parsed, found)
    db.session.add(row)
    db.session.flush()
    done = events.StaffListChecked(
        subject=row.id, by=by.id, on=on, site_id=site.id, file_sha256=row.sha256, faults=row.fault_count
    )
    audit.record(done)
    return row


def _note(row: StaffImport, parsed: Parsed, found: Plan) -> None:
    """Keep what the check found; the cells themselves are not kept with the faults, since they hold identity numbers."""
    errors = sorted(parsed.errors, key=lambda error: (error.sheet, error.row, error.column))
    row.state = ImportState.FAULTY if errors else ImportState.CHECKED
    row.counts = {"people": len(found.staff), "certificates": len(found.certificates), "same": found.same}
    row.unknown, row.fault_count = parsed.unknown[:100], len(errors)
    row.faults = [[e.sheet, e.row, e.column, e.title, e.sentence] for e in errors[:MOST_FAULTS_KEPT]]


def enter_staff_list(staff_import_id: UUID, *, by: Actor, at: datetime, on: date) -> StaffImport:
    """Write a checked workbook (写入人员名册), all of it or nothing. It is checked once more, since the list may have moved on."""
    row = queries.staff_import(staff_import_id, seen_by=by, lock=True)
    if row.state is not ImportState.CHECKED or row.workbook is None:
        raise Refused("import.not_now", f"这次导入的状态是“{row.state.label}”，不能写入。")
    site = providers.site(row.site_id, seen_by=by)
    parsed, found = queries.read_workbook(base64.b64decode(row.workbook), site, seen_by=by, on=on)
    _note(row, parsed, found)
    if parsed.errors:
        raise Refused("import.moved_on", "核对以后名册有了变化，这份表里有的行已不成立。请重新上传核对。")
    _write(row, found, by=by, at=at, on=on)
    row.state, row.written_at, row.workbook = ImportState.DONE, at, None
    db.session.flush()
    done = events.StaffListImported(
        subject=row.id,
        by=by.id,
        on=on,
        site_id=site.id,
        people=len(found.staff),
        certificates=len(found.certificates),
    )
    audit.record(done)
    return row


def _write(row: StaffImport, found: Plan, *, by: Actor, at: datetime, on: date) -> None:
    for values in found.staff:
        employ(
            row.site_id,
            name=values["name"],
            id_type=values["id_type"],
            identity=values["identity"],
            post=values["post"],
            shift=values.get("shift"),
            started_on=values["started_on"],
            by=by,
            at=at,
            on=on,
        )
    here = {job.person.identity.reveal(): job for job in people.staff_of(row.site_id, seen_by=by, on=on)}
    for values in found.certificates:
        _write_certificate(here[values["identity"]], values, by=by, at=at, on=on)


def _write_certificate(job: Employment, values: dict[str, object], *, by: Actor, at: datetime, on: date) -> None:
    entry = values["entry"]
    try:
        enter_certificate(
            job.id,
            str(values["kind"]),
            level=entry.level,  # type: ignore[attr-defined]  # what the plan made
            number=entry.number,  # type: ignore[attr-defined]
            issuer=str(values.get("issuer") or ""),
            issued_on=entry.issued_on,  # type: ignore[attr-defined]
            valid_to=entry.valid_to,  # type: ignore[attr-defined]
            review_due=entry.review_due,  # type: ignore[attr-defined]
            by=by,
            at=at,
            on=on,
        )
    except Refused as refusal:
        if refusal.code != "certificate.known":  # entered before: a second import changes nothing
            raise


def forget_staff_lists(before: datetime, *, by: Actor, on: date) -> int:
    """Let go of workbooks that were never written (清理未写入的工作簿): they hold identity numbers. Returns how many."""
    rows = queries.unwritten_since(before - KEPT_FOR, seen_by=by)
    for row in rows:
        row.workbook = None
        audit.record(events.StaffListForgotten(subject=row.id, by=by.id, on=on))
    db.session.flush()
    return len(rows)
