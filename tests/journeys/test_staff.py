"""A site manager with a phone renews five certificates by photo (院长用手机拍照换新五份证书); the office sees and verifies them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.archive.models import Blob
from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from app.training import jobs
from app.training.actions import staffing
from app.training.models import Certificate
from app.training.rules import CertificateState, CourseKind, Outcome, Shift, StaffPost
from app.training.rules.staffing import Ability
from tests import worlds
from tests.journeys import people
from tests.journeys.people import PHONE, Account, Person, Town, a_picture, until
from tests.providers.builders import a_filed_site
from tests.training.builders import a_carer, a_certificate, a_level_number, a_number, a_session

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Five that run out or have: kind, post, days left, what the new one says of its end (days), and of its review.
FIVE = (
    ("health", StaffPost.CAREGIVER, -2, 360, None),
    ("health", StaffPost.COOK, 5, 360, None),
    ("special_work", StaffPost.ELECTRICIAN, 20, 2100, 1090),
    ("fire_operator", StaffPost.FIRE_DUTY, 40, None, 1090),
    ("nurse", StaffPost.NURSE, 80, 1800, None),
)


@dataclass(frozen=True)
class Cast:
    """Who takes part and at which home (参加的人)."""

    manager: Account
    handler: Account
    site_id: UUID
    carer_id: UUID
    session_id: UUID


def a_home() -> Cast:
    today = clock.today()
    site = a_filed_site(name="示例·松林里养老院", on=today)
    numbers = {"special_work": a_number()}
    for n, (kind, post, left, _, _) in enumerate(FIVE):
        shift = Shift.NIGHT if post is StaffPost.FIRE_DUTY else Shift.DAY
        job = a_carer(site, name=f"示例·五证{n + 1}", post=post, shift=shift, identity=numbers.get(kind, ""), on=today)
        end = today + timedelta(days=left)
        more = {"number": f"T{numbers[kind]}"} if kind in numbers else {}
        level = {"level": "4"} if kind == "fire_operator" else {}
        a_certificate(job, kind, valid_to=end, issued_on=today - timedelta(days=360), on=today, **level, **more)
    carer = a_carer(site, name="示例·常青", on=today)
    number = a_level_number()
    a_certificate(carer, "caregiver_level", number=number, on=today)
    other = a_carer(site, name="示例·同号", on=today)
    a_certificate(other, "caregiver_level", number=number, on=today)
    session = a_session(site, [carer, other], outcomes=[Outcome.PASSED, None], kind=CourseKind.SAFETY, held_on=today, on=today)
    load = {Ability.INTACT: 20, Ability.MODERATE: 10, Ability.TOTAL: 12}
    staffing.record_care_load(site.id, load, as_of=today, has_linked_control=True, by=SYSTEM, at=clock.now(), on=today)
    manager = people.an_account("示例·院长", "yuanzhang", Post.SITE_MANAGER, provider_id=site.provider_id, site_id=site.id)
    handler = people.an_account("示例·经办", "jingban2", Post.HANDLER, authority_id=worlds.an_authority().id)
    return Cast(manager, handler, site.id, carer.id, session.id)


@pytest.fixture
def cast(archive_app: Songjian) -> Cast:
    with archive_app.app_context(), acting(SYSTEM):
        made = a_home()
        db.session.commit()
        jobs.remind_of_certificates(clock.today())
        db.session.commit()
    return made


def day(left: int) -> str:
    return (clock.today() + timedelta(days=left)).isoformat()


def renew_five(town: Town, manager: Person) -> None:
    """The first in the calendar each time: photo, two dates, save."""
    page = manager.page
    manager.go("/my/certificates")
    manager.told("已过期 1 份，先换这些")
    town.look(manager, "calendar")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for n, (kind, _, _, until_days, review) in enumerate(FIVE):
        manager.go("/my/certificates")
        page.locator(f"li:has-text('示例·五证{n + 1}') a:has-text('拍照换新')").click()
        page.locator("input[type=file]").set_input_files(a_picture(f"zheng{n}"))  # type: ignore[arg-type]
        page.fill("[name=issued_on]", day(0))
        page.fill("[name=valid_to]", day(until_days) if until_days else "")
        if review:
            page.fill("[name=review_due]", day(review))
        if n == 0:
            assert page.input_value("[name=number]") == ""
            town.look(manager, "renewal")
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        manager.press("保存新证", "main")
        manager.told("已换新")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), kind


def look_around(town: Town, manager: Person, cast: Cast) -> None:
    """The other pages of a home, on a phone and on a tablet."""
    for name, path in (
        ("desk", "/my/"),
        ("staff", "/my/staff"),
        ("person", f"/my/staff/{cast.carer_id}"),
        ("staffing", f"/my/sites/{cast.site_id}/staffing"),
        ("training", "/my/training"),
        ("session", f"/my/training/{cast.session_id}"),
        ("session-new", f"/my/sites/{cast.site_id}/training/new"),
        ("hire", f"/my/sites/{cast.site_id}/staff/new"),
        ("imports", f"/my/sites/{cast.site_id}/staff-imports"),
    ):
        manager.go(path)
        town.look(manager, name)


def share(town: Town, manager: Person, cast: Cast) -> None:
    """A code for the caregiver; somebody without an account looks the certificate up."""
    manager.go(f"/my/staff/{cast.carer_id}")
    manager.page.locator("summary:has-text('共享码')").click()
    manager.press("生成共享码")
    told = manager.page.locator(".sj-note-title:has-text('共享码')").inner_text()
    family = town.visitor()
    family.go("/caregivers")
    town.look(family, "search")
    family.page.fill("[name=code]", told.removeprefix("共享码").strip())
    family.press("查验", "main")
    family.told("常*")
    town.look(family, "shared")


def verify(town: Town, cast: Cast) -> None:
    """The office finds the doubled number and verifies one holder."""
    handler = town.signed_in(cast.handler)
    for name, path in (
        ("area", "/office/staff"),
        ("certificates", "/office/certificates"),
        ("office-training", "/office/training"),
    ):
        handler.go(path)
        town.look(handler, name)
    handler.go(f"/office/sites/{cast.site_id}/staff")
    town.look(handler, "office-site")
    handler.go("/office/certificates/suspicious")
    handler.told("同一号码登记在不同的人名下")
    town.look(handler, "suspicious")
    handler.link("示例·常青")
    handler.page.check("[name=finding][value=verified]")
    handler.press("记下核验结果", "main")
    handler.told("已核验")
    town.look(handler, "certificate")


def test_a_manager_renews_five_certificates_by_photo(archive_app: Songjian, town: Town, cast: Cast) -> None:
    manager = town.signed_in(cast.manager)
    renew_five(town, manager)
    look_around(town, manager, cast)
    share(town, manager, cast)
    verify(town, cast)
    with archive_app.app_context(), acting(SYSTEM):
        renewed = db.session.scalars(select(Certificate).where(Certificate.replaces_id.is_not(None))).all()
        assert len(renewed) == 5
        assert all(row.blob_id and row.state is CertificateState.CURRENT for row in renewed)
        assert sorted(row.runs_out_on or date.max for row in renewed)[0] > clock.today() + timedelta(days=90)
    until(lambda: _stored(archive_app) == 5, 60)
    assert [why for person in town.people for why in person.faults] == []
    assert {name: found for name, found in town.barriers.items() if found} == {}


def _stored(app: Songjian) -> int:
    with app.app_context(), acting(SYSTEM):
        query = select(func.count()).select_from(Blob).join(Certificate, Certificate.blob_id == Blob.id)
        return db.session.scalar(query.where(Blob.stored_at.is_not(None))) or 0
