"""Alembic's way in (迁移): run by the owner's role, one transaction for all."""

from __future__ import annotations

from alembic import context
from sqlalchemy import NullPool, create_engine

import app.factory  # noqa: F401 — every model is known once the house is put together
from app.core.db import Base


def included(thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Only our own tables: not Alembic's own."""
    return not (kind == "table" and name == "alembic_version")


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        context.configure(connection=connection, target_metadata=Base.metadata, include_schemas=True, include_object=included)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as opened:
        context.configure(connection=opened, target_metadata=Base.metadata, include_schemas=True, include_object=included)
        with context.begin_transaction():
            context.run_migrations()


run()
