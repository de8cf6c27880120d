"""Child processes with limits (受限子进程): what strangers send is decoded here, never inside the server.

The child starts with an empty environment (no keys, no database address), sets its own limits before it
imports anything that decodes, reads one payload from standard input and writes one answer. Both streams
are unlinked temporary files, so neither side can block the other and the size of the answer is capped by
the kernel. Whatever happens to the child, the parent gets an answer, a `Refused` or a `ChildFailed`.

A room for the child is a module with `work(payload: bytes, options: Mapping[str, int | str]) -> bytes`; one that also
takes large files has `work_file(file: BinaryIO, options) -> bytes` and reads no more of the file than it needs.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final, Literal

from app.core.refusal import Refused, Unavailable

ROOT: Final = Path(__file__).resolve().parents[2]
AT_ONCE: Final = 3
WAIT_SECONDS: Final = 20.0
_REFUSED, _NO_MEMORY, _FAILED = 10, 11, 12

_places = threading.BoundedSemaphore(AT_ONCE)

Options = Mapping[str, int | str]
Reason = Literal["time", "memory", "crashed"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use (子进程限额): address space and answer in MB, processor and wall time in seconds."""

    memory_mb: int = 512
    cpu_seconds: int = 4
    wall_seconds: float = 15.0
    answer_mb: int = 32


class ChildFailed(Exception):
    """The child did not finish (子进程未完成). `detail` names an exception type, never its text or the payload."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def run(module: str, payload: bytes, *, limits: Limits, options: Options | None = None) -> bytes:
    """Let `module.work` handle the payload in a child (在子进程中处理) and return its answer.

    Raises the `Refused` that the child raised, `ChildFailed` when it broke or met a limit, and
    `Unavailable` when no place came free within 20 seconds.
    """
    with tempfile.TemporaryFile() as question:
        question.write(payload)
        return _asked(module, question, limits, options, as_file=False)


def run_file(module: str, file: IO[bytes], *, limits: Limits, options: Options | None = None) -> bytes:
    """Let `module.work_file` look at a real file in a child (在子进程中查验大文件); the file is its standard input.

    The file never passes through this process. Raises as `run` does.
    """
    return _asked(module, file, limits, options, as_file=True)


def _asked(module: str, question: IO[bytes], limits: Limits, options: Options | None, *, as_file: bool) -> bytes:
    orders = json.dumps({"limits": asdict(limits), "options": dict(options or {}), "file": as_file})
    with _place(), tempfile.TemporaryFile() as answer:
        with tempfile.TemporaryFile() as complaint:
            question.flush()
            question.seek(0)
            code = _run(module, orders, (question, answer, complaint), limits.wall_seconds)
            said = _tail(complaint)
        answer.seek(0)
        if code == 0:
            return answer.read()
        if code == _REFUSED:
            refusal = json.loads(answer.read())
            raise Refused(refusal["code"], refusal["sentence"])
    raise ChildFailed(_reason(code, said), said)


@contextlib.contextmanager
def _place() -> Iterator[None]:
    """Wait for one of the few places (排队): three big pictures at once are enough for one process."""
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("正在处理的文件较多，请稍后再传")
    try:
        yield
    finally:
        _places.release()


def _run(module: str, orders: str, streams: tuple[IO[bytes], IO[bytes], IO[bytes]], wall: float) -> int:
    question, answer, complaint = streams
    child = subprocess.Popen(
        [sys.executable, "-B", "-s", "-m", "app.core.child", module, orders],
        stdin=question,
        stdout=answer,
        stderr=complaint,
        cwd=ROOT,
        env={"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        start_new_session=True,
    )
    try:
        return child.wait(timeout=wall)
    except subprocess.TimeoutExpired:
        return -signal.SIGXCPU
    finally:
        if child.returncode is None:
            child.kill()
            child.wait()


def _tail(stream: IO[bytes]) -> str:
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 300))
    return stream.read().decode("utf-8", "replace").strip()


def _reason(code: int, said: str) -> Reason:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return "time"
    if code == _NO_MEMORY or "memory allocation" in said:
        return "memory"
    return "crashed"


# --- from here on: the child's own side -----------------------------------------------------------


def _confine(limits: Limits) -> None:
    """Give up what the work does not need (自我限制): memory, time, files, further processes, core dumps."""
    memory = limits.memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.answer_mb << 20, limits.answer_mb << 20))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(module: str, options: Options, *, as_file: bool) -> int:
    try:
        room = importlib.import_module(module)
        out = room.work_file(sys.stdin.buffer, options) if as_file else room.work(sys.stdin.buffer.read(), options)
        code = 0
    except Refused as refusal:
        out = json.dumps({"code": refusal.code, "sentence": refusal.sentence}).encode()
        code = _REFUSED
    except MemoryError:
        sys.stderr.write("MemoryError")
        return _NO_MEMORY
    except Exception as error:  # the parent must learn that it failed, and never what the file said
        sys.stderr.write(f"{type(error).__module__}.{type(error).__name__}")
        return _FAILED
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    return code


def main(arguments: list[str]) -> int:
    """The child's whole life (子进程入口): limits first, then the work."""
    orders = json.loads(arguments[1])
    _confine(Limits(**orders["limits"]))
    try:
        return _answer(arguments[0], orders["options"], as_file=orders["file"])
    except OSError:
        sys.stderr.write("answer too large")
        return _FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
