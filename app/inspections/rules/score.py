"""The score (检查结果): 符合率 overall and by area, 强制性标准达标, and major hazards by name, each explained.

A score is never a grade. An unanswered item stays unanswered; it is never counted as failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.inspections.rules.answers import Answer, Fold, Kind, SlotState
from app.inspections.rules.checklist import Checklist, FrozenItem, Standing, Ternary


@dataclass(frozen=True, slots=True)
class Line:
    """One item and the answer behind it (逐项依据): `operations` are the ids of the operations that say so."""

    item: str
    answer: Answer | None
    reason: str
    weight: int
    standing: Standing
    operations: tuple[str, ...]
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """A 符合率: weights met over weights met and not met, with every item behind it."""

    met: tuple[Line, ...]
    not_met: tuple[Line, ...]

    @property
    def earned(self) -> int:
        """Sum of weights met (符合)."""
        return sum(line.weight for line in self.met)

    @property
    def possible(self) -> int:
        """Sum of weights answered and applicable (适用)."""
        return self.earned + sum(line.weight for line in self.not_met)

    @property
    def exact(self) -> Fraction | None:
        """The rate as an exact fraction (精确值); None when nothing was answered."""
        return Fraction(self.earned, self.possible) if self.possible else None

    @property
    def per_10k(self) -> int | None:
        """The rate in ten-thousandths, rounded half up (万分之几); None when nothing was answered."""
        return (2 * 10_000 * self.earned + self.possible) // (2 * self.possible) if self.possible else None


@dataclass(frozen=True, slots=True)
class AreaRate:
    """The rate of one area (分区符合率), with what is still open in it."""

    key: str
    label: str
    rate: Rate
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mandatory:
    """强制性标准达标: yes when every scoring item of the mandatory standard is met, no when one is not, else unknown.

    `pending` are the standard's items that do not score because their text is not yet verified: the answer says
    nothing about them, and a page that shows it must say so.
    """

    verdict: Ternary
    met: tuple[str, ...]
    not_met: tuple[str, ...]
    open: tuple[str, ...]
    pending: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hazard:
    """A situation of the major-hazard list (重大事故隐患情形), by name."""

    item: str
    clause: str
    text: str
    line: Line


@dataclass(frozen=True, slots=True)
class Score:
    """The explained result of one task (检查结果及其依据).

    `hazards` are hits under a verified or confirmed text: vetoes, outside the rate. `suspected` are answers to hazards
    whose text is pending, or that need judgement: serious, but not a finding under the list. `trial` marks 试算.
    """

    checklist_sha: str
    overall: Rate
    by_area: tuple[AreaRate, ...]
    mandatory: Mandatory
    hazards: tuple[Hazard, ...]
    suspected: tuple[Hazard, ...]
    unanswered: tuple[str, ...]
    disputed: tuple[str, ...]
    referred: tuple[str, ...]
    not_applicable: tuple[Line, ...]
    not_scored: tuple[Line, ...]
    trial: bool = False
    dropped: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every item that is asked has one answer (已全部作答)."""
        return not (self.unanswered or self.disputed)


def lines(checklist: Checklist, answers: Fold, *, renamed: Mapping[str, str] | None = None) -> Mapping[str, Line]:
    """The answer behind each item (逐项依据). `renamed` maps an item of this list to the item that was answered.

    An item that does not apply by the register is 不适用 with the register's reason, unless somebody answered it on site.
    """
    return {i.code: _line(i, answers, (renamed or {}).get(i.code, i.code)) for i in checklist.items}


def _line(i: FrozenItem, answers: Fold, answered_as: str) -> Line:
    slot = answers.slot(answered_as, Kind.ANSWER)
    answer, reason = answers.answer(answered_as), slot.reason
    if slot.state is SlotState.OPEN and i.applicability.verdict is Ternary.NO:
        answer, reason = Answer.NOT_APPLICABLE, "；".join(i.applicability.reasons)
    return Line(
        item=i.code,
        answer=answer,
        reason=reason,
        weight=i.item.weight,
        standing=i.standing,
        operations=tuple(op.op_id for op in slot.heads),
        disputed=slot.state is SlotState.CONFLICT,
    )


def score(checklist: Checklist, answers: Fold) -> Score:
    """The result of a task under the checklist it froze (计算检查结果)."""
    return _score(checklist, lines(checklist, answers))


def recompute(checklist: Checklist, answers: Fold, *, renamed: Mapping[str, str], answered: Checklist) -> Score:
    """What the same answers would give under another checklist (试算), marked as such; it changes nothing.

    `renamed` maps items of the new list to items of the `answered` one where the codes differ; `dropped` names answered
    items that the new list does not ask.
    """
    used = {renamed.get(i.code, i.code) for i in checklist.items}
    dropped = [i.code for i in answered.items if i.code not in used and answers.answer(i.code) is not None]
    return _score(checklist, lines(checklist, answers, renamed=renamed), trial=True, dropped=tuple(dropped))


def _score(checklist: Checklist, by_item: Mapping[str, Line], *, trial: bool = False, dropped: tuple[str, ...] = ()) -> Score:
    every = [(i, by_item[i.code]) for i in checklist.items]
    counted = [(i, line) for i, line in every if i.scores and not i.veto]
    return Score(
        checklist_sha=checklist.sha256,
        overall=_rate([line for _, line in counted]),
        by_area=_by_area(checklist, counted),
        mandatory=_mandatory(every),
        hazards=_hazards(every, scoring=True),
        suspected=_hazards(every, scoring=False),
        unanswered=tuple(i.code for i, line in every if line.answer is None and not line.disputed),
        disputed=tuple(i.code for i, line in every if line.disputed),
        referred=tuple(i.code for i, line in every if line.answer is Answer.REFERRED),
        not_applicable=tuple(line for _, line in every if line.answer is Answer.NOT_APPLICABLE),
        not_scored=tuple(line for i, line in every if not i.scores and line.answer is not None),
        trial=trial,
        dropped=dropped,
    )


def _rate(counted: Sequence[Line]) -> Rate:
    return Rate(
        met=tuple(line for line in counted if line.answer is Answer.MET),
        not_met=tuple(line for line in counted if line.answer is Answer.NOT_MET),
    )


def _by_area(checklist: Checklist, counted: Sequence[tuple[FrozenItem, Line]]) -> tuple[AreaRate, ...]:
    areas = []
    for area in checklist.areas:
        inside = [line for i, line in counted if i.item.area == area.key]
        if inside:
            unanswered = tuple(line.item for line in inside if line.answer is None)
            areas.append(AreaRate(area.key, area.label, _rate(inside), unanswered))
    return tuple(areas)


def _mandatory(every: Sequence[tuple[FrozenItem, Line]]) -> Mandatory:
    ours = [(i, line) for i, line in every if i.force == "mandatory"]
    scoring = [line for i, line in ours if i.scores and line.answer is not Answer.NOT_APPLICABLE]
    met = tuple(line.item for line in scoring if line.answer is Answer.MET)
    not_met = tuple(line.item for line in scoring if line.answer is Answer.NOT_MET)
    still_open = tuple(line.item for line in scoring if line.answer in (None, Answer.REFERRED))
    verdict = Ternary.NO if not_met else Ternary.YES if met and not still_open else Ternary.UNKNOWN
    pending = tuple(i.code for i, line in ours if not i.scores and line.answer is not Answer.NOT_APPLICABLE)
    return Mandatory(verdict, met, not_met, still_open, pending)


def _hazards(every: Sequence[tuple[FrozenItem, Line]], *, scoring: bool) -> tuple[Hazard, ...]:
    """Hits (scoring) or suspicions: a pending text that seems hit, and anything that waits for judgement."""
    found = []
    for i, line in every:
        hit = line.answer is Answer.NOT_MET and i.scores
        doubt = line.answer is Answer.REFERRED or (line.answer is Answer.NOT_MET and not i.scores)
        if i.veto and (hit if scoring else doubt):
            found.append(Hazard(i.code, i.item.clause, i.item.text, line))
    return tuple(found)
