"""The pages of the list (名单页面): what each post sees and may do, typed words kept, nothing shown that may not be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.credit.actions import listing
from app.credit.models.listing import ListEntry
from app.credit.rules.listing import EntryState
from app.providers.models import Site
from tests.credit.listing_world import START, Bureau, a_bureau, a_clue, a_person, a_service, an_entry, moment
from tests.providers.builders import a_filed_site
from tests.worlds import Visit, signed_in

S = EntryState
ONE_DAY = timedelta(days=1)


@pytest.fixture
def site(db_session: object) -> Site:
    return a_filed_site(on=date(2026, 2, 2))


@pytest.fixture
def people(site: Site) -> Bureau:
    return a_bureau(site)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the day."""

    def go(day: date) -> None:
        fixed = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: fixed)

    return go


@pytest.fixture(autouse=True)
def as_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


def settled(row: ListEntry) -> ListEntry:
    with acting(SYSTEM):
        db.session.commit()
        db.session.refresh(row)
        db.session.expunge(row)
    return row


NOW = clock.now


def visitor(client: FlaskClient, site: Site, post: Post) -> Visit:
    """Somebody of a post, signed in at this very moment whatever day the pages think it is."""
    with acting(SYSTEM), pytest.MonkeyPatch.context() as real:
        real.setattr(clock, "now", NOW)
        authority, provider_id = site.authority, site.provider_id
        if post in (Post.PROVIDER_OWNER, Post.SITE_MANAGER):
            own = site.id if post is Post.SITE_MANAGER else None
            return signed_in(client, post, provider_id=provider_id, site_id=own)
        return signed_in(client, post, authority=authority)


def test_every_state_is_a_page_for_every_post(client: FlaskClient, site: Site, people: Bureau) -> None:
    ids = {state: str(an_entry(site, people, state).id) for state in S}
    with acting(SYSTEM):
        db.session.commit()
    for post in (Post.HANDLER, Post.REVIEWER, Post.HEAD, Post.OBSERVER):
        person = visitor(client, site, post)
        board = person.get("/office/listings")
        assert board.status_code == 200
        for state, entry_id in ids.items():
            page = person.get(f"/office/listings/{entry_id}")
            assert page.status_code == 200, state
            assert "何时结束" in page.text
            assert ("没有您要办的" in page.text) or post is not Post.OBSERVER
    owner = visitor(client, site, Post.PROVIDER_OWNER)
    assert owner.get("/my/listings").status_code == 200
    for state, entry_id in ids.items():
        hidden = state in (S.CLUE, S.PROPOSED, S.DISMISSED)
        assert owner.get(f"/my/listings/{entry_id}").status_code == (404 if hidden else 200), state


def test_a_clue_is_entered_and_what_was_typed_stays(client: FlaskClient, site: Site, at: Any) -> None:
    at(START)
    site_id = str(site.id)
    person = visitor(client, site, Post.HANDLER)
    assert person.get("/office/listings/new").status_code == 200
    typed = {
        "site": site_id, "ground": "grounds_mca103|M-04", "source": "inspection", "source_words": "示例：检查编号", "found_on": "2026-03-05",
        "facts": "示例：重大火灾隐患逾期不改", "penalty": "none", "person": "示例·李四", "organisation": "y",
    }  # fmt: skip
    bad = person.post("/office/listings", **typed)
    assert bad.status_code == 422
    assert "不适用于从业人员" in bad.text
    assert "示例：重大火灾隐患逾期不改" in bad.text
    good = person.post("/office/listings", **(typed | {"person": ""}))
    assert good.status_code == 302
    page = person.get(good.location)
    assert "提出列入" in page.text


def test_the_whole_procedure_over_the_pages(client: FlaskClient, site: Site, people: Bureau, at: Any) -> None:
    row = settled(an_entry(site, people, S.CLUE))
    base = f"/office/listings/{row.id}"
    at(START)
    person = visitor(client, site, Post.HANDLER)
    assert person.post(f"{base}/handling", act="propose", publication_class="serious").status_code == 302
    assert (
        person.post(
            f"{base}/handling", act="serve_notice", way="direct", receiver="示例·甲", served_on=START.isoformat()
        ).status_code
        == 302
    )
    owner = visitor(client, site, Post.PROVIDER_OWNER)
    assert f"/my/listings/{row.id}" in owner.get("/my/").text, "it stands among what is asked of the home"
    mine = owner.get(f"/my/listings/{row.id}")
    assert "陈述、申辩" in mine.text
    assert owner.post(f"/my/listings/{row.id}/statement", words="").status_code == 422
    assert owner.post(f"/my/listings/{row.id}/statement", words="示例：当日电梯检修，并非拒绝检查").status_code == 302
    at(date(2026, 4, 15))
    person = visitor(client, site, Post.HANDLER)
    early = person.post(f"{base}/handling", act="close_defence", answer="")
    assert early.status_code == 422
    assert "逐条" in early.text
    assert person.post(f"{base}/handling", act="close_defence", answer="示例：与事实不符，不采纳").status_code == 302
    assert person.post(f"{base}/review", act="review", words="示例").status_code == 403
    assert visitor(client, site, Post.REVIEWER).post(f"{base}/review", act="review", words="示例：程序合法").status_code == 302
    assert visitor(client, site, Post.HEAD).post(f"{base}/decision", act="decide_list", words="示例：列入").status_code == 302
    person = visitor(client, site, Post.HANDLER)
    served = {"way": "direct", "receiver": "示例·甲", "served_on": "2026-04-15"}
    assert person.post(f"{base}/handling", act="serve_decision", **served).status_code == 302
    leaky = person.post(f"{base}/handling", act="write_public", words="老人王桂兰13812345678被锁", bar="none")
    assert leaky.status_code == 422
    assert "电话“13812345678”" in leaky.text.replace("&#34;", '"')
    assert person.post(f"{base}/handling", act="write_public", words="拒绝接受监督检查。", bar="none").status_code == 302
    assert visitor(client, site, Post.REVIEWER).post(f"{base}/second", act="clear_public", agreed="yes").status_code == 302
    person = visitor(client, site, Post.HANDLER)
    assert person.post(f"{base}/handling", act="publish").status_code == 302
    assert "公布中" in person.get(base).text
    assert person.post(f"{base}/handling", act="annul", reason="x").status_code == 409, "an act of another group"


def test_names_of_persons_are_masked_by_post(client: FlaskClient, site: Site, people: Bureau) -> None:
    clue = a_clue(organisation=False, persons=[a_person("赵小六", "11010519491231002X")])
    (row,) = listing.register_clue(site.id, clue, by=people.handler, at=moment(START), on=START)
    from app.credit.rules.dates import PublicationClass

    listing.propose(row.id, publication_class=PublicationClass.SERIOUS, by=people.handler, at=moment(START), on=START)
    listing.serve_notice(row.id, a_service(START), by=people.handler, on=START)
    settled(row)
    seen = {Post.HANDLER: True, Post.REVIEWER: True, Post.HEAD: True, Post.OBSERVER: False}
    for post, full in seen.items():
        person = visitor(client, site, post)
        for address in (f"/office/listings/{row.id}", "/office/listings"):
            page = person.get(address).text
            assert ("赵小六" in page) is full, post
            assert "11010519491231002X" not in page
            assert "19491231" not in page
    observer = visitor(client, site, Post.OBSERVER)
    everything, found = observer.get("/office/listings").text, observer.get("/office/listings?q=赵小六").text
    assert found.count(str(row.id)) == everything.count(str(row.id)) - 1, "nobody finds a name that he may not read"
    mine = visitor(client, site, Post.PROVIDER_OWNER)
    page = mine.get(f"/my/listings/{row.id}").text
    assert "赵*" in page
    assert "赵小六" not in page
    assert "由本人" in page
    assert mine.post(f"/my/listings/{row.id}/statement", words="示例").status_code == 422


def test_grounds_are_confirmed_on_their_page(client: FlaskClient, site: Site) -> None:
    head = visitor(client, site, Post.HEAD)
    page = head.get("/office/listing-grounds?confirm=grounds_liaoning185|L-02")
    assert page.status_code == 200
    assert "待核" in page.text
    bad = head.post("/office/listing-grounds", table_code="grounds_liaoning185", code="L-02", against="")
    assert bad.status_code == 422
    good = head.post("/office/listing-grounds", table_code="grounds_liaoning185", code="L-02", against="演示，未与正式文本核对")
    assert good.status_code == 302
    assert "演示，未与正式文本核对" in head.get("/office/listing-grounds").text


def test_the_board_is_exported_without_numbers(client: FlaskClient, site: Site, people: Bureau) -> None:
    settled(an_entry(site, people, S.PUBLISHED))
    answer = visitor(client, site, Post.HANDLER).get("/office/listings.csv")
    assert answer.status_code == 200
    assert "最后公示日" in answer.text
