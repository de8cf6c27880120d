"""Plain builders of document facts (文书样例), visibly fictitious; used by tests and by the bench."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

from PIL import Image, ImageDraw

from app.archive.rules import DocumentKind
from app.core.standards import Confidence
from app.credit.documents.listing import PATTERNS, ListingPaper
from app.credit.documents.listing import Issuer as ListIssuer
from app.credit.documents.listing import Section as ListSection
from app.inspections import documents as d
from app.providers.documents import Issuer as ReceiptIssuer
from app.providers.documents import ReceiptFacts
from app.ratings.documents.certificate import AreaScore, CertificateFacts

CREATED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BASE_URL = "https://songjian.example"
RARE_NAMES = ("示例·㛃䶮", "示例·𬭎𬱖", "示例·𫗧")

FIRE_LAW = d.Basis.cite("《中华人民共和国消防法》", "第十六条", Confidence.VERIFIED)
SAFETY_STANDARD = d.Basis.cite("GB 38600—2019《养老机构服务安全基本规范》", "6.1.2", Confidence.CORROBORATED)
DRAFT_RULE = d.Basis.cite("养老机构服务合同管理要求", "第九条", Confidence.DRAFT)

ISSUER = d.Issuer(
    authority="示例县民政局",
    contact="示例·周宁",
    phone="0000-0000001",
    address="示例县清河街道政务路 1 号",
    complaint_phone="0000-0000002",
    seal_text="示例县民政局",
)
SUBJECT = d.Subject(
    name="示例·松鹤养老院",
    credit_code="52000000MJ0000026W",
    nature="养老机构，民办非企业单位",
    filing="示民养备〔2021〕8 号",
    address="示例县清河街道松林路 18 号",
    legal_representative=RARE_NAMES[0],
    person_in_charge="示例·王秀兰（副院长）",
    beds=120,
    residents=96,
)
OFFICERS = (
    d.Officer(name=RARE_NAMES[1], certificate="示00127"),
    d.Officer(name=RARE_NAMES[2], certificate="示00131"),
)
HELPERS = (d.Officer(name="示例·何平", duty="消防技术协助", department="示例县消防技术服务站"),)
SIGNATURES = (
    d.Signature(role="检查人员", name=RARE_NAMES[1], image="signature-1"),
    d.Signature(role="检查人员", name=RARE_NAMES[2], image="signature-2"),
    d.Signature(role="被检查单位现场负责人"),
)
DELIVERY = d.Delivery(
    way="直接送达", receiver="示例·王秀兰", deliverer=RARE_NAMES[1], at=datetime(2026, 11, 19, 2, 5, tzinfo=UTC)
)
COMMON: dict[str, Any] = {
    "issuer": ISSUER,
    "subject": SUBJECT,
    "issued_on": date(2026, 11, 24),
    "mark": "演示",
    "signatures": SIGNATURES,
}
AREAS = (
    ("证照与备案", 8, 0, 0, 0),
    ("消防安全", 17, 2, 3, 0),
    ("食品安全", 6, 1, 1, 0),
    ("服务安全", 18, 2, 2, 0),
    ("人员与培训", 7, 1, 0, 0),
    ("设施设备", 5, 0, 1, 0),
    ("应急与值守", 4, 1, 0, 1),
    ("信息与权益", 4, 0, 0, 0),
)


def a_photo(number: int) -> d.Photo:
    """A photo as printed beside a finding (照片)."""
    return d.Photo(
        number=number,
        asset=f"photo-{number}",
        caption="二层东侧疏散通道",
        taken_at=datetime(2026, 11, 24, 6, 40 + number % 20, tzinfo=UTC),
        taken_by=RARE_NAMES[1],
        sha256="0" * 64,
    )


def findings(photos: int = 4) -> tuple[d.Finding, ...]:
    """Three problems; `photos` are shared out between the first two (查见问题)."""
    half = (photos + 1) // 2
    return (
        d.Finding(
            number=1,
            item="B-07",
            fact="二层东侧疏散通道堆放轮椅 3 辆、床垫 2 张，通行净宽约 0.7 米；14时41分当场移走。",
            basis=(FIRE_LAW,),
            severity="较重",
            demand="保持疏散通道畅通，建立每日巡查记录",
            due=date(2026, 12, 9),
            photos=tuple(a_photo(n) for n in range(1, half + 1)),
        ),
        d.Finding(
            number=2,
            item="D-11",
            fact="三层 306、309 室 2 名有坠床风险的老人午睡时床护栏未拉起。",
            basis=(SAFETY_STANDARD,),
            severity="较重",
            demand="按评估结果落实防坠床措施",
            due=date(2026, 12, 9),
            photos=tuple(a_photo(n) for n in range(half + 1, photos + 1)),
        ),
        d.Finding(
            number=3,
            item="H-02",
            fact="大厅公示栏的收费标准为 2024 年版。",
            basis=(DRAFT_RULE,),
            severity="一般",
            demand="更换现行收费标准",
            due=None,
        ),
    )


def items(count: int = 12) -> tuple[d.ItemResult, ...]:
    """Rows of the checklist (检查项)."""
    return tuple(
        d.ItemResult(
            code=f"B-{n:02d}",
            text="疏散通道、安全出口保持畅通，不堆放杂物，不上锁",
            basis=FIRE_LAW if n % 2 else SAFETY_STANDARD,
            answer=("符合", "不符合", "不适用", "未查")[n % 4],
            fact="现场查看，通道净宽约 0.7 米" if n % 4 == 1 else "",
            photos="1、2" if n % 4 == 1 else "",
        )
        for n in range(1, count + 1)
    )


def hazards() -> tuple[d.Hazard, ...]:
    """Verified situations with a result, a draft one without (重大事故隐患)."""
    return (
        d.Hazard(code="Z-01", text="未按规定设置疏散通道、安全出口", confidence=Confidence.VERIFIED, result="未发现"),
        d.Hazard(code="Z-02", text="违规使用易燃可燃材料装修隔断", confidence=Confidence.VERIFIED, result="未发现"),
        d.Hazard(code="Z-09", text="特种设备未经检验继续使用", confidence=Confidence.DRAFT),
    )


def a_notice() -> d.NoticeFacts:
    """A notice of inspection (检查通知书)."""
    return d.NoticeFacts(
        **COMMON,
        number="示民养检通〔2026〕第 37 号",
        basis=(d.Basis.cite("《养老机构行政检查办法》", "", Confidence.VERIFIED),),
        inspection_type="日常检查（双随机）",
        source="第三季度补充计划",
        time_this_year=3,
        planned="2026年11月24日13时30分起，预计 3 小时",
        matters=("证照与备案", "消防安全", "食品安全", "服务安全"),
        methods="查看记录、现场查看、询问",
        officers=OFFICERS,
        helpers=HELPERS,
        papers=("备案回执、登记证书", "近六个月消防巡查、演练记录", "老年人能力评估与照护计划"),
        delivery=DELIVERY,
    )


def an_onsite_record() -> d.OnSiteRecordFacts:
    """An on-site record (现场检查笔录)."""
    return d.OnSiteRecordFacts(
        **COMMON,
        number="示民养检笔〔2026〕第 37 号",
        inspection_type="日常检查（双随机）",
        source="双随机批次 2026-Q3-02",
        time_this_year=3,
        started_at=datetime(2026, 11, 24, 5, 32, tzinfo=UTC),
        ended_at=datetime(2026, 11, 24, 8, 2, tzinfo=UTC),
        place="示例县清河街道松林路 18 号，主楼一至四层、厨房、配电室",
        officers=OFFICERS,
        recorder=RARE_NAMES[2],
        helpers=HELPERS,
        certificates_shown="检查人员已出示执法证件，现场负责人已查验",
        recusal="已询问，现场负责人表示不申请回避",
        methods="查看记录、现场查看、询问护理员 3 人。",
        checklist="《养老机构检查表》2026-01-01 版",
        items=items(30),
        hazards=hazards(),
        findings=findings(3),
        documents_copied=("2026年9月、10月消防巡查记录，共 4 页",),
        recordings="执法记录仪全程录像，共 2 段；照片 3 张。",
        measures=("通道内轮椅、床垫当场移走",),
        passed_on=("厨房燃气报警器检定事项移送示例县市场监督管理局",),
        statement="轮椅系上午清洁时临时放置，已移走。",
        confirmation="以上笔录已阅，属实。",
    )


def an_order() -> d.OrderFacts:
    """An order to correct (责令改正通知书)."""
    return d.OrderFacts(
        **COMMON,
        number="示民养责改〔2026〕第 21 号",
        inspected_at=datetime(2026, 11, 24, 5, 32, tzinfo=UTC),
        place="示例县清河街道松林路 18 号",
        record_number="示民养检笔〔2026〕第 37 号",
        findings=findings(2),
        power=(d.Basis.cite("《养老机构行政检查办法》", "", Confidence.VERIFIED),),
        report_back="请于各项期限届满前提交书面整改报告，附整改前后照片。",
        consequence="逾期未改正的，依法处理。",
        remedies="对本通知有异议的，可以向本机关陈述、申辩。",
        delivery=d.Delivery(),
    )


def a_recheck() -> d.RecheckFacts:
    """A record of the re-check (整改复查记录)."""
    return d.RecheckFacts(
        **{**COMMON, "issued_on": date(2026, 12, 11)},
        number="示民养复〔2026〕第 18 号",
        order_number="示民养责改〔2026〕第 21 号",
        rechecked_at=datetime(2026, 12, 11, 1, 30, tzinfo=UTC),
        place="示例县清河街道松林路 18 号",
        officers=OFFICERS,
        rows=(
            d.RecheckRow(
                number=1,
                item="B-07",
                demand="保持疏散通道畅通，建立每日巡查记录",
                measure="通道清空，轮椅集中存放于一层库房，每日两次巡查",
                evidence="整改照片 1 张；巡查记录 11月25日至12月10日",
                result="已整改",
                handling="销号",
                photos=(a_photo(1),),
            ),
            d.RecheckRow(
                number=2,
                item="D-11",
                demand="按评估结果落实防坠床措施",
                measure="护栏已配齐，护理员已培训",
                evidence="培训签到 1 份",
                result="部分整改",
                handling="继续整改",
                new_due=date(2026, 12, 18),
            ),
        ),
        conclusion="第 1 项销号；第 2 项继续整改，另定期限。",
        statement="无异议。",
    )


def a_report(photos: int = 6, rows: int = 84) -> d.ReportFacts:
    """A report of inspection (养老机构检查报告)."""
    return d.ReportFacts(
        **COMMON,
        number="示民养检〔2026〕第 37 号",
        basis=(d.Basis.cite("《养老机构行政检查办法》", "", Confidence.VERIFIED),),
        inspection_type="日常检查（双随机）",
        source="第三季度补充计划",
        time_this_year=3,
        started_at=datetime(2026, 11, 24, 5, 32, tzinfo=UTC),
        ended_at=datetime(2026, 11, 24, 8, 2, tzinfo=UTC),
        notice="检查通知书2026年11月19日送达",
        officers=OFFICERS,
        helpers=HELPERS,
        drawn="批次 2026-Q3-02，名录 37 家，抽取 4 家，记录可在公示页复算",
        course="检查人员到场扫码登记，出示执法证件，告知权利；现场负责人确认，未申请回避。采取查看记录、现场查看、询问方式检查 84 项，拍摄照片 6 张。",
        checklist="《养老机构检查表》（2026-01-01 版）",
        areas=tuple(
            d.AreaResult(area=name, met=met, not_met=bad, not_applicable=na, unanswered=unanswered)
            for name, met, bad, na, unanswered in AREAS
        ),
        mandatory_met="否（2 项不符合）",
        hazards=hazards(),
        findings=findings(photos),
        handling=("对第 1、2 项出具责令改正通知书，12月9日前改正", "第 3 项当场告知，下次检查核对"),
        recheck="整改报告提交后 5 个工作日内由其他检查人员复查（本县设置）。",
        advice=("轮椅固定存放位置并张贴标识",),
        annexes=("检查项目表", "现场检查笔录（示民养检笔〔2026〕第 37 号）"),
        items=items(rows),
    )


def a_certificate() -> CertificateFacts:
    """A rating certificate (等级证书)."""
    return CertificateFacts(
        number="示民评证〔2026〕6号",
        plaque="210102-2026-0006",
        issuer=ISSUER,
        issued_on=date(2026, 11, 24),
        mark="演示",
        name="示例·松鹤养老院",
        organisation="示例·松鹤养老服务中心",
        credit_code="52000000MJ0000026W",
        address="示例县清河街道松林路 18 号",
        level="3",
        level_words="三星级",
        stars=3,
        scheme="示例·养老机构等级评定标准",
        edition="2026",
        scheme_mark="主管机关已确认",
        scheme_sha256="0" * 64,
        result_sha256="1" * 64,
        points="784.5",
        most="1000",
        areas=(
            AreaScore(area="环境", points="96", most="120"),
            AreaScore(area="设施设备", points="101.5", most="130"),
            AreaScore(area="运营管理", points="118", most="150"),
            AreaScore(area="服务", points="469", most="600"),
        ),
        decided_on=date(2026, 11, 24),
        valid_from=date(2026, 11, 24),
        valid_to=date(2029, 11, 23),
    )


def all_papers() -> tuple[d.Sheet, ...]:
    """One of every kind (六种文书)."""
    return (a_notice(), an_onsite_record(), an_order(), a_recheck(), a_report(), a_certificate())


def a_public_report() -> d.PublicReportFacts:
    """The published version of a report (检查结果公示)."""
    return d.PublicReportFacts(
        number="示民养公〔2026〕第 37 号",
        issuer=ISSUER,
        issued_on=date(2026, 12, 3),
        copies="公示版：不含个人信息",
        mark="演示",
        name="示例·䶮湖松鹤养老院",
        credit_code=SUBJECT.credit_code,
        inspected_on=date(2026, 11, 24),
        inspection_type="日常检查",
        source="双随机抽取",
        drawn="批次 2026-Q3-02，记录可在公示页复算",
        matters=("养老机构服务安全检查表", "消防安全检查表"),
        checklist="gb38600 2020-01、fire 2026-01",
        result="发现问题已责令改正",
        areas=a_report().areas,
        mandatory_met="否（2 项不符合）",
        hazards=(),
        problems=(
            d.PublicProblem(number=1, text="二层东侧疏散通道堆放杂物", severity="较重", handling="已销号"),
            d.PublicProblem(number=2, text="厨房灭火器 1 具压力不足", severity="一般", handling="整改中，期限 2026-12-09"),
        ),
        handling="已出具责令改正通知书 1 份；问题 2 项，未销号 1 项。",
        report_number="示民养检〔2026〕第 37 号",
    )


def a_receipt() -> ReceiptFacts:
    """A filing receipt (备案回执)."""
    return ReceiptFacts(
        number="示民养备〔2026〕8 号",
        issuer=ReceiptIssuer(ISSUER.authority, ISSUER.seal_text, ISSUER.complaint_phone),
        issued_on=date(2026, 11, 24),
        kind="首次备案",
        filed_on=date(2026, 11, 24),
        organisation="示例·清河养老服务中心",
        credit_code=SUBJECT.credit_code,
        nature="民办非企业单位",
        draw_id="2101020001",
        site="示例·䶮湖松鹤养老院",
        site_kind="养老机构",
        said=(("名称", "示例·䶮湖松鹤养老院"), ("法定代表人", RARE_NAMES[0]), ("床位数", "120")),
        papers=("设立登记证书", "消防验收合格意见"),
        mark="演示",
    )


def a_listing_paper(kind: DocumentKind) -> ListingPaper:
    """A paper of the list (名单文书); all kinds share one page."""
    return ListingPaper(
        kind=kind,
        number="示民信列〔2026〕第 3 号",
        issuer=ListIssuer(
            ISSUER.authority, ISSUER.seal_text, ISSUER.contact, ISSUER.phone, ISSUER.address, ISSUER.complaint_phone
        ),
        issued_on=date(2026, 11, 24),
        addressee="示例·䶮湖养老服务中心",
        rows=(("统一社会信用代码", SUBJECT.credit_code), ("法定代表人", RARE_NAMES[0]), ("公示期限", "三年")),
        opening="经事先告知、听取陈述申辩和审核，决定将你单位列入失信惩戒对象名单。",
        sections=(
            ListSection("认定的事实", ("示例·拒不整改重大事故隐患。",)),
            ListSection("救济途径", ("可以依法申请行政复议或者提起行政诉讼。",)),
        ),
        mark="演示",
    )


def unsigned_papers() -> dict[str, d.PublicReportFacts | ReceiptFacts | ListingPaper]:
    """The papers that nobody signs by hand (无手写签名的文书), by kind."""
    listing = {kind.value: a_listing_paper(kind) for kind in PATTERNS}
    return {"public_report": a_public_report(), "filing_receipt": a_receipt(), **listing}


def pictures(photos: int = 6, size: tuple[int, int] = (960, 720)) -> dict[str, bytes]:
    """The pictures that the papers name (图片): drawn scenes, drawn signatures."""
    shown = {f"photo-{n}": _scene(n, size) for n in range(1, photos + 1)}
    return shown | {f"signature-{n}": _signature(n) for n in (1, 2)}


def _scene(number: int, size: tuple[int, int]) -> bytes:
    wide, high = size
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for step in range(14):
        left = (step * 67 + number * 41) % wide
        draw.rectangle((left, high - 60 - step * 31 % high, left + 90, high - 20), fill=(step * 17, 120, 255 - step * 17))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _signature(number: int) -> bytes:
    picture = Image.new("L", (240, 100), 255)
    points = [(20 + step * 20, 50 + (30 if (step + number) % 2 else -30)) for step in range(11)]
    ImageDraw.Draw(picture).line(points, fill=0, width=5, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
