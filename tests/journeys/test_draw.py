"""A draw in a real browser (双随机): planned, approved, frozen, the dice typed by two, drawn, and recomputed by a citizen offline."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from tests import worlds
from tests.inspections.builders_draws import sites_of
from tests.inspections.draw.cases import ROOT
from tests.journeys import people
from tests.journeys.people import Account, Person, Town, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
THROWN = "6,2,5,1,4,3,3,6"


@dataclass(frozen=True)
class Cast:
    """Who takes part (参加的人)."""

    maker: Account
    second: Account
    head: Account
    inspectors: tuple[Account, ...]


@pytest.fixture
def cast(archive_app: Songjian) -> Cast:
    with archive_app.app_context(), acting(SYSTEM):
        office = worlds.an_authority()

        def official(name: str, username: str, post: Post, certificate: str = "") -> Account:
            return people.an_account(name, username, post, authority_id=office.id, certificate=certificate)

        made = Cast(
            maker=official("示例·经办", "jingban", Post.HANDLER),
            second=official("示例·副手", "fushou", Post.HANDLER),
            head=official("示例·负责人", "fuzeren", Post.HEAD),
            inspectors=tuple(official(f"示例·执法{n}", f"zhifa{n}", Post.INSPECTOR, f"示{n:05d}") for n in range(1, 5)),
        )
        sites_of(office, "AAAABBBCCD")
        db.session.commit()
    return made


def lists(maker: Person, cast: Cast) -> None:
    """The two lists: homes from the register, inspectors with their certificates."""
    maker.go("/office/objects")
    maker.press("按机构现状更新", "main")
    maker.told("新列入 10 家")
    for number, inspector in enumerate(cast.inspectors):
        maker.go("/office/inspectors/new")
        page = maker.page
        page.fill("[name=username]", inspector.username)
        page.fill("[name=certificate_no]", f"示{number:05d}")
        page.fill("[name=certificate_from]", _day(-300))
        page.fill("[name=certificate_until]", _day(700))
        if number % 2 == 0:
            page.check("[name=qualifications][value='qual.lead']")
        page.fill("[name=cap]", "9")
        maker.press("列入", "main")


def _day(later: int) -> str:
    return (clock.today() + timedelta(days=later)).isoformat()


def plan(maker: Person, mode: str) -> str:
    """The maker plans; gives the plan's address."""
    maker.go("/office/draws/new")
    page = maker.page
    page.fill("[name=title]", "示例·第四季度双随机抽查")
    for token, rate in zip("ABCD", ("25", "30", "50", "100"), strict=True):
        page.fill(f"[name={token}-rate]", rate)
    page.check(f"[name=mode][value={mode}]")
    page.select_option("[name=source]", "demo.dice")
    page.fill("[name=first_day]", _day(0))
    page.fill("[name=inspect_from]", _day(7))
    page.fill("[name=inspect_until]", _day(40))
    page.fill("[name=reveal_on]", _day(45))
    maker.press("拟定计划", "main")
    return maker.path


def throw(person: Person, here: str, dice: str) -> None:
    """One official types what was thrown, without seeing what the other typed."""
    person.go(here)
    assert dice not in person.page.content()
    person.page.fill("[name=event]", date.today().isoformat())
    person.page.fill("[name=typed]", dice)
    person.press("录入", "#now-title ~ *")


def test_a_draw_from_the_lists_to_a_citizens_own_recomputation(
    archive_app: Songjian, town: Town, cast: Cast, tmp_path: Path
) -> None:
    maker, second, head = (town.signed_in(account) for account in (cast.maker, cast.second, cast.head))
    lists(maker, cast)
    here = plan(maker, "open")
    town.look(maker, "drafted")
    head.go(here)
    head.press("批准计划")
    head.press("封存名录")
    town.look(head, "frozen")
    throw(maker, here, THROWN)
    maker.told("等第二人录入")
    throw(second, here, THROWN)
    second.press("合成种子并抽取")
    town.look(second, "drawn")
    code = second.page.locator("text=/210102-\\d{4}-001/").first.inner_text()
    code = next(word for word in code.replace("　", " ").split() if word.startswith("210102-"))
    citizen = town.visitor()
    until(lambda: citizen.page.goto(f"{town.address}/draws/{code}").status == 200, 60)  # type: ignore[union-attr]
    town.look(citizen, "public-draw")
    with second.page.expect_download() as saved:
        second.page.locator("a[href$='files.zip']").click()
    with zipfile.ZipFile(saved.value.path()) as files:
        files.extractall(tmp_path)
    assert recomputed_offline(town, next(tmp_path.glob("210102-*")))
    tampered = next(tmp_path.glob("210102-*/seed.txt"))
    tampered.write_bytes(tampered.read_bytes().replace(b"6", b"5", 1))
    assert not recomputed_offline(town, tampered.parent)
    assert [why for person in town.people for why in person.faults] == []
    assert {name: found for name, found in town.barriers.items() if found} == {}


def recomputed_offline(town: Town, folder: Path) -> bool:
    """A citizen drops the published files on the checker, the network cut."""
    context = town.browser.new_context(offline=True, bypass_csp=True)  # the test tool evaluates strings, the page forbids it
    page = context.new_page()
    page.goto((ROOT / "app/static/draw/checker.html").as_uri())
    page.set_input_files("#pick", [str(path) for path in sorted(folder.iterdir())])
    page.wait_for_selector("#verdict.good, #verdict.bad")
    verdict = "逐字相同" in page.inner_text("#verdict")
    context.close()
    return verdict
