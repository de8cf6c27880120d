"""Objects kept for ever (对象存储), against a real store, its administrator included."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from app.core.embedded.store import Store
from app.core.storage import (
    Missing,
    Storage,
    StoreAway,
    Stored,
    StoreRefused,
    StoreSettings,
    StoreUnfit,
    Tampered,
    blob_key,
    document_key,
)
from tests import services

REPORT = b"%PDF-1.7 report of an inspection"
SHA = hashlib.sha256(REPORT).hexdigest()


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with services.object_store() as store:
        yield store


@pytest.fixture(scope="module")
def storage(store: Store, worker: str) -> Storage:
    admin = StoreSettings(store.endpoint, store.region, store.admin_access_key, store.admin_secret_key, f"archive-{worker}")
    Storage(admin).ensure_bucket()
    Storage(admin).ensure_bucket()
    return Storage(StoreSettings(store.endpoint, store.region, store.access_key, store.secret_key, admin.bucket))


@pytest.fixture(scope="module")
def worker(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="module")
def admin(store: Store) -> Iterator[Any]:
    """A bare client with the administrator's key: the strongest hand that can reach the store over the network."""
    client = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        region_name=store.region,
        aws_access_key_id=store.admin_access_key,
        aws_secret_access_key=store.admin_secret_key,
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )
    yield client
    client.close()


def soon(**delta: int) -> datetime:
    return datetime.now(UTC) + timedelta(**(delta or {"hours": 1}))


def archived(storage: Storage, number: str) -> Stored:
    key = document_key(2026, number, SHA)
    return storage.put_once(key, REPORT, retain_until=soon(), content_type="application/pdf")


def refused(attempt: Callable[..., object], **arguments: object) -> bool:
    try:
        attempt(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


def test_what_is_archived_can_be_read_by_version(storage: Storage) -> None:
    stored = archived(storage, "松民检〔2026〕1号")
    assert stored.key == f"documents/2026/松民检-2026-1号/{SHA}.pdf"
    assert (stored.sha256, stored.size) == (SHA, len(REPORT))
    assert stored.retain_until is not None
    assert stored.retain_until >= soon(minutes=59)
    assert storage.read(stored.key, stored.version_id, SHA) == REPORT


def test_even_the_administrator_cannot_delete_shorten_or_loosen(storage: Storage, admin: Any) -> None:
    stored = archived(storage, "2")
    version = {"Bucket": storage.settings.bucket, "Key": stored.key, "VersionId": stored.version_id}
    assert refused(admin.delete_object, **version)
    assert refused(admin.delete_object, **version, BypassGovernanceRetention=True)
    for mode, until in (("COMPLIANCE", soon(minutes=1)), ("GOVERNANCE", soon(minutes=1)), ("GOVERNANCE", soon(days=9))):
        retention = {"Mode": mode, "RetainUntilDate": until}
        assert refused(admin.put_object_retention, **version, Retention=retention, BypassGovernanceRetention=True)
    errors = admin.delete_objects(
        Bucket=storage.settings.bucket, Delete={"Objects": [{"Key": stored.key, "VersionId": stored.version_id}]}
    )["Errors"]
    assert [error["Code"] for error in errors] == ["AccessDenied"]
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        admin.delete_bucket(Bucket=storage.settings.bucket)
    with pytest.raises(ClientError, match="InvalidBucketState"):
        admin.put_bucket_versioning(Bucket=storage.settings.bucket, VersioningConfiguration={"Status": "Suspended"})
    assert storage.read(stored.key, stored.version_id, SHA) == REPORT


def test_a_later_put_or_delete_on_the_key_changes_nothing_for_the_version(storage: Storage, admin: Any) -> None:
    stored = archived(storage, "3")
    admin.put_object(Bucket=storage.settings.bucket, Key=stored.key, Body=b"%PDF-1.7 a forged report!!!!!!!!!")
    assert storage.read(stored.key, stored.version_id, SHA) == REPORT
    assert archived(storage, "3").version_id == stored.version_id
    admin.delete_object(Bucket=storage.settings.bucket, Key=stored.key)
    assert storage.read(stored.key, stored.version_id, SHA) == REPORT
    assert archived(storage, "3").version_id == stored.version_id


def test_the_same_bytes_twice_are_one_version_with_the_longer_lock(storage: Storage) -> None:
    key, until = blob_key(SHA), soon(hours=2)
    loose = storage.put_once(key, REPORT, retain_until=None, content_type="image/jpeg")
    longer = storage.put_once(key, io.BytesIO(REPORT), retain_until=until, content_type="image/jpeg")
    shorter = storage.put_once(key, REPORT, retain_until=soon(), content_type="image/jpeg")
    assert loose.version_id == longer.version_id == shorter.version_id
    assert loose.retain_until is None
    assert longer.retain_until == shorter.retain_until
    assert until <= longer.retain_until < until + timedelta(seconds=1)


def test_a_lock_only_grows(storage: Storage) -> None:
    stored = archived(storage, "4")
    longest = storage.extend(stored.key, stored.version_id, soon(days=2))
    assert longest > stored.retain_until
    assert storage.extend(stored.key, stored.version_id, soon(days=1)) == longest


def test_other_bytes_and_absent_versions_are_never_handed_out(storage: Storage) -> None:
    stored = archived(storage, "5")
    with pytest.raises(Tampered):
        storage.read(stored.key, stored.version_id, hashlib.sha256(b"another").hexdigest())
    with pytest.raises(Missing):
        storage.read(stored.key, "0" * 32, SHA)
    with pytest.raises(Missing):
        storage.read(document_key(2026, "none", SHA), stored.version_id, SHA)


def test_a_large_file_goes_in_and_out_in_pieces(storage: Storage) -> None:
    data = bytes(range(256)) * 4096 * 9  # 9 MiB, more than one piece and more than one chunk of the store
    stored = storage.put_once("blobs/large", io.BytesIO(data), retain_until=None, content_type="application/pdf")
    into = io.BytesIO()
    storage.copy(stored.key, stored.version_id, stored.sha256, into)
    assert into.getvalue() == data


def test_the_probe_passes_a_store_that_keeps_and_fails_one_that_does_not(storage: Storage, admin: Any, worker: str) -> None:
    storage.probe(datetime.now(UTC))
    admin.create_bucket(Bucket=f"loose-{worker}")
    settings = storage.settings
    loose = StoreSettings(settings.endpoint, settings.region, settings.access_key, settings.secret_key, f"loose-{worker}")
    with pytest.raises(StoreUnfit, match="对象锁定"):
        Storage(loose).probe(datetime.now(UTC))


@pytest.mark.parametrize("lax", ["forgets", "shortens", "deletes"])
def test_the_probe_sees_through_a_store_that_only_says_it_locks(lax: str) -> None:
    with LaxStore(lax) as endpoint:
        storage = Storage(StoreSettings(endpoint, "us-east-1", "key", "secret", "archive"))
        with pytest.raises(StoreUnfit, match={"forgets": "没有记下", "shortens": "缩短", "deletes": "删除"}[lax]):
            storage.probe(datetime.now(UTC))


def test_away_and_refused_are_told_apart(storage: Storage) -> None:
    settings = storage.settings
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # not listening: connections are refused
        nowhere = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        away = Storage(StoreSettings(nowhere, settings.region, settings.access_key, settings.secret_key, settings.bucket))
        for attempt in (away.ping, lambda: archived(away, "6"), lambda: away.probe(datetime.now(UTC)), away.ensure_bucket):
            with pytest.raises(StoreAway):
                attempt()
    wrong = Storage(StoreSettings(settings.endpoint, settings.region, settings.access_key, "wrong", settings.bucket))
    absent = Storage(StoreSettings(settings.endpoint, settings.region, settings.access_key, settings.secret_key, "absent"))
    for attempt in (wrong.ping, lambda: archived(wrong, "6"), absent.ping, lambda: archived(absent, "6")):
        with pytest.raises(StoreRefused):
            attempt()
    storage.ping()


def test_secrets_do_not_show(storage: Storage) -> None:
    assert storage.settings.secret_key not in repr(storage.settings)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("松民备〔2026〕12号", "松民备-2026-12号"), ("../../etc", "etc"), ("a/b\\c d", "a-b-c-d"), ("长" * 200, "长" * 80)],
)
def test_a_document_number_is_a_safe_part_of_a_path(number: str, shown: str) -> None:
    assert document_key(2026, number, SHA) == f"documents/2026/{shown}/{SHA}.pdf"


@pytest.mark.parametrize(
    ("year", "number", "sha"), [(2026, "…", SHA), (26, "1", SHA), (2026, "1", "abc"), (2026, "1", SHA.upper())]
)
def test_a_key_that_would_be_wrong_is_not_built(year: int, number: str, sha: str) -> None:
    with pytest.raises(ValueError, match=r"year|SHA"):
        document_key(year, number, sha)


class LaxStore:
    """As much of S3 as the probe asks for, from a store that accepts locks and fails to keep them in one way."""

    def __init__(self, lax: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            until = "2000-01-01T00:00:00Z"

            def do_GET(self) -> None:
                if "object-lock" in self.path:
                    body = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"
                else:
                    body = "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"
                self.answer(200, body)

            def do_PUT(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                if "retention" in self.path:
                    self.answer(200 if lax == "shortens" else 403)
                else:
                    type(self).until = self.headers["x-amz-object-lock-retain-until-date"]
                    self.answer(200)

            def do_HEAD(self) -> None:
                self.answer(200, lock=lax != "forgets")

            def do_DELETE(self) -> None:
                self.answer(204 if lax == "deletes" else 403)

            def answer(self, status: int, body: str = "", *, lock: bool = False) -> None:
                self.send_response(status)
                self.send_header("x-amz-version-id", "v1")
                if lock:
                    self.send_header("x-amz-object-lock-mode", "COMPLIANCE")
                    self.send_header("x-amz-object-lock-retain-until-date", self.until)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> str:
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
