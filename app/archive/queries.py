"""Questions to the archive (档案查询)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO
from uuid import UUID

from flask import current_app

from app.archive.models import Blob, Document
from app.archive.rules import DocumentState
from app.core import storage
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find, visible


def blob(blob_id: UUID, *, seen_by: Actor, lock: bool = False) -> Blob:
    """One file's row."""
    return find(Blob, blob_id, seen_by=seen_by, lock=lock)


def blob_bytes(blob_id: UUID, *, seen_by: Actor) -> bytes:
    """The bytes of a file: staged, or from the store by version and checked against the hash (取文件)."""
    row = blob(blob_id, seen_by=seen_by)
    if row.version_id is None or row.key is None:
        assert row.staged is not None  # CHECK bytes_somewhere
        return row.staged
    return _store().read(row.key, row.version_id, row.sha256)


def blob_file(blob_id: UUID, *, seen_by: Actor) -> IO[bytes]:
    """A file's bytes as an open file (取大文件), checked against the hash before anybody reads them; the caller closes it."""
    row = blob(blob_id, seen_by=seen_by)
    file = tempfile.TemporaryFile()  # noqa: SIM115 — handed to the answer, which closes it
    if row.version_id is None or row.key is None:
        assert row.staged is not None  # CHECK bytes_somewhere
        file.write(row.staged)
    else:
        _store().copy(row.key, row.version_id, row.sha256, file)
    file.seek(0)
    return file


def document(document_id: UUID, *, seen_by: Actor, lock: bool = False) -> Document:
    """One document's row."""
    return find(Document, document_id, seen_by=seen_by, lock=lock)


def documents_about(subject: UUID, *, seen_by: Actor) -> Sequence[Document]:
    """The documents about a task, filing or rectification, oldest first (相关文书)."""
    query = visible(Document, to=seen_by).where(Document.subject == subject).order_by(Document.created_at)
    return db.session.scalars(query).all()


def documents_of_site(site_id: UUID, *, seen_by: Actor) -> Sequence[Document]:
    """The documents of a site, newest first (机构档案)."""
    query = visible(Document, to=seen_by).where(Document.site_id == site_id).order_by(Document.created_at.desc())
    return db.session.scalars(query).all()


def document_bytes(document_id: UUID, *, seen_by: Actor) -> bytes:
    """The archived bytes: a reprint is this, never a new rendering (取文书)."""
    row = document(document_id, seen_by=seen_by)
    if row.state is DocumentState.WAITING or row.sha256 is None:
        raise Refused("document.waiting", "这份文书正在生成和签章，一般不超过一分钟，请稍后再打开。")
    if row.state is DocumentState.RENDERED or row.key is None or row.version_id is None:
        assert row.staged is not None
        return row.staged
    return _store().read(row.key, row.version_id, row.sha256)


def _store() -> storage.Storage:
    return storage.from_settings(current_app.extensions["settings"])
