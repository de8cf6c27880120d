"""A rating ended early: what was paid for later months is to be taken back (等级撤销后拟追回补贴)."""

from __future__ import annotations

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, current_actor
from app.ratings.actions import subsidies
from app.ratings.events.work import RatingChanged
from app.ratings.queries import ratings
from app.ratings.rules.process import Measure


def _who(done: RatingChanged) -> Actor:
    actor = current_actor()
    return actor if actor.id == done.by else SYSTEM


def take_back(done: RatingChanged) -> None:
    """A rating was revoked or ended: draw up the reversal of what was paid from that month on (拟追回). Its subject is the rating."""
    if done.measure not in (Measure.REVOKE, Measure.END):
        return
    with acting(SYSTEM):
        rating = ratings.rating(done.subject, seen_by=SYSTEM)
        who = _who(done)
        maker = Actor(who.id, SYSTEM.posts, SYSTEM.scope, rating.authority_id, who.name)
        subsidies.reverse_months(
            done.site_id,
            rating.state_on,
            f"等级{done.measure.label}（{rating.certificate_number}）",
            scheme=rating.scheme,
            by=maker,
            at=clock.now(),
            on=done.on,
        )
