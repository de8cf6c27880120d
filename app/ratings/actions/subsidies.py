"""Verbs of subsidies (补贴办理): compute a list, have it approved by another, cancel it, take back what was paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core import audit, numbers
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Forbidden, Refused
from app.ratings.events import subsidies as events
from app.ratings.models.subsidies import SubsidyClaim, SubsidyLine
from app.ratings.queries import subsidies as queries
from app.ratings.rules.claims import ClaimKind, ClaimState, check_approval, check_period
from app.ratings.rules.subsidies import Line, Outcome, SubsidyRule, yuan
from app.regions import queries as regions
from app.regions.models import Authority


def _own(by: Actor) -> Authority:
    if by.authority_id is None:
        raise Forbidden("补贴清单由机关计算和审批")
    return regions.authority(by.authority_id)


def _number(authority: Authority, kind: ClaimKind, on: date) -> str:
    nth = numbers.take(authority.id, f"subsidy.{kind.value}", on.year)
    word = "补" if kind is ClaimKind.CLAIM else "补追"
    return f"{authority.number_word}{word}〔{on.year}〕{nth}号"


def compute_claim(rule_code: str, first: date, last: date, *, by: Actor, at: datetime, on: date) -> SubsidyClaim:
    """Compute the list of a rule for some months (计算补贴清单). Months that another list holds are not counted again."""
    authority = _own(by)
    first, last = check_period(first, last, on)
    rule = queries.rule(rule_code, path=authority.path, on=on)
    row = SubsidyClaim(
        scope_path=authority.path,
        authority_id=authority.id,
        number=_number(authority, ClaimKind.CLAIM, on),
        rule_code=rule.code,
        rule_name=rule.name,
        rule_sha=rule.sha256,
        first_month=first,
        last_month=last,
        made_by=by.id,
        made_by_name=by.name,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    _fill(row, rule, authority.path, by)
    if not row.lines:
        raise Refused("subsidy.nobody", "这段时间没有机构可以计算这项补贴：没有有效等级，或没有登记的机构")
    audit.record(
        events.ClaimComputed(
            subject=row.id,
            by=by.id,
            on=on,
            authority_id=authority.id,
            rule=rule.code,
            rule_sha=rule.sha256,
            paid=row.paid,
            open=row.open,
        )
    )
    return row


def _fill(row: SubsidyClaim, rule: SubsidyRule, path: str, by: Actor) -> None:
    found = queries.due(rule, row.first_month, row.last_month, path=path, seen_by=by)
    held = queries.holding([each.site.id for each in found], rule.group, row.first_month, row.last_month)
    made = [_line(row, rule, each, line, held.get((each.site.id, line.month), "")) for each in found for line in each.lines]
    try:
        with db.session.begin_nested():
            db.session.add_all(made)
            db.session.flush()
    except IntegrityError as twice:
        raise Refused("subsidy.twice", "有的月份刚刚被另一张清单计入，请重新计算") from twice
    row.paid = sum(1 for each in made if each.active)
    row.open = sum(1 for each in made if each.outcome is Outcome.OPEN)
    row.total_fen = sum(each.fen or 0 for each in made if each.active)
    db.session.flush()
    db.session.expire(row, ["lines"])


def _line(row: SubsidyClaim, rule: SubsidyRule, each: queries.Due, line: Line, held: str) -> SubsidyLine:
    outcome, fen, words = line.outcome, line.fen, line.words
    if held and outcome is not Outcome.ZERO:
        outcome, fen, words = Outcome.ZERO, 0, f"已在清单 {held} 计补，不重复计算"
    return SubsidyLine(
        scope_path=each.site.scope_path,
        provider_id=each.site.provider_id,
        site_id=each.site.id,
        claim_id=row.id,
        rule_code=rule.code,
        rule_name=rule.name,
        claim_number=row.number,
        pay_group=rule.group,
        month=line.month,
        outcome=outcome,
        fen=fen,
        level=line.level,
        rating_id=UUID(line.rating) if line.rating else None,
        heads=line.heads,
        words=words,
        active=outcome is Outcome.PAID,
    )


def approve_claim(claim_id: UUID, *, by: Actor, on: date) -> SubsidyClaim:
    """Approve a list (审批清单): by another person, and only if its rows are what the register and the ratings say today."""
    row = _mine(claim_id, by)
    check_approval(row.state, made_by=row.made_by, by=by.id, paid=len(row.lines) if row.kind is ClaimKind.REVERSAL else row.paid)
    if row.kind is ClaimKind.CLAIM:
        _unchanged(row, by, on)
    row.state, row.approved_by, row.approved_by_name, row.approved_on = ClaimState.APPROVED, by.id, by.name, on
    for line in row.lines:
        line.approved_on = on
    if row.kind is ClaimKind.REVERSAL:
        taken = {line.reverses for line in row.lines}
        for paid in (found for found in (db.session.get(SubsidyLine, each) for each in taken) if found is not None):
            paid.active = False
    db.session.flush()
    audit.record(events.ClaimApproved(subject=row.id, by=by.id, on=on, authority_id=row.authority_id, total_fen=row.total_fen))
    return row


def _mine(claim_id: UUID, by: Actor) -> SubsidyClaim:
    row = queries.claim(claim_id, seen_by=by, lock=True)
    if row.authority_id != by.authority_id:
        raise Forbidden("补贴清单由计算它的机关审批或作废")
    return row


def _unchanged(row: SubsidyClaim, by: Actor, on: date) -> None:
    """Refuse when a rating, a rate or a figure changed since the list was computed."""
    rule = queries.rule(row.rule_code, path=row.scope_path, on=on)
    if rule.sha256 != row.rule_sha:
        raise Refused("subsidy.rule_changed", "补贴规则已经更新，请作废这张清单后重新计算")
    now = {
        (each.site.id, line.month): (line.outcome, line.fen)
        for each in queries.due(rule, row.first_month, row.last_month, path=row.scope_path, seen_by=by)
        for line in each.lines
    }
    differ = [line for line in row.lines if line.active and now.get((line.site_id, line.month)) != (line.outcome, line.fen)]
    if differ:
        first = differ[0]
        raise Refused(
            "subsidy.stale",
            f"计算以后等级、标准或人数有变化（{first.site.name} {first.month:%Y-%m} 等 {len(differ)} 行），请作废后重新计算",
        )


def cancel_claim(claim_id: UUID, reason: str, *, by: Actor, on: date) -> SubsidyClaim:
    """Cancel a list that is not approved (作废清单): its months are free again."""
    row = _mine(claim_id, by)
    if row.state is not ClaimState.DRAFT:
        raise Refused("subsidy.settled", f"这张清单“{row.state.label}”，不能作废；已审批的用追回清单")
    if not reason.strip():
        raise Refused("subsidy.reason", "请写明作废的原因")
    row.state, row.cancelled_reason = ClaimState.CANCELLED, reason.strip()[:200]
    for line in row.lines:
        line.active = False
        line.reverses = None  # what was to be taken back may be taken back by another list
    db.session.flush()
    audit.record(events.ClaimCancelled(subject=row.id, by=by.id, on=on, authority_id=row.authority_id))
    return row


def reverse_months(
    site_id: UUID, since: date, reason: str, *, scheme: str = "", by: Actor, at: datetime, on: date
) -> list[SubsidyClaim]:
    """Draw up what is to be taken back from a month on (拟追回): one list an authority and rule, for another person to approve.

    With `scheme`, only what rests on that rating. Rows that wait in another reversal are left to it.
    """
    if not reason.strip():
        raise Refused("subsidy.reason", "请写明追回的原因")
    paid = queries.paid_lines(site_id, since.replace(day=1), seen_by=by, scheme=scheme)
    waiting = queries.waiting_reversals([line.id for line in paid])
    by_rule: dict[tuple[UUID, str], list[SubsidyLine]] = {}
    for line in paid:
        if line.id not in waiting:
            by_rule.setdefault((line.claim.authority_id, line.rule_code), []).append(line)
    return [_reversal(rows, reason.strip()[:200], by=by, at=at, on=on) for rows in by_rule.values()]


def _reversal(rows: Sequence[SubsidyLine], reason: str, *, by: Actor, at: datetime, on: date) -> SubsidyClaim:
    first = rows[0].claim
    authority = regions.authority(first.authority_id)
    row = SubsidyClaim(
        scope_path=first.scope_path,
        authority_id=authority.id,
        number=_number(authority, ClaimKind.REVERSAL, on),
        kind=ClaimKind.REVERSAL,
        rule_code=first.rule_code,
        rule_name=first.rule_name,
        rule_sha=first.rule_sha,
        first_month=rows[0].month,
        last_month=rows[-1].month,
        total_fen=-sum(line.fen or 0 for line in rows),
        reason=reason,
        made_by=by.id,
        made_by_name=by.name,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add_all(
        SubsidyLine(
            scope_path=line.scope_path,
            provider_id=line.provider_id,
            site_id=line.site_id,
            claim_id=row.id,
            rule_code=line.rule_code,
            rule_name=line.rule_name,
            claim_number=row.number,
            pay_group=line.pay_group,
            month=line.month,
            outcome=Outcome.PAID,
            fen=-(line.fen or 0),
            level=line.level,
            rating_id=line.rating_id,
            heads=line.heads,
            words=f"追回清单 {line.claim.number} 的 {yuan(line.fen or 0)}：{reason}",
            active=False,
            reverses=line.id,
        )
        for line in rows
    )
    db.session.flush()
    audit.record(events.SubsidiesReversed(subject=row.id, by=by.id, on=on, authority_id=authority.id, months=len(rows)))
    return row
