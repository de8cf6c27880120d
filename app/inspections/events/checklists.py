"""What happens to checklists (检查表事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemConfirmed(Event):
    """An authority compared an item with the official text (条文核对). `subject` is the authority."""

    edition_sha256: str
    item: str
    reworded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionDrafted(Event):
    """An authority began a new edition of a checklist (起草检查表版本)."""

    authority_id: UUID
    code: str
    edition: str
    based_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRewritten(Event):
    """The items of a draft edition were written anew (改写草稿)."""

    sha256: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPublished(Event):
    """An edition was published and can no longer be changed (发布检查表版本)."""

    sha256: str
    carried: int
