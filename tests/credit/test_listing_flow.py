"""An entry of the list from its clue to its end (名单全过程): each step by its own person, everything undone together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.archive.models import Document
from app.archive.rules import DocumentKind
from app.core import calendar
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.credit.actions import listing, listing_ends
from app.credit.models.listing import ListEntry, ListMeasure
from app.credit.queries import listing as queries
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import EntryState, ListKind, ObjectionState, ObjectionVerb, PublicationBar, RepairState
from app.providers.models import Site
from app.providers.rules import Tier
from tests.credit.listing_world import START, Bureau, a_bureau, a_clue, a_person, a_service, an_entry, moment, publish, repair
from tests.providers.builders import a_filed_site, an_officer

S = EntryState


@pytest.fixture
def site(db_session: object) -> Site:
    return a_filed_site(on=date(2026, 2, 2))


@pytest.fixture
def people(site: Site) -> Bureau:
    return a_bureau(site)


def test_from_clue_to_removal_with_the_papers_of_each_step(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    assert row.provider_id is not None
    with acting(SYSTEM):
        kinds = db.session.scalars(
            select(Document.kind).where(Document.subject == row.id).order_by(Document.created_at, Document.kind)
        )
        assert sorted(kinds) == ["list_decision", "list_notice", "repair_notice"]
        before = queries.standing(row.provider_id, row.decided_on or START)
        assert before.listed
        assert before.measures == {"key_supervision", "rating_bar"}, "subsidies: the text is from memory, nobody confirmed it"
        repair(row, people)
        assert row.state is S.REMOVED
        assert row.ended_on is not None
        after = queries.standing(row.provider_id, row.ended_on)
        assert not after.listed
        assert after.measures == frozenset()
        assert queries.standing(row.provider_id, row.ended_on - timedelta(days=1)).listed, "the past stays as it was"
        left = select(ListMeasure.id).where(ListMeasure.entry_id == row.id, ListMeasure.lifted_on.is_(None))
        assert db.session.scalars(left).all() == []
        assert queries.clocks([row.id], seen_by=SYSTEM) == []


def test_the_tier_rises_with_the_service_and_falls_with_the_removal(site: Site, people: Bureau) -> None:
    before = site.tier
    row = an_entry(site, people, S.PUBLISHED)
    with acting(SYSTEM):
        db.session.refresh(site)
        assert site.tier is Tier.D
        repair(row, people)
        db.session.refresh(site)
        assert site.tier is before


def test_the_dates_are_frozen_at_the_decision_and_counted_from_it(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.DECIDED, decided_on=date(2026, 11, 30), publication_class=PublicationClass.GENERAL)
    assert (row.min_end, row.earliest_repair_on, row.max_end) == (date(2027, 2, 28), date(2027, 3, 1), date(2027, 11, 30))
    assert row.rule_edition == "2026-04-01"
    listed = an_entry(site, people, S.DECIDED, decided_on=date(2026, 11, 30))
    assert (listed.min_months, listed.max_months) == (24, 36)
    assert (listed.earliest_repair_on, listed.max_end) == (date(2028, 12, 1), date(2029, 11, 30))


def test_an_older_decision_carries_the_older_version(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.DECIDED, decided_on=date(2026, 3, 31), publication_class=PublicationClass.GENERAL)
    assert (row.rule_edition, row.min_months, row.max_months) == ("2023-05-01", 3, 36)


def test_the_defence_period_is_not_cut_short(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.NOTICED)
    with acting(SYSTEM):
        listing.make_statement(row.id, words="示例：当日电梯检修", by=people.owner, at=moment(START), on=START)
        last = listing.defence_until(row)
        with pytest.raises(Refused, match="次日起"):
            listing.close_defence(row.id, answer="示例：不采纳", by=people.handler, on=last)
        with pytest.raises(Refused, match="逐条"):
            listing.close_defence(row.id, answer=" ", by=people.handler, on=last + timedelta(days=1))
        with pytest.raises(Refused, match="届满"):
            listing.make_statement(row.id, words="示例：迟了", by=people.owner, at=moment(START), on=last + timedelta(days=1))
        listing.close_defence(row.id, answer="示例：检修记录属实，不影响认定", by=people.handler, on=last + timedelta(days=1))
    assert row.state is S.IN_REVIEW


def test_nobody_reviews_decides_clears_or_removes_his_own(site: Site, people: Bureau) -> None:
    both = an_officer(site, Post.REVIEWER)
    everything = type(both)(
        both.id, frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD}), both.scope, both.authority_id, both.name
    )
    with acting(SYSTEM):
        (row,) = listing.register_clue(site.id, a_clue(), by=everything, at=moment(START), on=START)
        with pytest.raises(Refused, match="另一人"):
            listing.dismiss(row.id, reason="示例", by=everything, on=START)
        listing.propose(row.id, publication_class=PublicationClass.SERIOUS, by=everything, at=moment(START), on=START)
        listing.serve_notice(row.id, a_service(START), by=everything, on=START)
        day = listing.defence_until(row) + timedelta(days=1)
        listing.close_defence(row.id, answer="", by=everything, on=day)
        with pytest.raises(Refused, match="不能自己复核"):
            listing.review(row.id, words="示例", by=everything, on=day)
        listing.review(row.id, words="示例", by=people.reviewer, on=day)
        with pytest.raises(Refused, match="不能作出决定"):
            listing.decide_list(row.id, words="示例", by=everything, at=moment(day), on=day)
        listing.decide_list(row.id, words="示例", by=people.head, at=moment(day), on=day)
        listing.serve_decision(row.id, a_service(day), by=everything, on=day)
        listing.write_public_text(row.id, words="拒绝检查。", by=everything, on=day)
        with pytest.raises(Refused, match="不能自己核定"):
            listing.clear_public_text(row.id, by=everything, on=day)
        assert row.earliest_repair_on is not None
        later = row.earliest_repair_on
        asked = listing_ends.apply_for_repair(row.id, corrected="示例", promise=True, by=people.owner, at=moment(later), on=later)
        listing_ends.accept_application(asked.id, by=people.second, on=later)
        for own in (everything, people.head):
            with pytest.raises(Refused, match="另一名"):
                listing_ends.decide_repair(asked.id, approve=True, answer="示例", by=own, at=moment(later), on=later)


def test_repair_opens_the_day_after_the_shortest_term_and_ends_nothing_by_itself(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    assert row.min_end is not None
    with acting(SYSTEM):
        with pytest.raises(Refused, match="最早可于"):
            listing_ends.apply_for_repair(
                row.id, corrected="示例", promise=True, by=people.owner, at=moment(row.min_end), on=row.min_end
            )
        day = row.min_end + timedelta(days=1)
        assert queries.standing(site.provider_id, day).listed, "two years open the right to apply, no more"
        with pytest.raises(Refused, match="承诺"):
            listing_ends.apply_for_repair(row.id, corrected="示例", promise=False, by=people.owner, at=moment(day), on=day)


def test_asking_for_papers_pauses_the_answer(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED, publication_class=PublicationClass.GENERAL, decided_on=date(2026, 8, 3))
    with acting(SYSTEM):
        day = date(2026, 11, 9)
        asked = listing_ends.apply_for_repair(row.id, corrected="示例", promise=True, by=people.owner, at=moment(day), on=day)
        listing_ends.accept_application(asked.id, by=people.second, on=date(2026, 11, 10))
        clock = calendar.open_clock("repair.answer", asked.id)
        assert clock is not None
        assert clock.due_on == date(2026, 11, 24)
        listing_ends.ask_for_more(asked.id, what="示例：消防培训签到表原件", by=people.second, on=date(2026, 11, 16))
        assert calendar.open_clock("repair.answer", asked.id) is None
        listing_ends.receive_more(asked.id, words="示例", by=people.owner, at=moment(day), on=date(2026, 11, 24))
        clock = calendar.open_clock("repair.answer", asked.id)
        assert clock is not None
        assert (clock.count, clock.due_on) == (7, date(2026, 12, 3)), "11–13 November counted; the pause to the 24th did not"


def test_an_objection_is_marked_answered_and_can_undo_the_entry(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    assert row.published_on is not None
    day = row.published_on + timedelta(days=1)
    with acting(SYSTEM):
        made = listing_ends.object_to(row.id, words="示例：签到表是真的", by=people.owner, on=day)
        with pytest.raises(Refused, match="正在处理"):
            listing_ends.object_to(row.id, words="示例", by=people.owner, on=day)
        listing_ends.mark_objection(made.id, by=people.second, on=day)
        with pytest.raises(Refused, match="另一名"):
            listing_ends.answer_objection(made.id, ObjectionVerb.REJECT, answer="示例", by=people.head, at=moment(day), on=day)
        listing_ends.answer_objection(
            made.id, ObjectionVerb.UPHOLD, answer="示例：核实后成立", public_reason="列入所依据的事实不成立。",
            by=people.other_head, at=moment(day), on=day,
        )  # fmt: skip
    assert made.state is ObjectionState.UPHELD
    assert row.state is S.ANNULLED
    assert not queries.standing(site.provider_id, day).listed


def test_what_may_not_be_published_is_not(site: Site, people: Bureau) -> None:
    barred = an_entry(site, people, S.SERVED)
    assert barred.decided_on is not None
    day = barred.decided_on
    with acting(SYSTEM):
        with pytest.raises(Refused, match="核定"):
            listing.publish(barred.id, by=people.handler, on=day)
        with pytest.raises(Refused, match="证件号码"):
            listing.write_public_text(barred.id, words="老人王桂兰（11010519491231002X）被锁在屋内", by=people.handler, on=day)
        listing.write_public_text(barred.id, words="拒绝检查。", bar=PublicationBar.SECRET, by=people.handler, on=day)
        listing.clear_public_text(barred.id, by=people.reviewer, on=day)
        with pytest.raises(Refused, match="不得公布"):
            listing.publish(barred.id, by=people.handler, on=day)
        assert calendar.open_clock("listing.publish", barred.id) is None
        light = an_entry(site, people, S.SERVED, publication_class=PublicationClass.MINOR)
        listing.write_public_text(light.id, words="未按时报送年度报告。", by=people.handler, on=day)
        listing.clear_public_text(light.id, by=people.reviewer, on=day)
        with pytest.raises(Refused, match="原则上不公示"):
            listing.publish(light.id, by=people.handler, on=day)


def test_a_draft_ground_serves_nothing_until_the_authority_confirms_it(site: Site, people: Bureau) -> None:
    with acting(SYSTEM):
        clue = a_clue(table_code="grounds_liaoning185", ground_code="L-02")
        (row,) = listing.register_clue(site.id, clue, by=people.handler, at=moment(START), on=START)
        with pytest.raises(Refused, match="对照正式文本确认"):
            listing.propose(row.id, publication_class=PublicationClass.SERIOUS, by=people.handler, at=moment(START), on=START)
        listing.confirm_ground("grounds_liaoning185", "L-02", against="演示，未与正式文本核对", by=people.head, on=START)
        listing.propose(row.id, publication_class=PublicationClass.SERIOUS, by=people.handler, at=moment(START), on=START)
    assert row.state is S.PROPOSED


def test_a_case_with_a_person_is_two_entries_and_the_home_sees_the_person_masked(site: Site, people: Bureau) -> None:
    with acting(SYSTEM):
        clue = a_clue(persons=[a_person("张三丰", "11010519491231002X")])
        rows = listing.register_clue(site.id, clue, by=people.handler, at=moment(START), on=START)
    assert len(rows) == 2
    assert rows[0].case_id == rows[1].case_id
    person = rows[1]
    with acting(people.owner), pytest.raises(NotVisible):
        queries.entry(person.id, seen_by=people.owner)
    assert queries.name_shown(person, people.owner) == "张*"
    assert queries.name_shown(person, people.handler) == "张三丰"
    assert str(person.person_number) == "110***********002X"


def test_the_watch_list_needs_its_term_and_stays_inside(site: Site, people: Bureau) -> None:
    clue = {"kind": ListKind.WATCH, "table_code": "grounds_watch", "ground_code": "W-01"}
    with pytest.raises(Refused, match="还没有设置"):
        an_entry(site, people, S.DECIDED, **clue)


def test_expiry_is_a_matter_of_the_date(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    assert row.max_end is not None
    assert queries.standing(site.provider_id, row.max_end).listed
    assert not queries.standing(site.provider_id, row.max_end + timedelta(days=1)).listed, "and no job has run"
    with acting(SYSTEM):
        assert queries.due_to_expire(row.max_end) == []
        assert queries.due_to_expire(row.max_end + timedelta(days=1)) == [row.id]


def test_every_end_is_recorded(site: Site, people: Bureau) -> None:
    for state in (S.DISMISSED, S.NOT_LISTED, S.ANNULLED, S.REMOVED, S.EXPIRED):
        row = an_entry(site, people, state)
        assert row.state is state
        assert row.end_reason
    with acting(SYSTEM):
        db.session.flush()
        kinds = set(db.session.scalars(select(Document.kind).where(Document.site_id == site.id)))
    assert {DocumentKind.LIST_NOT_DECISION, DocumentKind.LIST_ANNULMENT, DocumentKind.REPAIR_DECISION} <= kinds


def test_a_removal_may_be_kept_for_the_bureau_above(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    assert row.earliest_repair_on is not None
    from app.regions import actions as regions

    day = row.earliest_repair_on
    with acting(SYSTEM):
        regions.change_setting(
            site.authority.region_id, "credit.repair_by", "上一级", source="示例·规定（演示）", in_force_from=START,
            by=people.head, at=moment(START), on=START,
        )  # fmt: skip
        asked = listing_ends.apply_for_repair(row.id, corrected="示例", promise=True, by=people.owner, at=moment(day), on=day)
        listing_ends.accept_application(asked.id, by=people.second, on=day)
        with pytest.raises(Refused, match="上一级"):
            listing_ends.decide_repair(asked.id, approve=True, answer="示例", by=people.other_head, at=moment(day), on=day)
    assert asked.state is RepairState.ACCEPTED


def test_publishing_again_after_a_corrected_text(site: Site, people: Bureau) -> None:
    row: ListEntry = an_entry(site, people, S.SERVED)
    assert row.decided_on is not None
    with acting(SYSTEM):
        publish(row, people, row.decided_on)
        listing.write_public_text(row.id, words="拒绝接受监督检查。", by=people.second, on=row.decided_on)
        assert row.public_text == "拒绝接受监督检查，提供虚假材料。", "a draft is not shown"
        listing.clear_public_text(row.id, by=people.head, on=row.decided_on)
        assert row.public_text == "拒绝接受监督检查。"
