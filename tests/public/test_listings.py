"""The public list (名单公示): what is shown, what never, and that the last day ends it by the date alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.credit.actions import listing, listing_ends
from app.credit.models.listing import ListEntry
from app.credit.rules.listing import EntryState, ObjectionVerb
from app.providers.models import Site
from app.public import actions, feed
from app.public.queries import facility as facility_page
from app.public.queries import listings, opendata
from app.public.queries import search as finding
from tests.credit.listing_world import START, Bureau, a_bureau, a_clue, a_person, a_service, an_entry, moment, publish, repair
from tests.providers.builders import a_filed_site

ONE_DAY = timedelta(days=1)


@pytest.fixture
def site(db_session: object) -> Site:
    return a_filed_site(on=date(2026, 2, 2))


@pytest.fixture
def people(site: Site) -> Bureau:
    """The people of the site's bureau; the site is let go of the session, which pages roll back."""
    with acting(SYSTEM):
        found = a_bureau(site)
        _settled(site)
    return found


def _settled(row: Any) -> None:
    """Commit, and keep what was loaded of a row: a page ends with a rollback that forgets it."""
    db.session.commit()
    db.session.refresh(row)
    db.session.expunge(row)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the day on which pages are looked at; nothing else moves."""

    def go(day: date) -> None:
        moment_ = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: moment_)

    return go


def published(site: Site, people: Bureau) -> ListEntry:
    row = an_entry(site, people, EntryState.PUBLISHED)
    assert row.published_on is not None
    with acting(SYSTEM):
        feed.publish_noted(row.published_on)
        _settled(row)
    return row


def everywhere(client: FlaskClient, site: Site, name: str) -> dict[str, bool]:
    """Whether a name or the mark of its listing stands at each public place."""
    check = json.loads(client.get("/open/listings/check.json", query_string={"name": name}).text)
    search = client.get("/facilities", query_string={"q": site.name}).text
    return {
        "page": name in client.get("/listings").text.replace(f'value="{name}"', ""),
        "search in the list": bool(client.get("/listings", query_string={"q": name}).text.count("决定书文号")),
        "check": bool(check["matches"]),
        "check page": "同名不等于同一主体" in client.get("/listings/check", query_string={"name": name}).text,
        "json": name in client.get("/open/listings.json").text,
        "csv": name in client.get("/open/listings.csv").text,
        "facility": "失信惩戒对象名单上" in client.get(f"/facilities/{site.id}").text,
        "search": "在失信名单上" in search,
    }


def test_the_entry_whose_last_day_was_yesterday_is_gone_everywhere_and_no_job_has_run(
    client: FlaskClient, site: Site, people: Bureau, at: Any
) -> None:
    row = published(site, people)
    assert row.max_end is not None
    at(row.max_end)
    assert set(everywhere(client, site, row.subject_name).values()) == {True}, everywhere(client, site, row.subject_name)
    at(row.max_end + ONE_DAY)
    assert set(everywhere(client, site, row.subject_name).values()) == {False}, everywhere(client, site, row.subject_name)
    with acting(SYSTEM):
        stored = db.session.get(ListEntry, row.id)
        assert stored is not None
        assert stored.state is EntryState.PUBLISHED, "nobody has run anything"


def test_removal_and_annulment_take_it_off_at_once(site: Site, people: Bureau) -> None:
    row = published(site, people)
    day = row.earliest_repair_on
    assert day is not None
    assert [e.name for e in listings.listings(on=day)] == [row.subject_name]
    with acting(SYSTEM):
        repair(row, people)
        feed.publish_noted(day)
    assert listings.listings(on=day) == []
    other = published(site, people)
    assert other.published_on is not None
    with acting(SYSTEM):
        listing_ends.annul(
            other.id, reason="示例：事实不成立", public_reason="列入所依据的事实不成立。", decided_on=other.published_on,
            by=people.other_head, at=moment(other.published_on), on=other.published_on + ONE_DAY,
        )  # fmt: skip
        feed.publish_noted(other.published_on + ONE_DAY)
    assert other.decision_number not in {e.number for e in listings.listings(on=other.published_on + ONE_DAY)}
    (told,) = listings.annulments(on=other.published_on + ONE_DAY)
    assert told.number == other.decision_number
    assert other.subject_name not in told.reason


def test_an_objection_marks_the_entry_and_its_answer_unmarks_it(site: Site, people: Bureau) -> None:
    row = published(site, people)
    assert row.published_on is not None
    day = row.published_on
    with acting(SYSTEM):
        made = listing_ends.object_to(row.id, words="示例", by=people.owner, on=day)
        feed.publish_noted(day)
        assert [e.objected for e in listings.listings(on=day)] == [False]
        listing_ends.mark_objection(made.id, by=people.second, on=day)
        feed.publish_noted(day)
        assert [e.objected for e in listings.listings(on=day)] == [True]
        listing_ends.answer_objection(made.id, ObjectionVerb.REJECT, answer="示例", by=people.other_head, at=moment(day), on=day)
        feed.publish_noted(day)
    assert [e.objected for e in listings.listings(on=day)] == [False]


def test_nothing_but_what_may_be_shown(client: FlaskClient, site: Site, people: Bureau, at: Any) -> None:
    with acting(SYSTEM):
        clue = a_clue(
            ground_code="M-02",
            persons=[a_person("示例·张三丰", "11010519491231002X")],
            organisation=False,
            facts="护工打了老人王桂兰，住在示例路9号。",
        )
        (row,) = listing.register_clue(site.id, clue, by=people.handler, at=moment(START), on=START)
        from app.credit.rules.dates import PublicationClass

        listing.propose(row.id, publication_class=PublicationClass.SERIOUS, by=people.handler, at=moment(START), on=START)
        listing.serve_notice(row.id, a_service(START), by=people.handler, on=START)
        day = listing.defence_until(row) + ONE_DAY
        listing.close_defence(row.id, answer="示例", by=people.handler, on=day)
        listing.review(row.id, words="示例", by=people.reviewer, on=day)
        listing.decide_list(row.id, words="示例", by=people.head, at=moment(day), on=day)
        listing.serve_decision(row.id, a_service(day), by=people.handler, on=day)
        publish(row, people, day, "在护理中打伤一名老人。")
        feed.publish_noted(day)
        db.session.commit()
    at(day)
    for address in ("/listings", "/open/listings.json", "/open/listings.csv"):
        page = client.get(address).text
        assert "示例·张三丰" in page
        assert "110***********002X" in page
        for never in ("11010519491231002X", "1949", "王桂兰", "示例路9号", "护工打了"):
            assert never not in page


def test_near_matches_say_why(site: Site, people: Bureau) -> None:
    row = published(site, people)
    assert row.published_on is not None
    day = row.published_on
    reasons = {
        row.subject_name: "same",
        row.subject_code: "code",
        row.subject_name.replace("松鹤", "松贺"): "sound",
        row.subject_name.replace("松鹤", "青鹤"): "one_off",
    }
    for asked, likeness in reasons.items():
        found = listings.check(asked, on=day)
        assert [hit.likeness.value for _, hit in found] == [likeness], asked
        assert found[0][1].why
    assert listings.check("完全无关的名称", on=day) == []
    assert listings.check("", on=day) == []


def test_publishing_again_changes_nothing(site: Site, people: Bureau) -> None:
    row = published(site, people)
    assert row.published_on is not None
    with acting(SYSTEM):
        before = opendata.changes(0)
        actions.publish_entries([row.id], row.published_on)
        db.session.commit()
        assert len(opendata.changes(0)) == len(before)
    page = facility_page.facility(site.id, on=row.published_on)
    assert page is not None
    assert [entry.number for entry in page.listings] == [row.decision_number]
    found = finding.search(finding.Search(words=(site.name.replace("示例·", ""),)), on=row.published_on)
    assert any(hit.listed for hit in found.rows)
