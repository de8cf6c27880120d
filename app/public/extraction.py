"""What a PDF carries (取出附带数据): runs in a confined child, because strangers send the file."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Final

import pikepdf

ATTACHED_NAME: Final = "record.json"
LARGEST: Final = 5 * 1024 * 1024


def work(payload: bytes, options: Mapping[str, int | str]) -> bytes:  # noqa: ARG001 — the shape of a child's room
    """The hash of the attached data and the number it names, as JSON; empty when the file carries none (附带数据指纹)."""
    try:
        with pikepdf.open(io.BytesIO(payload)) as document:
            attached = document.attachments.get(ATTACHED_NAME)
            data = bytes(attached.get_file().read_bytes()) if attached is not None else b""
    except pikepdf.PdfError:
        return b"{}"
    if not data or len(data) > LARGEST:
        return b"{}"
    return json.dumps({"sha256": hashlib.sha256(data).hexdigest(), "number": _number(data)}).encode()


def _number(data: bytes) -> str:
    try:
        number = json.loads(data).get("number", "")
    except (ValueError, AttributeError):
        return ""
    return number if isinstance(number, str) else ""
