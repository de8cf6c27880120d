"""Questions about score sheets (评分表查询): who may read which sheet, what stands on it, where the assessors differ.

Independence: an assessor's sheet is read by its author alone until every sheet of the round is locked; the home never reads
one, and an assessor sees the home's own score only once his own is locked. The database holds the first of these as a wall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from app.core.actor import PROVIDER_POSTS, SYSTEM, Actor
from app.core.db import acting, db
from app.core.scope import visible
from app.ratings.models import (
    ConsensusEntry,
    ConsensusSignature,
    PanelMember,
    RatingApplication,
    ScoreSheet,
    SheetOperation,
)
from app.ratings.queries import applications
from app.ratings.rules import Answer, Case, Result, Scheme, Sheet, evaluate, read_answer
from app.ratings.rules.sheet import Operation, SheetKind, answers, stands, state_sha
from app.ratings.rules.source import fingerprint

OF_FACT = "tier"


def own_sheet(row: RatingApplication, *, seen_by: Actor) -> ScoreSheet | None:
    """The sheet that the actor writes (我的评分表): an assessor's of this round, or the home's self-score."""
    query = select(ScoreSheet).where(ScoreSheet.application_id == row.id)
    if seen_by.posts & PROVIDER_POSTS:
        query = visible(ScoreSheet, to=seen_by).where(ScoreSheet.application_id == row.id, ScoreSheet.kind == SheetKind.SELF)
    else:
        query = query.where(ScoreSheet.author_id == seen_by.id, ScoreSheet.round == row.round)
    return db.session.scalars(query).one_or_none()


def sheets(row: RatingApplication, *, seen_by: Actor, round_: int | None = None) -> Sequence[ScoreSheet]:
    """The sheets that the actor may read now (可读评分表)."""
    query = select(ScoreSheet).where(ScoreSheet.application_id == row.id).order_by(ScoreSheet.begun_at, ScoreSheet.id)
    own = own_sheet(row, seen_by=seen_by)
    found = []
    for sheet in db.session.scalars(query):
        if sheet.kind is SheetKind.SELF:
            on_panel = is_member(row, seen_by)
            if not on_panel or sheet is own or (own is not None and own.locked_at is not None):
                found.append(sheet)
        elif round_ in (None, sheet.round) and (
            sheet is own or (sheet.opened_at is not None and not seen_by.posts & PROVIDER_POSTS)
        ):
            found.append(sheet)
    return found


def operations(sheet: ScoreSheet) -> list[Operation]:
    """The entries of a sheet in order of arrival (评分操作). Whoever may not read the sheet finds none."""
    query = select(SheetOperation).where(SheetOperation.sheet_id == sheet.id).order_by(SheetOperation.arrival)
    return [
        Operation(
            str(r.op_id), r.item, r.value, r.na, r.reason, r.remark, tuple(r.evidence), tuple(r.replaces), r.wall_ms
        )
        for r in db.session.scalars(query)
    ]  # fmt: skip


def standing(sheet: ScoreSheet | None) -> dict[str, Operation]:
    """What stands on a sheet (当前评分)."""
    return stands(operations(sheet)) if sheet is not None else {}


def panel(row: RatingApplication, *, seen_by: Actor, round_: int | None = None) -> Sequence[PanelMember]:
    """The panel of a round, those who withdrew included (评定组)."""
    query = visible(PanelMember, to=seen_by).where(
        PanelMember.application_id == row.id, PanelMember.round == (round_ or row.round)
    )
    return db.session.scalars(query.order_by(PanelMember.seat, PanelMember.recused_on.nulls_first())).all()


def active(row: RatingApplication, *, seen_by: Actor) -> list[PanelMember]:
    """The panel without those who withdrew (在任评定员)."""
    return [member for member in panel(row, seen_by=seen_by) if member.recused_on is None]


def is_member(row: RatingApplication, who: Actor) -> bool:
    """Whether somebody sits on the panel of this round (本组评定员)."""
    return any(member.account_id == who.id for member in active(row, seen_by=who))


def consensus_entries(row: RatingApplication, *, seen_by: Actor) -> list[ConsensusEntry]:
    """What was agreed in this round, all of it in order (合议记录)."""
    query = visible(ConsensusEntry, to=seen_by).where(ConsensusEntry.application_id == row.id, ConsensusEntry.round == row.round)
    return list(db.session.scalars(query.order_by(ConsensusEntry.arrival)))


def consensus(row: RatingApplication, made: Scheme, *, seen_by: Actor) -> dict[str, Answer]:
    """The agreed answers (合议结果): the newest of each item; an emptied one falls back to the sheets."""
    items = {item.id: item for item in made.shape.items}
    found: dict[str, Answer] = {}
    for entry in consensus_entries(row, seen_by=seen_by):
        if entry.item in items:
            said = read_answer(items[entry.item], entry.value)
            found[entry.item] = Answer(na=entry.na, reason=entry.reason) if entry.na else said
    return found


def signed(row: RatingApplication, sha: str, *, seen_by: Actor) -> set[UUID]:
    """Who signed this state of the agreed scores (已签合议者)."""
    query = visible(ConsensusSignature, to=seen_by).where(
        ConsensusSignature.application_id == row.id,
        ConsensusSignature.round == row.round,
        ConsensusSignature.state_sha == sha,
    )
    return set(db.session.scalars(query.with_only_columns(ConsensusSignature.account_id)))


def agreed_sha(row: RatingApplication, *, seen_by: Actor) -> str:
    """The hash that the panel signs (合议指纹): every sheet as locked, every agreed entry."""
    locked = {str(s.author_id): s.locked_sha or "" for s in sheets(row, seen_by=seen_by, round_=row.round) if s.author_id}
    entries = [[str(e.id), e.item, e.na, e.reason] for e in consensus_entries(row, seen_by=seen_by)]
    return fingerprint({"sheets": locked, "entries": entries})


def case(row: RatingApplication, made: Scheme, *, seen_by: Actor, agreed: bool = True, claims: bool = False) -> Case:
    """Everything that the result of this round is computed from (本轮评定输入)."""
    facts = applications.values(made, applications.facts(row, claims=claims, seen_by=seen_by))
    read = [s for s in sheets(row, seen_by=seen_by, round_=row.round) if s.author_id is not None and s.opened_at is not None]
    entered = tuple(Sheet(str(s.author_id), answers(made.shape, standing(s))) for s in read)
    return Case(facts=facts, sheets=entered, consensus=consensus(row, made, seen_by=seen_by) if agreed else {})


def one_sheet_case(row: RatingApplication, made: Scheme, sheet: ScoreSheet | None, *, seen_by: Actor, claims: bool) -> Case:
    """One sheet alone (单张评分表试算), as its author sees it grow."""
    facts = applications.values(made, applications.facts(row, claims=claims, seen_by=seen_by))
    return Case(facts=facts, sheets=(Sheet("本表", answers(made.shape, standing(sheet))),))


def unanswered(made: Scheme, result: Result, said: Mapping[str, Operation]) -> list[str]:
    """The items that still need an answer on a sheet (未评项目): what facts decide, and what does not apply by fact, need none."""
    scored = result.items
    return [
        item.id
        for item in made.shape.items
        if item.kind != OF_FACT
        and not (item.kind == "formula" and not item.parts)
        and item.id not in said
        and scored[item.id].points is None
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """An item on which the assessors differ (分歧项), with who gave what."""

    item: str
    title: str
    most: Fraction
    by: Mapping[str, Fraction]
    share: Fraction
    settled: bool
    reason: str


def differences(row: RatingApplication, made: Scheme, *, seen_by: Actor) -> list[Difference]:
    """The items that force a discussion, the widest first (分歧清单)."""
    apart = evaluate(made, case(row, made, seen_by=seen_by, agreed=False))
    entries = {entry.item: entry.reason for entry in consensus_entries(row, seen_by=seen_by)}
    titles = {item.id: item for item in made.shape.items}
    found = []
    for name, scored in apart.items.items():
        if not (scored.diverged or "意见不一" in scored.note):
            continue
        points = list(scored.by_assessor.values())
        spread = (max(points) - min(points)) / titles[name].max if points and titles[name].max else Fraction(0)
        found.append(
            Difference(
                name, titles[name].title, titles[name].max, scored.by_assessor, spread, name in entries, entries.get(name, "")
            )
        )
    return sorted(found, key=lambda each: (each.settled, -each.share, each.item))


def opened_for_all(row: RatingApplication) -> bool:
    """Whether every sheet of the round is locked (全部锁定). Asked past the wall: it says yes or no, nothing else."""
    db.session.flush()
    with acting(SYSTEM):
        members = {member.account_id for member in active(row, seen_by=SYSTEM)}
        query = select(ScoreSheet.author_id).where(
            ScoreSheet.application_id == row.id, ScoreSheet.round == row.round, ScoreSheet.locked_at.is_not(None)
        )
        return bool(members) and members <= set(db.session.scalars(query))


def locked_count(row: RatingApplication) -> tuple[int, int]:
    """How many of the panel locked their sheets (锁定进度): no scores, no names."""
    db.session.flush()
    with acting(SYSTEM):
        members = {member.account_id for member in active(row, seen_by=SYSTEM)}
        query = select(ScoreSheet.author_id).where(
            ScoreSheet.application_id == row.id, ScoreSheet.round == row.round, ScoreSheet.locked_at.is_not(None)
        )
        return len(members & set(db.session.scalars(query))), len(members)


def sheet_sha(sheet: ScoreSheet) -> str:
    """The hash of what stands on a sheet (评分表指纹)."""
    return state_sha(standing(sheet))
