"""Sign-in, second factor, password, body (登录、动态口令、口令、单位)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
import segno
from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.accounts import actions, queries, sessions
from app.accounts.forms import sign_in as forms
from app.core.access import SignInNeeded, anyone, may, me, signed_in
from app.core.actor import PROVIDER_POSTS, Actor
from app.core.clock import now, today
from app.core.refusal import Refused

bp = Blueprint("accounts", __name__)
HOMES = {"workspace.office": "/office/", "account.manage": "/office/accounts", "audit.read": "/office/record"}


def cookie_name() -> str:
    """The session cookie's name: `__Host-` where the connection is secure, another one on loopback http (D24)."""
    return "__Host-songjian" if current_app.extensions["settings"].secure_cookies else "songjian"


def set_cookie(response: Response, secret: str) -> Response:
    """Give the browser its session (会话 Cookie)."""
    secure = current_app.extensions["settings"].secure_cookies
    response.set_cookie(cookie_name(), secret, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def safe_next(target: str | None) -> str | None:
    """A path of our own to go on to, or None: never another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def home_of(actor: Actor) -> str:
    """Where an actor's day begins (首页)."""
    if actor.posts & PROVIDER_POSTS:
        return "/my/"
    return next((path for verb, path in HOMES.items() if may(actor, verb)), "/account")


@bp.get("/sign-in")
@anyone
def show_sign_in() -> ResponseReturnValue:
    """The sign-in page (登录)."""
    return render_template("accounts/sign_in.html", form=forms.SignIn(next=request.args.get("next", "")))


@bp.post("/sign-in")
@anyone
def create_sign_in() -> ResponseReturnValue:
    """Check name and password (登录)."""
    form = forms.SignIn.sent()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    try:
        welcome = actions.sign_in(
            form.username.data, form.password.data, address=request.remote_addr or "-", at=now(), on=today()
        )
    except Refused as refusal:
        form.password.errors = [refusal.sentence]
        return render_template("accounts/sign_in.html", form=form), 422
    target = safe_next(form.next.data) or "/home"
    if welcome.needs_code:
        target = f"/second-factor?next={target}"
    return set_cookie(make_response(redirect(target)), welcome.secret)


@bp.get("/home")
@signed_in
def go_home() -> ResponseReturnValue:
    """To the workspace of the signed-in actor (工作台)."""
    return redirect(home_of(me()))


def _half_signed_in() -> sessions.SignedIn:
    record: sessions.SignedIn | None = g.get("session_record")
    if record is None:
        raise SignInNeeded
    return record


def _enrolment_secret() -> str:
    if "enrol" not in session:
        session["enrol"] = pyotp.random_base32()
    return str(session["enrol"])


def _second_factor_page(form: forms.Code, status: int = 200) -> ResponseReturnValue:
    record = _half_signed_in()
    account = queries.account(record.account_id)
    context: dict[str, object] = {"form": form, "enrol": account.totp_secret is None}
    if account.totp_secret is None:
        secret = _enrolment_secret()
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name="松鉴")
        context |= {"secret": secret, "qr": segno.make(uri, error="m").svg_data_uri(scale=5)}
    elif current_app.extensions["settings"].demo_show_codes:
        context["demo_code"] = pyotp.TOTP(account.totp_secret).now()
    return render_template("accounts/second_factor.html", **context), status


@bp.get("/second-factor")
@anyone
def show_second_factor() -> ResponseReturnValue:
    """Ask for the one-time code, or bind one (动态口令)."""
    return _second_factor_page(forms.Code(next=request.args.get("next", "")))


@bp.post("/second-factor")
@anyone
def create_second_factor() -> ResponseReturnValue:
    """Check the code; the session gets a new id (动态口令)."""
    record = _half_signed_in()
    form = forms.Code.sent()
    if not form.validate():
        return _second_factor_page(form, 422)
    try:
        if queries.account(record.account_id).totp_secret is None:
            actions.enrol(record.account_id, _enrolment_secret(), form.code.data, at=now(), on=today())
        else:
            actions.check_code(record.account_id, form.code.data, at=now(), on=today())
    except Refused as refusal:
        form.code.errors = [refusal.sentence]
        return _second_factor_page(form, 422)
    session.pop("enrol", None)
    sessions.end(request.cookies.get(cookie_name(), ""))
    secret = sessions.begin(record.account_id, body_id=record.body_id, second_factor=True, at=now())
    return set_cookie(make_response(redirect(safe_next(form.next.data) or "/home")), secret)


@bp.post("/sign-out")
@signed_in
def create_sign_out() -> ResponseReturnValue:
    """End this sign-in (退出)."""
    sessions.end(request.cookies.get(cookie_name(), ""))
    response = make_response(redirect("/"))
    response.delete_cookie(cookie_name(), path="/")
    return response


@bp.get("/account")
@signed_in
def show_account() -> ResponseReturnValue:
    """One's own account: posts, bodies, password (我的账号)."""
    return render_template("accounts/account.html", form=forms.Password(), bodies=queries.bodies(me().id, today()))


@bp.post("/account/password")
@signed_in
def update_password() -> ResponseReturnValue:
    """Change one's own password (修改口令)."""
    form = forms.Password.sent()
    bodies = queries.bodies(me().id, today())
    if not form.validate():
        return render_template("accounts/account.html", form=form, bodies=bodies), 422
    try:
        actions.change_password(me().id, form.old.data, form.new.data, at=now(), on=today())
    except Refused as refusal:
        form.new.errors = [refusal.sentence]
        return render_template("accounts/account.html", form=form, bodies=bodies), 422
    flash("口令已修改，请用新口令重新登录。")
    return redirect("/sign-in")


@bp.post("/account/body")
@signed_in
def update_body() -> ResponseReturnValue:
    """Act for another body where one holds posts (切换单位)."""
    wanted = forms.BodyChoice.sent().body.data
    body = next((b for b in queries.bodies(me().id, today()) if str(b.id) == wanted), None)
    if body is None:
        raise Refused("body.none", "您在这个单位没有岗位。")
    sessions.end(request.cookies.get(cookie_name(), ""))
    secret = sessions.begin(me().id, body_id=body.id, second_factor=True, at=now())
    return set_cookie(make_response(redirect("/home")), secret)


@bp.get("/display")
@anyone
def update_display() -> ResponseReturnValue:
    """Large letters or standard (大字版): a cookie of the reader's own, no data of ours."""
    response = make_response(redirect(safe_next(request.args.get("next")) or "/"))
    if request.args.get("large") == "1":
        response.set_cookie("sj_large", "1", max_age=31536000, samesite="Lax")
    else:
        response.delete_cookie("sj_large")
    return response
