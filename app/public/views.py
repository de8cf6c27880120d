"""Pages for everybody (公众页面): find a facility, read it, check a draw, check a document, see the record's end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import child
from app.core.access import anyone
from app.core.clock import today
from app.core.pdf.record import record_code
from app.core.refusal import NotVisible, Refused
from app.providers.rules import SiteKind
from app.public import cache, parts, rules
from app.public.queries import documents, draws, listings, reading
from app.public.queries import facility as facility_page
from app.public.queries import search as finding

bp = Blueprint("public", __name__)

PRICES = (2000, 3000, 4000, 6000)
WORDS: Final = {"icon": parts.icon, "charge": rules.charge_words, "free": rules.free_words}


@bp.context_processor
def _words() -> dict[str, object]:
    """What the public templates may use besides (公众页用语)."""
    return WORDS


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
        grade=_grade(_text("grade")),
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
            grades=finding.grades(on=today()),
            held=finding.grades_of([row.id for row in found.rows], on=today()),
            prices=PRICES,
        )
        return version, page

    return cache.answer(reading.feed_seq, render)


def _text(key: str) -> str:
    """A value from the address, without what no text of ours can hold."""
    return request.args.get(key, "").replace("\x00", "").strip()


def _grade(text: str) -> tuple[str, int] | None:
    """A scheme and the least rank from the address, as `cn.shanxi.3a:2`; anything else is no limit."""
    scheme, _, rank = text.partition(":")
    return (scheme[:60], int(rank)) if rank.isascii() and rank.isdigit() and len(rank) < 3 else None


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
        return page.version, parts.framed(
            "public/facility.html",
            "public/facility_foot.html",
            title=page.name,
            on=day,
            f=page,
            charge=rules.charge_words(page.charge_min_fen, page.charge_max_fen),
            free=rules.free_words(page.free_beds),
        )

    return cache.answer(lambda: facility_page.facility_version(site_id, on=day), render)


@bp.get("/draws")
@anyone
def list_draws() -> ResponseReturnValue:
    """The register of draws, without gaps (抽查登记)."""

    def render() -> tuple[int, str]:
        return reading.feed_seq(), render_template("public/draws.html", draws=draws.register(on=today()))

    return cache.answer(reading.feed_seq, render)


@bp.get("/draws/<number>")
@anyone
def show_draw(number: str) -> ResponseReturnValue:
    """How a draw was made (抽查公示页)."""
    day = today()

    def render() -> tuple[int | None, str]:
        found = draws.draw(number, on=day)
        if found is None:
            return None, ""
        return found.version, render_template("public/draw.html", d=found, short=rules.short_hash, reasons=rules.REASONS)

    return cache.answer(lambda: draws.draw_version(number, on=day), render)


@bp.get("/draws/<number>/<name>")
@anyone
def show_draw_file(number: str, name: str) -> ResponseReturnValue:
    """A file of a draw, byte for byte (下载抽查文件)."""
    content = draws.draw_file(number, name, on=today())
    if content is None:
        raise NotVisible(name)
    response = Response(content.encode(), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/listings")
@anyone
def list_listings() -> ResponseReturnValue:
    """Who stands on the list of dishonesty today (失信惩戒对象名单)."""
    day, asked = today(), _text("q")[: rules.LONGEST]

    def render() -> tuple[int, str]:
        version = reading.feed_seq()
        found = listings.listings(on=day, part=rules.plain(asked).replace(" ", ""))
        page = render_template("public/listings.html", found=found, q=asked, annulled=listings.annulments(on=day))
        return version, page

    return cache.answer(reading.feed_seq, render)


@bp.get("/listings/check")
@anyone
def check_listing() -> ResponseReturnValue:
    """Check a name or code against the list; near matches say why they were found (按名称核对)."""
    asked = _text("name")[: rules.LONGEST]
    found = listings.check(asked, on=today()) if asked else []
    return render_template("public/listing_check.html", name=asked, found=found)


CHECKER = "static/draw/checker.html"
ALONE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; sandbox allow-scripts allow-downloads"
)


@bp.get("/checker")
@anyone
def show_checker() -> ResponseReturnValue:
    """The page that recomputes a draw on the reader's own machine (抽查核验工具): one file, cut off from everything else."""
    response = Response((Path(current_app.root_path) / CHECKER).read_bytes(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = ALONE
    if "save" in request.args:
        response.headers["Content-Disposition"] = 'attachment; filename="songjian-checker.html"'
    return response


@bp.get("/v")
@anyone
def show_verification() -> ResponseReturnValue:
    """Check a document by number or file (文书核验)."""
    if number := _text("number"):
        return redirect(url_for(".verify_number", number=number, h=_text("h") or None))
    return render_template("public/verification.html", number="", checks=(), verdict=None, code=record_code)


@bp.get("/v/<path:number>")
@anyone
def verify_number(number: str) -> ResponseReturnValue:
    """What is archived under a number; `?h=` is what the QR code carries (按号核验)."""
    checks = documents.checks_by_number(number, on=today())
    verdict = rules.judge_code([check.facts_sha256 for check in checks], _text("h"))
    page = render_template("public/verification.html", number=number, checks=checks, verdict=verdict, code=record_code)
    return page, 200 if checks else 404


LIMITS = child.Limits(memory_mb=512, cpu_seconds=6, wall_seconds=15, answer_mb=1)


@bp.post("/v")
@anyone
def verify_file() -> ResponseReturnValue:
    """Compare an uploaded file with the archive (按文件核验). Nothing of it is kept."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    if not data.startswith(b"%PDF-"):
        page = render_template(
            "public/verification.html",
            number="",
            checks=(),
            verdict=None,
            code=record_code,
            error="请选择一个 PDF 文件（不超过 15 MB）。",
        )
        return page, 422
    file = hashlib.sha256(data).hexdigest()
    carried = _carried(data)
    found = documents.check_by_hash(file, carried.get("sha256", ""), on=today())
    known = documents.checks_by_number(carried["number"], on=today()) if carried.get("number") else ()
    verdict = rules.judge_file(file, found and found.sha256, bool(known))
    checks = [found] if found else known
    return render_template(
        "public/verification.html", number="", checks=checks, verdict=verdict, code=record_code, file_sha256=file
    )


def _carried(data: bytes) -> dict[str, str]:
    """Hash and number of the data inside a PDF; nothing when it cannot be read."""
    try:
        found: dict[str, str] = json.loads(child.run("app.public.extraction", data, limits=LIMITS))
    except (child.ChildFailed, Refused):
        return {}
    return found


@bp.get("/record")
@anyone
def show_record() -> ResponseReturnValue:
    """The end of the record's chain, day by day (留痕公示)."""

    def render() -> tuple[int, str]:
        return reading.feed_seq(), render_template("public/record.html", heads=documents.heads())

    return cache.answer(reading.feed_seq, render)


@bp.get("/open")
@anyone
def show_open_data() -> ResponseReturnValue:
    """What data may be taken along, and how (开放数据)."""
    return cache.answer(lambda: 1, lambda: (1, render_template("public/open.html")))
