"""The desk (承办): classification, acceptance, merging, pauses, more time, danger, contact in the clear, a case inspection."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.complaints import events, queries
from app.complaints.actions import moving
from app.complaints.actions.intake import raise_alarm
from app.complaints.models import Complaint, ComplaintPause, ContactReveal
from app.complaints.rules import clocks, machine
from app.complaints.rules.kinds import Channel, Duty, Matter, PauseReason, State, Track, Verb
from app.core import audit, calendar
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.actions import tasks
from app.inspections.rules.task import TaskKind, TaskSource
from app.providers import queries as providers


def classify(
    complaint_id: UUID,
    track: Track,
    *,
    matter: Matter,
    about_site_id: UUID | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
    on: date,
) -> Complaint:
    """Say which track a complaint takes and which home it is about (分类): its clocks follow from that.

    Another track later is possible until the clock was paused or extended; the terms count from the same days.
    """
    row = moving.taken(complaint_id, Verb.CLASSIFY, by=by)
    if row.track is not None and (row.extension or queries.pauses(row.id, seen_by=by)):
        raise Refused("classify.too_late", "这件投诉已经中止或延期过，不能再改办理途径。")
    if about_site_id is not None:
        row.about_words = providers.site(about_site_id, seen_by=by).name
    if row.about_site_id != about_site_id and queries.inquiries_about(row.id, seen_by=by):
        raise Refused("classify.asked", "已经向机构发过核实函，不能再换被反映的机构。")
    row.track, row.matter, row.about_site_id = track, matter, about_site_id
    row.classified_at, row.classified_by = at, by.id
    moving.step(row, Verb.CLASSIFY, "，".join(part for part in (track.label, note.strip()) if part), by=by, at=at, on=on)
    calendar.meet_clock(Duty.CLASSIFY.value, row.id, on)
    _start_track(row, on)
    audit.record(events.ComplaintClassified(subject=row.id, by=by.id, on=on, track=track, about_site_id=about_site_id))
    return row


def _start_track(row: Complaint, on: date) -> None:
    """Start the clocks of the track, those of an earlier track given up."""
    assert row.track is not None
    terms = queries.terms(row.scope_path, on).tracks[row.track]
    for duty in (Duty.NOTICE, Duty.HANDLE):
        calendar.drop_clock(duty.value, row.id, on)
    db.session.flush()
    if terms.notice is not None and row.accepted_on is None:
        moving.begin(row, Duty.NOTICE, terms.notice, row.received_on)
    if terms.handle.starts == "received":
        moving.begin(row, Duty.HANDLE, terms.handle, row.received_on)
    elif row.accepted_on is not None:
        moving.begin(row, Duty.HANDLE, terms.handle, row.accepted_on)


def accept(complaint_id: UUID, note: str = "", *, by: Actor, at: datetime, on: date) -> Complaint:
    """Accept a complaint (受理); the complainant sees it by the code, whoever left a telephone is told as well."""
    row = moving.taken(complaint_id, Verb.ACCEPT, by=by)
    row.accepted_on, row.accepted_by = on, by.id
    moving.step(row, Verb.ACCEPT, note, by=by, at=at, on=on)
    calendar.meet_clock(Duty.NOTICE.value, row.id, on)
    assert row.track is not None
    terms = queries.terms(row.scope_path, on).tracks[row.track]
    if terms.handle.starts == "accepted":
        moving.begin(row, Duty.HANDLE, terms.handle, on)
    return _moved(row, by, on)


def _moved(row: Complaint, by: Actor, on: date) -> Complaint:
    db.session.flush()
    audit.record(events.ComplaintMoved(subject=row.id, by=by.id, on=on, state=row.state))
    return row


def assign(complaint_id: UUID, note: str = "", *, by: Actor, at: datetime, on: date) -> Complaint:
    """Send the complaint to be verified (派单): whoever takes it on is its handler from now on."""
    row = moving.taken(complaint_id, Verb.ASSIGN, by=by)
    row.handler_id = by.id
    moving.step(row, Verb.ASSIGN, note, by=by, at=at, on=on)
    return _moved(row, by, on)


def _end_early(row: Complaint, verb: Verb, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """A complaint that is not handled here ends with an answer all the same."""
    row.answer, row.answer_way, row.answered_by, row.answered_at = words, "网上查询", by.id, at
    moving.step(row, verb, words, by=by, at=at, on=on)
    for duty in (Duty.CLASSIFY, Duty.NOTICE, Duty.HANDLE):
        calendar.meet_clock(duty.value, row.id, on)
    return _moved(row, by, on)


def decline(complaint_id: UUID, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Tell the complainant that the complaint is not taken up, and why (不予受理)."""
    row = moving.taken(complaint_id, Verb.DECLINE, by=by)
    text = moving.needs(words, 10, "decline.words", "请写明不予受理的理由和投诉人可以找谁，投诉人会看到这段话。")
    return _end_early(row, Verb.DECLINE, text, by=by, at=at, on=on)


def forward(complaint_id: UUID, to: str, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Pass a complaint on to the department that is competent (转办), and tell the complainant which."""
    row = moving.taken(complaint_id, Verb.FORWARD, by=by)
    to = moving.needs(to, 2, "forward.to", "请写明转给哪个部门。")
    row.source_words = f"{row.source_words}；转{to}".strip("；")
    text = f"您反映的事项由{to}负责，已于{on.month}月{on.day}日转交。{words.strip()}"
    return _end_early(row, Verb.FORWARD, text, by=by, at=at, on=on)


def send_back_to_source(complaint_id: UUID, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Return a transfer to where it came from (退回来源)."""
    row = moving.taken(complaint_id, Verb.RETURN, by=by)
    if row.channel is not Channel.TRANSFER:
        raise Refused("return.own", "只有其他部门转来的才能退回；不属于本机关的请“转其他部门”。")
    text = moving.needs(words, 4, "return.words", "请写明退回的理由。")
    return _end_early(row, Verb.RETURN, f"已退回转来部门：{text}", by=by, at=at, on=on)


def merge(complaint_id: UUID, lead_id: UUID, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Let a complaint follow another about the same home (并案). Its own clock and its own answer stay."""
    row = moving.taken(complaint_id, Verb.MERGE, by=by)
    lead = queries.complaint(lead_id, seen_by=by, lock=True)
    machine.check_lead(
        row.id,
        lead.id,
        lead.state,
        same_authority=lead.authority_id == row.authority_id,
        same_site=lead.about_site_id is not None and lead.about_site_id == row.about_site_id,
        followers=len(queries.followers(row.id, seen_by=by)),
    )
    if queries.open_inquiry(row.id, seen_by=by) is not None:
        raise Refused("merge.asked", "这件已向机构发核实函，等机构说明后再并案，或把另一件并进来。")
    row.merged_into_id = lead.id
    _accept_silently(row, by, on)
    moving.step(row, Verb.MERGE, f"并入 {lead.number}", by=by, at=at, on=on)
    moving.tell(lead, Verb.MERGE, f"{row.number} 并入本件", by=by, at=at, on=on)
    audit.record(events.ComplaintMerged(subject=row.id, by=by.id, on=on, lead_id=lead.id))
    return row


def _accept_silently(row: Complaint, by: Actor, on: date) -> None:
    """A complaint that is merged before it was accepted is accepted by that: its clock must not get lost."""
    if row.accepted_on is not None:
        return
    row.accepted_on, row.accepted_by = on, by.id
    calendar.meet_clock(Duty.NOTICE.value, row.id, on)
    assert row.track is not None
    terms = queries.terms(row.scope_path, on).tracks[row.track]
    if terms.handle.starts == "accepted":
        moving.begin(row, Duty.HANDLE, terms.handle, on)


# --- time -------------------------------------------------------------------------------------------------------------


def pause(complaint_id: UUID, reason: PauseReason, words: str, *, by: Actor, at: datetime, on: date) -> ComplaintPause:
    """Stop the clock (中止), with a reason that is kept; what is left of the term stays left."""
    row = moving.taken(complaint_id, Verb.PAUSE, by=by)
    words = moving.needs(words, 4, "pause.words", "请写明中止的理由，投诉人会看到事由。")
    clock = calendar.open_clock(Duty.HANDLE.value, row.id)
    assert clock is not None  # runs from classification or acceptance on
    left = clocks.remaining(clock.start_on, clock.count, clock.unit.value, calendar.calendar(), on=on)  # type: ignore[arg-type]
    clocks.check_pause(left)
    clock.dropped_on = on
    made = ComplaintPause(
        scope_path=row.scope_path, complaint_id=row.id, reason=reason, words=words, from_on=on, left=left, paused_by=by.id
    )
    db.session.add(made)
    moving.step(row, Verb.PAUSE, f"{reason.label}：{words}", by=by, at=at, on=on)
    audit.record(events.ComplaintPaused(subject=row.id, by=by.id, on=on, reason=reason, left=left))
    return made


def resume(complaint_id: UUID, words: str = "", *, by: Actor, at: datetime, on: date) -> Complaint:
    """Let the clock go on (恢复办理) with what was left of the term."""
    row = moving.taken(complaint_id, Verb.RESUME, by=by)
    stopped = queries.open_pause(row.id, seen_by=by)
    assert stopped is not None and row.track is not None  # noqa: PT018
    clocks.check_resume(stopped.from_on, on)
    stopped.until_on, stopped.resumed_by = on, by.id
    term = queries.terms(row.scope_path, on).tracks[row.track].handle
    clock = moving.begin(row, Duty.HANDLE, term, on, count=stopped.left)
    moving.step(row, Verb.RESUME, words, by=by, at=at, on=on)
    audit.record(events.ComplaintResumed(subject=row.id, by=by.id, on=on, due_on=clock.due_on))
    return row


def ask_extension(complaint_id: UUID, days: int, reason: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Ask the head for more time (申请延期), in the unit of the track's term."""
    row = moving.taken(complaint_id, Verb.ASK_EXTENSION, by=by)
    _check_extension(row, days, reason, on)
    row.extension_asked, row.extension_reason, row.extension_asked_by = days, reason.strip(), by.id
    moving.step(row, Verb.ASK_EXTENSION, f"{days} 天：{reason.strip()}", by=by, at=at, on=on)
    audit.record(events.ComplaintExtensionAsked(subject=row.id, by=by.id, on=on, days=days))
    return row


def _check_extension(row: Complaint, days: int, reason: str, on: date) -> None:
    assert row.track is not None
    term = queries.terms(row.scope_path, on).tracks[row.track].extension
    clock = calendar.open_clock(Duty.HANDLE.value, row.id)
    clocks.check_extension(term, wanted=days, already=row.extension, due_on=clock.due_on if clock else None, on=on, reason=reason)


def decide_extension(complaint_id: UUID, granted: bool, words: str = "", *, by: Actor, at: datetime, on: date) -> Complaint:
    """Grant or refuse more time (审批延期), before the term ends, by another person than who asked."""
    row = moving.taken(complaint_id, Verb.DECIDE_EXTENSION, by=by)
    if not row.extension_asked:
        raise Refused("extension.not_asked", "还没有人申请延期。")
    machine.check_other_approver(row.extension_asked_by, by.id)
    days = row.extension_asked
    if granted:
        _check_extension(row, days, row.extension_reason, on)
        clock = calendar.open_clock(Duty.HANDLE.value, row.id)
        assert clock is not None and row.track is not None  # noqa: PT018
        clock.dropped_on = on
        db.session.flush()
        term = queries.terms(row.scope_path, on).tracks[row.track].handle
        moving.begin(row, Duty.HANDLE, term, clock.start_on, count=clock.count + days)
        row.extension, row.extension_decided_by = days, by.id
    row.extension_asked = 0
    moving.step(row, Verb.DECIDE_EXTENSION, f"{'同意' if granted else '不同意'} {words.strip()}", by=by, at=at, on=on)
    audit.record(events.ComplaintExtended(subject=row.id, by=by.id, on=on, days=days, granted=granted))
    return row


# --- danger, contact, case --------------------------------------------------------------------------------------------


def mark_urgent(complaint_id: UUID, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Take a complaint out of the queue because somebody is in danger (标为紧急)."""
    row = moving.taken(complaint_id, Verb.MARK_URGENT, by=by)
    if row.urgent:
        raise Refused("urgent.already", "已经标为紧急。")
    raise_alarm(row, moving.needs(words, 4, "urgent.words", "请写明危险在哪里。"), by=by, at=at, on=on)
    return row


def settle_urgent(complaint_id: UUID, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Write down what was done about the danger and to whom it was reported (紧急处置)."""
    row = moving.taken(complaint_id, Verb.SETTLE_URGENT, by=by)
    if not row.urgent or row.urgent_settled_at is not None:
        raise Refused("urgent.none", "这件投诉没有待处置的紧急情况。")
    text = moving.needs(words, 8, "urgent.done", "请写明已采取的措施：是否报警、送医、到场，向谁报告。")
    row.urgent_settled_words, row.urgent_settled_at, row.urgent_settled_by = text, at, by.id
    moving.step(row, Verb.SETTLE_URGENT, text, by=by, at=at, on=on)
    calendar.meet_clock(Duty.URGENT.value, row.id, on)
    db.session.flush()
    audit.record(events.UrgencySettled(subject=row.id, by=by.id, on=on))
    return row


def reveal_contact(complaint_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> tuple[str, str]:
    """The complainant's name and telephone in the clear (查看投诉人联系方式), for a reason that is kept.

    Refused outside the authority that handles the complaint: whoever supervises it needs no name.
    """
    row = queries.complaint(complaint_id, seen_by=by)
    if not moving.is_ours(row, by):
        raise Refused("contact.not_ours", "只有办理这件投诉的机关可以查看投诉人的联系方式。")
    reason = moving.needs(reason, 2, "contact.reason", "请写明查看的原因，例如“回访”“核对事发时间”。")
    if row.name is None and row.phone is None:
        raise Refused("contact.none", "投诉人没有留姓名和电话。")
    seen = ContactReveal(scope_path=row.scope_path, complaint_id=row.id, reason=reason, by=by.id, at=at)
    db.session.add(seen)
    db.session.flush()
    audit.record(events.ContactRevealed(subject=row.id, by=by.id, on=on, row_id=seen.id))
    return row.name.reveal() if row.name else "", row.phone.reveal() if row.phone else ""


def open_case(complaint_id: UUID, *, by: Actor, at: datetime, on: date) -> UUID:
    """Plan a case inspection of the home (转个案检查). The head approves it as any inspection; returns the task's id.

    The task says that a complaint stands behind it, never whose.
    """
    row = moving.taken(complaint_id, Verb.OPEN_CASE, by=by)
    if row.about_site_id is None:
        raise Refused("case.no_home", "还没有确定被反映的机构，请先在“分类”中选定。")
    if row.task_id is not None:
        raise Refused("case.already", "已经转过个案检查。")
    if row.finding is not None and not row.finding.confirmed:
        raise Refused("case.not_confirmed", f"核实结论为“{row.finding.label}”，不能据此开展个案检查。")
    task = tasks.plan_task(
        row.about_site_id,
        kind=TaskKind.CASE,
        planned_on=on,
        source=TaskSource.COMPLAINT,
        source_id=row.id,
        source_words="投诉举报线索",
        by=by,
        at=at,
        on=on,
    )
    row.task_id = task.id
    moving.step(row, Verb.OPEN_CASE, task.number, by=by, at=at, on=on)
    audit.record(events.CaseOpened(subject=row.id, by=by.id, on=on, task_id=task.id, site_id=row.about_site_id))
    return task.id


def archive(complaint_id: UUID, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Put a finished complaint into the archive (归档)."""
    row = moving.taken(complaint_id, Verb.ARCHIVE, by=by)
    if row.urgent and row.urgent_settled_at is None:
        raise Refused("archive.urgent", "这件投诉标为紧急，请先写明已采取的处置。")
    row.archived_on = on
    moving.step(row, Verb.ARCHIVE, "", by=by, at=at, on=on)
    return _moved(row, by, on)


def waits(row: Complaint) -> bool:
    """Whether a merged complaint still waits for its own answer (待答复)."""
    return row.state is State.MERGED
