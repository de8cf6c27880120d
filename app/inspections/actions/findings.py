"""Verbs of problems (问题与整改办理): enter, judge, report, extend, re-check, close, escalate, transfer, reply, publish words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.accounts import actions as accounts
from app.archive import actions as archive
from app.archive import queries as files
from app.archive.models import Blob
from app.archive.rules import BlobKind
from app.core import audit, calendar, clock
from app.core.actor import Actor
from app.core.calendar import Unit
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.inspections.actions import papers as paper_actions
from app.inspections.documents import gathering
from app.inspections.documents.gathering import Stamp, confidence_of, rule_of
from app.inspections.events import findings as events
from app.inspections.models import (
    Extension,
    Finding,
    InspectionTask,
    Recheck,
    RectificationDraft,
    RectificationStep,
    Supervision,
    Transfer,
)
from app.inspections.queries import answers as logs
from app.inspections.queries import findings as ledger
from app.inspections.rules import findings as rules
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.findings import Basis, ExtensionState, FindingDraft, RectificationState, RectificationVerb
from app.inspections.rules.hazards import ENDED, Judgement, check_judgement
from app.inspections.rules.papers import Paper
from app.inspections.rules.recheck import (
    Handling,
    RecheckResult,
    RecheckState,
    StepKind,
    check_handling,
    check_other_officers,
)
from app.regions import queries as regions

CLOCK: Final = "rectification"
RECHECK_CLOCK: Final = "recheck"
JUDGEMENT_CLOCK: Final = "hazard.judgement"
LONGEST_WORDS: Final = 2000
REACH_AFTER_RECHECK: Final = timedelta(days=30)


def add_step(
    row: Finding,
    kind: StepKind,
    words: str = "",
    *,
    photos: Sequence[UUID] = (),
    about: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> RectificationStep:
    """Write the next step of a problem's story (记一步). The problem's row is locked by the caller."""
    n = len(ledger.steps(row.id, seen_by=by)) + 1
    step = RectificationStep(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        finding_id=row.id,
        n=n,
        kind=kind,
        words=words.strip(),
        photos=[str(p) for p in photos],
        about=about,
        by=by.id,
        by_name=by.name,
        at=at,
        on=on,
    )
    db.session.add(step)
    db.session.flush()
    return step


def move(row: Finding, verb: RectificationVerb) -> None:
    """Take a problem further (流转), or refuse."""
    row.state = rules.next_state(row.state, verb)


def run_clock(row: Finding, *, start: date, days: int, basis: str, on: date) -> None:
    """Start the clock of a problem anew (起算整改期限) and write down its day."""
    calendar.drop_clock(CLOCK, row.id, on)
    found = calendar.start_clock(
        CLOCK,
        of=row,
        subject=row.id,
        label=f"整改：{row.requirement}",
        start=start,
        count=days,
        unit=Unit.NATURAL,
        basis=basis,
    )
    row.due_on, row.due_provisional, row.due_basis = found.due_on, found.provisional, basis


def needed(words: str, code: str, sentence: str) -> str:
    """The words, trimmed, or a refusal when there are none or too many (必填文字)."""
    text = words.strip()
    if not text:
        raise Refused(code, sentence)
    if len(text) > LONGEST_WORDS:
        raise Refused("words.too_long", f"文字太长，请缩短到 {LONGEST_WORDS} 字以内，其余作为附件上传")
    return text


# --- entering ---------------------------------------------------------------------------------------------------------


def open_findings(task_id: UUID, *, by: Actor, at: datetime, on: date) -> list[Finding]:
    """Enter the problems of a closed inspection in the ledger (登记问题台账), from the signed operations. Safe to repeat.

    A hit of the hazard list is put under supervision at once (重大事故隐患督办).
    """
    if known := ledger.findings_of_task(task_id, seen_by=by):
        return list(known)
    record = logs.record(task_id, seen_by=by)
    return [_open(n, draft, record, by=by, at=at, on=on) for n, draft in enumerate(record.findings, start=1)]


def _open(n: int, draft: FindingDraft, record: logs.Record, *, by: Actor, at: datetime, on: date) -> Finding:
    task, item = record.task, record.checklist.by_code[draft.item]
    row = Finding(
        scope_path=task.scope_path,
        provider_id=task.provider_id,
        site_id=task.site_id,
        task_id=task.id,
        authority_id=task.authority_id,
        number=n,
        item=draft.item,
        rule=rule_of(record.checklist, item),
        clause=draft.clause,
        confidence=confidence_of(item),
        requirement=draft.text,
        fact="；".join(draft.facts) or draft.text,
        photos=[str(record.photos[sha].blob_id) for sha in draft.photos if sha in record.photos],
        measures=list(draft.measures),
        severity=draft.severity,
        remedy=draft.remedy,
        basis=draft.basis,
        department=draft.department,
        opened_on=on,
    )
    db.session.add(row)
    db.session.flush()
    add_step(row, StepKind.OPENED, row.fact, photos=[UUID(p) for p in row.photos], about=task.id, by=by, at=at, on=on)
    audit.record(
        events.FindingOpened(
            subject=row.id,
            by=by.id,
            on=on,
            site_id=row.site_id,
            task_id=task.id,
            item=row.item,
            severity=row.severity,
            basis=row.basis,
        )
    )
    if row.severity is Severity.MAJOR:
        supervise(row, by=by, on=on)
    elif row.basis is Basis.JUDGEMENT:
        calendar.start_clock(
            JUDGEMENT_CLOCK,
            of=row,
            subject=row.id,
            label=f"研判疑似重大事故隐患：{row.requirement}",
            start=on,
            count=0,
            unit=Unit.NATURAL,
            basis="重大事故隐患判定标准：难以判定的，会同有关部门或专家研判；平台约定当日启动",
        )
    return row


def supervise(row: Finding, *, by: Actor, on: date) -> Supervision:
    """Put a major hazard under supervision (纳入督办): measures are decided the same day."""
    found = Supervision(
        scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, finding_id=row.id, opened_on=on
    )
    db.session.add(found)
    db.session.flush()
    calendar.start_clock(
        "hazard",
        of=row,
        subject=row.id,
        label=f"重大事故隐患：决定立即措施（{row.requirement}）",
        start=on,
        count=0,
        unit=Unit.NATURAL,
        basis="《安全生产法》第六十五条：责令立即排除",
    )
    audit.record(events.HazardOpened(subject=row.id, by=by.id, on=on, site_id=row.site_id, item=row.item))
    return found


def judge_finding(
    finding_id: UUID, judgement: Judgement, *, reason: str, rule: str = "", by: Actor, at: datetime, on: date
) -> None:
    """Judge a suspected hazard or a pending text (研判): major, to be ordered under another rule, advice, or nothing."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    if row.basis is not Basis.JUDGEMENT or row.state is not RectificationState.OPEN:
        raise Refused("judgement.not_now", "该问题不在待研判状态")
    check_judgement(
        judgement,
        confidence=row.confidence,
        reason=reason,
        rule=rule,
        judged_by=str(by.id),
        found_by={str(i) for i in ledger.inspectors(row.task)},
    )
    if judgement is Judgement.MAJOR:
        row.basis, row.severity = Basis.ORDER, Severity.MAJOR
    elif judgement is Judgement.SERIOUS:
        row.basis, row.severity, row.rule, row.clause = Basis.ORDER, Severity.SERIOUS, rule.strip(), ""
    elif judgement is Judgement.ADVICE:
        row.basis, row.severity = Basis.ADVICE, Severity.SERIOUS
    else:
        move(row, RectificationVerb.REVOKE)
    calendar.meet_clock(JUDGEMENT_CLOCK, row.id, on)
    add_step(row, StepKind.JUDGED, f"{judgement.label}。{reason.strip()}", by=by, at=at, on=on)
    if judgement is Judgement.MAJOR:
        supervise(row, by=by, on=on)
    audit.record(events.FindingJudged(subject=row.id, by=by.id, on=on, site_id=row.site_id, judgement=judgement))


# --- the home ---------------------------------------------------------------------------------------------------------


def save_draft(
    finding_id: UUID,
    *,
    measure: str,
    uploads: Sequence[CleanUpload] = (),
    drop: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> RectificationDraft:
    """Keep what the home typed and uploaded (保存整改报告草稿). Photos are kept by content, so the same one counts once."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    if row.state not in rules.WITH_THE_HOME:
        raise Refused("rectification.not_now", f"该问题“{row.state.label}”，现在不用再提交；请看办理经过")
    draft = ledger.draft(finding_id, seen_by=by)
    if draft is None:
        draft = RectificationDraft(
            scope_path=row.scope_path,
            provider_id=row.provider_id,
            site_id=row.site_id,
            finding_id=row.id,
            photos=[],
            by=by.id,
            at=at,
        )
        db.session.add(draft)
    kept = [archive.keep_blob(u, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on) for u in uploads]
    photos = [*draft.photos, *(str(b.id) for b in kept)]
    draft.photos = [p for p in dict.fromkeys(photos) if p != str(drop)][:20]
    draft.measure, draft.by, draft.at = measure.strip()[:LONGEST_WORDS], by.id, at
    db.session.flush()
    return draft


def report_rectified(finding_id: UUID, *, measure: str, photos: Sequence[UUID], by: Actor, at: datetime, on: date) -> None:
    """The home reports a problem put right (提交整改报告), with what it did and at least one photo or paper after.

    Starts the re-check clock. A late report is taken all the same; it is marked late.
    """
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    verb_allowed = rules.next_state(row.state, RectificationVerb.REPORT)
    words = needed(measure, "rectification.measure", "请写明采取了什么整改措施")
    if not photos:
        raise Refused("rectification.evidence", "请至少上传一张整改后的照片，或一份能证明整改的材料（PDF）")
    for blob in photos:
        if files.blob(blob, seen_by=by).site_id != row.site_id:
            raise Refused("rectification.other_site", "照片不属于这个机构，请重新上传")
    late = rules.overdue(row.state, due=row.due_on, on=on) if row.due_on else False
    row.state, row.reported_by, row.reported_on = verb_allowed, by.id, on
    calendar.meet_clock(CLOCK, row.id, on)
    terms = ledger.terms(row.scope_path, on)
    calendar.start_clock(
        RECHECK_CLOCK,
        of=row,
        subject=row.id,
        label=f"复查：{row.requirement}",
        start=on,
        count=terms.table.recheck_working_days,
        basis=terms.sources["recheck_working_days"],
    )
    if (draft := ledger.draft(row.id, seen_by=by)) is not None:
        draft.measure, draft.photos = "", []
    add_step(row, StepKind.REPORTED, words, photos=photos, by=by, at=at, on=on)
    audit.record(events.RectificationReported(subject=row.id, by=by.id, on=on, site_id=row.site_id, late=late))


def ask_extension(finding_id: UUID, *, wanted: date, reason: str, by: Actor, at: datetime, on: date) -> Extension:
    """The home asks for more time (申请延期), before the end, with a reason."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    if row.due_on is None or row.ordered_on is None:
        raise Refused("extension.no_deadline", "该问题没有责令改正的期限，无须申请延期")
    if any(e.state is ExtensionState.ASKED for e in ledger.extensions(row.id, seen_by=by)):
        raise Refused("extension.open", "已有一份延期申请正在审批，请等待结果")
    rules.check_extension_request(
        row.state,
        row.severity,
        ordered_on=row.ordered_on,
        due=row.due_on,
        asked_on=on,
        wanted=wanted,
        granted_before=row.extensions,
        reason=reason,
        table=ledger.terms(row.scope_path, on).table,
    )
    asked = Extension(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        finding_id=row.id,
        due_before=row.due_on,
        wanted=wanted,
        reason=needed(reason, "extension.reason", "请写明需要延期的原因和已采取的临时措施"),
        asked_by=by.id,
        asked_on=on,
    )
    db.session.add(asked)
    db.session.flush()
    words = f"申请延至 {wanted.isoformat()}。{asked.reason}"
    add_step(row, StepKind.EXTENSION_ASKED, words, about=asked.id, by=by, at=at, on=on)
    audit.record(events.ExtensionAsked(subject=row.id, by=by.id, on=on, site_id=row.site_id, wanted=wanted))
    return asked


def decide_extension(extension_id: UUID, *, granted: bool, reason: str, by: Actor, at: datetime, on: date) -> None:
    """Decide a request for more time (审批延期), by another person than who asked; a refusal needs a reason."""
    asked = ledger.extension(extension_id, seen_by=by, lock=True)
    row = ledger.finding(asked.finding_id, seen_by=by, lock=True)
    rules.check_extension_decision(asked_by=str(asked.asked_by), decided_by=str(by.id), state=asked.state)
    if not granted:
        needed(reason, "extension.decline_reason", "不同意延期须写明理由")
    asked.state = ExtensionState.GRANTED if granted else ExtensionState.DECLINED
    asked.decided_by, asked.decided_on, asked.decision_reason = by.id, on, reason.strip()
    if granted and row.state in rules.WITH_THE_HOME:
        row.extensions += 1
        days = (asked.wanted - on).days
        basis = f"同意延期一次，自 {on.isoformat()} 起 {days} 日（原期限 {asked.due_before.isoformat()}）"
        run_clock(row, start=on, days=days, basis=basis, on=on)
    kind = StepKind.EXTENSION_GRANTED if granted else StepKind.EXTENSION_DECLINED
    assert row.due_on is not None  # a request is only taken for a problem with a deadline
    words = f"期限 {row.due_on.isoformat()}。{reason.strip()}"
    add_step(row, kind, words, about=asked.id, by=by, at=at, on=on)
    audit.record(
        events.ExtensionDecided(subject=row.id, by=by.id, on=on, site_id=row.site_id, granted=granted, due_on=row.due_on)
    )


def give_reply(finding_id: UUID, *, text: str, by: Actor, at: datetime, on: date) -> None:
    """The home gives its own view (机构陈述), to be shown beside the problem once an officer found no personal data in it."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    row.reply = needed(text, "reply.text", "请写下您的说明")[:500]
    row.reply_by, row.reply_on = by.id, on
    row.reply_cleared_by = row.reply_cleared_on = None
    add_step(row, StepKind.REPLIED, row.reply, by=by, at=at, on=on)
    audit.record(events.ReplyGiven(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def clear_reply(finding_id: UUID, *, cleared: bool, note: str = "", by: Actor, at: datetime, on: date) -> None:
    """Find the home's view free of personal data (核对机构陈述), or send it back saying what to leave out. Never rewritten."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    if row.reply is None or row.reply_cleared_on is not None:
        raise Refused("reply.none", "没有待核对的机构陈述")
    if row.reply_by == by.id:
        raise Refused("reply.own", "不能核对自己写的陈述")
    if cleared:
        row.reply_cleared_by, row.reply_cleared_on = by.id, on
        words = "陈述不含个人信息，可以公示"
    else:
        words = "退回修改：" + needed(note, "reply.note", "退回机构陈述须说明要删去哪些个人信息")
        row.reply = row.reply_by = row.reply_on = None
    add_step(row, StepKind.REPLY_CLEARED, words, by=by, at=at, on=on)
    audit.record(events.ReplyCleared(subject=row.id, by=by.id, on=on, site_id=row.site_id, cleared=cleared))


def confirm_public_text(finding_id: UUID, *, text: str, by: Actor, at: datetime, on: date) -> None:
    """Confirm the words in which a problem is published (核定公示文字): no names, no residents, no health data."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    words = needed(text, "public_text.text", "请写明公示文字")
    if len(words) > 200:
        raise Refused("public_text.long", "公示文字请在 200 字以内，只写情形，不写人名、房间和健康情况")
    row.public_text, row.public_text_by, row.public_text_on = words, by.id, on
    add_step(row, StepKind.PUBLIC_TEXT, words, by=by, at=at, on=on)
    audit.record(events.PublicTextConfirmed(subject=row.id, by=by.id, on=on, site_id=row.site_id))


# --- re-check ---------------------------------------------------------------------------------------------------------


def assign_recheck(
    finding_ids: Sequence[UUID], officer_ids: Sequence[UUID], *, planned_on: date, by: Actor, at: datetime, on: date
) -> Recheck:
    """Arrange a re-check (安排复查): reported problems of one inspection, two or more officers who did not inspect."""
    rows = [ledger.finding(i, seen_by=by, lock=True) for i in sorted(set(finding_ids))]
    task = _one_task(rows, by)
    if planned_on < on:
        raise Refused("recheck.past", "复查日期不能早于今天")
    found = ledger.officers(list(dict.fromkeys(officer_ids)))
    inspectors = ledger.inspectors(task)
    check_other_officers([o for _, o in found], inspectors={str(i) for i in inspectors}, on=planned_on)
    orders = {r.order_id for r in rows}
    row = Recheck(
        scope_path=task.scope_path,
        provider_id=task.provider_id,
        site_id=task.site_id,
        task_id=task.id,
        authority_id=task.authority_id,
        order_id=orders.pop() if len(orders) == 1 else None,
        finding_ids=[r.id for r in rows],
        officer_ids=[a.id for a, _ in found],
        inspector_ids=inspectors,
        officers=[{"id": str(a.id), "name": a.name, "certificate": o.certificate_no} for a, o in found],
        assigned_by=by.id,
        assigned_on=on,
        planned_on=planned_on,
    )
    db.session.add(row)
    db.session.flush()
    names = "、".join(a.name for a, _ in found)
    for account, _ in found:
        accounts.assign_site(account.id, task.site_id, task=row.id, on=on)
    for finding in rows:
        add_step(finding, StepKind.RECHECK_ASSIGNED, f"{planned_on.isoformat()}，{names}", about=row.id, by=by, at=at, on=on)
    audit.record(
        events.RecheckAssigned(
            subject=row.id,
            by=by.id,
            on=on,
            site_id=row.site_id,
            task_id=task.id,
            officers=tuple(row.officer_ids),
            findings=tuple(row.finding_ids),
        )
    )
    return row


def _one_task(rows: Sequence[Finding], by: Actor) -> InspectionTask:
    if not rows:
        raise Refused("recheck.nothing", "请至少选择一项待复查的问题")
    if len({r.task_id for r in rows}) > 1:
        raise Refused("recheck.two_tasks", "一次复查只办理同一次检查的问题，请分开安排")
    for r in rows:
        rules.next_state(r.state, RectificationVerb.PASS)
        if ledger.open_recheck(r.id, seen_by=by) is not None:
            raise Refused("recheck.arranged", f"第{r.number}项已经安排了复查，不能重复安排")
    return rows[0].task


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of one problem at the re-check (逐项复查结果). `photos` are the archive's files, kept before."""

    finding_id: UUID
    result: RecheckResult
    handling: Handling
    new_due: date | None = None
    note: str = ""
    photos: tuple[UUID, ...] = ()


def record_recheck(
    recheck_id: UUID,
    looked: Sequence[Looked],
    *,
    statement: str = "",
    conclusion: str = "",
    by: Actor,
    at: datetime,
    on: date,
) -> Recheck:
    """Conclude a re-check (复查定稿): every problem with its result and handling; the sheet is issued in the same transaction.

    已整改 closes (销号); anything else goes on with a new deadline, or is proposed for a case or a transfer.
    """
    row = ledger.recheck(recheck_id, seen_by=by, lock=True)
    if row.state is not RecheckState.ASSIGNED:
        raise Refused("recheck.done", f"这次复查{row.state.label}，不能重复办理")
    if {one.finding_id for one in looked} != set(row.finding_ids) or len(looked) != len(row.finding_ids):
        raise Refused("recheck.incomplete", "请逐项填写复查结果，安排复查的问题都要有结论")
    findings = {i: ledger.finding(i, seen_by=by, lock=True) for i in row.finding_ids}
    rules.check_recheckers(
        [str(i) for i in row.officer_ids],
        reported_by={str(f.reported_by) for f in findings.values()},
        closer=str(by.id),
    )
    pairs = ledger.officers(list(row.officer_ids))
    check_other_officers([o for _, o in pairs], inspectors={str(i) for i in row.inspector_ids}, on=on)
    order_of = {f.id: f.number for f in findings.values()}
    in_order = sorted(looked, key=lambda one: order_of[one.finding_id])
    row.rows = [_look(findings[one.finding_id], one, row, by=by, at=at, on=on) for one in in_order]
    row.conclusion = conclusion.strip() or _conclusion(row.rows)
    row.statement, row.rechecked_at, row.closed_by, row.done_on = statement.strip(), at, by.id, on
    row.number = paper_actions.take_number(row.authority_id, Paper.RECHECK, on)
    row.state = RecheckState.DONE
    db.session.flush()
    gathered = gathering.recheck(row.id, Stamp(row.number, on, paper_actions.mark()), seen_by=by)
    paper_actions.hand_over(Paper.RECHECK, gathered, of=row, authority_id=row.authority_id, about=row.id, by=by, at=at, on=on)
    accounts.end_assignments(row.id, until=on + REACH_AFTER_RECHECK)
    audit.record(events.RecheckDone(subject=row.id, by=by.id, on=on, site_id=row.site_id, task_id=row.task_id, number=row.number))
    return row


def _look(f: Finding, one: Looked, row: Recheck, *, by: Actor, at: datetime, on: date) -> dict[str, Any]:
    """Take one problem further and give its line for the sheet (逐项办理)."""
    table = ledger.terms(f.scope_path, on).table
    check_handling(one.result, one.handling, new_due=one.new_due, ordered_on=f.ordered_on or on, on=on, table=table)
    reported = next(s for s in reversed(ledger.steps(f.id, seen_by=by)) if s.kind is StepKind.REPORTED)
    calendar.meet_clock(RECHECK_CLOCK, f.id, on)
    words = f"{one.result.label}，{one.handling.label}"
    if one.handling is Handling.CLOSE:
        _pass(f, by=by, on=on)
    else:
        move(f, RectificationVerb.FAIL)
        if one.new_due is not None and one.handling is Handling.CONTINUE:
            run_clock(f, start=on, days=(one.new_due - on).days, basis=f"复查另定期限（{on.isoformat()}）", on=on)
            words += f"，新期限 {f.due_on.isoformat()}" if f.due_on else ""
    note = one.note.strip()
    add_step(
        f,
        StepKind.RECHECKED,
        f"{words}。{note}" if note else words,
        photos=one.photos,
        about=row.id,
        by=by,
        at=at,
        on=on,
    )
    if one.handling is Handling.CLOSE:
        add_step(f, StepKind.CLOSED, "复查合格", about=row.id, by=by, at=at, on=on)
    db.session.flush()
    audit.record(
        events.FindingRechecked(subject=f.id, by=by.id, on=on, site_id=f.site_id, result=one.result, handling=one.handling)
    )
    if f.state is RectificationState.CLOSED:
        late = f.due_on is not None and f.reported_on is not None and f.reported_on > f.due_on
        audit.record(
            events.FindingClosed(
                subject=f.id, by=by.id, on=on, site_id=f.site_id, task_id=f.task_id, severity=f.severity, overdue=late
            )
        )
    due = f.due_on.isoformat() if one.handling is Handling.CONTINUE and f.due_on else ""
    return {
        "finding_id": str(f.id),
        "number": f.number,
        "item": f.item,
        "demand": f.demand or f.requirement,
        "measure": reported.words,
        "evidence": _evidence(reported, note, by),
        "photos": [_photo(p, f.requirement, by=by) for p in one.photos],
        "result": one.result.label,
        "handling": one.handling.label,
        "new_due": due,
    }


def _pass(f: Finding, *, by: Actor, on: date) -> None:
    supervision = ledger.supervision(f.id, seen_by=by)
    if supervision is not None and supervision.state not in ENDED:
        raise Refused("hazard.not_lifted", f"第{f.number}项是督办中的重大事故隐患，须经审查同意并解除措施后才能销号")
    move(f, RectificationVerb.PASS)
    f.closed_by, f.closed_on = by.id, on


def _evidence(reported: RectificationStep, note: str, by: Actor) -> str:
    kinds = [files.blob(UUID(p), seen_by=by).content_type for p in reported.photos]
    pictures = sum(k == "image/jpeg" for k in kinds)
    parts = [f"{reported.on.isoformat()} 提交"]
    parts += [f"整改照片 {pictures} 张"] if pictures else []
    parts += [f"材料 {len(kinds) - pictures} 份"] if len(kinds) > pictures else []
    return "；".join([*parts, *([f"复查：{note}"] if note else [])])


def _photo(blob_id: UUID, caption: str, *, by: Actor) -> dict[str, str]:
    blob = files.blob(blob_id, seen_by=by)
    taken = blob.evidence.get("taken_at")
    moment = datetime.fromisoformat(taken) if taken else blob.uploaded_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.BEIJING)
    return {
        "blob_id": str(blob.id),
        "sha256": blob.evidence.get("original_sha256") or blob.sha256,
        "caption": caption,
        "at": moment.replace(microsecond=0).isoformat(),
        "by": by.name,
    }


def _conclusion(rows: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for handling in Handling:
        mine = [r for r in rows if r["handling"] == handling.label]
        if mine:
            parts.append(f"第{'、'.join(str(r['number']) for r in mine)}项{handling.label}")
    return "；".join(parts) + "。"


def keep_recheck_photo(recheck_id: UUID, upload: CleanUpload, *, by: Actor, at: datetime, on: date) -> Blob:
    """Take a photo of the re-check in (收下复查照片)."""
    row = ledger.recheck(recheck_id, seen_by=by)
    return archive.keep_blob(upload, of=row, kind=BlobKind.PHOTO, by=by, at=at, on=on)


# --- escalation, case, transfer ---------------------------------------------------------------------------------------


def escalate_finding(finding_id: UUID, *, reason: str = "", by: Actor, at: datetime, on: date) -> None:
    """Escalate an overdue problem to the authority above (升级督办): once in its life."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    rules.check_escalation(escalated_on=row.escalated_on)
    if row.due_on is None or not rules.overdue(row.state, due=row.due_on, on=on):
        rules.next_state(row.state, RectificationVerb.ESCALATE)
        raise Refused("rectification.not_overdue", "该问题未到期或没有期限，逾期后才能升级督办")
    _escalate(row, reason, by=by, at=at, on=on)


def escalate_if_due(finding_id: UUID, *, by: Actor, at: datetime, on: date) -> bool:
    """Escalate when the rule says so today (到期自动升级). False when somebody was quicker, or nothing is due."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    if row.due_on is None or not rules.should_escalate(row.state, due=row.due_on, on=on, escalated_on=row.escalated_on):
        return False
    _escalate(row, "逾期未提交整改报告", by=by, at=at, on=on)
    return True


def _escalate(row: Finding, reason: str, *, by: Actor, at: datetime, on: date) -> None:
    assert row.due_on is not None
    above = regions.superior(row.authority)
    move(row, RectificationVerb.ESCALATE)
    row.escalated_on, row.escalated_to = on, above.id if above else None
    days = (on - row.due_on).days
    to = above.name if above else "本机关负责人"
    add_step(row, StepKind.ESCALATED, f"逾期 {days} 日，升级至{to}。{reason.strip()}", by=by, at=at, on=on)
    audit.record(
        events.FindingEscalated(
            subject=row.id, by=by.id, on=on, site_id=row.site_id, to_authority_id=row.escalated_to, days_overdue=days
        )
    )


def propose_case(finding_id: UUID, *, reason: str, by: Actor, at: datetime, on: date) -> None:
    """Propose a penalty case (提请立案): facts and evidence are ready; the case itself is run in the enforcement system."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    words = needed(reason, "case.reason", "提请立案须写明事实、证据和逾期情况")
    move(row, RectificationVerb.PREPARE_CASE)
    add_step(row, StepKind.CASE_PROPOSED, words, by=by, at=at, on=on)
    audit.record(events.CaseProposed(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def transfer_finding(
    finding_id: UUID,
    *,
    to: Department,
    to_name: str = "",
    reason: str,
    evidence: str,
    by: Actor,
    at: datetime,
    on: date,
) -> Transfer:
    """Pass a problem to the department that is competent (移送), with the list of evidence. Its clock here ends."""
    row = ledger.finding(finding_id, seen_by=by, lock=True)
    rules.check_transfer(to=to, own=Department(row.authority.department.value), reason=reason)
    listed = needed(evidence, "transfer.evidence", "移送须附证据清单（照片、笔录等）")
    move(row, RectificationVerb.TRANSFER)
    sent = Transfer(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        finding_id=row.id,
        to_department=to,
        to_name=to_name.strip() or f"{to.label}部门",
        reason=reason.strip(),
        evidence=listed,
        by=by.id,
        on=on,
    )
    db.session.add(sent)
    db.session.flush()
    calendar.drop_clock(CLOCK, row.id, on)
    words = f"移送{sent.to_name}。{sent.reason} 证据：{listed}"
    add_step(row, StepKind.TRANSFERRED, words, about=sent.id, by=by, at=at, on=on)
    audit.record(events.FindingTransferred(subject=row.id, by=by.id, on=on, site_id=row.site_id, to=to))
    return sent


def answer_transfer(transfer_id: UUID, *, answer: str, by: Actor, at: datetime, on: date) -> None:
    """Enter what the other department did (登记移送处理结果); the problem is closed with it."""
    sent = ledger.transfer(transfer_id, seen_by=by, lock=True)
    row = ledger.finding(sent.finding_id, seen_by=by, lock=True)
    if sent.answered_on is not None:
        raise Refused("transfer.answered", "这次移送已经登记了处理结果")
    if row.reported_by == by.id:
        raise Refused("rectification.closer_reported", "报告整改完成的人不能销号，请由另一名人员办理")
    sent.answer = needed(answer, "transfer.answer", "请写明受移送部门的处理结果、文号和日期")
    sent.answered_on, sent.answer_by = on, by.id
    move(row, RectificationVerb.RECEIVE_RESULT)
    row.closed_by, row.closed_on = by.id, on
    add_step(row, StepKind.TRANSFER_ANSWERED, sent.answer, about=sent.id, by=by, at=at, on=on)
    audit.record(events.TransferAnswered(subject=row.id, by=by.id, on=on, site_id=row.site_id))
    audit.record(
        events.FindingClosed(
            subject=row.id, by=by.id, on=on, site_id=row.site_id, task_id=row.task_id, severity=row.severity, overdue=False
        )
    )
