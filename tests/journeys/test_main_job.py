"""The main job in a real browser (主线): from registration to the public page, by different people, on real parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.archive.models import Document
from app.archive.rules import DocumentState
from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.outbox import Outbox
from app.core.web import Songjian
from app.inspections.rules.door import door_token
from tests import worlds
from tests.journeys import people
from tests.journeys.people import Account, Person, Town, a_picture, a_uscc, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOME = "示例·松林里养老院"
PROBLEM, FACT = "G-4.2", "示例·二层东侧配电间门上缺安全标志"


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


def plan_and_approve(town: Town, cast: Cast, handler: Person) -> str:
    """The filing drafted the first visit: the handler names the team, the head approves; gives the task's id."""
    handler.go("/office/tasks")
    handler.link("检任〔")
    task = handler.id_in(r"/office/tasks/([0-9a-f-]{36})$")
    handler.link("确定检查组")
    handler.page.select_option("[name=lead]", str(cast.lead.id))
    handler.page.check(f"[name=others][value='{cast.second.id}']")
    town.look(handler, "task-team")
    handler.press("确定检查组", "main form")
    handler.told("检查组已确定")
    head = town.signed_in(cast.head)
    head.go(f"/office/tasks/{task}")
    head.page.check("[name=item_published]")
    head.press("批准检查", "main form")
    head.told("检查任务已批准")
    return task


def arrive(inspector: Person, token: str) -> None:
    """The code at the door, the certificates, the rights, the question about recusal, who is there."""
    page = inspector.page
    inspector.go(f"/tablet/check-in/{token}")
    page.get_by_role("button", name="我们到场了").click()
    page.wait_for_selector("#form[data-ready]")
    page.get_by_role("button", name="已向现场负责人出示执法证件").click()
    page.get_by_role("button", name="已逐条告知").click()
    page.get_by_role("radio", name="不申请").click()
    page.get_by_label("现场负责人").fill("示例·林院长")
    page.get_by_label("当日在住人数").fill("42")
    page.get_by_label("当日在住人数").press("Tab")


def find_a_problem(page: Page) -> None:
    """One item is not met: what was seen, and a photo."""
    item = page.locator(f"article[data-item='{PROBLEM}']")
    item.locator("[data-answer=not_met]").click()
    fact = item.locator("textarea[data-focus=remark]")
    fact.fill(FACT)
    fact.press("Tab")
    photo = item.locator("input[type=file]")
    if photo.count():
        photo.set_input_files(a_picture("现场"))  # type: ignore[arg-type]


def answer_everything(town: Town, inspector: Person) -> None:
    """Every item of every area: met, but for one."""
    page, met = inspector.page, inspector.page.locator(".tb-three [data-answer=met]")
    looked = False
    while page.locator("#next").count():
        page.locator("#next").click()
        if not looked and page.locator(f"article[data-item='{PROBLEM}']").count():
            find_a_problem(page)
            town.look(inspector, "checklist")
            looked = True
        while before := met.count():
            met.first.click()
            until(lambda count=before: met.count() < count)  # type: ignore[misc]
    assert looked
    until(lambda: page.evaluate("document.documentElement.dataset.unsent") == "0", 60)


def sign(town: Town, cast: Cast, inspector: Person) -> None:
    """Two officers and the home sign the same record; then it is locked."""
    page = inspector.page
    page.locator("#to-sign").click()
    for name in (cast.lead.name, cast.second.name, "被检查方"):
        page.get_by_role("heading", name="签字 三方").wait_for()
        page.locator("[data-sign]", has_text="点此签名").first.click()
        box = page.locator("#ink").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 60, box["y"] + 60)
        page.mouse.down()
        for step in range(12):
            page.mouse.move(box["x"] + 60 + step * 30, box["y"] + 60 + (step % 3) * 40)
        page.mouse.up()
        page.get_by_role("button", name="签好了").click()
        page.locator(".tb-signed", has_text=name).wait_for()
    town.look(inspector, "signed")
    page.get_by_role("button", name="完成并锁定").click()
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_text("记录已锁定").wait_for()


def close_order_report_publish(town: Town, cast: Cast, handler: Person, task: str) -> None:
    """Another person at every desk: reviewed, closed, ordered, served, reported, published."""
    page = f"/office/tasks/{task}"
    reviewer = town.signed_in(cast.reviewer)
    reviewer.go(page)
    reviewer.press("审核通过")
    reviewer.told("审核通过，可以办结")
    handler.go(page)
    town.look(handler, "task-reviewed")
    handler.press("办结", "main form")
    handler.told("检查已办结")
    head = next(p for p in town.people if p.account == cast.head)
    head.go(f"{page}/orders/new")
    town.look(head, "order-new")
    head.press("出具通知书")
    head.told("已出具")
    order = head.path
    handler.go(order)
    handler.page.fill("[name=receiver]", "示例·林院长")
    handler.press("登记送达")
    handler.told("送达已登记")
    handler.go(f"{page}/closing")
    handler.press("出具检查报告")
    handler.told("已出具")
    town.look(handler, "closing")
    handler.go(page)
    handler.press("核对并公示")
    handler.told("检查结果已公示")


def repair(town: Town, owner: Person) -> None:
    """The home reports the problem put right, with a photo."""
    owner.go("/my/rectification")
    town.look(owner, "my-rectification")
    owner.page.locator("main a[href^='/my/findings/']").first.click()
    owner.page.fill("[name=measure]", "示例·已补贴标志，值班护理员每班检查。")
    owner.page.set_input_files("[name=photos]", a_picture("整改后"))  # type: ignore[arg-type]
    town.look(owner, "my-finding")
    owner.press("提交整改报告")
    owner.told("整改报告已提交")


def look_again(town: Town, cast: Cast, handler: Person, task: str) -> None:
    """Two who were not there look again and close the problem."""
    handler.go(f"/office/tasks/{task}/rechecks/new")
    for one in cast.others:
        handler.page.check(f"[name=officers][value='{one.id}']")
    handler.press("安排复查")
    handler.told("复查已安排")
    other = town.signed_in(cast.others[0])
    other.go(handler.path)
    other.page.check("input[name$='-result'][value=done]")
    other.page.check("input[name$='-handling'][value=close]")
    other.page.fill("textarea[name$='-note']", "示例·现场查看，标志已补。")
    other.page.set_input_files("input[name$='-photos']", a_picture("复查"))  # type: ignore[arg-type]
    town.look(other, "recheck")
    other.press("复查定稿")
    other.told("复查已定稿")


def read_and_verify(town: Town, daughter: Person, site: str) -> None:
    """What the public sees: the result, the problem mended, the report that verifies by its number."""
    link = daughter.page.locator("a[href^='/v/']")

    def shown() -> bool:
        daughter.go(f"/facilities/{site}")
        return link.count() == 1

    until(shown, 60)
    daughter.told("没有")
    daughter.told("已改完的问题：1 个")
    town.look(daughter, "facility-checked")
    path = link.get_attribute("href")

    def archived() -> bool:
        answer = daughter.page.goto(f"{town.address}{path}")
        return answer is not None and answer.status == 200

    until(archived, 60)
    daughter.told("有这个文书")
    code = daughter.page.locator("dl:has-text('记录码') .sj-fingerprint").first.inner_text()
    daughter.page.fill("[name=h]", code)
    daughter.press("核验", "form[action='/v'][method=get]")
    daughter.told("与归档一致")
    town.look(daughter, "verified")


def verify_file(owner: Person, daughter: Person) -> None:
    """The very file that the home was given is the one in the archive."""
    href = owner.page.locator("main a[href^='/documents/']", has_text="检查结果公示").first.get_attribute("href")
    file = owner.page.request.get(f"{owner.address}{href}").body()
    assert file.startswith(b"%PDF-")
    daughter.go("/v")
    daughter.page.set_input_files("[name=file]", {"name": "公示.pdf", "mimeType": "application/pdf", "buffer": file})
    daughter.press("上传比对", "main")
    daughter.told("与归档一致")


def _waiting(app: Songjian) -> list[tuple[str, str | None]]:
    with app.app_context(), acting(SYSTEM):
        rows = db.session.execute(select(Outbox.kind, Outbox.trouble).where(Outbox.done_at.is_(None)))
        return [(kind, trouble) for kind, trouble in rows]


def _unarchived(app: Songjian) -> list[tuple[str, str]]:
    with app.app_context(), acting(SYSTEM):
        rows = db.session.scalars(select(Document).where(Document.state != DocumentState.ARCHIVED))
        return [(row.kind, row.number) for row in rows]


def test_from_registration_to_the_public_page(archive_app: Songjian, town: Town, cast: Cast) -> None:
    owner = town.signed_in(cast.owner)
    site = register(owner)
    filing = file_it(town, owner)
    handler = town.signed_in(cast.handler)
    accept(town, handler, filing)
    daughter = town.visitor()
    daughter.go(f"/facilities/{site}")
    daughter.told(HOME)
    town.look(daughter, "facility")
    task = plan_and_approve(town, cast, handler)
    inspector = town.signed_in(cast.lead)
    arrive(inspector, door_token(UUID(site), str(archive_app.config["SECRET_KEY"])))
    answer_everything(town, inspector)
    sign(town, cast, inspector)
    close_order_report_publish(town, cast, handler, task)
    repair(town, owner)
    look_again(town, cast, handler, task)
    read_and_verify(town, daughter, site)
    verify_file(owner, daughter)
    until(lambda: not _waiting(archive_app), 120)
    assert _unarchived(archive_app) == []
    assert [why for person in town.people for why in person.faults] == []
    assert {name: found for name, found in town.barriers.items() if found} == {}
