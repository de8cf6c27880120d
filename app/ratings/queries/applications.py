"""Questions about campaigns, applications and their facts (评定工作、申请、事实查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core.actor import PROVIDER_POSTS, Actor
from app.core.db import db
from app.core.refusal import NotVisible
from app.core.scope import find, reach, visible
from app.providers import queries as providers
from app.providers.models import Site
from app.ratings.models import Rating, RatingApplication, RatingCampaign, RatingFact, RatingObjection
from app.ratings.queries import schemes
from app.ratings.rules import Scheme, Value, read_fact
from app.ratings.rules.case import InputFault
from app.ratings.rules.facts import standing_facts
from app.ratings.rules.process import WRITABLE, CampaignState, ObjectionState, Standing


def _announced(seen_by: Actor) -> Select[RatingCampaign]:
    """One's own campaigns, and those that were announced: an announcement is public."""
    shown = or_(reach(RatingCampaign, seen_by), RatingCampaign.state != CampaignState.DRAFT)
    return select(RatingCampaign).where(shown)


def campaign(campaign_id: UUID, *, seen_by: Actor, lock: bool = False) -> RatingCampaign:
    """One campaign (评定工作)."""
    if lock:
        return find(RatingCampaign, campaign_id, seen_by=seen_by, lock=True)
    row = db.session.scalars(_announced(seen_by).where(RatingCampaign.id == campaign_id)).one_or_none()
    if row is None:
        raise NotVisible("rating_campaign")
    return row


def campaigns(*, seen_by: Actor) -> Select[RatingCampaign]:
    """The campaigns of one's subtree (评定工作列表)."""
    return visible(RatingCampaign, to=seen_by).options(joinedload(RatingCampaign.authority))


def open_campaigns(site: Site, on: date, *, seen_by: Actor) -> Sequence[RatingCampaign]:
    """The campaigns that a site may apply in (可申请的评定工作): announced by an authority above it, for its kind, until the last day."""
    query = _announced(seen_by).where(RatingCampaign.state == CampaignState.OPEN, RatingCampaign.closes_on >= on)
    found = db.session.scalars(query.options(joinedload(RatingCampaign.authority)).order_by(RatingCampaign.closes_on))
    return [row for row in found if site.scope_path.startswith(row.scope_path) and site.kind.value in row.site_kinds]


def scheme(row: RatingCampaign) -> Scheme:
    """The edition frozen into a campaign (评定方案)."""
    return schemes.loaded(row.scheme_sha, row.scheme_text)


def applications(*, seen_by: Actor) -> Select[RatingApplication]:
    """The applications that an actor may see (可见申请). A draft is the home's own business."""
    query = (
        visible(RatingApplication, to=seen_by)
        .join(RatingApplication.site)
        .join(RatingApplication.campaign)
        .options(contains_eager(RatingApplication.site), contains_eager(RatingApplication.campaign))
    )
    if not seen_by.posts & PROVIDER_POSTS:
        query = query.where(RatingApplication.number.is_not(None))
    return query


def application(application_id: UUID, *, seen_by: Actor, lock: bool = False) -> RatingApplication:
    """One application (评定申请)."""
    row = find(RatingApplication, application_id, seen_by=seen_by, lock=lock)
    if row.number is None and not seen_by.posts & PROVIDER_POSTS and seen_by.scope.path != "/":
        raise NotVisible("rating_application")
    return row


def of_site(site_id: UUID, *, seen_by: Actor) -> Sequence[RatingApplication]:
    """The applications of a site, newest first (本机构申请)."""
    query = applications(seen_by=seen_by).where(RatingApplication.site_id == site_id)
    return db.session.scalars(query.order_by(RatingApplication.created_at.desc())).all()


def facts_entered(application_id: UUID, *, seen_by: Actor) -> Sequence[RatingFact]:
    """Every entry about facts, in order (事实登记)."""
    query = visible(RatingFact, to=seen_by).where(RatingFact.application_id == application_id)
    return db.session.scalars(query.order_by(RatingFact.entered_at, RatingFact.id)).all()


def facts(row: RatingApplication, *, claims: bool, seen_by: Actor) -> dict[str, RatingFact]:
    """The facts that count now (有效事实); with `claims` also what only the home says, for previews."""
    rows = facts_entered(row.id, seen_by=seen_by)
    return {key: kept for key, kept in standing_facts(rows, claims=claims).items() if isinstance(kept, RatingFact)}


def values(made: Scheme, kept: Mapping[str, RatingFact]) -> dict[str, Value]:
    """The facts as the engine reads them (事实取值); one that does not fit is unknown."""
    found: dict[str, Value] = {}
    for fact in made.shape.facts:
        if fact.id in kept:
            try:
                found[fact.id] = read_fact(fact, kept[fact.id].value)
            except InputFault:
                found[fact.id] = None
    return found


def objections(application_id: UUID, *, seen_by: Actor) -> Sequence[RatingObjection]:
    """The objections to a result (异议)."""
    query = visible(RatingObjection, to=seen_by).where(RatingObjection.application_id == application_id)
    return db.session.scalars(query.order_by(RatingObjection.raised_on, RatingObjection.id)).all()


def open_objections(application_id: UUID, *, seen_by: Actor) -> Sequence[RatingObjection]:
    """Those not yet decided (未处理异议)."""
    return [o for o in objections(application_id, seen_by=seen_by) if o.state is ObjectionState.OPEN]


def last_revoked(site_id: UUID, scheme_code: str, *, seen_by: Actor) -> date | None:
    """The day on which a rating under this scheme was last revoked (最近撤销日)."""
    query = visible(Rating, to=seen_by).where(
        Rating.site_id == site_id, Rating.scheme == scheme_code, Rating.state == Standing.REVOKED
    )
    return db.session.scalars(query.with_only_columns(Rating.state_on).order_by(Rating.state_on.desc()).limit(1)).first()


def current_rating(site_id: UUID, scheme_code: str, on: date, *, seen_by: Actor) -> Rating | None:
    """The running rating of a site under a scheme on a day (现有等级)."""
    query = visible(Rating, to=seen_by).where(
        Rating.site_id == site_id,
        Rating.scheme == scheme_code,
        Rating.state.in_((Standing.VALID, Standing.SUSPENDED)),
        Rating.valid_from <= on,
        Rating.valid_to >= on,
    )
    return db.session.scalars(query.order_by(Rating.valid_from.desc()).limit(1)).one_or_none()


def site(site_id: UUID, *, seen_by: Actor) -> Site:
    """A site of the actor (网点)."""
    return providers.site(site_id, seen_by=seen_by)


def is_writable(row: RatingApplication) -> bool:
    """Whether the home may still change it (可修改)."""
    return row.state in WRITABLE
