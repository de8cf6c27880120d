"""The session store (会话): the only thing a GET may write, on a connection of its own (D24).

The cookie holds 256 random bits, the table their SHA-256. A sign-in ends after 30 idle minutes, after 12 hours, on
sign-out, on a new password, on a change of posts: at once, because every request asks the table.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from app.accounts.models import SessionRecord
from app.core.db import own_transaction

SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live sign-in (有效会话)."""

    id_hash: bytes
    account_id: UUID
    body_id: UUID | None
    second_factor: bool


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii", "ignore")).digest()


def begin(account_id: UUID, *, body_id: UUID | None, second_factor: bool, at: datetime) -> str:
    """Begin a sign-in and return the cookie's secret (登录). Always a new one, so a fixed id cannot be planted."""
    secret = secrets.token_urlsafe(32)
    with own_transaction("session") as connection:
        connection.execute(
            insert(SessionRecord).values(
                id_hash=_hash(secret),
                account_id=account_id,
                body_id=body_id,
                second_factor=second_factor,
                created_at=at,
                seen_at=at,
            )
        )
    return secret


def look_up(secret: str, *, at: datetime, idle: timedelta, absolute: timedelta) -> SignedIn | None:
    """The sign-in behind a cookie, or None when it has ended. Notes the visit at most once a minute."""
    with own_transaction("session") as connection:
        row = connection.execute(
            select(
                SessionRecord.account_id,
                SessionRecord.body_id,
                SessionRecord.second_factor,
                SessionRecord.created_at,
                SessionRecord.seen_at,
            ).where(SessionRecord.id_hash == _hash(secret))
        ).one_or_none()
        if row is None:
            return None
        if at - row.seen_at > idle or at - row.created_at > absolute:
            connection.execute(delete(SessionRecord).where(SessionRecord.id_hash == _hash(secret)))
            return None
        if at - row.seen_at > SEEN_EVERY:
            connection.execute(update(SessionRecord).where(SessionRecord.id_hash == _hash(secret)).values(seen_at=at))
    return SignedIn(_hash(secret), row.account_id, row.body_id, row.second_factor)


def end(secret: str) -> None:
    """End one sign-in (退出)."""
    with own_transaction("session") as connection:
        connection.execute(delete(SessionRecord).where(SessionRecord.id_hash == _hash(secret)))


def end_all(account_id: UUID) -> None:
    """End every sign-in of an account (全部下线): new password, posts changed, account disabled."""
    with own_transaction("session") as connection:
        connection.execute(delete(SessionRecord).where(SessionRecord.account_id == account_id))


def form_token(key: str, secret: str) -> str:
    """The form token of a sign-in or a visitor (表单令牌): bound to its secret, without an expiry of its own."""
    return hmac.new(key.encode(), b"form|" + secret.encode(), hashlib.sha256).hexdigest()


def token_fits(key: str, secret: str, given: str) -> bool:
    """Whether a form came from this sign-in."""
    return hmac.compare_digest(form_token(key, secret), given)
