"""Accounts and posts in the hands of the security administrator (账号与岗位管理)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import actions, queries
from app.accounts.directory import directory
from app.accounts.forms import admin as forms
from app.core import listing
from app.core.access import me, requires
from app.core.actor import Post
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused

bp = Blueprint("account_admin", __name__)


@bp.get("/office/accounts")
@requires("account.manage")
def list_accounts() -> ResponseReturnValue:
    """The accounts of the own authority, of those below and of their providers (账号列表)."""
    spec = queries.ACCOUNT_LIST
    query = listing.read(spec, request.args)
    found = listing.fetch(db.session, queries.accounts_managed(by=me()), spec, query)
    page = replace(found, rows=queries.as_lines(found.rows, today()))
    return render_template("accounts/accounts.html", spec=spec, query=query, page=page), query.status


# --- opening ----------------------------------------------------------------------------------------------------------


def _posting(form: Any) -> Any:
    return form.offer(queries.authorities_managed(by=me()))


def _workplace(form: Any) -> dict[str, UUID | None]:
    """The body that a form names, as the verbs take it (任职单位). Refused when the code is nobody's."""
    place: dict[str, UUID | None] = {"authority_id": UUID(form.authority.data) if form.authority.data else None}
    if form.code.data:
        found = directory().find(form.code.data)
        if found is None:
            raise Refused("post.code", "没有找到这个机构代码，请核对 18 位统一社会信用代码和序号。")
        place |= {"provider_id": found.provider_id, "site_id": found.site_id}
    return place


def _valid(form: Any) -> bool:
    """Whether the form holds and names one of the authorities that were offered."""
    fits = bool(form.validate())
    if form.authority.data and form.authority.data not in {choice.value for choice in form.authority.choices}:
        form.authority.errors = ["请从列表中选择机关"]
        return False
    return fits


def _opening_page(form: Any, status: int = 200) -> ResponseReturnValue:
    return render_template("accounts/opening.html", form=form), status


@bp.get("/office/accounts/new")
@requires("account.manage")
def show_opening() -> ResponseReturnValue:
    """The form for a new account (开通账号)."""
    return _opening_page(_posting(forms.Opening()))


@bp.post("/office/accounts")
@requires("account.manage")
def create_account() -> ResponseReturnValue:
    """Open an account with its first post (开通账号)."""
    form = _posting(forms.Opening.sent())
    if not _valid(form):
        return _opening_page(form, 422)
    try:
        place = _workplace(form)
        row = actions.open_account(
            form.username.data,
            form.name.data,
            form.password.data,
            by=me(),
            at=now(),
            on=today(),
            certificate_no=form.certificate_no.data or None,
            certificate_until=form.certificate_until.data,
        )
        actions.grant_post(row.id, Post(form.post.data), by=me(), on=today(), until=form.until.data, **place)
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _opening_page(form, 422)
    flash(f"账号 {form.username.data} 已开通。请把初始口令当面告诉本人，并请其登录后修改。", "ok")
    return redirect(url_for(".show_account", account_id=row.id))


# --- one account ------------------------------------------------------------------------------------------------------


@bp.get("/office/accounts/<uuid:account_id>")
@requires("account.manage")
def show_account(account_id: UUID) -> ResponseReturnValue:
    """One account: posts, second factor, what may be done (账号)."""
    row = queries.managed(account_id, by=me())
    line = queries.as_lines([row], today())[0]
    return render_template("accounts/one.html", line=line, own=row.id == me().id, open_tasks=queries.open_tasks(account_id))


def _post_page(account_id: UUID, form: Any, template: str, status: int = 200) -> ResponseReturnValue:
    line = queries.as_lines([queries.managed(account_id, by=me())], today())[0]
    return render_template(template, form=form, line=line, open_tasks=queries.open_tasks(account_id)), status


@bp.get("/office/accounts/<uuid:account_id>/posts/new")
@requires("account.manage")
def show_grant(account_id: UUID) -> ResponseReturnValue:
    """The form for a further post (授予岗位)."""
    return _post_page(account_id, _posting(forms.Posting()), "accounts/grant.html")


@bp.post("/office/accounts/<uuid:account_id>/posts")
@requires("account.manage")
def create_post(account_id: UUID) -> ResponseReturnValue:
    """Grant a post (授予岗位)."""
    form = _posting(forms.Posting.sent())
    queries.managed(account_id, by=me())
    if not _valid(form):
        return _post_page(account_id, form, "accounts/grant.html", 422)
    try:
        actions.grant_post(account_id, Post(form.post.data), by=me(), on=today(), until=form.until.data, **_workplace(form))
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _post_page(account_id, form, "accounts/grant.html", 422)
    flash(f"已授予“{Post(form.post.data).label}”。", "ok")
    return redirect(url_for(".show_account", account_id=account_id))


@bp.post("/office/accounts/<uuid:account_id>/posts/<uuid:post_held_id>/ending")
@requires("account.manage")
def create_ending(account_id: UUID, post_held_id: UUID) -> ResponseReturnValue:
    """End a post at once (免去岗位)."""
    row = queries.managed(account_id, by=me())
    if post_held_id not in {held.id for held in queries.posts_of([row]).get(account_id, [])}:
        raise Refused("post.none", "这个账号没有这个岗位。")
    actions.end_post(post_held_id, by=me(), on=today())
    flash("岗位已免去，本人已从所有设备退出。", "ok")
    return redirect(url_for(".show_account", account_id=account_id))


@bp.get("/office/accounts/<uuid:account_id>/transfer")
@requires("account.manage")
def show_transfer(account_id: UUID) -> ResponseReturnValue:
    """What is still open, and the new post (调岗)."""
    return _post_page(account_id, _posting(forms.Posting()), "accounts/transfer.html")


@bp.post("/office/accounts/<uuid:account_id>/transfer")
@requires("account.manage")
def create_transfer(account_id: UUID) -> ResponseReturnValue:
    """End every old post and begin the new one (调岗)."""
    form = _posting(forms.Posting.sent())
    queries.managed(account_id, by=me())
    left_open = len(queries.open_tasks(account_id))
    if not _valid(form):
        return _post_page(account_id, form, "accounts/transfer.html", 422)
    try:
        authority_id = _workplace(form)["authority_id"]
        if authority_id is None:
            raise Refused("post.place", "请选择调往的机关。")
        actions.transfer(account_id, Post(form.post.data), authority_id=authority_id, by=me(), on=today())
    except Refused as refusal:
        db.session.rollback()  # so that the page shows the posts as they still are
        form.form_errors = [refusal.sentence]
        return _post_page(account_id, form, "accounts/transfer.html", 422)
    flash("已调岗，原岗位当即失效。" + (f"有 {left_open} 项未了任务要由原单位另行派人。" if left_open else ""), "ok")
    return redirect(url_for(".show_account", account_id=account_id))


@bp.post("/office/accounts/<uuid:account_id>/disabling")
@requires("account.manage")
def create_disabling(account_id: UUID) -> ResponseReturnValue:
    """Disable an account (停用账号)."""
    actions.disable_account(account_id, by=me(), at=now(), on=today())
    flash("账号已停用，本人已从所有设备退出。", "ok")
    return redirect(url_for(".show_account", account_id=account_id))


@bp.post("/office/accounts/<uuid:account_id>/second-factor")
@requires("account.manage")
def create_second_factor_reset(account_id: UUID) -> ResponseReturnValue:
    """Clear a lost second factor (解绑动态口令)."""
    actions.reset_second_factor(account_id, by=me(), on=today())
    flash("动态口令已解绑，本人下次登录时重新绑定。", "ok")
    return redirect(url_for(".show_account", account_id=account_id))


@bp.get("/office/accounts/<uuid:account_id>/password")
@requires("account.manage")
def show_password_reset(account_id: UUID) -> ResponseReturnValue:
    """The form for a new first password (重置口令)."""
    return _post_page(account_id, forms.NewPassword(), "accounts/password.html")


@bp.post("/office/accounts/<uuid:account_id>/password")
@requires("account.manage")
def create_password_reset(account_id: UUID) -> ResponseReturnValue:
    """Give a new first password (重置口令)."""
    form = forms.NewPassword.sent()
    if not form.validate():
        return _post_page(account_id, form, "accounts/password.html", 422)
    try:
        actions.reset_password(account_id, form.password.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        form.password.errors = [refusal.sentence]
        return _post_page(account_id, form, "accounts/password.html", 422)
    flash("口令已重置，请把新的初始口令当面告诉本人，并请其登录后修改。", "ok")
    return redirect(url_for(".show_account", account_id=account_id))
