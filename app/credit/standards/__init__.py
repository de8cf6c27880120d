"""Credit models, tier tables, grounds, phoenix weights as dated data (信用标准数据): one YAML file an edition; see app.core.standards."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
