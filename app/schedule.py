"""When what runs (定时任务表): TIME → what runs. `flask timetable` reads this table and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.timetable import Job
from app.inspections.jobs import findings

JOBS: Final[Sequence[Job]] = (Job("findings.escalate_overdue", "10 1 * * *", findings.escalate_overdue),)
