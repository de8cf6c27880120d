"""Files and documents for who may see them (文件与文书)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from app.archive import queries
from app.core.access import me, signed_in
from app.core.actor import Actor
from app.core.refusal import NotVisible
from app.core.storage import PIECE

bp = Blueprint("archive", __name__)
SEALED = "default-src 'none'; sandbox"
WHOLE = 20 << 20
"""Bytes up to which a file is sent in one piece."""


def sent(data: bytes, content_type: str, name: str, *, inline: bool) -> Response:
    """Bytes as a download or inline picture (下载): never interpreted as a page of ours."""
    response = current_app.response_class(data, mimetype=content_type)
    kind = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["Cache-Control"] = "private, no-store"
    return response


def sent_file(blob_id: UUID, *, seen_by: Actor) -> Response:
    """A large file in pieces (大文件下载): checked first, then sent a megabyte at a time."""
    row = queries.blob(blob_id, seen_by=seen_by)
    response = sent(b"", row.content_type, row.file_name, inline=False)
    response.response = _pieces(queries.blob_file(blob_id, seen_by=seen_by))
    response.headers["Content-Length"] = str(row.size)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


@bp.get("/files/<uuid:blob_id>")
@signed_in
def show_file(blob_id: UUID) -> ResponseReturnValue:
    """A photo or paper (文件)."""
    row = queries.blob(blob_id, seen_by=me())
    if row.size > WHOLE:
        return sent_file(blob_id, seen_by=me())
    data = queries.blob_bytes(blob_id, seen_by=me())
    return sent(data, row.content_type, row.file_name, inline=row.content_type == "image/jpeg")


@bp.get("/files/<uuid:blob_id>/thumbnail")
@signed_in
def show_thumbnail(blob_id: UUID) -> ResponseReturnValue:
    """The small picture of a photo (缩略图)."""
    row = queries.blob(blob_id, seen_by=me())
    if row.thumbnail is None:
        raise NotVisible("thumbnail")
    return sent(row.thumbnail, "image/jpeg", row.file_name, inline=True)


@bp.get("/documents/<uuid:document_id>")
@signed_in
def show_document(document_id: UUID) -> ResponseReturnValue:
    """The archived bytes of a document (文书原件)."""
    row = queries.document(document_id, seen_by=me())
    return sent(
        queries.document_bytes(document_id, seen_by=me()), "application/pdf", f"{row.title} {row.number}.pdf", inline=True
    )
