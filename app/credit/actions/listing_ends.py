"""Verbs that question or end an entry of the list (异议、移出、撤销、到期): everything that followed from it is undone together.

Repair means: no more publication, no sharing, measures lifted, rating, subsidy and tier recomputed, in one transaction: the
measures are lifted here, the rest follows from `ListingEnded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import update

from app.archive import actions as archive
from app.archive.rules import BlobKind, DocumentKind
from app.core import audit, calendar
from app.core.actor import PROVIDER_POSTS, SYSTEM, Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.credit import events
from app.credit.actions import listing_papers as papers
from app.credit.actions.listing import (
    DECISION,
    DEFENCE,
    PUBLICATION,
    SERVICE,
    check_clean,
    check_day,
    clear_public_text,
    locked,
    needed,
    note_public,
    take_step,
)
from app.credit.models.listing import ListEntry, ListMeasure, ListObjection, RepairApplication
from app.credit.queries import listing as queries
from app.credit.rules import dates
from app.credit.rules import listing as law
from app.credit.rules.listing import (
    IN_FORCE,
    EntryState,
    EntryVerb,
    ObjectionVerb,
    RepairVerb,
)
from app.regions import queries as regions

MARK, ANSWER = "objection.mark", "objection.decide"
ACCEPT, REPAIR = "repair.accept", "repair.answer"
WAYS: Final = {EntryVerb.REMOVE: "repaired", EntryVerb.ANNUL: "annulled", EntryVerb.EXPIRE: "expired"}


def _end(row: ListEntry, verb: EntryVerb, *, reason: str, by: Actor, on: date, **also: object) -> None:
    """End an entry (名单终止): measures lifted, clocks dropped, taken off the public, everybody above told; one transaction."""
    was_published = row.state is EntryState.PUBLISHED
    was_in_force = row.state in IN_FORCE
    take_step(row, verb, words=reason, by=by, on=on, also={"ended_on": on, "ended_by": by.id, "end_reason": reason} | dict(also))
    db.session.execute(
        update(ListMeasure).where(ListMeasure.entry_id == row.id, ListMeasure.lifted_on.is_(None)).values(lifted_on=on)
    )
    for kind in (DEFENCE, DECISION, SERVICE, PUBLICATION):
        calendar.drop_clock(kind, row.id, on)
    db.session.flush()
    if was_in_force:
        assert row.provider_id is not None
        audit.record(
            events.ListingEnded(subject=row.id, by=by.id, on=on, provider_id=row.provider_id, tier=row.kind.value, way=WAYS[verb])
        )
    if was_published:
        note_public(row, WAYS[verb], by=by, on=on)


# --- objections -------------------------------------------------------------------------------------------------------


def object_to(list_entry_id: UUID, *, words: str, by: Actor, on: date) -> ListObjection:
    """Object to an entry (提出异议): it stays visible; the bureau marks it and answers, each within its term."""
    row = locked(list_entry_id, EntryVerb.OBJECT, by)
    if queries.open_objection(row.id, seen_by=by) is not None:
        raise Refused("objection.open", "已有一件异议正在处理，请等待答复")
    assert row.decided_by is not None
    made = ListObjection(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        entry_id=row.id,
        listed_by=row.decided_by,
        proposed_by=row.proposed_by,
        words=needed(words, "objection.words", "请写明异议：哪一点不对、依据是什么"),
        made_by=by.id,
        made_on=on,
    )
    db.session.add(made)
    take_step(row, EntryVerb.OBJECT, words=made.words, by=by, on=on)
    days, source, _ = papers.working_days(row, "credit.objection_mark", on, on)
    calendar.start_clock(MARK, of=row, subject=made.id, label="名单异议：标注", start=on, count=days, basis=source)
    _told(made, "object", by, on)
    return made


def _told(made: ListObjection, verb: str, by: Actor, on: date) -> None:
    db.session.flush()
    audit.record(
        events.ListObjectionTaken(subject=made.id, by=by.id, on=on, entry_id=made.entry_id, verb=verb, after=made.state.value)
    )


def _objection(list_objection_id: UUID, verb: ObjectionVerb, by: Actor) -> tuple[ListObjection, ListEntry]:
    made = queries.objection(list_objection_id, seen_by=by)
    row = queries.entry(made.entry_id, seen_by=by, lock=True)
    made = queries.objection(list_objection_id, seen_by=by, lock=True)
    law.objection_step(made.state, verb, by.posts)
    if by.authority_id != row.authority_id:
        raise Refused("listing.other_authority", "异议由作出列入决定的机关处理")
    return made, row


def mark_objection(list_objection_id: UUID, *, by: Actor, on: date) -> ListObjection:
    """Mark an entry as objected to (标注异议): the public sees the mark at once."""
    made, row = _objection(list_objection_id, ObjectionVerb.MARK, by)
    made.state = law.objection_step(made.state, ObjectionVerb.MARK, by.posts)
    made.marked_by, made.marked_on = by.id, on
    calendar.meet_clock(MARK, made.id, on)
    days, source, _ = papers.working_days(row, "credit.objection_decide", made.made_on, on)
    calendar.start_clock(ANSWER, of=row, subject=made.id, label="名单异议：答复", start=made.made_on, count=days, basis=source)
    _told(made, ObjectionVerb.MARK.value, by, on)
    if row.state is EntryState.PUBLISHED:
        note_public(row, "marked", by=by, on=on)
    return made


def answer_objection(
    list_objection_id: UUID,
    verb: ObjectionVerb,
    *,
    answer: str,
    public_reason: str = "",
    by: Actor,
    at: datetime,
    on: date,
) -> ListObjection:
    """Answer an objection (答复异议), by another person than who proposed, decided or marked.

    Corrected: the new public text, written by somebody else, is cleared with the answer. Upheld: the entry is annulled.
    """
    made, row = _objection(list_objection_id, verb, by)
    law.check_another(
        str(by.id),
        [str(made.listed_by), str(made.proposed_by), str(made.marked_by)],
        "提出、决定列入和标注异议的人不能答复异议，请由另一名审核人员或负责人办理",
    )
    made.state = law.objection_step(made.state, verb, by.posts)
    made.decided_by, made.decided_on = by.id, on
    made.answer = needed(answer, "objection.answer", "请写明核实情况和答复")
    calendar.meet_clock(ANSWER, made.id, on)
    _told(made, verb.value, by, on)
    if verb is ObjectionVerb.CORRECT:
        clear_public_text(row.id, by=by, on=on)
    if verb is ObjectionVerb.UPHOLD:
        annul(row.id, reason=made.answer, public_reason=public_reason, decided_on=on, by=by, at=at, on=on)
    elif row.state is EntryState.PUBLISHED:
        note_public(row, "unmarked", by=by, on=on)
    return made


def annul(
    list_entry_id: UUID, *, reason: str, public_reason: str, decided_on: date, by: Actor, at: datetime, on: date
) -> ListEntry:
    """Annul an entry that should never have been made (撤销列入): off at once, the reason made public, by another person.

    `decided_on` is the day on which it was found, or a review or a court annulled it; taking off is due three working days later.
    """
    row = locked(list_entry_id, EntryVerb.ANNUL, by)
    law.check_another(str(by.id), [str(row.decided_by)], "作出列入决定的人不能自己撤销，请由另一名审核人员或负责人办理")
    check_day(decided_on, after=row.decided_on, on=on, what="撤销日期")
    words = needed(reason, "listing.reason", "请写明撤销的理由")
    shown = needed(public_reason, "listing.public_reason", "撤销须公开说明理由，请拟写公开的理由（不写当事人和他人姓名）")
    check_clean(row, shown)
    if row.subject_name in shown:
        raise Refused("listing.public_reason_name", "公开的撤销理由里不要再写当事人名称")
    _, _, due = papers.working_days(row, "credit.withdraw", decided_on, on)
    late = "" if on <= due.on else f"（应于 {due.on.isoformat()} 前撤下，已逾期）"
    number = papers.take_number(row.authority_id, DocumentKind.LIST_ANNULMENT, on)
    row.end_reason = words
    papers.issue_annulment(row, number, by=by, at=at, on=on)
    _close_questions(row, by, on)
    _end(row, EntryVerb.ANNUL, reason=words + late, by=by, on=on, end_public_reason=shown, end_number=number)
    return row


def _close_questions(row: ListEntry, by: Actor, on: date) -> None:
    """What was still asked about an entry falls away with it (未结事项终止)."""
    for made in queries.objections(row.id, seen_by=by):
        calendar.drop_clock(MARK, made.id, on)
        calendar.drop_clock(ANSWER, made.id, on)
    for asked in queries.applications(row.id, seen_by=by):
        calendar.drop_clock(ACCEPT, asked.id, on)
        calendar.drop_clock(REPAIR, asked.id, on)


# --- repair -----------------------------------------------------------------------------------------------------------


def apply_for_repair(
    list_entry_id: UUID,
    *,
    corrected: str,
    promise: bool,
    uploads: Sequence[CleanUpload] = (),
    by: Actor,
    at: datetime,
    on: date,
) -> RepairApplication:
    """Apply for removal (申请移出): not before `earliest_repair_on`, with what was put right and a promise."""
    row = locked(list_entry_id, EntryVerb.APPLY_REPAIR, by)
    assert row.earliest_repair_on is not None
    assert row.decided_by is not None
    law.check_application(
        earliest=row.earliest_repair_on,
        on=on,
        corrected=corrected,
        promise=promise,
        open_already=queries.open_application(row.id, seen_by=by) is not None,
    )
    kept = [str(archive.keep_blob(u, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on).id) for u in uploads]
    asked = RepairApplication(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        entry_id=row.id,
        listed_by=row.decided_by,
        proposed_by=row.proposed_by,
        earliest_on=row.earliest_repair_on,
        corrected=corrected.strip(),
        promise=promise,
        evidence=kept,
        applied_by=by.id,
        applied_on=on,
    )
    db.session.add(asked)
    take_step(row, EntryVerb.APPLY_REPAIR, words=asked.corrected, by=by, on=on)
    days, source, _ = papers.working_days(row, "credit.removal_accept", on, on)
    calendar.start_clock(ACCEPT, of=row, subject=asked.id, label="移出申请：是否受理", start=on, count=days, basis=source)
    _asked(asked, "apply", by, on)
    return asked


def _asked(asked: RepairApplication, verb: str, by: Actor, on: date) -> None:
    db.session.flush()
    audit.record(
        events.RepairStepTaken(subject=asked.id, by=by.id, on=on, entry_id=asked.entry_id, verb=verb, after=asked.state.value)
    )


def _application(repair_application_id: UUID, verb: RepairVerb, by: Actor) -> tuple[RepairApplication, ListEntry]:
    asked = queries.application(repair_application_id, seen_by=by)
    row = queries.entry(asked.entry_id, seen_by=by, lock=True)
    asked = queries.application(repair_application_id, seen_by=by, lock=True)
    law.repair_step(asked.state, verb, by.posts)
    decides = verb in (RepairVerb.APPROVE, RepairVerb.REFUSE)
    if by.posts.isdisjoint(PROVIDER_POSTS) and not decides and by.authority_id != row.authority_id:
        raise Refused("listing.other_authority", "移出申请由作出列入决定的机关受理")
    return asked, row


def accept_application(repair_application_id: UUID, *, by: Actor, on: date) -> RepairApplication:
    """Accept an application (受理移出申请): the term for the answer runs."""
    asked, row = _application(repair_application_id, RepairVerb.ACCEPT, by)
    asked.state = law.repair_step(asked.state, RepairVerb.ACCEPT, by.posts)
    asked.accepted_by, asked.accepted_on = by.id, on
    calendar.meet_clock(ACCEPT, asked.id, on)
    days, source, _ = papers.working_days(row, "credit.removal_answer", on, on)
    calendar.start_clock(REPAIR, of=row, subject=asked.id, label="移出申请：作出决定", start=on, count=days, basis=source)
    _asked(asked, RepairVerb.ACCEPT.value, by, on)
    return asked


def refuse_acceptance(repair_application_id: UUID, *, reason: str, by: Actor, on: date) -> RepairApplication:
    """Refuse to accept an application (不予受理), with the reason."""
    asked, _ = _application(repair_application_id, RepairVerb.NOT_ACCEPT, by)
    asked.state = law.repair_step(asked.state, RepairVerb.NOT_ACCEPT, by.posts)
    asked.answer = needed(reason, "repair.reason", "请写明不予受理的理由和需要补齐的条件")
    calendar.meet_clock(ACCEPT, asked.id, on)
    _asked(asked, RepairVerb.NOT_ACCEPT.value, by, on)
    return asked


def ask_for_more(repair_application_id: UUID, *, what: str, by: Actor, on: date) -> RepairApplication:
    """Ask for papers that are missing (通知补正): the term pauses until they come."""
    asked, _ = _application(repair_application_id, RepairVerb.ASK_MORE, by)
    asked.state = law.repair_step(asked.state, RepairVerb.ASK_MORE, by.posts)
    asked.asked_for, asked.paused_on = needed(what, "repair.what", "请写明需要补正的材料"), on
    calendar.drop_clock(REPAIR, asked.id, on)
    _asked(asked, RepairVerb.ASK_MORE.value, by, on)
    return asked


def receive_more(
    repair_application_id: UUID, *, uploads: Sequence[CleanUpload] = (), words: str = "", by: Actor, at: datetime, on: date
) -> RepairApplication:
    """Take in what was missing (补正材料收到): the term goes on with the days that were left."""
    asked, row = _application(repair_application_id, RepairVerb.MORE_CAME, by)
    assert asked.accepted_on is not None
    assert asked.paused_on is not None
    asked.state = law.repair_step(asked.state, RepairVerb.MORE_CAME, by.posts)
    kept = [str(archive.keep_blob(u, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on).id) for u in uploads]
    asked.evidence = [*asked.evidence, *kept]
    if words.strip():
        asked.corrected = f"{asked.corrected}\n补正（{on.isoformat()}）：{words.strip()}"
    left = _days_left(asked)
    _, source, _ = papers.working_days(row, "credit.removal_answer", on, on)
    basis = f"{source}；{asked.paused_on.isoformat()} 至 {on.isoformat()} 补正，期限中止"
    calendar.start_clock(REPAIR, of=row, subject=asked.id, label="移出申请：作出决定", start=on, count=left, basis=basis)
    asked.paused_on = None
    _asked(asked, RepairVerb.MORE_CAME.value, by, on)
    return asked


def _days_left(asked: RepairApplication) -> int:
    """Days of the answer's term not used before the pause (剩余工作日), from the clock that was stopped with it."""
    stopped = queries.stopped_clock(REPAIR, asked.id)
    assert stopped is not None
    assert asked.paused_on is not None
    return max(dates.days_left(calendar.calendar(), stopped.start_on, stopped.count, asked.paused_on), 0)


def decide_repair(
    repair_application_id: UUID, *, approve: bool, answer: str, by: Actor, at: datetime, on: date
) -> RepairApplication:
    """Decide on removal (决定移出或者不移出): the bureau that listed, another person; then everything is undone together."""
    verb = RepairVerb.APPROVE if approve else RepairVerb.REFUSE
    asked, row = _application(repair_application_id, verb, by)
    superior = regions.superior(row.authority)
    law.check_bureau(
        own=str(by.authority_id) if by.authority_id else None,
        listed_by=str(row.authority_id),
        superior=str(superior.id) if superior else None,
        competence=queries.competence(row.scope_path, on),
    )
    law.check_another(
        str(by.id),
        [str(asked.listed_by), str(asked.proposed_by), str(asked.accepted_by)],
        "提出、决定列入和受理申请的人不能决定移出，请由另一名审核人员或负责人办理",
    )
    words = needed(answer, "repair.answer", "请写明审查情况和理由")
    asked.number = papers.take_number(row.authority_id, DocumentKind.REPAIR_DECISION, on)
    asked.state = law.repair_step(asked.state, verb, by.posts)
    asked.decided_by, asked.decided_on, asked.answer = by.id, on, words
    calendar.meet_clock(REPAIR, asked.id, on)
    papers.issue_repair_answer(
        row, asked.number, approved=approve, answer=words, applied_on=asked.applied_on, by=by, at=at, on=on
    )
    _asked(asked, verb.value, by, on)
    if approve:
        _close_questions(row, by, on)
        _end(row, EntryVerb.REMOVE, reason=words, by=by, on=on, repair_id=asked.id, end_number=asked.number)
    return asked


def withdraw_application(repair_application_id: UUID, *, by: Actor, on: date) -> RepairApplication:
    """Withdraw an application (撤回移出申请)."""
    asked, _ = _application(repair_application_id, RepairVerb.WITHDRAW, by)
    asked.state = law.repair_step(asked.state, RepairVerb.WITHDRAW, by.posts)
    for kind in (ACCEPT, REPAIR):
        calendar.drop_clock(kind, asked.id, on)
    _asked(asked, RepairVerb.WITHDRAW.value, by, on)
    return asked


# --- expiry -----------------------------------------------------------------------------------------------------------


def expire(list_entry_id: UUID, *, on: date) -> None:
    """Close an entry whose last day has passed (期满退出): housekeeping; the public stopped seeing it by the date alone."""
    row = locked(list_entry_id, EntryVerb.EXPIRE, SYSTEM)
    if row.max_end is None or row.max_end >= on:
        return
    _close_questions(row, SYSTEM, on)
    _end(row, EntryVerb.EXPIRE, reason=f"公示期至 {row.max_end.isoformat()} 届满", by=SYSTEM, on=on)
