"""The checklist editor (检查表): editions, comparing items with the official text, new editions, Excel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.actions import checklists as actions
from app.inspections.forms.checklists import ConfirmForm, EditionForm, WorkbookForm
from app.inspections.queries import checklist_sheets as sheets
from app.inspections.queries import checklists as queries

bp = Blueprint("checklists", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DEMO_TEXT = "演示，未与正式文本核对"


@bp.get("/office/checklists")
@requires("checklist.read")
def list_checklists() -> str:
    """The editions that hold in one's place, and drafts (检查表)."""
    return render_template(
        "inspections/checklists/list.html",
        editions=queries.editions(seen_by=me(), on=today()),
        drafts=queries.drafts(seen_by=me()),
    )


@bp.get("/office/checklists/<sha>")
@requires("checklist.read")
def show_checklist(sha: str) -> ResponseReturnValue:
    """One edition: every item with its standing here (检查表版本)."""
    return _page(sha)


def _page(sha: str, status: int = 200, *, form: Any = None, new: Any = None) -> ResponseReturnValue:
    page = queries.edition_page(sha, seen_by=me())
    wanted = request.args.get("item", "") if form is None else form.item.data
    chosen = next((i for i in page.edition.items if i.code == wanted), None)
    if chosen is not None and form is None:
        demo = DEMO_TEXT if current_app.extensions["settings"].is_demo else ""
        form = ConfirmForm(item=chosen.code, clause=chosen.clause, text=chosen.text, compared_with=demo)
    return render_template(
        "inspections/checklists/edition.html",
        page=page,
        chosen=chosen,
        form=form,
        new=new or EditionForm(),
        only=request.args.get("only", ""),
    ), status


@bp.post("/office/checklists/<sha>/confirmations")
@requires("checklist.confirm")
def create_confirmation(sha: str) -> ResponseReturnValue:
    """Record that an item was compared with the official text (条文核对)."""
    form = ConfirmForm.sent()
    if not form.validate():
        return _page(sha, 422, form=form)
    try:
        actions.confirm_item(
            sha,
            form.item.data,
            compared_with=form.compared_with.data,
            clause=form.clause.data or "",
            text=form.text.data or "",
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(sha, 422, form=form)
    flash(f"{form.item.data} 已核对，此后拟定的检查任务按核对后的文字使用。", "ok")
    return redirect(url_for("checklists.show_checklist", sha=sha) + f"#i-{form.item.data}")


@bp.get("/office/checklists/<sha>/workbook")
@requires("checklist.read")
def export_checklist(sha: str) -> Response:
    """The edition as a workbook (导出 Excel)."""
    edition = queries.edition(sha)
    name = f"attachment; filename={edition.code}.{edition.edition}.xlsx"
    return Response(sheets.workbook_of(edition), mimetype=XLSX, headers={"Content-Disposition": name})


@bp.post("/office/checklists/<sha>/editions")
@requires("checklist.edit")
def create_edition(sha: str) -> ResponseReturnValue:
    """Begin a new edition for one's own place (另起新版)."""
    form = EditionForm.sent()
    if not form.validate():
        return _page(sha, 422, new=form)
    try:
        row = actions.draft_edition(sha, in_force_from=form.in_force_from.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(sha, 422, new=form)
    flash("新版草稿已建立。导出工作簿修改后传回，再由负责人发布。", "ok")
    return redirect(url_for("checklists.show_draft", edition_id=row.id))


# --- drafts -----------------------------------------------------------------------------------------------------------


@bp.get("/office/checklist-drafts/<uuid:edition_id>")
@requires("checklist.read")
def show_draft(edition_id: UUID) -> ResponseReturnValue:
    """A draft of one's own authority (新版草稿)."""
    return _draft(edition_id)


def _draft(edition_id: UUID, status: int = 200, *, form: Any = None, errors: Any = ()) -> ResponseReturnValue:
    page = queries.draft_page(edition_id, seen_by=me())
    return render_template("inspections/checklists/draft.html", page=page, form=form or WorkbookForm(), errors=errors), status


@bp.get("/office/checklist-drafts/<uuid:edition_id>/workbook")
@requires("checklist.read")
def export_draft(edition_id: UUID) -> Response:
    """The draft as a workbook (导出草稿)."""
    edition = queries.draft_page(edition_id, seen_by=me()).page.edition
    name = f"attachment; filename={edition.code}.{edition.edition}.draft.xlsx"
    return Response(sheets.workbook_of(edition), mimetype=XLSX, headers={"Content-Disposition": name})


@bp.post("/office/checklist-drafts/<uuid:edition_id>/workbook")
@requires("checklist.edit")
def import_workbook(edition_id: UUID) -> ResponseReturnValue:
    """Take a filled workbook in: all of it or nothing, every fault named (导入 Excel)."""
    form = WorkbookForm.sent()
    data = form.workbook.data.read() if form.workbook.data else b""
    try:
        if not data:
            raise Refused("import.none", "请选择填好的工作簿")
        parsed, items, areas = sheets.read_workbook(data)
        if parsed.errors:
            return _draft(edition_id, 422, form=form, errors=parsed.errors)
        actions.rewrite_edition(edition_id, items, areas, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _draft(edition_id, 422, form=form)
    flash(f"已导入 {len(items)} 条，改动过的条目一律待核。", "ok")
    return redirect(url_for("checklists.show_draft", edition_id=edition_id))


@bp.post("/office/checklist-drafts/<uuid:edition_id>/publication")
@requires("checklist.publish")
def create_publication(edition_id: UUID) -> ResponseReturnValue:
    """Publish the draft (发布)."""
    try:
        row = actions.publish_edition(edition_id, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form = WorkbookForm()
        form.form_errors = [refusal.sentence]
        return _draft(edition_id, 422, form=form)
    flash(f"已发布，自 {row.edition} 起施行，此后不能改动。", "ok")
    return redirect(url_for("checklists.show_checklist", sha=row.sha256))
