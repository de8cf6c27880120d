"""Verification and answer (核实与答复): the facts to the home, its words, the finding, review, answer, call-back, closing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.archive import actions as archive
from app.archive.rules import BlobKind
from app.complaints import events, queries
from app.complaints.actions import moving
from app.complaints.actions.desk import waits
from app.complaints.models import Complaint, Inquiry
from app.complaints.rules import machine, redaction
from app.complaints.rules.kinds import Duty, Finding, InquiryState, Satisfaction, Verb
from app.core import audit, calendar, numbers
from app.core.actor import Actor
from app.core.calendar import Unit
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.providers import queries as providers
from app.regions import queries as regions

MOST_FILES = 9


def checked_for_home(row: Complaint, text: str, *, confirmed: bool, by: Actor) -> str:
    """A text as it may go to the home (核定告知文字): checked against this complaint and all that follow it."""
    family = [row, *queries.followers(row.id, seen_by=by)]
    return redaction.check(
        text,
        confirmed=confirmed,
        names=[person.name.reveal() for person in family if person.name],
        numbers=[person.phone.reveal() for person in family if person.phone],
        original="".join(person.statement for person in family),
    )


def ask_home(complaint_id: UUID, facts: str, *, confirmed: bool, by: Actor, at: datetime, on: date) -> Inquiry:
    """Put facts to the home (向机构核实): a paper of its own number, which names no complaint and nobody."""
    row = moving.taken(complaint_id, Verb.ASK, by=by)
    if row.about_site_id is None:
        raise Refused("ask.no_home", "还没有确定被反映的机构，请先在“分类”中选定。")
    if queries.open_inquiry(row.id, seen_by=by) is not None:
        raise Refused("ask.open", "上一次核实机构还没有说明，请等说明或到期。")
    text = checked_for_home(row, facts, confirmed=confirmed, by=by)
    site = providers.site(row.about_site_id, seen_by=by)
    office = regions.authority(row.authority_id)
    term = queries.terms(row.scope_path, on).terms["reply"]
    due_on, _ = calendar.due(on, term.count, Unit(term.unit))
    made = Inquiry(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        complaint_id=row.id,
        authority_id=office.id,
        number=f"{office.number_word}核〔{on.year}〕{numbers.take(office.id, 'inquiry', on.year)}号",
        facts=text,
        confirmed_by=by.id,
        sent_on=on,
        due_on=due_on,
    )
    db.session.add(made)
    db.session.flush()
    calendar.start_clock(
        Duty.REPLY.value, of=made, subject=made.id, label=f"说明情况 {made.number}", start=on, count=term.count,
        unit=Unit(term.unit), basis=term.words,
    )  # fmt: skip
    moving.step(row, Verb.ASK, made.number, by=by, at=at, on=on)
    audit.record(events.InquirySent(subject=made.id, by=by.id, on=on, site_id=site.id, due_on=due_on))
    return made


def reply(inquiry_id: UUID, text: str, uploads: list[CleanUpload], *, by: Actor, at: datetime, on: date) -> Inquiry:
    """What the home says (机构说明情况), with files. Late is better than never: it is taken until the finding stands."""
    row = queries.inquiry(inquiry_id, seen_by=by, lock=True)
    if by.authority_id is not None:
        raise Refused("reply.not_home", "情况说明由机构自己提交。")
    if row.state is not InquiryState.SENT:
        raise Refused("reply.done", f"这份核实函“{row.state.label}”，不能再提交。要补充的请电话联系经办机关。")
    row.reply = moving.needs(text, 10, "reply.words", "请写明情况：事情经过、已采取的措施。至少 10 个字。")
    if len(uploads) > MOST_FILES:
        raise Refused("reply.files", f"最多传 {MOST_FILES} 个文件，请合并成 PDF 再传。")
    blobs = [archive.keep_blob(upload, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on) for upload in uploads]
    row.files = list(dict.fromkeys(str(blob.id) for blob in blobs))
    row.state, row.replied_by, row.replied_at = InquiryState.REPLIED, by.id, at
    calendar.meet_clock(Duty.REPLY.value, row.id, on)
    db.session.flush()
    audit.record(events.InquiryAnswered(subject=row.id, by=by.id, on=on, site_id=row.site_id, state=row.state))
    return row


def find(
    complaint_id: UUID,
    finding: Finding,
    reasons: str,
    *,
    home_words: str = "",
    confirmed: bool = False,
    by: Actor,
    at: datetime,
    on: date,
) -> Complaint:
    """Propose what the verification found (提出处理意见). `home_words` is what the home will read of it, if it was asked."""
    row = moving.taken(complaint_id, Verb.FIND, by=by)
    waiting = queries.open_inquiry(row.id, seen_by=by)
    machine.check_asked(open_until=waiting.due_on if waiting else None, on=on)
    row.finding_reasons = moving.needs(reasons, 10, "find.reasons", "请写明核实经过、证据和结论的理由，至少 10 个字。")
    asked = queries.inquiries_about(row.id, seen_by=by)
    row.home_words = checked_for_home(row, home_words, confirmed=confirmed, by=by) if asked or home_words.strip() else ""
    if waiting is not None:
        waiting.state = InquiryState.LATE
        calendar.drop_clock(Duty.REPLY.value, waiting.id, on)
        audit.record(events.InquiryAnswered(subject=waiting.id, by=by.id, on=on, site_id=waiting.site_id, state=waiting.state))
    if finding.confirmed and row.about_site_id is None:
        raise Refused("find.no_home", "认定属实须先确定被反映的机构，请在“分类”中选定。")
    row.finding, row.found_by, row.found_on = finding, by.id, on
    row.reviewed_by = row.reviewed_on = None
    moving.step(row, Verb.FIND, finding.label, by=by, at=at, on=on)
    audit.record(events.FindingProposed(subject=row.id, by=by.id, on=on, finding=finding))
    return row


def review(complaint_id: UUID, words: str = "", *, by: Actor, at: datetime, on: date) -> Complaint:
    """Let a finding stand (审核通过), as another person. What was found true is news for credit, once, whoever follows."""
    row = moving.taken(complaint_id, Verb.REVIEW, by=by)
    machine.check_other_reviewer(row.found_by, by.id)
    row.reviewed_by, row.reviewed_on = by.id, on
    moving.step(row, Verb.REVIEW, words, by=by, at=at, on=on)
    for asked in queries.inquiries_about(row.id, seen_by=by):
        asked.outcome, asked.outcome_words, asked.outcome_on = row.finding, row.home_words, on
    db.session.flush()
    audit.record(events.FindingReviewed(subject=row.id, by=by.id, on=on, passed=True))
    if row.finding is not None and row.finding.confirmed and row.about_site_id is not None:
        _confirmed(row, by, on)
    return row


def _confirmed(row: Complaint, by: Actor, on: date) -> None:
    assert row.about_site_id is not None and row.finding and row.track and row.found_on  # noqa: PT018
    site = providers.site(row.about_site_id, seen_by=by)
    audit.record(
        events.ComplaintConfirmed(
            subject=row.id, by=by.id, on=on, site_id=site.id, provider_id=site.provider_id, finding=row.finding,
            matter=row.matter, track=row.track, found_on=row.found_on,
        )
    )  # fmt: skip


def send_back(complaint_id: UUID, words: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Send a finding back to be looked at again (退回重查)."""
    row = moving.taken(complaint_id, Verb.SEND_BACK, by=by)
    machine.check_other_reviewer(row.found_by, by.id)
    text = moving.needs(words, 4, "review.words", "请写明哪里还要再查。")
    moving.step(row, Verb.SEND_BACK, text, by=by, at=at, on=on)
    audit.record(events.FindingReviewed(subject=row.id, by=by.id, on=on, passed=False))
    return row


def answer(complaint_id: UUID, text: str, way: str, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Answer the complainant (答复). Each gets an answer, the merged ones too, once the lead's finding stands."""
    row = moving.taken(complaint_id, Verb.ANSWER, by=by)
    if row.merged_into_id is not None:
        machine.check_followed(queries.complaint(row.merged_into_id, seen_by=by).state)
    row.answer = moving.needs(text, 10, "answer.words", "请写明核实结果、处理情况和投诉人还可以怎么办，至少 10 个字。")
    row.answer_way, row.answered_by, row.answered_at = way.strip(), by.id, at
    moving.step(row, Verb.ANSWER, way, by=by, at=at, on=on)
    calendar.meet_clock(Duty.HANDLE.value, row.id, on)
    if row.reachable:
        moving.begin(row, Duty.CALLBACK, queries.terms(row.scope_path, on).terms["callback"], on)
    audit.record(events.ComplaintAnswered(subject=row.id, by=by.id, on=on, finding=row.finding))
    return row


def call_back(complaint_id: UUID, satisfaction: Satisfaction, words: str = "", *, by: Actor, at: datetime, on: date) -> Complaint:
    """Ask the complainant how it went (回访), as somebody who did not verify it."""
    row = moving.taken(complaint_id, Verb.CALL_BACK, by=by)
    lead = queries.complaint(row.merged_into_id, seen_by=by) if row.merged_into_id else row
    machine.check_other_caller({row.found_by, lead.found_by}, by.id)
    if satisfaction is Satisfaction.UNSATISFIED:
        moving.needs(words, 4, "call_back.words", "不满意的，请记下投诉人的原话要点。")
    row.called_back_by, row.called_back_on, row.satisfaction = by.id, on, satisfaction
    moving.step(row, Verb.CALL_BACK, f"{satisfaction.label} {words}", by=by, at=at, on=on)
    calendar.meet_clock(Duty.CALLBACK.value, row.id, on)
    db.session.flush()
    audit.record(events.ComplainantCalled(subject=row.id, by=by.id, on=on, satisfaction=satisfaction, by_complainant=False))
    return row


def close(complaint_id: UUID, *, by: Actor, at: datetime, on: date) -> Complaint:
    """Close a complaint (办结): answered, called back where possible, nobody who follows left without an answer."""
    row = moving.taken(complaint_id, Verb.CLOSE, by=by)
    machine.check_close(
        called_back=row.called_back_by is not None,
        reachable=row.reachable,
        waiting=sum(waits(other) for other in queries.followers(row.id, seen_by=by)),
        urgent_open=row.urgent and row.urgent_settled_at is None,
    )
    row.closed_on = on
    moving.step(row, Verb.CLOSE, "", by=by, at=at, on=on)
    audit.record(events.ComplaintMoved(subject=row.id, by=by.id, on=on, state=row.state))
    return row
