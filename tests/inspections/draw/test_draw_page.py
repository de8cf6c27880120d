"""The public checker as a citizen uses it: from a file, offline, files picked by hand (P13)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.inspections.draw.cases import GOLDEN, ROOT

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.browser


@pytest.fixture
def page() -> Iterator[Page]:
    """The page opened from the disk, the network cut; nothing may go wrong unseen."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("no Chromium here (install with apt)")
    said: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        # the test tool waits by evaluating strings, which the page's own policy forbids
        context = browser.new_context(offline=True, bypass_csp=True)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda request: said.append(request.url) if not request.url.startswith("file:") else None,
        )
        page.goto((ROOT / "app/static/draw/checker.html").as_uri())
        yield page
        browser.close()
    assert [line for line in said if not line.startswith("blob:")] == []


def pick(page: Page, folder: Path) -> str:
    page.set_input_files("#pick", [str(path) for path in sorted(folder.iterdir())])
    page.wait_for_selector("#verdict.good, #verdict.bad")
    return page.inner_text("#verdict")


def test_the_published_files_are_confirmed_and_the_result_can_be_saved(page: Page) -> None:
    assert "逐字相同" in pick(page, GOLDEN / "vector")
    with page.expect_download() as saved:
        page.click("#save")
    assert Path(saved.value.path()).read_bytes() == (GOLDEN / "vector/result.txt").read_bytes()
    assert page.locator("#tasks tr").count() == 14


def test_a_changed_list_is_named(page: Page, tmp_path: Path) -> None:
    for path in (GOLDEN / "vector").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes().replace("松鹤".encode(), "松鸽".encode()))
    verdict = pick(page, tmp_path)
    assert "不通过" in verdict
    assert "subjects.txt" in verdict


def test_a_draw_without_enough_staff_says_who_is_short(page: Page) -> None:
    assert "逐字相同" in pick(page, GOLDEN / "infeasible")
    assert "只能由 J3 承担" in page.inner_text("#staffing")


def test_a_line_pasted_by_hand_is_hashed(page: Page) -> None:
    line = "YLDRAW1|subject|示例|H001|1"
    page.fill("#line", line)
    assert page.inner_text("#hash") == sha256(line.encode()).hexdigest()
