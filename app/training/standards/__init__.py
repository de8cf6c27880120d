"""Kinds of certificates and staffing tables as dated data (证书种类与人员配比数据): one YAML file an edition.

`app.training.rules.certificates.library()` and `app.training.rules.staffing.library()` give them.
"""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
