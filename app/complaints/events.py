"""What happens to complaints (投诉举报事件). `subject` is the complaint's id unless said otherwise; nobody's name is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.complaints.rules.kinds import Channel, Finding, InquiryState, Matter, PauseReason, Satisfaction, State, Track
from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRegistered(Event):
    """A complaint came in (登记投诉)."""

    channel: Channel
    matter: Matter
    urgent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintUrgent(Event):
    """Somebody's life is in danger (紧急投诉): to be told at once; `due_on` is the same day."""

    authority_id: UUID
    about_site_id: UUID | None
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencySettled(Event):
    """What was done about the danger was written down (紧急处置)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintClassified(Event):
    """A complaint got its track (投诉分类), or another one."""

    track: Track
    about_site_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintMoved(Event):
    """A complaint went a step on (投诉流转): accepted, assigned, declined, forwarded, closed …"""

    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintMerged(Event):
    """A complaint follows another (并案); it still gets an answer of its own."""

    lead_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintPaused(Event):
    """The clock stands still (投诉中止)."""

    reason: PauseReason
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintResumed(Event):
    """The clock goes on (投诉恢复办理)."""

    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintExtensionAsked(Event):
    """More time was asked for (申请投诉延期)."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintExtended(Event):
    """The head granted or refused more time (审批投诉延期)."""

    days: int
    granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InquirySent(Event):
    """Facts were put to a home (向机构核实); `subject` is the inquiry. The complaint is not named."""

    site_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswered(Event):
    """A home said what it has to say (机构说明情况), or its time ran out; `subject` is the inquiry."""

    site_id: UUID
    state: InquiryState


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingProposed(Event):
    """A finding was proposed (提出处理意见)."""

    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReviewed(Event):
    """Another person reviewed the finding (审核处理意见)."""

    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintConfirmed(Event):
    """A complaint about a home was found true, wholly or in part (投诉属实). This and nothing else may weigh on its credit."""

    site_id: UUID
    provider_id: UUID
    finding: Finding
    matter: Matter
    track: Track
    found_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAnswered(Event):
    """The complainant was answered (答复投诉人)."""

    finding: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplainantCalled(Event):
    """The complainant was called back (回访), or rated on the status page."""

    satisfaction: Satisfaction
    by_complainant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A case inspection was planned out of a complaint (转个案检查)."""

    task_id: UUID
    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialAdded(Event):
    """A file was added to a complaint (补充投诉材料)."""

    blob_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRevealed(Event):
    """A complainant's contact was seen in the clear (查看投诉人联系方式); the reason stands in the row `row_id`."""

    row_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginsForgotten(Event):
    """The fingerprints of connections were forgotten (清除来源指纹); `subject` is the job's nil id."""

    count: int
