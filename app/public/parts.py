"""Parts of pages made once (页面部件): the frame around a facility's page, and icons.

The frame costs as much as the page's own words and is the same for everybody who is not signed in, but for title,
contents and the address to come back to from 大字版: these are put in each time.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from flask import current_app, g, render_template, request
from markupsafe import escape

from app.core.ui import here

FRAME: Final = "public/frame.html"
_TITLE, _MAIN, _FOOT, _HERE = (f"\x01{name}\x01" for name in ("title", "main", "foot", "here"))


def framed(template: str, foot: str, *, title: str, on: date, **shown: Any) -> str:
    """A page of `template` within the frame (成页); `foot` is a template that stands before the layout's foot."""
    shown |= {"icon": icon, "today": on}
    main = current_app.jinja_env.get_template(template).render(shown)
    under = current_app.jinja_env.get_template(foot).render(shown)
    back = f"next={quote(here(), safe='/')}"
    return _frame(back).replace(_TITLE, escape(title)).replace(_HERE, back).replace(_FOOT, under).replace(_MAIN, main)


def _frame(back: str) -> str:
    """The frame with marks where title, contents and the way `back` go; made anew for who is signed in."""
    frames: dict[tuple[str, bool], str] = current_app.extensions.setdefault("public.frames", {})
    key = (request.path.split("/")[1], request.cookies.get("sj_large") == "1")
    if g.get("actor") is None and key in frames:
        return frames[key]
    frame = render_template(FRAME, title=_TITLE, main=_MAIN, foot=_FOOT).replace(back, _HERE)
    if g.get("actor") is None:
        frames[key] = frame
    return frame


@lru_cache(maxsize=64)
def icon(name: str) -> str:
    """An icon of components/icons.html, drawn once (图标)."""
    module = current_app.jinja_env.get_template("components/icons.html").module
    drawn: str = module.icon(name)  # type: ignore[attr-defined]  # a macro
    return drawn
