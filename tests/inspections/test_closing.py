"""From signatures to 销号 on the real database (问题、责令、整改、复查)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.accounts.queries import assigned_sites
from app.archive.models import Document
from app.archive.rules import DocumentKind
from app.core.actor import SYSTEM
from app.core.audit import AuditLine
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.inspections.actions import findings, orders, tasks
from app.inspections.actions.findings import Looked
from app.inspections.actions.orders import Demand
from app.inspections.models import Extension, Finding, Recheck, RectificationStep
from app.inspections.queries import findings as ledger
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.findings import Basis, RectificationState
from app.inspections.rules.papers import ServiceWay
from app.inspections.rules.recheck import Handling, RecheckResult, RecheckState, StepKind
from app.inspections.rules.task import TaskState
from tests import worlds
from tests.inspections import closing, field
from tests.inspections.closing import HAZARD, PLAIN, SERIOUS, Closing
from tests.inspections.field import AT, ON

pytestmark = pytest.mark.usefixtures("db_session")
_S = RectificationState
LATER = ON + timedelta(days=7)


@pytest.fixture
def c(db_session: object) -> Iterator[Closing]:
    with acting(SYSTEM):
        yield closing.a_closing()


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda wrong: wrong.code == code)


def clock(kind: str, subject: UUID) -> Deadline:
    return db.session.scalars(select(Deadline).where(Deadline.kind == kind, Deadline.subject == subject)).one()


def kinds(about: UUID) -> list[DocumentKind]:
    return list(db.session.scalars(select(Document.kind).where(Document.subject == about).order_by(Document.created_at)))


def story(finding: Finding) -> list[StepKind]:
    return [s.kind for s in ledger.steps(finding.id, seen_by=SYSTEM)]


def test_from_signatures_to_the_end(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met", SERIOUS: "not_met"})
    assert kinds(row.id) == [DocumentKind.ONSITE_RECORD]
    plain, serious = closing.the_finding(row, PLAIN), closing.the_finding(row, SERIOUS)
    assert (plain.severity, serious.severity) == (Severity.MINOR, Severity.SERIOUS)
    assert {plain.basis, serious.basis} == {Basis.ORDER}
    assert serious.number == 1

    order = closing.an_order(c, row)
    assert order.number == f"{c.place.authority.number_word}养责改〔2026〕第1号"
    assert kinds(order.id) == [DocumentKind.ORDER]
    # 15 and 30 natural days from 24 November; neither ends on a rest day
    assert (plain.due_on, serious.due_on) == (date(2026, 12, 9), date(2026, 12, 24))
    assert clock("rectification", plain.id).due_on == plain.due_on
    assert "一般问题整改 15 日" in plain.due_basis
    assert "平台默认" in plain.due_basis
    orders.serve_order(
        order.id,
        way=ServiceWay.DIRECT,
        receiver="示例·王",
        served_at=AT,
        receipt=closing.a_picture("回证"),
        by=c.handler,
        at=AT,
        on=ON,
    )
    assert order.receipt_blob_id is not None

    closing.reported(c, plain)
    closing.reported(c, serious)
    assert plain.state is _S.REPORTED
    assert clock("rectification", plain.id).met_on == ON + timedelta(days=5)
    assert clock("recheck", plain.id).count == 5

    recheck = closing.an_assigned_recheck(c, plain, serious)
    assert assigned_sites(c.others[0], LATER) == {c.place.site.id}
    closing.rechecked(c, recheck)
    assert recheck.state is RecheckState.DONE
    assert recheck.conclusion == "第1、2项销号。"
    assert {plain.state, serious.state} == {_S.CLOSED}
    assert plain.closed_by == c.others[0] != plain.reported_by
    assert kinds(recheck.id) == [DocumentKind.RECHECK]
    assert assigned_sites(c.others[0], LATER + timedelta(days=31)) == frozenset()
    assert story(plain) == [
        StepKind.OPENED, StepKind.ORDERED, StepKind.SERVED, StepKind.REPORTED, StepKind.RECHECK_ASSIGNED,
        StepKind.RECHECKED, StepKind.CLOSED,
    ]  # fmt: skip
    db.session.commit()
    told = db.session.scalars(select(AuditLine.event).where(AuditLine.subject == plain.id).order_by(AuditLine.seq)).all()
    assert told == ["FindingOpened", "RectificationReported", "FindingRechecked", "FindingClosed"]


def test_a_record_closed_twice_opens_no_second_ledger(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    again = findings.open_findings(row.id, by=c.handler, at=AT, on=ON)
    assert [f.id for f in again] == [closing.the_finding(row, PLAIN).id]


def test_partly_done_goes_on_and_a_second_report_closes(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    finding = closing.the_finding(row, PLAIN)
    closing.reported(c, finding)
    new_due = LATER + timedelta(days=14)
    recheck = closing.an_assigned_recheck(c, finding)
    closing.rechecked(c, recheck, RecheckResult.PARTLY, Handling.CONTINUE, new_due=new_due)
    assert (finding.state, finding.due_on) == (_S.AGAIN, new_due)
    assert recheck.rows[0]["new_due"] == new_due.isoformat()
    closing.reported(c, finding, on=LATER + timedelta(days=3))
    closing.rechecked(c, closing.an_assigned_recheck(c, finding, on=LATER + timedelta(days=5)), on=LATER + timedelta(days=5))
    assert finding.state is _S.CLOSED


def test_an_order_demands_only_what_it_may(c: Closing) -> None:
    row = closing.a_closed_task(c, G_5_4="not_met", **{PLAIN: "not_met", HAZARD: "not_met"})
    advice, plain, hazard = (closing.the_finding(row, i) for i in ("G_5_4", PLAIN, HAZARD))
    assert advice.basis is Basis.ADVICE
    give = {"by": c.head, "at": AT, "on": ON}
    with refused("order.not_orderable"):
        orders.issue_order(row.id, [Demand(advice.id, "改")], **give)
    with refused("order.nothing"):
        orders.issue_order(row.id, [], **give)
    with refused("order.twice"):
        orders.issue_order(row.id, [Demand(plain.id, "改"), Demand(plain.id, "改")], **give)
    with refused("order.demand"):
        orders.issue_order(row.id, [Demand(plain.id, " ")], **give)
    with refused("order.days"):
        orders.issue_order(row.id, [Demand(plain.id, "改", 181)], **give)
    with refused("order.major"):
        orders.issue_order(row.id, [Demand(hazard.id, "改", 30)], **give)
    order = orders.issue_order(row.id, [Demand(plain.id, "改", 3), Demand(hazard.id, "停")], **give)
    assert [d["days"] for d in order.demands] == [0, 3]
    assert hazard.due_on == ON
    assert plain.due_on == ON + timedelta(days=3)
    assert plain.due_basis.startswith("本机关确定 3 日")
    with refused("order.not_orderable"):
        orders.issue_order(row.id, [Demand(plain.id, "改")], **give)


def test_no_order_before_closing(c: Closing) -> None:
    row = closing.a_signed_task(c, **{PLAIN: "not_met"})
    with refused("order.not_closed"):
        orders.issue_order(row.id, [Demand(uuid4(), "改")], by=c.head, at=AT, on=ON)


def test_serving_is_entered_once_and_whole(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    order = closing.an_order(c, row)
    give = {"served_at": AT, "by": c.handler, "at": AT, "on": ON}
    with refused("service.receiver"):
        orders.serve_order(order.id, way=ServiceWay.DIRECT, receiver="", **give)
    with refused("service.witness"):
        orders.serve_order(order.id, way=ServiceWay.LEFT, receiver="", **give)
    with refused("service.consent"):
        orders.serve_order(order.id, way=ServiceWay.ELECTRONIC, receiver="示例·王", **give)
    with refused("order.served_when"):
        orders.serve_order(order.id, way=ServiceWay.DIRECT, receiver="示例·王", **(give | {"served_at": AT + timedelta(days=1)}))
    orders.serve_order(order.id, way=ServiceWay.LEFT, receiver="", note="拒收，社区示例·李见证", **give)
    with refused("order.served"):
        orders.serve_order(order.id, way=ServiceWay.DIRECT, receiver="示例·王", **give)


def test_a_revoked_order_lets_go_and_a_published_result_must_come_down(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    order = closing.an_order(c, row)
    tasks.publish_result(row.id, by=c.who(c.place.publisher), on=ON)
    with refused("order.own_revocation"):
        orders.revoke_order(order.id, reason="事实有误", by=c.head, at=AT, on=ON)
    with refused("order.revoke_reason"):
        orders.revoke_order(order.id, reason=" ", by=c.reviewer, at=AT, on=ON)
    orders.revoke_order(order.id, reason="事实有误", by=c.reviewer, at=AT, on=ON)
    finding = closing.the_finding(row, PLAIN)
    assert finding.state is _S.REVOKED
    assert clock("rectification", finding.id).dropped_on == ON
    assert clock("withdrawal", row.id).count == 3
    assert row.state is TaskState.PUBLISHED
    with refused("order.revoked"):
        orders.revoke_order(order.id, reason="再撤", by=c.reviewer, at=AT, on=ON)


def test_a_report_needs_words_and_evidence_of_this_home(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    finding = closing.the_finding(row, PLAIN)
    home = c.home()
    give = {"by": home, "at": AT, "on": ON}
    with acting(home):
        draft = findings.save_draft(finding.id, measure="写了一半", uploads=[closing.a_picture("整改后")], **give)
        with refused("rectification.measure"):
            findings.report_rectified(finding.id, measure="  ", photos=[UUID(draft.photos[0])], **give)
        with refused("rectification.evidence"):
            findings.report_rectified(finding.id, measure="已改", photos=[], **give)
        assert (draft.measure, len(draft.photos)) == ("写了一半", 1)
        findings.report_rectified(finding.id, measure="已改", photos=[UUID(draft.photos[0])], **give)
        assert (draft.measure, draft.photos) == ("", [])
        with refused("rectification.not_now"):
            findings.report_rectified(finding.id, measure="又改", photos=[uuid4()], **give)
        with refused("rectification.not_now"):
            findings.save_draft(finding.id, measure="又改", **give)


def test_another_home_sees_nothing_of_it(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    finding = closing.the_finding(row, PLAIN)
    stranger = worlds.actor(worlds.Post.PROVIDER_OWNER, provider_id=uuid4())
    with acting(stranger), pytest.raises(NotVisible):
        findings.report_rectified(finding.id, measure="已改", photos=[uuid4()], by=stranger, at=AT, on=ON)
    with acting(stranger):
        assert db.session.scalars(select(Finding)).all() == []  # the wall holds without the filter, too


def test_more_time_is_asked_once_and_given_by_another(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met", HAZARD: "not_met"})
    closing.an_order(c, row)
    finding, hazard = closing.the_finding(row, PLAIN), closing.the_finding(row, HAZARD)
    home = c.home()
    wanted = date(2026, 12, 21)
    give = {"by": home, "at": AT, "on": ON}
    with acting(home):
        with refused("extension.major"):
            findings.ask_extension(hazard.id, wanted=wanted, reason="等货", **give)
        with refused("extension.reason"):
            findings.ask_extension(finding.id, wanted=wanted, reason=" ", **give)
        with refused("extension.range"):
            findings.ask_extension(finding.id, wanted=ON, reason="等货", **give)
        with refused("extension.late"):
            findings.ask_extension(finding.id, wanted=wanted, reason="等货", by=home, at=AT, on=date(2026, 12, 10))
        asked = findings.ask_extension(finding.id, wanted=wanted, reason="等货", **give)
        with refused("extension.open"):
            findings.ask_extension(finding.id, wanted=wanted, reason="等货", **give)
        with refused("extension.own"):
            findings.decide_extension(asked.id, granted=True, reason="", **give)
    with refused("extension.decline_reason"):
        findings.decide_extension(asked.id, granted=False, reason="", by=c.reviewer, at=AT, on=ON)
    findings.decide_extension(asked.id, granted=True, reason="", by=c.reviewer, at=AT, on=ON)
    assert (finding.due_on, finding.extensions) == (wanted, 1)
    with refused("extension.decided"):
        findings.decide_extension(asked.id, granted=True, reason="", by=c.reviewer, at=AT, on=ON)
    with acting(home), refused("extension.too_many"):
        findings.ask_extension(finding.id, wanted=wanted + timedelta(days=3), reason="又等货", **give)
    own = select(Extension).where(Extension.id == asked.id)
    with pytest.raises(IntegrityError, match="not_decided_by_asker"), db.session.begin_nested():
        db.session.execute(update(Extension).where(Extension.id == asked.id).values(decided_by=home.id))
    assert db.session.scalars(own).one().decided_by == c.reviewer.id


def test_who_may_not_recheck(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met", SERIOUS: "not_met"})
    closing.an_order(c, row)
    finding, open_one = closing.the_finding(row, PLAIN), closing.the_finding(row, SERIOUS)
    give = {"planned_on": LATER, "by": c.handler, "at": AT, "on": LATER}
    with refused("rectification.not_now"):
        findings.assign_recheck([open_one.id], c.others, **give)
    closing.reported(c, finding)
    with refused("recheck.same_officers"):
        findings.assign_recheck([finding.id], (c.others[0], c.place.lead), **give)
    with refused("recheck.two_officers"):
        findings.assign_recheck([finding.id], (c.others[0],), **give)
    with refused("recheck.two_officers"):
        findings.assign_recheck([finding.id], (c.others[0], c.place.handler), **give)
    with refused("recheck.nothing"):
        findings.assign_recheck([], c.others, **give)
    recheck = findings.assign_recheck([finding.id], c.others, **give)
    with refused("recheck.arranged"):
        findings.assign_recheck([finding.id], c.others, **give)
    for values, name in (
        ({"officer_ids": [c.others[0]]}, "two_officers"),
        ({"officer_ids": [c.others[0], c.place.lead]}, "others_than_inspectors"),
        ({"state": RecheckState.DONE, "number": "1", "closed_by": c.place.handler}, "done_whole"),
    ):
        with pytest.raises(IntegrityError, match=name), db.session.begin_nested():
            db.session.execute(update(Recheck).where(Recheck.id == recheck.id).values(**values))


def test_a_recheck_is_concluded_whole_and_once(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    finding = closing.the_finding(row, PLAIN)
    closing.reported(c, finding)
    recheck = closing.an_assigned_recheck(c, finding)
    officer = field.as_actor(c.others[0], c.place.authority, LATER)
    give = {"by": officer, "at": AT + timedelta(days=7), "on": LATER}
    done = RecheckResult.DONE
    with acting(officer):
        with refused("recheck.incomplete"):
            findings.record_recheck(recheck.id, [], **give)
        with refused("recheck.handling"):
            findings.record_recheck(recheck.id, [Looked(finding.id, done, Handling.CASE)], **give)
        with refused("recheck.new_due"):
            findings.record_recheck(recheck.id, [Looked(finding.id, RecheckResult.NOT, Handling.CONTINUE)], **give)
    with refused("rectification.closer_rechecked"):
        findings.record_recheck(recheck.id, [Looked(finding.id, done, Handling.CLOSE)], by=c.head, at=AT, on=LATER)
    closing.rechecked(c, recheck)
    with refused("recheck.done"):
        findings.record_recheck(recheck.id, [Looked(finding.id, done, Handling.CLOSE)], **give)
    with pytest.raises(IntegrityError, match="not_closed_by_reporter"), db.session.begin_nested():
        db.session.execute(update(Finding).where(Finding.id == finding.id).values(closed_by=finding.reported_by))


def test_the_story_is_only_added_to(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    step = ledger.steps(closing.the_finding(row, PLAIN).id, seen_by=SYSTEM)[0]
    for change in ("update rectification_step set words = '' where id = :id", "delete from rectification_step where id = :id"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(change), {"id": step.id})
    assert db.session.get(RectificationStep, step.id) is not None


def test_escalation_by_hand_only_when_overdue_and_once(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    finding = closing.the_finding(row, PLAIN)
    assert finding.due_on is not None
    with refused("rectification.not_overdue"):
        findings.escalate_finding(finding.id, by=c.handler, at=AT, on=finding.due_on)
    day = finding.due_on + timedelta(days=1)
    findings.escalate_finding(finding.id, by=c.handler, at=AT, on=day)
    assert (finding.state, finding.escalated_on) == (_S.ESCALATED, day)
    with refused("rectification.escalated"):
        findings.escalate_finding(finding.id, by=c.handler, at=AT, on=day)
    assert not findings.escalate_if_due(finding.id, by=SYSTEM, at=AT, on=day)
    with pytest.raises(IntegrityError, match="uq_rectification_step_escalated"), db.session.begin_nested():
        findings.add_step(finding, StepKind.ESCALATED, by=SYSTEM, at=AT, on=day)
    findings.propose_case(finding.id, reason="逾期未改，附照片", by=c.head, at=AT, on=day)
    assert finding.state is _S.CASE


def test_a_transfer_has_reasons_evidence_and_an_answer(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    finding = closing.the_finding(row, PLAIN)
    give = {"by": c.head, "at": AT, "on": ON}
    with refused("rectification.transfer_to_self"):
        findings.transfer_finding(finding.id, to=Department.CIVIL_AFFAIRS, reason="职责", evidence="照片", **give)
    with refused("rectification.transfer_reason"):
        findings.transfer_finding(finding.id, to=Department.MARKET, reason="", evidence="照片", **give)
    with refused("transfer.evidence"):
        findings.transfer_finding(finding.id, to=Department.MARKET, reason="属其职责", evidence="", **give)
    sent = findings.transfer_finding(finding.id, to=Department.MARKET, reason="属其职责", evidence="照片1张、笔录", **give)
    assert finding.state is _S.TRANSFERRED
    assert clock("rectification", finding.id).dropped_on == ON
    with refused("transfer.answer"):
        findings.answer_transfer(sent.id, answer=" ", by=c.handler, at=AT, on=LATER)
    findings.answer_transfer(sent.id, answer="已责令改正并复查合格", by=c.handler, at=AT, on=LATER)
    assert (finding.state, finding.closed_by) == (_S.CLOSED, c.place.handler)
    with refused("transfer.answered"):
        findings.answer_transfer(sent.id, answer="再登记", by=c.handler, at=AT, on=LATER)


def test_words_for_the_public_are_confirmed_by_an_officer(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    finding = closing.the_finding(row, PLAIN)
    with acting(c.home()):
        findings.give_reply(finding.id, text="轮椅为清洁时临时放置", by=c.home(), at=AT, on=ON)
        with refused("reply.own"):
            findings.clear_reply(finding.id, cleared=True, by=c.home(), at=AT, on=ON)
    with refused("reply.note"):
        findings.clear_reply(finding.id, cleared=False, by=c.handler, at=AT, on=ON)
    findings.clear_reply(finding.id, cleared=True, by=c.handler, at=AT, on=ON)
    assert finding.reply_cleared_by == c.place.handler
    with refused("reply.none"):
        findings.clear_reply(finding.id, cleared=True, by=c.handler, at=AT, on=ON)
    with refused("public_text.long"):
        findings.confirm_public_text(finding.id, text="长" * 201, by=c.handler, at=AT, on=ON)
    findings.confirm_public_text(finding.id, text="疏散通道堆放物品", by=c.handler, at=AT, on=ON)
    assert finding.public_text == "疏散通道堆放物品"


def test_the_ledger_balances(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met", SERIOUS: "not_met", HAZARD: "not_met"})
    closing.an_order(c, row)
    closing.reported(c, closing.the_finding(row, PLAIN))
    found = ledger.balance(seen_by=c.handler, on=date(2026, 12, 1))
    assert (found.found, found.closed, found.with_home, found.reported, found.overdue, found.major) == (3, 0, 2, 1, 1, 1)
