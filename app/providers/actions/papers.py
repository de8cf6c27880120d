"""Verbs on papers (证照材料办理): attach, take back, remind."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.archive import actions as archive
from app.archive.rules import BlobKind
from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import CleanUpload
from app.providers import events, queries
from app.providers.models import SitePaper
from app.providers.rules import PaperKind, PaperState
from app.providers.rules.filings import EDITABLE
from app.providers.rules.papers import alert_stage, check_paper


def attach_paper(
    site_id: UUID,
    kind: PaperKind,
    *,
    upload: CleanUpload | None = None,
    filing_id: UUID | None = None,
    replaces: UUID | None = None,
    number: str | None = None,
    issuer: str | None = None,
    issued_on: date | None = None,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> SitePaper:
    """Attach a paper to a filing, or keep it with its expiry (上传材料). The version it replaces stays."""
    site = queries.site(site_id, seen_by=by)
    check_paper(kind, issued_on, valid_until)
    if filing_id is not None:
        _check_editable(filing_id, site.id, by)
    if replaces is not None:
        old = queries.paper(replaces, seen_by=by, lock=True)
        if old.site_id != site.id or old.kind is not kind or old.state is not PaperState.CURRENT:
            raise Refused("paper.replaced", "要更新的材料已经更新过，请刷新页面。")
        old.state = PaperState.REPLACED
    blob = archive.keep_blob(upload, of=site, kind=BlobKind.PAPER, by=by, at=at, on=on) if upload else None
    row = SitePaper(
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        filing_id=filing_id,
        kind=kind,
        state=PaperState.CURRENT,
        number=number,
        issuer=issuer,
        issued_on=issued_on,
        valid_until=valid_until,
        blob_id=blob.id if blob else None,
        file_name=upload.original_name_shown if upload else None,
        entered_by=by.id,
        entered_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.PaperAttached(subject=row.id, by=by.id, on=on, site_id=site.id, kind=kind))
    return row


def _check_editable(filing_id: UUID, site_id: UUID, by: Actor) -> None:
    filing = queries.filing(filing_id, seen_by=by)
    if filing.site_id != site_id or filing.state not in EDITABLE:
        raise Refused("filing.sent", "这件备案已经提交，不能再改材料；要补充请先撤回，或等待退回补正。")


def withdraw_paper(paper_id: UUID, *, by: Actor, on: date) -> None:
    """Take a paper back from a filing that is still being written (撤下材料)."""
    paper = queries.paper(paper_id, seen_by=by, lock=True)
    if paper.filing_id is None:
        raise Refused("paper.kept", "证照材料不能撤下，请上传新的一份来更新。")
    _check_editable(paper.filing_id, paper.site_id, by)
    paper.state = PaperState.REPLACED
    db.session.flush()
    audit.record(events.PaperWithdrawn(subject=paper.id, by=by.id, on=on, site_id=paper.site_id))


def announce_paper(paper_id: UUID, *, by: Actor, on: date) -> None:
    """Remind of a paper that runs out (证照到期提醒), once a step of 90, 60, 30, 7, 0 days. Safe to run twice."""
    paper = queries.paper(paper_id, seen_by=by, lock=True)
    if paper.valid_until is None or paper.state is not PaperState.CURRENT:
        return
    stage = alert_stage(paper.kind, paper.valid_until, on)
    if stage is None or (paper.reminded is not None and paper.reminded <= stage):
        return
    paper.reminded = stage
    db.session.flush()
    audit.record(events.PaperExpiring(subject=paper.id, by=by.id, on=on, site_id=paper.site_id, kind=paper.kind, days=stage))
