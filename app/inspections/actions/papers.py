"""Verbs of papers (文书办理): number them, gather their facts, hand them to the archive; set an authority's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from flask import current_app

from app.archive import actions as archive
from app.archive.models import Document
from app.archive.rules import DocumentKind
from app.core import audit, numbers
from app.core.actor import Actor
from app.core.db import Scoped, db
from app.core.refusal import Refused
from app.inspections.documents import gathering
from app.inspections.documents.gathering import Gathered, Stamp
from app.inspections.events import findings as events
from app.inspections.models import InspectionReport, InspectionTask, PaperWords
from app.inspections.queries import findings as ledger
from app.inspections.queries import papers, tasks
from app.inspections.rules.papers import Paper, check_pattern, number_of
from app.inspections.rules.task import TaskState

_KINDS: Final[Mapping[Paper, DocumentKind]] = {
    Paper.NOTICE: DocumentKind.NOTICE,
    Paper.ONSITE_RECORD: DocumentKind.ONSITE_RECORD,
    Paper.ORDER: DocumentKind.ORDER,
    Paper.RECHECK: DocumentKind.RECHECK,
    Paper.REPORT: DocumentKind.REPORT,
    Paper.PUBLIC_REPORT: DocumentKind.REPORT,
}
_CLOSED: Final = (TaskState.CLOSED, TaskState.PUBLISHED, TaskState.WITHDRAWN)
DEMO_MARK: Final = "演示"


def mark() -> str:
    """What demo papers carry (演示标记); nothing in earnest."""
    return DEMO_MARK if current_app.extensions["settings"].is_demo else ""


def take_number(authority_id: UUID, paper: Paper, on: date) -> str:
    """The next number of a paper (取文书号), in the authority's own pattern, in the issuing transaction."""
    words = papers.words(authority_id)
    n = numbers.take(authority_id, f"paper.{paper.value}", on.year)
    return number_of(words.pattern(paper), word=words.authority.number_word, year=on.year, n=n)


def hand_over(
    paper: Paper,
    gathered: Gathered,
    *,
    of: Scoped,
    authority_id: UUID,
    about: UUID,
    public: bool = False,
    by: Actor,
    at: datetime,
    on: date,
) -> Document:
    """Hand gathered facts to the archive (文书定稿): the page and its data are frozen now, workers do the rest."""
    return archive.issue(
        gathered.facts,
        kind=_KINDS[paper],
        of=of,
        authority_id=authority_id,
        about=about,
        images=gathered.images,
        retention=papers.retention(of.scope_path, on),
        public=public,
        by=by,
        at=at,
        on=on,
    )


def issue_notice(task_id: UUID, *, by: Actor, at: datetime, on: date) -> Document:
    """Issue the notice of an inspection (出具检查通知书), when it is served."""
    row = tasks.task(task_id, seen_by=by)
    stamp = Stamp(take_number(row.authority_id, Paper.NOTICE, on), on, mark())
    gathered = gathering.notice(task_id, stamp, seen_by=by)
    return hand_over(Paper.NOTICE, gathered, of=row, authority_id=row.authority_id, about=row.id, by=by, at=at, on=on)


def issue_onsite_record(task_id: UUID, *, by: Actor, at: datetime, on: date) -> Document:
    """Issue the on-site record (出具现场检查笔录), when it is concluded: every signature stands on every page."""
    row = tasks.task(task_id, seen_by=by)
    stamp = Stamp(take_number(row.authority_id, Paper.ONSITE_RECORD, on), on, mark())
    gathered = gathering.onsite_record(task_id, stamp, seen_by=by)
    return hand_over(Paper.ONSITE_RECORD, gathered, of=row, authority_id=row.authority_id, about=row.id, by=by, at=at, on=on)


def issue_report(
    task_id: UUID, *, advice: Sequence[str] = (), correction_reason: str = "", by: Actor, at: datetime, on: date
) -> InspectionReport:
    """Issue the inspection report (出具检查报告): after closing, once every problem to be ordered is ordered.

    A second edition corrects the first: with a reason, by another person; the first stays in the archive (S11).
    """
    row = tasks.task(task_id, seen_by=by, lock=True)
    before = papers.report(task_id, seen_by=by)
    _may_report(row, before, correction_reason, by)
    report = InspectionReport(
        scope_path=row.scope_path,
        provider_id=row.provider_id,
        site_id=row.site_id,
        task_id=row.id,
        edition=before.edition + 1 if before else 1,
        number=take_number(row.authority_id, Paper.REPORT, on),
        advice=[a.strip() for a in advice if a.strip()],
        correction_reason=correction_reason.strip(),
        issued_by=by.id,
        corrected_from_by=before.issued_by if before else None,
        issued_on=on,
        issued_at=at,
    )
    db.session.add(report)
    db.session.flush()
    gathered = gathering.report(task_id, report.advice, Stamp(report.number, on, mark()), seen_by=by)
    hand_over(Paper.REPORT, gathered, of=row, authority_id=row.authority_id, about=row.id, by=by, at=at, on=on)
    audit.record(
        events.ReportIssued(subject=row.id, by=by.id, on=on, site_id=row.site_id, edition=report.edition, number=report.number)
    )
    return report


def _may_report(row: InspectionTask, before: InspectionReport | None, reason: str, by: Actor) -> None:
    if row.state not in _CLOSED:
        raise Refused("report.not_closed", f"检查任务“{row.state.label}”，办结后才能出具检查报告")
    if ledger.orderable(row.id, seen_by=by):
        raise Refused("report.not_ordered", "还有问题没有责令改正，请先出具责令改正通知书，再出具检查报告")
    if before is not None and not reason.strip():
        raise Refused("report.correction_reason", f"已出具过检查报告（{before.number}），更正须写明理由")
    if before is not None and before.issued_by == by.id:
        raise Refused("report.correction_own", "更正检查报告须由另一名人员办理，原报告保留在档案中")


def issue_public_report(task_id: UUID, *, by: Actor, at: datetime, on: date) -> Document:
    """Issue the published version (出具检查结果公示) when the result is published; the report itself first, if missing."""
    row = tasks.task(task_id, seen_by=by)
    report = papers.report(task_id, seen_by=by, lock=True) or issue_report(task_id, by=by, at=at, on=on)
    report.public_number, report.public_on = take_number(row.authority_id, Paper.PUBLIC_REPORT, on), on
    db.session.flush()
    stamp = Stamp(report.public_number, on, mark())
    gathered = gathering.public_report(task_id, report.number, stamp, seen_by=by)
    document = hand_over(
        Paper.PUBLIC_REPORT, gathered, of=row, authority_id=row.authority_id, about=row.id, public=True, by=by, at=at, on=on
    )
    audit.record(
        events.PublicReportIssued(
            subject=row.id, by=by.id, on=on, site_id=row.site_id, number=report.public_number, document_id=document.id
        )
    )
    return document


def set_words(
    authority_id: UUID,
    *,
    titles: Mapping[Paper, str],
    patterns: Mapping[Paper, str],
    seal_text: str = "",
    contact: str = "",
    phone: str = "",
    address: str = "",
    report_back: str = "",
    consequence: str = "",
    remedies: str = "",
    by: Actor,
    at: datetime,
    on: date,
) -> PaperWords:
    """Set the words of an authority's own papers (设置文书用语); empty means the platform's. Issued papers stay as they are."""
    if by.authority_id != authority_id:
        raise Refused("words.other_authority", "只能设置本机关的文书用语")
    for pattern in filter(None, patterns.values()):
        check_pattern(pattern)
    row = papers.words_row(authority_id, lock=True)
    if row is None:
        row = PaperWords(authority_id=authority_id, set_by=by.id, set_at=at)
        db.session.add(row)
    row.titles = {p.value: t.strip() for p, t in titles.items() if t.strip()}
    row.patterns = {p.value: t.strip() for p, t in patterns.items() if t.strip()}
    row.seal_text, row.contact, row.phone, row.address = seal_text.strip(), contact.strip(), phone.strip(), address.strip()
    row.report_back, row.consequence, row.remedies = report_back.strip(), consequence.strip(), remedies.strip()
    row.set_by, row.set_at = by.id, at
    db.session.flush()
    audit.record(events.WordsSet(subject=authority_id, by=by.id, on=on, papers=tuple(sorted({*titles, *patterns}))))
    return row
