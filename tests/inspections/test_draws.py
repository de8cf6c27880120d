"""A draw from the draft to the reveal, by real people: who may do what, what is written once, what nobody sees too early."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.core.web import Songjian
from app.inspections.actions import draws
from app.inspections.cli import draw as draw_command
from app.inspections.jobs.draws import reveal_due
from app.inspections.models import DrawEscrow, DrawPlan, DrawSeedEntry
from app.inspections.queries import draws as queries
from app.inspections.rules import draw
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import MarkReason, PlanState, Standing
from tests.inspections import builders_draws as build
from tests.inspections.builders_draws import AFTER, AFTER_AT, AT, ON, REVEAL, enter, row


def test_an_open_draw_is_public_at_once_and_recomputed_by_the_command(db_session: Session, tmp_path: Path) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    plan = row(plan_id)
    assert plan.state is PlanState.REVEALED
    with acting(office.maker):
        files = queries.published_files(plan)
        teams = queries.drawn_teams(plan_id, seen_by=office.maker)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode())
    ran = CliRunner().invoke(draw_command, ["recompute", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == plan.result_text
    # pack defaults A 10 %, B 30 %, C 60 %, D 100 % of 5, 4, 2, 1 homes, rounded up
    assert [len([t for t in teams if t.stratum == tier]) for tier in "ABCD"] == [1, 2, 2, 1]
    assert all(len({m.account_id for m in team.members}) == 2 for team in teams)
    leads = {entry.code for entry in office.inspectors if "qual.lead" in entry.tags}
    assert all(team.members[0].code in leads for team in teams)
    assert {team.site_id for team in teams} <= {site.id for site in office.sites}


def test_a_sealed_draw_shows_only_fingerprints_until_its_day(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office, Mode.SEALED)
    plan = row(plan_id)
    assert (plan.state, plan.seed_text, plan.result_text) == (PlanState.DRAWN, None, None)
    with acting(SYSTEM):
        stored = db_session.execute(text("select sealed_result, sealed_seed, blind from draw_plan")).one()
    assert all(value.startswith("sj1.") for value in stored), "encrypted at rest"
    assert sorted(queries.published_files(plan)) == ["freeze.txt", "plan.txt"]
    assert "seed.txt" not in queries.files_for(plan)
    with acting(SYSTEM):
        assert reveal_due(date(2027, 1, 14)).done == 0
        with pytest.raises(Refused, match="2027-01-15"):
            draws.reveal_plan(plan_id, by=SYSTEM, at=AFTER_AT, on=AFTER)
        assert reveal_due(REVEAL).done == 1
        assert reveal_due(REVEAL).done == 0
    plan = row(plan_id)
    files = queries.published_files(plan)
    assert plan.state is PlanState.REVEALED
    assert draw.compute(files).text == plan.result_text
    assert build.BLIND in files["seed.txt"]


def test_only_the_own_computing_people_open_sealed_names_with_a_reason(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office, Mode.SEALED)
    for by, computes in ((office.head, False), (office.observer, False), (office.city_head, True)):
        with acting(by), pytest.raises(Refused, match="密封"):
            draws.open_names(plan_id, "看看", by=by, on=AFTER, computes=computes)
    with acting(office.maker):
        with pytest.raises(Refused, match="事由"):
            draws.open_names(plan_id, " ", by=office.maker, on=AFTER, computes=True)
        assert len(draws.open_names(plan_id, "准备检查通知书", by=office.maker, on=AFTER, computes=True)) == 6
    db_session.commit()
    assert db_session.scalar(text("select count(*) from audit_line where event = 'SealedNamesOpened'")) == 1


def test_the_maker_neither_approves_nor_freezes(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drafted(office)
    with acting(office.maker), pytest.raises(Refused, match="另一人批准"):
        draws.approve_plan(plan_id, by=office.maker, at=AT, on=ON)
    for column in ("approved_by", "frozen_by"):
        with acting(SYSTEM), pytest.raises(IntegrityError, match="by_maker"), db_session.begin_nested():
            db_session.execute(update(DrawPlan).values({column: office.maker.id}))
    with acting(office.head):
        draws.approve_plan(plan_id, by=office.head, at=AT, on=ON)
    with acting(office.maker), pytest.raises(Refused, match="拟定人以外"):
        draws.freeze_plan(plan_id, by=office.maker, at=AT, on=ON, blind=lambda: build.BLIND)


def test_two_different_people_enter_the_value_blind_to_each_other(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.frozen(office)
    first = enter(plan_id, office.maker)
    assert first.agreed is None
    with pytest.raises(Refused, match="另一人独立录入"):
        enter(plan_id, office.maker)
    with acting(SYSTEM):
        kept = db_session.scalars(select(DrawSeedEntry)).one()
    twin = {c.key: getattr(kept, c.key) for c in DrawSeedEntry.__table__.columns if c.key != "id"} | {"place": 2}
    with acting(SYSTEM), pytest.raises(IntegrityError, match="two_people"), db_session.begin_nested():
        db_session.execute(insert(DrawSeedEntry).values(twin))
    wrong = build.KL8.replace("79", "80")
    again = enter(plan_id, office.second, wrong)
    assert (again.agreed, again.turn, again.differed) == (None, 2, 1)
    assert row(plan_id).state is PlanState.FROZEN
    enter(plan_id, office.second, "79,73,70 66 61 58 52 49 44 40 36 31 28 23 20 17 11 9 5 2")
    assert enter(plan_id, office.maker).agreed is not None
    assert row(plan_id).state is PlanState.SEEDED
    with pytest.raises(Refused, match="现在不能"):
        enter(plan_id, office.reviewer)


def test_a_value_is_refused_before_its_day_or_when_it_cannot_be_one(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.frozen(office)
    with acting(office.maker):
        with pytest.raises(Refused, match="2026-12-01"):
            draws.enter_value(plan_id, 1, "2026320", build.KL8, by=office.maker, at=AT, on=ON)
        with pytest.raises(Refused, match="20 个互不相同"):
            draws.enter_value(plan_id, 1, "2026321", "1 2 3", by=office.maker, at=AFTER_AT, on=AFTER)


def test_the_freeze_comes_before_the_lottery(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drafted(office)
    with acting(office.head):
        draws.approve_plan(plan_id, by=office.head, at=AT, on=ON)
        with pytest.raises(Refused, match="早于开奖日"):
            draws.freeze_plan(plan_id, by=office.head, at=AFTER_AT, on=date(2026, 12, 1), blind=lambda: build.BLIND)


def test_numbers_have_no_gap_although_drafts_are_withdrawn(db_session: Session) -> None:
    office = build.an_office()
    ids = [build.drafted(office) for _ in range(3)]
    with acting(office.maker):
        draws.discard_plan(ids[1], by=office.maker, on=ON)
    with acting(office.head):
        for plan_id in (ids[2], ids[0]):
            draws.approve_plan(plan_id, by=office.head, at=AT, on=ON)
            draws.freeze_plan(plan_id, by=office.head, at=AT, on=ON, blind=lambda: build.BLIND)
        with pytest.raises(Refused, match="已撤回"):
            draws.approve_plan(ids[1], by=office.head, at=AT, on=ON)
    assert [row(i).code for i in ids] == ["210102-2026-002", None, "210102-2026-001"]


@pytest.mark.parametrize("column", ["subjects_text", "freeze_hash", "result_hash", "result_text", "approved_by"])
def test_what_was_published_is_never_written_again(db_session: Session, column: str) -> None:
    build.drawn(build.an_office())
    value = "gen_random_uuid()" if column == "approved_by" else "'x'"
    with acting(SYSTEM), pytest.raises(DBAPIError, match="written once"), db_session.begin_nested():
        db_session.execute(text(f"update draw_plan set {column} = {value}"))


@pytest.mark.parametrize("table", ["draw_seed_entry", "draw_event"])
def test_entries_and_events_are_only_added(db_session: Session, table: str) -> None:
    build.drawn(build.an_office())
    for statement in (f"update {table} set id = id", f"delete from {table}"):
        with pytest.raises(DBAPIError, match="permission denied"), db_session.begin_nested():
            db_session.execute(text(statement))


def test_must_and_out_are_frozen_with_reasons_and_limited(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drafted(office)
    a, b, c, d = (build.draw_id(site) for site in office.sites[:4])
    with acting(office.maker):
        mark = {"by": office.maker, "at": AT, "on": ON}
        draws.mark_object(plan_id, a, Standing.MUST, MarkReason.COMPLAINT, "", **mark)  # type: ignore[arg-type]
        draws.mark_object(plan_id, b, Standing.OUT, MarkReason.INSPECTED, "", **mark)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="只能是"):
            draws.mark_object(plan_id, c, Standing.OUT, MarkReason.COMPLAINT, "", **mark)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="已经登记"):
            draws.mark_object(plan_id, a, Standing.OUT, MarkReason.INSPECTED, "", **mark)  # type: ignore[arg-type]
        others = [
            draws.mark_object(plan_id, home, Standing.MUST, MarkReason.CLUE, "", **mark)  # type: ignore[arg-type]
            for home in (c, d)
        ]
    with acting(office.head), pytest.raises(Refused, match="20%"):
        draws.approve_plan(plan_id, by=office.head, at=AT, on=ON)
    with acting(office.maker):
        draws.unmark_object(others[0].id, by=office.maker, at=AT, on=ON)
    with acting(office.head):
        draws.approve_plan(plan_id, by=office.head, at=AT, on=ON)
        draws.freeze_plan(plan_id, by=office.head, at=AT, on=ON, blind=lambda: build.BLIND)
    subjects = row(plan_id).subjects_text or ""
    assert f"{a}|A|1|must:complaint|" in subjects
    assert f"{b}|A|1|out:inspected|" in subjects
    assert f"{c}|A|1|draw|" in subjects


def test_a_superior_may_approve_a_long_must_list_but_not_act_for_the_county(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drafted(office)
    with acting(office.maker):
        for site in office.sites[:4]:
            draws.mark_object(
                plan_id, build.draw_id(site), Standing.MUST, MarkReason.SUPERIOR, "",
                by=office.maker, at=AT, on=ON,
            )  # fmt: skip
    with acting(office.city_head):
        draws.approve_plan(plan_id, by=office.city_head, at=AT, on=ON)
        with pytest.raises(Refused, match="其他机关"):
            draws.freeze_plan(plan_id, by=office.city_head, at=AT, on=ON, blind=lambda: build.BLIND)


def test_a_draw_that_cannot_be_staffed_names_nobody_and_makes_no_team(db_session: Session) -> None:
    office = build.an_office(inspectors=2, cap=1)
    plan_id = build.drawn(office, Mode.SEALED)
    plan = row(plan_id)
    with acting(office.maker):
        result = queries.result_of(plan)
        assert queries.drawn_teams(plan_id, seen_by=office.maker) == ()
        with pytest.raises(Refused):
            draws.open_names(plan_id, "看看", by=office.maker, on=AFTER, computes=True)
    assert plan.infeasible is True
    assert result.infeasible is not None
    assert result.teams == ()
    assert {entry.code for entry in office.inspectors} >= set(result.infeasible.inspectors)
    assert "team|" not in result.text


def test_the_escrow_lies_above_and_opens_only_after_a_missed_day(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office, Mode.SEALED)
    with acting(office.head):
        assert db_session.scalars(select(DrawEscrow)).all() == [], "out of the office's reach"
        with pytest.raises(Refused, match="没有封套备份"):
            draws.open_escrow(plan_id, "核查", by=office.head, at=AT, on=date(2027, 2, 1))
    with acting(office.city_observer):
        with pytest.raises(Refused, match="正常进行"):
            draws.open_escrow(plan_id, "核查", by=office.city_observer, at=AT, on=REVEAL)
        opened = draws.open_escrow(plan_id, "逾期未公开", by=office.city_observer, at=AT, on=date(2027, 1, 16))
    assert opened == build.BLIND


def test_the_demonstration_dice_are_refused_elsewhere(db_session: Session) -> None:
    office = build.an_office()
    draft = build.a_draft(office, source="demo.dice")
    with acting(office.maker):
        with pytest.raises(Refused, match="演示环境"):
            draws.draft_plan(draft, by=office.maker, at=AT, on=ON)
        assert draws.draft_plan(draft, by=office.maker, at=AT, on=ON, demo=True).inputs[0]["source"] == "demo.dice"


def test_another_county_sees_no_plan(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.frozen(office)
    with acting(SYSTEM):
        from app.core.actor import Post
        from tests.worlds import an_authority

        stranger = build.an_actor(an_authority("210103"), Post.HEAD)
    with acting(stranger), pytest.raises(NotVisible):
        queries.plan(plan_id, seen_by=stranger)


def test_fifty_clicks_at_once_draw_once(own_app: Songjian) -> None:
    with own_app.app_context():
        office = build.an_office()
        plan_id = build.seeded(office, Mode.SEALED)
        db.session.commit()
    outcomes: list[str] = []
    start = threading.Barrier(50)

    def click() -> None:
        start.wait()
        with own_app.app_context(), acting(office.second):
            try:
                draws.compute_draw(plan_id, by=office.second, at=AFTER_AT, on=AFTER)
                db.session.commit()
                outcomes.append("drawn")
            except Refused as refusal:
                db.session.rollback()
                outcomes.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["draw.once"] * 49 + ["drawn"]
    with own_app.app_context(), acting(SYSTEM):
        assert db.session.scalar(text("select count(*) from audit_line where event = 'DrawCompleted'")) == 1
