"""What the pages of staff and training show (人员与培训页面): one frozen value a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.db import acting
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.queries.lists import districts
from app.providers.queries.pages import Term, Todo
from app.providers.rules import SiteKind
from app.regions import queries as regions
from app.regions.packs import PolicyPack, Target
from app.regions.rules import within
from app.training.models import Attendance, Certificate, Employment, Person, ShareCode, TrainingSession
from app.training.queries import certificates, courses, people
from app.training.queries.lists import FINDING_TONES
from app.training.queries.staffing import Staffing, staffing, worker
from app.training.rules import CourseKind, Finding, Outcome, StaffPost
from app.training.rules.certificates import (
    SOON_DAYS,
    TONES,
    Group,
    KindTable,
    Standing,
    kinds_on,
    lacking,
    shared_number,
    shown_number,
    standing,
)
from app.training.rules.courses import Education, Half, Qualified, Trained, education, half_of, qualified, trained_in

PASSED_FLOOR: Final = "training.safety_pass_rate"
YEARLY: Final = frozenset({"SY21-22"})  # distinct persons trained in a year
CERTIFIED: Final = frozenset({"NB-8a"})  # of direct-care staff of home-care sites
PRE_JOB: Final = frozenset({"NB-8b"})  # of the same
CARERS_CERTIFIED: Final = frozenset({"SX-13"})  # of caregivers; the document gives no figure
HOME_CARE: Final = (SiteKind.HOME_CARE_CENTRE, SiteKind.COMMUNITY_STATION, SiteKind.DAY_CARE)
"""Which kinds of sites home-care staff (居家养老服务人员) work at: the platform's reading."""


# --- a certificate as a page shows it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A certificate as it stands on a page (证书一行)."""

    paper: Certificate
    label: str
    level: str
    number: str
    standing: Standing
    days: int | None
    doubts: Sequence[str]
    scan: UUID | None

    @property
    def tone(self) -> str:
        """The tone of its standing."""
        return TONES[self.standing]

    @property
    def checked_tone(self) -> str:
        """The tone of what verification found."""
        return FINDING_TONES[self.paper.finding]

    @property
    def until(self) -> str:
        """Its last day in words: 有效期至 or 复审日期, whichever comes first."""
        paper = self.paper
        if paper.runs_out_on is None:
            return "长期"
        word = "复审" if paper.review_due and paper.review_due == paper.runs_out_on else "至"
        return f"{word} {paper.runs_out_on.isoformat()}"

    @property
    def renewable(self) -> bool:
        """Whether there is something to renew."""
        return self.paper.runs_out_on is not None and self.standing is not Standing.FALSE


def paper_rows(papers: Sequence[Certificate], table: KindTable, *, seen_by: Actor, on: date) -> list[PaperRow]:
    """Certificates with their standing, masked numbers and doubts (证书情况)."""
    seen, twins = certificates.scans_seen(papers, seen_by=seen_by), certificates.twins(papers)
    return [
        PaperRow(
            paper,
            table.named(paper.kind).label,
            table.level_label(paper.kind, paper.level),
            shown_number(table.named(paper.kind), paper.number.reveal()) if paper.number else "",
            standing(paper.state, paper.finding, paper.runs_out_on, on),
            (paper.runs_out_on - on).days if paper.runs_out_on else None,
            certificates.doubt_words(paper, twins.get(paper.id, 0)),
            paper.blob_id if paper.blob_id in seen else None,
        )
        for paper in papers
    ]


# --- staff ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffNote:
    """What a list says of somebody's papers (证书提示): what is missing, what runs out next."""

    lacking: Sequence[str]
    soonest: PaperRow | None
    count: int

    @property
    def tone(self) -> str:
        """The worst of it."""
        if self.lacking or (self.soonest and self.soonest.standing in (Standing.EXPIRED, Standing.FALSE)):
            return "bad"
        return "wait" if self.soonest and self.soonest.standing is Standing.SOON else "ok"

    @property
    def words(self) -> str:
        """The most pressing thing in a few words."""
        if self.lacking:
            return self.lacking[0]
        paper = self.soonest
        if paper is not None and paper.standing in (Standing.EXPIRED, Standing.SOON, Standing.FALSE):
            when = "" if paper.days is None or paper.standing is Standing.FALSE else f" {abs(paper.days)} 天"
            words = {Standing.EXPIRED: f"过期{when}", Standing.SOON: f"还有{when}", Standing.FALSE: "认定虚假"}[paper.standing]
            return f"{paper.label}{words}"
        return f"{self.count} 份都有效" if self.count else "没有登记证书"


def staff_notes(rows: Iterable[Employment], *, seen_by: Actor, on: date) -> dict[UUID, StaffNote]:
    """What to say of the papers of each (证书提示), by employment."""
    table, found = kinds_on(on), {}
    staff = list(rows)
    held = certificates.of_people({row.person_id for row in staff}, seen_by=seen_by)
    trained = courses.trained_before_job(seen_by=seen_by, on=on)
    flat = paper_rows([paper for papers in held.values() for paper in papers], table, seen_by=seen_by, on=on)
    shown = {row.paper.id: row for row in flat}
    for row in staff:
        papers = held.get(row.person_id, ())
        known = row.person_id in trained
        groups = set(worker(row, papers, table, on, trained=known).ranks)
        missing = lacking(table, row.post, groups, trained=known) if row.ended_on is None else ()
        first = shown[papers[0].id] if papers else None
        found[row.id] = StaffNote(missing, first, len(papers))
    return found


@dataclass(frozen=True, slots=True)
class SiteStaff:
    """A site in one line on the staff page (网点人员概况)."""

    site: Site
    people: int
    carers: int
    lacking: int
    expiring: int
    staffing: Staffing
    education: Education


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything on a person's page (人员页)."""

    job: Employment
    papers: Sequence[PaperRow]
    older: Sequence[PaperRow]
    lacking: Sequence[str]
    basis: str
    posts: Sequence[Employment]
    elsewhere: int
    training: Sequence[Attendance]
    codes: Sequence[ShareCode]


def person_page(employment_id: UUID, *, seen_by: Actor, on: date) -> PersonPage:
    """A person's page (人员页)."""
    job, table = people.employment(employment_id, seen_by=seen_by), kinds_on(on)
    every = certificates.of_people([job.person_id], seen_by=seen_by, history=True).get(job.person_id, ())
    rows = paper_rows(every, table, seen_by=seen_by, on=on)
    current = [row for row in rows if row.standing not in (Standing.REPLACED, Standing.WITHDRAWN)]
    trained = job.person_id in courses.trained_before_job(seen_by=seen_by, on=on)
    groups = set(worker(job, [row.paper for row in current], table, on, trained=trained).ranks)
    return PersonPage(
        job=job,
        papers=current,
        older=[row for row in rows if row not in current],
        lacking=lacking(table, job.post, groups, trained=trained) if job.ended_on is None else (),
        basis=table.post(job.post).basis,
        posts=people.posts_of(job.person_id, seen_by=seen_by),
        elsewhere=people.other_employers(job.person_id, seen_by=seen_by),
        training=courses.of_person(job.person_id, seen_by=seen_by),
        codes=people.share_codes(job.person_id, seen_by=seen_by, on=on),
    )


def site_staff(site: Site, *, seen_by: Actor, on: date) -> SiteStaff:
    """A site's staff in figures (网点人员概况)."""
    rows = people.staff_of(site.id, seen_by=seen_by, on=on)
    notes = staff_notes(rows, seen_by=seen_by, on=on)
    expiring = {
        note.soonest.paper.id
        for note in notes.values()
        if note.soonest and note.soonest.standing in (Standing.SOON, Standing.EXPIRED)
    }
    return SiteStaff(
        site=site,
        people=len({row.person_id for row in rows}),
        carers=len({row.person_id for row in rows if row.post is StaffPost.CAREGIVER}),
        lacking=sum(bool(note.lacking) for note in notes.values()),
        expiring=len(expiring),
        staffing=staffing(site, seen_by=seen_by, on=on),
        education=half_year([row.person_id for row in rows], half_of(on), seen_by=seen_by),
    )


def half_year(in_post: Collection[UUID], half: Half, *, seen_by: Actor) -> Education:
    """Safety education of a half year for those in post (半年安全教育)."""
    taken = courses.taken(seen_by=seen_by, since=half.first_day, until=half.last_day, kinds=(CourseKind.SAFETY,))
    return education(in_post, taken, half)


def floor_of(path: str, on: date) -> tuple[int, str]:
    """The floor of the pass rate, per 10,000, and where it comes from (合格率下限)."""
    claim = regions.setting(path, PASSED_FLOOR, on)
    assert isinstance(claim.value, int)
    return claim.value, claim.source


# --- what is asked of a home ------------------------------------------------------------------------------------------

NEAR: Final = 30
MOST_ASKED: Final = 5


def asked(*, seen_by: Actor, on: date) -> Sequence[Todo]:
    """What staff and training ask of a home (要办的人员事项): gaps, certificates that run out, the half year's education."""
    found: list[Todo] = []
    for site in providers.my_sites(seen_by=seen_by):
        row = site_staff(site, seen_by=seen_by, on=on)
        if row.staffing.gaps:
            more = f"，另有 {len(row.staffing.gaps) - 1} 处不足" if len(row.staffing.gaps) > 1 else ""
            href = f"/my/sites/{site.id}/staffing"
            found.append(
                Todo(
                    row.staffing.gaps[0].words + more,
                    "调整班次，或安排人员考证、换证",
                    href,
                    "看人员配备",
                    None,
                    "wait",
                    site.name,
                )
            )
        left = (row.education.half.last_day - on).days
        missing = len(row.education.absent) + len(row.education.not_examined)
        if missing and left <= 60:
            due = Term(row.education.half.last_day, left, "天", "GB 38600-2019（条文待核）")
            line = "办结的班次才计入"
            found.append(Todo(f"半年安全教育还有 {missing} 人没考核", line, "/my/training", "安排培训", due, due.tone, site.name))
    return [*found, *_asked_by_certificates(seen_by=seen_by, on=on)]


def _asked_by_certificates(*, seen_by: Actor, on: date) -> list[Todo]:
    dues = [due for _, rows in expiry_calendar(seen_by=seen_by, on=on) for due in rows if (due.row.days or 0) <= NEAR]
    found = []
    for due in dues[:MOST_ASKED]:
        paper, job = due.row.paper, due.job
        assert paper.runs_out_on is not None
        term = Term(paper.runs_out_on, due.row.days or 0, "天")
        title = f"{job.person.name}的{due.row.label}{'已过期' if term.overdue else '到期'}"
        href = f"/my/staff/{job.id}/certificates/new?replaces={paper.id}"
        found.append(Todo(title, "拿到新证后拍照换新", href, "拍照换新", term, term.tone, job.site.name))
    if len(dues) > MOST_ASKED:
        found.append(
            Todo(
                f"还有 {len(dues) - MOST_ASKED} 份人员证书 {NEAR} 天内到期或已过期", "按止期排好了", "/my/certificates", "去换新"
            )
        )
    return found


# --- the calendar of expiries -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """A certificate in the calendar (日历一行): whose, through which employment it is renewed."""

    row: PaperRow
    job: Employment


def expiry_calendar(*, seen_by: Actor, on: date) -> list[tuple[str, list[Due]]]:
    """Certificates of everybody in post by month (到期日历): what has run out in front; each person once."""
    jobs: dict[UUID, Employment] = {}
    for site in providers.my_sites(seen_by=seen_by):
        for job in people.staff_of(site.id, seen_by=seen_by, on=on):
            jobs.setdefault(job.person_id, job)
    held = certificates.of_people(jobs, seen_by=seen_by)
    rows = paper_rows([paper for papers in held.values() for paper in papers], kinds_on(on), seen_by=seen_by, on=on)
    months: dict[str, list[Due]] = {}
    for row in sorted((row for row in rows if row.renewable), key=lambda row: (row.paper.runs_out_on or date.max, row.label)):
        until = row.paper.runs_out_on
        assert until is not None
        month = "已过期" if until < on else f"{until.year}年{until.month:02d}月"
        months.setdefault(month, []).append(Due(row, jobs[row.paper.person_id]))
    return sorted(months.items(), key=lambda pair: (pair[0] != "已过期", pair[0]))


# --- an area ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area in figures (地区概况): people in post, direct care, what speaks for them, what runs out."""

    name: str
    path: str
    people: int
    qualified: Qualified
    expired: int
    soon: int
    education: Education
    trained: Trained


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target beside what was reached (目标对照). `wanted` is None where the document gives no figure."""

    pack: PolicyPack
    target: Target
    wanted: int | None
    reached: int | None
    unit: str
    words: str


@dataclass(frozen=True, slots=True)
class AreaPage:
    """Everything on an area's page (辖区人员页)."""

    whole: AreaRow
    parts: Sequence[AreaRow]
    targets: Sequence[TargetRow]
    floor: int
    floor_source: str
    suspicious: int
    unverified: int
    last_half: Education


def area_page(path: str, *, seen_by: Actor, on: date) -> AreaPage:
    """People, certificates and training of an area (辖区人员页)."""
    jobs = people.everyone_in_post(seen_by=seen_by, on=on)
    certified = certificates.holders(seen_by=seen_by, on=on, group=Group.LEVEL)
    prepared = courses.trained_before_job(seen_by=seen_by, on=on)
    taken = courses.taken(seen_by=seen_by, since=date(on.year - 1, 7, 1), until=on)
    papers = certificates.last_days(seen_by=seen_by)
    half = half_of(on)

    def figures(name: str, below: str) -> AreaRow:
        here = [job for job in jobs if within(job.scope_path, below)]
        persons = {job.person_id for job in here}
        days = [day for person, day in papers if person in persons and day is not None]
        parts = [part for part in taken if part.person_id in persons]
        direct = {job.person_id for job in here if job.direct_care}
        return AreaRow(
            name,
            below,
            len(persons),
            qualified(on, direct, certified, prepared),
            sum(day < on for day in days),
            sum(on <= day <= on + timedelta(days=SOON_DAYS) for day in days),
            education(persons, parts, half),
            trained_in(on.year, parts),
        )

    whole = figures("全辖区", path)
    all_trained = trained_in(on.year, taken)  # who has left since was trained all the same
    floor, source = floor_of(path, on)
    at_home = people.site_ids_of(HOME_CARE, seen_by=seen_by)
    direct = [job.person_id for job in jobs if job.direct_care and job.site_id in at_home]
    home_care = qualified(on, direct, certified, prepared)
    carers = qualified(on, [job.person_id for job in jobs if job.post is StaffPost.CAREGIVER], certified, prepared)
    return AreaPage(
        whole=whole,
        parts=_parts(whole, [row for below, name in districts(path) if (row := figures(name, below)).people]),
        targets=list(_targets(path, home_care, carers, all_trained, on)),
        floor=floor,
        floor_source=source,
        suspicious=certificates.count(certificates.suspicious(seen_by=seen_by)),
        unverified=certificates.count_of(Finding.UNVERIFIED, seen_by=seen_by),
        last_half=education({job.person_id for job in jobs}, taken, half.before),
    )


def _parts(whole: AreaRow, parts: Sequence[AreaRow]) -> Sequence[AreaRow]:
    """The parts of an area; where nothing is below, or sites stand at the area itself, the whole is the only line."""
    return parts or ([whole] if whole.people else [])


def _targets(path: str, home_care: Qualified, carers: Qualified, trained: Trained, on: date) -> Iterable[TargetRow]:
    """The targets of the place that speak of staff, each counted as its document says."""
    for pack, target in regions.targets_at(path, on):
        step = target.due_by(on) or target.next_step(on)
        wanted = step.value if step else None
        if target.id in YEARLY:
            words = f"本辖区 {trained.year} 年完成培训 {trained.persons} 人（{trained.times} 人次，一人只计一次）"
            yield TargetRow(pack, target, wanted, trained.persons, "人", words)
        elif target.id in CERTIFIED:
            words = f"居家养老服务网点直接护理人员中持有效等级证书 {home_care.certified} / {home_care.everyone} 人"
            yield TargetRow(pack, target, wanted, home_care.rate(home_care.certified), "%", words)
        elif target.id in PRE_JOB:
            words = f"居家养老服务网点直接护理人员中完成岗前培训 {home_care.trained} / {home_care.everyone} 人"
            yield TargetRow(pack, target, wanted, home_care.rate(home_care.trained), "%", words)
        elif target.id in CARERS_CERTIFIED:
            words = f"养老护理员中持有效等级证书 {carers.certified} / {carers.everyone} 人；{target.note}"
            yield TargetRow(pack, target, wanted, carers.rate(carers.certified), "%", words)


# --- what a share code opens ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SharedPaper:
    """A certificate as a stranger sees it (对外证书)."""

    label: str
    level: str
    number: str
    standing: Standing
    until: date | None
    finding: Finding
    checked_on: date | None

    @property
    def tone(self) -> str:
        """The tone of its standing."""
        return TONES[self.standing]


@dataclass(frozen=True, slots=True)
class Shared:
    """What a share code opens (共享页): name masked, posts, certificates with the end of their numbers, training of two years."""

    name: str
    posts: Sequence[tuple[str, str]]
    papers: Sequence[SharedPaper]
    courses: Sequence[tuple[date, str]]
    valid_to: date


def shared(code: str, *, on: date) -> Shared:
    """What a code opens on a day (共享页). Raises NotVisible when it opens nothing."""
    person, row = people.person_shared(code, on=on)
    with acting(SYSTEM):
        return _shared(person, row, on)


def _shared(person: Person, row: ShareCode, on: date) -> Shared:
    table = kinds_on(on)
    held = certificates.of_people([person.id], seen_by=SYSTEM).get(person.id, ())
    took = courses.of_person(person.id, seen_by=SYSTEM)
    return Shared(
        name=f"{person.name.removeprefix('示例·')[:1]}*",
        posts=[(job.post.label, job.site.name) for job in people.posts_of(person.id, seen_by=SYSTEM) if job.ended_on is None],
        papers=[
            SharedPaper(
                table.named(paper.kind).label,
                table.level_label(paper.kind, paper.level),
                shared_number(paper.number.reveal()) if paper.number else "",
                standing(paper.state, paper.finding, paper.runs_out_on, on),
                paper.runs_out_on,
                paper.finding,
                paper.checked_on,
            )
            for paper in held
            if table.named(paper.kind).group is not Group.HEALTH  # health is nobody's business but the employer's
        ],
        courses=[
            (part.session.held_on, f"{part.session.course.title}（{part.session.course.hours} 学时）")
            for part in took
            if _completed(part) and part.session.held_on > on - timedelta(days=730)
        ],
        valid_to=row.valid_to,
    )


def _completed(part: Attendance) -> bool:
    closed = part.session.closed_on is not None
    return closed and bool(part.present) and (part.outcome is Outcome.PASSED or not part.session.course.has_exam)


# --- a certificate's own page -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Everything on a certificate's page for the office (证书页)."""

    row: PaperRow
    verify_at: str
    note: str
    jobs: Sequence[Employment]
    checks: Sequence[object]
    others: int
    history: Sequence[PaperRow]


def certificate_page(certificate_id: UUID, *, seen_by: Actor, on: date) -> CertificatePage:
    """A certificate's page (证书页)."""
    paper, table = certificates.certificate(certificate_id, seen_by=seen_by), kinds_on(on)
    kind = table.named(paper.kind)
    every = certificates.of_people([paper.person_id], seen_by=seen_by, history=True).get(paper.person_id, ())
    older = [other for other in every if other.kind == paper.kind and other.id != paper.id]
    return CertificatePage(
        row=paper_rows([paper], table, seen_by=seen_by, on=on)[0],
        verify_at=kind.verify_at,
        note=kind.life_note,
        jobs=people.posts_of(paper.person_id, seen_by=seen_by),
        checks=certificates.checks(paper.id, seen_by=seen_by),
        others=certificates.twins([paper]).get(paper.id, 0),
        history=paper_rows(older, table, seen_by=seen_by, on=on),
    )


# --- sessions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Everything on a session's page (班次页): who takes part, who of one's own people could still be enrolled."""

    row: TrainingSession
    seats: Sequence[Attendance]
    free: Sequence[Employment]
    own: bool


def session_page(session_id: UUID, *, seen_by: Actor, on: date) -> SessionPage:
    """A session's page (班次页)."""
    row = courses.session(session_id, seen_by=seen_by)
    seats = courses.attendances(row.id, seen_by=seen_by)
    there = {seat.person_id for seat in seats}
    free: dict[UUID, Employment] = {}
    if seen_by.scope.path is None:
        for site in providers.my_sites(seen_by=seen_by):
            if row.site_id in (None, site.id):
                for job in people.staff_of(site.id, seen_by=seen_by, on=on):
                    if job.person_id not in there:
                        free.setdefault(job.person_id, job)
    own = row.authority_id == seen_by.authority_id if row.authority_id else seen_by.scope.path is None
    return SessionPage(row, seats, list(free.values()), own)
