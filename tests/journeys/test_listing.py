"""The list of dishonesty in a real browser (失信名单主线): from a clue to removal, seen by handler, reviewer, head, home and public."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from tests.journeys import people
from tests.journeys.people import Account, Person, Town
from tests.providers.builders import a_filed_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOME, BODY = "示例·松竹苑养老院", "示例·松竹苑养老服务中心"
FACTS = "示例：检查时锁闭三层通道，拒绝检查人员进入；院长王桂兰（电话13812345678）提供虚假的消防培训签到表。"


@dataclass(frozen=True)
class Cast:
    """Who takes part (参加的人)."""

    site_id: UUID
    handler: Account
    second: Account
    reviewer: Account
    head: Account
    owner: Account


@pytest.fixture
def cast(own_app: Songjian) -> Cast:
    with own_app.app_context(), acting(SYSTEM):
        from tests.providers.builders import an_organisation

        site = a_filed_site(organisation=an_organisation(name=BODY), name=HOME, on=date(2026, 9, 1))
        authority = site.authority_id

        def official(name: str, username: str, post: Post) -> Account:
            return people.an_account(name, username, post, authority_id=authority)

        made = Cast(
            site.id,
            official("示例·经办", "ming-jingban", Post.HANDLER),
            official("示例·经办二", "ming-jingban2", Post.HANDLER),
            official("示例·审核", "ming-shenhe", Post.REVIEWER),
            official("示例·负责人", "ming-fuzeren", Post.HEAD),
            people.an_account("示例·林院长", "ming-lin", Post.PROVIDER_OWNER, provider_id=site.provider_id),
        )
        db.session.commit()
    return made


@pytest.fixture
def town(own_app: Songjian, cast: Cast, tmp_path: Path) -> Iterator[Town]:
    from playwright.sync_api import sync_playwright

    if not people.CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with people.served(own_app) as address, warnings.catch_warnings(), sync_playwright() as play:
        warnings.simplefilter("ignore")
        browser = play.chromium.launch(executable_path=str(people.CHROMIUM), args=people.ARGS)
        yield Town(address, browser, Path(os.environ.get("JOURNEY_PICTURES", tmp_path)))
        browser.close()


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Let it be another day for the pages; sessions and one-time codes keep the real time."""

    def go(day: date) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime(day.year, day.month, day.day, 4, tzinfo=UTC))

    return go


def act(person: Person, entry: str, key: str, **typed: str) -> None:
    """Open an act on an entry's page, fill its form, send it."""
    person.go(f"{entry}?act={key}")
    page = person.page
    for name, value in typed.items():
        field = page.locator(f"#act [name={name}]").first
        if (field.get_attribute("type") or "") in ("radio", "checkbox"):
            page.locator(f"#act [name={name}][value={value}]").check()
        else:
            field.fill(value)
    with page.expect_navigation():
        page.locator("#act button[type=submit]").first.click()


def enter_clue(town: Town, handler: Person) -> str:
    page = handler.page
    handler.go("/office/listings/new")
    town.look(handler, "clue")
    page.select_option("[name=site]", label=HOME)
    page.select_option("[name=ground]", "grounds_mca103|M-07")
    page.check("[name=source][value=inspection]")
    page.fill("[name=source_words]", "示例：检查记录")
    page.fill("[name=facts]", FACTS)
    page.select_option("[name=penalty]", "larger_fine")
    page.fill("[name=other_names]", "王桂兰")
    handler.press("登记线索", "main")
    handler.told("线索已登记")
    return handler.path.split("?")[0]


def test_a_listing_from_clue_to_repair(own_app: Songjian, town: Town, cast: Cast, on: Callable[[date], None]) -> None:
    handler, second = town.signed_in(cast.handler), town.signed_in(cast.second)
    reviewer, head = town.signed_in(cast.reviewer), town.signed_in(cast.head)
    owner, public = town.signed_in(cast.owner), town.visitor()

    on(date(2026, 11, 23))
    entry = enter_clue(town, handler)
    mine = entry.replace("/office/", "/my/")
    owner.go("/my/listings")
    owner.told("没有名单事项")
    act(handler, entry, "propose")
    handler.told("拟列入")
    act(handler, entry, "serve_notice", receiver="示例·林院长")
    town.look(handler, "entry-noticed")

    owner.go("/my/listings")
    town.look(owner, "my-listings")
    owner.go(mine)
    owner.told("到 2026年11月30日 为止可以陈述、申辩")
    act(owner, mine, "statement", words="示例：当日电梯检修，通道临时关闭")
    town.look(owner, "my-noticed")

    on(date(2026, 12, 1))
    act(handler, entry, "close_defence", answer="示例：检修记录显示当日无检修，不采纳")
    reviewer.go("/office/listings")
    town.look(reviewer, "board")
    act(reviewer, entry, "review", words="示例：事实清楚，程序合法")
    act(head, entry, "decide_list", words="示例：列入名单")
    act(handler, entry, "serve_decision", receiver="示例·林院长")
    handler.go(f"{entry}?act=write_public")
    handler.told("2 处不能公开")
    town.look(handler, "redaction")
    act(handler, entry, "write_public", words="王桂兰提供虚假签到表。")
    handler.told("请改写后再交")
    act(handler, entry, "write_public", words="拒绝检查人员进入，提供虚假的消防培训签到表。")
    public.go("/listings")
    public.told("没有在公示期内的条目")
    act(reviewer, entry, "clear_public")
    act(handler, entry, "publish")
    handler.told("公布中")
    town.look(handler, "entry-published")

    public.go("/listings")
    public.told(BODY)
    town.look(public, "public-list")
    public.go(f"/facilities/{cast.site_id}")
    public.told("失信惩戒对象名单上")
    public.go("/listings/check?name=松竺苑养老服务中心")
    public.told("同名不等于同一主体")
    town.look(public, "public-check")

    act(owner, mine, "object", words="示例：签到表是真实的")
    act(second, entry, "objection_mark")
    public.go("/listings?q=松竹苑")
    public.told("异议处理中")
    act(reviewer, entry, "objection_reject", answer="示例：监控录像与签到时间不符")
    owner.go(mine)
    owner.told("监控录像与签到时间不符")
    town.look(owner, "my-published")

    on(date(2027, 3, 1))
    owner.go(mine)
    owner.told("2027-03-02 起可以申请移出")
    on(date(2027, 3, 2))
    owner.go(f"{mine}?act=apply_repair")
    owner.page.fill("#act [name=corrected]", "示例：已公开道歉并完成全员消防培训")
    owner.page.check("#act [name=promise]")
    owner.press("提交申请", "main")
    act(second, entry, "repair_accept")
    act(reviewer, entry, "repair_approve", answer="示例：最短公示期已满，已经改正")
    reviewer.told("已移出")
    town.look(reviewer, "entry-removed")
    public.go("/listings?q=松竹苑&again=1")
    public.told("名单上没有")
    public.go(f"/facilities/{cast.site_id}?again=1")
    assert "失信惩戒对象名单上" not in public.page.content()
    assert [why for person in town.people for why in person.faults if "422" not in why] == []
    assert {name: found for name, found in town.barriers.items() if found} == {}
