"""What the pages of rectification show (整改页面内容): the ledger's columns, one problem whole, who may do what now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, select

from app.accounts.models import Account
from app.archive.models import Blob, Document
from app.archive.queries import documents_about
from app.core import calendar
from app.core.actor import PROVIDER_POSTS, Actor
from app.core.db import db
from app.core.labels import Labelled
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import subtree, visible
from app.inspections.models import (
    CorrectionOrder,
    Extension,
    Finding,
    Recheck,
    RectificationDraft,
    RectificationStep,
    Supervision,
    Transfer,
)
from app.inspections.queries import findings as ledger
from app.inspections.queries import papers, tasks
from app.inspections.rules.checklist import Severity
from app.inspections.rules.findings import NEXT, WITH_THE_HOME, Basis, ExtensionState, RectificationState, RectificationVerb
from app.inspections.rules.hazards import ENDED, SupervisionState
from app.inspections.rules.hazards import NEXT as HAZARD_NEXT
from app.inspections.rules.recheck import StepKind
from app.inspections.rules.task import TaskState
from app.providers.models import Site
from app.regions import queries as regions
from app.regions.rules import Level

_S, _V = RectificationState, RectificationVerb
STATE_TONES: Final[Mapping[RectificationState, str]] = {
    _S.OPEN: "wait",
    _S.REPORTED: "info",
    _S.AGAIN: "bad",
    _S.ESCALATED: "veto",
    _S.CASE: "veto",
    _S.TRANSFERRED: "na",
    _S.CLOSED: "ok",
    _S.REVOKED: "na",
}
SEVERITY_TONES: Final[Mapping[Severity, str]] = {Severity.MAJOR: "veto", Severity.SERIOUS: "bad", Severity.MINOR: "info"}
HAZARD_TONES: Final[Mapping[SupervisionState, str]] = {
    SupervisionState.OPENED: "veto",
    SupervisionState.DECIDED: "veto",
    SupervisionState.PLANNED: "wait",
    SupervisionState.APPROVED: "wait",
    SupervisionState.REVIEWED: "info",
    SupervisionState.LIFTED: "ok",
    SupervisionState.DOWNGRADED: "na",
}
STEP_TONES: Final[Mapping[StepKind, str]] = {
    StepKind.CLOSED: "ok",
    StepKind.ESCALATED: "veto",
    StepKind.CASE_PROPOSED: "veto",
    StepKind.EXTENSION_DECLINED: "bad",
    StepKind.HAZARD_DECIDED: "veto",
    StepKind.HAZARD_LIFTED: "ok",
    StepKind.OPENED: "bad",
}


# --- the ledger -------------------------------------------------------------------------------------------------------


def _choices(members: Sequence[Labelled]) -> list[tuple[str, str]]:
    return [(m.value, m.label) for m in members]


def _overdue_on(on: date) -> Any:
    return lambda stmt, _: stmt.where(Finding.state.in_(WITH_THE_HOME), Finding.due_on < on)


def _of_home(stmt: Select[Any], text: str) -> Select[Any]:
    sites = select(Site.id).where(Site.name.contains(text, autoescape=True) | Site.initials.startswith(text.lower()))
    return stmt.where(Finding.site_id.in_(sites))


def _districts(path: str | None) -> list[tuple[str, str]]:
    if path is None:
        return []
    counties = regions.below(path, Level.COUNTY)
    return [(row.path, row.name) for row in (counties if len(counties) > 1 else regions.below(path, Level.STREET))]


def days_over(finding: Finding, on: date) -> int:
    """Days past the deadline while it lies with the home (逾期天数), 0 when in time."""
    if finding.state not in WITH_THE_HOME or finding.due_on is None:
        return 0
    return max((on - finding.due_on).days, 0)


def due_words(finding: Finding, on: date) -> str:
    """The deadline as a list shows it (期限)."""
    if finding.due_on is None:
        return "—"
    over = days_over(finding, on)
    return f"{finding.due_on.isoformat()}（逾期 {over} 日）" if over else finding.due_on.isoformat()


def ledger_list(path: str | None, on: date, *, mine: bool = False) -> ListSpec[Finding]:
    """The ledger of problems (整改台账) for an officer of a region, or for a home (`mine`)."""
    places = _districts(path)
    place = lambda stmt, v: stmt.where(subtree(Finding.scope_path, v))  # noqa: E731 — a filter of one line
    target = "rectification.show_finding" if mine else "findings.show_finding"
    filters = [
        Filter(
            "state",
            "状态",
            lambda stmt, v: stmt.where(Finding.state.in_([_S(word) for word in v])),
            FilterKind.MANY,
            _choices(list(_S)),
            primary=False,
        ),
        Filter("overdue", "只看逾期", _overdue_on(on), FilterKind.YES),
        Filter(
            "severity",
            "程度",
            lambda stmt, v: stmt.where(Finding.severity == Severity(v)),
            FilterKind.CHOICE,
            _choices([Severity.MAJOR, Severity.SERIOUS, Severity.MINOR]),
        ),
    ]
    if not mine:
        filters.insert(0, Filter("q", "机构", _of_home, hint="名称或拼音首字母"))
    if places:
        filters.append(Filter("district", "区县街道", place, FilterKind.CHOICE, places))
    return ListSpec(
        columns=[
            Column("site", "机构", lambda f: f.site.name, screen=not mine),
            Column("problem", "问题", lambda f: f.requirement, href=lambda f: url_for(target, finding_id=f.id)),
            Column("severity", "程度", lambda f: f.severity.label, tone=lambda f: SEVERITY_TONES[f.severity]),
            Column("state", "状态", lambda f: f.state.label, tone=lambda f: STATE_TONES[f.state]),
            Column("due", "整改期限", lambda f: due_words(f, on), sort="due"),
            Column("opened", "发现日期", lambda f: f.opened_on, sort="opened"),
            Column("order", "通知书", lambda f: f.order.number if f.order else f.basis.label, screen=False),
            Column("item", "检查项", lambda f: f.item, screen=False),
            Column("rule", "依据", lambda f: f"{f.rule}{f.clause if f.confidence.scores else '（待核）'}", screen=False),
            Column("demand", "整改要求", lambda f: f.demand or None, screen=False),
            Column("due_basis", "期限依据", lambda f: f.due_basis or None, screen=False),
            Column("reported", "报告日期", lambda f: f.reported_on, screen=False),
            Column("closed", "销号日期", lambda f: f.closed_on, screen=False),
            Column("escalated", "升级日期", lambda f: f.escalated_on, screen=False),
        ],
        filters=filters,
        sorts=[
            Sort("due", "整改期限", Finding.due_on, nullable=True, up="先到期在前", down="后到期在前"),
            Sort("opened", "发现日期", Finding.opened_on, up="从早到晚", down="从晚到早"),
        ],
        default_sort="due",
        tie=Finding.id,
    )


# --- one problem ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a page shows it (照片或材料): `picture` when it has a thumbnail."""

    id: UUID
    name: str
    picture: bool
    when: str


def shown(blob_ids: Sequence[str], *, seen_by: Actor) -> list[Shown]:
    """Files by id, in their order (照片与材料)."""
    wanted = [UUID(i) for i in blob_ids]
    rows = {b.id: b for b in db.session.scalars(visible(Blob, to=seen_by).where(Blob.id.in_(wanted)))}
    return [
        Shown(i, rows[i].file_name, rows[i].content_type == "image/jpeg", rows[i].uploaded_at.date().isoformat())
        for i in wanted
        if i in rows
    ]


@dataclass(frozen=True, slots=True)
class Clock:
    """The running deadline (期限) as the clock component takes it, in natural days."""

    left: int
    overdue: int
    due: date
    total: int
    basis: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class FindingPage:
    """One problem whole (一项问题): what was found, what was done, what may be done now."""

    finding: Finding
    steps: Sequence[RectificationStep]
    events: list[dict[str, Any]]
    before: list[Shown]
    after: list[Shown]
    again: list[Shown]
    reported: RectificationStep | None
    clock: Clock | None
    extension: Extension | None
    transfer: Transfer | None
    supervision: Supervision | None
    recheck: Recheck | None
    documents: Sequence[Document]
    draft: RectificationDraft | None
    drafted: list[Shown]
    names: Mapping[UUID, str]
    acts: frozenset[str]

    @property
    def open_order(self) -> CorrectionOrder | None:
        """The order it is demanded by (责令改正通知书)."""
        return self.finding.order


def finding_page(finding_id: UUID, *, seen_by: Actor, on: date) -> FindingPage:
    """Gather one problem for its page (问题页)."""
    row = ledger.finding(finding_id, seen_by=seen_by)
    steps = ledger.steps(row.id, seen_by=seen_by)
    supervision = ledger.supervision(row.id, seen_by=seen_by)
    reported = next((s for s in reversed(steps) if s.kind is StepKind.REPORTED), None)
    looked = next((s for s in reversed(steps) if s.kind is StepKind.RECHECKED), None)
    asked = next((e for e in ledger.extensions(row.id, seen_by=seen_by) if e.state is ExtensionState.ASKED), None)
    sent = next((t for t in ledger.transfers(row.id, seen_by=seen_by) if t.answered_on is None), None)
    draft = ledger.draft(row.id, seen_by=seen_by)
    recheck = ledger.open_recheck(row.id, seen_by=seen_by)
    home = bool(seen_by.posts & PROVIDER_POSTS)
    return FindingPage(
        finding=row,
        steps=steps,
        events=_events(steps, home=home),
        before=shown(row.photos, seen_by=seen_by),
        after=shown(reported.photos if reported else [], seen_by=seen_by),
        again=shown(looked.photos if looked else [], seen_by=seen_by),
        reported=reported,
        clock=_clock(row, on),
        extension=asked,
        transfer=sent,
        supervision=supervision,
        recheck=recheck,
        documents=_documents(row, seen_by),
        draft=draft,
        drafted=shown(draft.photos if draft else [], seen_by=seen_by),
        names=papers.names([s.by for s in steps]),
        acts=_acts(row, supervision, asked, sent, recheck, on),
    )


_INSIDE: Final = (StepKind.DOWNGRADE_PROPOSED, StepKind.CASE_PROPOSED, StepKind.PUBLIC_TEXT)


def _events(steps: Sequence[RectificationStep], *, home: bool) -> list[dict[str, Any]]:
    """The story for the timeline, newest first; a home is told what was done, not what is still weighed inside."""
    told = [s for s in steps if not (home and s.kind in _INSIDE)]
    return [
        {
            "when": s.at,
            "title": s.kind.label,
            "text": s.words if home else f"{s.words}　{s.by_name}".strip(),
            "tone": STEP_TONES.get(s.kind, "info"),
        }
        for s in reversed(told)
    ]


def _clock(row: Finding, on: date) -> Clock | None:
    if row.due_on is None or row.state not in WITH_THE_HOME:
        return None
    running = calendar.open_clock("rectification", row.id)
    start = running.start_on if running else row.ordered_on or on
    left = (row.due_on - on).days
    return Clock(max(left, 0), max(-left, 0), row.due_on, max((row.due_on - start).days, 0), row.due_basis, row.due_provisional)


def _documents(row: Finding, seen_by: Actor) -> list[Document]:
    found: list[Document] = list(documents_about(row.task_id, seen_by=seen_by))
    if row.order_id:
        found += documents_about(row.order_id, seen_by=seen_by)
    for recheck in ledger.rechecks_of_task(row.task_id, seen_by=seen_by):
        if row.id in recheck.finding_ids:
            found += documents_about(recheck.id, seen_by=seen_by)
    return found


_BY_VERB: Final = {
    "report": _V.REPORT,
    "escalation": _V.ESCALATE,
    "case": _V.PREPARE_CASE,
    "transfer": _V.TRANSFER,
}
_BY_HAZARD: Final = {
    "measures": "decide",
    "plan": "plan",
    "plan_decision": "approve_plan",
    "review": "review",
    "lifting": "lift",
    "downgrade": "downgrade",
}


def _acts(
    row: Finding, sup: Supervision | None, asked: Extension | None, sent: Transfer | None, recheck: Recheck | None, on: date
) -> frozenset[str]:
    """What the state of things allows (此刻可办); who may do it is another question."""
    found = {name for name, verb in _BY_VERB.items() if (row.state, verb) in NEXT}
    over = row.due_on is not None and row.state in WITH_THE_HOME and on > row.due_on
    if not over or row.escalated_on is not None:
        found.discard("escalation")
    if row.basis is Basis.JUDGEMENT and row.state is _S.OPEN:
        found = {"judgement"} | (found & {"report"})
    given = {
        "extension_decision": asked is not None,
        "transfer_answer": sent is not None,
        "public_text": row.basis is Basis.ORDER,
        "reply_check": row.reply is not None and row.reply_cleared_on is None,
        "reply": row.state is not _S.REVOKED,
        "order": row.basis is Basis.ORDER and row.order_id is None and row.state is _S.OPEN,
        "recheck": row.state is _S.REPORTED and recheck is None,
        "extension": _may_extend(row, asked, on),
    }
    found |= {name for name, yes in given.items() if yes}
    if sup is not None and sup.state not in ENDED:
        found |= {name for name, verb in _BY_HAZARD.items() if (sup.state, verb) in HAZARD_NEXT}
        if row.state is not _S.REPORTED:
            found.discard("review")
        if sup.downgrade_to is not None:
            found.add("downgrade_approval")
    return frozenset(found)


def _may_extend(row: Finding, asked: Extension | None, on: date) -> bool:
    in_time = row.due_on is not None and on <= row.due_on and row.state in WITH_THE_HOME
    return in_time and asked is None and row.extensions == 0 and row.severity is not Severity.MAJOR


# --- orders, re-checks, hazards ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order with its problems as they stand (通知书页)."""

    order: CorrectionOrder
    rows: list[tuple[Mapping[str, Any], Finding]]
    document: Document | None
    names: Mapping[UUID, str]


def order_page(order_id: UUID, *, seen_by: Actor) -> OrderPage:
    """Gather an order for its page (通知书页)."""
    order = ledger.order(order_id, seen_by=seen_by)
    by_id = {str(f.id): f for f in ledger.findings_of_task(order.task_id, seen_by=seen_by)}
    people = [i for i in (order.issued_by, order.served_by, order.revoked_by) if i is not None]
    documents = documents_about(order.id, seen_by=seen_by)
    return OrderPage(
        order=order,
        rows=[(d, by_id[d["finding_id"]]) for d in order.demands],
        document=documents[-1] if documents else None,
        names=papers.names(people),
    )


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """What follows a closed inspection (办结之后): problems, orders, re-checks, report, documents."""

    task_id: UUID
    site: Site
    number: str
    state: TaskState
    findings: Sequence[Finding]
    orderable: Sequence[Finding]
    waiting: Sequence[Finding]
    orders: Sequence[CorrectionOrder]
    rechecks: Sequence[Recheck]
    report: Any
    documents: Sequence[Document]


def task_end(task_id: UUID, *, seen_by: Actor) -> TaskEnd:
    """Gather what follows a closed inspection (办结之后)."""
    row = tasks.task(task_id, seen_by=seen_by)
    return TaskEnd(
        task_id=row.id,
        site=row.site,
        number=row.number,
        state=row.state,
        findings=ledger.findings_of_task(task_id, seen_by=seen_by),
        orderable=ledger.orderable(task_id, seen_by=seen_by),
        waiting=ledger.awaiting_recheck(task_id, seen_by=seen_by),
        orders=ledger.orders_of_task(task_id, seen_by=seen_by),
        rechecks=ledger.rechecks_of_task(task_id, seen_by=seen_by),
        report=papers.report(task_id, seen_by=seen_by),
        documents=documents_about(task_id, seen_by=seen_by),
    )


def possible_recheckers(task_id: UUID, on: date, *, seen_by: Actor) -> list[Account]:
    """Who may be sent to re-check a task's problems (可派复查人员): inspectors of the authority who were not there."""
    row = tasks.task(task_id, seen_by=seen_by)
    there = set(ledger.inspectors(row))
    return [a for a in tasks.possible_officers(row.authority_id, on) if a.id not in there]


def with_names(steps: Sequence[Supervision]) -> Mapping[UUID, str]:
    """Names of everybody who decided about hazards (署名)."""
    ids = {i for s in steps for i in (s.decided_by, s.plan_approved_by, s.reviewed_by, s.lifted_by, s.downgrade_approved_by)}
    return papers.names([i for i in ids if i is not None])
