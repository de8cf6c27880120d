"""A site's page with what inspections know of it: all of it for the office, nothing that is being prepared for the home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.core.actor import SYSTEM
from app.core.db import acting
from app.inspections.queries.checklists import site_facts
from app.inspections.queries.site_page import InspectionsOfSite
from app.inspections.rules.checklist import Feature
from app.providers import actions as providers
from tests.inspections import closing, field
from tests.inspections.field import AT, ON


@pytest.fixture(autouse=True)
def _world(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


def test_a_visit_that_is_being_prepared_is_shown_to_the_office_and_not_to_the_home() -> None:
    c = closing.a_closing()
    with acting(c.handler):
        field.a_planned_task(c.place)
        assert len(InspectionsOfSite().happenings(c.place.site.id, seen_by=c.handler)) == 1
    home = c.home()
    with acting(home):
        page = InspectionsOfSite()
        assert page.happenings(c.place.site.id, seen_by=home) == []
        assert [a.value for a in page.answers(c.place.site.id, seen_by=home, on=ON)] == ["没有", "还没有"]
        assert page.tabs(c.place.site.id, seen_by=home) == []


def test_open_problems_and_the_last_visit_are_answered_with_their_days() -> None:
    c = closing.a_closing()
    row = closing.a_closed_task(c, G_4_2="not_met")
    closing.an_order(c, row)
    with acting(c.handler):
        problems, last = InspectionsOfSite().answers(c.place.site.id, seen_by=c.handler, on=ON)
        assert problems.value.startswith("1 项")
        assert problems.note == f"最近期限 {closing.the_finding(row, 'G_4_2').due_on}"
        assert last.note == f"{ON} 个案检查"
        assert last.value == f"符合率 {row.rate_per_10k / 100:.1f}%"
        checks, repairs = InspectionsOfSite().tabs(c.place.site.id, seen_by=c.handler)
        assert (checks.count, repairs.count, repairs.wait) == (1, 1, True)
    home = c.home()
    with acting(home):
        (told,) = InspectionsOfSite().happenings(c.place.site.id, seen_by=home)
        assert told.title == "个案检查：已办结"
        assert "不符合 1 项" in told.text
        assert told.href == ""


def test_what_a_home_says_of_itself_decides_what_is_asked_on_the_spot() -> None:
    c = closing.a_closing()
    site = c.place.site.id
    assert site_facts(site, seen_by=c.handler).features == {}
    providers.record_facts(site, {"canteen": False, "lift": True}, as_of=ON, source="机构申报", by=c.handler, at=AT, on=ON)
    assert site_facts(site, seen_by=c.handler).features == {Feature.CANTEEN: False, Feature.LIFT: True}
