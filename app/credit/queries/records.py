"""Questions about credit records, scores and objections (信用记录、信用分、异议查询)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.credit.models.listing import ListEntry
from app.credit.models.records import CreditObjection, CreditRecord, CreditScore, CreditStanding
from app.credit.rules import records as law
from app.credit.rules import score as scoring
from app.credit.rules.listing import IN_FORCE, ListKind, SubjectKind
from app.credit.rules.records import EndWay, ObjectionState, RecordKind
from app.credit.rules.score import DEFAULT_MODEL, Entry, Score, ScoreModel
from app.providers import queries as providers
from app.providers.models import Site
from app.regions import queries as regions


def record(record_id: UUID, *, seen_by: Actor, lock: bool = False) -> CreditRecord:
    """One credit record (信用记录)."""
    return find(CreditRecord, record_id, seen_by=seen_by, lock=lock)


def records(*, seen_by: Actor) -> Select[CreditRecord]:
    """The records that an actor may see (可见信用记录), with their site, to be filtered and cut by a list."""
    return visible(CreditRecord, to=seen_by).join(CreditRecord.site).options(joinedload(CreditRecord.site))


def records_of(site_id: UUID, *, seen_by: Actor) -> Sequence[CreditRecord]:
    """Every record of a site, newest first (机构信用记录)."""
    query = visible(CreditRecord, to=seen_by).where(CreditRecord.site_id == site_id)
    return db.session.scalars(query.order_by(CreditRecord.valid_from.desc(), CreditRecord.id)).all()


def caused(site_id: UUID, cause: str, *, seen_by: Actor) -> CreditRecord | None:
    """The record that came from a cause (由某事产生的记录), if any."""
    query = visible(CreditRecord, to=seen_by).where(CreditRecord.site_id == site_id, CreditRecord.cause == cause)
    return db.session.scalars(query).one_or_none()


def standing(site_id: UUID, *, seen_by: Actor) -> CreditStanding | None:
    """The state of a site's file (信用档案), if it has one yet."""
    return db.session.scalars(visible(CreditStanding, to=seen_by).where(CreditStanding.site_id == site_id)).one_or_none()


def record_standing(row: CreditRecord, on: date) -> law.Standing:
    """How a record stands on a day (记录状态)."""
    return law.standing(row.valid_from, row.valid_to, row.ended, row.ended_on, on=on)


# --- the score --------------------------------------------------------------------------------------------------------


def as_entries(rows: Iterable[CreditRecord], *, known_at: int | None = None) -> list[Entry]:
    """Records as the score sees them (计分记录): as they are now, or as they were known at a revision of the file."""
    found = []
    for row in rows:
        if known_at is not None and row.revision > known_at:
            continue
        ended = row.ended if known_at is None or (row.end_revision or 0) <= known_at else None
        last = row.valid_to
        if ended is EndWay.REPAIRED and row.ended_on is not None:
            before = row.ended_on - timedelta(days=1)
            last = min(last, before) if last else before
        found.append(Entry(str(row.id), row.kind, row.valid_from, last, row.points, ended is EndWay.ANNULLED))
    return found


def model_of(path: str, on: date) -> ScoreModel:
    """The model that scores in a place on a day (现行评价模型), as the policy settings say."""
    code = regions.settings_at(path, on).get("credit.model")
    return scoring.model_for(str(code.value) if code else DEFAULT_MODEL, on=on, region_path=path)


def score_on(site_id: UUID, *, seen_by: Actor, on: date) -> Score:
    """The score of a day by what is known now (信用分), computed afresh from the records: nothing has to have run before."""
    site = providers.site(site_id, seen_by=seen_by)
    return scoring.score(model_of(site.scope_path, on), as_entries(records_of(site_id, seen_by=seen_by)), on=on)


def stored_for(site_id: UUID, on: date, *, seen_by: Actor) -> CreditScore | None:
    """The stored score that holds on a day (当日存档分): the last one not after it."""
    query = visible(CreditScore, to=seen_by).where(CreditScore.site_id == site_id, CreditScore.on <= on)
    return db.session.scalars(query.order_by(CreditScore.on.desc(), CreditScore.revision.desc()).limit(1)).one_or_none()


def stored(site_id: UUID, *, seen_by: Actor) -> Sequence[CreditScore]:
    """Every stored score of a site, oldest first; of one day only the last (信用分历史)."""
    query = visible(CreditScore, to=seen_by).where(CreditScore.site_id == site_id)
    rows = db.session.scalars(query.order_by(CreditScore.on, CreditScore.revision)).all()
    return list({row.on: row for row in rows}.values())


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A past day computed again (重算结果): `then` by what was known when the score was stored, `now` by what is known today."""

    on: date
    row: CreditScore | None
    then: Score | None
    now: Score
    changed: Sequence[CreditRecord]

    @property
    def agrees(self) -> bool:
        """Whether the stored score comes out again, to the last line (与存档一致)."""
        return self.row is not None and self.then is not None and self.then.sha256 == self.row.sha256


def recompute(site_id: UUID, on: date, *, seen_by: Actor) -> Recomputed:
    """Compute the score of a past day again (重算): by the model, the records and the knowledge of that time, and by today's."""
    rows = records_of(site_id, seen_by=seen_by)
    row = stored_for(site_id, on, seen_by=seen_by)
    now = score_on(site_id, seen_by=seen_by, on=on)
    if row is None:
        return Recomputed(on, None, None, now, ())
    model = scoring.library().by_hash(row.model_sha256)
    then = scoring.score(model, as_entries(rows, known_at=row.revision), on=row.on)
    learnt = [r for r in rows if r.revision > row.revision or (r.end_revision or 0) > row.revision]
    return Recomputed(on, row, then, now, [r for r in learnt if r.valid_from <= on])


# --- the list of dishonesty, as far as the tier asks ------------------------------------------------------------------


def lists_holding(provider_id: UUID, *, on: date, seen_by: Actor) -> frozenset[ListKind]:
    """The lists on which an organisation stands on a day (所在名单): by query on the date, whatever job has run."""
    query = visible(ListEntry, to=seen_by).where(
        ListEntry.provider_id == provider_id,
        ListEntry.subject_kind == SubjectKind.ORGANISATION,
        ListEntry.state.in_(IN_FORCE),
        or_(ListEntry.max_end.is_(None), ListEntry.max_end >= on),
    )
    return frozenset(row.kind for row in db.session.scalars(query))


# --- objections -------------------------------------------------------------------------------------------------------


def objection(objection_id: UUID, *, seen_by: Actor, lock: bool = False) -> CreditObjection:
    """One objection (信用异议)."""
    return find(CreditObjection, objection_id, seen_by=seen_by, lock=lock)


def open_objection(record_id: UUID, *, seen_by: Actor) -> CreditObjection | None:
    """The objection to a record that is still open (处理中的异议)."""
    query = visible(CreditObjection, to=seen_by).where(CreditObjection.record_id == record_id)
    return db.session.scalars(query.where(CreditObjection.state == ObjectionState.OPEN)).one_or_none()


def objections_to(record_id: UUID, *, seen_by: Actor) -> Sequence[CreditObjection]:
    """Every objection to a record, newest first (异议记录)."""
    query = visible(CreditObjection, to=seen_by).where(CreditObjection.record_id == record_id)
    return db.session.scalars(query.order_by(CreditObjection.asked_at.desc())).all()


def objections(*, seen_by: Actor) -> Select[CreditObjection]:
    """The objections that an actor may see (可见异议)."""
    both = (joinedload(CreditObjection.record), joinedload(CreditObjection.site))
    return visible(CreditObjection, to=seen_by).join(CreditObjection.site).options(*both)


def kinds_on(rows: Iterable[CreditRecord], on: date) -> frozenset[RecordKind]:
    """The kinds of the records that count on a day (当日有效记录种类)."""
    return frozenset(row.kind for row in rows if record_standing(row, on) is law.Standing.COUNTS)


def sites_of(provider_id: UUID, *, seen_by: Actor) -> Sequence[Site]:
    """The sites of an organisation (机构全部网点)."""
    return db.session.scalars(visible(Site, to=seen_by).where(Site.provider_id == provider_id).order_by(Site.number)).all()


def sites_to_score(on: date, *, seen_by: Actor) -> list[UUID]:
    """Files whose valid records have changed since they were last looked at, or whose model has (待重算档案)."""
    changed = select(CreditStanding.site_id).where(CreditStanding.next_change_on <= on)
    found = set(db.session.scalars(changed))
    newest = (
        visible(CreditScore, to=seen_by)
        .with_only_columns(CreditScore.site_id, CreditScore.scope_path, CreditScore.model_sha256)
        .ext(distinct_on(CreditScore.site_id))
        .order_by(CreditScore.site_id, CreditScore.on.desc(), CreditScore.revision.desc())
    )
    for site_id, path, sha256 in db.session.execute(newest):
        try:
            if model_of(path, on).sha256 != sha256:
                found.add(site_id)
        except Refused:
            continue
    return sorted(found)
