"""When what runs (定时任务表): TIME → what runs. `flask timetable` reads this table and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.timetable import Job

JOBS: Final[Sequence[Job]] = ()
