"""Rules of staff and training (人员、证书、培训规则); pure."""

from app.training.rules.certificates import CertificateState, Finding, Standing
from app.training.rules.courses import CourseKind, Outcome, SessionState
from app.training.rules.importing import ImportState
from app.training.rules.people import EndReason, Shift, StaffPost

__all__ = [
    "CertificateState",
    "CourseKind",
    "EndReason",
    "Finding",
    "ImportState",
    "Outcome",
    "SessionState",
    "Shift",
    "StaffPost",
    "Standing",
]
