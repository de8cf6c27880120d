"""Draw plans (双随机抽查计划): list, draft, the six steps, what follows."""

from __future__ import annotations

import io
import secrets
import zipfile
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload, clean
from app.inspections.actions import draw_changes, draws
from app.inspections.actions.draw_changes import ChangeWanted
from app.inspections.actions.draws import PlanDraft
from app.inspections.forms import draws as forms
from app.inspections.queries import draw_pages as pages
from app.inspections.queries import draws as queries
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import (
    TEAMS,
    MarkReason,
    PlanReach,
    RequestKind,
    Standing,
    StratumRule,
)
from app.providers.rules import SiteKind, Tier

bp = Blueprint("draws", __name__)
TIERS = tuple(tier.value for tier in Tier)


def _demo() -> bool:
    return bool(current_app.extensions["settings"].is_demo)


def _upload(field: Any) -> CleanUpload | None:
    """The file of a field, cleaned; None when none was chosen."""
    if not field.data or not field.data.filename:
        return None
    clamd = current_app.extensions["settings"].clamd_address or None
    return clean(field.data.read(), field.data.filename, clamd=clamd)


def _to(plan_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("draws.show_plan", plan_id=plan_id))


# --- list and draft ---------------------------------------------------------------------------------------------------


@bp.get("/office/draws")
@requires("draw.read")
def list_plans() -> ResponseReturnValue:
    """The plans of one's line (抽查计划)."""
    query = listing.read(pages.PLANS, request.args)
    page = listing.fetch(db.session, queries.plans(seen_by=me()), pages.PLANS, query)
    overdue = queries.overdue(seen_by=me(), on=today())
    return (
        render_template("inspections/draws/plans.html", spec=pages.PLANS, query=query, page=page, overdue=overdue),
        query.status,
    )


@bp.get("/office/draws/new")
@requires("draw.plan")
def new_plan() -> ResponseReturnValue:
    """The form of a plan, filled with the rates that hold here (拟定计划)."""
    rates = _rates()
    start = today() + timedelta(days=9)
    form = forms.NewPlan(
        data={
            "title": f"{start.year} 年第{'一二三四'[(start.month - 1) // 3]}季度养老机构双随机抽查",
            "first_day": today() + timedelta(days=7),
            "inspect_from": start,
            "inspect_until": start + timedelta(days=35),
            "reveal_on": start + timedelta(days=42),
            **{rule.token: {"rate": rule.rate / 100, "minimum": 1, "maximum": 0, "team": "basic"} for rule in rates.values()},
        }
    )
    return _new_page(form, rates)


def _rates() -> dict[str, StratumRule]:
    path = me().scope.path or "/"
    return {rule.token: rule for rule in queries.strata_from_pack(path, today())}


def _new_page(form: Any, rates: dict[str, StratumRule], status: int = 200) -> ResponseReturnValue:
    if _demo():
        form.source.choices = [*forms.SOURCES, forms.DEMO_SOURCE]
    return render_template("inspections/draws/new.html", form=form, rates=rates, tiers=TIERS), status


@bp.post("/office/draws/new")
@requires("draw.plan")
def create_plan() -> ResponseReturnValue:
    """Draft a plan (拟定计划)."""
    form, rates = forms.NewPlan.sent(), _rates()
    if _demo():
        form.source.choices = [*forms.SOURCES, forms.DEMO_SOURCE]
    if not form.validate():
        return _new_page(form, rates, 422)
    try:
        row = draws.draft_plan(_drafted(form, rates), by=me(), at=now(), on=today(), demo=_demo())
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
        return _new_page(form, rates, 422)
    flash("计划已拟定。请登记必查和剔除，再交批准人批准。")
    return _to(row.id)


def _drafted(form: Any, rates: dict[str, StratumRule]) -> PlanDraft:
    return PlanDraft(
        title=form.title.data,
        mode=Mode(form.mode.data),
        strata=tuple(_stratum(token, getattr(form, token).form, rates[token]) for token in TIERS),
        inspect_from=form.inspect_from.data,
        inspect_until=form.inspect_until.data,
        reveal_on=form.reveal_on.data,
        source=form.source.data,
        first_day=form.first_day.data,
        dice=form.dice.data,
        joint=tuple(form.joint.data or ()),
        reach=PlanReach(form.reach.data),
        kinds=tuple(SiteKind(kind) for kind in form.kinds.data),
    )


def _stratum(token: str, form: Any, packed: StratumRule) -> StratumRule:
    rate = int(form.rate.data * 100)
    source = packed.source if rate == packed.rate else f"本计划另定（{packed.source}为 {packed.rate / 100:g}%）"
    return StratumRule(token, rate, form.minimum.data, form.maximum.data, form.team.data, source)


# --- the page of a plan -----------------------------------------------------------------------------------------------


@bp.get("/office/draws/<uuid:plan_id>")
@requires("draw.read")
def show_plan(plan_id: UUID) -> ResponseReturnValue:
    """The six steps of a plan, the current one open (抽查计划)."""
    return _page(plan_id)


def _page(plan_id: UUID, status: int = 200, **more: Any) -> ResponseReturnValue:
    row = queries.plan(plan_id, seen_by=me())
    page = pages.plan_page(row, seen_by=me(), on=today(), computes=may(me(), "draw.compute"))
    mark, value = more.pop("mark", None) or forms.Mark(), more.pop("value", None)
    mark.draw_id.choices = [("", "请选择"), *((s.draw_id, f"{s.name}（{s.site.tier.value} 级）") for s in page.unmarked)]
    return (
        render_template(
            "inspections/draws/plan.html",
            page=page,
            plan=row,
            mark=mark,
            value=value or forms.Value(),
            entering=value.number.data if value else "",
            look=more.pop("look", None) or forms.Reason(),
            teams=TEAMS,
            accept=forms.FILE_TYPES,
            **more,
        ),
        status,
    )


@bp.post("/office/draws/<uuid:plan_id>/marks")
@requires("draw.plan")
def create_mark(plan_id: UUID) -> ResponseReturnValue:
    """Mark a site must or out (登记必查、剔除)."""
    form = forms.Mark.sent()
    form.draw_id.choices = []
    if not form.validate():
        return _page(plan_id, 422, mark=form)
    standing, _, reason = form.why.data.partition(":")
    try:
        draws.mark_object(
            plan_id, form.draw_id.data, Standing(standing), MarkReason(reason), form.note.data or "",
            by=me(), at=now(), on=today(),
        )  # fmt: skip
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
        return _page(plan_id, 422, mark=form)
    flash("已登记。")
    return _to(plan_id)


@bp.post("/office/draws/marks/<uuid:mark_id>/remove")
@requires("draw.plan")
def remove_mark(mark_id: UUID) -> ResponseReturnValue:
    """Take a mark off again (移除必查、剔除)."""
    mark = draws.unmark_object(mark_id, by=me(), at=now(), on=today())
    flash("已移除。")
    return _to(mark.plan_id)


@bp.post("/office/draws/<uuid:plan_id>/discard")
@requires("draw.plan")
def discard_plan(plan_id: UUID) -> ResponseReturnValue:
    """Withdraw a plan before the freeze (撤回计划)."""
    draws.discard_plan(plan_id, by=me(), on=today())
    flash("计划已撤回，没有占用编号。")
    return _to(plan_id)


@bp.post("/office/draws/<uuid:plan_id>/approve")
@requires("draw.approve")
def approve_plan(plan_id: UUID) -> ResponseReturnValue:
    """Approve a plan (批准计划)."""
    draws.approve_plan(plan_id, by=me(), at=now(), on=today())
    flash("计划已批准，下一步封存名录。")
    return _to(plan_id)


@bp.post("/office/draws/<uuid:plan_id>/freeze")
@requires("draw.approve")
def freeze_plan(plan_id: UUID) -> ResponseReturnValue:
    """Freeze the lists (封存名录)."""
    row = draws.freeze_plan(plan_id, by=me(), at=now(), on=today(), blind=lambda: secrets.token_hex(32))
    flash(f"名录已封存，计划编号 {row.code}。指纹已同时记入留痕。")
    return _to(plan_id)


@bp.post("/office/draws/<uuid:plan_id>/values")
@requires("draw.seed")
def enter_value(plan_id: UUID) -> ResponseReturnValue:
    """Enter a public value as one of two (录入公开值)."""
    form = forms.Value.sent()
    if not form.validate() or not form.number.data.isdecimal():
        return _page(plan_id, 422, value=form)
    try:
        stand = draws.enter_value(
            plan_id, int(form.number.data), form.event.data, form.typed.data,
            by=me(), at=now(), on=today(), evidence=_upload(form.page),
        )  # fmt: skip
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
        return _page(plan_id, 422, value=form)
    if stand.agreed:
        flash("两人录入一致。")
    elif stand.entered:
        flash("已录入，等另一人独立录入。")
    else:
        flash("两人录入不一致，请双方重看官网，各自重新录入。", "warning")
    return _to(plan_id)


@bp.post("/office/draws/<uuid:plan_id>/compute")
@requires("draw.compute")
def compute_draw(plan_id: UUID) -> ResponseReturnValue:
    """Make the seed and draw, once (合成种子并抽取)."""
    row = draws.compute_draw(plan_id, by=me(), at=now(), on=today())
    if row.infeasible:
        flash("抽取已完成，但检查人员不足，没有派组。请看人手不足的说明。", "warning")
    else:
        flash("抽取完成。" if row.mode is Mode.OPEN else "抽取完成，结果密封，指纹已公布。")
    return _to(plan_id)


@bp.post("/office/draws/<uuid:plan_id>/names")
@requires("draw.compute")
def open_names(plan_id: UUID) -> ResponseReturnValue:
    """Look into a sealed result, recorded (拆看密封名单)."""
    form = forms.Reason.sent()
    if not form.validate():
        return _page(plan_id, 422, look=form)
    teams = draws.open_names(plan_id, form.reason.data, by=me(), on=today(), computes=may(me(), "draw.compute"))
    row = queries.plan(plan_id, seen_by=me())
    return render_template("inspections/draws/names.html", plan=row, teams=teams, reason=form.reason.data, at=now())


@bp.post("/office/draws/<uuid:plan_id>/escrow")
@requires("draw.escrow")
def open_escrow(plan_id: UUID) -> ResponseReturnValue:
    """Open the sealed blind of a voided or missed plan (启封盲值备份)."""
    form = forms.Reason.sent()
    if not form.validate():
        return _page(plan_id, 422, look=form)
    blind = draws.open_escrow(plan_id, form.reason.data, by=me(), at=now(), on=today())
    return render_template("inspections/draws/escrow.html", plan=queries.plan(plan_id, seen_by=me()), blind=blind)


@bp.get("/office/draws/<uuid:plan_id>/files.zip")
@requires("draw.read")
def download_files(plan_id: UUID) -> ResponseReturnValue:
    """The files of a plan as one archive (下载计划文件), for the command and the offline page."""
    row = queries.plan(plan_id, seen_by=me())
    files = queries.files_for(row)
    if not files:
        raise Refused("draw.no_files", "名录封存以后才有文件可下载。")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(f"{row.code}/{name}", (2026, 1, 1, 0, 0, 0)), text.encode())
    name = f"{row.code}.zip"
    return Response(
        held.getvalue(), mimetype="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


# --- afterwards -------------------------------------------------------------------------------------------------------


@bp.get("/office/draws/<uuid:plan_id>/changes/new")
@requires("draw.ask")
def new_change(plan_id: UUID) -> ResponseReturnValue:
    """The form of a change (申请加抽、递补、更换); the address may fill it in."""
    return _change_page(plan_id, forms.Change(data={key: request.args.get(key, "") for key in ("kind", "what", "detail")}))


def _change_page(plan_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    row = queries.plan(plan_id, seen_by=me())
    return (
        render_template(
            "inspections/draws/change.html", plan=row, form=form, accept=forms.FILE_TYPES, reasons=pages.CHANGE_REASONS
        ),
        status,
    )


@bp.post("/office/draws/<uuid:plan_id>/changes/new")
@requires("draw.ask")
def create_change(plan_id: UUID) -> ResponseReturnValue:
    """Ask for a change (提出申请)."""
    form = forms.Change.sent()
    if not form.validate():
        return _change_page(plan_id, form, 422)
    wanted = ChangeWanted(
        RequestKind(form.kind.data), form.what.data, form.detail.data or "", form.reason.data, form.note.data or ""
    )
    try:
        draw_changes.ask_change(plan_id, wanted, by=me(), at=now(), on=today(), evidence=_upload(form.proof))
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
        return _change_page(plan_id, form, 422)
    flash("申请已提出，等另一人批准。")
    return _to(plan_id)


@bp.get("/office/draws/<uuid:plan_id>/void")
@requires("draw.ask")
def new_void(plan_id: UUID) -> ResponseReturnValue:
    """The form of a void (申请作废)."""
    return render_template("inspections/draws/void.html", plan=queries.plan(plan_id, seen_by=me()), form=forms.Reason())


@bp.post("/office/draws/<uuid:plan_id>/void")
@requires("draw.ask")
def create_void(plan_id: UUID) -> ResponseReturnValue:
    """Ask for a void, which the superior decides (申请作废)."""
    form = forms.Reason.sent()
    try:
        if form.validate():
            wanted = ChangeWanted(RequestKind.VOID, reason=form.reason.data)
            draw_changes.ask_change(plan_id, wanted, by=me(), at=now(), on=today())
            flash("作废申请已提出，由上级机关批准。编号、指纹和理由都会保留。")
            return _to(plan_id)
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
    return render_template("inspections/draws/void.html", plan=queries.plan(plan_id, seen_by=me()), form=form), 422


@bp.post("/office/draws/changes/<uuid:request_id>/approve")
@requires("draw.decide")
def approve_change(request_id: UUID) -> ResponseReturnValue:
    """Approve a request (批准申请)."""
    event = draw_changes.approve_change(request_id, by=me(), at=now(), on=today())
    flash("已批准并记入事后记录。")
    return _to(event.plan_id)


@bp.post("/office/draws/changes/<uuid:request_id>/decline")
@requires("draw.decide")
def decline_change(request_id: UUID) -> ResponseReturnValue:
    """Decline a request with a reason (不予批准)."""
    plan_id = queries.request(request_id, seen_by=me()).plan_id
    form = forms.Reason.sent()
    if not form.validate():
        return _page(plan_id, 422, look=form)
    draw_changes.decline_change(request_id, form.reason.data, by=me(), at=now(), on=today())
    flash("已记下不予批准。")
    return _to(plan_id)


@bp.get("/office/draws/<uuid:plan_id>/supplement")
@requires("draw.plan")
def new_supplement(plan_id: UUID) -> ResponseReturnValue:
    """The form of a supplementary plan (补充计划)."""
    form = forms.Supplement(data={"first_day": today() + timedelta(days=7)})
    return render_template("inspections/draws/supplement.html", plan=queries.plan(plan_id, seen_by=me()), form=form)


@bp.post("/office/draws/<uuid:plan_id>/supplement")
@requires("draw.plan")
def create_supplement(plan_id: UUID) -> ResponseReturnValue:
    """Draft a supplementary plan (拟定补充计划)."""
    form = forms.Supplement.sent()
    try:
        if form.validate():
            first: date = form.first_day.data
            row = draws.draft_supplement(plan_id, first_day=first, by=me(), at=now(), on=today(), demo=_demo())
            flash("补充计划已拟定。")
            return _to(row.id)
    except Refused as refusal:
        form.form_errors.append(refusal.sentence)
    return render_template("inspections/draws/supplement.html", plan=queries.plan(plan_id, seen_by=me()), form=form), 422
