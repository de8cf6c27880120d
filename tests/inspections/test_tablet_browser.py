"""The tablet page in a real browser (平板页): answers with the network cut in between, all stored once; and the whole visit to the signatures."""

from __future__ import annotations

import io
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.serving import ThreadedWSGIServer, make_server

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.web import Songjian
from app.inspections.models import InspectionTask, KeptInvalid, OperationRow, TaskPhoto
from app.inspections.queries import answers as logs
from app.inspections.rules.task import SignerRole, TaskState
from tests.inspections import field
from tests.inspections.field import AT, Field

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser
CHROMIUM = Path("/usr/bin/chromium")
SIZE = {"width": 820, "height": 1180}


@dataclass
class Visit:
    """A team at a door, its lead at a tablet."""

    app: Songjian
    address: str
    page: Page
    context: BrowserContext
    task_id: UUID
    place: Field


@pytest.fixture
def address(own_app: Songjian) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, own_app, threaded=True)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = False  # what is being answered is finished before the database goes
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def visit(own_app: Songjian, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    from app.accounts import sessions, views
    from app.core import clock
    from app.inspections.actions import tasks

    with own_app.app_context(), acting(SYSTEM):
        place = field.a_field()
        row = field.a_planned_task(place, lists=request.param)
        tasks.approve_task(row.id, item_published=True, by=place.who(place.head), on=field.BEFORE)
        task_id = row.id
        db.session.commit()
        secret = sessions.begin(place.lead, body_id=place.authority_id, second_factor=True, at=clock.now())
        name = views.cookie_name()
    with warnings.catch_warnings(), sync_playwright() as play:
        warnings.simplefilter("ignore")
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        context.add_cookies([{"name": name, "value": secret, "url": address}])
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda why: faults.append(str(why)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        yield Visit(own_app, address, page, context, task_id, place)
        assert faults == []
        browser.close()


def _stored(visit: Visit, table: Any) -> list[Any]:
    with visit.app.app_context(), acting(SYSTEM):
        return list(db.session.scalars(select(table)))


def _arrive(visit: Visit) -> None:
    from app.inspections.rules.door import door_token

    token = door_token(_site_id(visit), str(visit.app.config["SECRET_KEY"]))
    visit.page.goto(f"{visit.address}/tablet/check-in/{token}")
    visit.page.get_by_role("button", name="我们到场了").click()
    visit.page.wait_for_selector("#form[data-ready]")


def _site_id(visit: Visit) -> UUID:
    with visit.app.app_context(), acting(SYSTEM):
        row = db.session.get(InspectionTask, visit.task_id)
        assert row is not None
        return row.site_id


def _until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Wait from outside: the page's own policy forbids what the browser tool would evaluate."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def _all_sent(page: Page) -> None:
    _until(lambda: page.evaluate("document.documentElement.dataset.unsent") == "0")


def _steps(page: Page) -> None:
    page.get_by_role("button", name="已向现场负责人出示执法证件").click()
    page.get_by_role("button", name="已逐条告知").click()
    page.get_by_role("radio", name="不申请").click()
    page.get_by_label("现场负责人").fill("示例·王秀兰 副院长")
    page.get_by_label("当日在住人数").fill("42")
    page.get_by_label("当日在住人数").press("Tab")


def _answer_area(page: Page) -> None:
    """Answer what is open in this area: met, nothing found."""
    while page.locator(".tb-three [data-answer=met]").count():
        before = page.locator(".tb-three [data-answer=met]").count()
        page.locator(".tb-three [data-answer=met]").first.click()
        _until(lambda count=before: page.locator(".tb-three [data-answer=met]").count() < count)


@pytest.mark.parametrize("visit", [("gb38600",)], indirect=True)
def test_answers_with_the_network_cut_are_all_stored_once(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    _arrive(visit)
    _steps(page)
    page.locator("#next").click()
    first = page.locator("article").first
    first.locator("[data-answer=met]").click()
    sent_before = 6  # five fields of the record, one answer
    _until(lambda: len(_stored(visit, OperationRow)) == sent_before)

    visit.context.set_offline(True)
    page.locator("[data-answer=not_met]").first.click()
    fact = page.locator("textarea[data-focus=remark]")
    fact.fill("示例·收费公示栏缺2026年标准")
    fact.press("Tab")
    picture = io.BytesIO()
    Image.new("RGB", (800, 600), "#c9bfa8").save(picture, "JPEG")
    photo = page.locator("input[type=file]:not([disabled])")
    if photo.count():
        photo.first.set_input_files({"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
        page.get_by_text("已存，待上传").wait_for()
    page.locator(".tb-three [data-answer=met]").first.click()
    page.get_by_text("未上传：").wait_for(timeout=10_000)
    page.get_by_text("都已存在本机，断网不会丢").wait_for()
    assert len(_stored(visit, OperationRow)) == sent_before
    page.screenshot(path=tmp_path / "offline.png")

    visit.context.set_offline(False)
    _until(lambda: len(_stored(visit, OperationRow)) > sent_before)
    _all_sent(page)
    page.reload()
    page.wait_for_selector("#form[data-ready]")
    waiting = page.evaluate(
        """async () => { const db = await new Promise(r => { const o = indexedDB.open('songjian-tablet'); o.onsuccess = () => r(o.result); });
        return new Promise(r => { const q = db.transaction('ops').objectStore('ops').getAll(); q.onsuccess = () => r(q.result.map(x => [x.op.op_id, x.waiting])); }); }"""
    )
    rows = _stored(visit, OperationRow)
    assert {op_id for op_id, _ in waiting} == {row.op_id for row in rows}
    assert all(flag == 0 for _, flag in waiting)
    assert [row.seq for row in sorted(rows, key=lambda r: r.seq)] == list(range(1, len(rows) + 1))
    assert _stored(visit, KeptInvalid) == []
    assert len(_stored(visit, TaskPhoto)) == sum(row.kind == "photo" for row in rows)


@pytest.mark.parametrize("visit", [("gb38600",)], indirect=True)
def test_what_the_server_keeps_aside_is_no_answer_here(visit: Visit) -> None:
    page = visit.page
    _arrive(visit)
    page.locator("#next").click()
    visit.context.set_offline(True)
    page.locator("[data-answer=met]").first.click()
    page.locator(".tb-done").first.wait_for()
    with visit.app.app_context(), acting(SYSTEM):  # meanwhile the officer is taken off the team
        row = db.session.get(InspectionTask, visit.task_id)
        assert row is not None
        next(m for m in row.members if m.account_id == visit.place.lead).recused_on = field.ON
        db.session.commit()
    visit.context.set_offline(False)
    page.locator("#aside", has_text="不是本人的检查任务").wait_for(timeout=15_000)
    assert page.locator(".tb-done").count() == 0
    assert [row.invalid.value for row in _stored(visit, KeptInvalid)] == ["other_task"]


@pytest.mark.parametrize("visit", [("gb38600", "hazards")], indirect=True)
def test_axe_finds_nothing_on_the_tablet(visit: Visit) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, found = visit.page, {}
    task = f"/tablet/tasks/{visit.task_id}"
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 1000})
        for path in ("/tablet/", f"{task}/arrival", f"{task}/sign", task):
            page.goto(visit.address + path)
            if path == task:
                page.wait_for_selector("#form[data-ready]")
                found[f"{width} {path} steps"] = _faults(Axe().run(page).response)
                page.locator("#next").click()
                page.locator("article").nth(1).locator("[data-answer=not_met], .tb-no").first.click()
                page.locator("[aria-expanded=true]").wait_for()
            found[f"{width} {path}"] = _faults(Axe().run(page).response)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[f"{width} {path}"].append("scrolls sideways")
    assert {path: bad for path, bad in found.items() if bad} == {}


def _faults(response: Any) -> list[str]:
    return [f"{v['id']}: {n['html'][:120]}" for v in response["violations"] for n in v["nodes"]]


@pytest.mark.parametrize("visit", [("money", "hazards")], indirect=True)
def test_from_the_door_to_the_locked_record(visit: Visit) -> None:
    page = visit.page
    _arrive(visit)
    _steps(page)
    while page.locator("#next").count():
        page.locator("#next").click()
        _answer_area(page)
    _all_sent(page)
    page.locator("#to-sign").click()
    for name in ("示例·周宁", "示例·陈立", "被检查方"):
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
    page.get_by_role("button", name="完成并锁定").click()
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_text("记录已锁定").wait_for()
    with visit.app.app_context(), acting(SYSTEM):
        row = db.session.get(InspectionTask, visit.task_id)
        assert row is not None
        assert row.state is TaskState.SIGNED
        assert [s.role for s in logs.signatures(row.id, seen_by=SYSTEM)] == [
            SignerRole.OFFICER,
            SignerRole.OFFICER,
            SignerRole.PARTY,
        ]
        assert row.ended_at is not None
        assert row.ended_at > AT.replace(year=2025)
