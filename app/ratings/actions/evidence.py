"""Verbs of the evidence vault (证据库办理): send a file in pieces, have it checked, keep versions, put them to items."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from app.archive import actions as archive
from app.archive.models import Blob
from app.archive.rules import BlobKind
from app.core import audit, clock, outbox, storage
from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.core.outbox import Errand
from app.core.refusal import Refused
from app.core.scope import find
from app.core.uploads import CleanUpload, clean_file
from app.providers.models import Site
from app.ratings.events import evidence as events
from app.ratings.models.evidence import Evidence, EvidenceLink, EvidenceUpload, EvidenceVersion, UploadPiece
from app.ratings.queries import evidence as queries
from app.ratings.rules.evidence import (
    MB,
    EvidenceState,
    UploadState,
    Wanted,
    check_format,
    check_piece,
    check_wanted,
    piece_at,
    table,
)

# --- sending ----------------------------------------------------------------------------------------------------------


def begin_upload(
    site_id: UUID, wanted: Wanted, *, evidence_id: UUID | None = None, by: Actor, at: datetime, on: date
) -> EvidenceUpload:
    """Announce a file (开始上传): room is set aside for it, and a number of days in which to send it."""
    site = find(Site, site_id, seen_by=by, lock=True)
    check_wanted(wanted, on)
    rules = table()
    if queries.open_uploads(site_id, seen_by=by) >= rules.open_uploads:
        raise Refused("upload.too_many", f"同时传送的文件最多 {rules.open_uploads} 个，请先传完或放弃一些")
    used, quota = queries.space(site_id, seen_by=by)
    if used + wanted.size > quota:
        raise Refused("upload.quota", f"材料库已用 {used // MB} MB，限额 {quota // MB} MB，放不下这个文件")
    if evidence_id is not None:
        _current(evidence_id, site_id, by)
    row = EvidenceUpload(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        evidence_id=evidence_id,
        kind=wanted.kind,
        title=wanted.title.strip(),
        file_name=wanted.file_name[:200] or "未命名",
        size=wanted.size,
        piece=rules.piece_mb * MB,
        valid_until=wanted.valid_until,
        items=list(wanted.items),
        began_by=by.id,
        began_at=at,
        expires_at=at + timedelta(days=rules.keep_days),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.UploadBegun(subject=row.id, by=by.id, on=on, site_id=site.id, kind=wanted.kind, size=wanted.size))
    return row


def _current(evidence_id: UUID, site_id: UUID, by: Actor) -> Evidence:
    row = queries.evidence(evidence_id, seen_by=by, lock=True)
    if row.site_id != site_id:
        raise Refused("evidence.other_site", "这份材料属于另一个网点，请在那个网点更新")
    if row.state is not EvidenceState.CURRENT:
        raise Refused("evidence.withdrawn", "这份材料已撤下，不能再上传新版本，请新建一份材料")
    return row


def keep_piece(upload_id: UUID, offset: int, data: bytes, checksum: str, *, by: Actor, at: datetime) -> EvidenceUpload:
    """Take one piece of a file in (接收分块). The same piece again changes nothing; pieces may come side by side.

    A store that is away raises `Unavailable`: the piece is not there, and is sent again later.
    """
    row = queries.upload(upload_id, seen_by=by)
    if row.state is not UploadState.OPEN or row.expires_at < at:
        raise Refused("upload.ended", f"这次上传“{row.state.label}”，不再接收内容，请重新上传")
    number = piece_at(offset, len(data), size=row.size, piece=row.piece)
    sha256 = check_piece(data, checksum)
    known = queries.piece(row.id, number)
    if known is None:
        stored = archive.store().put_once(
            storage.piece_key(str(row.id), number), data, retain_until=None, content_type="application/octet-stream"
        )
        statement = insert(UploadPiece).values(
            scope_path=row.scope_path,
            provider_id=row.provider_id,
            site_id=row.site_id,
            upload_id=row.id,
            number=number,
            size=len(data),
            sha256=sha256,
            key=stored.key,
            version_id=stored.version_id,
            received_at=at,
        )
        db.session.execute(statement.on_conflict_do_nothing(index_elements=["upload_id", "number"]))
        known = queries.piece(row.id, number)
    if known is None or known.sha256 != sha256:
        raise Refused("upload.differs", "这一块已收到过，内容与这次不同。文件可能改动过，请放弃这次上传后重新开始")
    return row


def finish_upload(upload_id: UUID, *, by: Actor, at: datetime, on: date) -> EvidenceUpload:
    """Everything is sent (传完): the file waits for its check, which a worker does. Safe to repeat."""
    row = queries.upload(upload_id, seen_by=by, lock=True)
    if row.state is UploadState.WAITING or row.state is UploadState.KEPT:
        return row
    if row.state is not UploadState.OPEN:
        raise Refused("upload.ended", f"这次上传“{row.state.label}”，请重新上传")
    left = queries.progress(row).missing
    if left:
        raise Refused("upload.incomplete", f"还有 {len(left)} 块没有收到，请接着传完")
    row.state, row.ended_at = UploadState.WAITING, at
    db.session.flush()
    outbox.put("evidence.check", row.id)
    audit.record(events.UploadCompleted(subject=row.id, by=by.id, on=on, site_id=_site(row)))
    return row


def abandon_upload(upload_id: UUID, *, by: Actor, at: datetime, on: date) -> EvidenceUpload:
    """Give an upload up (放弃上传); what was sent is taken away."""
    row = queries.upload(upload_id, seen_by=by, lock=True)
    if row.state is not UploadState.OPEN:
        raise Refused("upload.ended", f"这次上传“{row.state.label}”，不用放弃")
    _end(row, UploadState.ABANDONED, by=by, at=at, on=on)
    return row


def _end(row: EvidenceUpload, state: UploadState, *, by: Actor, at: datetime, on: date) -> None:
    row.state, row.ended_at = state, at
    db.session.flush()
    outbox.put("evidence.clear", row.id)
    audit.record(events.UploadEnded(subject=row.id, by=by.id, on=on, site_id=_site(row), state=state.value))


def expire_upload(upload_id: UUID, *, at: datetime, on: date) -> None:
    """End an upload whose time is over (清理逾期上传), for the timetable."""
    row = queries.upload(upload_id, seen_by=SYSTEM, lock=True)
    if row.state is UploadState.OPEN and row.expires_at < at:
        _end(row, UploadState.EXPIRED, by=SYSTEM, at=at, on=on)


def _site(row: EvidenceUpload | Evidence) -> UUID:
    assert row.site_id is not None
    return row.site_id


# --- checking ---------------------------------------------------------------------------------------------------------


def check_upload(errand: Errand) -> None:
    """Put a file together on the disk, check it, keep it or refuse it (查验上传文件). Memory stays bounded.

    What is refused is never served and never stored under its own name: its pieces are taken away, the reason stays.
    """
    row = queries.upload(errand.subject, seen_by=SYSTEM, lock=True)
    if row.state is not UploadState.WAITING:
        return
    at = clock.now()
    on = clock.legal_day(at)
    with tempfile.TemporaryFile() as file:
        for each in row.pieces:
            archive.store().copy(each.key, each.version_id, each.sha256, file)
        try:
            _keep(row, file, at, on)
        except Refused as refusal:
            row.state, row.refused_code, row.refused_why, row.ended_at = (
                UploadState.REFUSED,
                refusal.code,
                refusal.sentence,
                at,
            )
            audit.record(events.UploadRefused(subject=row.id, by=row.began_by, on=on, site_id=_site(row), code=refusal.code))
    outbox.put("evidence.clear", row.id)


def _keep(row: EvidenceUpload, file: object, at: datetime, on: date) -> None:
    kind = table().one(row.kind)
    clamd = current_app.extensions["settings"].clamd_address or None
    found = clean_file(file, row.file_name, most_bytes=kind.most_mb * MB, clamd=clamd)  # type: ignore[arg-type]
    check_format(kind, is_photo=found.kind.is_photo)
    who = Actor(row.began_by, frozenset())
    with db.session.begin_nested():
        if isinstance(found, CleanUpload):
            blob = archive.keep_blob(found, of=row, kind=BlobKind.EVIDENCE, by=who, at=row.began_at, on=on)
        else:
            blob = archive.keep_file(
                file,  # type: ignore[arg-type]
                found,
                of=row,
                kind=BlobKind.EVIDENCE,
                uploaded_by=row.began_by,
                uploaded_at=row.began_at,
                at=at,
                on=on,
            )
        _versioned(
            row,
            blob,
            evidence_id=row.evidence_id,
            kind=row.kind,
            title=row.title,
            valid_until=row.valid_until,
            items=row.items,
            by=row.began_by,
            at=at,
            on=on,
            upload_id=row.id,
            pages=found.pages,
            file_name=found.original_name_shown,
        )
    row.state = UploadState.KEPT


def clear_pieces(errand: Errand) -> None:
    """Take the pieces of an ended upload out of the store (清理分块). Safe to repeat."""
    row = queries.upload(errand.subject, seen_by=SYSTEM)
    if row.state in queries.UNFINISHED:
        return
    for each in row.pieces:
        archive.store().drop_piece(each.key, each.version_id)


# --- keeping ----------------------------------------------------------------------------------------------------------


def add_evidence(
    site_id: UUID,
    wanted: Wanted,
    upload: CleanUpload,
    *,
    evidence_id: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Evidence:
    """Put a small cleaned file into the vault at once (直接上传材料), the way without JavaScript."""
    site = find(Site, site_id, seen_by=by, lock=True)
    kind = check_wanted(wanted, on)
    check_format(kind, is_photo=upload.kind.is_photo)
    used, quota = queries.space(site_id, seen_by=by)
    if used + wanted.size > quota:
        raise Refused("upload.quota", f"材料库已用 {used // MB} MB，限额 {quota // MB} MB，放不下这个文件")
    if evidence_id is not None:
        _current(evidence_id, site_id, by)
    blob = archive.keep_blob(upload, of=site, kind=BlobKind.EVIDENCE, by=by, at=at, on=on)
    return _versioned(
        site,
        blob,
        evidence_id=evidence_id,
        kind=wanted.kind,
        title=wanted.title.strip(),
        valid_until=wanted.valid_until,
        items=wanted.items,
        by=by.id,
        at=at,
        on=on,
        upload_id=None,
        pages=upload.pages,
        file_name=upload.original_name_shown,
    )


def _versioned(
    of: Site | EvidenceUpload,
    blob: Blob,
    *,
    evidence_id: UUID | None,
    kind: str,
    title: str,
    valid_until: date | None,
    items: Iterable[str],
    by: UUID,
    at: datetime,
    on: date,
    upload_id: UUID | None,
    pages: int,
    file_name: str,
) -> Evidence:
    where = {"scope_path": of.scope_path, "provider_id": of.provider_id, "site_id": of.site_id}
    if evidence_id is None:
        row = Evidence(**where, kind=kind, title=title, versions=0, made_by=by, made_at=at, changed_at=at)
        db.session.add(row)
        db.session.flush()
    else:
        row = queries.evidence(evidence_id, seen_by=SYSTEM, lock=True)
        if any(each.sha256 == blob.sha256 for each in row.kept):
            raise Refused("evidence.same", "这个文件与材料已有的一版完全相同，不用再传")
    row.versions += 1
    row.size, row.valid_until, row.changed_at = blob.size, valid_until, at
    if title:
        row.title = title
    db.session.add(
        EvidenceVersion(
            **where,
            evidence_id=row.id,
            number=row.versions,
            blob_id=blob.id,
            sha256=blob.sha256,
            size=blob.size,
            file_name=file_name,
            content_type=blob.content_type,
            pages=pages,
            valid_until=valid_until,
            upload_id=upload_id,
            uploaded_by=by,
            uploaded_at=at,
        )
    )
    db.session.flush()
    for link in items:
        scheme, _, item = link.partition("/")
        _put_to(row, scheme, item, by=by, at=at, on=on)
    audit.record(events.EvidenceKept(subject=row.id, by=by, on=on, site_id=_site(row), version=row.versions, sha256=blob.sha256))
    db.session.expire(row, ["kept", "links"])
    return row


def _put_to(row: Evidence, scheme: str, item: str, *, by: UUID, at: datetime, on: date) -> bool:
    if any((link.scheme, link.item) == (scheme, item) and link.removed_at is None for link in row.links):
        return False
    db.session.add(
        EvidenceLink(
            scope_path=row.scope_path,
            provider_id=row.provider_id,
            site_id=row.site_id,
            evidence_id=row.id,
            scheme=scheme,
            item=item,
            linked_by=by,
            linked_at=at,
        )
    )
    db.session.flush()
    audit.record(events.EvidenceLinked(subject=row.id, by=by, on=on, site_id=_site(row), scheme=scheme, item=item, linked=True))
    return True


def link_evidence(evidence_id: UUID, scheme: str, item: str, *, by: Actor, at: datetime, on: date) -> Evidence:
    """Let a piece of evidence stand for an item (材料对应评分项). Twice changes nothing."""
    row = queries.evidence(evidence_id, seen_by=by, lock=True)
    if row.state is not EvidenceState.CURRENT:
        raise Refused("evidence.withdrawn", "这份材料已撤下，不能再对应评分项")
    known = queries.sheet(_site(row), scheme, on, seen_by=by)
    if known.one(item) is None:
        raise Refused("evidence.item", "没有这个评分项，请从页面上选择")
    _put_to(row, scheme, item, by=by.id, at=at, on=on)
    db.session.expire(row, ["links"])
    return row


def unlink_evidence(evidence_id: UUID, scheme: str, item: str, *, by: Actor, at: datetime, on: date) -> Evidence:
    """Take a piece of evidence from an item (取消对应); the link stays on the record."""
    row = queries.evidence(evidence_id, seen_by=by, lock=True)
    link = next((x for x in row.links if (x.scheme, x.item) == (scheme, item) and x.removed_at is None), None)
    if link is None:
        raise Refused("evidence.not_linked", "这份材料没有对应这个评分项，请刷新页面")
    link.removed_at = at
    db.session.flush()
    audit.record(
        events.EvidenceLinked(subject=row.id, by=by.id, on=on, site_id=_site(row), scheme=scheme, item=item, linked=False)
    )
    return row


def withdraw_evidence(evidence_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> Evidence:
    """Use a piece of evidence no longer (撤下材料). Its versions stay: an application that rests on them still shows them."""
    row = queries.evidence(evidence_id, seen_by=by, lock=True)
    if row.state is not EvidenceState.CURRENT:
        raise Refused("evidence.withdrawn", "这份材料已经撤下")
    if not reason.strip():
        raise Refused("evidence.reason", "请写明撤下的原因")
    row.state, row.withdrawn_reason, row.changed_at = EvidenceState.WITHDRAWN, reason.strip()[:200], at
    db.session.flush()
    audit.record(events.EvidenceWithdrawn(subject=row.id, by=by.id, on=on, site_id=_site(row)))
    return row
