"""Verbs of published ratings (等级管理): news, measures, mid-term checks, the home's reply."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.core import audit, calendar
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.scope import find
from app.ratings.events import work as events
from app.ratings.models import MidCheck, Rating, RatingAlert, RatingChange, RatingReply
from app.ratings.queries import applications, ratings
from app.ratings.rules.process import (
    AT_ONCE,
    CampaignKind,
    Cause,
    CheckResult,
    Measure,
    Standing,
    check_apart,
    standing_after,
)

LONGEST_REPLY = 300


def note_news(site_id: UUID, cause: Cause, *, source: UUID, words: str, on: date) -> list[RatingAlert]:
    """Something happened that touches a site's ratings (等级提示): told once a rating; what must not wait takes effect at once.

    For listeners: it acts as the system, is safe to repeat, and never downgrades or revokes by itself.
    """
    found = []
    with acting(SYSTEM):
        for row in ratings.running(site_id, on):
            if row.kind is not CampaignKind.RATING or _told(row.id, cause, source):
                continue
            alert = RatingAlert(
                scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, rating_id=row.id, cause=cause,
                source=source, source_words=words, told_on=on,
            )  # fmt: skip
            db.session.add(alert)
            db.session.flush()
            audit.record(events.RatingAlerted(subject=row.id, by=SYSTEM.id, on=on, site_id=row.site_id, cause=cause.value))
            _at_once(row, alert, on)
            found.append(alert)
    return found


def withdraw_news(site_id: UUID, cause: Cause, *, source: UUID, words: str, on: date) -> None:
    """What happened is no more (原因消除): its alert is settled, and what it alone suspended at once is resumed at once."""
    with acting(SYSTEM):
        told = ratings.alerts_about(site_id, cause, source, seen_by=SYSTEM)
        for alert in told:
            row = ratings.rating(alert.rating_id, seen_by=SYSTEM, lock=True)
            if alert.settled_on is None:
                alert.settled_by, alert.settled_on, alert.settled_how = SYSTEM.id, on, words
            db.session.flush()
            others = any(AT_ONCE.get(a.cause) is Measure.SUSPEND for a in ratings.alerts(seen_by=SYSTEM, rating_id=row.id))
            ours = ratings.suspended_at_once_by(alert.id, seen_by=SYSTEM)
            if row.state is Standing.SUSPENDED and ours and not others:
                change = _change(row, Measure.RESUME, cause, row.level, words, alert.id, SYSTEM, on)
                change.at_once, change.decided_by, change.decided_on = True, SYSTEM.id, on
                _take_effect(row, change, by=SYSTEM, on=on)
    db.session.flush()


def _told(rating_id: UUID, cause: Cause, source: UUID) -> bool:
    query = db.session.query(RatingAlert.id).filter_by(rating_id=rating_id, cause=cause, source=source)
    return query.first() is not None


def _at_once(row: Rating, alert: RatingAlert, on: date) -> None:
    measure = AT_ONCE.get(alert.cause)
    if measure is None or (measure is Measure.SUSPEND and row.state is Standing.SUSPENDED):
        return
    change = _change(row, measure, alert.cause, row.level, alert.source_words, alert.id, SYSTEM, on)
    change.at_once, change.decided_by, change.decided_on = True, SYSTEM.id, on
    _take_effect(row, change, by=SYSTEM, on=on)


def _change(
    row: Rating, measure: Measure, cause: Cause, to_level: str, reason: str, alert_id: UUID | None, by: Actor, on: date
) -> RatingChange:
    change = RatingChange(
        scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, rating_id=row.id, measure=measure,
        cause=cause, from_level=row.level, to_level=to_level, reason=reason, alert_id=alert_id, proposed_by=by.id,
        proposed_on=on,
    )  # fmt: skip
    db.session.add(change)
    return change


def _take_effect(row: Rating, change: RatingChange, *, by: Actor, on: date) -> None:
    row.state, row.state_on = standing_after(row.state, change.measure), on
    if change.measure is not Measure.SUSPEND and change.measure is not Measure.RESUME:
        calendar.drop_clock("rating.check", row.id, on)
    db.session.flush()
    audit.record(
        events.RatingChanged(subject=row.id, by=by.id, on=on, site_id=row.site_id, measure=change.measure, level=change.to_level)
    )


def propose_change(
    rating_id: UUID, measure: Measure, cause: Cause, reason: str, *, to_level: str = "", alert_id: UUID | None = None, by: Actor,
    on: date,
) -> RatingChange:  # fmt: skip
    """Propose a measure on a rating (提请处理): suspension, resumption, downgrade, revocation. Another person decides."""
    row = ratings.rating(rating_id, seen_by=by, lock=True)
    standing = ratings.standing_of(row, on)
    if standing is Standing.EXPIRED:
        raise Refused("rating.expired", "等级已经过期，不需要再处理。")
    standing_after(row.state, measure)
    if not reason.strip():
        raise Refused("rating.reason", "请写明处理的事实和依据，会告知机构并对外公布。")
    if ratings.open_change(rating_id, seen_by=by) is not None:
        raise Refused("rating.change_open", "已有一项处理等待决定。")
    if measure is Measure.DOWNGRADE:
        order = applications.scheme(row.campaign).shape.order
        if to_level not in order[1:] or order.index(to_level) >= row.rank:
            raise Refused("rating.lower", "请选择比现有等级低的等级；不再保留等级的，请用撤销。")
    change = _change(
        row, measure, cause, to_level if measure is Measure.DOWNGRADE else row.level, reason.strip(), alert_id, by, on
    )
    db.session.flush()
    audit.record(events.ChangeProposed(subject=row.id, by=by.id, on=on, site_id=row.site_id, measure=measure, dropped=False))
    return change


def decide_change(change_id: UUID, *, agreed: bool, by: Actor, on: date) -> Rating:
    """Decide a proposed measure (决定处理): never by the proposer. A downgrade leaves a new rating at the lower level."""
    known = find(RatingChange, change_id, seen_by=by)
    row = ratings.rating(known.rating_id, seen_by=by, lock=True)
    change = find(RatingChange, change_id, seen_by=by, lock=True)
    if change.decided_on is not None or change.dropped_on is not None:
        raise Refused("rating.change_done", "这项处理已经决定，请刷新查看。")
    check_apart(by.id, change.proposed_by, words="提请处理的人不能自己决定，请由负责人办理。")
    change.decided_by = by.id
    if not agreed:
        change.dropped_on = on
        db.session.flush()
        audit.record(
            events.ChangeProposed(subject=row.id, by=by.id, on=on, site_id=row.site_id, measure=change.measure, dropped=True)
        )
        return row
    change.decided_on = on
    if change.measure is Measure.DOWNGRADE:
        _lower(row, change)
    _take_effect(row, change, by=by, on=on)
    _settle(row, change, by=by, on=on)
    return row


def _lower(row: Rating, change: RatingChange) -> None:
    """A downgraded rating keeps its row and its history; its level from now on is the lower one."""
    order = applications.scheme(row.campaign).shape.order
    row.level, row.rank, row.reason = change.to_level, order.index(change.to_level), change.reason


def _settle(row: Rating, change: RatingChange, *, by: Actor, on: date) -> None:
    for alert in ratings.alerts(seen_by=by, rating_id=row.id):
        if alert.id == change.alert_id or alert.cause is change.cause:
            alert.settled_by, alert.settled_on, alert.settled_how = by.id, on, change.measure.label
    db.session.flush()


def settle_alert(alert_id: UUID, how: str, *, by: Actor, on: date) -> None:
    """Settle news without a measure (提示处理完毕), saying why."""
    row = find(RatingAlert, alert_id, seen_by=by, lock=True)
    if row.settled_on is not None:
        raise Refused("rating.alert_done", "这条提示已经处理。")
    if not how.strip():
        raise Refused("rating.reason", "请写明为什么不需要处理等级。")
    row.settled_by, row.settled_on, row.settled_how = by.id, on, how.strip()
    db.session.flush()
    audit.record(events.AlertSettled(subject=row.rating_id, by=by.id, on=on, site_id=row.site_id or row.rating_id))


def note_plaque_back(change_id: UUID, *, by: Actor, on: date) -> None:
    """The old plaque and certificate came back (收回牌证)."""
    row = find(RatingChange, change_id, seen_by=by, lock=True)
    if row.decided_on is None or row.measure not in (Measure.REVOKE, Measure.DOWNGRADE, Measure.END):
        raise Refused("rating.plaque", "降级、撤销或终止以后才收回牌匾和证书。")
    row.plaque_back_on = on
    db.session.flush()
    audit.record(
        events.ChangeProposed(
            subject=row.rating_id, by=by.id, on=on, site_id=row.site_id or row.rating_id, measure=row.measure, dropped=False
        )
    )


def record_check(rating_id: UUID, result: CheckResult, words: str, *, by: Actor, on: date) -> MidCheck:
    """Record a mid-term check (登记期中检查). A failed one is news that touches the rating."""
    row = ratings.rating(rating_id, seen_by=by, lock=True)
    if ratings.standing_of(row, on) not in (Standing.VALID, Standing.SUSPENDED):
        raise Refused("rating.not_running", "等级已不在有效期，不需要期中检查。")
    if not words.strip():
        raise Refused("rating.reason", "请写明检查情况。")
    check = MidCheck(
        scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, rating_id=row.id, done_on=on, result=result,
        words=words.strip(), done_by=by.id,
    )  # fmt: skip
    db.session.add(check)
    db.session.flush()
    calendar.meet_clock("rating.check", row.id, on)
    audit.record(events.MidCheckDone(subject=row.id, by=by.id, on=on, site_id=row.site_id, check_id=check.id, result=result))
    return check


def say_reply(rating_id: UUID, words: str, *, by: Actor, on: date) -> RatingReply:
    """The home answers to its grade (机构回应): shown beside the grade once somebody looked at it for personal data."""
    row = ratings.rating(rating_id, seen_by=by)
    if not words.strip() or len(words.strip()) > LONGEST_REPLY:
        raise Refused("rating.reply", f"请写 1 至 {LONGEST_REPLY} 字，不要写老人的姓名等个人信息。")
    reply = RatingReply(
        scope_path=row.scope_path, provider_id=row.provider_id, site_id=row.site_id, rating_id=row.id, words=words.strip(),
        said_on=on, said_by=by.id,
    )  # fmt: skip
    db.session.add(reply)
    db.session.flush()
    audit.record(events.ReplySaid(subject=row.id, by=by.id, on=on, site_id=row.site_id, cleared=False))
    return reply


def clear_reply(reply_id: UUID, *, refused: str = "", by: Actor, at: datetime, on: date) -> None:
    """Let a reply be shown (核定回应), or say why not. The words themselves are the home's; nobody edits them."""
    row = find(RatingReply, reply_id, seen_by=by, lock=True)
    if row.cleared_at is not None or row.refused:
        raise Refused("rating.reply_done", "这条回应已经处理。")
    check_apart(by.id, row.said_by, words="回应人不能自己核定。")
    row.cleared_by = by.id
    if refused.strip():
        row.refused = refused.strip()
    else:
        row.cleared_at = at
    db.session.flush()
    audit.record(
        events.ReplySaid(
            subject=row.rating_id, by=by.id, on=on, site_id=row.site_id or row.rating_id, cleared=not refused.strip()
        )
    )
