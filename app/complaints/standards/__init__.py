"""Terms of the tracks as dated files (各途径办理时限)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
