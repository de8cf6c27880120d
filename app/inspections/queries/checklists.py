"""Questions about checklists (检查表查询): shipped and local editions, confirmations, what the register knows of a site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.core.scope import find, visible
from app.core.standards import Library, load, parse
from app.inspections.models import EditionRow, ItemConfirmation
from app.inspections.rules.checklist import Area, ChecklistEdition, Confirmation, Feature, Item, SiteFacts, Standing, standing
from app.inspections.standards import FOLDER
from app.providers.models import Site, SiteFact
from app.regions import queries as regions

ALL_KINDS: Final = ("gb38600", "fire", "hazards", "money")


@lru_cache(maxsize=1)
def shipped() -> Library[ChecklistEdition]:
    """The editions that come with the platform (随附检查表)."""
    return load(FOLDER, ChecklistEdition)


def library() -> Library[ChecklistEdition]:
    """Every edition that may be used: shipped ones and those that authorities published (检查表库)."""
    version = db.session.execute(
        select(func.count(), func.max(EditionRow.made_at)).where(EditionRow.published_on.is_not(None))
    ).one()
    return _library(tuple(version))


@lru_cache(maxsize=4)
def _library(version: tuple[int, datetime | None]) -> Library[ChecklistEdition]:  # noqa: ARG001 — the version is the cache's key
    rows = db.session.scalars(select(EditionRow.data).where(EditionRow.published_on.is_not(None)).order_by(EditionRow.made_at))
    return shipped().joined(parse(data, ChecklistEdition) for data in rows)


def names_in_force(on: date, region_path: str) -> list[tuple[str, str]]:
    """The checklists that hold in a place on a day, by code (现行检查表)."""
    known, found = library(), []
    for code in known.codes():
        try:
            found.append((code, known.in_force(code, on=on, region_path=region_path).name))
        except Refused:  # none in force that day
            continue
    return found


def edition(sha256: str) -> ChecklistEdition:
    """One edition by its hash, drafts of authorities included (按指纹查检查表)."""
    row = db.session.scalars(select(EditionRow).where(EditionRow.sha256 == sha256)).first()
    return parse(row.data, ChecklistEdition) if row is not None else library().by_hash(sha256)


def edition_row(row_id: UUID, *, seen_by: Actor, lock: bool = False) -> EditionRow:
    """An authority's own edition (本机关版本)."""
    row = db.session.get(EditionRow, row_id, with_for_update=lock)
    if row is None or row.authority_id != seen_by.authority_id:
        raise NotVisible("edition")
    return row


def edition_row_of(sha256: str) -> EditionRow | None:
    """The row behind an authority's edition, None for a shipped one."""
    return db.session.scalars(select(EditionRow).where(EditionRow.sha256 == sha256)).first()


def drafts(*, seen_by: Actor) -> Sequence[EditionRow]:
    """Editions that one's authority is still working at (未发布的版本)."""
    query = select(EditionRow).where(EditionRow.authority_id == seen_by.authority_id, EditionRow.published_on.is_(None))
    return db.session.scalars(query.order_by(EditionRow.made_at.desc())).all()


def confirmations(authority_id: UUID) -> tuple[Confirmation, ...]:
    """What an authority has confirmed (本机关核对记录), oldest first, so that the newest counts."""
    query = select(ItemConfirmation).where(ItemConfirmation.authority_id == authority_id).order_by(ItemConfirmation.at)
    return tuple(_confirmation(row) for row in db.session.scalars(query))


def confirmation_rows(authority_id: UUID, sha256: str) -> Sequence[ItemConfirmation]:
    """What an authority confirmed of one edition (本机关对此版的核对), oldest first."""
    query = select(ItemConfirmation).where(
        ItemConfirmation.authority_id == authority_id, ItemConfirmation.edition_sha256 == sha256
    )
    return db.session.scalars(query.order_by(ItemConfirmation.at)).all()


def edition_exists(jurisdiction: str, code: str, version: str) -> bool:
    """Whether a place has an edition of this first day already, draft or published."""
    query = select(EditionRow.id).where(
        EditionRow.jurisdiction == jurisdiction, EditionRow.code == code, EditionRow.edition == version
    )
    return db.session.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """One edition in the list (检查表版本一览): how many items score, wait, or are confirmed by one's authority."""

    edition: ChecklistEdition
    scoring: int
    pending: int
    inactive: int
    confirmed: int
    in_force: bool
    place: str


def editions(*, seen_by: Actor, on: date) -> list[Listed]:
    """Every edition that holds in one's place (本地适用的检查表), by standard, newest first."""
    path = seen_by.scope.path or (regions.authority(seen_by.authority_id).path if seen_by.authority_id else "/")
    held = [e for e in library().editions if e.holds_in(path)]
    mine = confirmations(seen_by.authority_id) if seen_by.authority_id else ()
    return [_listed(e, held, mine, on) for e in sorted(held, key=lambda e: (e.code, e.jurisdiction, e.edition), reverse=True)]


def _listed(e: ChecklistEdition, held: list[ChecklistEdition], mine: tuple[Confirmation, ...], on: date) -> Listed:
    same = [x for x in held if x.code == e.code and x.in_force_on(on)]
    now = max(same, key=lambda x: (len(x.jurisdiction), x.in_force_from), default=None)
    confirmed = {c.item for c in mine if c.edition_sha256 == e.sha256}
    return Listed(
        edition=e,
        scoring=sum(i.confidence.scores for i in e.items),
        pending=sum(i.confidence.shown_on_task and not i.confidence.scores for i in e.items),
        inactive=sum(not i.confidence.shown_on_task for i in e.items),
        confirmed=len(confirmed),
        in_force=now is not None and now.sha256 == e.sha256,
        place=regions.full_name(e.jurisdiction) if e.jurisdiction else "全国",
    )


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item on the editor page (条目): its standing for one's authority and who confirmed it."""

    item: Item
    standing: Standing | None
    confirmed: Confirmation | None


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One edition on the editor page (检查表版本页), items by area."""

    edition: ChecklistEdition
    areas: list[tuple[Area, list[ItemLine]]]
    others: list[ChecklistEdition]

    @property
    def counts(self) -> dict[str, int]:
        """How many items stand how (各类条目数)."""
        lines = [line for _, inside in self.areas for line in inside]
        return dict(Counter(line.standing.value if line.standing else "inactive" for line in lines))


def edition_page(sha256: str, *, seen_by: Actor) -> EditionPage:
    """Gather one edition as one's authority sees it. A foreign or unpublished one is not there."""
    held = next((e for e in library().editions if e.sha256 == sha256), None)
    path = seen_by.scope.path or (regions.authority(seen_by.authority_id).path if seen_by.authority_id else "/")
    if held is None or not held.holds_in(path):
        raise NotVisible("edition")
    return _edition_page(held, seen_by)


def _edition_page(held: ChecklistEdition, seen_by: Actor) -> EditionPage:
    mine = confirmations(seen_by.authority_id) if seen_by.authority_id else ()
    confirmed = {c.item: c for c in mine if c.edition_sha256 == held.sha256}
    lines = {i.code: ItemLine(i, _standing(i, confirmed.get(i.code)), confirmed.get(i.code)) for i in held.items}
    areas = [(a, [lines[i.code] for i in held.items if i.area == a.key]) for a in held.areas]
    others = [e for e in library().editions if e.code == held.code and e.sha256 != held.sha256]
    return EditionPage(held, [(a, inside) for a, inside in areas if inside], others)


def _standing(item: Item, seen: Confirmation | None) -> Standing | None:
    return standing(item.confidence, seen) if item.confidence.shown_on_task or seen is not None else None


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A draft and what it changes (草稿页)."""

    row: EditionRow
    page: EditionPage
    added: list[str]
    dropped: list[str]
    changed: list[str]


def draft_page(row_id: UUID, *, seen_by: Actor) -> DraftPage:
    """Gather a draft of one's own authority, compared with what it came from."""
    row = edition_row(row_id, seen_by=seen_by)
    base = {i.code: i for i in edition(row.based_on).items}
    draft = parse(row.data, ChecklistEdition)
    now = {i.code: i for i in draft.items}
    changed = [c for c in now if c in base and (now[c].clause, now[c].text) != (base[c].clause, base[c].text)]
    return DraftPage(
        row, _edition_page(draft, seen_by), [c for c in now if c not in base], [c for c in base if c not in now], changed
    )


def _confirmation(row: ItemConfirmation) -> Confirmation:
    return Confirmation(
        edition_sha256=row.edition_sha256,
        item=row.item,
        authority_id=str(row.authority_id),
        by=row.by_name,
        on=row.on,
        compared_with=row.compared_with,
        clause=row.clause,
        text=row.text,
    )


def site_facts(site_id: UUID, *, seen_by: Actor) -> SiteFacts:
    """What the register knows of a site (场所登记信息): the newest figure of each kind; what is not there is unknown."""
    site = find(Site, site_id, seen_by=seen_by)
    rows = db.session.execute(
        visible(SiteFact, to=seen_by)
        .where(SiteFact.site_id == site_id)
        .with_only_columns(SiteFact.key, SiteFact.value)
        .order_by(SiteFact.as_of, SiteFact.entered_at)
    )
    newest = {row.key: row.value for row in rows}
    return SiteFacts(
        kind=site.kind,
        beds=_whole(newest, "beds"),
        storeys=_whole(newest, "storeys"),
        area_m2=_whole(newest, "floor_area"),
        features={Feature(key): value for key in _FEATURES if isinstance(value := newest.get(key), bool)},
    )


_FEATURES: Final = ("canteen", "clinic", "lift")
"""The features that a home states among its facts; the others are found out on the spot."""


def _whole(facts: dict[str, object], key: str) -> int | None:
    value = facts.get(key)
    return value if isinstance(value, int) else None
