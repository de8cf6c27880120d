"""People at their browsers (办事的人): a served application, a worker beside it, accounts that sign in with a one-time code."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import pyotp
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image, ImageDraw
from werkzeug.serving import ThreadedWSGIServer, make_server

from app import wiring
from app.accounts import actions as accounts
from app.core import clock, outbox
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.identifiers import organisation_check_character, uscc_check_character
from app.core.web import Songjian

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD: Final = "松鉴测试口令 2026"
CHROMIUM: Final = Path("/usr/bin/chromium")
ARGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TABLET: Final = {"width": 820, "height": 1180}
PHONE: Final = {"width": 390, "height": 844}


def a_uscc(serial: str = "MJ7A3C5E", prefix: str = "52210102") -> str:
    """A made-up unified social credit code with right check characters."""
    body = prefix + serial + organisation_check_character(serial)
    return body + uscc_check_character(body)


def a_picture(words: str) -> dict[str, object]:
    """A photo as a phone sends it; other words make another picture."""
    image = Image.linear_gradient("L").resize((1280, 960)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for n, letter in enumerate(words.encode()):
        draw.rectangle((40 + n * 36, 120, 62 + n * 36, 160 + letter), fill=(letter, 120, 255 - letter))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return {"name": f"{words}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait from outside: the pages' own policy forbids what the browser tool would evaluate."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def served(app: Songjian) -> Iterator[str]:
    """The application on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = False  # what is being answered is finished before the database goes
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def working(app: Songjian) -> Iterator[None]:
    """A worker that drains the outbox as long as the block runs."""
    stopping = threading.Event()

    def work() -> None:
        with app.app_context(), acting(SYSTEM):
            while not stopping.is_set():
                if not outbox.work_one(wiring.ERRANDS):
                    stopping.wait(0.1)
                db.session.remove()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in (账号)."""

    id: UUID
    name: str
    username: str
    secret: str | None


def an_account(
    name: str,
    username: str,
    post: Post,
    *,
    authority_id: UUID | None = None,
    provider_id: UUID | None = None,
    site_id: UUID | None = None,
    certificate: str = "",
) -> Account:
    """An account with one post; officials get a second factor, inspectors a certificate."""
    on, at = clock.today(), clock.now()
    row = accounts.open_account(
        username, name, PASSWORD, by=SYSTEM, at=at, on=on,
        certificate_no=certificate or None, certificate_until=date(on.year + 2, 12, 31) if certificate else None,
    )  # fmt: skip
    accounts.grant_post(row.id, post, by=SYSTEM, on=on, authority_id=authority_id, provider_id=provider_id, site_id=site_id)
    secret = pyotp.random_base32() if authority_id else None
    row.totp_secret = secret
    return Account(row.id, name, username, secret)


@dataclass
class Person:
    """Somebody at a browser of one's own."""

    address: str
    page: Page
    account: Account | None = None
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page, which must be there."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"

    @property
    def path(self) -> str:
        """Where this browser is."""
        return self.page.url.removeprefix(self.address)

    def press(self, words: str, within: str = "body") -> None:
        """Press a button that sends a form, and confirm when asked; waits for the page that follows."""
        button = self.page.locator(f"{within} button:has-text('{words}')").first
        form = button.locator("xpath=ancestor::form")
        asks = button.get_attribute("data-confirm") or form.get_attribute("data-confirm")
        with self.page.expect_navigation():
            button.click()
            if asks:
                self.page.locator("dialog.sj-dialog button[value=yes]").click()

    def told(self, words: str) -> None:
        """These words stand on the page."""
        self.page.get_by_text(words).first.wait_for(timeout=5_000)

    def link(self, words: str) -> None:
        """Follow a link."""
        with self.page.expect_navigation():
            self.page.locator(f"main a:has-text('{words}')").first.click()

    def id_in(self, pattern: str) -> str:
        """The id in the address of this page."""
        found = re.search(pattern, self.path)
        assert found is not None, self.path
        return found.group(1)


@dataclass
class Town:
    """All browsers of a journey, with what was seen in them."""

    address: str
    browser: Browser
    pictures: Path
    people: list[Person] = field(default_factory=list)
    barriers: dict[str, list[str]] = field(default_factory=dict)

    def visitor(self) -> Person:
        """Somebody who is not signed in."""
        context = self.browser.new_context(viewport=TABLET, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        made = Person(self.address, context.new_page())
        made.page.on("pageerror", lambda why: made.faults.append(str(why)))
        made.page.on("console", lambda said: made.faults.append(said.text) if said.type == "error" else None)
        self.people.append(made)
        return made

    def signed_in(self, account: Account) -> Person:
        """Sign in with password and, for officials, the one-time code."""
        made = self.visitor()
        made.account = account
        made.go("/sign-in")
        made.page.fill("[name=username]", account.username)
        made.page.fill("[name=password]", PASSWORD)
        made.press("登录", "main")
        if account.secret:
            made.page.fill("[name=code]", pyotp.TOTP(account.secret).now())
            made.press("进入")
        return made

    def look(self, person: Person, name: str) -> None:
        """Keep a picture of the page on a tablet and on a phone, with what axe and a ruler say about it."""
        page = person.page
        found: list[str] = []
        for label, size in (("390", PHONE), ("820", TABLET)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{label} scrolls sideways")
            page.screenshot(path=self.pictures / f"{len(self.barriers):02d}-{name}-{label}.png", full_page=True)
        found += [f"{v['id']}: {n['html'][:160]}" for v in Axe().run(page).response["violations"] for n in v["nodes"]]
        self.barriers[name] = found
