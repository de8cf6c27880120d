"""Orders, re-checks, reports, the words of papers, for the office (责令改正、复查、检查报告、文书用语)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms.fields.choices import SelectChoice

from app.archive.queries import documents_about
from app.core.access import me, requires
from app.core.clock import BEIJING, now, today
from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.core.uploads import CleanUpload, clean
from app.inspections.actions import findings as actions
from app.inspections.actions import orders, papers
from app.inspections.actions.findings import Looked
from app.inspections.actions.orders import Demand
from app.inspections.forms import findings as forms
from app.inspections.queries import finding_pages as pages
from app.inspections.queries import findings as ledger
from app.inspections.queries import papers as paper_queries
from app.inspections.rules.papers import PATTERNS, Paper, ServiceWay
from app.inspections.rules.recheck import Handling, RecheckResult

bp = Blueprint("orders", __name__)
MOST_PHOTOS: Final = 6


def cleaned(files: list[FileStorage] | None) -> list[CleanUpload]:
    """The files of a form, cleaned (清洗上传); an empty field gives none."""
    clamd = current_app.extensions["settings"].clamd_address or None
    found = []
    for file in files or []:
        data = file.read() if file and file.filename else b""
        if data:
            found.append(clean(data, file.filename or "", clamd=clamd))
    return found


# --- orders -----------------------------------------------------------------------------------------------------------


def _order_form(task_id: UUID, status: int = 200, lines: Any = None, errors: Any = ()) -> ResponseReturnValue:
    usual = ledger.usual_demands(task_id, seen_by=me(), on=today())
    if lines is None:
        lines = [
            forms.DemandLine(prefix=f"{u.finding.id}-", data={"chosen": True, "words": u.words, "days": u.days}) for u in usual
        ]
    return render_template(
        "inspections/findings/order_new.html",
        end=pages.task_end(task_id, seen_by=me()),
        lines=list(zip(usual, lines, strict=True)),
        errors=errors,
    ), status


@bp.get("/office/tasks/<uuid:task_id>/orders/new")
@requires("order.issue")
def new_order(task_id: UUID) -> ResponseReturnValue:
    """The form of an order (拟责令改正通知书)."""
    return _order_form(task_id)


@bp.post("/office/tasks/<uuid:task_id>/orders")
@requires("order.issue")
def create_order(task_id: UUID) -> ResponseReturnValue:
    """Issue an order (出具责令改正通知书)."""
    usual = ledger.usual_demands(task_id, seen_by=me(), on=today())
    lines = [forms.DemandLine.sent(prefix=f"{u.finding.id}-") for u in usual]
    good = [line.validate() for line in lines]  # every line says what is wrong with it
    if not all(good):
        return _order_form(task_id, 422, lines, [{"href": "", "text": "有期限填得不对，请填天数"}])
    demands = [
        Demand(u.finding.id, line.words.data or "", u.days if line.days.data is None else line.days.data)
        for u, line in zip(usual, lines, strict=True)
        if line.chosen.data
    ]
    try:
        order = orders.issue_order(task_id, demands, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        return _order_form(task_id, 422, lines, [{"href": "", "text": refusal.sentence}])
    flash(f"{order.number} 已出具，正在生成和签章。送达后请登记。")
    return redirect(url_for("orders.show_order", order_id=order.id))


def _order_page(order_id: UUID, status: int = 200, *, service: Any = None, revocation: Any = None) -> ResponseReturnValue:
    at = now().astimezone(BEIJING).replace(second=0, microsecond=0, tzinfo=None)
    return render_template(
        "inspections/findings/order.html",
        page=pages.order_page(order_id, seen_by=me()),
        service=service or forms.Service(served_at=at, way=ServiceWay.DIRECT.value),
        revocation=revocation or forms.Revocation(),
        tones=pages.STATE_TONES,
    ), status


@bp.get("/office/orders/<uuid:order_id>")
@requires("finding.read")
def show_order(order_id: UUID) -> ResponseReturnValue:
    """An order: demands, days, service, paper (通知书页)."""
    return _order_page(order_id)


@bp.post("/office/orders/<uuid:order_id>/service")
@requires("order.serve")
def create_service(order_id: UUID) -> ResponseReturnValue:
    """Enter how an order reached the home (登记送达)."""
    form = forms.Service.sent()
    if not form.validate():
        return _order_page(order_id, 422, service=form)
    try:
        served: datetime = form.served_at.data
        receipts = cleaned([form.receipt.data] if form.receipt.data else [])
        orders.serve_order(
            order_id,
            way=ServiceWay(form.way.data),
            receiver=form.receiver.data or "",
            note=form.note.data or "",
            receipt=receipts[0] if receipts else None,
            served_at=served.replace(tzinfo=BEIJING),
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _order_page(order_id, 422, service=form)
    flash("送达已登记。")
    return redirect(url_for("orders.show_order", order_id=order_id))


@bp.post("/office/orders/<uuid:order_id>/revocation")
@requires("order.revoke")
def create_revocation(order_id: UUID) -> ResponseReturnValue:
    """Revoke an order (撤销责令)."""
    form = forms.Revocation.sent()
    if not form.validate():
        return _order_page(order_id, 422, revocation=form)
    try:
        orders.revoke_order(order_id, reason=form.reason.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _order_page(order_id, 422, revocation=form)
    flash("通知书已撤销；已公示的结果须在期限内撤回。")
    return redirect(url_for("orders.show_order", order_id=order_id))


# --- re-checks --------------------------------------------------------------------------------------------------------


def _assign_form(task_id: UUID, *, sent: bool) -> Any:
    end = pages.task_end(task_id, seen_by=me())
    people = pages.possible_recheckers(task_id, today(), seen_by=me())
    first = {"findings": [str(f.id) for f in end.waiting], "planned_on": today()}
    form = forms.Assign.sent() if sent else forms.Assign(data=first)
    form.findings.choices = [SelectChoice(str(f.id), f"第{f.number}项 {f.requirement}") for f in end.waiting]
    form.officers.choices = [SelectChoice(str(a.id), f"{a.name}（执法证 {a.certificate_no or '无'}）") for a in people]
    return form


def _assign_page(task_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    end = pages.task_end(task_id, seen_by=me())
    return render_template("inspections/findings/recheck_new.html", end=end, form=form), status


@bp.get("/office/tasks/<uuid:task_id>/rechecks/new")
@requires("recheck.assign")
def new_recheck(task_id: UUID) -> ResponseReturnValue:
    """The form to arrange a re-check (派复查)."""
    return _assign_page(task_id, _assign_form(task_id, sent=False))


@bp.post("/office/tasks/<uuid:task_id>/rechecks")
@requires("recheck.assign")
def create_recheck(task_id: UUID) -> ResponseReturnValue:
    """Arrange a re-check (安排复查)."""
    form = _assign_form(task_id, sent=True)
    if not form.validate():
        return _assign_page(task_id, form, 422)
    try:
        row = actions.assign_recheck(
            [UUID(i) for i in form.findings.data or []],
            [UUID(i) for i in form.officers.data or []],
            planned_on=form.planned_on.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _assign_page(task_id, form, 422)
    flash("复查已安排，复查人员可以看到这家机构和待复查的问题。")
    return redirect(url_for("orders.show_recheck", recheck_id=row.id))


def _recheck_page(
    recheck_id: UUID, status: int = 200, lines: Any = None, end: Any = None, errors: Any = ()
) -> ResponseReturnValue:
    row = ledger.recheck(recheck_id, seen_by=me())
    told = [pages.finding_page(i, seen_by=me(), on=today()) for i in row.finding_ids]
    told.sort(key=lambda page: page.finding.number)
    lines = lines or [forms.LookedLine(prefix=f"{p.finding.id}-") for p in told]
    documents = documents_about(row.id, seen_by=me())
    return render_template(
        "inspections/findings/recheck.html",
        row=row,
        lines=list(zip(told, lines, strict=True)),
        end=end or forms.RecheckEnd(),
        errors=errors,
        mine=me().id in row.officer_ids,
        document=documents[-1] if documents else None,
    ), status


@bp.get("/office/rechecks/<uuid:recheck_id>")
@requires("finding.read")
def show_recheck(recheck_id: UUID) -> ResponseReturnValue:
    """A re-check: before and after side by side, what is found again (复查页)."""
    return _recheck_page(recheck_id)


@bp.post("/office/rechecks/<uuid:recheck_id>")
@requires("recheck.record")
def conclude_recheck(recheck_id: UUID) -> ResponseReturnValue:
    """Conclude a re-check (复查定稿)."""
    row = ledger.recheck(recheck_id, seen_by=me())
    told = [ledger.finding(i, seen_by=me()) for i in row.finding_ids]
    told.sort(key=lambda f: f.number)
    lines = [forms.LookedLine.sent(prefix=f"{f.id}-") for f in told]
    end = forms.RecheckEnd.sent()
    if not all([*(line.validate() for line in lines), end.validate()]):
        return _recheck_page(recheck_id, 422, lines, end, [{"href": "", "text": "请逐项填写复查结果和后续处理"}])
    try:
        looked = [_looked(recheck_id, f.id, line) for f, line in zip(told, lines, strict=True)]
        actions.record_recheck(
            recheck_id,
            looked,
            statement=end.statement.data or "",
            conclusion=end.conclusion.data or "",
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        return _recheck_page(recheck_id, 422, lines, end, [{"href": "", "text": refusal.sentence}])
    flash("复查已定稿，复查记录正在生成和签章。")
    return redirect(url_for("orders.show_recheck", recheck_id=recheck_id))


def _looked(recheck_id: UUID, finding_id: UUID, line: Any) -> Looked:
    photos = cleaned(line.photos.data)[:MOST_PHOTOS]
    kept = [actions.keep_recheck_photo(recheck_id, p, by=me(), at=now(), on=today()).id for p in photos]
    return Looked(
        finding_id,
        RecheckResult(line.result.data),
        Handling(line.handling.data),
        new_due=line.new_due.data,
        note=line.note.data or "",
        photos=tuple(kept),
    )


# --- after closing: report, words -------------------------------------------------------------------------------------


@bp.get("/office/tasks/<uuid:task_id>/closing")
@requires("finding.read")
def show_closing(task_id: UUID) -> ResponseReturnValue:
    """What follows a closed inspection (办结之后): problems, orders, re-checks, report."""
    return _closing(task_id)


def _closing(task_id: UUID, status: int = 200, form: Any = None) -> ResponseReturnValue:
    return render_template(
        "inspections/findings/closing.html",
        end=pages.task_end(task_id, seen_by=me()),
        form=form or forms.Report(),
        tones=pages.STATE_TONES,
        severity_tones=pages.SEVERITY_TONES,
    ), status


@bp.post("/office/tasks/<uuid:task_id>/report")
@requires("report.issue")
def create_report(task_id: UUID) -> ResponseReturnValue:
    """Issue the inspection report (出具检查报告)."""
    form = forms.Report.sent()
    if not form.validate():
        return _closing(task_id, 422, form)
    try:
        report = papers.issue_report(
            task_id,
            advice=(form.advice.data or "").splitlines(),
            correction_reason=form.correction_reason.data or "",
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _closing(task_id, 422, form)
    flash(f"{report.number} 已出具，正在生成和签章。")
    return redirect(url_for("orders.show_closing", task_id=task_id))


def _words_page(form: Any, status: int = 200) -> ResponseReturnValue:
    return render_template("inspections/findings/words.html", form=form, papers=list(Paper), usual=PATTERNS), status


@bp.get("/office/paper-words")
@requires("words.edit")
def show_words() -> ResponseReturnValue:
    """The words of one's own authority's papers (文书用语)."""
    row = paper_queries.words_row(_own())
    if row is None:
        return _words_page(forms.PaperWordsForm())
    data = {
        name: getattr(row, name)
        for name in ("seal_text", "contact", "phone", "address", "report_back", "consequence", "remedies")
    }
    data |= {f"title_{key}": value for key, value in row.titles.items()}
    data |= {f"pattern_{key}": value for key, value in row.patterns.items()}
    return _words_page(forms.PaperWordsForm(data=data))


def _own() -> UUID:
    authority_id = me().authority_id
    if authority_id is None:
        raise NotVisible("authority")
    return authority_id


@bp.post("/office/paper-words")
@requires("words.edit")
def update_words() -> ResponseReturnValue:
    """Set the words of one's own authority's papers (设置文书用语)."""
    form = forms.PaperWordsForm.sent()
    if not form.validate():
        return _words_page(form, 422)
    single = ("seal_text", "contact", "phone", "address", "report_back", "consequence", "remedies")
    try:
        papers.set_words(
            _own(),
            titles={p: form[f"title_{p.value}"].data or "" for p in Paper},
            patterns={p: form[f"pattern_{p.value}"].data or "" for p in Paper},
            **{name: form[name].data or "" for name in single},
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _words_page(form, 422)
    flash("文书用语已保存，从下一份文书起使用。")
    return redirect(url_for("orders.show_words"))
