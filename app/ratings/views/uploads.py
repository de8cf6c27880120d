"""Sending large files in pieces (分块上传接口): announce, send pieces in any order, ask how far, finish.

    POST   /api/v1/uploads               → 201, Location, the piece size
    HEAD   /api/v1/uploads/<id>          → Upload-Length, Upload-Offset (the first byte still missing)
    GET    /api/v1/uploads/<id>          → the same with every missing piece
    PATCH  /api/v1/uploads/<id>          Upload-Offset, Upload-Checksum: sha256 <hex> → 204
    POST   /api/v1/uploads/<id>/completion → 202, the file is checked next
    DELETE /api/v1/uploads/<id>          → 204

A piece that came broken, at a wrong place or in a wrong length is refused and changes nothing; the same piece again is fine.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.refusal import Refused
from app.ratings.actions import evidence as actions
from app.ratings.queries import evidence as queries
from app.ratings.rules.evidence import MB, Wanted, table

bp = Blueprint("uploads", __name__, url_prefix="/api/v1/uploads")


def _told(row: Any, status: int) -> Response:
    far = queries.progress(row)
    response = jsonify(
        id=str(row.id),
        name=row.file_name,
        title=row.title,
        size=row.size,
        piece=row.piece,
        received=far.received,
        missing=list(far.missing),
        state=row.state.value,
        state_label=row.state.label,
        why=row.refused_why,
        expires_at=row.expires_at.isoformat(),
    )
    response.status_code = status
    response.headers["Upload-Length"] = str(row.size)
    response.headers["Upload-Offset"] = str(far.offset)
    response.headers["Cache-Control"] = "no-store"
    return response


def _text(sent: dict[str, Any], key: str, most: int = 200) -> str:
    value = sent.get(key, "")
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise Refused("upload.request", f"请求里的 {key} 不对")
    return value


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("upload.request", "请求里的编号不对") from None


def _wanted(sent: dict[str, Any]) -> Wanted:
    size, items = sent.get("size"), sent.get("items", [])
    if not isinstance(size, int) or isinstance(size, bool) or abs(size) > 1 << 40:
        raise Refused("upload.request", "请求里的 size 应为文件字节数")
    if not isinstance(items, list) or len(items) > 50 or not all(isinstance(each, str) for each in items):
        raise Refused("upload.request", "请求里的 items 应为评分项列表")
    until = _text(sent, "valid_until", 10)
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise Refused("upload.request", "有效期请写成 2026-11-24 这样") from None
    return Wanted(_text(sent, "kind", 40), _text(sent, "title"), _text(sent, "name"), size, day, tuple(items))


@bp.post("")
@requires("my.evidence")
def create_upload() -> ResponseReturnValue:
    """Announce a file (开始上传)."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, a thousand deep
        sent = None
    if not isinstance(sent, dict):
        raise Refused("upload.request", "请求应为 JSON")
    replaces = _text(sent, "evidence_id", 40)
    row = actions.begin_upload(
        _uuid(_text(sent, "site_id", 40)),
        _wanted(sent),
        evidence_id=_uuid(replaces) if replaces else None,
        by=me(),
        at=now(),
        on=today(),
    )
    response = _told(row, 201)
    response.headers["Location"] = url_for(".show_upload", evidence_upload_id=row.id)
    return response


@bp.get("/<uuid:evidence_upload_id>")
@requires("my.evidence")
def show_upload(evidence_upload_id: UUID) -> ResponseReturnValue:
    """How far an upload is (查询进度)."""
    return _told(queries.upload(evidence_upload_id, seen_by=me()), 200)


@bp.patch("/<uuid:evidence_upload_id>")
@requires("my.evidence")
def update_upload(evidence_upload_id: UUID) -> ResponseReturnValue:
    """Take a piece (接收分块)."""
    queries.upload(evidence_upload_id, seen_by=me())
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) <= 15):
        raise Refused("upload.offset", "请求里没有 Upload-Offset")
    most = table().piece_mb * MB
    if request.content_length is None or request.content_length > most:
        raise Refused("upload.length", f"一块最多 {most} 字节，请按服务器给出的大小分块")
    row = actions.keep_piece(
        evidence_upload_id,
        int(offset),
        request.get_data(cache=False),
        request.headers.get("Upload-Checksum", ""),
        by=me(),
        at=now(),
    )
    response = Response(status=204)
    response.headers["Upload-Offset"] = str(queries.progress(row).offset)
    return response


@bp.post("/<uuid:evidence_upload_id>/completion")
@requires("my.evidence")
def create_completion(evidence_upload_id: UUID) -> ResponseReturnValue:
    """Everything is sent (传完)."""
    return _told(actions.finish_upload(evidence_upload_id, by=me(), at=now(), on=today()), 202)


@bp.delete("/<uuid:evidence_upload_id>")
@requires("my.evidence")
def delete_upload(evidence_upload_id: UUID) -> ResponseReturnValue:
    """Give an upload up (放弃上传)."""
    actions.abandon_upload(evidence_upload_id, by=me(), at=now(), on=today())
    return Response(status=204)
