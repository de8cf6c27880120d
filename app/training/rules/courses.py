"""Courses, attendance, examinations (培训规则): half years, pass rates, how many distinct persons were trained.

Half years are 01-01 to 06-30 and 07-01 to 12-31 (platform's definition). The pass rate is passed / examined; those who were
not examined stand apart, or the rate would lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.core.labels import Labelled
from app.core.refusal import Refused


class CourseKind(Labelled):
    """What a course is for (培训类别)."""

    SAFETY = "safety", "安全教育"
    PRE_JOB = "pre_job", "岗前培训"
    SKILL = "skill", "技能提升"
    FIRE = "fire", "消防培训"
    EMERGENCY = "emergency", "应急演练培训"
    MANAGEMENT = "management", "管理人员培训"


class SessionState(Labelled):
    """Where a session is (班次状态)."""

    PLANNED = "planned", "已安排"
    CLOSED = "closed", "已办结"
    CANCELLED = "cancelled", "已取消"


class Outcome(Labelled):
    """What came of somebody's examination (考核结果)."""

    NOT_EXAMINED = "not_examined", "未考核"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


@dataclass(frozen=True, slots=True)
class Half:
    """A half year (半年)."""

    year: int
    second: bool

    @property
    def first_day(self) -> date:
        """1 January or 1 July."""
        return date(self.year, 7 if self.second else 1, 1)

    @property
    def last_day(self) -> date:
        """30 June or 31 December."""
        return date(self.year, 12, 31) if self.second else date(self.year, 6, 30)

    @property
    def label(self) -> str:
        """2026年下半年."""
        return f"{self.year}年{'下' if self.second else '上'}半年"

    @property
    def before(self) -> Half:
        """The half year before."""
        return Half(self.year, second=False) if self.second else Half(self.year - 1, second=True)


def half_of(on: date) -> Half:
    """The half year of a day (所在半年)."""
    return Half(on.year, on.month > 6)


@dataclass(frozen=True, slots=True)
class Taken:
    """One person's part in one closed session (参训记录)."""

    person_id: UUID
    held_on: date
    kind: CourseKind
    examined_course: bool
    present: bool
    outcome: Outcome

    @property
    def completed(self) -> bool:
        """Whether the course counts as completed (完成培训): present, and passed where there was an examination."""
        return self.present and (not self.examined_course or self.outcome is Outcome.PASSED)


@dataclass(frozen=True, slots=True)
class Education:
    """Safety education of a half year (半年安全教育): every person in post stands in exactly one place."""

    half: Half
    passed: frozenset[UUID]
    failed: frozenset[UUID]
    not_examined: frozenset[UUID]
    absent: frozenset[UUID]

    @property
    def examined(self) -> int:
        """How many were examined."""
        return len(self.passed) + len(self.failed)

    @property
    def rate(self) -> int | None:
        """Passed of those examined, per 10,000, rounded down so that a floor is never reached by rounding; None without any."""
        return len(self.passed) * 10_000 // self.examined if self.examined else None

    @property
    def everyone(self) -> int:
        """Everybody in post."""
        return self.examined + len(self.not_examined) + len(self.absent)

    def meets(self, floor: int) -> bool | None:
        """Whether the pass rate reaches the floor (合格率是否达标); None when nobody was examined. Who was left out does not pass."""
        return None if self.rate is None else self.rate >= floor


def education(in_post: Iterable[UUID], taken: Iterable[Taken], half: Half) -> Education:
    """Sort everybody in post by what the half year's safety education came to (半年安全教育); the best result of each counts."""
    best: dict[UUID, Outcome | None] = {}
    for part in taken:
        if part.kind is not CourseKind.SAFETY or not part.present or not half.first_day <= part.held_on <= half.last_day:
            continue
        best[part.person_id] = _better(best.get(part.person_id), part.outcome)
    places: dict[Outcome | None, set[UUID]] = {}
    for person in set(in_post):
        places.setdefault(best.get(person), set()).add(person)
    return Education(
        half,
        passed=frozenset(places.get(Outcome.PASSED, ())),
        failed=frozenset(places.get(Outcome.FAILED, ())),
        not_examined=frozenset(places.get(Outcome.NOT_EXAMINED, ())),
        absent=frozenset(places.get(None, ())),
    )


_ORDER: Final = (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_EXAMINED)


def _better(one: Outcome | None, other: Outcome) -> Outcome:
    return other if one is None else min(one, other, key=_ORDER.index)


@dataclass(frozen=True, slots=True)
class Trained:
    """Training of a year (年度培训人数): distinct persons, and beside them how often they came."""

    year: int
    persons: int
    times: int


def trained_in(year: int, taken: Iterable[Taken]) -> Trained:
    """Distinct persons with a completed course in a year (年度培训人数); a person with two employers counts once."""
    done = [part.person_id for part in taken if part.held_on.year == year and part.completed]
    return Trained(year, len(set(done)), len(done))


@dataclass(frozen=True, slots=True)
class Qualified:
    """Persons in direct care on a day and what speaks for them (持证与岗前培训). Rates are per 10,000, None without anybody.

    Whether a target means one rate or two is open (甬政发〔2017〕81号 says 持证和岗前培训率), so all are kept.
    """

    on: date
    everyone: int
    certified: int
    trained: int
    either: int

    def rate(self, part: int) -> int | None:
        """A part of everyone, per 10,000, rounded down."""
        return part * 10_000 // self.everyone if self.everyone else None


def qualified(on: date, in_post: Iterable[UUID], certified: Iterable[UUID], trained: Iterable[UUID]) -> Qualified:
    """Count persons, each once (持证与岗前培训率): with a valid level certificate, with a completed pre-job course, with either."""
    everyone = set(in_post)
    by_certificate, by_course = everyone & set(certified), everyone & set(trained)
    return Qualified(on, len(everyone), len(by_certificate), len(by_course), len(by_certificate | by_course))


# --- a session --------------------------------------------------------------------------------------------------------


def check_session(held_on: date, until: date | None, *, on: date, hours: int) -> None:
    """Refuse days and hours that cannot be (班次时间)."""
    if until is not None and until < held_on:
        raise Refused("session.order", "结束日期不能早于开始日期。")
    if not 1 <= hours <= 400:
        raise Refused("session.hours", "学时应在 1～400 之间。")
    if (on - held_on).days > 3660:
        raise Refused("session.old", "开班日期太早，请核对年份。")


def check_result(*, present: bool, outcome: Outcome, score: int | None, has_exam: bool, pass_mark: int) -> None:
    """Refuse a result that contradicts itself (考核结果)."""
    if not present and outcome is not Outcome.NOT_EXAMINED:
        raise Refused("result.absent", "缺勤的人不能有考核结果。")
    if not has_exam and outcome is not Outcome.NOT_EXAMINED:
        raise Refused("result.no_exam", "这门课不考核，请只登记出勤。")
    if score is None:
        return
    if not 0 <= score <= 100:
        raise Refused("result.score", "成绩应在 0～100 之间。")
    if outcome is not outcome_of(score, pass_mark):
        raise Refused("result.mismatch", f"成绩 {score} 分与“{outcome.label}”不符（{pass_mark} 分合格）。")


def outcome_of(score: int | None, pass_mark: int) -> Outcome:
    """What a score means (按成绩定结果)."""
    if score is None:
        return Outcome.NOT_EXAMINED
    return Outcome.PASSED if score >= pass_mark else Outcome.FAILED


def check_closing(held_on: date, state: SessionState, *, on: date, recorded: int, enrolled: int) -> None:
    """Refuse closing a session too early (班次办结)."""
    if state is not SessionState.PLANNED:
        raise Refused("session.not_now", f"这个班次的状态是“{state.label}”，不能再办。")
    if held_on > on:
        raise Refused("session.future", f"开班日期是 {held_on.isoformat()}，开班以后才能办结。")
    if enrolled == 0:
        raise Refused("session.empty", "还没有人参训，请先报名；不办了的请取消。")
    if recorded < enrolled:
        raise Refused("session.unrecorded", f"还有 {enrolled - recorded} 人没有登记出勤，请登记齐了再办结。")
