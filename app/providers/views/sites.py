"""The register of sites for the office (机构名录)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.listing import csv_lines, export_rows
from app.core.refusal import Refused
from app.providers import actions, forms, queries
from app.providers.queries import pages
from app.providers.queries.lists import site_list
from app.providers.rules import FireTrack

bp = Blueprint("sites", __name__)


@bp.get("/office/sites")
@requires("site.read")
def list_sites() -> ResponseReturnValue:
    """The sites of one's region (机构名录)."""
    spec = site_list(me().scope.path)
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.sites(seen_by=me()), spec, query)
    return render_template("providers/sites.html", spec=spec, query=query, page=page), query.status


@bp.get("/office/sites.csv")
@requires("site.export")
def export_sites() -> ResponseReturnValue:
    """The filtered list as CSV (导出名录): no personal data, formulas disarmed."""
    spec = site_list(me().scope.path)
    rows = export_rows(db.session, queries.sites(seen_by=me()), spec, listing.read(spec, request.args))
    name = f"attachment; filename=sites-{today().isoformat()}.csv"
    return Response("".join(csv_lines(rows)), mimetype="text/csv", headers={"Content-Disposition": name})


def _page(site_id: UUID, status: int = 200, **forms_in_use: Any) -> ResponseReturnValue:
    page = pages.site_page(site_id, seen_by=me(), on=today())
    context = {
        "contact": forms.Contact(),
        "fire": forms.FireDecision(),
        "closing": forms.Closing(),
        "leaving": forms.Exit(),
        "phone": "",
    }
    return render_template("providers/site.html", page=page, **(context | forms_in_use)), status


@bp.get("/office/sites/<uuid:site_id>")
@requires("site.read")
def show_site(site_id: UUID) -> ResponseReturnValue:
    """One site: answers, what comes next, what happened, facts, papers (机构页)."""
    return _page(site_id)


@bp.get("/office/sites/<uuid:site_id>/facts")
@requires("site.read")
def show_facts(site_id: UUID) -> ResponseReturnValue:
    """Every value that the facts of a site have had (历史值)."""
    site = queries.site(site_id, seen_by=me())
    return render_template("providers/fact_history.html", site=site, rows=pages.fact_history(site_id, seen_by=me()))


@bp.post("/office/sites/<uuid:site_id>/contact")
@requires("site.unmask")
def create_contact(site_id: UUID) -> ResponseReturnValue:
    """Show the body's phone in the clear, for a reason that is kept (查看完整电话)."""
    form = forms.Contact.sent()
    if not form.validate():
        return _page(site_id, 422, contact=form)
    try:
        phone = actions.reveal_phone(site_id, form.reason.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.reason.errors = [refusal.sentence]
        return _page(site_id, 422, contact=form)
    return _page(site_id, phone=phone)


def _decided(site_id: UUID, name: str, form: Any, act: Any, told: str) -> ResponseReturnValue:
    """Validate, do, tell; what was typed is kept when it is refused."""
    if not form.validate():
        return _page(site_id, 422, **{name: form})
    try:
        act()
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _page(site_id, 422, **{name: form})
    flash(told)
    return redirect(url_for(".show_site", site_id=site_id))


@bp.post("/office/sites/<uuid:site_id>/fire-track")
@requires("fire_track.decide")
def update_fire_track(site_id: UUID) -> ResponseReturnValue:
    """Decide how the fire papers stand (认定消防手续)."""
    form = forms.FireDecision.sent()

    def act() -> None:
        actions.decide_fire_track(site_id, FireTrack(form.track.data), form.reason.data, by=me(), on=today())

    return _decided(site_id, "fire", form, act, "消防手续已认定。")


@bp.post("/office/sites/<uuid:site_id>/closing")
@requires("site.close")
def create_closing(site_id: UUID) -> ResponseReturnValue:
    """Confirm that a home has closed (核定停业)."""
    form = forms.Closing.sent()
    return _decided(
        site_id,
        "closing",
        form,
        lambda: actions.close_site(site_id, form.residents_left.data, by=me(), on=today()),
        "已核定停业。",
    )


@bp.post("/office/sites/<uuid:site_id>/exit")
@requires("site.close")
def create_exit(site_id: UUID) -> ResponseReturnValue:
    """Take a closed site off the register (退出)."""
    form = forms.Exit.sent()
    return _decided(
        site_id,
        "leaving",
        form,
        lambda: actions.exit_site(site_id, form.reason.data, by=me(), on=today()),
        "已退出名录，记录保留。",
    )
