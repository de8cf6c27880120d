"""The database (数据库): one engine per role, models, and the scope that row-level security reads.

Every transaction of the web role begins with `set_config('app.path' …, true)` for the actor in charge (`acting`), so a
forgotten filter shows nothing instead of everything (docs/security.md). Roles: D12 of the decisions in docs/decisions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, MetaData, String, Text, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, declared_attr, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from app.core.actor import NOBODY, Actor

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table shares: names of constraints, time zones, texts without length."""

    metadata = MetaData(naming_convention=NAMES)
    registry = registry(metadata=metadata, type_annotation_map={datetime: DateTime(timezone=True), str: Text()})


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"autoflush": True})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class EnumText(TypeDecorator[Any]):
    """An enumeration stored as plain text (枚举按文本存): leak-proof operators keep row-level security on the index."""

    impl = Text
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:  # noqa: ARG002
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else self.enum(value)


def one_of(column: str, enum: type[StrEnum]) -> CheckConstraint:
    """CHECK that `column` holds a member of `enum` (枚举约束)."""
    members = ", ".join(f"'{member.value}'" for member in enum)
    return CheckConstraint(f"{column} in ({members})", name=f"{column}_known")


def enum_column(enum: type[StrEnum], **kw: Any) -> Any:
    """A mapped column of `enum`; add `one_of(name, enum)` to the table's arguments."""
    return mapped_column(EnumText(enum), **kw)


class Identified:
    """Row id made by the application, uuid4 (行标识)."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Scoped(Identified):
    """A business row (业务行): whose region, provider and site it belongs to. Row-level security reads these columns."""

    scope_path: Mapped[str] = mapped_column(String(collation="C"), index=True)
    provider_id: Mapped[UUID | None] = mapped_column(index=True)

    @declared_attr
    def site_id(cls) -> Mapped[UUID | None]:
        return mapped_column(index=True)


def owner_fk(target: str, **kw: Any) -> Any:
    """A foreign key to `target` that forbids removal of the referred row (nothing is deleted, D9)."""
    return mapped_column(ForeignKey(target, ondelete="RESTRICT"), **kw)


# ---------------------------------------------------------------------------------------------- scope of a transaction

_acting: ContextVar[Actor] = ContextVar("acting", default=NOBODY)


def current_actor() -> Actor:
    """The actor on whose behalf the running transaction reads and writes."""
    return _acting.get()


@contextlib.contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Read and write on behalf of `actor` inside the block (以其身份办理)."""
    before = current_actor()
    act_as(actor)
    try:
        yield
    finally:
        act_as(before)


def act_as(actor: Actor) -> None:
    """Set the actor for this context, and for the transaction already open, if any."""
    _acting.set(actor)
    if db.session.registry.has() and db.session().in_transaction():
        _tell(db.session().connection(), actor)


def _tell(connection: Connection, actor: Actor) -> None:
    scope = actor.scope
    connection.execute(
        text(
            "select set_config('app.path', :path, true), set_config('app.provider', :provider, true),"
            " set_config('app.sites', :sites, true), set_config('app.actor', :actor, true)"
        ),
        {
            "path": scope.path or "",
            "provider": str(scope.provider_id or ""),
            "sites": ",".join(sorted(str(s) for s in scope.site_ids)),
            "actor": str(actor.id),
        },
    )


@event.listens_for(Session, "after_begin")
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:  # noqa: ARG001
    if connection.dialect.name == "postgresql":
        _tell(connection, current_actor())


# ------------------------------------------------------------------------------------------------ other roles' engines


@contextlib.contextmanager
def own_transaction(name: str) -> Iterator[Connection]:
    """A transaction of its own on another engine: `session` (sign-in records) or `public` (schema published).

    Tests bind every name to one connection that is rolled back; there a savepoint stands for the transaction.
    """
    bound: Any = db.engines[name]
    if isinstance(bound, Connection):
        with bound.begin_nested():
            yield bound
    else:
        with bound.begin() as connection:
            yield connection
