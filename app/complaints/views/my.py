"""The home's pages (机构说明情况): what the authority asks it to explain. Facts only; who told is not here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.complaints import forms, queries
from app.complaints.actions import verifying
from app.complaints.queries import lists, pages
from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload, clean

bp = Blueprint("inquiries", __name__)


@bp.get("/my/inquiries")
@requires("my.inquiry")
def list_inquiries() -> ResponseReturnValue:
    """What the home was asked to explain (核实函)."""
    query = listing.read(lists.INQUIRY_LIST, request.args)
    page = listing.fetch(db.session, queries.inquiries(seen_by=me()), lists.INQUIRY_LIST, query)
    return render_template("complaints/inquiries.html", spec=lists.INQUIRY_LIST, query=query, page=page), query.status


def _page(inquiry_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    page = pages.inquiry_page(inquiry_id, seen_by=me(), on=today())
    return render_template(
        "complaints/inquiry.html",
        page=page,
        form=form,
        tone=lists.INQUIRY_TONES[page.row.state],
        finding_tones=lists.FINDING_TONES,
    ), status


@bp.get("/my/inquiries/<uuid:inquiry_id>")
@requires("my.inquiry")
def show(inquiry_id: UUID) -> ResponseReturnValue:
    """One inquiry: the facts, until when to answer, one's own words, the outcome (核实函)."""
    return _page(inquiry_id, forms.HomeReply())


@bp.post("/my/inquiries/<uuid:inquiry_id>/reply")
@requires("my.inquiry")
def create_reply(inquiry_id: UUID) -> ResponseReturnValue:
    """Say what there is to say, with files (说明情况)."""
    form = forms.HomeReply.sent()
    if not form.validate():
        return _page(inquiry_id, form, 422)
    try:
        verifying.reply(inquiry_id, form.text.data, _uploads(form.files.data), by=me(), at=now(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _page(inquiry_id, form, 422)
    flash("情况说明已提交，核实结论出来后会在这里告诉您。")
    return redirect(url_for(".show", inquiry_id=inquiry_id))


def _uploads(files: Any) -> list[CleanUpload]:
    address = current_app.extensions["settings"].clamd_address or None
    return [clean(file.read(), file.filename, clamd=address) for file in files or [] if file.filename]
