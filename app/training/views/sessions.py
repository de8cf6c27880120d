"""Training sessions of a home and of an office (培训班次): the same acts, each at its own desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.providers import queries as providers
from app.training import forms
from app.training.actions import courses
from app.training.actions.courses import CourseAsked, Result
from app.training.queries import courses as queries
from app.training.queries import pages
from app.training.queries.lists import session_list
from app.training.rules import CourseKind
from app.training.rules.courses import outcome_of

bp = Blueprint("sessions", __name__)


def _list(template: str, detail: str, **more: Any) -> ResponseReturnValue:
    spec = session_list(detail)
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.sessions(seen_by=me()), spec, query)
    counts = queries.counts([row.id for row in page.rows], seen_by=me())
    return render_template(template, spec=spec, query=query, page=page, counts=counts, **more), query.status


def _asked(form: Any) -> CourseAsked:
    mark = form.pass_mark.data if form.pass_mark.data is not None else 60
    return CourseAsked(form.title.data, CourseKind(form.kind.data), form.hours.data, bool(form.has_exam.data), mark)


def _plan(form: Any, site_id: UUID | None) -> UUID:
    row = courses.plan_session(
        _asked(form),
        site_id=site_id,
        held_on=form.held_on.data,
        until=form.until.data,
        place=form.place.data,
        trainer=form.trainer.data,
        by=me(),
        at=now(),
        on=today(),
    )
    return row.id


def _session_page(session_id: UUID, template: str, form: Any = None, status: int = 200) -> ResponseReturnValue:
    page = pages.session_page(session_id, seen_by=me(), on=today())
    enrol = form or forms.Enrol()
    enrol.people.choices = [SelectChoice(str(job.id), f"{job.person.name}（{job.post.label}）") for job in page.free]
    return render_template(template, page=page, enrol=enrol), status


def _results(session_id: UUID) -> dict[UUID, Result]:
    """What was chosen for each: `r-<seat>` absent, present, passed, failed; a score `s-<seat>` decides by the pass mark."""
    row = queries.session(session_id, seen_by=me())
    found: dict[UUID, Result] = {}
    for seat in queries.attendances(session_id, seen_by=me()):
        score = _score(request.form.get(f"s-{seat.id}", ""))
        chosen = forms.result_of(request.form.get(f"r-{seat.id}", ""))
        if score is not None and (chosen is None or chosen[0]):
            found[seat.id] = Result(True, outcome_of(score, row.course.pass_mark), score)
        elif chosen is not None:
            found[seat.id] = Result(chosen[0], chosen[1])
    return found


def _score(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise Refused("result.score", "成绩请填 0～100 的整数。")
    return int(text)


# --- a home's desk ----------------------------------------------------------------------------------------------------


@bp.get("/my/training")
@requires("my.staff")
def list_mine() -> ResponseReturnValue:
    """Sessions, and how far the half year's safety education is (培训)."""
    sites = [pages.site_staff(site, seen_by=me(), on=today()) for site in providers.my_sites(seen_by=me())]
    floors = {row.site.id: pages.floor_of(row.site.scope_path, today()) for row in sites}
    return _list("training/my_sessions.html", "sessions.show_mine", sites=sites, floors=floors)


@bp.get("/my/sites/<uuid:site_id>/training/new")
@requires("my.training")
def show_my_form(site_id: UUID) -> ResponseReturnValue:
    """The form of a session (安排培训)."""
    kind = request.args.get("kind", CourseKind.SAFETY.value)
    site = providers.site(site_id, seen_by=me())
    form = forms.Session(data={"held_on": today()} | {"kind": kind, "has_exam": True, "pass_mark": 60, "hours": 2})
    return render_template("training/my_session_new.html", site=site, form=form)


@bp.post("/my/sites/<uuid:site_id>/training")
@requires("my.training")
def create_mine(site_id: UUID) -> ResponseReturnValue:
    """Plan a session of one's own (安排培训)."""
    site, form = providers.site(site_id, seen_by=me()), forms.Session.sent()
    if form.validate():
        try:
            session_id = _plan(form, site_id)
        except Refused as refusal:
            form.form_errors = [refusal.sentence]
        else:
            flash("班次已安排，接着选参训的人。")
            return redirect(url_for(".show_mine", session_id=session_id))
    return render_template("training/my_session_new.html", site=site, form=form), 422


@bp.get("/my/training/<uuid:session_id>")
@requires("my.staff")
def show_mine(session_id: UUID) -> ResponseReturnValue:
    """A session with one's own people (班次)."""
    return _session_page(session_id, "training/my_session.html")


@bp.post("/my/training/<uuid:session_id>/people")
@requires("my.training")
def create_seats(session_id: UUID) -> ResponseReturnValue:
    """Enrol people (报名)."""
    form = forms.Enrol.sent()
    page = pages.session_page(session_id, seen_by=me(), on=today())
    form.people.choices = [SelectChoice(str(job.id), job.person.name) for job in page.free]
    if not form.validate():
        return _session_page(session_id, "training/my_session.html", form, 422)
    try:
        new = courses.enrol(session_id, [UUID(text) for text in form.people.data], by=me(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _session_page(session_id, "training/my_session.html", form, 422)
    flash(f"已报名 {new} 人。")
    return redirect(url_for(".show_mine", session_id=session_id))


@bp.post("/my/training/<uuid:session_id>/results")
@requires("my.training")
def update_my_results(session_id: UUID) -> ResponseReturnValue:
    """Record who came and what the examination gave (登记出勤与考核)."""
    return _record(session_id, "training/my_session.html", ".show_mine")


def _record(session_id: UUID, template: str, detail: str) -> ResponseReturnValue:
    form = forms.Enrol()
    try:
        courses.record_results(session_id, _results(session_id), by=me(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _session_page(session_id, template, form, 422)
    flash("已登记。全部登记齐了就可以办结。")
    return redirect(url_for(detail, session_id=session_id))


@bp.post("/my/training/<uuid:session_id>/closing")
@requires("my.training")
def create_my_closing(session_id: UUID) -> ResponseReturnValue:
    """Close a session (班次办结)."""
    courses.close_session(session_id, by=me(), on=today())
    flash("已办结，计入半年安全教育和年度培训人数。")
    return redirect(url_for(".show_mine", session_id=session_id))


@bp.post("/my/training/<uuid:session_id>/cancellation")
@requires("my.training")
def create_my_cancellation(session_id: UUID) -> ResponseReturnValue:
    """Call a session off (取消班次)."""
    courses.cancel_session(session_id, by=me(), on=today())
    flash("班次已取消。")
    return redirect(url_for(".list_mine"))


# --- an office's desk -------------------------------------------------------------------------------------------------


@bp.get("/office/training")
@requires("staff.read")
def list_theirs() -> ResponseReturnValue:
    """Sessions of the area (培训班次)."""
    return _list("training/office_sessions.html", "sessions.show_theirs")


@bp.get("/office/training/new")
@requires("training.keep")
def show_office_form() -> ResponseReturnValue:
    """The form of a session held by the authority (组织培训)."""
    form = forms.Session(
        data={"held_on": today()} | {"kind": CourseKind.SKILL.value, "has_exam": True, "pass_mark": 60, "hours": 8}
    )
    return render_template("training/office_session_new.html", form=form)


@bp.post("/office/training")
@requires("training.keep")
def create_theirs() -> ResponseReturnValue:
    """Announce a session for the homes of the area (组织培训)."""
    form = forms.Session.sent()
    if form.validate():
        try:
            session_id = _plan(form, None)
        except Refused as refusal:
            form.form_errors = [refusal.sentence]
        else:
            flash("已通知辖区各机构，由机构给自己的人报名。")
            return redirect(url_for(".show_theirs", session_id=session_id))
    return render_template("training/office_session_new.html", form=form), 422


@bp.get("/office/training/<uuid:session_id>")
@requires("staff.read")
def show_theirs(session_id: UUID) -> ResponseReturnValue:
    """A session (班次)."""
    return _session_page(session_id, "training/office_session.html")


@bp.post("/office/training/<uuid:session_id>/results")
@requires("training.keep")
def update_their_results(session_id: UUID) -> ResponseReturnValue:
    """Record who came and what the examination gave (登记出勤与考核)."""
    return _record(session_id, "training/office_session.html", ".show_theirs")


@bp.post("/office/training/<uuid:session_id>/closing")
@requires("training.keep")
def create_their_closing(session_id: UUID) -> ResponseReturnValue:
    """Close a session (班次办结)."""
    courses.close_session(session_id, by=me(), on=today())
    flash("已办结，计入年度培训人数。")
    return redirect(url_for(".show_theirs", session_id=session_id))


@bp.post("/office/training/<uuid:session_id>/cancellation")
@requires("training.keep")
def create_their_cancellation(session_id: UUID) -> ResponseReturnValue:
    """Call a session off (取消班次)."""
    courses.cancel_session(session_id, by=me(), on=today())
    flash("班次已取消。")
    return redirect(url_for(".list_theirs"))
