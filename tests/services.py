"""One database server and one object store for a whole test run (测试用服务), shared by its workers.

Every worker that uses a service holds a shared lock on a file; the one that can turn it into a lock of its own is the
last, and clears everything away. A killed worker loses its lock by itself, and what a killed run left is cleared by
the next run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar

from app.core.embedded.postgres import Cluster
from app.core.embedded.store import ANY_PORT, Store

PREFIX = f"songjian-tests-{os.getuid()}-"


class Service(Protocol):
    def start(self) -> None: ...
    def discard(self) -> None: ...


S = TypeVar("S", bound=Service)


@contextmanager
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL. Its databases are shared among workers: put the worker's name into yours."""
    with _shared("postgres", lambda folder: Cluster(folder, durable=False)) as cluster:
        yield cluster


@contextmanager
def object_store() -> Iterator[Store]:
    """A running object store. Its buckets are shared among workers: put the worker's name into yours."""
    with _shared("store", lambda folder: Store(folder, port=ANY_PORT)) as store:
        yield store


@contextmanager
def _shared(name: str, make: Callable[[Path], S]) -> Iterator[S]:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    place = Path(tempfile.gettempdir()) / f"{PREFIX}{name}-{run[:12]}"
    service = make(place / "service")
    with _gate(name):
        _clear_what_killed_runs_left(name, make)
        place.mkdir(mode=0o711, exist_ok=True)
        users = (place / "users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        service.start()
    try:
        yield service
    finally:
        with _gate(name):
            if _alone(users):
                service.discard()
                shutil.rmtree(place)
        users.close()


@contextmanager
def _gate(name: str) -> Iterator[None]:
    """One at a time. The file goes with the last one through: who waited for a file that is gone asks again."""
    path = Path(tempfile.gettempdir()) / f"{PREFIX}{name}.gate"
    while True:
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                try:
                    yield
                finally:
                    path.unlink()
                return


def _clear_what_killed_runs_left(name: str, make: Callable[[Path], Service]) -> None:
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}{name}-*/"):
        if place.lstat().st_uid == os.getuid():
            with (place / "users").open("a") as users:
                if _alone(users):
                    make(place / "service").discard()
                    shutil.rmtree(place)


def _alone(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
