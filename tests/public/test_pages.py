"""Public pages in a real browser (公众页浏览器核查): axe finds nothing, nothing scrolls sideways, in both sizes of type."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from app.core.db import db
from app.core.web import Songjian
from app.public import rules
from app.public.models import AuditDay, DocumentCheck, Draw, DrawFile, Facility, InspectionResult, Problem, Reply
from tests.public.builders import a_public_site

CHROMIUM = Path("/usr/bin/chromium")
SEEN = {"visible_from": date(2026, 4, 1)}
VECTOR = Path(__file__).parents[1] / "golden" / "draw" / "vector"
HASH = "ab" * 32


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def address(own_app: Songjian) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, own_app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with own_app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def a_busy_site() -> UUID:
    """A site with everything that its page can show, straight in the published tables."""
    site_id, task_id, open_id = a_public_site(), uuid4(), uuid4()
    common = {"site_id": site_id, "inspection_id": task_id, "basis": "示例 5.3", "found_on": date(2026, 3, 9)} | SEEN
    db.session.add_all(
        [
            InspectionResult(
                id=task_id, site_id=site_id, number="示-7", kind_word="日常检查", authority="示例·民政局", checked_on=date(2026, 3, 9),
                published_on=date(2026, 4, 1), items=118, met=115, not_met=3, rate=9746, mandatory="no", mandatory_pending=2,
                hazards=["疏散通道被锁闭"], result="发现问题已责令改正", handling="", report_number="示〔2026〕第7号", **SEEN,
            ),
            Problem(id=open_id, what="防火门关不严", severity="minor", severity_word="一般", deadline=date(2026, 5, 1), open=True,
                    state_word="整改中", **common),
            Problem(id=uuid4(), what="通道被锁闭", severity="major", severity_word="重大", deadline=date(9999, 1, 1), open=True,
                    state_word="已升级督办", **common),
            Problem(id=uuid4(), what="留样不全", severity="minor", severity_word="一般", open=False, state_word="已销号",
                    mended_on=date(2026, 4, 9), **common),
            Reply(id=uuid4(), site_id=site_id, problem_id=open_id, words="已经订货。", said_on=date(2026, 4, 2), **SEEN),
        ]
    )  # fmt: skip
    shown = db.session.get(Facility, site_id)
    assert shown is not None
    shown.open_problems, shown.next_deadline = 2, date(2026, 5, 1)
    shown.last_checked_on, shown.last_result = date(2026, 3, 9), "发现问题已责令改正"
    return site_id


def a_draw(number: str, state: str, *, revealed: bool) -> None:
    """A draw of the published vector."""
    subjects = [line.split("|") for line in (VECTOR / "subjects.txt").read_text().splitlines()[1:]]
    at = datetime(2026, 4, 1, 1, tzinfo=UTC)
    row = Draw(
        id=uuid4(), number=number, year=2026, place=1, authority_id=uuid4(), authority="示例·民政局", purpose="抽查", mode="sealed",
        mode_word="密封后揭示", state=state, state_word="状态", freeze_hash=HASH, frozen_at=at, result_hash=HASH, seed_hash=HASH,
        reveal_on=date(2026, 5, 1), revealed_at=at if revealed else None, voided_at=at if state == "voided" else None,
        void_reason="示例", inputs=[{"source": "快乐8", "rule": "第一期", "value": "02,05,09,11,17"}], counts=rules.draw_counts(subjects),
        queue=rules.draw_queue(subjects, (VECTOR / "result.txt").read_text()) if revealed else [], **SEEN,
    )  # fmt: skip
    db.session.add_all([row, DrawFile(draw_id=row.id, name="plan.txt", sha256=HASH, content="x", **SEEN)])


@pytest.mark.browser
def test_axe_finds_nothing_on_public_pages(own_app: Songjian, address: str) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with own_app.app_context():
        site_id, bare = a_busy_site(), a_public_site("示例·乐龄养老院", facts={})
        a_draw("d-1", "revealed", revealed=True)
        a_draw("d-2", "voided", revealed=False)
        check = {
            "kind_word": "检查报告",
            "authority": "示例·民政局",
            "issued_on": date(2026, 4, 1),
            "archived_on": date(2026, 4, 1),
        }
        db.session.add(DocumentCheck(id=uuid4(), number="示7", facts_sha256=HASH, sha256=HASH, **check, **SEEN))
        db.session.add(AuditDay(day=date(2026, 4, 1), lines=9, head=HASH))
        db.session.commit()
        db.session.remove()
    paths = ["/", "/facilities", "/facilities?q=松鹤", "/facilities?q=松", "/facilities?q=没有这样的", f"/facilities/{site_id}"]
    paths += [
        f"/facilities/{bare}",
        "/draws",
        "/draws/d-1",
        "/draws/d-2",
        "/v",
        "/v/示7",
        f"/v/示7?h={HASH[:16]}",
        "/v/无",
        "/open",
        "/record",
    ]
    found: dict[str, list[str]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for width, large in ((390, 1), (820, 0)):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on(
                "console",
                lambda m: found.setdefault("console", []).append(m.text) if "404" not in m.text and m.type == "error" else None,
            )
            page.goto(f"{address}/display?large={large}&next=/open")
            for path in paths:
                page.goto(address + path)
                bad = [f"{v['id']}: {n['html'][:120]}" for v in Axe().run(page).response["violations"] for n in v["nodes"]]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    bad.append("scrolls sideways")
                if bad:
                    found[f"{path} at {width}, large {large}"] = bad
            page.close()
        browser.close()
    assert found == {}
