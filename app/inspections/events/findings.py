"""What happens to problems found, orders, re-checks, hazards and reports (问题与整改事件): ids and codes, never words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.events import Event
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.findings import Basis
from app.inspections.rules.hazards import Judgement
from app.inspections.rules.papers import Paper, ServiceWay
from app.inspections.rules.recheck import Handling, RecheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOpened(Event):
    """A problem was entered in the ledger (登记问题)."""

    site_id: UUID
    task_id: UUID
    item: str
    severity: Severity
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingJudged(Event):
    """A suspected hazard was judged (研判)."""

    site_id: UUID
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClosed(Event):
    """A problem was put right and closed (销号)."""

    site_id: UUID
    task_id: UUID
    severity: Severity
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIssued(Event):
    """An order to correct was issued (出具责令改正通知书)."""

    site_id: UUID
    task_id: UUID
    number: str
    findings: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderServed(Event):
    """An order reached the home (送达责令改正通知书)."""

    site_id: UUID
    way: ServiceWay


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRevoked(Event):
    """An order was revoked (撤销责令)."""

    site_id: UUID
    task_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationReported(Event):
    """The home reported a problem put right (提交整改报告)."""

    site_id: UUID
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionAsked(Event):
    """The home asked for more time (申请延期)."""

    site_id: UUID
    wanted: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionDecided(Event):
    """A request for more time was decided (审批延期)."""

    site_id: UUID
    granted: bool
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckAssigned(Event):
    """A re-check was arranged (安排复查)."""

    site_id: UUID
    task_id: UUID
    officers: tuple[UUID, ...]
    findings: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckDone(Event):
    """A re-check was concluded (复查定稿)."""

    site_id: UUID
    task_id: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRechecked(Event):
    """A problem was looked at again (复查)."""

    site_id: UUID
    result: RecheckResult
    handling: Handling


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingEscalated(Event):
    """An overdue problem was escalated (升级督办), once in its life."""

    site_id: UUID
    to_authority_id: UUID | None
    days_overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProposed(Event):
    """A problem was proposed for a penalty case (提请立案); the case itself belongs to another system."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingTransferred(Event):
    """A problem was passed to another department (移送)."""

    site_id: UUID
    to: Department


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAnswered(Event):
    """The other department told what came of it (收到移送处理结果)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardOpened(Event):
    """A major hazard is under supervision (重大事故隐患督办)."""

    site_id: UUID
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardDecided(Event):
    """What is done at once about a major hazard was decided (决定立即措施)."""

    site_id: UUID
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardPlanSubmitted(Event):
    """The home submitted its plan against a major hazard (提交整改方案)."""

    site_id: UUID
    plan_due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardPlanDecided(Event):
    """The plan was approved or sent back (审批整改方案)."""

    site_id: UUID
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardReviewed(Event):
    """Whether the measures may be lifted was reviewed (审查)."""

    site_id: UUID
    agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardLifted(Event):
    """The measures against a major hazard were lifted (解除措施)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DowngradeProposed(Event):
    """It was proposed that a major hazard is none (提请降级)."""

    site_id: UUID
    to: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardDowngraded(Event):
    """A named approver, another than the proposer, lowered a major hazard (批准降级)."""

    site_id: UUID
    to: Severity
    proposed_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyGiven(Event):
    """The home gave its own view of a problem (机构陈述); it is shown in public once an officer cleared it."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCleared(Event):
    """An officer found no personal data in the home's view, or sent it back (核对机构陈述)."""

    site_id: UUID
    cleared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTextConfirmed(Event):
    """An officer confirmed the words in which a problem is published (核定公示文字)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIssued(Event):
    """An inspection report was issued (出具检查报告)."""

    site_id: UUID
    edition: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReportIssued(Event):
    """The published version of a report was issued (出具检查结果公示)."""

    site_id: UUID
    number: str
    document_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsSet(Event):
    """An authority set the words of its papers (设置文书用语)."""

    papers: tuple[Paper, ...]
