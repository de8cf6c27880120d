"""After the freeze: replacements, top-ups and voids that two people decide, supplementary plans, and the chain over them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM, Actor
from app.core.db import acting
from app.core.refusal import NotVisible, Refused
from app.inspections.actions import draw_changes, draw_lists, draws
from app.inspections.actions.draw_changes import ChangeWanted
from app.inspections.models import DrawRequest
from app.inspections.queries import draws as queries
from app.inspections.rules import draw
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import PlanState, RecusalReason, RequestKind, RequestState, event_hash, official_code
from tests.inspections import builders_draws as build
from tests.inspections.builders_draws import AFTER, AFTER_AT, AT, ON, Office, row


def ask(office: Office, plan_id: UUID, kind: RequestKind, what: str = "", detail: str = "", reason: str = "") -> UUID:
    """The maker asks, with a proof."""
    wanted = ChangeWanted(kind, what, detail, reason)
    proof = None if kind is RequestKind.VOID else build.a_proof()
    with acting(office.maker):
        return draw_changes.ask_change(plan_id, wanted, by=office.maker, at=AFTER_AT, on=AFTER, evidence=proof).id


def approve(request_id: UUID, by: Actor) -> None:
    with acting(by):
        draw_changes.approve_change(request_id, by=by, at=AFTER_AT, on=AFTER)


def teams(office: Office, plan_id: UUID) -> dict[str, tuple[str, ...]]:
    with acting(office.maker):
        found = queries.drawn_teams(plan_id, seen_by=office.maker)
    return {team.draw_id: tuple(member.code for member in team.members) for team in found}


def test_a_replaced_home_gives_way_to_the_next_of_its_queue(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    with acting(office.maker):
        result = queries.result_of(row(plan_id))
    struck = next(place for place in result.drawn if place.stratum == "B")
    heir = next(place for place in result.reserve if place.stratum == "B")
    before = teams(office, plan_id)
    request = ask(office, plan_id, RequestKind.REPLACE_SUBJECT, struck.subject, reason="closed")
    with acting(office.maker), pytest.raises(Refused, match="申请人不能批准"):
        draw_changes.approve_change(request, by=office.maker, at=AFTER_AT, on=AFTER)
    with acting(SYSTEM), pytest.raises(IntegrityError, match="by_asker"), db_session.begin_nested():
        db_session.execute(update(DrawRequest).values(decided_by=office.maker.id))
    approve(request, office.head)
    after = teams(office, plan_id)
    assert set(before) - set(after) == {struck.subject}
    assert set(after) - set(before) == {heir.subject}
    assert {home: after[home] for home in set(before) & set(after)} == {home: before[home] for home in set(before) & set(after)}
    with acting(office.maker):
        files = queries.published_files(row(plan_id))
    assert draw.replay(draw.compute({k: v for k, v in files.items() if k != "events.txt"}), files["events.txt"]).number == 1


def test_an_ill_inspector_is_replaced_by_lot_and_the_rest_stays(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    home, (lead, _second) = next(iter(teams(office, plan_id).items()))
    approve(ask(office, plan_id, RequestKind.REPLACE_INSPECTOR, lead, home, "illness"), office.reviewer)
    now = teams(office, plan_id)
    assert lead not in now[home]
    assert len(set(now[home])) == 2
    again = ask(office, plan_id, RequestKind.TOP_UP, "A", "2", "发现普遍问题，扩大抽查")
    approve(again, office.head)
    assert len(teams(office, plan_id)) == len(now) + 2
    with acting(office.maker):
        events = queries.events_of(row(plan_id))
    prev = row(plan_id).freeze_hash
    for number, event in enumerate(events, 1):
        people = official_code(event.asked_by), official_code(event.approved_by)
        facts = (event.what, event.detail, event.reason, event.evidence_sha256 or "none", *people, event.text)
        assert (event.number, event.prev_hash) == (number, prev)
        assert event.hash == event_hash(event.prev_hash, number, event.kind.value, facts)
        prev = event.hash


def test_what_cannot_be_is_refused_when_it_is_asked_for(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    home = next(iter(teams(office, plan_id)))
    for kind, what, detail, reason, words in (
        (RequestKind.REPLACE_SUBJECT, home, "", "领导要求", "事由只能是"),
        (RequestKind.REPLACE_SUBJECT, "nowhere-01", "", "closed", "不在现有抽查对象"),
        (RequestKind.TOP_UP, "D", "1", "扩大", "可加抽"),
        (RequestKind.REPLACE_INSPECTOR, "J", "*", "illness", "没有此项任务"),
    ):
        with pytest.raises(Refused, match=words):
            ask(office, plan_id, kind, what, detail, reason)
    wanted = ChangeWanted(RequestKind.REPLACE_SUBJECT, home, "", "closed")
    with acting(office.maker), pytest.raises(Refused, match="证明材料"):
        draw_changes.ask_change(plan_id, wanted, by=office.maker, at=AFTER_AT, on=AFTER)


def test_a_declined_request_changes_nothing(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    before = teams(office, plan_id)
    request = ask(office, plan_id, RequestKind.TOP_UP, "A", "1", "扩大")
    with acting(office.head):
        draw_changes.decline_change(request, "理由不充分", by=office.head, at=AFTER_AT, on=AFTER)
        with pytest.raises(Refused, match="不再重复决定"):
            draw_changes.approve_change(request, by=office.head, at=AFTER_AT, on=AFTER)
        assert queries.request(request, seen_by=office.head).state is RequestState.DECLINED
    assert teams(office, plan_id) == before


@pytest.mark.parametrize("stage", [build.frozen, build.seeded, build.drawn])
def test_a_void_comes_from_above_and_keeps_number_fingerprint_and_reason(db_session: Session, stage: object) -> None:
    office = build.an_office()
    plan_id = stage(office, Mode.SEALED)  # type: ignore[operator]
    before = row(plan_id)
    code, fingerprint = before.code, before.freeze_hash
    request = ask(office, plan_id, RequestKind.VOID, reason="名录漏登，重新拟定")
    with acting(office.head), pytest.raises(Refused, match="上级主管机关"):
        draw_changes.approve_change(request, by=office.head, at=AFTER_AT, on=AFTER)
    approve(request, office.city_head)
    after = row(plan_id)
    assert (after.state, after.code, after.freeze_hash) == (PlanState.VOIDED, code, fingerprint)
    with acting(office.maker):
        assert [event.reason for event in queries.events_of(after)] == ["名录漏登，重新拟定"]
        assert queries.drawn_teams(plan_id, seen_by=office.maker) == ()
        with pytest.raises(Refused):
            draws.compute_draw(plan_id, by=office.maker, at=AFTER_AT, on=AFTER)
    with acting(office.city_observer):
        assert draws.open_escrow(plan_id, "复核作废", by=office.city_observer, at=AFTER_AT, on=AFTER) == build.BLIND
    assert row(build.frozen(office)).code == "210102-2026-002", "the number is not used again"


def test_a_revealed_draw_is_not_voided(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    with pytest.raises(Refused, match="不能“作废”"):
        ask(office, plan_id, RequestKind.VOID, reason="不满意")


def test_homes_registered_later_come_into_a_supplementary_plan(db_session: Session) -> None:
    office = build.an_office()
    plan_id = build.drawn(office)
    later = {"by": office.maker, "at": AFTER_AT, "on": AFTER}
    with acting(office.maker), pytest.raises(Refused, match="没有新登记"):
        draws.draft_supplement(plan_id, first_day=date(2026, 12, 9), **later)  # type: ignore[arg-type]
    with acting(SYSTEM):
        new = {build.draw_id(site) for site in build.sites_of(office.authority, "AAB")}
    with acting(office.maker):
        extra = draws.draft_supplement(plan_id, first_day=date(2026, 12, 9), **later)  # type: ignore[arg-type]
    with acting(office.head):
        draws.approve_plan(extra.id, by=office.head, at=AFTER_AT, on=AFTER)
        draws.freeze_plan(extra.id, by=office.head, at=AFTER_AT, on=AFTER, blind=lambda: build.BLIND)
    frozen = row(extra.id)
    listed = {line.partition("|")[0] for line in (frozen.subjects_text or "").splitlines()[1:]}
    assert listed == new
    assert (frozen.parent_id, frozen.code) == (plan_id, "210102-2026-002")


def test_a_recusal_declared_before_the_freeze_keeps_an_inspector_away(db_session: Session) -> None:
    office = build.an_office(tiers="D", inspectors=4)
    with acting(office.maker):
        draw_lists.renew_objects(by=office.maker, on=ON)
    home, kin = build.draw_id(office.sites[0]), office.inspectors[0]
    himself = build.account_queries.actor(kin.account_id, office.authority.id, ON)
    assert himself is not None
    with acting(himself):
        made = draw_lists.declare_recusal(kin.id, home, RecusalReason.KIN, "", by=himself, at=AT, on=ON)
        assert [found.id for found in queries.own_recusals(seen_by=himself)] == [made.id]
        with pytest.raises(NotVisible):
            draw_lists.declare_recusal(office.inspectors[1].id, home, RecusalReason.KIN, "", by=himself, at=AT, on=ON)
        with pytest.raises(Refused, match="已经登记"):
            draw_lists.declare_recusal(kin.id, home, RecusalReason.KIN, "", by=himself, at=AT, on=ON)
    plan_id = build.drawn(office)
    assert f"{kin.code}|{home}|kin" in (row(plan_id).recusals_text or "")
    assert kin.code not in teams(office, plan_id)[home]
    with acting(office.maker):
        draw_lists.end_recusal(made.id, by=office.maker, at=AFTER_AT, on=AFTER)
        with pytest.raises(Refused, match="已经解除"):
            draw_lists.end_recusal(made.id, by=office.maker, at=AFTER_AT, on=AFTER)


def test_only_certificates_that_last_through_the_inspections_enter_the_pool(db_session: Session) -> None:
    office = build.an_office()
    short = office.inspectors[0]
    with acting(office.maker):
        draw_lists.change_inspector(
            short.id, certificate_no="示例证", certificate_from=ON, certificate_until=date(2026, 12, 20),
            qualifications=["qual.lead"], cap=3, active=True, by=office.maker, on=ON,
        )  # fmt: skip
    plan = row(build.frozen(office))
    assert short.code not in (plan.inspectors_text or "")
    assert office.inspectors[1].code in (plan.inspectors_text or "")
    with acting(office.maker), pytest.raises(Refused, match="有效期"):
        draw_lists.change_inspector(
            short.id, certificate_no="示例证", certificate_from=date(2025, 1, 1), certificate_until=date(2026, 1, 1),
            qualifications=[], cap=3, active=True, by=office.maker, on=ON,
        )  # fmt: skip


def test_a_joint_team_takes_the_fire_department_along(db_session: Session) -> None:
    office = build.an_office(tiers="DD")
    fire = build.fire_office(office)
    with acting(SYSTEM):
        expert = build.an_inspector(office.maker, fire, "qual.fire", by_department=True)
    strata = tuple(replace(rule, team="joint") for rule in queries.strata_from_pack(office.authority.path, ON))
    plan_id = build.drawn(office, strata=strata, joint=("dept.xf",))
    assert all(codes[1] == expert.code for codes in teams(office, plan_id).values())
