"""Verbs of the committee and of what follows (审定与公示办理): members, meetings, votes, decision, notice, objection, publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.accounts import actions as accounts
from app.accounts import queries as accounts_queries
from app.core import audit, calendar, numbers
from app.core.actor import PROVIDER_POSTS, Actor, Post
from app.core.db import db
from app.core.refusal import Refused
from app.ratings.actions.applications import end_reach, move, start_notice
from app.ratings.events import work as events
from app.ratings.models import (
    CommitteeMember,
    CommitteeVote,
    Rating,
    RatingApplication,
    RatingMeeting,
    RatingObjection,
)
from app.ratings.queries import applications, decisions, panels, results, sheets
from app.ratings.rules import Overruling, Result, evaluate
from app.ratings.rules import State as Outcome
from app.ratings.rules.case import Case, InputFault
from app.ratings.rules.process import (
    CampaignKind,
    Choice,
    MeetingState,
    ObjectionState,
    Standing,
    State,
    Verb,
    add_months,
    check_apart,
    check_meeting,
    check_ties,
    next_state,
    outcome,
    quorum,
)
from app.regions import queries as regions

MIDWAY = 2


def appoint_member(account_id: UUID, of_body: str, *, chair: bool, by: Actor, on: date) -> CommitteeMember:
    """Appoint a member of the committee (聘任委员)."""
    assert by.authority_id is not None
    members = decisions.members(by.authority_id, seen_by=by)
    if any(m.account_id == account_id for m in members):
        raise Refused("committee.known", "已经是委员。")
    if chair and any(m.chair for m in members):
        raise Refused("committee.chair", "评定委员会已有主任，请先免去再聘任。")
    if not accounts_queries.posts_held(account_id, on):
        raise Refused("committee.post", "这个账号现在没有岗位。")
    authority = regions.authority(by.authority_id)
    row = CommitteeMember(
        scope_path=authority.path, authority_id=authority.id, account_id=account_id, of_body=of_body.strip(), chair=chair,
        since=on, entered_by=by.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(events.CommitteeChanged(subject=row.id, by=by.id, on=on, account_id=account_id, chair=chair, left=False))
    return row


def dismiss_member(member_id: UUID, *, by: Actor, on: date) -> None:
    """End a membership (解聘委员)."""
    row = decisions.member(member_id, seen_by=by)
    if row.until is not None:
        raise Refused("committee.left", "已经解聘。")
    row.until = on
    db.session.flush()
    audit.record(events.CommitteeChanged(subject=row.id, by=by.id, on=on, account_id=row.account_id, chair=row.chair, left=True))


def convene_meeting(application_ids: Sequence[UUID], held_on: date, *, by: Actor, on: date) -> RatingMeeting:
    """Convene the committee over applications (召集评定会): odd number, one chair; who must keep away is settled now (S4)."""
    assert by.authority_id is not None
    members = decisions.members(by.authority_id, seen_by=by)
    check_meeting(len(members), sum(m.chair for m in members))
    if not application_ids:
        raise Refused("committee.nothing", "请选择要上会的申请。")
    authority = regions.authority(by.authority_id)
    nth = numbers.take(authority.id, "rating_meeting", held_on.year)
    row = RatingMeeting(
        scope_path=authority.path,
        authority_id=authority.id,
        number=f"{held_on.year} 年第 {nth} 次评定会",
        held_on=held_on,
        chair_id=next(m.account_id for m in members if m.chair),
        members=[str(m.account_id) for m in members],
        quorum=quorum(len(members)),
        convened_by=by.id,
        convened_on=on,
    )
    db.session.add(row)
    db.session.flush()
    for application_id in dict.fromkeys(application_ids):
        _put_before(row, application_id, members, by=by, on=on)
    audit.record(events.MeetingConvened(subject=row.id, by=by.id, on=on, applications=tuple(application_ids), quorum=row.quorum))
    return row


def _put_before(meeting: RatingMeeting, application_id: UUID, members: Sequence[CommitteeMember], *, by: Actor, on: date) -> None:
    row = applications.application(application_id, seen_by=by, lock=True)
    if row.state is not State.PROPOSED:
        raise Refused("committee.not_proposed", f"{row.number} 现在“{row.state.label}”，不能上会。")
    row.meeting_id, row.barred = meeting.id, panels.barred(row, row.site, on)
    free = [m for m in members if str(m.account_id) not in row.barred]
    if len(free) < meeting.quorum:
        raise Refused("committee.short", f"{row.number}：回避后只剩 {len(free)} 名委员，不足法定人数 {meeting.quorum}。")
    db.session.flush()
    for member in free:
        if any(held.post is Post.ASSESSOR for held in accounts_queries.posts_held(member.account_id, on)):
            accounts.assign_site(member.account_id, row.site_id, task=row.id, on=on)


def note_absence(meeting_id: UUID, account_id: UUID, *, by: Actor, on: date) -> None:
    """Note that a member is absent (登记请假)."""
    row = decisions.meeting(meeting_id, seen_by=by, lock=True)
    if row.state is not MeetingState.CONVENED or str(account_id) not in row.members:
        raise Refused("committee.absence", "会议已结束，或此人不是本次会议的委员。")
    row.absent = sorted({*row.absent, str(account_id)})
    if len(row.members) - len(row.absent) < row.quorum:
        raise Refused("committee.quorum", f"到会委员将不足法定人数 {row.quorum}，请改期。")
    db.session.flush()
    audit.record(events.CommitteeChanged(subject=row.id, by=by.id, on=on, account_id=account_id, chair=False, left=False))


def cast_vote(
    application_id: UUID, choice: Choice, *, level: str = "", reason: str = "", by: Actor, at: datetime, on: date
) -> CommitteeVote:
    """Vote (表决), or change one's vote before the decision. Whoever has a tie to the home may not (S4)."""
    row = applications.application(application_id, seen_by=by, lock=True)
    if row.state is not State.PROPOSED or row.meeting_id is None:
        raise Refused("committee.not_now", f"申请“{row.state.label}”，现在不能表决。")
    meeting = decisions.meeting(row.meeting_id, seen_by=by)
    if str(by.id) not in meeting.members or str(by.id) in meeting.absent:
        raise Refused("committee.not_member", "您不是本次评定会的到会委员，不能表决。")
    check_ties(row.barred, str(by.id), "您与这家机构有利害关系，应当回避，不能表决。")
    if choice is not Choice.AGREE and not reason.strip():
        raise Refused("committee.reason", "改级或不同意，请写明理由。")
    if choice is Choice.CHANGE:
        _final(row, level, reason, by=by)
    vote = decisions.vote_of(row, by.id, seen_by=by)
    if vote is None:
        vote = CommitteeVote(
            scope_path=row.campaign.scope_path, application_id=row.id, meeting_id=meeting.id, round=row.round, account_id=by.id,
            barred=row.barred,
        )  # fmt: skip
        db.session.add(vote)
    vote.choice, vote.level, vote.reason, vote.at = choice, level if choice is Choice.CHANGE else "", reason.strip(), at
    db.session.flush()
    audit.record(events.VoteCast(subject=row.id, by=by.id, on=on, site_id=row.site_id, choice=choice, level=vote.level))
    return vote


def _final(row: RatingApplication, level: str, reason: str, *, by: Actor) -> Result:
    """The result with the committee's level (合议调整结果); the engine refuses what the scheme does not allow."""
    scheme = applications.scheme(row.campaign)
    case = sheets.case(row, scheme, seen_by=by)
    wish = Overruling(level, reason, "committee") if level else None
    try:
        return evaluate(scheme, Case(case.facts, case.sheets, case.consensus, case.records, case.cuts, wish))
    except InputFault as error:
        raise Refused("committee.override", f"{error}。") from error


def decide(application_id: UUID, *, by: Actor, on: date) -> RatingApplication:
    """Declare what the committee resolved (宣布审定结果): by the chair, with quorum and majority; a departure carries its reasons.

    A majority against sends the opinion back to the panel. Raises Refused while facts or scores are missing.
    """
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.DECIDE)
    meeting = _chaired(row, by)
    said = decisions.tally(row, meeting, seen_by=by)
    choice, level = outcome(said.votes, said.entitled, said.needed)
    why = said.reasons.get((choice, level), "")
    if choice is Choice.AGAINST:
        _send_back(row, why, by=by, on=on)
        return row
    result = _final(row, level, why, by=by)
    if result.state in (Outcome.UNDECIDED, Outcome.REFERRED) and not (row.campaign.trial and result.level is None):
        what = f"缺：{'、'.join(result.missing[:5])}" if result.missing else "须由委员会表决确定等级"
        raise Refused("committee.undecided", f"按方案还不能得出等级，{what}。")
    row.state = State.DECIDED
    row.decided_by, row.decided_on = by.id, on
    row.level, row.by_rules = result.level, result.by_rules
    row.override_reason = why if choice is Choice.CHANGE else ""
    row.result, row.seal = results.plain(result), result.seal
    db.session.flush()
    audit.record(
        events.RatingDecided(
            subject=row.id, by=by.id, on=on, site_id=row.site_id, level=row.level or "", by_rules=row.by_rules or "",
            overruled=choice is Choice.CHANGE, seal=result.seal,
        )
    )  # fmt: skip
    return row


def _chaired(row: RatingApplication, by: Actor) -> RatingMeeting:
    if row.meeting_id is None:
        raise Refused("committee.no_meeting", "这份申请还没有安排上会。")
    meeting = decisions.meeting(row.meeting_id, seen_by=by)
    if meeting.chair_id != by.id:
        raise Refused("committee.chair_only", "审定结果由评定委员会主任宣布。")
    check_ties(row.barred, str(by.id), "您与这家机构有利害关系，应当回避，请由其他委员主持。")
    check_apart(by.id, row.accepted_by, row.admitted_by, words="受理或审查这份申请的人不能审定它。")
    return meeting


def send_back(application_id: UUID, reason: str, *, by: Actor, on: date) -> RatingApplication:
    """Send the opinion back to the panel (退回重议): by the chair, with the reason."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.SEND_BACK)
    _chaired(row, by)
    if not reason.strip():
        raise Refused("rating.reason", "请写明要重议什么。")
    _send_back(row, reason, by=by, on=on)
    return row


def _send_back(row: RatingApplication, reason: str, *, by: Actor, on: date) -> None:
    row.meeting_id, row.proposed_by, row.proposed_on = None, None, None
    move(row, Verb.SEND_BACK, by=by, on=on, reason=reason)


def close_meeting(meeting_id: UUID, *, by: Actor, on: date) -> None:
    """Close a meeting (结束会议) once nothing before it waits."""
    row = decisions.meeting(meeting_id, seen_by=by, lock=True)
    if any(a.state is State.PROPOSED for a in decisions.cases(row, seen_by=by)):
        raise Refused("committee.open_cases", "还有申请没有审定或退回，不能结束会议。")
    row.state, row.closed_on = MeetingState.CLOSED, on
    db.session.flush()
    audit.record(events.MeetingConvened(subject=row.id, by=by.id, on=on, applications=(), quorum=row.quorum))


# --- notice, objection, publication ----------------------------------------------------------------------------------


def open_notice(application_id: UUID, *, by: Actor, on: date) -> RatingApplication:
    """Give public notice of the result (公示): working days, by another person than the decider. A trial is never published."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.NOTICE)
    if row.campaign.trial:
        raise Refused("rating.trial", "方案没有核实，只能试评，结果不能公示。请先由主管机关对照正式文本补全并确认方案。")
    check_apart(by.id, row.decided_by, words="宣布审定结果的人不能自己办理公示。")
    row.noticed_by, row.noticed_on = by.id, on
    row.notice_until = start_notice(row, on)
    move(row, Verb.NOTICE, by=by, on=on)
    return row


def end_trial(application_id: UUID, *, by: Actor, on: date) -> RatingApplication:
    """End a trial with its decision (结束试评): the result stays inside."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.TRY)
    if not row.campaign.trial:
        raise Refused("rating.no_trial", "这不是试评，审定以后应当公示。")
    end_reach(row, on)
    move(row, Verb.TRY, by=by, on=on)
    return row


def raise_objection(application_id: UUID, words: str, *, objector: str = "", by: Actor, on: date) -> RatingObjection:
    """Raise an objection within the notice (提出异议): the home itself, or the office for somebody else."""
    row = applications.application(application_id, seen_by=by, lock=True)
    home = bool(by.posts & PROVIDER_POSTS)
    if row.state not in (State.NOTICED, State.OBJECTED) or row.notice_until is None or on > row.notice_until:
        raise Refused("rating.objection_late", "公示期内才能提出异议；公示期过后，可以通过投诉举报反映。")
    if not words.strip():
        raise Refused("rating.objection", "请写明对哪一项有异议、理由和证据。")
    objection = RatingObjection(
        scope_path=row.scope_path,
        provider_id=row.provider_id if home else None,
        site_id=row.site_id if home else None,
        application_id=row.id,
        by_home=home,
        objector=objector.strip() if not home else "",
        words=words.strip(),
        raised_on=on,
        raised_by=by.id,
        of_decision=row.decided_by,
        barred=row.barred,
    )
    db.session.add(objection)
    if row.state is State.NOTICED:
        row.state = next_state(row.state, Verb.OBJECT)
    db.session.flush()
    audit.record(
        events.ObjectionRaised(subject=row.id, by=by.id, on=on, site_id=row.site_id, objection_id=objection.id, by_home=home)
    )
    return objection


def decide_objection(objection_id: UUID, *, uphold: bool, reason: str, by: Actor, on: date) -> RatingObjection:
    """Decide an objection (处理异议): dismissed, the notice goes on; upheld, other assessors examine again.

    Never by the decider, by whoever raised it, or by somebody with a tie to the home (S4).
    """
    objection = decisions.objection(objection_id, seen_by=by)
    row = applications.application(objection.application_id, seen_by=by, lock=True)
    db.session.refresh(objection)
    if objection.state is not ObjectionState.OPEN:
        raise Refused("rating.objection_done", f"这条异议已经处理（{objection.state.label}），请刷新查看。")
    next_state(row.state, Verb.UPHOLD if uphold else Verb.DISMISS)
    check_apart(by.id, objection.of_decision, objection.raised_by, words="审定人和提出异议的人不能处理这条异议，请由他人办理。")
    check_ties(objection.barred, str(by.id), "您与这家机构有利害关系，应当回避，不能处理异议。")
    if not reason.strip():
        raise Refused("rating.reason", "请写明处理理由，会答复提出异议的人。")
    objection.state = ObjectionState.UPHELD if uphold else ObjectionState.DISMISSED
    objection.decided_by, objection.decided_on, objection.decision = by.id, on, reason.strip()
    db.session.flush()
    if uphold:
        _examine_again(row, on)
    elif not applications.open_objections(row.id, seen_by=by):
        row.state = State.NOTICED
    db.session.flush()
    audit.record(
        events.ObjectionDecided(subject=row.id, by=by.id, on=on, site_id=row.site_id, objection_id=objection.id, upheld=uphold)
    )
    return objection


def _examine_again(row: RatingApplication, on: date) -> None:
    """A new round by other people; what the first round came to stays in its sheets (另组复核)."""
    row.state = State.REEXAMINED
    row.round += 1
    row.meeting_id = row.decided_by = row.decided_on = row.noticed_by = row.noticed_on = row.notice_until = None
    row.proposed_by = row.proposed_on = row.opened_at = None
    row.level, row.override_reason = None, ""
    calendar.drop_clock("rating.notice", row.id, on)
    end_reach(row, on)


def publish_rating(application_id: UUID, *, by: Actor, on: date) -> Rating | None:
    """Publish the result after the notice (公布发证): the rating, its numbers and its days. None when no level was reached.

    Refused before the notice has run, while an objection is open, or for an edition that may not be published.
    """
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.PUBLISH)
    if row.campaign.trial:
        raise Refused("rating.trial", "方案没有核实，结果不能公布。")
    if row.notice_until is None or on <= row.notice_until:
        last = row.notice_until.isoformat() if row.notice_until else ""
        raise Refused("rating.notice_runs", f"公示期到 {last}，期满次日起才能公布。")
    if applications.open_objections(row.id, seen_by=by):
        raise Refused("rating.objection_open", "还有异议没有处理，处理完才能公布。")
    check_apart(by.id, row.decided_by, words="宣布审定结果的人不能自己公布，请由他人办理。")
    calendar.meet_clock("rating.notice", row.id, on)
    end_reach(row, on)
    scheme = applications.scheme(row.campaign)
    if row.level is None or row.level == scheme.shape.order[0]:
        move(row, Verb.CONCLUDE, by=by, on=on)
        return None
    _replace_former(row, by=by, on=on)
    rating = _rating(row, by=by, on=on)
    db.session.add(rating)
    row.state, row.ended_on = State.PUBLISHED, on
    db.session.flush()
    _start_check(rating, on)
    audit.record(
        events.RatingPublished(
            subject=rating.id, by=by.id, on=on, site_id=row.site_id, scheme=rating.key, level=rating.level, seal=rating.seal
        )
    )
    return rating


def _replace_former(row: RatingApplication, *, by: Actor, on: date) -> None:
    """The rating under the same scheme that still runs is replaced by the new one; others stand beside it."""
    former = applications.current_rating(row.site_id, row.campaign.scheme_key.partition("@")[0], on, seen_by=by)
    if former is not None:
        former.state, former.state_on = Standing.REPLACED, on
        calendar.drop_clock("rating.check", former.id, on)
        calendar.drop_clock("rating.renew", former.id, on)
        db.session.flush()


def _rating(row: RatingApplication, *, by: Actor, on: date) -> Rating:
    campaign, scheme = row.campaign, applications.scheme(row.campaign)
    kept: dict[str, Any] = row.result or {}
    assert row.level is not None
    authority = regions.authority(campaign.authority_id)
    nth = numbers.take(authority.id, "rating_certificate", on.year)
    word = "评证" if campaign.kind is CampaignKind.RATING else "评估报"
    last = add_months(on, campaign.validity_months) - timedelta(days=1)
    overruled = f"按方案算得{results.level_words(scheme, row.by_rules)}，评定委员会调整：{row.override_reason}"
    reason = overruled if row.override_reason else f"按《{campaign.scheme_name}》评定得 {kept.get('value', '')} 分。"
    return Rating(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        application_id=row.id,
        campaign_id=campaign.id,
        authority_id=authority.id,
        kind=campaign.kind,
        scheme=scheme.shape.scheme,
        edition=scheme.shape.edition,
        scheme_name=campaign.scheme_name,
        scheme_sha=campaign.scheme_sha,
        scheme_mark=campaign.scheme_mark,
        level=row.level,
        rank=scheme.shape.order.index(row.level),
        value=str(kept.get("value", "")),
        out_of=str(scheme.shape.total or ""),
        areas=list(kept.get("areas", [])),
        reason=reason,
        result=kept,
        seal=row.seal or "",
        state_on=on,
        valid_from=on,
        valid_to=last,
        check_due=add_months(on, campaign.validity_months // MIDWAY),
        published_on=on,
        published_by=by.id,
        certificate_number=f"{authority.number_word}{word}〔{on.year}〕{nth}号",
        plaque_number=f"{authority.region.code}-{on.year}-{nth:04d}",
    )


def _start_check(rating: Rating, on: date) -> None:
    calendar.start_clock(
        "rating.check", of=rating, subject=rating.id, label=f"期中检查 {rating.certificate_number}", start=on,
        count=(rating.check_due - on).days, unit=calendar.Unit.NATURAL, basis="有效期过半前检查一次（平台默认）",
    )  # fmt: skip
