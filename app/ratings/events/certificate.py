"""What happens with rating certificates (等级证书事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssued(Event):
    """The certificate of a rating was issued (发放等级证书)."""

    site_id: UUID
    document_id: UUID
