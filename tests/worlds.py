"""Small worlds for tests: the template database, authorities, accounts, actors. Built with the house's own verbs where there are any."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.core.actor import REGION_POSTS, Actor, Post, Scope
from app.core.embedded.postgres import Cluster

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ON = date(2026, 1, 5)


def build_template(cluster: Cluster, name: str) -> None:
    """Schema, working calendar and the divisions of three provinces: what every instance starts from."""
    from app.core import schema
    from app.regions import seeding

    scratch = f"{name}_making"
    cluster.drop_database(scratch)
    cluster.ensure_database(scratch)
    engine = create_engine(cluster.url("songjian_owner", scratch))
    with engine.begin() as connection:
        import app.factory  # noqa: F401 — every model is known once the house is put together

        schema.build(connection)
        with Session(bind=connection) as session:
            seeding.load_calendar(session, at=AT)
            seeding.load_divisions(session, provinces={"21", "33", "14"})
            session.commit()
    engine.dispose()
    cluster.ensure_database(name, template=scratch)
    cluster.drop_database(scratch)


def actor(
    *posts: Post,
    path: str | None = None,
    provider_id: UUID | None = None,
    site_ids: frozenset[UUID] = frozenset(),
    authority_id: UUID | None = None,
    name: str = "示例·办理人",
    department: str = "civil_affairs",
) -> Actor:
    """An actor by hand, for tests of actions; the scope follows from the posts as in accounts."""
    reach = path if set(posts) & REGION_POSTS else None
    return Actor(uuid4(), frozenset(posts), Scope(reach, provider_id, site_ids), authority_id, name, "示例·机关", department)


def sql(connection: object, statement: str, **values: object) -> object:
    """One statement by hand, where a test must go behind the house's back."""
    return connection.execute(text(statement), values)  # type: ignore[attr-defined]
