"""The tablet's interface (现场检查接口): operations in, tasks and receipts out. Described in docs/openapi.json.

An answer is never refused: a batch is answered 200 with the fate of each operation. Errors of the call itself are problem
documents (RFC 9457). Every call carries the session cookie and, when it writes, the header `X-Songjian: 1`.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field
from spectree import Response as Answers
from spectree import SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin

from app.core import clock, uploads
from app.core.access import me, requires
from app.core.refusal import Refused
from app.core.web import problem
from app.inspections.actions import answers as actions
from app.inspections.documents import DUTIES, RIGHTS
from app.inspections.queries import answers as logs
from app.inspections.queries import tasks
from app.inspections.rules.answers import FIELDS, Answer, Fold, Invalid, Kind, Operation, SlotState, Status
from app.inspections.rules.task import TaskKind, TaskState

bp = Blueprint("sync", __name__, url_prefix="/api/v1")
MOST_OPERATIONS: Final = 500
MOST_BYTES: Final = 256 * 1024

spec = SpecTree(
    "base",
    backend=FlaskPlugin,
    title="松鉴 现场检查接口",
    version="v1",
    description="Operations of tablets in, tasks and receipts out. Nothing that a tablet sends as an answer is refused.",
    mode="strict",
)


class Shape(BaseModel):
    """What goes over the wire (接口数据)."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """A problem document (接口错误), RFC 9457."""

    type: str
    status: int
    code: str = Field(description="stable for programs")
    detail: str = Field(description="a sentence for people that says what to do")


class Batch(Shape):
    """Operations of one or several devices, in any order, repeated as often as needed (一批操作)."""

    ops: list[Operation] = Field(max_length=MOST_OPERATIONS)


class Fate(Shape):
    """What became of one operation (逐条结果), at the place it had in the batch."""

    op_id: str
    status: Status
    invalid: Invalid | None = None
    reason: str = ""


class BatchReply(Shape):
    """The fates of a batch, in its order (批次结果), and the server's time for the device's clock."""

    results: list[Fate]
    server_ms: int


class TaskLine(Shape):
    """A task in the list (任务摘要)."""

    id: str
    number: str
    kind: TaskKind
    state: TaskState
    planned_on: date
    site: str
    address: str
    items: int
    checklist_sha: str


class TaskList(Shape):
    """One's own tasks (我的任务)."""

    tasks: list[TaskLine]
    server_ms: int


class Person(Shape):
    """Somebody on the team (检查组成员)."""

    id: str
    name: str
    role: str
    department: str
    certificate: str


class SlotView(Shape):
    """The current values of one field (当前值): the operations that nothing replaces."""

    item: str
    kind: Kind
    state: SlotState
    heads: list[Operation]


class LastTime(Shape):
    """What the last inspection said of an item (上次结果)."""

    on: date
    answer: Answer
    facts: list[str]


class Pack(Shape):
    """All that a tablet needs for a task (任务包): the frozen checklist, the site, the team, what is known so far."""

    task: TaskLine
    me: str
    lead: str
    joint: bool
    site_facts: dict[str, str]
    team: list[Person]
    checklist: dict[str, Any]
    fields: dict[str, str]
    rights: list[str]
    duties: list[str]
    own_items: list[str] | None = Field(description="in a joint inspection the items of one's department, else null")
    slots: list[SlotView]
    photos: list[str] = Field(description="hashes of photos that the server has")
    kept_invalid: int
    last_time: dict[str, LastTime]
    state_sha: str
    short_code: str
    server_ms: int


class PhotoReply(Shape):
    """A photo is kept (照片已收): operations name it by the hash of the bytes as they were taken."""

    sha256: str
    kept_sha256: str = Field(description="hash of the cleaned picture in the archive")
    width: int
    height: int


class ReceiptReply(Shape):
    """What the server holds of a task (回执)."""

    task_id: str
    operations: list[tuple[str, str]] = Field(description="(op_id, hash) in order of arrival")
    photos: list[str]
    kept_invalid: list[str]
    state_sha: str
    sha256: str


def _json(shape: Shape) -> Response:
    return Response(shape.model_dump_json(), mimetype="application/json")


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@bp.post("/sync/ops")
@requires("tablet.use")
@spec.validate(json=Batch, resp=Answers(HTTP_200=BatchReply, HTTP_401=Problem, HTTP_413=Problem), skip_validation=True)
def operations() -> Response:
    """Take a batch of operations (上传答题操作).

    At most 500 operations or 256 KiB; a longer batch is answered 413 before anything is read, and loses nothing. Whatever
    arrives within is kept: stored, known already (duplicate), or aside with the reason (kept_invalid). Safe to repeat.
    """
    at, on = clock.now(), clock.today()
    body = request.get_data(cache=False)
    batch = _batch(body)
    if batch is None:
        return _fates([actions.keep_unread(body, by=me(), at=at, on=on)], at)
    if len(batch) > 1 and (len(batch) > MOST_OPERATIONS or len(body) > MOST_BYTES):
        return problem(413, "sync.too_much", "一批最多500条或256KB，请分成几批再传；本机的内容不会丢。", most=MOST_OPERATIONS)
    return _fates(actions.receive(batch, by=me(), at=at, on=on), at)


def _batch(body: bytes) -> list[Any] | None:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    ops = read.get("ops") if isinstance(read, dict) and set(read) == {"ops"} else None
    return ops if isinstance(ops, list) and ops else None


def _fates(judged: Any, at: datetime) -> Response:
    results = [
        Fate(op_id=_legible(j.op_id), status=j.status, invalid=j.invalid, reason=_legible(_reason(j.invalid, j.detail)))
        for j in judged
    ]
    return _json(BatchReply(results=results, server_ms=_ms(at)))


def _legible(text: str) -> str:
    """What a broken device sent, without what no answer of ours can carry (lone surrogates)."""
    return text.encode("utf-8", "replace").decode()


def _reason(invalid: Invalid | None, detail: str) -> str:
    if invalid is None:
        return ""
    return f"{invalid.label}（{detail}）" if detail else invalid.label


@bp.get("/tasks")
@requires("tablet.use")
@spec.validate(resp=Answers(HTTP_200=TaskList, HTTP_401=Problem))
def my_tasks() -> Response:
    """One's own tasks in hand (我的检查任务)."""
    rows = tasks.my_tasks(seen_by=me(), on=clock.today())
    return _json(TaskList(tasks=[_line(row) for row in rows], server_ms=_ms(clock.now())))


def _line(row: Any) -> TaskLine:
    return TaskLine(
        id=str(row.id),
        number=row.number,
        kind=row.kind,
        state=row.state,
        planned_on=row.planned_on,
        site=row.site.name,
        address=row.site.address,
        items=row.item_count,
        checklist_sha=row.checklist_sha,
    )


@bp.get("/tasks/<uuid:task_id>")
@requires("tablet.use")
@spec.validate(resp=Answers(HTTP_200=Pack, HTTP_401=Problem, HTTP_404=Problem))
def pack(task_id: UUID) -> Response:
    """Everything a tablet needs for a task (任务包)."""
    actor = me()
    record = logs.record(task_id, seen_by=actor)
    row = record.task
    return _json(
        Pack(
            task=_line(row),
            me=str(actor.id),
            lead=str(row.lead_id or ""),
            joint=row.joint,
            site_facts=tasks.site_words(row.site_id, seen_by=actor),
            team=[_person(m) for m in tasks.active_members(row)],
            checklist=record.checklist.payload(),
            fields=dict(FIELDS),
            rights=list(RIGHTS),
            duties=list(DUTIES),
            own_items=logs.own_items(record, actor),
            slots=_slots(record.fold),
            photos=sorted(record.photos),
            kept_invalid=len(logs.kept_aside(task_id, seen_by=actor)),
            last_time=_last_time(row, actor),
            state_sha=record.fold.sha256,
            short_code=record.fold.short_code,
            server_ms=_ms(clock.now()),
        )
    )


def _person(member: Any) -> Person:
    return Person(
        id=str(member.account_id),
        name=member.name,
        role=member.role.label,
        department=member.department.label,
        certificate=member.certificate_no,
    )


def _slots(fold: Fold) -> list[SlotView]:
    return [
        SlotView(item=slot.item, kind=slot.kind, state=slot.state, heads=list(slot.heads))
        for _, slot in sorted(fold.slots.items())
    ]


def _last_time(row: Any, actor: Any) -> dict[str, LastTime]:
    before = logs.last_time(row, seen_by=actor)
    return {code: LastTime(on=said.on, answer=said.answer, facts=list(said.facts)) for code, said in before.items()}


@bp.post("/photos")
@requires("tablet.use")
@spec.validate(resp=Answers(HTTP_200=PhotoReply, HTTP_401=Problem, HTTP_404=Problem, HTTP_409=Problem), skip_validation=True)
def photos() -> Response:
    """Take a photo in (上传照片): multipart with `task_id`, `photo` and, to be checked, `sha256` of the bytes as taken."""
    at, on = clock.now(), clock.today()
    sent = request.files.get("photo")
    if sent is None or not actions.is_uuid(request.form.get("task_id", "")):
        raise Refused("photo.form", "请同时送 task_id 和 photo")
    upload = uploads.clean(
        sent.read(), sent.filename or "photo.jpg", clamd=current_app.extensions["settings"].clamd_address or None
    )
    promised = request.form.get("sha256", upload.original_sha256)
    if promised != upload.original_sha256:
        raise Refused("photo.changed", "照片在传输中变了样，请重新上传；本机的原件不要删")
    photo = actions.receive_photo(UUID(request.form["task_id"]), upload, by=me(), at=at, on=on)
    return _json(PhotoReply(sha256=photo.original_sha256, kept_sha256=upload.sha256, width=upload.width, height=upload.height))


@bp.get("/tasks/<uuid:task_id>/receipt")
@requires("tablet.use")
@spec.validate(resp=Answers(HTTP_200=ReceiptReply, HTTP_401=Problem, HTTP_404=Problem))
def receipt(task_id: UUID) -> Response:
    """What the server holds of a task (回执), to compare with the tablet's own log before anything is wiped there."""
    found = logs.receipt(task_id, seen_by=me())
    return _json(
        ReceiptReply(
            task_id=str(task_id),
            operations=list(found.operations),
            photos=list(found.photos),
            kept_invalid=list(found.kept_invalid),
            state_sha=found.state_sha,
            sha256=found.sha256,
        )
    )


def description(app: Flask) -> dict[str, Any]:
    """The interface as OpenAPI (接口说明): what docs/openapi.json holds."""
    with app.app_context():
        spec.app = app
        return json.loads(json.dumps(spec.spec))  # type: ignore[no-any-return]
