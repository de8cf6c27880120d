"""What happens in the evidence vault (证据库事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadBegun(Event):
    """Somebody began to send a file (开始上传)."""

    site_id: UUID
    kind: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadCompleted(Event):
    """All pieces are there; the file is checked next (上传完成，待查验)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRefused(Event):
    """A file did not pass the check and was not kept (文件被拦下)."""

    site_id: UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadEnded(Event):
    """An upload was given up or ran out of time (上传放弃或逾期)."""

    site_id: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceKept(Event):
    """A version of a piece of evidence is in the vault (材料入库)."""

    site_id: UUID
    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLinked(Event):
    """A piece of evidence was put to an item, or taken from it (材料对应评分项)."""

    site_id: UUID
    scheme: str
    item: str
    linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWithdrawn(Event):
    """A piece of evidence is no longer used (撤下材料); applications that already rest on it keep it."""

    site_id: UUID
