"""Questions about certificates (证书查询)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager

from app.archive.models import Blob
from app.core import crypto
from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.core.scope import reach, visible
from app.regions import queries as regions
from app.training.models import Certificate, CertificateAlert, CertificateCheck, Employment, Person
from app.training.rules import CertificateState, Finding
from app.training.rules.certificates import ALERT_DAYS, EXPIRED_STEP, Doubt, Group, alert_step, kinds_on

NUMBER: Final = "certificate.number"
HORIZON: Final = timedelta(days=366)


def number_mark(kind: str, number: str) -> str:
    """The fingerprint under which a certificate's number is kept (证号盲索引), within its kind."""
    return crypto.cipher().fingerprint(f"{kind} {number}", NUMBER)


def _held_here(seen_by: Actor) -> ColumnElement[bool]:
    """Certificates of people whom somebody in reach employs: now, or, for an authority, ever."""
    query = select(Employment.id).where(Employment.person_id == Certificate.person_id, reach(Employment, seen_by))
    if seen_by.scope.path is None:
        query = query.where(Employment.ended_on.is_(None))
    return exists(query)


def certificates(*, seen_by: Actor) -> Select[Certificate]:
    """The certificates that an actor may see (可见证书), with their holders."""
    query = select(Certificate).join(Certificate.person).options(contains_eager(Certificate.person))
    return query.where(or_(reach(Certificate, seen_by), _held_here(seen_by)))


def certificate(certificate_id: UUID, *, seen_by: Actor, lock: bool = False) -> Certificate:
    """One certificate (证书)."""
    query = select(Certificate).where(Certificate.id == certificate_id)
    query = query.where(or_(reach(Certificate, seen_by), _held_here(seen_by)))
    if lock:
        query = query.with_for_update(key_share=True)
    row = db.session.scalars(query.execution_options(populate_existing=lock)).one_or_none()
    if row is None:
        raise NotVisible(f"Certificate {certificate_id}")
    return row


def of_people(person_ids: Iterable[UUID], *, seen_by: Actor, history: bool = False) -> Mapping[UUID, Sequence[Certificate]]:
    """Certificates by person (某些人的证书), those that run out first in front; `history` adds replaced ones."""
    query = certificates(seen_by=seen_by).where(Certificate.person_id.in_(list(person_ids)))
    if not history:
        query = query.where(Certificate.state == CertificateState.CURRENT)
    found: dict[UUID, list[Certificate]] = {}
    for row in db.session.scalars(query.order_by(Certificate.runs_out_on.asc().nulls_last(), Certificate.entered_at.desc())):
        found.setdefault(row.person_id, []).append(row)
    return found


def same_current(person_id: UUID, kind: str, mark: str) -> Certificate | None:
    """The current entry of the same certificate of a person, by whichever employer (同一证书的现行登记)."""
    db.session.flush()
    with acting(SYSTEM):
        return db.session.scalars(
            select(Certificate).where(
                Certificate.person_id == person_id,
                Certificate.kind == kind,
                Certificate.number_mark == mark,
                Certificate.state == CertificateState.CURRENT,
            )
        ).one_or_none()


def checks(certificate_id: UUID, *, seen_by: Actor) -> Sequence[CertificateCheck]:
    """How a certificate was verified, newest first (核验记录)."""
    certificate(certificate_id, seen_by=seen_by)
    query = select(CertificateCheck).where(CertificateCheck.certificate_id == certificate_id)
    return db.session.scalars(query.order_by(CertificateCheck.at.desc())).all()


def scans_seen(rows: Iterable[Certificate], *, seen_by: Actor) -> frozenset[UUID]:
    """Which scans an actor may open (可看的扫描件): an employer does not see what another one uploaded."""
    ids = [row.blob_id for row in rows if row.blob_id is not None]
    return frozenset(db.session.scalars(visible(Blob, to=seen_by).with_only_columns(Blob.id).where(Blob.id.in_(ids))))


# --- what is valid ----------------------------------------------------------------------------------------------------


def valid_on(on: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions of being valid on a day (有效条件), of the dates and not of a flag."""
    return (
        Certificate.state == CertificateState.CURRENT,
        Certificate.finding != Finding.FALSE,
        or_(Certificate.runs_out_on.is_(None), Certificate.runs_out_on >= on),
    )


def holders(*, seen_by: Actor, on: date, group: Group) -> frozenset[UUID]:
    """Persons with a valid certificate of a group on a day (持有效证书的人)."""
    codes = kinds_on(on).of_group(group)
    query = certificates(seen_by=seen_by).with_only_columns(Certificate.person_id)
    return frozenset(db.session.scalars(query.where(*valid_on(on), Certificate.kind.in_(codes))))


# --- alerts -----------------------------------------------------------------------------------------------------------


def steps_at(path: str, on: date) -> tuple[int, ...]:
    """The steps of reminding in a place (提醒档次): what the authority set, else the platform's default."""
    try:
        value = regions.setting(path, "training.certificate_warnings", on).value
    except Refused:
        return ALERT_DAYS
    return value if isinstance(value, tuple) and value else ALERT_DAYS


def to_announce(on: date, *, seen_by: Actor) -> Sequence[UUID]:
    """Certificates about which some employer has to be told (待提醒证书): by date, so a missed night loses nothing."""
    told = (
        select(func.min(CertificateAlert.step))
        .where(
            CertificateAlert.certificate_id == Certificate.id,
            CertificateAlert.employment_id == Employment.id,
            CertificateAlert.runs_out_on == Certificate.runs_out_on,
        )
        .scalar_subquery()
    )
    query = (
        select(Certificate.id, Certificate.runs_out_on, Employment.scope_path, told)
        .join(Employment, Employment.person_id == Certificate.person_id)
        .where(
            reach(Employment, seen_by),
            Employment.ended_on.is_(None),
            Certificate.state == CertificateState.CURRENT,
            Certificate.finding != Finding.FALSE,
            Certificate.runs_out_on <= on + HORIZON,
            func.coalesce(told, HORIZON.days) > EXPIRED_STEP,
        )
        .order_by(Certificate.runs_out_on, Certificate.id)
    )
    found: dict[UUID, None] = {}
    for certificate_id, until, path, least in db.session.execute(query):
        step = alert_step(until, on, steps_at(path, on))
        if step is not None and (least is None or step < least):
            found[certificate_id] = None
    return list(found)


def least_step_told(certificate_id: UUID, employment_id: UUID, until: date) -> int | None:
    """The most urgent step already told (已提醒的最近一档)."""
    query = select(func.min(CertificateAlert.step)).where(
        CertificateAlert.certificate_id == certificate_id,
        CertificateAlert.employment_id == employment_id,
        CertificateAlert.runs_out_on == until,
    )
    return db.session.scalar(query)


def alerts(*, seen_by: Actor, since: date) -> Sequence[tuple[CertificateAlert, Certificate, Person]]:
    """Alerts given since a day, newest first (到期提醒)."""
    query = (
        select(CertificateAlert, Certificate, Person)
        .join(Certificate, Certificate.id == CertificateAlert.certificate_id)
        .join(Person, Person.id == Certificate.person_id)
        .where(reach(CertificateAlert, seen_by), CertificateAlert.told_on >= since)
        .order_by(CertificateAlert.told_on.desc(), CertificateAlert.step)
        .limit(200)
    )
    return [(one, two, three) for one, two, three in db.session.execute(query)]


# --- suspicious numbers -----------------------------------------------------------------------------------------------


def twins(rows: Collection[Certificate]) -> Mapping[UUID, int]:
    """How many other persons hold a current certificate of the same number (同号的其他人数), wherever they work."""
    marks = [row.number_mark for row in rows if row.number_mark]
    if not marks:
        return {}
    db.session.flush()
    with acting(SYSTEM):
        found: dict[str, set[UUID]] = {}
        query = select(Certificate.number_mark, Certificate.person_id).where(
            Certificate.number_mark.in_(marks), Certificate.state == CertificateState.CURRENT
        )
        for mark, person_id in db.session.execute(query):
            found.setdefault(str(mark), set()).add(person_id)
    return {row.id: len(found.get(row.number_mark or "", set()) - {row.person_id}) for row in rows}


def is_shared() -> ColumnElement[bool]:
    """Whether another person in reach holds the same number (同号不同人)."""
    other = aliased(Certificate)
    return exists(
        select(other.id).where(
            other.number_mark == Certificate.number_mark,
            other.person_id != Certificate.person_id,
            other.state == CertificateState.CURRENT,
        )
    )


def suspicious(*, seen_by: Actor) -> Select[Certificate]:
    """Certificates that should be looked at (可疑证书): doubts in the number, in question, false, or one number with two holders."""
    doubtful = or_(
        func.jsonb_array_length(Certificate.doubts) > 0,
        Certificate.finding.in_((Finding.DOUBTFUL, Finding.FALSE)),
        is_shared(),
    )
    return certificates(seen_by=seen_by).where(Certificate.state == CertificateState.CURRENT, doubtful)


def last_days(*, seen_by: Actor) -> Sequence[tuple[UUID, date | None]]:
    """Holder and last day of every current certificate in reach (各证书止期)."""
    query = certificates(seen_by=seen_by).where(
        Certificate.state == CertificateState.CURRENT, Certificate.finding != Finding.FALSE
    )
    rows = db.session.execute(query.with_only_columns(Certificate.person_id, Certificate.runs_out_on))
    return [(person_id, day) for person_id, day in rows]


def count(query: Select[Certificate]) -> int:
    """How many certificates a question finds (份数)."""
    rows = query.with_only_columns(Certificate.id, maintain_column_froms=True).order_by(None)
    return int(db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0)


def count_of(finding: Finding, *, seen_by: Actor) -> int:
    """How many current certificates stand so (某结论的份数)."""
    return count(
        certificates(seen_by=seen_by).where(Certificate.state == CertificateState.CURRENT, Certificate.finding == finding)
    )


def doubt_words(row: Certificate, others: int) -> list[str]:
    """The doubts about a certificate in words (疑点说明)."""
    words = [Doubt(code).label for code in row.doubts]
    return words + ([f"{Doubt.DUPLICATE.label}（另有 {others} 人）"] if others else [])
