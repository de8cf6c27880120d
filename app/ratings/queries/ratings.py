"""Questions about ratings (等级查询): of a site side by side, on a day, with what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.scope import find, visible
from app.ratings.models import MidCheck, Rating, RatingAlert, RatingChange, RatingReply
from app.ratings.rules.process import Cause, Measure, Standing, add_months, standing_on


def rating(rating_id: UUID, *, seen_by: Actor, lock: bool = False) -> Rating:
    """One rating (等级)."""
    return find(Rating, rating_id, seen_by=seen_by, lock=lock)


def ratings(*, seen_by: Actor) -> Select[Rating]:
    """The ratings that an actor may see (可见等级)."""
    return visible(Rating, to=seen_by).join(Rating.site).options(contains_eager(Rating.site), joinedload(Rating.campaign))


def of_site(site_id: UUID, *, seen_by: Actor) -> Sequence[Rating]:
    """All ratings of a site under whatever scheme, newest first (本机构全部等级)."""
    query = visible(Rating, to=seen_by).where(Rating.site_id == site_id)
    return db.session.scalars(query.order_by(Rating.valid_from.desc(), Rating.scheme)).all()


def valid_of_site(site_id: UUID, on: date, *, seen_by: Actor) -> list[Rating]:
    """The ratings that hold on a day, side by side (当日有效等级). Expiry is a matter of the day, not of a job."""
    return [r for r in of_site(site_id, seen_by=seen_by) if r.valid_from <= on and standing_of(r, on) is Standing.VALID]


def standing_of(row: Rating, on: date) -> Standing:
    """How a rating stands on a day (当日状态)."""
    return standing_on(row.state, row.valid_to, on)


def running(site_id: UUID, on: date) -> list[Rating]:
    """The ratings of a site that news may touch (受影响等级): valid or suspended, not run out. For listeners."""
    db.session.flush()
    with acting(SYSTEM):
        found = of_site(site_id, seen_by=SYSTEM)
    return [r for r in found if standing_of(r, on) in (Standing.VALID, Standing.SUSPENDED)]


def changes(rating_id: UUID, *, seen_by: Actor) -> Sequence[RatingChange]:
    """What was proposed and decided about a rating, newest first (处理记录)."""
    query = visible(RatingChange, to=seen_by).where(RatingChange.rating_id == rating_id)
    return db.session.scalars(query.order_by(RatingChange.proposed_on.desc(), RatingChange.id)).all()


def open_change(rating_id: UUID, *, seen_by: Actor) -> RatingChange | None:
    """The proposal that waits for a decision (待决处理)."""
    return next((c for c in changes(rating_id, seen_by=seen_by) if c.decided_on is None and c.dropped_on is None), None)


def alerts(*, seen_by: Actor, rating_id: UUID | None = None) -> Sequence[RatingAlert]:
    """News that nobody settled yet, oldest first (待处理提示)."""
    query = visible(RatingAlert, to=seen_by).where(RatingAlert.settled_on.is_(None))
    if rating_id is not None:
        query = query.where(RatingAlert.rating_id == rating_id)
    return db.session.scalars(query.order_by(RatingAlert.told_on, RatingAlert.id)).all()


def alerts_about(site_id: UUID, cause: Cause, source: UUID, *, seen_by: Actor) -> Sequence[RatingAlert]:
    """The news that one event made of a site's ratings, settled or not (同一事由的提示)."""
    query = visible(RatingAlert, to=seen_by).where(
        RatingAlert.site_id == site_id, RatingAlert.cause == cause, RatingAlert.source == source
    )
    return db.session.scalars(query.order_by(RatingAlert.id)).all()


def suspended_at_once_by(alert_id: UUID, *, seen_by: Actor) -> bool:
    """Whether this news suspended its rating at once (是否因此即时暂停)."""
    query = visible(RatingChange, to=seen_by).where(
        RatingChange.alert_id == alert_id, RatingChange.at_once, RatingChange.measure == Measure.SUSPEND
    )
    return db.session.scalar(select(query.exists())) is True


def checks(rating_id: UUID, *, seen_by: Actor) -> Sequence[MidCheck]:
    """Mid-term checks of a rating (期中检查)."""
    query = visible(MidCheck, to=seen_by).where(MidCheck.rating_id == rating_id)
    return db.session.scalars(query.order_by(MidCheck.done_on.desc())).all()


def replies(rating_id: UUID, *, seen_by: Actor) -> Sequence[RatingReply]:
    """What the home said (机构回应)."""
    query = visible(RatingReply, to=seen_by).where(RatingReply.rating_id == rating_id)
    return db.session.scalars(query.order_by(RatingReply.said_on.desc(), RatingReply.id)).all()


def waiting_replies(*, seen_by: Actor) -> Sequence[RatingReply]:
    """Replies that somebody must look at before they are shown (待核回应)."""
    query = visible(RatingReply, to=seen_by).where(RatingReply.cleared_at.is_(None), RatingReply.refused == "")
    return db.session.scalars(query.order_by(RatingReply.said_on)).all()


def renewal_opens(row: Rating) -> date:
    """From when a renewal may be asked for (复评窗口起始日)."""
    return add_months(row.valid_to, -row.campaign.renew_before_months)


def ever_rated(site_ids: Sequence[UUID], *, seen_by: Actor) -> set[UUID]:
    """The sites among these that were ever rated (曾评定)."""
    return set(
        db.session.scalars(
            select(Rating.site_id).where(
                Rating.site_id.in_(site_ids), Rating.id.in_(visible(Rating, to=seen_by).with_only_columns(Rating.id))
            )
        )
    )
