"""Small worlds for tests: the template database, authorities, accounts, actors. Built with the house's own verbs where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import Connection, NullPool, create_engine, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.core import clock
from app.core.actor import REGION_POSTS, SYSTEM, Actor, Post, Scope
from app.core.db import db
from app.core.embedded.postgres import Cluster
from app.regions.models import Authority, Department, Region

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ON = date(2026, 1, 5)


@contextmanager
def connected(cluster: Cluster, database: str, role: str = "postgres") -> Iterator[Connection]:
    """One committed transaction as a role, `postgres` by default: what the house itself may not do."""
    engine = create_engine(cluster.url(role, database), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def has_database(cluster: Cluster, name: str) -> bool:
    """Whether a database of this name is there."""
    with connected(cluster, "postgres") as connection:
        return connection.scalar(text("select 1 from pg_database where datname = :name"), {"name": name}) is not None


def build_template(cluster: Cluster, name: str) -> None:
    """Schema, working calendar and the divisions of three provinces: what every instance starts from."""
    from app.core import schema
    from app.regions import seeding

    scratch = f"{name}_making"
    cluster.drop_database(scratch)
    cluster.ensure_database(scratch)
    import app.factory  # noqa: F401 — every model is known once the house is put together

    with connected(cluster, scratch, "songjian_owner") as connection:
        schema.build(connection)
        with Session(bind=connection) as session:
            seeding.load_calendar(session, at=AT)
            seeding.load_divisions(session, provinces={"21", "33", "14"})
            session.commit()
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


def an_authority(code: str = "210102", department: Department = Department.CIVIL_AFFAIRS) -> Authority:
    """The authority of a division, made when it is not there yet; the division is one of the template's."""
    region = db.session.scalars(select(Region).where(Region.code == code, Region.valid_to.is_(None))).one()
    found = db.session.scalars(
        select(Authority).where(Authority.region_id == region.id, Authority.department == department)
    ).one_or_none()
    if found is None:
        found = Authority(
            region_id=region.id,
            path=region.path,
            department=department,
            name=f"示例·{region.name}{department.label}局",
            short_name=f"示{region.name[0]}{department.label[0]}",
            number_word=f"示{region.name[0]}{department.label[0]}",
            seal_text=f"示例·{region.name}{department.label}局（演示章）",
            supervision_phone="0000-1234500",
        )
        db.session.add(found)
        db.session.flush()
    return found


@dataclass(frozen=True)
class Visit:
    """A browser in which somebody is signed in, second factor included: `get` a page, `post` a form."""

    client: FlaskClient
    actor: Actor
    token: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, **data: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token} | data)


def signed_in(
    client: FlaskClient,
    *posts: Post,
    authority: Authority | None = None,
    provider_id: UUID | None = None,
    site_id: UUID | None = None,
    name: str = "示例·办理人",
    on: date = ON,
) -> Visit:
    """Sign in as a new account that holds `posts` at an authority (that of 210102 unless told) or at a provider."""
    from app.accounts import actions, queries, sessions, views

    username = f"shili-{uuid4().hex[:8]}"
    row = actions.open_account(username, name, "松鉴测试口令 2026", by=SYSTEM, at=AT, on=on)
    body = None if provider_id else (authority or an_authority()).id
    for post in posts:
        actions.grant_post(row.id, post, by=SYSTEM, on=on, authority_id=body, provider_id=provider_id, site_id=site_id)
    account_id = row.id  # read before the commit: a sign-in begun inside a later savepoint would be undone by the first GET
    db.session.commit()
    secret = sessions.begin(account_id, body_id=body or provider_id, second_factor=True, at=clock.now())
    client.set_cookie(views.cookie_name(), secret)
    who = queries.actor(account_id, body or provider_id, clock.today())
    assert who is not None
    return Visit(client, who, sessions.form_token(str(client.application.config["SECRET_KEY"]), secret))
