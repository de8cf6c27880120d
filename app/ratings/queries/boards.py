"""Lists and boards of ratings (评定台账与看板): campaigns, applications by step with clocks, grades, news, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account, PostHeld
from app.core import calendar
from app.core.actor import Actor, Post
from app.core.db import db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.providers.models import Site
from app.ratings.models import (
    Rating,
    RatingAlert,
    RatingApplication,
    RatingCampaign,
    RatingChange,
    RatingMeeting,
    RatingReply,
)
from app.ratings.queries import applications, results
from app.ratings.queries import decisions as committee
from app.ratings.queries import ratings as published
from app.ratings.rules.process import CampaignKind, CampaignState, Standing, State

TONES: Mapping[State, str] = {
    State.DRAFT: "na", State.SUBMITTED: "wait", State.RETURNED: "wait", State.ACCEPTED: "info", State.ELIGIBLE: "wait",
    State.REFUSED: "bad", State.SCHEDULED: "info", State.ON_SITE: "info", State.CONFERRING: "info", State.PROPOSED: "wait",
    State.DECIDED: "wait", State.NOTICED: "info", State.OBJECTED: "veto", State.REEXAMINED: "wait", State.PUBLISHED: "ok",
    State.UNRATED: "na", State.TRIED: "na", State.WITHDRAWN: "na",
}  # fmt: skip
STANDING_TONES: Mapping[Standing, str] = {
    Standing.VALID: "ok", Standing.SUSPENDED: "veto", Standing.REVOKED: "bad", Standing.DOWNGRADED: "wait",
    Standing.REPLACED: "na", Standing.ENDED: "na", Standing.EXPIRED: "na",
}  # fmt: skip
CAMPAIGN_TONES = {"draft": "wait", "open": "ok", "finished": "na", "cancelled": "na"}


def _choices(enum: Any) -> list[tuple[str, str]]:
    return [(member.value, member.label) for member in enum]


def campaign_list() -> ListSpec[RatingCampaign]:
    """The list of campaigns (评定工作)."""
    return ListSpec(
        columns=[
            Column("title", "评定工作", lambda c: c.title, href=lambda c: f"/office/rating-campaigns/{c.id}"),
            Column("state", "状态", lambda c: c.state.label, tone=lambda c: CAMPAIGN_TONES[c.state.value]),
            Column("kind", "类别", lambda c: c.kind.label),
            Column("scheme", "方案", lambda c: f"{c.scheme_name}{'（只能试评）' if c.trial else ''}"),
            Column("closes_on", "申请截止", lambda c: c.closes_on, sort="closes"),
            Column("number", "编号", lambda c: c.number),
        ],
        sorts=[Sort("closes", "申请截止", RatingCampaign.closes_on, up="先截止的在前", down="后截止的在前")],
        default_sort="-closes",
        tie=RatingCampaign.id,
        filters=[
            Filter("state", "状态", lambda q, v: q.where(RatingCampaign.state == v), FilterKind.CHOICE, _choices(CampaignState)),
            Filter("kind", "类别", lambda q, v: q.where(RatingCampaign.kind == v), FilterKind.CHOICE, _choices(CampaignKind)),
        ],
    )


def application_list() -> ListSpec[RatingApplication]:
    """The list of applications (评定申请)."""
    return ListSpec(
        columns=[
            Column("site", "机构", lambda a: a.site.name, sort="site", href=lambda a: f"/office/rating-applications/{a.id}"),
            Column("state", "状态", lambda a: a.state.label, tone=lambda a: TONES[a.state]),
            Column(
                "target", "申请等级", lambda a: results.level_name(a.campaign.scheme_key, a.target) if a.target else "年度评估"
            ),
            Column("campaign", "评定工作", lambda a: a.campaign.title),
            Column("number", "申请编号", lambda a: a.number),
            Column("submitted_on", "提交日期", lambda a: a.submitted_on, sort="submitted"),
            Column("notice_until", "公示到", lambda a: a.notice_until, sort="notice"),
        ],
        sorts=[
            Sort("submitted", "提交日期", RatingApplication.submitted_on, nullable=True, up="早的在前", down="晚的在前"),
            Sort("notice", "公示到期", RatingApplication.notice_until, nullable=True, up="先到期的在前", down="后到期的在前"),
            Sort("site", "机构名称", Site.pinyin, up="顺序", down="倒序"),
        ],
        default_sort="-submitted",
        tie=RatingApplication.id,
        filters=[
            Filter("q", "机构名称", lambda s, v: s.where(Site.name.contains(v, autoescape=True))),
            Filter("state", "状态", lambda s, v: s.where(RatingApplication.state == v), FilterKind.CHOICE, _choices(State)),
            Filter("campaign", "评定工作编号", lambda s, v: s.where(RatingCampaign.number == v), primary=False),
        ],
    )


def _in_standing(statement: Select[Any], standing: str, on: date) -> Select[Any]:
    if standing == "expired":
        return statement.where(Rating.state.in_(("valid", "suspended")), Rating.valid_to < on)
    if standing in ("valid", "suspended"):
        return statement.where(Rating.state == standing, Rating.valid_to >= on)
    return statement.where(Rating.state == standing)


def rating_list(on: date) -> ListSpec[Rating]:
    """The list of grades (等级台账). Expiry is asked by the day."""
    return ListSpec(
        columns=[
            Column("site", "机构", lambda r: r.site.name, sort="site", href=lambda r: f"/office/ratings/{r.id}"),
            Column("level", "等级", lambda r: results.level_name(r.scheme, r.level)),
            Column(
                "state", "状态", lambda r: published.standing_of(r, on).label,
                tone=lambda r: STANDING_TONES[published.standing_of(r, on)],
            ),
            Column("scheme", "方案", lambda r: r.scheme_name),
            Column("valid_to", "有效期至", lambda r: r.valid_to, sort="until"),
            Column("value", "得分", lambda r: r.value, number=True),
            Column("number", "证书编号", lambda r: r.certificate_number),
            Column("plaque", "牌匾编号", lambda r: r.plaque_number, screen=False),
        ],
        sorts=[
            Sort("until", "有效期", Rating.valid_to, up="先到期的在前", down="后到期的在前"),
            Sort("site", "机构名称", Site.pinyin, up="顺序", down="倒序"),
        ],
        default_sort="until",
        tie=Rating.id,
        filters=[
            Filter("q", "机构名称", lambda s, v: s.where(Site.name.contains(v, autoescape=True))),
            Filter("state", "状态", lambda s, v: _in_standing(s, v, on), FilterKind.CHOICE, _choices(Standing)),
            Filter("until", "有效期早于", lambda s, v: s.where(Rating.valid_to <= v), FilterKind.DATE),
        ],
    )  # fmt: skip


# --- what waits -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pile:
    """Applications in one state (一堆待办)."""

    label: str
    count: int
    href: str
    tone: str
    note: str = ""


PILES: Sequence[tuple[State, str]] = (
    (State.SUBMITTED, "待受理"),
    (State.ACCEPTED, "资料审查"),
    (State.ELIGIBLE, "待抽评定组"),
    (State.REEXAMINED, "待另抽复核"),
    (State.ON_SITE, "现场评定"),
    (State.CONFERRING, "合议中"),
    (State.PROPOSED, "待审定"),
    (State.DECIDED, "待公示"),
    (State.NOTICED, "公示中"),
    (State.OBJECTED, "异议待处理"),
)


def waiting(*, seen_by: Actor, on: date) -> list[Pile]:
    """How many wait at which step (各步待办), news and replies included."""
    rows = (
        visible(RatingApplication, to=seen_by)
        .with_only_columns(RatingApplication.state, func.count())
        .group_by(RatingApplication.state)
    )
    counts = {row[0]: row[1] for row in db.session.execute(rows)}
    found = [
        Pile(label, counts[state], f"/office/rating-applications?state={state.value}", TONES[state])
        for state, label in PILES
        if counts.get(state)
    ]
    over = len(committee.notices_ended(on, seen_by=seen_by))
    if over:
        found.insert(0, Pile("公示期满，可公布", over, "/office/rating-applications?state=noticed&sort=notice", "veto"))
    if alerts := len(published.alerts(seen_by=seen_by)):
        found.insert(0, Pile("等级提示", alerts, "/office/ratings#alerts", "veto", "事故、处罚、列入名单等"))
    if replies := len(published.waiting_replies(seen_by=seen_by)):
        found.append(Pile("机构回应待核", replies, "/office/ratings#replies", "wait"))
    return found


@dataclass(frozen=True, slots=True)
class Card:
    """An application on the board with its clock (看板卡片)."""

    row: RatingApplication
    target: str
    tone: str
    left: str
    left_tone: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A step of the board (看板一列)."""

    label: str
    cards: Sequence[Card]


LANES: Sequence[tuple[str, frozenset[State]]] = (
    ("受理审查", frozenset({State.SUBMITTED, State.RETURNED, State.ACCEPTED})),
    ("抽取评定组", frozenset({State.ELIGIBLE, State.REEXAMINED})),
    ("现场与合议", frozenset({State.SCHEDULED, State.ON_SITE, State.CONFERRING})),
    ("审定", frozenset({State.PROPOSED, State.DECIDED})),
    ("公示与异议", frozenset({State.NOTICED, State.OBJECTED})),
    ("办结", frozenset({State.PUBLISHED, State.UNRATED, State.TRIED, State.REFUSED, State.WITHDRAWN})),
)


def board(row: RatingCampaign, *, seen_by: Actor, on: date) -> list[Lane]:
    """The applications of a campaign by step (评定看板), each with what is left of its clock."""
    query = applications.applications(seen_by=seen_by).where(RatingApplication.campaign_id == row.id)
    found = db.session.scalars(query.order_by(RatingApplication.notice_until.nulls_last(), RatingApplication.number)).all()
    scheme = applications.scheme(row)
    cards = [_card(a, results.level_words(scheme, a.target) if a.target else "", on) for a in found]
    return [Lane(label, [c for c in cards if c.row.state in states]) for label, states in LANES]


def _card(row: RatingApplication, target: str, on: date) -> Card:
    left, tone = "", ""
    if row.state is State.NOTICED and row.notice_until is not None:
        days = calendar.calendar().working_days_between(on, row.notice_until) if on <= row.notice_until else -1
        left, tone = (f"公示还剩 {days} 个工作日", "info") if days >= 0 else ("公示期满，可公布", "veto")
    elif row.state is State.SUBMITTED and row.submitted_on is not None:
        left, tone = f"提交 {(on - row.submitted_on).days} 天", "wait" if on - row.submitted_on > timedelta(days=5) else ""
    return Card(row, target, TONES[row.state], left, tone)


def enrollable(row: RatingCampaign, *, seen_by: Actor) -> Sequence[Site]:
    """The homes that can be taken into a yearly assessment (可列入机构)."""
    taken = select(RatingApplication.site_id).where(
        RatingApplication.campaign_id == row.id, RatingApplication.state.not_in((State.WITHDRAWN, State.REFUSED))
    )
    query = visible(Site, to=seen_by).where(Site.state == "filed", Site.kind.in_(row.site_kinds), Site.id.not_in(taken))
    return db.session.scalars(query.order_by(Site.pinyin).limit(300)).all()


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be chosen (人选)."""

    id: UUID
    name: str
    posts: str


def candidates(authority_id: UUID | None, *posts: Post, on: date) -> list[Person]:
    """The people of an authority that hold one of these posts (人选)."""
    if authority_id is None:
        return []
    query = (
        select(Account.id, Account.name, PostHeld.post)
        .join(PostHeld, PostHeld.account_id == Account.id)
        .where(PostHeld.authority_id == authority_id, PostHeld.post.in_(posts), PostHeld.valid_from <= on)
        .where(or_(PostHeld.valid_until.is_(None), PostHeld.valid_until >= on), Account.disabled_at.is_(None))
        .order_by(Account.name)
    )
    found: dict[UUID, tuple[str, list[str]]] = {}
    for row in db.session.execute(query):
        found.setdefault(row.id, (row.name, []))[1].append(row.post.label)
    return [Person(i, name, "、".join(sorted(set(held)))) for i, (name, held) in found.items()]


def site_named(name: str, *, seen_by: Actor) -> Site:
    """The one site of this name (按名称找机构). Raises Refused when there is none or more than one."""
    found = db.session.scalars(visible(Site, to=seen_by).where(Site.name == name).limit(2)).all()
    if len(found) != 1:
        raise Refused("form.site", "没有找到这家机构，或有重名。请填写完整的机构名称。")
    return found[0]


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting in the list (评定会一行)."""

    row: RatingMeeting
    cases: int
    open: int


def meeting_rows(rows: Sequence[RatingMeeting], *, seen_by: Actor) -> list[MeetingRow]:
    """The meetings with how many applications (评定会列表)."""
    found = []
    for row in rows:
        cases = committee.cases(row, seen_by=seen_by)
        found.append(MeetingRow(row, len(cases), sum(case.state is State.PROPOSED for case in cases)))
    return found


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is there (到会情况)."""

    people: Sequence[tuple[str, str, str]]
    present: int
    needed: int


def attendance(row: RatingMeeting) -> Attendance:
    """The members of a meeting by name (到会委员)."""
    ids = [UUID(text) for text in row.members]
    names = {a.id: a.name for a in db.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))}
    people = [
        (str(i), names.get(i, "委员"), "请假" if str(i) in row.absent else "主任" if i == row.chair_id else "到会") for i in ids
    ]
    return Attendance(people, len(row.members) - len(row.absent), row.quorum)


# --- rows behind small forms ------------------------------------------------------------------------------------------


def rating_of_change(change_id: UUID, *, seen_by: Actor) -> UUID:
    """Which grade a measure is about (所属等级)."""
    return find(RatingChange, change_id, seen_by=seen_by).rating_id


def rating_of_alert(alert_id: UUID, *, seen_by: Actor) -> UUID:
    """Which grade news is about (所属等级)."""
    return find(RatingAlert, alert_id, seen_by=seen_by).rating_id


def rating_of_reply(reply_id: UUID, *, seen_by: Actor) -> UUID:
    """Which grade a reply is about (所属等级)."""
    return find(RatingReply, reply_id, seen_by=seen_by).rating_id


def alert_rows(*, seen_by: Actor) -> list[tuple[RatingAlert, Rating]]:
    """News with its grade (等级提示)."""
    return _with_rating(published.alerts(seen_by=seen_by), seen_by)


def reply_rows(*, seen_by: Actor) -> list[tuple[RatingReply, Rating]]:
    """Replies with their grade (待核回应)."""
    return _with_rating(published.waiting_replies(seen_by=seen_by), seen_by)


def _with_rating(rows: Sequence[Any], seen_by: Actor) -> list[tuple[Any, Rating]]:
    query = visible(Rating, to=seen_by).where(Rating.id.in_({row.rating_id for row in rows})).options(joinedload(Rating.site))
    by_id = {rating.id: rating for rating in db.session.scalars(query)}
    return [(row, by_id[row.rating_id]) for row in rows if row.rating_id in by_id]
