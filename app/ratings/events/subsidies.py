"""What happens with subsidies (补贴事件). Sums are no secret, but they stay in the rows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimComputed(Event):
    """A list was computed (计算清单)."""

    authority_id: UUID
    rule: str
    rule_sha: str
    paid: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimApproved(Event):
    """A list was approved (审批清单)."""

    authority_id: UUID
    total_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCancelled(Event):
    """A list was cancelled; its months are free again (作废清单)."""

    authority_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidiesReversed(Event):
    """Months that were paid are to be taken back (拟追回补贴)."""

    authority_id: UUID
    months: int
