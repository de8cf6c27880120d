"""Importing a staff list (人员名册导入): check, look, write."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.refusal import Refused
from app.core.xlsx.template import template
from app.providers import queries as providers
from app.training import forms
from app.training.actions import importing
from app.training.queries import importing as queries
from app.training.rules.certificates import kinds_on
from app.training.rules.importing import sheets
from app.training.views.my_staff import XLSX

bp = Blueprint("my_imports", __name__)


def _page(site_id: UUID, form: forms.Upload, status: int = 200) -> ResponseReturnValue:
    site = providers.site(site_id, seen_by=me())
    rows = queries.imports(site.id, seen_by=me())
    return render_template("training/my_imports.html", site=site, form=form, rows=rows), status


@bp.get("/my/sites/<uuid:site_id>/staff-imports")
@requires("my.staff.keep")
def list_imports(site_id: UUID) -> ResponseReturnValue:
    """Upload a workbook; earlier imports (导入名册)."""
    return _page(site_id, forms.Upload())


@bp.get("/my/staff-template.xlsx")
@requires("my.staff.keep")
def show_template() -> ResponseReturnValue:
    """The empty workbook to fill in (导入模板)."""
    data = template(sheets(kinds_on(today())))
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": "attachment; filename=staff-template.xlsx"})


@bp.post("/my/sites/<uuid:site_id>/staff-imports")
@requires("my.staff.keep")
def create_import(site_id: UUID) -> ResponseReturnValue:
    """Check a workbook without writing any of it (核对名册)."""
    form = forms.Upload.sent()
    sent = form.file.data
    if not sent or not sent.filename:
        form.file.errors = ["请选择 Excel 文件"]
        return _page(site_id, form, 422)
    try:
        row = importing.check_staff_list(sent.read(), sent.filename, site_id, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.file.errors = [refusal.sentence]
        return _page(site_id, form, 422)
    return redirect(url_for(".show_import", staff_import_id=row.id))


@bp.get("/my/staff-imports/<uuid:staff_import_id>")
@requires("my.staff.keep")
def show_import(staff_import_id: UUID) -> ResponseReturnValue:
    """What a workbook would do, or every fault in it (导入结果)."""
    row = queries.staff_import(staff_import_id, seen_by=me())
    site = providers.site(row.site_id, seen_by=me())
    return render_template("training/my_import.html", row=row, site=site)


@bp.post("/my/staff-imports/<uuid:staff_import_id>/entry")
@requires("my.staff.keep")
def create_entry(staff_import_id: UUID) -> ResponseReturnValue:
    """Write a checked workbook, all of it or nothing (写入名册)."""
    row = importing.enter_staff_list(staff_import_id, by=me(), at=now(), on=today())
    flash(f"已写入：到岗 {row.counts['people']} 人，证书 {row.counts['certificates']} 份。", "ok")
    return redirect(url_for(".show_import", staff_import_id=row.id))
