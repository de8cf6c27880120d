"""Tables of inspections (检查数据表), one file a subject."""

from app.inspections.models.checklists import EditionRow, ItemConfirmation
from app.inspections.models.findings import (
    CorrectionOrder,
    Extension,
    Finding,
    Recheck,
    RectificationStep,
    Supervision,
    Transfer,
)
from app.inspections.models.papers import PaperWords
from app.inspections.models.tasks import (
    InspectionTask,
    KeptInvalid,
    OperationRow,
    Signature,
    TaskMember,
    TaskPhoto,
)

__all__ = [
    "CorrectionOrder",
    "EditionRow",
    "Extension",
    "Finding",
    "InspectionTask",
    "ItemConfirmation",
    "KeptInvalid",
    "OperationRow",
    "PaperWords",
    "Recheck",
    "RectificationStep",
    "Signature",
    "Supervision",
    "TaskMember",
    "TaskPhoto",
    "Transfer",
]
