"""Publication (公示): bring the `published` schema in line with the registry, the inspections, the draws and the archive.

These verbs only copy what other verbs decided and recorded, so they leave no line of their own in the record; what they
change stands in the public feed. Every one may be repeated: a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, and_, insert, or_, select, text, update

from app.core.actor import SYSTEM
from app.core.db import Base, acting, db
from app.public import feed, rules
from app.public.models import (
    FOREVER,
    AuditDay,
    DocumentCheck,
    Draw,
    DrawFile,
    Facility,
    FacilityChange,
    FacilityFact,
    FacilityRating,
    InspectionResult,
    ListAnnulment,
    ListedEntry,
    Place,
    Problem,
    Reply,
)
from app.public.queries import ratings, sources
from app.public.queries.sources import Rows

BATCH: Final = 200
# One lock a thousandth of all sites, so that an import of a whole province does not run out of locks.
_LOCK: Final = text(
    "select pg_advisory_xact_lock(6601, place) from (select distinct abs(hashtext(id) % 1000) as place"
    " from unnest(cast(:ids as text[])) as id order by place) as places"
)


def rebuild_facility(site_id: UUID, on: date) -> None:
    """Publish a site as it stands now (公示机构), with its facts, changes, inspections and problems."""
    rebuild_facilities([site_id], on)


def rebuild_facilities(site_ids: Sequence[UUID], on: date) -> None:
    """Publish some sites as they stand now (批量公示). Two transactions that tell of one site take their turn."""
    with acting(SYSTEM):
        for start in range(0, len(site_ids), BATCH):
            _rebuild(site_ids[start : start + BATCH], on)


def _rebuild(site_ids: Sequence[UUID], on: date) -> None:
    db.session.execute(_LOCK, {"ids": [str(site_id) for site_id in site_ids]})
    inspections = sources.inspection_results(site_ids)
    problems, replies = sources.problems(site_ids)
    facilities, facts = sources.facilities(site_ids, inspections, problems)
    changed: set[UUID] = set()
    changed |= {key[0] for key, _ in _sync(FacilityFact, facts, FacilityFact.site_id.in_(site_ids), on)}
    for model, what, rows in (
        (FacilityChange, "", sources.changes(site_ids)),
        (InspectionResult, "inspection", inspections),
        (Problem, "problem", problems),
        (Reply, "reply", replies),
        (FacilityRating, "", ratings.grades(site_ids)),
    ):
        for key, change in _sync(model, rows, model.site_id.in_(site_ids), on):
            owner: UUID | None = rows[key]["site_id"] if key in rows else None
            changed |= {owner} if owner else set()
            if what:
                feed.line(what, key[0], owner, change)
    for key, change in _sync(Facility, facilities, Facility.id.in_(site_ids), on, touched=changed):
        feed.line("facility", key[0], key[0], change)
    _sync(Place, sources.place_names({row["district_path"] for row in facilities.values()}), None, on)


def _sync(
    model: type[Base], wanted: Rows, among: Any, on: date, *, touched: Iterable[UUID] = ()
) -> list[tuple[tuple[Any, ...], str]]:
    """Bring the rows of `model` that lie `among` in line with `wanted` (对齐). Gives the keys that changed and how.

    A row that is no longer wanted is not removed: it was last shown the day before. `touched` rows count as changed
    although their own columns are equal, because something on their page changed.
    """
    table = model.__table__
    assert isinstance(table, Table)
    keys = [column.name for column in table.primary_key]
    where = among if among is not None else _any_key(table, keys, wanted)
    present = {tuple(row[key] for key in keys): dict(row) for row in db.session.execute(select(table).where(where)).mappings()}
    done: list[tuple[tuple[Any, ...], str]] = []
    fresh = [dict(zip(keys, key, strict=True)) | values for key, values in wanted.items() if key not in present]
    if fresh:
        db.session.execute(insert(table), fresh)
        done += [(key, "published") for key in wanted if key not in present]
    versioned = "version" in table.c
    for key, values in wanted.items():
        before = present.get(key)
        if before is None or (not _differs(before, values) and not (versioned and key[0] in set(touched))):
            continue
        more = {"version": before["version"] + 1} if versioned else {}
        db.session.execute(update(table).where(_is(table, keys, key)).values(**values, **more))
        withdrawn = values.get("visible_until", FOREVER) < before.get("visible_until", FOREVER)
        done.append((key, "withdrawn" if withdrawn else "changed"))
    if "visible_until" in table.c:
        done += [(key, "withdrawn") for key in present if key not in wanted and _end(table, keys, key, present[key], on)]
    return done


def _end(table: Table, keys: Sequence[str], key: tuple[Any, ...], before: Mapping[str, Any], on: date) -> bool:
    """Let a row that is no longer wanted end with yesterday (停止公示)."""
    yesterday = on - timedelta(days=1)
    if before["visible_until"] <= yesterday:
        return False
    values = {"visible_until": yesterday} | ({"version": before["version"] + 1} if "version" in before else {})
    db.session.execute(update(table).where(_is(table, keys, key)).values(**values))
    return True


def _differs(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return any(before[name] != value for name, value in values.items())


def _is(table: Table, keys: Sequence[str], key: tuple[Any, ...]) -> Any:
    return and_(*(table.c[name] == value for name, value in zip(keys, key, strict=True)))


def _any_key(table: Table, keys: Sequence[str], wanted: Rows) -> Any:
    return or_(*(_is(table, keys, key) for key in wanted)) if wanted else text("false")


# ------------------------------------------------------------------------------------------------------------- words

COUNT_WORDS: Final = text(
    """insert into published.frequent_word (word, facilities)
       select word, count(*) from (
         select distinct f.id, substr(f.search, at, length) as word
         from published.facility f, generate_series(2, 4) as length, generate_series(1, char_length(f.search) - length + 1) as at
       ) as runs where position(' ' in word) = 0 group by word having count(*) > :common"""
)


def count_words() -> None:
    """Count the words that stand in many facilities (统计常用词). They choose the plan of a search, never its result."""
    db.session.execute(text("delete from published.frequent_word"))
    db.session.execute(COUNT_WORDS, {"common": rules.COMMON})
    db.session.execute(text("insert into published.frequent_word (word, facilities) select '', count(*) from published.facility"))


# ------------------------------------------------------------------------------------------------------------- draws


def publish_draws(plan_ids: Sequence[UUID], on: date) -> None:
    """Bring the public register of draws in line (公示抽查): its line from the freeze on, its files from the reveal on."""
    with acting(SYSTEM):
        rows, files = sources.draws(plan_ids)
        touched = {key[0] for key, _ in _sync(DrawFile, files, DrawFile.draw_id.in_(plan_ids), on)}
        for key, change in _sync(Draw, rows, Draw.id.in_(plan_ids), on, touched=touched):
            feed.line("draw", key[0], None, change)


# ------------------------------------------------------------------------------------------------ the list of dishonesty

_TURN: Final = text("update published.facility set version = version + 1 where uscc = any(:codes) and uscc <> ''")


def publish_entries(entry_ids: Sequence[UUID], on: date) -> None:
    """Bring the public list in line (公示名单), and let the pages of the facilities concerned be made anew."""
    with acting(SYSTEM):
        rows, annulled = sources.listed_entries(entry_ids)
        changed = _sync(ListedEntry, rows, ListedEntry.id.in_(entry_ids), on)
        changed += _sync(ListAnnulment, annulled, ListAnnulment.id.in_(entry_ids), on)
        for key, change in changed:
            feed.line("listing", key[0], None, change)
        if changed:
            codes = db.session.scalars(select(ListedEntry.uscc).where(ListedEntry.id.in_(entry_ids))).all()
            db.session.execute(_TURN, {"codes": list(codes)})


# --------------------------------------------------------------------------------------------------------- documents


def publish_documents(document_ids: Sequence[UUID], on: date) -> None:
    """Let archived documents be verified by anybody (文书可核验): number, kind, authority, day and hashes, no content."""
    with acting(SYSTEM):
        rows = sources.document_checks(document_ids)
        for key, change in _sync(DocumentCheck, rows, DocumentCheck.id.in_(document_ids), on):
            feed.line("document", key[0], None, change)


# ------------------------------------------------------------------------------------------------------- whole schema


def rebuild_all(on: date) -> None:
    """Publish everything anew (全部重算): the same as what the listeners made, row by row. Changes nothing when all is well."""
    with acting(SYSTEM):
        rebuild_facilities(sources.sites_to_publish(), on)
        publish_draws(sources.draws_to_publish(), on)
        publish_documents(sources.documents_to_publish(), on)
        publish_entries(sources.entries_to_publish(), on)
    count_words()


def note_audit_day(day: date) -> None:
    """Publish where the record's chain stood at the end of a day (公示每日链头). A day's head is written once."""
    if db.session.get(AuditDay, day) is None and (head := sources.audit_head(day)) is not None:
        db.session.add(AuditDay(day=day, lines=head[0], head=head[1]))
        db.session.flush()
