"""Real parts for tests: one PostgreSQL and one S3 store for the whole run, the application on the working role.

A test's database work is rolled back: every engine name is bound to one connection whose transaction never commits.
Tests in which two transactions must meet take `own_database`, a copy of the template that they may commit to.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.core.embedded import locked
from app.core.embedded.postgres import Cluster
from app.core.embedded.store import Store
from app.core.storage import Storage, StoreSettings
from app.core.web import Songjian
from app.settings import Settings
from tests import services, worlds

TEMPLATE = "songjian_template"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with services.postgres() as running:
        yield running


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """A database with the schema, the calendar and a few regions; made once, copied by tests that commit."""
    with locked(cluster.folder / "template.lock"):
        if not worlds.has_database(cluster, TEMPLATE):
            worlds.build_template(cluster, TEMPLATE)
    return TEMPLATE


def settings_for(cluster: Cluster, database: str, **more: object) -> Settings:
    values: dict[str, object] = {
        "environment": "test",
        "database_url": cluster.url("songjian_app", database),
        "database_owner_url": cluster.url("songjian_owner", database),
        "database_job_url": cluster.url("songjian_job", database),
        "database_public_url": cluster.url("songjian_public", database),
        "secret_key": "test-only-" + "0" * 32,
        "field_keys": "t1:" + base64.b64encode(b"test-field-key-32-bytes-long-ok!").decode(),
        "argon2_time_cost": 1,
        "argon2_memory_kib": 1024,
        "archive_lock_days": 1,
        "public_base_url": "http://songjian.test",
    }
    return Settings(_env_file=None, **(values | more))  # type: ignore[arg-type, call-arg]


def app_for(cluster: Cluster, database: str, **more: object) -> Songjian:
    from app.factory import create_app

    return create_app(settings_for(cluster, database, **more))


@pytest.fixture(scope="session")
def app(cluster: Cluster, template: str) -> Iterator[Songjian]:
    """The application on a copy of the template that this worker keeps; single tests roll back."""
    name = f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{uuid4().hex[:6]}"
    cluster.ensure_database(name, template=template)
    built = app_for(cluster, name)
    yield built
    cluster.drop_database(name)


@pytest.fixture
def db_session(app: Songjian) -> Iterator[object]:
    """A transaction that is rolled back after the test; commits inside become savepoints. Gives the session."""
    from app.core.db import db

    with app.app_context():
        engines = db.engines
        kept = dict(engines)
        connection = engines[None].connect()
        outer = connection.begin()
        for name in engines:
            engines[name] = connection  # type: ignore[assignment]  # a connection serves where an engine is asked for
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield db.session
        finally:
            engines.update(kept)
            db.session.remove()
            outer.rollback()
            connection.close()


@pytest.fixture
def own_database(cluster: Cluster, template: str) -> Iterator[str]:
    """The name of a database of one's own, for tests that commit or race."""
    name = f"own_{uuid4().hex[:10]}"
    cluster.ensure_database(name, template=template)
    yield name
    cluster.drop_database(name)


@pytest.fixture
def own_app(cluster: Cluster, own_database: str) -> Iterator[Songjian]:
    """The application on a database of one's own: what it commits stays until the test ends."""
    from app.core.db import db

    built = app_for(cluster, own_database)
    yield built
    with built.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    with services.object_store() as running:
        yield running


@pytest.fixture(scope="session")
def store_settings(store: Store) -> dict[str, object]:
    """Settings that point at a bucket of this worker's own in the running store."""
    bucket = f"archive-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{uuid4().hex[:6]}"
    admin = Storage(
        StoreSettings(
            endpoint=store.endpoint,
            region=store.region,
            access_key=store.admin_access_key,
            secret_key=store.admin_secret_key,
            bucket=bucket,
        )
    )
    admin.ensure_bucket()
    return {
        "s3_endpoint": store.endpoint,
        "s3_region": store.region,
        "s3_access_key": store.access_key,
        "s3_secret_key": store.secret_key,
        "s3_bucket": bucket,
    }


@pytest.fixture
def archive_app(cluster: Cluster, own_database: str, store_settings: dict[str, object], tmp_path: Path) -> Iterator[Songjian]:
    """The application on a database of one's own and the real store."""
    from app.core.db import db

    built = app_for(cluster, own_database, signing_folder=tmp_path / "signing", **store_settings)
    yield built
    with built.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Songjian, db_session: object) -> FlaskClient:
    """A browser without JavaScript on the rolled-back world."""
    return app.test_client()


@pytest.fixture
def on() -> date:
    """The day on which tests happen unless they say otherwise: a Tuesday with an ordinary week around it."""
    return date(2026, 11, 24)


@pytest.fixture
def somebody() -> UUID:
    return uuid4()


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parent.parent
