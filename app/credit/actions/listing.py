"""Verbs of the list (名单办理): from a clue to publication, each step by the post that the table names, none skipped.

Every step locks the entry, asks the rules, adds a line to its history and records its event. Objections, removal, annulment and
expiry stand in listing_ends.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from app.archive import actions as archive
from app.archive.rules import BlobKind, DocumentKind
from app.core import audit, calendar
from app.core.actor import PROVIDER_POSTS, SYSTEM, Actor
from app.core.db import db
from app.core.identifiers import IdentityNumber, IdType, check_identity
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.credit import events
from app.credit.actions import listing_papers as papers
from app.credit.models.listing import GroundConfirmation, ListAlert, ListEntry, ListMeasure, ListStatement, ListStep
from app.credit.queries import listing as queries
from app.credit.rules import dates
from app.credit.rules import listing as law
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import (
    ClueSource,
    EntryState,
    EntryVerb,
    ListKind,
    PenaltyKind,
    PublicationBar,
    SubjectKind,
)
from app.credit.rules.redaction import marks
from app.inspections.rules.papers import ServiceWay, check_service
from app.providers import queries as providers
from app.regions import queries as regions

DEFENCE, DECISION, SERVICE, PUBLICATION = "listing.defence", "listing.decision", "listing.service", "listing.publish"


def needed(words: str, code: str, sentence: str) -> str:
    """Words that may not be empty (必填文字), trimmed."""
    if not words.strip():
        raise Refused(code, sentence)
    return words.strip()


def take_step(
    row: ListEntry, verb: EntryVerb, *, words: str = "", by: Actor, on: date, also: dict[str, object] | None = None
) -> None:
    """Move an entry (办理一步) as the table says, together with the columns `also`; a line of history; the event."""
    before = row.state
    after = law.step(before, verb, by.posts)
    for name, value in (also or {}).items():
        setattr(row, name, value)
    row.state = after
    db.session.add(
        ListStep(
            scope_path=row.scope_path,
            provider_id=row.provider_id,
            site_id=row.site_id,
            entry_id=row.id,
            verb=verb,
            before=before,
            after=after,
            words=words,
            by=by.id,
            on=on,
        )
    )
    db.session.flush()
    audit.record(
        events.ListingStepTaken(
            subject=row.id, by=by.id, on=on, provider_id=row.provider_id, verb=verb.value, before=before.value, after=after.value
        )
    )


def locked(list_entry_id: UUID, verb: EntryVerb, by: Actor) -> ListEntry:
    """The entry, locked, when the table lets this actor do this (锁定条目)."""
    row = queries.entry(list_entry_id, seen_by=by, lock=True)
    law.step(row.state, verb, by.posts)
    if by.authority_id is not None and by.authority_id != row.authority_id and verb is not EntryVerb.REMOVE:
        raise Refused("listing.other_authority", "这件名单由另一机关办理（谁列入、谁负责），本机关只能查看")
    if not by.posts.isdisjoint(PROVIDER_POSTS) and row.subject_kind is SubjectKind.PERSON:
        raise Refused("listing.person_himself", "当事人是从业人员本人，由本人向机关提出，机构不能代办")
    return row


def check_day(day: date, *, after: date | None, on: date, what: str) -> None:
    """Refuse a day that lies in the future or before what went before (日期先后)."""
    if day > on or (after is not None and day < after):
        raise Refused("listing.day", f"{what}应在 {after.isoformat() if after else '办理'} 之后、今天之前")


# --- clue and proposal ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person of the case (涉案人员): an employee of the home."""

    name: str
    id_type: IdType = IdType.RESIDENT
    number: str = ""


@dataclass(frozen=True, slots=True)
class Clue:
    """What is reported (线索): facts without judgement, on which ground, against whom."""

    kind: ListKind
    table_code: str
    ground_code: str
    source: ClueSource
    source_words: str
    facts: str
    found_on: date
    organisation: bool = True
    persons: Sequence[PersonDraft] = ()
    other_names: Sequence[str] = ()
    penalty: PenaltyKind = PenaltyKind.NONE
    evidence: Sequence[CleanUpload] = field(default=())


def register_clue(site_id: UUID, clue: Clue, *, by: Actor, at: datetime, on: date) -> list[ListEntry]:
    """Register a clue about a home (登记线索): one entry a subject, each with its own decision and its own dates."""
    site = providers.site(site_id, seen_by=by)
    queries.check_lister(by, site.scope_path)
    table, ground = queries.ground_of(clue.table_code, clue.ground_code, path=site.scope_path, on=on)
    if table.list is not clue.kind:
        raise Refused("listing.table_kind", f"“{table.name}”用于{table.list.label}，请另选列入情形")
    check_day(clue.found_on, after=None, on=on, what="发现日期")
    facts = needed(clue.facts, "listing.facts", "请写明事实：时间、地点、行为、后果")
    source_words = needed(clue.source_words, "listing.source", "请写明线索来源，如检查编号、处罚决定书文号")
    if not clue.organisation and not clue.persons:
        raise Refused("listing.nobody", "请至少选择一个列入对象")
    case_id = uuid4()
    blobs = [str(archive.keep_blob(u, of=site, kind=BlobKind.EVIDENCE, by=by, at=at, on=on).id) for u in clue.evidence]
    body = site.organisation
    subjects: list[dict[str, object]] = []
    if clue.organisation:
        subjects.append(
            {
                "subject_kind": SubjectKind.ORGANISATION,
                "subject_name": body.name,
                "subject_code": body.uscc,
                "legal_representative": body.legal_representative,
            }
        )
    subjects += [_person(p, on) for p in clue.persons]
    rows = []
    for subject in subjects:
        kind = SubjectKind(str(subject["subject_kind"]))
        if kind not in ground.subjects:
            raise Refused("listing.ground_subject", f"“{ground.text}”不适用于{kind.label}，请另选列入情形")
        row = ListEntry(
            scope_path=site.scope_path,
            provider_id=site.provider_id,
            site_id=site.id,
            case_id=case_id,
            authority_id=by.authority_id,
            kind=clue.kind,
            state=law.FIRST,
            source=clue.source,
            source_words=source_words,
            facts=facts,
            other_names=[n.strip() for n in clue.other_names if n.strip()],
            penalty=clue.penalty,
            evidence=blobs,
            found_on=clue.found_on,
            clue_by=by.id,
            clue_on=on,
            table_code=table.code,
            table_edition=table.edition,
            table_sha=table.sha256,
            ground_code=ground.code,
            ground_text=ground.text,
            basis=f"《{table.name}》（{table.basis.split('，')[0]}）" if table.list is ListKind.LIST else table.name,
            list_name=table.list_name,
            reach=table.reach,
            **subject,
        )
        db.session.add(row)
        db.session.flush()
        audit.record(
            events.ListingStepTaken(
                subject=row.id, by=by.id, on=on, provider_id=row.provider_id, verb="clue", before="", after=row.state.value
            )
        )
        rows.append(row)
    return rows


def _person(draft: PersonDraft, on: date) -> dict[str, object]:
    name = needed(draft.name, "listing.person_name", "请填写从业人员姓名")
    number: IdentityNumber | None = None
    if draft.number.strip():
        number = check_identity(draft.id_type, draft.number, on=on).number
    return {
        "subject_kind": SubjectKind.PERSON,
        "subject_name": name,
        "person_id_type": draft.id_type if number else None,
        "person_number": number,
    }


def propose(
    list_entry_id: UUID, *, publication_class: PublicationClass, proposal: str = "", by: Actor, at: datetime, on: date
) -> ListEntry:
    """Propose to list (提出列入): the ground's text must stand, the class is the officer's choice; the notice is issued."""
    row = locked(list_entry_id, EntryVerb.PROPOSE, by)
    table = queries.table_of(row)
    ground = table.ground(row.ground_code)
    confirmed = queries.is_confirmed(row.authority_id, row.table_sha, row.ground_code)
    law.check_ground(ground, kind=row.kind, subject=row.subject_kind, confirmed=confirmed)
    if row.kind is ListKind.LIST:
        dates.rule_on(queries.rules_of_publication(), on).term(publication_class)
    row.proposed_by, row.proposed_on = by.id, on
    row.publication_class, row.proposal = publication_class, proposal.strip()
    number = papers.issue_notice(row, by=by, at=at, on=on)
    take_step(
        row,
        EntryVerb.PROPOSE,
        words=f"{number}，拟定分类：{publication_class.label}",
        by=by,
        on=on,
        also={"notice_number": number},
    )
    return row


def dismiss(list_entry_id: UUID, *, reason: str, by: Actor, on: date) -> ListEntry:
    """Find that there is nothing in a clue (认定线索不成立), by another person than who entered it."""
    row = locked(list_entry_id, EntryVerb.DISMISS, by)
    words = needed(reason, "listing.reason", "请写明线索不成立的理由")
    law.check_another(str(by.id), [str(row.clue_by)], "登记线索的人不能自己认定线索不成立，请由另一人办理")
    also = {"ended_on": on, "ended_by": by.id, "end_reason": words}
    take_step(row, EntryVerb.DISMISS, words=words, by=by, on=on, also=also)
    return row


# --- notice and defence -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Service:
    """How papers reached the party (送达): way, who signed, when; `note` as the way demands."""

    way: ServiceWay
    receiver: str
    served_on: date
    note: str = ""


def serve_notice(list_entry_id: UUID, service: Service, *, by: Actor, on: date) -> ListEntry:
    """Enter the service of the notice (登记告知书送达): the defence period runs from here."""
    row = locked(list_entry_id, EntryVerb.SERVE_NOTICE, by)
    check_service(service.way, receiver=service.receiver, note=service.note)
    check_day(service.served_on, after=row.proposed_on, on=on, what="送达日期")
    days, source, due = papers.working_days(row, "credit.defence", service.served_on, on)
    calendar.start_clock(
        DEFENCE,
        of=row,
        subject=row.id,
        label=f"{row.list_name}：陈述申辩期满",
        start=service.served_on,
        count=days,
        basis=source,
    )
    words = (
        f"{row.notice_number}，{service.way.label}，{service.receiver or '留置'}，{service.served_on.isoformat()}。{service.note}"
    )
    take_step(
        row,
        EntryVerb.SERVE_NOTICE,
        words=words.strip(),
        by=by,
        on=on,
        also={
            "notice_served_on": service.served_on,
            "notice_way": service.way,
            "notice_receiver": service.receiver.strip(),
            "notice_by": by.id,
            "defence_until": due.on,
            "defence_provisional": due.provisional,
        },
    )
    return row


def make_statement(
    list_entry_id: UUID, *, words: str, said_by: str = "", upload: CleanUpload | None = None, by: Actor, at: datetime, on: date
) -> ListStatement:
    """State and defend (陈述申辩) within the period; an officer takes down what was said by word of mouth."""
    row = locked(list_entry_id, EntryVerb.DEFEND, by)
    text = needed(words, "listing.statement", "请写明陈述、申辩的意见")
    until = defence_until(row)
    if on > until:
        raise Refused("listing.defence_over", f"陈述申辩期已于 {until.isoformat()} 届满；之后的意见可以在决定送达后提出异议")
    blob = archive.keep_blob(upload, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on) if upload else None
    own = not by.posts.isdisjoint(PROVIDER_POSTS)
    statement = ListStatement(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        entry_id=row.id,
        words=text,
        said_by=by.name if own else needed(said_by, "listing.said_by", "请填写陈述人"),
        blob_id=blob.id if blob else None,
        by=by.id,
        on=on,
        at=at,
    )
    db.session.add(statement)
    take_step(row, EntryVerb.DEFEND, words="收到陈述申辩", by=by, on=on)
    return statement


def defence_until(row: ListEntry) -> date:
    """The last day of the defence period (陈述申辩期末日): the clock's, which follows the calendar when it becomes official."""
    clock = calendar.open_clock(DEFENCE, row.id)
    last = clock.due_on if clock is not None else row.defence_until
    if last is None:
        raise Refused("listing.no_notice", "还没有登记告知书的送达日期")
    return last


def close_defence(list_entry_id: UUID, *, answer: str, by: Actor, on: date) -> ListEntry:
    """Close the defence after its last day, with what became of each statement, and hand the case to review (提交复核)."""
    row = locked(list_entry_id, EntryVerb.CLOSE_DEFENCE, by)
    until = defence_until(row)
    law.check_defence_closed(noticed_on=row.notice_served_on, defence_until=until, on=on)
    said = queries.statements(row.id, seen_by=by)
    words = answer.strip() or ("" if said else "期满未提出陈述、申辩。")
    words = needed(words, "listing.defence_answer", "当事人提出了陈述申辩，请逐条写明核实和采纳情况")
    calendar.meet_clock(DEFENCE, row.id, on)
    days, source, _ = papers.working_days(row, "credit.decision", until, on)
    calendar.start_clock(
        DECISION, of=row, subject=row.id, label=f"{row.list_name}：作出决定", start=until, count=days, basis=source
    )
    also = {"defence_until": until, "defence_closed_on": on, "defence_answer": words}
    take_step(row, EntryVerb.CLOSE_DEFENCE, words=words, by=by, on=on, also=also)
    return row


# --- review and decision ----------------------------------------------------------------------------------------------


def review(list_entry_id: UUID, *, words: str, by: Actor, on: date) -> ListEntry:
    """Review a proposal (复核), by another person than who proposed."""
    row = locked(list_entry_id, EntryVerb.REVIEW, by)
    law.check_reviewer(str(by.id), proposed_by=str(row.proposed_by))
    opinion = needed(words, "listing.review", "请写明复核意见：事实、证据、依据、程序")
    also = {"reviewed_by": by.id, "reviewed_on": on, "review_words": opinion}
    take_step(row, EntryVerb.REVIEW, words=opinion, by=by, on=on, also=also)
    return row


def send_back(list_entry_id: UUID, *, reason: str, by: Actor, on: date) -> ListEntry:
    """Send a proposal back (退回): what was told was not enough; a new notice with a new defence period follows."""
    row = locked(list_entry_id, EntryVerb.RETURN, by)
    law.check_reviewer(str(by.id), proposed_by=str(row.proposed_by))
    words = needed(reason, "listing.reason", "请写明退回理由")
    calendar.drop_clock(DECISION, row.id, on)
    cleared: dict[str, object] = dict.fromkeys(
        ("notice_number", "notice_served_on", "notice_way", "notice_receiver", "notice_by", "defence_until")
    )
    cleared |= {"defence_closed_on": None, "defence_answer": None, "proposed_by": None, "proposed_on": None}
    take_step(row, EntryVerb.RETURN, words=words, by=by, on=on, also=cleared)
    return row


def decide_list(list_entry_id: UUID, *, words: str, by: Actor, at: datetime, on: date) -> ListEntry:
    """Decide to list (决定列入), by the head: the terms of this day are frozen; decision and repair notice are issued together."""
    row = locked(list_entry_id, EntryVerb.DECIDE_LIST, by)
    _may_decide(row, by)
    assert row.publication_class is not None
    frozen = queries.terms_for(row.kind, row.publication_class, path=row.scope_path, decided_on=on)
    days, source, _ = papers.working_days(row, "penalty.publish", on, on)
    when = dates.timetable(on, frozen.terms, working_days=days, calendar=calendar.calendar())
    row.decided_by, row.decided_on = by.id, on
    row.decision_words = needed(words, "listing.decision", "请写明决定内容")
    row.decision_number = papers.take_number(row.authority_id, DocumentKind.LIST_DECISION, on)
    row.repair_notice_number = papers.take_number(row.authority_id, DocumentKind.REPAIR_NOTICE, on)
    row.rule_name, row.rule_edition, row.terms_source = frozen.rule_name, frozen.rule_edition, frozen.source
    row.min_months, row.max_months = frozen.terms.min_months, frozen.terms.max_months
    row.class_published = frozen.terms.published
    row.publish_due = when.publish_due.on if when.publish_due else None
    row.min_end, row.earliest_repair_on, row.max_end = when.min_end, when.earliest_repair_on, when.max_end
    papers.issue_decision(row, queries.table_of(row).measures, by=by, at=at, on=on)
    calendar.meet_clock(DECISION, row.id, on)
    serve_days, serve_source, _ = papers.working_days(row, "credit.service", on, on)
    calendar.start_clock(
        SERVICE, of=row, subject=row.id, label=f"{row.list_name}：两书送达", start=on, count=serve_days, basis=serve_source
    )
    if row.kind is ListKind.LIST and frozen.terms.published:
        calendar.start_clock(
            PUBLICATION, of=row, subject=row.id, label=f"{row.list_name}：公布", start=on, count=days, basis=source
        )
    take_step(row, EntryVerb.DECIDE_LIST, words=f"{row.decision_number}：{row.decision_words}", by=by, on=on)
    return row


def decide_not(list_entry_id: UUID, *, reason: str, by: Actor, at: datetime, on: date) -> ListEntry:
    """Decide not to list (不予列入), by the head."""
    row = locked(list_entry_id, EntryVerb.DECIDE_NOT, by)
    _may_decide(row, by)
    row.end_reason = needed(reason, "listing.reason", "请写明不予列入的理由")
    number = papers.issue_not_listed(row, by=by, at=at, on=on)
    calendar.meet_clock(DECISION, row.id, on)
    also = {"decided_by": by.id, "decided_on": on, "ended_on": on, "ended_by": by.id, "end_number": number}
    take_step(row, EntryVerb.DECIDE_NOT, words=f"{number}：{row.end_reason}", by=by, on=on, also=also)
    return row


def _may_decide(row: ListEntry, by: Actor) -> None:
    reviewed_by = str(row.reviewed_by) if row.reviewed_by else None
    law.check_decider(str(by.id), proposed_by=str(row.proposed_by), reviewed_by=reviewed_by)


# --- service and publication ------------------------------------------------------------------------------------------


def serve_decision(list_entry_id: UUID, service: Service, *, by: Actor, on: date) -> ListEntry:
    """Enter the service of both papers (两书同达): from here the entry has effect and its measures are imposed."""
    row = locked(list_entry_id, EntryVerb.SERVE_DECISION, by)
    law.check_served_together(decision_number=row.decision_number, repair_number=row.repair_notice_number)
    check_service(service.way, receiver=service.receiver, note=service.note)
    check_day(service.served_on, after=row.decided_on, on=on, what="送达日期")
    receiver = service.receiver.strip() or "留置"
    take_step(
        row,
        EntryVerb.SERVE_DECISION,
        words=f"{row.decision_number}、{row.repair_notice_number}一并送达，{service.way.label}，{receiver}，{service.served_on.isoformat()}",
        by=by,
        on=on,
        also={
            "decision_served_on": service.served_on,
            "repair_notice_served_on": service.served_on,
            "served_way": service.way,
            "served_receiver": receiver,
            "served_by": by.id,
        },
    )
    calendar.meet_clock(SERVICE, row.id, service.served_on)
    _impose(row, service.served_on)
    assert row.provider_id is not None
    audit.record(events.Listed(subject=row.id, by=by.id, on=on, provider_id=row.provider_id, tier=row.kind.value))
    return row


def _impose(row: ListEntry, on: date) -> None:
    for measure in queries.table_of(row).measures:
        confirmed = measure.confidence.works or queries.is_confirmed(row.authority_id, row.table_sha, measure.code)
        db.session.add(
            ListMeasure(
                scope_path=row.scope_path,
                provider_id=row.provider_id,
                site_id=row.site_id,
                entry_id=row.id,
                code=measure.code,
                words=measure.text,
                confirmed=confirmed,
                imposed_on=on,
            )
        )
    db.session.flush()


def _allowed_names(row: ListEntry) -> tuple[str, ...]:
    return tuple(n for n in (row.subject_name, row.legal_representative) if n)


def check_clean(row: ListEntry, text: str) -> None:
    """Refuse a text in which something still points at somebody else (公示前脱敏核对), naming each place."""
    left = marks(text, others=row.other_names, allowed=_allowed_names(row))
    if left:
        shown = "、".join(f"{m.kind.label}“{m.text}”" for m in left)
        raise Refused("listing.not_redacted", f"公示文字里还有不能公开的内容，请改写后再交：{shown}")


def write_public_text(
    list_entry_id: UUID, *, words: str, bar: PublicationBar = PublicationBar.NONE, by: Actor, on: date
) -> ListEntry:
    """Write what the public shall read (拟公示文字), redacted. It is shown only once another person has cleared it."""
    row = locked(list_entry_id, EntryVerb.WRITE_PUBLIC, by)
    text = needed(words, "listing.public_text", "请拟写公示文字")
    check_clean(row, text)
    also = {"public_draft": text, "public_draft_by": by.id, "publication_bar": bar}
    take_step(row, EntryVerb.WRITE_PUBLIC, words=text, by=by, on=on, also=also)
    return row


def clear_public_text(list_entry_id: UUID, *, by: Actor, on: date) -> ListEntry:
    """Clear the text for the public (核定公示文字), by another person than who wrote it."""
    row = locked(list_entry_id, EntryVerb.CLEAR_PUBLIC, by)
    _clear(row, by, on)
    take_step(row, EntryVerb.CLEAR_PUBLIC, words="公示文字已核定", by=by, on=on)
    if row.publication_bar is not PublicationBar.NONE:
        calendar.drop_clock(PUBLICATION, row.id, on)  # what may not be published is not late
    if row.state is EntryState.PUBLISHED:
        note_public(row, "reworded", by=by, on=on)
    return row


def _clear(row: ListEntry, by: Actor, on: date) -> None:
    law.check_text_clearer(str(by.id), written_by=str(row.public_draft_by) if row.public_draft_by else None)
    assert row.public_draft is not None
    check_clean(row, row.public_draft)
    row.public_text, row.public_text_by = row.public_draft, row.public_draft_by
    row.public_text_cleared_by, row.public_text_cleared_on = by.id, on
    row.public_draft, row.public_draft_by = None, None


def publish(list_entry_id: UUID, *, needed_because: str = "", by: Actor, on: date) -> ListEntry:
    """Publish an entry (公布). It leaves the public by itself after its last day; nobody has to run anything."""
    row = locked(list_entry_id, EntryVerb.PUBLISH, by)
    assert row.decided_on is not None
    assert row.max_end is not None
    law.check_publication(
        kind=row.kind,
        published=bool(row.class_published),
        needed=bool(needed_because.strip()),
        bar=row.publication_bar,
        text_cleared=row.public_text is not None and row.public_text_cleared_by is not None,
        served_on=row.decision_served_on,
        decided_on=row.decided_on,
        last_day=row.max_end,
        on=on,
    )
    also = {"published_on": on, "published_by": by.id, "publish_reason": needed_because.strip() or None}
    take_step(row, EntryVerb.PUBLISH, words=f"公布至 {row.max_end.isoformat()}", by=by, on=on, also=also)
    calendar.meet_clock(PUBLICATION, row.id, on)
    note_public(row, "published", by=by, on=on)
    return row


def note_public(row: ListEntry, what: str, *, by: Actor, on: date) -> None:
    """Tell that what the public sees of an entry changed (公示有变化)."""
    audit.record(events.ListingPublicationChanged(subject=row.id, by=by.id, on=on, provider_id=row.provider_id, what=what))


# --- grounds ----------------------------------------------------------------------------------------------------------


def confirm_ground(table_code: str, code: str, *, against: str, by: Actor, on: date) -> GroundConfirmation:
    """Confirm the text of a ground or measure for one's own authority (确认条文): who, when, against which text."""
    if by.authority_id is None:
        raise Refused("listing.authority", "只能为本机关确认条文")
    path = regions.authority(by.authority_id).path
    table = next((t for t in queries.tables_at(path, on) if t.code == table_code), None)
    if table is None or code not in {g.code for g in table.grounds} | {m.code for m in table.measures}:
        raise Refused("listing.ground", "没有这一项，请在列入情形表中另选")
    if queries.is_confirmed(by.authority_id, table.sha256, code):
        raise Refused("listing.confirmed", "这一项已经确认过")
    row = GroundConfirmation(
        authority_id=by.authority_id,
        table_code=table.code,
        table_sha=table.sha256,
        ground_code=code,
        against=needed(against, "listing.against", "请写明对照的正式文本：文件名、版本、来源"),
        by=by.id,
        on=on,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.GroundConfirmed(
            subject=by.authority_id, by=by.id, on=on, table_code=table.code, ground_code=code, table_sha=table.sha256
        )
    )
    return row


# --- alerts -----------------------------------------------------------------------------------------------------------


def give_alert(list_entry_id: UUID, kind: str, due_on: date, *, on: date) -> bool:
    """Give a warning once (提醒一次): False when it was given before, by this or another timetable."""
    row = queries.entry(list_entry_id, seen_by=SYSTEM)
    statement = (
        insert(ListAlert)
        .values(
            id=uuid4(),
            scope_path=row.scope_path,
            provider_id=row.provider_id,
            site_id=row.site_id,
            entry_id=row.id,
            kind=kind,
            due_on=due_on,
            given_on=on,
        )
        .on_conflict_do_nothing(index_elements=["entry_id", "kind", "due_on"])
        .returning(ListAlert.id)
    )
    if db.session.execute(statement).first() is None:
        return False
    audit.record(events.ListAlertGiven(subject=row.id, by=SYSTEM.id, on=on, kind=kind, due_on=due_on))
    return True
