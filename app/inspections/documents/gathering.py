"""What each paper holds, gathered from the database alone (文书取数): the same rows give the same bytes.

One function a paper. `Stamp` is what the row of the paper itself adds: its number, its day, the demo mark. Nothing here
decides, writes or renders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.archive.models import Document
from app.archive.rules import DocumentKind
from app.core.actor import Actor
from app.core.standards import Confidence
from app.inspections.documents import sheets as s
from app.inspections.models import CorrectionOrder, Finding, InspectionTask, TaskMember
from app.inspections.models import Signature as SignatureRow
from app.inspections.queries import answers as logs
from app.inspections.queries import findings as ledger
from app.inspections.queries import papers, tasks
from app.inspections.queries.answers import Record
from app.inspections.rules.answers import Answer, Kind, Operation
from app.inspections.rules.checklist import Checklist, Department, FrozenItem, Severity, Standing, Ternary
from app.inspections.rules.findings import Basis, FindingDraft, RectificationState
from app.inspections.rules.papers import Paper
from app.inspections.rules.score import Score
from app.inspections.rules.task import MemberRole, ResultCode, SignerRole, TaskSource

RULES: Final = s.Basis.cite("《养老机构行政检查办法》", "", Confidence.VERIFIED)
POWER: Final = s.Basis.cite("《养老机构管理办法》（民政部令第66号）", "第四十六条", Confidence.VERIFIED)
HAZARD_POWER: Final = s.Basis.cite("《中华人民共和国安全生产法》", "第六十五条", Confidence.VERIFIED)
METHODS: Final = "查看记录、现场查看、询问。"
DEMO_CONFIRMATION: Final = "演示"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the paper's own row adds (文书自身要素)."""

    number: str
    on: date
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts with the pictures they name (事实与图片): archive files by the name in the template."""

    facts: s.Sheet
    images: Mapping[str, UUID]


# --- common parts -----------------------------------------------------------------------------------------------------


def _issuer(row: InspectionTask, words: papers.Words) -> s.Issuer:
    lead = next((m for m in row.members if m.role is MemberRole.LEAD), None)
    return s.Issuer(
        authority=words.authority.name,
        contact=words.contact or (lead.name if lead else ""),
        phone=words.phone,
        address=words.address,
        complaint_phone=words.authority.supervision_phone,
        seal_text=words.seal_text,
    )


def _subject(row: InspectionTask, head: str, residents: str, on: date, seen_by: Actor) -> s.Subject:
    site = row.site
    filed = f"{site.filing_number or '已备案'}（{site.filed_on.isoformat()}）" if site.filed_on else "未备案"
    return s.Subject(
        name=site.name,
        credit_code=site.organisation.uscc,
        nature=f"{site.kind.label}，{site.organisation.nature.label}",
        filing=filed,
        address=site.address,
        legal_representative=site.organisation.legal_representative,
        person_in_charge=head or site.manager_name or "",
        beds=papers.beds(site.id, on, seen_by=seen_by),
        residents=int(residents) if residents.isascii() and residents.isdigit() else None,
    )


def _common(
    row: InspectionTask, paper: Paper, stamp: Stamp, seen_by: Actor, *, head: str = "", residents: str = ""
) -> dict[str, Any]:
    words = papers.words(row.authority_id)
    return {
        "number": stamp.number,
        "issued_on": stamp.on,
        "mark": stamp.mark,
        "heading": words.heading(paper),
        "issuer": _issuer(row, words),
        "subject": _subject(row, head, residents, row.ended_on or stamp.on, seen_by),
    }


def _people(row: InspectionTask, *, helpers: bool) -> tuple[s.Officer, ...]:
    team = [m for m in tasks.active_members(row) if (m.role is MemberRole.HELPER) is helpers]
    return tuple(_officer(m) for m in team)


def _officer(m: TaskMember) -> s.Officer:
    other = "" if m.department is Department.CIVIL_AFFAIRS else f"{m.department.label}部门"
    certificate = "" if m.role is MemberRole.HELPER else m.certificate_no
    return s.Officer(name=m.name, certificate=certificate, duty=m.role.label, department=other)


def source_of(row: InspectionTask) -> str:
    """The source of a task in words (任务来源)."""
    return row.source_words or row.source.label


def _field(record: Record, name: str) -> str:
    return record.fold.slot(name, Kind.FIELD).value


def confidence_of(item: FrozenItem) -> Confidence:
    """How sure a paper may be of an item (文书中的可信程度).

    An item that the authority confirmed counts as verified, unless the confirmation says that it was for show: then it is
    asked and counted, but its clause number is not printed.
    """
    if item.standing is not Standing.CONFIRMED or item.confirmed_by is None:
        return item.item.confidence
    shown = item.confirmed_by.compared_with.startswith(DEMO_CONFIRMATION)
    return Confidence.CORROBORATED if shown else Confidence.VERIFIED


def rule_of(checklist: Checklist, item: FrozenItem) -> str:
    """The rule that an item stands on (依据名称)."""
    return next((f"《{e.name}》" for e in checklist.editions if e.code == item.edition_code), "检查表")


def _basis(checklist: Checklist, item: FrozenItem) -> s.Basis:
    return s.Basis.cite(rule_of(checklist, item), f" {item.item.clause}", confidence_of(item))


ANSWERS: Final = {
    Answer.MET: "符合",
    Answer.NOT_MET: "不符合",
    Answer.NOT_APPLICABLE: "不适用",
    Answer.REFERRED: "待研判",
    None: "未查",
}
HAZARD_ANSWERS: Final = ANSWERS | {Answer.MET: "未发现", Answer.NOT_MET: "发现"}


# --- photos -----------------------------------------------------------------------------------------------------------


class _Album:
    """Photos numbered in the order in which a paper shows them (照片编号), with the archive's file of each."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.names = {str(m.account_id): m.name for m in record.task.members}
        self.images: dict[str, UUID] = {}
        self._known: dict[str, s.Photo] = {}

    def of(self, item: str) -> tuple[s.Photo, ...]:
        """The photos of an item that are here (检查项照片)."""
        heads = self.record.fold.slot(item, Kind.PHOTO).heads
        in_order = sorted(heads, key=lambda op: (op.wall_ms + op.offset_ms, op.value))
        return tuple(self._photo(op) for op in in_order if op.value in self.record.photos)

    def _photo(self, op: Operation) -> s.Photo:
        if op.value not in self._known:
            number = len(self._known) + 1
            text = self.record.checklist.by_code[op.item].item.text
            self.images[f"photo-{number}"] = self.record.photos[op.value].blob_id
            self._known[op.value] = s.Photo(
                number=number,
                asset=f"photo-{number}",
                caption=op.reason or text,
                taken_at=_moment(op.wall_ms + op.offset_ms),
                taken_by=self.names.get(op.author_id, ""),
                sha256=op.value,
            )
        return self._known[op.value]


def _moment(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ms // 1000)


def _numbers(photos: Iterable[s.Photo]) -> str:
    return "、".join(str(p.number) for p in photos)


# --- results ----------------------------------------------------------------------------------------------------------


def _fact(record: Record, item: FrozenItem) -> str:
    line = record.fold.slot(item.code, Kind.ANSWER)
    remarks = record.fold.values(item.code, Kind.REMARK)
    reason = line.reason
    if line.state.value == "open" and item.applicability.verdict is Ternary.NO:
        reason = "；".join(item.applicability.reasons)
    return "；".join([*remarks, *([reason] if reason else [])])


def _answer(record: Record, item: FrozenItem) -> Answer | None:
    answer = record.fold.answer(item.code)
    if answer is None and item.applicability.verdict is Ternary.NO:
        return Answer.NOT_APPLICABLE
    return answer


def _items(record: Record, album: _Album) -> tuple[s.ItemResult, ...]:
    return tuple(
        s.ItemResult(
            code=i.code,
            text=i.item.text,
            basis=_basis(record.checklist, i),
            answer=ANSWERS[_answer(record, i)],
            fact=_fact(record, i),
            photos=_numbers(album.of(i.code)),
        )
        for i in record.checklist.items
        if not i.veto
    )


def _hazards(record: Record) -> tuple[s.Hazard, ...]:
    return tuple(_hazard(record, i) for i in record.checklist.items if i.veto)


def _hazard(record: Record, i: FrozenItem) -> s.Hazard:
    confidence = confidence_of(i)
    result = HAZARD_ANSWERS[_answer(record, i)] if confidence.scores else ""
    return s.Hazard(code=i.code, text=i.item.text, confidence=confidence, result=result)


def _draft_finding(n: int, draft: FindingDraft, record: Record, album: _Album) -> s.Finding:
    """A problem as found, before anybody ordered anything: no date is promised in an on-site record."""
    item = record.checklist.by_code[draft.item]
    demand, due_words = {
        Basis.ORDER: (draft.remedy.label, "以责令改正通知书为准"),
        Basis.ADVICE: ("提示改进", "提示改进"),
        Basis.JUDGEMENT: ("提请研判，先行采取安全措施", "提请研判"),
    }[draft.basis]
    return s.Finding(
        number=n,
        item=draft.item,
        fact="；".join(draft.facts) or draft.text,
        basis=(_basis(record.checklist, item),),
        severity=draft.severity.label,
        demand=demand,
        due=None,
        due_words=due_words,
        photos=album.of(draft.item),
    )


def _areas(record: Record) -> tuple[s.AreaResult, ...]:
    found = []
    for area in record.checklist.areas:
        given = [_answer(record, i) for i in record.checklist.items if i.item.area == area.key and i.scores and not i.veto]
        if given:
            found.append(
                s.AreaResult(
                    area=area.label,
                    met=given.count(Answer.MET),
                    not_met=given.count(Answer.NOT_MET),
                    not_applicable=given.count(Answer.NOT_APPLICABLE),
                    unanswered=given.count(None) + given.count(Answer.REFERRED),
                )
            )
    return tuple(found)


def _mandatory(score: Score) -> str:
    m = score.mandatory
    words = {
        Ternary.YES: "是",
        Ternary.NO: f"否（{len(m.not_met)} 项不符合）",
        Ternary.UNKNOWN: "不能得出（没有已核且已答的强制性条款，或尚有未答）",
    }[m.verdict]
    return words + (f"；另有 {len(m.pending)} 项条文待核，未计入" if m.pending else "")


def _checklist_words(checklist: Checklist) -> str:
    return "、".join(f"《{e.name}》{e.edition} 版" for e in checklist.editions)


# --- signatures -------------------------------------------------------------------------------------------------------


def _signatures(record: Record) -> tuple[tuple[s.Signature, ...], dict[str, UUID]]:
    """The signatures under the state that was concluded (签字), officers first; a refusal says why and who witnessed."""
    sha = record.task.signed_sha or record.fold.sha256
    rows = [row for row in record.signatures if row.state_sha == sha]
    newest = {(row.role, row.account_id or row.name): row for row in rows}
    in_order = sorted(newest.values(), key=lambda row: (_RANK[row.role], row.at))
    images: dict[str, UUID] = {}
    shown = []
    for n, row in enumerate(in_order, start=1):
        if row.blob_id is not None:
            images[f"signature-{n}"] = row.blob_id
        shown.append(_signature(row, f"signature-{n}" if row.blob_id else ""))
    return tuple(shown), images


_RANK: Final = {SignerRole.OFFICER: 0, SignerRole.PARTY: 1, SignerRole.WITNESS: 2}


def _signature(row: SignatureRow, image: str) -> s.Signature:
    refused = f"拒绝签字：{row.refused_reason}" if row.refused_reason else ""
    return s.Signature(role=row.role.label, name=row.name, image=image, remark=refused)


def _blank_signatures(officers: Sequence[s.Officer], party: str) -> tuple[s.Signature, ...]:
    return (*(s.Signature(role="检查人员", name=o.name) for o in officers), s.Signature(role=party))


# --- the papers -------------------------------------------------------------------------------------------------------


def notice(task_id: UUID, stamp: Stamp, *, seen_by: Actor) -> Gathered:
    """行政检查通知书, as served."""
    row = tasks.task(task_id, seen_by=seen_by)
    checklist = tasks.checklist(task_id, seen_by=seen_by)
    deliverer = papers.names([row.notice_by])[row.notice_by] if row.notice_by else ""
    facts = s.NoticeFacts(
        **_common(row, Paper.NOTICE, stamp, seen_by),
        basis=(RULES,),
        inspection_type=row.kind.label + ("（部门联合检查）" if row.joint else ""),
        source=source_of(row),
        time_this_year=row.nth_of_year,
        planned=f"{_day(row.planned_on)}起",
        matters=tuple(dict.fromkeys(e.name for e in checklist.editions)),
        methods=METHODS.rstrip("。"),
        officers=_people(row, helpers=False),
        helpers=_people(row, helpers=True),
        papers=(
            "备案回执、登记证书和有关许可证件",
            "安全管理制度、值班和巡查记录",
            "老年人能力评估、服务协议等与检查事项有关的材料",
        ),
        delivery=s.Delivery(way=row.notice_way, deliverer=deliverer),
    )
    return Gathered(facts, {})


def onsite_record(task_id: UUID, stamp: Stamp, *, seen_by: Actor) -> Gathered:
    """现场检查笔录, as signed."""
    record = logs.record(task_id, seen_by=seen_by)
    row, album = record.task, _Album(record)
    assert row.started_at is not None
    assert row.ended_at is not None
    signatures, images = _signatures(record)
    found = tuple(_draft_finding(n, d, record, album) for n, d in enumerate(record.findings, start=1))
    statement, confirmation = _party_words(record)
    officers = _people(row, helpers=False)
    facts = s.OnSiteRecordFacts(
        **_common(
            row,
            Paper.ONSITE_RECORD,
            stamp,
            seen_by,
            head=_field(record, "@on_site_head"),
            residents=_field(record, "@residents_today"),
        ),
        signatures=signatures or _blank_signatures(officers, "被检查单位现场负责人"),
        inspection_type=row.kind.label,
        source=source_of(row),
        time_this_year=row.nth_of_year,
        started_at=row.checked_in_at or row.started_at,
        ended_at=row.ended_at,
        place=row.site.address,
        officers=officers,
        recorder=officers[-1].name if officers else "",
        helpers=_people(row, helpers=True),
        certificates_shown=_field(record, "@credentials_shown") or "检查人员已出示执法证件",
        recusal=_field(record, "@recusal") or "已询问",
        methods=METHODS,
        checklist=_checklist_words(record.checklist),
        items=_items(record, album),
        hazards=_hazards(record),
        findings=found,
        recordings=f"照片 {len(album.images)} 张。" if album.images else "",
        measures=tuple(m for d in record.findings for m in d.measures),
        passed_on=tuple(
            f"{d.item} {d.text}：{d.department.label}部门"
            for d in record.findings
            if d.department is not Department.CIVIL_AFFAIRS
        ),
        statement=statement,
        confirmation=confirmation,
    )
    return Gathered(facts, album.images | images)


def _party_words(record: Record) -> tuple[str, str]:
    """The home's own words, and what it wrote or refused to write under the record (陈述、确认)."""
    sha = record.task.signed_sha
    party = [row for row in record.signatures if row.role is not SignerRole.OFFICER and row.state_sha == sha]
    told = [_field(record, "@party_statement"), _field(record, "@refused_to_sign")]
    written = [f"{row.name}：{row.statement}" for row in party if row.statement]
    refused = [f"{row.name or '现场负责人'}拒绝签字，理由：{row.refused_reason}" for row in party if row.refused_reason]
    return "；".join(w for w in told if w) or "无", "；".join([*written, *refused])


def order(order_id: UUID, stamp: Stamp, *, seen_by: Actor) -> Gathered:
    """责令（限期）改正通知书, as issued; how it was served is told by the receipt, which follows."""
    row = ledger.order(order_id, seen_by=seen_by)
    record = logs.record(row.task_id, seen_by=seen_by)
    task, album = record.task, _Album(record)
    words = papers.words(row.authority_id)
    by_id = {str(f.id): f for f in ledger.findings_of_task(row.task_id, seen_by=seen_by)}
    demanded = [(by_id[d["finding_id"]], d) for d in row.demands]
    major = any(f.severity is Severity.MAJOR for f, _ in demanded)
    onsite = papers.issued(row.task_id, DocumentKind.ONSITE_RECORD, seen_by=seen_by)
    assert task.started_at is not None
    facts = s.OrderFacts(
        **_common(task, Paper.ORDER, stamp, seen_by, head=_field(record, "@on_site_head")),
        inspected_at=task.checked_in_at or task.started_at,
        place=task.site.address,
        record_number=onsite.number if onsite else "",
        findings=tuple(_demanded(f, d, album) for f, d in demanded),
        power=(POWER, HAZARD_POWER) if major else (POWER,),
        report_back=words.report_back,
        consequence=words.consequence,
        remedies=words.remedies,
        delivery=s.Delivery(),
    )
    return Gathered(facts, album.images)


def _demanded(f: Finding, demand: Mapping[str, Any], album: _Album) -> s.Finding:
    return s.Finding(
        number=demand["number"],
        item=f.item,
        fact=f.fact,
        basis=(s.Basis.cite(f.rule, f" {f.clause}" if f.clause else "", f.confidence),),
        severity=demand["severity"],
        demand=demand["demand"],
        due=date.fromisoformat(demand["due_on"]) if demand["days"] else None,
        photos=album.of(f.item),
    )


def recheck(recheck_id: UUID, stamp: Stamp, *, seen_by: Actor) -> Gathered:
    """整改复查记录: demand, what the home did, what was found again."""
    row = ledger.recheck(recheck_id, seen_by=seen_by)
    record = logs.record(row.task_id, seen_by=seen_by)
    task = record.task
    assert row.rechecked_at is not None
    images: dict[str, UUID] = {}
    officers = tuple(s.Officer(name=o["name"], certificate=o["certificate"], duty="复查人员") for o in row.officers)
    facts = s.RecheckFacts(
        **_common(task, Paper.RECHECK, stamp, seen_by, head=_field(record, "@on_site_head")),
        signatures=(*(s.Signature(role="复查人员", name=o.name) for o in officers), s.Signature(role="被复查单位")),
        order_number=row.order.number if row.order else "未出具通知书",
        rechecked_at=row.rechecked_at,
        place=row.site.address,
        officers=officers,
        rows=tuple(_recheck_row(r, images) for r in row.rows),
        conclusion=row.conclusion,
        statement=row.statement,
    )
    return Gathered(facts, images)


def _recheck_row(r: Mapping[str, Any], images: dict[str, UUID]) -> s.RecheckRow:
    photos = []
    for p in r["photos"]:
        number = len(images) + 1
        images[f"photo-{number}"] = UUID(p["blob_id"])
        photos.append(
            s.Photo(
                number=number,
                asset=f"photo-{number}",
                caption=p["caption"],
                taken_at=datetime.fromisoformat(p["at"]),
                taken_by=p["by"],
                sha256=p["sha256"],
            )
        )
    return s.RecheckRow(
        number=r["number"],
        item=r["item"],
        demand=r["demand"],
        measure=r["measure"],
        evidence=r["evidence"],
        result=r["result"],
        handling=r["handling"],
        new_due=date.fromisoformat(r["new_due"]) if r["new_due"] else None,
        photos=tuple(photos),
    )


def report(task_id: UUID, advice: Sequence[str], stamp: Stamp, *, seen_by: Actor) -> Gathered:
    """养老机构检查报告, the version for the authority and the home, as things stood on the day of issue."""
    record = logs.record(task_id, seen_by=seen_by)
    row, album, score = record.task, _Album(record), record.score
    assert row.started_at is not None
    assert row.ended_at is not None
    rows = ledger.findings_of_task(task_id, seen_by=seen_by)
    onsite = papers.issued(task_id, DocumentKind.ONSITE_RECORD, seen_by=seen_by)
    orders = ledger.orders_of_task(task_id, seen_by=seen_by)
    officers = _people(row, helpers=False)
    facts = s.ReportFacts(
        **_common(
            row,
            Paper.REPORT,
            stamp,
            seen_by,
            head=_field(record, "@on_site_head"),
            residents=_field(record, "@residents_today"),
        ),
        signatures=tuple(s.Signature(role="检查人员", name=o.name) for o in officers),
        basis=(RULES,),
        inspection_type=row.kind.label + ("（部门联合检查）" if row.joint else ""),
        source=source_of(row),
        time_this_year=row.nth_of_year,
        started_at=row.checked_in_at or row.started_at,
        ended_at=row.ended_at,
        notice=f"检查通知书 {_day(row.notice_on)}送达" if row.notice_on else "未提前通知",
        officers=officers,
        helpers=_people(row, helpers=True),
        drawn=_drawn(row),
        course=_course(record),
        checklist=_checklist_words(record.checklist),
        areas=_areas(record),
        mandatory_met=_mandatory(score),
        hazards=_hazards(record),
        findings=tuple(_reported(f, album) for f in rows),
        handling=_handling(rows, orders),
        recheck=_recheck_words(rows, row, stamp.on),
        advice=tuple(advice),
        annexes=("检查项目表", *((f"现场检查笔录（{onsite.number}）",) if onsite else ())),
        items=_items(record, album),
    )
    return Gathered(facts, album.images)


def _drawn(row: InspectionTask) -> str:
    return f"{source_of(row)}，抽取记录可在公示页复算" if row.source is TaskSource.DRAW else "非随机抽取"


def _course(record: Record) -> str:
    arrived = record.task.check_in_way
    items = sum(not i.veto for i in record.checklist.items)
    return (
        f"检查人员到场登记（{arrived.label if arrived else '未登记'}），出示执法证件，告知权利义务，询问是否申请回避。"
        f"采取{METHODS.rstrip('。')}方式检查 {items} 项，核对重大事故隐患情形 {len(record.checklist.items) - items} 项，"
        f"附照片 {len(record.photos)} 张。"
    )


def _reported(f: Finding, album: _Album) -> s.Finding:
    return s.Finding(
        number=f.number,
        item=f.item,
        fact=f.fact,
        basis=(s.Basis.cite(f.rule, f" {f.clause}" if f.clause else "", f.confidence),),
        severity=f.severity.label,
        demand=f.demand or f.basis.label,
        due=f.due_on if f.due_on != f.ordered_on else None,
        due_words=None if f.order_id else f.state.label if f.basis is Basis.ORDER else f.basis.label,
        photos=album.of(f.item),
    )


def _handling(rows: Sequence[Finding], orders: Sequence[CorrectionOrder]) -> tuple[str, ...]:
    numbers = {o.id: o.number for o in orders}
    lines = []
    for order_id, number in numbers.items():
        mine = [f for f in rows if f.order_id == order_id]
        if mine:
            lines.append(f"对第{_listed(mine)}项责令改正，通知书 {number}，各项期限见上表")
    for words, chosen in (
        ("提示改进，不作责令", [f for f in rows if f.basis is Basis.ADVICE]),
        ("提请研判，结论另行告知", [f for f in rows if f.basis is Basis.JUDGEMENT and f.state is RectificationState.OPEN]),
        ("已移送有权部门处理", [f for f in rows if f.state is RectificationState.TRANSFERRED]),
    ):
        if chosen:
            lines.append(f"第{_listed(chosen)}项{words}")
    return tuple(lines)


def _listed(rows: Sequence[Finding]) -> str:
    return "、".join(str(f.number) for f in rows)


def _recheck_words(rows: Sequence[Finding], row: InspectionTask, on: date) -> str:
    if not any(f.order_id for f in rows):
        return ""
    closed = sum(f.state is RectificationState.CLOSED for f in rows)
    basis = ledger.terms(row.scope_path, on).sources["recheck_working_days"]
    return f"责令改正的问题由其他检查人员复查：{basis}。截至报告出具，已销号 {closed} 项，共 {len(rows)} 项。"


def public_report(task_id: UUID, report_number: str, stamp: Stamp, *, seen_by: Actor) -> Gathered:
    """检查结果公示: name, code, authority, matters, date, result, handling. Nobody's name, no photos, confirmed words only."""
    record = logs.record(task_id, seen_by=seen_by)
    row, score = record.task, record.score
    rows = ledger.findings_of_task(task_id, seen_by=seen_by)
    words = papers.words(row.authority_id)
    assert row.ended_on is not None
    assert row.result is not None
    orders = ledger.orders_of_task(task_id, seen_by=seen_by)
    open_count = sum(f.state not in ledger.ENDED_STATES for f in rows)
    facts = s.PublicReportFacts(
        number=stamp.number,
        issued_on=stamp.on,
        mark=stamp.mark,
        heading=words.heading(Paper.PUBLIC_REPORT),
        copies="公示版：不含个人信息",
        issuer=s.Issuer(
            authority=words.authority.name,
            contact="",
            phone=words.phone,
            address="",
            complaint_phone=words.authority.supervision_phone,
            seal_text=words.seal_text,
        ),
        name=row.site.name,
        credit_code=row.site.organisation.uscc,
        inspected_on=row.ended_on,
        inspection_type=row.kind.label,
        source=row.source.label,
        drawn=_drawn(row) if row.source is TaskSource.DRAW else "非随机抽取",
        matters=tuple(e.name for e in record.checklist.editions),
        checklist="、".join(f"{e.code} {e.edition}" for e in record.checklist.editions),
        result=ResultCode(row.result).public_words,
        areas=_areas(record),
        mandatory_met=_mandatory(score),
        hazards=tuple(f"{h.item} {h.text}" for h in score.hazards),
        problems=tuple(_public_problem(f) for f in rows if f.basis is Basis.ORDER),
        handling=(
            f"已出具责令改正通知书 {len(orders)} 份；问题 {len(rows)} 项，未销号 {open_count} 项。" if rows else "未发现问题。"
        ),
        report_number=report_number,
    )
    return Gathered(facts, {})


def _public_problem(f: Finding) -> s.PublicProblem:
    """A problem in the words that an officer confirmed; without them, only what the requirement itself says."""
    text = f.public_text or f"不符合检查要求：{f.requirement}"
    due = f"，期限 {f.due_on.isoformat()}" if f.due_on and f.state is not RectificationState.CLOSED else ""
    return s.PublicProblem(number=f.number, text=text, severity=f.severity.label, handling=f"{f.state.label}{due}")


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


# --- the same again ---------------------------------------------------------------------------------------------------


def again(document: Document, *, mark: str, seen_by: Actor) -> s.Sheet:
    """The facts of an issued paper, gathered anew (重新取数): equal to its attached data while the rows stand unchanged."""
    stamp = Stamp(document.number, document.issued_on, mark)
    about = document.subject
    match document.kind:
        case DocumentKind.NOTICE:
            return notice(about, stamp, seen_by=seen_by).facts
        case DocumentKind.ONSITE_RECORD:
            return onsite_record(about, stamp, seen_by=seen_by).facts
        case DocumentKind.ORDER:
            return order(about, stamp, seen_by=seen_by).facts
        case DocumentKind.RECHECK:
            return recheck(about, stamp, seen_by=seen_by).facts
        case DocumentKind.REPORT:
            row = papers.report_numbered(document.number, about, seen_by=seen_by)
            if document.public:
                return public_report(about, row.number, stamp, seen_by=seen_by).facts
            return report(about, row.advice, stamp, seen_by=seen_by).facts
    raise LookupError(document.kind)
