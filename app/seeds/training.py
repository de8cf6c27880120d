"""Staff and training of the demo world (演示人员与培训), every state of each, through the module's own verbs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any, Final

from PIL import Image, ImageDraw

from app.accounts import actions as accounts
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import db
from app.core.identifiers import IdType, resident_check_character
from app.core.uploads import CleanUpload, clean
from app.core.xlsx.template import template
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.rules import SiteKind, SiteState
from app.regions import actions as regions
from app.seeds.people import PASSWORD, Cast, actor_of
from app.seeds.sites import Register
from app.training.actions import certificates, courses, importing, people, staffing
from app.training.actions.courses import CourseAsked, Result
from app.training.models import Employment, TrainingSession
from app.training.queries import certificates as papers
from app.training.queries import courses as course_queries
from app.training.rules import CourseKind, EndReason, Finding, Outcome, Shift, StaffPost
from app.training.rules.certificates import CheckWay, kinds_on
from app.training.rules.importing import sheets
from app.training.rules.staffing import Ability

HOMES: Final = 2
"""How many homes of each county get staff; the first one gets every state."""
POSTS: Final = (
    (StaffPost.CAREGIVER, Shift.DAY), (StaffPost.CAREGIVER, Shift.DAY), (StaffPost.CAREGIVER, Shift.NIGHT),
    (StaffPost.CAREGIVER, Shift.ROTATING), (StaffPost.NURSE, Shift.DAY), (StaffPost.COOK, None),
    (StaffPost.FIRE_DUTY, Shift.DAY), (StaffPost.FIRE_DUTY, Shift.NIGHT), (StaffPost.ELECTRICIAN, None), (StaffPost.MANAGER, None),
)  # fmt: skip
# Days until a certificate runs out, one after the other: expired, on each step of the alerts, and far away.
ENDS: Final = (-12, 0, 5, 25, 55, 85, 200, 320)
_serial = count(1)


def _at(on: date) -> datetime:
    return datetime.combine(on, time(2, 0), UTC)


def _identity(serial: int) -> str:
    """A well-formed number of a region that does not exist (虚构证件号码)."""
    body = f"999999{1970 + serial % 30}0101{serial % 1000:03d}"
    return body + resident_check_character(body)


def _level_number(level: str, year: int, serial: int) -> str:
    return f"Y000121000000{year % 100:02d}{level}{serial:06d}"


@cache
def a_scan() -> CleanUpload:
    """One picture that stands for a certificate (示例证书照片)."""
    image = Image.new("RGB", (640, 420), "#f4efe2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 620, 400), outline="#17556f", width=6)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return clean(file.getvalue(), "示例证书.jpg")


def fill(cast: Cast, register: Register, on: date) -> int:
    """Staff for two homes a county, with every state of certificates, training and codes (登记人员). How many people."""
    made = 0
    for county in sorted(register.by_county):
        filed = [s for s in register.by_county[county] if s.state is SiteState.FILED and s.kind is SiteKind.CARE_HOME][:HOMES]
        staff = [_staff(site, register.owners[site.id], cast, on) for site in filed]
        made += sum(len(jobs) for jobs in staff)
        if staff:
            office = cast.offices[county]
            _judge(staff[0], office.one(Post.HANDLER), office.one(Post.REVIEWER), on)
            _train(county, filed, staff, cast, register, on)
        db.session.commit()
    first = next(iter(register.by_county))
    _rules_of_the_place(cast, on)
    _extras(cast, register, first, on)
    db.session.commit()
    return made


def _staff(site: Site, owner: Actor, cast: Cast, on: date) -> list[Employment]:
    jobs = []
    for number, (post, shift) in enumerate(POSTS):
        serial = next(_serial)
        began = on - timedelta(days=400 - number * 30)
        job = people.employ(
            site.id, name=cast.name(), id_type=IdType.RESIDENT, identity=_identity(serial), post=post, shift=shift,
            started_on=began, by=owner, at=_at(on), on=on,
        )  # fmt: skip
        _papers(job, serial, owner, on)
        jobs.append(job)
    beds = providers.facts_of(site.id, seen_by=SYSTEM)["beds"].value
    residents = {ability: beds * share // 100 for ability, share in zip(Ability, (30, 20, 15, 15, 10), strict=True)}
    staffing.record_care_load(
        site.id, residents, as_of=on - timedelta(days=3), has_linked_control=True, by=owner, at=_at(on), on=on
    )
    return jobs


def _papers(job: Employment, serial: int, owner: Actor, on: date) -> None:
    end = on + timedelta(days=ENDS[serial % len(ENDS)])
    issued = end - timedelta(days=365)
    usual: dict[str, Any] = {"upload": a_scan() if serial % 3 == 0 else None, "by": owner, "at": _at(on), "on": on}
    if job.post in (StaffPost.CAREGIVER, StaffPost.COOK):
        certificates.enter_certificate(job.id, "health", issued_on=min(issued, on), valid_to=end, issuer="示例·体检中心", **usual)
    if job.post is StaffPost.CAREGIVER and serial % 4:
        level = ("5", "4", "3")[serial % 3]
        number = _level_number(level, 2022, serial)
        certificates.enter_certificate(
            job.id, "caregiver_level", level=level, number=number, issued_on=date(2022, 6, 1), issuer="示例·评价机构", **usual
        )
    if job.post is StaffPost.FIRE_DUTY:
        level = "4" if job.shift is Shift.DAY else "5"
        certificates.enter_certificate(job.id, "fire_operator", level=level, issued_on=date(2023, 5, 1), **usual)
    if job.post is StaffPost.ELECTRICIAN:
        number = f"T{job.person.identity.reveal()}"
        certificates.enter_certificate(
            job.id, "special_work", number=number, issued_on=on - timedelta(days=1000), review_due=end if end > on else on + timedelta(days=40),
            valid_to=on + timedelta(days=1100), **usual,
        )  # fmt: skip
    if job.post is StaffPost.NURSE:
        certificates.enter_certificate(
            job.id,
            "nurse",
            number=f"示{serial:08d}",
            issued_on=on - timedelta(days=1700),
            valid_to=on + timedelta(days=120),
            **usual,
        )


def _judge(jobs: Sequence[Employment], handler: Actor, reviewer: Actor, on: date) -> None:
    """Verified, in doubt, false."""
    held = papers.of_people([job.person_id for job in jobs], seen_by=SYSTEM)
    rows = [row for job in jobs for row in held.get(job.person_id, ()) if row.kind != "health"]
    for row, finding in zip(rows, (Finding.VERIFIED, Finding.DOUBTFUL, Finding.DOUBTFUL), strict=False):
        note = "示例：联网查询无此编号" if finding is Finding.DOUBTFUL else ""
        certificates.verify_certificate(row.id, finding, way=CheckWay.ONLINE, note=note, by=handler, at=_at(on), on=on)
    if len(rows) > 2:
        words = "示例：发证机构书面答复没有发过这个编号"
        certificates.refute_certificate(rows[2].id, way=CheckWay.ISSUER, note=words, by=reviewer, at=_at(on), on=on)


def _train(
    county: str, sites: Sequence[Site], staff: Sequence[Sequence[Employment]], cast: Cast, register: Register, on: date
) -> None:
    """Pre-job, safety education of both halves, a planned session, one called off, one held by the county."""
    owner = register.owners[sites[0].id]
    jobs = staff[0]
    _session(sites[0], jobs, CourseKind.PRE_JOB, on - timedelta(days=390), owner, on, [Outcome.PASSED] * len(jobs))
    outcomes: list[Outcome | None] = [*[Outcome.PASSED] * (len(jobs) - 4), Outcome.FAILED, Outcome.NOT_EXAMINED, None, None]
    _session(sites[0], jobs, CourseKind.SAFETY, on - timedelta(days=20), owner, on, outcomes)
    _session(sites[0], jobs[:3], CourseKind.FIRE, on + timedelta(days=10), owner, on, None)
    called_off = _session(sites[0], [], CourseKind.EMERGENCY, on + timedelta(days=20), owner, on, None)
    courses.cancel_session(called_off.id, by=owner, on=on)
    handler = cast.offices[county].one(Post.HANDLER)
    row = courses.plan_session(
        CourseAsked("示例·养老护理技能提升班", CourseKind.SKILL, 16, True), site_id=None, held_on=on - timedelta(days=30),
        place="示例·实训基地", trainer="示例·讲师", by=handler, at=_at(on), on=on,
    )  # fmt: skip
    for site, people_there in zip(sites, staff, strict=True):
        courses.enrol(row.id, [job.id for job in people_there[:4]], by=register.owners[site.id], on=on)
    results = {seat.id: Result(True, Outcome.PASSED, 82) for seat in course_queries.attendances(row.id, seen_by=handler)}
    courses.record_results(row.id, results, by=handler, on=on)
    courses.close_session(row.id, by=handler, on=on)


def _session(
    site: Site,
    jobs: Sequence[Employment],
    kind: CourseKind,
    held: date,
    owner: Actor,
    on: date,
    outcomes: Sequence[Outcome | None] | None,
) -> TrainingSession:
    row = courses.plan_session(
        CourseAsked(f"示例·{kind.label}", kind, 4, True), site_id=site.id, held_on=held, place="示例·二层会议室", trainer="示例·培训师",
        by=owner, at=_at(on), on=on,
    )  # fmt: skip
    courses.enrol(row.id, [job.id for job in jobs], by=owner, on=on)
    if outcomes is not None:
        wanted = dict(zip([job.person_id for job in jobs], outcomes, strict=True))
        results = {}
        for seat in course_queries.attendances(row.id, seen_by=owner):
            outcome = wanted[seat.person_id]
            results[seat.id] = Result(outcome is not None, outcome or Outcome.NOT_EXAMINED)
        courses.record_results(row.id, results, by=owner, on=on)
        courses.close_session(row.id, by=owner, on=on)
    return row


def _rules_of_the_place(cast: Cast, on: date) -> None:
    """One district sets a night ratio of its own, so that its homes see what is missing by night."""
    office = cast.offices["210102"]
    for key, value in (("staff.night_ratio", 30), ("staff.night_level", 4)):
        regions.change_setting(
            office.authority.region_id, key, value, source="示例·区民政局夜间照护试行办法（演示，未与正式文本核对）",
            in_force_from=on - timedelta(days=100), by=SYSTEM, at=_at(on - timedelta(days=100)), on=on - timedelta(days=100),
        )  # fmt: skip


def _extras(cast: Cast, register: Register, county: str, on: date) -> None:
    """Somebody with two employers, somebody who left or moved, a renewal, a withdrawal, share codes, an import, a manager's account."""
    one, two = [s for s in register.by_county[county] if s.state is SiteState.FILED and s.kind is SiteKind.CARE_HOME][:2]
    first, second = register.owners[one.id], register.owners[two.id]
    usual: dict[str, Any] = {"id_type": IdType.RESIDENT, "at": _at(on), "on": on}
    name, identity = cast.name(), _identity(990)
    job = people.employ(
        one.id,
        name=name,
        identity=identity,
        post=StaffPost.CAREGIVER,
        shift=Shift.NIGHT,
        started_on=on - timedelta(days=60),
        by=first,
        **usual,
    )
    people.employ(
        two.id,
        name=name,
        identity=identity,
        post=StaffPost.REHABILITATION,
        started_on=on - timedelta(days=50),
        by=second,
        **usual,
    )
    gone = people.employ(
        one.id,
        name=cast.name(),
        identity=_identity(991),
        post=StaffPost.SUPPORT,
        started_on=on - timedelta(days=90),
        by=first,
        **usual,
    )
    people.end_employment(gone.id, on - timedelta(days=9), EndReason.LEFT, by=first, on=on)
    moved = people.employ(
        one.id,
        name=cast.name(),
        identity=_identity(992),
        post=StaffPost.SUPPORT,
        started_on=on - timedelta(days=90),
        by=first,
        **usual,
    )
    moved_to = people.change_post(
        moved.id, StaffPost.CAREGIVER, from_day=on - timedelta(days=5), shift=Shift.DAY, by=first, at=_at(on), on=on
    )
    old = certificates.enter_certificate(
        job.id, "health", issued_on=on - timedelta(days=370), valid_to=on - timedelta(days=5), by=first, at=_at(on), on=on
    )
    certificates.enter_certificate(
        job.id,
        "health",
        issued_on=on,
        valid_to=on + timedelta(days=364),
        replaces=old.id,
        upload=a_scan(),
        by=first,
        at=_at(on),
        on=on,
    )
    wrong = certificates.enter_certificate(job.id, "other", number="示例错录", by=first, at=_at(on), on=on)
    certificates.withdraw_certificate(wrong.id, by=first, on=on)
    certificates.enter_certificate(
        job.id, "caregiver_level", level="5", number="12345678", issued_on=on, by=first, at=_at(on), on=on
    )
    shared = _level_number("5", 2022, 990)  # one number under two names
    for holder in (job, moved_to):
        certificates.enter_certificate(
            holder.id, "caregiver_level", level="5", number=shared, issued_on=date(2022, 6, 1), by=first, at=_at(on), on=on
        )
    code = "SHLDEMQ23456"
    people.make_share_code(job.id, code, valid_to=on + timedelta(days=180), by=first, at=_at(on), on=on)
    back = people.make_share_code(job.id, "SHLDEMQ23457", valid_to=on + timedelta(days=30), by=first, at=_at(on), on=on)
    people.revoke_share_code(back.id, by=first, on=on)
    importing.check_staff_list(template(sheets(kinds_on(on))), "示例·空名册.xlsx", one.id, by=first, at=_at(on), on=on)
    account = accounts.open_account(f"manager1-{county}", cast.name(), PASSWORD, by=SYSTEM, at=_at(on), on=on)
    accounts.grant_post(account.id, Post.SITE_MANAGER, by=SYSTEM, on=on, provider_id=one.provider_id, site_id=one.id)
    assert actor_of(account.id, one.provider_id, on).scope.site_ids
    cast.lines.append(f"{one.name}（院长）：manager1-{county}；从业人员查验 /caregivers 共享码 {code}")
