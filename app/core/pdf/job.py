"""What passes between the platform and its rendering process (渲染任务): JSON with base64 in frames, never pickle."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

LENGTH: Final = struct.Struct(">Q")
LARGEST_FRAME: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One document to render (一件渲染任务). `assets` maps names such as `document.css` or `photo-1` to their bytes."""

    html: str
    assets: Mapping[str, bytes]
    attached: bytes
    attached_name: str
    identifier: bytes
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the rendering process answers (渲染结果): a PDF or a fault in words, and its peak memory in bytes."""

    pdf: bytes = b""
    fault: str = ""
    peak_memory: int = 0


def job_to_bytes(job: Job) -> bytes:
    """The wire form of a job (任务编码)."""
    return json.dumps(
        {
            "html": job.html,
            "assets": {name: _b64(data) for name, data in job.assets.items()},
            "attached": _b64(job.attached),
            "attached_name": job.attached_name,
            "identifier": _b64(job.identifier),
            "created": job.created.isoformat(),
        }
    ).encode()


def job_from_bytes(data: bytes) -> Job:
    """Read a job from its wire form (任务解码)."""
    read = json.loads(data)
    return Job(
        html=read["html"],
        assets={name: base64.b64decode(value) for name, value in read["assets"].items()},
        attached=base64.b64decode(read["attached"]),
        attached_name=read["attached_name"],
        identifier=base64.b64decode(read["identifier"]),
        created=datetime.fromisoformat(read["created"]),
    )


def reply_to_bytes(reply: Reply) -> bytes:
    """The wire form of a reply (结果编码)."""
    return json.dumps({"pdf": _b64(reply.pdf), "fault": reply.fault, "peak_memory": reply.peak_memory}).encode()


def reply_from_bytes(data: bytes) -> Reply:
    """Read a reply from its wire form (结果解码)."""
    read = json.loads(data)
    return Reply(pdf=base64.b64decode(read["pdf"]), fault=read["fault"], peak_memory=read["peak_memory"])


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Send one frame: eight bytes of length, then the payload (写一帧)."""
    stream.write(LENGTH.pack(len(payload)) + payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """Receive one frame (读一帧); None when the other side has closed. Raises `EOFError` on a torn or oversized frame."""
    head = stream.read(LENGTH.size)
    if not head:
        return None
    if len(head) < LENGTH.size:
        raise EOFError("torn frame")
    (length,) = LENGTH.unpack(head)
    if length > LARGEST_FRAME:
        raise EOFError("oversized frame")
    payload = stream.read(length)
    if len(payload) < length:
        raise EOFError("torn frame")
    return payload


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
