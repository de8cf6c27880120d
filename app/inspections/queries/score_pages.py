"""What the score page shows (得分说明): every point traced to clause, answer and photo; a trial under another edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.actor import Actor
from app.core.refusal import Refused
from app.inspections.queries import answers, checklists
from app.inspections.rules.answers import Answer, Kind, Operation
from app.inspections.rules.checklist import Area, Checklist, ChecklistEdition, FrozenItem, freeze
from app.inspections.rules.findings import FindingDraft
from app.inspections.rules.score import AreaRate, Line, Score, recompute


@dataclass(frozen=True, slots=True)
class Traced:
    """One item with everything behind its line (逐项来龙去脉): operations in order, who wrote them, photos."""

    item: FrozenItem
    area: Area
    line: Line
    history: Sequence[Operation]
    facts: Sequence[tuple[str, str]]
    photos: Sequence[tuple[str, bool]]
    trial: Answer | None
    counted_in_trial: bool

    @property
    def changed(self) -> int:
        """How often the answer was changed (改过几次)."""
        return max(0, len({op.value for op in self.history if op.kind == Kind.ANSWER}) - 1)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the same answers would give under another edition (试算)."""

    edition: ChecklistEdition
    score: Score


@dataclass(frozen=True, slots=True)
class ScorePage:
    """The page 得分怎么来."""

    record: answers.Record
    score: Score
    findings: Sequence[FindingDraft]
    names: Mapping[str, str]
    areas: Sequence[AreaRate]
    area: str
    failed: Sequence[Traced]
    chosen: Traced | None
    before: str
    after: str
    place: int
    trial: Trial | None
    editions: Sequence[tuple[str, str]]

    @property
    def standing_of_photos(self) -> bool:
        """Whether every photo that an answer names is here with its hash (照片指纹一致)."""
        return not self.record.missing_photos


def score_page(task_id: UUID, *, item: str = "", area: str = "", trial: str = "", seen_by: Actor) -> ScorePage:
    """Gather the page. `item` opens one line, `area` narrows the table, `trial` is the hash of another edition."""
    record = answers.record(task_id, seen_by=seen_by)
    score = record.score
    tried = _trial(record, trial, seen_by) if trial else None
    lines = {line.item: line for line in _lines(score)}
    every = [_traced(i, lines[i.code], record, tried) for i in record.checklist.items if i.code in lines]
    shown = [t for t in every if not area or t.item.item.area == area]
    failed = [t for t in shown if _matters(t)]
    chosen = next((t for t in every if t.item.code == item), None) or next(iter(failed), None)
    order = [t.item.code for t in failed]
    at = order.index(chosen.item.code) if chosen is not None and chosen.item.code in order else -1
    return ScorePage(
        record=record,
        score=score,
        findings=record.findings,
        names={str(m.account_id): m.name for m in record.task.members},
        areas=score.by_area,
        area=area,
        failed=failed,
        chosen=chosen,
        before=order[at - 1] if at > 0 else "",
        after=order[at + 1] if 0 <= at < len(order) - 1 else "",
        place=at + 1,
        trial=tried,
        editions=_other_editions(record.checklist),
    )


def _lines(score: Score) -> list[Line]:
    counted = [line for a in score.by_area for line in (*a.rate.met, *a.rate.not_met)]
    hazards = [h.line for h in (*score.hazards, *score.suspected)]
    return [*counted, *hazards, *score.not_scored, *score.not_applicable]


def _matters(t: Traced) -> bool:
    return t.line.answer is Answer.NOT_MET or (t.item.veto and t.line.answer is Answer.REFERRED)


def _traced(i: FrozenItem, line: Line, record: answers.Record, trial: Trial | None) -> Traced:
    own = [op for op in record.operations if op.item == i.code]
    facts = record.fold.slot(i.code, Kind.REMARK).heads
    photos = record.fold.values(i.code, Kind.PHOTO)
    tried = {x.item: x for x in _lines(trial.score)} if trial else {}
    counted = {x.item for x in (*trial.score.overall.met, *trial.score.overall.not_met)} if trial else set()
    return Traced(
        item=i,
        area=next(a for a in record.checklist.areas if a.key == i.item.area),
        line=line,
        history=own,
        facts=[(op.value, op.author_id) for op in facts],
        photos=[(sha, sha in record.photos) for sha in photos],
        trial=tried[i.code].answer if i.code in tried else None,
        counted_in_trial=i.code in counted,
    )


def _other_editions(checklist: Checklist) -> list[tuple[str, str]]:
    """Editions of the same standards that this task did not use (可试算的版本)."""
    used, codes = {e.sha256 for e in checklist.editions}, {e.code for e in checklist.editions}
    found = [e for e in checklists.library().editions if e.code in codes and e.sha256 not in used]
    return [(e.sha256, f"{e.name} {e.edition} 版") for e in found]


def _trial(record: answers.Record, sha256: str, seen_by: Actor) -> Trial:
    edition = checklists.edition(sha256)
    if edition.code not in {e.code for e in record.checklist.editions}:
        raise Refused("score.other_standard", "只能用同一标准的其他版本试算，请从页面上选择")
    others = [checklists.edition(e.sha256) for e in record.checklist.editions if e.code != edition.code]
    frozen = freeze(
        [edition.model_copy(update={"in_force_from": date.min, "in_force_to": None}), *others],  # a trial asks nobody's leave
        checklists.site_facts(record.task.site_id, seen_by=seen_by),
        checklists.confirmations(record.task.authority_id),
        authority_id=str(record.task.authority_id),
        on=record.task.ended_on or record.task.planned_on,
    )
    return Trial(edition, recompute(frozen, record.fold, renamed={}, answered=record.checklist))
