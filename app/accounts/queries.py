"""Questions about accounts (账号查询). Asked before a scope is known, so they ask by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from app.accounts.models import Account, Assignment, PostHeld, SignInAttempt
from app.accounts.rules import labels
from app.core.actor import PROVIDER_POSTS, REGION_POSTS, Actor, Post, Scope
from app.core.db import db
from app.core.refusal import NotVisible
from app.regions.models import Authority


@dataclass(frozen=True, slots=True)
class Body:
    """A body at which an account holds posts (任职单位): an authority or a provider."""

    id: UUID
    name: str
    posts: frozenset[Post]

    @property
    def posts_label(self) -> str:
        return labels(self.posts)


def account_named(username: str, *, lock: bool = False) -> Account | None:
    """The account of this name, whatever the case of its letters."""
    query = select(Account).where(func.lower(Account.username) == username.strip().lower())
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def account(account_id: UUID, *, lock: bool = False) -> Account:
    """One account by id."""
    row = db.session.get(Account, account_id, with_for_update=lock)
    if row is None:
        raise NotVisible("account")
    return row


def posts_held(account_id: UUID, on: date) -> Sequence[PostHeld]:
    """The posts that an account holds on a day (现任岗位)."""
    return db.session.scalars(
        select(PostHeld).where(
            PostHeld.account_id == account_id,
            PostHeld.valid_from <= on,
            or_(PostHeld.valid_until.is_(None), PostHeld.valid_until >= on),
        )
    ).all()


def bodies(account_id: UUID, on: date) -> list[Body]:
    """Where the account may act (可选单位), authorities first."""
    found: dict[UUID, set[Post]] = {}
    for held in posts_held(account_id, on):
        body_id = held.authority_id or held.provider_id
        if body_id is not None:
            found.setdefault(body_id, set()).add(held.post)
    authorities = db.session.execute(select(Authority.id, Authority.name).where(Authority.id.in_(found)))
    names: dict[UUID, str] = {row.id: row.name for row in authorities}
    in_order = sorted(found, key=lambda body: (body not in names, str(body)))
    return [Body(i, names.get(i, "养老服务机构"), frozenset(found[i])) for i in in_order]


def actor(account_id: UUID, body_id: UUID | None, on: date) -> Actor | None:
    """The actor that an account is at a body on a day (以何身份), or None when the account or the posts have ended."""
    row = db.session.get(Account, account_id)
    if row is None or row.disabled_at is not None:
        return None
    held = [h for h in posts_held(account_id, on) if body_id is None or body_id in {h.authority_id, h.provider_id}]
    if not held:
        return None
    posts = frozenset(h.post for h in held)
    authority = db.session.get(Authority, held[0].authority_id) if held[0].authority_id else None
    if authority is not None:
        path = authority.path if posts & REGION_POSTS else None
        sites = assigned_sites(account_id, on)
        return Actor(
            account_id,
            posts,
            Scope(path=path, site_ids=sites),
            authority.id,
            row.name,
            authority.name,
            authority.department.value,
        )
    owner = next((h.provider_id for h in held if h.post is Post.PROVIDER_OWNER), None)
    sites = frozenset(h.site_id for h in held if h.site_id is not None and h.post in PROVIDER_POSTS)
    return Actor(account_id, posts, Scope(provider_id=owner, site_ids=frozenset() if owner else sites), None, row.name, "")


def assigned_sites(account_id: UUID, on: date) -> frozenset[UUID]:
    """Sites assigned to an inspector, from assignment to closing plus 30 days (任务范围)."""
    query = select(Assignment.site_id).where(
        Assignment.account_id == account_id,
        Assignment.valid_from <= on,
        or_(Assignment.valid_until.is_(None), Assignment.valid_until >= on),
    )
    return frozenset(db.session.scalars(query))


def failed_from(address: str, *, since: datetime) -> int:
    """Wrong tries from an address since a moment (同一来源失败次数)."""
    query = select(func.count()).select_from(SignInAttempt).where(SignInAttempt.address == address, SignInAttempt.at > since)
    return int(db.session.scalar(query) or 0)


WINDOW = timedelta(minutes=15)
