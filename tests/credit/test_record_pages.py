"""Credit's pages as people use them (信用页面): what each deduction is made of, who may do what, what is typed stays."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import act_as, acting, db
from app.core.xlsx.read import read
from app.core.xlsx.write import Table, write_table
from app.credit.actions import records as actions
from app.credit.models.records import CreditRecord, ExternalClass
from app.credit.queries import records as queries
from app.credit.rules.classes import SHEET, SHEETS
from app.credit.rules.records import RecordKind
from app.providers.models import Site
from app.providers.rules import Tier
from tests.credit.builders import a_record
from tests.inspections import closing
from tests.inspections.closing import PLAIN, SERIOUS
from tests.providers.builders import AT, a_filed_site
from tests.providers.test_views import Browser, enter, officer_of, owner_of

K = RecordKind


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


@pytest.fixture
def site() -> Site:
    return a_filed_site(name="示例·听松院")


def today() -> object:
    return clock.today()


def recorded(site: Site, kind: RecordKind = K.PENALTY_GENERAL, by: Actor = SYSTEM) -> CreditRecord:
    return a_record(site.id, kind, since=clock.today(), by=by)


def test_the_home_sees_every_deduction_and_how_to_contest_it(client: FlaskClient, site: Site) -> None:
    row = recorded(site)
    visit = owner_of(client, site)
    page = visit.get("/my/credit").text
    for words in (
        "76 分",
        "80 基础 + 0 加分 − 4 扣分",
        "行政处罚（一般）",
        "到期自动不计",
        "《养老机构管理办法》",
        "平台默认",
        "有异议",
    ):
        assert words in page, words
    detail = visit.get(f"/my/credit/records/{row.id}").text
    assert "依据材料" in detail
    assert "示民罚" in detail
    short = visit.post(f"/my/credit/records/{row.id}/objections", {"reason": "不对"})
    assert short.status_code == 422
    assert "至少10个字" in short.text
    assert "不对</textarea>" in short.text, "what was typed stays"
    assert visit.post(f"/my/credit/records/{row.id}/objections", {"reason": "处罚决定已经被复议机关撤销"}).status_code == 302
    found = queries.open_objection(row.id, seen_by=SYSTEM)
    assert found is not None
    assert "异议处理中" in visit.get("/my/credit").text
    assert visit.post(f"/my/credit/objections/{found.id}/withdrawal", {}).status_code == 302


def test_another_home_gets_404(client: FlaskClient, site: Site) -> None:
    row = recorded(site)
    stranger = owner_of(client, a_filed_site())
    assert stranger.get(f"/my/credit/records/{row.id}").status_code == 404
    assert stranger.get(f"/my/credit?site={site.id}").text.count("听松院") == 0


def test_an_objection_is_decided_on_the_record_and_not_by_its_recorder(client: FlaskClient, site: Site) -> None:
    handler = officer_of(client, site, Post.HANDLER, Post.REVIEWER)
    row = recorded(site, by=handler.who)
    from tests.providers.builders import an_owner

    actions.raise_objection(row.id, "处罚决定已经被复议机关撤销", by=an_owner(site), at=AT, on=clock.today())
    db.session.commit()
    act_as(SYSTEM)
    page = handler.get(f"/office/credit/records/{row.id}").text
    assert "这条记录是您记入的" in page
    objection = queries.open_objection(row.id, seen_by=SYSTEM)
    assert objection is not None
    path = f"/office/credit/objections/{objection.id}/decision"
    assert "请由另一名有权人员办理" in handler.post(path, {"upheld": "yes", "reason": "同意机构意见"}).text
    reviewer = officer_of(client, site, Post.REVIEWER)
    assert "异议" in reviewer.get("/office/credit/objections").text
    assert reviewer.post(path, {"upheld": "yes", "reason": "复议决定属实"}).status_code == 302
    assert "已撤销（自始不计）" in reviewer.get(f"/office/credit/records/{row.id}").text
    assert "80 分" in reviewer.get(f"/office/credit/sites/{site.id}").text


def test_a_record_by_hand_keeps_what_was_typed(client: FlaskClient, site: Site) -> None:
    handler = officer_of(client, site)
    form = {
        "kind": "annual_report",
        "facts": "未按规定报送上一年度工作报告",
        "clause": "",
        "source": "示例·民政局",
        "number": "示1号",
    }
    form["decided_on"] = clock.today().isoformat()
    answer = handler.post(f"/office/credit/sites/{site.id}/records", form)
    assert answer.status_code == 422
    assert "依据的条款" in answer.text
    assert "未按规定报送上一年度工作报告" in answer.text
    done = handler.post(f"/office/credit/sites/{site.id}/records", form | {"clause": "《养老机构管理办法》"})
    assert done.status_code == 302
    assert "示例·民政局 示1号" in handler.get(done.location).text
    for path in ("/office/credit", "/office/credit/records", "/office/credit/models", "/office/credit/tiers"):
        assert handler.get(path).status_code == 200, path
    assert "示例·听松院" in handler.get("/office/credit/records?kind=annual_report").text
    assert "示例·听松院" not in handler.get("/office/credit/records?kind=pilot").text


def test_the_exports_hold_what_the_lists_show(client: FlaskClient, site: Site) -> None:
    recorded(site)
    reviewer = officer_of(client, site, Post.REVIEWER)
    for path, word in {"/office/credit.xlsx": "B 信用良好", "/office/credit/records.xlsx": "行政处罚（一般）"}.items():
        sheet = read(reviewer.get(path).data)[0]
        assert any(word in [str(c) for c in row] for row in sheet.rows), path
    assert enter(client, Post.OBSERVER, authority=site.authority).get("/office/credit.xlsx").status_code == 403


def test_the_tier_is_set_by_hand_with_reason_and_end(client: FlaskClient, site: Site) -> None:
    head = officer_of(client, site, Post.HEAD)
    path = f"/office/credit/sites/{site.id}/tier"
    until = (clock.today() + timedelta(days=30)).isoformat()
    assert "至少10个字" in head.post(path, {"tier": "D", "until": until, "reason": "严"}).text
    assert head.post(path, {"tier": "D", "until": until, "reason": "专项整治期间列为重点检查"}).status_code == 302
    db.session.refresh(site)
    assert site.tier is Tier.D
    page = head.get(f"/office/credit/sites/{site.id}").text
    assert "人工调整" in page
    assert until in head.get("/office/credit/tiers").text
    end = re.search(r"/office/credit/tier-overrides/[0-9a-f-]+/end", page)
    assert end is not None
    assert head.post(end[0], {}).status_code == 302
    assert officer_of(client, site, Post.HANDLER).post(path, {"tier": "D", "until": until, "reason": "x" * 20}).status_code == 403


def test_a_past_day_is_computed_again_on_the_page(client: FlaskClient, site: Site) -> None:
    recorded(site)
    reviewer = officer_of(client, site, Post.REVIEWER)
    page = reviewer.get(f"/office/credit/sites/{site.id}/recompute?day={clock.today()}").text
    assert "与存档一致" in page
    found = queries.stored_for(site.id, clock.today(), seen_by=SYSTEM)
    assert found is not None
    assert page.count(found.sha256) == 2
    assert reviewer.get(f"/office/credit/sites/{site.id}/recompute?day=gestern").status_code == 422
    assert "还没有存档" in reviewer.get(f"/office/credit/sites/{site.id}/recompute?day=2026-01-02").text
    assert "没有生效的" in reviewer.get(f"/office/credit/sites/{site.id}/recompute?day=2020-01-01").text, "before any model"


# --- from an inspection to the score ----------------------------------------------------------------------------------


def test_an_order_records_its_problems_and_revoking_it_takes_them_back(client: FlaskClient) -> None:
    """A problem is traced from the score to clause, answer, photo and order; a revoked order leaves nothing behind."""
    c = closing.a_closing()
    task = closing.a_closed_task(c, photo=True, **{PLAIN: "not_met", SERIOUS: "not_met"})
    assert queries.records_of(task.site_id, seen_by=SYSTEM) == [], "a problem without an order costs nothing"
    order = closing.an_order(c, task)
    rows = queries.records_of(task.site_id, seen_by=SYSTEM)
    assert {r.kind for r in rows} <= {K.FINDING_MINOR, K.FINDING_SERIOUS}
    assert len(rows) == len(order.demands) >= 1
    for row in rows:
        assert [part["kind"] for part in row.evidence][:2] == ["finding", "answer"]
        assert row.evidence[-1]["kind"] == "order"
        assert row.clause
    total = queries.score_on(task.site_id, seen_by=SYSTEM, on=closing.ON).total
    assert total < 80
    from app.inspections.actions import orders
    from tests.worlds import actor

    other = actor(Post.HEAD, path="/", authority_id=order.authority_id)
    orders.revoke_order(order.id, reason="适用条款有误，重新出具", by=other, at=closing.AT, on=closing.ON)
    assert queries.score_on(task.site_id, seen_by=SYSTEM, on=closing.ON).total == 80
    assert all(r.ended is not None and "已撤销" in r.end_reason for r in queries.records_of(task.site_id, seen_by=SYSTEM))


# --- external classes -------------------------------------------------------------------------------------------------


def a_workbook(*rows: list[str]) -> bytes:
    return write_table([Table(SHEET, [c.title for c in SHEETS[0].columns], rows)])


def upload(visit: Browser, data: bytes) -> str:
    answer = visit.post("/office/credit/classes", {"file": (io.BytesIO(data), "外部评价.xlsx")})
    assert answer.status_code == 302
    return answer.location


def test_external_classes_are_shown_beside_and_never_mixed_in(client: FlaskClient, site: Site) -> None:
    handler = officer_of(client, site)
    code = site.organisation.uscc
    bad = upload(
        handler, a_workbook([code, "市场监管部门企业信用风险分类", "优", "2026-10-01", "示例·市监局"], ["1", "x", "A", "z", ""])
    )
    page = handler.get(bad).text
    for words in ("有 5 处要改", "只能填：A、B、C、D", "一行也没有写入"):
        assert words in page, words
    good = upload(handler, a_workbook([code, "市场监管部门企业信用风险分类", "C", "2026-10-01", "示例·市监局"]))
    assert handler.post(f"{good}/entry", {}).status_code == 302
    again = upload(handler, a_workbook([code, "市场监管部门企业信用风险分类", "C", "2026-10-01", "示例·市监局"]))
    handler.post(f"{again}/entry", {})
    assert db.session.query(ExternalClass).filter_by(site_id=site.id).count() == 1
    page = handler.get(f"/office/credit/sites/{site.id}").text
    assert "示例·市监局" in page
    assert "80 分" in page
    assert handler.post(f"{good}/entry", {}).status_code == 409
    assert handler.get("/office/credit/classes/template.xlsx").status_code == 200


def test_the_sites_page_tells_of_credit_to_those_who_may_read_it(client: FlaskClient, site: Site) -> None:
    recorded(site)
    page = officer_of(client, site, Post.HANDLER).get(f"/office/sites/{site.id}").text
    assert "76 分，B 信用良好" in page
    assert "记入信用：行政处罚（一般）" in page
    assert f"/office/credit/sites/{site.id}" in page
