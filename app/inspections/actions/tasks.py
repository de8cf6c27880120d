"""Verbs of inspection tasks (检查任务办理): plan, approve, tell the home, arrive, conclude, review, close, publish."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.core import audit, calendar, numbers
from app.core.actor import Actor, Post
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.events import tasks as events
from app.inspections.models import InspectionTask, TaskMember
from app.inspections.queries import answers as logs
from app.inspections.queries import checklists, tasks
from app.inspections.rules import task as rules
from app.inspections.rules.checklist import Checklist, Department, Severity, freeze
from app.inspections.rules.findings import Basis
from app.inspections.rules.task import CheckInWay, MemberRole, TaskKind, TaskSource, TaskState, TaskVerb
from app.providers.models import Site
from app.regions import queries as regions

REACH_AFTER_CLOSING: Final = timedelta(days=30)
OPEN_AFTER: Final = frozenset({TaskState.CLOSED, TaskState.PUBLISHED, TaskState.WITHDRAWN, TaskState.CANCELLED})


def _move(row: InspectionTask, verb: TaskVerb) -> None:
    row.state = rules.next_state(row.state, verb)


def _add_working_days(start: date, count: int) -> date:
    return calendar.due(start, count, calendar.Unit.WORKING)[0]


# --- planning ---------------------------------------------------------------------------------------------------------


def plan_task(
    site_id: UUID,
    *,
    kind: TaskKind,
    planned_on: date,
    source: TaskSource = TaskSource.OWN,
    source_id: UUID | None = None,
    source_words: str = "",
    team: Sequence[UUID] = (),
    joint: bool = False,
    from_above: bool = False,
    cap_reason: str = "",
    lists: Sequence[str] = checklists.ALL_KINDS,
    only: Collection[str] = (),
    weights: Mapping[str, int] | None = None,
    authority_id: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> InspectionTask:
    """Plan an inspection of a site (拟定检查任务) and freeze its checklist.

    `team` are account ids, the lead first; it may follow later. `only` keeps some items of the lists, for a re-check.
    Refused: beyond the yearly cap, or when a cap is needed and the authority has published none.
    """
    site = tasks.site(site_id, seen_by=by)
    owner = authority_id or by.authority_id or site.authority_id
    authority = regions.authority(owner)
    cap = _cap(site, kind, planned_on, from_above, by)
    rules.check_cap(cap, reason=cap_reason)
    frozen = _freeze(site, owner, planned_on, lists, only, weights, by)
    number = numbers.take(owner, "inspection_task", on.year)
    row = InspectionTask(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        authority_id=owner,
        number=f"{authority.number_word}检任〔{on.year}〕{number}号",
        kind=kind,
        source=source,
        source_id=source_id,
        source_words=source_words,
        from_above=from_above,
        joint=joint,
        nth_of_year=cap.ordinal,
        cap_reason=cap_reason.strip(),
        planned_on=planned_on,
        planned_by=by.id,
        planned_at=at,
        checklist=frozen.payload(),
        checklist_sha=frozen.sha256,
        item_count=len(frozen.items),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.TaskPlanned(
            subject=row.id,
            by=by.id,
            on=on,
            site_id=site.id,
            kind=kind,
            source=source,
            source_id=source_id,
            planned_on=planned_on,
            checklist_sha=row.checklist_sha,
            nth_of_year=row.nth_of_year,
        )
    )
    if team:
        set_team(row.id, team, by=by, on=on)
    return row


def _cap(site: Site, kind: TaskKind, planned_on: date, from_above: bool, by: Actor) -> rules.Cap:
    counts = rules.counts_towards_cap(kind, from_above=from_above)
    limit = regions.number_set(site.scope_path, "inspection.visits_cap", planned_on) if counts else 0
    history = tasks.history(site.id, planned_on.year, seen_by=by)
    return rules.yearly_cap(kind, on=planned_on, from_above=from_above, history=history, limit=limit)


def _freeze(
    site: Site,
    authority_id: UUID,
    planned_on: date,
    lists: Sequence[str],
    only: Collection[str],
    weights: Mapping[str, int] | None,
    by: Actor,
) -> Checklist:
    library = checklists.library()
    editions = [library.in_force(code, on=planned_on, region_path=site.scope_path) for code in lists]
    frozen = freeze(
        editions,
        checklists.site_facts(site.id, seen_by=by),
        checklists.confirmations(authority_id),
        authority_id=str(authority_id),
        on=planned_on,
        weights=weights,
    )
    if not only:
        return frozen
    kept = tuple(i for i in frozen.items if i.code in only)
    if not kept:
        raise Refused("task.no_items", "选定的检查项不在现行检查表中，请重新选择检查项")
    areas = {i.item.area for i in kept}
    return frozen.model_copy(update={"items": kept, "areas": tuple(a for a in frozen.areas if a.key in areas)})


def set_team(task_id: UUID, team: Sequence[UUID], *, helpers: Sequence[UUID] = (), by: Actor, on: date) -> None:
    """Set who inspects (确定检查组), the lead first. Names and certificates are frozen at approval."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    if row.state is not TaskState.PLANNED:
        raise Refused("task.team_fixed", "检查任务已经批准，检查组不能改动；有人须回避的，请登记回避并重新抽取")
    if len(set(team) | set(helpers)) != len(team) + len(helpers) or not team:
        raise Refused("task.team", "检查组须至少有一人，且同一人不能重复")
    for place, account_id in enumerate((*team, *helpers)):
        _seat(row, account_id, place=place, helper=place >= len(team), on=on)
    row.lead_id = team[0]
    db.session.flush()
    for gone in [m for m in row.members if m.account_id not in {*team, *helpers}]:
        gone.replaced_on = on
    audit.record(events.TeamSet(subject=row.id, by=by.id, on=on, team=tuple(team)))


def _seat(row: InspectionTask, account_id: UUID, *, place: int, helper: bool, on: date) -> None:
    person = people.account(account_id)
    department = _department_of(account_id, on)
    member = next((m for m in row.members if m.account_id == account_id), None)
    if member is None:
        member = TaskMember(scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, account_id=account_id)
        row.members.append(member)
    member.place, member.replaced_on = place, None
    member.role = MemberRole.HELPER if helper else MemberRole.LEAD if place == 0 else MemberRole.OFFICER
    member.department, member.name = department, person.name
    member.certificate_no = person.certificate_no or ""
    member.certificate_until = person.certificate_until


def _department_of(account_id: UUID, on: date) -> Department:
    """The department at which somebody holds an inspecting post (所属部门)."""
    inspecting = {Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR}
    for held in people.posts_held(account_id, on):
        if held.authority_id is not None and held.post in inspecting:
            return Department(regions.authority(held.authority_id).department.value)
    return Department.CIVIL_AFFAIRS


def approve_task(task_id: UUID, *, item_published: bool, on_arrival_reason: str = "", by: Actor, on: date) -> None:
    """Approve a task (批准检查): by the head, never by the planner (S1); the team must hold valid certificates that day."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    rules.check_approval(planned_by=str(row.planned_by), approved_by=str(by.id), item_published=item_published)
    rules.check_team(tasks.officers(row), on=row.planned_on)
    _move(row, TaskVerb.APPROVE)
    row.approved_by, row.approved_on = by.id, on
    row.on_arrival_reason = on_arrival_reason.strip()
    for member in tasks.active_members(row):
        accounts.assign_site(member.account_id, row.site_id, task=row.id, on=on)
    db.session.flush()
    audit.record(
        events.TaskApproved(
            subject=row.id,
            by=by.id,
            on=on,
            site_id=row.site_id,
            planned_on=row.planned_on,
            on_arrival=bool(row.on_arrival_reason),
        )
    )


def cancel_task(task_id: UUID, *, reason: str, by: Actor, on: date) -> None:
    """Give a task up before anybody arrived (取消检查)."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    if not reason.strip():
        raise Refused("task.cancel_reason", "取消检查须写明理由")
    _move(row, TaskVerb.CANCEL)
    row.cancelled_on, row.cancel_reason = on, reason.strip()
    accounts.end_assignments(row.id, until=on)
    db.session.flush()
    audit.record(events.TaskCancelled(subject=row.id, by=by.id, on=on, site_id=row.site_id))


# --- notice and arrival -----------------------------------------------------------------------------------------------


def serve_notice(task_id: UUID, *, way: str, by: Actor, on: date) -> date:
    """Tell the home (送达检查通知书). Returns the first day on which the team may come; never for a case inspection."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    rules.check_notice(row.kind)
    earliest = rules.earliest_visit(row.kind, noticed_on=on, add_working_days=_add_working_days)
    _move(row, TaskVerb.NOTIFY)
    row.notice_on, row.notice_by, row.notice_way = on, by.id, way.strip() or "直接送达"
    row.planned_on = max(row.planned_on, earliest)
    db.session.flush()
    audit.record(events.NoticeServed(subject=row.id, by=by.id, on=on, site_id=row.site_id, way=row.notice_way))
    return earliest


def check_in(task_id: UUID, *, way: CheckInWay, reason: str = "", by: Actor, at: datetime, on: date) -> None:
    """Record the arrival (到场登记): by the code at the door, by hand only with a reason (国办发〔2024〕54号: 扫码入企)."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    only_the_team(row, by)
    if row.state in (TaskState.CHECKED_IN, TaskState.IN_PROGRESS):
        return
    if way is CheckInWay.MANUAL and not reason.strip():
        raise Refused("task.manual_reason", "没有扫码到场的，须写明理由（如紧急情况、门口码损坏）")
    rules.check_arrival(
        row.kind,
        noticed_on=row.notice_on,
        on=on,
        on_arrival_reason=row.on_arrival_reason,
        add_working_days=_add_working_days,
    )
    rules.check_team(tasks.officers(row), on=on)
    _move(row, TaskVerb.CHECK_IN)
    row.checked_in_at, row.checked_in_by, row.check_in_way = at, by.id, way
    row.check_in_reason = reason.strip() if way is CheckInWay.MANUAL else ""
    db.session.flush()
    audit.record(events.CheckedIn(subject=row.id, by=by.id, on=on, site_id=row.site_id, way=way))


def only_the_team(row: InspectionTask, by: Actor) -> TaskMember:
    """The actor's own seat on the team (检查组成员); refused for anybody else."""
    member = next((m for m in tasks.active_members(row) if m.account_id == by.id), None)
    if member is None:
        raise Refused("task.not_on_team", "您不在这项任务的检查组中，请由检查组成员办理")
    return member


def read_rights(task_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Certificates shown, rights told, recusal asked (亮证、告知、询问回避): the inspection begins. Repeating it changes nothing."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    only_the_team(row, by)
    if row.state is TaskState.IN_PROGRESS:
        return
    _move(row, TaskVerb.START)
    row.started_at = at
    db.session.flush()
    audit.record(events.RightsRead(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def note_recusal(task_id: UUID, account_id: UUID, *, reason: str, by: Actor, on: date) -> None:
    """An officer must stay away (登记回避). The place is filled by a new draw, never by hand; the event asks for it."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    if row.state in OPEN_AFTER or row.state in (TaskState.SIGNED, TaskState.REVIEWED):
        raise Refused("task.recusal_late", f"检查任务“{row.state.label}”，不能再登记回避")
    if not reason.strip():
        raise Refused("task.recusal_reason", "登记回避须写明理由")
    member = next((m for m in tasks.active_members(row) if m.account_id == account_id), None)
    if member is None:
        raise Refused("task.not_on_team", "此人不在这项任务的检查组中")
    member.recused_on, member.recusal_reason = on, reason.strip()
    db.session.flush()
    audit.record(
        events.RecusalNoted(
            subject=row.id,
            by=by.id,
            on=on,
            site_id=row.site_id,
            account_id=account_id,
            source=row.source,
            source_id=row.source_id,
        )
    )


def replace_member(task_id: UUID, *, out: UUID, drawn: UUID, by: Actor, on: date) -> None:
    """Seat whom a supplementary draw gave for a recused officer (补抽人员到位)."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    left = next((m for m in row.members if m.account_id == out and m.recused_on is not None), None)
    if left is None:
        raise Refused("task.nobody_recused", "检查组中没有此人的回避记录，不能补抽")
    left.replaced_on = on
    _seat(row, drawn, place=left.place, helper=False, on=on)
    if row.lead_id == out:
        row.lead_id = drawn
    db.session.flush()
    if row.state is not TaskState.PLANNED:
        accounts.assign_site(drawn, row.site_id, task=row.id, on=on)
    team = tuple(m.account_id for m in tasks.active_members(row))
    audit.record(events.TeamSet(subject=row.id, by=by.id, on=on, team=team))


# --- after the visit --------------------------------------------------------------------------------------------------


def submit_for_review(task_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Conclude the on-site record (笔录定稿): complete, undisputed, signed by two officers and by the home or a witness.

    From here the operations that the signatures cover are fixed; what arrives later is kept and shown as late.
    Starts the publication clock (公示期限).
    """
    row = tasks.task(task_id, seen_by=by, lock=True)
    only_the_team(row, by)
    rules.next_state(row.state, TaskVerb.SIGN)
    record = logs.record(task_id, seen_by=by)
    rules.check_signing(logs.signing(record))
    _move(row, TaskVerb.SIGN)
    row.ended_at, row.ended_on, row.submitted_by = at, on, by.id
    row.signed_sha, row.signed_ops = record.fold.sha256, [op.op_id for op in record.operations]
    if calendar.open_clock("publication", row.id) is None:
        calendar.start_clock(
            "publication",
            of=row,
            subject=row.id,
            label="公示检查结果",
            start=on,
            count=regions.number_set(row.scope_path, "inspection.publish_result", on),
            basis="双随机抽查工作规范：检查结束之日起20个工作日内公示",
        )
    for subject in filter(None, (row.site_id, row.source_id)):
        calendar.meet_clock("first_visit", subject, on)
        calendar.meet_clock("unfiled_visit", subject, on)
    db.session.flush()
    audit.record(
        events.RecordConcluded(
            subject=row.id,
            by=by.id,
            on=on,
            site_id=row.site_id,
            kind=row.kind,
            state_sha=row.signed_sha,
            operations=len(row.signed_ops),
        )
    )


def return_record(task_id: UUID, *, note: str, by: Actor, on: date) -> None:
    """Send a record back (退回补充): the signatures stay in the log, but a changed record must be signed again."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    rules.check_reviewer(str(by.id), inspectors=_inspectors(row))
    if not note.strip():
        raise Refused("task.return_note", "退回补充须写明要补充什么")
    _move(row, TaskVerb.RETURN)
    row.signed_sha = row.signed_ops = row.ended_at = row.ended_on = row.submitted_by = None
    row.review_note = note.strip()
    calendar.drop_clock("publication", row.id, on)
    db.session.flush()
    audit.record(events.RecordReturned(subject=row.id, by=by.id, on=on))


def review_task(task_id: UUID, *, note: str = "", by: Actor, on: date) -> None:
    """Review the result (审核), by somebody who did not inspect (S3)."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    rules.check_reviewer(str(by.id), inspectors=_inspectors(row))
    _move(row, TaskVerb.REVIEW)
    row.reviewed_by, row.reviewed_on, row.review_note = by.id, on, note.strip()
    db.session.flush()
    audit.record(events.InspectionReviewed(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def _inspectors(row: InspectionTask) -> set[str]:
    """Everybody who was on the team (检查人员), those who later stayed away included."""
    return {str(m.account_id) for m in row.members}


def close_task(task_id: UUID, *, by: Actor, on: date) -> None:
    """Close an inspection (办结): its result is written down from the signed operations, once."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    _move(row, TaskVerb.CLOSE)
    _write_result(row, logs.record(task_id, seen_by=by))
    row.closed_by, row.closed_on = by.id, on
    accounts.end_assignments(row.id, until=on + REACH_AFTER_CLOSING)
    db.session.flush()
    audit.record(_closed(row, by, on))


def _write_result(row: InspectionTask, record: logs.Record) -> None:
    score, findings = record.score, record.findings
    count: Callable[[Severity], int] = lambda s: sum(f.severity is s for f in findings)  # noqa: E731
    row.met, row.not_met = len(score.overall.met), len(score.overall.not_met)
    row.not_applicable = len(score.not_applicable)
    row.rate_earned, row.rate_possible = score.overall.earned, score.overall.possible
    row.rate_per_10k = score.overall.per_10k
    row.mandatory, row.mandatory_pending = score.mandatory.verdict, len(score.mandatory.pending)
    row.hazards = [h.item for h in score.hazards]
    row.suspected = [h.item for h in score.suspected]
    row.findings_minor, row.findings_serious = count(Severity.MINOR), count(Severity.SERIOUS)
    row.findings_major = count(Severity.MAJOR)
    row.result = rules.result_of(
        ordered=sum(f.basis is Basis.ORDER for f in findings), judged=sum(f.basis is Basis.JUDGEMENT for f in findings)
    )


def _closed(row: InspectionTask, by: Actor, on: date) -> events.InspectionClosed:
    assert row.result is not None  # written just before
    assert row.ended_on is not None
    assert row.mandatory is not None
    return events.InspectionClosed(
        subject=row.id,
        by=by.id,
        on=on,
        site_id=row.site_id,
        kind=row.kind,
        ended_on=row.ended_on,
        joint=row.joint,
        result=row.result,
        met=row.met or 0,
        not_met=row.not_met or 0,
        rate_per_10k=row.rate_per_10k,
        mandatory=row.mandatory,
        mandatory_pending=row.mandatory_pending or 0,
        hazards=tuple(row.hazards or ()),
        findings_minor=row.findings_minor or 0,
        findings_serious=row.findings_serious or 0,
        findings_major=row.findings_major or 0,
    )


def publish_result(task_id: UUID, *, by: Actor, on: date) -> None:
    """Publish the result (公示检查结果): neither by an inspector nor by the reviewer (S3)."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    rules.check_publisher(str(by.id), inspectors=_inspectors(row), reviewer=str(row.reviewed_by))
    _move(row, TaskVerb.PUBLISH)
    row.published_by, row.published_on = by.id, on
    calendar.meet_clock("publication", row.id, on)
    db.session.flush()
    audit.record(events.InspectionPublished(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def note_revocation(task_id: UUID, *, by: Actor, on: date) -> None:
    """The decision behind a published result was changed or revoked (原决定变更或撤销): the withdrawal clock starts."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    rules.next_state(row.state, TaskVerb.WITHDRAW)
    if calendar.open_clock("withdrawal", row.id) is None:
        calendar.start_clock(
            "withdrawal",
            of=row,
            subject=row.id,
            label="撤回公示并说明理由",
            start=on,
            count=regions.number_set(row.scope_path, "inspection.withdraw", on),
            basis="《行政处罚法》第四十八条、第八十五条：3个工作日内撤回",
        )
    db.session.flush()
    audit.record(events.DecisionRevoked(subject=row.id, by=by.id, on=on, site_id=row.site_id))


def withdraw_publication(task_id: UUID, *, reason: str, by: Actor, on: date) -> None:
    """Take a published result back (撤回公示) and say why; the record itself stays."""
    row = tasks.task(task_id, seen_by=by, lock=True)
    if not reason.strip():
        raise Refused("task.withdraw_reason", "撤回公示须写明并公开理由")
    _move(row, TaskVerb.WITHDRAW)
    row.withdrawn_by, row.withdrawn_on, row.withdraw_reason = by.id, on, reason.strip()
    calendar.meet_clock("withdrawal", row.id, on)
    db.session.flush()
    audit.record(events.PublicationWithdrawn(subject=row.id, by=by.id, on=on, site_id=row.site_id))
