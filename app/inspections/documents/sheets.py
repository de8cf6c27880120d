"""Facts of the inspection documents (检查文书): what is printed, and the same as data inside the PDF.

Field lists follow 司法部《行政检查文书基本格式文本（试行）》 and the parts of a 现场检查笔录 as far as they are verified; titles and
fixed sentences are the platform's own and an authority may replace them. Nothing here renders. Each field is annotated with
the name officials use for it, so that a refusal can point at it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Final

from app.core.standards import Confidence, canonical

FORMAT: Final = "songjian.inspection.{kind}.1"

RIGHTS: Final = (
    "有权查验检查人员的执法证件；未出示执法证件的，有权拒绝检查",
    "认为检查人员与本单位有利害关系、可能影响公正检查的，可以申请回避",
    "对检查情况可以陈述、申辩，意见记入笔录",
    "对检查中的不当行为，可以拨打监督电话反映",
)
DUTIES: Final = ("安排现场负责人到场配合，如实说明情况", "提供与检查事项有关的材料，不隐匿、不销毁、不伪造")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A piece of facts (事实单元). Text is kept in NFC, so that what is printed, hashed and read back is the same."""

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if type(value) is str:
                object.__setattr__(self, part.name, unicodedata.normalize("NFC", value))


@dataclass(frozen=True, kw_only=True)
class Issuer(Row):
    """The authority that issues (出具机关)."""

    authority: Annotated[str, "检查机关"]
    contact: Annotated[str, "联系人"]
    phone: Annotated[str, "联系电话"]
    address: Annotated[str, "机关地址"]
    complaint_phone: Annotated[str, "监督电话"]
    seal_text: Annotated[str, "印章文字"]


@dataclass(frozen=True, kw_only=True)
class Subject(Row):
    """The home inspected (被检查单位). `filing` is the receipt's number and date, or 未备案; what nobody registered is None."""

    name: Annotated[str, "被检查单位"]
    credit_code: Annotated[str, "统一社会信用代码"]
    nature: Annotated[str, "机构性质"]
    filing: Annotated[str, "备案回执"]
    address: Annotated[str, "服务场所"]
    legal_representative: Annotated[str, "法定代表人"]
    person_in_charge: Annotated[str, "现场负责人"]
    beds: Annotated[int | None, "核定床位"]
    residents: Annotated[int | None, "当日在住"]


@dataclass(frozen=True, kw_only=True)
class Officer(Row):
    """Somebody who inspects or helps (检查人员、协助人员). `certificate` is the 执法证号, empty for helpers."""

    name: Annotated[str, "姓名"]
    certificate: Annotated[str, "执法证号"] = ""
    duty: Annotated[str, "职责"] = "检查人员"
    department: Annotated[str, "单位"] = ""


@dataclass(frozen=True, kw_only=True)
class Signature(Row):
    """A signature asked for on every page (逐页签名). `image` names the picture; empty leaves a line for the pen.

    `remark` says why there is none, e.g. a refusal with its reason and witness.
    """

    role: Annotated[str, "签名身份"]
    name: Annotated[str, "签名人"] = ""
    image: Annotated[str, "签名图"] = ""
    remark: Annotated[str, "签名说明"] = ""


@dataclass(frozen=True, kw_only=True)
class Basis(Row):
    """A rule relied on (依据). A clause number is held only where the text was verified; make it with `cite`."""

    rule: Annotated[str, "依据名称"]
    clause: Annotated[str, "条款"] = ""
    confidence: Annotated[Confidence, "可信程度"]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clause and self.confidence is not Confidence.VERIFIED:
            raise ValueError("a clause number that is not verified is never printed")

    @classmethod
    def cite(cls, rule: str, clause: str, confidence: Confidence) -> Basis:
        """The basis as it may be printed (引用依据): the clause is dropped unless its text was verified."""
        return cls(rule=rule, clause=clause if confidence is Confidence.VERIFIED else "", confidence=confidence)

    @property
    def printed(self) -> str:
        """As it stands in a document (文书用语)."""
        remark = "" if self.confidence.publishable_as_law else f"（{self.confidence.label}）"
        return f"{self.rule}{self.clause}{remark}"


@dataclass(frozen=True, kw_only=True)
class Photo(Row):
    """A photo printed beside its finding (现场照片). `asset` names the scaled picture, `sha256` is of the archived original."""

    number: Annotated[int, "照片编号"]
    asset: Annotated[str, "照片文件"]
    caption: Annotated[str, "照片说明"]
    taken_at: Annotated[datetime, "拍摄时间"]
    taken_by: Annotated[str, "拍摄人"]
    sha256: Annotated[str, "照片指纹"]


@dataclass(frozen=True, kw_only=True)
class Finding(Row):
    """A problem found (查见问题): place, object and count, no judgement. Without `due`: on the spot (当场), or as `due_words` say."""

    number: Annotated[int, "序号"]
    item: Annotated[str, "检查项"]
    fact: Annotated[str, "查见事实"]
    basis: Annotated[tuple[Basis, ...], "依据"]
    severity: Annotated[str, "程度"]
    demand: Annotated[str, "整改要求"]
    due: Annotated[date | None, "整改期限"]
    due_words: Annotated[str | None, "期限说明"] = None
    photos: Annotated[tuple[Photo, ...], "照片"] = ()

    @property
    def due_shown(self) -> str | None:
        """What stands where a day would (期限栏), when there is no day to print; None when there is one."""
        return None if self.due else self.due_words or "当场"


@dataclass(frozen=True, kw_only=True)
class ItemResult(Row):
    """One item of the checklist with its answer (检查项结果). `answer` is 符合, 不符合, 不适用 or 未查."""

    code: Annotated[str, "项号"]
    text: Annotated[str, "检查内容"]
    basis: Annotated[Basis, "依据"]
    answer: Annotated[str, "结果"]
    fact: Annotated[str, "查见事实"] = ""
    photos: Annotated[str, "照片编号"] = ""


@dataclass(frozen=True, kw_only=True)
class AreaResult(Row):
    """Counts of one area (检查区结果). An unanswered item is unanswered, never failed."""

    area: Annotated[str, "检查区"]
    met: Annotated[int, "符合"]
    not_met: Annotated[int, "不符合"]
    not_applicable: Annotated[int, "不适用"]
    unanswered: Annotated[int, "未查"]

    @property
    def items(self) -> int:
        """All items of the area (项数)."""
        return self.met + self.not_met + self.not_applicable + self.unanswered

    @property
    def applicable(self) -> int:
        """What the 符合率 is a share of (适用项数): answered items that apply."""
        return self.met + self.not_met


@dataclass(frozen=True, kw_only=True)
class Hazard(Row):
    """One situation of the major-hazard standard (重大事故隐患情形). One whose text is not verified carries no result."""

    code: Annotated[str, "情形编号"]
    text: Annotated[str, "情形"]
    confidence: Annotated[Confidence, "可信程度"]
    result: Annotated[str, "核对结果"] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.result) != self.confidence.scores:
            raise ValueError("only a hazard that may score has a result, and it must have one")


@dataclass(frozen=True, kw_only=True)
class Delivery(Row):
    """How the paper reached the home (送达); empty parts are filled in by hand."""

    way: Annotated[str, "送达方式"] = ""
    receiver: Annotated[str, "签收人"] = ""
    deliverer: Annotated[str, "送达人"] = ""
    at: Annotated[datetime | None, "送达时间"] = None


@dataclass(frozen=True, kw_only=True)
class Sheet(Row):
    """What every paper has (文书共有事实). `mark` is 演示 in the demo and empty in earnest; `heading` an authority's own title."""

    kind: ClassVar[str]
    template: ClassVar[str]
    usual_title: ClassVar[str]

    number: Annotated[str, "文书号"]
    issuer: Annotated[Issuer, "出具机关"]
    heading: Annotated[str | None, "文书名称"] = None
    issued_on: Annotated[date, "出具日期"]
    copies: Annotated[str, "份数说明"] = "一式两份，检查机关、被检查单位各一份"
    mark: Annotated[str, "演示标记"] = ""
    signatures: Annotated[tuple[Signature, ...], "签名"] = ()

    @property
    def title(self) -> str:
        """The title as printed (文书名称): the authority's own, else the platform's."""
        return self.heading or self.usual_title

    def to_json_bytes(self) -> bytes:
        """The facts as canonical JSON (规范数据): RFC 8785, NFC, integers and strings; open values are left out."""
        return canonical({"format": FORMAT.format(kind=self.kind), **plain(self)})


@dataclass(frozen=True, kw_only=True)
class Facts(Sheet):
    """What the five documents share (检查文书共有事实): the home."""

    subject: Annotated[Subject, "被检查单位"]


@dataclass(frozen=True, kw_only=True)
class NoticeFacts(Facts):
    """行政检查通知书: what will be inspected, when, by whom, and what the home may ask and must prepare."""

    kind: ClassVar[str] = "notice"
    template: ClassVar[str] = "notice.html"
    usual_title: ClassVar[str] = "检查通知书"

    basis: Annotated[tuple[Basis, ...], "检查依据"]
    inspection_type: Annotated[str, "检查类型"]
    source: Annotated[str, "任务来源"]
    time_this_year: Annotated[int, "本年度第几次"]
    planned: Annotated[str, "检查时间"]
    matters: Annotated[tuple[str, ...], "检查事项"]
    methods: Annotated[str, "检查方式"]
    officers: Annotated[tuple[Officer, ...], "检查人员"]
    helpers: Annotated[tuple[Officer, ...], "协助人员"] = ()
    papers: Annotated[tuple[str, ...], "需准备的材料"]
    rights: Annotated[tuple[str, ...], "权利"] = RIGHTS
    duties: Annotated[tuple[str, ...], "配合事项"] = DUTIES
    delivery: Annotated[Delivery, "送达"] = Delivery()


@dataclass(frozen=True, kw_only=True)
class OnSiteRecordFacts(Facts):
    """现场检查笔录: facts only, signed on every page."""

    kind: ClassVar[str] = "onsite_record"
    template: ClassVar[str] = "onsite_record.html"
    usual_title: ClassVar[str] = "现场检查笔录"

    inspection_type: Annotated[str, "检查类型"]
    source: Annotated[str, "任务来源"]
    time_this_year: Annotated[int, "本年度第几次"]
    started_at: Annotated[datetime, "开始时间"]
    ended_at: Annotated[datetime, "结束时间"]
    place: Annotated[str, "检查地点"]
    officers: Annotated[tuple[Officer, ...], "检查人员"]
    recorder: Annotated[str, "记录人"]
    helpers: Annotated[tuple[Officer, ...], "协助人员"] = ()
    certificates_shown: Annotated[str, "出示证件情况"]
    recusal: Annotated[str, "是否申请回避"]
    methods: Annotated[str, "检查方式"]
    checklist: Annotated[str, "检查表版本"]
    items: Annotated[tuple[ItemResult, ...], "逐项结果"]
    hazards: Annotated[tuple[Hazard, ...], "重大事故隐患核对"]
    findings: Annotated[tuple[Finding, ...], "查见问题"]
    documents_copied: Annotated[tuple[str, ...], "复制的材料"] = ()
    recordings: Annotated[str, "音像记录"] = ""
    measures: Annotated[tuple[str, ...], "当场措施"] = ()
    passed_on: Annotated[tuple[str, ...], "移送其他部门事项"] = ()
    statement: Annotated[str, "被检查单位陈述"]
    confirmation: Annotated[str, "被检查单位确认"] = ""


@dataclass(frozen=True, kw_only=True)
class OrderFacts(Facts):
    """责令(限期)改正通知书: facts, rules broken, each demand with its day. Not a penalty."""

    kind: ClassVar[str] = "order"
    template: ClassVar[str] = "order.html"
    usual_title: ClassVar[str] = "责令（限期）改正通知书"

    inspected_at: Annotated[datetime, "检查时间"]
    place: Annotated[str, "检查地点"]
    record_number: Annotated[str, "笔录文书号"]
    findings: Annotated[tuple[Finding, ...], "违法事实与整改要求"]
    power: Annotated[tuple[Basis, ...], "责令依据"]
    report_back: Annotated[str, "整改报告方式"]
    consequence: Annotated[str, "逾期后果"]
    remedies: Annotated[str, "救济途径"] = ""
    delivery: Annotated[Delivery, "送达"] = Delivery()


@dataclass(frozen=True, kw_only=True)
class RecheckRow(Row):
    """One problem checked again (逐项复查). `result` is 已整改, 部分整改 or 未整改."""

    number: Annotated[int, "序号"]
    item: Annotated[str, "检查项"]
    demand: Annotated[str, "整改要求"]
    measure: Annotated[str, "机构整改措施"]
    evidence: Annotated[str, "整改证据"]
    result: Annotated[str, "复查结果"]
    handling: Annotated[str, "后续处理"] = ""
    new_due: Annotated[date | None, "新期限"] = None
    photos: Annotated[tuple[Photo, ...], "照片"] = ()


@dataclass(frozen=True, kw_only=True)
class RecheckFacts(Facts):
    """复查记录: what was ordered, what was done, what the re-check found; others than the first inspectors check."""

    kind: ClassVar[str] = "recheck"
    template: ClassVar[str] = "recheck.html"
    usual_title: ClassVar[str] = "整改复查记录"

    order_number: Annotated[str, "原通知书文书号"]
    rechecked_at: Annotated[datetime, "复查时间"]
    place: Annotated[str, "复查地点"]
    officers: Annotated[tuple[Officer, ...], "复查人员"]
    rows: Annotated[tuple[RecheckRow, ...], "逐项复查"]
    conclusion: Annotated[str, "复查结论"]
    statement: Annotated[str, "被复查单位意见"] = ""


@dataclass(frozen=True, kw_only=True)
class ReportFacts(Facts):
    """养老机构检查报告: what was done, the 符合率, major hazards by name, problems, handling."""

    kind: ClassVar[str] = "report"
    template: ClassVar[str] = "report.html"
    usual_title: ClassVar[str] = "养老机构检查报告"

    basis: Annotated[tuple[Basis, ...], "检查依据"]
    inspection_type: Annotated[str, "检查类型"]
    source: Annotated[str, "任务来源"]
    time_this_year: Annotated[int, "本年度第几次"]
    started_at: Annotated[datetime, "开始时间"]
    ended_at: Annotated[datetime, "结束时间"]
    notice: Annotated[str, "通知情况"]
    officers: Annotated[tuple[Officer, ...], "检查人员"]
    helpers: Annotated[tuple[Officer, ...], "协助人员"] = ()
    drawn: Annotated[str, "抽取情况"]
    course: Annotated[str, "检查经过"]
    checklist: Annotated[str, "检查表版本"]
    areas: Annotated[tuple[AreaResult, ...], "检查结果"]
    mandatory_met: Annotated[str, "强制性标准达标"]
    hazards: Annotated[tuple[Hazard, ...], "重大事故隐患核对"]
    findings: Annotated[tuple[Finding, ...], "发现的问题"]
    handling: Annotated[tuple[str, ...], "处理意见"]
    recheck: Annotated[str, "复查情况"] = ""
    advice: Annotated[tuple[str, ...], "建议"] = ()
    annexes: Annotated[tuple[str, ...], "附件"] = ()
    items: Annotated[tuple[ItemResult, ...], "检查项目表"] = ()

    @property
    def total(self) -> AreaResult:
        """All areas together (合计)."""
        return total(self.areas)


@dataclass(frozen=True, kw_only=True)
class PublicProblem(Row):
    """A problem as the public reads it (公示的问题): words that an officer confirmed, and how far it is."""

    number: Annotated[int, "序号"]
    text: Annotated[str, "问题"]
    severity: Annotated[str, "程度"]
    handling: Annotated[str, "处理情况"]


@dataclass(frozen=True, kw_only=True)
class PublicReportFacts(Sheet):
    """检查结果公示: the published version of a report. No residents, no names of anybody, no photos of the place."""

    kind: ClassVar[str] = "public_report"
    template: ClassVar[str] = "public_report.html"
    usual_title: ClassVar[str] = "养老机构检查结果公示"

    name: Annotated[str, "机构名称"]
    credit_code: Annotated[str, "统一社会信用代码"]
    inspected_on: Annotated[date, "检查日期"]
    inspection_type: Annotated[str, "检查类型"]
    source: Annotated[str, "任务来源"]
    drawn: Annotated[str, "抽取情况"]
    matters: Annotated[tuple[str, ...], "检查事项"]
    checklist: Annotated[str, "检查表版本"]
    result: Annotated[str, "检查结果"]
    areas: Annotated[tuple[AreaResult, ...], "检查结果"]
    mandatory_met: Annotated[str, "强制性标准达标"]
    hazards: Annotated[tuple[str, ...], "重大事故隐患"]
    problems: Annotated[tuple[PublicProblem, ...], "发现的问题"]
    handling: Annotated[str, "处理情况"]
    report_number: Annotated[str, "检查报告文书号"]

    @property
    def total(self) -> AreaResult:
        """All areas together (合计)."""
        return total(self.areas)


def total(areas: tuple[AreaResult, ...]) -> AreaResult:
    """All areas together (合计)."""
    return AreaResult(
        area="合计",
        met=sum(a.met for a in areas),
        not_met=sum(a.not_met for a in areas),
        not_applicable=sum(a.not_applicable for a in areas),
        unanswered=sum(a.unanswered for a in areas),
    )


def plain(value: Any) -> Any:
    """A paper's facts as plain data (事实的数据形式): days and moments as text, open values left out."""
    if is_dataclass(value):
        parts = {part.name: getattr(value, part.name) for part in fields(value)}
        return {name: plain(part) for name, part in parts.items() if part is not None}
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    return value
