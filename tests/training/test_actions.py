"""Verbs of staff and training: one person across employers, certificates and their verification, courses, codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.archive.models import Blob
from app.core.actor import SYSTEM, Post
from app.core.audit import AuditLine
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.providers.models import Unmasking
from app.training.actions import certificates, courses, people, staffing
from app.training.actions.courses import Result
from app.training.models import Certificate, Person
from app.training.queries import certificates as papers
from app.training.queries import courses as course_queries
from app.training.queries import people as who
from app.training.queries import staffing as needs
from app.training.rules import CertificateState, CourseKind, EndReason, Finding, Outcome, SessionState, Shift, StaffPost
from app.training.rules.certificates import CheckWay, Group
from app.training.rules.staffing import Ability
from tests.providers.builders import AT, ON, a_filed_site, a_manager, an_officer, an_owner
from tests.training.builders import a_carer, a_certificate, a_level_number, a_number, a_photo, a_session, an_officer_above
from tests.worlds import an_authority


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda why: why.code == code)


def told(event: str) -> list[dict[str, Any]]:
    db.session.commit()
    return [line.facts for line in db.session.scalars(select(AuditLine).where(AuditLine.event == event).order_by(AuditLine.seq))]


# --- people -----------------------------------------------------------------------------------------------------------


def test_one_person_across_employers() -> None:
    one, two = a_filed_site(), a_filed_site(county="210103")
    number = a_number()
    first = a_carer(one, name="示例·同人", identity=number, by=an_manager_of(one))
    second = a_carer(two, name="示例·同人", identity=number.lower(), by=an_manager_of(two))
    assert first.person_id == second.person_id
    assert [facts["known"] for facts in told("PersonEmployed")] == [False, True]
    assert who.other_employers(first.person_id, seen_by=an_manager_of(one)) == 1
    assert [row.site_id for row in who.posts_of(first.person_id, seen_by=an_manager_of(one))] == [one.id]


def an_manager_of(site: Any) -> Any:
    return a_manager(site)


def test_a_number_stays_with_its_name_and_is_never_said() -> None:
    number = a_number()
    a_carer(name="示例·甲", identity=number)
    with refused("person.name") as why:
        a_carer(name="示例·乙", identity=number)
    assert number not in str(why.value)


def test_the_number_is_encrypted_and_prints_masked() -> None:
    number = a_number()
    job = a_carer(identity=number)
    db.session.flush()
    stored = db.session.execute(text("select identity, identity_mark from person where id = :id"), {"id": job.person_id}).one()
    assert number not in stored.identity + stored.identity_mark
    assert str(job.person.identity) == f"{number[:3]}***********{number[-4:]}"
    db.session.expire_all()
    assert db.session.get_one(Person, job.person_id).identity.reveal() == number


def test_the_same_post_twice_is_refused_another_is_not() -> None:
    site, number = a_filed_site(), a_number()
    a_carer(site, name="示例·甲", identity=number)
    with refused("employment.twice"):
        a_carer(site, name="示例·甲", identity=number)
    a_carer(site, name="示例·甲", identity=number, post=StaffPost.SAFETY_OFFICER)
    assert len(who.staff_of(site.id, seen_by=SYSTEM, on=ON)) == 2


def test_moving_to_another_post_keeps_the_history() -> None:
    job = a_carer()
    new = people.change_post(job.id, StaffPost.COOK, from_day=ON, by=SYSTEM, at=AT, on=ON)
    assert (job.ended_on, job.end_reason) == (ON - timedelta(days=1), EndReason.MOVED)
    assert (new.post, new.direct_care) == (StaffPost.COOK, False)
    with refused("employment.ended"):
        people.set_shift(job.id, Shift.NIGHT, by=SYSTEM, on=ON)


def test_leaving_ends_sight_and_codes() -> None:
    site = a_filed_site()
    manager = a_manager(site)
    job = a_carer(site)
    elsewhere = a_carer(a_filed_site(), name=job.person.name, identity=job.person.identity.reveal())
    paper = a_certificate(elsewhere)
    people.make_share_code(job.id, "ABCDEFGHJKLM", valid_to=ON + timedelta(days=30), by=SYSTEM, at=AT, on=ON)
    assert papers.certificate(paper.id, seen_by=manager).id == paper.id, "the present employer sees what another entered"
    people.end_employment(job.id, ON, EndReason.LEFT, by=SYSTEM, on=ON)
    for blocked in (
        lambda: papers.certificate(paper.id, seen_by=manager),
        lambda: who.person_shared("ABCDEFGHJKLM", on=ON),
    ):
        with pytest.raises(NotVisible):
            blocked()
    assert papers.certificate(paper.id, seen_by=an_officer(site)).id == paper.id, "the authority keeps sight"


def test_row_level_security_lets_the_present_employer_alone_through() -> None:
    site, stranger = a_filed_site(), a_filed_site()
    paper = a_certificate(a_carer(site, name="示例·甲", identity=(number := a_number())))
    db.session.flush()

    def seen(actor: Any) -> tuple[int, int]:
        with acting(actor):
            return tuple(
                db.session.execute(text(f"select count(*) from {table}")).scalar_one() for table in ("certificate", "person")
            )  # type: ignore[return-value]

    assert seen(a_manager(stranger)) == (0, 0)
    assert seen(a_manager(site)) == (1, 1)
    a_carer(stranger, name="示例·甲", identity=number)
    assert seen(a_manager(stranger)) == (1, 1)
    assert paper.site_id == site.id


def test_a_number_in_the_clear_needs_a_reason_that_is_kept() -> None:
    number = a_number()
    job = a_carer(identity=number)
    officer = an_officer(job.site)
    with refused("unmask.reason"):
        people.reveal_identity(job.id, "看看", by=officer, at=AT, on=ON)
    assert people.reveal_identity(job.id, "联网查询证书真伪", by=officer, at=AT, on=ON) == number
    assert db.session.scalars(select(Unmasking.what)).all() == ["person.identity"]
    assert number not in str(told("IdentityRevealed"))


# --- certificates -----------------------------------------------------------------------------------------------------


def test_renewal_takes_the_place_of_the_old_one() -> None:
    job = a_carer()
    old = a_certificate(job, valid_to=ON + timedelta(days=5))
    new = a_certificate(job, valid_to=ON + timedelta(days=300), replaces=old.id, upload=a_photo())
    assert (old.state, new.replaces_id) == (CertificateState.REPLACED, old.id)
    assert [row.id for row in papers.of_people([job.person_id], seen_by=SYSTEM)[job.person_id]] == [new.id]
    with refused("certificate.replaced"):
        a_certificate(job, valid_to=ON + timedelta(days=301), replaces=old.id)
    assert len(told("CertificateRenewed")) == 1


def test_a_photo_named_after_a_number_loses_its_name() -> None:
    number = a_number()
    job = a_carer(identity=number)
    from dataclasses import replace

    paper = a_certificate(job, upload=replace(a_photo(), original_name_shown=f"{number}.jpg"))
    blob = db.session.get_one(Blob, paper.blob_id)
    assert blob.file_name == "健康证明.jpg"


def test_the_same_certificate_is_entered_once_by_whichever_employer() -> None:
    one, two, person, number = a_filed_site(), a_filed_site(), a_number(), a_level_number()
    a_certificate(a_carer(one, name="示例·甲", identity=person), "caregiver_level", number=number)
    job = a_carer(two, name="示例·甲", identity=person)
    with refused("certificate.known"):
        a_certificate(job, "caregiver_level", number=number.lower(), by=a_manager(two))


def test_one_number_with_two_holders_surfaces_even_across_districts() -> None:
    number = a_level_number()
    here, there = a_filed_site(), a_filed_site(county="330203")
    one = a_certificate(a_carer(here), "caregiver_level", number=number)
    plain = a_certificate(a_carer(here), "caregiver_level")
    a_certificate(a_carer(there), "caregiver_level", number=number)
    officer = an_officer(here)
    assert papers.twins([one, plain]) == {one.id: 1, plain.id: 0}
    with acting(SYSTEM):
        assert one.id in {row.id for row in db.session.scalars(papers.suspicious(seen_by=SYSTEM))}
    assert papers.certificate(one.id, seen_by=officer).doubts == []


def test_doubts_are_kept_with_the_entry() -> None:
    paper = a_certificate(a_carer(), "caregiver_level", number="12345")
    assert paper.doubts == ["shape"]
    assert paper.id in {row.id for row in db.session.scalars(papers.suspicious(seen_by=SYSTEM))}


def test_nobody_verifies_the_own_entry() -> None:
    site = a_filed_site()
    manager = a_manager(site)
    paper = a_certificate(a_carer(site, by=manager), by=manager)
    with refused("check.own_entry"):
        certificates.verify_certificate(paper.id, Finding.VERIFIED, way=CheckWay.ONLINE, by=manager, at=AT, on=ON)
    with pytest.raises(IntegrityError, match="not_checked_by_who_entered_it"), db.session.begin_nested():
        db.session.execute(
            text("update certificate set checked_by = entered_by, finding = 'verified' where id = :id"), {"id": paper.id}
        )


def test_finding_false_takes_two_people_and_ends_validity() -> None:
    site = a_filed_site()
    paper = a_certificate(a_carer(site, by=a_manager(site)), "caregiver_level", by=a_manager(site))
    handler, reviewer = an_officer(site), an_officer(site, Post.REVIEWER)
    words = "示例：发证机构 11 月 20 日书面答复，没有发过这个编号"
    with refused("check.doubt_first"):
        certificates.refute_certificate(paper.id, way=CheckWay.ISSUER, note=words, by=reviewer, at=AT, on=ON)
    certificates.verify_certificate(
        paper.id, Finding.DOUBTFUL, way=CheckWay.ONLINE, note="示例：联网查不到", by=handler, at=AT, on=ON
    )
    assert papers.holders(seen_by=handler, on=ON, group=Group.LEVEL) == {paper.person_id}
    with refused("check.same_person"):
        certificates.refute_certificate(paper.id, way=CheckWay.ISSUER, note=words, by=handler, at=AT, on=ON)
    later = AT + timedelta(hours=1)
    certificates.refute_certificate(paper.id, way=CheckWay.ISSUER, note=words, by=reviewer, at=later, on=ON)
    assert papers.holders(seen_by=handler, on=ON, group=Group.LEVEL) == frozenset()
    assert [row.finding for row in papers.checks(paper.id, seen_by=handler)][:1] == [Finding.FALSE]
    assert told("CertificateFoundFalse")[0]["kind"] == "caregiver_level"
    with refused("check.false"):
        certificates.verify_certificate(paper.id, Finding.VERIFIED, way=CheckWay.ONLINE, by=handler, at=AT, on=ON)


def test_taking_back_is_for_what_nobody_verified() -> None:
    site = a_filed_site()
    manager = a_manager(site)
    job = a_carer(site, by=manager)
    wrong, kept = a_certificate(job, by=manager), a_certificate(job, "caregiver_level", by=manager)
    certificates.withdraw_certificate(wrong.id, by=manager, on=ON)
    certificates.verify_certificate(kept.id, Finding.VERIFIED, way=CheckWay.ONLINE, by=an_officer(site), at=AT, on=ON)
    with refused("certificate.checked"):
        certificates.withdraw_certificate(kept.id, by=manager, on=ON)
    with refused("certificate.not_now"):
        certificates.withdraw_certificate(wrong.id, by=manager, on=ON)


def test_validity_ends_with_the_day_and_no_job_runs() -> None:
    job = a_carer()
    a_certificate(job, "caregiver_level", valid_to=ON)
    assert papers.holders(seen_by=SYSTEM, on=ON, group=Group.LEVEL) == {job.person_id}
    assert papers.holders(seen_by=SYSTEM, on=ON + timedelta(days=1), group=Group.LEVEL) == frozenset()


def test_the_database_checks_the_last_day_too() -> None:
    paper = a_certificate(a_carer())
    with pytest.raises(IntegrityError, match="runs_out_by_its_dates"), db.session.begin_nested():
        db.session.execute(text("update certificate set runs_out_on = runs_out_on + 1 where id = :id"), {"id": paper.id})


# --- training ---------------------------------------------------------------------------------------------------------


def test_only_closed_sessions_count() -> None:
    site = a_filed_site()
    jobs = [a_carer(site) for _ in range(3)]
    a_session(site, jobs, outcomes=[Outcome.PASSED, Outcome.FAILED, None], kind=CourseKind.PRE_JOB)
    a_session(site, jobs, kind=CourseKind.PRE_JOB, closed=False)
    assert course_queries.trained_before_job(seen_by=a_manager(site), on=ON) == {jobs[0].person_id}


def test_an_authority_announces_and_the_home_enrols_its_own() -> None:
    site, other = a_filed_site(), a_filed_site(county="330203")
    officer, owner = an_officer(site), an_owner(site)
    mine, theirs = a_carer(site), a_carer(other)
    row = a_session(None, by=officer, closed=False)
    assert courses.enrol(row.id, [mine.id], by=owner, on=ON) == 1
    assert courses.enrol(row.id, [mine.id], by=owner, on=ON) == 0, "once each"
    with pytest.raises(NotVisible):
        courses.enrol(row.id, [theirs.id], by=owner, on=ON)
    with pytest.raises(NotVisible):
        course_queries.session(row.id, seen_by=an_owner(other))
    seats = course_queries.attendances(row.id, seen_by=owner)
    with refused("session.holder"):
        courses.record_results(row.id, {seats[0].id: Result(True, Outcome.PASSED, 90)}, by=owner, on=ON)
    courses.record_results(row.id, {seats[0].id: Result(True, Outcome.PASSED, 90)}, by=officer, on=ON)
    assert courses.close_session(row.id, by=officer, on=ON).state is SessionState.CLOSED


def test_an_office_does_not_close_a_homes_own_session() -> None:
    site = a_filed_site()
    row = a_session(site, [a_carer(site)], closed=False)
    with refused("session.holder"):
        courses.close_session(row.id, by=an_officer(site), on=ON)
    courses.cancel_session(row.id, by=a_manager(site), on=ON)
    with refused("session.not_now"):
        courses.enrol(row.id, [], by=a_manager(site), on=ON)


def test_who_teaches_is_not_examined() -> None:
    site = a_filed_site()
    with refused("enrol.trainer"):
        a_session(site, [a_carer(site, name="示例·授课人")])


# --- staffing and codes -----------------------------------------------------------------------------------------------


def test_staffing_follows_the_authoritys_own_ratio_at_once() -> None:
    """The night lacks one carer of level 4; a renewed certificate mends it the same moment, an expired one breaks it by the day."""
    from app.regions import actions as regions

    site = a_filed_site(beds=60)
    authority = an_authority("210102")
    for key, value in (("staff.night_ratio", 30), ("staff.night_level", 4)):
        regions.change_setting(
            authority.region_id, key, value, source="示例·区民政局文件", in_force_from=date(2026, 1, 1), by=SYSTEM, at=AT, on=ON
        )
    staffing.record_care_load(site.id, {Ability.TOTAL: 20}, as_of=ON, by=SYSTEM, at=AT, on=ON)
    job = a_carer(site, shift=Shift.NIGHT)
    low = a_certificate(job, "caregiver_level", level="5")
    assert [line.words for line in needs.staffing(site, seen_by=SYSTEM, on=ON).gaps] == [
        "夜班还差 1 名四级（中级工）以上养老护理员"
    ]
    a_certificate(
        job, "caregiver_level", level="4", number=a_level_number(4, 24), issued_on=date(2024, 1, 1), valid_to=ON, replaces=low.id
    )
    assert needs.staffing(site, seen_by=SYSTEM, on=ON).gaps == []
    assert len(needs.staffing(site, seen_by=SYSTEM, on=ON + timedelta(days=1)).gaps) == 1


def test_the_authority_says_which_way_to_round() -> None:
    from app.regions import actions as regions

    site, authority = a_filed_site(beds=60), an_authority("210102")
    settings: dict[str, Any] = {"staff.ratio_self_care": 10, "staff.ratio_partial_care": 5, "staff.ratio_full_care": 3}
    for key, value in (settings | {"staff.ratio_rounding": "合计进位"}).items():
        regions.change_setting(
            authority.region_id, key, value, source="示例·区民政局文件", in_force_from=date(2026, 1, 1), by=SYSTEM, at=AT, on=ON
        )
        if key == "staff.ratio_full_care":
            residents = {Ability.INTACT: 1, Ability.MILD: 1, Ability.TOTAL: 1}
            staffing.record_care_load(site.id, residents, as_of=ON, by=SYSTEM, at=AT, on=ON)
            assert [line.missing for line in needs.staffing(site, seen_by=SYSTEM, on=ON).gaps] == [3]
    found = needs.staffing(site, seen_by=SYSTEM, on=ON)
    assert [(line.need_each, line.need_sum, line.missing) for line in found.gaps] == [(3, 1, 1)]
    assert "合计后进位" in found.rounding_note


def test_without_a_rule_nothing_is_said_to_be_missing() -> None:
    site = a_filed_site(beds=60)
    staffing.record_care_load(site.id, {Ability.TOTAL: 50}, as_of=ON, by=SYSTEM, at=AT, on=ON)
    found = needs.staffing(site, seen_by=SYSTEM, on=ON)
    assert (found.gaps, found.ruled) == ([], False)
    assert {line.demand.id for line in found.lines} == {"GB-1", "GB-5", "MZ-187"}
    with refused("residents.beds"):
        staffing.record_care_load(site.id, {Ability.TOTAL: 61}, as_of=ON, by=SYSTEM, at=AT, on=ON)


def test_a_share_code_opens_until_it_ends_or_is_taken_back() -> None:
    job = a_carer()
    until = ON + timedelta(days=30)
    row = people.make_share_code(job.id, "ABCDEFGHJKLM", valid_to=until, by=SYSTEM, at=AT, on=ON)
    assert "ABCDEFGHJK" not in row.mark
    assert who.person_shared("ABCDEFGHJKLM", on=until)[0].id == job.person_id
    for code, day in (("ABCDEFGHJKLN", ON), ("ABCDEFGHJKLM", until + timedelta(days=1))):
        with pytest.raises(NotVisible):
            who.person_shared(code, on=day)
    people.revoke_share_code(row.id, by=SYSTEM, on=ON)
    with pytest.raises(NotVisible):
        who.person_shared("ABCDEFGHJKLM", on=ON)
    with refused("share.term"):
        people.make_share_code(job.id, "ABCDEFGHJKLQ", valid_to=ON + timedelta(days=400), by=SYSTEM, at=AT, on=ON)


def test_an_officer_of_another_district_that_employs_the_person_may_verify() -> None:
    here, there = a_filed_site(), a_filed_site(county="210103")
    number = a_number()
    paper = a_certificate(a_carer(here, name="示例·甲", identity=number))
    a_carer(there, name="示例·甲", identity=number)
    officer = an_officer_above(there.scope_path)
    with acting(officer):
        certificates.verify_certificate(paper.id, Finding.VERIFIED, way=CheckWay.ORIGINAL, by=officer, at=AT, on=ON)
        assert len(papers.checks(paper.id, seen_by=officer)) == 1
    assert db.session.get_one(Certificate, paper.id).checked_by == officer.id
