"""What happens to organisations, sites and filings (机构与备案事件). `subject` is the site's id unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.events import Event
from app.providers.rules import FilingKind, FireTrack, PaperKind, SiteState, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRegistered(Event):
    """A body was registered (登记机构主体); `subject` is the organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRegistered(Event):
    """A site was registered (登记网点)."""

    organisation_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingSaved(Event):
    """A draft was saved (保存备案草稿); `subject` is the filing, as in all filing events."""

    site_id: UUID
    kind: FilingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingSubmitted(Event):
    """A filing was submitted with its promise (提交备案), for the first time or again."""

    site_id: UUID
    kind: FilingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingReturned(Event):
    """A filing went back to be completed (退回补正)."""

    site_id: UUID
    kind: FilingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingAccepted(Event):
    """The receipt was issued (出具备案回执)."""

    site_id: UUID
    kind: FilingKind
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingWithdrawn(Event):
    """A filing was withdrawn (撤回备案)."""

    site_id: UUID
    kind: FilingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChanged(Event):
    """Something filed about a site changed (变更); `what` names the entries."""

    what: tuple[str, ...]
    filing_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStateChanged(Event):
    """A site passed into another state (网点状态变化)."""

    state: SiteState


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsRecorded(Event):
    """Facts of a site were recorded (录入基本情况)."""

    keys: tuple[str, ...]
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAttached(Event):
    """A paper was attached (上传材料); `subject` is the paper."""

    site_id: UUID
    kind: PaperKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWithdrawn(Event):
    """A paper was taken back from a draft (撤下材料); `subject` is the paper."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperExpiring(Event):
    """A paper runs out soon or has run out (证照到期提醒); `subject` is the paper, `days` the reminder's step."""

    site_id: UUID
    kind: PaperKind
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstVisitOverdue(Event):
    """The first visit after the filing did not take place in time (首次现场检查超期)."""

    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTrackDecided(Event):
    """How the fire papers stand was decided (认定消防手续)."""

    track: FireTrack


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSet(Event):
    """The supervision tier was set (调整监管等级)."""

    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataRevealed(Event):
    """A personal value was seen in the clear (查看明文); the reason stands in the unmasking row `row_id`."""

    what: str
    row_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChecked(Event):
    """A workbook was checked (核对名册); `subject` is the import."""

    file_sha256: str
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntered(Event):
    """A checked register was handed over to be written (确认写入名册); `subject` is the import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterImported(Event):
    """A register was imported (导入名册); `subject` is the import, `sites_sha256` of the sorted ids of the sites it wrote."""

    created: int
    changed: int
    sites_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookForgotten(Event):
    """A workbook that was never written was let go (清理工作簿); `subject` is the import."""
