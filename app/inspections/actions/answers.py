"""Verbs of answers (答题办理): take operations, photos and signatures in. Nothing a tablet sent is refused away."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.archive import actions as archive
from app.archive.rules import BlobKind
from app.core import audit
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.scope import visible
from app.core.uploads import CleanUpload
from app.inspections.actions import tasks as task_actions
from app.inspections.events import tasks as events
from app.inspections.models import InspectionTask, KeptInvalid, OperationRow, Signature, TaskMember, TaskPhoto
from app.inspections.queries import answers as logs
from app.inspections.queries import tasks
from app.inspections.rules.answers import Invalid, Judged, Kind, Operation, SlotState, Status, TaskView, fold, judge
from app.inspections.rules.checklist import Checklist
from app.inspections.rules.task import MemberRole, SignerRole, TaskState, check_signing
from app.regions import queries as regions

STARTS_WITH: Final = ("@credentials_shown", "@rights_read", "@recusal")
RAW_MOST: Final = 1_000_000


def receive(batch: Sequence[Any], *, by: Actor, at: datetime, on: date) -> tuple[Judged, ...]:
    """Take a batch of operations in (接收答题操作): each is stored, known already, or kept aside with the reason.

    Safe to repeat, in any order, from any number of tablets at once: one transaction per device at a time, and unique
    `op_id` and (device, seq) behind it. Raises nothing for what the batch holds.
    """
    _one_at_a_time(batch)
    owners = _tasks_of(batch, by)
    views = {task_id: view for task_id, (_, view) in owners.items()}
    judged = _settle(batch, views, owners, by=by, at=at)
    aside = [(raw, j) for raw, j in zip(batch, judged, strict=True) if j.invalid]
    kept = _keep_aside(aside, owners, by=by, at=at)
    _record(judged, owners, kept, by=by, on=on)
    for task_id in {j.operation.task_id for j in judged if j.operation and j.status is Status.STORED}:
        _follow_steps(owners[task_id][0], by=by, at=at, on=on)
    return judged


def _texts(batch: Iterable[Any], name: str) -> set[str]:
    found = {value for raw in batch if isinstance(raw, dict) and isinstance(value := raw.get(name), str)}
    return {value for value in found if len(value) <= 64 and "\x00" not in value and _storable(value)}


def _one_at_a_time(batch: Sequence[Any]) -> None:
    """Wait for other batches of the same devices; in one order, so that nobody waits in a circle."""
    devices = sorted(d for d in _texts(batch, "device_id") if d.isprintable())
    for device in devices:
        db.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:device, 5))"), {"device": device})


def _tasks_of(batch: Sequence[Any], by: Actor) -> dict[str, tuple[InspectionTask, TaskView]]:
    """The tasks of a batch that the sender may write to, with what judging needs (可写任务)."""
    wanted = [UUID(task_id) for task_id in _texts(batch, "task_id") if is_uuid(task_id)]
    found = {}
    for row in db.session.scalars(visible(InspectionTask, to=by).where(InspectionTask.id.in_(wanted))):
        members = tasks.active_members(row)
        if any(m.account_id == by.id for m in members):
            found[str(row.id)] = (row, _view(row, members, tasks.checklist(row.id, seen_by=by)))
    return found


def is_uuid(value: str) -> bool:
    """Whether a text is a UUID in its usual spelling."""
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _view(row: InspectionTask, members: Sequence[TaskMember], checklist: Checklist) -> TaskView:
    parts = {}
    if row.joint:
        present = {m.department for m in members}
        parts = {str(m.account_id): logs.part(checklist, m, present) for m in members}
    return TaskView(row.checklist_sha, frozenset(checklist.by_code), frozenset(str(m.account_id) for m in members), parts)


def _known(batch: Sequence[Any]) -> tuple[dict[str, str], dict[tuple[str, int], str]]:
    """What is stored already of a batch, over all tasks (已存操作): hashes by op_id, op_ids by (device, seq)."""
    seats = {
        (raw["device_id"], raw["seq"])
        for raw in batch
        if isinstance(raw, dict) and _texts([raw], "device_id") and type(raw.get("seq")) is int and 0 < raw["seq"] < 2**63
    }
    query = select(OperationRow.op_id, OperationRow.hash, OperationRow.device_id, OperationRow.seq).where(
        or_(OperationRow.op_id.in_(_texts(batch, "op_id")), tuple_(OperationRow.device_id, OperationRow.seq).in_(seats))
    )
    with acting(SYSTEM):
        rows = db.session.execute(query).all()
    return {r.op_id: r.hash for r in rows}, {(r.device_id, r.seq): r.op_id for r in rows}


def _settle(
    batch: Sequence[Any],
    views: Mapping[str, TaskView],
    owners: Mapping[str, tuple[InspectionTask, TaskView]],
    *,
    by: Actor,
    at: datetime,
) -> tuple[Judged, ...]:
    """Judge and store (判定并存入); what another device's transaction stored meanwhile is judged again, now that it is known."""
    first = _judged(batch, views)
    new = {j.op_id: j.operation for j in first if j.status is Status.STORED and j.operation}
    inserted = _insert(new.values(), owners, by=by, at=at)
    if len(inserted) == len(new):
        return first
    second = _judged(batch, views)
    return tuple(a if a.status is Status.STORED and a.op_id in inserted else b for a, b in zip(first, second, strict=True))


def _judged(batch: Sequence[Any], views: Mapping[str, TaskView]) -> tuple[Judged, ...]:
    stored, taken = _known(batch)
    return judge(batch, tasks=views, stored=stored, taken=taken)


def _insert(
    new: Iterable[Operation], owners: Mapping[str, tuple[InspectionTask, TaskView]], *, by: Actor, at: datetime
) -> set[str]:
    rows = [_row(op, owners[op.task_id][0], by=by, at=at) for op in sorted(new, key=lambda op: (op.device_id, op.seq))]
    if not rows:
        return set()
    statement = insert(OperationRow).values(rows).on_conflict_do_nothing().returning(OperationRow.op_id)
    return set(db.session.scalars(statement))


def _row(op: Operation, task: InspectionTask, *, by: Actor, at: datetime) -> dict[str, Any]:
    return op.model_dump() | {
        "id": uuid4(),
        "task_id": task.id,
        "scope_path": task.scope_path,
        "provider_id": task.provider_id,
        "site_id": task.site_id,
        "sent_by": by.id,
        "received_at": at,
    }


# --- kept aside -------------------------------------------------------------------------------------------------------


def keep_unread(body: bytes, *, by: Actor, at: datetime, on: date) -> Judged:
    """Keep a body that is no batch (留存读不懂的内容): one quarantined entry with the bytes as they came."""
    raw = body[:RAW_MOST].decode("utf-8", "backslashreplace")
    judged = Judged("", Status.KEPT_INVALID, Invalid.MALFORMED, None, "内容不是规定的格式")
    if _keep_aside([(raw, judged)], {}, by=by, at=at):
        audit.record(events.OperationsReceived(subject=by.id, by=by.id, on=on, stored=0, duplicate=0, kept_invalid=1))
    return judged


def _keep_aside(
    pairs: Sequence[tuple[Any, Judged]],
    owners: Mapping[str, tuple[InspectionTask, TaskView]],
    *,
    by: Actor,
    at: datetime,
) -> int:
    """Quarantine what could not be stored (留存); the same text for the same reason is kept once. Returns how many are new."""
    rows = [_aside_row(raw, j, owners, by=by, at=at) for raw, j in pairs]
    if not rows:
        return 0
    statement = insert(KeptInvalid).values(rows).on_conflict_do_nothing().returning(KeptInvalid.id)
    with acting(SYSTEM):  # what is kept may belong to no task that the sender can reach
        return len(db.session.scalars(statement).all())


def _aside_row(
    raw: Any, judged: Judged, owners: Mapping[str, tuple[InspectionTask, TaskView]], *, by: Actor, at: datetime
) -> dict[str, Any]:
    fields = raw if isinstance(raw, dict) else {}
    written = json.dumps(raw, ensure_ascii=True, sort_keys=True)[:RAW_MOST]
    task_id = fields.get("task_id")
    owner = owners[task_id][0] if isinstance(task_id, str) and task_id in owners else None
    seq = fields.get("seq")
    return {
        "id": uuid4(),
        "scope_path": owner.scope_path if owner else _home_path(by),
        "provider_id": owner.provider_id if owner else None,
        "site_id": owner.site_id if owner else None,
        "task_id": UUID(task_id) if isinstance(task_id, str) and is_uuid(task_id) else None,
        "op_id": _short(fields.get("op_id")),
        "device_id": _short(fields.get("device_id")),
        "seq": seq if type(seq) is int and 0 < seq < 2**63 else None,
        "hash": _short(fields.get("hash")),
        "prev_hash": _short(fields.get("prev_hash")),
        "invalid": judged.invalid,
        "detail": _short(judged.detail),
        "raw": written,
        "raw_sha256": hashlib.sha256(written.encode()).hexdigest(),
        "sent_by": by.id,
        "received_at": at,
    }


def _short(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 64 and value.isprintable() and _storable(value) else ""


def _storable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _home_path(by: Actor) -> str:
    return regions.authority(by.authority_id).path if by.authority_id else by.scope.path or "/"


def _record(
    judged: Sequence[Judged], owners: Mapping[str, tuple[InspectionTask, TaskView]], kept: int, *, by: Actor, on: date
) -> None:
    """One line a task that got something new (留痕); a batch that only repeats leaves none."""
    stored = Counter(j.operation.task_id for j in judged if j.operation and j.status is Status.STORED)
    known = sum(j.status is Status.DUPLICATE for j in judged)
    for task_id, count in sorted(stored.items()):
        row = owners[task_id][0]
        audit.record(events.OperationsReceived(subject=row.id, by=by.id, on=on, stored=count, duplicate=known, kept_invalid=kept))
    if kept and not stored:
        audit.record(events.OperationsReceived(subject=by.id, by=by.id, on=on, stored=0, duplicate=known, kept_invalid=kept))


def _follow_steps(row: InspectionTask, *, by: Actor, at: datetime, on: date) -> None:
    """Certificates shown, rights told and recusal asked, all on the tablet: then the inspection has begun."""
    if row.state is not TaskState.CHECKED_IN:
        return
    answers = fold(logs.operations(row.id, seen_by=by))
    if all(answers.slot(name, Kind.FIELD).state is SlotState.SETTLED for name in STARTS_WITH):
        task_actions.read_rights(row.id, by=by, at=at, on=on)


# --- photos and signatures --------------------------------------------------------------------------------------------


def receive_photo(task_id: UUID, upload: CleanUpload, *, by: Actor, at: datetime, on: date) -> TaskPhoto:
    """Take a photo in (接收检查照片). Operations name it by the hash of the bytes as they were taken. Safe to repeat."""
    row = tasks.task(task_id, seen_by=by)
    task_actions.only_the_team(row, by)
    known = logs.photos(task_id, seen_by=by).get(upload.original_sha256)
    if known is not None:
        return known
    blob = archive.keep_blob(upload, of=row, kind=BlobKind.PHOTO, by=by, at=at, on=on)
    photo = TaskPhoto(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        task_id=row.id,
        original_sha256=upload.original_sha256,
        blob_id=blob.id,
        taken_by=by.id,
        received_at=at,
    )
    db.session.add(photo)
    db.session.flush()
    audit.record(events.PhotoReceived(subject=row.id, by=by.id, on=on, blob_id=blob.id, original_sha256=upload.original_sha256))
    return photo


CONFIRMED: Final = "以上笔录已阅，属实"


def sign(
    task_id: UUID,
    *,
    role: SignerRole,
    state_sha: str,
    name: str = "",
    statement: str = CONFIRMED,
    picture: CleanUpload | None = None,
    refused_reason: str = "",
    account_id: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Signature:
    """Sign one state of the record (签字), or note that the home refuses to, with the reason (拒签).

    Refused while anything but signatures is missing, and when the record changed since it was read out (`state_sha`).
    """
    row = tasks.task(task_id, seen_by=by, lock=True)
    task_actions.only_the_team(row, by)
    if row.state is not TaskState.IN_PROGRESS:
        raise Refused("task.not_now", f"检查任务“{row.state.label}”，现在不能签字")
    record = logs.record(task_id, seen_by=by)
    check_signing(logs.signable(logs.signing(record)))
    if state_sha != record.fold.sha256:
        raise Refused("task.changed", "核对之后记录又有变动，请重新核对内容和记录码，再签字")
    signer = _signer(row, role, account_id, name)
    _picture_or_reason(role, picture, refused_reason)
    blob = archive.keep_blob(picture, of=row, kind=BlobKind.SIGNATURE, by=by, at=at, on=on) if picture else None
    signature = Signature(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        task_id=row.id,
        role=role,
        account_id=account_id if role is SignerRole.OFFICER else None,
        name=signer,
        statement="" if refused_reason else statement.strip() or CONFIRMED,
        blob_id=blob.id if blob else None,
        state_sha=state_sha,
        refused_reason=refused_reason.strip(),
        taken_by=by.id,
        at=at,
    )
    db.session.add(signature)
    db.session.flush()
    audit.record(
        events.RecordSignedBy(
            subject=row.id, by=by.id, on=on, role=role, state_sha=state_sha, refused=bool(refused_reason.strip())
        )
    )
    return signature


def _signer(row: InspectionTask, role: SignerRole, account_id: UUID | None, name: str) -> str:
    if role is not SignerRole.OFFICER:
        if not name.strip():
            raise Refused("task.signer_name", "请填写签字人姓名")
        return name.strip()
    officer = next((m for m in tasks.active_members(row) if m.account_id == account_id and m.role is not MemberRole.HELPER), None)
    if officer is None:
        raise Refused("task.not_on_team", "签字人不是本次检查的检查人员")
    return officer.name


def _picture_or_reason(role: SignerRole, picture: CleanUpload | None, refused_reason: str) -> None:
    if bool(picture) is bool(refused_reason.strip()):
        raise Refused("task.signature", "请手写签名；拒绝签字的，请写明情况")
    if refused_reason.strip() and role is not SignerRole.PARTY:
        raise Refused("task.refusal", "只有被检查单位可以登记拒签，检查人员和见证人须签名")
