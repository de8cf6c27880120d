"""Answers as operations (答题操作): what a tablet sends, how a batch is judged, and what follows from all of them.

Operations are only ever added. The current answer is computed from them, so there is no second copy that could drift,
and the order and the number of arrivals make no difference.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.core.labels import Labelled
from app.core.standards import digest

UUID4: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
SHA256: Final = r"^[0-9a-f]{64}$"
SAFE_INTEGER: Final = 2**53 - 1  # what every JSON reader keeps exactly


class Answer(Labelled):
    """An answer to an item (检查结论). For a major hazard: 未发现, 发现."""

    MET = "met", "符合"
    NOT_MET = "not_met", "不符合"
    NOT_APPLICABLE = "not_applicable", "不适用"
    REFERRED = "referred", "存疑，待研判"


class Kind(Labelled):
    """What an operation is about (操作类别)."""

    ANSWER = "answer", "结论"
    SEVERITY = "severity", "严重程度"
    REMEDY = "remedy", "整改方式"
    REMARK = "remark", "查见事实"
    MEASURE = "measure", "当场措施"
    PHOTO = "photo", "照片"
    FIELD = "field", "笔录栏目"

    @property
    def single(self) -> bool:
        """Whether two different current values contradict each other (须唯一)."""
        return self in (Kind.ANSWER, Kind.SEVERITY, Kind.REMEDY, Kind.FIELD)


ALLOWED: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.ANSWER: frozenset(a.value for a in Answer),
    Kind.SEVERITY: frozenset({"minor", "serious", "major"}),
    Kind.REMEDY: frozenset({"on_the_spot", "within_term", "construction"}),
}

# Steps and statements of the on-site record (现场检查笔录) that are not items; an item code never begins with "@".
FIELDS: Final[Mapping[str, str]] = {
    "@checked_in": "到场扫码",
    "@credentials_shown": "已出示执法证件",
    "@rights_read": "已告知权利义务",
    "@recusal": "是否申请回避",
    "@on_site_head": "现场负责人",
    "@residents_today": "当日在住人数",
    "@helpers": "随行协助人员",
    "@party_statement": "被检查单位陈述",
    "@refused_to_sign": "拒签情况与见证人",
}


class Operation(BaseModel):
    """One act on a tablet (操作): answer, remark, photo … An empty `value` takes back what it replaces.

    `seq` counts without gaps per device; `*_ms` are device times in milliseconds, evidence only. `hash` is the SHA-256
    of the canonical JSON of all other fields, each always present (`reason` and `prev_hash` may be empty text).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    op_id: str = Field(pattern=UUID4)
    task_id: str = Field(pattern=UUID4)
    edition_sha: str = Field(pattern=SHA256)
    item: str = Field(min_length=1, max_length=40)
    kind: str
    value: str = Field(max_length=4000)
    reason: str = Field(default="", max_length=1000)
    author_id: str = Field(min_length=1, max_length=40)
    device_id: str = Field(min_length=1, max_length=64)
    seq: int = Field(ge=1, le=SAFE_INTEGER)
    replaces: list[str] = Field(default_factory=list, max_length=100)
    wall_ms: int = Field(ge=0, le=SAFE_INTEGER)
    mono_ms: int = Field(ge=0, le=SAFE_INTEGER)
    offset_ms: int = Field(ge=-SAFE_INTEGER, le=SAFE_INTEGER)
    prev_hash: str = Field(pattern=r"^(|[0-9a-f]{64})$")
    hash: str = Field(pattern=SHA256)

    @model_validator(mode="after")
    def _kind_is_known(self) -> Operation:
        Kind(self.kind)
        texts = (self.item, self.value, self.reason, self.author_id, self.device_id, *self.replaces)
        if any("\x00" in text for text in texts):
            raise ValueError("no database stores the character NUL")
        return self

    @property
    def slot(self) -> tuple[str, str]:
        """What the operation speaks about (所属栏位): item and kind."""
        return self.item, self.kind

    def expected_hash(self) -> str:
        """The hash its fields call for (应有指纹)."""
        return operation_hash(self.model_dump())


def operation_hash(fields: Mapping[str, Any]) -> str:
    """Hash of an operation's fields (操作指纹), without `hash` itself."""
    return digest({name: value for name, value in fields.items() if name != "hash"})


# --- judging a batch --------------------------------------------------------------------------------------------------


class Status(Labelled):
    """What became of an operation (接收结果). There is no fourth: nothing a tablet sends is refused away."""

    STORED = "stored", "已存"
    DUPLICATE = "duplicate", "已有"
    KEPT_INVALID = "kept_invalid", "已留存，待处理"


class Invalid(Labelled):
    """Why an operation is kept aside (留存原因)."""

    MALFORMED = "malformed", "格式不符"
    HASH_MISMATCH = "hash_mismatch", "内容与指纹不符"
    SAME_ID_OTHER_BYTES = "same_id_other_bytes", "同一编号先后内容不同"
    SEQ_TAKEN = "seq_taken", "本机序号已被另一操作占用"
    OTHER_TASK = "other_task", "不是本人的检查任务"
    OTHER_EDITION = "other_edition", "检查表版本与任务不符"
    UNKNOWN_ITEM = "unknown_item", "检查表中没有这一条"
    OTHER_DEPARTMENT = "other_department", "不是本部门的检查项"
    VALUE_NOT_ALLOWED = "value_not_allowed", "结论不在可选范围"


@dataclass(frozen=True, slots=True)
class TaskView:
    """What judging needs to know of one task (任务要素).

    In a joint inspection `parts` names, by author, the items of that person's department; elsewhere it is empty.
    """

    checklist_sha: str
    items: Collection[str]
    authors: Collection[str]
    parts: Mapping[str, Collection[str]] = field(default_factory=dict)

    def may_answer(self, author: str, item: str) -> bool:
        """Whether the item belongs to the author's part (本部门检查项); record fields belong to everybody."""
        return author not in self.parts or item.startswith("@") or item in self.parts[author]


@dataclass(frozen=True, slots=True)
class Judged:
    """One operation of a batch, judged (逐条结果). `operation` is there when it was well-formed."""

    op_id: str
    status: Status
    invalid: Invalid | None
    operation: Operation | None
    detail: str = ""


def judge(
    batch: Sequence[Any],
    *,
    tasks: Mapping[str, TaskView],
    stored: Mapping[str, str],
    taken: Mapping[tuple[str, int], str],
) -> tuple[Judged, ...]:
    """Judge a batch as it was sent (逐条判定): stored, duplicate or kept_invalid, in the order of the batch.

    `tasks` by id are those the sender may write to; `stored` maps op_id to hash; `taken` maps (device, seq) to op_id.
    Doubles inside the batch are seen too. The caller stores what is said, and quarantines the rest with the bytes sent.
    """
    known, seats = dict(stored), dict(taken)
    judged = []
    for raw in batch:
        one = _judge_one(raw, tasks, known, seats)
        if one.operation is not None and one.status is Status.STORED:
            known[one.op_id] = one.operation.hash
            seats[one.operation.device_id, one.operation.seq] = one.op_id
        judged.append(one)
    return tuple(judged)


def _judge_one(raw: Any, tasks: Mapping[str, TaskView], known: Mapping[str, str], seats: Mapping[tuple[str, int], str]) -> Judged:
    try:
        op = Operation.model_validate(raw)
    except ValidationError as wrong:
        op_id = raw.get("op_id") if isinstance(raw, dict) else ""
        where = "、".join(sorted({str(e["loc"][0]) for e in wrong.errors() if e["loc"]}))
        return Judged(op_id if isinstance(op_id, str) else "", Status.KEPT_INVALID, Invalid.MALFORMED, None, where)
    if op.hash != _safe_hash(op):
        return Judged(op.op_id, Status.KEPT_INVALID, Invalid.HASH_MISMATCH, op)
    if op.op_id in known:
        same = known[op.op_id] == op.hash
        return Judged(op.op_id, Status.DUPLICATE, None, op) if same else _aside(op, Invalid.SAME_ID_OTHER_BYTES)
    reason = _invalid(op, tasks.get(op.task_id), seats)
    return Judged(op.op_id, Status.STORED, None, op) if reason is None else _aside(op, reason)


def _safe_hash(op: Operation) -> str:
    try:
        return op.expected_hash()
    except (TypeError, ValueError):  # text that has no canonical form, such as half a surrogate pair
        return ""


def _aside(op: Operation, reason: Invalid) -> Judged:
    return Judged(op.op_id, Status.KEPT_INVALID, reason, op)


def _invalid(op: Operation, task: TaskView | None, seats: Mapping[tuple[str, int], str]) -> Invalid | None:
    if seats.get((op.device_id, op.seq), op.op_id) != op.op_id:
        return Invalid.SEQ_TAKEN
    if task is None or op.author_id not in task.authors:
        return Invalid.OTHER_TASK
    if op.edition_sha != task.checklist_sha:
        return Invalid.OTHER_EDITION
    if op.item not in (FIELDS if op.kind == Kind.FIELD else task.items):
        return Invalid.UNKNOWN_ITEM
    if not task.may_answer(op.author_id, op.item):
        return Invalid.OTHER_DEPARTMENT
    allowed = ALLOWED.get(Kind(op.kind))
    if allowed is not None and op.value not in allowed and not (op.value == "" and op.replaces):
        return Invalid.VALUE_NOT_ALLOWED
    return None


class Link(Protocol):
    """What the chain of a device is made of (设备链): an operation, or what was kept aside of one."""

    @property
    def device_id(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def hash(self) -> str: ...
    @property
    def prev_hash(self) -> str: ...


def chain_faults(operations: Iterable[Link], *, checked: Mapping[str, tuple[int, str]] | None = None) -> tuple[str, ...]:
    """What is missing or broken in the devices' chains (设备链缺口), as sentences; empty when whole.

    A device numbers all its operations, of whatever task. `checked` gives, per device, the last (seq, hash) found whole
    before, so that only what came since is needed. A task is signed only when nothing is missing; the operations stay.
    """
    by_device: dict[str, dict[int, Link]] = {}
    for op in operations:
        by_device.setdefault(op.device_id, {})[op.seq] = op
    whole = checked or {}
    return tuple(
        fault for device in sorted(by_device) for fault in _device_faults(device, by_device[device], whole.get(device, (0, "")))
    )


def _device_faults(device: str, chain: Mapping[int, Link], checked: tuple[int, str]) -> Iterable[str]:
    seq_before, hash_before = checked
    for seq in sorted(s for s in chain if s > checked[0]):
        if seq != seq_before + 1:
            missing = f"{seq_before + 1}" if seq == seq_before + 2 else f"{seq_before + 1}至{seq - 1}"
            yield f"设备 {device} 第{missing}条操作尚未收到，请在该设备上联网同步"
        elif chain[seq].prev_hash != hash_before:
            yield f"设备 {device} 第{seq}条操作与前一条不衔接，请核对该设备的救援文件"
        seq_before, hash_before = seq, chain[seq].hash


# --- folding ----------------------------------------------------------------------------------------------------------


class SlotState(Labelled):
    """State of one field of one item (栏位状态)."""

    OPEN = "open", "未答"
    SETTLED = "settled", "已定"
    CONFLICT = "conflict", "意见不一，待主检裁定"


@dataclass(frozen=True, slots=True)
class Slot:
    """The current values of one field of one item (当前值): the operations that no other operation replaces."""

    item: str
    kind: Kind
    state: SlotState
    heads: tuple[Operation, ...]

    @property
    def value(self) -> str:
        """The settled value (已定值), else empty text."""
        return self.heads[0].value if self.state is SlotState.SETTLED else ""

    @property
    def reason(self) -> str:
        """The reasons given with the settled value (理由), each once."""
        if self.state is not SlotState.SETTLED:
            return ""
        return "；".join(dict.fromkeys(op.reason for op in self.heads if op.reason))


@dataclass(frozen=True, slots=True)
class Fold:
    """All current values of a task (汇总): computed, never stored as the truth."""

    slots: Mapping[tuple[str, str], Slot] = field(default_factory=dict)

    def slot(self, item: str, kind: Kind = Kind.ANSWER) -> Slot:
        """One field of one item (栏位); open if nobody wrote to it."""
        return self.slots.get((item, kind.value), Slot(item, kind, SlotState.OPEN, ()))

    def answer(self, item: str) -> Answer | None:
        """The settled answer of an item (结论); None while open or contradictory."""
        value = self.slot(item).value
        return Answer(value) if value else None

    def values(self, item: str, kind: Kind) -> tuple[str, ...]:
        """All current values of a field that may hold several (事实、照片等), in a fixed order."""
        return tuple(op.value for op in self.slot(item, kind).heads if op.value)

    def conflicts(self) -> tuple[Slot, ...]:
        """What the lead has to decide (待裁定)."""
        return tuple(self.slots[key] for key in sorted(self.slots) if self.slots[key].state is SlotState.CONFLICT)

    @property
    def sha256(self) -> str:
        """Hash of the folded state (汇总指纹): what signatures cover."""
        return digest([[item, kind, [op.hash for op in self.slots[item, kind].heads]] for item, kind in sorted(self.slots)])

    @property
    def short_code(self) -> str:
        """The record code of eight characters (记录码), such as 7K3M-Q9XD, from the first 40 bits of the hash."""
        letters = base64.b32hexencode(bytes.fromhex(self.sha256)[:5]).decode().translate(_CROCKFORD)
        return f"{letters[:4]}-{letters[4:]}"


# base32hex letters to Crockford's alphabet, which has no I, L, O, U
_CROCKFORD: Final = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUV", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def fold(operations: Iterable[Operation]) -> Fold:
    """What holds after all operations (汇总当前结论): the same for any order and any repetition.

    One current value is settled, equal ones join, different ones of a single field are a conflict. Operations that
    replace each other in a circle all stay current, so that nothing can vanish.
    """
    by_slot: dict[tuple[str, str], dict[str, Operation]] = {}
    for op in operations:
        same = by_slot.setdefault(op.slot, {})
        if op.op_id not in same or op.hash < same[op.op_id].hash:
            same[op.op_id] = op
    return Fold({key: _slot(key, ops) for key, ops in by_slot.items()})


def _slot(key: tuple[str, str], ops: Mapping[str, Operation]) -> Slot:
    kind = Kind(key[1])
    heads = tuple(ops[i] for i in sorted(_heads(ops)))
    values = {op.value for op in heads}
    if not kind.single:
        heads = tuple(op for op in heads if op.value)
        return Slot(key[0], kind, SlotState.SETTLED if heads else SlotState.OPEN, heads)
    if len(values) > 1:
        return Slot(key[0], kind, SlotState.CONFLICT, heads)
    return Slot(key[0], kind, SlotState.SETTLED if values != {""} else SlotState.OPEN, heads)


def _heads(ops: Mapping[str, Operation]) -> set[str]:
    below = {i: _reach(i, ops) for i in ops}
    return {i for i in ops if not any(i in below[j] and j not in below[i] for j in ops)}


def _reach(start: str, ops: Mapping[str, Operation]) -> set[str]:
    found: set[str] = set()
    todo = [r for r in ops[start].replaces if r in ops]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += [r for r in ops[here].replaces if r in ops]
    return found


def late(operations: Iterable[Operation], signed: Collection[str]) -> tuple[Operation, ...]:
    """Operations that came after the signatures (签字后到达), given the op_ids that the signatures cover; shown, not folded in."""
    return tuple(sorted((op for op in operations if op.op_id not in signed), key=lambda op: (op.device_id, op.seq)))


def decision_faults(operations: Sequence[Operation], *, lead_id: str) -> tuple[str, ...]:
    """Decisions between different values that were not the lead's or give no reason (裁定瑕疵), as sentences; they count all the same."""
    by_id = {op.op_id: op for op in operations}
    faults = []
    for op in sorted(by_id.values(), key=lambda op: op.op_id):
        replaced = {by_id[r].value for r in op.replaces if r in by_id and by_id[r].slot == op.slot}
        if not Kind(op.kind).single or len(replaced) < 2:
            continue
        if op.author_id != lead_id:
            faults.append(f"{op.item} 的不同意见须由主检人员裁定，请主检人员重新确认")
        elif not op.reason:
            faults.append(f"{op.item} 的裁定没有写明理由，请补写")
    return tuple(faults)
