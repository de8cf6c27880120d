"""Virus check (病毒检查): the EICAR test rule always, a clamd by address when the authority runs one.

Protocol: clamd(8), command INSTREAM with the `z` prefix: chunks of a four-byte big-endian length and
that many bytes, ended by a zero length; the answer ends with a zero byte.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from app.core.refusal import Refused, Unavailable

# In two halves, so that a scanner of source trees does not take this file for the test file itself.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CHUNK: Final = 1 << 16
TIMEOUT_SECONDS: Final = 10.0
_LONGEST_ANSWER: Final = 4096


def check_rule(data: bytes) -> None:
    """Refuse the EICAR test file, alone or hidden in another file (内置规则)."""
    if EICAR in data:
        _infected()


def check_rule_file(file: BinaryIO) -> None:
    """The same for a large file, read in pieces that overlap (大文件内置规则)."""
    before = b""
    for piece in pieces(file):
        if EICAR in before + piece:
            _infected()
        before = (before + piece)[-len(EICAR) :]


def pieces(file: BinaryIO, size: int = 1 << 20) -> Iterator[bytes]:
    """A file from its beginning, a megabyte at a time (分段读取)."""
    file.seek(0)
    while piece := file.read(size):
        yield piece


def _infected() -> None:
    raise Refused("upload.virus", "病毒检查没有通过，文件没有保存。请在电脑上杀毒后，重新生成文件再传")


def ask_clamd(data: bytes, clamd: str) -> None:
    """Ask the clamd at "host:port" (病毒扫描); Refused when infected.

    Raises `Unavailable` when there is no verdict: unchecked is never let through.
    """
    _judged(_cut(data), clamd)


def ask_clamd_about_file(file: BinaryIO, clamd: str) -> None:
    """Ask the clamd about a large file (大文件病毒扫描), sent in pieces; raises as `ask_clamd` does."""
    _judged(pieces(file, CHUNK), clamd)


def _cut(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]


def _judged(chunks: Iterable[bytes], clamd: str) -> None:
    try:
        verdict = _instream(chunks, clamd)
    except (OSError, ValueError, OverflowError) as error:
        raise Unavailable("病毒检查服务暂时不可用，文件没有保存，请稍后再传") from error
    if verdict.endswith("FOUND"):
        _infected()
    if verdict != "stream: OK":
        raise Unavailable("病毒检查没有得出结果，文件没有保存，请稍后再传")


def _instream(chunks: Iterable[bytes], clamd: str) -> str:
    host, _, port = clamd.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_SECONDS) as line:
        line.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            line.sendall(struct.pack(">I", len(chunk)) + chunk)
        line.sendall(struct.pack(">I", 0))
        return _answer(line)


def _answer(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
