"""Verbs of orders to correct (责令改正办理): issue with demands and days, serve, revoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from app.archive import actions as archive
from app.archive.rules import BlobKind
from app.core import audit, calendar
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.inspections.actions import papers as paper_actions
from app.inspections.actions import tasks as task_actions
from app.inspections.actions.findings import CLOCK, RECHECK_CLOCK, add_step, needed, run_clock
from app.inspections.documents import gathering
from app.inspections.documents.gathering import Stamp
from app.inspections.events import findings as events
from app.inspections.models import CorrectionOrder, Finding
from app.inspections.queries import findings as ledger
from app.inspections.queries import tasks
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import NEXT, RectificationVerb, deadline
from app.inspections.rules.papers import Paper, ServiceWay, check_service
from app.inspections.rules.recheck import StepKind
from app.inspections.rules.task import TaskState

_AFTER_CLOSING: Final = (TaskState.CLOSED, TaskState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Demand:
    """What an order demands for one problem (整改要求). `days` from the day of the order; None takes the term in force."""

    finding_id: UUID
    words: str
    days: int | None = None


def issue_order(task_id: UUID, demands: Sequence[Demand], *, by: Actor, at: datetime, on: date) -> CorrectionOrder:
    """Issue an order to correct (出具责令改正通知书), after closing: facts, rules broken, each demand with its day.

    Only problems under a verified or confirmed text may be demanded. Every problem's clock starts.
    """
    task = tasks.task(task_id, seen_by=by, lock=True)
    if task.state not in _AFTER_CLOSING:
        raise Refused("order.not_closed", f"检查任务“{task.state.label}”，办结后才能出具责令改正通知书")
    if not demands:
        raise Refused("order.nothing", "请至少选择一项要责令改正的问题")
    rows = [ledger.finding(d.finding_id, seen_by=by, lock=True) for d in demands]
    _may_demand(rows, task_id, by)
    order = CorrectionOrder(
        scope_path=task.scope_path,
        provider_id=task.provider_id,
        site_id=task.site_id,
        task_id=task.id,
        authority_id=task.authority_id,
        number=paper_actions.take_number(task.authority_id, Paper.ORDER, on),
        demands=[{"finding_id": ""}],
        issued_by=by.id,
        issued_on=on,
        issued_at=at,
    )
    db.session.add(order)
    db.session.flush()
    pairs = sorted(zip(rows, demands, strict=True), key=lambda pair: pair[0].number)
    order.demands = [_demand(row, d, order, by=by, at=at, on=on) for row, d in pairs]
    db.session.flush()
    gathered = gathering.order(order.id, Stamp(order.number, on, paper_actions.mark()), seen_by=by)
    paper_actions.hand_over(Paper.ORDER, gathered, of=order, authority_id=order.authority_id, about=order.id, by=by, at=at, on=on)
    audit.record(
        events.OrderIssued(
            subject=order.id,
            by=by.id,
            on=on,
            site_id=order.site_id,
            task_id=task.id,
            number=order.number,
            findings=tuple(row.id for row, _ in pairs),
        )
    )
    return order


def _may_demand(rows: Sequence[Finding], task_id: UUID, by: Actor) -> None:
    allowed = {f.id for f in ledger.orderable(task_id, seen_by=by)}
    for row in rows:
        if row.task_id != task_id:
            raise Refused("order.other_task", "一份责令改正通知书只写同一次检查的问题")
        if row.id not in allowed:
            raise Refused(
                "order.not_orderable", f"第{row.number}项“{row.basis.label}、{row.state.label}”，不能责令改正：条文待核的只作提示"
            )
    if len({row.id for row in rows}) != len(rows):
        raise Refused("order.twice", "同一问题写了两次，请去掉一项")


def _demand(row: Finding, demand: Demand, order: CorrectionOrder, *, by: Actor, at: datetime, on: date) -> dict[str, Any]:
    words = needed(demand.words, "order.demand", f"第{row.number}项请写明整改要求")
    terms = ledger.terms(row.scope_path, on)
    usual = deadline(row.severity, row.remedy, ordered_on=on, table=terms.table)
    days = usual.days if demand.days is None else demand.days
    if row.severity is Severity.MAJOR and days:
        raise Refused("order.major", f"第{row.number}项是重大事故隐患，须当场停止危险行为；消除隐患的期限由批准的整改方案确定")
    if not 0 <= days <= terms.table.construction_max_days:
        most = terms.table.construction_max_days
        raise Refused("order.days", f"第{row.number}项期限应在 0 至 {most} 日之间")
    basis = terms.basis(row.severity, row.remedy)
    if days != usual.days:
        basis = f"本机关确定 {days} 日；{basis}"
    run_clock(row, start=on, days=days, basis=basis, on=on)
    row.order_id, row.ordered_on, row.demand = order.id, on, words
    assert row.due_on is not None
    step = f"{order.number}：{words}。期限 {row.due_on.isoformat() if days else '当场'}"
    add_step(row, StepKind.ORDERED, step, about=order.id, by=by, at=at, on=on)
    return {
        "finding_id": str(row.id),
        "number": row.number,
        "severity": row.severity.label,
        "demand": words,
        "days": days,
        "due_on": row.due_on.isoformat(),
        "basis": basis,
    }


def serve_order(
    order_id: UUID,
    *,
    way: ServiceWay,
    receiver: str,
    note: str = "",
    receipt: CleanUpload | None = None,
    served_at: datetime,
    by: Actor,
    at: datetime,
    on: date,
) -> None:
    """Enter how an order reached the home (送达): way, receiver, when, by whom, the signed receipt as a file."""
    order = ledger.order(order_id, seen_by=by, lock=True)
    if order.served_at is not None:
        raise Refused("order.served", "这份通知书已经登记送达")
    if order.revoked_on is not None:
        raise Refused("order.revoked", "这份通知书已经撤销，不能再送达")
    check_service(way, receiver=receiver, note=note)
    if not order.issued_at.replace(second=0, microsecond=0) <= served_at <= at:  # a form knows minutes only
        raise Refused("order.served_when", "送达时间应在通知书出具之后、现在之前")
    order.served_way, order.served_at, order.served_by = way, served_at, by.id
    order.receiver, order.service_note = receiver.strip(), note.strip()
    if receipt is not None:
        order.receipt_blob_id = archive.keep_blob(receipt, of=order, kind=BlobKind.PAPER, by=by, at=at, on=on).id
    words = f"{order.number}，{way.label}，签收人：{order.receiver or '无'}" + (f"。{order.service_note}" if note.strip() else "")
    for demand in order.demands:
        row = ledger.finding(UUID(demand["finding_id"]), seen_by=by, lock=True)
        add_step(row, StepKind.SERVED, words, about=order.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(events.OrderServed(subject=order.id, by=by.id, on=on, site_id=order.site_id, way=way))


def revoke_order(order_id: UUID, *, reason: str, by: Actor, at: datetime, on: date) -> None:
    """Revoke an order (撤销责令), by another person than who issued it. Problems closed meanwhile stay closed.

    A published result that rests on it must come down: its withdrawal clock starts.
    """
    order = ledger.order(order_id, seen_by=by, lock=True)
    words = needed(reason, "order.revoke_reason", "撤销责令须写明理由")
    if order.revoked_on is not None:
        raise Refused("order.revoked", "这份通知书已经撤销")
    if order.issued_by == by.id:
        raise Refused("order.own_revocation", "出具通知书的人不能自行撤销，请由另一名负责人办理")
    order.revoked_on, order.revoked_by, order.revoke_reason = on, by.id, words
    for demand in order.demands:
        _let_go(ledger.finding(UUID(demand["finding_id"]), seen_by=by, lock=True), words, by=by, at=at, on=on)
    db.session.flush()
    task = tasks.task(order.task_id, seen_by=by)
    audit.record(events.OrderRevoked(subject=order.id, by=by.id, on=on, site_id=order.site_id, task_id=task.id))
    if task.state is TaskState.PUBLISHED:
        task_actions.note_revocation(task.id, by=by, on=on)


def _let_go(row: Finding, words: str, *, by: Actor, at: datetime, on: date) -> None:
    if (row.state, RectificationVerb.REVOKE) not in NEXT:
        return
    row.state = NEXT[row.state, RectificationVerb.REVOKE]
    for kind in (CLOCK, RECHECK_CLOCK):
        calendar.drop_clock(kind, row.id, on)
    add_step(row, StepKind.REVOKED, words, about=row.order_id, by=by, at=at, on=on)
