"""Verification of documents (文书核验): the signature, and the data carried inside."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pikepdf
from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from app.core.pdf.sign import FIELD


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found (核验结果).

    `intact`: not one byte differs from what was signed · `valid`: the signature is mathematically right ·
    `trusted`: its certificate leads to a root we trust · `timestamp_trusted`: so does the time stamp's ·
    `covers_entire_file`: nothing was added after signing.
    """

    intact: bool
    valid: bool
    trusted: bool
    timestamp_trusted: bool
    covers_entire_file: bool

    @property
    def genuine(self) -> bool:
        """All five (真实有效)."""
        return self.intact and self.valid and self.trusted and self.timestamp_trusted and self.covers_entire_file


NOTHING: Final = Verdict(intact=False, valid=False, trusted=False, timestamp_trusted=False, covers_entire_file=False)
_RANGE: Final = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def verify(pdf: bytes, trust_roots: Sequence[bytes]) -> Verdict:
    """Check the one certifying signature against PEM `trust_roots` (验签). A file we cannot read is not intact."""
    try:
        return _verify(pdf, trust_roots)
    except Exception:  # a damaged file may fail anywhere in two parsers; every failure means the same to the reader
        return NOTHING


def attached_data(pdf: bytes) -> dict[str, bytes]:
    """The files inside the document by name (取出附带数据)."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}


def _verify(pdf: bytes, trust_roots: Sequence[bytes]) -> Verdict:
    roots = [asn1_x509.Certificate.load(pem.unarmor(root)[2]) for root in trust_roots]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
    reader = PdfFileReader(io.BytesIO(pdf))
    (signature,) = reader.embedded_signatures
    if signature.field_name != FIELD:
        return NOTHING
    status = validate_pdf_signature(signature, signer_validation_context=context, ts_validation_context=context)
    stamp = status.timestamp_validity
    stamped = stamp is not None and bool(stamp.intact and stamp.valid)
    covered = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return Verdict(
        intact=bool(status.intact and status.valid and stamped and covered and _as_written(pdf)),
        valid=bool(status.valid),
        trusted=bool(status.trusted),
        timestamp_trusted=bool(stamped and stamp is not None and stamp.trusted),
        covers_entire_file=bool(covered),
    )


def _as_written(pdf: bytes) -> bool:
    """Whether the signature's own place holds exactly its bytes in the one way they are written (签名区无多余字节).

    The signed range leaves this gap out, so padding, letter case and encoding must be checked apart.
    """
    found = _RANGE.findall(pdf)
    if len(found) != 1:
        return False
    first, size, second, rest = (int(number) for number in found[0])
    gap = pdf[size:second]
    if first != 0 or second + rest != len(pdf) or gap[:1] != b"<" or gap[-1:] != b">":
        return False
    written = bytes.fromhex(gap[1:-1].decode("ascii"))
    content = cms.ContentInfo.load(written)
    exact = content.dump(force=True)
    return (
        _plain_form(content["content"], "v1")
        and gap == b"<" + (exact + bytes(len(written) - len(exact))).hex().upper().encode("ascii") + b">"
    )


def _plain_form(signed: cms.SignedData, version: str) -> bool:
    """Whether the parts of a CMS signature that no signature covers hold the only values that fit (无签名字段核对).

    Looks into the time stamp token as well, which is such a signature itself.
    """
    (signer,) = signed["signer_infos"]
    (algorithm,) = signed["digest_algorithms"]
    if signed["version"].native != version or signer["version"].native != "v1":
        return False
    if algorithm.dump() != signer["digest_algorithm"].dump():
        return False
    tokens = [value for attribute in signer["unsigned_attrs"] or () for value in attribute["values"]]
    return all(_plain_form(token["content"], "v3") for token in tokens)
