"""Questions about findings (问题与整改查询): the ledger, one problem with its story, what is overdue, the hazards board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account
from app.core import calendar
from app.core.actor import Actor
from app.core.db import db
from app.core.scope import find, visible
from app.core.standards import load
from app.inspections.models import (
    CorrectionOrder,
    Extension,
    Finding,
    InspectionTask,
    Recheck,
    RectificationDraft,
    RectificationStep,
    Supervision,
    Transfer,
)
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import (
    NEXT,
    WITH_THE_HOME,
    Basis,
    DeadlineTable,
    RectificationState,
    RectificationVerb,
    Remedy,
    deadline,
)
from app.inspections.rules.hazards import ENDED
from app.inspections.rules.recheck import RecheckState
from app.inspections.rules.task import Officer
from app.inspections.standards import FOLDER
from app.regions import queries as regions

_S = RectificationState
ENDED_STATES = (_S.CLOSED, _S.REVOKED)


# --- one problem ------------------------------------------------------------------------------------------------------


def finding(finding_id: UUID, *, seen_by: Actor, lock: bool = False) -> Finding:
    """One problem (一项问题)."""
    return find(Finding, finding_id, seen_by=seen_by, lock=lock)


def findings_of_task(task_id: UUID, *, seen_by: Actor) -> Sequence[Finding]:
    """The problems of a task, by number (本次检查的问题)."""
    query = visible(Finding, to=seen_by).where(Finding.task_id == task_id).order_by(Finding.number)
    return db.session.scalars(query).all()


def findings_of_site(site_id: UUID, *, seen_by: Actor) -> Sequence[Finding]:
    """The problems of a site, newest first (机构问题)."""
    query = visible(Finding, to=seen_by).where(Finding.site_id == site_id)
    return db.session.scalars(query.order_by(Finding.opened_on.desc(), Finding.number)).all()


def steps(finding_id: UUID, *, seen_by: Actor) -> Sequence[RectificationStep]:
    """The story of a problem, oldest first (办理经过)."""
    query = visible(RectificationStep, to=seen_by).where(RectificationStep.finding_id == finding_id)
    return db.session.scalars(query.order_by(RectificationStep.n)).all()


def extensions(finding_id: UUID, *, seen_by: Actor) -> Sequence[Extension]:
    """Requests for more time, oldest first (延期申请)."""
    query = visible(Extension, to=seen_by).where(Extension.finding_id == finding_id)
    return db.session.scalars(query.order_by(Extension.asked_on, Extension.due_before)).all()


def extension(extension_id: UUID, *, seen_by: Actor, lock: bool = False) -> Extension:
    """One request for more time (一份延期申请)."""
    return find(Extension, extension_id, seen_by=seen_by, lock=lock)


def transfers(finding_id: UUID, *, seen_by: Actor) -> Sequence[Transfer]:
    """Transfers of a problem, oldest first (移送记录)."""
    query = visible(Transfer, to=seen_by).where(Transfer.finding_id == finding_id)
    return db.session.scalars(query.order_by(Transfer.on)).all()


def transfer(transfer_id: UUID, *, seen_by: Actor, lock: bool = False) -> Transfer:
    """One transfer (一次移送)."""
    return find(Transfer, transfer_id, seen_by=seen_by, lock=lock)


def supervision(finding_id: UUID, *, seen_by: Actor, lock: bool = False) -> Supervision | None:
    """The supervision of a major hazard (督办), None for other problems."""
    query = visible(Supervision, to=seen_by).where(Supervision.finding_id == finding_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def draft(finding_id: UUID, *, seen_by: Actor) -> RectificationDraft | None:
    """What the home typed and did not submit yet (整改报告草稿)."""
    query = visible(RectificationDraft, to=seen_by).where(RectificationDraft.finding_id == finding_id)
    return db.session.scalars(query).one_or_none()


# --- orders and re-checks ---------------------------------------------------------------------------------------------


def order(order_id: UUID, *, seen_by: Actor, lock: bool = False) -> CorrectionOrder:
    """One order to correct (责令改正通知书)."""
    return find(CorrectionOrder, order_id, seen_by=seen_by, lock=lock)


def orders_of_task(task_id: UUID, *, seen_by: Actor) -> Sequence[CorrectionOrder]:
    """The orders of a task, oldest first (本次检查的责令改正通知书)."""
    query = visible(CorrectionOrder, to=seen_by).where(CorrectionOrder.task_id == task_id)
    return db.session.scalars(query.order_by(CorrectionOrder.issued_at)).all()


def orderable(task_id: UUID, *, seen_by: Actor) -> list[Finding]:
    """The problems of a task that may be demanded and are not yet (待责令改正)."""
    rows = findings_of_task(task_id, seen_by=seen_by)
    return [f for f in rows if f.basis is Basis.ORDER and f.order_id is None and f.state is _S.OPEN]


def recheck(recheck_id: UUID, *, seen_by: Actor, lock: bool = False) -> Recheck:
    """One re-check (一次复查)."""
    return find(Recheck, recheck_id, seen_by=seen_by, lock=lock)


def rechecks_of_task(task_id: UUID, *, seen_by: Actor) -> Sequence[Recheck]:
    """The re-checks of a task, oldest first (复查记录)."""
    query = visible(Recheck, to=seen_by).where(Recheck.task_id == task_id).order_by(Recheck.assigned_on, Recheck.id)
    return db.session.scalars(query).all()


def open_recheck(finding_id: UUID, *, seen_by: Actor) -> Recheck | None:
    """The re-check that is arranged for a problem, if any (已安排的复查)."""
    query = visible(Recheck, to=seen_by).where(Recheck.state == RecheckState.ASSIGNED, Recheck.finding_ids.contains([finding_id]))
    return db.session.scalars(query.limit(1)).one_or_none()


def my_rechecks(*, seen_by: Actor) -> Sequence[Recheck]:
    """The re-checks that one is to do, the earliest first (我的复查)."""
    query = visible(Recheck, to=seen_by).where(Recheck.state == RecheckState.ASSIGNED, Recheck.officer_ids.contains([seen_by.id]))
    return db.session.scalars(query.order_by(Recheck.planned_on)).all()


def awaiting_recheck(task_id: UUID, *, seen_by: Actor) -> list[Finding]:
    """The problems of a task that were reported and have no re-check arranged (待安排复查)."""
    busy = {i for r in rechecks_of_task(task_id, seen_by=seen_by) if r.state is RecheckState.ASSIGNED for i in r.finding_ids}
    return [f for f in findings_of_task(task_id, seen_by=seen_by) if f.state is _S.REPORTED and f.id not in busy]


def officers(account_ids: Sequence[UUID]) -> list[tuple[Account, Officer]]:
    """Accounts as the rule on re-checkers wants them (复查人员), in the order asked for."""
    rows = {row.id: row for row in db.session.scalars(select(Account).where(Account.id.in_(account_ids)))}
    found = [rows[i] for i in account_ids if i in rows and rows[i].disabled_at is None]
    return [(a, Officer(str(a.id), a.certificate_no or "", date.min, a.certificate_until)) for a in found]


def inspectors(row: InspectionTask) -> list[UUID]:
    """Everybody who inspected at a task (原检查人员), those who later stayed away included."""
    return [m.account_id for m in row.members]


# --- deadlines --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _tables() -> Sequence[DeadlineTable]:
    return tuple(load(FOLDER, DeadlineTable).editions)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms in force at a place (生效期限): the table with the place's own days, and the source of each."""

    table: DeadlineTable
    sources: dict[str, str]

    def basis(self, severity: Severity, remedy: Remedy) -> str:
        """On what ground a term stands (期限依据), as officials say it: 一般问题整改 15 日（平台建议）."""
        if severity is Severity.MAJOR:
            return "重大事故隐患：立即停止危险行为、排除隐患（《安全生产法》第六十五条）"
        if remedy is Remedy.ON_THE_SPOT:
            return self.sources["on_the_spot_days"]
        if remedy is Remedy.CONSTRUCTION:
            return self.sources["construction_max_days"]
        return self.sources["serious_days" if severity is Severity.SERIOUS else "minor_days"]


_KEYS = {
    "on_the_spot_days": "rectification.on_the_spot",
    "minor_days": "rectification.minor",
    "serious_days": "rectification.serious",
    "construction_max_days": "rectification.construction_max",
    "recheck_working_days": "rectification.recheck",
}


def terms(path: str, on: date) -> Terms:
    """The terms of rectification in force at a place (整改与复查期限): the table's, over which the place's settings go."""
    table = max((t for t in _tables() if t.in_force_on(on)), key=lambda t: t.in_force_from)
    own, sources = {}, {}
    for field, key in _KEYS.items():
        claim = regions.setting(path, key, on)
        own[field] = regions.number_set(path, key, on)
        unit = "个工作日" if field == "recheck_working_days" else "日"
        note = "" if claim.confidence.scores or claim.confidence.label in claim.source else f"，{claim.confidence.label}"
        sources[field] = f"{LABELS[field]} {own[field]} {unit}（{claim.source}{note}）"
    return Terms(table.model_copy(update=own), sources)


LABELS = {
    "on_the_spot_days": "立行立改",
    "minor_days": "一般问题整改",
    "serious_days": "较重问题整改",
    "construction_max_days": "需施工整改上限",
    "recheck_working_days": "收到整改报告后复查",
}


# --- the ledger -------------------------------------------------------------------------------------------------------


def ledger(*, seen_by: Actor) -> Select[Finding]:
    """The problems an actor may see, for lists (整改台账)."""
    return visible(Finding, to=seen_by).options(joinedload(Finding.site), joinedload(Finding.order))


@dataclass(frozen=True, slots=True)
class Balance:
    """How the ledger stands (对账): found, closed, with the home, to be re-checked, overdue, escalated."""

    found: int
    closed: int
    with_home: int
    reported: int
    overdue: int
    major: int
    transferred: int


def balance(*, seen_by: Actor, on: date) -> Balance:
    """Count what an actor may see (对账销号)."""
    state = Finding.state
    with_home = state.in_(WITH_THE_HOME)
    row = db.session.execute(
        visible(Finding, to=seen_by).with_only_columns(
            func.count(),
            func.count().filter(state == _S.CLOSED),
            func.count().filter(with_home),
            func.count().filter(state == _S.REPORTED),
            func.count().filter(with_home, Finding.due_on < on),
            func.count().filter(Finding.severity == Severity.MAJOR, state.not_in(ENDED_STATES)),
            func.count().filter(state == _S.TRANSFERRED),
        )
    ).one()
    return Balance(*row)


_ESCALATES = tuple(s for s in _S if (s, RectificationVerb.ESCALATE) in NEXT)


def to_escalate(on: date, *, seen_by: Actor) -> Sequence[UUID]:
    """Problems past their day that were never escalated (逾期待升级)."""
    query = (
        visible(Finding, to=seen_by)
        .where(Finding.state.in_(_ESCALATES), Finding.due_on < on, Finding.escalated_on.is_(None))
        .order_by(Finding.due_on, Finding.id)
        .with_only_columns(Finding.id)
    )
    return db.session.scalars(query).all()


def hazards(*, seen_by: Actor) -> Sequence[Supervision]:
    """The supervised hazards that are not over, the oldest first (在督办的重大事故隐患)."""
    query = visible(Supervision, to=seen_by).where(Supervision.state.not_in(ENDED))
    options = (joinedload(Supervision.finding), joinedload(Supervision.site))
    return db.session.scalars(query.options(*options).order_by(Supervision.opened_on)).all()


def hazards_ended(*, seen_by: Actor) -> Sequence[Supervision]:
    """The supervised hazards that ended, the newest first (已了结的督办)."""
    query = visible(Supervision, to=seen_by).where(Supervision.state.in_(ENDED))
    options = (joinedload(Supervision.finding), joinedload(Supervision.site))
    return db.session.scalars(query.options(*options).order_by(Supervision.opened_on.desc()).limit(50)).all()


def to_judge(*, seen_by: Actor) -> Sequence[Finding]:
    """What waits for a judgement (待研判)."""
    query = ledger(seen_by=seen_by).where(Finding.basis == Basis.JUDGEMENT, Finding.state == _S.OPEN)
    return db.session.scalars(query.order_by(Finding.opened_on)).all()


@dataclass(frozen=True, slots=True)
class UsualDemand:
    """What an order would say of a problem if nobody changed a word (拟责令事项)."""

    finding: Finding
    words: str
    days: int
    due: date
    basis: str


def usual_demands(task_id: UUID, *, seen_by: Actor, on: date) -> list[UsualDemand]:
    """What an order issued today would demand (拟责令事项), by problem."""
    found = []
    for row in orderable(task_id, seen_by=seen_by):
        here = terms(row.scope_path, on)
        usual = deadline(row.severity, row.remedy, ordered_on=on, table=here.table)
        due = calendar.due(on, usual.days, calendar.Unit.NATURAL)[0]
        words = "立即停止危险行为、排除隐患，提交整改方案" if row.severity is Severity.MAJOR else f"落实“{row.requirement}”"
        found.append(UsualDemand(row, words, usual.days, due, here.basis(row.severity, row.remedy)))
    return found
