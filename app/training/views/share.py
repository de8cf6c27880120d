"""What a caregiver shows with a share code (从业人员共享页): open to anybody who holds the code, masked."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import anyone
from app.core.clock import today
from app.core.identifiers import tidy
from app.core.refusal import NotVisible
from app.training import forms
from app.training.queries import pages

bp = Blueprint("share", __name__)
NOT_FOUND = "没有这个共享码，或者它已经到期、被收回。请向本人要一个新的。"


def _tidy(text: str) -> str:
    return tidy(text).replace("-", "")[:30]


@bp.get("/caregivers")
@anyone
def show_search() -> ResponseReturnValue:
    """Look a certificate up by the share code of its holder (证书查验)."""
    return render_template("share/search.html", form=forms.Code())


@bp.post("/caregivers")
@anyone
def create_search() -> ResponseReturnValue:
    """The code that somebody typed leads to the page it opens (证书查验)."""
    form = forms.Code.sent()
    if form.validate():
        code = _tidy(form.code.data)
        try:
            pages.shared(code, on=today())
        except NotVisible:
            form.code.errors = [NOT_FOUND]
        else:
            return redirect(url_for(".show_shared", code=code))
    return render_template("share/search.html", form=form), 422


@bp.get("/caregivers/<code>")
@anyone
def show_shared(code: str) -> ResponseReturnValue:
    """The record of a caregiver, masked (从业人员共享页)."""
    response = render_template("share/shared.html", page=pages.shared(_tidy(code), on=today()), host=request.host)
    return response, 200, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
