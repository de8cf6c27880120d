"""What the pages show (投诉页面): one complaint with its clocks, story and next step; what the complainant sees; the home's view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.models import Account
from app.archive import queries as archive
from app.complaints import queries
from app.complaints.models import Complaint, ComplaintPause, ContactReveal, Inquiry
from app.complaints.queries.lists import NEAREST
from app.complaints.rules.clocks import UNIT_LABELS, Light, TermsTable, light
from app.complaints.rules.kinds import Duty, InquiryState, State, Verb
from app.complaints.rules.machine import NEXT, OPEN, possible
from app.core import calendar
from app.core.actor import Actor
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.inspections.queries import tasks
from app.providers.models import Site
from app.regions import queries as regions
from app.regions.models import Authority

TONES: Final[Mapping[Verb, str]] = {
    Verb.MARK_URGENT: "veto",
    Verb.SETTLE_URGENT: "ok",
    Verb.PAUSE: "na",
    Verb.DECLINE: "na",
    Verb.SEND_BACK: "bad",
    Verb.ANSWER: "ok",
    Verb.CLOSE: "ok",
    Verb.ARCHIVE: "ok",
}

# The act that a state waits for, its name among the page's forms and who it is up to.
NEXT_ACT: Final[Mapping[State, tuple[str, str]]] = {
    State.REGISTERED: ("classify", "先分类：走哪条途径，期限就从哪条算。不属本机关的，转办或退回。"),
    State.CLASSIFIED: ("accept", "决定是否受理，并让投诉人知道。"),
    State.ACCEPTED: ("assign", "派单：谁来核实。"),
    State.INVESTIGATING: ("find", "向机构核实事实，查证后提出处理意见。"),
    State.SUSPENDED: ("resume", "中止的事由消除后恢复办理，期限接着算。"),
    State.FOUND: ("review", "由另一名审核人员审核处理意见。"),
    State.REVIEWED: ("answer", "把结果告诉投诉人。"),
    State.MERGED: ("answer", "主办件审核通过后，逐件答复。"),
    State.ANSWERED: ("call_back", "由没有参与核实的人回访，记下满意度。"),
    State.CALLED_BACK: ("close", "回访完毕，可以办结。"),
    State.CLOSED: ("archive", "归档。"),
    State.DECLINED: ("archive", "已告知投诉人，归档。"),
    State.FORWARDED: ("archive", "已告知投诉人，归档。"),
    State.RETURNED: ("archive", "已退回，归档。"),
    State.ARCHIVED: ("", "已归档，没有要办的。"),
}


@dataclass(frozen=True, slots=True)
class Running:
    """A running clock as a page draws it (期限)."""

    label: str
    due: date
    basis: str
    light: Light
    provisional: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A file on a page (材料)."""

    id: UUID
    name: str
    picture: bool


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """Everything an officer needs about one complaint (投诉办理页)."""

    row: Complaint
    site: Site | None
    office: str
    ours: bool
    clocks: Sequence[Running]
    acts: frozenset[str]
    next_act: str
    next_words: str
    steps: Sequence[dict[str, Any]]
    events: Sequence[dict[str, Any]]
    files: Sequence[Shown]
    inquiries: Sequence[tuple[Inquiry, Sequence[Shown]]]
    followers: Sequence[Complaint]
    lead: Complaint | None
    duplicates: Sequence[Complaint]
    pauses: Sequence[ComplaintPause]
    reveals: Sequence[tuple[ContactReveal, str]]
    task_number: str
    terms: TermsTable
    names: Mapping[UUID, str]


def _names(ids: set[UUID | None]) -> dict[UUID, str]:
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_([i for i in ids if i])))
    return {row.id: row.name for row in rows}


def running(clock: Deadline, on: date) -> Running:
    """A clock with its light (期限灯)."""
    shown = light(clock.start_on, clock.due_on, clock.count, clock.unit.value, calendar.calendar(), on=on)  # type: ignore[arg-type]
    return Running(Duty(clock.kind).label, clock.due_on, clock.basis, shown, clock.provisional)


def _shown(ids: Sequence[UUID], seen_by: Actor) -> list[Shown]:
    blobs = [archive.blob(blob_id, seen_by=seen_by) for blob_id in ids]
    return [Shown(blob.id, blob.file_name, blob.content_type == "image/jpeg") for blob in blobs]


def complaint_page(complaint_id: UUID, *, seen_by: Actor, on: date) -> ComplaintPage:
    """One complaint as the actor may see it (投诉办理页)."""
    row = queries.complaint(complaint_id, seen_by=seen_by)
    ours = row.authority_id == seen_by.authority_id
    verbs = possible(row.state, seen_by.posts) if ours else ()
    pauses, asked = queries.pauses(row.id, seen_by=seen_by), queries.inquiries_about(row.id, seen_by=seen_by)
    told, seen = queries.steps(row.id, seen_by=seen_by), queries.reveals(row.id, seen_by=seen_by)
    people: set[UUID | None] = {row.handler_id, row.found_by, row.reviewed_by}
    names = _names(people | {line.by for line in told} | {look.by for look in seen})
    act, words = _next(row, asked, on)
    return ComplaintPage(
        row=row,
        site=queries.home(row, seen_by=seen_by),
        office=regions.authority(row.authority_id).name,
        ours=ours,
        clocks=[running(clock, on) for clock in queries.clocks(row.id, seen_by=seen_by)],
        acts=frozenset(verb.value for verb in verbs if _makes_sense(verb, row, bool(pauses), asked)),
        next_act=act,
        next_words=words,
        steps=_progress(row),
        events=_events(told, asked, names),
        files=_shown([file.blob_id for file in queries.files(row.id, seen_by=seen_by)], seen_by),
        inquiries=[(one, _shown([UUID(i) for i in one.files], seen_by)) for one in asked],
        followers=queries.followers(row.id, seen_by=seen_by),
        lead=queries.complaint(row.merged_into_id, seen_by=seen_by) if row.merged_into_id else None,
        duplicates=queries.likely_duplicates(row, seen_by=seen_by) if row.state in OPEN else (),
        pauses=pauses,
        reveals=[(look, names.get(look.by, "")) for look in seen],
        task_number=tasks.task(row.task_id, seen_by=seen_by).number if row.task_id else "",
        terms=queries.terms(row.scope_path, on),
        names=names,
    )


def _next(row: Complaint, asked: Sequence[Inquiry], on: date) -> tuple[str, str]:
    """What comes next (下一步): the state says it; while it is verified, whether the home was heard says more."""
    if row.urgent and row.urgent_settled_at is None and row.state is not State.ARCHIVED:
        return "settle_urgent", "先救人：确认安全、报警或送医、向上报告，写下已采取的处置。其他的随后再办。"
    if row.state is not State.INVESTIGATING:
        if row.state is State.ANSWERED and not row.reachable:
            return "close", "投诉人没有留电话，不用回访，可以办结。"
        return NEXT_ACT[row.state]
    waiting = next((one for one in asked if one.state is InquiryState.SENT), None)
    if row.about_site_id is None:
        return "classify", "还没有确定是哪家机构，请先在分类里选定；确实无法确定的，直接提出处理意见。"
    if not asked:
        return "ask", "先把事实发给机构，听它怎么说；再查证，提出处理意见。"
    if waiting is not None and on <= waiting.due_on:
        day = f"{waiting.due_on.month}月{waiting.due_on.day}日"
        return "", f"等机构说明，最迟{day}。说明到了或过期后，提出处理意见；其间可以现场查证。"
    return NEXT_ACT[row.state]


def _makes_sense(verb: Verb, row: Complaint, paused: bool, asked: Sequence[Inquiry]) -> bool:
    """Whether a button is offered; the verb itself decides."""
    match verb:
        case Verb.CLASSIFY:
            return not (row.extension or paused)
        case Verb.CLOSE:
            return row.state is State.CALLED_BACK or not row.reachable
        case Verb.CALL_BACK:
            return row.reachable
        case Verb.RETURN:
            return row.channel.value == "transfer"
        case Verb.MARK_URGENT:
            return not row.urgent
        case Verb.SETTLE_URGENT:
            return row.urgent and row.urgent_settled_at is None
        case Verb.ASK:
            return row.about_site_id is not None and all(one.state.value != "sent" for one in asked)
        case Verb.ASK_EXTENSION:
            return not row.extension and not row.extension_asked
        case Verb.DECIDE_EXTENSION:
            return row.extension_asked > 0
        case Verb.OPEN_CASE:
            return row.about_site_id is not None and row.task_id is None and (row.finding is None or row.finding.confirmed)
        case _:
            return True


_ROAD: Final = (
    ("登记", State.REGISTERED, "received_on"),
    ("分类", State.CLASSIFIED, ""),
    ("受理", State.ACCEPTED, "accepted_on"),
    ("核实", State.INVESTIGATING, "found_on"),
    ("审核", State.FOUND, "reviewed_on"),
    ("答复", State.REVIEWED, ""),
    ("回访", State.ANSWERED, "called_back_on"),
    ("办结", State.CALLED_BACK, "closed_on"),
    ("归档", State.CLOSED, "archived_on"),
)
_PLACE: Final[Mapping[State, int]] = {
    State.REGISTERED: 1,
    State.CLASSIFIED: 2,
    State.ACCEPTED: 3,
    State.INVESTIGATING: 3,
    State.SUSPENDED: 3,
    State.MERGED: 5,
    State.FOUND: 4,
    State.REVIEWED: 5,
    State.ANSWERED: 6,
    State.CALLED_BACK: 7,
    State.CLOSED: 8,
    State.ARCHIVED: 9,
    State.DECLINED: 8,
    State.FORWARDED: 8,
    State.RETURNED: 8,
}
_SHORT: Final = frozenset({State.DECLINED, State.FORWARDED, State.RETURNED})


def _progress(row: Complaint) -> list[dict[str, Any]]:
    """Where the complaint stands on its road (办理进度)."""
    if row.state in _SHORT or (row.state is State.ARCHIVED and row.finding is None and row.merged_into_id is None):
        ended = row.state is State.ARCHIVED
        return [
            {"label": "登记", "state": "done", "note": str(row.received_on)},
            {"label": "不在本机关办理" if ended else row.state.label, "state": "stopped"},
            {"label": "归档", "state": "done" if ended else "now"},
        ]
    place = _PLACE[row.state]
    return [
        {
            "label": label,
            "state": "done" if n < place else "now" if n == place else "next",
            "note": str(getattr(row, field) or "") if field else "",
        }
        for n, (label, _, field) in enumerate(_ROAD)
    ]


def _events(told: Sequence[Any], asked: Sequence[Inquiry], names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    found = [
        {
            "when": line.at,
            "title": line.verb.label,
            "text": "，".join(
                part for part in (names.get(line.by, "投诉人" if line.verb in PUBLIC_VERBS else ""), line.note) if part
            ),
            "tone": TONES.get(line.verb, "info"),
        }
        for line in reversed(told)
    ]
    found += [
        {"when": one.replied_at, "title": "机构说明情况", "text": one.number, "tone": "ok"} for one in asked if one.replied_at
    ]
    return sorted(found, key=lambda event: event["when"], reverse=True)


PUBLIC_VERBS: Final = frozenset({Verb.SUPPLEMENT, Verb.RATE, Verb.REGISTER})


# --- the complainant --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What the complainant sees by the code (办理查询): no officer's name, no internal reasons."""

    number: str
    received_on: date
    about: str
    word: str
    tone: str
    steps: Sequence[dict[str, Any]]
    due: date | None
    due_words: str
    pause: str
    answer: str
    answered_at: datetime | None
    may_supplement: bool
    may_rate: bool
    rated: str
    office: str
    phone: str
    urgent: bool
    petition: bool
    files: int


_PUBLIC_WORDS: Final[Mapping[State, tuple[str, str]]] = {
    State.REGISTERED: ("已收到，正在分类", "info"),
    State.CLASSIFIED: ("已分类，正在决定是否受理", "info"),
    State.ACCEPTED: ("已受理", "info"),
    State.INVESTIGATING: ("正在核实", "info"),
    State.MERGED: ("正在核实（与同类反映一起办理，会单独答复您）", "info"),
    State.FOUND: ("正在核实", "info"),
    State.REVIEWED: ("核实完毕，准备答复", "info"),
    State.SUSPENDED: ("中止", "wait"),
    State.ANSWERED: ("已答复", "ok"),
    State.CALLED_BACK: ("已答复", "ok"),
    State.CLOSED: ("已办结", "ok"),
    State.ARCHIVED: ("已办结", "ok"),
    State.DECLINED: ("不予受理", "na"),
    State.FORWARDED: ("已转其他部门", "na"),
    State.RETURNED: ("已退回转来部门", "na"),
}
_PUBLIC_ROAD: Final = ("收到", "受理", "核实", "答复", "办结")
_PUBLIC_PLACE: Final[Mapping[State, int]] = {
    State.REGISTERED: 1,
    State.CLASSIFIED: 1,
    State.ACCEPTED: 2,
    State.INVESTIGATING: 2,
    State.SUSPENDED: 2,
    State.MERGED: 2,
    State.FOUND: 2,
    State.REVIEWED: 3,
    State.ANSWERED: 4,
    State.CALLED_BACK: 4,
    State.CLOSED: 5,
    State.ARCHIVED: 5,
}


def status_page(code: str) -> StatusPage:
    """What the complainant may see (凭码查询). `NotVisible` for a code of nobody."""
    row = queries.by_code(code)
    office = regions.authority(row.authority_id)
    with acting(counter := queries.desk(office)):
        clock = next((c for c in queries.clocks(row.id, seen_by=counter) if c.kind == Duty.HANDLE.value), None)
        stopped = queries.open_pause(row.id, seen_by=counter)
        count = len(queries.files(row.id, seen_by=counter))
    word, tone = _PUBLIC_WORDS[row.state]
    return StatusPage(
        number=row.number,
        received_on=row.received_on,
        about=row.about_words,
        word=word,
        tone=tone,
        steps=_public_steps(row),
        due=clock.due_on if clock else None,
        due_words=f"{clock.count}{UNIT_LABELS[clock.unit.value]}，自{clock.start_on.month}月{clock.start_on.day}日次日起{'，已延期一次' if row.extension else ''}"
        if clock
        else "",
        pause=stopped.reason.label if stopped else "",
        answer=row.answer or "",
        answered_at=row.answered_at,
        may_supplement=(row.state, Verb.SUPPLEMENT) in NEXT,
        may_rate=(row.state, Verb.RATE) in NEXT and row.own_satisfaction is None,
        rated=row.own_satisfaction.label if row.own_satisfaction else "",
        office=office.name,
        phone=office.supervision_phone,
        urgent=row.urgent,
        petition=row.track is not None and row.track.value == "petition",
        files=count,
    )


def _public_steps(row: Complaint) -> list[dict[str, Any]]:
    if row.state in _SHORT or (row.state is State.ARCHIVED and row.closed_on is None):
        return [{"label": "收到", "state": "done"}, {"label": _PUBLIC_WORDS[row.state][0], "state": "stopped"}]
    place = _PUBLIC_PLACE[row.state]
    return [
        {"label": label, "state": "done" if n < place else "now" if n == place else "next"}
        for n, label in enumerate(_PUBLIC_ROAD)
    ]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the complainant takes along (回执): the number, the office, until when it is looked at."""

    number: str
    office: str
    phone: str
    due: date | None
    urgent: bool


def receipt(row: Complaint) -> Receipt:
    """The receipt of a complaint that was just made (回执)."""
    office = regions.authority(row.authority_id)
    with acting(counter := queries.desk(office)):
        clock = next((c for c in queries.clocks(row.id, seen_by=counter) if c.kind == Duty.CLASSIFY.value), None)
        return Receipt(row.number, office.name, office.supervision_phone, clock.due_on if clock else None, row.urgent)


def counter_of(authority_id: UUID | None) -> Authority | None:
    """The office whose telephone stands under the form (受理电话)."""
    return next((office for office in queries.offices() if office.id == authority_id), None)


# --- the home ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InquiryPage:
    """What a home sees of an inquiry (核实函): facts, term, its own words, the outcome."""

    row: Inquiry
    site_name: str
    office: str
    phone: str
    clock: Running | None
    files: Sequence[Shown]


def inquiry_page(inquiry_id: UUID, *, seen_by: Actor, on: date) -> InquiryPage:
    """One inquiry as the home may see it (核实函)."""
    row = queries.inquiry(inquiry_id, seen_by=seen_by)
    office = regions.authority(row.authority_id)
    clock = next(iter(queries.clocks(row.id, seen_by=seen_by)), None)
    site = db.session.scalars(select(Site.name).where(Site.id == row.site_id)).one()
    return InquiryPage(
        row=row,
        site_name=site,
        office=office.name,
        phone=office.supervision_phone,
        clock=running(clock, on) if clock else None,
        files=_shown([UUID(i) for i in row.files], seen_by),
    )


# --- the desk's first page --------------------------------------------------------------------------------------------


def tiles(*, seen_by: Actor, on: date) -> list[dict[str, Any]]:
    """What waits, in numbers that open their rows (要办的)."""
    ours = queries.complaints(seen_by=seen_by)
    row = db.session.execute(
        ours.with_only_columns(
            func.count().filter(Complaint.urgent, Complaint.urgent_settled_at.is_(None)),
            func.count().filter(on > NEAREST),
            func.count().filter(Complaint.state == State.REGISTERED),
            func.count().filter(Complaint.state == State.FOUND),
            func.count().filter(Complaint.state == State.ANSWERED),
        )
    ).one()
    base = "/office/complaints"
    return [
        {"number": row[0], "label": "紧急未处置", "href": f"{base}?standing=urgent", "tone": "veto" if row[0] else ""},
        {"number": row[1], "label": "已超期", "href": f"{base}?standing=overdue", "tone": "bad" if row[1] else ""},
        {"number": row[2], "label": "待分类", "href": f"{base}?state=registered"},
        {"number": row[3], "label": "待审核", "href": f"{base}?state=found"},
        {"number": row[4], "label": "待回访", "href": f"{base}?standing=call"},
    ]
