"""A provider's own credit (我的信用): score, grade, every deduction with its evidence, clause, end, and how to contest it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.credit.actions import records as actions
from app.credit.forms import records as forms
from app.credit.queries import record_pages
from app.credit.queries import records as queries
from app.credit.views.records import reachable
from app.providers import queries as providers

bp = Blueprint("my_credit", __name__)


@bp.get("/my/credit")
@requires("my.credit")
def show_credit() -> ResponseReturnValue:
    """My credit (我的信用), of one site at a time."""
    sites = providers.my_sites(seen_by=me())
    chosen = next((s for s in sites if str(s.id) == request.args.get("site")), sites[0] if sites else None)
    page = record_pages.site_credit(chosen.id, seen_by=me(), on=today()) if chosen else None
    return render_template("credit/my_score.html", sites=sites, page=page)


def _page(record_id: UUID, form: forms.Objection, status: int = 200) -> ResponseReturnValue:
    page = record_pages.record_page(record_id, seen_by=me(), on=today())
    return render_template("credit/my_record.html", page=page, evidence=reachable(page.evidence), form=form), status


@bp.get("/my/credit/records/<uuid:credit_record_id>")
@requires("my.credit")
def show_record(credit_record_id: UUID) -> ResponseReturnValue:
    """One of my records (我的信用记录)."""
    return _page(credit_record_id, forms.Objection())


@bp.post("/my/credit/records/<uuid:credit_record_id>/objections")
@requires("my.objection")
def create_objection(credit_record_id: UUID) -> ResponseReturnValue:
    """Object to a record (提出异议)."""
    form = forms.Objection.sent()
    if not form.validate():
        return _page(credit_record_id, form, 422)
    try:
        actions.raise_objection(credit_record_id, form.reason.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(credit_record_id, form, 422)
    flash("异议已提交，由记入人以外的人员处理。", "ok")
    return redirect(url_for(".show_record", credit_record_id=credit_record_id))


@bp.post("/my/credit/objections/<uuid:credit_objection_id>/withdrawal")
@requires("my.objection")
def create_withdrawal(credit_objection_id: UUID) -> ResponseReturnValue:
    """Take an objection back (撤回异议)."""
    record_id = queries.objection(credit_objection_id, seen_by=me()).record_id
    actions.withdraw_objection(credit_objection_id, by=me(), on=today())
    flash("异议已撤回。", "ok")
    return redirect(url_for(".show_record", credit_record_id=record_id))
