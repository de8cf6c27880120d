"""Parts of pages made once (页面部件): head and foot of the layout, icons. They cost as much as the page's own words.

The same for everybody who is not signed in; only the way back from 大字版 differs, so its address is put in each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from flask import current_app, g, request, url_for
from markupsafe import Markup

from app.core.ui import here

_MARK: Final = "\x00here\x00"
MOST: Final = 200


def kept(name: str, make: Callable[[], str]) -> str:
    """A block of the layout (布局部件), from the store unless somebody is signed in. `make` is the block's own `super`."""
    if g.get("actor") is not None:
        return make()
    address = quote(here(), safe="/")
    store: dict[tuple[object, ...], str] = current_app.extensions.setdefault("public.parts", {})
    key = (name, request.path.split("/")[1], request.cookies.get("sj_large") == "1")
    text = store.get(key)
    if text is None:
        text = str(make()).replace(f"next={address}", f"next={_MARK}")
        if len(store) < MOST:
            store[key] = text
    return Markup(text.replace(_MARK, address))  # noqa: S704 — made by our own template, the address is quoted


@lru_cache(maxsize=64)
def icon(name: str) -> str:
    """An icon of components/icons.html, drawn once (图标)."""
    module = current_app.jinja_env.get_template("components/icons.html").module
    drawn: str = module.icon(name)  # type: ignore[attr-defined]  # a macro
    return drawn


def address(endpoint: str, **values: Any) -> str:
    """`url_for` for the public pages (地址): that of a file of ours is worked out once, a page names five of them."""
    if endpoint != "static":
        return url_for(endpoint, **values)
    store: dict[tuple[str, str], str] = current_app.extensions.setdefault("public.files", {})
    key = (request.script_root, values["filename"])
    if key not in store:
        store[key] = url_for(endpoint, **values)
    return store[key]
