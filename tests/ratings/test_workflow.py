"""The way of an application from draft to certificate, and who may do what on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.inspections.rules import draw
from app.ratings.actions import applications, campaigns, decisions, panels, ratings, sheets
from app.ratings.models import CommitteeVote, Rating, ScoreSheet, SheetOperation
from app.ratings.queries import applications as queries
from app.ratings.queries import panels as drawn
from app.ratings.queries import ratings as results
from app.ratings.queries import sheets as reading
from app.ratings.queries.site_panel import RatingPanel
from app.ratings.rules import evaluate
from app.ratings.rules.process import (
    CampaignKind,
    Cause,
    CheckResult,
    Choice,
    Measure,
    ObjectionState,
    Standing,
    State,
    TieKind,
)
from app.ratings.rules.sheet import Fate
from tests.ratings.builders import AT, ON, a_rated_site, a_work, an_entry


def test_from_draft_to_certificate(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.PUBLISHED)
    with acting(SYSTEM):
        rating = db.session.scalars(select(Rating).where(Rating.application_id == row.id)).one()
    assert (rating.level, rating.scheme, rating.edition, rating.state) == ("AA", "cn.shanxi.3a", "0.1", Standing.VALID)
    assert rating.valid_to > rating.valid_from
    assert rating.seal == row.seal
    assert rating.certificate_number.startswith("示")
    assert [a["id"] for a in rating.areas] == ["content", "scale", "quality"]
    with acting(SYSTEM):
        again = evaluate(queries.scheme(row.campaign), reading.case(row, queries.scheme(row.campaign), seen_by=SYSTEM))
    assert again.seal == rating.seal, "recomputation reproduces the hash"


def test_a_draft_is_the_home_own_business(db_session: Session) -> None:
    work = a_work()
    row = work.begin()
    with acting(work.handler), pytest.raises(NotVisible):
        queries.application(row.id, seen_by=work.handler)


def test_submission_wants_the_whole_self_score_and_keeps_the_facts_of_the_day(db_session: Session) -> None:
    work = a_work()
    row = work.begin()
    owner = work.owner(row)
    with acting(owner):
        with pytest.raises(Refused) as refused:
            applications.submit_application(row.id, by=owner, at=AT, on=ON)
        assert refused.value.code == "rating.self_open"
        work.to_submitted(row)
    kept = {line["key"]: line for line in row.eligibility or []}
    assert kept["floor_area"]["value"] == "1600"
    assert kept["visits"]["origin"] == "claimed"
    with acting(work.handler):
        applications.return_application(row.id, "示例：补服务台账", by=work.handler, on=ON)
    sha = row.eligibility_sha
    with acting(owner):
        applications.submit_application(row.id, by=owner, at=AT, on=ON + timedelta(days=2))
    assert row.eligibility_sha == sha, "the snapshot of the application day stays"


def test_unknown_facts_never_make_eligible(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ACCEPTED)
    with acting(work.handler), pytest.raises(Refused) as refused:
        applications.admit_application(row.id, by=work.handler, on=ON)
    assert refused.value.code == "rating.not_eligible", "four days in operation are known to be too few"
    with acting(work.handler):
        applications.confirm_facts(row.id, {"months_operating": "13"}, "示例：许可存档", as_of=ON, by=work.handler, on=ON)
        with pytest.raises(Refused) as refused:
            applications.admit_application(row.id, by=work.handler, on=ON)
        assert refused.value.code == "rating.unknown"
        assert "严重事故" in refused.value.sentence


def test_a_panel_is_drawn_with_recusals_and_anybody_can_recompute_it(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ELIGIBLE)
    tied = work.assessors[:3]
    with acting(work.handler):
        for account_id in tied:
            panels.declare_tie(row.site, account_id, TieKind.WORKED, "", by=work.handler, at=AT, on=ON)
    work.to_scheduled(row)
    team = {who.id for who in work.panel(row)}
    assert len(team) == 3
    assert not team & set(tied)
    with acting(work.handler):
        kept = drawn.draws(work.campaign.id, seen_by=work.handler)[0]
        assert draw.compute(kept.files).text == kept.files["result.txt"]
        tampered = {**kept.files, "recusals.txt": draw.recusals_text([])}
        with pytest.raises(draw.DrawInputError):
            draw.compute(tampered)


def test_a_public_value_is_entered_by_two(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ELIGIBLE)
    with acting(work.handler):
        frozen = panels.freeze_panels(row.campaign_id, "cwl.ssq", "封存后第一次开奖", by=work.handler, at=AT, on=ON)
        panels.enter_public_value(frozen.id, "2026135", "3 7 12 18 25 31 + 9", by=work.handler, at=AT, on=ON)
        with pytest.raises(Refused):
            panels.enter_public_value(frozen.id, "2026135", "3 7 12 18 25 31 + 9", by=work.handler, at=AT, on=ON)
    with acting(work.reviewer):
        panels.enter_public_value(frozen.id, "2026135", "3 7 12 18 25 32 + 9", by=work.reviewer, at=AT, on=ON)
    assert frozen.drawn_at is None
    assert frozen.typed_by is None, "two that differ are typed again"


def test_a_late_recusal_brings_the_next_by_lot_and_nobody_else_moves(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.SCHEDULED)
    before = [who.id for who in work.panel(row)]
    with acting(work.handler):
        panels.recuse_member(row.id, before[1], TieKind.FAMILY, "示例", by=work.handler, at=AT, on=ON)
    after = [who.id for who in work.panel(row)]
    assert len(after) == 3
    assert before[1] not in after
    assert {before[0], before[2]} < set(after)
    with acting(work.handler):
        kept = drawn.draws(work.campaign.id, seen_by=work.handler)[0]
        assert drawn.standing(kept).text == kept.files["events.txt"]


def test_sheets_are_nobody_elses_until_all_are_locked(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ON_SITE)
    first, second, third = work.panel(row)
    work.score(row, first)
    work.score(row, second, lock=False)
    db.session.flush()
    for who in (second, third, work.handler, work.head, work.owner(row)):
        with acting(who):
            seen = [s for s in reading.sheets(row, seen_by=who) if s.author_id not in (None, who.id)]
            assert seen == []
            walled = db.session.scalars(select(ScoreSheet.author_id).where(ScoreSheet.author_id.is_not(None))).all()
            assert set(walled) <= {who.id}, "the database holds it too"
            ops = db.session.scalars(select(SheetOperation.author_id).where(SheetOperation.author_id == first.id)).all()
            assert ops == []
    with acting(second):
        assert all(s.author_id for s in reading.sheets(row, seen_by=second)), "nor the self-score before one's own lock"
        sheets.lock_sheet(row.id, by=second, at=AT, on=ON)
        assert any(s.author_id is None for s in reading.sheets(row, seen_by=second))
        assert row.state is State.ON_SITE
    work.score(row, third)
    assert row.state is State.CONFERRING
    for who in (first, work.handler):
        with acting(who):
            assert {s.author_id for s in reading.sheets(row, seen_by=who)} >= {first.id, second.id, third.id}
    with acting(work.owner(row)):
        assert [s.author_id for s in reading.sheets(row, seen_by=work.owner(row))] == [None]


def test_entries_are_stored_once_in_any_order(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ON_SITE)
    who = work.panel(row)[0]
    one = an_entry("c8", "3")
    two = an_entry("c8", "3.5", replaces=(one.op_id,))
    with acting(who):
        told = sheets.receive(row.id, [two, one, two], device="a", by=who, at=AT, on=ON)
        assert [t.fate for t in told] == [Fate.STORED, Fate.STORED, Fate.STORED]
        told = sheets.receive(row.id, [one, two, an_entry("c8", "9"), an_entry("zz", "1")], device="a", by=who, at=AT, on=ON)
        assert [t.fate for t in told] == [Fate.DUPLICATE, Fate.DUPLICATE, Fate.INVALID, Fate.INVALID]
        assert reading.standing(reading.own_sheet(row, seen_by=who))["c8"].value == "3.5"


def test_a_locked_sheet_and_a_strangers_hand_are_refused(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ON_SITE)
    first = work.panel(row)[0]
    work.score(row, first)
    with acting(first), pytest.raises(Refused) as refused:
        sheets.receive(row.id, [an_entry("c8", "3")], device="a", by=first, at=AT, on=ON)
    assert refused.value.code == "sheet.locked"
    with acting(work.handler), pytest.raises(Refused) as refused:
        sheets.receive(row.id, [an_entry("c8", "3")], device="a", by=work.handler, at=AT, on=ON)
    assert refused.value.code == "sheet.not_member"


def test_divergence_forces_a_discussion_and_both_originals_stay(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.ON_SITE)
    work.to_conferring(row, c8="0", c10="0")
    team = work.panel(row)
    with acting(team[0]):
        scheme = queries.scheme(row.campaign)
        apart = reading.differences(row, scheme, seen_by=team[0])
        assert {d.item for d in apart} == {"c8", "c10"}
        assert apart[0].share >= apart[1].share
        with pytest.raises(Refused) as refused:
            sheets.sign_consensus(row.id, reading.agreed_sha(row, seen_by=team[0]), by=team[0], at=AT, on=ON)
        assert refused.value.code == "sheet.differ"
        with pytest.raises(Refused):
            sheets.propose(row.id, by=team[0], on=ON)
    work.to_proposed(row)
    with acting(work.handler):
        kept = reading.sheets(row, seen_by=work.handler, round_=1)
        values = {str(reading.standing(s)["c8"].value) for s in kept if s.author_id}
    assert values == {"0", "7/2"}
    assert row.result is not None
    assert row.result["items"]["c8"]["note"].startswith("合议结果")


def test_a_signature_holds_for_what_was_shown(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.CONFERRING)
    first, second, _ = work.panel(row)
    with acting(first):
        sha = reading.agreed_sha(row, seen_by=first)
    with acting(second):
        sheets.agree_item(row.id, "c8", "2", reason="示例：补看记录", by=second, at=AT, on=ON)
    with acting(first), pytest.raises(Refused) as refused:
        sheets.sign_consensus(row.id, sha, by=first, at=AT, on=ON)
    assert refused.value.code == "sheet.changed"


def test_the_committee_departs_with_a_reason_and_not_beyond_the_scheme(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.PROPOSED)
    work.convene(row)
    chair = work.head
    with acting(chair):
        with pytest.raises(Refused) as refused:
            decisions.cast_vote(row.id, Choice.CHANGE, level="A", by=chair, at=AT, on=ON)
        assert refused.value.code == "committee.reason"
        with pytest.raises(Refused) as refused:
            decisions.cast_vote(row.id, Choice.CHANGE, level="none", reason="示例", by=chair, at=AT, on=ON)
        assert refused.value.code == "committee.override", "one step at most"
    work.vote(row, Choice.CHANGE, "A", "示例：服务记录有补写痕迹")
    with acting(outvoted := work.committee()[-1]):
        decisions.cast_vote(row.id, Choice.AGREE, reason="示例：只此一处", by=outvoted, at=AT, on=ON)
    with acting(chair):
        decisions.decide(row.id, by=chair, on=ON)
    assert (row.level, row.by_rules) == ("A", "AA")
    assert row.override_reason == "示例：服务记录有补写痕迹", "the outvoted do not speak for the committee"


def test_quorum_and_majority(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.PROPOSED)
    work.convene(row)
    members = work.committee()
    for number, who in enumerate(members[:4]):
        with acting(who):
            choice = Choice.AGREE if number % 2 else Choice.AGAINST
            decisions.cast_vote(row.id, choice, reason="示例", by=who, at=AT, on=ON)
        if number == 1:
            with acting(members[0]), pytest.raises(Refused) as refused:
                decisions.decide(row.id, by=members[0], on=ON)
            assert refused.value.code == "committee.quorum"
    with acting(members[0]), pytest.raises(Refused) as refused:
        decisions.decide(row.id, by=members[0], on=ON)
    assert refused.value.code == "committee.majority"
    with acting(members[4]):
        decisions.cast_vote(row.id, Choice.AGAINST, reason="示例：缺 9 月记录", by=members[4], at=AT, on=ON)
    with acting(members[0]):
        decisions.decide(row.id, by=members[0], on=ON)
    assert row.state is State.CONFERRING


def test_a_meeting_without_quorum_after_recusals_is_not_convened(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.PROPOSED)
    with acting(work.handler):
        for key in ("expert1", "reviewer"):
            panels.declare_tie(row.site, work.staff[key], TieKind.ADVISED, "示例", by=work.handler, at=AT, on=ON)
    with acting(work.handler), pytest.raises(Refused) as refused:
        work.convene(row)
    assert refused.value.code == "committee.short", "four of five must take part"


def test_the_database_refuses_the_vote_of_whoever_has_a_tie(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.PROPOSED)
    with acting(work.handler):
        panels.declare_tie(row.site, work.staff["reviewer"], TieKind.ADVISED, "示例", by=work.handler, at=AT, on=ON)
    work.convene(row)
    tied = work.reviewer
    with acting(tied), pytest.raises(Refused) as refused:
        decisions.cast_vote(row.id, Choice.AGREE, by=tied, at=AT, on=ON)
    assert refused.value.code == "rating.recused"
    with acting(SYSTEM):
        forged = CommitteeVote(
            scope_path=row.scope_path, application_id=row.id, meeting_id=row.meeting_id, round=1, account_id=tied.id,
            choice=Choice.AGREE, barred=row.barred, at=AT,
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="voter_is_free"), db.session.begin_nested():
            db.session.add(forged)


def test_the_adviser_s_firm_sends_nobody(db_session: Session) -> None:
    work = a_work()
    row = work.begin()
    with acting(work.owner(row)):
        applications.save_application(
            row.id, target="AA", adviser_firm="示例·评估甲中心", statement="", by=work.owner(row), on=ON
        )
    work.until(State.SCHEDULED, row=row)
    with acting(work.handler):
        assert {m.firm for m in reading.active(row, seen_by=work.handler)} == {"示例·评估乙中心"}


def test_notice_runs_working_days_and_an_objection_stops_publication(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.NOTICED)
    assert row.notice_until is not None
    assert (row.notice_until - ON).days > 7, "seven working days, not seven days"
    owner, after = work.owner(row), row.notice_until + timedelta(days=1)
    with acting(work.handler):
        with pytest.raises(Refused) as refused:
            decisions.publish_rating(row.id, by=work.handler, on=row.notice_until)
        assert refused.value.code == "rating.notice_runs"
    with acting(owner):
        objection = decisions.raise_objection(row.id, "示例：康复护理的分偏低", by=owner, on=ON)
    with acting(work.handler), pytest.raises(Refused):
        decisions.publish_rating(row.id, by=work.handler, on=after)
    with acting(work.head), pytest.raises(Refused) as refused:
        decisions.decide_objection(objection.id, uphold=False, reason="示例", by=work.head, on=ON)
    assert refused.value.code == "rating.same_person"
    with acting(work.handler2):
        decisions.decide_objection(objection.id, uphold=False, reason="示例：记录不全", by=work.handler2, on=ON)
    assert objection.state is ObjectionState.DISMISSED
    with acting(work.handler):
        assert decisions.publish_rating(row.id, by=work.handler, on=after) is not None


def test_an_upheld_objection_brings_other_assessors(db_session: Session) -> None:
    work = a_work()
    row = work.until(State.NOTICED)
    first = {who.id for who in work.panel(row)}
    with acting(work.owner(row)):
        objection = decisions.raise_objection(row.id, "示例：漏看了记录", by=work.owner(row), on=ON)
    with acting(work.handler2):
        decisions.decide_objection(objection.id, uphold=True, reason="示例：确有遗漏", by=work.handler2, on=ON)
    assert (row.state, row.round) == (State.REEXAMINED, 2)
    work.to_scheduled(row)
    second = {who.id for who in work.panel(row)}
    assert len(second) == 3
    assert not first & second
    work.to_on_site(row)
    work.to_conferring(row)
    work.to_proposed(row)
    work.to_decided(row)
    assert row.state is State.DECIDED


def test_an_unverified_scheme_is_tried_and_never_published(db_session: Session) -> None:
    work = a_work("cn.shenyang.station@2019")
    assert work.campaign.trial
    row = work.until(State.DECIDED, "3")
    assert row.level is None, "the form has no line between points and stars"
    with acting(work.handler):
        with pytest.raises(Refused) as refused:
            decisions.open_notice(row.id, by=work.handler, on=ON)
        assert refused.value.code == "rating.trial"
        decisions.end_trial(row.id, by=work.handler, on=ON)
    assert row.state is State.TRIED


def test_the_yearly_assessment_takes_homes_in_and_needs_a_third_party(db_session: Session) -> None:
    with pytest.raises(Refused):
        a_work(kind=CampaignKind.QUALITY)
    work = a_work(kind=CampaignKind.QUALITY, firm="示例·第三方评估中心")
    site = a_rated_site()
    with acting(work.handler):
        row = applications.enrol(work.campaign.id, site.id, by=work.handler, at=AT, on=ON)
        declared = {"months_operating": "30", "serious_accidents_24m": "0", "blacklisted": "0", "visits": "10500"}
        applications.confirm_facts(row.id, declared, "示例：台账", as_of=ON, by=work.handler, on=ON)
    assert row.state is State.ELIGIBLE
    work.until(State.ON_SITE, row=row)


# --- what follows from a grade ----------------------------------------------------------------------------------------


def a_rating() -> tuple[object, Rating]:
    work = a_work()
    row = work.until(State.PUBLISHED)
    with acting(SYSTEM):
        return work, db.session.scalars(select(Rating).where(Rating.application_id == row.id)).one()


def test_an_event_suspends_at_once_and_a_person_revokes(db_session: Session) -> None:
    work, rating = a_rating()
    on = rating.valid_from + timedelta(days=30)
    alerts = ratings.note_news(rating.site_id, Cause.ACCIDENT, source=rating.id, words="示例：坠楼", on=on)
    assert ratings.note_news(rating.site_id, Cause.ACCIDENT, source=rating.id, words="示例：坠楼", on=on) == []
    assert rating.state is Standing.SUSPENDED
    with acting(work.handler):
        change = ratings.propose_change(
            rating.id, Measure.REVOKE, Cause.ACCIDENT, "示例：认定责任事故", alert_id=alerts[0].id, by=work.handler, on=on
        )
        with pytest.raises(Refused) as refused:
            ratings.decide_change(change.id, agreed=True, by=work.handler, on=on)
        assert refused.value.code == "rating.same_person"
    with acting(work.head):
        ratings.decide_change(change.id, agreed=True, by=work.head, on=on)
    assert rating.state is Standing.REVOKED
    with acting(work.handler):
        assert results.alerts(seen_by=work.handler, rating_id=rating.id) == []
        assert results.valid_of_site(rating.site_id, on, seen_by=work.handler) == []


def test_after_a_revocation_the_home_waits(db_session: Session) -> None:
    work, rating = a_rating()
    on = rating.valid_from
    with acting(work.handler):
        change = ratings.propose_change(rating.id, Measure.REVOKE, Cause.FRAUD, "示例：造假", by=work.handler, on=on)
    with acting(work.head):
        ratings.decide_change(change.id, agreed=True, by=work.head, on=on)
        again = campaigns.CampaignDraft(
            title="示例：再次评定", kind=CampaignKind.RATING, scheme_key="cn.shanxi.3a@0.1", site_kinds=(rating.site.kind,),
            opens_on=on, closes_on=on + timedelta(days=800), basis="示例",
        )  # fmt: skip
        second = campaigns.draft_campaign(again, by=work.head, at=AT, on=on)
    with acting(work.handler):
        campaigns.open_campaign(second.id, by=work.handler, on=on)
    work.campaign = second
    owner = work.owners[rating.site_id]
    with acting(owner):
        row = applications.begin_application(second.id, rating.site_id, "A", by=owner, at=AT, on=on)
        with pytest.raises(Refused) as refused:
            applications.submit_application(row.id, by=owner, at=AT, on=on + timedelta(days=100))
        assert refused.value.code == "rating.waiting"


def test_a_failed_check_is_news_and_a_downgrade_keeps_the_history(db_session: Session) -> None:
    work, rating = a_rating()
    on = rating.check_due
    with acting(work.handler):
        ratings.record_check(rating.id, CheckResult.FAILED, "示例：康复护理无记录", by=work.handler, on=on)
        alert = results.alerts(seen_by=work.handler, rating_id=rating.id)[0]
        assert alert.cause is Cause.FAILED_CHECK
        with pytest.raises(Refused):
            ratings.propose_change(
                rating.id, Measure.DOWNGRADE, Cause.FAILED_CHECK, "示例", to_level="AAA", by=work.handler, on=on
            )
        change = ratings.propose_change(
            rating.id, Measure.DOWNGRADE, Cause.FAILED_CHECK, "示例：抽查不合格", to_level="A", by=work.handler, on=on
        )
    with acting(work.head):
        ratings.decide_change(change.id, agreed=True, by=work.head, on=on)
        kept = results.changes(rating.id, seen_by=work.head)[0]
    assert (kept.from_level, kept.to_level) == ("AA", "A")


def test_a_rating_runs_out_by_its_day_and_by_no_job(db_session: Session) -> None:
    work, rating = a_rating()
    with acting(work.handler):
        assert results.standing_of(rating, rating.valid_to) is Standing.VALID
        assert results.standing_of(rating, rating.valid_to + timedelta(days=1)) is Standing.EXPIRED
        assert results.valid_of_site(rating.site_id, rating.valid_to + timedelta(days=1), seen_by=work.handler) == []


def test_the_site_page_shows_grades_side_by_side(db_session: Session) -> None:
    work, rating = a_rating()
    panel = RatingPanel()
    with acting(work.handler):
        (answer,) = panel.answers(rating.site_id, seen_by=work.handler, on=rating.valid_from)
        assert answer.value == "AA 级"
        (gone,) = panel.answers(rating.site_id, seen_by=work.handler, on=rating.valid_to + timedelta(days=1))
        assert gone.value == "没有有效等级"
        assert [h.title for h in panel.happenings(rating.site_id, seen_by=work.handler)] == ["公布等级 AA 级"]
