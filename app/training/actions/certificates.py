"""Verbs on certificates (证书办理): enter, renew, take back, verify, find false, announce."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from app.archive import actions as archive
from app.archive.rules import BlobKind
from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.identifiers import IdentityNumber
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.training import events
from app.training.models import Certificate, CertificateAlert, CertificateCheck, Employment
from app.training.queries import certificates as queries
from app.training.queries import people
from app.training.rules import CertificateState, Finding
from app.training.rules.certificates import (
    EXPIRED_STEP,
    CheckWay,
    Entered,
    alert_step,
    check_entry,
    doubts,
    kinds_on,
    runs_out,
    tidy_number,
)

OPEN_STATES: Final = (CertificateState.CURRENT,)


def enter_certificate(
    employment_id: UUID,
    kind_code: str,
    *,
    level: str | None = None,
    number: str = "",
    issuer: str | None = None,
    issued_on: date | None = None,
    valid_to: date | None = None,
    review_due: date | None = None,
    upload: CleanUpload | None = None,
    replaces: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Certificate:
    """Enter a certificate of somebody in post, new or in place of an older one (登记证书、换新). An odd number is kept with its doubts."""
    employment = people.employment(employment_id, seen_by=by)
    if employment.ended_on is not None:
        raise Refused("employment.ended", "这个人已经离岗，由现在的用人单位登记证书。")
    table = kinds_on(on)
    kind = table.named(kind_code)
    entry = Entered(
        kind, tidy_number(number), level or None, issued_on, valid_to, review_due, employment.person.identity.reveal()
    )
    check_entry(table, entry, on=on)
    old = _take_place(replaces, employment, kind_code, by) if replaces else None
    mark = queries.number_mark(kind_code, entry.number) if entry.number else None
    if mark is not None and queries.same_current(employment.person_id, kind_code, mark) is not None:
        raise Refused("certificate.known", "这份证书已经登记过；换发了新的，请在原来那份上点“换新”。")
    row = Certificate(
        id=uuid4(),
        scope_path=employment.scope_path,
        provider_id=employment.provider_id,
        site_id=employment.site_id,
        person_id=employment.person_id,
        kind=kind_code,
        level=entry.level,
        number=IdentityNumber(entry.number) if entry.number else None,
        number_mark=mark,
        issuer=(issuer or "").strip() or None,
        issued_on=issued_on,
        valid_to=valid_to,
        review_due=review_due,
        runs_out_on=runs_out(valid_to, review_due),
        state=CertificateState.CURRENT,
        finding=Finding.UNVERIFIED,
        doubts=[doubt.value for doubt in doubts(entry)],
        replaces_id=old.id if old else None,
        blob_id=_keep(upload, employment, kind.label, by=by, at=at, on=on),
        entered_by=by.id,
        entered_at=at,
    )
    db.session.add(row)
    db.session.flush()
    about = {"subject": row.id, "by": by.id, "on": on, "site_id": employment.site_id, "person_id": row.person_id}
    audit.record(events.CertificateEntered(**about, kind=kind_code, doubts=tuple(row.doubts)))  # type: ignore[arg-type]
    if old is not None:
        audit.record(events.CertificateRenewed(**about, kind=kind_code, replaces=old.id))  # type: ignore[arg-type]
    return row


def _take_place(replaces: UUID, employment: Employment, kind_code: str, by: Actor) -> Certificate:
    """The certificate that a new one replaces, marked so."""
    old = queries.certificate(replaces, seen_by=by, lock=True)
    if old.person_id != employment.person_id or old.kind != kind_code or old.state not in OPEN_STATES:
        raise Refused("certificate.replaced", "要换新的证书已经换过，或不是这个人的同种证书，请刷新页面。")
    old.state = CertificateState.REPLACED
    db.session.flush()
    return old


def _keep(upload: CleanUpload | None, of: Employment, label: str, *, by: Actor, at: datetime, on: date) -> UUID | None:
    """Keep the scan. Its name is ours: people name photos after identity numbers."""
    if upload is None:
        return None
    named = replace(upload, original_name_shown=f"{label}.{'jpg' if upload.kind.is_photo else 'pdf'}")
    return archive.keep_blob(named, of=of, kind=BlobKind.PAPER, by=by, at=at, on=on).id


def withdraw_certificate(certificate_id: UUID, *, by: Actor, on: date) -> Certificate:
    """Take back an entry made by mistake (撤下证书). One found false stays; the entry stays on record."""
    row = queries.certificate(certificate_id, seen_by=by, lock=True)
    if row.state is not CertificateState.CURRENT:
        raise Refused("certificate.not_now", f"这份证书的登记状态是“{row.state.label}”，不能撤下。")
    if row.finding is not Finding.UNVERIFIED:
        raise Refused("certificate.checked", "这份证书已由民政部门核验过，不能撤下；有误的请联系民政部门。")
    row.state = CertificateState.WITHDRAWN
    db.session.flush()
    audit.record(events.CertificateWithdrawn(subject=row.id, by=by.id, on=on, site_id=_site_of(row)))
    return row


def _site_of(row: Certificate) -> UUID:
    assert row.site_id is not None  # written from an employment, which has one
    return row.site_id


def verify_certificate(
    certificate_id: UUID, finding: Finding, *, way: CheckWay, note: str = "", by: Actor, at: datetime, on: date
) -> Certificate:
    """Note what verification came to (核验证书): verified, or in doubt. Who entered a certificate does not verify it."""
    if finding not in (Finding.VERIFIED, Finding.DOUBTFUL):
        raise Refused("check.finding", "核验结论请选“已核验”或“存疑待查”；认定虚假由另一人办理。")
    row = _to_check(certificate_id, by)
    if finding is Finding.DOUBTFUL and len(note.strip()) < 4:
        raise Refused("check.note", "存疑的请写明疑点和查询经过。")
    _note_check(row, finding, way, note, by=by, at=at, on=on)
    done = events.CertificateVerified(
        subject=row.id, by=by.id, on=on, site_id=_site_of(row), person_id=row.person_id, kind=row.kind, finding=finding
    )
    audit.record(done)
    return row


def refute_certificate(certificate_id: UUID, *, way: CheckWay, note: str, by: Actor, at: datetime, on: date) -> Certificate:
    """Find a certificate false (认定虚假). It must stand in doubt already, by somebody else: one person alone cannot."""
    row = _to_check(certificate_id, by)
    if row.finding is not Finding.DOUBTFUL:
        raise Refused("check.doubt_first", "认定虚假以前，先由经办标为“存疑待查”并写明疑点。")
    if row.checked_by == by.id:
        raise Refused("check.same_person", "标为存疑的人不能自己认定虚假，请由另一人认定。")
    if len(note.strip()) < 10:
        raise Refused("check.note", "请写明认定虚假的依据，例如发证机构的书面答复和日期。")
    _note_check(row, Finding.FALSE, way, note, by=by, at=at, on=on)
    done = events.CertificateFoundFalse(
        subject=row.id, by=by.id, on=on, site_id=_site_of(row), person_id=row.person_id, kind=row.kind
    )
    audit.record(done)
    return row


def _to_check(certificate_id: UUID, by: Actor) -> Certificate:
    row = queries.certificate(certificate_id, seen_by=by, lock=True)
    if row.state is CertificateState.WITHDRAWN:
        raise Refused("certificate.not_now", "这份登记已经撤下，不用核验。")
    if row.finding is Finding.FALSE:
        raise Refused("check.false", "这份证书已经认定为虚假，不能再改结论。")
    if row.entered_by == by.id:
        raise Refused("check.own_entry", "录入的人不能核验自己录入的证书，请由另一人核验。")
    return row


def _note_check(row: Certificate, finding: Finding, way: CheckWay, note: str, *, by: Actor, at: datetime, on: date) -> None:
    row.finding, row.checked_by, row.checked_on = finding, by.id, on
    kept = CertificateCheck(
        id=uuid4(),
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        certificate_id=row.id,
        finding=finding,
        way=way,
        note=note.strip(),
        by=by.id,
        by_name=by.name,
        on=on,
        at=at,
    )
    db.session.add(kept)
    db.session.flush()


# --- alerts -----------------------------------------------------------------------------------------------------------


def announce_certificate(certificate_id: UUID, *, by: Actor, on: date) -> int:
    """Tell each employer of a certificate that runs out (证书到期提醒), once a step. How many were told now.

    Safe to run twice, late, or beside another timetable: the row of the alert is unique, and only who wrote it tells.
    """
    row = queries.certificate(certificate_id, seen_by=by)
    until = row.runs_out_on
    if until is None or row.state is not CertificateState.CURRENT or row.finding is Finding.FALSE:
        return 0
    return sum(_tell(row, job, until, by=by, on=on) for job in people.open_posts([row.person_id], seen_by=by))


def _tell(row: Certificate, job: Employment, until: date, *, by: Actor, on: date) -> bool:
    step = alert_step(until, on, queries.steps_at(job.scope_path, on))
    told = queries.least_step_told(row.id, job.id, until)
    if step is None or (told is not None and told <= step):
        return False
    values = {"employment_id": job.id, "certificate_id": row.id, "runs_out_on": until, "step": step, "told_on": on}
    scope = {"id": uuid4(), "scope_path": job.scope_path, "provider_id": job.provider_id, "site_id": job.site_id}
    statement = insert(CertificateAlert).values(**scope, **values).on_conflict_do_nothing().returning(CertificateAlert.id)
    if db.session.execute(statement).scalar_one_or_none() is None:
        return False  # the other timetable was quicker
    about = {"subject": row.id, "by": by.id, "on": on, "site_id": job.site_id, "employment_id": job.id, "kind": row.kind}
    if step == EXPIRED_STEP:
        audit.record(events.CertificateExpired(**about, ran_out_on=until))  # type: ignore[arg-type]
    else:
        audit.record(events.CertificateExpiring(**about, days=step))  # type: ignore[arg-type]
    return True
