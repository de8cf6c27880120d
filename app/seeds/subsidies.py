"""Subsidies of the demo world (演示补贴): a list that is approved, one that waits, one that was cancelled, one taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.providers import actions as registry
from app.providers.rules import SiteKind
from app.ratings.actions import subsidies as actions
from app.ratings.rules.subsidies import months
from app.seeds.people import Cast
from app.seeds.sites import Register

COUNTY = "140105"
RULE = "shanxi_bed_full_care"


def _moment(on: date) -> datetime:
    return datetime.combine(on, time(2, 0), UTC)


def fill(cast: Cast, register: Register, on: date) -> int:
    """Register disabled residents of some homes, then compute and settle the lists (计算演示补贴)."""
    if COUNTY not in cast.offices:
        return 0
    last = on.replace(day=1) - timedelta(days=1)
    span = months(last - timedelta(days=120), last)
    homes = [
        site
        for site in register.by_county.get(COUNTY, [])
        if site.kind is SiteKind.CARE_HOME and site.filed_on is not None and site.filed_on < span[1]
    ][:4]
    if not homes:
        return 0
    with acting(SYSTEM):
        for number, site in enumerate(homes[:3]):  # the fourth has no figures: its rows wait
            for month in span:
                registry.record_facts(
                    site.id,
                    {"disabled_residents": 5 + number},
                    as_of=month,
                    source="示例·机构填报",
                    by=SYSTEM,
                    at=_moment(on),
                    on=on,
                )
    office = cast.offices[COUNTY]
    maker, head = office.one(Post.HANDLER), office.one(Post.HEAD)
    with acting(maker):
        paid = actions.compute_claim(RULE, span[0], span[1], by=maker, at=_moment(on), on=on)
    with acting(head):
        actions.approve_claim(paid.id, by=head, on=on)
    with acting(maker):
        wrong = actions.compute_claim(RULE, span[2], span[2], by=maker, at=_moment(on), on=on)
        actions.cancel_claim(wrong.id, "示例·有一家机构的人数要更正", by=maker, on=on)
        actions.compute_claim(RULE, span[2], span[2], by=maker, at=_moment(on), on=on)
        actions.reverse_months(homes[0].id, span[1], "示例·当月人数虚报", by=maker, at=_moment(on), on=on)
    db.session.commit()
    return 4
