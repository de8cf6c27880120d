"""The pages of draws by the browser without JavaScript; and P14: no address computes a draw before the freeze, or twice."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts import sessions
from app.accounts.views.sign_in import cookie_name
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.web import Songjian
from app.inspections.cli import draw as draw_command
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import PlanState
from tests.inspections import builders_draws as build
from tests.inspections.builders_draws import AFTER_AT, AT, Office, row


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of the pages: one moment that a test may move."""
    moment = [AT]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    for module in ("app.inspections.views.draws", "app.inspections.views.draw_lists", "app.factory"):
        monkeypatch.setattr(f"{module}.now", lambda: moment[0])
    return moment


class Browser:
    """A browser that signs in as somebody and fills in forms with the token of the page."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def act_as(self, who: Actor, moment: datetime) -> Browser:
        secret = sessions.begin(who.id, body_id=who.authority_id, second_factor=True, at=moment)
        db.session.commit()
        self.client.set_cookie(cookie_name(), secret)
        key = str(self.client.application.config["SECRET_KEY"])
        self.token = sessions.form_token(key, secret)
        return self

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return answer.text

    def send(self, path: str, status: int = 302, **fields: object) -> str:
        answer = self.client.post(path, data={"csrf_token": self.token, **fields})
        assert answer.status_code == status, (path, answer.status_code, answer.text[:3000])
        return answer.headers.get("Location", "") if status == 302 else answer.text


def the_form(**changes: object) -> dict[str, object]:
    """The form of a plan as a maker fills it in."""
    fields: dict[str, object] = {
        "title": "第四季度养老机构双随机抽查", "mode": "sealed", "reach": "own", "kinds": "care_home",
        "inspect_from": "2026-12-03", "inspect_until": "2027-01-08", "reveal_on": "2027-01-15",
        "source": "cwl.kl8", "first_day": "2026-12-01",
    }  # fmt: skip
    for token, rate in zip("ABCD", ("10", "25.5", "60", "100"), strict=True):
        fields |= {f"{token}-rate": rate, f"{token}-minimum": "1", f"{token}-maximum": "0", f"{token}-team": "basic"}
    return fields | changes


def a_plan(browser: Browser, office: Office, at: list[datetime], **changes: object) -> UUID:
    location = browser.act_as(office.maker, at[0]).send("/office/draws/new", **the_form(**changes))
    return UUID(location.rsplit("/", 1)[1])


def test_a_sealed_plan_from_the_form_to_the_files(client: FlaskClient, at: list[datetime], tmp_path: Path) -> None:
    office, browser = build.an_office(), Browser(client)
    plan_id = a_plan(browser, office, at)
    here = f"/office/draws/{plan_id}"
    page = browser.page(here)
    assert "您是拟定人" not in page
    assert "由审核或负责人批准" in page
    home = build.draw_id(office.sites[0])
    browser.send(f"{here}/marks", draw_id=home, why="must:complaint", note="工单 1")
    assert "投诉举报核查" in browser.page(here)
    browser.act_as(office.head, at[0])
    browser.send(f"{here}/approve")
    browser.send(f"{here}/freeze")
    assert "210102-2026-001" in browser.page(here)
    assert "封存后名录和规则" not in browser.page(here)
    at[0] = AFTER_AT
    value = {"number": "1", "event": "2026321", "typed": build.KL8}
    browser.act_as(office.maker, at[0]).send(f"{here}/values", **value)
    page = browser.act_as(office.second, at[0]).page(here)
    assert "等第二人录入" in page
    assert "02" not in re.findall(r"<li>(\d\d)</li>", page), "the first entry is not shown"
    answer = browser.send(f"{here}/values", 422, **value | {"typed": "1 2 3"})
    assert "应填 20 个" in answer
    assert "1 2 3" in answer
    browser.send(f"{here}/values", **value)
    browser.send(f"{here}/compute")
    with acting(SYSTEM):
        names = [site.name for site in office.sites]
    page = browser.page(here)
    assert not [name for name in names if name in page], "sealed"
    shown = browser.send(f"{here}/names", 200, reason="准备检查通知书")
    assert sum(name in shown for name in names) == 7  # 1 must; 1 A, 2 B, 2 C, 1 D by lot
    browser.act_as(office.observer, at[0]).send(f"{here}/names", 403, reason="看看")
    sealed_files = zipfile.ZipFile(io.BytesIO(client.get(f"{here}/files.zip").data)).namelist()
    assert not [name for name in sealed_files if name.endswith(("seed.txt", "result.txt"))]
    with acting(SYSTEM):
        build.draws.reveal_plan(plan_id, by=SYSTEM, at=AFTER_AT, on=build.REVEAL)
        db.session.commit()
    zipfile.ZipFile(io.BytesIO(client.get(f"{here}/files.zip").data)).extractall(tmp_path)
    ran = CliRunner().invoke(draw_command, ["recompute", str(tmp_path / "210102-2026-001")])
    assert ran.stdout == row(plan_id).result_text
    page = browser.page(here)
    assert sum(name in page for name in names) == 7


def test_a_refused_form_keeps_what_was_typed(client: FlaskClient, at: list[datetime]) -> None:
    office, browser = build.an_office(), Browser(client)
    browser.act_as(office.maker, at[0])
    answer = browser.send("/office/draws/new", 422, **the_form(**{"reveal_on": "2027-01-01", "B-rate": "25.5"}))
    assert "公开日不能早于检查截止日" in answer
    assert 'value="25.50"' in answer or 'value="25.5"' in answer
    answer = browser.send("/office/draws/new", 422, **the_form(**{"A-rate": "130"}))
    assert "应在 0 至 100 之间" in answer


def test_changes_and_voids_by_the_pages(client: FlaskClient, at: list[datetime]) -> None:
    office, browser = build.an_office(), Browser(client)
    at[0] = AFTER_AT
    plan_id = build.drawn(office, Mode.SEALED)
    db.session.commit()
    here = f"/office/draws/{plan_id}"
    browser.act_as(office.maker, at[0])
    browser.page(f"{here}/changes/new?kind=top_up&what=A")
    refused = browser.send(f"{here}/changes/new", 422, kind="top_up", what="A", detail="1", reason="扩大抽查")
    assert "证明材料" in refused
    assert "扩大抽查" in refused
    browser.page(f"{here}/void")
    browser.send(f"{here}/void", reason="名录漏登")
    page = browser.page(here)
    assert "您提出的申请" in page
    request_id = _request(office)
    browser.act_as(office.head, at[0])
    assert "由上级主管机关决定" in browser.page(here)
    browser.send(f"/office/draws/changes/{request_id}/approve", 409)
    browser.act_as(office.city_head, at[0]).send(f"/office/draws/changes/{request_id}/approve")
    page = browser.page(here)
    assert "本计划已作废" in page
    assert "名录漏登" in page
    browser.act_as(office.city_observer, at[0])
    assert "启封盲值备份" in browser.page(here)
    assert build.BLIND in browser.send(f"{here}/escrow", 200, reason="复核作废")


def _request(office: Office) -> object:
    with acting(office.head):
        return db.session.scalar(text("select id from draw_request"))


def test_lists_and_recusals_by_the_pages(client: FlaskClient, at: list[datetime]) -> None:
    office, browser = build.an_office(), Browser(client)
    with acting(SYSTEM):
        fresh = build.an_account(office.authority, build.Post.INSPECTOR)
        db.session.commit()
    browser.act_as(office.maker, at[0])
    assert "新列入 12 家" in browser.page(browser.send("/office/objects"))
    browser.send(
        "/office/inspectors/new", username=fresh.username, certificate_no="示例证 9", certificate_from="2025-01-01",
        certificate_until="2028-01-01", qualifications="qual.lead", cap="5",
    )  # fmt: skip
    page = browser.page("/office/inspectors")
    assert "示例证 9" in page
    with acting(SYSTEM):
        entry, name = f"/office/inspectors/{office.inspectors[0].id}", office.sites[0].name
    browser.page(entry)
    browser.send(
        entry, certificate_no="示例证 1", certificate_from="2025-01-01",
        certificate_until="2028-01-01", cap="5",
    )  # fmt: skip
    assert "停用" in browser.page("/office/inspectors")
    browser.page("/office/recusals/new")
    home = build.draw_id(office.sites[0])
    himself = build.account_queries.actor(fresh.id, office.authority.id, build.ON)
    assert himself is not None
    browser.act_as(himself, at[0])
    found = browser.page(f"/office/recusals/mine?q={name[-4:]}")
    assert home in found
    browser.send("/office/recusals/mine", draw_id=home, reason="kin", note="")
    assert name in browser.page("/office/recusals/mine")
    browser.page("/office/recusals", 403)
    browser.act_as(office.second, at[0])
    page = browser.page("/office/recusals")
    link = re.search(r"/office/recusals/[0-9a-f-]{36}/end", page)
    assert link
    browser.send(link[0])
    assert "解除" in browser.page("/office/recusals")


def addresses(app: Songjian, **ids: UUID) -> list[tuple[str, str]]:
    """Every address of the office about draws with its method, ids filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(("draws.", "draw_lists.")):
            continue
        path = rule.rule
        for name in rule.arguments:
            path = re.sub(rf"<uuid:{name}>", str(ids.get(name, uuid4())), path)
        found += [(method, path) for method in (rule.methods or set()) & {"GET", "POST"}]
    return sorted(found)


@pytest.mark.parametrize("state", [PlanState.DRAFTED, PlanState.APPROVED, PlanState.FROZEN])
def test_no_address_computes_before_the_seed_stands(
    client: FlaskClient, app: Songjian, at: list[datetime], state: PlanState
) -> None:
    """P14, first half: every address, as everybody of the office, with plausible forms, on a plan before its draw."""
    office, browser = build.an_office(), Browser(client)
    plan_id = build.frozen(office) if state is PlanState.FROZEN else build.drafted(office)
    if state is PlanState.APPROVED:
        with acting(office.head):
            build.draws.approve_plan(plan_id, by=office.head, at=AT, on=build.ON)
    db.session.commit()
    walked = [
        (method, path)
        for method, path in addresses(app, plan_id=plan_id)
        if not path.endswith(("/approve", "/freeze", "/values", "/discard"))  # the ways on, each a step of its own
    ]
    assert ("POST", f"/office/draws/{plan_id}/compute") in walked
    for who in (office.maker, office.head, office.observer):
        browser.act_as(who, at[0])
        for method, path in walked:
            client.open(path, method=method, data={"csrf_token": browser.token, "reason": "看看"} if method == "POST" else None)
    after = row(plan_id)
    assert after.state is state
    assert (after.result_hash, after.seed_hash, after.sealed_result) == (None, None, None)


def test_no_address_computes_twice(client: FlaskClient, app: Songjian, at: list[datetime], db_session: Session) -> None:
    """P14, second half: after the draw nothing changes the seed or the result."""
    office, browser = build.an_office(), Browser(client)
    at[0] = AFTER_AT
    plan_id = build.drawn(office, Mode.SEALED)
    db.session.commit()
    before = (row(plan_id).seed_hash, row(plan_id).result_hash, row(plan_id).sealed_result)
    value = {"number": "1", "event": "2026322", "typed": build.KL8.replace("79", "80"), "reason": "再抽一次"}
    for who in (office.second, office.head):
        browser.act_as(who, at[0])
        for method, path in addresses(app, plan_id=plan_id):
            if method == "POST":
                client.post(path, data={"csrf_token": browser.token, **value})
    after = row(plan_id)
    assert (after.seed_hash, after.result_hash, after.sealed_result) == before
    assert after.state is PlanState.DRAWN
