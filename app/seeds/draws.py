"""Draws of the demo world (演示双随机): one revealed, one sealed, and the steps before."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.accounts import queries as accounts
from app.core.actor import Actor, Post
from app.core.db import db
from app.inspections.actions import draw_lists, draws
from app.inspections.actions.draws import PlanDraft
from app.inspections.queries import draws as queries
from app.inspections.rules.draw import Mode
from app.seeds.people import Cast, Office

DICE: Final = "1663245126,4432165231,6151324466"


def draw_all(cast: Cast, at: datetime, on: date) -> int:
    """Make the plans (演示抽查计划). Returns how many."""
    counties = [office for code, office in cast.offices.items() if len(code) == 6]
    for office in counties:
        _list_inspectors(office, at, on)
    db.session.commit()
    steps = (
        (counties[0], Mode.OPEN, "drawn"),
        (counties[4], Mode.SEALED, "drawn"),
        (counties[7], Mode.SEALED, "frozen"),
        (counties[1], Mode.OPEN, "approved"),
        (counties[2], Mode.SEALED, "drafted"),
    )
    for office, mode, until in steps:
        _plan(office, mode, until, at, on)
        db.session.commit()
    return len(steps)


def _list_inspectors(office: Office, at: datetime, on: date) -> None:
    keeper = office.one(Post.HANDLER)
    for number, inspector in enumerate(office.people[Post.INSPECTOR.value]):
        account = accounts.account(inspector.id)
        draw_lists.list_inspector(
            account.username,
            certificate_no=account.certificate_no or "",
            certificate_from=on - timedelta(days=300),
            certificate_until=account.certificate_until or on,
            qualifications=["qual.lead"] if number % 2 == 0 else [],
            cap=9,
            by=keeper,
            at=at,
            on=on,
        )


def _plan(office: Office, mode: Mode, until: str, at: datetime, on: date) -> UUID:
    maker, head = office.one(Post.HANDLER), office.one(Post.HEAD)
    draft = PlanDraft(
        title=f"{on.year}年度养老机构双随机抽查（演示）",
        mode=mode,
        strata=queries.strata_from_pack(office.authority.path, on),
        inspect_from=on + timedelta(days=7),
        inspect_until=on + timedelta(days=40),
        reveal_on=on + timedelta(days=45),
        source="demo.dice",
        first_day=on,
    )
    plan_id = draws.draft_plan(draft, by=maker, at=at, on=on, demo=True).id
    if until == "drafted":
        return plan_id
    draws.approve_plan(plan_id, by=head, at=at, on=on)
    if until == "approved":
        return plan_id
    draws.freeze_plan(plan_id, by=head, at=at, on=on, blind=lambda: secrets.token_hex(32))
    if until == "frozen":
        return plan_id
    for official in (maker, office.one(Post.HANDLER, 1)):
        _enter(plan_id, official, at, on)
    draws.compute_draw(plan_id, by=office.one(Post.HANDLER, 1), at=at, on=on)
    return plan_id


def _enter(plan_id: UUID, official: Actor, at: datetime, on: date) -> None:
    draws.enter_value(plan_id, 1, f"{on.isoformat()}", DICE, by=official, at=at, on=on)
