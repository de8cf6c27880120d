"""What happens in a campaign (评定工作事件): ids, codes and hashes, never words or names."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Event
from app.ratings.rules.process import CampaignKind, CheckResult, Choice, Measure, TieKind, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDrafted(Event):
    """A campaign was drafted (拟定评定工作)."""

    kind: CampaignKind
    scheme: str
    scheme_sha: str
    trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignOpened(Event):
    """A campaign was announced (发布评定工作)."""

    scheme_sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEnded(Event):
    """A campaign was finished or called off (结束评定工作)."""

    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationBegun(Event):
    """A home began an application (新建评定申请)."""

    site_id: UUID
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationMoved(Event):
    """An application took a step (申请办理): which, by whom; the state's table is in rules/process.py."""

    site_id: UUID
    verb: Verb
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsEntered(Event):
    """Facts of an application were entered (登记评定事实)."""

    site_id: UUID
    keys: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityTaken(Event):
    """The snapshot of the application day was kept (固定资格快照)."""

    site_id: UUID
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessorEntered(Event):
    """An assessor was put on the list, or taken off it (评定员入库、出库)."""

    account_id: UUID
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TieDeclared(Event):
    """A tie to a home was declared (申明回避)."""

    account_id: UUID
    kind: TieKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelsFrozen(Event):
    """The lists for a draw of panels were frozen (封存评定组名单)."""

    campaign_id: UUID
    freeze_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelsDrawn(Event):
    """Panels were drawn (抽取评定组)."""

    campaign_id: UUID
    result_hash: str
    infeasible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMemberReplaced(Event):
    """A panel member withdrew and the next was drawn (评定员回避更换)."""

    site_id: UUID
    out: UUID
    into: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWritten(Event):
    """A sheet got new entries (填写评分表); one line a batch."""

    site_id: UUID
    stored: int
    duplicate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLocked(Event):
    """A sheet was locked (锁定评分表)."""

    site_id: UUID
    sheet_id: UUID
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAgreed(Event):
    """The panel agreed on an item (合议一项)."""

    site_id: UUID
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusSigned(Event):
    """A panel member signed the agreed scores (合议签字)."""

    site_id: UUID
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeChanged(Event):
    """A member joined or left the committee (评定委员会变动)."""

    account_id: UUID
    chair: bool
    left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingConvened(Event):
    """A meeting of the committee was convened (召集评定会)."""

    applications: tuple[UUID, ...]
    quorum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast(Event):
    """A vote was cast or changed (表决)."""

    site_id: UUID
    choice: Choice
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingDecided(Event):
    """The committee decided (审定等级)."""

    site_id: UUID
    level: str
    by_rules: str
    overruled: bool
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRaised(Event):
    """An objection was raised within the notice (提出异议)."""

    site_id: UUID
    objection_id: UUID
    by_home: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDecided(Event):
    """An objection was decided (处理异议)."""

    site_id: UUID
    objection_id: UUID
    upheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingPublished(Event):
    """A rating was published; its subject is the rating (公布等级)."""

    site_id: UUID
    scheme: str
    level: str
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingChanged(Event):
    """A measure took effect on a rating; its subject is the rating (等级变动)."""

    site_id: UUID
    measure: Measure
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProposed(Event):
    """A measure on a rating was proposed or dropped (提请处理等级)."""

    site_id: UUID
    measure: Measure
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingAlerted(Event):
    """News touched a rating (等级提示)."""

    site_id: UUID
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettled(Event):
    """Somebody looked at the news and settled it (处理提示)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MidCheckDone(Event):
    """A mid-term check was recorded; its subject is the rating (期中检查)."""

    site_id: UUID
    check_id: UUID
    result: CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySaid(Event):
    """A home answered to its grade, or the answer was cleared (机构回应)."""

    site_id: UUID
    cleared: bool
