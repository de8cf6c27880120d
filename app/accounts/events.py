"""What happens to accounts (账号事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.actor import Post
from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """An account was opened (开通账号)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDisabled(Event):
    """An account was disabled (停用账号)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostGranted(Event):
    """A post was granted (授予岗位)."""

    post: Post
    body_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEnded(Event):
    """A post ended (免去岗位)."""

    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A password was changed (修改口令)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorSet(Event):
    """A second factor was set (绑定动态口令)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """Somebody signed in (登录)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailed(Event):
    """A try failed (登录失败)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Event):
    """The security administrator gave a new first password (重置口令)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorCleared(Event):
    """A lost second factor was cleared (解绑动态口令)."""
