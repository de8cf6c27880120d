"""Supervised major hazards and judgements (重大事故隐患督办、研判): their own path, each step by its own person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.core.actor import SYSTEM
from app.core.calendar import open_clock
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.standards import Confidence
from app.inspections.actions import findings, hazards
from app.inspections.models import Finding, Supervision
from app.inspections.queries import findings as ledger
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import Basis, RectificationState
from app.inspections.rules.hazards import Judgement, Stop, SupervisionState
from app.inspections.rules.recheck import StepKind
from tests.inspections import closing
from tests.inspections.closing import DRAFT_HAZARD, HAZARD, Closing
from tests.inspections.field import AT, ON

pytestmark = pytest.mark.usefixtures("db_session")
_S = SupervisionState
DUE = ON + timedelta(days=20)


@pytest.fixture
def c(db_session: object) -> Iterator[Closing]:
    with acting(SYSTEM):
        yield closing.a_closing()


@pytest.fixture
def hazard(c: Closing) -> Finding:
    row = closing.a_closed_task(c, **{HAZARD: "not_met"})
    closing.an_order(c, row)
    return closing.the_finding(row, HAZARD)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda wrong: wrong.code == code)


def supervision(finding: Finding) -> Supervision:
    found = ledger.supervision(finding.id, seen_by=SYSTEM)
    assert found is not None
    return found


def decided(c: Closing, hazard: Finding) -> None:
    hazards.decide_measures(hazard.id, [Stop.STOP_USE], reason="食堂停用，改由中央厨房送餐", by=c.head, at=AT, on=ON)


def planned(c: Closing, hazard: Finding) -> None:
    with acting(c.home()):
        hazards.submit_plan(hazard.id, plan="办证、停用期间送餐，责任人院长", plan_due=DUE, by=c.home(), at=AT, on=ON)


def test_measures_plan_review_lifting_then_recheck(c: Closing, hazard: Finding) -> None:
    assert supervision(hazard).state is _S.OPENED
    assert open_clock("hazard", hazard.id) is not None
    decided(c, hazard)
    assert open_clock("hazard", hazard.id) is None
    planned(c, hazard)
    hazards.decide_plan(hazard.id, approved=True, by=c.head, at=AT, on=ON)
    assert hazard.due_on == DUE
    assert "督办整改方案" in hazard.due_basis
    closing.reported(c, hazard)
    recheck = closing.an_assigned_recheck(c, hazard)
    with refused("hazard.not_lifted"):
        closing.rechecked(c, recheck)
    hazards.review_hazard(hazard.id, agreed=True, opinion="许可证已取得，市场监管所出具意见", by=c.reviewer, at=AT, on=ON)
    second = c.who(c.second_head)
    hazards.lift_measures(hazard.id, by=second, at=AT, on=ON)
    assert supervision(hazard).state is _S.LIFTED
    closing.rechecked(c, recheck)
    assert hazard.state is RectificationState.CLOSED


def test_nothing_is_skipped(c: Closing, hazard: Finding) -> None:
    with refused("hazard.measures"):
        hazards.decide_measures(hazard.id, [], reason="危险", by=c.head, at=AT, on=ON)
    with refused("hazard.reason"):
        hazards.decide_measures(hazard.id, [Stop.REMOVE], reason=" ", by=c.head, at=AT, on=ON)
    with acting(c.home()), refused("hazard.not_now"):
        hazards.submit_plan(hazard.id, plan="先交方案", plan_due=DUE, by=c.home(), at=AT, on=ON)
    decided(c, hazard)
    with refused("hazard.not_now"):
        hazards.decide_plan(hazard.id, approved=True, by=c.head, at=AT, on=ON)
    planned(c, hazard)
    with refused("hazard.plan_note"):
        hazards.decide_plan(hazard.id, approved=False, by=c.head, at=AT, on=ON)
    hazards.decide_plan(hazard.id, approved=False, note="缺停用期间的供餐安排", by=c.head, at=AT, on=ON)
    assert supervision(hazard).state is _S.DECIDED
    planned(c, hazard)
    hazards.decide_plan(hazard.id, approved=True, by=c.head, at=AT, on=ON)
    with refused("hazard.not_reported"):
        hazards.review_hazard(hazard.id, agreed=True, opinion="已看", by=c.reviewer, at=AT, on=ON)
    closing.reported(c, hazard)
    with refused("hazard.reviewer_decided"):
        hazards.review_hazard(hazard.id, agreed=True, opinion="已看", by=c.head, at=AT, on=ON)
    with refused("hazard.not_now"):
        hazards.lift_measures(hazard.id, by=c.head, at=AT, on=ON)
    hazards.review_hazard(hazard.id, agreed=False, opinion="现场仍在使用", by=c.reviewer, at=AT, on=ON)
    assert supervision(hazard).state is _S.APPROVED
    hazards.review_hazard(hazard.id, agreed=True, opinion="已停用并取得许可", by=c.reviewer, at=AT, on=ON)
    with refused("hazard.own_review"):
        hazards.lift_measures(hazard.id, by=c.reviewer, at=AT, on=ON)
    for column, name in (("reviewed_by", "not_reviewed_by_decider"), ("lifted_by", "not_lifted_by_reviewer")):
        wrong = c.place.head if column == "reviewed_by" else c.place.reviewer
        with pytest.raises(IntegrityError, match=name), db.session.begin_nested():
            db.session.execute(update(Supervision).where(Supervision.finding_id == hazard.id).values({column: wrong}))


def test_a_downgrade_has_a_reason_and_a_name(c: Closing, hazard: Finding) -> None:
    with refused("finding.downgrade_none"):
        hazards.approve_downgrade(hazard.id, by=c.head, at=AT, on=ON)
    with refused("finding.downgrade_reason"):
        hazards.propose_downgrade(hazard.id, to=Severity.SERIOUS, reason="", by=c.handler, at=AT, on=ON)
    with refused("finding.downgrade_to"):
        hazards.propose_downgrade(hazard.id, to=Severity.MAJOR, reason="误判", by=c.handler, at=AT, on=ON)
    hazards.propose_downgrade(hazard.id, to=Severity.SERIOUS, reason="许可证在有效期内，当时未找到", by=c.handler, at=AT, on=ON)
    assert hazard.severity is Severity.MAJOR  # nothing changes by a proposal
    with refused("finding.downgrade_approver"):
        hazards.approve_downgrade(hazard.id, by=c.handler, at=AT, on=ON)
    with pytest.raises(IntegrityError, match="not_downgraded_by_proposer"), db.session.begin_nested():
        db.session.execute(
            update(Supervision).where(Supervision.finding_id == hazard.id).values(downgrade_approved_by=c.place.handler)
        )
    hazards.approve_downgrade(hazard.id, by=c.head, at=AT, on=ON)
    assert (hazard.severity, supervision(hazard).state) == (Severity.SERIOUS, _S.DOWNGRADED)
    last = ledger.steps(hazard.id, seen_by=SYSTEM)[-1]
    assert last.kind is StepKind.DOWNGRADED
    assert "批准人：示例·负责人" in last.words


def test_a_text_nobody_compared_is_never_called_a_hit(c: Closing) -> None:
    row = closing.a_closed_task(c, **{DRAFT_HAZARD: "not_met"})
    finding = closing.the_finding(row, DRAFT_HAZARD)
    assert (finding.basis, finding.severity) == (Basis.JUDGEMENT, Severity.SERIOUS)
    assert not finding.confidence.scores
    assert ledger.supervision(finding.id, seen_by=SYSTEM) is None
    give = {"by": c.head, "at": AT, "on": ON}
    with refused("judgement.reason"):
        findings.judge_finding(finding.id, Judgement.ADVICE, reason="", **give)
    with refused("judgement.not_verified"):
        findings.judge_finding(finding.id, Judgement.MAJOR, reason="会同消防研判", **give)
    with refused("judgement.rule"):
        findings.judge_finding(finding.id, Judgement.SERIOUS, reason="会同消防研判", **give)
    lead = c.who(c.place.lead)
    with refused("judgement.own"):
        findings.judge_finding(finding.id, Judgement.ADVICE, reason="会同消防研判", by=lead, at=AT, on=ON)
    findings.judge_finding(finding.id, Judgement.SERIOUS, reason="会同消防研判", rule="《中华人民共和国消防法》", **give)
    assert (finding.basis, finding.severity, finding.rule) == (Basis.ORDER, Severity.SERIOUS, "《中华人民共和国消防法》")
    assert open_clock("hazard.judgement", finding.id) is None
    with refused("judgement.not_now"):
        findings.judge_finding(finding.id, Judgement.NONE, reason="不成立", **give)


def test_a_doubt_about_a_verified_text_may_become_a_supervised_hazard(c: Closing) -> None:
    row = closing.a_closed_task(c, H_01="referred")
    finding = closing.the_finding(row, "H_01")
    assert finding.basis is Basis.JUDGEMENT
    assert finding.confidence is Confidence.VERIFIED
    findings.judge_finding(finding.id, Judgement.MAJOR, reason="住建部门鉴定为D级", by=c.head, at=AT, on=ON)
    assert finding.severity is Severity.MAJOR
    assert supervision(finding).state is _S.OPENED
