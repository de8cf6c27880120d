"""Tablet pages (平板页面): today's tasks, arrival, the checklist, signing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import uploads
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.refusal import NotVisible, Refused
from app.inspections.actions import answers as answer_actions
from app.inspections.actions import tasks as actions
from app.inspections.forms.tablet import ArrivalForm, SignatureForm
from app.inspections.queries import answers as logs
from app.inspections.queries import tasks
from app.inspections.rules.door import site_of_token
from app.inspections.rules.task import CheckInWay, SignerRole, TaskState, signing_gaps

bp = Blueprint("tablet", __name__, url_prefix="/tablet")

ICONS = (
    "ok", "ok-circle", "bad", "na", "alert", "help", "file", "photo", "tablet", "upload", "repeat", "link", "right", "left", "down",
    "scale", "pin", "clock",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task's answers are (填写进度)."""

    done: int
    of: int
    not_met: int
    hazards: int
    lists: tuple[tuple[str, int, int], ...]
    code: str


def _progress(task_id: UUID) -> Progress:
    record = logs.record(task_id, seen_by=me())
    score = record.score
    open_ = {*score.unanswered, *score.disputed}
    lists = []
    for edition in record.checklist.editions:
        inside = [i.code for i in record.checklist.items if i.edition_code == edition.code]
        lists.append((edition.name, sum(c not in open_ for c in inside), len(inside)))
    hazards = len(score.hazards) + len(score.suspected)
    of = len(record.checklist.items)
    return Progress(of - len(open_), of, len(record.findings), hazards, tuple(lists), record.fold.short_code)


@bp.get("/")
@requires("tablet.use")
def home() -> str:
    """Today's tasks (今日任务): the one at work first, then what comes, then what is signed."""
    rows = tasks.my_tasks(seen_by=me(), on=today())
    at_work = [r for r in rows if r.state in (TaskState.CHECKED_IN, TaskState.IN_PROGRESS)]
    coming = [r for r in rows if r.state in (TaskState.APPROVED, TaskState.NOTICED)]
    signed = [r for r in rows if r not in at_work and r not in coming]
    progress = {row.id: _progress(row.id) for row in (*at_work, *signed)}
    return render_template(
        "inspections/tablet/home.html", at_work=at_work, coming=coming, signed=signed, progress=progress, icons=ICONS
    )


@bp.get("/tasks/<uuid:task_id>")
@requires("tablet.use")
def form(task_id: UUID) -> str:
    """The checklist (检查表填写)."""
    return render_template("inspections/tablet/form.html", task=_own_task(task_id), icons=ICONS)


def _own_task(task_id: UUID) -> object:
    row = tasks.task(task_id, seen_by=me())
    actions.only_the_team(row, me())
    return row


@bp.get("/tasks/<uuid:task_id>/photos/<sha>")
@requires("tablet.use")
def photo(task_id: UUID, sha: str) -> Response:
    """The small picture of a photo (照片缩略图)."""
    found = logs.thumbnail(task_id, sha, seen_by=me())
    if found is None:
        raise NotVisible("photo")
    return Response(found, mimetype="image/jpeg")


# --- arrival ----------------------------------------------------------------------------------------------------------


@bp.get("/check-in/<token>")
@requires("tablet.use")
def door(token: str) -> str:
    """What the code at the door opens (到场登记): one's own tasks at this home."""
    site_id = site_of_token(token, str(current_app.config["SECRET_KEY"]))
    waiting = tasks.at_the_door(site_id, seen_by=me())
    return render_template("inspections/tablet/door.html", tasks=waiting, token=token)


@bp.post("/check-in/<token>")
@requires("tablet.use")
def check_in(token: str) -> ResponseReturnValue:
    """Record the arrival by the code at the door (扫码到场)."""
    site_id = site_of_token(token, str(current_app.config["SECRET_KEY"]))
    wanted = request.form.get("task_id", "")
    found = next((row for row in tasks.at_the_door(site_id, seen_by=me()) if str(row.id) == wanted), None)
    if found is None:
        raise Refused("door.no_task", "您在这家机构没有待检查的任务，请核对任务和机构")
    actions.check_in(found.id, way=CheckInWay.SCAN, by=me(), at=now(), on=today())
    flash("已登记到场。请先出示执法证件、告知权利并询问回避。", "ok")
    return redirect(url_for("tablet.form", task_id=found.id))


@bp.route("/tasks/<uuid:task_id>/arrival", methods=["GET", "POST"])
@requires("tablet.use")
def arrival(task_id: UUID) -> ResponseReturnValue:
    """Record the arrival by hand, with the reason (手工登记到场)."""
    sent = ArrivalForm.sent()
    if request.method == "POST" and sent.validate():
        try:
            actions.check_in(task_id, way=CheckInWay.MANUAL, reason=sent.reason.data, by=me(), at=now(), on=today())
        except Refused as why:
            sent.form_errors.append(why.sentence)
        else:
            return redirect(url_for("tablet.form", task_id=task_id))
    status = 422 if request.method == "POST" else 200
    return render_template("inspections/tablet/arrival.html", task=_own_task(task_id), form=sent), status


# --- signing ----------------------------------------------------------------------------------------------------------


@bp.get("/tasks/<uuid:task_id>/sign")
@requires("tablet.use")
def sign(task_id: UUID) -> str:
    """Look everything over and sign (签字前核对)."""
    return _sign_page(task_id)


def _sign_page(task_id: UUID, refused: str = "") -> str:
    _own_task(task_id)
    record = logs.record(task_id, seen_by=me())
    signing = logs.signing(record)
    current = [x for x in record.signatures if x.state_sha == record.fold.sha256]
    team = [m for m in tasks.active_members(record.task) if m.role.value != "helper"]
    by_role = {role: [x for x in current if x.role is role] for role in SignerRole}
    return render_template(
        "inspections/tablet/sign.html",
        task=record.task,
        record=record,
        score=record.score,
        findings=record.findings,
        before=signing_gaps(logs.signable(signing)),
        gaps=signing_gaps(signing),
        officers=[(m, next((x for x in by_role[SignerRole.OFFICER] if x.account_id == m.account_id), None)) for m in team],
        party=next(iter(by_role[SignerRole.PARTY][::-1]), None),
        witness=next(iter(by_role[SignerRole.WITNESS][::-1]), None),
        old=len(record.signatures) - len(current),
        fields={name: logs.field_value(record, name) for name in logs.FIELD_NAMES},
        icons=ICONS,
        refused=refused,
        confirmed=answer_actions.CONFIRMED,
    )


@bp.post("/tasks/<uuid:task_id>/sign")
@requires("tablet.use")
def keep_signature(task_id: UUID) -> ResponseReturnValue:
    """Keep one signature or a refusal to sign (签字)."""
    sent = SignatureForm.sent()
    if not sent.validate():
        return _sign_page(task_id, "签字没有收下，请重新签一次。"), 422
    role = SignerRole(sent.role.data)
    try:
        answer_actions.sign(
            task_id,
            role=role,
            state_sha=sent.state_sha.data,
            name=sent.name.data or "",
            statement=sent.statement.data or answer_actions.CONFIRMED,
            picture=_picture(sent),
            refused_reason=sent.refused_reason.data or "",
            account_id=UUID(sent.account_id.data) if role is SignerRole.OFFICER and sent.account_id.data else None,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as why:
        return _sign_page(task_id, why.sentence), 422
    return redirect(url_for("tablet.sign", task_id=task_id), 303)


def _picture(sent: SignatureForm) -> uploads.CleanUpload | None:
    """The drawn name, cleaned like any picture that comes in; None when nothing was drawn."""
    data = sent.picture.data.read() if sent.picture.data else b""
    return uploads.clean(data, "签名.png") if data else None


@bp.post("/tasks/<uuid:task_id>/conclusion")
@requires("tablet.use")
def conclude(task_id: UUID) -> ResponseReturnValue:
    """Lock the record and send it to review (完成并锁定)."""
    try:
        actions.submit_for_review(task_id, by=me(), at=now(), on=today())
    except Refused as why:
        return _sign_page(task_id, why.sentence), 422
    flash("记录已锁定，送交审核。", "ok")
    return redirect(url_for("tablet.sign", task_id=task_id), 303)


@bp.get("/tasks/<uuid:task_id>/signatures/<uuid:signature_id>")
@requires("tablet.use")
def signature(task_id: UUID, signature_id: UUID) -> Response:
    """The picture of a signature (签名图)."""
    found = logs.signature_picture(task_id, signature_id, seen_by=me())
    if found is None:
        raise NotVisible("signature")
    return Response(found, mimetype="image/jpeg")
