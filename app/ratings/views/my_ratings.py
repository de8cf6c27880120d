"""Ratings for a home (我的评定): campaigns open to it, its applications with what is missing, its grades and its own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.providers import queries as providers
from app.ratings.actions import applications as actions
from app.ratings.actions import decisions, sheets
from app.ratings.actions import ratings as grades
from app.ratings.forms import reading
from app.ratings.queries import applications as queries
from app.ratings.queries import pages, results
from app.ratings.queries import ratings as published
from app.ratings.queries import sheets as scores
from app.ratings.rules.process import SHOWN_TO_HOME, Standing, State
from app.ratings.rules.sheet import Operation

bp = Blueprint("my_ratings", __name__, url_prefix="/my")


@bp.get("/ratings")
@requires("my.rating")
def list_ratings() -> ResponseReturnValue:
    """Grades, applications, campaigns open to me (等级评定)."""
    return _list()


def _list(error: str = "") -> ResponseReturnValue:
    on, actor = today(), me()
    homes = []
    for site in providers.my_sites(seen_by=actor):
        held = published.of_site(site.id, seen_by=actor)
        applied = queries.of_site(site.id, seen_by=actor)
        busy = {a.campaign_id for a in applied if a.state not in (State.WITHDRAWN, State.REFUSED)}
        open_ones = [c for c in queries.open_campaigns(site, on, seen_by=actor) if c.kind.value == "rating" and c.id not in busy]
        levels = {c.id: _levels(c) for c in open_ones}
        homes.append({"site": site, "held": held, "applied": applied, "open": open_ones, "levels": levels})
    page = render_template(
        "ratings/my_ratings.html", homes=homes, error=error, typed=request.form, standing=published.standing_of,
        level=results.level_name, renewal=published.renewal_opens, Standing=Standing, firm="",
    )  # fmt: skip
    return page, 422 if error else 200


def _levels(campaign: Any) -> list[tuple[str, str]]:
    scheme = queries.scheme(campaign)
    return [(level, results.level_words(scheme, level)) for level in scheme.shape.order[1:]]


@bp.post("/rating-campaigns/<uuid:rating_campaign_id>/applications")
@requires("my.apply")
def create_application(rating_campaign_id: UUID) -> ResponseReturnValue:
    """Begin an application (新建申请)."""
    queries.campaign(rating_campaign_id, seen_by=me())
    try:
        row = actions.begin_application(
            rating_campaign_id,
            reading.row_id("site", "机构"),
            reading.text("target", "申请等级", most=40),
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        db.session.rollback()
        return _list(refusal.sentence)
    flash("申请已建立，还没有提交。请先填自评和数据，材料可以边填边传。", "ok")
    return redirect(url_for(".show_application", rating_application_id=row.id))


@bp.get("/rating-applications/<uuid:rating_application_id>")
@requires("my.rating")
def show_application(rating_application_id: UUID) -> ResponseReturnValue:
    """One application: progress, what is missing for the next level, what to do (申请)."""
    return _page(rating_application_id)


def _page(application_id: UUID, error: str = "", at: str = "") -> ResponseReturnValue:
    row = queries.application(application_id, seen_by=me())
    scheme = queries.scheme(row.campaign)
    shown = row.state in SHOWN_TO_HOME
    page = render_template(
        "ratings/my_application.html",
        row=row,
        scheme=scheme,
        levels=_levels(row.campaign),
        target=results.level_words(scheme, row.target) if row.target else "年度评估",
        level=results.level_words(scheme, row.level) if shown and row.decided_on else "",
        steps=pages.steps(row),
        gap=pages.gap(row, seen_by=me()),
        facts=pages.my_facts(row, seen_by=me()),
        panel=[m for m in scores.panel(row, seen_by=me()) if m.recused_on is None],
        result=row.result if shown else None,
        drawing=pages.drawing_of((row.result or {}).get("areas", ())) if shown else None,
        objections=[o for o in queries.objections(row.id, seen_by=me()) if o.by_home],
        history=pages.history(row, seen_by=me()),
        writable=queries.is_writable(row),
        error=error,
        at=at,
        typed=request.form,
        State=State,
    )
    return page, 422 if error else 200


def _act(application_id: UUID, act: Callable[[], Any], done: str, at: str = "") -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return _page(application_id, refusal.sentence, at)
    flash(done, "ok")
    return redirect(url_for(".show_application", rating_application_id=application_id))


@bp.post("/rating-applications/<uuid:rating_application_id>/details")
@requires("my.apply")
def save_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Level, adviser, statement (修改申请)."""
    return _act(
        rating_application_id,
        lambda: actions.save_application(
            rating_application_id,
            target=reading.text("target", "申请等级", most=40),
            adviser_firm=reading.text("adviser_firm", "咨询辅导机构", most=100),
            statement=reading.text("statement", "情况说明"),
            by=me(),
            on=today(),
        ),
        "已保存。",
        "details",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/facts")
@requires("my.apply")
def save_facts(rating_application_id: UUID) -> ResponseReturnValue:
    """Figures that the register does not have (填报数据)."""
    return _act(
        rating_application_id,
        lambda: actions.claim_facts(
            rating_application_id, reading.prefixed("f-"), reading.text("source", "数据来源", most=200), by=me(), on=today()
        ),
        "数据已保存，经办会核实。",
        "facts",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/submission")
@requires("my.apply")
def submit_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Submit (提交申请)."""
    return _act(
        rating_application_id,
        lambda: actions.submit_application(rating_application_id, by=me(), at=now(), on=today()),
        "申请已提交，自评已锁定。系统已按今天的登记数据固定资格快照。",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/withdrawal")
@requires("my.apply")
def withdraw_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Withdraw (撤回申请)."""
    return _act(
        rating_application_id, lambda: actions.withdraw_application(rating_application_id, by=me(), on=today()), "申请已撤回。"
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/objections")
@requires("my.apply")
def object_to_result(rating_application_id: UUID) -> ResponseReturnValue:
    """Object within the notice (提出异议)."""
    return _act(
        rating_application_id,
        lambda: decisions.raise_objection(rating_application_id, reading.text("words", "异议内容"), by=me(), on=today()),
        "异议已提交。处理完以前，结果不会公布。",
        "objection",
    )


# --- the self-score ---------------------------------------------------------------------------------------------------


@bp.get("/rating-applications/<uuid:rating_application_id>/sheet")
@requires("my.rating")
def show_sheet(rating_application_id: UUID) -> ResponseReturnValue:
    """The form that assessors use too (自评表)."""
    row = queries.application(rating_application_id, seen_by=me())
    page = pages.sheet_page(row, seen_by=me(), on=today())
    return render_template("ratings/my_sheet.html", page=page, row=row, mine=True, base=f"/my/rating-applications/{row.id}")


@bp.post("/rating-applications/<uuid:rating_application_id>/sheet")
@requires("my.apply")
def save_sheet(rating_application_id: UUID) -> ResponseReturnValue:
    """Save the form without scripts (保存自评)."""
    row = queries.application(rating_application_id, seen_by=me())
    faults, typed = write_form(row)
    if faults:
        db.session.rollback()
        row = queries.application(rating_application_id, seen_by=me())
        page = pages.sheet_page(row, seen_by=me(), on=today(), faults=faults, typed=typed)
        base = f"/my/rating-applications/{row.id}"
        return render_template("ratings/my_sheet.html", page=page, row=row, mine=True, base=base), 422
    flash("已保存。", "ok")
    return redirect(url_for(".show_sheet", rating_application_id=row.id))


def write_form(row: Any) -> tuple[dict[str, str], dict[str, Operation]]:
    """Write every item of a sent form that changed (写入表单). Returns what was wrong by item, and all that was typed."""
    scheme = queries.scheme(row.campaign)
    standing = scores.standing(scores.own_sheet(row, seen_by=me()))
    faults: dict[str, str] = {}
    entered: dict[str, Operation] = {}
    for item in scheme.shape.items:
        there, value, na, reason, remark = reading.answer_of(item)
        if not there:
            continue
        op = Operation("", item.id, None if na else value, na, reason if na else "", remark)
        known = standing.get(item.id)
        entered[item.id] = op
        before = (known.value, known.na, known.reason, known.remark) if known else (None, "", "", "")
        if _same(before, (op.value, op.na, op.reason, op.remark)):
            continue
        try:
            sheets.enter(row.id, item.id, op.value, na=na, reason=op.reason, remark=remark, by=me(), at=now(), on=today())
        except Refused as refusal:
            if refusal.code != "sheet.entry":
                raise
            faults[item.id] = refusal.sentence
    return faults, entered


def _same(before: tuple[Any, ...], now_: tuple[Any, ...]) -> bool:
    def plain(value: Any) -> Any:
        return sorted(value) if isinstance(value, list) else value or None

    return tuple(map(plain, before)) == tuple(map(plain, now_))


# --- a grade ----------------------------------------------------------------------------------------------------------


@bp.get("/ratings/<uuid:rating_id>")
@requires("my.rating")
def show_rating(rating_id: UUID) -> ResponseReturnValue:
    """One's grade: sub-scores, days, history, one's own words (我的等级)."""
    return _rating(rating_id)


def _rating(rating_id: UUID, error: str = "") -> ResponseReturnValue:
    row = published.rating(rating_id, seen_by=me())
    page = render_template(
        "ratings/my_rating.html",
        row=row,
        standing=published.standing_of(row, today()),
        level=results.level_name(row.scheme, row.level),
        changes=[c for c in published.changes(row.id, seen_by=me()) if c.decided_on],
        replies=published.replies(row.id, seen_by=me()),
        checks=published.checks(row.id, seen_by=me()),
        renewal=published.renewal_opens(row),
        drawing=pages.drawing_of(row.areas),
        level_name=results.level_name,
        error=error,
        typed=request.form,
    )
    return page, 422 if error else 200


@bp.post("/ratings/<uuid:rating_id>/replies")
@requires("my.apply")
def reply_to_rating(rating_id: UUID) -> ResponseReturnValue:
    """Say something beside one's grade (机构回应)."""
    try:
        grades.say_reply(rating_id, reading.text("words", "回应"), by=me(), on=today())
    except Refused as refusal:
        db.session.rollback()
        return _rating(rating_id, refusal.sentence)
    flash("已提交。核对没有个人信息后，会显示在公众页面的等级旁边。", "ok")
    return redirect(url_for(".show_rating", rating_id=rating_id))
