"""Questions about checklists (检查表查询): shipped and local editions, confirmations, what the register knows of a site."""

from __future__ import annotations

from collections.abc import Sequence
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
from app.inspections.rules.checklist import ChecklistEdition, Confirmation, SiteFacts
from app.inspections.standards import FOLDER
from app.providers.models import Site, SiteFact

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
        kind=site.kind, beds=_whole(newest, "beds"), storeys=_whole(newest, "storeys"), area_m2=_whole(newest, "floor_area")
    )


def _whole(facts: dict[str, object], key: str) -> int | None:
    value = facts.get(key)
    return value if isinstance(value, int) else None
