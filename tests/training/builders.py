"""Builders of staff and training (人员与培训测试构件): real verbs only.

job = a_carer(site)                                   # a caregiver in post, with a made-up identity number
paper = a_certificate(job, "health", valid_to=…)      # any kind of certificate
run = a_session(site, people=[job], outcome=…)        # a closed session of safety education
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw

from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting
from app.core.identifiers import IdType, resident_check_character
from app.core.uploads import CleanUpload, clean
from app.providers.models import Site
from app.training.actions import certificates, courses, people
from app.training.actions.courses import CourseAsked, Result
from app.training.models import Certificate, Employment, TrainingSession
from app.training.queries import courses as course_queries
from app.training.rules import CourseKind, Outcome, Shift, StaffPost
from tests.providers.builders import AT, ON, a_filed_site
from tests.worlds import actor

_serial = itertools.count(1)


def a_number(serial: int | None = None, *, region: str = "999999", birth: str = "19900101") -> str:
    """A well-formed identity number of a region that does not exist: nobody's (虚构证件号码)."""
    n = serial or next(_serial)
    body = f"{region}{int(birth[:4]) + n // 1000:04d}{birth[4:]}{n % 1000:03d}"
    return body + resident_check_character(body)


def a_level_number(level: int = 5, year: int = 19, serial: int | None = None) -> str:
    """A certificate number of the right shape."""
    return f"Y000121000002{year:02d}{level}{serial or next(_serial):06d}"


def a_carer(
    site: Site | None = None,
    *,
    name: str = "",
    post: StaffPost = StaffPost.CAREGIVER,
    shift: Shift | None = Shift.DAY,
    identity: str = "",
    started_on: date | None = None,
    by: Actor = SYSTEM,
    on: date = ON,
) -> Employment:
    """Somebody in post (示例·护理员)."""
    with acting(by):
        return people.employ(
            (site or a_filed_site()).id,
            name=name or f"示例·护理{next(_serial)}",
            id_type=IdType.RESIDENT,
            identity=identity or a_number(),
            post=post,
            shift=shift,
            started_on=started_on or on - timedelta(days=200),
            by=by,
            at=AT,
            on=on,
        )


def a_certificate(job: Employment, kind: str = "health", *, by: Actor = SYSTEM, on: date = ON, **more: Any) -> Certificate:
    """A certificate of somebody in post; a health paper of last month unless told."""
    usual: dict[str, Any] = {"issued_on": on - timedelta(days=30)}
    if kind == "health":
        usual["valid_to"] = on + timedelta(days=335)
    if kind == "caregiver_level":
        usual |= {"level": "5", "number": a_level_number(), "issued_on": date(2019, 6, 1)}
    with acting(by):
        return certificates.enter_certificate(job.id, kind, by=by, at=AT, on=on, **(usual | more))


def a_session(
    site: Site | None,
    jobs: Sequence[Employment] = (),
    *,
    outcomes: Sequence[Outcome | None] = (),
    kind: CourseKind = CourseKind.SAFETY,
    has_exam: bool = True,
    held_on: date = ON,
    closed: bool = True,
    by: Actor = SYSTEM,
    on: date = ON,
) -> TrainingSession:
    """A session with results: an outcome each, None for who did not come; everybody passes unless told."""
    with acting(by):
        row = courses.plan_session(
            CourseAsked(f"示例·{kind.label}", kind, 4, has_exam),
            site_id=site.id if site else None,
            held_on=held_on,
            place="示例·二层会议室",
            trainer="示例·授课人",
            by=by,
            at=AT,
            on=on,
        )
        if jobs:
            courses.enrol(row.id, [job.id for job in jobs], by=by, on=on)
        usual = Outcome.PASSED if has_exam else Outcome.NOT_EXAMINED
        wanted = dict(zip([job.person_id for job in jobs], outcomes or [usual] * len(jobs), strict=True))
        if closed:
            results = {}
            for part in course_queries.attendances(row.id, seen_by=by):
                outcome = wanted[part.person_id]
                results[part.id] = Result(outcome is not None, outcome or Outcome.NOT_EXAMINED)
            courses.record_results(row.id, results, by=by, on=on)
            courses.close_session(row.id, by=by, on=on)
    return row


@cache
def a_photo(words: str = "证书") -> CleanUpload:
    """A clean photo (示例照片)."""
    return clean(photo_bytes(words), f"{words}.jpg")


def photo_bytes(words: str = "证书") -> bytes:
    """A photo as a phone sends it; other words make another picture."""
    image = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for n, letter in enumerate(words.encode()[:20]):
        draw.rectangle((20 + n * 18, 60, 30 + n * 18, 80 + letter), fill=(letter, 120, 255 - letter))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def an_officer_above(path: str, post: Post = Post.HANDLER, name: str = "示例·经办") -> Actor:
    """An officer of a region (辖区经办)."""
    return actor(post, path=path, authority_id=uuid4(), name=name)
