"""An instance on this machine (本机实例): the embedded services, their keys, the environment file that everything reads.

Used by `make demo` and by newcomers; a production instance sets the environment by itself (docs/operations.md).
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from app.core import clock
from app.core.embedded import read_notes, write_notes, write_private
from app.core.embedded.postgres import Cluster
from app.core.embedded.store import Store
from app.core.storage import Storage, StoreSettings
from app.settings import ROOT

DATABASE = "songjian"


@dataclass(frozen=True, slots=True)
class Instance:
    """The embedded services of one folder (内嵌服务)."""

    folder: Path

    @property
    def cluster(self) -> Cluster:
        """The embedded PostgreSQL."""
        return Cluster(self.folder / "postgres")

    @property
    def store(self) -> Store:
        """The embedded object store."""
        return Store(self.folder / "store")

    @property
    def environment_file(self) -> Path:
        """Where the settings are written for every other process."""
        return self.folder / "instance.env"

    def start(self, *, web_port: int = 8000) -> None:
        """Start database and store, or reuse those of an earlier run, and write the environment file (启动)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        cluster, store = self.cluster, self.store
        cluster.start()
        cluster.ensure_database(DATABASE)
        store.start()
        self._write_environment(cluster, store, web_port)
        admin = Storage(
            StoreSettings(
                endpoint=store.endpoint,
                region=store.region,
                access_key=store.admin_access_key,
                secret_key=store.admin_secret_key,
                bucket="songjian-archive",
            )
        )
        admin.ensure_bucket()
        admin.probe(clock.now())

    @property
    def ready(self) -> Path:
        """A mark that the demo world was built to its end; without it a half-built one is thrown away."""
        return self.folder / "demo.ready"

    def empty_database(self) -> None:
        """Throw a half-built database away (清空未建完的演示数据)."""
        self.cluster.drop_database(DATABASE)
        self.cluster.ensure_database(DATABASE)

    def stop(self) -> None:
        """Stop both services (停止)."""
        self.store.stop()
        self.cluster.stop()

    def discard(self) -> None:
        """Stop both and remove their data (清除)."""
        self.store.discard()
        self.cluster.discard()
        self.environment_file.unlink(missing_ok=True)
        self.ready.unlink(missing_ok=True)

    def _keys(self) -> dict[str, str]:
        path = self.folder / "keys.json"
        notes = read_notes(path)
        if not notes:
            notes = {
                "secret_key": secrets.token_hex(32),
                "field_keys": "d1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            }
            write_notes(path, notes)
        return notes

    def _write_environment(self, cluster: Cluster, store: Store, web_port: int) -> None:
        values = {
            "ENVIRONMENT": "demo",
            "DATABASE_URL": cluster.url("songjian_app", DATABASE),
            "DATABASE_OWNER_URL": cluster.url("songjian_owner", DATABASE),
            "DATABASE_JOB_URL": cluster.url("songjian_job", DATABASE),
            "DATABASE_PUBLIC_URL": cluster.url("songjian_public", DATABASE),
            "S3_ENDPOINT": store.endpoint,
            "S3_REGION": store.region,
            "S3_ACCESS_KEY": store.access_key,
            "S3_SECRET_KEY": store.secret_key,
            "S3_BUCKET": "songjian-archive",
            "ARCHIVE_LOCK_DAYS": "1",
            "SECRET_KEY": self._keys()["secret_key"],
            "FIELD_KEYS": self._keys()["field_keys"],
            "SIGNING_FOLDER": str(self.folder / "signing"),
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{web_port}",
            "DEMO_SHOW_CODES": "1",
            "ARGON2_TIME_COST": "2",
            "ARGON2_MEMORY_KIB": "19456",
        }
        write_private(self.environment_file, "".join(f"{key}={value}\n" for key, value in values.items()))


HERE = Instance(ROOT / "var")
