"""Import and export of the register for the office (名册导入导出)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.refusal import Refused
from app.core.xlsx.template import template
from app.core.xlsx.write import write_table
from app.providers import actions, forms, queries
from app.providers.queries import register
from app.providers.queries.lists import site_list
from app.providers.rules.register import SHEETS, ImportState

bp = Blueprint("imports", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _workbook(data: bytes, name: str) -> Response:
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename={name}.xlsx"})


@bp.get("/office/sites.xlsx")
@requires("site.export")
def export_register() -> ResponseReturnValue:
    """The filtered register as the import's own workbook (导出名册): no formula, phones masked."""
    spec = site_list(me().scope.path)
    statement = listing.narrow(queries.sites(seen_by=me()), spec, listing.read(spec, request.args))
    return _workbook(write_table(register.tables(statement, seen_by=me())), f"register-{today().isoformat()}")


@bp.get("/office/imports")
@requires("site.import")
def list_imports() -> ResponseReturnValue:
    """Upload a workbook; earlier imports (导入名册)."""
    return _list_page(forms.Upload())


def _list_page(form: forms.Upload, status: int = 200) -> ResponseReturnValue:
    return render_template("providers/imports.html", form=form, rows=register.imports(seen_by=me())), status


@bp.get("/office/imports/template.xlsx")
@requires("site.import")
def show_template() -> ResponseReturnValue:
    """The empty workbook to fill in (导入模板)."""
    return _workbook(template(SHEETS), "register-template")


@bp.post("/office/imports")
@requires("site.import")
def create_import() -> ResponseReturnValue:
    """Check a workbook without writing any of it (核对名册)."""
    form = forms.Upload.sent()
    sent = form.file.data
    if not sent or not sent.filename:
        form.file.errors = ["请选择 Excel 文件"]
        return _list_page(form, 422)
    try:
        row = actions.check_register(sent.read(), sent.filename, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.file.errors = [refusal.sentence]
        return _list_page(form, 422)
    return redirect(url_for(".show_import", register_import_id=row.id))


@bp.get("/office/imports/<uuid:register_import_id>")
@requires("site.import")
def show_import(register_import_id: UUID) -> ResponseReturnValue:
    """What a workbook would do, or every fault in it; how far the writing is (导入结果)."""
    row = register.register_import(register_import_id, seen_by=me())
    return render_template("providers/import.html", row=row, waiting=row.state is ImportState.WAITING)


@bp.get("/office/imports/<uuid:register_import_id>/corrected.xlsx")
@requires("site.import")
def show_corrected(register_import_id: UUID) -> ResponseReturnValue:
    """The workbook with its faults marked, to correct and send again (退回改正)."""
    return _workbook(register.corrected(register_import_id, seen_by=me(), on=today()), "register-corrected")


@bp.post("/office/imports/<uuid:register_import_id>/entry")
@requires("site.import")
def create_entry(register_import_id: UUID) -> ResponseReturnValue:
    """Write a checked register, all of it or nothing (写入名册)."""
    row = actions.enter_register(register_import_id, by=me(), at=now(), on=today())
    flash("已写入。" if row.state is ImportState.DONE else "正在后台写入，可以离开本页。", "ok")
    return redirect(url_for(".show_import", register_import_id=register_import_id))
