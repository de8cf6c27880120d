"""Checklists and deadlines as dated data (检查表与期限数据): one YAML file an edition; see app.core.standards.

`load(FOLDER, ChecklistEdition)` gives the checklists, `load(FOLDER, DeadlineTable)` the deadlines.
"""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
