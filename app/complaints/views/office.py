"""The office's pages (投诉办理): the ledger, taking down a call, one complaint with its next step, figures."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from app.complaints import forms, queries
from app.complaints.actions import desk, intake, verifying
from app.complaints.actions.intake import Draft
from app.complaints.queries import lists, pages
from app.complaints.rules import gate
from app.complaints.rules.kinds import Channel, Finding, Matter, PauseReason, Relation, Satisfaction, Track
from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.forms import Form
from app.core.listing import export_rows
from app.core.refusal import Refused
from app.core.uploads import clean
from app.core.xlsx.write import Table, write_table

bp = Blueprint("complaints", __name__)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Acts of the page: name in the address → its form, heading, button.
ACTS: Final[Mapping[str, tuple[type[Form], str, str]]] = {
    "classify": (forms.Classification, "分类", "确定分类"),
    "accept": (forms.Note, "受理", "受理"),
    "decline": (forms.Words, "不予受理", "不予受理并告知"),
    "forward": (forms.Forwarding, "转其他部门", "转办并告知"),
    "return": (forms.Words, "退回来源", "退回"),
    "merge": (forms.Merging, "并案", "并入"),
    "assign": (forms.Note, "派单", "由我核实"),
    "ask": (forms.Facts, "向机构核实", "发给机构"),
    "keep": (forms.Evidence, "存证据", "存入"),
    "pause": (forms.Pausing, "中止", "中止办理"),
    "resume": (forms.Note, "恢复办理", "恢复办理"),
    "ask_extension": (forms.ExtensionRequest, "申请延期", "提交申请"),
    "decide_extension": (forms.ExtensionDecision, "审批延期", "确定"),
    "find": (forms.FindingForm, "提出处理意见", "提交审核"),
    "review": (forms.Note, "审核处理意见", "审核通过"),
    "send_back": (forms.Words, "退回重查", "退回"),
    "answer": (forms.Answer, "答复投诉人", "答复"),
    "call_back": (forms.CallBack, "回访", "记下回访"),
    "close": (forms.Note, "办结", "办结"),
    "archive": (forms.Note, "归档", "归档"),
    "mark_urgent": (forms.Danger, "标为紧急", "标为紧急"),
    "settle_urgent": (forms.Measures, "紧急处置", "记下处置"),
    "open_case": (forms.Note, "转个案检查", "拟定个案检查"),
}


# --- ledger -----------------------------------------------------------------------------------------------------------


@bp.get("/office/complaints")
@requires("complaint.read")
def list_complaints() -> ResponseReturnValue:
    """The complaints of one's region, what comes due first (投诉台账)."""
    spec = lists.ledger(me().scope.path, today())
    query = listing.read(spec, request.args)
    page = listing.fetch_as(db.session, lists.lines(seen_by=me()), spec, query, make=lists.make_line(today()))
    tiles = pages.tiles(seen_by=me(), on=today())
    return render_template("complaints/list.html", spec=spec, query=query, page=page, tiles=tiles), query.status


@bp.get("/office/complaints.xlsx")
@requires("complaint.export")
def export_complaints() -> ResponseReturnValue:
    """The filtered ledger as a workbook (导出台账): no statement, no contact, no code."""
    spec = lists.ledger(me().scope.path, today())
    query = listing.read(spec, request.args)
    rows = list(export_rows(db.session, lists.lines(seen_by=me()), spec, query, make=lists.make_line(today())))
    data = write_table([Table("投诉台账", [str(cell) for cell in rows[0]], rows[1:])])
    name = f"attachment; filename=complaints-{today().isoformat()}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": name})


@bp.get("/office/complaints/statistics")
@requires("complaint.read")
def show_statistics() -> ResponseReturnValue:
    """How many, about what, where, how well (投诉统计)."""
    first = _day(request.args.get("first")) or today().replace(month=1, day=1)
    last = _day(request.args.get("last")) or today()
    tables = [
        (label, lists.statistics(key, first, last, seen_by=me(), on=today()))
        for key, label in (
            ("track", "按途径"),
            ("matter", "按事项"),
            ("month", "按月"),
            ("region", "按受理机关"),
            ("home", "按反映对象"),
        )
    ]
    return render_template("complaints/statistics.html", tables=tables, first=first, last=last)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


# --- taking down ------------------------------------------------------------------------------------------------------


def _homes() -> list[SelectChoice]:
    found = queries.homes(me().scope.path or "/", seen_by=me())
    return [SelectChoice("", "还不清楚，或不在辖区"), *(SelectChoice(str(site_id), name) for site_id, name in found)]


@bp.get("/office/complaints/new")
@requires("complaint.register")
def show_new() -> ResponseReturnValue:
    """The form of a call, a visit or a transfer (登记投诉)."""
    form = forms.OfficeComplaint()
    form.about_site_id.choices = _homes()
    return render_template("complaints/new.html", form=form)


@bp.post("/office/complaints")
@requires("complaint.register")
def create_complaint() -> ResponseReturnValue:
    """Take it down; the code is shown once, to be read out (登记投诉)."""
    form = forms.OfficeComplaint.sent()
    form.about_site_id.choices = _homes()
    if not form.validate():
        return render_template("complaints/new.html", form=form), 422
    code = gate.code_for(secrets.token_hex(32), secrets.token_urlsafe(18))
    try:
        row = intake.register_complaint(_draft(form), code=code, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return render_template("complaints/new.html", form=form), 422
    return render_template("complaints/registered.html", row=row, code=gate.shown_code(code))


def _draft(form: Any) -> Draft:
    anonymous = bool(form.anonymous.data)
    return Draft(
        about_words=form.about_words.data,
        about_site_id=UUID(form.about_site_id.data) if form.about_site_id.data else None,
        statement=form.statement.data,
        matter=Matter(form.matter.data),
        channel=Channel(form.channel.data),
        happened_words=form.happened_words.data or "",
        anonymous=anonymous,
        relation=Relation(form.relation.data) if form.relation.data else None,
        name="" if anonymous else form.name.data or "",
        phone="" if anonymous else form.phone.data or "",
        urgent=bool(form.urgent.data),
        urgent_words=form.urgent_words.data or "",
        source_words=form.source_words.data or "",
    )


# --- one complaint ----------------------------------------------------------------------------------------------------


def _filled(act: str, page: pages.ComplaintPage) -> Any:
    """The form of an act with what is known already."""
    row = page.row
    match act:
        case "classify":
            form = forms.Classification(
                track=row.track.value if row.track else None,
                matter=row.matter.value,
                about_site_id=str(row.about_site_id or ""),
            )
        case "answer" if page.lead is not None and page.lead.answer:
            form = forms.Answer(answer=page.lead.answer)
        case "find":
            form = forms.FindingForm(
                finding=row.finding.value if row.finding else None, reasons=row.finding_reasons, home_words=row.home_words
            )
        case _:
            form = ACTS[act][0]()
    return _with_choices(form, act, page)


def _with_choices(form: Any, act: str, page: pages.ComplaintPage) -> Any:
    if act == "classify":
        form.about_site_id.choices = _homes()
    if act == "merge":
        form.lead_id.choices = [
            SelectChoice(str(lead.id), f"{lead.number}（{lead.state.label}，{lead.received_on}）")
            for lead in queries.leads(page.row, seen_by=me())
        ]
    return form


def _page(complaint_id: UUID, status: int = 200, *, act: str = "", form: Any = None, **more: Any) -> ResponseReturnValue:
    page = pages.complaint_page(complaint_id, seen_by=me(), on=today())
    wanted = act or request.args.get("act", "")
    chosen = wanted if wanted in page.acts else page.next_act if page.next_act in page.acts else ""
    if chosen and form is None:
        form = _filled(chosen, page)
    context = {"contact": forms.Reason(), "seen": None} | more
    others = [(name, ACTS[name][1]) for name in ACTS if name in page.acts and name != chosen]
    return render_template(
        "complaints/complaint.html",
        page=page,
        chosen=chosen,
        form=form,
        heading=ACTS[chosen][1] if chosen else "",
        button=ACTS[chosen][2] if chosen else "",
        others=others,
        state_tone=lists.STATE_TONES[page.row.state],
        finding_tones=lists.FINDING_TONES,
        inquiry_tones=lists.INQUIRY_TONES,
        **context,
    ), status


@bp.get("/office/complaints/<uuid:complaint_id>")
@requires("complaint.read")
def show(complaint_id: UUID) -> ResponseReturnValue:
    """One complaint: what was said, what is due, what to do next (投诉办理)."""
    return _page(complaint_id)


def _done(complaint_id: UUID, act: str, do: Callable[[Any], object], told: str) -> ResponseReturnValue:
    """Validate, do, tell; what was typed is kept when it is refused."""
    form = ACTS[act][0].sent()
    page = pages.complaint_page(complaint_id, seen_by=me(), on=today())
    _with_choices(form, act, page)
    if not form.validate():
        return _page(complaint_id, 422, act=act, form=form)
    try:
        do(form)
    except Refused as refusal:
        if act not in page.acts:
            raise
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(complaint_id, 422, act=act, form=form)
    flash(told)
    return redirect(url_for(".show", complaint_id=complaint_id))


@bp.post("/office/complaints/<uuid:complaint_id>/classify")
@requires("complaint.classify")
def create_classification(complaint_id: UUID) -> ResponseReturnValue:
    """Say which track it takes (分类)."""

    def do(form: Any) -> None:
        site = form.about_site_id.data
        desk.classify(
            complaint_id, Track(form.track.data), matter=Matter(form.matter.data), about_site_id=UUID(site) if site else None,
            note=form.note.data or "", by=me(), at=now(), on=today(),
        )  # fmt: skip

    return _done(complaint_id, "classify", do, "已分类，期限已起算。")


@bp.post("/office/complaints/<uuid:complaint_id>/accept")
@requires("complaint.classify")
def create_acceptance(complaint_id: UUID) -> ResponseReturnValue:
    """Accept (受理)."""
    return _done(
        complaint_id, "accept", lambda f: desk.accept(complaint_id, f.words.data or "", by=me(), at=now(), on=today()), "已受理。"
    )


@bp.post("/office/complaints/<uuid:complaint_id>/decline")
@requires("complaint.decline")
def create_refusal(complaint_id: UUID) -> ResponseReturnValue:
    """Do not take it up, and say why (不予受理)."""
    return _done(
        complaint_id,
        "decline",
        lambda f: desk.decline(complaint_id, f.words.data, by=me(), at=now(), on=today()),
        "已告知投诉人。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/forward")
@requires("complaint.classify")
def create_forwarding(complaint_id: UUID) -> ResponseReturnValue:
    """Pass on to another department (转其他部门)."""

    def do(form: Any) -> None:
        desk.forward(complaint_id, form.to.data, form.words.data or "", by=me(), at=now(), on=today())

    return _done(complaint_id, "forward", do, "已转办，投诉人可以查到转给了谁。")


@bp.post("/office/complaints/<uuid:complaint_id>/return")
@requires("complaint.classify")
def create_return(complaint_id: UUID) -> ResponseReturnValue:
    """Return to where it came from (退回来源)."""
    return _done(
        complaint_id,
        "return",
        lambda f: desk.send_back_to_source(complaint_id, f.words.data, by=me(), at=now(), on=today()),
        "已退回。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/merge")
@requires("complaint.classify")
def create_merge(complaint_id: UUID) -> ResponseReturnValue:
    """Let it follow another (并案)."""
    return _done(
        complaint_id,
        "merge",
        lambda f: desk.merge(complaint_id, UUID(f.lead_id.data), by=me(), at=now(), on=today()),
        "已并案。这件的期限照走，主办件审核后要单独答复。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/assign")
@requires("complaint.assign")
def create_assignment(complaint_id: UUID) -> ResponseReturnValue:
    """Take it on (派单)."""
    return _done(
        complaint_id, "assign", lambda f: desk.assign(complaint_id, f.words.data or "", by=me(), at=now(), on=today()), "已派单。"
    )


@bp.post("/office/complaints/<uuid:complaint_id>/ask")
@requires("complaint.verify")
def create_inquiry(complaint_id: UUID) -> ResponseReturnValue:
    """Put facts to the home (向机构核实)."""

    def do(form: Any) -> None:
        verifying.ask_home(complaint_id, form.facts.data, confirmed=bool(form.confirmed.data), by=me(), at=now(), on=today())

    return _done(complaint_id, "ask", do, "已发给机构，机构只看到您写的事实。")


@bp.post("/office/complaints/<uuid:complaint_id>/keep")
@requires("complaint.verify")
def create_evidence(complaint_id: UUID) -> ResponseReturnValue:
    """Keep photos and papers of the office (存证据), cleaned first."""

    def do(form: Any) -> None:
        address = current_app.extensions["settings"].clamd_address or None
        uploads = [clean(file.read(), file.filename, clamd=address) for file in form.files.data or [] if file.filename]
        intake.keep_evidence(complaint_id, uploads, by=me(), at=now(), on=today())

    return _done(complaint_id, "keep", do, "已存入，机构看不到。")


@bp.post("/office/complaints/<uuid:complaint_id>/pause")
@requires("complaint.pause")
def create_pause(complaint_id: UUID) -> ResponseReturnValue:
    """Stop the clock (中止)."""

    def do(form: Any) -> None:
        desk.pause(complaint_id, PauseReason(form.reason.data), form.words.data, by=me(), at=now(), on=today())

    return _done(complaint_id, "pause", do, "已中止，期限停走。")


@bp.post("/office/complaints/<uuid:complaint_id>/resume")
@requires("complaint.resume")
def create_resumption(complaint_id: UUID) -> ResponseReturnValue:
    """Let the clock go on (恢复办理)."""
    return _done(
        complaint_id,
        "resume",
        lambda f: desk.resume(complaint_id, f.words.data or "", by=me(), at=now(), on=today()),
        "已恢复办理，期限接着算。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/ask_extension")
@requires("complaint.verify")
def create_extension_request(complaint_id: UUID) -> ResponseReturnValue:
    """Ask for more time (申请延期)."""

    def do(form: Any) -> None:
        desk.ask_extension(complaint_id, form.days.data, form.reason.data, by=me(), at=now(), on=today())

    return _done(complaint_id, "ask_extension", do, "已申请，批准前期限不变。")


@bp.post("/office/complaints/<uuid:complaint_id>/decide_extension")
@requires("complaint.extend")
def create_extension(complaint_id: UUID) -> ResponseReturnValue:
    """Grant or refuse more time (审批延期)."""

    def do(form: Any) -> None:
        desk.decide_extension(complaint_id, form.granted.data == "yes", form.words.data or "", by=me(), at=now(), on=today())

    return _done(complaint_id, "decide_extension", do, "已审批。")


@bp.post("/office/complaints/<uuid:complaint_id>/find")
@requires("complaint.verify")
def create_finding(complaint_id: UUID) -> ResponseReturnValue:
    """Propose what was found (提出处理意见)."""

    def do(form: Any) -> None:
        verifying.find(
            complaint_id, Finding(form.finding.data), form.reasons.data, home_words=form.home_words.data or "",
            confirmed=bool(form.confirmed.data), by=me(), at=now(), on=today(),
        )  # fmt: skip

    return _done(complaint_id, "find", do, "已提交，等另一名审核人员审核。")


@bp.post("/office/complaints/<uuid:complaint_id>/review")
@requires("complaint.review")
def create_review(complaint_id: UUID) -> ResponseReturnValue:
    """Let the finding stand (审核通过)."""
    return _done(
        complaint_id,
        "review",
        lambda f: verifying.review(complaint_id, f.words.data or "", by=me(), at=now(), on=today()),
        "审核通过，可以答复投诉人。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/send_back")
@requires("complaint.review")
def create_sending_back(complaint_id: UUID) -> ResponseReturnValue:
    """Have it looked at again (退回重查)."""
    return _done(
        complaint_id,
        "send_back",
        lambda f: verifying.send_back(complaint_id, f.words.data, by=me(), at=now(), on=today()),
        "已退回重查。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/answer")
@requires("complaint.answer")
def create_answer(complaint_id: UUID) -> ResponseReturnValue:
    """Answer the complainant (答复)."""

    def do(form: Any) -> None:
        verifying.answer(complaint_id, form.answer.data, form.way.data, by=me(), at=now(), on=today())

    return _done(complaint_id, "answer", do, "已答复，投诉人凭查询码能看到全文。")


@bp.post("/office/complaints/<uuid:complaint_id>/call_back")
@requires("complaint.call_back")
def create_call_back(complaint_id: UUID) -> ResponseReturnValue:
    """Write down the call-back (回访)."""

    def do(form: Any) -> None:
        verifying.call_back(
            complaint_id, Satisfaction(form.satisfaction.data), form.words.data or "", by=me(), at=now(), on=today()
        )

    return _done(complaint_id, "call_back", do, "已记下回访。")


@bp.post("/office/complaints/<uuid:complaint_id>/close")
@requires("complaint.answer")
def create_closing(complaint_id: UUID) -> ResponseReturnValue:
    """Close it (办结)."""
    return _done(complaint_id, "close", lambda _: verifying.close(complaint_id, by=me(), at=now(), on=today()), "已办结。")


@bp.post("/office/complaints/<uuid:complaint_id>/archive")
@requires("complaint.answer")
def create_archiving(complaint_id: UUID) -> ResponseReturnValue:
    """Put it into the archive (归档)."""
    return _done(complaint_id, "archive", lambda _: desk.archive(complaint_id, by=me(), at=now(), on=today()), "已归档。")


@bp.post("/office/complaints/<uuid:complaint_id>/mark_urgent")
@requires("complaint.urgent")
def create_alarm(complaint_id: UUID) -> ResponseReturnValue:
    """Mark it as urgent (标为紧急)."""
    return _done(
        complaint_id,
        "mark_urgent",
        lambda f: desk.mark_urgent(complaint_id, f.words.data, by=me(), at=now(), on=today()),
        "已标为紧急，今天之内处置并上报。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/settle_urgent")
@requires("complaint.urgent")
def create_settlement(complaint_id: UUID) -> ResponseReturnValue:
    """Write down what was done about the danger (紧急处置)."""
    return _done(
        complaint_id,
        "settle_urgent",
        lambda f: desk.settle_urgent(complaint_id, f.words.data, by=me(), at=now(), on=today()),
        "已记下处置。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/open_case")
@requires("complaint.verify")
def create_case(complaint_id: UUID) -> ResponseReturnValue:
    """Plan a case inspection out of it (转个案检查)."""
    return _done(
        complaint_id,
        "open_case",
        lambda _: desk.open_case(complaint_id, by=me(), at=now(), on=today()),
        "已拟定个案检查，由负责人批准。检查不得事先告知路线和事项。",
    )


@bp.post("/office/complaints/<uuid:complaint_id>/contact")
@requires("complaint.contact")
def create_contact(complaint_id: UUID) -> ResponseReturnValue:
    """Show name and telephone in the clear, for a reason that is kept (查看投诉人联系方式)."""
    form = forms.Reason.sent()
    if not form.validate():
        return _page(complaint_id, 422, contact=form)
    try:
        seen = desk.reveal_contact(complaint_id, form.seen_for.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.seen_for.errors = [refusal.sentence]
        return _page(complaint_id, 422, contact=form)
    return _page(complaint_id, seen=seen)
