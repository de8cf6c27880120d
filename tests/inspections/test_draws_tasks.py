"""From the draw to the tasks: one a drawn site, with the drawn team, in step with whatever is approved later."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.outbox import Outbox
from app.core.refusal import Refused
from app.inspections.actions import tasks as task_actions
from app.inspections.actions.draw_tasks import follow_draw
from app.inspections.models import InspectionTask
from app.inspections.queries import draws as queries
from app.inspections.queries import tasks
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import RequestKind
from app.inspections.rules.task import TaskState
from app.regions import actions as regions
from tests.inspections import builders_draws as build
from tests.inspections.builders_draws import AFTER, AFTER_AT, AT, Office, row
from tests.inspections.test_draws_changes import approve, ask


@pytest.fixture
def office(db_session: Session) -> Office:
    """An office whose inspectors' accounts hold certificates, in a county that published its yearly cap."""
    made = build.an_office()
    with acting(SYSTEM):
        publish_cap(made)
        for entry in made.inspectors:
            entry.account.certificate_no, entry.account.certificate_until = entry.certificate_no, entry.certificate_until
        db.session.flush()
    return made


def publish_cap(office: Office, cap: int = 4) -> None:
    regions.change_setting(
        office.authority.region_id, "inspection.visits_cap", cap, source="示例·公布文件",
        in_force_from=date(2026, 1, 5), by=office.head, at=AT + timedelta(seconds=next(build._serial)), on=date(2026, 1, 5),
    )  # fmt: skip


def follow(plan_id: UUID) -> None:
    with acting(SYSTEM):
        follow_draw(plan_id, by=SYSTEM, at=AFTER_AT, on=AFTER)


def planned(plan_id: UUID) -> dict[UUID, InspectionTask]:
    with acting(SYSTEM):
        return {task.site_id: task for task in tasks.tasks_from(plan_id, seen_by=SYSTEM)}


def drawn_accounts(plan_id: UUID) -> dict[UUID, list[UUID]]:
    with acting(SYSTEM):
        found = queries.drawn_teams(plan_id, seen_by=SYSTEM)
    return {team.site_id: [member.account_id for member in team.members] for team in found}


def seated(task: InspectionTask) -> list[UUID]:
    with acting(SYSTEM):
        return [m.account_id for m in sorted(tasks.active_members(task), key=lambda m: m.place)]


def test_a_draw_puts_one_errand_and_makes_its_tasks_once(office: Office) -> None:
    plan_id = build.drawn(office, Mode.SEALED)
    assert db.session.query(Outbox).filter_by(kind="draw.follow", subject=plan_id).count() == 1
    follow(plan_id)
    follow(plan_id)
    made = planned(plan_id)
    assert {site: seated(task) for site, task in made.items()} == drawn_accounts(plan_id)
    assert {task.state for task in made.values()} == {TaskState.PLANNED}
    assert {task.source_words for task in made.values()} == {row(plan_id).code}
    assert len({task.number for task in made.values()}) == len(made) == 6


def test_tasks_keep_in_step_with_replacements(office: Office) -> None:
    plan_id = build.drawn(office)
    follow(plan_id)
    before = planned(plan_id)
    with acting(SYSTEM):
        team = next(team for team in queries.drawn_teams(plan_id, seen_by=SYSTEM) if team.stratum == "B")
        task_actions.approve_task(before[team.site_id].id, item_published=True, by=office.head, on=AFTER)
    approve(ask(office, plan_id, RequestKind.REPLACE_INSPECTOR, team.members[1].code, team.draw_id, "illness"), office.head)
    follow(plan_id)
    now = drawn_accounts(plan_id)[team.site_id]
    assert now[1] != team.members[1].account_id
    assert seated(planned(plan_id)[team.site_id]) == now
    approve(ask(office, plan_id, RequestKind.REPLACE_SUBJECT, team.draw_id, reason="closed"), office.head)
    follow(plan_id)
    after = planned(plan_id)
    assert after[team.site_id].state is TaskState.CANCELLED
    assert len([task for task in after.values() if task.state is not TaskState.CANCELLED]) == 6


def test_a_void_cancels_what_nobody_has_begun(office: Office) -> None:
    plan_id = build.drawn(office, Mode.SEALED)
    follow(plan_id)
    approve(ask(office, plan_id, RequestKind.VOID, reason="名录漏登"), office.city_head)
    follow(plan_id)
    assert {task.state for task in planned(plan_id).values()} == {TaskState.CANCELLED}


def test_without_a_published_cap_the_errand_waits(db_session: Session) -> None:
    plan_id = build.drawn(build.an_office())
    with pytest.raises(Refused, match="检查频次上限"):
        follow(plan_id)
