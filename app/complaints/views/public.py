"""The public's pages (公众投诉): leave a complaint, ask how it stands, add to it, say how it went. No account, no script.

The code travels in the body of a form, never in an address, so that no log, history or referrer holds it. Every answer
to the complainant is `no-store`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from app.complaints import forms, queries
from app.complaints.actions import intake
from app.complaints.actions.intake import Draft
from app.complaints.queries import pages
from app.complaints.rules import gate
from app.complaints.rules.kinds import Matter, Relation, Satisfaction
from app.core.access import anyone
from app.core.clock import now, today
from app.core.refusal import NotVisible, Refused
from app.core.uploads import CleanUpload, clean

bp = Blueprint("complain", __name__)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _kept_private(page: str, status: int = 200) -> Response:
    """A page that no cache keeps (不缓存)."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- leaving a complaint ----------------------------------------------------------------------------------------------


def _new_ticket() -> gate.Ticket:
    return gate.Ticket(secrets.token_urlsafe(18), int(now().timestamp()))


def _form_page(form: Any, ticket: gate.Ticket, status: int = 200) -> Response:
    form.ticket.data = gate.seal(_key(), ticket)
    home = queries.named_home(_id(form.site_id.data)) if _id(form.site_id.data) else None  # type: ignore[arg-type]
    office = pages.counter_of(home[2] if home else _id(form.authority.data))
    return _kept_private(
        render_template("complaints/complain.html", form=form, home=home, office=office, question=ticket.question.words), status
    )


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _with_offices(form: Any) -> Any:
    form.authority.choices = [
        SelectChoice("", "请选择"),
        *(SelectChoice(str(office.id), f"{office.region.name}（{office.name}）") for office in queries.offices()),
    ]
    return form


@bp.get("/complain")
@anyone
def show_form() -> ResponseReturnValue:
    """The form of a complaint (我要投诉); `?site=` names the home whose page one came from."""
    form = _with_offices(forms.PublicComplaint())
    home = queries.named_home(wanted) if (wanted := _id(request.args.get("site"))) else None
    if home is not None:
        form.site_id.data, form.about_words.data, form.authority.data = str(home[0]), home[1], str(home[2])
    return _form_page(form, _new_ticket())


@bp.post("/complain")
@anyone
def create_complaint() -> ResponseReturnValue:
    """Take the complaint, or give the form back with every word (提交投诉). Sent twice it gives the same receipt."""
    form = _with_offices(forms.PublicComplaint.sent())
    home = queries.named_home(wanted) if (wanted := _id(form.site_id.data)) else None
    if home is not None:
        form.about_words.data, form.authority.data = home[1], str(home[2])
    ticket = gate.read(_key(), form.ticket.data or "")
    if not form.validate():
        return _form_page(form, ticket or _new_ticket(), 422)
    try:
        gate.check(ticket, answer=form.answer.data, trap=form.website.data or "", at=now())
        assert ticket is not None  # gate.check refuses none
        code = gate.code_for(_key(), ticket.nonce)
        row = intake.register_from_public(
            _draft(form, home[0] if home else None),
            UUID(form.authority.data),
            code=code,
            nonce=ticket.nonce,
            address=request.remote_addr or "",
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        return _refused(form, ticket, refusal)
    page = render_template("complaints/receipt.html", receipt=pages.receipt(row), code=gate.shown_code(code))
    return _kept_private(page)


def _refused(form: Any, ticket: gate.Ticket | None, refusal: Refused) -> Response:
    """The form again: nothing typed is lost, a stale ticket is replaced, the trap emptied."""
    form.website.data = ""
    form.form_errors = [refusal.sentence]
    if refusal.code == "gate.answer":
        form.answer.errors = [refusal.sentence]
        form.form_errors = []
    if ticket is None or refusal.code == "gate.stale":
        ticket, form.answer.data = _new_ticket(), ""
    return _form_page(form, ticket, 429 if refusal.code == "gate.many" else 422)


def _draft(form: Any, site_id: UUID | None) -> Draft:
    anonymous = form.anonymous.data == "yes"
    return Draft(
        about_words=form.about_words.data,
        about_site_id=site_id,
        statement=form.statement.data,
        matter=Matter(form.matter.data),
        happened_words=form.happened_words.data or "",
        anonymous=anonymous,
        relation=Relation(form.relation.data) if form.relation.data else None,
        name="" if anonymous else form.name.data or "",
        phone="" if anonymous else form.phone.data or "",
        urgent=form.danger.data == "yes",
    )


# --- asking how it stands ---------------------------------------------------------------------------------------------


def _ask_page(form: Any, status: int = 200) -> Response:
    return _kept_private(render_template("complaints/ask.html", form=form), status)


@bp.get("/complain/status")
@anyone
def show_ask() -> ResponseReturnValue:
    """Where the code is asked for (查询办理情况)."""
    return _ask_page(forms.CodeForm())


def _status_page(code: str, status: int = 200, **more: Any) -> Response:
    page = pages.status_page(code)
    context = {"more": forms.Supplement(code=code), "rating": forms.Rating(code=code), "told": ""} | more
    return _kept_private(render_template("complaints/status.html", page=page, **context), status)


NOBODYS = "没有这个查询码。请对照回执核对；回执丢了，可带上身份证件到受理机关查询。"


def _by_code(text: str | None, then: Callable[[str], Response]) -> Response:
    """Go on with a code that is somebody's, or ask for it again (核对查询码)."""
    form = forms.CodeForm(code=text or "")
    try:
        return then(gate.read_code(text or ""))
    except Refused as refusal:
        form.code.errors = [refusal.sentence]
    except NotVisible:
        form.code.errors = [NOBODYS]
    return _ask_page(form, 422)


@bp.post("/complain/status")
@anyone
def show_status() -> ResponseReturnValue:
    """How the complaint stands (办理情况), for whoever has the code."""
    form = forms.CodeForm.sent()
    return _by_code(form.code.data, _status_page) if form.validate() else _ask_page(form, 422)


def _uploads(files: Any) -> list[CleanUpload]:
    """What was chosen, each cleaned in a child (清洗): decided by content, never by name."""
    address = current_app.extensions["settings"].clamd_address or None
    return [clean(file.read(), file.filename, clamd=address) for file in files or [] if file.filename]


@bp.post("/complain/status/materials")
@anyone
def create_material() -> ResponseReturnValue:
    """Add words or files (补充材料)."""
    form = forms.Supplement.sent()

    def then(code: str) -> Response:
        if not form.validate():
            return _status_page(code, 422, more=form)
        try:
            intake.supplement(code, form.words.data or "", _uploads(form.files.data), at=now(), on=today())
        except Refused as refusal:
            form.form_errors = [refusal.sentence]
            return _status_page(code, 422, more=form)
        return _status_page(code, told="已收到您补充的内容。")

    return _by_code(form.code.data, then)


@bp.post("/complain/status/rating")
@anyone
def create_rating() -> ResponseReturnValue:
    """Say how it went (评价)."""
    form = forms.Rating.sent()

    def then(code: str) -> Response:
        if not form.validate():
            return _status_page(code, 422, rating=form)
        try:
            intake.rate(code, Satisfaction(form.satisfaction.data), at=now(), on=today())
        except Refused as refusal:
            form.form_errors = [refusal.sentence]
            return _status_page(code, 422, rating=form)
        return _status_page(code, told="谢谢您的评价。")

    return _by_code(form.code.data, then)
