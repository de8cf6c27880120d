"""A facility's page (机构公示页): what stands on it, on which day, and what never does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.providers import actions as registry
from app.public import actions
from app.public.models import Facility, FacilityFact, FeedLine
from app.public.queries.facility import facility, facility_version
from tests.providers.builders import AT, ON, a_site
from tests.public.builders import a_public_site

pytestmark = pytest.mark.usefixtures("db_session")


def test_a_filed_site_is_published_with_its_charges_and_free_beds() -> None:
    site_id = a_public_site()
    page = facility(site_id, on=ON)
    assert page is not None
    assert (page.name, page.beds, page.free_beds) == ("示例·松鹤养老院", 60, 12)
    assert (page.charge_min_fen, page.charge_max_fen, page.charge_parts) == (240_000, 460_000, "床位＋护理")
    assert page.region_name.endswith("和平区")
    assert {fact.label: fact.value for fact in page.facts}["核定床位"] == "60"


def test_a_site_that_was_never_filed_is_not_published() -> None:
    site_id = a_site(facts={"beds": 40}).id
    db.session.commit()
    assert facility(site_id, on=ON) is None


def test_a_new_fact_changes_the_page_and_its_validator_in_the_same_transaction() -> None:
    site_id = a_public_site()
    before = facility_version(site_id, on=ON)
    with acting(SYSTEM):
        registry.record_facts(
            site_id, {"occupied_beds": 50}, as_of=ON, source="机构申报", by=SYSTEM, at=AT + timedelta(hours=1), on=ON
        )
    db.session.commit()
    page = facility(site_id, on=ON)
    assert page is not None
    assert page.free_beds == 10
    assert facility_version(site_id, on=ON) != before


def test_few_residents_are_not_counted_in_public() -> None:
    site_id = a_public_site(facts={"occupied_beds": 3, "caregivers": 2})
    page = facility(site_id, on=ON)
    assert page is not None
    assert page.free_beds is None
    assert {fact.label: fact.value for fact in page.facts}["在住人数"] == "少于 5"


def test_what_ended_yesterday_is_gone_without_a_job(client: FlaskClient) -> None:
    site_id = a_public_site()
    assert client.get(f"/facilities/{site_id}").status_code == 200
    yesterday = date.today() - timedelta(days=1)
    db.session.execute(update(Facility).where(Facility.id == site_id).values(visible_until=yesterday))
    db.session.commit()
    client.application.extensions.pop("public.pages", None)
    assert client.get(f"/facilities/{site_id}").status_code == 404
    assert str(site_id) not in client.get("/facilities?q=松鹤").text


def test_the_page_works_without_scripts_and_says_what_a_missing_rating_means(client: FlaskClient) -> None:
    site_id = a_public_site()
    page = client.get(f"/facilities/{site_id}").text
    for words in ("没有星级不等于不好", "没有查过不等于没有问题", "2,400–4,600 元/月", "空床 12 张", "截至"):
        assert words in page
    assert "示例·乙" not in page  # the manager's name
    assert "示例·甲" not in page  # the legal representative's


def test_publishing_again_changes_nothing() -> None:
    a_public_site()
    a_public_site("示例·乐龄养老院")
    before = _everything()
    actions.rebuild_all(ON)
    assert _everything() == before


def _everything() -> list[tuple[object, ...]]:
    return [
        tuple(row)
        for table in (Facility.__table__, FacilityFact.__table__)
        for row in db.session.execute(select(table).order_by(*table.primary_key))
    ]


def test_the_feed_tells_each_change_once_and_without_gaps() -> None:
    site_id = a_public_site()
    lines = db.session.scalars(select(FeedLine).order_by(FeedLine.seq)).all()
    assert [(line.what, line.subject, line.change) for line in lines] == [("facility", site_id, "published")]
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
