"""Two timetables and three workers killed at random for a minute, the store away for the first half: each effect exactly once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from app import schedule
from app.archive import queries
from app.archive.models import Document
from app.archive.rules import DocumentState
from app.core import audit, clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.embedded.postgres import Cluster
from app.core.embedded.store import ANY_PORT, Store
from app.core.outbox import Outbox
from app.core.storage import Storage, StoreSettings
from app.core.timetable import JobRun
from app.core.web import Songjian
from tests.archive.builders import an_order_issued, pictures_kept
from tests.conftest import app_for
from tests.worlds import connected

ROOT = Path(__file__).resolve().parent.parent.parent
MINUTE = 60.0
DOCUMENTS = 24


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[Store]:
    """A store of one's own, so that it can be taken away."""
    store = Store(tmp_path / "store", port=ANY_PORT)
    store.start()
    admin = Storage(
        StoreSettings(store.endpoint, store.region, store.admin_access_key, store.admin_secret_key, "songjian-archive")
    )
    admin.ensure_bucket()
    yield store
    store.discard()


def environment(app: Songjian) -> dict[str, str]:
    """The application's settings as another process reads them, with short leases."""
    settings = app.extensions["settings"]
    names = (
        "environment database_url database_owner_url database_job_url database_public_url secret_key field_keys s3_endpoint"
        " s3_access_key s3_secret_key s3_bucket archive_lock_days signing_folder public_base_url"
    )
    values = {name.upper(): str(getattr(settings, name)) for name in names.split()}
    return os.environ | values | {"ERRAND_LEASE": "PT6S", "JOB_LEASE": "PT6S", "TICK_SECONDS": "1"}


class Crew:
    """Processes that are killed without warning and started again."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.env, self.log = env, log.open("a")
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.kills = 0

    def start(self, name: str, command: str) -> None:
        flask = str(Path(sys.executable).parent / "flask")
        self.running[name] = subprocess.Popen([flask, command], cwd=ROOT, env=self.env, stdout=self.log, stderr=self.log)

    def kill(self, name: str) -> None:
        process = self.running[name]
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        self.kills += 1

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.log.close()


def plan_missed_nights(now: datetime, nights: int = 20) -> None:
    """As if the timetables had slept: every job last ran `nights` ago."""
    for job in schedule.JOBS:
        began = now - timedelta(days=nights)
        db.session.add(JobRun(job=job.name, slot=began, claim=uuid4(), started_at=began, finished_at=began, done=0, failed=0))
    db.session.commit()


@pytest.mark.slow
def test_a_minute_of_kills(cluster: Cluster, own_database: str, own_store: Store, tmp_path: Path) -> None:
    app = app_for(
        cluster,
        own_database,
        s3_endpoint=own_store.endpoint,
        s3_access_key=own_store.access_key,
        s3_secret_key=own_store.secret_key,
        signing_folder=tmp_path / "signing",
    )
    chance = random.Random(20261122)
    roles = {
        "worker-1": "worker",
        "worker-2": "worker",
        "worker-3": "worker",
        "timetable-1": "timetable",
        "timetable-2": "timetable",
    }
    own_store.stop()
    with app.app_context(), acting(SYSTEM):
        now = clock.now()
        plan_missed_nights(now)
        images = pictures_kept()
        ids = [an_order_issued(images, f"示民养责改〔2026〕第 {n} 号") for n in range(DOCUMENTS)]
        crew = Crew(environment(app), tmp_path / "crew.log")
        try:
            for name, command in roles.items():
                crew.start(name, command)
            began, back = time.monotonic(), False
            while (passed := time.monotonic() - began) < MINUTE:
                time.sleep(chance.uniform(0.8, 3.0))
                victim = chance.choice(sorted(roles))
                crew.kill(victim)
                crew.start(victim, roles[victim])
                if not back and passed > MINUTE / 2:
                    own_store.start()
                    back = True
            patience = time.monotonic() + 120
            while time.monotonic() < patience and not _all_done():
                time.sleep(1)
        finally:
            crew.stop()
        assert crew.kills >= 15
        assert _all_done(), (tmp_path / "crew.log").read_text()[-2000:]
        _each_effect_once(cluster, own_database, ids, now)


def _all_done() -> bool:
    db.session.rollback()
    return db.session.scalar(select(Outbox.id).where(Outbox.done_at.is_(None)).limit(1)) is None


def _each_effect_once(cluster: Cluster, database: str, ids: list[UUID], now: datetime) -> None:
    rows = db.session.scalars(select(Document)).all()
    assert {row.id for row in rows} == set(ids)
    assert {row.state for row in rows} == {DocumentState.ARCHIVED}
    for row in rows:
        assert hashlib.sha256(queries.document_bytes(row.id, seen_by=SYSTEM)).hexdigest() == row.sha256
    lines = db.session.execute(text("select event, subject, facts::text from audit_line")).all()
    archived = Counter(subject for event, subject, _ in lines if event == "DocumentArchived")
    assert archived == Counter(ids), "one line of archiving for each document, none twice"
    runs = db.session.execute(select(JobRun.job, JobRun.slot).where(JobRun.finished_at.is_not(None))).all()
    for job in schedule.JOBS:
        slots = set(job.slots(now - timedelta(days=20), now))
        assert slots <= {slot for name, slot in runs if name == job.name}, f"{job.name}: every missed slot was caught up"
    with connected(cluster, database) as connection:
        assert audit.verify(connection).bad_seq is None
