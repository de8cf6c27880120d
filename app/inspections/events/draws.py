"""What happens to lists, recusals and draws (名录库、回避、抽查事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event
from app.inspections.rules.plan import MarkReason, RecusalReason, RequestKind, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsRenewed(Event):
    """The list of sites was brought up to date (更新检查对象名录库). `subject` is the authority."""

    listed: int
    struck: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorListed(Event):
    """An inspector was put on the list or changed (登记检查人员)."""

    code: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusalDeclared(Event):
    """A recusal was declared (登记回避)."""

    inspector_id: UUID
    object_id: UUID
    reason: RecusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RecusalEnded(Event):
    """A recusal ended (解除回避)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDrafted(Event):
    """A plan was drafted (拟定计划)."""

    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMarked(Event):
    """A site was put on the must or exclude list, or taken off (必查、剔除)."""

    object_id: UUID
    standing: Standing
    reason: MarkReason
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiscarded(Event):
    """A plan was withdrawn before its freeze (撤回计划)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved(Event):
    """A plan was approved (批准计划)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFrozen(Event):
    """The lists of a plan were frozen (封存名录). The fingerprint thereby stands in the chained record."""

    code: str
    freeze_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedValueEntered(Event):
    """One official entered a public value (录入公开值)."""

    input_number: int
    turn: int
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedValuesDiffer(Event):
    """Two entries did not agree; both type again (两人录入不一致)."""

    input_number: int
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSeeded(Event):
    """Every public value stands (种子已齐)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCompleted(Event):
    """The draw was computed (完成抽取), once. Tasks follow unless `infeasible`: ask `queries.draws.drawn_teams(subject)`."""

    seed_hash: str
    result_hash: str
    infeasible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawChanged(Event):
    """A top-up or replacement was approved (事后变更): tasks follow the new standing, `queries.draws.drawn_teams(subject)`."""

    kind: RequestKind
    number: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAsked(Event):
    """A top-up, replacement or void was asked for (提出申请)."""

    request_id: UUID
    kind: RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDeclined(Event):
    """A request was declined (不予批准)."""

    request_id: UUID
    kind: RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVoided(Event):
    """A plan was voided from above (作废). Number, fingerprint and reason stay."""

    code: str
    freeze_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRevealed(Event):
    """All files of a plan are public from now on (公开抽取结果)."""

    code: str
    result_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedNamesOpened(Event):
    """Somebody looked into a sealed result (拆看密封名单)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowOpened(Event):
    """The supervising body opened the sealed blind (启封盲值备份). `subject` is the plan."""

    holder_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskNotFollowed(Event):
    """A rule refused the task of a drawn site (未能派生任务); `why` is the refusal's code. `subject` is the plan."""

    site_id: UUID
    why: str
