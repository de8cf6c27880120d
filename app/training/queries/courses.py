"""Questions about courses, sessions and who was trained (培训查询)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import NotVisible
from app.core.scope import reach, visible
from app.providers.models import Site
from app.training.models import Attendance, Course, Employment, Person, TrainingSession
from app.training.rules import CourseKind, Outcome, SessionState
from app.training.rules.courses import Taken


def _announced(seen_by: Actor) -> ColumnElement[bool]:
    """Sessions that an authority holds for the area of a site in reach."""
    inside = and_(
        Site.scope_path >= TrainingSession.scope_path,
        Site.scope_path < func.left(TrainingSession.scope_path, -1).concat("0"),
    )
    return and_(TrainingSession.authority_id.is_not(None), exists(select(Site.id).where(reach(Site, seen_by), inside)))


def sessions(*, seen_by: Actor) -> Select[TrainingSession]:
    """The sessions that an actor may see (可见班次): the own ones, and those announced for the area."""
    query = select(TrainingSession).join(TrainingSession.course).options(contains_eager(TrainingSession.course))
    return query.where(or_(reach(TrainingSession, seen_by), _announced(seen_by)))


def session(session_id: UUID, *, seen_by: Actor, lock: bool = False) -> TrainingSession:
    """One session (班次)."""
    query = sessions(seen_by=seen_by).where(TrainingSession.id == session_id)
    if lock:
        query = query.with_for_update(key_share=True, of=TrainingSession)
    row = db.session.scalars(query.execution_options(populate_existing=lock)).one_or_none()
    if row is None:
        raise NotVisible(f"TrainingSession {session_id}")
    return row


def like_course(of: Course) -> Course | None:
    """A course of the same holder that says the same (同一课程)."""
    query = select(Course).where(
        Course.authority_id == of.authority_id if of.authority_id else Course.authority_id.is_(None),
        Course.site_id == of.site_id if of.site_id else Course.site_id.is_(None),
        Course.title == of.title,
        Course.kind == of.kind,
        Course.hours == of.hours,
        Course.has_exam == of.has_exam,
        Course.pass_mark == of.pass_mark,
    )
    return db.session.scalars(query.limit(1)).one_or_none()


def attendances(session_id: UUID, *, seen_by: Actor) -> Sequence[Attendance]:
    """Who takes part in a session (参训名单): an employer sees the own people."""
    query = (
        visible(Attendance, to=seen_by)
        .where(Attendance.session_id == session_id)
        .join(Attendance.person)
        .options(contains_eager(Attendance.person), joinedload(Attendance.employment).joinedload(Employment.site))
    )
    return db.session.scalars(query.order_by(Person.pinyin, Attendance.id)).all()


def of_person(person_id: UUID, *, seen_by: Actor) -> Sequence[Attendance]:
    """A person's training that an actor may see, newest first (个人培训记录)."""
    query = (
        visible(Attendance, to=seen_by)
        .where(Attendance.person_id == person_id)
        .join(Attendance.session)
        .join(TrainingSession.course)
        .options(contains_eager(Attendance.session).contains_eager(TrainingSession.course))
    )
    return db.session.scalars(query.order_by(TrainingSession.held_on.desc())).all()


def taken(
    *, seen_by: Actor, since: date, until: date, person_ids: Collection[UUID] | None = None, kinds: Collection[CourseKind] = ()
) -> list[Taken]:
    """What closed sessions between two days came to, a row each person (参训结果)."""
    query = (
        visible(Attendance, to=seen_by)
        .join(Attendance.session)
        .join(TrainingSession.course)
        .where(TrainingSession.state == SessionState.CLOSED, TrainingSession.held_on.between(since, until))
        .with_only_columns(
            Attendance.person_id,
            TrainingSession.held_on,
            Course.kind,
            Course.has_exam,
            Attendance.present,
            Attendance.outcome,
        )
    )
    if person_ids is not None:
        query = query.where(Attendance.person_id.in_(list(person_ids)))
    if kinds:
        query = query.where(Course.kind.in_(list(kinds)))
    rows = db.session.execute(query)
    return [Taken(person, day, kind, exam, bool(present), outcome) for person, day, kind, exam, present, outcome in rows]


def trained_before_job(*, seen_by: Actor, on: date) -> frozenset[UUID]:
    """Persons with a completed pre-job course by a day (完成岗前培训的人)."""
    rows = taken(seen_by=seen_by, since=date(2000, 1, 1), until=on, kinds=(CourseKind.PRE_JOB,))
    return frozenset(part.person_id for part in rows if part.completed)


def counts(session_ids: Collection[UUID], *, seen_by: Actor) -> dict[UUID, tuple[int, int, int]]:
    """Enrolled, present, passed of each session (班次人数)."""
    query = (
        visible(Attendance, to=seen_by)
        .where(Attendance.session_id.in_(list(session_ids)))
        .with_only_columns(
            Attendance.session_id,
            func.count(),
            func.count().filter(Attendance.present.is_(True)),
            func.count().filter(Attendance.outcome == Outcome.PASSED),
        )
        .group_by(Attendance.session_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(query)}
