"""The registry's pages in a browser (机构与备案页面): axe finds nothing, nothing scrolls sideways, no script complains."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from app.accounts import actions as accounts
from app.accounts import sessions
from app.accounts.views import cookie_name
from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from app.providers import actions
from app.providers.models import Site
from app.providers.rules import FilingKind, FilingState, PaperKind, SiteState, Tier
from app.providers.rules.register import SITES
from tests.providers.builders import AT, a_filed_site, a_filing, a_site
from tests.providers.test_import import a_register, an_importer, checked
from tests.worlds import an_authority

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PICTURES = os.environ.get("SONGJIAN_PICTURES", "")


@pytest.fixture
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with warnings.catch_warnings(), sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield running
        running.close()


def a_cookie(post: Post, **body: Any) -> str:
    """The secret of a new session, second factor passed."""
    row = accounts.open_account(f"shili-{post.value}", "示例·甲", "松鉴测试口令 2026", by=SYSTEM, at=AT, on=AT.date())
    accounts.grant_post(row.id, post, by=SYSTEM, on=AT.date() - timedelta(days=30), **body)
    db.session.commit()
    return sessions.begin(row.id, body_id=next(iter(body.values())), second_factor=True, at=clock.now())


def a_lived_in_site() -> Site:
    """A filed home with a past: changes, papers of every standing, facts."""
    today = clock.today()
    site = a_filed_site(name="示例·松鹤养老院")
    a_filing(site, FilingKind.CHANGE, state=FilingState.ACCEPTED)
    a_filing(site, FilingKind.SUSPEND, state=FilingState.RETURNED)
    for kind, days in ((PaperKind.FOOD, 20), (PaperKind.LIFT, -3), (PaperKind.INSURANCE, 300)):
        until = today + timedelta(days=days)
        actions.attach_paper(site.id, kind, number="示例0001", valid_until=until, by=SYSTEM, at=AT, on=today)
    charges = {"charge_bed_min": 120_000, "charge_bed_max": 180_000, "occupied_beds": 58, "insurance": True}
    actions.record_facts(site.id, charges, as_of=today, source="机构申报", by=SYSTEM, at=AT, on=today)
    actions.set_supervision_tier(site.id, Tier.C, "示例：上季度较重问题 2 项", by=SYSTEM, on=today)
    return site


def pages() -> dict[str, tuple[str, list[str]]]:
    """Who opens what: name, (cookie, addresses)."""
    with acting(SYSTEM):
        importer = an_importer()
        site, found = a_lived_in_site(), a_site(name="示例·望溪养老院")
        a_site(state=SiteState.CLOSING, name="示例·听松养老院")
        sent, draft = a_filing(found), a_filing(site, FilingKind.MOVE, state=FilingState.DRAFT)
        rows = a_register(3)
        rows[SITES][1]["kind"] = "养老"
        imports = [checked(rows, importer), checked(a_register(3), importer)]
        db.session.commit()
        county = an_authority()
        handler = a_cookie(Post.HANDLER, authority_id=an_authority("2101").id)
        head = a_cookie(Post.REVIEWER, authority_id=county.id)
        owner = a_cookie(Post.PROVIDER_OWNER, provider_id=site.provider_id)
        office = [
            f"/office/sites/{site.id}",
            "/office/sites",
            "/office/sites?q=没有",
            "/office/filings",
            f"/office/filings/{sent.id}",
        ]
        office += ["/office/imports", *(f"/office/imports/{row.id}" for row in imports), f"/office/sites/{site.id}/facts"]
        mine = ["/my/", f"/my/sites/{site.id}", f"/my/filings/{draft.id}", f"/my/sites/{site.id}/facts", "/my/papers"]
        mine += [f"/my/sites/{site.id}/papers/new", "/my/sites/new", "/my/organisation/new"]
    return {"office": (handler, office), "review": (head, office[:1]), "my": (owner, mine)}


def faults(page: Any, base: str, addresses: list[str], name: str) -> list[str]:
    """What is wrong with each page, in words."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    for number, address in enumerate(addresses):
        status = page.goto(base + address).status
        here = [f"{v['id']}: {n['html'][:150]}" for v in Axe().run(page).response["violations"] for n in v["nodes"]]
        here += ["scrolls sideways"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
        here += [f"status {status}"] if status != 200 else []
        found += [f"{name} {address}: {words}" for words in here]
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{number}.png", full_page=True)
    return found


@pytest.mark.browser
def test_axe_finds_nothing_on_the_registrys_pages(own_app: Songjian, browser: Any) -> None:
    with own_app.app_context():
        visits, name = pages(), ""
        with own_app.test_request_context():
            name = cookie_name()
        db.session.remove()
    server = make_server("127.0.0.1", 0, own_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base, bad = f"http://127.0.0.1:{server.server_port}", list[str]()
    for who, (secret, addresses) in visits.items():
        for width in (390, 820):
            context = browser.new_context(viewport={"width": width, "height": 1000})
            context.add_cookies([{"name": name, "value": secret, "url": base}])
            bad += faults(context.new_page(), base, addresses, f"{who}-{width}")
            context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert bad == []
