"""Verbs of a draw plan (抽查计划办理): draft, approve, freeze, enter the public values, draw once, reveal.

The only place where a draw is computed is `compute_draw`; its state guard and the lock on the plan make it once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from app.archive.actions import keep_blob
from app.archive.rules import BlobKind
from app.core import audit, numbers
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.scope import find
from app.core.uploads import CleanUpload
from app.inspections.actions import draw_lists
from app.inspections.events import draws as events
from app.inspections.models import DrawEscrow, DrawMark, DrawPlan, DrawSeedEntry, InspectionObject
from app.inspections.queries import draws as queries
from app.inspections.rules import draw
from app.inspections.rules import plan as rules
from app.inspections.rules.draw import Mode
from app.inspections.rules.plan import MarkReason, PlanReach, PlanState, PlanVerb, Standing, StratumRule
from app.providers.rules import SiteKind
from app.regions import queries as regions


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What a plan maker writes (计划拟稿). `source` is the lottery (or `demo.dice`), `first_day` its earliest day.

    `joint` lists the department tags of the joint team.
    """

    title: str
    mode: Mode
    strata: tuple[StratumRule, ...]
    inspect_from: date
    inspect_until: date
    reveal_on: date
    source: str
    first_day: date
    dice: bool = False
    joint: tuple[str, ...] = ()
    reach: PlanReach = PlanReach.OWN
    kinds: tuple[SiteKind, ...] = (SiteKind.CARE_HOME,)


def _plan_of_own(plan_id: UUID, by: Actor) -> DrawPlan:
    row = queries.plan(plan_id, seen_by=by, lock=True)
    rules.check_own(row.authority_id, by.authority_id)
    return row


def draft_plan(drafted: PlanDraft, *, by: Actor, at: datetime, on: date, demo: bool = False) -> DrawPlan:
    """Draft a plan (拟定抽查计划). The list of sites is brought up to date first. `demo` allows the demonstration's dice."""
    authority = regions.authority(draw_lists.authority_of(by))
    rules.check_days(on=on, inspect_from=drafted.inspect_from, inspect_until=drafted.inspect_until, reveal_on=drafted.reveal_on)
    seats = rules.basic_and_joint_seats(regions.number_set(authority.path, "sampling.team_size", on), drafted.joint)
    rules.check_strata(drafted.strata, seats)
    if drafted.mode is Mode.SEALED:
        queries.escrow_holder(authority)
    inputs = rules.input_rules(drafted.source, drafted.first_day, dice=drafted.dice, demo=demo)
    rules.check_freeze_before_draw(inputs, on)
    draw_lists.renew_objects(by=by, on=on)
    row = DrawPlan(
        scope_path=authority.path,
        authority_id=authority.id,
        title=drafted.title.strip(),
        mode=drafted.mode,
        reach=drafted.reach,
        kinds=[kind.value for kind in drafted.kinds],
        strata=[rule.plain() for rule in drafted.strata],
        seats=[asdict(seat) for seat in seats],
        inputs=[asdict(rule) for rule in inputs],
        inspect_from=drafted.inspect_from,
        inspect_until=drafted.inspect_until,
        reveal_on=drafted.reveal_on,
        made_by=by.id,
        made_at=at,
    )
    return _drafted(row, by, on)


def draft_supplement(parent_id: UUID, *, first_day: date, by: Actor, at: datetime, on: date, demo: bool = False) -> DrawPlan:
    """Draft a supplementary plan (补充计划) for sites listed after the freeze of another: same rules, its own seed."""
    parent = _plan_of_own(parent_id, by)
    if parent.state in rules.BEFORE_FREEZE or parent.parent_id is not None:
        raise Refused("draw.supplement", "只能为已封存的原计划拟定补充计划。")
    first = queries.inputs_of(parent)[0]
    dice = len(parent.inputs) > 1
    inputs = rules.input_rules(first.source, first_day, dice=dice, demo=demo)
    rules.check_freeze_before_draw(inputs, on)
    draw_lists.renew_objects(by=by, on=on)
    row = DrawPlan(
        scope_path=parent.scope_path,
        authority_id=parent.authority_id,
        parent_id=parent.id,
        title=f"{parent.title}（补充）",
        mode=parent.mode,
        reach=parent.reach,
        kinds=parent.kinds,
        strata=parent.strata,
        seats=parent.seats,
        inputs=[asdict(rule) for rule in inputs],
        inspect_from=max(parent.inspect_from, on),
        inspect_until=max(parent.inspect_until, on),
        reveal_on=max(parent.reveal_on, on),
        made_by=by.id,
        made_at=at,
    )
    if not queries.objects_of(row):
        raise Refused("draw.nothing_new", "封存以后没有新登记的检查对象，不需要补充计划。")
    return _drafted(row, by, on)


def _drafted(row: DrawPlan, by: Actor, on: date) -> DrawPlan:
    db.session.add(row)
    db.session.flush()
    audit.record(events.PlanDrafted(subject=row.id, by=by.id, on=on, parent_id=row.parent_id))
    return row


def mark_object(
    plan_id: UUID, draw_id: str, standing: Standing, reason: MarkReason, note: str, *, by: Actor, at: datetime, on: date
) -> DrawMark:
    """Put a site on the must or exclude list of a draft (登记必查或剔除), with a reason of the closed list."""
    row = _plan_of_own(plan_id, by)
    rules.next_state(row.state, PlanVerb.CHANGE)
    rules.check_mark(standing, reason)
    found = next((listed for listed in queries.objects_of(row) if listed.draw_id == draw_id.strip()), None)
    if found is None:
        raise Refused("draw.object", f"本计划的检查对象中没有“{draw_id}”，请核对抽取编号。")
    if any(mark.object_id == found.id for mark in queries.marks_of(row)):
        raise Refused("draw.marked", f"“{found.name}”已经登记过必查或剔除，请先移除再登记。")
    mark = DrawMark(
        scope_path=row.scope_path,
        plan_id=row.id,
        object_id=found.id,
        standing=standing,
        reason=reason,
        note=note.strip(),
        added_by=by.id,
        added_at=at,
    )
    db.session.add(mark)
    db.session.flush()
    _marked(mark, found, by, on, removed=False)
    return mark


def unmark_object(mark_id: UUID, *, by: Actor, at: datetime, on: date) -> DrawMark:
    """Take a site off the must or exclude list of a draft (移除必查或剔除)."""
    mark = find(DrawMark, mark_id, seen_by=by, lock=True)
    row = _plan_of_own(mark.plan_id, by)
    rules.next_state(row.state, PlanVerb.CHANGE)
    if mark.removed_at is not None:
        raise Refused("draw.unmarked", "这一条已经移除。")
    mark.removed_by, mark.removed_at = by.id, at
    db.session.flush()
    _marked(mark, mark.object, by, on, removed=True)
    return mark


def _marked(mark: DrawMark, found: InspectionObject, by: Actor, on: date, *, removed: bool) -> None:
    audit.record(
        events.PlanMarked(
            subject=mark.plan_id,
            by=by.id,
            on=on,
            object_id=found.id,
            standing=mark.standing,
            reason=mark.reason,
            removed=removed,
        )
    )


def discard_plan(plan_id: UUID, *, by: Actor, on: date) -> None:
    """Withdraw a plan before its freeze (撤回计划). It has no number yet, so the register has no gap."""
    row = _plan_of_own(plan_id, by)
    row.state = rules.next_state(row.state, PlanVerb.DISCARD)
    db.session.flush()
    audit.record(events.PlanDiscarded(subject=row.id, by=by.id, on=on))


def approve_plan(plan_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Approve a plan (批准计划): never by its maker (S1); a superior may, and must where the must list is long."""
    row = queries.plan(plan_id, seen_by=by, lock=True)
    from_above = rules.is_above(by.scope.path, row.scope_path)
    if not from_above:
        rules.check_own(row.authority_id, by.authority_id)
    rules.check_two_people(row.made_by, by.id, "计划须由另一人批准，拟定人不能批准自己拟定的计划。")
    state = rules.next_state(row.state, PlanVerb.APPROVE)
    counted = queries.numbers(row)
    must = sum(sum(found.must.values()) for found in counted.strata)
    rules.check_must_share(must, sum(found.total for found in counted.strata), from_above=from_above)
    row.state, row.approved_by, row.approved_at = state, by.id, at
    db.session.flush()
    audit.record(events.PlanApproved(subject=row.id, by=by.id, on=on))


def freeze_plan(plan_id: UUID, *, by: Actor, at: datetime, on: date, blind: Callable[[], str]) -> DrawPlan:
    """Freeze the lists (封存名录): take the register number, write the files, publish their fingerprint.

    Never by the plan maker (S1). A sealed plan gets a blind, `blind()` = 64 lowercase hex, whose copy goes under the
    superior's lock at once, so that the office cannot lose it when it dislikes the result.
    """
    row = _plan_of_own(plan_id, by)
    rules.check_two_people(row.made_by, by.id, "名录须由拟定人以外的人封存，请由批准人办理。")
    state = rules.next_state(row.state, PlanVerb.FREEZE)
    rules.check_freeze_before_draw(queries.inputs_of(row), on)
    draw_lists.renew_objects(by=by, on=on)
    if not queries.objects_of(row):
        raise Refused("draw.empty", "检查对象名录中没有符合本计划范围的机构，不能封存。")
    authority = row.authority
    number = numbers.take(authority.id, "draw.plan", on.year)
    code = rules.plan_code(authority.region.code, authority.department.value, on.year, number)
    files = queries.files_to_freeze(row, code)
    secret = blind() if row.mode is Mode.SEALED else None
    text = draw.freeze_text(files, commitment=draw.commitment(secret) if secret else None)
    row.year, row.number, row.code = on.year, number, code
    row.plan_text, row.subjects_text = files["plan.txt"], files["subjects.txt"]
    row.inspectors_text, row.recusals_text = files["inspectors.txt"], files["recusals.txt"]
    row.freeze_text, row.freeze_hash, row.blind = text, _fingerprint(text), secret
    row.state, row.frozen_by, row.frozen_at = state, by.id, at
    db.session.flush()
    if secret:
        _seal_for_superior(row, secret, at)
    audit.record(events.PlanFrozen(subject=row.id, by=by.id, on=on, code=code, freeze_hash=row.freeze_hash))
    return row


def _seal_for_superior(row: DrawPlan, secret: str, at: datetime) -> None:
    """The copy lies in the superior's scope, which the office itself may not write to: the system carries it there."""
    holder = queries.escrow_holder(row.authority)
    with acting(SYSTEM):
        db.session.add(DrawEscrow(scope_path=holder.path, plan_id=row.id, holder_id=holder.id, blind=secret, sealed_at=at))
        db.session.flush()


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def enter_value(
    plan_id: UUID,
    input_number: int,
    event: str,
    typed: str,
    *,
    by: Actor,
    at: datetime,
    on: date,
    evidence: CleanUpload | None = None,
) -> queries.ValueStand:
    """Enter a public value (录入公开值) as one of two officials, neither of whom sees the other's before both are in (S2).

    Two equal entries make the value; two that differ are kept and both type again. When every value stands, the plan
    is ready to be drawn. `event` is the number of the lottery draw, `evidence` a picture of the official page.
    """
    row = _plan_of_own(plan_id, by)
    rules.next_state(row.state, PlanVerb.ENTER)
    stand = next((found for found in queries.values_of(row) if found.rule.number == input_number), None)
    if stand is None or stand.agreed is not None:
        raise Refused("draw.value_done", "这个公开值已经由两人录入一致，不再修改。")
    rules.check_value_is_out(stand.rule, on)
    if any(done.by == by.id for done in stand.entered):
        raise Refused("draw.same_person", "您已经录入过，公开值须由另一人独立录入。")
    draw.canonical(stand.rule.source, typed)  # a value that cannot be one is refused now, not at the second entry
    if not event.strip() or "|" in event:
        raise Refused("draw.event", "请填写期号（或掷骰子的日期时间），不含竖线。")
    kept = keep_blob(evidence, of=row, kind=BlobKind.EVIDENCE, by=by, at=at, on=on) if evidence else None
    entry = DrawSeedEntry(
        scope_path=row.scope_path,
        plan_id=row.id,
        input_number=input_number,
        turn=stand.turn,
        place=len(stand.entered) + 1,
        source=stand.rule.source,
        event=event.strip(),
        typed=typed,
        entered_by=by.id,
        entered_at=at,
        evidence_id=kept.id if kept else None,
    )
    db.session.add(entry)
    db.session.flush()
    facts = {"input_number": input_number, "turn": entry.turn}
    audit.record(events.SeedValueEntered(subject=row.id, by=by.id, on=on, place=entry.place, **facts))
    return _after_entry(row, entry, by, on)


def _after_entry(row: DrawPlan, entry: DrawSeedEntry, by: Actor, on: date) -> queries.ValueStand:
    values = queries.values_of(row)
    now = next(found for found in values if found.rule.number == entry.input_number)
    if now.turn > entry.turn:
        audit.record(events.SeedValuesDiffer(subject=row.id, by=by.id, on=on, input_number=entry.input_number, turn=entry.turn))
    if all(found.agreed for found in values):
        row.state = rules.next_state(row.state, PlanVerb.SEED)
        db.session.flush()
        audit.record(events.PlanSeeded(subject=row.id, by=by.id, on=on))
    return now


def compute_draw(plan_id: UUID, *, by: Actor, at: datetime, on: date) -> DrawPlan:
    """Make the seed and draw (合成种子并抽取), once. An open plan is public at once, a sealed one shows its fingerprint only.

    A plan that cannot be staffed keeps its certificate and names no inspector; no task follows from it.
    """
    row = _plan_of_own(plan_id, by)
    state = rules.next_state(row.state, PlanVerb.COMPUTE)
    agreed = [found.agreed for found in queries.values_of(row) if found.agreed]
    files = queries.frozen_files(row)
    files["seed.txt"] = draw.seed_text(files["freeze.txt"], agreed, blind=row.blind)
    result = draw.compute(files)
    row.sealed_seed, row.seed_hash = files["seed.txt"], result.seed
    row.sealed_result, row.result_hash = result.text, _fingerprint(result.text)
    row.infeasible = result.infeasible is not None
    row.state, row.computed_by, row.computed_at = state, by.id, at
    db.session.flush()
    audit.record(
        events.DrawCompleted(
            subject=row.id,
            by=by.id,
            on=on,
            seed_hash=row.seed_hash,
            result_hash=row.result_hash,
            infeasible=row.infeasible,
        )
    )
    if row.mode is Mode.OPEN:
        _reveal(row, by, at, on)
    return row


def reveal_plan(plan_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Publish everything (公开抽取结果) on the day written in the plan; the timetable does it, nobody earlier."""
    row = queries.plan(plan_id, seen_by=by, lock=True)
    if on < row.reveal_on:
        raise Refused("draw.too_early", f"计划写明 {row.reveal_on.isoformat()} 公开，不能提前。")
    _reveal(row, by, at, on)


def _reveal(row: DrawPlan, by: Actor, at: datetime, on: date) -> None:
    state = rules.next_state(row.state, PlanVerb.REVEAL)
    seed, result = row.sealed_seed, row.sealed_result
    if seed is None or result is None or (_fingerprint(seed), _fingerprint(result)) != (row.seed_hash, row.result_hash):
        raise Refused("draw.altered", "保存的抽取结果与当时的指纹不符，不能公开。请立即报告上级和审计管理员。")
    row.seed_text, row.result_text = seed, result
    row.state, row.revealed_at = state, at
    db.session.flush()
    assert row.code is not None
    assert row.result_hash is not None
    audit.record(events.DrawRevealed(subject=row.id, by=by.id, on=on, code=row.code, result_hash=row.result_hash))


def open_names(plan_id: UUID, reason: str, *, by: Actor, on: date, computes: bool) -> Sequence[queries.DrawnTeam]:
    """Look into a sealed result (拆看密封名单): the authority's own computing people only, and every look is recorded."""
    row = queries.plan(plan_id, seen_by=by)
    own = row.authority_id == by.authority_id
    if not rules.may_open_names(row.state, infeasible=bool(row.infeasible), own=own, computes=computes):
        raise Refused("draw.sealed", "名单尚在密封，您现在只能看到指纹；公开日后人人可见。")
    if not reason.strip():
        raise Refused("draw.look_reason", "请写明拆看名单的事由，例如“准备检查通知书”。")
    teams = queries.teams_in(row)
    audit.record(events.SealedNamesOpened(subject=row.id, by=by.id, on=on, reason=_fingerprint(reason.strip())[:16]))
    return teams


def open_escrow(plan_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> str:
    """Open the sealed copy of a blind (启封盲值备份): by the superior's observer, after a void or a missed reveal.

    Returns the blind, with which the voided draw can be recomputed. Raises Refused while the plan is on its way.
    """
    row = queries.plan(plan_id, seen_by=by)
    kept = queries.escrow_of(plan_id, seen_by=by, lock=True)
    if kept is None:
        raise Refused("draw.no_escrow", "本计划没有封套备份，或备份不由您所在的上级机关保管。")
    missed = row.state is not PlanState.REVEALED and on > row.reveal_on
    if row.state is not PlanState.VOIDED and not missed:
        raise Refused("draw.escrow_sealed", "计划正常进行，封套备份只在作废或逾期未公开时启封。")
    if not reason.strip():
        raise Refused("draw.look_reason", "请写明启封的事由。")
    kept.opened_by, kept.opened_at, kept.opened_reason = by.id, at, reason.strip()
    db.session.flush()
    audit.record(events.EscrowOpened(subject=row.id, by=by.id, on=on, holder_id=kept.holder_id))
    return kept.blind
