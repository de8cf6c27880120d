"""Verbs of accounts (账号办理): open, grant, end, sign in, second factor, password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import current_app
from sqlalchemy import or_, update

from app.accounts import events, queries, rules, sessions
from app.accounts.directory import directory
from app.accounts.models import Account, Assignment, PostHeld, SignInAttempt
from app.core import audit
from app.core.actor import NOBODY, Actor, Post
from app.core.db import db
from app.core.refusal import Refused
from app.regions import queries as regions
from app.regions.rules import ROOT, within

WRONG = Refused("sign_in.wrong", "账号或口令不对。请检查大小写；忘记口令请联系本单位的安全管理员。")


@lru_cache(maxsize=4)
def _hasher(time_cost: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)


def hasher() -> PasswordHasher:
    """The argon2 hasher with this instance's cost (口令散列)."""
    settings = current_app.extensions["settings"]
    return _hasher(settings.argon2_time_cost, settings.argon2_memory_kib)


@lru_cache(maxsize=4)
def _decoy(time_cost: int, memory_kib: int) -> str:
    return _hasher(time_cost, memory_kib).hash(secrets.token_hex(16))


def open_account(
    username: str,
    name: str,
    password: str,
    *,
    by: Actor,
    at: datetime,
    on: date,
    certificate_no: str | None = None,
    certificate_until: date | None = None,
) -> Account:
    """Open an account (开通账号). The name is shown on documents; the certificate is the enforcement certificate (执法证)."""
    rules.check_password(password, username=username)
    if queries.account_named(username) is not None:
        raise Refused("account.taken", f"账号“{username}”已有人使用，请换一个。")
    row = Account(
        username=username.strip(),
        name=name.strip(),
        password_hash=hasher().hash(password),
        password_set_at=at,
        certificate_no=certificate_no,
        certificate_until=certificate_until,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.AccountOpened(subject=row.id, by=by.id, on=on))
    return row


def grant_post(
    account_id: UUID,
    post: Post,
    *,
    by: Actor,
    on: date,
    authority_id: UUID | None = None,
    provider_id: UUID | None = None,
    site_id: UUID | None = None,
    until: date | None = None,
) -> PostHeld:
    """Grant a post (授予岗位). Nobody grants to himself (S9); posts that exclude one another are refused."""
    if by.id == account_id:
        raise Refused("post.own", "不能给自己授予岗位，请由另一位安全管理员办理。")
    _own_body(authority_id, provider_id, by)
    rules.check_workplace(post, authority=authority_id is not None, provider=provider_id is not None, site=site_id is not None)
    if any(
        (h.post, h.authority_id, h.provider_id, h.site_id) == (post, authority_id, provider_id, site_id)
        for h in queries.posts_held(account_id, on)
    ):
        raise Refused("post.held", f"已经担任“{post.label}”，不用再授予。")
    rules.check_posts((h.post for h in queries.posts_held(account_id, on)), post)
    row = PostHeld(
        account_id=account_id,
        post=post,
        authority_id=authority_id,
        provider_id=provider_id,
        site_id=site_id,
        valid_from=on,
        valid_until=until,
        granted_by=by.id,
    )
    db.session.add(row)
    db.session.flush()
    body = authority_id or provider_id
    assert body is not None
    audit.record(events.PostGranted(subject=account_id, by=by.id, on=on, post=post, body_id=body))
    return row


def end_post(held_id: UUID, *, by: Actor, on: date) -> None:
    """End a post at once (免去岗位): the account is signed out everywhere, and loses the sites of its tasks (S15)."""
    row = db.session.get(PostHeld, held_id, with_for_update=True)
    if row is None or (row.valid_until is not None and row.valid_until < on):
        raise Refused("post.ended", "这个岗位已经免去。")
    if by.id == row.account_id:
        raise Refused("post.own", "不能免去自己的岗位，请由另一位安全管理员办理。")
    _own_body(row.authority_id, row.provider_id, by)
    row.valid_until = on - timedelta(days=1)
    if row.post in rules.ASSIGNED_POSTS:
        _end_reach(row.account_id, on)
    db.session.flush()
    audit.record(events.PostEnded(subject=row.account_id, by=by.id, on=on, post=row.post))
    sessions.end_all(row.account_id)


def transfer(account_id: UUID, post: Post, *, authority_id: UUID, by: Actor, on: date) -> PostHeld:
    """Move a person to another post (调岗, S15): every old post ends at once, then the new one begins."""
    for held in queries.posts_held(account_id, on):
        end_post(held.id, by=by, on=on)
    return grant_post(account_id, post, by=by, on=on, authority_id=authority_id)


def _end_reach(account_id: UUID, on: date) -> None:
    """The sites of running tasks and of those closed lately are out of reach from now on."""
    running = or_(Assignment.valid_until.is_(None), Assignment.valid_until >= on)
    ended = update(Assignment).where(Assignment.account_id == account_id, running)
    db.session.execute(ended.values(valid_until=on - timedelta(days=1)))


def _own_body(authority_id: UUID | None, provider_id: UUID | None, by: Actor) -> None:
    """An administrator of accounts acts for the own authority, those below it, and providers there (权限范围)."""
    path = queries.managed_path(by)
    if authority_id is not None and not within(regions.authority(authority_id).path, path):
        raise Refused("account.foreign", "这个机关不在您的管理范围内，请由它自己或上级的安全管理员办理。")
    if provider_id is not None and path != ROOT and provider_id not in directory().within(path):
        raise Refused("account.foreign", "这个机构没有服务场所在您的管理范围内。")


def _managed(account_id: UUID, by: Actor, own: str) -> Account:
    """The account, locked, when `by` manages it and it is not the own one."""
    if by.id == account_id:
        raise Refused("account.own", own)
    return queries.managed(account_id, by=by, lock=True)


def disable_account(account_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Disable an account (停用账号): signed out everywhere at once."""
    row = _managed(account_id, by, "不能停用自己的账号。")
    if row.disabled_at is not None:
        raise Refused("account.disabled", "这个账号已经停用。")
    row.disabled_at = at
    audit.record(events.AccountDisabled(subject=account_id, by=by.id, on=on))
    sessions.end_all(account_id)


def reset_password(account_id: UUID, password: str, *, by: Actor, at: datetime, on: date) -> None:
    """Give a new first password (重置口令) to who forgot the own one; the growing delay ends, every sign-in ends."""
    row = _managed(account_id, by, "自己的口令请在“我的账号”里修改。")
    rules.check_password(password, username=row.username)
    row.password_hash, row.password_set_at = hasher().hash(password), at
    row.failed_tries, row.locked_until = 0, None
    audit.record(events.PasswordReset(subject=account_id, by=by.id, on=on))
    sessions.end_all(account_id)


@dataclass(frozen=True, slots=True)
class Welcome:
    """A sign-in that passed the password (口令通过): the cookie's secret and what is still needed."""

    secret: str
    needs_code: bool
    needs_enrolment: bool


def sign_in(username: str, password: str, *, address: str, at: datetime, on: date) -> Welcome:
    """Check name and password and begin a session (登录).

    Unknown and known names cost the same time. After the free tries an account waits a growing time, and so does an address.
    A refusal commits: the count of tries must outlive the request.
    """
    settings = current_app.extensions["settings"]
    if queries.failed_from(address, since=at - queries.WINDOW) >= 20:
        raise Refused("sign_in.too_many", "这个网络地址尝试次数过多，请 15 分钟后再试。")
    row = queries.account_named(username, lock=True)
    known = row.password_hash if row else _decoy(settings.argon2_time_cost, settings.argon2_memory_kib)
    fits = _fits(known, password)
    if row is not None and row.locked_until is not None and row.locked_until > at:
        wait = max(1, round((row.locked_until - at).total_seconds() / 60))
        raise Refused("sign_in.locked", f"口令连续错了多次，请约 {wait} 分钟后再试。")
    if row is None or not fits or row.disabled_at is not None:
        _note_failure(row, address=address, at=at, on=on)
        raise WRONG
    row.failed_tries, row.locked_until = 0, None
    bodies = queries.bodies(row.id, on)
    if not bodies:
        raise Refused("sign_in.no_post", "这个账号现在没有岗位，请联系本单位的安全管理员。")
    needs = any(rules.needs_second_factor(b.posts) for b in bodies)
    secret = sessions.begin(row.id, body_id=bodies[0].id, second_factor=not needs, at=at)
    audit.record(events.SignedIn(subject=row.id, by=row.id, on=on))
    return Welcome(secret, needs, needs and row.totp_secret is None)


def _fits(known: str, password: str) -> bool:
    try:
        return hasher().verify(known, password)
    except VerifyMismatchError:
        return False


def _note_failure(row: Account | None, *, address: str, at: datetime, on: date) -> None:
    settings = current_app.extensions["settings"]
    db.session.add(SignInAttempt(address=address, at=at))
    if row is not None:
        row.failed_tries += 1
        row.locked_until = rules.lock_after(row.failed_tries, settings.sign_in_free_tries, at)
        audit.record(events.SignInFailed(subject=row.id, by=NOBODY.id, on=on, reason="password"))
    db.session.commit()


def check_code(account_id: UUID, code: str, *, at: datetime, on: date) -> None:
    """Check a one-time code (动态口令): this step or its neighbours, each step once."""
    row = queries.account(account_id, lock=True)
    if row.locked_until is not None and row.locked_until > at:
        raise Refused("sign_in.locked", "动态口令连续错了多次，请稍后再试。")
    if row.totp_secret is None:
        raise Refused("second_factor.none", "还没有绑定动态口令，请先绑定。")
    totp = pyotp.TOTP(row.totp_secret)
    step = int(at.timestamp()) // 30
    for candidate in (step, step - 1, step + 1):
        if candidate > row.totp_last_step and secrets.compare_digest(totp.generate_otp(candidate), code.strip().replace(" ", "")):
            row.totp_last_step, row.failed_tries, row.locked_until = candidate, 0, None
            return
    _note_failure(row, address="second-factor", at=at, on=on)
    raise Refused("second_factor.wrong", "动态口令不对或已用过，请等下一个再试，并检查手机时间。")


def enrol(account_id: UUID, secret: str, code: str, *, at: datetime, on: date) -> None:
    """Bind a second factor (绑定动态口令) after one right code. An existing one is replaced by the security administrator only."""
    row = queries.account(account_id, lock=True)
    if row.totp_secret is not None:
        raise Refused("second_factor.bound", "已经绑定过动态口令；换手机请联系安全管理员。")
    if not pyotp.TOTP(secret).verify(code.strip(), for_time=at, valid_window=1):
        raise Refused("second_factor.wrong", "动态口令不对，请重新输入手机上显示的六位数字。")
    row.totp_secret, row.totp_last_step = secret, int(at.timestamp()) // 30
    audit.record(events.SecondFactorSet(subject=account_id, by=account_id, on=on))


def reset_second_factor(account_id: UUID, *, by: Actor, on: date) -> None:
    """Clear a lost second factor (解绑动态口令); the account binds a new one at the next sign-in."""
    row = _managed(account_id, by, "不能解绑自己的动态口令，请由另一位安全管理员办理。")
    if row.totp_secret is None:
        raise Refused("second_factor.none", "这个账号还没有绑定动态口令，下次登录时会请本人绑定。")
    row.totp_secret = None
    audit.record(events.SecondFactorCleared(subject=account_id, by=by.id, on=on))
    sessions.end_all(account_id)


def change_password(account_id: UUID, old: str, new: str, *, at: datetime, on: date) -> None:
    """Change one's own password (修改口令); every sign-in ends."""
    row = queries.account(account_id, lock=True)
    if not _fits(row.password_hash, old):
        raise Refused("password.old", "原口令不对。")
    rules.check_password(new, username=row.username)
    row.password_hash, row.password_set_at = hasher().hash(new), at
    audit.record(events.PasswordChanged(subject=account_id, by=account_id, on=on))
    sessions.end_all(account_id)


def assign_site(account_id: UUID, site_id: UUID, *, task: UUID, on: date) -> None:
    """Let an inspector reach a site for a task (分派). Called by the task's own verb, which writes the record."""
    db.session.add(Assignment(account_id=account_id, site_id=site_id, subject=task, valid_from=on))


def end_assignments(task: UUID, *, until: date, account_id: UUID | None = None) -> None:
    """End what a task let its inspectors reach (分派到期); with `account_id` for one of them alone."""
    ended = update(Assignment).where(Assignment.subject == task, Assignment.valid_until.is_(None))
    if account_id is not None:
        ended = ended.where(Assignment.account_id == account_id)
    db.session.execute(ended.values(valid_until=until))
