"""Open data (开放数据): equal to the pages, harmless in Excel, with a feed; kept pages and their validators."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.providers import actions as registry
from app.public import jobs
from app.public.models import AuditDay, Facility
from tests.providers.builders import AT
from tests.public.builders import FILED, a_public_site

pytestmark = pytest.mark.usefixtures("db_session")


def test_csv_and_json_hold_what_is_published_today(client: FlaskClient) -> None:
    site_id = a_public_site()
    ended = a_public_site("示例·乐龄养老院")
    db.session.execute(update(Facility).where(Facility.id == ended).values(visible_until=date.today() - timedelta(days=1)))
    db.session.execute(update(Facility).where(Facility.id == site_id).values(address="=cmd|' /C calc'!A0"))
    db.session.commit()
    rows = list(csv.DictReader(io.StringIO(client.get("/open/facilities.csv").text.removeprefix("\ufeff"))))
    assert [row["机构标识"] for row in rows] == [str(site_id)]
    assert not rows[0]["地址"].startswith("=")
    body = json.loads(client.get("/open/facilities.json").text)
    assert [row["id"] for row in body["rows"]] == [str(site_id)]
    assert body["licence"]
    assert client.get("/open/secrets.csv").status_code == 404


def test_the_feed_goes_on_where_it_was_left(client: FlaskClient) -> None:
    a_public_site()
    first = client.get("/open/changes.json").get_json()["changes"]
    assert first
    assert client.get(f"/open/changes.json?after={first[-1]['seq']}").get_json()["changes"] == []


def test_a_page_is_kept_until_its_facility_changes(client: FlaskClient) -> None:
    site_id = a_public_site()
    first = client.get(f"/facilities/{site_id}")
    assert first.headers["Cache-Control"].startswith("public")
    tag = first.headers["ETag"]
    assert client.get(f"/facilities/{site_id}", headers={"If-None-Match": tag}).status_code == 304
    with acting(SYSTEM):
        registry.record_facts(
            site_id, {"occupied_beds": 55}, as_of=FILED, source="机构申报", by=SYSTEM, at=AT + timedelta(hours=1), on=FILED
        )
    db.session.commit()
    client.application.extensions.pop("public.pages", None)  # as after the second for which a page is trusted
    changed = client.get(f"/facilities/{site_id}", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "空床 5 张" in changed.text


def test_somebody_signed_in_gets_no_kept_page(client: FlaskClient) -> None:
    from app.core.actor import Post
    from tests.worlds import signed_in

    site_id = a_public_site()
    db.session.commit()
    visit = signed_in(client, Post.HANDLER)
    answer = visit.get(f"/facilities/{site_id}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_yesterdays_end_of_the_record_is_published_once() -> None:
    a_public_site()
    db.session.commit()
    tomorrow = date.today() + timedelta(days=1)
    jobs.note_record(tomorrow)
    head = db.session.get(AuditDay, date.today())
    assert head is not None
    kept = head.head
    a_public_site("示例·乐龄养老院")
    jobs.note_record(tomorrow)
    assert head.head == kept
