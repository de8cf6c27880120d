"""Verbs on courses and sessions (培训办理): plan, enrol, record attendance and results, close, call off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.providers import queries as providers
from app.regions import queries as regions
from app.training import events
from app.training.models import Attendance, Course, Employment, TrainingSession
from app.training.queries import courses as queries
from app.training.queries import people
from app.training.rules import CourseKind, Outcome, SessionState
from app.training.rules.courses import check_closing, check_result, check_session


@dataclass(frozen=True, slots=True)
class CourseAsked:
    """What a course is (课程)."""

    title: str
    kind: CourseKind
    hours: int
    has_exam: bool
    pass_mark: int = 60


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one person (出勤与考核)."""

    present: bool
    outcome: Outcome = Outcome.NOT_EXAMINED
    score: int | None = None


def plan_session(
    course: CourseAsked,
    *,
    site_id: UUID | None,
    held_on: date,
    until: date | None = None,
    place: str,
    trainer: str,
    by: Actor,
    at: datetime,
    on: date,
) -> TrainingSession:
    """Plan a session (安排培训): of a home for its own people, or, without a site, of one's authority for all homes of its area."""
    check_session(held_on, until, on=on, hours=course.hours)
    if not course.title.strip() or not place.strip() or not trainer.strip():
        raise Refused("session.words", "课程名称、地点、授课人都要填写。")
    scope, authority_id = _holder(site_id, by)
    kept = _course(course, scope, authority_id, by=by, at=at)
    row = TrainingSession(
        **scope,
        id=uuid4(),
        course_id=kept.id,
        authority_id=authority_id,
        held_on=held_on,
        until=until,
        place=place.strip(),
        trainer=trainer.strip(),
        state=SessionState.PLANNED,
        made_by=by.id,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.SessionPlanned(subject=row.id, by=by.id, on=on, course=course.kind, site_id=site_id, held_on=held_on))
    return row


def _holder(site_id: UUID | None, by: Actor) -> tuple[dict[str, object], UUID | None]:
    if site_id is not None:
        site = providers.site(site_id, seen_by=by)
        return {"scope_path": site.scope_path, "provider_id": site.provider_id, "site_id": site.id}, None
    if by.authority_id is None:
        raise Refused("session.site", "请选择由哪个网点组织。")
    return {"scope_path": regions.authority(by.authority_id).path, "provider_id": None, "site_id": None}, by.authority_id


def _course(asked: CourseAsked, scope: Mapping[str, object], authority_id: UUID | None, *, by: Actor, at: datetime) -> Course:
    row = Course(
        **scope,
        id=uuid4(),
        authority_id=authority_id,
        title=asked.title.strip(),
        kind=asked.kind,
        hours=asked.hours,
        has_exam=asked.has_exam,
        pass_mark=asked.pass_mark,
        made_by=by.id,
        made_at=at,
    )
    known = queries.like_course(row)
    if known is not None:
        return known
    db.session.add(row)
    db.session.flush()
    return row


def enrol(session_id: UUID, employment_ids: Sequence[UUID], *, by: Actor, on: date) -> int:
    """Enrol people (报名): each person once, whatever posts they hold. How many are new."""
    row = _planned(session_id, by)
    there = {part.person_id for part in queries.attendances(row.id, seen_by=by)}
    new = 0
    for employment_id in employment_ids:
        job = people.employment(employment_id, seen_by=by)
        if job.ended_on is not None:
            raise Refused("enrol.left", f"{job.person.name}已离岗，不能报名。")
        if job.person_id in there:
            continue
        if row.trainer == job.person.name:
            raise Refused("enrol.trainer", "授课（主考）人不能同时是本班学员。")
        there.add(job.person_id)
        db.session.add(_seat(row, job, by))
        new += 1
    db.session.flush()
    audit.record(events.PeopleEnrolled(subject=row.id, by=by.id, on=on, count=new))
    return new


def _seat(row: TrainingSession, job: Employment, by: Actor) -> Attendance:
    return Attendance(
        id=uuid4(),
        scope_path=job.scope_path,
        provider_id=job.provider_id,
        site_id=job.site_id,
        session_id=row.id,
        person_id=job.person_id,
        employment_id=job.id,
        outcome=Outcome.NOT_EXAMINED,
        enrolled_by=by.id,
    )


def _planned(session_id: UUID, by: Actor) -> TrainingSession:
    row = queries.session(session_id, seen_by=by)
    if row.state is not SessionState.PLANNED:
        raise Refused("session.not_now", f"这个班次的状态是“{row.state.label}”，不能再改。")
    return row


def _own(session_id: UUID, by: Actor) -> TrainingSession:
    """A session that is still open, of the actor's own holding: whoever holds it records what came of it."""
    row = queries.session(session_id, seen_by=by, lock=True)
    if row.authority_id is not None and row.authority_id != by.authority_id:
        raise Refused("session.holder", "这个班由组织它的机关登记出勤、考核和办结。")
    if row.authority_id is None and by.scope.path is not None and by.scope.path != "/":
        raise Refused("session.holder", "这是机构自己组织的培训，由机构登记和办结。")
    if row.state is not SessionState.PLANNED:
        raise Refused("session.not_now", f"这个班次的状态是“{row.state.label}”，不能再改。")
    return row


def record_results(session_id: UUID, results: Mapping[UUID, Result], *, by: Actor, on: date) -> None:
    """Record who came and what the examination gave (登记出勤与考核). `results` is keyed by the attendance."""
    row = _own(session_id, by)
    if row.held_on > on:
        raise Refused("session.future", f"开班日期是 {row.held_on.isoformat()}，开班以后才能登记出勤。")
    for part in queries.attendances(row.id, seen_by=by):
        result = results.get(part.id)
        if result is None:
            continue
        check_result(
            present=result.present,
            outcome=result.outcome,
            score=result.score,
            has_exam=row.course.has_exam,
            pass_mark=row.course.pass_mark,
        )
        part.present, part.outcome, part.score = result.present, result.outcome, result.score
        part.recorded_by, part.recorded_on = by.id, on
    db.session.flush()
    audit.record(events.ResultsRecorded(subject=row.id, by=by.id, on=on, count=len(results)))


def close_session(session_id: UUID, *, by: Actor, on: date) -> TrainingSession:
    """Close a session (班次办结): everybody's attendance stands; only closed sessions count in rates and targets."""
    row = _own(session_id, by)
    parts = queries.attendances(row.id, seen_by=by)
    recorded = sum(part.present is not None for part in parts)
    check_closing(row.held_on, row.state, on=on, recorded=recorded, enrolled=len(parts))
    row.state, row.closed_by, row.closed_on = SessionState.CLOSED, by.id, on
    db.session.flush()
    present = sum(bool(part.present) for part in parts)
    passed = sum(part.outcome is Outcome.PASSED for part in parts)
    audit.record(events.SessionClosed(subject=row.id, by=by.id, on=on, present=present, passed=passed))
    return row


def cancel_session(session_id: UUID, *, by: Actor, on: date) -> TrainingSession:
    """Call a session off (取消班次)."""
    row = _own(session_id, by)
    row.state = SessionState.CANCELLED
    db.session.flush()
    audit.record(events.SessionCancelled(subject=row.id, by=by.id, on=on))
    return row
