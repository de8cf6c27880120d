"""What happens in credit (信用事件): ids and codes, never words. `subject` is the site's id unless said otherwise.

Records, score, tier and phoenix stand first; the list of dishonesty has its own block below. Whoever ends an entry of the list
records `ListingEnded`; records, score and tier follow in the same transaction (app/wiring.py), ratings and subsidies listen above.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.events import Event
from app.providers.rules import Tier

# --- records, score, tier, phoenix ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRecorded(Event):
    """A credit record was entered (记入信用记录); `subject` is the record."""

    site_id: UUID
    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRecordEnded(Event):
    """A record was annulled as if it had never been, or repaired from this day on (撤销、修复); `subject` is the record."""

    site_id: UUID
    kind: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditScored(Event):
    """A score was stored (计算信用分). `score_id` is its row."""

    score_id: UUID
    total: int
    grade: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeChanged(Event):
    """The credit grade became another one (信用等级变化); ratings and subsidies above may listen."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDecided(Event):
    """The risk tier was computed or overridden (确定风险等级). `decision_id` is its row."""

    decision_id: UUID
    tier: Tier
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierOverrideEnded(Event):
    """A manual tier was ended before its day (提前结束人工调整); `subject` is the override."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRaised(Event):
    """A home objected to a record (提出异议); `subject` is the objection."""

    site_id: UUID
    record_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionWithdrawn(Event):
    """An objection was withdrawn (撤回异议); `subject` is the objection."""

    site_id: UUID
    record_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDecided(Event):
    """An objection was decided by another person than the recorder (处理异议); `subject` is the objection."""

    site_id: UUID
    record_id: UUID
    upheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoenixFound(Event):
    """A new site looks like an old one with a bad record (发现疑似换壳); `subject` is the match, `score` in hundredths."""

    site_id: UUID
    old_site_id: UUID
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoenixDecided(Event):
    """An officer confirmed or dismissed a match (认定换壳核查); `subject` is the match."""

    site_id: UUID
    old_site_id: UUID
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassesChecked(Event):
    """A workbook of external classes was checked (核对外部评价); `subject` is the import."""

    file_sha256: str
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassesImported(Event):
    """External classes were imported (导入外部评价); `subject` is the import."""

    written: int


# --- the list of dishonesty -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Event):
    """An organisation or person was entered on the list (列入名单); `subject` is the entry. `provider_id` is the organisation concerned."""

    provider_id: UUID
    tier: str
    """`list` or `watch` (失信惩戒对象名单、重点关注名单)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingEnded(Event):
    """An entry of the list ended (移出、修复、撤销、到期); `subject` is the entry."""

    provider_id: UUID
    tier: str
    way: str
    """`removed`, `repaired`, `annulled` or `expired`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingStepTaken(Event):
    """A step of the procedure was taken (名单办理一步); `subject` is the entry."""

    provider_id: UUID | None
    verb: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPublicationChanged(Event):
    """What the public sees of an entry changed (名单公示变化): published, marked, reworded, taken off; `subject` is the entry."""

    provider_id: UUID | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListObjectionTaken(Event):
    """A step of an objection was taken (名单异议一步); `subject` is the objection."""

    entry_id: UUID
    verb: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairStepTaken(Event):
    """A step of an application for removal was taken (移出申请一步); `subject` is the application."""

    entry_id: UUID
    verb: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAlertGiven(Event):
    """A warning about an entry was given, once (名单提醒); `subject` is the entry."""

    kind: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundConfirmed(Event):
    """An authority confirmed the text of a ground (确认列入情形条文); `subject` is the authority."""

    table_code: str
    ground_code: str
    table_sha: str
