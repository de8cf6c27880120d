"""Record code and verification (记录码与核验): what ties a sheet of paper to the data inside its file and to the archive."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote

import segno

from app.core.pdf.render import render
from app.core.pdf.worker import KEPT, Worker

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


@dataclass(frozen=True, slots=True)
class Printed:
    """A rendered, not yet signed document (已渲染文书). `sha256` is of the attached data, 64 hex digits."""

    pdf: bytes
    attached: bytes
    sha256: str
    code: str
    address: str


def print_out(
    facts: Printable, *, images: Mapping[str, bytes], base_url: str, created: datetime, worker: Worker = KEPT
) -> Printed:
    """Render facts with their data inside, their record code and QR on every page (出具文书).

    `base_url` is the public address of the platform without a slash at its end. Raises like `render`.
    """
    attached = facts.to_json_bytes()
    sha256 = hashlib.sha256(attached).hexdigest()
    code, address = record_code(sha256), verification_address(base_url, facts.number, sha256)
    pdf = render(
        facts.template,
        {"facts": facts, "code": code, "qr": QR},
        attached=attached,
        attached_name=ATTACHED_NAME,
        identifier=bytes.fromhex(sha256)[:16],
        images={**images, QR: qr_png(address)},
        title=f"{facts.title} {facts.number}",
        created=created,
        worker=worker,
    )
    return Printed(pdf=pdf, attached=attached, sha256=sha256, code=code, address=address)


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
