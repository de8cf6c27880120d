"""The lists of complaints (投诉台账、核实函列表): what they show, filter and sort by. No statement, no contact, no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import url_for
from sqlalchemy import Select, func, or_, select

from app.complaints import queries
from app.complaints.models import Complaint, Inquiry
from app.complaints.rules.kinds import Channel, Finding, InquiryState, Matter, State, Track
from app.complaints.rules.machine import OPEN
from app.core.actor import Actor
from app.core.calendar import Deadline
from app.core.db import db
from app.core.labels import Labelled
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import subtree
from app.providers.queries.lists import districts

STATE_TONES: Final[Mapping[State, str]] = {
    State.REGISTERED: "wait",
    State.CLASSIFIED: "wait",
    State.ACCEPTED: "wait",
    State.INVESTIGATING: "info",
    State.SUSPENDED: "na",
    State.MERGED: "info",
    State.FOUND: "wait",
    State.REVIEWED: "wait",
    State.ANSWERED: "info",
    State.CALLED_BACK: "info",
    State.CLOSED: "ok",
    State.DECLINED: "na",
    State.FORWARDED: "na",
    State.RETURNED: "na",
    State.ARCHIVED: "ok",
}
FINDING_TONES: Final[Mapping[Finding, str]] = {
    Finding.TRUE: "bad",
    Finding.PARTLY: "wait",
    Finding.UNTRUE: "ok",
    Finding.UNVERIFIABLE: "na",
}
INQUIRY_TONES: Final[Mapping[InquiryState, str]] = {
    InquiryState.SENT: "wait",
    InquiryState.REPLIED: "ok",
    InquiryState.LATE: "bad",
}
_RUNNING: Final = (Deadline.subject == Complaint.id) & Deadline.met_on.is_(None) & Deadline.dropped_on.is_(None)
NEAREST: Final = select(func.min(Deadline.due_on)).where(_RUNNING).correlate(Complaint).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Line:
    """A complaint with its nearest last day (台账行)."""

    row: Complaint
    due_on: date | None
    late: bool


def _choices(enum: type[Labelled]) -> Sequence[tuple[str, str]]:
    return [(member.value, member.label) for member in enum]


def lines(*, seen_by: Actor) -> Select[Any]:
    """Complaints with the day that comes first (投诉台账)."""
    return queries.complaints(seen_by=seen_by).add_columns(NEAREST.label("due_on"))


def make_line(on: date) -> Any:
    """Turn a row of `lines` into a line (台账行)."""
    return lambda row: Line(row[0], row.due_on, row.due_on is not None and row.due_on < on)


def _standing(statement: Select[Any], wanted: str, on: date) -> Select[Any]:
    match wanted:
        case "overdue":
            return statement.where(on > NEAREST)
        case "urgent":
            return statement.where(Complaint.urgent, Complaint.urgent_settled_at.is_(None))
        case "open":
            return statement.where(Complaint.state.in_(OPEN))
        case _:
            return statement.where(Complaint.state == State.ANSWERED)


STANDINGS: Final = (("open", "还没答复"), ("overdue", "已超期"), ("urgent", "紧急未处置"), ("call", "待回访"))


def ledger(path: str | None, on: date) -> ListSpec[Line]:
    """The ledger of complaints (投诉台账) of a region."""
    places = districts(path)
    place = [Filter("district", "区县街道", _district, FilterKind.CHOICE, places, primary=False)] if places else []
    return ListSpec(
        columns=[
            Column("number", "编号", lambda x: x.row.number, href=lambda x: url_for("complaints.show", complaint_id=x.row.id)),
            Column("about", "反映对象", lambda x: x.row.about_words),
            Column("state", "状态", lambda x: x.row.state.label, tone=lambda x: STATE_TONES[x.row.state]),
            Column("track", "途径", lambda x: x.row.track.label if x.row.track else "待分类"),
            Column("matter", "事项", lambda x: x.row.matter.label),
            Column("due", "最近期限", lambda x: x.due_on, sort="due"),
            Column("received", "收到日期", lambda x: x.row.received_on, sort="received"),
            Column("channel", "来源", lambda x: x.row.channel.label, screen=False),
            Column("urgent", "紧急", lambda x: x.row.urgent, screen=False),
            Column("finding", "结论", lambda x: x.row.finding.label if x.row.finding else None, screen=False),
            Column("satisfaction", "满意度", lambda x: x.row.satisfaction.label if x.row.satisfaction else None, screen=False),
            Column("closed", "办结日期", lambda x: x.row.closed_on, screen=False),
        ],
        filters=[
            Filter("q", "编号或机构", _named),
            Filter("standing", "要办的", lambda q, v: _standing(q, v, on), FilterKind.CHOICE, STANDINGS),
            Filter("track", "途径", lambda q, v: q.where(Complaint.track == v), FilterKind.CHOICE, _choices(Track)),
            Filter(
                "state", "状态", lambda q, v: q.where(Complaint.state == v), FilterKind.CHOICE, _choices(State), primary=False
            ),
            Filter(
                "matter", "事项", lambda q, v: q.where(Complaint.matter == v), FilterKind.CHOICE, _choices(Matter), primary=False
            ),
            Filter(
                "channel",
                "来源",
                lambda q, v: q.where(Complaint.channel == v),
                FilterKind.CHOICE,
                _choices(Channel),
                primary=False,
            ),
            *place,
            Filter("since", "收到日期从", lambda q, v: q.where(Complaint.received_on >= v), FilterKind.DATE, primary=False),
        ],
        sorts=[
            Sort("received", "收到时间", Complaint.received_at, up="先收到的在前", down="新收到的在前"),
            Sort("due", "最近期限", NEAREST, nullable=True, up="先到期的在前", down="后到期的在前"),
        ],
        default_sort="due",
        tie=Complaint.id,
    )


def _named(statement: Select[Any], words: str) -> Select[Any]:
    return statement.where(
        or_(Complaint.number.contains(words, autoescape=True), Complaint.about_words.contains(words, autoescape=True))
    )


def _district(statement: Select[Any], path: str) -> Select[Any]:
    return statement.where(subtree(Complaint.scope_path, path))


INQUIRY_LIST: Final[ListSpec[Inquiry]] = ListSpec(
    columns=[
        Column("number", "核实函", lambda q: q.number, href=lambda q: url_for("inquiries.show", inquiry_id=q.id)),
        Column("state", "状态", lambda q: q.state.label, tone=lambda q: INQUIRY_TONES[q.state]),
        Column("sent", "收到日期", lambda q: q.sent_on, sort="sent"),
        Column("due", "说明期限", lambda q: q.due_on),
        Column("outcome", "核实结论", lambda q: q.outcome.label if q.outcome else None),
    ],
    filters=[
        Filter("state", "状态", lambda q, v: q.where(Inquiry.state == v), FilterKind.CHOICE, _choices(InquiryState)),
    ],
    sorts=[Sort("sent", "收到日期", Inquiry.sent_on, up="先收到的在前", down="新收到的在前")],
    default_sort="-sent",
    tie=Inquiry.id,
)


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the statistics (统计行)."""

    label: str
    received: int
    answered: int
    confirmed: int
    on_time: int
    timed: int
    late: int
    satisfied: int
    asked: int

    @property
    def on_time_words(self) -> str:
        """Answered within the term, of those whose term ended (按期答复率)."""
        return f"{self.on_time}/{self.timed}" if self.timed else "—"

    @property
    def satisfied_words(self) -> str:
        """Satisfied or fairly so, of those who said anything (满意)."""
        return f"{self.satisfied}/{self.asked}" if self.asked else "—"


def statistics(by_what: str, first: date, last: date, *, seen_by: Actor, on: date) -> list[Row]:
    """Complaints received from `first` to `last` (投诉统计), by track, matter, region or month, the most first.

    `by_what` is one of track, matter, region, month. On time: the clock of the answer was met by its last day;
    late: it ran out and nobody has answered yet.
    """
    key: Any = {
        "track": Complaint.track,
        "matter": Complaint.matter,
        "month": func.to_char(Complaint.received_on, "YYYY-MM"),
        "region": Complaint.scope_path,
        "home": Complaint.about_words,
    }[by_what]
    ours = queries.complaints(seen_by=seen_by).where(Complaint.received_on >= first, Complaint.received_on <= last)
    good = Complaint.satisfaction.in_(("satisfied", "fair"))
    told = Complaint.satisfaction.in_(("satisfied", "fair", "unsatisfied"))
    handled = (
        select(Deadline.subject, func.bool_and(Deadline.met_on <= Deadline.due_on).label("kept"))
        .where(Deadline.kind == "complaint.handle", Deadline.met_on.is_not(None))
        .group_by(Deadline.subject)
        .subquery()
    )
    late = (
        select(Deadline.subject)
        .where(
            Deadline.kind == "complaint.handle", Deadline.met_on.is_(None), Deadline.dropped_on.is_(None), Deadline.due_on < on
        )
        .subquery()
    )
    statement = (
        ours.outerjoin(handled, handled.c.subject == Complaint.id)
        .outerjoin(late, late.c.subject == Complaint.id)
        .with_only_columns(
            key.label("key"),
            func.count(),
            func.count(Complaint.answered_at),
            func.count().filter(Complaint.finding.in_(("true", "partly")), Complaint.reviewed_by.is_not(None)),
            func.count().filter(handled.c.kept),
            func.count(handled.c.subject),
            func.count(late.c.subject),
            func.count().filter(good),
            func.count().filter(told),
        )
        .group_by(key)
        .order_by(func.count().desc(), key)
        .limit(200)
    )
    names = _region_names() if by_what == "region" else {}
    return [
        Row(_label(by_what, found[0], names), *(int(number) for number in found[1:])) for found in db.session.execute(statement)
    ]


def _label(by_what: str, value: Any, names: Mapping[str, str]) -> str:
    if value is None:
        return "未分类"
    if by_what == "region":
        return names.get(value, value)
    return value.label if isinstance(value, Labelled) else str(value)


def _region_names() -> dict[str, str]:
    return {office.path: office.region.name for office in queries.offices()}
