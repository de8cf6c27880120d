"""What happens to schemes of authorities (方案编制事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeDrafted(Event):
    """A new edition was begun (起草方案)."""

    authority_id: UUID
    code: str
    edition: str
    based_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeEntered(Event):
    """Values were entered from a text (录入方案)."""

    authority_id: UUID
    sha256: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeConfirmed(Event):
    """An edition was confirmed against a text; from then on it never changes (确认方案)."""

    authority_id: UUID
    sha256: str
