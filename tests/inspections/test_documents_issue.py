"""The papers of an inspection on real parts (检查文书): rendered, signed, archived; the data inside equals the database."""

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
from app.archive.rules import DocumentKind, DocumentState
from app.core import clock, outbox
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.outbox import Outbox
from app.core.pdf.sign import DemoAuthority
from app.core.pdf.verify import attached_data, verify
from app.core.refusal import Refused
from app.core.web import Songjian
from app.inspections.actions import orders, papers, tasks
from app.inspections.documents import gathering
from app.inspections.queries import papers as paper_queries
from app.inspections.rules.papers import PATTERNS, Paper, ServiceWay, check_pattern, number_of
from app.inspections.rules.task import TaskKind
from app.wiring import ERRANDS
from tests.inspections import closing, field
from tests.inspections.closing import HAZARD, PLAIN, Closing
from tests.inspections.field import AT, ON


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda wrong: wrong.code == code)


@pytest.fixture
def at_work(archive_app: Songjian) -> Iterator[Songjian]:
    with archive_app.app_context(), acting(SYSTEM):
        yield archive_app
        db.session.rollback()


@pytest.fixture
def c(db_session: object) -> Iterator[Closing]:
    with acting(SYSTEM):
        yield closing.a_closing()


def documents() -> list[Document]:
    return list(db.session.scalars(select(Document).order_by(Document.created_at, Document.number)))


def an_inspection_with_every_paper(c: Closing) -> None:
    """Notice, record, order, re-check sheet, report, published version: all from verbs."""
    early = field.a_planned_task(c.place, kind=TaskKind.DAILY, planned_on=date(2026, 12, 1))
    tasks.approve_task(early.id, item_published=True, by=c.head, on=ON)
    tasks.serve_notice(early.id, way="直接送达", by=c.handler, on=ON)
    row = closing.a_closed_task(c, photo=True, refuses=True, **{PLAIN: "not_met", HAZARD: "not_met", "G_5_4": "not_met"})
    order = closing.an_order(c, row)
    orders.serve_order(order.id, way=ServiceWay.DIRECT, receiver="示例·王", served_at=AT, by=c.handler, at=AT, on=ON)
    with acting(c.reviewer):
        papers.issue_report(row.id, advice=["轮椅固定存放位置并张贴标识"], by=c.reviewer, at=AT, on=ON)
    tasks.publish_result(row.id, by=c.who(c.place.publisher), on=ON)
    finding = closing.the_finding(row, PLAIN)
    # The report tells how things stood on its day; what is compared with the rows is compared before they move on.
    compare_with_the_rows()
    closing.reported(c, finding)
    closing.rechecked(c, closing.an_assigned_recheck(c, finding))
    compare_with_the_rows(DocumentKind.RECHECK, DocumentKind.ORDER, DocumentKind.ONSITE_RECORD, DocumentKind.NOTICE)


def compare_with_the_rows(*only: DocumentKind) -> None:
    for document in documents():
        if not only or document.kind in only:
            facts = gathering.again(document, mark=papers.mark(), seen_by=SYSTEM)
            assert facts.to_json_bytes() == document.facts, document.kind


@pytest.mark.slow
def test_every_paper_is_rendered_signed_archived_and_equals_the_database(at_work: Songjian) -> None:
    an_inspection_with_every_paper(closing.a_closing())
    db.session.commit()
    while outbox.work_one(ERRANDS):
        pass
    assert db.session.scalars(select(Outbox.trouble).where(Outbox.trouble.is_not(None))).all() == []
    found = documents()
    assert sorted((d.kind.value, d.public) for d in found) == [
        ("notice", False), ("onsite_record", False), ("order", False), ("recheck", False), ("report", False), ("report", True),
    ]  # fmt: skip
    roots = DemoAuthority.create(Path(at_work.extensions["settings"].signing_folder), now=clock.now()).trust_roots()
    for document in found:
        assert document.state is DocumentState.ARCHIVED
        pdf = archive.document_bytes(document.id, seen_by=SYSTEM)
        (inside,) = attached_data(pdf).values()
        assert inside == document.facts
        assert verify(pdf, roots).genuine
        if folder := os.environ.get("KEEP_PAPERS"):
            Path(folder, f"{document.kind}{'-public' if document.public else ''}.pdf").write_bytes(pdf)
    compare_with_the_rows(DocumentKind.RECHECK, DocumentKind.ORDER, DocumentKind.ONSITE_RECORD, DocumentKind.NOTICE)


def test_the_published_version_names_nobody(c: Closing) -> None:
    row = closing.a_closed_task(c, photo=True, **{PLAIN: "not_met"})
    closing.an_order(c, row)
    tasks.publish_result(row.id, by=c.who(c.place.publisher), on=ON)
    public = next(d for d in documents() if d.public)
    assert public.images == {}
    told = json.loads(public.facts)
    names = {"示例·王", "示例·周宁", "示例·陈立", "示例·院长", "示例·李", "示00127"}
    assert not [n for n in names if n in public.facts.decode() or n in public.page]
    assert told["name"] == "示例·松鹤养老院"
    assert told["result"] == "发现问题已责令改正"
    # The fact as an inspector wrote it stays inside until an officer confirmed words for the public.
    assert "轮椅" not in public.page
    assert told["problems"][0]["text"].startswith("不符合检查要求")


def test_a_refused_signature_stands_in_the_record_with_reason_and_witness(c: Closing) -> None:
    row = closing.a_signed_task(c, refuses=True, **{PLAIN: "not_met"})
    told = json.loads(documents()[0].facts)
    assert [s["role"] for s in told["signatures"]] == ["检查人员", "检查人员", "被检查单位", "见证人"]
    assert told["signatures"][2]["remark"] == "拒绝签字：对第1项有异议"
    assert "拒绝签字，理由：对第1项有异议" in told["confirmation"]
    assert told["findings"][0]["fact"] == "示例·二层东侧通道堆放轮椅3辆"
    assert row.ended_at is not None


def test_a_draft_hazard_carries_no_result_and_a_pending_clause_is_not_printed(c: Closing) -> None:
    closing.a_signed_task(c, H_21="not_met", G_5_4="not_met")
    told = json.loads(documents()[0].facts)
    by_code = {h["code"]: h for h in told["hazards"]}
    assert by_code["H-21"]["result"] == ""
    assert by_code["H-06"]["result"] == "未发现"
    items = {i["code"]: i for i in told["items"]}
    assert items["G-5.4"]["basis"]["clause"] == ""
    assert items["G-4.2"]["basis"]["clause"] == " 4.2"


def test_a_report_comes_after_the_orders_and_is_corrected_by_another(c: Closing) -> None:
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    give = {"at": AT, "on": ON}
    with refused("report.not_ordered"):
        papers.issue_report(row.id, by=c.reviewer, **give)
    closing.an_order(c, row)
    first = papers.issue_report(row.id, by=c.reviewer, **give)
    with refused("report.correction_reason"):
        papers.issue_report(row.id, by=c.head, **give)
    with refused("report.correction_own"):
        papers.issue_report(row.id, correction_reason="床位数有误", by=c.reviewer, **give)
    second = papers.issue_report(row.id, correction_reason="床位数有误", by=c.head, **give)
    assert (first.edition, second.edition) == (1, 2)
    assert first.number != second.number
    assert len([d for d in documents() if d.kind is DocumentKind.REPORT]) == 2


def test_no_report_before_closing(c: Closing) -> None:
    row = closing.a_signed_task(c)
    with refused("report.not_closed"):
        papers.issue_report(row.id, by=c.reviewer, at=AT, on=ON)


def test_an_authority_words_and_numbers_its_own_papers(c: Closing) -> None:
    give = {"by": c.head, "at": AT, "on": ON}
    own = {Paper.ORDER: "{word}整通字〔{year}〕{n}号"}
    with refused("words.other_authority"):
        papers.set_words(field.a_department_authority(field.Department.FIRE).id, titles={}, patterns=own, **give)
    with refused("words.pattern"):
        papers.set_words(c.place.authority_id, titles={}, patterns={Paper.ORDER: "{word}〔{year}〕号"}, **give)
    papers.set_words(
        c.place.authority_id,
        titles={Paper.ORDER: "责令整改通知书"},
        patterns=own,
        seal_text="示例专用章",
        contact="示例·养老科",
        **give,
    )
    row = closing.a_closed_task(c, **{PLAIN: "not_met"})
    order = closing.an_order(c, row)
    document = paper_queries.issued(order.id, DocumentKind.ORDER, seen_by=SYSTEM)
    assert document is not None
    told = json.loads(document.facts)
    assert order.number == f"{c.place.authority.number_word}整通字〔2026〕1号"
    assert (document.title, told["heading"], told["issuer"]["seal_text"], told["issuer"]["contact"]) == (
        "责令整改通知书", "责令整改通知书", "示例专用章", "示例·养老科",
    )  # fmt: skip


def test_numbers_run_without_gaps_by_kind_and_year(c: Closing) -> None:
    taken = [papers.take_number(c.place.authority_id, paper, day) for paper, day in (
        (Paper.ORDER, ON), (Paper.ORDER, ON), (Paper.RECHECK, ON), (Paper.ORDER, ON + timedelta(days=60)),
    )]  # fmt: skip
    word = c.place.authority.number_word
    assert taken == [
        f"{word}养责改〔2026〕第1号",
        f"{word}养责改〔2026〕第2号",
        f"{word}养复〔2026〕第1号",
        f"{word}养责改〔2027〕第1号",
    ]


@pytest.mark.parametrize(
    "pattern", ["第{n}号", "{year}", "{year}{n}{n}", "{year}{n}{what}", "{year}{n}}", "{{year}}{n}" + "长" * 60]
)
def test_a_pattern_that_cannot_tell_numbers_apart_is_refused(pattern: str) -> None:
    with refused("words.pattern"):
        check_pattern(pattern)


def test_every_pattern_of_the_platform_is_sound() -> None:
    for pattern in PATTERNS.values():
        check_pattern(pattern)
        assert number_of(pattern, word="示和民", year=2026, n=3).endswith("〔2026〕第3号")
