"""When what runs (定时任务表): TIME → what runs. `flask timetable` reads this table and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.complaints import jobs as complaints
from app.core.timetable import Job
from app.credit.jobs import listing
from app.credit.jobs import records as credit
from app.inspections.jobs import draws, findings
from app.providers import jobs as providers
from app.public import jobs as public
from app.ratings.jobs import evidence
from app.training import jobs as training

JOBS: Final[Sequence[Job]] = (
    Job("providers.remind_of_papers", "30 0 * * *", providers.remind_of_papers),
    Job("providers.announce_overdue_visits", "35 0 * * *", providers.announce_overdue_visits),
    Job("providers.forget_workbooks", "50 2 * * *", providers.forget_workbooks),
    Job("draws.reveal_due", "1 0 * * *", draws.reveal_due),
    Job("findings.escalate_overdue", "10 1 * * *", findings.escalate_overdue),
    Job("public.note_record", "5 0 * * *", public.note_record),
    Job("public.count_words", "20 3 * * *", public.count_words),
    Job("public.rebuild", "40 3 * * 0", public.rebuild),
    Job("complaints.forget_origins", "55 2 * * *", complaints.forget_origins),
    Job("training.remind_of_certificates", "20 0 * * *", training.remind_of_certificates),
    Job("training.forget_staff_lists", "55 2 * * *", training.forget_staff_lists),
    Job("credit.keep_scores", "15 0 * * *", credit.keep_scores),
    Job("credit.end_overrides", "20 0 * * *", credit.end_overrides),
    Job("listing.close_expired", "15 0 * * *", listing.close_expired),
    Job("listing.warn", "20 0 * * *", listing.warn),
    Job("evidence.expire_uploads", "20 2 * * *", evidence.expire_uploads),
)
