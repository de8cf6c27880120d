"""Questions about accounts (账号查询). Asked before a scope is known, so they ask by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.accounts.directory import directory
from app.accounts.models import Account, Assignment, PostHeld, SignInAttempt
from app.accounts.rules import labels
from app.core.actor import PROVIDER_POSTS, REGION_POSTS, Actor, Post, Scope
from app.core.db import db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.refusal import NotVisible, Refused
from app.core.scope import subtree
from app.regions import queries as regions
from app.regions.models import Authority
from app.regions.rules import ROOT


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
    return db.session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()


def account(account_id: UUID, *, lock: bool = False) -> Account:
    """One account by id."""
    row = db.session.get(Account, account_id, with_for_update={"key_share": True} if lock else None)
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
    others = directory().names([body for body in found if body not in names])
    in_order = sorted(found, key=lambda body: (body not in names, str(body)))
    return [Body(i, names.get(i) or others.get(i, "养老服务机构"), frozenset(found[i])) for i in in_order]


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
    workplace = held[0].provider_id
    name = directory().names([workplace]).get(workplace, "") if workplace else ""
    sites = frozenset(h.site_id for h in held if h.site_id is not None and h.post in PROVIDER_POSTS)
    return Actor(account_id, posts, Scope(provider_id=owner, site_ids=frozenset() if owner else sites), None, row.name, name)


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


# --- administration ---------------------------------------------------------------------------------------------------


def managed_path(by: Actor) -> str:
    """The subtree whose accounts an administrator manages (账号管理范围): the own authority's region and all below."""
    if by.holds(Post.SYSTEM):
        return ROOT
    if by.authority_id is None:
        raise Refused("account.nowhere", "账号由机关的安全管理员办理。")
    return regions.authority(by.authority_id).path


def accounts_managed(*, by: Actor) -> Select[Account]:
    """The accounts that hold or held a post in the administrator's subtree (所管账号)."""
    path = managed_path(by)
    offices = (
        select(PostHeld.account_id).join(Authority, Authority.id == PostHeld.authority_id).where(subtree(Authority.path, path))
    )
    providers = select(PostHeld.account_id).where(PostHeld.provider_id.in_(directory().within(path)))
    return select(Account).where(or_(Account.id.in_(offices), Account.id.in_(providers)))


def managed(account_id: UUID, *, by: Actor, lock: bool = False) -> Account:
    """One account that the administrator manages, or `NotVisible`; the system manages every account."""
    if by.holds(Post.SYSTEM):
        return account(account_id, lock=lock)
    query = accounts_managed(by=by).where(Account.id == account_id)
    row = db.session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if row is None:
        raise NotVisible("account")
    return row


@dataclass(frozen=True, slots=True)
class Held:
    """One post with the name of its body (任职), as a page shows it."""

    id: UUID
    post: Post
    place: str
    valid_from: date
    valid_until: date | None
    granted_by: str

    def runs_on(self, on: date) -> bool:
        """Whether it is held on a day (现任)."""
        return self.valid_from <= on and (self.valid_until is None or self.valid_until >= on)


def posts_of(rows: Sequence[Account]) -> Mapping[UUID, list[Held]]:
    """Every post, running and ended, of some accounts (任职经历), the newest first."""
    query = select(PostHeld).where(PostHeld.account_id.in_([row.id for row in rows]))
    held = db.session.scalars(query.order_by(PostHeld.valid_from.desc(), PostHeld.post)).all()
    offices = select(Authority.id, Authority.name).where(Authority.id.in_({h.authority_id for h in held if h.authority_id}))
    names: dict[UUID, str] = {row.id: row.name for row in db.session.execute(offices)}
    names |= directory().names({i for h in held for i in (h.provider_id, h.site_id) if i})
    givers = select(Account.id, Account.name).where(Account.id.in_({h.granted_by for h in held}))
    people: dict[UUID, str] = {row.id: row.name for row in db.session.execute(givers)}
    found: dict[UUID, list[Held]] = {}
    for h in held:
        places = [names.get(i, "养老服务机构") for i in (h.authority_id, h.provider_id, h.site_id) if i]
        shown = Held(h.id, h.post, " · ".join(places), h.valid_from, h.valid_until, people.get(h.granted_by, "系统"))
        found.setdefault(h.account_id, []).append(shown)
    return found


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as the list shows it (账号条目)."""

    row: Account
    held: Sequence[Held]
    on: date

    @property
    def posts(self) -> str:
        """The posts held now, in words."""
        return "、".join(dict.fromkeys(h.post.label for h in self.held if h.runs_on(self.on)))

    @property
    def places(self) -> str:
        """The bodies worked for now."""
        return "；".join(dict.fromkeys(h.place for h in self.held if h.runs_on(self.on)))

    @property
    def state(self) -> str:
        """正常, 无岗位 or 停用."""
        return "停用" if self.row.disabled_at else "正常" if self.posts else "无岗位"


def as_lines(rows: Sequence[Account], on: date) -> list[AccountLine]:
    """The accounts with their posts (账号列表)."""
    held = posts_of(rows)
    return [AccountLine(row, held.get(row.id, []), on) for row in rows]


def _holding(statement: Select[Any], post: str) -> Select[Any]:
    return statement.where(
        Account.id.in_(select(PostHeld.account_id).where(PostHeld.post == post, PostHeld.valid_until.is_(None)))
    )


def _in_state(statement: Select[Any], state: str) -> Select[Any]:
    return statement.where(Account.disabled_at.is_not(None) if state == "disabled" else Account.disabled_at.is_(None))


TONES = {"正常": "ok", "停用": "veto", "无岗位": "wait"}
ACCOUNT_LIST: ListSpec[Any] = ListSpec(
    columns=[
        Column("name", "姓名", lambda x: x.row.name, sort="name", href=lambda x: f"/office/accounts/{x.row.id}"),
        Column("username", "账号", lambda x: x.row.username, sort="username"),
        Column("posts", "现任岗位", lambda x: x.posts),
        Column("places", "单位", lambda x: x.places),
        Column("second_factor", "动态口令", lambda x: "已绑定" if x.row.totp_secret else "未绑定"),
        Column("certificate", "执法证有效期至", lambda x: x.row.certificate_until),
        Column("state", "状态", lambda x: x.state, tone=lambda x: TONES[x.state]),
    ],
    sorts=[
        Sort("username", "账号", Account.username, up="从前到后", down="从后到前"),
        Sort("name", "姓名", Account.name, up="从前到后", down="从后到前"),
    ],
    default_sort="username",
    tie=Account.id,
    filters=[
        Filter(
            "q",
            "姓名或账号",
            lambda s, v: s.where(or_(Account.name.contains(v, autoescape=True), Account.username.icontains(v, autoescape=True))),
        ),
        Filter("post", "岗位", _holding, FilterKind.CHOICE, [(p.value, p.label) for p in Post if p is not Post.SYSTEM]),
        Filter("state", "状态", _in_state, FilterKind.CHOICE, [("active", "在用"), ("disabled", "停用")]),
    ],
)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that is still in somebody's hands (未了任务): its id alone, since administrators see no business."""

    task_id: UUID
    since: date


def open_tasks(account_id: UUID) -> list[OpenTask]:
    """The tasks assigned to an account and not ended (未了任务, S15), the oldest first."""
    query = select(Assignment.subject, func.min(Assignment.valid_from)).where(
        Assignment.account_id == account_id, Assignment.valid_until.is_(None)
    )
    return [
        OpenTask(*row) for row in db.session.execute(query.group_by(Assignment.subject).order_by(func.min(Assignment.valid_from)))
    ]


def authorities_managed(*, by: Actor) -> Sequence[Authority]:
    """The authorities at which the administrator may grant posts (可授予的机关)."""
    return regions.authorities(managed_path(by))
