"""The pages of problems by a browser without JavaScript: the office from ledger to 销号, the home from photo to report."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.accounts import sessions
from app.accounts.views.sign_in import cookie_name
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.inspections.models import Finding
from app.inspections.queries import findings as ledger
from app.inspections.rules.findings import RectificationState
from app.inspections.rules.hazards import SupervisionState
from tests.inspections import closing
from tests.inspections.closing import DRAFT_HAZARD, HAZARD, PLAIN, Closing
from tests.inspections.field import AT

_S = RectificationState


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of the pages: one moment that a test may move."""
    moment = [AT + timedelta(hours=1)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    for module in ("findings", "orders", "rectification"):
        monkeypatch.setattr(f"app.inspections.views.{module}.now", lambda: moment[0])
    monkeypatch.setattr("app.factory.now", lambda: moment[0])
    return moment


class Browser:
    """A browser that signs in as somebody and sends forms with the token of the page."""

    def __init__(self, client: FlaskClient, at: list[datetime]) -> None:
        self.client, self.at, self.token = client, at, ""

    def act_as(self, account_id: UUID, body_id: UUID) -> Browser:
        secret = sessions.begin(account_id, body_id=body_id, second_factor=True, at=self.at[0])
        db.session.commit()
        self.client.set_cookie(cookie_name(), secret)
        self.token = sessions.form_token(str(self.client.application.config["SECRET_KEY"]), secret)
        return self

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:800])
        return answer.text

    def send(self, path: str, status: int = 302, **fields: object) -> str:
        answer = self.client.post(path, data={"csrf_token": self.token, **fields}, content_type="multipart/form-data")
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.headers.get("Location", "") if status == 302 else answer.text


@pytest.fixture
def c(db_session: object) -> Closing:
    with acting(SYSTEM):
        return closing.a_closing()


@pytest.fixture
def browser(client: FlaskClient, at: list[datetime]) -> Browser:
    return Browser(client, at)


def a_file(colour: str = "green") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(file, "JPEG")
    file.seek(0)
    return file


def a_ledger(c: Closing, **not_met: str) -> dict[str, UUID]:
    with acting(SYSTEM):
        row = closing.a_closed_task(c, **not_met)
        found = {"task": row.id} | {item: closing.the_finding(row, item).id for item in not_met}
    db.session.commit()
    return found


def state(finding_id: UUID) -> RectificationState:
    with acting(SYSTEM):
        return ledger.finding(finding_id, seen_by=SYSTEM).state


def office(browser: Browser, c: Closing, who: UUID) -> Browser:
    return browser.act_as(who, c.place.authority_id)


def home(browser: Browser, c: Closing) -> Browser:
    with acting(SYSTEM):
        provider_id = c.place.site.provider_id
    assert provider_id is not None
    return browser.act_as(c.owner, provider_id)


def test_the_whole_way_by_the_pages(browser: Browser, c: Closing, at: list[datetime]) -> None:
    ids = a_ledger(c, **{PLAIN: "not_met"})
    one, task = ids[PLAIN], ids["task"]
    office(browser, c, c.place.head)
    assert "出具责令改正通知书" in browser.page(f"/office/findings/{one}")
    assert "一般问题整改 15 日" in browser.page(f"/office/tasks/{task}/orders/new")
    line = {f"{one}-chosen": "y", f"{one}-words": "清空通道", f"{one}-days": "abc"}
    answer = browser.send(f"/office/tasks/{task}/orders", 422, **line)
    assert "清空通道" in answer  # what was typed stays
    location = browser.send(f"/office/tasks/{task}/orders", **line | {f"{one}-days": "10"})
    page = browser.page(location)
    assert "2026-12-04" in page
    assert "本机关确定 10 日" in page

    office(browser, c, c.place.handler)
    served = {"way": "direct", "receiver": "", "served_at": "2026-11-24T14:32"}
    assert "请填写签收人" in browser.send(f"{location}/service", 422, **served)
    browser.send(f"{location}/service", **served | {"receiver": "示例·王", "receipt": (a_file(), "回证.jpg")})
    assert "打开送达回证" in browser.page(location)

    home(browser, c)
    here = f"/my/findings/{one}"
    assert here in browser.page("/my/rectification")
    browser.send(f"{here}/report", measure="已清空", act="submit")
    page = browser.page(here)
    assert "请至少上传一张整改后的照片" in page
    assert "已清空" in page
    browser.send(f"{here}/report", measure="已清空", act="save", photos=[(a_file(), "一.jpg"), (io.BytesIO(b"GIF89a"), "动.gif")])
    page = browser.page(here)
    assert "GIF 动图" in page
    assert "已上传 1 份" in page  # the good one stays, and so do the words
    assert "已清空" in page
    browser.send(f"{here}/report", measure="已清空，并贴标识", act="submit")
    assert state(one) is _S.REPORTED

    at[0] = AT + timedelta(days=3)
    office(browser, c, c.place.handler)
    page = browser.page(f"/office/tasks/{task}/rechecks/new")
    assert "示例·周宁" not in page  # who inspected is not offered
    assert "示例·㛃䶮" in page
    chosen = {"findings": str(one), "officers": [str(i) for i in c.others], "planned_on": "2026-11-27"}
    assert "两名" in browser.send(f"/office/tasks/{task}/rechecks", 422, **chosen | {"officers": str(c.others[0])})
    recheck = browser.send(f"/office/tasks/{task}/rechecks", **chosen)
    assert "由复查人员到场后填写" in browser.page(recheck)
    office(browser, c, c.others[0])
    assert "等您复查" in browser.page("/office/rectification")
    looked = {f"{one}-result": "done", f"{one}-handling": "case", f"{one}-note": "通道已清空", "statement": "无异议"}
    assert "后续处理应为：销号" in browser.send(recheck, 422, **looked)
    browser.send(recheck, **looked | {f"{one}-handling": "close", f"{one}-photos": (a_file("blue"), "复查.jpg")})
    assert state(one) is _S.CLOSED
    assert "复查记录" in browser.page(recheck)


def test_the_ledger_filters_and_exports(browser: Browser, c: Closing, at: list[datetime]) -> None:
    ids = a_ledger(c, **{PLAIN: "not_met", HAZARD: "not_met"})
    with acting(SYSTEM):
        task = db.session.get_one(Finding, ids[PLAIN]).task
        closing.an_order(c, task)
        db.session.commit()
    at[0] = AT + timedelta(days=3)
    office(browser, c, c.place.handler)
    page = browser.page("/office/rectification?overdue=1")
    assert f"/office/findings/{ids[HAZARD]}" in page  # due the same day
    assert f"/office/findings/{ids[PLAIN]}" not in page
    assert "逾期 3 日" in page
    answer = browser.client.get("/office/rectification.csv?severity=minor")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [r[0] for r in rows] == ["机构", "示例·松鹤养老院"]
    assert "示例·王" not in answer.text
    browser.page("/office/rectification?severity=huge", 422)
    office(browser, c, c.others[0])
    browser.page("/office/rectification.csv", 403)


def test_a_hazard_by_the_pages(browser: Browser, c: Closing, at: list[datetime]) -> None:
    ids = a_ledger(c, **{HAZARD: "not_met", DRAFT_HAZARD: "not_met"})
    one = ids[HAZARD]
    office(browser, c, c.place.head)
    board = browser.page("/office/hazards")
    assert "还没有决定" in board
    assert "待研判" in board
    assert "请至少选择一项" in browser.send(f"/office/findings/{one}/measures", 422, reason="食堂停用")
    browser.send(f"/office/findings/{one}/measures", reason="食堂停用", measures=["stop_use", "remove"])
    assert "停止使用相关设施" in browser.page("/office/hazards")
    home(browser, c)
    assert "不得恢复" in browser.page(f"/my/findings/{one}")
    browser.send(f"/my/findings/{one}/plan", plan="办证", plan_due="2026-12-20")
    office(browser, c, c.place.head)
    assert "办证" in browser.page(f"/office/findings/{one}?act=plan_decision")
    browser.send(f"/office/findings/{one}/plan-decision", approved="yes")
    office(browser, c, c.place.handler)
    browser.send(f"/office/findings/{one}/downgrade", to="serious", reason="证件已补查")
    browser.send(f"/office/findings/{one}/downgrade-approval", 403)
    office(browser, c, c.place.head)
    browser.send(f"/office/findings/{one}/downgrade-approval")
    with acting(SYSTEM):
        found = ledger.supervision(one, seen_by=SYSTEM)
        assert found is not None
        assert found.state is SupervisionState.DOWNGRADED
    answer = browser.send(f"/office/findings/{ids[DRAFT_HAZARD]}/judgement", 422, judgement="major", reason="会同消防研判")
    assert "尚未核对" in answer
    assert "会同消防研判" in answer


def test_more_time_and_a_reply_by_the_pages(browser: Browser, c: Closing, at: list[datetime]) -> None:
    ids = a_ledger(c, **{PLAIN: "not_met"})
    one = ids[PLAIN]
    with acting(SYSTEM):
        closing.an_order(c, db.session.get_one(Finding, one).task)
        db.session.commit()
    home(browser, c)
    here = f"/my/findings/{one}"
    assert "申请延期" in browser.page(here)
    answer = browser.send(f"{here}/extension", 422, wanted="2026-11-25", reason="等货")
    assert "延期后的期限应在" in answer
    assert "等货" in answer
    browser.send(f"{here}/extension", wanted="2026-12-18", reason="等货")
    browser.send(f"{here}/reply", text="临时放置，已移走")
    office(browser, c, c.place.reviewer)
    assert "申请延至 2026-12-18" in browser.page(f"/office/findings/{one}?act=extension_decision")
    browser.send(f"/office/findings/{one}/extension-decision", granted="yes")
    browser.send(f"/office/findings/{one}/reply-check", cleared="yes")
    browser.send(f"/office/findings/{one}/public-text", text="通道堆放物品")
    home(browser, c)
    page = browser.page(here)
    assert "2026-12-18" in page
    assert "通道堆放物品" not in page  # what is weighed inside is not the home's to read here


def test_report_and_words_by_the_pages(browser: Browser, c: Closing, at: list[datetime]) -> None:
    ids = a_ledger(c)
    office(browser, c, c.place.head)
    assert "各一处" in browser.send("/office/paper-words", 422, pattern_order="{word}〔{year}〕号")
    browser.send("/office/paper-words", pattern_report="{word}检报〔{year}〕{n}号", contact="示例·养老科")
    assert "{word}检报〔{year}〕{n}号" in browser.page("/office/paper-words")
    office(browser, c, c.place.reviewer)
    browser.send(f"/office/tasks/{ids['task']}/report", advice="示例建议")
    page = browser.page(f"/office/tasks/{ids['task']}/closing")
    assert f"{c.place.authority.number_word}检报〔2026〕1号" in page
    assert "没有发现问题" in page
