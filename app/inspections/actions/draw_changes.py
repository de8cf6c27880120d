"""What is done to a plan after its freeze (事后办理): asked for by one, decided by another; nobody chooses a successor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.archive.actions import keep_blob
from app.archive.rules import BlobKind
from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.inspections.events import draws as events
from app.inspections.models import DrawEvent, DrawPlan, DrawRequest
from app.inspections.queries import draws as queries
from app.inspections.rules import draw
from app.inspections.rules import plan as rules
from app.inspections.rules.draw import Ground
from app.inspections.rules.plan import PlanVerb, RequestKind, RequestState

ANY_FINGERPRINT: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class ChangeWanted:
    """What is asked for (申请内容). `what`: stratum, draw id or inspector code; `detail`: count, draw id, or `*` for all."""

    kind: RequestKind
    what: str = ""
    detail: str = ""
    reason: str = ""
    note: str = ""


def ask_change(
    plan_id: UUID, wanted: ChangeWanted, *, by: Actor, at: datetime, on: date, evidence: CleanUpload | None = None
) -> DrawRequest:
    """Ask for a top-up, a replacement or a void (提出申请). Everything but a void needs its proof uploaded.

    What the engine would refuse is refused now, so that nobody is asked to approve the impossible.
    """
    row = queries.plan(plan_id, seen_by=by, lock=True)
    rules.check_own(row.authority_id, by.authority_id)
    if wanted.kind is RequestKind.VOID:
        rules.next_state(row.state, PlanVerb.VOID)
        if not wanted.reason.strip():
            raise Refused("draw.reason", "请写明作废的理由；理由与计划编号、指纹一起永久保留。")
    else:
        rules.next_state(row.state, PlanVerb.FOLLOW_UP)
        if evidence is None:
            raise Refused("draw.evidence", "请上传证明材料（照片或 PDF）。")
        ground = Ground(wanted.reason, evidence.sha256, rules.official_code(by.id), "P-pending")
        changed(queries.standing_of(row), wanted, ground)
    _refuse_second(row, wanted)
    kept = keep_blob(evidence, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on) if evidence else None
    request = DrawRequest(
        scope_path=row.scope_path,
        plan_id=row.id,
        kind=wanted.kind,
        what=wanted.what,
        detail=wanted.detail,
        reason=wanted.reason.strip(),
        note=wanted.note.strip(),
        evidence_id=kept.id if kept else None,
        evidence_sha256=kept.sha256 if kept else None,
        asked_by=by.id,
        asked_at=at,
    )
    db.session.add(request)
    db.session.flush()
    audit.record(events.ChangeAsked(subject=row.id, by=by.id, on=on, request_id=request.id, kind=wanted.kind))
    return request


def _refuse_second(row: DrawPlan, wanted: ChangeWanted) -> None:
    same = select(DrawRequest.id).where(
        DrawRequest.plan_id == row.id,
        DrawRequest.kind == wanted.kind,
        DrawRequest.what == wanted.what,
        DrawRequest.state == RequestState.ASKED,
    )
    if db.session.scalar(same):
        raise Refused("draw.asked", "同样的申请正在等批准，不必重复提出。")


def changed(standing: draw.Standing, wanted: ChangeWanted, ground: Ground) -> draw.Standing:
    """The standing of a draw after a change (变更后现状); the engine finds the successor and refuses what cannot be."""
    match wanted.kind:
        case RequestKind.TOP_UP:
            count = int(wanted.detail) if wanted.detail.isdecimal() else 0
            return draw.top_up(standing, wanted.what, count, ground)
        case RequestKind.REPLACE_SUBJECT:
            return draw.replace_subject(standing, wanted.what, ground)
        case RequestKind.REPLACE_INSPECTOR:
            home = None if wanted.detail in {"", "*"} else wanted.detail
            return draw.replace_inspector(standing, wanted.what, home, ground)
        case RequestKind.VOID:
            raise ValueError("a void changes no standing")


def approve_change(request_id: UUID, *, by: Actor, at: datetime, on: date) -> DrawEvent:
    """Approve a request (批准申请): never by the asker (S10); a void only by the authority one level up.

    The event is chained to the one before; from its text everybody recomputes the successor.
    """
    request, row = _asked(request_id, by)
    void = request.kind is RequestKind.VOID
    if void:
        _check_superior(row, by)
        text, verb = "", PlanVerb.VOID
    else:
        rules.check_own(row.authority_id, by.authority_id)
        text, verb = _rows_added(row, request, by), PlanVerb.FOLLOW_UP
    row.state = rules.next_state(row.state, verb)
    event = _append(row, request, text, by, at)
    request.state, request.decided_by, request.decided_at = RequestState.APPROVED, by.id, at
    if void:
        row.voided_at = at
    db.session.flush()
    assert row.code is not None
    assert row.freeze_hash is not None
    audit.record(
        events.PlanVoided(subject=row.id, by=by.id, on=on, code=row.code, freeze_hash=row.freeze_hash)
        if void
        else events.DrawChanged(subject=row.id, by=by.id, on=on, kind=request.kind, number=event.number, hash=event.hash)
    )
    return event


def decline_change(request_id: UUID, note: str, *, by: Actor, at: datetime, on: date) -> None:
    """Decline a request (不予批准), with the reason. The asker does not decide (S10), a void is decided above."""
    request, row = _asked(request_id, by)
    if request.kind is RequestKind.VOID:
        _check_superior(row, by)
    else:
        rules.check_own(row.authority_id, by.authority_id)
    if not note.strip():
        raise Refused("draw.decline_reason", "请写明不予批准的理由。")
    request.state, request.decided_by, request.decided_at = RequestState.DECLINED, by.id, at
    request.decision_note = note.strip()
    db.session.flush()
    audit.record(events.ChangeDeclined(subject=row.id, by=by.id, on=on, request_id=request.id, kind=request.kind))


def _asked(request_id: UUID, by: Actor) -> tuple[DrawRequest, DrawPlan]:
    """The request and its plan, both taken for change: the plan first, as every verb does, so that two verbs never wait crosswise."""
    row = queries.plan(queries.request(request_id, seen_by=by).plan_id, seen_by=by, lock=True)
    request = queries.request(request_id, seen_by=by, lock=True)
    if request.state is not RequestState.ASKED:
        raise Refused("draw.decided", f"这件申请{request.state.label}，不再重复决定。")
    rules.check_two_people(request.asked_by, by.id, "申请人不能批准自己的申请，须由另一人决定。")
    return request, row


def _check_superior(row: DrawPlan, by: Actor) -> None:
    same = by.department == row.authority.department.value
    rules.check_from_above(by.scope.path, row.scope_path, same_department=same)


def _rows_added(row: DrawPlan, request: DrawRequest, by: Actor) -> str:
    standing = queries.standing_of(row)
    wanted = ChangeWanted(request.kind, request.what, request.detail, request.reason)
    ground = Ground(
        request.reason,
        request.evidence_sha256 or ANY_FINGERPRINT,
        rules.official_code(request.asked_by),
        rules.official_code(by.id),
    )
    return changed(standing, wanted, ground).text[len(standing.text) :]


def _append(row: DrawPlan, request: DrawRequest, text: str, by: Actor, at: datetime) -> DrawEvent:
    before = queries.events_of(row)
    prev = before[-1].hash if before else row.freeze_hash
    assert prev is not None
    number = len(before) + 1
    facts = (
        request.what,
        request.detail,
        request.reason,
        request.evidence_sha256 or "none",
        rules.official_code(request.asked_by),
        rules.official_code(by.id),
        text,
    )
    event = DrawEvent(
        scope_path=row.scope_path,
        plan_id=row.id,
        number=number,
        kind=request.kind,
        request_id=request.id,
        what=request.what,
        detail=request.detail,
        reason=request.reason,
        evidence_sha256=request.evidence_sha256,
        asked_by=request.asked_by,
        approved_by=by.id,
        approved_at=at,
        text=text,
        prev_hash=prev,
        hash=rules.event_hash(prev, number, request.kind.value, facts),
    )
    db.session.add(event)
    db.session.flush()
    return event
