"""What happens after a draw (后续事件): top-ups, replaced homes, replaced inspectors, in a chained events.txt.

Nobody chooses a successor: the next home is the next in the queue, the next inspector comes from the same
rule in a new round with fresh tickets. Every row carries the hash of all before it (docs/draw-yldraw1.md §7).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from app.core.refusal import Refused
from app.inspections.rules.draw.assign import Pool, Staffing, posts_in_order, staff, teams_of
from app.inspections.rules.draw.codec import HASH, TOKEN, Row, rows_of
from app.inspections.rules.draw.recompute import check_published, place_row, task_row
from app.inspections.rules.draw.tickets import sha256_hex
from app.inspections.rules.draw.values import EVENTS_FILE, MAGIC, DrawInputError, Place, Result, Task


class SubjectReason(StrEnum):
    """Why a drawn home may be replaced (对象递补事由): a closed list, our default."""

    CLOSED = "closed"
    MOVED = "moved"
    DISASTER = "disaster"

    @property
    def label(self) -> str:
        """The word officials use (中文名称)."""
        return {"closed": "已停业或注销", "moved": "已迁出本辖区", "disaster": "因灾害等不可抗力无法进入"}[self.value]


class InspectorReason(StrEnum):
    """Why an inspector may be replaced (人员更换事由): a closed list, our default."""

    ILLNESS = "illness"
    RECUSAL = "recusal"
    LEFT = "left"

    @property
    def label(self) -> str:
        """The word officials use (中文名称)."""
        return {"illness": "因病不能参加", "recusal": "抽取后发现应当回避", "left": "离岗"}[self.value]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why, shown by what, and by which two people (事由、证据、经办与批准). `evidence` = SHA-256 of a file."""

    reason: str
    evidence: str
    by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a draw stands after its events (抽查现状). `text` is events.txt."""

    result: Result
    number: int
    taking_part: tuple[Place, ...]
    reserve: Mapping[str, tuple[Place, ...]]
    tasks: tuple[Task, ...]
    barred: frozenset[tuple[str, str]]
    withdrawn: frozenset[str]
    level: int | None
    chain: str
    text: str = field(repr=False)


EVENT_FIELDS: Final = 9


def begin(result: Result) -> Standing:
    """A draw without events yet (初始现状). Refuses a draw that could not be staffed."""
    if result.infeasible:
        raise Refused("draw.infeasible", result.infeasible.sentence)
    drawn: dict[str, int] = {}
    for place in result.drawn:
        drawn[place.stratum] = place.rank
    reserve: dict[str, list[Place]] = {}
    for place in result.reserve:
        rank = drawn.get(place.stratum, 0) + place.rank
        reserve.setdefault(place.stratum, []).append(replace(place, rank=rank))
    fingerprint = sha256_hex(result.text.encode())
    return Standing(
        result=result,
        number=0,
        taking_part=(*result.must, *result.drawn),
        reserve={stratum: tuple(waiting) for stratum, waiting in reserve.items()},
        tasks=result.teams,
        barred=frozenset((recusal.inspector, recusal.subject) for recusal in result.inputs.recusals),
        withdrawn=frozenset(),
        level=result.level,
        chain=fingerprint,
        text=f"{MAGIC}|events\nresult|{fingerprint}\n",
    )


def top_up(standing: Standing, stratum: str, count: int, ground: Ground) -> Standing:
    """Draw `count` more homes of a stratum (加抽): the next in its queue."""
    waiting = standing.reserve.get(stratum, ())
    if not 1 <= count <= len(waiting):
        raise Refused("draw.too_few_left", f"分层“{stratum}”还有 {len(waiting)} 家可加抽，请把加抽数改为 1 至此数")
    event = _event("top-up", stratum, str(count), ground)
    changed = replace(
        standing,
        taking_part=(*standing.taking_part, *waiting[:count]),
        reserve={**standing.reserve, stratum: waiting[count:]},
    )
    return _record(changed, event, [place_row("drawn", place) for place in waiting[:count]])


def replace_subject(standing: Standing, home: str, ground: Ground) -> Standing:
    """Strike a drawn home and take the next of its stratum, if any is left (对象递补)."""
    _closed_list(ground, SubjectReason)
    struck = next((place for place in standing.taking_part if place.subject == home), None)
    if struck is None:
        raise Refused("draw.not_drawn", f"“{home}”不在现有抽查对象中，请核对对象代码")
    if any(place.subject == home for place in standing.result.must):
        raise Refused("draw.must_stays", f"“{home}”是必查对象，不能递补；确实无法检查的，请终止该项任务并说明")
    event = _event("replace-subject", home, "none", ground)
    waiting = standing.reserve.get(struck.stratum, ())
    changed = replace(
        standing,
        taking_part=(*(place for place in standing.taking_part if place is not struck), *waiting[:1]),
        reserve={**standing.reserve, struck.stratum: waiting[1:]},
        tasks=tuple(task for task in standing.tasks if task.subject != home),
    )
    return _record(changed, event, [f"struck|{home}", *(place_row("drawn", place) for place in waiting[:1])])


def replace_inspector(standing: Standing, inspector: str, home: str | None, ground: Ground) -> Standing:
    """Take an inspector from one home, or from all (`home` None), and fill the places anew (更换检查人员)."""
    _closed_list(ground, InspectorReason)
    left = [task for task in standing.tasks if task.inspector == inspector and home in (None, task.subject)]
    if not left:
        raise Refused("draw.not_assigned", f"“{inspector}”没有此项任务，请核对人员编号和对象代码")
    event = _event("replace-inspector", inspector, home or "*", ground)
    changed = replace(
        standing,
        tasks=tuple(task for task in standing.tasks if task not in left),
        barred=standing.barred | {(inspector, task.subject) for task in left},
        withdrawn=standing.withdrawn | ({inspector} if home is None else set()),
    )
    return _record(changed, event, [])


def _closed_list(ground: Ground, allowed: type[SubjectReason] | type[InspectorReason]) -> None:
    if ground.reason not in [reason.value for reason in allowed]:
        words = "、".join(reason.label for reason in allowed)
        raise Refused("draw.reason", f"事由只能是：{words}")


def _event(kind: str, what: str, detail: str, ground: Ground) -> str:
    if ground.by == ground.approved_by:
        raise Refused("draw.same_person", "须由另一人批准，经办人不能批准自己经办的事项")
    if not HASH.fullmatch(ground.evidence):
        raise Refused("draw.evidence", "请先上传证明材料；此处登记其 SHA-256 指纹")
    if not TOKEN.fullmatch(ground.by) or not TOKEN.fullmatch(ground.approved_by):
        raise Refused("draw.person", "经办人、批准人须填公开的人员代号")
    reason = unicodedata.normalize("NFC", ground.reason)
    if not reason or "|" in reason or "\n" in reason:
        raise Refused("draw.reason", "请填写事由，且不含竖线或换行")
    return "|".join((kind, what, detail, reason, ground.evidence, ground.by, ground.approved_by))


def _record(changed: Standing, event: str, rows: Sequence[str]) -> Standing:
    """Staff whatever is open now, and write the event with all that followed from it."""
    number = changed.number + 1
    staffing, unfixed = _restaff(changed, round_=number + 1)
    kept = {(task.subject, task.number): task for task in changed.tasks}
    for task in unfixed:
        del kept[task.subject, task.number]
    every = {**kept, **{(task.subject, task.number): task for task in staffing.tasks}}
    lines = [event, *rows, *(f"unfixed|{task.subject}|{task.number}|{task.inspector}" for task in unfixed)]
    if staffing.level is not None and staffing.level != changed.level:
        lines.append(f"level|{staffing.level}")
    lines.extend(task_row(task) for task in staffing.tasks)
    chain, text = changed.chain, changed.text
    for line in lines:
        chain = sha256_hex(f"{MAGIC}|event|{chain}|{number}|{line}".encode())
        text += f"{number}|{line}|{chain}\n"
    rows_of(EVENTS_FILE, text)  # refuses a reason with invisible characters
    order = posts_in_order(changed.result.inputs.plan, _rows(changed), teams_of(changed.result.inputs.subjects))
    return replace(
        changed,
        number=number,
        tasks=tuple(every[post.key] for post in order),
        level=staffing.level,
        chain=chain,
        text=text,
    )


def _rows(standing: Standing) -> list[tuple[bytes, str]]:
    return [(bytes.fromhex(place.ticket), place.subject) for place in standing.taking_part]


def _restaff(standing: Standing, round_: int) -> tuple[Staffing, list[Task]]:
    """Fill the open places; the others stay. Only if impossible are they freed, from the end of the order."""
    inputs = standing.result.inputs
    posts = posts_in_order(inputs.plan, _rows(standing), teams_of(inputs.subjects))
    present = [inspector for inspector in inputs.inspectors if inspector.id not in standing.withdrawn]
    pool = Pool(present, [pair for pair in standing.barred if pair[0] not in standing.withdrawn])
    kept = {(task.subject, task.number): task for task in standing.tasks}
    unfixed: list[Task] = []
    while True:
        staffing = staff(
            inputs.seed,
            round_,
            pool,
            posts,
            inputs.plan.balance,
            kept={key: task.inspector for key, task in kept.items()},
            level=standing.level or 0,
        )
        if staffing.infeasible is None:
            return staffing, unfixed
        if not kept:
            raise Refused("draw.short_of_staff", staffing.infeasible.sentence)
        last = next(post.key for post in reversed(posts) if post.key in kept)
        unfixed.append(kept.pop(last))


def replay(result: Result, text: str) -> Standing:
    """Recompute events.txt from the result (重算后续事件). Raises DrawInputError where it differs."""
    standing = begin(result)
    rows = rows_of(EVENTS_FILE, text)
    if rows[:1] and rows[0].fields != ["result", standing.chain]:
        rows[0].refuse("与 result.txt 的指纹不符")
    for row in rows[1:]:
        if len(row.fields) == EVENT_FIELDS and row.fields[1] in _KINDS:
            try:
                standing = _KINDS[row.fields[1]](standing, row)
            except DrawInputError:
                raise
            except Refused as refusal:
                row.refuse(refusal.sentence)
    check_published(standing.text, text, EVENTS_FILE)
    return standing


def _ground(row: Row) -> Ground:
    return Ground(*row.fields[4:8])


_KINDS: Final[Mapping[str, Callable[[Standing, Row], Standing]]] = {
    "top-up": lambda standing, row: top_up(standing, row.fields[2], row.number(3, "加抽数", 1, 999_999_999), _ground(row)),
    "replace-subject": lambda standing, row: replace_subject(standing, row.fields[2], _ground(row)),
    "replace-inspector": lambda standing, row: replace_inspector(
        standing, row.fields[2], None if row.fields[3] == "*" else row.fields[3], _ground(row)
    ),
}
