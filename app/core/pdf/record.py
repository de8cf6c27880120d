"""Record code and verification (记录码与核验): what ties a sheet of paper to the data inside its file and to the archive."""

from __future__ import annotations

import io
from typing import Final, Protocol
from urllib.parse import quote

import segno

CODE_LENGTH: Final = 16
ATTACHED_NAME: Final = "record.json"
QR: Final = "qr"


class Printable(Protocol):
    """Facts that can be printed (可打印的事实)."""

    @property
    def number(self) -> str:
        """The document's own number (文书号)."""

    @property
    def title(self) -> str:
        """Its title (文书名称)."""

    @property
    def template(self) -> str:
        """Its template below `templates/documents/` (模板)."""

    def to_json_bytes(self) -> bytes:
        """The facts as canonical JSON (规范数据)."""


def record_code(sha256: str) -> str:
    """The first 16 hex digits of the data's SHA-256 in groups of four (记录码): 7A3F-09BC-….

    A person may type it; it is the same value that the QR carries.
    """
    digits = sha256[:CODE_LENGTH].upper()
    return "-".join(digits[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def verification_address(base_url: str, number: str, sha256: str) -> str:
    """Where anybody checks the document (核验地址): `/v/<number>?h=<first 16 hex digits>`."""
    return f"{base_url}/v/{quote(number, safe='')}?h={sha256[:CODE_LENGTH]}"


def qr_png(text: str) -> bytes:
    """A QR code as PNG (二维码), error correction M, with its quiet zone."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=6, border=2)
    return out.getvalue()
