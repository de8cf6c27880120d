"""Signing of documents (电子签章): PAdES with a time stamp, certifying that nothing may be changed afterwards.

The demo has its own authority (演示签章机构): root, signing certificate and time stamp service made on this machine and trusted by
nobody else. In earnest the same `Signer` takes an authority's own key and certificates from files.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD: Final = "OfficialSeal"
KEY_BITS: Final = 2048
VALID_FOR: Final = timedelta(days=3650)
CLOCK_SKEW: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key with its certificate (密钥与证书), both as PEM files."""

    key: Path
    certificate: Path


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """Our own authority for demo and tests (演示签章机构). Never for documents in earnest."""

    root: Identity
    seal: Identity
    time_stamp: Identity

    @classmethod
    def create(cls, folder: Path, *, now: datetime, organisation: str = "示例县民政局（演示）") -> DemoAuthority:
        """Make keys (readable by the owner only) and certificates valid from `now`, or take the ones already there (建立)."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = cls(*(Identity(folder / f"{name}.key", folder / f"{name}.pem") for name in ("root", "seal", "time-stamp")))
        if made.time_stamp.certificate.exists():
            return made
        root_key, root = _issue(organisation, "演示根证书", now)
        _keep(made.root, root_key, root)
        _keep(made.seal, *_issue(organisation, "演示文书签章", now, by=(root_key, root)))
        stamping = ExtendedKeyUsageOID.TIME_STAMPING
        _keep(made.time_stamp, *_issue(organisation, "演示时间戳", now, by=(root_key, root), only_for=stamping))
        return made

    def signer(self) -> Signer:
        """What signs with the demo seal (演示签章)."""
        return Signer(seal=self.seal, time_stamp=self.time_stamp)

    def trust_roots(self) -> tuple[bytes, ...]:
        """The certificates that verification of demo documents trusts, as PEM (信任根)."""
        return (self.root.certificate.read_bytes(),)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs finished documents (签章). The time stamp is made on this machine; another service may take its place."""

    seal: Identity
    time_stamp: Identity
    reason: str = "出具文书"

    def sign(self, pdf: bytes) -> bytes:
        """The document with one certifying signature appended (签章). It stays PDF/A-3a and PDF/UA-1.

        A signature carries its time, so unlike rendering this does not give the same bytes twice.
        """
        out = io.BytesIO()
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            reason=self.reason,
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        # Only the certificates that verification needs travel along: every byte of them is then checked.
        nothing_else = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # no annotations upstream
        signer = signers.SimpleSigner(
            signing_cert=_certificate(self.seal), signing_key=_key(self.seal), cert_registry=nothing_else
        )
        stamper = timestamps.DummyTimeStamper(tsa_cert=_certificate(self.time_stamp), tsa_key=_key(self.time_stamp))
        signers.PdfSigner(metadata, signer=signer, timestamper=stamper).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out
        )
        return out.getvalue()


def _issue(
    organisation: str,
    name: str,
    now: datetime,
    *,
    by: tuple[rsa.RSAPrivateKey, x509.Certificate] | None = None,
    only_for: x509.ObjectIdentifier | None = None,
) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """A key and a certificate: without `by` a self-signed root, else a leaf; `only_for` restricts it to one purpose."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    issuer_key, issuer = (key, subject) if by is None else (by[0], by[1].subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=0 if by is None else None), critical=True)
        .add_extension(_usage(root=by is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if only_for is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([only_for]), critical=True)
    return key, builder.sign(issuer_key, hashes.SHA256())


def _usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root,
        content_commitment=not root,
        key_cert_sign=root,
        crl_sign=root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _keep(identity: Identity, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with open(os.open(identity.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    identity.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(identity: Identity) -> asn1_x509.Certificate:
    read = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    return asn1_x509.Certificate.load(read.public_bytes(serialization.Encoding.DER))


def _key(identity: Identity) -> asn1_keys.PrivateKeyInfo:
    read = serialization.load_pem_private_key(identity.key.read_bytes(), password=None)
    return asn1_keys.PrivateKeyInfo.load(
        read.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
