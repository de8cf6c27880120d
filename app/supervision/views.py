"""The desk of the authorities and the record (工作台、留痕)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app.core import listing
from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.listing import csv_lines, export_rows
from app.regions import queries as regions
from app.supervision import actions, queries, rules
from app.supervision.queries import DUE_LIST, Waiting
from app.supervision.rules import Shelf

bp = Blueprint("supervision", __name__)


# --- the desk ---------------------------------------------------------------------------------------------------------


@bp.get("/office/")
@requires("workspace.office")
def show_home() -> ResponseReturnValue:
    """What waits for me (工作台)."""
    return _home(Shelf.MINE)


@bp.get("/office/department")
@requires("workspace.office")
def show_department() -> ResponseReturnValue:
    """What waits for the department (全科室)."""
    return _home(Shelf.DEPARTMENT)


@bp.get("/office/waiting")
@requires("workspace.office")
def show_waiting() -> ResponseReturnValue:
    """What waits for the other side (等对方)."""
    return _home(Shelf.WAITING)


def _home(shelf: Shelf) -> ResponseReturnValue:
    query = listing.read(DUE_LIST, request.args)
    page = listing.fetch(db.session, queries.waiting(shelf, seen_by=me()), DUE_LIST, query)
    rows = queries.as_waiting(page.rows, seen_by=me(), on=today())
    counts = queries.counts(seen_by=me())
    return render_template(
        "office/home.html",
        shelf=shelf,
        tabs=_tabs(shelf, counts),
        counts=counts,
        page=page,
        work=[_work(item, first=number < 2) for number, item in enumerate(rows)],
        lead=rules.lead(queries.urgency(shelf, seen_by=me(), on=today())),
        recent=queries.recent(seen_by=me()),
        coverage=queries.coverage(today(), seen_by=me()),
        days_left=queries.working_days_left(today()),
        draws=queries.draws_under_way(seen_by=me()),
        draw_steps=rules.draw_steps,
        draw_words=rules.draw_words,
        year_to_enter=regions.year_to_enter(today()) if may(me(), "calendar.read") else None,
    )


def _tabs(shelf: Shelf, counts: Mapping[Shelf, int]) -> list[dict[str, object]]:
    pages = {Shelf.MINE: "show_home", Shelf.DEPARTMENT: "show_department", Shelf.WAITING: "show_waiting"}
    return [
        {"label": s.label, "href": url_for(f".{page}"), "current": s is shelf, "count": counts[s], "wait": s is Shelf.MINE}
        for s, page in pages.items()
    ]


def _work(item: Waiting, *, first: bool) -> dict[str, object]:
    """One row as the component draws it (待办行). The first two overdue ones stand out."""
    site = item.row.site_id
    act_href = _open(item.duty.href(item.row.subject, site))
    return {
        "number": item.left.number,
        "word": item.left.word,
        "unit": item.left.unit,
        "tone": item.left.tone,
        "kind": item.duty.label,
        "icon": "alert" if item.left.tone == "veto" else item.duty.icon,
        "title": item.title,
        "href": _open(f"/office/sites/{site}") if site and item.site_name else None,
        "line": item.line,
        "basis": item.basis,
        "total": item.left.total,
        "passed": item.left.passed,
        "act": item.duty.act if act_href else "",
        "act_href": act_href,
        "primary": first and item.left.tone == "veto",
    }


def _open(path: str | None) -> str | None:
    """The path when there is such a page (页面是否存在), else None."""
    if path is None:
        return None
    try:
        current_app.url_map.bind("").match(path)
    except HTTPException:
        return None
    return path


# --- the record -------------------------------------------------------------------------------------------------------


@bp.get("/office/record")
@requires("audit.read")
def show_record() -> ResponseReturnValue:
    """The record, newest first (留痕)."""
    spec = queries.record_spec()
    query = listing.read(spec, request.args)
    page = listing.fetch_as(db.session, queries.record_lines(), spec, query, make=queries.as_line)
    return render_template("office/record.html", spec=spec, query=query, page=page, checked=queries.last_check()), query.status


@bp.get("/office/record.csv")
@requires("audit.read")
def export_record() -> ResponseReturnValue:
    """The filtered record as a file (导出留痕)."""
    spec = queries.record_spec()
    query = listing.read(spec, request.args)
    if query.errors:
        abort(422)
    rows = export_rows(db.session, queries.record_lines(), spec, query, make=queries.as_line)
    response = Response("".join(csv_lines(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="record-{now():%Y%m%d%H%M}.csv"'
    return response


@bp.post("/office/record/verification")
@requires("audit.verify")
def create_verification() -> ResponseReturnValue:
    """Recompute the chain (核验留痕)."""
    verdict = actions.verify_record(by=me(), on=today())
    if verdict.bad_seq is None:
        flash(f"核验通过：{verdict.lines} 行首尾相接，链头 {verdict.head[:16]}…", "ok")
    else:
        flash(f"核验不通过：{verdict.why}。此前 {verdict.lines} 行完好，请立即报告。", "error")
    return redirect(url_for(".show_record"))
