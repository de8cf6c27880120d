"""Questions to the evidence vault (证据库查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.core.actor import Actor
from app.core.db import db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import find, visible
from app.providers import queries as providers
from app.providers.models import Site
from app.ratings.models.evidence import Evidence, EvidenceLink, EvidenceUpload, EvidenceVersion, UploadPiece
from app.ratings.queries import editor
from app.ratings.rules.evidence import (
    MB,
    EvidenceState,
    Lack,
    Standing,
    UploadState,
    lack,
    missing,
    pieces,
    standing,
    table,
)
from app.ratings.rules.shape import Area, Item

UNFINISHED: Final = (UploadState.OPEN, UploadState.WAITING)


def evidence(evidence_id: UUID, *, seen_by: Actor, lock: bool = False) -> Evidence:
    """One piece of evidence (材料)."""
    return find(Evidence, evidence_id, seen_by=seen_by, lock=lock)


def version(version_id: UUID, *, seen_by: Actor) -> EvidenceVersion:
    """One version of a piece of evidence (材料版本)."""
    return find(EvidenceVersion, version_id, seen_by=seen_by)


def upload(upload_id: UUID, *, seen_by: Actor, lock: bool = False) -> EvidenceUpload:
    """An upload on its way (上传)."""
    return find(EvidenceUpload, upload_id, seen_by=seen_by, lock=lock)


def piece(upload_id: UUID, number: int) -> UploadPiece | None:
    """One piece of an upload that the asker has already found (分块)."""
    query = select(UploadPiece).where(UploadPiece.upload_id == upload_id, UploadPiece.number == number)
    return db.session.scalars(query).one_or_none()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is (上传进度): bytes received, the first byte still missing, and every missing piece."""

    received: int
    offset: int
    missing: tuple[int, ...]


def progress(of: EvidenceUpload) -> Progress:
    """How far an upload is (上传进度)."""
    query = select(UploadPiece.number, UploadPiece.size).where(UploadPiece.upload_id == of.id)
    there = {row.number: row.size for row in db.session.execute(query)}
    left = missing(there, pieces(of.size, of.piece))
    return Progress(sum(there.values()), left[0] * of.piece if left else of.size, tuple(left))


def space(site_id: UUID, *, seen_by: Actor) -> tuple[int, int]:
    """Bytes that a site's vault holds or has been promised, and its quota (已用与限额)."""
    kept = select(func.coalesce(func.sum(EvidenceVersion.size), 0)).where(EvidenceVersion.site_id == site_id)
    coming = select(func.coalesce(func.sum(EvidenceUpload.size), 0)).where(
        EvidenceUpload.site_id == site_id, EvidenceUpload.state.in_(UNFINISHED)
    )
    providers.site(site_id, seen_by=seen_by)
    used = int(db.session.execute(kept).scalar_one()) + int(db.session.execute(coming).scalar_one())
    return used, table().quota_mb * MB


def open_uploads(site_id: UUID, *, seen_by: Actor) -> int:
    """How many uploads of a site are on their way (传送中的文件数)."""
    query = visible(EvidenceUpload, to=seen_by).where(EvidenceUpload.site_id == site_id, EvidenceUpload.state == UploadState.OPEN)
    return int(db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def recent_uploads(site_id: UUID, *, seen_by: Actor, since: datetime) -> Sequence[EvidenceUpload]:
    """Uploads that are on their way, and those lately refused (传送中与被拦下的文件), newest first."""
    query = (
        visible(EvidenceUpload, to=seen_by)
        .where(EvidenceUpload.site_id == site_id)
        .where(
            EvidenceUpload.state.in_(UNFINISHED)
            | ((EvidenceUpload.state == UploadState.REFUSED) & (EvidenceUpload.ended_at >= since))
        )
        .order_by(EvidenceUpload.began_at.desc())
        .limit(50)
    )
    return db.session.scalars(query).all()


def dead_uploads(at: datetime, *, seen_by: Actor) -> Sequence[UUID]:
    """Uploads whose time is over (逾期未传完的上传)."""
    query = select(EvidenceUpload.id).where(EvidenceUpload.state == UploadState.OPEN, EvidenceUpload.expires_at < at)
    assert seen_by.scope.path == "/"
    return db.session.scalars(query).all()


# --- what stands for which item ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A version that stands for an item on a day (某项的材料): what an application freezes."""

    version_id: UUID
    evidence_id: UUID
    title: str
    kind: str
    counts_as: str
    sha256: str
    size: int
    content_type: str
    valid_until: date | None


def for_items(site_id: UUID, scheme: str, on: date, *, seen_by: Actor) -> Mapping[str, Sequence[Piece]]:
    """The valid newest versions by item of a scheme (各评分项的有效材料). `scheme` is its code, without edition.

    An application keeps the `version_id` and `sha256` of these on the day it is submitted.
    """
    query = (
        visible(EvidenceLink, to=seen_by)
        .where(EvidenceLink.site_id == site_id, EvidenceLink.scheme == scheme, EvidenceLink.removed_at.is_(None))
        .options(joinedload(EvidenceLink.evidence))
        .order_by(EvidenceLink.linked_at, EvidenceLink.id)
    )
    found: dict[str, list[Piece]] = {}
    for link in db.session.scalars(query).unique():
        row = link.evidence
        if not row.kept or standing(row.state, row.valid_until, on) in (Standing.EXPIRED, Standing.WITHDRAWN):
            continue
        found.setdefault(link.item, []).append(_piece(row, row.kept[0]))
    return found


def _piece(row: Evidence, newest: EvidenceVersion) -> Piece:
    return Piece(
        version_id=newest.id,
        evidence_id=row.id,
        title=row.title,
        kind=row.kind,
        counts_as=table().one(row.kind).counts_as,
        sha256=newest.sha256,
        size=newest.size,
        content_type=newest.content_type,
        valid_until=newest.valid_until,
    )


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item with what it lacks (评分项与齐缺)."""

    item: Item
    lack: Lack
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All items of a scheme with the evidence that stands for them (材料对照表)."""

    scheme: str
    name: str
    areas: Sequence[tuple[Area, Sequence[ItemRow]]]

    @property
    def rows(self) -> list[ItemRow]:
        """All items (全部评分项)."""
        return [row for _, rows in self.areas for row in rows]

    @property
    def asked(self) -> int:
        """How many items ask for files (要材料的项数)."""
        return sum(1 for row in self.rows if row.lack.rows)

    @property
    def complete(self) -> int:
        """How many of them have all (齐的项数)."""
        return sum(1 for row in self.rows if row.lack.rows and not row.lack.short)

    def one(self, item: str) -> ItemRow | None:
        """The row of an item (某项)."""
        return next((row for row in self.rows if row.item.id == item), None)


def sheet(site_id: UUID, scheme: str, on: date, *, seen_by: Actor) -> Sheet:
    """Items of a scheme's newest edition with the evidence of a site (材料对照表)."""
    shape = editor.newest(scheme, path=providers.site(site_id, seen_by=seen_by).scope_path, on=on).shape
    there = for_items(site_id, scheme, on, seen_by=seen_by)
    areas = [
        (
            area,
            [
                ItemRow(
                    item,
                    lack(item.evidence, (piece.counts_as for piece in there.get(item.id, ()))),
                    there.get(item.id, ()),
                )
                for item in area.items
            ],
        )
        for area in shape.areas
    ]
    return Sheet(scheme, shape.name, areas)


# --- the list ---------------------------------------------------------------------------------------------------------


def vault(*, seen_by: Actor, site_id: UUID | None = None) -> Select[Evidence]:
    """The vault's rows that somebody may see (材料)."""
    query = visible(Evidence, to=seen_by).options(joinedload(Evidence.site))
    return query.where(Evidence.site_id == site_id) if site_id is not None else query


def size_shown(size: int) -> str:
    """A size as people read it (大小): 3.1 MB, 820 KB."""
    return f"{size / MB:,.1f} MB" if size >= MB else f"{max(1, size >> 10)} KB"


def vault_list(on: date, endpoint: str) -> ListSpec[Evidence]:
    """The list of the vault (材料清单). `endpoint` is the page of one piece."""
    kinds = [(each.code, each.label) for each in table().kinds]
    words = dict(kinds)

    def status(row: Evidence) -> Standing:
        return standing(row.state, row.valid_until, on)

    return ListSpec(
        columns=[
            Column("title", "材料", lambda e: e.title, sort="title", href=lambda e: url_for(endpoint, evidence_id=e.id)),
            Column("standing", "状态", lambda e: status(e).label, tone=lambda e: status(e).tone),
            Column("kind", "种类", lambda e: words.get(e.kind, e.kind)),
            Column("site", "网点", lambda e: e.site.name),
            Column("valid_until", "有效期至", lambda e: e.valid_until, sort="until"),
            Column("items", "用在", lambda e: _used(e)),
            Column("versions", "版本", lambda e: e.versions, number=True),
            Column("size", "大小", lambda e: size_shown(e.size), sort="size", number=True),
        ],
        filters=[
            Filter("q", "材料名称", lambda q, v: q.where(Evidence.title.contains(v, autoescape=True))),
            Filter("kind", "种类", lambda q, v: q.where(Evidence.kind == v), FilterKind.CHOICE, kinds),
            Filter("until", "有效期早于", lambda q, v: q.where(Evidence.valid_until <= v), FilterKind.DATE),
            Filter(
                "state",
                "在用或撤下",
                lambda q, v: q.where(Evidence.state == v),
                FilterKind.CHOICE,
                [(each.value, each.label) for each in EvidenceState],
                primary=False,
            ),
        ],
        sorts=[
            Sort("changed", "更新时间", Evidence.changed_at, up="旧的在前", down="新的在前"),
            Sort("title", "名称", Evidence.title, up="顺序", down="倒序"),
            Sort("until", "有效期", Evidence.valid_until, nullable=True, up="先到期的在前", down="后到期的在前"),
            Sort("size", "大小", Evidence.size, up="小的在前", down="大的在前"),
        ],
        default_sort="-changed",
        tie=Evidence.id,
    )


def _used(row: Evidence) -> str:
    count = sum(1 for link in row.links if link.removed_at is None)
    return f"{count} 个评分项" if count else "未对应评分项"


def used_for(row: Evidence, *, on: date) -> list[tuple[str, str, str]]:
    """The items that a piece stands for (用在哪些评分项): scheme, item, and both in words."""
    known = editor.domestic(path=row.scope_path, on=on)
    found = []
    for link in row.links:
        if link.removed_at is None:
            shape = known[link.scheme].shape if link.scheme in known else None
            title = next((i.title for i in shape.items if i.id == link.item), link.item) if shape else link.item
            found.append((link.scheme, link.item, f"{shape.name if shape else link.scheme}：{title}"))
    return found


def sites_with_vault(*, seen_by: Actor) -> Sequence[Site]:
    """The provider's own sites, by name (本机构网点)."""
    return db.session.scalars(visible(Site, to=seen_by).order_by(Site.pinyin).limit(200)).all()
