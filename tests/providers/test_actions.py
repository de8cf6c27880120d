"""The life of a site and its filings by verbs on a real database (机构与备案办理)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core import calendar
from app.core.actor import SYSTEM, Actor, Post, Scope
from app.core.audit import AuditLine
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.providers import actions, queries
from app.providers.models import SiteFact, Unmasking
from app.providers.rules import FilingKind, FilingState, FireTrack, Nature, PaperKind, PaperState, SiteKind, SiteState, Tier
from app.regions import actions as packs
from app.regions import queries as regions
from tests.providers.builders import (
    AT,
    ON,
    a_code,
    a_filed_site,
    a_filing,
    a_manager,
    a_site,
    an_officer,
    an_organisation,
    an_owner,
    an_upload,
    content_of,
)
from tests.worlds import actor, an_authority


@pytest.fixture(autouse=True)
def platform(db_session: object) -> Any:
    """Act as the platform unless a test says otherwise."""
    with acting(SYSTEM):
        yield


def recorded() -> list[str]:
    """The events on the record, in order."""
    db.session.commit()
    return list(db.session.scalars(select(AuditLine.event).order_by(AuditLine.seq)))


# --- registering ------------------------------------------------------------------------------------------------------


def test_an_owner_registers_the_body_its_post_names_and_the_first_site() -> None:
    an_authority()
    place = regions.region_coded("210102", ON)
    assert place is not None
    owner = actor(Post.PROVIDER_OWNER, provider_id=uuid4())
    with acting(owner):
        body = an_organisation(by=owner)
        site = actions.register_site(
            body.id, "示例·新院", SiteKind.CARE_HOME, region_id=place.id, address="示例路", by=owner, at=AT, on=ON
        )
        assert body.id == owner.scope.provider_id
        assert (site.number, site.state, site.draw_id(body.uscc)) == (1, SiteState.DRAFT, f"{body.uscc}-01")
        assert queries.site(site.id, seen_by=owner).organisation.name == body.name
    assert recorded()[-2:] == ["OrganisationRegistered", "SiteRegistered"]


def test_a_code_is_registered_once() -> None:
    code = a_code()
    an_organisation(code=code)
    with pytest.raises(Refused, match="已经登记过"):
        an_organisation(code=code)


def test_nobody_registers_a_site_for_others() -> None:
    body, county = an_organisation(), an_authority("210102")
    elsewhere = actor(Post.HANDLER, path=an_authority("330203").path)
    with pytest.raises(Refused, match="管辖范围"):
        actions.register_site(
            body.id, "示例", SiteKind.CARE_HOME, region_id=county.region_id, address="x", by=elsewhere, at=AT, on=ON
        )


def test_a_body_of_another_county_opens_a_site_here() -> None:
    """Its code is found although its other sites are out of sight; the numbers go on."""
    chain = a_site(county="330203").organisation
    county = an_authority("210102")
    officer = an_officer(a_site())
    with acting(officer):
        found = queries.body_coded(chain.uscc)
        assert found is not None
        site = actions.register_site(
            found.id, "示例·分院", SiteKind.CARE_HOME, region_id=county.region_id, address="x", by=officer, at=AT, on=ON
        )
    assert site.number == 2


def test_a_home_with_residents_has_ten_working_days_to_file() -> None:
    site = a_site()
    clock = calendar.open_clock("filing.after_first_resident", site.id)
    assert clock is not None
    assert (clock.count, clock.start_on, clock.due_on) == (10, date(2026, 11, 20), date(2026, 12, 4))
    assert "66号" in clock.basis
    found = calendar.open_clock("unfiled_visit", site.id)
    assert found is not None, "an officer entered it, so the visit is due too"
    assert (found.count, found.start_on) == (20, ON)


# --- filing -----------------------------------------------------------------------------------------------------------


def test_an_accepted_filing_gives_a_number_a_state_and_the_first_visit() -> None:
    site = a_site()
    filing = a_filing(site, state=FilingState.SUBMITTED)
    officer = an_officer(site)
    with acting(officer):
        actions.accept_filing(filing.id, by=officer, at=AT, on=ON)
    assert (filing.state, site.state, site.filed_on) == (FilingState.ACCEPTED, SiteState.FILED, ON)
    assert filing.number == f"{site.authority.number_word}养备〔2026〕1号" == site.filing_number
    clock = calendar.open_clock("first_visit", site.id)
    assert clock is not None
    assert (clock.count, clock.unit, clock.start_on) == (20, calendar.Unit.WORKING, ON)
    assert calendar.open_clock("filing.after_first_resident", site.id) is None
    assert calendar.open_clock("unfiled_visit", site.id) is None
    facts = queries.facts_of(site.id, seen_by=officer)
    assert (facts["beds"].value, facts["beds"].source, facts["beds"].as_of) == (60, "设立备案", ON)
    assert site.fire_track is FireTrack.ACCEPTED
    document = queries.receipt(filing.id, seen_by=officer)
    assert document is not None
    assert (document.id, document.number) == (filing.document_id, filing.number)
    assert "138" not in document.facts.decode(), "no personal phone is printed"
    assert "不是行政许可，不设有效期" in document.page
    assert "FilingAccepted" in recorded()


def test_an_authority_may_set_itself_a_term_for_looking_at_filings() -> None:
    """The law sets none, so no clock runs until the authority has named its own, with the document it rests on."""
    county = an_authority()
    without = a_filing(a_site())
    assert calendar.open_clock("filing.handle", without.id) is None
    head = actor(Post.HEAD, path=county.path, authority_id=county.id)
    packs.change_setting(
        county.region_id, "filing.handle", 5, source="示例服务指南〔2026〕1号", in_force_from=ON, by=head, at=AT, on=ON
    )
    filing = a_filing(a_site())
    clock = calendar.open_clock("filing.handle", filing.id)
    assert clock is not None
    assert (clock.count, clock.due_on) == (5, date(2026, 12, 1))
    assert "示例服务指南" in clock.basis
    actions.return_filing(filing.id, "示例：请补材料", by=SYSTEM, at=AT, on=ON)
    assert calendar.open_clock("filing.handle", filing.id) is None


def test_numbers_have_no_gaps_and_belong_to_the_authority() -> None:
    first, second, other = a_site(), a_site(), a_site(county="210103")
    numbers = [a_filing(site, state=FilingState.ACCEPTED).number for site in (first, second, other)]
    assert [n and n.rsplit("〕")[1] for n in numbers] == ["1号", "2号", "1号"]


def test_a_returned_filing_is_completed_and_sent_again() -> None:
    site = a_site()
    filing = a_filing(site, state=FilingState.RETURNED)
    owner = an_owner(site)
    assert filing.return_reason
    again = actions.save_filing_draft(site.id, FilingKind.FIRST, content_of(site, FilingKind.FIRST), by=owner, at=AT, on=ON)
    assert again.id == filing.id
    actions.resubmit(filing.id, promise=True, by=owner, at=AT, on=ON)
    assert filing.state is FilingState.SUBMITTED


def _all_verbs(filing_id: Any, owner: Actor) -> dict[str, Any]:
    return {
        "提交": lambda: actions.submit_filing(filing_id, promise=True, by=owner, at=AT, on=ON),
        "退回补正": lambda: actions.return_filing(filing_id, "示例：请补材料", by=SYSTEM, at=AT, on=ON),
        "补正后再提交": lambda: actions.resubmit(filing_id, promise=True, by=owner, at=AT, on=ON),
        "出具回执": lambda: actions.accept_filing(filing_id, by=SYSTEM, at=AT, on=ON),
        "撤回": lambda: actions.withdraw(filing_id, by=owner, on=ON),
    }


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (FilingState.DRAFT, {"提交", "撤回"}),
        (FilingState.SUBMITTED, {"退回补正", "出具回执", "撤回"}),
        (FilingState.RETURNED, {"补正后再提交", "撤回"}),
        (FilingState.ACCEPTED, set()),
        (FilingState.WITHDRAWN, set()),
    ],
)
def test_every_illegal_step_of_a_filing_is_refused_and_writes_nothing(state: FilingState, allowed: set[str]) -> None:
    filing = a_filing(a_site(), state=state)
    lines = len(recorded())
    for word, verb in _all_verbs(filing.id, an_owner(filing.site)).items():
        if word in allowed:
            continue
        with pytest.raises(Refused, match=f"不能“{word}”"):
            verb()
        db.session.refresh(filing)
        assert filing.state is state
    assert len(recorded()) == lines


def test_an_incomplete_filing_is_refused_with_all_that_is_missing() -> None:
    site = a_site()
    owner = an_owner(site)
    filing = actions.save_filing_draft(site.id, FilingKind.FIRST, {"name": "示例", "secret": 1}, by=owner, at=AT, on=ON)
    assert filing.content == {"name": "示例"}, "what does not belong is dropped"
    with pytest.raises(Refused, match=r"床位数量.*登记证书"):
        actions.submit_filing(filing.id, promise=True, by=owner, at=AT, on=ON)


def test_a_sent_filing_cannot_be_changed() -> None:
    site = a_site()
    filing = a_filing(site)
    owner = an_owner(site)
    with pytest.raises(Refused, match="已经提交"):
        actions.save_filing_draft(site.id, FilingKind.FIRST, {}, by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match="已经提交"):
        actions.attach_paper(site.id, PaperKind.OTHER, filing_id=filing.id, by=owner, at=AT, on=ON)


def test_only_the_competent_authority_answers() -> None:
    """A non-profit body registered with the city files with the city, though its home lies in a county."""
    city = an_authority("2101")
    body = an_organisation(registrar="2101")
    filing = a_filing(a_site(organisation=body))
    assert filing.authority_id == city.id
    county = actor(Post.HANDLER, path=filing.site.scope_path, authority_id=filing.site.authority_id)
    with pytest.raises(Refused, match="沈阳市"):
        actions.accept_filing(filing.id, by=county, at=AT, on=ON)
    actions.accept_filing(filing.id, by=actor(Post.HANDLER, path=city.path, authority_id=city.id), at=AT, on=ON)
    assert filing.site.authority_id == city.id
    trader = a_filing(a_site(organisation=an_organisation(nature=Nature.FOR_PROFIT, registrar="2101")))
    assert trader.authority_id == an_authority("210102").id


def test_who_promised_does_not_decide() -> None:
    filing = a_filing(a_site())
    assert filing.promise_by is not None
    officer = replace(an_officer(filing.site), id=filing.promise_by)
    with pytest.raises(Refused, match="自己提交"):
        actions.accept_filing(filing.id, by=officer, at=AT, on=ON)
    with pytest.raises(IntegrityError, match="not_decided_by_its_maker"), db.session.begin_nested():
        db.session.execute(text("update filing set decided_by = promise_by where id = :id"), {"id": filing.id})


# --- change, move, suspension, closing --------------------------------------------------------------------------------


def test_a_change_keeps_the_old_value() -> None:
    site = a_filed_site()
    a_filing(site, FilingKind.CHANGE, state=FilingState.ACCEPTED)
    change = next(c for c in queries.history(site.id, seen_by=an_officer(site)) if c.what == "beds" and c.before)
    assert (change.before, change.after, change.reason) == (60, 80, "示例：扩建东楼")
    assert queries.facts_of(site.id, seen_by=SYSTEM)["beds"].value == 80
    beds = [f.value for f in queries.fact_history(site.id, seen_by=SYSTEM, key="beds")]
    assert sorted(beds) == [60, 60, 80], "the older rows are the history"


def test_a_move_inside_the_area_takes_everything_along() -> None:
    site = a_filed_site()
    street = regions.children(site.region_id)[0]
    owner = an_owner(site)
    content = content_of(site, FilingKind.MOVE) | {"region": str(street.id)}
    filing = actions.save_filing_draft(site.id, FilingKind.MOVE, content, by=owner, at=AT, on=ON)
    actions.submit_filing(filing.id, promise=True, by=owner, at=AT, on=ON)
    actions.accept_filing(filing.id, by=an_officer(site), at=AT, on=ON)
    assert (site.scope_path, site.address) == (street.path, "示例街 9 号")
    for table in ("site_fact", "filing", "site_paper", "site_change", "deadline"):
        paths = db.session.scalars(text(f"select distinct scope_path from {table} where site_id = :id"), {"id": site.id}).all()
        assert paths == [street.path], table


def test_a_move_out_of_the_area_is_a_new_filing_elsewhere() -> None:
    site = a_filed_site()
    owner = an_owner(site)
    content = content_of(site, FilingKind.MOVE) | {"region": str(an_authority("210103").region_id)}
    filing = actions.save_filing_draft(site.id, FilingKind.MOVE, content, by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match="迁入地登记"):
        actions.submit_filing(filing.id, promise=True, by=owner, at=AT, on=ON)


def test_suspension_and_return_to_service() -> None:
    site = a_site(state=SiteState.SUSPENDED)
    assert site.suspended_until == ON + timedelta(days=90)
    assert calendar.open_clock("resume", site.id) is not None
    actions.resume_service(site.id, by=an_owner(site), on=ON)
    assert (site.state, site.suspended_until) == (SiteState.FILED, None)
    assert calendar.open_clock("resume", site.id) is None


def test_closing_needs_a_plan_time_and_every_resident_resettled() -> None:
    site = a_filed_site()
    owner, head = an_owner(site), an_officer(site, Post.HEAD)
    soon = content_of(site, FilingKind.CLOSE) | {"ends_on": (ON + timedelta(days=59)).isoformat()}
    filing = actions.save_filing_draft(site.id, FilingKind.CLOSE, soon, by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match="安置方案"):
        actions.submit_filing(filing.id, promise=True, by=owner, at=AT, on=ON)
    actions.attach_paper(site.id, PaperKind.RESETTLEMENT, upload=an_upload(), filing_id=filing.id, by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match=r"60 日.*依地方规定"):
        actions.submit_filing(filing.id, promise=True, by=owner, at=AT, on=ON)
    actions.withdraw(filing.id, by=owner, on=ON)
    a_filing(site, FilingKind.CLOSE, state=FilingState.ACCEPTED)
    assert site.state is SiteState.CLOSING
    with pytest.raises(Refused, match="还有 2 位"):
        actions.close_site(site.id, 2, by=head, on=ON)
    actions.close_site(site.id, 0, by=head, on=ON)
    assert (site.state, site.closed_on) == (SiteState.CLOSED, ON)
    actions.exit_site(site.id, "示例：已注销登记", by=head, on=ON)
    assert site.state is SiteState.EXITED
    assert not queries.clocks(seen_by=SYSTEM, site_id=site.id), "no clock runs for what has gone"


SITE_STEPS: dict[str, set[SiteState]] = {
    "open": {SiteState.DRAFT},
    "first": {SiteState.DRAFT, SiteState.OPERATING},
    "change": {SiteState.FILED, SiteState.SUSPENDED},
    "suspend": {SiteState.FILED},
    "resume": {SiteState.SUSPENDED},
    "begin_closing": {SiteState.OPERATING, SiteState.FILED, SiteState.SUSPENDED},
    "close": {SiteState.CLOSING},
    "exit": {SiteState.DRAFT, SiteState.CLOSED},
}


@pytest.mark.parametrize("state", list(SiteState))
def test_every_illegal_step_of_a_site_is_refused(state: SiteState) -> None:
    site = a_site(state=state)
    owner = an_owner(site)

    def draft(kind: FilingKind) -> Any:
        return lambda: actions.save_filing_draft(site.id, kind, {}, by=owner, at=AT, on=ON)

    steps = {
        "open": lambda: actions.open_site(site.id, ON, by=owner, on=ON),
        "first": draft(FilingKind.FIRST),
        "change": draft(FilingKind.CHANGE),
        "suspend": draft(FilingKind.SUSPEND),
        "resume": lambda: actions.resume_service(site.id, by=owner, on=ON),
        "begin_closing": draft(FilingKind.CLOSE),
        "close": lambda: actions.close_site(site.id, 0, by=SYSTEM, on=ON),
        "exit": lambda: actions.exit_site(site.id, "示例", by=SYSTEM, on=ON),
    }
    for word, step in steps.items():
        if state not in SITE_STEPS[word]:
            with pytest.raises(Refused, match=f"“{state.label}”状态"):
                step()
            db.session.expire(site)
            assert site.state is state, word


# --- facts, papers, fire, tier ----------------------------------------------------------------------------------------


def test_the_newest_day_counts_not_the_last_typed() -> None:
    site = a_site()
    for day, people in ((ON, 50), (ON - timedelta(days=9), 40)):
        actions.record_facts(site.id, {"occupied_beds": people}, as_of=day, source="机构申报", by=an_owner(site), at=AT, on=ON)
    assert queries.facts_of(site.id, seen_by=SYSTEM)["occupied_beds"].value == 50
    assert queries.facts_of(site.id, seen_by=SYSTEM, on=ON - timedelta(days=1))["occupied_beds"].value == 40


def test_facts_that_contradict_what_is_known_are_refused() -> None:
    site = a_filed_site(beds=20)
    owner = an_owner(site)
    with pytest.raises(Refused, match="变更备案"):
        actions.record_facts(site.id, {"beds": 200}, as_of=ON, source="机构申报", by=owner, at=AT, on=ON)
    actions.record_facts(site.id, {"occupied_beds": 18}, as_of=ON, source="机构申报", by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match="其中失能"):
        actions.record_facts(site.id, {"disabled_residents": 19}, as_of=ON, source="机构申报", by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match="不能晚于今天"):
        actions.record_facts(site.id, {"staff": 1}, as_of=ON + timedelta(days=1), source="x", by=owner, at=AT, on=ON)
    with pytest.raises(Refused, match="不足 10 张"):
        actions.record_facts(site.id, {"beds": 9, "nursing_beds": 0}, as_of=ON, source="x", by=an_officer(site), at=AT, on=ON)
    assert not db.session.scalars(select(SiteFact).where(SiteFact.key.in_(["disabled_residents", "staff"]))).all()


def test_a_new_version_of_a_paper_replaces_the_old_which_stays() -> None:
    site = a_filed_site()
    owner = an_owner(site)
    old = actions.attach_paper(site.id, PaperKind.FOOD, valid_until=ON, by=owner, at=AT, on=ON)
    new = actions.attach_paper(
        site.id, PaperKind.FOOD, upload=an_upload(), replaces=old.id, valid_until=date(2031, 1, 1), by=owner, at=AT, on=ON
    )
    assert (old.state, new.state) == (PaperState.REPLACED, PaperState.CURRENT)
    assert new.blob_id is not None
    food = [p for p in queries.papers_of(site.id, seen_by=owner) if p.kind is PaperKind.FOOD]
    assert food == [new]
    with pytest.raises(Refused, match="已经更新过"):
        actions.attach_paper(site.id, PaperKind.FOOD, replaces=old.id, valid_until=ON, by=owner, at=AT, on=ON)


def test_each_reminder_is_given_once() -> None:
    site = a_filed_site()
    paper = actions.attach_paper(site.id, PaperKind.FOOD, valid_until=ON + timedelta(days=60), by=an_owner(site), at=AT, on=ON)
    for day in (ON, ON, ON + timedelta(days=20), ON + timedelta(days=31), ON + timedelta(days=31), ON + timedelta(days=70)):
        actions.announce_paper(paper.id, by=SYSTEM, on=day)
    db.session.commit()
    lines = db.session.scalars(select(AuditLine).where(AuditLine.event == "PaperExpiring").order_by(AuditLine.seq)).all()
    assert [line.facts["days"] for line in lines] == [60, 30, 0]


def test_case_by_case_is_decided_by_the_authority_alone() -> None:
    site = a_site()
    content = content_of(site, FilingKind.FIRST) | {"fire_track": "case_by_case"}
    owner = an_owner(site)
    filing = actions.save_filing_draft(site.id, FilingKind.FIRST, content, by=owner, at=AT, on=ON)
    actions.attach_paper(site.id, PaperKind.REGISTRATION, upload=an_upload(), filing_id=filing.id, by=owner, at=AT, on=ON)
    actions.submit_filing(filing.id, promise=True, by=owner, at=AT, on=ON)
    actions.accept_filing(filing.id, by=an_officer(site), at=AT, on=ON)
    assert site.fire_track is None, "claimed, not decided"
    head = an_officer(site, Post.HEAD)
    with pytest.raises(Refused, match="写明"):
        actions.decide_fire_track(site.id, FireTrack.CASE_BY_CASE, " ", by=head, on=ON)
    actions.decide_fire_track(site.id, FireTrack.CASE_BY_CASE, "示例：县政府专题会议〔2026〕3号", by=head, on=ON)
    assert site.fire_track is FireTrack.CASE_BY_CASE


def test_the_tier_is_set_with_its_reason() -> None:
    site = a_filed_site()
    actions.set_supervision_tier(site.id, Tier.C, "信用评价 62 分", by=SYSTEM, on=ON)
    change = next(c for c in queries.history(site.id, seen_by=SYSTEM) if c.what == "tier")
    assert (site.tier, change.before, change.after, change.reason) == (Tier.C, "B", "C", "信用评价 62 分")
    with pytest.raises(Refused, match="依据"):
        actions.set_supervision_tier(site.id, Tier.D, "", by=SYSTEM, on=ON)


def test_seeing_a_phone_leaves_its_reason() -> None:
    site = a_filed_site()
    officer = an_officer(site)
    assert str(site.organisation.phone) == "138****0000"
    with pytest.raises(Refused, match="原因"):
        actions.reveal_phone(site.id, "", by=officer, at=AT, on=ON)
    assert actions.reveal_phone(site.id, "通知整改，座机无人接听", by=officer, at=AT, on=ON) == "13800000000"
    row = db.session.scalars(select(Unmasking)).one()
    assert (row.by, row.reason) == (officer.id, "通知整改，座机无人接听")
    db.session.commit()
    line = db.session.scalars(select(AuditLine).where(AuditLine.event == "PersonalDataRevealed")).one()
    assert "座机" not in str(line.facts), "the record holds ids, never words"


# --- scope ------------------------------------------------------------------------------------------------------------


def test_nobody_reaches_what_is_not_theirs() -> None:
    mine, other = a_filed_site(), a_filed_site(county="330203")
    filing = a_filing(other, FilingKind.CHANGE)
    for seer in (an_officer(mine), an_owner(mine), a_manager(mine), Actor(uuid4(), frozenset(), Scope())):
        with acting(seer):
            for ask in (
                lambda seer=seer: queries.site(other.id, seen_by=seer),
                lambda seer=seer: queries.filing(filing.id, seen_by=seer),
                lambda seer=seer: actions.accept_filing(filing.id, by=seer, at=AT, on=ON),
                lambda seer=seer: actions.record_facts(other.id, {"staff": 1}, as_of=ON, source="x", by=seer, at=AT, on=ON),
                lambda seer=seer: queries.organisation(other.provider_id),
            ):
                with pytest.raises(NotVisible):
                    ask()
            assert not queries.facts_of(other.id, seen_by=seer)
            assert not queries.papers_of(other.id, seen_by=seer)


def test_officers_do_not_see_drafts() -> None:
    site = a_site()
    draft = a_filing(site, state=FilingState.DRAFT)
    assert draft not in db.session.scalars(queries.filings(seen_by=an_officer(site))).all()
    assert draft in db.session.scalars(queries.filings(seen_by=an_owner(site))).all()


def test_clocks_are_the_list_of_what_is_asked() -> None:
    site = a_filed_site()
    asked = queries.clocks(seen_by=an_owner(site))
    assert [clock.kind for clock in asked] == ["first_visit"]
    assert isinstance(asked[0], Deadline)
