"""Import of other departments' classes (外部信用评价导入)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.refusal import Refused
from app.core.xlsx.template import template
from app.credit.actions import classes as actions
from app.credit.forms import records as forms
from app.credit.queries import classes as queries
from app.credit.rules.classes import SHEETS
from app.credit.views.records import workbook

bp = Blueprint("external_classes", __name__)


def _list(form: forms.Upload, status: int = 200) -> ResponseReturnValue:
    return render_template("credit/record_classes.html", form=form, rows=queries.imports(seen_by=me())), status


@bp.get("/office/credit/classes")
@requires("class.import")
def list_class_imports() -> ResponseReturnValue:
    """Upload a workbook; earlier imports (外部评价)."""
    return _list(forms.Upload())


@bp.get("/office/credit/classes/template.xlsx")
@requires("class.import")
def show_class_template() -> ResponseReturnValue:
    """The empty workbook (导入模板)."""
    return workbook(template(SHEETS), "external-classes-template")


@bp.post("/office/credit/classes")
@requires("class.import")
def create_class_import() -> ResponseReturnValue:
    """Check a workbook without writing any of it (核对外部评价)."""
    form = forms.Upload.sent()
    sent = form.file.data
    if not sent or not sent.filename:
        form.file.errors = ["请选择 Excel 文件"]
        return _list(form, 422)
    try:
        row = actions.check_classes(sent.read(), sent.filename, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.file.errors = [refusal.sentence]
        return _list(form, 422)
    return redirect(url_for(".show_class_import", class_import_id=row.id))


@bp.get("/office/credit/classes/<uuid:class_import_id>")
@requires("class.import")
def show_class_import(class_import_id: UUID) -> ResponseReturnValue:
    """What a workbook would write, or every fault in it (导入结果)."""
    return render_template("credit/record_class_import.html", row=queries.class_import(class_import_id, seen_by=me()))


@bp.post("/office/credit/classes/<uuid:class_import_id>/entry")
@requires("class.import")
def create_class_entry(class_import_id: UUID) -> ResponseReturnValue:
    """Write a checked workbook, all of it or nothing (写入外部评价)."""
    written = actions.enter_classes(class_import_id, by=me(), at=now(), on=today())
    flash(f"已写入 {written} 条；只作参考显示，不计入信用分。", "ok")
    return redirect(url_for(".show_class_import", class_import_id=class_import_id))
