"""The two lists and recusals (名录库、回避)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.forms import clean_text
from app.core.refusal import Refused
from app.inspections.actions import draw_lists
from app.inspections.forms import draws as forms
from app.inspections.queries import draw_pages as pages
from app.inspections.queries import draws as queries
from app.inspections.rules.plan import RecusalReason

bp = Blueprint("draw_lists", __name__)


@bp.get("/office/inspectors")
@requires("inspector.read")
def list_inspectors() -> ResponseReturnValue:
    """The list of inspectors (检查人员名录库)."""
    query = listing.read(pages.INSPECTORS, request.args)
    page = listing.fetch(db.session, queries.inspectors(seen_by=me()), pages.INSPECTORS, query)
    return render_template("inspections/draws/inspectors.html", spec=pages.INSPECTORS, query=query, page=page), query.status


@bp.get("/office/inspectors/new")
@requires("inspector.keep")
def new_inspector() -> ResponseReturnValue:
    """The form of an entry (登记检查人员)."""
    return _inspector_page(forms.Inspector())


def _inspector_page(form: Any, status: int = 200, entry: Any = None) -> ResponseReturnValue:
    return render_template("inspections/draws/inspector.html", form=form, entry=entry), status


def _typed(form: Any) -> dict[str, Any]:
    return {
        "certificate_no": form.certificate_no.data,
        "certificate_from": form.certificate_from.data,
        "certificate_until": form.certificate_until.data,
        "qualifications": form.qualifications.data or (),
        "cap": form.cap.data,
    }


@bp.post("/office/inspectors/new")
@requires("inspector.keep")
def create_inspector() -> ResponseReturnValue:
    """Put an inspector on the list (登记检查人员)."""
    form = forms.Inspector.sent()
    try:
        if form.validate():
            row = draw_lists.list_inspector(form.username.data, **_typed(form), by=me(), at=now(), on=today())
            flash(f"{row.account.name} 已列入名录，编号 {row.code}。")
            return redirect(url_for("draw_lists.list_inspectors"))
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
    return _inspector_page(form, 422)


@bp.get("/office/inspectors/<uuid:inspector_id>")
@requires("inspector.keep")
def edit_inspector(inspector_id: UUID) -> ResponseReturnValue:
    """The form of a changed entry (修改检查人员)."""
    entry = queries.inspector(inspector_id, seen_by=me())
    kept = [tag for tag in entry.tags if tag.startswith("qual.")]
    return _inspector_page(forms.ChangedInspector(obj=entry, qualifications=kept), entry=entry)


@bp.post("/office/inspectors/<uuid:inspector_id>")
@requires("inspector.keep")
def change_inspector(inspector_id: UUID) -> ResponseReturnValue:
    """Change an entry (修改检查人员)."""
    form = forms.ChangedInspector.sent()
    entry = queries.inspector(inspector_id, seen_by=me())
    try:
        if form.validate():
            draw_lists.change_inspector(inspector_id, **_typed(form), active=form.active.data, by=me(), on=today())
            flash("已修改。已封存的计划不受影响。")
            return redirect(url_for("draw_lists.list_inspectors"))
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
    return _inspector_page(form, 422, entry)


@bp.get("/office/objects")
@requires("inspector.read")
def list_objects() -> ResponseReturnValue:
    """The list of sites (检查对象名录库)."""
    query = listing.read(pages.OBJECTS, request.args)
    page = listing.fetch(db.session, queries.objects(seen_by=me()), pages.OBJECTS, query)
    return render_template("inspections/draws/objects.html", spec=pages.OBJECTS, query=query, page=page), query.status


@bp.post("/office/objects")
@requires("inspector.keep")
def renew_objects() -> ResponseReturnValue:
    """Bring the list of sites up to date (更新检查对象名录库)."""
    listed, struck = draw_lists.renew_objects(by=me(), on=today())
    flash(f"名录已更新：新列入 {listed} 家，移出 {struck} 家。" if listed or struck else "名录已经是最新的。")
    return redirect(url_for("draw_lists.list_objects"))


# --- recusal ----------------------------------------------------------------------------------------------------------


@bp.get("/office/recusals")
@requires("recusal.read")
def list_recusals() -> ResponseReturnValue:
    """Recusals (回避登记)."""
    query = listing.read(pages.RECUSALS, request.args)
    page = listing.fetch(db.session, queries.recusals(seen_by=me()), pages.RECUSALS, query)
    return render_template("inspections/draws/recusals.html", spec=pages.RECUSALS, query=query, page=page), query.status


@bp.get("/office/recusals/new")
@requires("recusal.keep")
def new_recusal() -> ResponseReturnValue:
    """The form of a recusal entered by the office (登记回避)."""
    return _recusal_page(forms.OfficeDeclaration())


def _recusal_page(form: Any, status: int = 200) -> ResponseReturnValue:
    entries = queries.inspectors_on_duty(seen_by=me())
    form.inspector_id.choices = [("", "请选择"), *((str(e.id), f"{e.account.name}（{e.code}）") for e in entries)]
    return render_template("inspections/draws/recusal.html", form=form), status


@bp.post("/office/recusals/new")
@requires("recusal.keep")
def create_recusal() -> ResponseReturnValue:
    """Enter a recusal (登记回避)."""
    form = forms.OfficeDeclaration.sent()
    form.inspector_id.choices = []
    try:
        if form.validate() and (inspector_id := _uuid(form.inspector_id.data)):
            _declare(inspector_id, form)
            flash("回避已登记，以后封存的计划都会避开。")
            return redirect(url_for("draw_lists.list_recusals"))
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
    return _recusal_page(form, 422)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _declare(inspector_id: UUID, form: Any) -> None:
    draw_lists.declare_recusal(
        inspector_id, form.draw_id.data, RecusalReason(form.reason.data), form.note.data or "",
        by=me(), at=now(), on=today(),
    )  # fmt: skip


@bp.post("/office/recusals/<uuid:recusal_id>/end")
@requires("recusal.keep")
def end_recusal(recusal_id: UUID) -> ResponseReturnValue:
    """End a recusal (解除回避)."""
    draw_lists.end_recusal(recusal_id, by=me(), at=now(), on=today())
    flash("回避已解除。")
    return redirect(url_for("draw_lists.list_recusals"))


@bp.get("/office/recusals/mine")
@requires("recusal.declare")
def show_own_recusals() -> ResponseReturnValue:
    """An inspector's own recusals (我的回避申明)."""
    return _own_page(forms.Declaration(data={"draw_id": request.args.get("draw_id", "")}))


def _own_page(form: Any, status: int = 200) -> ResponseReturnValue:
    entries = queries.own_entries(seen_by=me())
    words = (clean_text(request.args.get("q")) or "")[:40]
    found = queries.objects_near(entries[0], words) if entries and words else ()
    return (
        render_template(
            "inspections/draws/my_recusals.html",
            form=form,
            entries=entries,
            words=words,
            found=found,
            recusals=queries.own_recusals(seen_by=me()),
        ),
        status,
    )


@bp.post("/office/recusals/mine")
@requires("recusal.declare")
def declare_recusal() -> ResponseReturnValue:
    """Declare one's own recusal (申明回避)."""
    form, entries = forms.Declaration.sent(), queries.own_entries(seen_by=me())
    try:
        if not entries:
            raise Refused("recusal.not_listed", "您不在任何机关的检查人员名录中，不需要申明。")
        if form.validate():
            _declare(entries[0].id, form)
            flash("回避已申明。已封存的计划如抽中您去这家机构，请同时告知经办人更换。")
            return redirect(url_for("draw_lists.show_own_recusals"))
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
    return _own_page(form, 422)
