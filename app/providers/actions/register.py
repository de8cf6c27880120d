"""Verbs of importing a register (名册导入办理): check a workbook, write it all or not at all.

A workbook is checked when it comes and once more when it is written, since the register may have moved on meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from app.core import audit, clock, outbox
from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.core.identifiers import Phone
from app.core.outbox import Errand
from app.core.refusal import Refused
from app.core.xlsx.table import Parsed
from app.providers import events
from app.providers.actions.sites import start_unfiled_clocks
from app.providers.models import Organisation, RegisterImport, Site, SiteChange, SiteFact
from app.providers.queries import register as queries
from app.providers.rules import SiteState
from app.providers.rules.names import sounds
from app.providers.rules.register import SHEETS, SMALL, ImportState, Known, Plan, SiteKey

MOST_FAULTS_KEPT: Final = 2_000
KEPT_FOR: Final = timedelta(days=7)


def check_register(data: bytes, file_name: str, *, by: Actor, at: datetime, on: date) -> RegisterImport:
    """Check a workbook without writing any of it (核对名册). Raises Refused when the file as a whole cannot be read."""
    path = by.scope.path
    if path is None:
        raise Refused("import.scope", "名册由民政部门导入。")
    parsed, _, found = queries.read_workbook(data, path, on)
    row = RegisterImport(
        scope_path=path,
        authority_id=by.authority_id,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        workbook=data,
        rows=sum(len(rows) for rows in parsed.rows.values()),
        site_ids=[],
        uploaded_by=by.id,
        uploaded_at=at,
    )
    _note(row, parsed, found)
    db.session.add(row)
    db.session.flush()
    audit.record(events.RegisterChecked(subject=row.id, by=by.id, on=on, file_sha256=row.sha256, faults=row.fault_count))
    return row


def _note(row: RegisterImport, parsed: Parsed, found: Plan) -> None:
    """Keep what the check found, with every fault's place."""
    errors = sorted(
        parsed.errors, key=lambda e: ([s.name for s in SHEETS].index(e.sheet) if _ours(e.sheet) else 9, e.row, e.column)
    )
    row.state = ImportState.FAULTY if errors else ImportState.CHECKED
    row.counts, row.unknown, row.fault_count = found.counts, parsed.unknown[:100], len(errors)
    row.faults = [[e.sheet, e.row, e.column, e.title, e.sentence] for e in errors[:MOST_FAULTS_KEPT]]


def _ours(name: str) -> bool:
    return any(sheet.name == name for sheet in SHEETS)


def enter_register(register_import_id: UUID, *, by: Actor, at: datetime, on: date) -> RegisterImport:
    """Write a checked register (写入名册): a small one at once, a large one by a worker. All of it or nothing."""
    row = queries.register_import(register_import_id, seen_by=by, lock=True)
    if row.state is not ImportState.CHECKED:
        raise Refused("import.not_now", f"这次导入的状态是“{row.state.label}”，不能写入。")
    row.state, row.written_by = ImportState.WAITING, by.id
    db.session.flush()
    audit.record(events.RegisterEntered(subject=row.id, by=by.id, on=on))
    if row.rows <= SMALL:
        _write(row, by=by.id, at=at, on=on, reader=by)
    else:
        outbox.put("register.import", row.id)
    return row


def write_register(errand: Errand) -> None:
    """Write a register that was handed over (后台写入名册). Safe to repeat: a written one is left alone."""
    row = queries.register_import(errand.subject, seen_by=SYSTEM, lock=True)
    if row.state is ImportState.WAITING and row.written_by is not None:
        now = clock.now()
        _write(row, by=row.written_by, at=now, on=clock.legal_day(now), reader=SYSTEM)


def _write(row: RegisterImport, *, by: UUID, at: datetime, on: date, reader: Actor) -> None:
    assert row.workbook is not None
    parsed, known, found = queries.read_workbook(row.workbook, row.scope_path, on)
    _note(row, parsed, found)
    if row.state is ImportState.FAULTY:
        return
    bodies = _write_bodies(found, known, by=by, at=at)
    sites = _write_sites(found, known, bodies, at=at)
    _write_updates(found, known, by=by, on=on)
    _write_facts(found, sites, bodies, by=by, at=at)
    db.session.flush()
    _start_clocks([site_id for site_id, _ in sites.values()], reader=reader, on=on)
    written = sorted({str(site_id) for site_id, _ in sites.values()} | {str(k) for k in found.updates} | _touched(found))
    row.state, row.written_at, row.site_ids, row.workbook = ImportState.DONE, at, written, None
    db.session.flush()
    digest = hashlib.sha256("\n".join(written).encode()).hexdigest()
    audit.record(
        events.RegisterImported(
            subject=row.id, by=by, on=on, created=len(found.sites), changed=len(found.updates), sites_sha256=digest
        )
    )


def _touched(found: Plan) -> set[str]:
    return {str(found.known_sites[fact.site].id) for fact in found.facts if fact.site in found.known_sites}


def _write_bodies(found: Plan, known: Known, *, by: UUID, at: datetime) -> dict[str, UUID]:
    """Insert the new bodies; give the id of every body by its code."""
    ids = {uscc: body.id for uscc, body in known.bodies.items()} | {uscc: uuid4() for uscc in found.bodies}
    rows = [
        {**values, "id": ids[uscc], "uscc": uscc, "phone": _sealed(values["phone"]), "created_by": by, "created_at": at}
        for uscc, values in found.bodies.items()
    ]
    if rows:
        db.session.execute(insert(Organisation), rows)
    for body_id, phone in found.phones.items():
        db.session.execute(update(Organisation).where(Organisation.id == body_id).values(phone=_sealed(phone)))
    return ids


def _sealed(phone: str | None) -> Phone | None:
    return Phone(phone) if phone else None


def _write_sites(found: Plan, known: Known, bodies: Mapping[str, UUID], *, at: datetime) -> dict[SiteKey, tuple[UUID, str]]:
    """Insert the new sites, numbered on from the last of their body; give id and path of each."""
    last = {uscc: max((site.number for site in body.sites), default=0) for uscc, body in known.bodies.items()}
    rows, made = [], {}
    for (uscc, name), values in found.sites.items():
        last[uscc] = last.get(uscc, 0) + 1
        site_id, (pinyin, initials) = uuid4(), sounds(name)
        own = {key: value for key, value in values.items() if key != "row"}
        ids = {"id": site_id, "site_id": site_id, "provider_id": bodies[uscc], "number": last[uscc]}
        rows.append({**own, **ids, "pinyin": pinyin, "initials": initials, "created_at": at})
        made[uscc, name] = (site_id, values["scope_path"])
    if rows:
        db.session.execute(insert(Site), rows)
    return made


def _write_updates(found: Plan, known: Known, *, by: UUID, on: date) -> None:
    """Complete known sites; the old value of each is kept."""
    owners = {site.id: (body.id, site) for body in known.bodies.values() for site in body.sites}
    for site_id, changed in found.updates.items():
        body_id, site = owners[site_id]
        values = {key: after for key, (_, after) in changed.items()}
        db.session.execute(update(Site).where(Site.id == site_id).values(**values, version=Site.version + 1))
        scope = {"scope_path": site.path, "provider_id": body_id, "site_id": site_id}
        for key, (before, after) in changed.items():
            db.session.add(SiteChange(**scope, on=on, what=key, before=before, after=after, reason="名册导入", by=by))


def _write_facts(
    found: Plan, made: Mapping[SiteKey, tuple[UUID, str]], bodies: Mapping[str, UUID], *, by: UUID, at: datetime
) -> None:
    rows = []
    for fact in found.facts:
        known = found.known_sites.get(fact.site)
        site_id, path = (known.id, known.path) if known else made[fact.site]
        scope = {"scope_path": path, "provider_id": bodies[fact.site[0]], "site_id": site_id}
        what = {"key": fact.key, "value": fact.value, "as_of": fact.as_of, "source": fact.source}
        rows.append({"id": uuid4(), **scope, **what, "entered_by": by, "entered_at": at})
    if rows:
        db.session.execute(insert(SiteFact), rows)


def _start_clocks(site_ids: list[UUID], *, reader: Actor, on: date) -> None:
    """Unfiled homes that already have residents must file and be visited, imported or not."""
    operating = select(Site).where(Site.id.in_(site_ids), Site.state == SiteState.OPERATING)
    for site in db.session.scalars(operating):
        start_unfiled_clocks(site, on, by=reader)


def forget_workbooks(before: datetime, *, by: Actor, on: date) -> int:
    """Let go of workbooks that were never written (清理未写入的工作簿): they hold telephone numbers. Returns how many."""
    stale = select(RegisterImport).where(RegisterImport.workbook.is_not(None), RegisterImport.uploaded_at < before - KEPT_FOR)
    rows = db.session.scalars(stale.where(RegisterImport.state != ImportState.WAITING)).all()
    for row in rows:
        row.workbook = None
        audit.record(events.WorkbookForgotten(subject=row.id, by=by.id, on=on))
    db.session.flush()
    return len(rows)
