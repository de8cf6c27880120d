"""Tables of inspections (检查数据表), one file a subject."""

from app.inspections.models.checklists import EditionRow, ItemConfirmation
from app.inspections.models.tasks import (
    InspectionTask,
    KeptInvalid,
    OperationRow,
    Signature,
    TaskMember,
    TaskPhoto,
)

__all__ = [
    "EditionRow",
    "InspectionTask",
    "ItemConfirmation",
    "KeptInvalid",
    "OperationRow",
    "Signature",
    "TaskMember",
    "TaskPhoto",
]
