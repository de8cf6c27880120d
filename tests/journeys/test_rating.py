"""A rating in a real browser (等级评定主线): from the campaign to a grade in public, and to its end by an event, by many people.

Ten files go up, one a virus, one two formats in one, one of 200 MB whose line breaks on the way; time is the application's clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.uploads.virus import EICAR
from app.core.web import Songjian
from app.credit.rules.listing import EntryState
from app.providers import queries as providers
from app.providers.rules import SiteKind
from app.ratings.models.evidence import Evidence, EvidenceUpload
from app.ratings.rules.evidence import MB, UploadState
from tests.credit import listing_world
from tests.journeys import people
from tests.journeys.people import Account, Person, Town, until
from tests.providers.builders import a_filed_site
from tests.ratings.builders import FACTS
from tests.ratings.test_evidence import PIECE, a_large_pdf

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COUNTY, SCHEME = "140105", "cn.shanxi.3a@0.1"
HOME = "示例·汾河湾社区养老服务中心"
BREAKS_AT = 4 * PIECE
THROWN = "6,2,5,1,4,3,3,6"
SEEN: Final = "示例·看了三份康复记录，两份没有签名"
AGREED: Final = "示例·补看记录原件，两份未签名属实，其余完整"
OVERRIDE: Final = "示例·康复护理记录两次缺签名，整改未满半年，降一级"
OTHER: Final = "示例·缺签名属偶然，维持原等级"
OBJECTION: Final = "示例·缺签名的两份已于上月补正，附补正记录"
ANSWER: Final = "示例·补正在评定之后，不影响评定当日的事实"
SYSTEM_KNOWS: Final = {"registered", "fire_ok", "floor_area", "beds", "open_major_hazards", "blacklisted"}


@dataclass(frozen=True)
class Cast:
    """Who takes part (参加的人)."""

    site_id: UUID
    owner: Account
    handler: Account
    reviewer: Account
    head: Account
    deputy: Account
    experts: tuple[Account, ...]
    assessors: Mapping[str, Account]


@pytest.fixture
def cast(archive_app: Songjian) -> Cast:
    with archive_app.app_context(), acting(SYSTEM):
        filed = clock.today() - timedelta(days=30)
        facts = {"floor_area": 1600, "beds": 12}
        site = a_filed_site(county=COUNTY, kind=SiteKind.HOME_CARE_CENTRE, name=HOME, facts=facts, on=filed)
        authority = site.authority_id

        def official(name: str, username: str, post: Post) -> Account:
            return people.an_account(name, username, post, authority_id=authority)

        made = Cast(
            site.id,
            people.an_account("示例·院长", "ping-yuanzhang", Post.PROVIDER_OWNER, provider_id=site.provider_id),
            official("示例·经办", "ping-jingban", Post.HANDLER),
            official("示例·审核", "ping-shenhe", Post.REVIEWER),
            official("示例·主任", "ping-zhuren", Post.HEAD),
            official("示例·副主任", "ping-fuzhuren", Post.REVIEWER),
            tuple(official(f"示例·专家{n}", f"ping-zhuanjia{n}", Post.ASSESSOR) for n in "甲乙丙"),
            {name: official(name, f"ping-{n}", Post.ASSESSOR) for n in range(1, 6) if (name := f"示例·评估员{n}")},
        )
        db.session.commit()
    return made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let days pass for pages and workers; sessions and one-time codes keep the real time."""
    real = clock.now

    def go(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=days))

    return go


# --- before: the people, the campaign ---------------------------------------------------------------------------------


def staff(town: Town, cast: Cast, handler: Person) -> None:
    """Assessors on the list with their firms, a committee of five with its chair."""
    page = handler.page
    for number, account in enumerate(cast.assessors.values()):
        handler.go("/office/assessors")
        page.locator("summary:has-text('评定员入库')").click()
        page.select_option("[name=account]#account", str(account.id))
        page.fill("[name=firm]", f"示例·评估{'甲乙'[number % 2]}中心")
        handler.press("入库", "form[action='/office/assessors']")
        handler.told("已入库")
    for number, account in enumerate((cast.head, cast.deputy, *cast.experts)):
        handler.go("/office/assessors")
        page.locator("summary:has-text('聘任委员')").click()
        page.select_option("#member", str(account.id))
        page.fill("[name=of_body]", "示例·单位")
        if number == 0:
            page.check("[name=chair]")
        handler.press("聘任", "form[action='/office/committee-members']")
        handler.told("已聘任")
    town.look(handler, "people")


def campaign(town: Town, handler: Person, head: Person) -> str:
    """Drafted by one, opened by another; gives its address."""
    page = handler.page
    handler.go("/office/rating-campaigns/new")
    page.fill("[name=title]", "示例·社区养老服务机构 3A 评级")
    page.check("[name=kind][value=rating]")
    page.select_option("[name=scheme]", SCHEME)
    page.check("[name=site_kinds][value=home_care_centre]")
    page.fill("[name=opens_on]", clock.today().isoformat())
    page.fill("[name=closes_on]", (clock.today() + timedelta(days=60)).isoformat())
    page.fill("[name=basis]", "示例·年度评定通知（演示）")
    town.look(handler, "campaign-new")
    handler.press("拟定，交另一人批准")
    handler.told("已拟定")
    here = handler.path
    assert page.locator("button:has-text('批准发布')").count() == 0, "not by the one who drafted it"
    head.go(here)
    head.press("批准发布")
    head.told("已发布")
    return here


# --- the home ---------------------------------------------------------------------------------------------------------


def uploads(app: Songjian) -> dict[str, UploadState]:
    with app.app_context(), acting(SYSTEM):
        return {row.file_name: row.state for row in db.session.scalars(select(EvidenceUpload))}


def ten_files(app: Songjian, town: Town, owner: Person, site: UUID, folder: Path) -> None:
    """Seven good ones, a virus, two formats in one, and a large one that is cut and goes on after the page was closed."""
    good = [a_large_pdf(folder / f"示例记录{n}.pdf", 20_000 + n) for n in range(7)]
    virus, both, large = folder / "病毒.pdf", folder / "双重.pdf", a_large_pdf(folder / "服务台账.pdf", 200 * MB)
    virus.write_bytes(b"%PDF-1.4\n" + EICAR + b"\n%%EOF")
    both.write_bytes(good[0].read_bytes().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%<html>", 1))
    path, cut = f"/my/sites/{site}/evidence?scheme=cn.shanxi.3a&item=c10", []

    def line(route: Route) -> None:
        """The line breaks for the large file after its first pieces."""
        if int(route.request.headers.get("upload-offset", "0")) >= BREAKS_AT:
            cut.append(route.request.url)
            return route.abort()
        return route.continue_()

    owner.go(path)
    owner.page.locator("[data-kind]").select_option("rules")
    owner.page.route("**/api/v1/uploads/*", line)
    owner.page.locator("[data-pick]").set_input_files([str(file) for file in (*good, virus, both, large)])
    owner.page.get_by_text("断网，停在").first.wait_for(timeout=60_000)
    owner.page.get_by_text("病毒检查没有通过").first.wait_for(timeout=90_000)
    until(lambda: all(uploads(app).get(file.name) is UploadState.KEPT for file in good), 90)
    until(lambda: uploads(app).get(both.name) is UploadState.REFUSED, 60)
    town.look(owner, "vault-cut")
    old = owner.page
    owner.page = old.context.new_page()
    old.close()  # in the middle
    assert cut
    assert uploads(app)[large.name] is UploadState.OPEN
    owner.go(path)
    owner.told("这个文件既是 PDF 又是别的格式")
    owner.page.get_by_role("button", name="接着传").first.click()
    if owner.page.get_by_role("button", name="选同一个文件接着传").count():
        owner.page.locator("[data-pick]").set_input_files(str(large))
    until(lambda: uploads(app)[large.name] is UploadState.KEPT, 180)
    with app.app_context(), acting(SYSTEM):
        assert db.session.query(EvidenceUpload).count() == 10, "the large one went on, none was begun anew"
        assert {row.size for row in db.session.query(Evidence)} == {file.stat().st_size for file in (*good, large)}
    owner.go(path)
    town.look(owner, "vault")


def fill(person: Person, **other: str) -> None:
    """Answer every item of a sheet well, but for `other` by item; each change is saved by itself."""
    page = person.page
    for box in page.locator("[data-rt-item]:has(input[name^='h-'])").all():
        item, kind = box.get_attribute("data-rt-item"), box.get_attribute("data-rt-kind")
        assert item is not None
        if kind == "options":
            for tick in box.locator(f"label:has(input[name='i-{item}'])").all():
                tick.click()
        elif kind == "achieve":
            box.locator(f"label:has(input[name='i-{item}'][value='1'])").click()
        elif kind == "deduct":
            for count in box.locator(f"input[name^='i-{item}-']").all():
                count.fill("0")
                count.press("Tab")
        else:
            box.locator(f"input[name='i-{item}']").fill(other.get(item, "3.5"))
            box.locator(f"input[name='i-{item}']").press("Tab")
        if f"m_{item}" in other:
            box.locator(f"input[name='m-{item}']").fill(other[f"m_{item}"])
            box.locator(f"input[name='m-{item}']").press("Tab")
    page.locator("[data-rt-status]", has_text="已存").wait_for()
    until(lambda: page.locator("[data-rt-left]").inner_text() == "0")


def apply(town: Town, owner: Person, cast: Cast, before: Callable[[], None]) -> str:
    """The home applies: figures, evidence, self-score; gives the application's id."""
    page = owner.page
    owner.go("/my/ratings")
    page.select_option("[name=target]", "AA")
    owner.press("开始申请")
    owner.told("申请已建立")
    here = owner.path
    page.fill("[name=f-visits]", "10500")
    page.fill("[name=source]", "示例·上年服务台账")
    owner.press("保存数据")
    owner.told("数据已保存")
    before()
    owner.go(here)
    owner.press("提交申请")
    owner.told("自评还有")
    owner.go(f"{here}/sheet")
    fill(owner)
    town.look(owner, "self-score")
    owner.go(here)
    owner.told("还差什么")
    town.look(owner, "my-application")
    owner.press("提交申请")
    owner.told("申请已提交")
    assert str(cast.site_id) in owner.page.content()
    return owner.id_in(r"/my/rating-applications/([0-9a-f-]{36})$")


# --- the office and the panel -----------------------------------------------------------------------------------------


def admit(town: Town, handler: Person, here: str) -> None:
    """Accepted, the facts checked one by one, found eligible."""
    page = handler.page
    handler.go(here)
    handler.press("受理", "main")
    handler.told("已受理")
    for key, value in FACTS.items():
        if key in SYSTEM_KNOWS:
            continue
        control = page.locator(f"[name=f-{key}]")
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    page.fill("[name=source]", "示例·台账与证照核对")
    handler.press("登记", "#facts")
    town.look(handler, "facts")
    handler.press("认定符合条件")
    handler.told("已认定符合条件")


def panel_of(handler: Person, here: str) -> list[str]:
    """The names of those who sit on the panel now."""
    handler.go(here)
    lines = handler.page.locator("#panel .sj-lines > li").all_inner_texts()
    return [found[0] for text in lines if "回避" not in text and (found := re.search(r"示例·评估员\d", text))]


def draw_panel(town: Town, handler: Person, reviewer: Person, here: str) -> None:
    """The lists are frozen; two officials type the dice, neither sees what the other typed."""
    handler.go(f"{here}#draws")
    handler.page.select_option("[name=source]", "demo.dice")
    handler.page.fill("[name=rule]", "示例·公证处掷骰")
    handler.press("封存名单")
    handler.told("名单已封存")
    for person in (handler, reviewer):
        person.go(here)
        assert THROWN not in person.page.content()
        person.page.fill("[name=event]", clock.today().isoformat())
        person.page.fill("[name=value]", THROWN)
        person.press("录入", "#draws")
    reviewer.told("结果指纹")
    town.look(reviewer, "campaign-drawn")


def recuse(town: Town, cast: Cast, handler: Person, here: str) -> list[str]:
    """The last of the drawn says that he worked for the home; who comes instead is drawn by the same rule."""
    drawn = panel_of(handler, here)
    assert len(drawn) == 3
    out = town.signed_in(cast.assessors[drawn[-1]])
    out.go("/office/assessments")
    out.link(HOME)
    out.page.locator("summary:has-text('我应当回避')").click()
    out.page.select_option("[name=kind]", "advised")
    out.page.fill("[name=note]", "示例·去年辅导过")
    out.press("申明回避", "main")
    out.told("已申明回避")
    handler.page.locator("#panel summary").click()
    handler.page.select_option("#panel [name=member]", str(cast.assessors[drawn[-1]].id))
    handler.page.select_option("#panel [name=kind]", "advised")
    handler.page.fill("#panel [name=note]", "示例·去年辅导过")
    handler.press("更换", "#panel")
    handler.told("后补的人由同一规则抽出")
    town.look(handler, "panel")
    now = panel_of(handler, here)
    assert len(now) == 3
    assert set(drawn[:2]) < set(now)
    assert drawn[-1] not in now
    answer = out.page.goto(f"{town.address}/office/assessments/{here.rsplit('/', 1)[1]}")
    assert answer is not None
    assert answer.status == 404, "off the panel, out of sight"
    return now


def score(town: Town, team: list[Person], handler: Person, application: str) -> None:
    """Sheets filled and locked one after the other; until the last is locked nobody sees what another wrote."""
    desk, office = f"/office/assessments/{application}", f"/office/rating-applications/{application}"
    team[0].go(desk)
    town.look(team[0], "before-visit")
    team[0].press("我与机构没有利害关系")
    team[0].told("已开始现场评定")
    for number, person in enumerate(team):
        person.go(desk)
        assert SEEN not in person.page.content(), "what the other wrote"
        fill(person, c8="3.5") if number else fill(person, c8="1", m_c8=SEEN)
        if number == 1:
            town.look(person, "sheet")
        person.press("锁定我的评分表")
        person.told("评分表已锁定")
        if number < len(team) - 1:
            shut = person.page.goto(f"{town.address}{desk}/consensus")
            assert shut is not None
            assert shut.status == 409
            handler.go(office)
            handler.told(f"已锁定 {number + 1} / 3 张")
            assert SEEN not in handler.page.content()


def confer(town: Town, team: list[Person], application: str) -> None:
    """The divergence is talked over with a reason, all sign the same state, the opinion goes to the committee."""
    here = f"/office/assessments/{application}/consensus"
    lead = team[0]
    lead.go(here)
    lead.told("康复护理")
    assert "1 分" in lead.page.locator("#d-c8").inner_text()
    assert "3.5 分" in lead.page.locator("#d-c8").inner_text()
    town.look(lead, "divergence")
    lead.page.fill("#d-c8 [name=i-c8]", "3")
    lead.page.fill("#d-c8 [name=reason]", AGREED)
    lead.press("记录", "#d-c8 form")
    lead.told("两份原始评分都保留")
    for person in team:
        person.go(here)
        person.told(AGREED)
        person.press("核对无误，签字")
    lead.go(here)
    town.look(lead, "signed")
    lead.press("提交评定委员会")


# --- the committee and what follows -----------------------------------------------------------------------------------


def decide(town: Town, cast: Cast, handler: Person, head: Person, application: str) -> None:
    """Four of five sit; three lower the grade with a reason; not before the quorum, and by the chair alone."""
    handler.go("/office/rating-meetings")
    handler.page.check(f"[name=application][value='{application}']")
    handler.press("召集评定会")
    here = handler.path
    handler.page.locator("summary:has-text('登记请假')").click()
    handler.page.select_option("[name=account]", str(cast.experts[-1].id))
    handler.press("登记请假", "main")
    members = [head, *(town.signed_in(account) for account in (cast.deputy, *cast.experts[:2]))]
    for number, member in enumerate(members):
        member.go(here)
        member.told("够法定人数")
        if number == 3:
            member.page.check("[name=choice][value=agree]")
            member.page.fill("[name=reason]", OTHER)
        else:
            member.page.check("[name=choice][value=change]")
            member.page.select_option("[name=level]", "A")
            if number == 0:
                town.look(member, "committee")
                member.press("投票", "main")
                member.told("请写明理由")
                assert member.page.locator("[name=choice][value=change]").is_checked(), "what was chosen is kept"
            member.page.fill("[name=reason]", OVERRIDE)
        member.press("投票", "main")
        member.told("已投票")
        if number == 1:
            head.go(here)
            head.told("投满 4 票以后")
            assert head.page.get_by_role("button", name="宣布审定结果").is_disabled()
    head.go(here)
    assert "改级：A 级 3 票，同意算出的等级 1 票" in head.page.locator("main").inner_text()
    town.look(head, "committee-voted")
    head.press("宣布审定结果")
    head.told("已宣布")


def shown(citizen: Person, site: UUID, *words: str) -> None:
    """The public page of the home comes to say these words."""
    asked: list[int] = []

    def there() -> bool:
        asked.append(1)
        citizen.go(f"/facilities/{site}?again={len(asked)}")
        return all(each in citizen.page.locator("#grades").inner_text() for each in words)

    until(there, 60)


def notice_and_objection(
    town: Town, cast: Cast, desks: tuple[Person, Person, Person], citizen: Person, here: str, later: Callable[[int], None]
) -> None:
    """Noticed, objected to by the home, decided by one who did not decide before, then published after the notice."""
    handler, reviewer, owner = desks
    mine = here.replace("/office/", "/my/")
    handler.go(here)
    handler.press("核对并公示")
    handler.told("已公示")
    shown(citizen, cast.site_id, "拟定：A 级", OVERRIDE)
    assert OTHER not in citizen.page.content(), "whoever was outvoted did not speak for the committee"
    town.look(citizen, "public-notice")
    owner.go(mine)
    owner.page.fill("[name=words]", OBJECTION)
    town.look(owner, "my-notice")
    owner.press("提出异议")
    owner.told("异议已提交")
    later(30)
    handler.go(here)
    assert handler.page.locator("button:has-text('公布发证')").count() == 0, "not while an objection is open"
    later(0)
    head = next(person for person in town.people if person.account == cast.head)
    head.go(here)
    head.page.fill("#objections [name=reason]", ANSWER)
    head.press("不予采纳")
    head.told("请由他人办理")
    reviewer.go(here)
    reviewer.page.fill("#objections [name=reason]", ANSWER)
    reviewer.press("不予采纳")
    reviewer.told("异议已处理")
    town.look(reviewer, "objection-decided")
    owner.go(mine)
    owner.told(ANSWER)
    handler.go(here)
    handler.told("公示期满次日起")
    later(20)
    handler.go(here)
    handler.press("公布发证")
    handler.told("已公布")


def certificate(town: Town, cast: Cast, owner: Person, citizen: Person) -> None:
    """The grade stands on the public page with a certificate that anybody may check; the home has the file."""
    shown(citizen, cast.site_id, "A 级", "核验证书", "有效", OVERRIDE)
    town.look(citizen, "public-grade")
    path = citizen.page.locator("#grades a[href^='/v/']").first.get_attribute("href")

    def archived() -> bool:
        answer = citizen.page.goto(f"{town.address}{path}")
        return answer is not None and answer.status == 200

    until(archived, 60)
    citizen.told("有这个文书")
    town.look(citizen, "verified")
    owner.go("/my/ratings")
    owner.link("A 级")
    town.look(owner, "my-grade")
    href = owner.page.locator("main a:has-text('看证书')").get_attribute("href")
    assert owner.page.request.get(f"{town.address}{href}").body().startswith(b"%PDF-")


def listed(app: Songjian, site_id: UUID, later: Callable[[int], None]) -> None:
    """Credit puts the organisation on the list (set up by verbs): the event that ratings hear of."""
    with app.app_context(), acting(SYSTEM):
        site = providers.site(site_id, seen_by=SYSTEM)
        start = clock.today() + timedelta(days=1)
        entry = listing_world.an_entry(site, listing_world.a_bureau(site), EntryState.SERVED, found_on=start)
        day: date = entry.decision_served_on or start
        db.session.commit()
    later(20 + (day - start).days + 1)


def revoke(town: Town, cast: Cast, handler: Person, head: Person, citizen: Person) -> None:
    """The event suspended the grade at once; the office proposes to revoke it, the head decides, the public sees why."""
    shown(citizen, cast.site_id, "暂停使用", "主办单位已列入失信惩戒对象名单")
    town.look(citizen, "public-suspended")
    handler.go("/office/ratings")
    town.look(handler, "grades")
    handler.link(HOME)
    handler.page.locator("summary:has-text('提请暂停')").click()
    handler.page.select_option("[name=measure]", "revoke")
    handler.page.select_option("[name=cause]", "listed")
    handler.page.fill("form[action$='/changes'] [name=reason]", "示例·机构已列入失信惩戒对象名单")
    handler.press("提请负责人决定")
    handler.told("已提请")
    head.go(handler.path)
    town.look(head, "grade-office")
    head.press("同意", "main")
    head.told("已决定")
    shown(citizen, cast.site_id, "已撤销", "示例·机构已列入失信惩戒对象名单")
    town.look(citizen, "public-revoked")


def test_from_the_campaign_to_a_grade_and_its_end(
    archive_app: Songjian, town: Town, cast: Cast, tmp_path: Path, later: Callable[[int], None]
) -> None:
    handler, reviewer, head, owner = map(town.signed_in, (cast.handler, cast.reviewer, cast.head, cast.owner))
    citizen = town.visitor()
    staff(town, cast, handler)
    work = campaign(town, handler, head)
    citizen.go(f"/facilities/{cast.site_id}")
    citizen.told("还没有公示它的星级或等级")
    application = apply(town, owner, cast, lambda: ten_files(archive_app, town, owner, cast.site_id, tmp_path))
    here = f"/office/rating-applications/{application}"
    admit(town, handler, here)
    draw_panel(town, handler, reviewer, work)
    team = [town.signed_in(cast.assessors[name]) for name in recuse(town, cast, handler, here)]
    score(town, team, handler, application)
    confer(town, team, application)
    decide(town, cast, handler, head, application)
    notice_and_objection(town, cast, (handler, reviewer, owner), citizen, here, later)
    certificate(town, cast, owner, citizen)
    listed(archive_app, cast.site_id, later)
    revoke(town, cast, handler, head, citizen)
    assert {name: found for name, found in town.barriers.items() if found} == {}
    # The console tells of the answers that were refused on purpose, and of the line that broke.
    meant = re.compile(r"status of (404|409|422)|ERR_FAILED")
    assert [why for person in town.people for why in person.faults if not meant.search(why)] == []
