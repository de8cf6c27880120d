"""Verbs of supervised major hazards (重大事故隐患督办办理): measures at once, plan, review before lifting, downgrade by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from app.core import audit, calendar
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.actions.findings import add_step, needed, run_clock
from app.inspections.events import findings as events
from app.inspections.models import Finding, Supervision
from app.inspections.queries import findings as ledger
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import WITH_THE_HOME, RectificationState, check_downgrade
from app.inspections.rules.hazards import ENDED, Stop, SupervisionVerb, check_lifting, check_measures, next_state
from app.inspections.rules.recheck import StepKind


def _both(finding_id: UUID, by: Actor) -> tuple[Finding, Supervision]:
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    found = ledger.supervision(finding_id, seen_by=by, lock=True)
    if found is None:
        raise Refused("hazard.none", "该问题不是督办中的重大事故隐患")
    return row, found


def decide_measures(finding_id: UUID, measures: Sequence[Stop], *, reason: str, by: Actor, at: datetime, on: date) -> None:
    """Decide what happens at once (决定立即措施): remove, stop use, evacuate, suspend; 安全生产法 art. 65. May be tightened later."""
    row, found = _both(finding_id, by)
    check_measures(measures, reason=reason)
    found.state = next_state(found.state, SupervisionVerb.DECIDE)
    found.measures = [m.value for m in Stop if m in measures]
    found.decision, found.decided_by, found.decided_on = reason.strip(), by.id, on
    calendar.meet_clock("hazard", row.id, on)
    words = "、".join(m.label for m in Stop if m in measures)
    add_step(row, StepKind.HAZARD_DECIDED, f"{words}。{reason.strip()}", about=found.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(events.HazardDecided(subject=row.id, by=by.id, on=on, site_id=row.site_id, measures=tuple(found.measures)))


def submit_plan(finding_id: UUID, *, plan: str, plan_due: date, by: Actor, at: datetime, on: date) -> None:
    """The home submits its plan (提交整改方案): measures, money, people, until when, what keeps residents safe meanwhile."""
    row, found = _both(finding_id, by)
    if row.state not in WITH_THE_HOME:
        raise Refused("hazard.not_now", f"该问题“{row.state.label}”，不用再提交方案")
    words = needed(plan, "hazard.plan", "请写明整改措施、责任人、资金、时限，以及整改期间怎样保障老年人安全")
    if plan_due < on:
        raise Refused("hazard.plan_due", "方案的完成日期不能早于今天")
    found.state = next_state(found.state, SupervisionVerb.PLAN)
    found.plan, found.plan_due, found.plan_by = words, plan_due, by.id
    found.plan_approved_by = found.plan_approved_on = None
    add_step(row, StepKind.HAZARD_PLANNED, f"计划 {plan_due.isoformat()} 前完成。{words}", about=found.id, by=by, at=at, on=on)
    audit.record(events.HazardPlanSubmitted(subject=row.id, by=by.id, on=on, site_id=row.site_id, plan_due=plan_due))


def decide_plan(finding_id: UUID, *, approved: bool, note: str = "", by: Actor, at: datetime, on: date) -> None:
    """Approve the plan (批准整改方案), which sets the deadline, or send it back saying what is missing."""
    row, found = _both(finding_id, by)
    if not approved:
        needed(note, "hazard.plan_note", "退回方案须写明要补充什么")
    verb = SupervisionVerb.APPROVE_PLAN if approved else SupervisionVerb.RETURN_PLAN
    found.state = next_state(found.state, verb)
    if approved:
        assert found.plan_due is not None
        found.plan_approved_by, found.plan_approved_on = by.id, on
        days = max((found.plan_due - on).days, 0)
        run_clock(row, start=on, days=days, basis=f"批准的督办整改方案（{on.isoformat()}）", on=on)
    words = f"{verb.label}。{note.strip()}"
    add_step(row, StepKind.HAZARD_PLAN_DECIDED, words, about=found.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(events.HazardPlanDecided(subject=row.id, by=by.id, on=on, site_id=row.site_id, approved=approved))


def review_hazard(finding_id: UUID, *, agreed: bool, opinion: str, by: Actor, at: datetime, on: date) -> None:
    """Review whether the danger is gone (审查), once the home reported so; by another person than who decided the measures."""
    row, found = _both(finding_id, by)
    if row.state is not RectificationState.REPORTED:
        raise Refused("hazard.not_reported", "机构提交整改报告后才能审查是否解除")
    words = needed(opinion, "hazard.opinion", "请写明由谁审查、依据什么认定隐患是否已排除")
    if found.decided_by == by.id:
        raise Refused("hazard.reviewer_decided", "作出停用、撤离决定的人不能审查是否解除，请由另一名人员审查")
    verb = SupervisionVerb.REVIEW if agreed else SupervisionVerb.REVIEW_FAILS
    found.state = next_state(found.state, verb)
    found.opinion, found.reviewed_by, found.reviewed_on = words, by.id, on
    add_step(row, StepKind.HAZARD_REVIEWED, f"{verb.label}。{words}", about=found.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(events.HazardReviewed(subject=row.id, by=by.id, on=on, site_id=row.site_id, agreed=agreed))


def lift_measures(finding_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Lift the measures (解除措施) after the review agreed, by another person; 安全生产法 art. 65: 经审查同意，方可恢复."""
    row, found = _both(finding_id, by)
    state = next_state(found.state, SupervisionVerb.LIFT)
    check_lifting(
        decided_by=str(found.decided_by), reviewed_by=str(found.reviewed_by), lifted_by=str(by.id), opinion=found.opinion
    )
    found.state, found.lifted_by, found.lifted_on = state, by.id, on
    add_step(row, StepKind.HAZARD_LIFTED, "审查同意，解除措施", about=found.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(events.HazardLifted(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def propose_downgrade(finding_id: UUID, *, to: Severity, reason: str, by: Actor, at: datetime, on: date) -> None:
    """Propose that a major hazard is none (提请降级), with the reason; nothing changes until a named approver agrees."""
    row, found = _both(finding_id, by)
    if found.state in ENDED:
        raise Refused("hazard.not_now", f"该督办事项“{found.state.label}”，不能提请降级")
    if to is Severity.MAJOR:
        raise Refused("finding.downgrade_to", "请选择降为“较重”或“一般”")
    words = needed(reason, "finding.downgrade_reason", "重大事故隐患改为其他等级须写明理由")
    found.downgrade_to, found.downgrade_reason, found.downgrade_proposed_by = to, words, by.id
    add_step(row, StepKind.DOWNGRADE_PROPOSED, f"拟改为{to.label}。{words}", about=found.id, by=by, at=at, on=on)
    audit.record(events.DowngradeProposed(subject=row.id, by=by.id, on=on, site_id=row.site_id, to=to))


def approve_downgrade(finding_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Approve a downgrade (批准降级): by name, never by the proposer. The problem itself and its deadline stay."""
    row, found = _both(finding_id, by)
    if found.downgrade_to is None or found.downgrade_proposed_by is None:
        raise Refused("finding.downgrade_none", "没有待批准的降级申请")
    to, proposer = found.downgrade_to, found.downgrade_proposed_by
    check_downgrade(row.severity, to, proposed_by=str(proposer), approved_by=str(by.id), reason=found.downgrade_reason)
    found.state = next_state(found.state, SupervisionVerb.DOWNGRADE)
    found.downgrade_approved_by, found.downgraded_on = by.id, on
    row.severity = to
    calendar.drop_clock("hazard", row.id, on)
    words = f"重大改为{to.label}。批准人：{by.name}。理由：{found.downgrade_reason}"
    add_step(row, StepKind.DOWNGRADED, words, about=found.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(events.HazardDowngraded(subject=row.id, by=by.id, on=on, site_id=row.site_id, to=to, proposed_by=proposer))
