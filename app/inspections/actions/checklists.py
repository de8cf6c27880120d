"""Verbs of checklists (检查表办理): compare an item with the official text, make a new edition, publish it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Forbidden, Refused
from app.inspections.events import checklists as events
from app.inspections.models import EditionRow, ItemConfirmation
from app.inspections.queries import checklists as queries
from app.inspections.rules import revision
from app.inspections.rules.checklist import ChecklistEdition
from app.regions import queries as regions


def _own(by: Actor) -> UUID:
    if by.authority_id is None:
        raise Forbidden("检查表由机关编制和核对")
    return by.authority_id


def confirm_item(
    sha256: str,
    code: str,
    *,
    compared_with: str,
    clause: str = "",
    text: str = "",
    by: Actor,
    at: datetime,
    on: date,
) -> ItemConfirmation:
    """Confirm that an item agrees with the official text, or write what the text says (条文核对).

    Lifts the item for one's own authority and for this edition alone; recorded with who, when, from which text.
    """
    authority_id = _own(by)
    edition = queries.edition(sha256)
    item = next((i for i in edition.items if i.code == code), None)
    if item is None:
        raise Refused("checklist.no_item", f"这一版检查表中没有 {code}，请从页面上选择条目")
    if not edition.holds_in(regions.authority(authority_id).path):
        raise Refused("checklist.foreign", "这一版检查表不适用于本地，不能核对")
    if len(compared_with.strip()) < 2:
        raise Refused("checklist.compared_with", "请写明对照的是哪一份正式文本（名称、版次、来源）")
    row = ItemConfirmation(
        authority_id=authority_id,
        edition_sha256=sha256,
        item=code,
        clause=clause.strip() if clause.strip() != item.clause else "",
        text=text.strip() if text.strip() != item.text else "",
        compared_with=compared_with.strip(),
        by=by.id,
        by_name=by.name,
        on=on,
        at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.ItemConfirmed(
            subject=authority_id, by=by.id, on=on, edition_sha256=sha256, item=code, reworded=bool(row.clause or row.text)
        )
    )
    return row


def draft_edition(sha256: str, *, in_force_from: date, by: Actor, at: datetime, on: date) -> EditionRow:
    """Begin a new edition for one's own place, with the items of an old one (起草新版)."""
    authority = regions.authority(_own(by))
    base = queries.edition(sha256)
    data = revision.next_edition(base, in_force_from=in_force_from, jurisdiction=authority.path, place=authority.name)
    edition = revision.checked(data)
    if queries.edition_exists(authority.path, edition.code, edition.edition):
        raise Refused("checklist.same_day", f"本机关已有 {edition.edition} 施行的这份检查表，请打开那一版修改，或另定施行日")
    row = EditionRow(
        authority_id=authority.id,
        jurisdiction=authority.path,
        code=edition.code,
        edition=edition.edition,
        name=edition.name,
        sha256=edition.sha256,
        data=data,
        based_on=sha256,
        made_by=by.id,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.EditionDrafted(
            subject=row.id, by=by.id, on=on, authority_id=authority.id, code=row.code, edition=row.edition, based_on=sha256
        )
    )
    return row


def rewrite_edition(
    edition_id: UUID,
    items: Sequence[Mapping[str, Any]],
    areas: Sequence[Mapping[str, str]],
    *,
    by: Actor,
    at: datetime,
    on: date,
) -> ChecklistEdition:
    """Write the items of a draft anew (改写草稿), from a workbook. A published edition is never written over."""
    row = queries.edition_row(edition_id, seen_by=by, lock=True)
    _only_draft(row)
    data = revision.rewritten(row.data, items, areas, base=queries.edition(row.based_on))
    edition = revision.checked(data)
    row.data, row.sha256, row.made_by, row.made_at = data, edition.sha256, by.id, at
    db.session.flush()
    audit.record(events.EditionRewritten(subject=row.id, by=by.id, on=on, sha256=edition.sha256, items=len(edition.items)))
    return edition


def _only_draft(row: EditionRow) -> None:
    if row.published_on is not None:
        raise Refused("checklist.published", "已发布的检查表不能改动，请另起一版")


def publish_edition(edition_id: UUID, *, by: Actor, at: datetime, on: date) -> EditionRow:
    """Publish a draft (发布检查表); from its day it is the one in force in one's place.

    Confirmations of items that did not change go along, with their own who, when and text.
    """
    row = queries.edition_row(edition_id, seen_by=by, lock=True)
    _only_draft(row)
    edition = revision.checked(row.data)
    revision.check_publication(in_force_from=edition.in_force_from, on=on, made_by=str(row.made_by), published_by=str(by.id))
    row.published_by, row.published_on = by.id, on
    carried = _carry_confirmations(row, edition, at)
    db.session.flush()
    audit.record(events.EditionPublished(subject=row.id, by=by.id, on=on, sha256=row.sha256, carried=carried))
    return row


def _carry_confirmations(row: EditionRow, edition: ChecklistEdition, at: datetime) -> int:
    before = {i.code: (i.clause, i.text) for i in queries.edition(row.based_on).items}
    unchanged = {i.code for i in edition.items if before.get(i.code) == (i.clause, i.text)}
    newest = {c.item: c for c in queries.confirmation_rows(row.authority_id, row.based_on) if c.item in unchanged}
    for old in newest.values():
        db.session.add(
            ItemConfirmation(
                authority_id=old.authority_id,
                edition_sha256=row.sha256,
                item=old.item,
                clause=old.clause,
                text=old.text,
                compared_with=old.compared_with,
                by=old.by,
                by_name=old.by_name,
                on=old.on,
                at=at,
            )
        )
    return len(newest)
