"""Verbs of the archive (档案办理): take a file in, issue a document, render and sign it once, archive it write-once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app.archive import events, queries
from app.archive.models import Blob, Document
from app.archive.rules import BlobKind, DocumentKind, DocumentState, Retention, lock_until
from app.core import audit, clock, outbox, storage
from app.core.actor import SYSTEM, Actor
from app.core.db import Scoped, db
from app.core.outbox import Errand
from app.core.pdf.issue import compose, finish
from app.core.pdf.record import Printable
from app.core.pdf.sign import DemoAuthority, Signer
from app.core.storage import Storage
from app.core.uploads import CleanFile, CleanUpload

PDF = "application/pdf"


def store() -> Storage:
    """The object store of this instance (对象存储)."""
    return storage.from_settings(current_app.extensions["settings"])


@lru_cache(maxsize=2)
def _signer(folder: Path) -> Signer:
    return DemoAuthority.create(folder, now=clock.now()).signer()


def _locked_until(retention: Retention, closed_on: date, now: datetime) -> datetime:
    """The day by law; demo and tests lock for days from now, for a lock that has already ended is refused by the store."""
    days = current_app.extensions["settings"].archive_lock_days
    if days is not None:
        return now + timedelta(days=days)
    return datetime.combine(lock_until(retention, closed_on), time(), tzinfo=clock.BEIJING)


def keep_blob(upload: CleanUpload, *, of: Scoped, kind: BlobKind, by: Actor, at: datetime, on: date) -> Blob:
    """Take a cleaned file in (收下文件). The same content at the same site is kept once."""
    same = select(Blob).where(Blob.site_id == of.site_id, Blob.sha256 == upload.sha256)
    if of.site_id is None:  # a file of an authority alone: only its own, never one of another authority below
        same = same.where(Blob.scope_path == of.scope_path)
    known = db.session.scalars(same.limit(1)).one_or_none()
    if known is not None:
        return known
    row = Blob(
        scope_path=of.scope_path,
        provider_id=of.provider_id,
        site_id=of.site_id,
        kind=kind,
        sha256=upload.sha256,
        size=len(upload.data),
        content_type=upload.media_type,
        file_name=upload.original_name_shown,
        thumbnail=upload.thumbnail,
        staged=upload.data,
        uploaded_by=by.id,
        uploaded_at=at,
        evidence={
            "original_sha256": upload.original_sha256,
            "taken_at": upload.taken_at.isoformat() if upload.taken_at else None,
            "gps": list(upload.gps) if upload.gps else None,
            "width": upload.width,
            "height": upload.height,
            "pages": upload.pages,
        },
    )
    db.session.add(row)
    db.session.flush()
    outbox.put("blob.store", row.id)
    audit.record(events.BlobKept(subject=row.id, by=by.id, on=on, kind=kind, sha256=row.sha256))
    return row


def keep_file(
    file: BinaryIO,
    found: CleanFile,
    *,
    of: Scoped,
    kind: BlobKind,
    uploaded_by: UUID,
    uploaded_at: datetime,
    at: datetime,
    on: date,
) -> Blob:
    """Take a large cleaned file in (收下大文件), straight into the store; for workers. Safe to repeat: the key is the content."""
    known = db.session.scalars(select(Blob).where(Blob.site_id == of.site_id, Blob.sha256 == found.sha256)).one_or_none()
    if known is not None:
        return known
    until = _locked_until(Retention.TEN, clock.legal_day(uploaded_at), uploaded_at)
    kept = store().put_once(storage.blob_key(found.sha256), file, retain_until=until, content_type=found.media_type)
    row = Blob(
        scope_path=of.scope_path,
        provider_id=of.provider_id,
        site_id=of.site_id,
        kind=kind,
        sha256=found.sha256,
        size=found.size,
        content_type=found.media_type,
        file_name=found.original_name_shown,
        key=kept.key,
        version_id=kept.version_id,
        retain_until=kept.retain_until,
        stored_at=at,
        uploaded_by=uploaded_by,
        uploaded_at=uploaded_at,
        evidence={"original_sha256": found.sha256, "taken_at": None, "gps": None, "width": 0, "height": 0, "pages": found.pages},
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.BlobKept(subject=row.id, by=uploaded_by, on=on, kind=kind, sha256=row.sha256))
    return row


def store_blob(errand: Errand) -> None:
    """Bring a file to the store and let the staged copy go (文件入库). Safe to repeat: the key is the content's hash."""
    row = queries.blob(errand.subject, seen_by=SYSTEM, lock=True)
    if row.version_id is not None or row.staged is None:
        return
    until = _locked_until(Retention.TEN, clock.legal_day(row.uploaded_at), clock.now())
    kept = store().put_once(storage.blob_key(row.sha256), row.staged, retain_until=until, content_type=row.content_type)
    row.key, row.version_id, row.retain_until = kept.key, kept.version_id, kept.retain_until
    row.stored_at, row.staged = clock.now(), None


def issue(
    facts: Printable,
    *,
    kind: DocumentKind,
    of: Scoped,
    authority_id: UUID,
    about: UUID,
    images: Mapping[str, UUID] | None = None,
    retention: Retention = Retention.TEN,
    public: bool = False,
    by: Actor,
    at: datetime,
    on: date,
) -> Document:
    """Issue a document (出具文书): its facts are frozen now, it is rendered, signed and archived by the workers.

    A character that the font cannot draw is refused here, with its name, not later (`document.missing_glyph`).
    `images` names the files of the archive that the template shows.
    """
    page, attached = compose(facts, created=at)
    row = Document(
        scope_path=of.scope_path,
        provider_id=of.provider_id,
        site_id=of.site_id,
        kind=kind,
        number=facts.number,
        title=facts.title,
        authority_id=authority_id,
        subject=about,
        issued_on=on,
        issued_by=by.id,
        created_at=at,
        page=page,
        facts=attached,
        facts_sha256=hashlib.sha256(attached).hexdigest(),
        images={name: str(blob_id) for name, blob_id in (images or {}).items()},
        retention=retention,
        public=public,
    )
    db.session.add(row)
    db.session.flush()
    outbox.put("document.render", row.id)
    audit.record(
        events.DocumentIssued(
            subject=row.id, by=by.id, on=on, kind=kind, about=about, number=row.number, facts_sha256=row.facts_sha256
        )
    )
    return row


def render_document(errand: Errand) -> None:
    """Render and sign a document, once (生成并签章). What is staged here is what will be archived."""
    row = queries.document(errand.subject, seen_by=SYSTEM, lock=True)
    if row.state is not DocumentState.WAITING:
        return
    settings = current_app.extensions["settings"]
    images = {name: queries.blob_bytes(UUID(blob_id), seen_by=SYSTEM) for name, blob_id in row.images.items()}
    unsigned = finish(
        row.page, row.facts, number=row.number, images=images, base_url=settings.public_base_url, created=row.created_at
    )
    signed = _signer(settings.signing_folder).sign(unsigned)
    row.unsigned_sha256 = hashlib.sha256(unsigned).hexdigest()
    row.sha256, row.size, row.staged = hashlib.sha256(signed).hexdigest(), len(signed), signed
    row.state = DocumentState.RENDERED
    outbox.put("document.archive", row.id)


def archive_document(errand: Errand) -> None:
    """Bring a signed document to the store under lock (归档). Safe to repeat: equal bytes under an equal key are one version."""
    row = queries.document(errand.subject, seen_by=SYSTEM, lock=True)
    if row.state is not DocumentState.RENDERED or row.staged is None or row.sha256 is None:
        return
    key = storage.document_key(row.issued_on.year, row.number, row.sha256)
    until = _locked_until(row.retention, row.issued_on, clock.now())
    kept = store().put_once(key, row.staged, retain_until=until, content_type=PDF)
    now = clock.now()
    row.key, row.version_id, row.retain_until = kept.key, kept.version_id, kept.retain_until
    row.archived_at, row.staged, row.state = now, None, DocumentState.ARCHIVED
    audit.record(
        events.DocumentArchived(
            subject=row.id,
            by=SYSTEM.id,
            on=clock.legal_day(now),
            kind=row.kind,
            about=row.subject,
            sha256=row.sha256,
            version_id=kept.version_id,
        )
    )
