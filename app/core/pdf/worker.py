"""One kept rendering process a platform process (常驻渲染进程), started on need, replaced when used up, ended when stuck."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from typing import BinaryIO, Final, cast

from app.core.pdf import fonts
from app.core.pdf.job import LENGTH, Job, Reply, job_to_bytes, reply_from_bytes, write_frame

SECONDS_A_DOCUMENT: Final = 90.0
DOCUMENTS_A_PROCESS: Final = 200
MEMORY_A_PROCESS: Final = 700 * 1024 * 1024


class NotRendered(Exception):
    """A document could not be rendered (文书未能生成): too slow, too large, or asking for something outside."""


class Worker:
    """A rendering process and the right to use it (渲染进程). Safe to call from several threads: they take turns."""

    def __init__(self, seconds: float = SECONDS_A_DOCUMENT) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._rendered = 0

    def render(self, job: Job) -> bytes:
        """The PDF of one job (渲染一件). Raises `NotRendered`."""
        with self._lock:
            reply = self._ask(job)
        if reply.fault:
            raise NotRendered(reply.fault)
        return reply.pdf

    def stop(self) -> None:
        """End the process (停止); the next document starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    @property
    def pid(self) -> int | None:
        """The process in use, None while there is none (进程号)."""
        return self._process.pid if self._process else None

    def forget(self) -> None:
        """Let go of a process that belongs to the parent after a fork (分叉后放手)."""
        self._lock = threading.Lock()
        self._process = None
        self._scratch = None

    def _ask(self, job: Job) -> Reply:
        process = self._process or self._start()
        try:
            write_frame(cast(BinaryIO, process.stdin), job_to_bytes(job))
            reply = reply_from_bytes(self._receive(process))
        except TimeoutError:
            self.stop()
            raise NotRendered(f"not done within {self._seconds:.0f} s") from None
        except (OSError, EOFError):
            self.stop()
            raise NotRendered(f"the rendering process ended with {process.returncode}") from None
        self._rendered += 1
        if self._rendered >= DOCUMENTS_A_PROCESS or reply.peak_memory > MEMORY_A_PROCESS:
            self.stop()
        return reply

    def _start(self) -> subprocess.Popen[bytes]:
        self._scratch = tempfile.TemporaryDirectory(prefix="songjian-pdf-")
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-m", "app.core.pdf.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=fonts.ROOT,
            env={
                "FONTCONFIG_FILE": str(fonts.prepare()),
                "HOME": self._scratch.name,
                "TMPDIR": self._scratch.name,
                "LANG": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONHASHSEED": "0",
            },
        )
        self._rendered = 0
        return self._process

    def _receive(self, process: subprocess.Popen[bytes]) -> bytes:
        """Read one frame within the time limit; a blocking read could wait for ever on a stuck process."""
        stream = cast(BinaryIO, process.stdout)
        until = time.monotonic() + self._seconds
        (length,) = LENGTH.unpack(_read(stream, LENGTH.size, until))
        return _read(stream, length, until)


def _read(stream: BinaryIO, size: int, until: float) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        left = until - time.monotonic()
        if left <= 0 or not select.select([stream], [], [], left)[0]:
            raise TimeoutError
        part = os.read(stream.fileno(), min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


KEPT: Final = Worker()
atexit.register(KEPT.stop)
os.register_at_fork(after_in_child=KEPT.forget)
