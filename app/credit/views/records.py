"""Credit for the office (信用): sites by score, records, one site's file, objections, tiers, models, a past day computed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.xlsx.write import Table, write_table
from app.credit.actions import records as actions
from app.credit.actions import tiers
from app.credit.forms import records as forms
from app.credit.queries import phoenix, record_pages
from app.credit.queries import records as queries
from app.credit.rules.records import EndWay, RecordKind
from app.credit.rules.score import library
from app.credit.rules.tier import tables
from app.providers import queries as providers
from app.providers.rules import Tier

bp = Blueprint("credit", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(data: bytes, name: str) -> Response:
    """A workbook to download (下载工作簿)."""
    return Response(
        data, mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename={name}-{today().isoformat()}.xlsx"}
    )


def reachable(evidence: Sequence[record_pages.Evidence]) -> list[record_pages.Evidence]:
    """Evidence with links only where there is such a page (可打开的依据)."""
    return [part if part.href and _exists(part.href) else record_pages.Evidence(part.label, part.words, "") for part in evidence]


def _exists(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path)
    except HTTPException:
        return False
    return True


@bp.app_context_processor
def _waiting() -> dict[str, Any]:
    """How much waits, for the tabs of the credit pages."""
    return {"credit_waiting": lambda: (record_pages.open_objections(seen_by=me()), phoenix.waiting(seen_by=me()))}


# --- lists ------------------------------------------------------------------------------------------------------------


def _base(path: str | None) -> int:
    return queries.model_of(path or "", today()).base


@bp.get("/office/credit")
@requires("credit.read")
def list_sites() -> ResponseReturnValue:
    """The supervised sites by score (信用概况)."""
    spec, base = record_pages.scored_list(me().scope.path), _base(me().scope.path)
    query = listing.read(spec, request.args)
    page = listing.fetch_as(
        db.session, record_pages.scored_sites(seen_by=me()), spec, query, make=lambda r: record_pages.Scored(r[0], r[1], base)
    )
    return render_template("credit/record_sites.html", spec=spec, query=query, page=page), query.status


@bp.get("/office/credit.xlsx")
@requires("credit.export")
def export_sites() -> ResponseReturnValue:
    """The filtered sites with score, grade and tier (导出信用概况)."""
    spec, base = record_pages.scored_list(me().scope.path), _base(me().scope.path)
    statement = record_pages.scored_sites(seen_by=me())
    head, *rows = listing.export_rows(
        db.session, statement, spec, listing.read(spec, request.args), make=lambda r: record_pages.Scored(r[0], r[1], base)
    )
    return workbook(write_table([Table("信用概况", [str(c) for c in head], rows)]), "credit")


@bp.get("/office/credit/records")
@requires("credit.read")
def list_records() -> ResponseReturnValue:
    """The credit records (信用记录)."""
    spec = record_pages.record_list(me().scope.path, today())
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.records(seen_by=me()), spec, query)
    return render_template("credit/records.html", spec=spec, query=query, page=page), query.status


@bp.get("/office/credit/records.xlsx")
@requires("credit.export")
def export_records() -> ResponseReturnValue:
    """The filtered records (导出信用记录): facts and clauses, no persons."""
    spec = record_pages.record_list(me().scope.path, today())
    statement = queries.records(seen_by=me())
    head, *rows = listing.export_rows(db.session, statement, spec, listing.read(spec, request.args))
    return workbook(write_table([Table("信用记录", [str(c) for c in head], rows)]), "credit-records")


@bp.get("/office/credit/objections")
@requires("credit.read")
def list_objections() -> ResponseReturnValue:
    """The objections of homes (信用异议)."""
    spec = record_pages.objection_list()
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.objections(seen_by=me()), spec, query)
    return render_template("credit/record_objections.html", spec=spec, query=query, page=page), query.status


@bp.get("/office/credit/tiers")
@requires("credit.read")
def show_tiers() -> ResponseReturnValue:
    """The board of tiers (风险等级看板)."""
    return render_template("credit/tiers.html", board=record_pages.tier_board(seen_by=me(), on=today()))


@bp.get("/office/credit/models")
@requires("credit.read")
def list_models() -> ResponseReturnValue:
    """The models and tables with where each number comes from (信用评价模型)."""
    path = me().scope.path or ""
    return render_template(
        "credit/score_models.html",
        models=sorted(library().editions, key=lambda m: m.purpose == "example"),
        used=queries.model_of(path, today()),
        tables=tables().editions,
        phoenix=phoenix.table_on(today()),
    )


# --- one site ---------------------------------------------------------------------------------------------------------


def _site_page(site_id: UUID, form: forms.Override | None = None, status: int = 200) -> ResponseReturnValue:
    page = record_pages.site_credit(site_id, seen_by=me(), on=today())
    return render_template("credit/record_site.html", page=page, form=form or forms.Override(), opened=form is not None), status


@bp.get("/office/credit/sites/<uuid:site_id>")
@requires("credit.read")
def show_site(site_id: UUID) -> ResponseReturnValue:
    """A site's credit whole (机构信用页)."""
    return _site_page(site_id)


@bp.post("/office/credit/sites/<uuid:site_id>/tier")
@requires("site.tier")
def create_override(site_id: UUID) -> ResponseReturnValue:
    """Set the tier by hand for a time (人工调整)."""
    form = forms.Override.sent()
    if not form.validate():
        return _site_page(site_id, form, 422)
    try:
        tiers.override_tier(site_id, Tier(form.tier.data), form.reason.data, until=form.until.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _site_page(site_id, form, 422)
    flash("风险等级已调整，到期后自动按表重新计算。", "ok")
    return redirect(url_for(".show_site", site_id=site_id))


@bp.post("/office/credit/tier-overrides/<uuid:tier_override_id>/end")
@requires("site.tier")
def create_override_end(tier_override_id: UUID) -> ResponseReturnValue:
    """End a manual tier before its day (提前结束人工调整)."""
    tiers.end_override(tier_override_id, by=me(), on=today())
    flash("人工调整已结束，等级按表重新计算。", "ok")
    return redirect(url_for(".show_tiers"))


@bp.get("/office/credit/sites/<uuid:site_id>/recompute")
@requires("credit.read")
def show_recompute(site_id: UUID) -> ResponseReturnValue:
    """The score of a past day computed again (重算): stored, by what was known then, by what is known now."""
    day, fault = today(), ""
    if typed := request.args.get("day", ""):
        try:
            day = day.fromisoformat(typed)
        except ValueError:
            fault = "请填写日期，如 2026-11-01。"
        if day > today():
            day, fault = today(), "不能重算今天以后的日子。"
    site = providers.site(site_id, seen_by=me())
    try:
        found = queries.recompute(site_id, day, seen_by=me())
    except Refused as refusal:  # no model was in force on that day
        day, fault = today(), refusal.sentence
        found = queries.recompute(site_id, day, seen_by=me())
    return render_template("credit/score_recompute.html", site=site, found=found, day=day, fault=fault), 422 if fault else 200


@bp.get("/office/credit/sites/<uuid:site_id>/records/new")
@requires("credit.record")
def show_record_form(site_id: UUID) -> ResponseReturnValue:
    """The form of a record by hand (记入信用记录)."""
    return _record_form(site_id, forms.NewRecord())


def _record_form(site_id: UUID, form: forms.NewRecord, status: int = 200) -> ResponseReturnValue:
    site = providers.site(site_id, seen_by=me())
    model = queries.model_of(site.scope_path, today())
    return render_template("credit/record_new.html", site=site, form=form, model=model), status


@bp.post("/office/credit/sites/<uuid:site_id>/records")
@requires("credit.record")
def create_record(site_id: UUID) -> ResponseReturnValue:
    """Enter a record by hand (记入信用记录)."""
    form = forms.NewRecord.sent()
    if not form.validate():
        return _record_form(site_id, form, 422)
    try:
        row = actions.add_record(
            site_id,
            RecordKind(form.kind.data),
            facts=form.facts.data,
            clause=form.clause.data or "",
            source=form.source.data,
            number=form.number.data,
            decided_on=form.decided_on.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _record_form(site_id, form, 422)
    flash("已记入；信用分、等级、风险等级已同时更新，机构可以看到并提出异议。", "ok")
    return redirect(url_for(".show_record", credit_record_id=row.id))


# --- one record -------------------------------------------------------------------------------------------------------


def _record_page(record_id: UUID, status: int = 200, **sent: Any) -> ResponseReturnValue:
    page = record_pages.record_page(record_id, seen_by=me(), on=today())
    given = {"ending": forms.Ending(), "decision": forms.Decision()} | sent
    return render_template("credit/record.html", page=page, evidence=reachable(page.evidence), me_id=me().id, **given), status


@bp.get("/office/credit/records/<uuid:credit_record_id>")
@requires("credit.read")
def show_record(credit_record_id: UUID) -> ResponseReturnValue:
    """One record: fact, clause, evidence, points, until when, objections (信用记录页)."""
    return _record_page(credit_record_id)


def _do(record_id: UUID, name: str, form: Any, do: Callable[[], None], told: str) -> ResponseReturnValue:
    if not form.validate():
        return _record_page(record_id, 422, **{name: form})
    try:
        do()
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _record_page(record_id, 422, **{name: form})
    flash(told, "ok")
    return redirect(url_for(".show_record", credit_record_id=record_id))


@bp.post("/office/credit/records/<uuid:credit_record_id>/ending")
@requires("credit.end")
def create_ending(credit_record_id: UUID) -> ResponseReturnValue:
    """Annul or repair a record (撤销、修复)."""
    form = forms.Ending.sent()

    def do() -> None:
        actions.end_record(credit_record_id, EndWay(form.way.data), form.reason.data, by=me(), at=now(), on=today())

    return _do(credit_record_id, "ending", form, do, "已办理；信用分、等级、风险等级已同时更新。")


@bp.post("/office/credit/objections/<uuid:credit_objection_id>/decision")
@requires("credit.objection")
def create_decision(credit_objection_id: UUID) -> ResponseReturnValue:
    """Decide an objection (处理异议)."""
    form = forms.Decision.sent()
    record_id = queries.objection(credit_objection_id, seen_by=me()).record_id

    def do() -> None:
        actions.decide_objection(
            credit_objection_id, upheld=form.upheld.data == "yes", reason=form.reason.data, by=me(), at=now(), on=today()
        )

    return _do(record_id, "decision", form, do, "异议已处理，结果和理由机构可以看到。")
