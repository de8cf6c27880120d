"""Builders of complaints (投诉测试构件): a desk with its people, complaints brought to any state by the verbs.

town = a_desk()                     # a filed home, handler, other handler, reviewer, head, the home's owner
row = a_complaint(town)             # registered, from the public form
row = brought(town, State.ANSWERED) # any state
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from app.complaints.actions import desk, intake, verifying
from app.complaints.actions.intake import Draft
from app.complaints.models import Complaint
from app.complaints.rules import gate
from app.complaints.rules.kinds import Channel, Finding, Matter, PauseReason, Satisfaction, State, Track
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.providers.models import Site
from app.regions import actions as regions
from app.regions.models import Authority
from tests.providers import builders

ON = date(2026, 11, 24)
NAME, PHONE, STATEMENT = (
    "示例·金丝雀家属",
    "13900007788",
    "金丝雀原文：我妈妈昨晚从床上摔下来，值班的人过了两个小时才来看，今天早上还不让我们看监控。",
)
FACTS = "请说明：11月23日夜间二楼值班巡查的安排和记录，以及一名入住老人坠床后的处置经过。"
HOME_WORDS = "核实：当夜二楼值班人员未按规定巡查，处置不及时。"
REASONS = "查看值班记录和监控，23 日 22 时至次日 1 时没有巡查记录。"
ANSWER = "经核实，您反映的夜间巡查问题属实，已要求机构整改。对结果有异议可以再次联系本机关。"
_serial = itertools.count(1)


def moment(on: date, hour: int = 2) -> datetime:
    return datetime.combine(on, time(hour), UTC)


@dataclass
class Desk:
    """A home and the people who deal with complaints about it."""

    site: Site
    office: Authority
    handler: Actor
    other: Actor
    reviewer: Actor
    head: Actor
    owner: Actor
    codes: dict[UUID, str] = field(default_factory=dict)


def a_desk(county: str = "210102") -> Desk:
    site = builders.a_filed_site(county=county)

    def officer(post: Post) -> Actor:
        return builders.an_officer(site, post)

    with acting(SYSTEM):
        regions.change_setting(
            site.authority.region_id, "inspection.visits_cap", 9, source="示例·公布文件", in_force_from=date(2026, 1, 1),
            by=SYSTEM, at=moment(date(2026, 1, 5)), on=date(2026, 1, 5),
        )  # fmt: skip
    return Desk(
        site, site.authority, officer(Post.HANDLER), officer(Post.HANDLER), officer(Post.REVIEWER), officer(Post.HEAD),
        builders.an_owner(site),
    )  # fmt: skip


def a_draft(town: Desk, **more: Any) -> Draft:
    said: dict[str, Any] = {
        "about_words": town.site.name, "about_site_id": town.site.id, "statement": STATEMENT, "matter": Matter.CARE,
        "name": NAME, "phone": PHONE,
    }  # fmt: skip
    return Draft(**(said | more))


def a_complaint(town: Desk, on: date = ON, **more: Any) -> Complaint:
    """A complaint as the public form makes it."""
    nonce = f"nonce-{next(_serial)}"
    code = gate.code_for("key", nonce)
    row = intake.register_from_public(
        a_draft(town, **more),
        town.office.id,
        code=code,
        nonce=nonce,
        address=f"10.0.{next(_serial) % 250}.1",
        at=moment(on),
        on=on,
    )
    town.codes[row.id] = code
    return row


def a_transfer(town: Desk, on: date = ON) -> Complaint:
    """A complaint that another department passed on."""
    draft = a_draft(town, channel=Channel.TRANSFER, source_words="示例·12345 中心 2026-1124")
    with acting(town.handler):
        return intake.register_complaint(
            draft, code=gate.code_for("key", f"t{next(_serial)}"), by=town.handler, at=moment(on), on=on
        )


def classified(town: Desk, row: Complaint, track: Track = Track.HOTLINE, on: date = ON) -> Complaint:
    with acting(town.handler):
        return desk.classify(
            row.id, track, matter=Matter.CARE, about_site_id=town.site.id, by=town.handler, at=moment(on, 3), on=on
        )


def brought(
    town: Desk, state: State, *, track: Track = Track.HOTLINE, finding: Finding = Finding.TRUE, on: date = ON, **more: Any
) -> Complaint:
    """A complaint in any state, brought there by the verbs."""
    if state is State.RETURNED:
        row = a_transfer(town, on)
        with acting(town.handler):
            return desk.send_back_to_source(row.id, "示例：不属本辖区", by=town.handler, at=moment(on, 3), on=on)
    row = a_complaint(town, on, **more)
    if state is State.REGISTERED:
        return row
    by, at = town.handler, moment(on, 4)
    with acting(by):
        if state is State.FORWARDED:
            return desk.forward(row.id, "示例·医疗保障局", "", by=by, at=at, on=on)
        classified(town, row, track, on)
        if state is State.DECLINED:
            return desk.decline(row.id, "示例：同一事项法院已受理，请向法院反映", by=town.reviewer, at=at, on=on)
        if state is State.CLASSIFIED:
            return row
        if state is State.MERGED:
            lead = brought(town, State.INVESTIGATING, track=track, on=on)
            return desk.merge(row.id, lead.id, by=by, at=at, on=on)
        desk.accept(row.id, by=by, at=at, on=on)
        if state is State.ACCEPTED:
            return row
        desk.assign(row.id, by=by, at=at, on=on)
        if state is State.INVESTIGATING:
            return row
        if state is State.SUSPENDED:
            desk.pause(row.id, PauseReason.EXPERT, "示例：等伤情鉴定", by=town.reviewer, at=at, on=on)
            return row
        return _decided(town, row, state, finding, on)


def _decided(town: Desk, row: Complaint, state: State, finding: Finding, on: date) -> Complaint:
    by, at = town.handler, moment(on, 6)
    verifying.find(row.id, finding, REASONS, by=by, at=at, on=on)
    if state is State.FOUND:
        return row
    verifying.review(row.id, by=town.reviewer, at=at, on=on)
    if state is State.REVIEWED:
        return row
    verifying.answer(row.id, ANSWER, "电话", by=by, at=at, on=on)
    if state is State.ANSWERED:
        return row
    if row.reachable:
        verifying.call_back(row.id, Satisfaction.SATISFIED, by=town.other, at=at, on=on)
    if state is State.CALLED_BACK:
        return row
    verifying.close(row.id, by=by, at=at, on=on)
    if state is State.CLOSED:
        return row
    desk.archive(row.id, by=by, at=at, on=on)
    db.session.flush()
    return row


def settled(town: Desk, *rows: Any) -> None:
    """Commit, and let the test read these rows whoever acts afterwards: they are loaded and cut off from the session."""
    with acting(SYSTEM):
        db.session.commit()
        for row in (town.site, town.office, *rows):
            if row in db.session:
                db.session.refresh(row)
                db.session.expunge(row)
