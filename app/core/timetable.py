"""Timetable 定时任务: a row per (job, slot) decides who runs it, so two timetables side by side run each job once.

APScheduler only ticks. Missed slots are caught up from the last row. A run that was killed keeps its unfinished row;
after `LEASE` another timetable takes it over: jobs work piece by piece and are safe to run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Model, db

LEASE: Final = timedelta(minutes=15)
CATCH_UP: Final = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a job did (办理结果): pieces done, pieces that failed with their sentences."""

    done: int = 0
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable: name, when (cron words, Beijing time), what runs on which day."""

    name: str
    cron: str
    run: Callable[[date], Tally]

    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """The slots in (after, until] (应办时点)."""
        trigger = CronTrigger.from_crontab(self.cron, timezone=clock.BEIJING)
        found: list[datetime] = []
        slot = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
        while slot is not None and slot <= until:
            found.append(slot)
            slot = trigger.get_next_fire_time(slot, slot + timedelta(microseconds=1))
        return found


class JobRun(Model):
    """One run of a job for one slot (任务执行记录)."""

    __tablename__ = "job_run"
    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    claim: Mapped[UUID]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]


def due(job: Job, now: datetime, lease: timedelta = LEASE) -> list[datetime]:
    """Slots of `job` that nobody has finished and nobody is busy with, oldest first. A new job begins with its next slot."""
    last = db.session.scalar(select(func.max(JobRun.slot)).where(JobRun.job == job.name, JobRun.finished_at.is_not(None)))
    stale = db.session.scalars(
        select(JobRun.slot).where(JobRun.job == job.name, JobRun.finished_at.is_(None), JobRun.started_at < now - lease)
    ).all()
    began = max(last, now - CATCH_UP) if last else now - timedelta(minutes=1)
    return sorted({*stale, *job.slots(began, now)})


def run_slot(job: Job, slot: datetime, now: datetime, lease: timedelta = LEASE) -> bool:
    """Run `job` for `slot` unless another timetable has it (办一次). True when it ran here."""
    token = uuid4()
    statement = insert(JobRun).values(job=job.name, slot=slot, claim=token, started_at=now, done=0, failed=0)
    taken = db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["job", "slot"],
            set_={"claim": token, "started_at": now},
            where=(JobRun.finished_at.is_(None)) & (JobRun.started_at < now - lease),
        ).returning(JobRun.claim)
    ).scalar_one_or_none()
    db.session.commit()
    if taken != token:
        return False
    trouble: str | None = None
    tally = Tally()
    try:
        tally = job.run(clock.legal_day(slot))
    except Exception as error:  # kept with the row; the slot counts as finished, the next one tries again
        db.session.rollback()
        trouble = f"{type(error).__name__}: {error}"[:2000]
    db.session.execute(
        update(JobRun)
        .where(JobRun.job == job.name, JobRun.slot == slot, JobRun.claim == token)
        .values(
            finished_at=clock.now(),
            done=tally.done,
            failed=len(tally.failed),
            trouble=trouble or ("; ".join(tally.failed)[:2000] or None),
        )
    )
    db.session.commit()
    return True


def tick(jobs: Sequence[Job], now: datetime, lease: timedelta = LEASE) -> int:
    """Run everything that is due (到点即办); how many runs happened here."""
    return sum(run_slot(job, slot, now, lease) for job in jobs for slot in due(job, now, lease))


def one_by_one(ids: Sequence[UUID], do: Callable[[UUID], None]) -> Tally:
    """Do each piece in its own transaction (逐件办理), so one bad row costs only itself."""
    done, failed = 0, []
    for piece in ids:
        try:
            do(piece)
            db.session.commit()
            done += 1
        except Exception as error:
            db.session.rollback()
            failed.append(f"{piece}: {type(error).__name__} {error}")
    return Tally(done, tuple(failed))


def unfinished(now: datetime) -> int:
    """Runs that began and never ended within the lease, for /readyz and metrics."""
    query = select(func.count()).select_from(JobRun).where(JobRun.finished_at.is_(None), JobRun.started_at < now - LEASE)
    return int(db.session.scalar(query) or 0)
