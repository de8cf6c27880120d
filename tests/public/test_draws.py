"""Draws in public (抽查公示): the register from the freeze on, names and files only after the reveal, bytes that hash."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest
from flask.testing import FlaskClient

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.inspections.actions import draws
from app.inspections.rules.draw import Mode
from app.public import feed
from app.public.queries import draws as shown
from tests.inspections import builders_draws as building

pytestmark = pytest.mark.usefixtures("db_session")
FAR = date(2027, 2, 1)


def publish(on: date) -> None:
    feed.publish_noted(on)
    db.session.flush()


def test_a_frozen_plan_is_in_the_register_without_names() -> None:
    office = building.an_office()
    plan_id = building.frozen(office, Mode.SEALED)
    publish(building.ON)
    plan = building.row(plan_id)
    page = shown.draw(plan.code or "", on=building.ON)
    assert page is not None
    assert (page.freeze_hash, page.queue) == (plan.freeze_hash, [])
    assert {file.name for file in page.files} == {"plan.txt", "freeze.txt"}
    assert shown.draw_file(page.number, "subjects.txt", on=building.ON) is None
    assert sum(row["draw"] + row["must"] + row["out"] for row in page.counts) == len(office.sites)
    assert [row.number for row in shown.register(on=building.ON)] == [plan.code]


def test_a_sealed_plan_shows_hash_only_until_its_reveal() -> None:
    plan_id = building.drawn(building.an_office(), Mode.SEALED)
    publish(building.AFTER)
    code = building.row(plan_id).code or ""
    page = shown.draw(code, on=building.AFTER)
    assert page is not None
    assert page.result_hash
    assert page.queue == []
    with acting(SYSTEM):
        draws.reveal_plan(plan_id, by=SYSTEM, at=building.AFTER_AT, on=building.REVEAL)
    publish(building.REVEAL)
    page = shown.draw(code, on=FAR)
    assert page is not None
    assert page.queue
    assert {"seed.txt", "result.txt", "subjects.txt", "inspectors.txt", "recusals.txt"} <= {file.name for file in page.files}
    for file in page.files:
        content = shown.draw_file(code, file.name, on=FAR)
        assert content is not None
        assert sha256(content.encode()).hexdigest() == file.sha256
    assert sha256((shown.draw_file(code, "freeze.txt", on=FAR) or "").encode()).hexdigest() == page.freeze_hash


def test_the_checker_stands_apart_from_everything(client: FlaskClient) -> None:
    answer = client.get("/checker")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "connect-src" not in policy
    assert answer.status_code == 200
    assert client.get("/draws").status_code == 200
    assert client.get("/draws/nothing-2026-01").status_code == 404
