"""What follows for credit from news of inspections, complaints and the list (信用的事件响应).

A problem counts once an order to correct was issued on it: advice never does. A revoked order takes its records with it, a
hazard that was lowered is recorded as what it is now, and an overdue problem counts once, when it is escalated.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from app.complaints.events import ComplaintConfirmed
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, current_actor
from app.core.events import Event
from app.credit import events
from app.credit.actions import records, tiers
from app.credit.rules.records import EndWay, EvidenceKind, RecordKind
from app.inspections.events import findings as inspections
from app.inspections.models import Finding
from app.inspections.queries import findings as ledger
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import Basis

BY_SEVERITY: Final = {
    Severity.MINOR: RecordKind.FINDING_MINOR,
    Severity.SERIOUS: RecordKind.FINDING_SERIOUS,
    Severity.MAJOR: RecordKind.FINDING_MAJOR,
}


def _who(done: Event) -> Actor:
    """Whoever did it, if that person is at work here; the platform otherwise."""
    actor = current_actor()
    return actor if actor.id == done.by else SYSTEM


def _part(kind: EvidenceKind, about: object, words: str) -> dict[str, str]:
    return {"kind": kind.value, "id": str(about), "words": words}


def _evidence(row: Finding, number: str = "") -> list[dict[str, Any]]:
    """The problem, the answer on the checklist, its photos, the order: all that the record rests on."""
    found = [
        _part(EvidenceKind.FINDING, row.id, f"问题台账第 {row.number} 项"),
        _part(EvidenceKind.ANSWER, row.task_id, f"检查表 {row.item} 的答案"),
    ]
    found += [_part(EvidenceKind.PHOTO, photo, f"现场照片 {n}") for n, photo in enumerate(row.photos, start=1)]
    if row.order_id is not None:
        found.append(_part(EvidenceKind.ORDER, row.order_id, f"责令改正通知书 {number}".strip()))
    return found


def _record_finding(row: Finding, kind: RecordKind, cause: str, facts: str, number: str, *, by: Actor, on: date) -> None:
    records.enter_record(
        row.site_id,
        kind,
        facts=facts,
        clause=f"{row.rule} {row.clause}".strip() or row.requirement,
        evidence=_evidence(row, number),
        cause=cause,
        valid_from=on,
        happened_on=row.opened_on,
        authority_id=row.authority_id,
        by=by,
        at=clock.now(),
        on=on,
    )


def _cause(finding_id: UUID, order_id: UUID | None) -> str:
    return f"finding:{finding_id}:{order_id}"


def order_issued(done: inspections.OrderIssued) -> None:
    """An order to correct was issued: each problem it names is recorded (责令改正的问题记入信用)."""
    by = _who(done)
    with acting(SYSTEM):
        for finding_id in done.findings:
            row = ledger.finding(finding_id, seen_by=SYSTEM)
            if row.basis is Basis.ORDER:
                cause = _cause(row.id, done.subject)
                facts = f"检查要求：{row.requirement}。已责令改正。"
                _record_finding(row, BY_SEVERITY[row.severity], cause, facts, done.number, by=by, on=done.on)


def order_revoked(done: inspections.OrderRevoked) -> None:
    """An order was revoked: what it recorded is annulled (责令撤销，记录随之撤销)."""
    by = _who(done)
    with acting(SYSTEM):
        order = ledger.order(done.subject, seen_by=SYSTEM)
        for demand in order.demands:
            cause = _cause(UUID(demand["finding_id"]), order.id)
            reason = f"责令改正通知书 {order.number} 已撤销：{order.revoke_reason}"
            records.end_caused(done.site_id, cause, EndWay.ANNULLED, reason, by=by, at=clock.now(), on=done.on)


def hazard_downgraded(done: inspections.HazardDowngraded) -> None:
    """A major hazard was found to be none: its record is annulled and entered as what it is (隐患降级，记录改记)."""
    by = _who(done)
    with acting(SYSTEM):
        row = ledger.finding(done.subject, seen_by=SYSTEM)
        if row.order_id is None:
            return
        reason = "重大事故隐患经批准降级"
        records.end_caused(done.site_id, _cause(row.id, row.order_id), EndWay.ANNULLED, reason, by=by, at=clock.now(), on=done.on)
        facts = f"检查要求：{row.requirement}。已责令改正；原按重大事故隐患，经批准降级。"
        number = row.order.number if row.order else ""
        cause = f"{_cause(row.id, row.order_id)}:{done.to.value}"
        _record_finding(row, BY_SEVERITY[done.to], cause, facts, number, by=by, on=done.on)


def finding_escalated(done: inspections.FindingEscalated) -> None:
    """A problem was not put right in time (逾期未整改记入信用), once in its life."""
    with acting(SYSTEM):
        row = ledger.finding(done.subject, seen_by=SYSTEM)
        number = row.order.number if row.order else ""
        facts = f"检查要求：{row.requirement}。整改期限 {row.due_on}，逾期 {done.days_overdue} 日未整改。"
        cause = f"overdue:{row.id}"
        _record_finding(row, RecordKind.RECTIFICATION_OVERDUE, cause, facts, number, by=_who(done), on=done.on)


def complaint_confirmed(done: ComplaintConfirmed) -> None:
    """A complaint was found true (投诉查实记入信用). What it was about is recorded, never a word of the complainant."""
    by = _who(done)
    records.enter_record(
        done.site_id,
        RecordKind.COMPLAINT_CONFIRMED,
        facts=f"投诉经核查{done.finding.label}：{done.matter.label}",
        clause=f"信用评价模型“{RecordKind.COMPLAINT_CONFIRMED.label}”项",
        evidence=[_part(EvidenceKind.COMPLAINT, done.subject, f"{done.found_on.isoformat()} 投诉核查结论")],
        cause=f"complaint:{done.subject}",
        valid_from=done.on,
        by=by,
        at=clock.now(),
        on=done.on,
    )


def listing_changed(done: events.Listed | events.ListingEnded) -> None:
    """An organisation came onto a list or left it: the tier of each of its sites follows at once (名单变化，等级随之变化)."""
    tiers.decide_tiers_of(done.provider_id, by=_who(done), on=done.on)
