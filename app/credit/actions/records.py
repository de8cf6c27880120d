"""Verbs of credit records, their score and objections (信用记录、信用分、异议办理).

Whoever changes a site's records locks its file, first stores the scores of the days since, then changes, then stores the new
score and decides the tier again: record, score, grade and tier change in one transaction, and so does whatever listens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from app.core import audit, calendar
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.credit import events
from app.credit.actions import tiers
from app.credit.models.records import CreditObjection, CreditRecord, CreditScore, CreditStanding
from app.credit.queries import records as queries
from app.credit.rules import records as law
from app.credit.rules import score as scoring
from app.credit.rules.records import EndWay, ObjectionState, RecordKind
from app.providers import queries as providers
from app.providers.models import Site
from app.regions import queries as regions

OBJECTION_CLOCK: Final = "credit.objection"


# --- the file and its score -------------------------------------------------------------------------------------------


def _file(site: Site) -> CreditStanding:
    """The locked file of a site (信用档案), opened when there is none."""
    values = {"id": uuid4(), "scope_path": site.scope_path, "provider_id": site.provider_id, "site_id": site.id, "revision": 0}
    db.session.execute(insert(CreditStanding).values(**values).on_conflict_do_nothing(index_elements=["site_id"]))
    query = db.select(CreditStanding).where(CreditStanding.site_id == site.id).with_for_update()
    found: CreditStanding = db.session.scalars(query.execution_options(populate_existing=True)).one()
    return found


def _store(file: CreditStanding, on: date, rows: Sequence[CreditRecord], *, by: Actor, at: datetime) -> CreditScore | None:
    """Store the score of a day by what is known now, unless the file already says just that."""
    found = scoring.score(queries.model_of(file.scope_path, on), queries.as_entries(rows), on=on)
    before = queries.stored_for(file.site_id, on, seen_by=SYSTEM)
    if before is not None and (before.on, before.revision) == (on, file.revision) and before.sha256 == found.sha256:
        return None
    scope = {"scope_path": file.scope_path, "provider_id": file.provider_id, "site_id": file.site_id}
    row = CreditScore(
        **scope, on=on, revision=file.revision, total=found.total, grade=found.grade, computed_at=at,
        model_code=queries.model_of(file.scope_path, on).code, model_sha256=found.model_sha256,
        lines=found.lines(), sha256=found.sha256,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.CreditScored(
            subject=row.site_id, by=by.id, on=on, score_id=row.id, total=row.total,
            grade=row.grade or "", sha256=row.sha256,
        )
    )  # fmt: skip
    was, file.total, file.grade = file.grade, found.total, found.grade
    if was is not found.grade and before is not None:
        audit.record(
            events.GradeChanged(
                subject=row.site_id, by=by.id, on=on, before=was or "", after=found.grade or ""
            )
        )  # fmt: skip
    return row


def _bring_up(file: CreditStanding, rows: Sequence[CreditRecord], on: date, *, by: Actor, at: datetime) -> None:
    """Store the scores of the days on which records began or ended since the file was last looked at (补存)."""
    if file.checked_on is not None:
        for day in scoring.boundaries(queries.as_entries(rows), after=file.checked_on, until=on):
            _store(file, day, rows, by=by, at=at)
    file.checked_on = max(on, file.checked_on or on)


def _settle(file: CreditStanding, on: date, *, by: Actor, at: datetime) -> None:
    """The file has changed: store the day's score, note when it changes by itself next, decide the tier again.

    A change that is dated back changes every day since: those already stored are stored again, by what is known now.
    """
    db.session.flush()
    rows = queries.records_of(file.site_id, seen_by=SYSTEM)
    entries, latest = queries.as_entries(rows), max(on, file.checked_on or on)
    for day in sorted({on, *scoring.boundaries(entries, after=on, until=latest), latest}):
        _store(file, day, rows, by=by, at=at)
    _look_ahead(file, rows, latest)
    tiers.decide_tier(file.site_id, by=by, on=latest)


def _look_ahead(file: CreditStanding, rows: Sequence[CreditRecord], on: date) -> None:
    """Note the next day on which the score changes by itself (下次自动变化)."""
    ahead = scoring.boundaries(queries.as_entries(rows), after=on, until=date.max - timedelta(days=1))
    file.next_change_on = ahead[0] if ahead else None
    db.session.flush()


def keep_score(site_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """Store the scores up to a day (补存信用分): what began, ended or was modelled anew since. Safe to repeat."""
    with acting(SYSTEM):
        site = providers.site(site_id, seen_by=SYSTEM, lock=True)
        file = _file(site)
        rows = queries.records_of(site_id, seen_by=SYSTEM)
        _bring_up(file, rows, on, by=by, at=at)
        newest = queries.stored_for(site_id, on, seen_by=SYSTEM)
        current = queries.model_of(site.scope_path, on).sha256
        if newest is None or newest.model_sha256 != current:
            file.revision += 1
            _store(file, on, rows, by=by, at=at)
        _look_ahead(file, rows, on)
        tiers.decide_tier(site_id, by=by, on=on)


# --- records ----------------------------------------------------------------------------------------------------------


def enter_record(
    site_id: UUID,
    kind: RecordKind,
    *,
    facts: str,
    clause: str,
    evidence: Sequence[Mapping[str, Any]],
    cause: str,
    valid_from: date,
    happened_on: date | None = None,
    points: int = 0,
    authority_id: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> CreditRecord:
    """Enter a credit record (记入信用记录). The same cause a second time gives the record that is there.

    How long it counts follows from the model in force. Flows below call this through listeners; an officer through `add_record`.
    """
    with acting(SYSTEM):
        site = providers.site(site_id, seen_by=SYSTEM, lock=True)
        if (known := queries.caused(site_id, cause, seen_by=SYSTEM)) is not None:
            return known
        file = _file(site)
        _bring_up(file, queries.records_of(site_id, seen_by=SYSTEM), on, by=by, at=at)
        valid_to = queries.model_of(site.scope_path, on).last_day(kind, valid_from)
        law.check_record(kind, facts=facts, clause=clause, evidence=len(evidence), valid_from=valid_from, valid_to=valid_to)
        file.revision += 1
        row = CreditRecord(
            scope_path=site.scope_path,
            provider_id=site.provider_id,
            site_id=site.id,
            authority_id=authority_id or site.authority_id,
            kind=kind,
            cause=cause,
            facts=facts.strip(),
            clause=clause.strip(),
            evidence=[dict(part) for part in evidence],
            points=points,
            happened_on=happened_on or valid_from,
            valid_from=valid_from,
            valid_to=valid_to,
            recorded_by=by.id,
            recorded_on=on,
            recorded_at=at,
            revision=file.revision,
        )
        db.session.add(row)
        db.session.flush()
        audit.record(
            events.CreditRecorded(
                subject=row.id, by=by.id, on=on, site_id=site.id, kind=kind.value, valid_from=valid_from, valid_to=valid_to
            )
        )
        _settle(file, on, by=by, at=at)
        return row


def add_record(
    site_id: UUID,
    kind: RecordKind,
    *,
    facts: str,
    clause: str,
    source: str,
    number: str,
    decided_on: date,
    by: Actor,
    at: datetime,
    on: date,
) -> CreditRecord:
    """Enter a record by hand (手工记入): from a paper or another department's data, with its number. Counts from the decision's day."""
    site = providers.site(site_id, seen_by=by)
    law.check_by_hand(kind, source=source, number=number, decided_on=decided_on, on=on)
    words = f"{source.strip()} {number.strip()}"
    return enter_record(
        site.id,
        kind,
        facts=facts,
        clause=clause,
        evidence=[{"kind": law.EvidenceKind.IMPORTED.value, "id": "", "words": words}],
        cause=f"hand:{kind.value}:{number.strip()}",
        valid_from=decided_on,
        authority_id=by.authority_id,
        by=by,
        at=at,
        on=on,
    )


def _end(row: CreditRecord, way: EndWay, reason: str, *, by: Actor, at: datetime, on: date) -> None:
    with acting(SYSTEM):
        site = providers.site(row.site_id, seen_by=SYSTEM, lock=True)
        file = _file(site)
        _bring_up(file, queries.records_of(site.id, seen_by=SYSTEM), on, by=by, at=at)
        file.revision += 1
        row.ended, row.ended_on, row.ended_by = way, on, by.id
        row.end_reason, row.end_revision = reason.strip(), file.revision
        db.session.flush()
        audit.record(
            events.CreditRecordEnded(
                subject=row.id, by=by.id, on=on, site_id=site.id, kind=row.kind.value, way=way.value
            )
        )  # fmt: skip
        _drop_objection(row, by=by, on=on)
        _settle(file, on, by=by, at=at)


def end_record(record_id: UUID, way: EndWay, reason: str, *, by: Actor, at: datetime, on: date) -> None:
    """Annul a record as if it had never been, or repair it from today on (撤销、修复), by another person than its recorder."""
    row = queries.record(record_id, seen_by=by, lock=True)
    automatic = row.recorded_by == SYSTEM.id or by.holds(Post.SYSTEM)
    law.check_end(ended=row.ended, reason=reason, recorded_by=row.recorded_by, by=by.id, by_system=automatic)
    _end(row, way, reason, by=by, at=at, on=on)


def end_caused(site_id: UUID, cause: str, way: EndWay, reason: str, *, by: Actor, at: datetime, on: date) -> None:
    """What a record came from fell away (依据已撤销): the record ends with it. Nothing happens when there is none.

    The person who revoked the cause is named, or the platform where he recorded it himself: revoking had its own second person.
    """
    with acting(SYSTEM):
        row = queries.caused(site_id, cause, seen_by=SYSTEM)
        if row is None or row.ended is not None:
            return
        row = queries.record(row.id, seen_by=SYSTEM, lock=True)
        _end(row, way, reason, by=SYSTEM if row.recorded_by == by.id else by, at=at, on=on)


# --- objections -------------------------------------------------------------------------------------------------------


def raise_objection(record_id: UUID, reason: str, *, by: Actor, at: datetime, on: date) -> CreditObjection:
    """Object to a record (提出异议). The record stays and is marked until the objection is decided."""
    row = queries.record(record_id, seen_by=by)
    open_one = queries.open_objection(row.id, seen_by=by) is not None
    law.check_objection(queries.record_standing(row, on), open_one=open_one, reason=reason)
    found = CreditObjection(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        record_id=row.id,
        authority_id=row.authority_id,
        reason=reason.strip(),
        recorded_by=row.recorded_by,
        asked_by=by.id,
        asked_on=on,
        asked_at=at,
    )
    db.session.add(found)
    db.session.flush()
    claim = regions.setting(row.scope_path, "credit.objection_decide", on)
    days = regions.number_set(row.scope_path, "credit.objection_decide", on)
    calendar.start_clock(
        OBJECTION_CLOCK,
        of=row,
        subject=found.id,
        label=f"处理信用异议：{row.kind.label}",
        start=on,
        count=days,
        basis=claim.source,
    )
    audit.record(events.ObjectionRaised(subject=found.id, by=by.id, on=on, site_id=row.site_id, record_id=row.id))
    return found


def withdraw_objection(objection_id: UUID, *, by: Actor, on: date) -> None:
    """Take an objection back (撤回异议); another may be raised."""
    found = queries.objection(objection_id, seen_by=by, lock=True)
    if found.state is not ObjectionState.OPEN:
        raise law.not_open(found.state)
    _close_objection(found, ObjectionState.WITHDRAWN, on)
    audit.record(events.ObjectionWithdrawn(subject=found.id, by=by.id, on=on, site_id=found.site_id, record_id=found.record_id))


def decide_objection(objection_id: UUID, *, upheld: bool, reason: str, by: Actor, at: datetime, on: date) -> None:
    """Decide an objection (处理异议), by another person than the recorder. Upheld, the record is annulled in the same transaction."""
    found = queries.objection(objection_id, seen_by=by, lock=True)
    law.check_objection_decision(
        state=found.state, reason=reason, recorded_by=found.recorded_by, asked_by=found.asked_by, by=by.id
    )
    row = queries.record(found.record_id, seen_by=by, lock=True)
    found.decided_by, found.decided_on, found.decision_reason = by.id, on, reason.strip()
    _close_objection(found, ObjectionState.UPHELD if upheld else ObjectionState.REJECTED, on)
    audit.record(
        events.ObjectionDecided(subject=found.id, by=by.id, on=on, site_id=found.site_id, record_id=row.id, upheld=upheld)
    )
    if upheld and row.ended is None:
        _end(row, EndWay.ANNULLED, f"异议成立：{reason.strip()}", by=by, at=at, on=on)


def _close_objection(found: CreditObjection, state: ObjectionState, on: date) -> None:
    found.state = state
    calendar.meet_clock(OBJECTION_CLOCK, found.id, on)
    db.session.flush()


def _drop_objection(row: CreditRecord, *, by: Actor, on: date) -> None:
    """The record ended by itself: an objection still open has lost its object."""
    found = queries.open_objection(row.id, seen_by=SYSTEM)
    if found is not None:
        _close_objection(found, ObjectionState.WITHDRAWN, on)
        audit.record(events.ObjectionWithdrawn(subject=found.id, by=by.id, on=on, site_id=found.site_id, record_id=row.id))
