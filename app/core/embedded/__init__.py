"""Services we bring along (内嵌服务): a PostgreSQL and an object store of our own, for demo, tests and small sites."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class ServiceFailed(Exception):
    """An embedded service did not come up or does not answer (内嵌服务未能启动). The message quotes its log."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` alone among processes and threads (独占锁); waits for whoever holds it now."""
    with path.open("a") as file:
        path.chmod(0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_private(path: Path, content: str) -> None:
    """Put `content` at `path` in one step, readable by its owner alone (仅属主可读)."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_notes(path: Path) -> dict[str, str]:
    """What a service wrote down about itself (服务记录); empty when it never ran here."""
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {str(name): str(value) for name, value in notes.items()}


def write_notes(path: Path, notes: Mapping[str, str]) -> None:
    """Write down what a service needs to find itself again (服务记录)."""
    write_private(path, json.dumps(dict(notes), indent=1))


def command_of(pid: int) -> list[str]:
    """The command line of a process (进程命令行); empty when there is no such process, or only its remains.

    A process that is just becoming another program has no command line for a moment: it is asked again.
    """
    deadline = time.monotonic() + 1
    try:
        while not (raw := Path(f"/proc/{pid}/cmdline").read_bytes()) and not _is_remains(pid) and time.monotonic() < deadline:
            time.sleep(0.002)
        return raw.decode(errors="replace").split("\0")[:-1]
    except OSError:
        if Path("/proc/self").exists():
            return []
    shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.split()


def _is_remains(pid: int) -> bool:
    """Whether the process has ended and only waits for its parent to notice. Raises OSError when it is not there at all."""
    state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    return state in {"Z", "X"}


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log (日志末尾), for the message of a failure."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
