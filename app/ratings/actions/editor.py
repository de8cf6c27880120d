"""Verbs of the scheme editor (评定标准编制): begin an edition, enter values from a text, confirm against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Forbidden, Refused
from app.ratings.events import editor as events
from app.ratings.models.editor import SchemeEdition, SchemeEntry
from app.ratings.queries import editor as queries
from app.ratings.rules.editor import (
    Content,
    EditionState,
    ItemEntry,
    Source,
    begin,
    changes,
    check_confirmation,
    entry_of,
    find_item,
    sha_of,
    with_item,
)
from app.regions import queries as regions


def draft_edition(sha: str, *, start: date, by: Actor, at: datetime, on: date) -> SchemeEdition:
    """Begin an edition for one's own place with the content of another one (另起新版)."""
    if by.authority_id is None:
        raise Forbidden("评定标准由机关编制")
    authority = regions.authority(by.authority_id)
    base = queries.known(sha, seen_by=by)
    if start < on:
        raise Refused("scheme.start", "施行日不能早于今天，请改为今天或以后")
    content = begin(base.content, start=start, jurisdiction=regions.full_name(authority.path).replace(" ", ""))
    if queries.exists(authority.path, content["scheme"], content["edition"]):
        raise Refused("scheme.same_day", f"本机关已有 {content['edition']} 施行的这套标准，请打开那一版修改，或另定施行日")
    row = SchemeEdition(
        authority_id=authority.id,
        jurisdiction=authority.path,
        code=content["scheme"],
        edition=content["edition"],
        name=content["name"],
        content=content,
        sha256=sha_of(content),
        based_on=base.key,
        base=base.content,
        made_by=by.id,
        made_by_name=by.name,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        events.SchemeDrafted(
            subject=row.id, by=by.id, on=on, authority_id=authority.id, code=row.code, edition=row.edition, based_on=row.based_on
        )
    )
    return row


def enter(
    edition_id: UUID, change: Callable[[Content], Content], source: Source, *, by: Actor, at: datetime, on: date
) -> list[SchemeEntry]:
    """Enter values from a text (录入): `change` makes the new content; every value that differs is put on the record.

    A confirmed edition is never written on.
    """
    row = queries.draft(edition_id, seen_by=by, lock=True)
    if row.state is not EditionState.DRAFT:
        raise Refused("scheme.confirmed", "已确认的方案不能改动，请另起一版")
    made = change(row.content)
    found = [each for each in changes(row.content, made) if each.before != each.after]
    if not found:
        raise Refused("scheme.same", "没有改动，不用保存")
    rows = [
        SchemeEntry(
            edition_id=row.id,
            place=each.place,
            before=each.before,
            after=each.after,
            doc=source.doc.strip(),
            clause=source.clause.strip(),
            by=by.id,
            by_name=by.name,
            at=at,
        )
        for each in found
    ]
    db.session.add_all(rows)
    row.content, row.sha256, row.name = made, sha_of(made), made["name"]
    db.session.flush()
    audit.record(
        events.SchemeEntered(subject=row.id, by=by.id, on=on, authority_id=row.authority_id, sha256=row.sha256, places=len(found))
    )
    return rows


def enter_workbook(edition_id: UUID, rows: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime, on: date) -> int:
    """Enter the items of a workbook (导入评分项): all of it or nothing; a changed row names its document and clause."""
    content = queries.draft(edition_id, seen_by=by).content
    done = 0
    for values in rows:
        item = find_item(content, str(values.get("id", "")))
        entry = ItemEntry(
            title=str(values.get("title") or ""),
            most=str(values.get("most") or ""),
            options=str(values.get("options") or ""),
            deductions=str(values.get("deductions") or ""),
            step=str(values.get("step") or ""),
            gap=str(values.get("gap") or ""),
        )
        if entry == entry_of(item):
            continue
        source = Source(str(values.get("doc") or ""), str(values.get("clause") or ""))
        enter(edition_id, _item_change(str(item["id"]), entry, source), source, by=by, at=at, on=on)
        done += 1
    if not done:
        raise Refused("scheme.same", "工作簿和现在的方案一样，没有改动")
    return done


def _item_change(item_id: str, entry: ItemEntry, source: Source) -> Callable[[Content], Content]:
    return lambda content: with_item(content, item_id, entry, source)


def confirm_edition(edition_id: UUID, compared_with: str, *, by: Actor, on: date) -> SchemeEdition:
    """Confirm an edition against the text (确认方案): by somebody who entered nothing; from then on it never changes."""
    row = queries.draft(edition_id, seen_by=by, lock=True)
    if row.state is not EditionState.DRAFT:
        raise Refused("scheme.confirmed", "这一版已经确认")
    writers = {str(row.made_by), *(str(each.by) for each in queries.entries(row.id))}
    content = check_confirmation(row.content, by=str(by.id), writers=writers, compared_with=compared_with)
    row.content, row.sha256, row.state = content, sha_of(content), EditionState.CONFIRMED
    row.confirmed_by, row.confirmed_by_name, row.confirmed_on = by.id, by.name, on
    row.compared_with = compared_with.strip()
    db.session.flush()
    audit.record(events.SchemeConfirmed(subject=row.id, by=by.id, on=on, authority_id=row.authority_id, sha256=row.sha256))
    return row
