"""The life of an inspection task on the real database (检查任务)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.queries import assigned_sites
from app.core import calendar, uploads
from app.core.actor import SYSTEM
from app.core.audit import AuditLine
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.core.uploads import CleanUpload
from app.inspections.actions import answers, tasks
from app.inspections.models import InspectionTask
from app.inspections.queries import answers as logs
from app.inspections.queries import tasks as queries
from app.inspections.rules.answers import Status
from app.inspections.rules.checklist import Ternary
from app.inspections.rules.task import CheckInWay, ResultCode, SignerRole, TaskKind, TaskState
from app.regions.models import Department
from tests.inspections import field
from tests.inspections.field import AT, ON, Field

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def place(db_session: object) -> Iterator[Field]:
    with acting(SYSTEM):
        yield field.a_field()


@pytest.fixture(scope="module")
def a_picture() -> CleanUpload:
    """A handwritten name, as the canvas sends it."""
    image = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(image).line([(20, 100), (90, 20), (160, 100), (280, 30)], fill="black", width=5)
    file = io.BytesIO()
    image.save(file, "PNG")
    return uploads.clean(file.getvalue(), "签名.png")


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda wrong: wrong.code == code)


def _signed(place: Field, row: InspectionTask, picture: CleanUpload) -> None:
    """Sign by two officers and the home, then conclude."""
    lead = place.who(place.lead)
    sha = logs.record(row.id, seen_by=lead).fold.sha256
    for officer in (place.lead, place.second):
        answers.sign(row.id, role=SignerRole.OFFICER, state_sha=sha, account_id=officer, picture=picture, by=lead, at=AT, on=ON)
    answers.sign(row.id, role=SignerRole.PARTY, state_sha=sha, name="示例·王", picture=picture, by=lead, at=AT, on=ON)
    tasks.submit_for_review(row.id, by=lead, at=AT, on=ON)


def _answered(place: Field, row: InspectionTask, **exceptions: str) -> None:
    batch = field.a_tablet(row, place.lead).everything(field.checklist_of(row), **exceptions)
    fates = answers.receive(batch, by=place.who(place.lead), at=AT, on=ON)
    assert {j.status for j in fates} == {Status.STORED}


def test_from_planning_to_publication(place: Field, a_picture: CleanUpload) -> None:
    row = field.a_planned_task(place)
    assert (row.state, row.nth_of_year) == (TaskState.PLANNED, 1)
    assert row.site_id not in assigned_sites(place.lead, ON)
    tasks.approve_task(row.id, item_published=True, by=place.who(place.head), on=ON)
    assert row.site_id in assigned_sites(place.lead, ON)
    lead = place.who(place.lead)
    tasks.check_in(row.id, way=CheckInWay.SCAN, by=lead, at=AT, on=ON)
    _answered(place, row)
    assert row.state is TaskState.IN_PROGRESS  # the steps on the tablet began the inspection
    _signed(place, row, a_picture)
    clock = calendar.open_clock("publication", row.id)
    assert clock is not None
    assert (clock.start_on, clock.due_on) == (ON, date(2026, 12, 22))
    tasks.review_task(row.id, by=place.who(place.reviewer), on=ON)
    tasks.close_task(row.id, by=place.who(place.handler), on=ON)
    assert (row.result, row.mandatory, row.rate_per_10k) == (ResultCode.NORMAL, Ternary.YES, 10_000)
    tasks.publish_result(row.id, by=place.who(place.publisher), on=ON)
    assert calendar.open_clock("publication", row.id) is None
    tasks.note_revocation(row.id, by=place.who(place.head), on=ON)
    revoked = calendar.open_clock("withdrawal", row.id)
    assert revoked is not None
    assert revoked.due_on == date(2026, 11, 27)
    tasks.withdraw_publication(row.id, reason="示例·原决定撤销", by=place.who(place.head), on=ON)
    assert row.state is TaskState.WITHDRAWN
    db.session.commit()
    said = set(db.session.scalars(select(AuditLine.event).where(AuditLine.subject == row.id)))
    assert {
        "TaskPlanned",
        "TaskApproved",
        "CheckedIn",
        "RightsRead",
        "OperationsReceived",
        "RecordSignedBy",
        "RecordConcluded",
    } <= said
    assert {"InspectionReviewed", "InspectionClosed", "InspectionPublished", "PublicationWithdrawn"} <= said


def test_closing_writes_the_result_of_the_signed_answers(place: Field, a_picture: CleanUpload) -> None:
    row = field.a_task_at_work(place)
    _answered(place, row, G_4_2="not_met", G_4_6="not_applicable", H_01="referred")
    _signed(place, row, a_picture)
    tasks.review_task(row.id, by=place.who(place.reviewer), on=ON)
    tasks.close_task(row.id, by=place.who(place.handler), on=ON)
    assert (row.result, row.mandatory) == (ResultCode.CORRECTION_ORDERED, Ternary.NO)
    assert (row.findings_minor, row.findings_serious, row.findings_major) == (1, 1, 0)
    assert (row.not_met, row.not_applicable, row.hazards, row.suspected) == (1, 1, [], ["H-01"])
    assert row.rate_per_10k == (2 * 10_000 * row.rate_earned + row.rate_possible) // (2 * row.rate_possible)
    with pytest.raises(Refused):
        tasks.close_task(row.id, by=place.who(place.handler), on=ON)


def test_nobody_does_two_parts(place: Field, a_picture: CleanUpload) -> None:
    row = field.a_planned_task(place)
    with refused("task.own_approval"):
        tasks.approve_task(row.id, item_published=True, by=place.who(place.handler), on=ON)
    with refused("task.item_not_published"):
        tasks.approve_task(row.id, item_published=False, by=place.who(place.head), on=ON)
    tasks.approve_task(row.id, item_published=True, by=place.who(place.head), on=ON)
    tasks.check_in(row.id, way=CheckInWay.SCAN, by=place.who(place.lead), at=AT, on=ON)
    _answered(place, row)
    _signed(place, row, a_picture)
    with refused("task.own_review"):
        tasks.review_task(row.id, by=place.who(place.second), on=ON)
    tasks.review_task(row.id, by=place.who(place.reviewer), on=ON)
    tasks.close_task(row.id, by=place.who(place.handler), on=ON)
    for wrong in (place.lead, place.second, place.reviewer):
        actor = place.who(wrong)
        seen_all = place.who(place.handler)
        with refused("task.own_publication"):
            tasks.publish_result(row.id, by=type(actor)(actor.id, seen_all.posts, seen_all.scope), on=ON)


@pytest.mark.parametrize(
    "two",
    [
        {"approved_by": "planned_by"},
        {"reviewed_by": "lead_id"},
        {"published_by": "reviewed_by"},
    ],
)
def test_the_database_keeps_duties_apart(place: Field, two: dict[str, str]) -> None:
    row = field.a_planned_task(place)
    row.reviewed_by = place.reviewer
    db.session.flush()
    ((column, same_as),) = two.items()
    with pytest.raises(IntegrityError):
        db.session.execute(update(InspectionTask).where(InspectionTask.id == row.id).values({column: getattr(row, same_as)}))
    db.session.rollback()


def test_the_notice_runs_three_working_days_and_never_before_a_case(place: Field) -> None:
    row = field.a_planned_task(place, kind=TaskKind.DAILY)
    tasks.approve_task(row.id, item_published=True, by=place.who(place.head), on=ON)
    with refused("task.not_noticed"):
        tasks.check_in(row.id, way=CheckInWay.SCAN, by=place.who(place.lead), at=AT, on=ON)
    assert tasks.serve_notice(row.id, way="直接送达", by=place.who(place.handler), on=ON) == date(2026, 11, 27)
    assert row.planned_on == date(2026, 11, 27)
    with refused("task.notice_running"):
        tasks.check_in(row.id, way=CheckInWay.SCAN, by=place.who(place.lead), at=AT, on=date(2026, 11, 26))
    tasks.check_in(row.id, way=CheckInWay.SCAN, by=place.who(place.lead), at=AT, on=date(2026, 11, 27))
    other = field.a_planned_task(place, kind=TaskKind.CASE)
    tasks.approve_task(other.id, item_published=True, by=place.who(place.head), on=ON)
    with refused("task.no_notice"):
        tasks.serve_notice(other.id, way="直接送达", by=place.who(place.handler), on=ON)


def test_the_yearly_cap_and_a_clue_beyond_it() -> None:
    with acting(SYSTEM):
        place = field.a_field(cap=1)
        field.a_planned_task(place, kind=TaskKind.DAILY)
        with refused("task.cap"):
            field.a_planned_task(place, kind=TaskKind.DAILY)
        with refused("task.cap_reason"):
            field.a_planned_task(place, kind=TaskKind.CASE)
        assert field.a_planned_task(place, kind=TaskKind.CASE, cap_reason="示例·投诉线索").nth_of_year == 2
        assert field.a_planned_task(place, kind=TaskKind.FIRST_VISIT).state is TaskState.PLANNED
        assert field.a_planned_task(place, kind=TaskKind.SPECIAL, from_above=True).state is TaskState.PLANNED


def test_no_cap_published_no_inspection_planned() -> None:
    with acting(SYSTEM):
        place = field.a_field(cap=None)
        with refused("setting.none"):
            field.a_planned_task(place)


def test_manual_arrival_needs_a_reason_and_strangers_do_not_arrive(place: Field) -> None:
    row = field.a_planned_task(place)
    tasks.approve_task(row.id, item_published=True, by=place.who(place.head), on=ON)
    with refused("task.manual_reason"):
        tasks.check_in(row.id, way=CheckInWay.MANUAL, by=place.who(place.lead), at=AT, on=ON)
    with refused("task.not_on_team"):
        tasks.check_in(row.id, way=CheckInWay.SCAN, by=place.who(place.handler), at=AT, on=ON)
    stranger = field.as_actor(
        field.an_account("示例·外人", field.Post.INSPECTOR, place.authority, certificate="示9"), place.authority
    )
    with pytest.raises(NotVisible):
        tasks.check_in(row.id, way=CheckInWay.SCAN, by=stranger, at=AT, on=ON)


def test_a_team_of_one_certificate_is_not_approved(place: Field) -> None:
    bare = field.an_account("示例·无证", field.Post.INSPECTOR, place.authority)
    row = field.a_planned_task(place, team=(place.lead, bare))
    with refused("task.two_officers"):
        tasks.approve_task(row.id, item_published=True, by=place.who(place.head), on=ON)


def test_recusal_asks_for_a_new_draw(place: Field) -> None:
    row = field.a_task_at_work(place)
    tasks.note_recusal(row.id, place.second, reason="示例·亲属在该机构任职", by=place.who(place.head), on=ON)
    assert [m.account_id for m in queries.active_members(row)] == [place.lead]
    third = field.an_account("示例·补抽", field.Post.INSPECTOR, place.authority, certificate="示00140")
    tasks.replace_member(row.id, out=place.second, drawn=third, by=place.who(place.handler), on=ON)
    assert {m.account_id for m in queries.active_members(row)} == {place.lead, third}
    assert row.site_id in assigned_sites(third, ON)


def test_nothing_unfinished_is_concluded(place: Field, a_picture: CleanUpload) -> None:
    row = field.a_task_at_work(place)
    lead = place.who(place.lead)
    with refused("task.not_ready_to_sign"):
        tasks.submit_for_review(row.id, by=lead, at=AT, on=ON)
    pad = field.a_tablet(row, place.lead)
    batch = pad.everything(field.checklist_of(row))
    answers.receive([op for op in batch if op["seq"] != 3], by=lead, at=AT, on=ON)
    sha = logs.record(row.id, seen_by=lead).fold.sha256
    with pytest.raises(Refused, match="第3条操作尚未收到"):
        answers.sign(
            row.id, role=SignerRole.OFFICER, state_sha=sha, account_id=place.lead, picture=a_picture, by=lead, at=AT, on=ON
        )
    answers.receive([op for op in batch if op["seq"] == 3], by=lead, at=AT, on=ON)
    with refused("task.changed"):
        answers.sign(
            row.id, role=SignerRole.OFFICER, state_sha=sha, account_id=place.lead, picture=a_picture, by=lead, at=AT, on=ON
        )
    _signed(place, row, a_picture)
    assert row.state is TaskState.SIGNED


def test_a_refusal_needs_a_witness(place: Field, a_picture: CleanUpload) -> None:
    row = field.a_task_at_work(place)
    _answered(place, row)
    lead = place.who(place.lead)
    sha = logs.record(row.id, seen_by=lead).fold.sha256
    for officer in (place.lead, place.second):
        answers.sign(row.id, role=SignerRole.OFFICER, state_sha=sha, account_id=officer, picture=a_picture, by=lead, at=AT, on=ON)
    answers.sign(
        row.id, role=SignerRole.PARTY, state_sha=sha, name="示例·王", refused_reason="示例·不认可", by=lead, at=AT, on=ON
    )
    with refused("task.not_ready_to_sign"):
        tasks.submit_for_review(row.id, by=lead, at=AT, on=ON)
    answers.sign(row.id, role=SignerRole.WITNESS, state_sha=sha, name="示例·李", picture=a_picture, by=lead, at=AT, on=ON)
    tasks.submit_for_review(row.id, by=lead, at=AT, on=ON)


def test_what_comes_after_the_signatures_is_kept_beside(place: Field, a_picture: CleanUpload) -> None:
    row = field.a_task_at_work(place)
    pad = field.a_tablet(row, place.lead)
    lead = place.who(place.lead)
    answers.receive(pad.everything(field.checklist_of(row)), by=lead, at=AT, on=ON)
    _signed(place, row, a_picture)
    answers.receive([pad.write("G-4.1", "not_met")], by=lead, at=AT, on=ON)
    record = logs.record(row.id, seen_by=lead)
    assert [op.item for op in record.late] == ["G-4.1"]
    assert record.score.overall.not_met == ()
    tasks.return_record(row.id, note="示例·请补充", by=place.who(place.reviewer), on=ON)
    assert logs.record(row.id, seen_by=lead).fold.conflicts()[0].item == "G-4.1"


def test_departments_answer_their_own_items(place: Field) -> None:
    fire = field.a_department_authority(Department.FIRE)
    colleague = field.an_account("示例·消防", field.Post.DEPARTMENT_INSPECTOR, fire, certificate="示消01")
    row = field.a_task_at_work(place, team=(place.lead, colleague), joint=True, lists=("gb38600", "fire"))
    them = field.as_actor(colleague, fire)
    own = logs.own_items(logs.record(row.id, seen_by=them), them)
    checklist = field.checklist_of(row)
    assert own
    assert {checklist.by_code[code].item.departments[0].value for code in own} == {"fire"}
    pad = field.a_tablet(row, colleague)
    other = next(i.code for i in checklist.items if i.code not in own)
    fates = answers.receive([pad.write(own[0], "met"), pad.write(other, "met")], by=them, at=AT, on=ON)
    assert [j.invalid for j in fates] == [None, "other_department"]


def test_coverage_counts_homes_once(place: Field, a_picture: CleanUpload) -> None:
    officer = place.who(place.handler)
    before = queries.coverage_count(2026, seen_by=officer)
    row = field.a_task_at_work(place, kind=TaskKind.CASE)
    field.a_planned_task(place)
    assert queries.coverage_count(2026, seen_by=officer).planned == before.planned + 1
    _answered(place, row)
    _signed(place, row, a_picture)
    after = queries.coverage_count(2026, seen_by=officer)
    assert (after.on_site, after.planned, after.joint) == (before.on_site + 1, before.planned, before.joint)
    assert not queries.coverage_of(place.site.id, 2026, seen_by=officer).complete


def test_a_foreign_authority_does_not_see_a_task(place: Field) -> None:
    row = field.a_planned_task(place)
    far = field.worlds.an_authority("330203")
    stranger = field.as_actor(field.an_account("示例·外地", field.Post.HANDLER, far), far)
    with pytest.raises(NotVisible):
        queries.task(row.id, seen_by=stranger)
    with acting(stranger):
        assert db.session.scalars(select(InspectionTask.id).execution_options(populate_existing=True)).all() == []


def test_an_accepted_filing_drafts_one_first_visit(place: Field) -> None:
    from app.core import audit
    from app.providers.events import FilingAccepted
    from app.providers.rules import FilingKind

    calendar.start_clock("first_visit", of=place.site, subject=place.site.id, label="示例", start=ON, count=20, basis="示例")
    for kind in (FilingKind.CHANGE, FilingKind.FIRST, FilingKind.FIRST):
        audit.record(
            FilingAccepted(subject=uuid4(), by=place.handler, on=ON, site_id=place.site.id, kind=kind, number="示例备〔2026〕1号")
        )
    (row,) = queries.tasks_of_site(place.site.id, seen_by=SYSTEM)
    assert (row.kind, row.state, row.planned_on) == (TaskKind.FIRST_VISIT, TaskState.PLANNED, date(2026, 12, 22))
    assert row.members == []
