"""Questions about risk tiers (风险等级查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.core.actor import Actor
from app.core.db import db
from app.core.scope import find, visible
from app.credit.models.phoenix import PhoenixMatch
from app.credit.models.tiers import TierDecision, TierOverride
from app.credit.queries import records
from app.credit.rules import tier as law
from app.credit.rules.listing import ListKind
from app.credit.rules.phoenix import MatchState
from app.credit.rules.tier import Facts, Manual, TierTable
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.rules import SiteState, Tier
from app.regions import queries as regions
from app.regions.rules import Claim


def table_of(path: str, on: date) -> TierTable:
    """The table of tiers that holds in a place on a day (现行风险等级表)."""
    code = regions.settings_at(path, on).get("credit.tier_table")
    return law.tables().in_force(str(code.value) if code else law.DEFAULT_TABLE, on=on, region_path=path)


def rates(path: str, on: date) -> Mapping[str, Claim[int | str | tuple[int, ...]]]:
    """The draw rates of the tiers in a place (各档抽查比例): by tier, and `listed`."""
    said = regions.settings_at(path, on)
    keys = {**{tier.value: f"sampling.rate_{tier.value.lower()}" for tier in Tier}, "listed": "sampling.rate_listed"}
    return {name: said[key] for name, key in keys.items() if key in said}


def decision(site_id: UUID, *, seen_by: Actor) -> TierDecision | None:
    """The newest decision on a site's tier (最近一次定级)."""
    query = visible(TierDecision, to=seen_by).where(TierDecision.site_id == site_id)
    return db.session.scalars(query.order_by(TierDecision.at.desc()).limit(1)).one_or_none()


def decisions(site_id: UUID, *, seen_by: Actor) -> Sequence[TierDecision]:
    """Every decision on a site's tier, newest first (定级经过)."""
    query = visible(TierDecision, to=seen_by).where(TierDecision.site_id == site_id)
    return db.session.scalars(query.order_by(TierDecision.at.desc())).all()


def override(site_id: UUID, *, seen_by: Actor) -> TierOverride | None:
    """The manual tier that was not ended (未结束的人工调整); it may lie past its last day."""
    query = visible(TierOverride, to=seen_by).where(TierOverride.site_id == site_id, TierOverride.ended_on.is_(None))
    return db.session.scalars(query).one_or_none()


def override_row(tier_override_id: UUID, *, seen_by: Actor, lock: bool = False) -> TierOverride:
    """One manual tier (人工调整)."""
    return find(TierOverride, tier_override_id, seen_by=seen_by, lock=lock)


def overrides(*, seen_by: Actor, on: date) -> Sequence[TierOverride]:
    """The manual tiers in force (生效中的人工调整), those that end first on top."""
    query = visible(TierOverride, to=seen_by).where(TierOverride.ended_on.is_(None), TierOverride.until >= on)
    return db.session.scalars(query.options(joinedload(TierOverride.site)).order_by(TierOverride.until, TierOverride.id)).all()


def overrides_over(on: date, *, seen_by: Actor) -> list[UUID]:
    """Manual tiers whose last day has passed (到期的人工调整)."""
    query = visible(TierOverride, to=seen_by).where(TierOverride.ended_on.is_(None), TierOverride.until < on)
    return list(db.session.scalars(query.with_only_columns(TierOverride.id).order_by(TierOverride.id)))


def facts_of(site: Site, *, on: date, seen_by: Actor) -> Facts:
    """What a site's tier follows from on a day (定级事实)."""
    rows = records.records_of(site.id, seen_by=seen_by)
    grade = records.score_on(site.id, seen_by=seen_by, on=on).grade if rows else None
    lists = records.lists_holding(site.provider_id, on=on, seen_by=seen_by)
    linked = select(PhoenixMatch.id).where(PhoenixMatch.site_id == site.id, PhoenixMatch.state == MatchState.CONFIRMED)
    unrated = regions.settings_at(site.scope_path, on).get("sampling.tier_unrated")
    return Facts(
        grade=grade,
        listed=ListKind.LIST in lists,
        watched=ListKind.WATCH in lists,
        phoenix=db.session.scalar(linked.limit(1)) is not None,
        records=records.kinds_on(rows, on),
        unrated=Tier(str(unrated.value)) if unrated else Tier.B,
    )


def manual_of(site_id: UUID, *, seen_by: Actor) -> Manual | None:
    """The manual tier as the rule sees it (人工调整)."""
    row = override(site_id, seen_by=seen_by)
    return Manual(row.tier, row.reason, row.since, row.until) if row else None


def decided_on(site_id: UUID, *, seen_by: Actor, on: date) -> law.Decided:
    """A site's tier of a day, computed afresh (当日风险等级): nothing has to have run before."""
    site = providers.site(site_id, seen_by=seen_by)
    facts = facts_of(site, on=on, seen_by=seen_by)
    return law.decide(table_of(site.scope_path, on), facts, manual=manual_of(site_id, seen_by=seen_by), on=on)


_LIVING = (SiteState.OPERATING, SiteState.FILED, SiteState.SUSPENDED, SiteState.CLOSING)


def living(*, seen_by: Actor) -> Select[Site]:
    """The sites that are supervised (在管网点)."""
    return providers.sites(seen_by=seen_by).where(Site.state.in_(_LIVING))


def counts(*, seen_by: Actor) -> Mapping[Tier, int]:
    """How many supervised sites stand in each tier (各档数量)."""
    within = visible(Site, to=seen_by).where(Site.state.in_(_LIVING)).with_only_columns(Site.tier).subquery()
    found: dict[Tier, int] = {}
    for tier, number in db.session.execute(select(within.c.tier, func.count()).group_by(within.c.tier)):
        found[tier] = number
    return {tier: found.get(tier, 0) for tier in Tier}


def listed_sites(*, seen_by: Actor, on: date) -> Sequence[Site]:
    """The sites of listed organisations (名单内机构的网点): drawn every year, all of them."""
    sites = db.session.scalars(living(seen_by=seen_by).where(Site.tier == law.STRICTEST)).all()
    return [s for s in sites if ListKind.LIST in records.lists_holding(s.provider_id, on=on, seen_by=seen_by)]
