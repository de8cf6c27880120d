"""The list, the score and the tier move together (名单、信用分、风险等级同进退): one transaction, undone together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.refusal import Refused
from app.credit.actions import tiers
from app.credit.queries import records as queries
from app.credit.queries import tiers as tier_queries
from app.credit.rules.listing import EntryState
from app.credit.rules.records import RecordKind
from app.providers.models import Site
from app.providers.rules import Tier
from tests.credit.builders import a_record
from tests.credit.listing_world import START, Bureau, a_bureau, an_entry, moment, repair
from tests.providers.builders import a_filed_site

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def home(db_session: object) -> Iterator[tuple[Site, Bureau]]:
    """A home with the best score."""
    with acting(SYSTEM):
        site = a_filed_site()
        for kind in (RecordKind.COMMENDATION, RecordKind.COMMENDATION, RecordKind.PILOT):
            a_record(site.id, kind, since=START)
        assert site.tier is Tier.A
        yield site, a_bureau(site)


def test_listed_is_drawn_every_year_whatever_the_score_until_the_entry_ends(home: tuple[Site, Bureau]) -> None:
    site, people = home
    row = an_entry(site, people, EntryState.PUBLISHED)
    assert row.decided_on is not None
    on = row.decided_on
    assert queries.score_on(site.id, seen_by=SYSTEM, on=on).total == 94, "the score is not touched by the list"
    assert site.tier is Tier.D
    assert site.tier_reason is not None
    assert "失信惩戒对象名单" in site.tier_reason
    with pytest.raises(Refused, match="不能降低"):
        tiers.override_tier(site.id, Tier.A, "表现很好，建议降低检查频次", until=on, by=people.head, at=moment(on), on=on)
    a_record(site.id, RecordKind.COMMENDATION, since=on)
    assert site.tier is Tier.D, "a good record does not lower it"
    assert row.max_end is not None
    after = row.max_end + timedelta(days=1)
    assert tier_queries.decided_on(site.id, seen_by=SYSTEM, on=row.max_end).reasons[0].code == "listed"
    assert all(r.code != "listed" for r in tier_queries.decided_on(site.id, seen_by=SYSTEM, on=after).reasons), (
        "by the date alone"
    )
    repair(row, people)
    assert all(r.code != "listed" for r in tier_queries.decided_on(site.id, seen_by=SYSTEM, on=row.ended_on or after).reasons)
    assert site.tier is not Tier.D, "the draw's own tier changed with the repair"


def test_what_is_rolled_back_leaves_neither_listing_nor_tier(home: tuple[Site, Bureau]) -> None:
    site, people = home
    row = an_entry(site, people, EntryState.DECIDED)
    with db.session.begin_nested() as trial:
        from app.credit.actions import listing
        from tests.credit.listing_world import a_service

        assert row.decided_on is not None
        listing.serve_decision(row.id, a_service(row.decided_on), by=people.handler, on=row.decided_on)
        assert site.tier is Tier.D
        trial.rollback()
    db.session.refresh(site)
    db.session.refresh(row)
    assert (site.tier, row.state) == (Tier.A, EntryState.DECIDED)
    assert not queries.lists_holding(site.provider_id, on=START, seen_by=SYSTEM)
