"""Questions about papers (文书查询): an authority's words, what was issued about a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from app.accounts.models import Account
from app.archive.models import Document
from app.archive.rules import DocumentKind, Retention
from app.core.actor import Actor
from app.core.db import db
from app.core.scope import visible
from app.inspections.models import InspectionReport, PaperWords
from app.inspections.rules.papers import CONSEQUENCE, OBJECTION, PATTERNS, REPORT_BACK, Paper
from app.providers.models import SiteFact
from app.regions import queries as regions
from app.regions.models import Authority


@dataclass(frozen=True, slots=True)
class Words:
    """The words in force for an authority's papers (生效的文书用语)."""

    authority: Authority
    titles: Mapping[str, str]
    patterns: Mapping[str, str]
    seal_text: str
    contact: str
    phone: str
    address: str
    report_back: str
    consequence: str
    remedies: str

    def pattern(self, paper: Paper) -> str:
        """The number pattern of a paper (文书号格式)."""
        return self.patterns.get(paper.value) or PATTERNS[paper]

    def heading(self, paper: Paper) -> str | None:
        """The authority's own title of a paper (文书名称), or None for the usual one."""
        return self.titles.get(paper.value) or None


def words_row(authority_id: UUID, *, lock: bool = False) -> PaperWords | None:
    """What an authority set itself, if anything (本机关文书用语)."""
    query = select(PaperWords).where(PaperWords.authority_id == authority_id)
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def words(authority_id: UUID) -> Words:
    """The words in force for an authority (生效的文书用语): its own, else the platform's."""
    row = words_row(authority_id) or PaperWords(titles={}, patterns={})
    authority = regions.authority(authority_id)
    return Words(
        authority=authority,
        titles=row.titles,
        patterns=row.patterns,
        seal_text=row.seal_text or authority.seal_text,
        contact=row.contact or "",
        phone=row.phone or authority.supervision_phone,
        address=row.address or regions.full_name(authority.path),
        report_back=row.report_back or REPORT_BACK,
        consequence=row.consequence or CONSEQUENCE,
        remedies=row.remedies or OBJECTION,
    )


def retention(path: str, on: date) -> Retention:
    """How long inspection files are kept here (检查档案保管期限): the place's setting, the next longer class."""
    years = regions.number_set(path, "archive.inspection", on)
    return Retention.TEN if years <= 10 else Retention.THIRTY if years <= 30 else Retention.PERMANENT


def issued(subject: UUID, kind: DocumentKind, *, seen_by: Actor) -> Document | None:
    """The newest document of a kind about something (最近出具的文书), or None."""
    query = visible(Document, to=seen_by).where(Document.subject == subject, Document.kind == kind)
    return db.session.scalars(query.order_by(Document.created_at.desc()).limit(1)).one_or_none()


def report(task_id: UUID, *, seen_by: Actor, lock: bool = False) -> InspectionReport | None:
    """The newest report of a task (检查报告)."""
    query = visible(InspectionReport, to=seen_by).where(InspectionReport.task_id == task_id)
    query = query.order_by(InspectionReport.edition.desc()).limit(1)
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def names(account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of accounts by id (姓名)."""
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(account_ids)))
    return {row.id: row.name for row in rows}


def beds(site_id: UUID, on: date, *, seen_by: Actor) -> int | None:
    """The beds registered on a day (核定床位), None when nobody said."""
    query = (
        visible(SiteFact, to=seen_by)
        .where(SiteFact.site_id == site_id, SiteFact.key == "beds", SiteFact.as_of <= on)
        .order_by(SiteFact.as_of.desc(), SiteFact.entered_at.desc())
        .limit(1)
    )
    row = db.session.scalars(query).one_or_none()
    return row.value if row is not None and isinstance(row.value, int) else None


def report_numbered(number: str, task_id: UUID, *, seen_by: Actor) -> InspectionReport:
    """The report of a task that bears a number, as report or as its published version (按文书号查报告)."""
    query = visible(InspectionReport, to=seen_by).where(
        InspectionReport.task_id == task_id,
        or_(InspectionReport.number == number, InspectionReport.public_number == number),
    )
    return db.session.scalars(query).one()
