"""What happens on the board (监管看板事件)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from app.core.events import Event

RECORD_ID: Final[UUID] = uuid5(NAMESPACE_URL, "urn:songjian:record")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerified(Event):
    """Somebody recomputed the record's chain (核验留痕)."""

    lines: int
    bad_seq: int | None
    head: str
