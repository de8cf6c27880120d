"""Filings on the office's desk (备案办理)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.providers import actions, forms, queries
from app.providers.queries import pages
from app.providers.queries.lists import FILING_LIST

bp = Blueprint("filings", __name__)


@bp.get("/office/filings")
@requires("filing.read")
def list_filings() -> ResponseReturnValue:
    """The filings of one's region (备案列表)."""
    query = listing.read(FILING_LIST, request.args)
    page = listing.fetch(db.session, queries.filings(seen_by=me()), FILING_LIST, query)
    return render_template("providers/filings.html", spec=FILING_LIST, query=query, page=page), query.status


def _page(filing_id: UUID, form: Any = None, status: int = 200) -> ResponseReturnValue:
    page = pages.filing_page(filing_id, seen_by=me())
    if page.filing.submitted_at is None:
        raise NotVisible("draft")  # a draft is the provider's own business
    return render_template("providers/filing.html", page=page, form=form or forms.Return(), mine=_mine(page)), status


def _mine(page: pages.FilingPage) -> bool:
    """Whether the acting authority is the competent one, so that its buttons are offered."""
    return me().authority_id == page.filing.authority_id


@bp.get("/office/filings/<uuid:filing_id>")
@requires("filing.read")
def show_filing(filing_id: UUID) -> ResponseReturnValue:
    """One filing: what it says, its papers, what is missing (备案)."""
    return _page(filing_id)


@bp.post("/office/filings/<uuid:filing_id>/acceptance")
@requires("filing.accept")
def create_acceptance(filing_id: UUID) -> ResponseReturnValue:
    """Issue the filing receipt (出具备案回执)."""
    filing = actions.accept_filing(filing_id, by=me(), at=now(), on=today())
    flash(f"已出具备案回执 {filing.number}，正在生成和签章。")
    return redirect(url_for(".show_filing", filing_id=filing_id))


@bp.post("/office/filings/<uuid:filing_id>/return")
@requires("filing.return")
def create_return(filing_id: UUID) -> ResponseReturnValue:
    """Send a filing back to be completed (退回补正)."""
    form = forms.Return.sent()
    if not form.validate():
        return _page(filing_id, form, 422)
    try:
        actions.return_filing(filing_id, form.reason.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _page(filing_id, form, 422)
    flash("已退回，机构会看到需要补正的内容。")
    return redirect(url_for(".show_filing", filing_id=filing_id))
