"""The queue of the phoenix check (换壳核查)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import today
from app.core.db import db
from app.core.refusal import Refused
from app.credit.actions import phoenix as actions
from app.credit.forms import records as forms
from app.credit.queries import phoenix as queries
from app.credit.queries import phoenix_pages as pages

bp = Blueprint("phoenix", __name__)


@bp.get("/office/credit/phoenix")
@requires("phoenix.read")
def list_matches() -> ResponseReturnValue:
    """New sites that look like old ones with a bad record (疑似换壳)."""
    spec = pages.match_list(me().scope.path)
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.matches(seen_by=me()), spec, query)
    table = queries.table_on(today())
    return render_template("credit/phoenix.html", spec=spec, query=query, page=page, table=table), query.status


def _page(match_id: UUID, form: forms.MatchDecision, status: int = 200) -> ResponseReturnValue:
    page = pages.match_page(match_id, seen_by=me(), on=today())
    return render_template("credit/phoenix_match.html", page=page, form=form), status


@bp.get("/office/credit/phoenix/<uuid:phoenix_match_id>")
@requires("phoenix.read")
def show_match(phoenix_match_id: UUID) -> ResponseReturnValue:
    """One match: what the two have in common, side by side (核查页)."""
    return _page(phoenix_match_id, forms.MatchDecision())


@bp.post("/office/credit/phoenix/<uuid:phoenix_match_id>/decision")
@requires("phoenix.decide")
def create_match_decision(phoenix_match_id: UUID) -> ResponseReturnValue:
    """Confirm or dismiss a match (认定或排除)."""
    form = forms.MatchDecision.sent()
    if not form.validate():
        return _page(phoenix_match_id, form, 422)
    try:
        actions.decide_match(
            phoenix_match_id, confirmed=form.confirmed.data == "yes", reason=form.reason.data, by=me(), on=today()
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(phoenix_match_id, form, 422)
    flash("核查结果已登记，新网点的风险等级已同时更新。", "ok")
    return redirect(url_for(".list_matches"))
