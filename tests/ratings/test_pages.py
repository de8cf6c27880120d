"""Pages of ratings: who sees what, forms that keep what was typed, the scoring interface."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.accounts import actions as accounts
from app.accounts import sessions, views
from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.providers.models import Site
from app.ratings.actions import decisions, ratings
from app.ratings.models import Rating, RatingApplication
from app.ratings.queries import applications as queries
from app.ratings.rules.process import Cause, State
from tests.ratings import builders
from tests.ratings.builders import AT, BEFORE, PASSWORD, Work, a_rated_site, a_work
from tests.worlds import Visit


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' day is the builders' day."""
    monkeypatch.setattr(builders, "ON", clock.today())
    monkeypatch.setattr("tests.providers.builders.ON", clock.today())


def visit(client: FlaskClient, account_id: UUID, body_id: UUID) -> Visit:
    """A browser in which an account is signed in."""
    from app.accounts import queries as people

    db.session.commit()
    secret = sessions.begin(account_id, body_id=body_id, second_factor=True, at=clock.now())
    client.set_cookie(views.cookie_name(), secret)
    who = people.actor(account_id, body_id, clock.today())
    assert who is not None
    return Visit(client, who, sessions.form_token(str(client.application.config["SECRET_KEY"]), secret))


@dataclass(frozen=True)
class Kept:
    """What a test needs of an application after requests have come and gone."""

    id: UUID
    site: str
    panel: tuple[UUID, ...] = ()


def kept(work: Work, row: RatingApplication) -> Kept:
    with acting(SYSTEM):
        return Kept(row.id, row.site.name, tuple(who.id for who in work.panel(row)))


def at_work(work: Work, client: FlaskClient, name: str) -> Visit:
    return visit(client, work.staff[name], work.authority_id)


def a_home() -> tuple[Site, UUID, UUID]:
    """A site, the body that runs it, and the account of its owner."""
    site = a_rated_site()
    with acting(SYSTEM):
        row = accounts.open_account(f"shili-{uuid4().hex[:10]}", "示例·负责人", PASSWORD, by=SYSTEM, at=AT, on=BEFORE)
        accounts.grant_post(row.id, Post.PROVIDER_OWNER, by=SYSTEM, on=BEFORE, provider_id=site.provider_id)
    return site, site.provider_id, row.id


def test_a_home_applies_and_learns_what_is_missing(client: FlaskClient) -> None:
    work = a_work()
    site, body, owner = a_home()
    site_id, title = str(site.id), work.campaign.title
    home = visit(client, owner, body)
    assert title in home.get("/my/ratings").text
    answer = home.post(f"/my/rating-campaigns/{work.campaign_id}/applications", site=site_id, target="AAA")
    assert answer.status_code == 302
    base = answer.location
    assert home.post(f"{base}/submission").status_code == 422, "the self-score is open"
    refused = home.post(f"{base}/facts", **{"f-visits": "很多", "source": "示例台账"})
    assert refused.status_code == 422
    assert "很多" in refused.text
    assert home.post(f"{base}/facts", **{"f-visits": "10500", "source": "示例台账"}).status_code == 302
    sheet = home.get(f"{base}/sheet").text
    assert "助餐" in sheet
    typed = {"h-c1": "1", "i-c1": ["offered"], "h-c8": "1", "i-c8": "99", "h-c9": "1", "i-c9": "3.5"}
    wrong = home.post(f"{base}/sheet", **typed)
    assert wrong.status_code == 422
    assert 'value="99"' in wrong.text
    assert 'value="3.5"' in wrong.text, "what was right is kept on the screen too"
    assert home.post(f"{base}/sheet", **{**typed, "i-c8": "2"}).status_code == 302
    page = home.get(base).text
    assert "离" in page
    assert "还差什么" in page


def test_scoring_through_the_interface_is_idempotent_and_private(client: FlaskClient) -> None:
    work = a_work()
    row = kept(work, work.until(State.ON_SITE))
    first, second, _ = row.panel
    desk = visit(client, first, work.authority_id)
    page = desk.get(f"/office/assessments/{row.id}")
    assert page.status_code == 200
    assert "我单独打分" in page.text
    op = {
        "op_id": str(uuid4()),
        "item": "c8",
        "value": "3",
        "na": "",
        "reason": "",
        "remark": "",
        "evidence": [],
        "replaces": [],
        "wall_ms": 5,
    }
    url = f"/api/v1/rating-sheets/{row.id}"
    for wanted in ("stored", "duplicate"):
        answer = client.post(f"{url}/ops", json={"device": "d", "ops": [op]}, headers={"X-Songjian": "1"})
        assert answer.status_code == 200
        assert answer.json["results"][0]["status"] == wanted
    assert client.post(f"{url}/ops", json={"ops": [{"x": 1}]}, headers={"X-Songjian": "1"}).status_code == 422
    assert client.get(url).json["answers"]["c8"]["value"] == "3"
    visit(client, second, work.authority_id)
    assert client.get(url).json["answers"] == {}, "the other assessor's interface shows his own sheet alone"
    visit(client, work.staff["handler"], work.authority_id)
    assert client.get(url).status_code == 403
    assert client.get(f"/office/assessments/{row.id}").status_code == 403
    outsider = next(account for account in work.assessors if account not in row.panel)
    visit(client, outsider, work.authority_id)
    assert client.get(f"/office/assessments/{row.id}").status_code == 404


def test_the_office_carries_an_application_by_its_pages(client: FlaskClient) -> None:
    work = a_work()
    row = kept(work, work.until(State.SUBMITTED))
    desk = at_work(work, client, "handler")
    url = f"/office/rating-applications/{row.id}"
    assert row.site in desk.get("/office/rating-applications").text
    assert desk.get("/office/rating-applications.xlsx").status_code == 200
    assert "待受理" in desk.get("/office/rating-campaigns").text
    assert desk.post(f"{url}/acceptance").status_code == 302
    assert desk.post(f"{url}/admission").status_code == 422
    empty = desk.post(f"{url}/facts", **{"f-visits": "1", "source": "", "as_of": clock.today().isoformat()})
    assert empty.status_code == 422
    assert "核实的来源" in empty.text
    told = {f"f-{key}": value for key, value in builders.FACTS.items()}
    assert desk.post(f"{url}/facts", **told, source="示例台账", as_of=clock.today().isoformat()).status_code == 302
    assert desk.post(f"{url}/admission").status_code == 302
    campaign = f"/office/rating-campaigns/{work.campaign_id}"
    assert desk.post(f"{campaign}/draws", source="cwl.ssq", rule="封存后第一次开奖").status_code == 302
    found = re.search(r"/office/panel-draws/([0-9a-f-]+)/values", desk.get(campaign).text)
    assert found is not None
    value = {"event": "2026135", "value": "03 07 12 18 25 31 + 09"}
    assert desk.post(found[0], **value).status_code == 302
    assert desk.post(found[0], **value).status_code == 422, "the second person must be another"
    other = at_work(work, client, "reviewer")
    assert other.post(found[0], **value).status_code == 302
    assert "评定组" in other.get(url).text
    assert other.get(f"/office/panel-draws/{found[1]}/files/result.txt").text.startswith("YLDRAW1|result")


def test_the_committee_sees_applications_side_by_side(client: FlaskClient) -> None:
    work = a_work()
    before = [work.until(State.PROPOSED), work.until(State.PROPOSED)]
    meeting = work.convene(*before)
    rows = [kept(work, row) for row in before]
    member = at_work(work, client, "reviewer")
    page = member.get(f"/office/rating-meetings/{meeting}").text
    for row in rows:
        assert row.site in page
    assert "<polygon" in page
    assert "先看分歧" in page
    vote = f"/office/rating-applications/{rows[0].id}/votes"
    refused = member.post(vote, choice="change", level="A", reason="")
    assert refused.status_code == 422
    assert member.post(vote, choice="agree").status_code == 302
    assert "您" in member.get(f"/office/rating-meetings/{meeting}").text
    assert member.post(f"/office/rating-applications/{rows[0].id}/decision").status_code == 422, "the chair declares"
    assert visit(client, work.staff["expert1"], work.authority_id).get(f"/office/rating-meetings/{meeting}").status_code == 200
    outsider = visit(client, work.assessors[0], work.authority_id)
    assert outsider.get(f"/office/rating-meetings/{meeting}").status_code == 404


def test_a_grade_with_its_measures_and_the_homes_words(client: FlaskClient) -> None:
    work = a_work()
    site, body, owner = a_home()
    row = work.until(State.NOTICED, row=work.begin(site=site))
    with acting(SYSTEM):
        clock_row = queries.application(row.id, seen_by=SYSTEM)
        clock_row.notice_until = clock.today() - timedelta(days=1)
        db.session.flush()
    with acting(work.handler):
        rating = decisions.publish_rating(row.id, by=work.handler, on=clock.today())
    assert isinstance(rating, Rating)
    rating_id, row_id = rating.id, row.id
    home = visit(client, owner, body)
    page = home.get(f"/my/ratings/{rating_id}").text
    assert "AA 级" in page
    assert home.post(f"/my/ratings/{rating_id}/replies", words="").status_code == 422
    assert home.post(f"/my/ratings/{rating_id}/replies", words="示例：我们会改进记录").status_code == 302
    assert "离" in home.get(f"/my/rating-applications/{row_id}").text
    desk = at_work(work, client, "handler")
    assert "示例：我们会改进记录" in desk.get("/office/ratings").text
    answer = desk.post(f"/office/ratings/{rating_id}/changes", measure="revoke", cause="fraud", reason="示例：造假", to_level="")
    assert answer.status_code == 302
    head = at_work(work, client, "head")
    found = re.search(r"/office/rating-changes/([0-9a-f-]+)/decision", head.get(f"/office/ratings/{rating_id}").text)
    assert found is not None
    assert head.post(found[0], agreed="1").status_code == 302
    assert "已撤销" in head.get(f"/office/ratings/{rating_id}").text


@pytest.mark.parametrize("state", builders.ORDER[1:-1])
def test_every_state_has_its_pages(client: FlaskClient, state: State) -> None:
    work = a_work()
    row = kept(work, work.until(state))
    desk = at_work(work, client, "handler")
    paths = [f"/office/rating-applications/{row.id}", f"/office/rating-campaigns/{work.campaign_id}"]
    for path in [*paths, "/office/rating-campaigns/new", "/office/assessors", "/office/rating-meetings", "/office/ratings"]:
        assert desk.get(path).status_code == 200, path
    opened = builders.ORDER.index(state) >= builders.ORDER.index(State.CONFERRING)
    if opened:
        assert "试算，不是结果" in desk.get(f"/office/rating-applications/{row.id}?trial=cn.shenyang.station@2019").text
    if row.panel:
        lead = visit(client, row.panel[0], work.authority_id)
        assert lead.get("/office/assessments").status_code == 200
        assert lead.get(f"/office/assessments/{row.id}/consensus").status_code == (200 if opened else 409)


def test_a_campaign_is_drafted_by_one_and_opened_by_another(client: FlaskClient) -> None:
    work = a_work()
    desk = at_work(work, client, "reviewer")
    draft = {
        "title": "示例：星级试评", "kind": "rating", "scheme": "cn.gbt37276@2018", "site_kinds": "care_home", "basis": "示例",
        "opens_on": clock.today().isoformat(), "closes_on": "",
    }  # fmt: skip
    refused = desk.post("/office/rating-campaigns/new", **draft)
    assert refused.status_code == 422
    assert "示例：星级试评" in refused.text
    made = desk.post("/office/rating-campaigns/new", **{**draft, "closes_on": clock.today().isoformat()})
    assert made.status_code == 302
    page = desk.get(made.location).text
    assert "只能试评" in page
    assert desk.post(f"{made.location}/opening").status_code == 422
    assert at_work(work, client, "head").post(f"{made.location}/opening").status_code == 302


def test_the_public_sees_the_notice_the_grade_its_changes_and_the_home_s_words(client: FlaskClient) -> None:
    work = a_work()
    row = work.until(State.NOTICED)
    with acting(SYSTEM):
        known = queries.application(row.id, seen_by=SYSTEM)
        site_id, row_id = known.site_id, known.id
        db.session.commit()
    page = client.get(f"/facilities/{site_id}").text
    assert "拟定：AA 级" in page
    with acting(SYSTEM):
        queries.application(row_id, seen_by=SYSTEM).notice_until = clock.today() - timedelta(days=1)
        db.session.flush()
    with acting(work.handler):
        rating = decisions.publish_rating(row_id, by=work.handler, on=clock.today())
        assert rating is not None
        rating_id = rating.id
        db.session.commit()
    page = client.get(f"/facilities/{site_id}?n=2").text
    assert "AA 级" in page
    assert "拟定：" not in page
    assert "平台默认" in page
    assert "服务内容" in page
    found = client.get("/facilities?grade=cn.shanxi.3a:2").text
    assert str(site_id) in found
    assert str(site_id) not in client.get("/facilities?grade=cn.shanxi.3a:3").text
    ratings.note_news(site_id, Cause.ACCIDENT, source=rating_id, words="示例：坠楼", on=clock.today())
    with acting(SYSTEM):
        db.session.commit()
    page = client.get(f"/facilities/{site_id}?n=3").text
    assert "暂停使用" in page
    assert "发生严重事故" in page
    assert str(site_id) not in client.get("/facilities?grade=cn.shanxi.3a:1").text, "a suspended grade is no grade"
