"""The committee's pages (评定会): meetings, applications side by side, votes, the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.ratings.actions import decisions
from app.ratings.forms import reading
from app.ratings.queries import applications, boards, pages
from app.ratings.queries import decisions as queries
from app.ratings.rules.process import Choice, MeetingState, State

bp = Blueprint("rating_meetings", __name__, url_prefix="/office")
SIDE_BY_SIDE = 3


@bp.get("/rating-meetings")
@requires("rating.meet")
def list_meetings() -> ResponseReturnValue:
    """Meetings, and what waits for one (评定会)."""
    return _list()


def _list(error: str = "") -> ResponseReturnValue:
    mine = me().authority_id
    members = queries.members(mine, seen_by=me()) if mine and me().scope.path else ()
    waiting = queries.proposed(seen_by=me()) if me().scope.path else ()
    meetings = boards.meeting_rows(queries.meetings(seen_by=me()), seen_by=me())
    page = render_template(
        "ratings/meetings.html", meetings=meetings, waiting=waiting, members=members, error=error, typed=request.form,
        may_convene=may(me(), "rating.convene"),
    )  # fmt: skip
    return page, 422 if error else 200


@bp.post("/rating-meetings")
@requires("rating.convene")
def convene_meeting() -> ResponseReturnValue:
    """Convene (召集评定会)."""
    try:
        chosen = reading.row_ids("application")
        row = decisions.convene_meeting(chosen, reading.day("held_on", "开会日期"), by=me(), on=today())
    except Refused as refusal:
        db.session.rollback()
        return _list(refusal.sentence)
    flash("评定会已召集，应回避的委员已按规则列出。", "ok")
    return redirect(url_for(".show_meeting", rating_meeting_id=row.id))


@bp.get("/rating-meetings/<uuid:rating_meeting_id>")
@requires("rating.meet")
def show_meeting(rating_meeting_id: UUID) -> ResponseReturnValue:
    """Applications side by side, divergences first (评定会)."""
    return _page(rating_meeting_id)


def _page(meeting_id: UUID, error: str = "", at: str = "") -> ResponseReturnValue:
    row = queries.meeting(meeting_id, seen_by=me())
    cases = sorted(queries.cases(row, seen_by=me()), key=lambda case: case.state is not State.PROPOSED)
    only = request.args.get("only") == "differ"
    columns = [pages.case_column(case, row, seen_by=me(), on=today()) for case in cases]
    columns = [c for c in columns if c.differences] if only else columns
    start = min(int(text), max(len(columns) - 1, 0)) if (text := request.args.get("from", "0")).isdigit() and len(text) < 6 else 0
    page = render_template(
        "ratings/meeting.html",
        row=row,
        columns=columns[start : start + SIDE_BY_SIDE],
        start=start,
        count=len(columns),
        step=SIDE_BY_SIDE,
        only=only,
        people=boards.attendance(row),
        is_chair=row.chair_id == me().id,
        may_convene=may(me(), "rating.convene"),
        choices=reading.options(Choice),
        error=error,
        at=at,
        typed=request.form,
        State=State,
        MeetingState=MeetingState,
    )
    return page, 422 if error else 200


def _act(meeting_id: UUID, act: Callable[[], Any], done: str, at: str = "") -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return _page(meeting_id, refusal.sentence, at)
    flash(done, "ok")
    return redirect(url_for(".show_meeting", rating_meeting_id=meeting_id) + (f"#c-{at}" if at else ""))


def _case(application_id: UUID) -> Any:
    row = applications.application(application_id, seen_by=me())
    if row.meeting_id is None:
        raise Refused("committee.no_meeting", "这份申请还没有安排上会，或已经退回评定组。")
    queries.meeting(row.meeting_id, seen_by=me())
    return row


@bp.post("/rating-applications/<uuid:rating_application_id>/votes")
@requires("rating.meet")
def cast_vote(rating_application_id: UUID) -> ResponseReturnValue:
    """Vote (表决)."""
    row = _case(rating_application_id)
    return _act(
        row.meeting_id,
        lambda: decisions.cast_vote(
            rating_application_id, reading.choice("choice", "表决意见", Choice), level=reading.text("level", "等级", most=40),
            reason=reading.text("reason", "理由"), by=me(), at=now(), on=today(),
        ),
        "已投票，宣布前可以改。",
        str(rating_application_id),
    )  # fmt: skip


@bp.post("/rating-applications/<uuid:rating_application_id>/decision")
@requires("rating.decide")
def decide(rating_application_id: UUID) -> ResponseReturnValue:
    """Declare the outcome (宣布审定结果)."""
    row = _case(rating_application_id)
    meeting_id = row.meeting_id
    return _act(
        meeting_id, lambda: decisions.decide(rating_application_id, by=me(), on=today()), "已宣布。", str(rating_application_id)
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/sending-back")
@requires("rating.decide")
def send_back(rating_application_id: UUID) -> ResponseReturnValue:
    """Send back to the panel (退回重议)."""
    row = _case(rating_application_id)
    return _act(
        row.meeting_id,
        lambda: decisions.send_back(rating_application_id, reading.text("reason", "理由"), by=me(), on=today()),
        "已退回评定组重议。",
    )


@bp.post("/rating-meetings/<uuid:rating_meeting_id>/absences")
@requires("rating.convene")
def note_absence(rating_meeting_id: UUID) -> ResponseReturnValue:
    """Note an absence (登记请假)."""
    return _act(
        rating_meeting_id,
        lambda: decisions.note_absence(rating_meeting_id, reading.row_id("account", "委员"), by=me(), on=today()),
        "已登记。",
    )


@bp.post("/rating-meetings/<uuid:rating_meeting_id>/closing")
@requires("rating.convene")
def close_meeting(rating_meeting_id: UUID) -> ResponseReturnValue:
    """Close the meeting (结束会议)."""
    return _act(rating_meeting_id, lambda: decisions.close_meeting(rating_meeting_id, by=me(), on=today()), "会议已结束。")
