"""Verbs on people and their posts (人员与任职办理): take up, change shift, leave, share codes, look at a number."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.identifiers import IdentityNumber, IdType, PersonName, check_identity
from app.core.refusal import Refused
from app.providers import queries as providers
from app.providers.models import Unmasking
from app.providers.rules.names import sounds
from app.training import events
from app.training.models import Employment, Person, ShareCode
from app.training.queries import people as queries
from app.training.rules import EndReason, Shift, StaffPost
from app.training.rules.certificates import kinds_on
from app.training.rules.people import check_end, check_start

LONGEST_SHARE: Final = 180


def employ(
    site_id: UUID,
    *,
    name: str,
    id_type: IdType,
    identity: str,
    post: StaffPost,
    started_on: date,
    shift: Shift | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Employment:
    """Enter somebody who took up a post (登记到岗). A person known from another employer stays the same person."""
    site = providers.site(site_id, seen_by=by)
    checked = check_identity(id_type, identity, on=on)
    check_start(started_on, on=on, birth=checked.birth)
    full_name, number = PersonName.parse(name).reveal(), checked.number.reveal()
    person = queries.person_numbered(number)
    known = person is not None
    if person is not None and person.name != full_name:
        raise Refused("person.name", "这个证件号码已登记在另一个姓名下，请对照证件核对姓名和号码。")
    if person is None:
        person = _new_person(full_name, id_type, number, by=by, at=at)
    elif any(row.post is post and row.site_id == site.id for row in queries.open_posts([person.id], seen_by=by)):
        raise Refused("employment.twice", f"这个人已经在本网点任{post.label}，不用再登记。")
    row = Employment(
        id=uuid4(),
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        person_id=person.id,
        post=post,
        direct_care=kinds_on(on).post(post).direct_care,
        shift=shift,
        started_on=started_on,
        entered_by=by.id,
        entered_at=at,
    )
    db.session.add(row)
    db.session.flush()
    done = events.PersonEmployed(subject=row.id, by=by.id, on=on, site_id=site.id, person_id=person.id, post=post, known=known)
    audit.record(done)
    return row


def _new_person(name: str, id_type: IdType, number: str, *, by: Actor, at: datetime) -> Person:
    pinyin, initials = sounds(name)
    row = Person(
        id=uuid4(),
        name=name,
        pinyin=pinyin,
        initials=initials,
        id_type=id_type,
        identity=IdentityNumber(number),
        identity_mark=queries.identity_mark(number),
        created_by=by.id,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def set_shift(employment_id: UUID, shift: Shift | None, *, by: Actor, on: date) -> None:
    """Put somebody on another shift (调整班次)."""
    row = _open(employment_id, by)
    row.shift = shift
    db.session.flush()
    audit.record(events.ShiftSet(subject=row.id, by=by.id, on=on, site_id=row.site_id, shift=shift))


def correct_name(employment_id: UUID, name: str, *, by: Actor, on: date) -> None:
    """Correct a mistyped name (更正姓名). With another employer, the name is the other's word too: nobody changes it alone."""
    row = _open(employment_id, by)
    person, right = row.person, PersonName.parse(name).reveal()
    if right == person.name:
        raise Refused("person.same", "姓名没有变。")
    if queries.other_employers(person.id, seen_by=by):
        raise Refused("person.shared", "这个人在别的单位也有登记，姓名不能由一家单独更改；请联系民政部门核对证件。")
    person.name = right
    person.pinyin, person.initials = sounds(right)
    db.session.flush()
    audit.record(events.PersonRenamed(subject=person.id, by=by.id, on=on, employment_id=row.id))


def end_employment(employment_id: UUID, ended_on: date | None, reason: EndReason, *, by: Actor, on: date) -> Employment:
    """Somebody left the post (登记离岗); the share codes made there end with it."""
    row = queries.employment(employment_id, seen_by=by, lock=True)
    check_end(row.started_on, ended_on, on=on, already=row.ended_on)
    assert ended_on is not None
    row.ended_on, row.end_reason = ended_on, reason
    for code in queries.share_codes(row.person_id, seen_by=by, on=on):
        if code.employment_id == row.id:
            code.revoked_on = on
    db.session.flush()
    done = events.EmploymentEnded(
        subject=row.id, by=by.id, on=on, site_id=row.site_id, person_id=row.person_id, reason=reason, ended_on=ended_on
    )
    audit.record(done)
    return row


def change_post(
    employment_id: UUID, post: StaffPost, *, from_day: date, shift: Shift | None = None, by: Actor, at: datetime, on: date
) -> Employment:
    """Move somebody to another post at the same site (转岗): the old one ends the day before, the new one begins."""
    old = _open(employment_id, by)
    if post is old.post:
        raise Refused("employment.same", "岗位没有变。")
    if from_day <= old.started_on:
        raise Refused("employment.order", f"转岗日期要晚于原岗位的到岗日期 {old.started_on.isoformat()}。")
    if any(row.post is post and row.site_id == old.site_id for row in queries.open_posts([old.person_id], seen_by=by)):
        raise Refused("employment.twice", f"这个人已经在本网点任{post.label}。")
    check_start(from_day, on=on, birth=None)
    old.ended_on, old.end_reason = from_day - timedelta(days=1), EndReason.MOVED
    row = Employment(
        id=uuid4(),
        scope_path=old.scope_path,
        provider_id=old.provider_id,
        site_id=old.site_id,
        person_id=old.person_id,
        post=post,
        direct_care=kinds_on(on).post(post).direct_care,
        shift=shift,
        started_on=from_day,
        entered_by=by.id,
        entered_at=at,
    )
    db.session.add(row)
    db.session.flush()
    done = events.EmploymentEnded(
        subject=old.id,
        by=by.id,
        on=on,
        site_id=old.site_id,
        person_id=old.person_id,
        reason=EndReason.MOVED,
        ended_on=old.ended_on,
    )
    audit.record(done)
    begun = events.PersonEmployed(
        subject=row.id, by=by.id, on=on, site_id=row.site_id, person_id=row.person_id, post=post, known=True
    )
    audit.record(begun)
    return row


def _open(employment_id: UUID, by: Actor) -> Employment:
    row = queries.employment(employment_id, seen_by=by, lock=True)
    if row.ended_on is not None:
        raise Refused("employment.ended", f"这个人已于 {row.ended_on.isoformat()} 离岗，不能再办。")
    return row


def reveal_identity(employment_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> str:
    """The identity number in the clear (查看证件号码), for a reason that is kept."""
    row = queries.employment(employment_id, seen_by=by)
    if len(reason.strip()) < 4:
        raise Refused("unmask.reason", "请写明查看的原因，例如“联网查询证书真伪”。")
    kept = Unmasking(
        id=uuid4(),
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        what=queries.IDENTITY,
        reason=reason.strip(),
        by=by.id,
        at=at,
    )
    db.session.add(kept)
    db.session.flush()
    audit.record(events.IdentityRevealed(subject=row.id, by=by.id, on=on, site_id=row.site_id, row_id=kept.id))
    return row.person.identity.reveal()


# --- share codes ------------------------------------------------------------------------------------------------------


def make_share_code(employment_id: UUID, code: str, *, valid_to: date, by: Actor, at: datetime, on: date) -> ShareCode:
    """Make a code with which the caregiver shows the own record (生成共享码). `code` is random; only its fingerprint is kept."""
    employment = _open(employment_id, by)
    if not on <= valid_to <= on + timedelta(days=LONGEST_SHARE):
        raise Refused("share.term", f"共享码的有效期在今天至 {LONGEST_SHARE} 天之间，请重新选。")
    row = ShareCode(
        id=uuid4(),
        scope_path=employment.scope_path,
        provider_id=employment.provider_id,
        site_id=employment.site_id,
        employment_id=employment.id,
        person_id=employment.person_id,
        mark=queries.code_mark(code),
        tail=code[-2:],
        valid_to=valid_to,
        made_by=by.id,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.ShareCodeMade(subject=row.id, by=by.id, on=on, person_id=row.person_id, valid_to=valid_to))
    return row


def revoke_share_code(share_code_id: UUID, *, by: Actor, on: date) -> ShareCode:
    """Take a share code back (收回共享码): it opens nothing from now on."""
    row = queries.share_code(share_code_id, seen_by=by, lock=True)
    if row.revoked_on is not None:
        raise Refused("share.revoked", "这个共享码已经收回了。")
    row.revoked_on = on
    db.session.flush()
    audit.record(events.ShareCodeRevoked(subject=row.id, by=by.id, on=on, person_id=row.person_id))
    return row
