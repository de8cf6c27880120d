"""Issue now, render later (先定稿后生成): the page and its data are frozen in the request, a worker renders them once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.pdf import glyphs
from app.core.pdf.job import Job
from app.core.pdf.record import ATTACHED_NAME, QR, Printable, qr_png, record_code, verification_address
from app.core.pdf.render import STYLE, check_images, page_html, style
from app.core.pdf.worker import KEPT, Worker


def compose(facts: Printable, *, created: datetime) -> tuple[str, bytes]:
    """The frozen page and the canonical data that it carries (定稿). Refuses a character that the font cannot draw."""
    attached = facts.to_json_bytes()
    context: dict[str, object] = {"facts": facts, "code": record_code(hashlib.sha256(attached).hexdigest()), "qr": QR}
    title = f"{facts.title} {facts.number}"
    glyphs.check(title, "标题")
    glyphs.check(context)
    return page_html(facts.template, context, title=title, created=created), attached


def finish(
    page: str,
    attached: bytes,
    *,
    number: str,
    images: Mapping[str, bytes],
    base_url: str,
    created: datetime,
    worker: Worker = KEPT,
) -> bytes:
    """The rendered file of a frozen page, not yet signed (生成). The same arguments give the same bytes."""
    check_images(images)
    sha256 = hashlib.sha256(attached).hexdigest()
    return worker.render(
        Job(
            html=page,
            assets={**images, QR: qr_png(verification_address(base_url, number, sha256)), STYLE: style()},
            attached=attached,
            attached_name=ATTACHED_NAME,
            identifier=bytes.fromhex(sha256)[:16],
            created=created.astimezone(UTC),
        )
    )


@dataclass(frozen=True, slots=True)
class Printed:
    """A rendered, not yet signed document (已渲染文书). `sha256` is of the attached data, 64 hex digits."""

    pdf: bytes
    attached: bytes
    sha256: str


def print_out(
    facts: Printable, *, images: Mapping[str, bytes], base_url: str, created: datetime, worker: Worker = KEPT
) -> Printed:
    """Compose and finish in one go (当场生成). `base_url` is the platform's public address without a slash at its end."""
    page, attached = compose(facts, created=created)
    pdf = finish(page, attached, number=facts.number, images=images, base_url=base_url, created=created, worker=worker)
    return Printed(pdf=pdf, attached=attached, sha256=hashlib.sha256(attached).hexdigest())
