"""Papers of the list are issued (出具名单文书): numbered, gathered from the entry, handed to the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from flask import current_app

from app.archive import actions as archive
from app.archive.models import Document
from app.archive.rules import DocumentKind, Retention
from app.core import calendar, numbers
from app.core.actor import Actor
from app.core.working_days import Due
from app.credit.documents.listing import PATTERNS, Issuer, ListingPaper, Section
from app.credit.models.listing import ListEntry
from app.credit.queries import listing as queries
from app.credit.rules.listing import Measure, SubjectKind
from app.inspections.queries import papers as words_of
from app.inspections.rules.papers import number_of
from app.regions import queries as regions

DEMO_MARK = "演示"


def _mark() -> str:
    return DEMO_MARK if current_app.extensions["settings"].is_demo else ""


def take_number(authority_id: UUID, kind: DocumentKind, on: date) -> str:
    """The next number of a paper (取文书号), in the issuing transaction."""
    n = numbers.take(authority_id, f"paper.{kind.value}", on.year)
    return number_of(PATTERNS[kind], word=regions.authority(authority_id).number_word, year=on.year, n=n)


def _issuer(authority_id: UUID) -> Issuer:
    words = words_of.words(authority_id)
    return Issuer(
        authority=words.authority.name,
        seal_text=words.seal_text,
        contact=words.contact,
        phone=words.phone,
        address=words.address,
        complaint_phone=words.authority.supervision_phone,
    )


def _subject(row: ListEntry) -> tuple[tuple[str, str], ...]:
    if row.subject_kind is SubjectKind.ORGANISATION:
        return (
            ("当事人", row.subject_name),
            ("统一社会信用代码", row.subject_code),
            ("法定代表人（负责人）", row.legal_representative),
        )
    site = queries.site_of(row)
    number = row.person_number.masked if row.person_number else "未登记"
    kind = row.person_id_type.label if row.person_id_type else "证件"
    return (("当事人", row.subject_name), (f"{kind}号码", number), ("所在机构", site.organisation.name))


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _term(row: ListEntry, key: str, on: date) -> tuple[int, str]:
    """A number of days or months with the mark of its standing (期限及其可信程度)."""
    claim = regions.setting(row.scope_path, key, on)
    assert isinstance(claim.value, int)
    return claim.value, "" if claim.confidence.publishable_as_law else f"（{claim.confidence.label}）"


def _hand_over(
    row: ListEntry,
    kind: DocumentKind,
    number: str,
    *,
    opening: str,
    rows: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    heading: str = "",
    authority_id: UUID | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> Document:
    issuer = authority_id or row.authority_id
    paper = ListingPaper(
        kind=kind,
        number=number,
        issuer=_issuer(issuer),
        issued_on=on,
        addressee=row.subject_name,
        rows=(*_subject(row), *rows),
        opening=opening,
        sections=tuple(sections),
        mark=_mark(),
        heading=heading,
    )
    years = regions.number_set(row.scope_path, "archive.penalty", on)
    retention = Retention.TEN if years <= 10 else Retention.THIRTY if years <= 30 else Retention.PERMANENT
    return archive.issue(paper, kind=kind, of=row, authority_id=issuer, about=row.id, retention=retention, by=by, at=at, on=on)


def issue_notice(row: ListEntry, *, by: Actor, at: datetime, on: date) -> str:
    """Issue the notice before a decision (出具事先告知书): facts, ground, basis, the right to be heard. Returns its number."""
    number = take_number(row.authority_id, DocumentKind.LIST_NOTICE, on)
    days, mark = _term(row, "credit.defence", on)
    assert row.publication_class is not None
    _hand_over(
        row,
        DocumentKind.LIST_NOTICE,
        number,
        opening=f"本机关拟将你（单位）列入{row.list_name}，现将事实、理由、依据和你（单位）享有的权利告知如下。",
        rows=(
            ("列入情形", row.ground_text),
            ("依据", row.basis),
            ("拟定分类", row.publication_class.label),
            ("适用范围", row.reach),
        ),
        sections=(
            Section("事实", (row.facts,)),
            Section("拟作出的决定", (f"列入{row.list_name}。{row.proposal or ''}",)),
            Section(
                "陈述和申辩的权利",
                (
                    f"你（单位）可以自收到本告知书之日起{days}个工作日{mark}内，向本机关陈述、申辩，并提交证据。",
                    "陈述、申辩的意见，本机关将予核实并答复；逾期未提出的，视为放弃，本机关将依法作出决定。不因陈述、申辩加重处理。",
                ),
            ),
        ),
        by=by,
        at=at,
        on=on,
    )
    return number


def issue_decision(row: ListEntry, measures: Sequence[Measure], *, by: Actor, at: datetime, on: date) -> None:
    """Issue the decision and the repair notice (出具决定书与信用修复告知书): two papers that are served together."""
    assert row.decision_number is not None
    assert row.repair_notice_number is not None
    assert row.max_end is not None
    assert row.earliest_repair_on is not None
    assert row.publication_class is not None
    review, review_mark = _term(row, "credit.review", on)
    lawsuit, lawsuit_mark = _term(row, "credit.lawsuit", on)
    printed = [
        m.text
        for m in measures
        if m.confidence.publishable_as_law or queries.is_confirmed(row.authority_id, row.table_sha, m.code)
    ]
    shown = f"公布至{_day(row.max_end)}止" if row.class_published else "原则上不公布"
    _hand_over(
        row,
        DocumentKind.LIST_DECISION,
        row.decision_number,
        opening=f"经告知、听取陈述申辩并复核，本机关决定将你（单位）列入{row.list_name}。",
        rows=(
            ("列入情形", row.ground_text),
            ("依据", row.basis),
            ("分类与公布", f"{row.publication_class.label}，{shown}"),
            ("期限依据", row.terms_source or ""),
            ("告知书", f"{row.notice_number}，{_day(row.notice_served_on) if row.notice_served_on else ''}送达"),
        ),
        sections=(
            Section("事实", (row.facts,)),
            Section("陈述申辩和复核", (row.defence_answer or "", row.review_words or "")),
            Section("决定", (row.decision_words or "",)),
            Section("惩戒措施", tuple(f"{n}．{words}" for n, words in enumerate(printed, 1)) or ("依照法律、法规规定执行。",)),
            Section(
                "救济途径",
                (
                    f"不服本决定的，可以自收到本决定书之日起{review}日{review_mark}内申请行政复议，"
                    f"也可以自收到之日起{lawsuit}个月{lawsuit_mark}内提起行政诉讼。",
                ),
            ),
        ),
        by=by,
        at=at,
        on=on,
    )
    _hand_over(
        row,
        DocumentKind.REPAIR_NOTICE,
        row.repair_notice_number,
        opening=f"你（单位）已被列入{row.list_name}（{row.decision_number}）。现将信用修复事项告知如下，本告知书与决定书一并送达。",
        rows=(
            ("决定书", row.decision_number),
            ("最早可以申请", _day(row.earliest_repair_on)),
            ("最迟停止公布", f"{_day(row.max_end)}为最后一日，届时自动停止公布"),
        ),
        sections=(
            Section(
                "申请条件",
                ("最短公示期已满；失信行为已经纠正、义务全部履行；作出信用承诺（材料真实，如有虚假愿承担责任）。",),
            ),
            Section(
                "怎样申请",
                ("登录本平台“名单”页提交移出申请，或者向本机关递交书面申请；全国的信用修复申请窗口是“信用中国”网站。",),
            ),
            Section("办理", _repair_terms(row, on)),
            Section("修复的结果", ("停止公布、停止共享和使用，同时解除惩戒措施。满最短期限只是可以申请，不会自动移出。",)),
        ),
        by=by,
        at=at,
        on=on,
    )


def _repair_terms(row: ListEntry, on: date) -> tuple[str, ...]:
    accept, first = _term(row, "credit.removal_accept", on)
    answer, second = _term(row, "credit.removal_answer", on)
    who = queries.competence(row.scope_path, on).label
    return (f"本机关在{accept}个工作日{first}内决定是否受理，自受理之日起{answer}个工作日{second}内作出决定；由{who}决定。",)


def issue_not_listed(row: ListEntry, *, by: Actor, at: datetime, on: date) -> str:
    """Issue the decision not to list (出具不予列入决定书). Returns its number."""
    number = take_number(row.authority_id, DocumentKind.LIST_NOT_DECISION, on)
    _hand_over(
        row,
        DocumentKind.LIST_NOT_DECISION,
        number,
        opening=f"本机关曾于{_day(row.notice_served_on) if row.notice_served_on else ''}告知拟将你（单位）列入{row.list_name}，经复核决定不予列入。",
        rows=(("告知书", row.notice_number or ""), ("列入情形", row.ground_text)),
        sections=(
            Section("陈述申辩和复核", (row.defence_answer or "", row.review_words or "")),
            Section("决定", (row.end_reason or "",)),
        ),
        by=by,
        at=at,
        on=on,
    )
    return number


def issue_repair_answer(
    row: ListEntry, number: str, *, approved: bool, answer: str, applied_on: date, by: Actor, at: datetime, on: date
) -> None:
    """Issue the answer to an application for removal (出具移出申请决定书), in the name of the bureau that decides."""
    _hand_over(
        row,
        DocumentKind.REPAIR_DECISION,
        number,
        heading="移出名单决定书" if approved else "不予移出决定书",
        opening=f"你（单位）于{_day(applied_on)}申请移出{row.list_name}，经审查，决定{'予以移出' if approved else '不予移出'}。",
        rows=(("列入决定书", row.decision_number or ""), ("列入情形", row.ground_text)),
        sections=(
            Section("理由", (answer,)),
            Section(
                "效力",
                (
                    "自本决定作出之日起停止公布、停止共享和使用，惩戒措施同时解除。"
                    if approved
                    else "名单继续有效；条件具备后可以再次申请。",
                ),
            ),
        ),
        authority_id=by.authority_id,
        by=by,
        at=at,
        on=on,
    )


def issue_annulment(row: ListEntry, number: str, *, by: Actor, at: datetime, on: date) -> None:
    """Issue the annulment (出具撤销列入决定书): as if it had never been; taken off at once, the reason made public."""
    _hand_over(
        row,
        DocumentKind.LIST_ANNULMENT,
        number,
        opening=f"本机关决定撤销{row.decision_number or ''}。",
        rows=(("撤销的决定", row.decision_number or ""), ("列入情形", row.ground_text)),
        sections=(
            Section("理由", (row.end_reason or "",)),
            Section("效力", ("列入自始无效，立即停止公布并公开说明理由，惩戒措施同时解除。",)),
        ),
        by=by,
        at=at,
        on=on,
    )


def working_days(row: ListEntry, key: str, start: date, on: date) -> tuple[int, str, Due]:
    """A term of working days set for the place (工作日期限): its number, its source in words, its last day."""
    claim = regions.setting(row.scope_path, key, on)
    assert isinstance(claim.value, int)
    return claim.value, claim.source, calendar.calendar().add_working_days(start, claim.value)
