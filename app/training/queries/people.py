"""Questions about people and their employments (人员与任职查询)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core import crypto
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import NotVisible
from app.core.scope import find, visible
from app.providers.models import Site
from app.providers.rules import SiteKind
from app.training.models import Employment, Person, ShareCode

IDENTITY: Final = "person.identity"
CODE: Final = "share_code.mark"


def identity_mark(number: str) -> str:
    """The fingerprint under which a number is kept (证件盲索引)."""
    return crypto.cipher().fingerprint(number, IDENTITY)


def person_numbered(number: str) -> Person | None:
    """The person with an identity number, wherever employed (按证件号码查人).

    Looks past the scope, so that one person stays one across employers; what is told to the caller is only whether the name fits.
    """
    return next(iter(persons_numbered([number]).values()), None)


def persons_numbered(numbers: Collection[str]) -> dict[str, Person]:
    """Persons by number (按证件号码批量查人), under every key in use."""
    cipher = crypto.cipher()
    marks = {mark: number for number in numbers for mark in cipher.fingerprints(number, IDENTITY)}
    db.session.flush()
    with acting(SYSTEM):
        rows = db.session.scalars(select(Person).where(Person.identity_mark.in_(marks))).all()
    return {marks[row.identity_mark]: row for row in rows}


def employment(employment_id: UUID, *, seen_by: Actor, lock: bool = False) -> Employment:
    """One employment (任职)."""
    return find(Employment, employment_id, seen_by=seen_by, lock=lock)


def employments(*, seen_by: Actor) -> Select[Employment]:
    """The employments that an actor may see (可见任职), with person and site."""
    return (
        visible(Employment, to=seen_by)
        .join(Employment.person)
        .join(Site, Site.id == Employment.site_id)
        .options(contains_eager(Employment.person), contains_eager(Employment.site))
    )


def still_there(statement: Select[Employment]) -> Select[Employment]:
    """Only those who have not left (在岗)."""
    return statement.where(Employment.ended_on.is_(None))


def staff_of(site_id: UUID, *, seen_by: Actor, on: date) -> Sequence[Employment]:
    """Who is in post at a site on a day (在岗人员), by name."""
    query = employments(seen_by=seen_by).where(Employment.site_id == site_id, Employment.started_on <= on)
    query = query.where(or_(Employment.ended_on.is_(None), Employment.ended_on >= on))
    return db.session.scalars(query.order_by(Person.pinyin, Employment.id)).all()


def site_ids_of(kinds: Collection[SiteKind], *, seen_by: Actor) -> frozenset[UUID]:
    """The sites of some kinds in reach (某类网点)."""
    return frozenset(db.session.scalars(visible(Site, to=seen_by).with_only_columns(Site.id).where(Site.kind.in_(list(kinds)))))


def count_in_post(site_id: UUID, *, seen_by: Actor) -> int:
    """How many persons are in post at a site (在岗人数)."""
    query = still_there(visible(Employment, to=seen_by)).where(Employment.site_id == site_id)
    return int(db.session.scalar(query.with_only_columns(func.count(Employment.person_id.distinct()))) or 0)


def everyone_in_post(*, seen_by: Actor, on: date) -> Sequence[Employment]:
    """Everybody in post on a day in reach (辖区在岗人员), without person and site."""
    query = visible(Employment, to=seen_by).where(Employment.started_on <= on)
    return db.session.scalars(query.where(or_(Employment.ended_on.is_(None), Employment.ended_on >= on))).all()


def posts_of(person_id: UUID, *, seen_by: Actor) -> Sequence[Employment]:
    """The posts of a person that an actor may see, newest first (任职经历)."""
    query = visible(Employment, to=seen_by).where(Employment.person_id == person_id).options(joinedload(Employment.site))
    return db.session.scalars(query.order_by(Employment.ended_on.desc().nulls_first(), Employment.started_on.desc())).all()


def open_posts(person_ids: Iterable[UUID], *, seen_by: Actor) -> Sequence[Employment]:
    """The employments of these persons that have not ended (现任岗位)."""
    query = visible(Employment, to=seen_by).where(Employment.person_id.in_(list(person_ids)), Employment.ended_on.is_(None))
    return db.session.scalars(query.order_by(Employment.started_on, Employment.id)).all()


def other_employers(person_id: UUID, *, seen_by: Actor) -> int:
    """How many employers outside one's reach the person has now (其他任职单位数): the number alone, not who they are."""
    own = {row.site_id for row in open_posts([person_id], seen_by=seen_by)}
    with acting(SYSTEM):
        every = {row.site_id for row in open_posts([person_id], seen_by=SYSTEM)}
    return len(every - own)


# --- share codes ------------------------------------------------------------------------------------------------------


def share_codes(person_id: UUID, *, seen_by: Actor, on: date) -> Sequence[ShareCode]:
    """The codes of a person that still open something (有效共享码)."""
    query = visible(ShareCode, to=seen_by).where(ShareCode.person_id == person_id, ShareCode.revoked_on.is_(None))
    return db.session.scalars(query.where(ShareCode.valid_to >= on).order_by(ShareCode.made_at.desc())).all()


def share_code(share_code_id: UUID, *, seen_by: Actor, lock: bool = False) -> ShareCode:
    """One share code (共享码)."""
    return find(ShareCode, share_code_id, seen_by=seen_by, lock=lock)


def code_mark(code: str) -> str:
    """The fingerprint under which a code is kept (共享码盲索引)."""
    return crypto.cipher().fingerprint(code, CODE)


def person_shared(code: str, *, on: date) -> tuple[Person, ShareCode]:
    """Whom a code opens on a day (按共享码查人). Raises NotVisible for one that is unknown, over or taken back: all look alike."""
    marks = crypto.cipher().fingerprints(code, CODE)
    with acting(SYSTEM):
        row = db.session.scalars(
            select(ShareCode).where(ShareCode.mark.in_(marks), ShareCode.revoked_on.is_(None), ShareCode.valid_to >= on)
        ).one_or_none()
        person = db.session.get(Person, row.person_id) if row else None
    if row is None or person is None:
        raise NotVisible("share code")
    return person, row
