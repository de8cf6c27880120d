"""The assessor's desk (现场评定): my homes, the whole form with the evidence beside it, conferring, signing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.ratings.actions import panels, sheets
from app.ratings.forms import reading
from app.ratings.queries import applications as queries
from app.ratings.queries import pages, results
from app.ratings.queries import panels as people
from app.ratings.queries import sheets as scores
from app.ratings.rules import evaluate
from app.ratings.rules.process import State, TieKind
from app.ratings.rules.sheet import Operation
from app.ratings.views.my_ratings import write_form

bp = Blueprint("assessments", __name__, url_prefix="/office")


@bp.get("/assessments")
@requires("rating.assess")
def list_assessments() -> ResponseReturnValue:
    """The homes that I assess (我的评定任务)."""
    rows: list[dict[str, Any]] = []
    for row in db.session.scalars(queries.applications(seen_by=me())):
        if scores.is_member(row, me()):
            own = scores.own_sheet(row, seen_by=me())
            rows.append({"row": row, "own": own, "locked": scores.locked_count(row)})
    order = {State.ON_SITE: 0, State.CONFERRING: 1, State.SCHEDULED: 2}
    rows.sort(key=lambda r: (order.get(r["row"].state, 9), r["row"].number or ""))
    return render_template("ratings/assessments.html", rows=rows, ties=people.my_ties(seen_by=me()), State=State)


def _mine(application_id: UUID) -> Any:
    row = queries.application(application_id, seen_by=me())
    if not scores.is_member(row, me()):
        raise NotVisible("assessment")
    return row


@bp.get("/assessments/<uuid:rating_application_id>")
@requires("rating.assess")
def show_assessment(rating_application_id: UUID) -> ResponseReturnValue:
    """The form to score on (评分表)."""
    return _page(rating_application_id)


def _page(
    application_id: UUID, error: str = "", faults: dict[str, str] | None = None, typed: dict[str, Operation] | None = None
) -> ResponseReturnValue:
    row = _mine(application_id)
    page = pages.sheet_page(row, seen_by=me(), on=today(), faults=faults, typed=typed)
    body = render_template(
        "ratings/assessment.html", page=page, row=row, mine=False, base=f"/office/assessments/{row.id}", error=error,
        team=scores.active(row, seen_by=me()), typed=request.form, State=State, ties=reading.options(TieKind),
    )  # fmt: skip
    return body, 422 if error or faults else 200


def _act(application_id: UUID, act: Callable[[], Any], done: str, to: str = ".show_assessment") -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return (
            _consensus(application_id, refusal.sentence) if to == ".show_consensus" else _page(application_id, refusal.sentence)
        )
    flash(done, "ok")
    return redirect(url_for(to, rating_application_id=application_id))


@bp.post("/assessments/<uuid:rating_application_id>/start")
@requires("rating.assess")
def start_assessment(rating_application_id: UUID) -> ResponseReturnValue:
    """Declare oneself free and begin (无利害关系声明，开始评定)."""
    _mine(rating_application_id)
    return _act(
        rating_application_id,
        lambda: panels.begin_visit(rating_application_id, by=me(), at=now(), on=today()),
        "已开始现场评定。请各自独立打分，锁定前互相看不到。",
    )


@bp.post("/assessments/<uuid:rating_application_id>/entries")
@requires("rating.assess")
def save_entries(rating_application_id: UUID) -> ResponseReturnValue:
    """Save the form without scripts (保存评分)."""
    row = _mine(rating_application_id)
    try:
        faults, typed = write_form(row)
    except Refused as refusal:
        db.session.rollback()
        return _page(rating_application_id, refusal.sentence)
    if faults:
        db.session.rollback()
        return _page(rating_application_id, faults=faults, typed=typed)
    flash("已保存。", "ok")
    return redirect(url_for(".show_assessment", rating_application_id=rating_application_id))


@bp.post("/assessments/<uuid:rating_application_id>/lock")
@requires("rating.assess")
def lock_sheet(rating_application_id: UUID) -> ResponseReturnValue:
    """Lock the sheet (锁定评分表)."""
    _mine(rating_application_id)
    return _act(
        rating_application_id,
        lambda: sheets.lock_sheet(rating_application_id, by=me(), at=now(), on=today()),
        "评分表已锁定。全组锁定后才能互相看到，并进入合议。",
    )


@bp.post("/ties")
@requires("rating.assess")
def declare_tie() -> ResponseReturnValue:
    """Declare a tie to a home that one can see (申明回避)."""
    site = queries.site(reading.row_id("site", "机构"), seen_by=me())
    kind = reading.choice("kind", "回避事由", TieKind)
    panels.declare_tie(site, me().id, kind, reading.text("note", "说明", most=300), by=me(), at=now(), on=today())
    flash("已申明回避，经办会按规则补抽其他评定员。", "ok")
    return redirect(url_for(".list_assessments"))


# --- conferring -------------------------------------------------------------------------------------------------------


@bp.get("/assessments/<uuid:rating_application_id>/consensus")
@requires("rating.assess")
def show_consensus(rating_application_id: UUID) -> ResponseReturnValue:
    """Where we differ, and what we agreed (合议)."""
    return _consensus(rating_application_id)


def _consensus(application_id: UUID, error: str = "") -> ResponseReturnValue:
    row = _mine(application_id)
    if row.opened_at is None:
        raise Refused("sheet.not_open", "全组评分表锁定以后才进入合议。")
    scheme = queries.scheme(row.campaign)
    result = evaluate(scheme, scores.case(row, scheme, seen_by=me()))
    sha = scores.agreed_sha(row, seen_by=me())
    team = scores.active(row, seen_by=me())
    items = {item.id: item for item in scheme.shape.items}
    body = render_template(
        "ratings/consensus.html",
        row=row,
        scheme=scheme,
        items=items,
        kinds=pages.KINDS,
        apart=scores.differences(row, scheme, seen_by=me()),
        names={str(m.account_id): m.name for m in team},
        team=team,
        signed=scores.signed(row, sha, seen_by=me()),
        sha=sha,
        areas=results.areas(scheme, result),
        level=results.level_words(scheme, result.level),
        state=result.state.label,
        value=results.points_words(result.value),
        chosen=items.get(request.args.get("item", "")),
        me_id=me().id,
        error=error,
        typed=request.form,
        State=State,
        shown=results.points_words,
    )
    return body, 422 if error else 200


@bp.post("/assessments/<uuid:rating_application_id>/agreements")
@requires("rating.assess")
def agree_item(rating_application_id: UUID) -> ResponseReturnValue:
    """Write down what was agreed on an item (合议一项)."""
    row = _mine(rating_application_id)

    def act() -> None:
        wanted = reading.text("item", "评分项", most=60)
        item = next((i for i in queries.scheme(row.campaign).shape.items if i.id == wanted), None)
        if item is None:
            raise Refused("form.choice", "请选择评分项。")
        _, value, na, reason, _ = reading.answer_of(item)
        why = reading.text("reason", "合议理由")
        sheets.agree_item(
            rating_application_id, item.id, None if na else value, na=na, reason=reason or why, by=me(), at=now(), on=today()
        )

    return _act(rating_application_id, act, "合议结果已记录，两份原始评分都保留。请全组重新签字。", ".show_consensus")


@bp.post("/assessments/<uuid:rating_application_id>/signatures")
@requires("rating.assess")
def sign_consensus(rating_application_id: UUID) -> ResponseReturnValue:
    """Sign the agreed scores (合议签字)."""
    _mine(rating_application_id)
    return _act(
        rating_application_id,
        lambda: sheets.sign_consensus(rating_application_id, reading.text("sha", "指纹", most=64), by=me(), at=now(), on=today()),
        "已签字。",
        ".show_consensus",
    )


@bp.post("/assessments/<uuid:rating_application_id>/proposal")
@requires("rating.assess")
def propose(rating_application_id: UUID) -> ResponseReturnValue:
    """Hand the opinion in (提出评定意见)."""
    _mine(rating_application_id)
    return _act(
        rating_application_id,
        lambda: sheets.propose(rating_application_id, by=me(), on=today()),
        "评定意见已提交评定委员会。",
        ".show_consensus",
    )
