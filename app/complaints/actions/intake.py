"""Intake (登记): the public form, a call or letter taken down by an officer, a transfer from elsewhere; more material later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update

from app.archive import actions as archive
from app.archive.rules import BlobKind
from app.complaints import events, queries
from app.complaints.actions import moving
from app.complaints.models import Complaint, ComplaintFile
from app.complaints.rules import gate, machine
from app.complaints.rules.kinds import Channel, Duty, Matter, Relation, Satisfaction, Verb
from app.core import audit, crypto, numbers
from app.core.actor import Actor
from app.core.db import acting, db
from app.core.identifiers import PersonName, Phone
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.providers import queries as providers
from app.regions import queries as regions
from app.regions.models import Authority
from app.regions.rules import Level

ORIGIN_KEPT: Final = timedelta(days=2)
FILES_MOST: Final = 9
RATINGS: Final = (Satisfaction.SATISFIED, Satisfaction.FAIR, Satisfaction.UNSATISFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody complains of (投诉内容), as typed and checked for shape."""

    about_words: str
    statement: str
    matter: Matter
    channel: Channel = Channel.WEB
    about_site_id: UUID | None = None
    happened_words: str = ""
    anonymous: bool = False
    relation: Relation | None = None
    name: str = ""
    phone: str = ""
    urgent: bool = False
    urgent_words: str = ""
    source_words: str = ""


def register_from_public(
    draft: Draft, authority_id: UUID, *, code: str, nonce: str, address: str, at: datetime, on: date
) -> Complaint:
    """Take a complaint from the public form (网上登记). The same form sent twice is one complaint.

    Refused when the connection has sent too many within the hour. The home decides the authority where it is known.
    """
    mark = crypto.cipher().fingerprint(nonce, "complaint.form")
    if (known := queries.by_form(mark)) is not None:
        return known
    origin = crypto.cipher().fingerprint(f"{on}|{address}", "complaint.origin")
    gate.check_rate(queries.lately(origin, since=at - timedelta(hours=1)))
    office = regions.authority(_competent(draft, authority_id))
    counter = queries.desk(office)
    with acting(counter):
        row = _register(draft, office, code, by=counter, at=at, on=on)
        row.form_mark, row.origin_mark = mark, origin
        db.session.flush()
    return row


def _competent(draft: Draft, authority_id: UUID) -> UUID:
    found = queries.named_home(draft.about_site_id) if draft.about_site_id else None
    return found[2] if found else authority_id


def register_complaint(draft: Draft, *, code: str, by: Actor, at: datetime, on: date) -> Complaint:
    """Take down a call, a visit, a letter or a transfer (登记来电来访、转来件)."""
    machine.check_post(Verb.REGISTER, by.posts)
    if by.authority_id is None:
        raise Refused("complaint.no_authority", "您不在任何机关任职，不能登记投诉。")
    if draft.channel is Channel.TRANSFER and not draft.source_words.strip():
        raise Refused("complaint.source", "请写明是哪个部门转来的，以及来件编号。")
    if draft.about_site_id is not None:
        providers.site(draft.about_site_id, seen_by=by)
    own = regions.authority(by.authority_id)
    office = regions.competent_authority(own.path, Level.COUNTY)
    with acting(by if office.id == own.id else queries.desk(office)):  # a street's officer writes at the county's counter
        return _register(draft, office, code, by=by, at=at, on=on)


def _register(draft: Draft, office: Authority, code: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    number = numbers.take(office.id, "complaint", on.year)
    phone = None if draft.anonymous or not draft.phone.strip() else Phone.parse(draft.phone)
    row = Complaint(
        scope_path=office.path,
        authority_id=office.id,
        number=f"{office.number_word}诉〔{on.year}〕{number}号",
        channel=draft.channel,
        matter=draft.matter,
        source_words=draft.source_words.strip(),
        about_site_id=draft.about_site_id,
        about_words=draft.about_words.strip(),
        statement=draft.statement.strip(),
        happened_words=draft.happened_words.strip(),
        anonymous=draft.anonymous,
        relation=draft.relation,
        name=None if draft.anonymous or not draft.name.strip() else PersonName.parse(draft.name),
        phone=phone,
        phone_mark=crypto.cipher().fingerprint(phone.reveal(), "complaint.phone") if phone else None,
        code_mark=crypto.cipher().fingerprint(code, "complaint.code"),
        received_at=at,
        received_on=on,
        registered_by=by.id,
    )
    db.session.add(row)
    db.session.flush()
    moving.tell(row, Verb.REGISTER, draft.channel.label, by=by, at=at, on=on)
    moving.begin(row, Duty.CLASSIFY, queries.terms(row.scope_path, on).terms["classify"], on)
    audit.record(
        events.ComplaintRegistered(subject=row.id, by=by.id, on=on, channel=row.channel, matter=row.matter, urgent=draft.urgent)
    )
    if draft.urgent:
        raise_alarm(row, draft.urgent_words or "投诉人标为紧急", by=by, at=at, on=on)
    return row


def raise_alarm(row: Complaint, words: str, *, by: Actor, at: datetime, on: date) -> None:
    """Mark a complaint as urgent and tell at once (紧急): a clock of the same day, and the news for whoever must act."""
    row.urgent, row.urgent_words = True, words.strip()
    clock = moving.begin(row, Duty.URGENT, queries.terms(row.scope_path, on).terms["urgent"], on)
    moving.tell(row, Verb.MARK_URGENT, words, by=by, at=at, on=on)
    audit.record(
        events.ComplaintUrgent(
            subject=row.id, by=by.id, on=on, authority_id=row.authority_id, about_site_id=row.about_site_id, due_on=clock.due_on
        )
    )


def add_material(row: Complaint, upload: CleanUpload, *, by: Actor, at: datetime, on: date) -> ComplaintFile:
    """Keep a file with a complaint (收下投诉材料). It belongs to the office alone."""
    kept = queries.files(row.id, seen_by=by)
    if len(kept) >= FILES_MOST:
        raise Refused("material.many", f"最多传 {FILES_MOST} 个文件，已经满了。其余的请在回访时交给工作人员。")
    blob = archive.keep_blob(upload, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on)
    known = next((file for file in kept if file.blob_id == blob.id), None)
    if known is not None:
        return known
    file = ComplaintFile(
        scope_path=row.scope_path,
        complaint_id=row.id,
        blob_id=blob.id,
        from_complainant=by.authority_id is None or not by.posts,
        at=at,
    )
    db.session.add(file)
    db.session.flush()
    audit.record(events.MaterialAdded(subject=row.id, by=by.id, on=on, blob_id=blob.id))
    return file


def keep_evidence(complaint_id: UUID, uploads: list[CleanUpload], *, by: Actor, at: datetime, on: date) -> Complaint:
    """What the office itself found or was handed (收存证据): a letter, photos, a recording's transcript."""
    row = moving.taken(complaint_id, Verb.KEEP, by=by)
    if not uploads:
        raise Refused("material.none", "请选择要存的照片或文件。")
    for upload in uploads:
        add_material(row, upload, by=by, at=at, on=on)
    moving.step(row, Verb.KEEP, f"{len(uploads)} 个", by=by, at=at, on=on)
    return row


def supplement(code: str, words: str, uploads: list[CleanUpload], *, at: datetime, on: date) -> Complaint:
    """What the complainant adds later, by the code (补充说明和材料)."""
    row = queries.by_code(code)
    words = words.strip()
    if not words and not uploads:
        raise Refused("supplement.empty", "请写补充的话，或选择要传的照片、文件。")
    with acting(counter := _counter(row)):
        row = queries.complaint(row.id, seen_by=counter, lock=True)
        moving.step(row, Verb.SUPPLEMENT, words or f"材料 {len(uploads)} 个", by=counter, at=at, on=on, public=True)
        for upload in uploads:
            add_material(row, upload, by=counter, at=at, on=on)
        audit.record(events.ComplaintMoved(subject=row.id, by=counter.id, on=on, state=row.state))
        db.session.flush()
    return row


def rate(code: str, satisfaction: Satisfaction, *, at: datetime, on: date) -> Complaint:
    """What the complainant says of the handling on the status page (网上评价), once."""
    row = queries.by_code(code)
    if satisfaction not in RATINGS:
        raise Refused("rate.choice", "请在满意、基本满意、不满意中选一项。")
    with acting(counter := _counter(row)):
        row = queries.complaint(row.id, seen_by=counter, lock=True)
        if row.own_satisfaction is not None:
            raise Refused("rate.once", "您已经评价过了，谢谢。")
        moving.step(row, Verb.RATE, satisfaction.label, by=counter, at=at, on=on, public=True)
        row.own_satisfaction = satisfaction
        db.session.flush()
        audit.record(
            events.ComplainantCalled(subject=row.id, by=counter.id, on=on, satisfaction=satisfaction, by_complainant=True)
        )
    return row


def _counter(row: Complaint) -> Actor:
    return queries.desk(regions.authority(row.authority_id))


def forget_origins(before: datetime, *, by: Actor, on: date) -> int:
    """Forget from which connection complaints came (清除来源指纹) once they are older than two days. Returns how many."""
    done = db.session.execute(
        update(Complaint)
        .where(Complaint.origin_mark.is_not(None), Complaint.received_at < before - ORIGIN_KEPT)
        .values(origin_mark=None)
    )
    count = int(done.rowcount)  # type: ignore[attr-defined]  # a CursorResult for an update
    if count:
        audit.record(events.OriginsForgotten(subject=by.id, by=by.id, on=on, count=count))
    return count
