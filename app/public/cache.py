"""Pages kept for a moment (页面缓存): a small store in the process, checked against a one-column validator.

A kept page is given without asking for one second; then the validator is read, so what is withdrawn disappears in every
process within a second. Nobody who is signed in gets or leaves a kept page.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from app.core.clock import today
from app.core.refusal import NotVisible

ENTRIES: Final = 512
TRUSTED_SECONDS: Final = 1.0
PUBLIC: Final = "public, max-age=0, must-revalidate"
HARMLESS_COOKIES: Final = frozenset({"sj_large", "sj_visitor"})

Version = int | None


@dataclass(slots=True)
class Kept:
    """A page in the store (缓存页): its validator, its bytes, and when the validator was last found right."""

    version: int
    body: bytes
    checked: float


class Pages:
    """The store (页面存储): the least used page goes first. Safe for threads."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._pages: OrderedDict[tuple[object, ...], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Kept | None:
        """The kept page, which thereby becomes the last to go."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: tuple[object, ...], page: Kept) -> None:
        """Keep a page."""
        if not self._entries:
            return
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > self._entries:
                self._pages.popitem(last=False)


def pages() -> Pages:
    """The store of this application; `PUBLIC_PAGES` in its configuration sets its size, 0 keeps nothing."""
    store: Pages | None = current_app.extensions.get("public.pages")
    if store is None:
        store = current_app.extensions["public.pages"] = Pages(current_app.config.get("PUBLIC_PAGES", ENTRIES))
    return store


@lru_cache(maxsize=1)
def edition() -> str:
    """A fingerprint of templates and code (程序版本), so that an update of the program makes every kept page stale."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for folder in ("app/public", "templates/public", "templates/layouts", "templates/components", "app/static/css"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".css"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def answer(version_of: Callable[[], Version], render: Callable[[], tuple[Version, str]]) -> ResponseReturnValue:
    """Give a page, from the store when its validator still holds (应答公示页).

    `version_of` reads the validator, `render` the validator and the page; None means that it is not shown (404).
    """
    if g.get("actor") is not None or not HARMLESS_COOKIES.issuperset(request.cookies):
        version, page = render()
        if version is None:
            raise NotVisible(request.path)
        return Response(page, mimetype="text/html")
    variant = (request.full_path, request.cookies.get("sj_large") == "1", today())
    kept = pages().get(variant)
    if kept is not None and time.monotonic() - kept.checked < TRUSTED_SECONDS:
        return _sent(kept, variant)
    if kept is None and not request.if_none_match:
        return _sent(_made(variant, render), variant)
    version = version_of()
    if version is None:
        raise NotVisible(request.path)
    if request.if_none_match.contains_weak(_tag(version, variant)):
        return _headed(Response(status=304), version, variant)
    if kept is None or kept.version != version:
        kept = _made(variant, render)
    else:
        kept.checked = time.monotonic()
    return _sent(kept, variant)


def _made(variant: tuple[object, ...], render: Callable[[], tuple[Version, str]]) -> Kept:
    version, page = render()
    if version is None:
        raise NotVisible(request.path)
    kept = Kept(version, page.encode(), time.monotonic())
    pages().put(variant, kept)
    return kept


def _sent(kept: Kept, variant: tuple[object, ...]) -> Response:
    if request.if_none_match.contains_weak(_tag(kept.version, variant)):
        return _headed(Response(status=304), kept.version, variant)
    return _headed(Response(kept.body, mimetype="text/html"), kept.version, variant)


def _headed(response: Response, version: int, variant: tuple[object, ...]) -> Response:
    response.headers["ETag"] = f'W/"{_tag(version, variant)}"'
    response.headers["Cache-Control"] = PUBLIC
    response.headers["Vary"] = "Cookie"
    return response


def _tag(version: int, variant: tuple[object, ...]) -> str:
    return f"{version}-{variant[2]}-{int(bool(variant[1]))}-{edition()}"
