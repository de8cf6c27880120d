"""A document from issue to the store: rendered once, signed, locked; a reprint is the archived bytes; a store that is away delays."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select, update

from app.archive import actions, queries
from app.archive.models import Blob, Document
from app.archive.rules import BlobKind, DocumentState, Retention, lock_until
from app.core import clock, outbox
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.embedded.postgres import Cluster
from app.core.embedded.store import Store
from app.core.outbox import Outbox
from app.core.pdf.sign import DemoAuthority
from app.core.pdf.verify import verify
from app.core.refusal import Refused
from app.core.storage import Storage, StoreSettings
from app.core.uploads import clean
from app.core.web import Songjian
from app.wiring import ERRANDS
from tests import papers
from tests.archive.builders import ON, PLACE, an_order_issued
from tests.conftest import app_for


@pytest.fixture
def at_work(archive_app: Songjian) -> Iterator[Songjian]:
    with archive_app.app_context(), acting(SYSTEM):
        yield archive_app
        db.session.rollback()


def drain() -> None:
    while outbox.work_one(ERRANDS):
        pass


def test_from_issue_to_the_store(at_work: Songjian, store: Store, store_settings: dict[str, str]) -> None:
    document_id = an_order_issued()
    facts = papers.an_order().to_json_bytes()
    with pytest.raises(Refused, match="正在生成"):
        queries.document_bytes(document_id, seen_by=SYSTEM)
    drain()
    row = queries.document(document_id, seen_by=SYSTEM)
    assert db.session.scalars(select(Outbox.trouble).where(Outbox.trouble.is_not(None))).all() == []
    assert (row.state, row.staged) == (DocumentState.ARCHIVED, None)
    pdf = queries.document_bytes(document_id, seen_by=SYSTEM)
    assert hashlib.sha256(pdf).hexdigest() == row.sha256
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (attached,) = [spec.get_file().read_bytes() for spec in opened.attachments.values()]
    assert attached == facts == row.facts
    folder = Path(at_work.extensions["settings"].signing_folder)
    verdict = verify(pdf, DemoAuthority.create(folder, now=clock.now()).trust_roots())
    assert all((verdict.intact, verdict.valid, verdict.trusted, verdict.covers_entire_file))
    # A PUT on its key with the admin's key makes a newer version that nobody is served.
    admin = Storage(
        StoreSettings(store.endpoint, store.region, store.admin_access_key, store.admin_secret_key, store_settings["s3_bucket"])
    )
    assert row.key is not None
    admin.put_once(row.key, b"%PDF-forged", retain_until=None, content_type="application/pdf")
    assert queries.document_bytes(document_id, seen_by=SYSTEM) == pdf


def test_rendered_once_whatever_is_repeated(at_work: Songjian) -> None:
    document_id = an_order_issued()
    drain()
    before = queries.document(document_id, seen_by=SYSTEM).sha256
    for kind in ("document.render", "document.archive"):
        outbox.put(kind, document_id)
    db.session.commit()
    drain()
    after = db.session.get_one(Document, document_id)
    assert (after.sha256, after.state) == (before, DocumentState.ARCHIVED)


def test_a_store_that_is_away_delays_and_blocks_nobody(
    cluster: Cluster, own_database: str, archive_app: Songjian, tmp_path: Path
) -> None:
    nowhere = {"s3_endpoint": "http://127.0.0.1:1", "s3_access_key": "nobody", "s3_secret_key": "nothing"}
    away = app_for(cluster, own_database, signing_folder=tmp_path / "signing", **nowhere)
    with away.app_context(), acting(SYSTEM):
        document_id = an_order_issued()
        drain()
        row = queries.document(document_id, seen_by=SYSTEM)
        assert row.state is DocumentState.RENDERED
        signed = queries.document_bytes(document_id, seen_by=SYSTEM)
        assert signed.startswith(b"%PDF")
        db.session.remove()
    with archive_app.app_context(), acting(SYSTEM):
        db.session.execute(update(Outbox).where(Outbox.done_at.is_(None)).values(due_at=clock.now()))
        db.session.commit()
        drain()
        assert queries.document(document_id, seen_by=SYSTEM).state is DocumentState.ARCHIVED
        assert queries.document_bytes(document_id, seen_by=SYSTEM) == signed


def test_a_photo_moves_to_the_store_and_is_kept_once(at_work: Songjian) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(picture, "JPEG")
    upload, long_ago = clean(picture.getvalue(), "走廊.jpg"), clock.now() - timedelta(days=40)
    ids = {actions.keep_blob(upload, of=PLACE, kind=BlobKind.PHOTO, by=SYSTEM, at=long_ago, on=ON).id for _ in range(2)}
    db.session.commit()
    (blob_id,) = ids
    staged = queries.blob_bytes(blob_id, seen_by=SYSTEM)
    drain()
    row = db.session.get_one(Blob, blob_id)
    assert (row.staged, row.version_id is not None) == (None, True)
    assert queries.blob_bytes(blob_id, seen_by=SYSTEM) == staged == upload.data


def test_locks_count_from_the_first_of_january_after_closing() -> None:
    assert lock_until(Retention.TEN, date(2026, 11, 24)) == date(2037, 1, 1)
    assert lock_until(Retention.THIRTY, date(2026, 1, 1)) == date(2057, 1, 1)
    assert lock_until(Retention.PERMANENT, date(2024, 2, 29)) == date(2055, 1, 1)
