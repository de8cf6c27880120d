"""A score sheet as append-only operations (评分操作): what stands, whatever the order in which they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from app.core.labels import Labelled
from app.ratings.rules.case import Answer, InputFault, read_answer
from app.ratings.rules.items import points
from app.ratings.rules.shape import Item, SchemeShape
from app.ratings.rules.source import fingerprint

LONGEST: Final = 2000


class SheetKind(Labelled):
    """Whose sheet (评分表类别)."""

    SELF = "self", "机构自评"
    ASSESSOR = "assessor", "评定员评分"


class Fate(Labelled):
    """What became of an operation (操作结果)."""

    STORED = "stored", "已存"
    DUPLICATE = "duplicate", "已有"
    INVALID = "invalid", "不能用"


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry on a sheet (一次填写). `replaces` names the entries that it was written over."""

    op_id: str
    item: str
    value: Any
    na: str = ""
    reason: str = ""
    remark: str = ""
    evidence: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    wall_ms: int = 0

    @property
    def hash(self) -> str:
        """SHA-256 of the content (操作指纹)."""
        return fingerprint(
            {
                "op_id": self.op_id, "item": self.item, "value": _plain(self.value), "na": self.na, "reason": self.reason,
                "remark": self.remark, "evidence": sorted(self.evidence), "replaces": sorted(self.replaces), "wall_ms": self.wall_ms,
            }
        )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return "" if value is None else str(value)


def stands(operations: Iterable[Operation]) -> dict[str, Operation]:
    """What stands on each item (当前评分): entries that none replaces; of several the one written last, then by id.

    The answer is the same whatever the order of arrival and however often an entry came.
    """
    ops = {op.op_id: op for op in operations}
    replaced = {old for op in ops.values() for old in op.replaces if old in ops and ops[old].item == op.item}
    found: dict[str, Operation] = {}
    for op in ops.values():
        known = found.get(op.item)
        if op.op_id not in replaced and (known is None or (op.wall_ms, op.op_id) > (known.wall_ms, known.op_id)):
            found[op.item] = op
    return found


def answers(shape: SchemeShape, standing: Mapping[str, Operation]) -> dict[str, Answer]:
    """The standing entries as answers of the engine (评分答案). Raises InputFault for one that does not fit."""
    items = {item.id: item for item in shape.items}
    return {name: _answer(items[name], op) for name, op in standing.items() if name in items}


def _answer(item: Item, op: Operation) -> Answer:
    if op.na:
        return Answer(na=op.na, reason=op.reason, evidence=tuple(op.evidence))
    return Answer(read_answer(item, op.value).value, evidence=tuple(op.evidence))


def fault(shape: SchemeShape, op: Operation, names: Iterable[str] = ()) -> str:
    """What is wrong with an entry (填写有误), as a sentence; empty when it can be stored. `names`: ids known as evidence."""
    item = next((each for each in shape.items if each.id == op.item), None)
    if item is None:
        return f"方案里没有评分项 {op.item}"
    if max(len(op.reason), len(op.remark), len(str(op.value))) > LONGEST:
        return f"{item.title}：内容太长"
    unknown = set(op.evidence) - set(names) if names else set()
    if unknown:
        return f"{item.title}：没有这份材料"
    if op.na and op.na not in {rule.id for rule in item.na if not rule.when}:
        return f"{item.title}：不允许评为不适用"
    if op.na and not op.reason.strip():
        return f"{item.title}：评为不适用要写明理由"
    try:
        value = _answer(item, op).value
        if value is not None and item.kind != "formula":
            points(item, value, None, {})
        elif isinstance(value, Mapping):
            return _parts_fault(item, value)
    except (InputFault, ValueError, TypeError) as error:
        return str(error)
    return ""


def _parts_fault(item: Item, parts: Mapping[str, Fraction]) -> str:
    most = {part.id: part.max for part in item.parts}
    wrong = [name for name, value in parts.items() if name not in most or not 0 <= value <= most[name]]
    return f"{item.title}：分项超出范围" if wrong else ""


def state_sha(standing: Mapping[str, Operation]) -> str:
    """The hash of what stands (评分表指纹): of the entries' own hashes by item."""
    return fingerprint({name: op.hash for name, op in standing.items()})
