"""Records, stored scores, objections, tiers on the real database (信用记录、信用分、异议、风险等级)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core.actor import SYSTEM, Actor, Post
from app.core.audit import AuditLine
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.credit.actions import records as actions
from app.credit.actions import tiers
from app.credit.jobs import records as jobs
from app.credit.models.records import CreditScore
from app.credit.models.tiers import TierDecision
from app.credit.queries import records as queries
from app.credit.queries import tiers as tier_queries
from app.credit.rules.records import EndWay, ObjectionState, RecordKind, Standing
from app.credit.rules.score import score
from app.credit.rules.tier import TierWay
from app.providers.models import Site
from app.providers.rules import Tier
from app.regions import actions as regions
from tests.credit.builders import a_record
from tests.providers.builders import AT, ON, a_filed_site, an_owner
from tests.worlds import actor

pytestmark = pytest.mark.usefixtures("db_session")
K = RecordKind
DAY = timedelta(days=1)


@pytest.fixture
def site(db_session: object) -> Iterator[Site]:
    with acting(SYSTEM):
        yield a_filed_site()


def an_officer(site: Site, post: Post = Post.REVIEWER) -> Actor:
    return actor(post, path=site.authority.path, authority_id=site.authority_id)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda wrong: wrong.code == code)


def stored(site: Site) -> list[tuple[date, int]]:
    return [(row.on, row.total) for row in queries.stored(site.id, seen_by=SYSTEM)]


def agrees(site: Site, *days: date) -> bool:
    return all(queries.recompute(site.id, day, seen_by=SYSTEM).agrees for day in days)


# --- records and scores -----------------------------------------------------------------------------------------------


def test_a_record_changes_score_grade_and_tier_at_once(site: Site) -> None:
    row = a_record(site.id, K.PENALTY_SERIOUS)
    assert (row.valid_from, row.valid_to) == (ON, date(2029, 11, 24))
    assert stored(site) == [(ON, 70)]
    assert site.tier is Tier.D
    decided = tier_queries.decision(site.id, seen_by=SYSTEM)
    assert decided is not None
    assert decided.reasons[0]["code"] == "record"
    assert site.tier_reason
    assert "行政处罚（严重）" in site.tier_reason
    assert agrees(site, ON)


def test_the_same_cause_is_recorded_once(site: Site) -> None:
    evidence = [{"kind": "finding", "id": "x", "words": "示例"}]
    said = {"facts": "示例事实", "clause": "示例条款", "evidence": evidence, "valid_from": ON, "by": SYSTEM, "at": AT, "on": ON}
    one = actions.enter_record(site.id, K.FINDING_MINOR, cause="finding:1", **said)  # type: ignore[arg-type]
    other = actions.enter_record(site.id, K.FINDING_MINOR, cause="finding:1", **said)  # type: ignore[arg-type]
    assert one.id == other.id
    assert stored(site) == [(ON, 79)]


def test_without_clause_fact_or_paper_nothing_is_recorded(site: Site) -> None:
    def enter(**changed: object) -> None:
        given: dict[str, object] = {
            "facts": "示例事实", "clause": "示例条款", "source": "示例·民政局", "number": "1", "decided_on": ON,
            "by": SYSTEM, "at": AT, "on": ON,
        }  # fmt: skip
        actions.add_record(site.id, changed.pop("kind", K.ANNUAL_REPORT), **(given | changed))  # type: ignore[arg-type]

    for code, changed in {
        "credit.facts": {"facts": " "},
        "credit.clause": {"clause": ""},
        "credit.paper": {"number": " "},
        "credit.future": {"decided_on": ON + DAY},
        "credit.by_flow": {"kind": K.FINDING_MAJOR},
    }.items():
        with refused(code):
            enter(**changed)
    assert queries.records_of(site.id, seen_by=SYSTEM) == []
    enter(kind=K.COMMENDATION, clause="")  # praise needs no breach
    assert [row.kind for row in queries.records_of(site.id, seen_by=SYSTEM)] == [K.COMMENDATION]


def test_annulled_counts_never_repaired_until_its_day(site: Site) -> None:
    one = a_record(site.id, K.PENALTY_GENERAL, since=ON)
    other = a_record(site.id, K.FALSE_MATERIAL, since=ON)
    assert stored(site) == [(ON, 71)]
    later = ON + timedelta(days=100)
    actions.end_record(one.id, EndWay.REPAIRED, "已履行并公开承诺", by=an_officer(site), at=AT, on=later)
    assert queries.score_on(site.id, seen_by=SYSTEM, on=later).total == 75
    assert queries.score_on(site.id, seen_by=SYSTEM, on=later - DAY).total == 71
    actions.end_record(other.id, EndWay.ANNULLED, "原认定有误", by=an_officer(site), at=AT, on=later)
    assert queries.score_on(site.id, seen_by=SYSTEM, on=ON).total == 76, "as if it had never been"
    assert [queries.record_standing(r, later) for r in (one, other)] == [Standing.REPAIRED, Standing.ANNULLED]
    assert site.tier is Tier.B, "the tier followed"
    assert agrees(site, ON, later - DAY, later), "and the stored scores still come out, by what was known then"


def test_whoever_recorded_does_not_end(site: Site) -> None:
    handler = an_officer(site, Post.HANDLER)
    row = a_record(site.id, by=handler)
    with refused("credit.own"):
        actions.end_record(row.id, EndWay.ANNULLED, "自己撤销", by=handler, at=AT, on=ON)
    with pytest.raises(IntegrityError, match="not_ended_by_its_recorder"), db.session.begin_nested():
        db.session.execute(
            text(
                "update credit_record set ended='annulled', ended_on=recorded_on, ended_by=recorded_by, end_reason='x',"
                " end_revision=9 where id=:id"
            ),
            {"id": row.id},
        )
    actions.end_record(row.id, EndWay.ANNULLED, "复核后撤销", by=an_officer(site), at=AT, on=ON)
    with refused("credit.ended"):
        actions.end_record(row.id, EndWay.REPAIRED, "再修复一次", by=an_officer(site), at=AT, on=ON)


def test_days_on_which_nothing_ran_are_stored_afterwards(site: Site) -> None:
    a_record(site.id, K.PENALTY_MINOR, since=date(2026, 11, 24))  # counts to 2027-02-24
    a_record(site.id, K.FILING_LAPSE, since=date(2026, 11, 25))  # counts to 2027-11-25
    assert stored(site)[-1] == (date(2026, 11, 25), 76)
    on = date(2027, 12, 24)
    assert queries.score_on(site.id, seen_by=SYSTEM, on=date(2027, 2, 25)).total == 78, "the answer needs no job"
    assert jobs.keep_scores(on).done == 1
    assert stored(site)[-2:] == [(date(2027, 2, 25), 78), (date(2027, 11, 26), 80)]
    assert jobs.keep_scores(on).done == 0, "the second run finds nothing"
    assert agrees(site, *(ON + timedelta(days=n) for n in range(0, 395, 13)))


def test_another_model_scores_anew_from_its_day(site: Site) -> None:
    a_record(site.id, K.FILING_LAPSE)
    place = site.authority.region_id
    later = ON + timedelta(days=30)
    regions.change_setting(
        place, "credit.model", "nowhere", source="示例", in_force_from=later, by=SYSTEM, at=AT, on=ON
    )  # an unknown model stops scoring with a sentence, and never scores by another one in silence
    with pytest.raises(Refused, match="nowhere"):
        queries.score_on(site.id, seen_by=SYSTEM, on=later)
    assert queries.recompute(site.id, ON, seen_by=SYSTEM).agrees


@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["record", "annul", "repair", "night"]),
            st.sampled_from([K.PENALTY_GENERAL, K.PENALTY_MINOR, K.FILING_LAPSE, K.COMMENDATION, K.ABNORMAL_LIST]),
            st.integers(0, 120),
        ),
        min_size=1,
        max_size=7,
    )
)
def test_every_stored_score_of_a_year_comes_out_again(site: Site, steps: list[tuple[str, RecordKind, int]]) -> None:
    """Whatever is recorded, annulled, repaired, by whatever nights: each stored day recomputes to its hash."""
    with db.session.begin_nested() as trial:
        on, rows = ON, []
        for what, kind, days in steps:
            on += timedelta(days=days)
            if what == "record":
                rows.append(a_record(site.id, kind, since=on))
            elif what == "night":
                jobs_done = queries.sites_to_score(on, seen_by=SYSTEM)
                for site_id in jobs_done:
                    actions.keep_score(site_id, by=SYSTEM, at=AT, on=on)
            elif rows:
                way = EndWay.ANNULLED if what == "annul" else EndWay.REPAIRED
                actions.end_record(rows.pop(0).id, way, "示例理由说明", by=an_officer(site), at=AT, on=on)
        for row in db.session.scalars(select(CreditScore).where(CreditScore.site_id == site.id)):
            assert queries.recompute(site.id, row.on, seen_by=SYSTEM).agrees
        rows_now, file = queries.records_of(site.id, seen_by=SYSTEM), queries.standing(site.id, seen_by=SYSTEM)
        for day in (ON + timedelta(days=n) for n in range(0, (on - ON).days + 1, 17)):
            kept = queries.stored_for(site.id, day, seen_by=SYSTEM)
            if kept is not None and file is not None and file.checked_on is not None and day <= file.checked_on:
                known = queries.as_entries(rows_now, known_at=kept.revision)
                assert score(queries.model_of(site.scope_path, day), known, on=day).total == kept.total
        trial.rollback()


# --- objections -------------------------------------------------------------------------------------------------------

WHY = "处罚决定已经被复议机关撤销，附复议决定书"


def test_an_objection_runs_a_clock_and_is_decided_by_another(site: Site) -> None:
    handler, owner = an_officer(site, Post.HANDLER), an_owner(site)
    row = a_record(site.id, by=handler)
    found = actions.raise_objection(row.id, WHY, by=owner, at=AT, on=ON)
    clock = db.session.scalars(select(Deadline).where(Deadline.subject == found.id)).one()
    assert (clock.count, clock.due_on) == (5, date(2026, 12, 1))
    with refused("objection.open"):
        actions.raise_objection(row.id, WHY, by=owner, at=AT, on=ON)
    with refused("objection.own"):
        actions.decide_objection(found.id, upheld=False, reason="维持原记录", by=handler, at=AT, on=ON)
    actions.decide_objection(found.id, upheld=True, reason="复议决定属实", by=an_officer(site), at=AT, on=ON)
    assert (found.state, row.ended) == (ObjectionState.UPHELD, EndWay.ANNULLED)
    assert clock.met_on == ON
    assert queries.score_on(site.id, seen_by=SYSTEM, on=ON).total == 80
    assert site.tier is Tier.B
    with refused("objection.decided"):
        actions.decide_objection(found.id, upheld=False, reason="再处理一次", by=an_officer(site), at=AT, on=ON)
    with refused("objection.not_now"):
        actions.raise_objection(row.id, WHY, by=owner, at=AT, on=ON)


def test_a_rejected_objection_leaves_the_record_and_its_points(site: Site) -> None:
    row = a_record(site.id)
    found = actions.raise_objection(row.id, WHY, by=an_owner(site), at=AT, on=ON)
    assert queries.score_on(site.id, seen_by=SYSTEM, on=ON).total == 76, "it counts while the objection is open"
    actions.decide_objection(found.id, upheld=False, reason="复议仍在进行，处罚有效", by=an_officer(site), at=AT, on=ON)
    assert row.ended is None
    again = actions.raise_objection(row.id, WHY, by=an_owner(site), at=AT, on=ON + DAY)
    actions.withdraw_objection(again.id, by=an_owner(site), on=ON + DAY)
    assert again.state is ObjectionState.WITHDRAWN


def test_another_home_neither_sees_nor_objects(site: Site) -> None:
    stranger = an_owner(a_filed_site())
    row = a_record(site.id)
    with pytest.raises(NotVisible):
        actions.raise_objection(row.id, WHY, by=stranger, at=AT, on=ON)
    with acting(stranger):
        assert queries.records_of(site.id, seen_by=stranger) == []
        assert db.session.scalar(text("select count(*) from credit_record")) == 0


def test_the_database_itself_refuses_a_decision_by_a_party(site: Site) -> None:
    handler = an_officer(site, Post.HANDLER)
    found = actions.raise_objection(a_record(site.id, by=handler).id, WHY, by=an_owner(site), at=AT, on=ON)
    statement = "update credit_objection set state='rejected', decided_by=:by where id=:id"
    with pytest.raises(IntegrityError, match="decided_by_another"), db.session.begin_nested():
        db.session.execute(text(statement), {"by": handler.id, "id": found.id})


# --- tiers ------------------------------------------------------------------------------------------------------------

REASON = "经专项复核，风险已经控制，降为一般"


def test_a_manual_tier_holds_until_its_day_and_is_computed_again(site: Site) -> None:
    a_record(site.id, K.PENALTY_SERIOUS)
    head, until = an_officer(site, Post.HEAD), ON + timedelta(days=20)
    tiers.override_tier(site.id, Tier.B, REASON, until=until, by=head, at=AT, on=ON)
    assert site.tier is Tier.B
    assert tier_queries.decision(site.id, seen_by=SYSTEM).way is TierWay.OVERRIDDEN  # type: ignore[union-attr]
    assert tier_queries.decided_on(site.id, seen_by=SYSTEM, on=until + DAY).tier is Tier.D, "by query on the date"
    assert jobs.end_overrides(until).done == 0
    assert jobs.end_overrides(until + timedelta(days=4)).done == 1, "also after missed nights"
    assert site.tier is Tier.D
    assert jobs.end_overrides(until + timedelta(days=5)).done == 0


def test_a_new_manual_tier_replaces_the_old_one(site: Site) -> None:
    head = an_officer(site, Post.HEAD)
    for tier in (Tier.C, Tier.D):
        tiers.override_tier(site.id, tier, REASON, until=ON, by=head, at=AT, on=ON)
    assert site.tier is Tier.D
    row = tier_queries.override(site.id, seen_by=SYSTEM)
    assert row is not None
    tiers.end_override(row.id, by=head, on=ON)
    assert site.tier is Tier.B
    with refused("tier.ended"):
        tiers.end_override(row.id, by=head, on=ON)


def test_only_changes_are_written_down(site: Site) -> None:
    for _ in range(3):
        tiers.decide_tier(site.id, by=SYSTEM, on=ON)
    rows = db.session.scalars(select(TierDecision).where(TierDecision.site_id == site.id)).all()
    assert len(rows) == 1
    lines = db.session.info["audit.pending"]
    assert sum(type(line).__name__ == "TierDecided" for line in lines) == 1
    assert AuditLine.__tablename__ == "audit_line"


def test_the_database_keeps_the_listed_in_the_strictest_tier(site: Site) -> None:
    tiers.decide_tier(site.id, by=SYSTEM, on=ON)
    with pytest.raises(IntegrityError, match="listed_is_strictest"), db.session.begin_nested():
        db.session.execute(text("update tier_decision set listed = true where site_id = :id"), {"id": site.id})


def test_an_unknown_site_is_nobodys(site: Site) -> None:
    with pytest.raises(NotVisible):
        tiers.override_tier(UUID(int=7), Tier.A, REASON, until=ON, by=an_officer(site), at=AT, on=ON)
