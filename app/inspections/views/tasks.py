"""Inspection tasks in the office (检查任务): the list, planning, one task and what is done to it, the code for a door."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

import segno
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.actions import tasks as actions
from app.inspections.forms import tasks as forms
from app.inspections.queries import checklists
from app.inspections.queries import task_pages as pages
from app.inspections.queries import tasks as queries
from app.inspections.rules.door import door_token
from app.inspections.rules.task import TaskKind, TaskSource
from app.regions import queries as regions

bp = Blueprint("tasks", __name__)


class Act(NamedTuple):
    """Something an officer may do to a task (操作): its verb, its words, its form."""

    key: str
    verb: str
    title: str
    button: str
    form: Any
    primary: bool = False
    confirm: str = ""


ACTS: Final = (
    Act("team", "task.plan", "确定检查组", "确定检查组", forms.TeamForm),
    Act("approval", "task.approve", "批准检查", "批准检查", forms.ApprovalForm, primary=True),
    Act("notice", "task.notice", "送达检查通知书", "登记送达", forms.NoticeForm, primary=True),
    Act("recusal", "task.recusal", "登记回避", "登记回避", forms.RecusalForm),
    Act("review", "task.review", "审核检查结果", "审核通过", forms.ReviewForm, primary=True),
    Act("return", "task.review", "退回补充", "退回补充", forms.ReasonForm),
    Act("closing", "task.close", "办结检查", "办结", forms.NoWords, primary=True, confirm="办结后结果写定，问题列入整改台账。确定办结吗？"),
    Act("publication", "task.publish", "公示检查结果", "核对并公示", forms.NoWords, primary=True, confirm="公示后公众可以查到。确定公示吗？"),
    Act("revocation", "task.withdraw", "原决定变更或撤销", "登记，起算撤回期限", forms.NoWords),
    Act("withdrawal", "task.withdraw", "撤回公示", "撤回公示", forms.ReasonForm),
    Act("cancellation", "task.cancel", "取消检查", "取消检查", forms.ReasonForm),
)  # fmt: skip
BY_KEY: Final = {act.key: act for act in ACTS}


@bp.get("/office/tasks")
@requires("task.read")
def list_tasks() -> ResponseReturnValue:
    """The tasks, with the yearly coverage above them (检查任务)."""
    spec = pages.task_list()
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.tasks(seen_by=me()), spec, query)
    coverage = queries.coverage_count(today().year, seen_by=me()) if me().scope.path else None
    return render_template("inspections/tasks/list.html", spec=spec, query=query, page=page, coverage=coverage), query.status


@bp.get("/office/tasks.csv")
@requires("task.read")
def export_tasks() -> Response:
    """The filtered list as CSV (导出检查任务)."""
    spec = pages.task_list()
    rows = listing.export_rows(db.session, queries.tasks(seen_by=me()), spec, listing.read(spec, request.args))
    name = f"attachment; filename=tasks-{today().isoformat()}.csv"
    return Response("".join(listing.csv_lines(rows)), mimetype="text/csv", headers={"Content-Disposition": name})


# --- planning ---------------------------------------------------------------------------------------------------------


@bp.route("/office/sites/<uuid:site_id>/tasks/new", methods=["GET", "POST"])
@requires("task.plan")
def new_task(site_id: UUID) -> ResponseReturnValue:
    """Plan an inspection of a home (拟定检查任务)."""
    site = queries.site(site_id, seen_by=me())
    form = forms.PlanForm.sent() if request.method == "POST" else forms.PlanForm(lists=list(checklists.ALL_KINDS))
    form.offer(checklists.names_in_force(today(), site.scope_path))
    if request.method == "POST" and form.validate():
        try:
            row = _plan(site_id, form)
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(refusal.sentence)
        else:
            flash("检查任务已拟定，请确定检查组后报负责人批准。", "ok")
            return redirect(url_for("tasks.show_task", task_id=row.id))
    status = 422 if request.method == "POST" else 200
    site = queries.site(site_id, seen_by=me())
    often = pages.frequency(site_id, today(), _cap(site.scope_path), seen_by=me())
    return render_template("inspections/tasks/new.html", site=site, form=form, often=often), status


def _plan(site_id: UUID, form: Any) -> Any:
    source = TaskSource(form.source.data)
    return actions.plan_task(
        site_id,
        kind=TaskKind(form.kind.data),
        planned_on=form.planned_on.data,
        source=source,
        source_words=form.source_words.data or "",
        joint=form.joint.data,
        from_above=source is TaskSource.ABOVE,
        cap_reason=form.cap_reason.data or "",
        lists=tuple(form.lists.data),
        by=me(),
        at=now(),
        on=today(),
    )


def _cap(path: str) -> int | None:
    """The published yearly cap, None when none is set."""
    try:
        return regions.number_set(path, "inspection.visits_cap", today())
    except Refused:
        return None


# --- one task ---------------------------------------------------------------------------------------------------------


@bp.get("/office/tasks/<uuid:task_id>")
@requires("task.read")
def show_task(task_id: UUID) -> ResponseReturnValue:
    """One task: where it stands, who inspects, what was found, what may be done (任务页)."""
    return _page(task_id)


def _page(task_id: UUID, status: int = 200, *, open_act: str = "", form: Any = None) -> ResponseReturnValue:
    page = pages.task_page(task_id, seen_by=me())
    acts = [act for act in ACTS if act.key in page.acts and may(me(), act.verb)]
    wanted = open_act or request.args.get("act", "") or next((a.key for a in acts if a.primary), "")
    chosen = next((act for act in acts if act.key == wanted), None)
    if chosen is not None:
        form = form or chosen.form()
        _offer(form, page)
    return render_template(
        "inspections/tasks/task.html",
        page=page,
        task=page.task,
        acts=acts,
        chosen=chosen,
        form=form,
        tones=pages.STATE_TONES,
        may_review_page=page.task.started_at is not None,
    ), status


def _offer(form: Any, page: pages.TaskPage) -> None:
    if isinstance(form, forms.TeamForm):
        form.offer(_officers(page))
    if isinstance(form, forms.RecusalForm):
        form.offer([(m.account_id, m.name) for m in page.members])


def _officers(page: pages.TaskPage) -> list[tuple[UUID, str]]:
    found = queries.possible_officers(page.task.authority_id, today())
    return [(a.id, f"{a.name}　{a.certificate_no or '无执法证'}") for a in found]


def _do(task_id: UUID, key: str, do: Callable[[Any], None], told: str) -> ResponseReturnValue:
    """Validate, do, tell; what was typed stays when it is refused."""
    form = BY_KEY[key].form.sent()
    _offer(form, pages.task_page(task_id, seen_by=me()))
    if not form.validate():
        return _page(task_id, 422, open_act=key, form=form)
    try:
        do(form)
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(task_id, 422, open_act=key, form=form)
    flash(told, "ok")
    return redirect(url_for("tasks.show_task", task_id=task_id))


@bp.post("/office/tasks/<uuid:task_id>/team")
@requires("task.plan")
def create_team(task_id: UUID) -> ResponseReturnValue:
    """Set who inspects (确定检查组)."""

    def do(form: Any) -> None:
        others = [UUID(i) for i in form.others.data if i != form.lead.data]
        actions.set_team(task_id, [UUID(form.lead.data), *others], by=me(), on=today())

    return _do(task_id, "team", do, "检查组已确定，请报负责人批准。")


@bp.post("/office/tasks/<uuid:task_id>/approval")
@requires("task.approve")
def create_approval(task_id: UUID) -> ResponseReturnValue:
    """Approve the task (批准检查)."""

    def do(form: Any) -> None:
        reason = form.on_arrival_reason.data or ""
        actions.approve_task(task_id, item_published=form.item_published.data, on_arrival_reason=reason, by=me(), on=today())

    return _do(task_id, "approval", do, "检查任务已批准，检查人员可以看到任务。")


@bp.post("/office/tasks/<uuid:task_id>/notice")
@requires("task.notice")
def create_notice(task_id: UUID) -> ResponseReturnValue:
    """Record that the notice was served (送达检查通知书)."""
    return _do(
        task_id, "notice", lambda form: _served(task_id, form.way.data), "通知书送达已登记，检查日期不早于送达后第3个工作日。"
    )


def _served(task_id: UUID, way: str) -> None:
    actions.serve_notice(task_id, way=way, by=me(), on=today())


@bp.post("/office/tasks/<uuid:task_id>/recusal")
@requires("task.recusal")
def create_recusal(task_id: UUID) -> ResponseReturnValue:
    """Record that somebody must stay away (登记回避)."""

    def do(form: Any) -> None:
        actions.note_recusal(task_id, UUID(form.account.data), reason=form.reason.data, by=me(), on=today())

    return _do(task_id, "recusal", do, "回避已登记。请按双随机补抽人员，不得人工指定替换。")


@bp.post("/office/tasks/<uuid:task_id>/review")
@requires("task.review")
def create_review(task_id: UUID) -> ResponseReturnValue:
    """Review the result (审核)."""
    return _do(
        task_id,
        "review",
        lambda form: actions.review_task(task_id, note=form.note.data or "", by=me(), on=today()),
        "审核通过，可以办结。",
    )


@bp.post("/office/tasks/<uuid:task_id>/return")
@requires("task.review")
def create_return(task_id: UUID) -> ResponseReturnValue:
    """Send the record back (退回补充)."""
    return _do(
        task_id,
        "return",
        lambda form: actions.return_record(task_id, note=form.reason.data, by=me(), on=today()),
        "已退回检查组补充；改动后须重新签字。",
    )


@bp.post("/office/tasks/<uuid:task_id>/closing")
@requires("task.close")
def create_closing(task_id: UUID) -> ResponseReturnValue:
    """Close the inspection (办结)."""
    return _do(task_id, "closing", lambda _: actions.close_task(task_id, by=me(), on=today()), "检查已办结，问题列入整改台账。")


@bp.post("/office/tasks/<uuid:task_id>/publication")
@requires("task.publish")
def create_publication(task_id: UUID) -> ResponseReturnValue:
    """Publish the result (公示)."""
    return _do(task_id, "publication", lambda _: actions.publish_result(task_id, by=me(), on=today()), "检查结果已公示。")


@bp.post("/office/tasks/<uuid:task_id>/revocation")
@requires("task.withdraw")
def create_revocation(task_id: UUID) -> ResponseReturnValue:
    """The decision was changed or revoked (原决定变更或撤销)."""
    return _do(
        task_id, "revocation", lambda _: actions.note_revocation(task_id, by=me(), on=today()), "已起算撤回期限，请按期撤回公示。"
    )


@bp.post("/office/tasks/<uuid:task_id>/withdrawal")
@requires("task.withdraw")
def create_withdrawal(task_id: UUID) -> ResponseReturnValue:
    """Withdraw the publication (撤回公示)."""
    return _do(
        task_id,
        "withdrawal",
        lambda form: actions.withdraw_publication(task_id, reason=form.reason.data, by=me(), on=today()),
        "公示已撤回，理由一并公开。",
    )


@bp.post("/office/tasks/<uuid:task_id>/cancellation")
@requires("task.cancel")
def create_cancellation(task_id: UUID) -> ResponseReturnValue:
    """Give the task up (取消检查)."""
    return _do(
        task_id,
        "cancellation",
        lambda form: actions.cancel_task(task_id, reason=form.reason.data, by=me(), on=today()),
        "检查任务已取消。",
    )


# --- the code at the door ---------------------------------------------------------------------------------------------


@bp.get("/office/sites/<uuid:site_id>/door-code")
@requires("task.read")
def door_code(site_id: UUID) -> str:
    """The code to be printed and put up at a home's door (门口到场码)."""
    site = queries.site(site_id, seen_by=me())
    return render_template("inspections/tasks/door_code.html", site=site)


@bp.get("/office/sites/<uuid:site_id>/door-code.svg")
@requires("task.read")
def door_code_picture(site_id: UUID) -> Response:
    """The picture of the code (到场码图)."""
    site = queries.site(site_id, seen_by=me())
    base = current_app.extensions["settings"].public_base_url
    token = door_token(site.id, str(current_app.config["SECRET_KEY"]))
    code = segno.make(f"{base}/tablet/check-in/{token}", error="q")
    picture = io.BytesIO()
    code.save(picture, kind="svg", scale=8, border=4, omitsize=True)
    return Response(picture.getvalue(), mimetype="image/svg+xml")
