"""Accounts, the posts they hold, sign-in records (账号、岗位、会话)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.actor import Post
from app.core.crypto import EncryptedText
from app.core.db import Identified, Model, enum_column, one_of


class Account(Identified, Model):
    """A person's account (账号). The password is an argon2 hash; the second factor's secret is encrypted."""

    __tablename__ = "account"
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    password_set_at: Mapped[datetime]
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("account.totp_secret"))
    totp_last_step: Mapped[int] = mapped_column(default=0)
    certificate_no: Mapped[str | None]
    certificate_until: Mapped[date | None]
    disabled_at: Mapped[datetime | None]
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    posts: Mapped[list[PostHeld]] = relationship(back_populates="account", foreign_keys="PostHeld.account_id")


class PostHeld(Identified, Model):
    """A post held by an account at one body for a time (任职). Ended posts stay as rows."""

    __tablename__ = "post_held"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    post: Mapped[Post] = enum_column(Post)
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"), index=True)
    provider_id: Mapped[UUID | None] = mapped_column(index=True)
    site_id: Mapped[UUID | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    granted_by: Mapped[UUID]

    account: Mapped[Account] = relationship(back_populates="posts", foreign_keys=[account_id])

    __table_args__ = (
        one_of("post", Post),
        CheckConstraint("granted_by <> account_id", name="not_granted_by_oneself"),  # S9
        CheckConstraint("(authority_id is null) <> (provider_id is null)", name="one_body"),
        Index(
            "uq_post_held_open",
            "account_id",
            "post",
            "authority_id",
            "provider_id",
            "site_id",
            unique=True,
            postgresql_where=text("valid_until is null"),
            postgresql_nulls_not_distinct=True,
        ),
    )


class SessionRecord(Model):
    """A sign-in (会话): the id is stored as its hash, so the table alone lets nobody in."""

    __tablename__ = "session_record"
    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    body_id: Mapped[UUID | None]
    second_factor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInAttempt(Identified, Model):
    """A failed try from an address (登录失败): for the limit per address, kept for a day."""

    __tablename__ = "sign_in_attempt"
    address: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


class Assignment(Identified, Model):
    """A site assigned to an account for a task (任务分派): what an inspector may reach, from assignment to closing plus 30 days."""

    __tablename__ = "assignment"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    site_id: Mapped[UUID]
    subject: Mapped[UUID] = mapped_column(index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
