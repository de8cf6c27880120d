"""The scoring interface (评分接口): entries in, the sheet as it stands out. The same for assessors on site and for a home's self-score.

    GET  /api/v1/rating-sheets/<application id>      → the edition, what stands, what it came to
    POST /api/v1/rating-sheets/<application id>/ops  {"device": "...", "ops": [{op_id, item, value, na, reason, remark, evidence,
                                                      replaces, wall_ms}]} → 200, the fate of each

A batch may be repeated and may come in any order; an entry that does not fit is told with the reason, the others are stored.
"""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core import clock
from app.core.access import me, requires
from app.core.web import problem
from app.ratings.actions import sheets as actions
from app.ratings.queries import applications as queries
from app.ratings.queries import pages, results
from app.ratings.rules.sheet import Operation

bp = Blueprint("rating_sheets", __name__, url_prefix="/api/v1")
MOST: Final = 500


class Entry(BaseModel):
    """One entry over the wire (一次填写)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    op_id: str = Field(max_length=36)
    item: str = Field(max_length=60)
    value: str | list[str] | dict[str, str] | None = None
    na: str = Field("", max_length=60)
    reason: str = Field("", max_length=2000)
    remark: str = Field("", max_length=2000)
    evidence: list[str] = Field(default_factory=list, max_length=50)
    replaces: list[str] = Field(default_factory=list, max_length=200)
    wall_ms: int = Field(0, ge=0, lt=2**53)


class Batch(BaseModel):
    """Entries of one device (一批填写)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    device: str = Field("", max_length=64)
    ops: list[Entry] = Field(max_length=MOST)


def _told(row: Any, extra: dict[str, Any]) -> Response:
    page = pages.sheet_page(row, seen_by=me(), on=clock.today())
    return jsonify(
        extra
        | {
            "application": str(row.id),
            "scheme_sha": row.campaign.scheme_sha,
            "writable": page.writable,
            "total": results.points_words(page.total),
            "left": len(page.left),
            "areas": [
                {"id": a.id, "points": results.points_words(a.points), "answered": a.answered, "of": a.of} for a in page.areas
            ],
            "items": {
                i.item.id: {"op": i.op.op_id if i.op else None, "points": i.points, "state": i.state}
                for a in page.areas
                for i in a.items
            },
            "server_ms": int(clock.now().timestamp() * 1000),
        }
    )


@bp.get("/rating-sheets/<uuid:rating_application_id>")
@requires("rating.score")
def sheet(rating_application_id: UUID) -> Response:
    """One's own sheet as it stands (我的评分表): nobody else's, before all are locked or after."""
    row = queries.application(rating_application_id, seen_by=me())
    page = pages.sheet_page(row, seen_by=me(), on=clock.today())
    said = {
        i.item.id: {
            "value": i.op.value,
            "na": i.op.na,
            "reason": i.op.reason,
            "remark": i.op.remark,
            "evidence": list(i.op.evidence),
        }
        for a in page.areas
        for i in a.items
        if i.op
    }
    return _told(row, {"answers": said})


@bp.post("/rating-sheets/<uuid:rating_application_id>/ops")
@requires("rating.score")
def operations(rating_application_id: UUID) -> Response:
    """Take entries in (保存评分)."""
    queries.application(rating_application_id, seen_by=me())
    try:
        batch = Batch.model_validate(json.loads(request.get_data(cache=False)))
    except (ValueError, RecursionError, ValidationError):
        return problem(422, "sheet.malformed", "提交的评分格式不对，请刷新页面再试；本机的内容不会丢。", most=MOST)
    if any("\x00" in repr(entry.model_dump()) or "\\x00" in repr(entry.model_dump()) for entry in batch.ops):
        return problem(422, "sheet.malformed", "提交的评分里有不能保存的字符。")
    ops = [
        Operation(e.op_id, e.item, e.value, e.na, e.reason, e.remark, tuple(e.evidence), tuple(e.replaces), e.wall_ms)
        for e in batch.ops
    ]
    told = actions.receive(rating_application_id, ops, device=batch.device, by=me(), at=clock.now(), on=clock.today())
    row = queries.application(rating_application_id, seen_by=me())
    fates = [{"op_id": t.op_id, "status": t.fate.value, "reason": t.reason} for t in told]
    return _told(row, {"results": fates})
