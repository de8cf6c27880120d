"""The main job in a real browser (主线): from registration to the public page, by different people, on real parts."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from tests import worlds
from tests.journeys import people
from tests.journeys.people import Account, Person, Town, a_picture, a_uscc

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOME = "示例·松林里养老院"


@dataclass(frozen=True)
class Cast:
    """Who takes part (参加的人)."""

    owner: Account
    handler: Account
    head: Account
    lead: Account
    second: Account
    reviewer: Account
    others: tuple[Account, Account]


def a_cast(authority_id: UUID) -> Cast:
    def official(name: str, username: str, post: Post, certificate: str = "") -> Account:
        return people.an_account(name, username, post, authority_id=authority_id, certificate=certificate)

    return Cast(
        owner=people.an_account("示例·林院长", "lin-yuanzhang", Post.PROVIDER_OWNER, provider_id=uuid4()),
        handler=official("示例·经办", "jingban", Post.HANDLER),
        head=official("示例·负责人", "fuzeren", Post.HEAD),
        lead=official("示例·周宁", "zhouning", Post.INSPECTOR, "示00127"),
        second=official("示例·陈立", "chenli", Post.INSPECTOR, "示00131"),
        reviewer=official("示例·审核", "shenhe", Post.REVIEWER),
        others=(
            official("示例·吴静", "wujing", Post.INSPECTOR, "示00140"),
            official("示例·何川", "hechuan", Post.INSPECTOR, "示00141"),
        ),
    )


@pytest.fixture
def cast(archive_app: Songjian) -> Cast:
    with archive_app.app_context(), acting(SYSTEM):
        made = a_cast(worlds.an_authority().id)
        db.session.commit()
    return made


@pytest.fixture
def town(archive_app: Songjian, cast: Cast, tmp_path: Path) -> Iterator[Town]:
    from playwright.sync_api import sync_playwright

    if not people.CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with (
        people.served(archive_app) as address,
        people.working(archive_app),
        warnings.catch_warnings(),
        sync_playwright() as play,
    ):
        warnings.simplefilter("ignore")
        browser = play.chromium.launch(executable_path=str(people.CHROMIUM), args=people.ARGS)
        yield Town(address, browser, Path(os.environ.get("JOURNEY_PICTURES", tmp_path)))
        browser.close()
    with archive_app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def register(owner: Person) -> str:
    """The owner registers the body and the home; gives the site's id."""
    page = owner.page
    owner.go("/my/organisation/new")
    page.fill("[name=uscc]", a_uscc())
    page.fill("[name=name]", "示例·松林里养老服务中心")
    page.check("[name=nature][value=non_profit]")
    page.fill("[name=legal_representative]", "示例·林")
    page.fill("[name=registrar]", "示例·区民政局")
    page.fill("[name=registrar_region]", "210102")
    page.fill("[name=phone]", "02400001234")
    owner.press("登记", "main")
    assert owner.path == "/my/sites/new"
    page.fill("[name=name]", HOME)
    page.check("[name=kind][value=care_home]")
    page.fill("[name=region]", "210102")
    page.fill("[name=address]", "示例街道松林路18号")
    page.fill("[name=service_phone]", "02400001235")
    page.fill("[name=manager_name]", "示例·林院长")
    page.fill("[name=first_resident_on]", clock.today().isoformat())
    owner.press("登记", "main")
    owner.told("已登记，主管机关是")
    return owner.id_in(r"/my/sites/([0-9a-f-]{36})$")


def file_it(town: Town, owner: Person) -> str:
    """The owner files the home, with its certificate and the promise; gives the filing's id."""
    page = owner.page
    owner.press("设立备案")
    filing = owner.id_in(r"/my/filings/([0-9a-f-]{36})$")
    page.select_option("#papers [name=kind]", "registration")
    page.set_input_files("#papers [name=file]", a_picture("登记证书"))  # type: ignore[arg-type]
    owner.press("上传材料")
    owner.told("已上传")
    page.fill("[name=legal_representative]", "示例·林")
    page.select_option("[name=tenure]", "owned")
    page.fill("[name=beds]", "60")
    page.fill("[name=floor_area]", "2400")
    page.check("[name=promise]")
    town.look(owner, "filing")
    owner.press("提交备案")
    owner.told("已提交")
    return filing


def accept(town: Town, handler: Person, filing: str) -> None:
    """The handler finds the filing complete and gives the receipt, which is rendered, signed and archived."""
    handler.go("/office/filings")
    handler.link(HOME)
    assert filing in handler.path
    handler.told("材料齐全")
    town.look(handler, "filing-office")
    handler.press("出具备案回执")
    handler.told("已出具备案回执")


def test_from_registration_to_the_public_page(town: Town, cast: Cast) -> None:
    owner = town.signed_in(cast.owner)
    site = register(owner)
    filing = file_it(town, owner)
    handler = town.signed_in(cast.handler)
    accept(town, handler, filing)
    daughter = town.visitor()
    daughter.go(f"/facilities/{site}")
    daughter.told(HOME)
    town.look(daughter, "facility")
    assert [why for person in town.people for why in person.faults] == []
    assert {name: found for name, found in town.barriers.items() if found} == {}
