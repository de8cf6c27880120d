"""The registry's pages as people use them (机构与备案页面): what is typed stays, what is foreign does not exist."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import act_as, acting, db
from app.providers import actions, queries
from app.providers.models import Site
from app.providers.rules import FilingKind, FilingState, PaperKind, SiteState
from tests.providers.builders import AT, a_code, a_filed_site, a_filing, a_pdf, a_site, an_owner, content_of
from tests.worlds import Visit, an_authority, signed_in


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


@dataclass(frozen=True)
class Browser:
    """A visit after whose requests the test goes on as the platform, so that it can look at rows."""

    visit: Visit

    @property
    def who(self) -> Actor:
        return self.visit.actor

    def get(self, path: str) -> TestResponse:
        answer = self.visit.get(path)
        act_as(SYSTEM)
        return answer

    def post(self, path: str, form: Mapping[str, object]) -> TestResponse:
        answer = self.visit.post(path, **form)
        act_as(SYSTEM)
        return answer


def enter(client: FlaskClient, *posts: Post, **where: Any) -> Browser:
    """Sign in, as in worlds.signed_in."""
    return Browser(signed_in(client, *posts, **where))


def owner_of(client: FlaskClient, site: Site, post: Post = Post.PROVIDER_OWNER) -> Browser:
    db.session.commit()
    here = None if post is Post.PROVIDER_OWNER else site.id
    return enter(client, post, provider_id=site.provider_id, site_id=here)


def officer_of(client: FlaskClient, site: Site, *posts: Post) -> Browser:
    db.session.commit()
    return enter(client, *(posts or (Post.HANDLER,)), authority=site.authority)


# --- office -----------------------------------------------------------------------------------------------------------


def test_the_list_finds_by_name_pinyin_code_and_state(client: FlaskClient) -> None:
    mine, other = a_filed_site(name="示例·听松院"), a_site(name="示例·望溪院")
    code, elsewhere = mine.organisation.uscc, a_filed_site(county="330203", name="示例·听松二院")
    visit = officer_of(client, mine)
    for query in ("q=听松", "q=tingsong", "q=slts", f"q={code}", "state=filed"):
        page = visit.get(f"/office/sites?{query}").text
        assert mine.name in page, query
        assert elsewhere.name not in page
        assert other.name not in page, query
    here, there = mine.scope_path, an_authority("210103").path
    bad = visit.get("/office/sites?state=stolen")
    assert (bad.status_code, "没有这个选项" in bad.text) == (422, True)
    city = enter(client, Post.HANDLER, authority=an_authority("2101"))
    assert "示例·听松院" in city.get(f"/office/sites?district={here}").text
    assert "示例·听松院" not in city.get(f"/office/sites?district={there}").text


def test_exports_hold_no_formula_and_no_person(client: FlaskClient) -> None:
    site = a_filed_site(name="=HYPERLINK(1)")
    visit = officer_of(client, site)
    text = visit.get("/office/sites.csv").text
    assert "'=HYPERLINK(1)" in text
    assert site.organisation.uscc in text
    assert "示例·乙" not in text
    assert "示例·甲" not in text


def test_a_sites_page_answers_first(client: FlaskClient) -> None:
    site = a_filed_site()
    with acting(SYSTEM):
        until = clock.today() + timedelta(days=10)
        actions.attach_paper(site.id, PaperKind.FOOD, number="JY0000", valid_until=until, by=SYSTEM, at=AT, on=clock.today())
    visit = officer_of(client, site)
    page = visit.get(f"/office/sites/{site.id}").text
    for words in (
        "已备案",
        "长期有效",
        "60 张",
        "备案后首次现场检查",
        "JY0000",
        "138****0000",
        "设立备案：已备案",
    ):
        assert words in page, words
    assert "13800000000" not in page
    assert "60 张" in visit.get(f"/office/sites/{site.id}/facts").text


def test_what_is_foreign_does_not_exist(client: FlaskClient) -> None:
    mine, other = a_filed_site(), a_filed_site(county="330203")
    filing = a_filing(other, FilingKind.CHANGE)
    visit = officer_of(client, mine, Post.HANDLER, Post.REVIEWER)
    for address in (f"/office/sites/{other.id}", f"/office/sites/{other.id}/facts", f"/office/filings/{filing.id}"):
        assert visit.get(address).status_code == 404, address
    for address, form in (
        (f"/office/filings/{filing.id}/acceptance", {}),
        (f"/office/filings/{filing.id}/return", {"reason": "示例原因"}),
        (f"/office/sites/{other.id}/contact", {"reason": "示例原因"}),
    ):
        assert visit.post(address, form).status_code == 404, address
    owner = owner_of(client, mine)
    for address in (f"/my/sites/{other.id}", f"/my/filings/{filing.id}", f"/my/sites/{other.id}/facts"):
        assert owner.get(address).status_code == 404, address
    assert owner.get(f"/office/sites/{mine.id}").status_code == 403


def test_seeing_the_phone_takes_a_reason(client: FlaskClient) -> None:
    site = a_filed_site()
    visit = officer_of(client, site)
    refused = visit.post(f"/office/sites/{site.id}/contact", {"reason": "看"})
    assert (refused.status_code, 'value="看"' in refused.text) == (422, True)
    shown = visit.post(f"/office/sites/{site.id}/contact", {"reason": "通知整改，座机无人接听"})
    assert "13800000000" in shown.text
    assert "13800000000" not in visit.get(f"/office/sites/{site.id}").text


def test_a_filing_is_returned_completed_and_accepted(client: FlaskClient) -> None:
    site = a_site()
    filing = a_filing(site)
    visit = officer_of(client, site)
    assert site.name in visit.get("/office/filings").text
    short = visit.post(f"/office/filings/{filing.id}/return", {"reason": "补"})
    assert (short.status_code, ">\n补</textarea>" in short.text) == (422, True)
    assert visit.post(f"/office/filings/{filing.id}/return", {"reason": "请补登记证书副本"}).status_code == 302
    owner = owner_of(client, site)
    assert "请补登记证书副本" in owner.get("/my/").text
    assert "请补登记证书副本" in owner.get(f"/my/filings/{filing.id}").text
    body = content_of(site, FilingKind.FIRST) | {"act": "submit", "promise": "y"}
    assert owner.post(f"/my/filings/{filing.id}", body).status_code == 302
    visit = officer_of(client, site)
    assert visit.post(f"/office/filings/{filing.id}/acceptance", {}).status_code == 302
    page = visit.get(f"/office/filings/{filing.id}").text
    assert "养备〔" in page
    assert f"/documents/{filing.document_id}" in page
    again = visit.post(f"/office/filings/{filing.id}/acceptance", {})
    assert (again.status_code, "不能“出具回执”" in again.text) == (409, True)


def test_a_reviewer_decides_fire_track_and_tier_a_handler_does_not(client: FlaskClient) -> None:
    site = a_site()
    handler = officer_of(client, site)
    assert handler.post(f"/office/sites/{site.id}/fire-track", {"track": "case_by_case", "reason": "x"}).status_code == 403
    reviewer = officer_of(client, site, Post.REVIEWER)
    empty = reviewer.post(f"/office/sites/{site.id}/fire-track", {"track": "case_by_case", "reason": ""})
    assert empty.status_code == 422
    words = {"track": "case_by_case", "reason": "示例：县政府专题会议〔2026〕3号"}
    assert reviewer.post(f"/office/sites/{site.id}/fire-track", words).status_code == 302
    page = reviewer.get(f"/office/sites/{site.id}").text
    assert "消防：一事一议" in page


def test_closing_and_exit(client: FlaskClient) -> None:
    site = a_site(state=SiteState.CLOSING)
    head = officer_of(client, site, Post.HEAD)
    left = head.post(f"/office/sites/{site.id}/closing", {"residents_left": "3"})
    assert (left.status_code, "还有 3 位" in left.text) == (422, True)
    assert head.post(f"/office/sites/{site.id}/closing", {"residents_left": "0"}).status_code == 302
    assert head.post(f"/office/sites/{site.id}/exit", {"reason": "示例：已注销登记"}).status_code == 302
    assert site.state is SiteState.EXITED


def test_another_authority_is_told_who_handles_it(client: FlaskClient) -> None:
    site = a_site()
    filing = a_filing(site)
    db.session.commit()
    city = enter(client, Post.HANDLER, authority=an_authority("2101"))
    assert f"由{site.authority.name}办理" in city.get(f"/office/filings/{filing.id}").text
    assert city.post(f"/office/filings/{filing.id}/acceptance", {}).status_code == 409


def test_drafts_are_hidden_from_the_office(client: FlaskClient) -> None:
    site = a_site()
    draft = a_filing(site, state=FilingState.DRAFT)
    visit = officer_of(client, site)
    assert visit.get(f"/office/filings/{draft.id}").status_code == 404


# --- the provider -----------------------------------------------------------------------------------------------------


def test_from_nothing_to_a_submitted_filing(client: FlaskClient) -> None:
    """A new owner registers body and site, fills in, uploads, promises, submits: with browser forms alone."""
    an_authority()
    visit = enter(client, Post.PROVIDER_OWNER, provider_id=uuid4())
    assert "先登记机构和网点" in visit.get("/my/").text
    assert visit.get("/my/sites/new").headers["Location"] == "/my/organisation/new"
    body = {
        "uscc": a_code(),
        "name": "示例·新松养老服务中心",
        "nature": "non_profit",
        "legal_representative": "示例·甲",
        "registrar": "示例·和平区民政局",
        "registrar_region": "210102",
        "phone": "13800000000",
    }
    wrong = visit.post("/my/organisation", body | {"uscc": "52210102000000000X"})
    assert wrong.status_code == 422
    assert 'value="52210102000000000X"' in wrong.text
    assert 'value="示例·新松养老服务中心"' in wrong.text
    assert visit.post("/my/organisation", body).headers["Location"] == "/my/sites/new"
    home = {"name": "示例·新松养老院", "kind": "care_home", "region": "210102", "address": "示例路 1 号"}
    home |= {"first_resident_on": (clock.today() - timedelta(days=3)).isoformat()}
    made = visit.post("/my/sites", home)
    address = made.headers["Location"]
    begun = visit.post(f"{address}/filings", {"kind": "first"}).headers["Location"]
    page = visit.get(begun).text
    assert 'value="示例·新松养老院"' in page, "what the register knows is filled in"
    assert "还差" in page
    site = queries.my_sites(seen_by=visit.who)[0]
    typed = content_of(site, FilingKind.FIRST)
    early = visit.post(begun, typed | {"act": "submit", "promise": "y", "manager_name": "示例·院长"})
    assert early.status_code == 422
    assert "还差：登记证书" in early.text
    assert 'value="示例·院长"' in early.text
    sent = {"kind": "registration", "file": (io.BytesIO(a_pdf()), "登记证书.pdf")}
    assert visit.post(f"{begun}/papers", sent).status_code == 302
    assert "登记证书.pdf" in visit.get(begun).text
    unpromised = visit.post(begun, typed | {"act": "submit"})
    assert "我承诺" in unpromised.text
    assert visit.post(begun, typed | {"act": "submit", "promise": "y"}).status_code == 302
    assert "正在核对" in visit.get(begun).text


def test_a_hostile_file_is_refused_and_the_form_stays(client: FlaskClient) -> None:
    site = a_site()
    filing = a_filing(site, state=FilingState.DRAFT)
    visit = owner_of(client, site)
    before = len(queries.papers_of_filing(filing.id, seen_by=visit.who))
    for name, data in (("x.pdf", b"MZ\x90\x00"), ("登记证书.pdf", b"")):
        answer = visit.post(f"/my/filings/{filing.id}/papers", {"kind": "registration", "file": (io.BytesIO(data), name)})
        assert answer.status_code == 422, name
    assert len(queries.papers_of_filing(filing.id, seen_by=visit.who)) == before


def test_a_draft_is_kept_incomplete(client: FlaskClient) -> None:
    site = a_filed_site()
    visit = owner_of(client, site)
    begun = visit.post(f"/my/sites/{site.id}/filings", {"kind": "change"}).headers["Location"]
    assert visit.post(begun, {"act": "save", "beds": "90"}).status_code == 302
    assert 'value="90"' in visit.get(begun).text
    wrong = visit.post(begun, {"act": "save", "beds": "很多"})
    assert (wrong.status_code, 'value="很多"' in wrong.text) == (422, True)
    assert "接着填" in visit.get("/my/").text


def test_facts_are_filled_in_with_their_day(client: FlaskClient) -> None:
    site = a_filed_site()
    visit = owner_of(client, site, Post.SITE_MANAGER)
    page = visit.get(f"/my/sites/{site.id}/facts").text
    assert 'name="occupied_beds"' in page
    assert 'name="beds"' not in page, "filed facts are changed by a change filing"
    day = clock.today().isoformat()
    typed = {"as_of": day, "occupied_beds": "55", "charge_bed_min": "1200.50", "insurance": "yes"}
    assert visit.post(f"/my/sites/{site.id}/facts", typed).status_code == 302
    facts = queries.facts_of(site.id, seen_by=visit.who)
    assert (facts["occupied_beds"].value, facts["charge_bed_min"].value, facts["insurance"].value) == (55, 120_050, True)
    clash = visit.post(f"/my/sites/{site.id}/facts", typed | {"disabled_residents": "56"})
    assert (clash.status_code, 'value="56"' in clash.text, "不能超过" in clash.text) == (422, True, True)


def test_papers_stand_in_the_calendar_and_are_renewed(client: FlaskClient) -> None:
    site = a_filed_site()
    visit = owner_of(client, site)
    soon, later = (clock.today() + timedelta(days=n) for n in (20, 700))
    missing = visit.post(f"/my/sites/{site.id}/papers", {"kind": "food", "number": "JY0001"})
    assert (missing.status_code, 'value="JY0001"' in missing.text) == (422, True)
    sent = {"kind": "food", "number": "JY0001", "valid_until": soon.isoformat()}
    assert visit.post(f"/my/sites/{site.id}/papers", sent).status_code == 302
    assert soon.isoformat() in visit.get("/my/papers").text
    home = visit.get("/my/").text
    assert "食品经营许可证到期" in home
    renew = re.search(r'href="(/my/sites/[^"]*replaces=([0-9a-f-]+))"', home)
    assert renew
    assert 'value="JY0001"' in visit.get(renew[1]).text
    visit.post(f"/my/sites/{site.id}/papers", sent | {"replaces": renew[2], "valid_until": later.isoformat()})
    assert "食品经营许可证到期" not in visit.get("/my/").text
    assert later.isoformat() in visit.get("/my/papers").text


def test_the_authoritys_own_clocks_stay_hidden(client: FlaskClient) -> None:
    """A notice to be served or a draw must not be told by the list of what is asked."""
    from app.core import calendar

    site = a_filed_site()
    calendar.start_clock("notice", of=site, subject=uuid4(), label="绝密通知", start=clock.today(), count=3, basis="示例")
    visit = owner_of(client, site)
    for address in ("/my/", f"/my/sites/{site.id}"):
        page = visit.get(address).text
        assert "绝密通知" not in page
        assert "备案后首次现场检查" in page
    assert "绝密通知" in officer_of(client, site).get(f"/office/sites/{site.id}").text


def test_suspended_service_is_resumed(client: FlaskClient) -> None:
    site = a_site(state=SiteState.SUSPENDED)
    visit = owner_of(client, site)
    assert "恢复服务" in visit.get(f"/my/sites/{site.id}").text
    assert visit.post(f"/my/sites/{site.id}/service", {}).status_code == 302
    assert site.state is SiteState.FILED


def test_staff_fill_in_but_do_not_submit(client: FlaskClient) -> None:
    site = a_filed_site()
    filing = a_filing(site, FilingKind.CHANGE, state=FilingState.DRAFT)
    assert an_owner(site)
    staff = owner_of(client, site, Post.PROVIDER_STAFF)
    assert staff.get(f"/my/sites/{site.id}").status_code == 200
    assert staff.post(f"/my/filings/{filing.id}", {"act": "submit", "promise": "y"}).status_code == 403
    assert staff.get("/my/sites/new").status_code == 403


@pytest.mark.parametrize("typed", ["9" * 400, "NaN", "1e999", "１２", "-1", "0x10"])
def test_odd_numbers_are_refused_beside_their_field(client: FlaskClient, typed: str) -> None:
    site = a_filed_site()
    visit = owner_of(client, site)
    begun = visit.post(f"/my/sites/{site.id}/filings", {"kind": "change"}).headers["Location"]
    wide_digits = typed == "１２"  # what a Chinese keyboard types is a number
    assert visit.post(begun, {"act": "save", "beds": typed}).status_code == (302 if wide_digits else 422)
    facts = {"as_of": clock.today().isoformat(), "charge_bed_min": typed}
    assert visit.post(f"/my/sites/{site.id}/facts", facts).status_code == (302 if wide_digits else 422)
