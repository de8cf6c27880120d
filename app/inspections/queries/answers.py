"""Questions about answers (答题查询): the log of a task, what follows from it, what is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from app.archive.models import Blob
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.scope import visible
from app.core.standards import digest
from app.inspections.models import InspectionTask, KeptInvalid, OperationRow, Signature, TaskMember, TaskPhoto
from app.inspections.queries import tasks
from app.inspections.rules.answers import (
    FIELDS,
    Answer,
    Fold,
    Kind,
    Operation,
    SlotState,
    chain_faults,
    decision_faults,
    fold,
    late,
)
from app.inspections.rules.checklist import Checklist, Department
from app.inspections.rules.findings import FindingDraft, findings_of, without_fact, without_reason
from app.inspections.rules.score import Score, score
from app.inspections.rules.task import MemberRole, SignerRole, Signing

_PARTS = tuple(Operation.model_fields)


def operations(task_id: UUID, *, seen_by: Actor) -> tuple[Operation, ...]:
    """Every operation stored for a task, in the order of arrival (全部操作)."""
    query = visible(OperationRow, to=seen_by).where(OperationRow.task_id == task_id).order_by(OperationRow.arrival)
    return tuple(as_operation(row) for row in db.session.scalars(query))


def as_operation(row: OperationRow) -> Operation:
    """The operation that a row holds; it was checked when it came."""
    fields = {name: getattr(row, name) for name in _PARTS}
    return Operation.model_construct(**(fields | {"task_id": str(row.task_id)}))


def kept_aside(task_id: UUID, *, seen_by: Actor) -> Sequence[KeptInvalid]:
    """What tablets sent for a task and could not be stored (留存待处理)."""
    query = visible(KeptInvalid, to=seen_by).where(KeptInvalid.task_id == task_id).order_by(KeptInvalid.received_at)
    return db.session.scalars(query).all()


def photos(task_id: UUID, *, seen_by: Actor) -> dict[str, TaskPhoto]:
    """The photos of a task that are here, by the hash that operations name (已上传照片)."""
    rows = db.session.scalars(visible(TaskPhoto, to=seen_by).where(TaskPhoto.task_id == task_id))
    return {row.original_sha256: row for row in rows}


def thumbnail(task_id: UUID, original_sha256: str, *, seen_by: Actor) -> bytes | None:
    """The small picture of a photo (缩略图), None when the photo is not here."""
    query = (
        visible(TaskPhoto, to=seen_by)
        .join(Blob, Blob.id == TaskPhoto.blob_id)
        .where(TaskPhoto.task_id == task_id, TaskPhoto.original_sha256 == original_sha256)
        .with_only_columns(Blob.thumbnail)
    )
    return db.session.scalars(query).one_or_none()


def signatures(task_id: UUID, *, seen_by: Actor) -> Sequence[Signature]:
    """Everything signed on a task (签字记录)."""
    query = visible(Signature, to=seen_by).where(Signature.task_id == task_id).order_by(Signature.at)
    return db.session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class Record:
    """All there is to know of a task's answers at one moment (答题情况).

    `fold` is what counts: the operations that signatures cover once there are any, all of them before.
    `late` came after the signatures.
    """

    task: InspectionTask
    checklist: Checklist
    operations: tuple[Operation, ...]
    fold: Fold
    late: tuple[Operation, ...]
    photos: dict[str, TaskPhoto]
    signatures: tuple[Signature, ...]

    @property
    def score(self) -> Score:
        """The explained result (检查结果)."""
        return score(self.checklist, self.fold)

    @property
    def findings(self) -> tuple[FindingDraft, ...]:
        """The problems found (发现的问题)."""
        return findings_of(self.checklist, self.fold)

    @property
    def decision_faults(self) -> tuple[str, ...]:
        """Decisions between different values that were not the lead's, or give no reason (裁定瑕疵)."""
        return decision_faults(self.operations, lead_id=str(self.task.lead_id))

    @property
    def missing_photos(self) -> tuple[str, ...]:
        """Photos that operations name and that are not here (尚未上传的照片), by hash."""
        named = {v for i in self.checklist.items for v in self.fold.values(i.code, Kind.PHOTO)}
        return tuple(sorted(named - set(self.photos)))


def record(task_id: UUID, *, seen_by: Actor) -> Record:
    """Read a task's answers (读取答题情况)."""
    row = tasks.task(task_id, seen_by=seen_by)
    checklist = tasks.checklist(task_id, seen_by=seen_by)
    every = operations(task_id, seen_by=seen_by)
    covered = frozenset(row.signed_ops) if row.signed_ops is not None else None
    counted = every if covered is None else tuple(op for op in every if op.op_id in covered)
    return Record(
        task=row,
        checklist=checklist,
        operations=every,
        fold=fold(counted),
        late=() if covered is None else late(every, covered),
        photos=photos(task_id, seen_by=seen_by),
        signatures=tuple(signatures(task_id, seen_by=seen_by)),
    )


def part(checklist: Checklist, member: TaskMember, present: set[Department]) -> frozenset[str]:
    """The items a member answers in a joint inspection (本部门检查项).

    Each department its own; civil affairs, who leads, also what belongs to a department that sent nobody.
    """
    own = {i.code for i in checklist.of_department(member.department)}
    if member.department is Department.CIVIL_AFFAIRS:
        own |= {i.code for i in checklist.items if i.item.departments[0] not in present}
    return frozenset(own)


def own_items(record_: Record, actor: Actor) -> list[str] | None:
    """In a joint inspection the items that the actor answers (本部门检查项); None when all are."""
    members = tasks.active_members(record_.task)
    mine = next((m for m in members if m.account_id == actor.id), None)
    if not record_.task.joint or mine is None:
        return None
    own = part(record_.checklist, mine, {m.department for m in members})
    return [i.code for i in record_.checklist.items if i.code in own]


@dataclass(frozen=True, slots=True)
class Said:
    """What the last inspection said of an item (上次结果)."""

    on: date
    answer: Answer
    facts: tuple[str, ...]


def last_time(row: InspectionTask, *, seen_by: Actor) -> dict[str, Said]:
    """What the last concluded inspection of the same site said, by item code (上次结果)."""
    query = visible(InspectionTask, to=seen_by).where(
        InspectionTask.site_id == row.site_id, InspectionTask.id != row.id, InspectionTask.ended_on.is_not(None)
    )
    before = db.session.scalars(query.order_by(InspectionTask.ended_on.desc()).limit(1)).one_or_none()
    if before is None or before.ended_on is None:
        return {}
    answers = record(before.id, seen_by=seen_by).fold
    found = {}
    for code, kind in answers.slots:
        answer = answers.answer(code) if kind == Kind.ANSWER else None
        if answer is not None:
            found[code] = Said(before.ended_on, answer, answers.values(code, Kind.REMARK))
    return found


# --- before signing ---------------------------------------------------------------------------------------------------

# What an on-site record must hold before it is signed; helpers and a statement may be left out.
STEPS = ("@credentials_shown", "@rights_read", "@recusal", "@on_site_head", "@residents_today")


@dataclass(frozen=True, slots=True)
class _Chained:
    device_id: str
    seq: int
    hash: str
    prev_hash: str


def device_faults(task_id: UUID) -> tuple[str, ...]:
    """Holes in the chains of the devices that wrote to a task (设备链缺口).

    A device numbers its operations over all tasks, and what was kept aside keeps its number; so the whole range from the
    device's first operation on this task is looked at, whoever's task it belongs to.
    """
    with acting(SYSTEM):
        ranges = db.session.execute(
            select(OperationRow.device_id, func.min(OperationRow.seq), func.max(OperationRow.seq))
            .where(OperationRow.task_id == task_id)
            .group_by(OperationRow.device_id)
        ).all()
        faults: list[str] = []
        for device, first, last in ranges:
            links = {link.seq: link for link in _links(device, first, last)}
            before = next(iter(_links(device, first - 1, first - 1)), None)
            start = (before.seq, before.hash) if before else (first - 1, links[first].prev_hash)
            faults += chain_faults(links.values(), checked={device: start})
            if before is None and first > 1:
                faults.append(f"设备 {device} 第{first - 1}条操作尚未收到，请在该设备上联网同步")
    return tuple(faults)


def _links(device: str, first: int, last: int) -> list[_Chained]:
    """The links of a device between two numbers: what was stored, else what was kept aside."""
    found: dict[int, _Chained] = {}
    for table in (KeptInvalid, OperationRow):
        rows = db.session.execute(
            select(table.device_id, table.seq, table.hash, table.prev_hash).where(
                table.device_id == device, table.seq.between(first, last)
            )
        )
        found |= {row.seq: _Chained(row.device_id, row.seq, row.hash, row.prev_hash) for row in rows}
    return [found[seq] for seq in sorted(found)]


def signing(record_: Record) -> Signing:
    """What must be settled before the record is concluded (签字前核对)."""
    s, answers = record_.score, record_.fold
    current = [x for x in record_.signatures if x.state_sha == answers.sha256]
    team = {m.account_id for m in tasks.active_members(record_.task) if m.role is not MemberRole.HELPER}
    party = [x for x in current if x.role is SignerRole.PARTY]
    refused = any(x.refused_reason for x in party)
    witnessed = any(x.role is SignerRole.WITNESS for x in current)
    open_fields = [FIELDS[name] for name in STEPS if answers.slot(name, Kind.FIELD).state is SlotState.OPEN]
    disputed = [slot.item for slot in answers.conflicts()]
    return Signing(
        unanswered=s.unanswered,
        disputed=tuple(dict.fromkeys((*s.disputed, *disputed))),
        chain_faults=(*device_faults(record_.task.id), *_photo_gap(record_)),
        not_met_without_fact=without_fact(record_.checklist, answers),
        not_applicable_without_reason=without_reason(record_.checklist, answers),
        missing_steps=open_fields,
        officers_signed={str(x.account_id) for x in current if x.role is SignerRole.OFFICER and x.account_id in team},
        party_signed_or_refused=any(not x.refused_reason for x in party) or (refused and witnessed),
    )


def _photo_gap(record_: Record) -> tuple[str, ...]:
    missing = len(record_.missing_photos)
    return (f"还有 {missing} 张照片没有上传，请联网后等照片传完",) if missing else ()


def signable(signing_: Signing) -> Signing:
    """The same, leaving signatures aside (可否开始签字)."""
    return replace(signing_, officers_signed={"1", "2"}, party_signed_or_refused=True)


FIELD_NAMES = tuple(FIELDS)


def field_value(record_: Record, name: str) -> str:
    """What the record says in one of its fields (笔录栏目); differing entries side by side."""
    slot = record_.fold.slot(name, Kind.FIELD)
    return slot.value or " / ".join(op.value for op in slot.heads if op.value)


def signature_picture(task_id: UUID, signature_id: UUID, *, seen_by: Actor) -> bytes | None:
    """The small picture of a signature (签名图), None for a refusal or a foreign one."""
    query = (
        visible(Signature, to=seen_by)
        .join(Blob, Blob.id == Signature.blob_id)
        .where(Signature.task_id == task_id, Signature.id == signature_id)
        .with_only_columns(Blob.thumbnail)
    )
    return db.session.scalars(query).one_or_none()


# --- receipt ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server holds of a task (回执): the hashes of operations in order of arrival, of photos, of what was kept aside."""

    operations: tuple[tuple[str, str], ...]
    photos: tuple[str, ...]
    kept_invalid: tuple[str, ...]
    state_sha: str

    @property
    def sha256(self) -> str:
        """Hash over the receipt's lists (回执指纹); the order of arrival makes no difference."""
        return digest([sorted(list(pair) for pair in self.operations), sorted(self.photos), sorted(self.kept_invalid)])


def receipt(task_id: UUID, *, seen_by: Actor) -> Receipt:
    """What a tablet may compare with its own log (回执)."""
    held = record(task_id, seen_by=seen_by)
    return Receipt(
        operations=tuple((op.op_id, op.hash) for op in held.operations),
        photos=tuple(sorted(held.photos)),
        kept_invalid=tuple(row.raw_sha256 for row in kept_aside(task_id, seen_by=seen_by)),
        state_sha=held.fold.sha256,
    )
