"""Verbs of the risk tier (风险等级办理): decide it, set it by hand for a time, end that."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.core import audit
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import Refused
from app.credit import events
from app.credit.models.tiers import TierDecision, TierOverride
from app.credit.queries import records
from app.credit.queries import tiers as queries
from app.credit.rules import tier as law
from app.credit.rules.listing import ListKind
from app.providers import actions as providers
from app.providers import queries as registry
from app.providers.rules import Tier
from app.regions import queries as regions


def decide_tier(site_id: UUID, *, by: Actor, on: date) -> TierDecision | None:
    """Compute a site's tier and set it (确定风险等级); a row only when tier or reasons changed. The platform sets what the table says."""
    with acting(SYSTEM):
        site = registry.site(site_id, seen_by=SYSTEM, lock=True)
        table, facts = queries.table_of(site.scope_path, on), queries.facts_of(site, on=on, seen_by=SYSTEM)
        manual = queries.override(site_id, seen_by=SYSTEM)
        found = law.decide(table, facts, manual=queries.manual_of(site_id, seen_by=SYSTEM), on=on)
        reasons = [{"code": r.code, "tier": r.tier.value, "words": r.words} for r in found.reasons]
        before = queries.decision(site_id, seen_by=SYSTEM)
        if before is not None and (before.tier, before.reasons, before.listed) == (found.tier, reasons, facts.listed):
            return None
        held = manual is not None and found.way is law.TierWay.OVERRIDDEN
        newest = records.stored_for(site_id, on, seen_by=SYSTEM)
        row = TierDecision(
            scope_path=site.scope_path,
            provider_id=site.provider_id,
            site_id=site_id,
            on=on,
            tier=found.tier,
            way=found.way,
            listed=facts.listed,
            reasons=reasons,
            table_code=table.code,
            table_sha256=table.sha256,
            score_id=newest.id if newest else None,
            override_id=manual.id if manual is not None and held else None,
            by=by.id,
        )
        db.session.add(row)
        db.session.flush()
        audit.record(
            events.TierDecided(subject=site_id, by=by.id, on=on, decision_id=row.id, tier=found.tier, way=found.way.value)
        )
        providers.set_supervision_tier(site_id, found.tier, found.sentence, by=SYSTEM, on=on)
        return row


def decide_tiers_of(provider_id: UUID, *, by: Actor, on: date) -> None:
    """Something befell an organisation (机构名单变化): the tier of each of its sites is decided again."""
    with acting(SYSTEM):
        sites = [site.id for site in records.sites_of(provider_id, seen_by=SYSTEM)]
        for site_id in sites:
            decide_tier(site_id, by=by, on=on)


def override_tier(site_id: UUID, tier: Tier, reason: str, *, until: date, by: Actor, at: datetime, on: date) -> TierOverride:
    """Set the tier by hand until a day (人工调整风险等级), with the reason; the one before it ends."""
    site = registry.site(site_id, seen_by=by, lock=True)
    lists = records.lists_holding(site.provider_id, on=on, seen_by=SYSTEM)
    most = regions.number_set(site.scope_path, "credit.override_max", on)
    law.check_override(tier=tier, reason=reason, until=until, on=on, listed=ListKind.LIST in lists, most_days=most)
    before = queries.override(site_id, seen_by=by)
    if before is not None:
        _end(before, by=by, on=on)
    row = TierOverride(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site_id,
        tier=tier,
        reason=reason.strip(),
        since=on,
        until=until,
        by=by.id,
        at=at,
    )
    db.session.add(row)
    db.session.flush()
    decide_tier(site_id, by=by, on=on)
    return row


def _end(row: TierOverride, *, by: Actor, on: date) -> None:
    row.ended_on, row.ended_by = on, by.id
    db.session.flush()
    audit.record(events.TierOverrideEnded(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def end_override(tier_override_id: UUID, *, by: Actor, on: date) -> None:
    """End a manual tier (结束人工调整), before its day or after it; the tier is computed again."""
    row = queries.override_row(tier_override_id, seen_by=by, lock=True)
    if row.ended_on is not None:
        raise Refused("tier.ended", "这次人工调整已经结束。")
    _end(row, by=by, on=on)
    decide_tier(row.site_id, by=by, on=on)
