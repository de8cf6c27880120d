"""The embedded object store (内嵌对象存储): what it refuses, and what it survives."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.core.embedded import command_of
from app.core.embedded.store import ANY_PORT, GRPC_ABOVE, Store, _certificates, _free_port, _program, _random_ports
from app.core.storage import Storage, StoreRefused, StoreSettings

INNER = ("master", "volume", "filer", "admin")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    parent = Path(tempfile.mkdtemp())
    store = Store(parent / "store", port=ANY_PORT)
    try:
        store.start()
        bucket(store, "admin").ensure_bucket()
        yield store
    finally:
        store.discard()
        shutil.rmtree(parent)


def bucket(store: Store, identity: str = "app", name: str = "archive") -> Storage:
    keys = {
        "app": (store.access_key, store.secret_key),
        "admin": (store.admin_access_key, store.admin_secret_key),
    }
    return Storage(StoreSettings(store.endpoint, store.region, *keys[identity], name))


def process(store: Store) -> psutil.Process:
    return psutil.Process(int((store.folder / "store.pid").read_text()))


def an_object(store: Store) -> bytes:
    """Put something in, so that there is something to delete."""
    stored = bucket(store).put_once("blobs/kept", b"kept", retain_until=None, content_type="text/plain")
    return bucket(store).read(stored.key, stored.version_id, stored.sha256)


def test_it_listens_on_loopback_alone(store: Store) -> None:
    listening = [c.laddr for c in process(store).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    expected = {p + above for p in store.ports.values() for above in (0, GRPC_ABOVE)}
    assert {address.port for address in listening} <= expected
    assert len(listening) >= 8  # all but the admin part, which comes up last


def test_its_secrets_are_for_its_owner_only(store: Store) -> None:
    opened = [p for p in store.folder.rglob("*") if p.stat().st_mode & 0o077]
    assert store.folder.stat().st_mode & 0o077 == 0
    assert opened == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_inner_http_ports_do_nothing_for_strangers(store: Store, scheme: str) -> None:
    an_object(store)
    requests = [
        ("filer", "DELETE", "/buckets/archive/?recursive=true&ignoreRecursiveError=true"),
        ("filer", "DELETE", "/buckets/archive/blobs/kept.versions/?recursive=true"),
        ("filer", "PUT", "/buckets/archive/blobs/kept"),
        ("filer", "GET", "/buckets/archive/blobs/kept"),
        ("volume", "DELETE", "/1,01637037d6"),
        ("volume", "PUT", "/1,01637037d6"),
        ("volume", "GET", "/status"),
        ("master", "GET", "/col/delete?collection=archive"),
        ("master", "GET", "/dir/assign"),
        ("admin", "GET", "/"),
    ]
    let_in = [
        (part, method, path, status)
        for part, method, path in requests
        if (status := http_status(f"{scheme}://127.0.0.1:{store.ports[part]}{path}", method)) not in (None, 400, 401, 403)
    ]
    assert let_in == []
    assert an_object(store) == b"kept"


@pytest.mark.parametrize("above", [0, GRPC_ABOVE], ids=["http", "grpc"])
@pytest.mark.parametrize("part", [*INNER, "s3"])
def test_the_inner_ports_want_a_certificate_of_their_own(store: Store, part: str, above: int, tmp_path: Path) -> None:
    if part == "s3" and above == 0:
        assert http_status(f"{store.endpoint}/archive/blobs/kept", "DELETE") == 403  # open to all, but only signed
        return
    port = store.ports[part] + above
    own = store.folder / "cert.pem", store.folder / "key.pem"
    _wait_until(lambda: answer_over_tls(port, own) != b"", "the same question is answered when asked with its own certificate")
    assert answer_over_tls(port, None) == b""
    assert answer_over_tls(port, somebody_elses_certificate(tmp_path)) == b""
    if above:
        assert answer_in_clear(port) == b""


def _wait_until(holds: Callable[[], bool], what: str) -> None:
    """The inner parts come up one after another; some are later than the S3 port that `start` waits for."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_several_starts_at_once_find_one_store_and_an_orphan_is_reused(store: Store) -> None:
    store.stop()
    assert not store.running()
    code = "import sys, pathlib; from app.core.embedded.store import Store; Store(pathlib.Path(sys.argv[1]), port=0).start()"
    starters = [subprocess.Popen([sys.executable, "-c", code, str(store.folder)]) for _ in range(2)]
    assert [starter.wait(60) for starter in starters] == [0, 0]
    running = process(store).pid
    Store(store.folder, port=ANY_PORT).start()
    assert process(store).pid == running


def test_a_process_that_is_just_becoming_the_store_is_seen_at_every_moment() -> None:
    program, blind = str(_program()), 0
    for _ in range(30):
        with subprocess.Popen(["sh", "-c", 'exec "$@"', "sh", program, "version"], stdout=subprocess.DEVNULL) as starting:
            while (seen := command_of(starting.pid)) != [program, "version"] and starting.poll() is None:
                blind += not seen
    assert blind == 0


def test_a_killed_store_comes_back_at_the_same_address_with_its_objects(store: Store) -> None:
    put = [
        bucket(store).put_once(f"blobs/{n}", b"%d" % n * 1000, retain_until=None, content_type="text/plain") for n in range(20)
    ]
    before = store.ports
    os.kill(process(store).pid, signal.SIGKILL)
    store.start()
    assert store.ports == before
    for n, stored in enumerate(put):
        assert bucket(store).read(stored.key, stored.version_id, stored.sha256) == b"%d" % n * 1000


def test_an_occupied_port_is_passed_over() -> None:
    parent = Path(tempfile.mkdtemp())
    wanted = _free_port(_random_ports(), taken=())
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", wanted))
        occupied.listen()
        store = Store(parent / "store", port=wanted)
        try:
            store.start()
            assert wanted < store.ports["s3"] < wanted + 100
        finally:
            store.discard()
    shutil.rmtree(parent)


def test_the_application_may_not_administer(store: Store) -> None:
    with pytest.raises(StoreRefused):
        bucket(store, name="another").ensure_bucket()


# -- asking as a stranger would


def http_status(url: str, method: str) -> int | None:
    """The status of the answer; None when the connection was not accepted."""
    context = ssl._create_unverified_context() if url.startswith("https") else None
    body = b"forged" if method == "PUT" else None
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), *([urllib.request.HTTPSHandler(context=context)] if context else [])
    )
    try:
        with opener.open(urllib.request.Request(url, method=method, data=body), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
"""How an HTTP/2 client begins (gRPC speaks HTTP/2); a server that listens answers with its settings."""


def answer_over_tls(port: int, certificate: tuple[Path, Path] | None) -> bytes:
    """What a server says after the handshake; nothing when it refuses us."""
    context = ssl._create_unverified_context()
    if certificate:
        context.load_cert_chain(*certificate)
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
            context.wrap_socket(raw) as connection,
        ):
            connection.sendall(HELLO)
            return connection.recv(100)
    except OSError:
        return b""


def answer_in_clear(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(HELLO)
        try:
            return connection.recv(100)
        except OSError:
            return b""


def somebody_elses_certificate(folder: Path) -> tuple[Path, Path]:
    """Made by the same code, so it has the right name, but signed by another authority."""
    for name, content in _certificates().items():
        (folder / name).write_text(content)
    return folder / "cert.pem", folder / "key.pem"
