"""A complaint in a real browser (投诉主线): from a phone to the call-back, by five people, the home seeing facts alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from app.complaints.rules import gate
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from tests.complaints.builders import ANSWER, FACTS, HOME_WORDS, NAME, PHONE, REASONS, STATEMENT
from tests.journeys import people
from tests.journeys.people import PHONE as PHONE_SCREEN
from tests.journeys.people import Account, Person, Town, a_picture
from tests.providers.builders import a_filed_site
from tests.worlds import an_authority

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass(frozen=True)
class Cast:
    """Who takes part (参加的人)."""

    site_id: UUID
    home: str
    handler: Account
    other: Account
    reviewer: Account
    owner: Account


@pytest.fixture
def cast(archive_app: Songjian) -> Cast:
    with archive_app.app_context(), acting(SYSTEM):
        authority = an_authority().id
        site = a_filed_site()
        made = Cast(
            site.id,
            site.name,
            people.an_account("示例·经办", "jingban", Post.HANDLER, authority_id=authority),
            people.an_account("示例·同事", "tongshi", Post.HANDLER, authority_id=authority),
            people.an_account("示例·审核", "shenhe", Post.REVIEWER, authority_id=authority),
            people.an_account("示例·院长", "yuanzhang", Post.PROVIDER_OWNER, provider_id=site.provider_id),
        )
        db.session.commit()
    return made


def on_a_phone(person: Person) -> Page:
    person.page.set_viewport_size(PHONE_SCREEN)  # type: ignore[arg-type]
    return person.page


def complain(person: Person, site_id: UUID) -> str:
    """Fill the form on a phone of 390 px; the first answer to the small question is wrong. Gives the code."""
    page = on_a_phone(person)
    person.go(f"/complain?site={site_id}")
    page.check("[name=matter][value=care]")
    page.fill("[name=statement]", STATEMENT)
    page.check("[name=relation][value=family]")
    page.fill("[name=name]", NAME)
    page.fill("[name=phone]", PHONE)
    page.fill("[name=answer]", "不知道")
    page.wait_for_timeout(3200)  # nobody types faster
    person.press("提交投诉")
    person.told("小问题没有答对")
    assert page.input_value("[name=statement]") == STATEMENT
    assert page.input_value("[name=phone]") == PHONE
    words = page.locator("label[for=answer]").inner_text()
    question = next(q for q in gate.QUESTIONS if q.words in words)
    page.fill("[name=answer]", min(question.answers))
    person.press("提交投诉")
    return page.locator("#code").inner_text()


def look_up(person: Person, code: str) -> None:
    """Ask how it stands, by the code."""
    page = on_a_phone(person)
    person.go("/complain/status")
    page.fill("[name=code]", code.lower())
    person.press("查询", "main")


def opened(officer: Person) -> str:
    """Open the complaint from the ledger; gives its address."""
    officer.go("/office/complaints")
    officer.link("诉〔")
    return officer.path


def test_from_a_phone_to_the_call_back(town: Town, cast: Cast) -> None:
    family = town.visitor()
    code = complain(family, cast.site_id)
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    town.look(family, "receipt")
    family.press("去传照片")
    family.page.set_input_files("[name=files]", a_picture("走廊"))  # type: ignore[arg-type]
    family.page.fill("[name=words]", "补一张照片")
    family.press("补充")
    family.told("已收到您补充的内容")

    handler = town.signed_in(cast.handler)
    path = opened(handler)
    handler.page.check("[name=track][value=hotline]")
    handler.press("确定分类")
    handler.told("某地 12345 办理规定")
    handler.press("受理", "#act")
    handler.press("由我核实")
    handler.page.fill("[name=facts]", f"{FACTS}联系人电话 {PHONE}")
    handler.page.check("[name=confirmed]")
    handler.press("发给机构")
    handler.told("机构会认出投诉人")
    handler.page.fill("[name=facts]", FACTS)
    handler.page.check("[name=confirmed]")
    handler.press("发给机构")
    town.look(handler, "asked")

    home = town.signed_in(cast.owner)
    home.go("/my/")
    home.link("说明情况")
    home.told("请说明情况")
    seen = home.page.content()
    assert FACTS in seen
    for secret in (NAME, PHONE, PHONE[-4:], STATEMENT, "诉〔"):
        assert secret not in seen
    on_a_phone(home).fill("[name=text]", "当夜二楼值班人员请假，未及时补位，现已调整排班。")
    home.page.set_input_files("[name=files]", a_picture("排班表"))  # type: ignore[arg-type]
    home.press("提交说明")
    home.told("情况说明已提交")
    town.look(home, "home-replied")

    handler.go(f"{path}?act=find")
    handler.page.check("[name=finding][value=true]")
    handler.page.fill("[name=reasons]", REASONS)
    handler.page.fill("[name=home_words]", HOME_WORDS)
    handler.page.check("[name=confirmed]")
    handler.press("提交审核")
    reviewer = town.signed_in(cast.reviewer)
    reviewer.go(path)
    town.look(reviewer, "to-review")
    reviewer.press("审核通过")
    handler.go(path)
    handler.page.fill("[name=answer]", ANSWER)
    handler.page.check("[name=way][value=电话]")
    handler.press("答复", "#act")

    look_up(family, code)
    family.told(ANSWER)
    family.page.check("[name=satisfaction][value=fair]")
    family.press("提交评价")
    family.told("谢谢您的评价")
    town.look(family, "answered")

    other = town.signed_in(cast.other)
    other.go(path)
    other.page.fill("[name=seen_for]", "回访")
    other.press("查看完整姓名、电话")
    other.told(PHONE)
    other.page.check("[name=satisfaction][value=satisfied]")
    other.press("记下回访")
    other.press("办结", "#act")
    other.press("归档", "#act")
    other.told("已归档")
    look_up(family, code)
    family.told("已办结")
    home.go("/my/inquiries")
    home.link("核〔")
    home.told(HOME_WORDS)

    assert town.barriers == {name: [] for name in town.barriers}
    # The console tells of answers that are no page of success: the wrong answer and the telling facts above, nothing else.
    faults = [fault for person in town.people for fault in person.faults if "422" not in fault]
    assert faults == []
