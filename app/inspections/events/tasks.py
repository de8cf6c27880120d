"""What happens to inspection tasks and their answers (检查任务事件)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.events import Event
from app.inspections.rules.checklist import Ternary
from app.inspections.rules.task import CheckInWay, ResultCode, SignerRole, TaskKind, TaskSource


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlanned(Event):
    """A task was planned (拟定检查任务)."""

    site_id: UUID
    kind: TaskKind
    source: TaskSource
    source_id: UUID | None
    planned_on: date
    checklist_sha: str
    nth_of_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSet(Event):
    """A task got its team (确定检查组): account ids, the lead first."""

    team: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskApproved(Event):
    """The head approved a task (批准检查)."""

    site_id: UUID
    planned_on: date
    on_arrival: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeServed(Event):
    """The home was told of the inspection (送达检查通知书)."""

    site_id: UUID
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Event):
    """The team arrived (到场登记)."""

    site_id: UUID
    way: CheckInWay


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRead(Event):
    """Certificates were shown, rights told, recusal asked (亮证、告知、询问回避): the inspection begins."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusalNoted(Event):
    """An officer must stay away (回避): a new draw is needed for the place, nobody is put in by hand."""

    site_id: UUID
    account_id: UUID
    source: TaskSource
    source_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsReceived(Event):
    """A tablet sent operations (收到答题操作): how many were stored, known already, kept aside."""

    stored: int
    duplicate: int
    kept_invalid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoReceived(Event):
    """A photo of a task came in (收到检查照片)."""

    blob_id: UUID
    original_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSignedBy(Event):
    """Somebody signed, or refused to sign, one state of the record (签字)."""

    role: SignerRole
    state_sha: str
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConcluded(Event):
    """The on-site record is complete, signed and locked, and goes to review (笔录定稿、提交审核)."""

    site_id: UUID
    kind: TaskKind
    state_sha: str
    operations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReturned(Event):
    """The reviewer sent the record back (退回补充)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReviewed(Event):
    """The result was reviewed by somebody who did not inspect (审核通过)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionClosed(Event):
    """An inspection is closed (检查办结): its result in counts; `hazards` are item codes of the hazard list."""

    site_id: UUID
    kind: TaskKind
    ended_on: date
    joint: bool
    result: ResultCode
    met: int
    not_met: int
    rate_per_10k: int | None
    mandatory: Ternary
    mandatory_pending: int
    hazards: tuple[str, ...]
    findings_minor: int
    findings_serious: int
    findings_major: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPublished(Event):
    """The result was published (检查结果公示)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRevoked(Event):
    """The decision behind a published result was changed or revoked (原决定变更或撤销)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationWithdrawn(Event):
    """A published result was withdrawn (撤回公示)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(Event):
    """A task was given up before anybody arrived (取消检查)."""

    site_id: UUID
