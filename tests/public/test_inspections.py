"""Inspections in public (检查公示): what is published, in which words, and that nothing else ever is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.core.actor import SYSTEM
from app.core.db import Base, acting, db
from app.inspections.actions import findings, tasks
from app.public import actions, feed
from app.public.queries.facility import facility
from tests.inspections import closing
from tests.inspections.closing import AT, ON, PLAIN, Closing

pytestmark = pytest.mark.usefixtures("db_session")
CANARY = "金丝雀九七二"


@pytest.fixture
def c(db_session: object) -> Iterator[Closing]:
    with acting(SYSTEM):
        yield closing.a_closing()


def publish() -> None:
    feed.publish_noted(ON)
    db.session.flush()


def a_published_task(c: Closing) -> tuple[object, object]:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    tasks.publish_result(row.id, by=c.who(c.place.publisher), on=ON)
    publish()
    return row, closing.the_finding(row, PLAIN)


def test_a_result_is_seen_only_when_it_was_published(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    publish()
    page = facility(c.place.site.id, on=ON)
    assert page is None or not (page.inspections or page.problems or page.last_checked_on)
    tasks.publish_result(row.id, by=c.who(c.place.publisher), on=ON)
    publish()
    page = facility(c.place.site.id, on=ON)
    assert page is not None
    (result,) = page.inspections
    assert (result.met, result.not_met, result.rate) == (row.met, row.not_met, row.rate_per_10k)
    assert page.last_checked_on == row.ended_on
    assert (page.open_problems, len(page.problems)) == (1, 1)


def test_a_withdrawn_result_goes_with_its_problems(c: Closing) -> None:
    row, _ = a_published_task(c)
    with acting(SYSTEM):
        tasks.withdraw_publication(row.id, reason="决定被撤销", by=c.head, on=ON)  # type: ignore[attr-defined]
    publish()
    page = facility(c.place.site.id, on=ON)
    assert page is not None
    assert (page.inspections, page.problems, page.open_problems, page.last_checked_on) == ([], [], 0, None)


def test_a_reply_is_shown_once_it_was_cleared_and_the_words_once_they_were_confirmed(c: Closing) -> None:
    _, finding = a_published_task(c)
    home = c.home()
    with acting(home):
        findings.give_reply(finding.id, text="已经订货，下周换好。", by=home, at=AT, on=ON)  # type: ignore[attr-defined]
    publish()
    page = facility(c.place.site.id, on=ON)
    assert page is not None
    assert page.replies == []
    with acting(c.handler):
        findings.clear_reply(finding.id, cleared=True, by=c.handler, at=AT, on=ON)  # type: ignore[attr-defined]
        findings.confirm_public_text(finding.id, text="二楼防火门关不严", by=c.handler, at=AT, on=ON)  # type: ignore[attr-defined]
    publish()
    page = facility(c.place.site.id, on=ON)
    assert page is not None
    assert [reply.words for reply in page.replies] == ["已经订货，下周换好。"]
    assert [problem.what for problem in page.problems] == ["二楼防火门关不严"]


def test_nothing_unpublished_reaches_the_published_schema(c: Closing, client: FlaskClient) -> None:
    """A canary in every inner text of a task and its problems is in no column of any published table."""
    row, finding = a_published_task(c)
    with acting(SYSTEM):
        finding.fact, finding.demand = f"{CANARY}查见事实", f"{CANARY}要求"  # type: ignore[attr-defined]
        finding.reply, finding.reply_by, finding.reply_on = f"{CANARY}陈述", SYSTEM.id, ON  # type: ignore[attr-defined]
        row.review_note, row.source_words, row.cap_reason = CANARY, CANARY, CANARY  # type: ignore[attr-defined]
        c.place.site.manager_name, c.place.site.tier_reason = CANARY, CANARY
        c.place.site.organisation.legal_representative = CANARY
        db.session.flush()
        actions.rebuild_all(ON)
    assert _texts().count("松鹤") > 0
    assert CANARY not in _texts()


def _texts() -> str:
    found = []
    for table in Base.metadata.sorted_tables:
        if table.schema == "published":
            found += [str(row) for row in db.session.execute(text(f"select t::text from {table.fullname} t")).scalars()]
    return "\n".join(found)


def test_rebuilding_everything_equals_what_the_listeners_made(c: Closing) -> None:
    _, finding = a_published_task(c)
    closing.reported(c, finding, on=ON + timedelta(days=5))  # type: ignore[arg-type]
    publish()
    db.session.execute(text("delete from published.feed_line"))
    before = _rows()
    with acting(SYSTEM):
        actions.rebuild_all(ON)
    db.session.flush()
    assert _rows() == before


def _rows() -> dict[str, list[str]]:
    tables = [t for t in Base.metadata.sorted_tables if t.schema == "published" and t.name != "frequent_word"]
    return {t.name: [str(row) for row in db.session.execute(select(t).order_by(*t.primary_key))] for t in tables}
