"""Verbs of score sheets (评分办理): take entries in, lock, open when all are locked, agree, sign, propose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import audit
from app.core.actor import PROVIDER_POSTS, SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import Refused
from app.ratings.actions.applications import move
from app.ratings.events import work as events
from app.ratings.models import ConsensusEntry, ConsensusSignature, RatingApplication, ScoreSheet, SheetOperation
from app.ratings.queries import applications, results, sheets
from app.ratings.rules import Scheme, evaluate, read_answer
from app.ratings.rules.case import InputFault
from app.ratings.rules.process import State, Verb, next_state
from app.ratings.rules.sheet import Fate, Operation, SheetKind, fault


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one entry (逐条结果)."""

    op_id: str
    fate: Fate
    reason: str = ""


def receive(
    application_id: UUID, batch: Sequence[Operation], *, device: str, by: Actor, at: datetime, on: date
) -> tuple[Told, ...]:
    """Take entries into one's own sheet (接收评分). Safe to repeat, in any order, from several windows at once.

    Refused as a whole when the sheet is not the actor's to write; single entries that do not fit are told with the reason.
    """
    row = applications.application(application_id, seen_by=by)
    sheet = _sheet_to_write(row, by=by, at=at)
    scheme = applications.scheme(row.campaign)
    told: dict[str, Told] = {}
    good: list[Operation] = []
    for op in batch:
        why = _not_uuid(op.op_id) or fault(scheme.shape, op)
        if why:
            told[op.op_id] = Told(op.op_id, Fate.INVALID, why)
        elif op.op_id not in told:
            good.append(op)
            told[op.op_id] = Told(op.op_id, Fate.DUPLICATE)
    stored = _insert(sheet, good, device=device, by=by, at=at)
    for op_id in stored:
        told[op_id] = Told(op_id, Fate.STORED)
    if stored:
        audit.record(
            events.SheetWritten(
                subject=row.id, by=by.id, on=on, site_id=row.site_id, stored=len(stored), duplicate=len(good) - len(stored)
            )
        )
    return tuple(told[op.op_id] for op in batch)


def _not_uuid(text: str) -> str:
    try:
        uuid.UUID(text)
    except ValueError:
        return "编号不是 UUID"
    return ""


def _sheet_to_write(row: RatingApplication, *, by: Actor, at: datetime) -> ScoreSheet:
    home = bool(by.posts & PROVIDER_POSTS)
    if home and not applications.is_writable(row):
        raise Refused("rating.submitted", f"申请“{row.state.label}”，自评已锁定，不能修改。")
    if not home and not sheets.is_member(row, by):
        raise Refused("sheet.not_member", "您不在这家机构的评定组，不能评分。")
    if not home and row.state is not State.ON_SITE:
        raise Refused("sheet.not_now", f"申请“{row.state.label}”，现在不能评分。")
    sheet = sheets.own_sheet(row, seen_by=by)
    if sheet is None:
        sheet = _begin(row, None if home else by.id, at)
    if sheet.locked_at is not None:
        raise Refused("sheet.locked", "评分表已经锁定，不能再改。有不同意见的，请在合议时提出。")
    return sheet


def _begin(row: RatingApplication, author: UUID | None, at: datetime) -> ScoreSheet:
    sheet = ScoreSheet(
        scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, application_id=row.id,
        kind=SheetKind.ASSESSOR if author else SheetKind.SELF, round=row.round, author_id=author, begun_at=at,
    )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    return sheet


def _insert(sheet: ScoreSheet, ops: Sequence[Operation], *, device: str, by: Actor, at: datetime) -> set[str]:
    if not ops:
        return set()
    rows = [
        {
            "id": uuid.uuid4(), "scope_path": sheet.scope_path, "provider_id": sheet.provider_id, "site_id": sheet.site_id,
            "sheet_id": sheet.id, "op_id": UUID(op.op_id), "item": op.item, "value": op.value, "na": op.na, "reason": op.reason,
            "remark": op.remark, "evidence": list(op.evidence), "replaces": list(op.replaces), "wall_ms": op.wall_ms,
            "device": device[:64], "author_id": by.id, "hash": op.hash, "received_at": at,
        }
        for op in ops
    ]  # fmt: skip
    known = set(db.session.scalars(select(SheetOperation.op_id).where(SheetOperation.op_id.in_([r["op_id"] for r in rows]))))
    statement = insert(SheetOperation).values(rows).on_conflict_do_nothing()
    db.session.execute(statement)
    return {str(r["op_id"]) for r in rows} - {str(k) for k in known}


def enter(
    application_id: UUID, item: str, value: Any, *, na: str = "", reason: str = "", remark: str = "", evidence: Sequence[str] = (),
    by: Actor, at: datetime, on: date,
) -> None:  # fmt: skip
    """Write one item by a plain form (填写一项). Raises Refused with the reason when it does not fit."""
    row = applications.application(application_id, seen_by=by)
    standing = sheets.standing(sheets.own_sheet(row, seen_by=by))
    replaces = (standing[item].op_id,) if item in standing else ()
    wall = max(int(at.timestamp() * 1000), standing[item].wall_ms + 1 if item in standing else 0)
    op = Operation(str(uuid.uuid4()), item, value, na, reason, remark, tuple(evidence), replaces, wall)
    (told,) = receive(application_id, [op], device="form", by=by, at=at, on=on)
    if told.fate is Fate.INVALID:
        raise Refused("sheet.entry", told.reason)


def lock_sheet(application_id: UUID, *, by: Actor, at: datetime, on: date) -> ScoreSheet:
    """Lock one's own sheet (锁定评分表), whole and for good. When the last of the round is locked, all are opened to the panel."""
    row = applications.application(application_id, seen_by=by, lock=True)
    sheet = _sheet_to_write(row, by=by, at=at)
    scheme = applications.scheme(row.campaign)
    result = evaluate(scheme, sheets.one_sheet_case(row, scheme, sheet, seen_by=by, claims=False))
    if left := sheets.unanswered(scheme, result, sheets.standing(sheet)):
        titles = {item.id: item.title for item in scheme.shape.items}
        raise Refused("sheet.open_items", f"还有 {len(left)} 项没评：{'、'.join(titles[n] for n in left[:3])}。评完再锁定。")
    sheet.locked_at, sheet.locked_by, sheet.locked_sha = at, by.id, sheets.sheet_sha(sheet)
    db.session.flush()
    audit.record(
        events.SheetLocked(subject=row.id, by=by.id, on=on, site_id=row.site_id, sheet_id=sheet.id, sha=sheet.locked_sha)
    )
    if sheets.opened_for_all(row):
        _open(row, by=by, at=at, on=on)
    return sheet


def _open(row: RatingApplication, *, by: Actor, at: datetime, on: date) -> None:
    with acting(SYSTEM):
        db.session.execute(
            update(ScoreSheet)
            .where(ScoreSheet.application_id == row.id, ScoreSheet.round == row.round, ScoreSheet.kind == SheetKind.ASSESSOR)
            .where(ScoreSheet.locked_at.is_not(None))
            .values(opened_at=at)
        )
    db.session.expire_all()
    row.opened_at = at
    move(row, Verb.OPEN, by=by, on=on)


# --- conferring -------------------------------------------------------------------------------------------------------


def _conferring(application_id: UUID, by: Actor) -> tuple[RatingApplication, Scheme]:
    row = applications.application(application_id, seen_by=by, lock=True)
    if row.state is not State.CONFERRING:
        raise Refused("sheet.not_conferring", f"申请“{row.state.label}”，现在不是合议阶段。")
    if not sheets.is_member(row, by):
        raise Refused("sheet.not_member", "合议由本组评定员进行。")
    return row, applications.scheme(row.campaign)


def agree_item(
    application_id: UUID, item: str, value: Any, *, na: str = "", reason: str, by: Actor, at: datetime, on: date
) -> ConsensusEntry:
    """Write down what the panel agreed on an item (合议一项), with the reason. The sheets stay as they were locked."""
    row, scheme = _conferring(application_id, by)
    if not reason.strip():
        raise Refused("sheet.reason", "请写明合议的理由，评定委员会和机构都会看到。")
    op = Operation(str(uuid.uuid4()), item, value, na, reason if na else "")
    if why := fault(scheme.shape, op):
        raise Refused("sheet.entry", why)
    known = next(each for each in scheme.shape.items if each.id == item)
    if not na and read_answer(known, value).value is None:
        raise Refused("sheet.entry", f"{known.title}：请填写合议结果。")
    entry = ConsensusEntry(
        scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, application_id=row.id, round=row.round,
        item=item, value=value, na=na, reason=reason.strip(), by=by.id, at=at,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    audit.record(events.ItemAgreed(subject=row.id, by=by.id, on=on, site_id=row.site_id, item=item))
    return entry


def sign_consensus(application_id: UUID, sha: str, *, by: Actor, at: datetime, on: date) -> None:
    """Sign the agreed scores (合议签字). Refused while items still differ, and when something changed since it was shown (`sha`)."""
    row, scheme = _conferring(application_id, by)
    if left := [d.title for d in sheets.differences(row, scheme, seen_by=by) if not d.settled]:
        raise Refused("sheet.differ", f"还有 {len(left)} 项分歧没有合议：{'、'.join(left[:3])}。")
    current = sheets.agreed_sha(row, seen_by=by)
    if sha != current:
        raise Refused("sheet.changed", "您打开页面以后合议内容又有变动，请重新核对再签字。")
    if by.id in sheets.signed(row, current, seen_by=by):
        raise Refused("sheet.signed", "您已经签过字。")
    db.session.add(
        ConsensusSignature(
            scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, application_id=row.id, round=row.round,
            account_id=by.id, state_sha=current, at=at,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(events.ConsensusSigned(subject=row.id, by=by.id, on=on, site_id=row.site_id, sha=current))


def propose(application_id: UUID, *, by: Actor, on: date) -> RatingApplication:
    """Hand the panel's opinion to the committee (提出评定意见): signed by everybody; the computed result is kept with its trace."""
    row, scheme = _conferring(application_id, by)
    next_state(row.state, Verb.PROPOSE)
    current = sheets.agreed_sha(row, seen_by=by)
    unsigned = [m.name for m in sheets.active(row, seen_by=by) if m.account_id not in sheets.signed(row, current, seen_by=by)]
    if unsigned:
        raise Refused("sheet.unsigned", f"还没有签字：{'、'.join(unsigned)}。全组签字后才能提交评定委员会。")
    try:
        result = evaluate(scheme, sheets.case(row, scheme, seen_by=by))
    except InputFault as error:
        raise Refused("sheet.entry", str(error)) from error
    row.result, row.by_rules, row.seal = results.plain(result), result.by_rules, result.seal
    row.proposed_by, row.proposed_on = by.id, on
    move(row, Verb.PROPOSE, by=by, on=on)
    return row
