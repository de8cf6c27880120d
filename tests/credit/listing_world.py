"""Builders for the tests of the list (名单测试构件): the people of a bureau, a clue, an entry brought to any state by its verbs.

people = a_bureau(site)                    # handler, second handler, reviewer, head, owner
entry = an_entry(site, people, EntryState.PUBLISHED, on=…)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.core import calendar
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting
from app.credit.actions import listing, listing_ends
from app.credit.actions.listing import Clue, PersonDraft, Service
from app.credit.models.listing import ListEntry
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import ClueSource, EntryState, ListKind, SubjectKind
from app.inspections.rules.papers import ServiceWay
from app.providers.models import Site
from tests.providers.builders import an_officer, an_owner

START = date(2026, 4, 7)
FACTS = "2026年3月5日检查时，机构负责人锁闭三层通道，拒绝检查人员进入，并提供虚假的消防培训签到表。"
S = EntryState


def moment(on: date) -> datetime:
    """Ten o'clock of a day in Beijing, in UTC."""
    return datetime.combine(on, time(2), UTC)


@dataclass(frozen=True)
class Bureau:
    """The people of the competent bureau, and the home's owner."""

    handler: Actor
    second: Actor
    reviewer: Actor
    head: Actor
    other_head: Actor
    owner: Actor


def a_bureau(site: Site) -> Bureau:
    """One of each post at the site's authority."""
    return Bureau(
        handler=an_officer(site),
        second=an_officer(site),
        reviewer=an_officer(site, Post.REVIEWER),
        head=an_officer(site, Post.HEAD),
        other_head=an_officer(site, Post.HEAD),
        owner=an_owner(site),
    )


def a_clue(**more: Any) -> Clue:
    """A clue that a home refused an inspection."""
    values: dict[str, Any] = {
        "kind": ListKind.LIST,
        "table_code": "grounds_mca103",
        "ground_code": "M-07",
        "source": ClueSource.INSPECTION,
        "source_words": "示例：检查编号 示和检〔2026〕1号",
        "facts": FACTS,
        "found_on": date(2026, 3, 5),
    }
    return Clue(**(values | more))


def a_service(on: date) -> Service:
    """Papers handed over on a day."""
    return Service(ServiceWay.DIRECT, "示例·甲（负责人）", on)


def an_entry(
    site: Site,
    people: Bureau,
    state: EntryState = S.PUBLISHED,
    *,
    on: date = START,
    publication_class: PublicationClass = PublicationClass.SERIOUS,
    decided_on: date | None = None,
    **clue: Any,
) -> ListEntry:
    """An entry in a state, brought there by the verbs; `decided_on` is the day of the decision when it matters."""
    on = clue.get("found_on") or on
    if decided_on is not None:
        on = decided_on - timedelta(days=25)
    clue.setdefault("found_on", on - timedelta(days=3))
    with acting(SYSTEM):
        (row, *_) = listing.register_clue(site.id, a_clue(**clue), by=people.handler, at=moment(on), on=on)
        _bring(row, people, state, on, publication_class, decided_on)
    return row


def _bring(row: ListEntry, p: Bureau, state: S, on: date, cls: PublicationClass, decided_on: date | None) -> None:
    if state is S.CLUE:
        return
    if state is S.DISMISSED:
        listing.dismiss(row.id, reason="示例：查无实据", by=p.reviewer, on=on)
        return
    listing.propose(row.id, publication_class=cls, by=p.handler, at=moment(on), on=on)
    if state is S.PROPOSED:
        return
    listing.serve_notice(row.id, a_service(on), by=p.handler, on=on)
    if state is S.NOTICED:
        return
    closed = listing.defence_until(row) + timedelta(days=1)
    listing.close_defence(row.id, answer="期满未提出陈述、申辩。", by=p.handler, on=closed)
    if state is S.IN_REVIEW:
        return
    listing.review(row.id, words="示例：事实清楚，程序合法", by=p.reviewer, on=closed)
    if state is S.REVIEWED:
        return
    decided = decided_on or closed
    if state is S.NOT_LISTED:
        listing.decide_not(row.id, reason="示例：情节轻微，已经改正", by=p.head, at=moment(decided), on=decided)
        return
    listing.decide_list(row.id, words="示例：列入名单", by=p.head, at=moment(decided), on=decided)
    if state is S.DECIDED:
        return
    listing.serve_decision(row.id, a_service(decided), by=p.handler, on=decided)
    if state is S.SERVED:
        return
    if state is S.ANNULLED:
        listing_ends.annul(
            row.id, reason="示例：事实不成立", public_reason="经复核，列入所依据的事实不成立。", decided_on=decided,
            by=p.other_head, at=moment(decided), on=decided,
        )  # fmt: skip
        return
    publish(row, p, decided)
    if state is S.EXPIRED:
        assert row.max_end is not None
        listing_ends.expire(row.id, on=row.max_end + timedelta(days=1))
    if state is S.REMOVED:
        repair(row, p)


def publish(row: ListEntry, p: Bureau, on: date, words: str = "拒绝接受监督检查，提供虚假材料。") -> None:
    """Write, clear and publish."""
    listing.write_public_text(row.id, words=words, by=p.handler, on=on)
    listing.clear_public_text(row.id, by=p.reviewer, on=on)
    listing.publish(row.id, needed_because="" if row.class_published else "示例：社会影响较大", by=p.handler, on=on)


def repair(row: ListEntry, p: Bureau, on: date | None = None) -> None:
    """Apply for removal as soon as it may be, and have it approved by another person."""
    day = on or row.earliest_repair_on
    assert day is not None
    with acting(SYSTEM):
        by = p.owner if row.subject_kind is SubjectKind.ORGANISATION else p.handler
        asked = listing_ends.apply_for_repair(
            row.id, corrected="示例：已经改正并公开道歉", promise=True, by=by, at=moment(day), on=day
        )
        listing_ends.accept_application(asked.id, by=p.second, on=day)
        listing_ends.decide_repair(asked.id, approve=True, answer="示例：条件具备", by=p.other_head, at=moment(day), on=day)


def a_person(name: str = "示例·张三丰", number: str = "") -> PersonDraft:
    """An employee."""
    return PersonDraft(name, number=number)


def workdays_after(start: date, n: int) -> date:
    """A day some working days later."""
    return calendar.calendar().add_working_days(start, n).on
