"""What happens to people, certificates and courses (人员、证书、培训事件). Ids, codes and dates; never names or numbers of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.events import Event
from app.training.rules import CourseKind, EndReason, Finding, Shift, StaffPost


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEmployed(Event):
    """Somebody took up a post (登记到岗); `subject` is the employment. `known` says that the person had been known before."""

    site_id: UUID
    person_id: UUID
    post: StaffPost
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSet(Event):
    """Somebody's shift changed (调整班次); `subject` is the employment."""

    site_id: UUID
    shift: Shift | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRenamed(Event):
    """A mistyped name was corrected (更正姓名); `subject` is the person."""

    employment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentEnded(Event):
    """Somebody left a post (登记离岗); `subject` is the employment."""

    site_id: UUID
    person_id: UUID
    reason: EndReason
    ended_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEntered(Event):
    """A certificate was entered (登记证书); `subject` is the certificate, as in all certificate events. `doubts` are codes."""

    site_id: UUID
    person_id: UUID
    kind: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRenewed(Event):
    """A certificate took the place of an older one (证书换新)."""

    site_id: UUID
    person_id: UUID
    kind: str
    replaces: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWithdrawn(Event):
    """An entry made by mistake was taken back (撤下证书)."""

    site_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateVerified(Event):
    """A certificate was verified, or put in doubt (核验证书)."""

    site_id: UUID
    person_id: UUID
    kind: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFoundFalse(Event):
    """A certificate was found to be false (核实为虚假): credit and ratings listen to this."""

    site_id: UUID
    person_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateExpiring(Event):
    """A certificate runs out soon (证书到期提醒): once an employer and step. `days` is the step."""

    site_id: UUID
    employment_id: UUID
    kind: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateExpired(Event):
    """A certificate has run out and nobody has entered a new one (证书过期): once an employer."""

    site_id: UUID
    employment_id: UUID
    kind: str
    ran_out_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRevealed(Event):
    """An identity number was seen in the clear (查看证件号码); the reason stands in the unmasking row `row_id`."""

    site_id: UUID
    row_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlanned(Event):
    """A session was planned (安排培训); `subject` is the session, as in all session events."""

    course: CourseKind
    site_id: UUID | None
    held_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleEnrolled(Event):
    """People were enrolled (报名)."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsRecorded(Event):
    """Attendance and results were recorded (登记出勤与考核)."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(Event):
    """A session was closed; its results count from now on (班次办结)."""

    present: int
    passed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCancelled(Event):
    """A session was called off (取消班次)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLoadRecorded(Event):
    """Residents by ability were recorded (填报在住老人能力等级); `subject` is the site."""

    as_of: date
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCodeMade(Event):
    """A share code was made (生成共享码); `subject` is the code's row."""

    person_id: UUID
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCodeRevoked(Event):
    """A share code was taken back (收回共享码)."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffListChecked(Event):
    """A staff workbook was checked (核对人员名册); `subject` is the import."""

    site_id: UUID
    file_sha256: str
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffListImported(Event):
    """A staff workbook was written (写入人员名册); `subject` is the import."""

    site_id: UUID
    people: int
    certificates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffListForgotten(Event):
    """A workbook that was never written was let go (清理人员工作簿); `subject` is the import."""
