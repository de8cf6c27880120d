"""Uploading in a real browser: ten files, a virus, two in one, and 200 MB that go on after the page was closed."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from werkzeug.serving import ThreadedWSGIServer, make_server

from app.core import outbox
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.uploads.virus import EICAR
from app.core.web import Songjian
from app.ratings.models.evidence import Evidence, EvidenceUpload
from app.ratings.rules.evidence import MB, UploadState
from tests.providers.builders import a_filed_site
from tests.ratings.test_evidence import EVIDENCE_ERRANDS, a_large_pdf
from tests.worlds import signed_in

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = Path("/usr/bin/chromium")


@dataclass
class Desk:
    """A provider at the page of its vault, with a worker behind the server."""

    app: Songjian
    address: str
    context: BrowserContext
    site_id: UUID

    def open(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.address}/my/sites/{self.site_id}/evidence?scheme=cn.shanxi.3a&item=c10")
        page.locator("[data-kind]").select_option("rules")
        return page

    def states(self) -> dict[str, UploadState]:
        with self.app.app_context(), acting(SYSTEM):
            return {row.file_name: row.state for row in db.session.scalars(db.select(EvidenceUpload))}

    def wait(self, name: str, state: UploadState) -> None:
        for _ in range(600):
            if self.states().get(name) is state:
                return
            time.sleep(0.2)
        raise AssertionError(f"{name}: {self.states()}")


@pytest.fixture
def desk(archive_app: Songjian) -> Iterator[Desk]:
    from playwright.sync_api import sync_playwright

    from app.accounts import views

    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with archive_app.app_context(), acting(SYSTEM):
        site = a_filed_site()
        site_id, provider_id = site.id, site.provider_id
        db.session.commit()
        client = archive_app.test_client()
        signed_in(client, Post.PROVIDER_OWNER, provider_id=provider_id)
        name = views.cookie_name()
        cookie = client.get_cookie(name)
    assert cookie is not None
    server = make_server("127.0.0.1", 0, archive_app, threaded=True)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = False
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with archive_app.app_context(), acting(SYSTEM):
                if not outbox.work_one(EVIDENCE_ERRANDS):
                    time.sleep(0.2)

    hands = [threading.Thread(target=server.serve_forever, daemon=True), threading.Thread(target=work, daemon=True)]
    for hand in hands:
        hand.start()
    address = f"http://127.0.0.1:{server.server_port}"
    with warnings.catch_warnings(), sync_playwright() as play:
        warnings.simplefilter("ignore")
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="zh-CN")
        context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
        faults: list[str] = []
        context.on("weberror", lambda why: faults.append(str(why.error)))
        context.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        yield Desk(archive_app, address, context, site_id)
        assert faults == []
        browser.close()
    stop.set()
    server.shutdown()
    server.server_close()
    for hand in hands:
        hand.join()
    with archive_app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_ten_files_at_once_a_virus_and_two_in_one_among_them(desk: Desk, tmp_path: Path) -> None:
    files = [a_large_pdf(tmp_path / f"示例{n}.pdf", 20_000 + n) for n in range(8)]
    virus, both = tmp_path / "病毒.pdf", tmp_path / "双重.pdf"
    virus.write_bytes(b"%PDF-1.4\n" + EICAR + b"\n%%EOF")
    both.write_bytes(files[0].read_bytes().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%<html>", 1))
    page = desk.open()
    page.locator("[data-pick]").set_input_files([str(path) for path in (*files, virus, both)])
    page.get_by_text("病毒检查没有通过").wait_for(timeout=90_000)
    for path in files:
        desk.wait(path.name, UploadState.KEPT)
    desk.wait(both.name, UploadState.REFUSED)
    assert desk.states()[virus.name] is UploadState.REFUSED
    page.reload()
    assert page.get_by_text("这个文件既是 PDF 又是别的格式").count() == 1
    with desk.app.app_context(), acting(SYSTEM):
        assert db.session.query(Evidence).count() == 8


def test_two_hundred_megabytes_go_on_after_the_page_was_closed(desk: Desk, tmp_path: Path) -> None:
    path = a_large_pdf(tmp_path / "大文件.pdf", 200 * MB)
    page = desk.open()
    page.locator("[data-pick]").set_input_files(str(path))
    for _ in range(300):
        if page.locator("[data-files] progress").evaluate_all("bars => bars.map(b => b.value)") > [20 * MB]:
            break
        time.sleep(0.1)
    page.close()  # in the middle
    time.sleep(1)
    assert desk.states()[path.name] is UploadState.OPEN
    page = desk.open()
    page.get_by_role("button", name="接着传").first.click()
    if page.get_by_role("button", name="选同一个文件接着传").count():
        page.locator("[data-pick]").set_input_files(str(path))
    desk.wait(path.name, UploadState.KEPT)
    with desk.app.app_context(), acting(SYSTEM):
        assert db.session.query(EvidenceUpload).count() == 1, "the same upload went on, none was begun anew"
        (row,) = db.session.query(Evidence).all()
        assert row.size == path.stat().st_size
