"""Questions about assessors, ties and draws of panels (评定员、回避、抽取查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import PostHeld
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.scope import find, visible
from app.inspections.models import InspectionTask, TaskMember
from app.inspections.rules import draw
from app.providers.models import Site
from app.ratings.models import AssessorEntry, PanelDraw, PanelMember, RatingApplication, RatingTie
from app.ratings.rules.process import TIE_YEARS, State, TieKind, add_months

NEEDS_PANEL = (State.ELIGIBLE, State.REEXAMINED)


def assessors(*, seen_by: Actor, active: bool = True) -> Sequence[AssessorEntry]:
    """The list of assessors (评定员名录)."""
    query = visible(AssessorEntry, to=seen_by).options(joinedload(AssessorEntry.account)).order_by(AssessorEntry.code)
    return db.session.scalars(query.where(AssessorEntry.active) if active else query).all()


def of_authority(authority_id: UUID, *, seen_by: Actor) -> Sequence[AssessorEntry]:
    """Those whom an authority may draw (可抽取的评定员)."""
    return [entry for entry in assessors(seen_by=seen_by) if entry.authority_id == authority_id]


def ties(*, seen_by: Actor) -> Sequence[RatingTie]:
    """Ties declared in one's place (回避登记)."""
    query = visible(RatingTie, to=seen_by).options(joinedload(RatingTie.about), joinedload(RatingTie.account))
    return db.session.scalars(query.order_by(RatingTie.declared_at.desc())).all()


def my_ties(*, seen_by: Actor) -> Sequence[RatingTie]:
    """One's own ties (我的回避)."""
    query = select(RatingTie).where(RatingTie.account_id == seen_by.id).order_by(RatingTie.declared_at.desc())
    return db.session.scalars(query).all()


def tied(site: Site, on: date) -> dict[UUID, TieKind]:
    """Everybody with a tie to a site on a day (应回避人员, S4): declared, or known to the system within three years.

    Inspected or assessed there, worked there. Asked past the scope: it names accounts, and only for keeping them away.
    """
    db.session.flush()
    since = add_months(on, -12 * TIE_YEARS)
    found: dict[UUID, TieKind] = {}
    with acting(SYSTEM):
        inspected = (
            select(TaskMember.account_id)
            .join(InspectionTask, InspectionTask.id == TaskMember.task_id)
            .where(InspectionTask.site_id == site.id, InspectionTask.ended_on >= since)
        )
        found |= dict.fromkeys(db.session.scalars(inspected), TieKind.INSPECTED)
        assessed = (
            select(PanelMember.account_id)
            .join(RatingApplication, RatingApplication.id == PanelMember.application_id)
            .where(RatingApplication.site_id == site.id, RatingApplication.visit_on >= since, PanelMember.recused_on.is_(None))
        )
        found |= dict.fromkeys(db.session.scalars(assessed), TieKind.ASSESSED)
        worked = select(PostHeld.account_id).where(
            PostHeld.provider_id == site.provider_id, or_(PostHeld.valid_until.is_(None), PostHeld.valid_until >= since)
        )
        found |= dict.fromkeys(db.session.scalars(worked), TieKind.WORKED)
        declared = select(RatingTie.account_id, RatingTie.kind).where(
            RatingTie.about_id == site.id, RatingTie.since <= on, or_(RatingTie.until.is_(None), RatingTie.until >= on)
        )
        found |= {row.account_id: row.kind for row in db.session.execute(declared)}
    return found


def panel_accounts(application_id: UUID) -> set[UUID]:
    """Everybody who ever sat on a panel of an application (历次评定组)."""
    db.session.flush()
    with acting(SYSTEM):
        return set(db.session.scalars(select(PanelMember.account_id).where(PanelMember.application_id == application_id)))


def barred(row: RatingApplication, site: Site, on: date) -> list[str]:
    """Who may neither vote on an application nor decide its objections (表决与异议回避名单)."""
    return sorted(str(i) for i in {*tied(site, on), *panel_accounts(row.id)})


def waiting(campaign_id: UUID, *, seen_by: Actor) -> Sequence[RatingApplication]:
    """The applications that wait for a panel (待抽取评定组)."""
    query = visible(RatingApplication, to=seen_by).options(joinedload(RatingApplication.site))
    query = query.where(RatingApplication.campaign_id == campaign_id, RatingApplication.state.in_(NEEDS_PANEL))
    return db.session.scalars(query.order_by(RatingApplication.number)).all()


def draws(campaign_id: UUID, *, seen_by: Actor) -> Sequence[PanelDraw]:
    """The draws of a campaign (历次抽取)."""
    query = visible(PanelDraw, to=seen_by).where(PanelDraw.campaign_id == campaign_id)
    return db.session.scalars(query.order_by(PanelDraw.nth)).all()


def panel_draw(draw_id: UUID, *, seen_by: Actor, lock: bool = False) -> PanelDraw:
    """One draw of panels (评定组抽取)."""
    return find(PanelDraw, draw_id, seen_by=seen_by, lock=lock)


def standing(row: PanelDraw) -> draw.Standing:
    """How a draw stands after its replacements, recomputed from the kept files (抽取现状)."""
    files: Mapping[str, str] = {name: text for name, text in row.files.items() if name != draw.EVENTS_FILE}
    result = draw.compute(files)
    events = row.files.get(draw.EVENTS_FILE)
    return draw.replay(result, events) if events else draw.begin(result)
