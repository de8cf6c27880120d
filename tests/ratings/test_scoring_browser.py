"""Scoring in a real browser: by keyboard, saved entry by entry, with the network cut in between."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import ThreadedWSGIServer, make_server

from app.accounts import sessions, views
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.web import Songjian
from app.ratings.queries import applications as queries
from app.ratings.queries import sheets as reading
from app.ratings.rules.process import State
from tests.ratings import builders

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CHROMIUM = Path("/usr/bin/chromium")


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


def said(page: Page, words: str) -> None:
    """Wait until the status line says so."""
    page.locator("[data-rt-status]", has_text=words).wait_for(timeout=15_000)


def test_a_sheet_is_filled_by_keyboard_and_survives_a_cut(
    own_app: Songjian, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    monkeypatch.setattr(builders, "ON", clock.today())
    with own_app.app_context():
        work = builders.a_work()
        row = work.until(State.ON_SITE)
        lead, row_id, body = work.panel(row)[0].id, row.id, work.authority_id
        db.session.commit()
        secret = sessions.begin(lead, body_id=body, second_factor=True, at=clock.now())
        name = views.cookie_name()
    with warnings.catch_warnings(), sync_playwright() as play:
        warnings.simplefilter("ignore")
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        context.add_cookies([{"name": name, "value": secret, "url": address}])
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda why: faults.append(str(why)))
        page.goto(f"{address}/office/assessments/{row_id}")
        for key in ("j", "1", "2"):
            page.keyboard.press(key)
        said(page, "已存")
        page.locator("#item-c1 [data-rt-item-points]", has_text="4").wait_for(timeout=15_000)
        assert page.locator(".rt-area .fill").first.get_attribute("width") == "20.0", "4 of 40 on a bar of 200"
        page.locator("#item-c8 input[name='i-c8']").fill("9")
        page.locator("#item-c8 input[name='m-c8']").focus()
        said(page, "应在 0 到 4 之间")
        context.set_offline(True)
        page.locator("#item-c9 input[name='i-c9']").fill("3.5")
        page.locator("#item-c9 input[name='m-c9']").focus()
        said(page, "没有存上")
        context.set_offline(False)
        said(page, "已存")
        page.reload()
        assert page.locator("#item-c9 input[name='i-c9']").input_value() == "3.5"
        assert faults == []
        browser.close()
    with own_app.app_context(), acting(SYSTEM):
        kept = queries.application(row_id, seen_by=SYSTEM)
        sheet = next(s for s in reading.sheets(kept, seen_by=SYSTEM) if s.author_id == lead) if kept.opened_at else None
        assert sheet is None, "the sheet is still nobody else's"
    with own_app.app_context(), acting(work.who(lead)):
        mine = reading.standing(reading.own_sheet(queries.application(row_id, seen_by=work.who(lead)), seen_by=work.who(lead)))
        assert {name: op.value for name, op in mine.items()} == {"c1": ["offered", "records"], "c9": "3.5"}
