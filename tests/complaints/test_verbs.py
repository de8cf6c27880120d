"""What the verbs do (投诉办理): states, clocks, separation, danger, merging, confirmed findings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.complaints import events, queries
from app.complaints.actions import desk, intake, verifying
from app.complaints.rules import gate
from app.complaints.rules.kinds import Channel, Duty, Finding, InquiryState, Matter, PauseReason, Satisfaction, State, Track
from app.core import calendar
from app.core import events as news
from app.core.actor import SYSTEM, Post
from app.core.audit import _PENDING
from app.core.db import acting, db
from app.core.refusal import Forbidden, NotVisible, Refused
from app.inspections.queries import tasks
from app.inspections.rules.task import TaskKind, TaskSource, TaskState
from tests.complaints import builders
from tests.complaints.builders import (
    ANSWER,
    FACTS,
    HOME_WORDS,
    ON,
    REASONS,
    Desk,
    a_complaint,
    a_desk,
    brought,
    classified,
    moment,
)
from tests.providers.builders import an_officer


@pytest.fixture
def town(db_session: object) -> Desk:
    return a_desk()


def told(kind: type[news.Event]) -> list[news.Event]:
    """The events of a kind in the transaction."""
    return [event for event in db.session.info.get(_PENDING, []) if isinstance(event, kind)]


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_reached_by_verbs(town: Desk, state: State) -> None:
    row = brought(town, state)
    with acting(SYSTEM):
        db.session.flush()
        db.session.refresh(row)
    assert row.state is state
    assert (row.provider_id, row.site_id) == (None, None)


def test_a_public_complaint_lands_at_the_homes_own_authority(town: Desk) -> None:
    from tests.worlds import an_authority

    elsewhere = an_authority("330203")
    row = intake.register_from_public(
        builders.a_draft(town), elsewhere.id, code="A" * 12, nonce="n", address="1.2.3.4", at=moment(ON), on=ON
    )
    assert row.authority_id == town.office.id
    assert row.number.endswith("诉〔2026〕1号")
    with acting(SYSTEM):
        assert calendar.open_clock(Duty.CLASSIFY.value, row.id).due_on == date(2026, 11, 26)  # type: ignore[union-attr]


def test_the_same_form_twice_is_one_complaint(town: Desk) -> None:
    both = [
        intake.register_from_public(
            builders.a_draft(town), town.office.id, code="B" * 12, nonce="same", address="1.1.1.1", at=moment(ON), on=ON
        ).id
        for _ in range(2)
    ]
    assert both[0] == both[1]


def test_a_connection_that_sends_too_many_is_refused_and_another_is_not(town: Desk) -> None:
    def send(n: int, address: str) -> None:
        intake.register_from_public(
            builders.a_draft(town), town.office.id, code=gate.code_for("k", f"{address}{n}"), nonce=f"{address}{n}",
            address=address, at=moment(ON), on=ON,
        )  # fmt: skip

    for n in range(gate.PER_HOUR):
        send(n, "9.9.9.9")
    with pytest.raises(Refused, match="次数太多"):
        send(99, "9.9.9.9")
    send(1, "9.9.9.8")


def test_origins_are_forgotten_after_two_days(town: Desk) -> None:
    row = a_complaint(town)
    with acting(SYSTEM):
        assert intake.forget_origins(moment(ON) + timedelta(days=1), by=SYSTEM, on=ON) == 0
        assert intake.forget_origins(moment(ON) + timedelta(days=3), by=SYSTEM, on=ON) == 1
        db.session.refresh(row)
        assert row.origin_mark is None


TRACK_DAYS = [
    # track, received and accepted on 2026-11-24: notice, answer
    (Track.HOTLINE_ENQUIRY, None, date(2026, 11, 27)),
    (Track.HOTLINE, None, date(2026, 12, 11)),
    (Track.PETITION, date(2026, 12, 9), date(2027, 1, 25)),  # the 60th day is Saturday 2027-01-23
    (Track.REPORT, None, date(2026, 12, 15)),
    (Track.CONSUMER, date(2026, 12, 3), date(2027, 1, 8)),
]


@pytest.mark.parametrize(("track", "notice", "answer"), TRACK_DAYS)
def test_each_track_runs_its_own_clocks(town: Desk, track: Track, notice: date | None, answer: date) -> None:
    row = classified(town, a_complaint(town), track)
    with acting(town.handler):
        told_by = calendar.open_clock(Duty.NOTICE.value, row.id)
        assert (told_by.due_on if told_by else None) == notice
        desk.accept(row.id, by=town.handler, at=moment(ON), on=ON)
        assert calendar.open_clock(Duty.NOTICE.value, row.id) is None
        clock = calendar.open_clock(Duty.HANDLE.value, row.id)
        assert clock is not None
        assert (clock.due_on, clock.provisional) == (answer, answer.year == 2027)
        assert "平台默认" in clock.basis


def test_an_authoritys_own_term_stands_over_the_default(town: Desk) -> None:
    from app.regions import actions as regions

    with acting(SYSTEM):
        regions.change_setting(
            town.office.region_id, "complaint.complaint", 5, source="示例·市12345办法", in_force_from=date(2026, 1, 1),
            by=SYSTEM, at=moment(ON), on=ON,
        )  # fmt: skip
    row = classified(town, a_complaint(town))
    with acting(town.handler):
        clock = calendar.open_clock(Duty.HANDLE.value, row.id)
        assert clock is not None
        assert (clock.due_on, clock.count) == (date(2026, 12, 1), 5)
        assert "示例·市12345办法" in clock.basis


def test_a_pause_keeps_what_was_left(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING)
    with acting(town.reviewer):
        pause = desk.pause(
            row.id, PauseReason.EXPERT, "等鉴定结论", by=town.reviewer, at=moment(date(2026, 11, 27)), on=date(2026, 11, 27)
        )
        assert pause.left == 10
        assert calendar.open_clock(Duty.HANDLE.value, row.id) is None
        desk.resume(row.id, by=town.reviewer, at=moment(date(2026, 12, 9)), on=date(2026, 12, 9))
        clock = calendar.open_clock(Duty.HANDLE.value, row.id)
        assert clock is not None
        assert clock.due_on == date(2026, 12, 23)
        with pytest.raises(Refused, match="不能再改办理途径"):
            classified(town, row, Track.PETITION)


def test_a_clock_that_ran_out_is_not_stopped(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING)
    with acting(town.reviewer), pytest.raises(Refused, match="期限已到"):
        desk.pause(row.id, PauseReason.OTHER, "示例：来不及", by=town.reviewer, at=moment(ON), on=date(2026, 12, 11))


def test_one_extension_by_the_head_before_the_end(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING)
    day = date(2026, 12, 1)
    with acting(town.handler):
        with pytest.raises(Refused, match="最多延长 10"):
            desk.ask_extension(row.id, 11, "示例：等材料", by=town.handler, at=moment(day), on=day)
        desk.ask_extension(row.id, 5, "示例：等材料", by=town.handler, at=moment(day), on=day)
        with pytest.raises(Refused, match="已过期限"):
            desk.decide_extension(row.id, True, by=town.head, at=moment(day), on=date(2026, 12, 14))
        desk.decide_extension(row.id, True, by=town.head, at=moment(day), on=day)
        clock = calendar.open_clock(Duty.HANDLE.value, row.id)
        assert clock is not None
        assert (clock.start_on, clock.due_on) == (ON, date(2026, 12, 18))
        with pytest.raises(Refused, match="已经延期过一次"):
            desk.ask_extension(row.id, 2, "示例：再等等", by=town.handler, at=moment(day), on=day)


def test_consumer_disputes_are_not_extended(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING, track=Track.CONSUMER)
    with acting(town.handler), pytest.raises(Refused, match="没有延期的依据"):
        desk.ask_extension(row.id, 5, "示例：等材料", by=town.handler, at=moment(ON), on=ON)


def test_danger_is_told_at_once_with_a_clock_of_the_same_day(town: Desk) -> None:
    row = a_complaint(town, urgent=True)
    [alarm] = told(events.ComplaintUrgent)
    assert (alarm.subject, alarm.due_on) == (row.id, ON)  # type: ignore[attr-defined]
    with acting(town.head):
        clock = calendar.open_clock(Duty.URGENT.value, row.id)
        assert clock is not None
        assert clock.due_on == ON
        desk.settle_urgent(row.id, "已报警并送医，已报区政府值班室", by=town.head, at=moment(ON), on=ON)
        assert calendar.open_clock(Duty.URGENT.value, row.id) is None


def test_danger_that_nobody_settled_stands_before_the_closing(town: Desk) -> None:
    row = brought(town, State.CALLED_BACK, urgent=True)
    with acting(town.handler), pytest.raises(Refused, match="紧急"):
        verifying.close(row.id, by=town.handler, at=moment(ON), on=ON)


def test_merged_complaints_keep_clock_and_answer(town: Desk) -> None:
    row = brought(town, State.MERGED)
    with acting(town.handler):
        lead_id = row.merged_into_id
        assert lead_id is not None
        assert calendar.open_clock(Duty.HANDLE.value, row.id) is not None
        with pytest.raises(Refused, match="审核通过后再逐件答复"):
            verifying.answer(row.id, ANSWER, "电话", by=town.handler, at=moment(ON), on=ON)
        verifying.find(lead_id, Finding.TRUE, REASONS, by=town.handler, at=moment(ON), on=ON)
        verifying.review(lead_id, by=town.reviewer, at=moment(ON), on=ON)
        verifying.answer(lead_id, ANSWER, "电话", by=town.handler, at=moment(ON), on=ON)
        verifying.call_back(lead_id, Satisfaction.FAIR, by=town.other, at=moment(ON), on=ON)
        with pytest.raises(Refused, match="每一位投诉人都要答复"):
            verifying.close(lead_id, by=town.handler, at=moment(ON), on=ON)
        verifying.answer(row.id, ANSWER, "电话", by=town.handler, at=moment(ON), on=ON)
        with pytest.raises(Refused, match="另一名同事"):
            verifying.call_back(row.id, Satisfaction.FAIR, by=town.handler, at=moment(ON), on=ON)
        verifying.close(lead_id, by=town.handler, at=moment(ON), on=ON)
    assert len(told(events.ComplaintConfirmed)) == 1


def test_merging_needs_the_same_home_and_a_lead_under_way(town: Desk) -> None:
    one, done = classified(town, a_complaint(town)), brought(town, State.FOUND)
    other = brought(town, State.MERGED)
    with acting(town.handler):
        for lead, words in ((one.id, "不能并入自己"), (done.id, "主办件"), (other.id, "主办件")):
            with pytest.raises(Refused, match=words):
                desk.merge(one.id, lead, by=town.handler, at=moment(ON), on=ON)


@pytest.mark.parametrize("finding", list(Finding))
def test_only_what_was_found_true_and_reviewed_is_news_for_credit(town: Desk, finding: Finding) -> None:
    brought(town, State.FOUND, finding=finding)
    assert told(events.ComplaintConfirmed) == []
    row = brought(town, State.REVIEWED, finding=finding)
    found = told(events.ComplaintConfirmed)
    assert [event.subject for event in found] == ([row.id] if finding in (Finding.TRUE, Finding.PARTLY) else [])
    if found:
        assert found[0].site_id == town.site.id  # type: ignore[attr-defined]
        assert found[0].provider_id == town.site.provider_id  # type: ignore[attr-defined]


def test_the_home_is_heard_before_the_finding(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING)
    with acting(town.handler):
        asked = verifying.ask_home(row.id, FACTS, confirmed=True, by=town.handler, at=moment(ON), on=ON)
        assert asked.due_on == date(2026, 12, 1)
        with pytest.raises(Refused, match="期限到12月1日"):
            verifying.find(row.id, Finding.TRUE, REASONS, by=town.handler, at=moment(ON), on=date(2026, 12, 1))
        late = date(2026, 12, 2)
        verifying.find(
            row.id, Finding.TRUE, REASONS, home_words=HOME_WORDS, confirmed=True, by=town.handler, at=moment(late), on=late
        )
        assert asked.state is InquiryState.LATE
        assert calendar.open_clock(Duty.REPLY.value, asked.id) is None
        assert asked.outcome is None
        verifying.review(row.id, by=town.reviewer, at=moment(late), on=late)
        assert (asked.outcome, asked.outcome_words) == (Finding.TRUE, HOME_WORDS)


def test_the_home_answers_once_with_its_own_actor(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING)
    with acting(town.handler):
        asked = verifying.ask_home(row.id, FACTS, confirmed=True, by=town.handler, at=moment(ON), on=ON)
    with acting(town.owner):
        with pytest.raises(NotVisible):
            queries.complaint(row.id, seen_by=town.owner)
        verifying.reply(asked.id, "当夜值班人员请假，未及时补位，已整改。", [], by=town.owner, at=moment(ON), on=ON)
        with pytest.raises(Refused, match="不能再提交"):
            verifying.reply(asked.id, "当夜值班人员请假，未及时补位，已整改。", [], by=town.owner, at=moment(ON), on=ON)
        assert calendar.open_clock(Duty.REPLY.value, asked.id) is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (f"{FACTS}反映人是{builders.NAME}。", "姓名"),
        (f"{FACTS}联系 139 0000 7788 了解。", "电话"),
        (f"{FACTS}身份证 210102195001011234 的老人", "身份证号"),
        (builders.STATEMENT, "照抄"),
        (f"{FACTS}据投诉人说，值班的人不在。", "字眼"),
    ],
)
def test_nothing_that_points_at_the_complainant_leaves(town: Desk, words: str, why: str) -> None:
    row = brought(town, State.INVESTIGATING)
    with acting(town.handler), pytest.raises(Refused, match=why):
        verifying.ask_home(row.id, words, confirmed=True, by=town.handler, at=moment(ON), on=ON)


def test_facts_go_only_when_somebody_confirmed_them(town: Desk) -> None:
    row = brought(town, State.INVESTIGATING)
    with acting(town.handler), pytest.raises(Refused, match="通读"):
        verifying.ask_home(row.id, FACTS, confirmed=False, by=town.handler, at=moment(ON), on=ON)


def test_separation_holds_by_rule_and_by_constraint(town: Desk) -> None:
    both = an_officer(town.site)
    both = type(both)(both.id, frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD}), both.scope, both.authority_id, both.name)
    row = brought(town, State.INVESTIGATING)
    with acting(both):
        desk.ask_extension(row.id, 3, "示例：等材料", by=both, at=moment(ON), on=ON)
        with pytest.raises(Refused, match="另一名负责人"):
            desk.decide_extension(row.id, True, by=both, at=moment(ON), on=ON)
        verifying.find(row.id, Finding.UNTRUE, REASONS, by=both, at=moment(ON), on=ON)
        with pytest.raises(Refused, match="另一名审核人员"):
            verifying.review(row.id, by=both, at=moment(ON), on=ON)
    for column in ("reviewed_by", "called_back_by"):
        with acting(SYSTEM), pytest.raises(IntegrityError, match="by_another"), db.session.begin_nested():
            db.session.execute(text(f"update complaint set {column} = found_by where id = :id"), {"id": row.id})
    with acting(SYSTEM), pytest.raises(IntegrityError, match="extension_by_another"), db.session.begin_nested():
        db.session.execute(text("update complaint set extension_decided_by = extension_asked_by where id = :id"), {"id": row.id})


def test_a_case_inspection_in_one_step_says_nothing_of_the_complainant(town: Desk) -> None:
    row = brought(town, State.REVIEWED)
    with acting(town.handler):
        task = tasks.task(desk.open_case(row.id, by=town.handler, at=moment(ON), on=ON), seen_by=town.handler)
        assert (task.kind, task.source, task.state) == (TaskKind.CASE, TaskSource.COMPLAINT, TaskState.PLANNED)
        assert (task.source_id, task.source_words) == (row.id, "投诉举报线索")
        with pytest.raises(Refused, match="已经转过"):
            desk.open_case(row.id, by=town.handler, at=moment(ON), on=ON)
        untrue = brought(town, State.REVIEWED, finding=Finding.UNTRUE)
        with pytest.raises(Refused, match="不属实"):
            desk.open_case(untrue.id, by=town.handler, at=moment(ON), on=ON)


def test_the_contact_is_seen_for_a_reason_that_is_kept_and_by_the_handling_authority_alone(town: Desk) -> None:
    row = a_complaint(town)
    above = an_officer(town.site)
    above = type(above)(above.id, above.posts, above.scope, None, above.name)
    with acting(town.handler):
        with pytest.raises(Refused, match="原因"):
            desk.reveal_contact(row.id, " ", by=town.handler, at=moment(ON), on=ON)
        assert desk.reveal_contact(row.id, "核对时间", by=town.handler, at=moment(ON), on=ON) == (builders.NAME, builders.PHONE)
        assert [look.reason for look in queries.reveals(row.id, seen_by=town.handler)] == ["核对时间"]
        with pytest.raises(Refused, match="办理这件投诉的机关"):
            desk.reveal_contact(row.id, "想看看", by=above, at=moment(ON), on=ON)
    assert len(told(events.ContactRevealed)) == 1


def test_contact_and_statement_are_encrypted_at_rest(town: Desk) -> None:
    row = a_complaint(town)
    with acting(SYSTEM):
        stored = db.session.execute(text("select * from complaint where id = :id"), {"id": row.id}).mappings().one()
        notes = (
            db.session.execute(text("select note from complaint_step where complaint_id = :id"), {"id": row.id}).scalars().all()
        )
    everything = " ".join(str(value) for value in stored.values()) + " ".join(notes)
    for canary in (builders.NAME, builders.PHONE, "金丝雀", town.codes[row.id]):
        assert canary not in everything


def test_anonymous_is_nobody_and_can_be_closed_without_a_call(town: Desk) -> None:
    row = brought(town, State.CLOSED, anonymous=True)
    assert (row.name, row.phone, row.called_back_by) == (None, None, None)


def test_somebody_with_a_telephone_is_called_before_closing(town: Desk) -> None:
    row = brought(town, State.ANSWERED)
    with acting(town.handler), pytest.raises(Refused, match="先回访"):
        verifying.close(row.id, by=town.handler, at=moment(ON), on=ON)


def test_another_authority_may_look_and_not_act(town: Desk) -> None:
    row = a_complaint(town)
    city = type(town.handler)(town.head.id, frozenset({Post.HANDLER}), town.handler.scope, town.owner.id, "示例·市局")
    with acting(city):
        assert queries.complaint(row.id, seen_by=city).id == row.id
        with pytest.raises(Refused, match="另一机关"):
            desk.classify(row.id, Track.HOTLINE, matter=Matter.CARE, by=city, at=moment(ON), on=ON)


def test_only_a_transfer_is_returned_and_it_names_its_source(town: Desk) -> None:
    row = a_complaint(town)
    with acting(town.handler):
        with pytest.raises(Refused, match="转来的才能退回"):
            desk.send_back_to_source(row.id, "示例：不属本局", by=town.handler, at=moment(ON), on=ON)
        with pytest.raises(Refused, match="哪个部门转来"):
            intake.register_complaint(
                builders.a_draft(town, channel=Channel.TRANSFER), code="C" * 12, by=town.handler, at=moment(ON), on=ON
            )
        with pytest.raises(Forbidden):
            intake.register_complaint(builders.a_draft(town), code="D" * 12, by=town.head, at=moment(ON), on=ON)


def test_the_complainant_adds_and_rates_by_the_code_alone(town: Desk) -> None:
    from tests.providers.builders import an_upload

    row = a_complaint(town)
    code = town.codes[row.id]
    intake.supplement(code, "还有照片", [an_upload()], at=moment(ON), on=ON)
    with acting(town.handler):
        assert len(queries.files(row.id, seen_by=town.handler)) == 1
    with acting(town.owner):
        assert queries.files(row.id, seen_by=town.owner) == []
    with pytest.raises(Refused, match="不能“评价”"):
        intake.rate(code, Satisfaction.SATISFIED, at=moment(ON), on=ON)
    with pytest.raises(NotVisible):
        intake.supplement("Z" * 12, "x", [], at=moment(ON), on=ON)
    done = brought(town, State.ANSWERED)
    intake.rate(town.codes[done.id], Satisfaction.UNSATISFIED, at=moment(ON), on=ON)
    with pytest.raises(Refused, match="已经评价过"):
        intake.rate(town.codes[done.id], Satisfaction.SATISFIED, at=moment(ON), on=ON)
