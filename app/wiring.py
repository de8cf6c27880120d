"""What follows from what (事件去向): read this file to know everything that follows from anything.

EVENT → who listens, in order; ERRAND → who does it. Listeners do one insert; slow work goes into the outbox.
"""

from __future__ import annotations

from typing import Final

from app.archive import actions as archive
from app.core.events import Listeners
from app.core.outbox import Handlers
from app.regions import actions as regions

LISTENERS: Final[Listeners] = {}

ERRANDS: Final[Handlers] = {
    "calendar.recompute": regions.recompute_deadlines,
    "blob.store": archive.store_blob,
    "document.render": archive.render_document,
    "document.archive": archive.archive_document,
}
