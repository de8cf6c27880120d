"""The score page (得分怎么来): one page that traces every point to clause, answer and photo."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.refusal import NotVisible
from app.inspections.queries import answers as logs
from app.inspections.queries import score_pages as pages

bp = Blueprint("score", __name__)


@bp.get("/office/tasks/<uuid:task_id>/score")
@requires("task.read")
def show_score(task_id: UUID) -> ResponseReturnValue:
    """Where the result comes from (得分怎么来)."""
    asked = request.args
    page = pages.score_page(
        task_id, item=asked.get("item", ""), area=asked.get("area", ""), trial=asked.get("trial", ""), seen_by=me()
    )
    return render_template("inspections/score/score.html", page=page, task=page.record.task)


@bp.get("/office/tasks/<uuid:task_id>/photos/<sha>")
@requires("task.read")
def photo(task_id: UUID, sha: str) -> Response:
    """The small picture of a photo (照片缩略图)."""
    found = logs.thumbnail(task_id, sha, seen_by=me())
    if found is None:
        raise NotVisible("photo")
    return Response(found, mimetype="image/jpeg")
