"""What happens in the archive (档案事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.archive.rules import BlobKind, DocumentKind
from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobKept(Event):
    """A file was taken in (收下文件)."""

    kind: BlobKind
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Event):
    """A document was issued (出具文书): its facts are frozen under this hash."""

    kind: DocumentKind
    about: UUID
    number: str
    facts_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentArchived(Event):
    """A document lies in the store, signed and locked (文书归档)."""

    kind: DocumentKind
    about: UUID
    sha256: str
    version_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOpened(Event):
    """Somebody opened an archived document (调阅档案)."""
