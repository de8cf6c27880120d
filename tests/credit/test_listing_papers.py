"""The papers of the list on real parts (名单文书): rendered, signed, archived; what they say and what they never say."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.archive import queries as archive
from app.archive.models import Document
from app.archive.rules import DocumentKind, DocumentState, Retention
from app.core import clock, outbox
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.pdf.verify import attached_data
from app.core.web import Songjian
from app.credit.actions import listing
from app.credit.models.listing import ListEntry
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import EntryState
from app.wiring import ERRANDS
from tests.credit.listing_world import a_bureau, a_person, an_entry, repair
from tests.providers.builders import a_filed_site


@pytest.fixture
def at_work(archive_app: Songjian) -> Iterator[Songjian]:
    settings = archive_app.extensions["settings"]  # the papers' days lie in the past, a lock must end in the future
    archive_app.extensions["settings"] = settings.model_copy(update={"archive_lock_days": 2000})
    with archive_app.app_context(), acting(SYSTEM):
        yield archive_app
        db.session.rollback()


def papers_of(row: ListEntry) -> dict[DocumentKind, Document]:
    rows = db.session.scalars(select(Document).where(Document.subject == row.id).order_by(Document.created_at))
    return {paper.kind: paper for paper in rows}


def inside(pdf: bytes) -> bytes:
    (data,) = attached_data(pdf).values()
    return data


@pytest.mark.slow
def test_the_papers_are_archived_signed_and_carry_their_data(at_work: Songjian) -> None:
    site = a_filed_site(on=date(2026, 2, 2))
    people = a_bureau(site)
    row = an_entry(site, people, EntryState.PUBLISHED, publication_class=PublicationClass.GENERAL, decided_on=date(2026, 4, 30))
    repair(row, people)
    db.session.commit()
    outbox.defer(clock.now() + timedelta(days=9), but=[paper.id for paper in papers_of(row).values()])
    db.session.commit()
    while outbox.work_one(ERRANDS):
        pass
    papers = papers_of(row)
    assert set(papers) == {
        DocumentKind.LIST_NOTICE, DocumentKind.LIST_DECISION, DocumentKind.REPAIR_NOTICE, DocumentKind.REPAIR_DECISION,
    }  # fmt: skip
    for paper in papers.values():
        assert paper.state is DocumentState.ARCHIVED, paper.kind
        assert paper.retention is Retention.THIRTY
        pdf = archive.document_bytes(paper.id, seen_by=SYSTEM)
        data = json.loads(inside(pdf))
        if folder := os.environ.get("KEEP_PAPERS"):
            Path(folder, f"{paper.kind}.pdf").write_bytes(pdf)
        assert data["number"] == paper.number
        assert data["addressee"] == row.subject_name
    said = json.loads(inside(archive.document_bytes(papers[DocumentKind.REPAIR_NOTICE].id, seen_by=SYSTEM)))
    rows = dict(said["rows"])
    assert rows["决定书"] == row.decision_number
    assert rows["最早可以申请"] == "2026年7月31日"
    assert rows["最迟停止公布"].startswith("2027年4月30日")


def test_a_paper_prints_no_unverified_measure_and_no_whole_number(db_session: object) -> None:
    with acting(SYSTEM):
        site = a_filed_site(on=date(2026, 2, 2))
        people = a_bureau(site)
        listing.confirm_ground(
            "grounds_mca103", "rating_bar", against="演示，未与正式文本核对", by=people.head, on=date(2026, 2, 2)
        )
        row = an_entry(
            site,
            people,
            EntryState.SERVED,
            ground_code="M-02",
            organisation=False,
            persons=[a_person("示例·张三丰", "11010519491231002X")],
        )
        papers = papers_of(row)
        decision = papers[DocumentKind.LIST_DECISION]
        text = decision.facts.decode() + decision.page
    assert "110***********002X" in text
    assert "11010519491231002X" not in text
    assert "等级评定" in text, "the authority confirmed it"
    assert "停止享受补贴" not in text, "from memory, not confirmed"
    assert "年度抽查比例" not in text, "the platform's own default is no law"
    assert "60日" in text
    assert "6个月（平台默认）" in text
