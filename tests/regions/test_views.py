"""Calendar, divisions, policy settings and authorities as officers use them."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import calendar
from app.core.actor import SYSTEM, Post
from app.core.calendar import Unit
from app.core.clock import today
from app.core.db import acting, db
from app.regions import packs, queries
from app.regions.models import Region
from app.regions.packs import Unit as Counted
from tests.regions.test_actions import NOTICE_2027
from tests.worlds import an_authority, signed_in

SOURCE = "示例通知（测试用，非国务院办公厅文件）"
NOTICE = {"year": "2027", "source": SOURCE, "text": NOTICE_2027}


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("5.5", Counted.RATE, 550),
        ("100", Counted.RATE, 10_000),
        ("1,200", Counted.FEN, 120_000),
        ("0.125", Counted.RATE, None),
        ("20", Counted.WORKING_DAYS, 20),
        ("2.5", Counted.WORKING_DAYS, None),
        ("-1", Counted.WORKING_DAYS, None),
        ("1:6", Counted.ONE_TO, 6),
        ("90、60、30", Counted.LIST, (90, 60, 30)),
        ("90，六十", Counted.LIST, None),
        (" 按季公开 ", Counted.TEXT, "按季公开"),
        ("", Counted.TEXT, None),
    ],
)
def test_values_are_read_as_officers_type_them(text: str, unit: Counted, value: object) -> None:
    assert packs.read_value(text, unit) == value


def test_what_is_shown_is_read_back() -> None:
    for unit in (Counted.RATE, Counted.FEN, Counted.BEDS, Counted.ONE_TO):
        assert packs.read_value(packs.show(12_345, unit).removesuffix(unit.label), unit) == 12_345


def a_deadline(label: str) -> None:
    of = calendar.Deadline(scope_path=an_authority().path, provider_id=None, site_id=None)
    with acting(SYSTEM):
        start = date(2027, 2, 3)
        row = calendar.start_clock(
            "test", of=of, subject=uuid4(), label=label, start=start, count=5, unit=Unit.WORKING, basis="测试"
        )
        db.session.expunge(row)


def test_a_notice_is_previewed_with_what_it_moves_and_then_entered(client: FlaskClient) -> None:
    a_deadline("示例·跨年期限")
    visit = signed_in(client, Post.REVIEWER)
    assert "这一年是暂定的" in visit.get("/office/calendar?year=2027").text
    preview = visit.post("/office/calendar/notice/preview", **NOTICE).text
    assert "2月5日 星期五" in preview
    assert re.search(r"示例·跨年期限：2027-02-\d\d → <b>2027-02-16</b>", preview)
    assert "这一年是暂定的" in visit.get("/office/calendar?year=2027").text, "a preview writes nothing"
    assert visit.post("/office/calendar/notice", **NOTICE).status_code == 302
    page = visit.get("/office/calendar?year=2027").text
    assert "这一年是暂定的" not in page
    assert SOURCE in page


def test_a_notice_with_faults_is_refused_whole_and_kept(client: FlaskClient) -> None:
    visit = signed_in(client, Post.REVIEWER)
    wrong = NOTICE | {"text": NOTICE_2027.replace("2月5日（周五）", "2月5日（周六）").replace("五、端午节", "五、重午节")}
    for step in ("/preview", ""):
        answer = visit.post(f"/office/calendar/notice{step}", **wrong)
        assert answer.status_code == 422
        assert "写作周六" in answer.text
        assert "没有读到“端午节”" in answer.text
        assert "2月13日" in answer.text


def test_a_handler_reads_the_calendar_and_cannot_enter_a_notice(client: FlaskClient) -> None:
    visit = signed_in(client, Post.HANDLER)
    page = visit.get("/office/calendar?year=2026")
    assert "录入放假通知" not in page.text
    assert visit.get("/office/calendar?year=nonsense").status_code == 200
    assert visit.post("/office/calendar/notice", **NOTICE).status_code == 403


def test_a_figure_is_entered_with_its_day_and_source(client: FlaskClient) -> None:
    region = an_authority().region_id
    visit = signed_in(client, Post.HANDLER)
    form = {"key": "population_60", "value": "12345", "as_of": "2025-12-31", "source": "示例统计公报"}
    assert visit.post(f"/office/regions/{region}/facts", **form).status_code == 302
    page = visit.get(f"/office/regions/{region}").text
    assert "12,345" in page
    assert "2025-12-31" in page
    again = visit.post(f"/office/regions/{region}/facts", **form)
    assert again.status_code == 422
    assert "已有一个数" in again.text
    missing = visit.post(f"/office/regions/{region}/facts", **(form | {"source": ""}))
    assert missing.status_code == 422
    assert 'value="12345"' in missing.text


def test_figures_of_another_region_are_read_and_not_written(client: FlaskClient) -> None:
    other = an_authority("330203").region_id
    visit = signed_in(client, Post.HANDLER)
    assert "录入一个数" not in visit.get(f"/office/regions/{other}").text
    form = {"key": "population", "value": "1", "as_of": "2025-12-31", "source": "示例"}
    answer = visit.post(f"/office/regions/{other}/facts", **form)
    assert (answer.status_code, "管辖范围" in answer.text) == (409, True)


def test_a_retired_division_names_its_successor(client: FlaskClient) -> None:
    retired = db.session.scalars(select(Region).where(Region.successor_id.is_not(None)).limit(1)).one()
    name = queries.successor(retired).name  # type: ignore[union-attr]  # it has one
    page = signed_in(client, Post.HANDLER).get(f"/office/regions/{retired.id}").text
    assert "这个代码已停用" in page
    assert name in page


def test_the_own_region_is_found(client: FlaskClient) -> None:
    region = an_authority().region_id
    assert signed_in(client, Post.STREET_OFFICER).get("/office/regions").headers["Location"] == f"/office/regions/{region}"


def test_every_setting_says_where_it_comes_from(client: FlaskClient) -> None:
    page = signed_in(client, Post.HANDLER).get("/office/packs").text
    for key, claim in queries.settings_at(an_authority().path, today()).items():
        assert packs.SETTINGS[key].label in page
        assert claim.source.replace('"', "&#34;") in page
    assert "平台默认" in page
    assert "还没有设置" in page


def test_a_setting_is_changed_with_its_source_and_keeps_its_history(client: FlaskClient) -> None:
    visit = signed_in(client, Post.REVIEWER)
    place = "/office/packs/setting?key=rectification.minor"
    form = {"key": "rectification.minor", "value": "12", "source": "示例文件〔2026〕1号", "in_force_from": today().isoformat()}
    assert visit.post("/office/packs/setting", **form).headers["Location"] == place
    page = visit.get(place).text
    assert "现行 12日" in page
    assert "示例文件〔2026〕1号" in page
    assert "未采用" in page
    assert "<b>本级</b>" in visit.get("/office/packs").text


@pytest.mark.parametrize(
    ("change", "said"), [({"value": "两周"}, "读不出"), ({"source": ""}, "请写明依据"), ({"in_force_from": "明天"}, "自何日起")]
)
def test_a_setting_without_sense_or_source_is_refused(client: FlaskClient, change: dict[str, str], said: str) -> None:
    form = {"key": "rectification.minor", "value": "12", "source": "示例文件", "in_force_from": today().isoformat()}
    answer = signed_in(client, Post.REVIEWER).post("/office/packs/setting", **(form | change))
    assert answer.status_code == 422
    assert said in answer.text


def test_a_handler_sees_settings_and_no_form(client: FlaskClient) -> None:
    visit = signed_in(client, Post.HANDLER)
    assert "设为本级取值" not in visit.get("/office/packs/setting?key=rectification.minor").text
    assert visit.post("/office/packs/setting", key="rectification.minor").status_code == 403
    assert visit.get("/office/packs/setting?key=nonsense").status_code == 404


def test_targets_are_those_of_the_own_documents(client: FlaskClient) -> None:
    page = signed_in(client, Post.HANDLER).get("/office/packs/targets").text
    assert "社区养老服务站覆盖率" in page
    assert "宁波" not in page


def test_authorities_of_the_own_region_are_listed(client: FlaskClient) -> None:
    own, other = an_authority("210102").name, an_authority("330203").name
    page = signed_in(client, Post.HANDLER).get("/office/authorities").text
    assert own in page
    assert other not in page
