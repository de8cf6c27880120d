"""Pages for everybody (公众页面): find a facility, read it, check a draw, check a document, see the record's end."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core.access import anyone
from app.core.clock import today
from app.providers.rules import SiteKind
from app.public import cache, rules
from app.public.queries import facility as facility_page
from app.public.queries import reading
from app.public.queries import search as finding

bp = Blueprint("public", __name__)

PRICES = (2000, 3000, 4000, 6000)


@bp.get("/")
@anyone
def show_home() -> ResponseReturnValue:
    """The first page: search before anything else (公示首页)."""

    def render() -> tuple[int, str]:
        version = reading.feed_seq()
        return version, render_template("public/home.html", tally=finding.tally(on=today()), kinds=SiteKind)

    return cache.answer(reading.feed_seq, render)


@bp.get("/facilities")
@anyone
def list_facilities() -> ResponseReturnValue:
    """Search results (查找机构)."""
    query = _text("q")
    understood = rules.understand(query)
    wanted = finding.Search(
        words=understood.words,
        code=understood.code,
        kind=_text("kind"),
        district=_text("district"),
        free="free" in request.args,
        price_fen=_whole(request.args.get("price", "")),
        checked_since=rules.recent_since(today()) if "recent" in request.args else None,
        mended="mended" in request.args,
        open="open" in request.args,
        overdue="overdue" in request.args,
    )

    def render() -> tuple[int, str]:
        version = reading.feed_seq()
        found = finding.Found()
        if understood.trouble is None:
            found = finding.search(wanted, on=today(), after=request.args.get("after", ""))
        page = render_template(
            "public/facilities.html",
            q=query,
            trouble=understood.trouble,
            wanted=wanted,
            found=found,
            kinds=SiteKind,
            places=finding.places(),
            prices=PRICES,
        )
        return version, page

    return cache.answer(reading.feed_seq, render)


def _text(key: str) -> str:
    """A value from the address, without what no text of ours can hold."""
    return request.args.get(key, "").replace("\x00", "").strip()


def _whole(text: str) -> int | None:
    """Yuan from the address as 分; anything else is no limit."""
    return int(text) * 100 if text.isascii() and text.isdigit() and len(text) < 7 else None


@bp.get("/facilities/<uuid:site_id>")
@anyone
def show_facility(site_id: UUID) -> ResponseReturnValue:
    """One facility (机构公示页)."""
    day = today()

    def render() -> tuple[int | None, str]:
        page = facility_page.facility(site_id, on=day)
        if page is None:
            return None, ""
        return page.version, render_template("public/facility.html", f=page)

    return cache.answer(lambda: facility_page.facility_version(site_id, on=day), render)
