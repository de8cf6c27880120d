"""Jobs of credit (信用定时任务): scores of days that changed by themselves, manual tiers that ended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.timetable import Tally, one_by_one
from app.credit.actions import records as actions
from app.credit.actions import tiers
from app.credit.queries import records as queries
from app.credit.queries import tiers as tier_queries


def keep_scores(on: date) -> Tally:
    """Store what changed by the passing of days (每日存分): every changed day since the last run, not today alone. Safe to repeat."""

    def keep(site_id: UUID) -> None:
        actions.keep_score(site_id, by=SYSTEM, at=clock.now(), on=on)

    return one_by_one(queries.sites_to_score(on, seen_by=SYSTEM), keep)


def end_overrides(on: date) -> Tally:
    """End manual tiers whose last day has passed (人工调整到期); the tier is computed again. Safe to repeat."""

    def end(override_id: UUID) -> None:
        tiers.end_override(override_id, by=SYSTEM, on=on)

    return one_by_one(tier_queries.overrides_over(on, seen_by=SYSTEM), end)
