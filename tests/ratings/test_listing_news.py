"""A listing makes a home's ratings rest, and its end wakes them again, with tier and list in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.credit.queries import listing
from app.credit.rules.listing import EntryState
from app.providers.models import Site
from app.providers.rules import Tier
from app.ratings.actions.ratings import note_news
from app.ratings.queries import facts, ratings
from app.ratings.rules.process import Cause, Standing, State
from tests.credit import listing_world as world
from tests.ratings.builders import ON, a_rated_site, a_work


@pytest.fixture
def rated(db_session: object) -> Iterator[Site]:
    site = a_rated_site()
    work = a_work()
    row = work.begin(site=site)
    work.until(State.PUBLISHED, row=row)
    with acting(SYSTEM):
        yield site


def standing(site: Site) -> Standing:
    (row,) = ratings.of_site(site.id, seen_by=SYSTEM)
    return row.state


def test_listed_and_repaired(rated: Site) -> None:
    on = ON + timedelta(days=40)
    people = world.a_bureau(rated)
    entry = world.an_entry(rated, people, EntryState.PUBLISHED, on=on)
    assert standing(rated) is Standing.SUSPENDED
    assert rated.tier is Tier.D
    assert entry.decided_on is not None
    known = facts.gathered(rated.id, on=entry.decided_on, scheme="cn.shanxi.3a")
    assert (known["blacklisted"].value, known["penalties_24m"].value) == ("1", "0")
    world.repair(entry, people)
    assert entry.ended_on is not None
    assert standing(rated) is Standing.VALID
    assert rated.tier is not Tier.D
    assert not listing.standing(rated.provider_id, entry.ended_on).listed
    assert facts.gathered(rated.id, on=entry.ended_on, scheme="cn.shanxi.3a")["blacklisted"].value == "0"


def test_what_something_else_suspended_too_stays_suspended(rated: Site) -> None:
    on = ON + timedelta(days=40)
    people = world.a_bureau(rated)
    entry = world.an_entry(rated, people, EntryState.PUBLISHED, on=on)
    note_news(rated.id, Cause.HAZARD, source=rated.id, words="示例：认定重大事故隐患", on=on)
    world.repair(entry, people)
    assert standing(rated) is Standing.SUSPENDED


def test_rolled_back_together(rated: Site) -> None:
    people = world.a_bureau(rated)
    on = ON + timedelta(days=40)
    entry = world.an_entry(rated, people, EntryState.PUBLISHED, on=on)
    with db.session.begin_nested() as trial:
        world.repair(entry, people)
        assert standing(rated) is Standing.VALID
        trial.rollback()
    db.session.expire_all()
    assert standing(rated) is Standing.SUSPENDED
    assert rated.tier is Tier.D
