"""Tables of inspections (检查数据表), one file a subject."""

from app.inspections.models.checklists import EditionRow, ItemConfirmation
from app.inspections.models.draws import (
    DrawEscrow,
    DrawEvent,
    DrawMark,
    DrawPlan,
    DrawRequest,
    DrawSeedEntry,
    InspectionObject,
    InspectorEntry,
    InspectorRecusal,
)
from app.inspections.models.findings import (
    CorrectionOrder,
    Extension,
    Finding,
    Recheck,
    RectificationDraft,
    RectificationStep,
    Supervision,
    Transfer,
)
from app.inspections.models.papers import InspectionReport, PaperWords
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
    "DrawEscrow",
    "DrawEvent",
    "DrawMark",
    "DrawPlan",
    "DrawRequest",
    "DrawSeedEntry",
    "EditionRow",
    "Extension",
    "Finding",
    "InspectionObject",
    "InspectionReport",
    "InspectionTask",
    "InspectorEntry",
    "InspectorRecusal",
    "ItemConfirmation",
    "KeptInvalid",
    "OperationRow",
    "PaperWords",
    "Recheck",
    "RectificationDraft",
    "RectificationStep",
    "Signature",
    "Supervision",
    "TaskMember",
    "TaskPhoto",
    "Transfer",
]
