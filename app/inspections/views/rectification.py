"""A home's own problems (整改): what is open, photos, the report, more time, the home's own view."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.inspections.actions import findings as actions
from app.inspections.actions import hazards
from app.inspections.forms import findings as forms
from app.inspections.queries import finding_pages as pages
from app.inspections.queries import findings as ledger
from app.inspections.rules.hazards import Stop
from app.inspections.views.orders import cleaned

bp = Blueprint("rectification", __name__)
ACTS: Final = {"extension": forms.ExtensionRequest, "reply": forms.ReplyForm, "plan": forms.PlanForm}


@bp.get("/my/rectification")
@requires("my.rectification")
def list_findings() -> ResponseReturnValue:
    """The home's problems (整改)."""
    spec = pages.ledger_list(None, today(), mine=True)
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, ledger.ledger(seen_by=me()), spec, query)
    balance = ledger.balance(seen_by=me(), on=today())
    return render_template(
        "inspections/rectification/list.html", spec=spec, query=query, page=page, balance=balance
    ), query.status


def _page(finding_id: UUID, status: int = 200, *, open_act: str = "", form: Any = None) -> ResponseReturnValue:
    page = pages.finding_page(finding_id, seen_by=me(), on=today())
    wanted = open_act or request.args.get("act", "")
    chosen = wanted if wanted in ACTS and wanted in page.acts else ""
    report = forms.RectificationReport(measure=page.draft.measure if page.draft else "")
    return render_template(
        "inspections/rectification/finding.html",
        page=page,
        report=report,
        chosen=chosen,
        form=form if form is not None else ACTS[chosen]() if chosen else None,
        state_tone=pages.STATE_TONES[page.finding.state],
        severity_tone=pages.SEVERITY_TONES[page.finding.severity],
        stops={s.value: s.label for s in Stop},
    ), status


@bp.get("/my/findings/<uuid:finding_id>")
@requires("my.rectification")
def show_finding(finding_id: UUID) -> ResponseReturnValue:
    """One problem of the home: what was found, what is asked, until when, what to do (一项整改)."""
    return _page(finding_id)


@bp.post("/my/findings/<uuid:finding_id>/report")
@requires("my.rectification")
def create_report(finding_id: UUID) -> ResponseReturnValue:
    """Keep what was typed and uploaded, and submit it when asked to (整改报告).

    The words and the good photos are always kept first; what stands in the way is told on the page that follows, so that
    nothing has to be typed or chosen twice.
    """
    form = forms.RectificationReport.sent()
    uploads, trouble = _readable(form.photos.data)
    drop = request.form.get("drop", "")
    draft = actions.save_draft(
        finding_id,
        measure=form.measure.data or "",
        uploads=uploads,
        drop=UUID(drop) if _is_uuid(drop) else None,
        by=me(),
        at=now(),
        on=today(),
    )
    for sentence in trouble:
        flash(sentence, "bad")
    if request.form.get("act") == "submit" and not trouble:
        return _submit(finding_id, draft.measure, [UUID(p) for p in draft.photos])
    if not trouble:
        flash("已保存，还没有提交。写好措施、传好照片后请按“提交整改报告”。", "info")
    return redirect(url_for(".show_finding", finding_id=finding_id, _anchor="report"))


def _submit(finding_id: UUID, measure: str, photos: list[UUID]) -> ResponseReturnValue:
    try:
        actions.report_rectified(finding_id, measure=measure, photos=photos, by=me(), at=now(), on=today())
    except Refused as refusal:
        flash(refusal.sentence, "bad")
        return redirect(url_for(".show_finding", finding_id=finding_id, _anchor="report"))
    flash("整改报告已提交，民政部门会另派人员复查。")
    return redirect(url_for(".show_finding", finding_id=finding_id))


def _readable(files: Any) -> tuple[list[CleanUpload], list[str]]:
    """The files that can be read, and a sentence for each that cannot (可用的照片)."""
    found, trouble = [], []
    for file in files or []:
        try:
            found += cleaned([file])
        except Refused as refusal:
            trouble.append(f"{file.filename}：{refusal.sentence}")
    return found, trouble


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _do(finding_id: UUID, key: str, do: Any, told: str) -> ResponseReturnValue:
    """Validate, do, tell; what was typed stays when it is refused."""
    form = ACTS[key].sent()
    if not form.validate():
        return _page(finding_id, 422, open_act=key, form=form)
    try:
        do(form)
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(finding_id, 422, open_act=key, form=form)
    flash(told)
    return redirect(url_for(".show_finding", finding_id=finding_id))


@bp.post("/my/findings/<uuid:finding_id>/extension")
@requires("my.rectification")
def create_extension(finding_id: UUID) -> ResponseReturnValue:
    """Ask for more time (申请延期)."""

    def do(form: Any) -> None:
        actions.ask_extension(finding_id, wanted=form.wanted.data, reason=form.reason.data, by=me(), at=now(), on=today())

    return _do(finding_id, "extension", do, "延期申请已提交，审批结果会显示在这里。批准前期限不变。")


@bp.post("/my/findings/<uuid:finding_id>/reply")
@requires("my.reply")
def create_reply(finding_id: UUID) -> ResponseReturnValue:
    """Give the home's own view (陈述)."""

    def do(form: Any) -> None:
        actions.give_reply(finding_id, text=form.text.data, by=me(), at=now(), on=today())

    return _do(finding_id, "reply", do, "说明已提交；核对不含个人信息后与问题一起公示。")


@bp.post("/my/findings/<uuid:finding_id>/plan")
@requires("my.reply")
def create_plan(finding_id: UUID) -> ResponseReturnValue:
    """Submit the plan against a major hazard (提交整改方案)."""

    def do(form: Any) -> None:
        hazards.submit_plan(finding_id, plan=form.plan.data, plan_due=form.plan_due.data, by=me(), at=now(), on=today())

    return _do(finding_id, "plan", do, "整改方案已提交，等待审批。")
