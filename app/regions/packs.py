"""Policy packs (政策包): what a policy document of a region sets, as typed values with their source.

A pack is one dated file under `standards/`. It holds settings (the numbers that rules use), targets (what a
region promised to reach, by when) and baselines (figures the document reports). Packs are inherited down the
tree: for each setting the nearest region's value wins, and says which document it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.core.labels import Labelled
from app.core.standards import Confidence, Edition, Library, load
from app.regions.rules import Claim, effective

FOLDER: Final = Path(__file__).parent / "standards"
PLATFORM: Final = ""

# --- what can be set --------------------------------------------------------------------------------------------------


class Unit(Labelled):
    """What a number counts (计量单位)."""

    RATE = "rate", "%"
    FEN = "fen", "元"
    FEN_PER_MONTH = "fen_per_month", "元/人·月"
    FEN_PER_YEAR = "fen_per_year", "元/年"
    SQUARE_METRES = "square_metres", "平方米"
    M2_PER_100_HOUSEHOLDS = "m2_per_100_households", "平方米/百户"
    WORKING_DAYS = "working_days", "个工作日"
    NATURAL_DAYS = "natural_days", "日"
    MONTHS = "months", "个月"
    YEARS = "years", "年"
    MINUTES = "minutes", "分钟"
    HOURS_PER_MONTH = "hours_per_month", "小时/人·月"
    TIMES_PER_YEAR = "times_per_year", "次/年"
    TIMES_PER_HALF_YEAR = "times_per_half_year", "次/半年"
    PEOPLE = "people", "人"
    ITEMS = "items", "个"
    BEDS = "beds", "张"
    ONE_TO = "one_to", "（1:n）"
    TEXT = "text", ""
    LIST = "list", "日"

    @property
    def is_text(self) -> bool:
        """Whether the value is words, not a number (文字)."""
        return self is Unit.TEXT


Value = int | str | tuple[int, ...]


def show(value: Value, unit: Unit, decimals: int = 0) -> str:
    """A value as an officer reads it (显示): a rate of 5500 is 55%, 20000 fen are 200元. `decimals` shifts the point."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "、".join(str(part) for part in value) + unit.label
    if unit is Unit.ONE_TO:
        return f"1:{value}"
    if unit in _MONEY_AND_RATES:
        decimals += 2
    whole, part = divmod(value, 10**decimals)
    places = f"{part:0{decimals}d}".rstrip("0") if part else ""
    return f"{whole:,}{'.' if places else ''}{places}{unit.label}"


_MONEY_AND_RATES: Final = frozenset({Unit.RATE, Unit.FEN, Unit.FEN_PER_MONTH, Unit.FEN_PER_YEAR})


def read_value(text: str, unit: Unit) -> Value | None:
    """What an officer typed as a value (读数): 5.5 at % is 550, 200 at 元 are 20000 fen, 90、60 at a list. None when it is none."""
    text = text.strip().replace(",", "").replace("，", "、")
    if unit.is_text:
        return text or None
    if unit is Unit.LIST:
        parts = [part.strip() for part in text.split("、")]
        return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else None
    whole, point, part = text.removeprefix("1:" if unit is Unit.ONE_TO else "").partition(".")
    places = 2 if unit in _MONEY_AND_RATES else 0
    if not whole.isdecimal() or (point and not part.isdecimal()) or len(part) > places:
        return None
    return int(whole + part.ljust(places, "0"))


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a pack may set (参数): its key in the files, its name on screens, its unit."""

    key: str
    label: str
    unit: Unit

    @property
    def group(self) -> str:
        """The part of the key before the first point (分组): facility, sampling, …"""
        return self.key.partition(".")[0]


GROUPS: Final[Mapping[str, str]] = {
    "facility": "设施配建",
    "staff": "人员配备",
    "service": "服务保障",
    "disclosure": "信息公开",
    "subsidy": "补贴标准",
    "rating": "等级评定",
    "sampling": "抽查比例",
    "inspection": "检查",
    "rectification": "整改",
    "filing": "备案",
    "penalty": "处罚公示",
    "credit": "信用",
    "complaint": "投诉举报",
    "training": "培训与持证",
    "archive": "档案",
    "tablet": "平板",
}

_TABLE: Final[tuple[tuple[str, str, Unit], ...]] = (
    ("facility.new_estate_area", "新建居住区配建标准", Unit.M2_PER_100_HOUSEHOLDS),
    ("facility.existing_estate_area", "已建成居住区配建标准", Unit.M2_PER_100_HOUSEHOLDS),
    ("facility.station_area_min", "社区养老服务站面积下限", Unit.SQUARE_METRES),
    ("facility.station_area_max", "社区养老服务站面积上限", Unit.SQUARE_METRES),
    ("facility.urban_station_area_min", "城市社区服务站面积下限", Unit.SQUARE_METRES),
    ("facility.urban_station_care_area_min", "城市社区服务站内养老设施面积下限", Unit.SQUARE_METRES),
    ("facility.rural_centre_area_min", "农村社区服务中心面积下限", Unit.SQUARE_METRES),
    ("facility.old_estate_first_area", "优先解决的老旧小区建筑面积", Unit.SQUARE_METRES),
    ("facility.urban_circle", "城市养老服务圈", Unit.MINUTES),
    ("facility.rural_circle", "农村养老服务圈", Unit.MINUTES),
    ("facility.care_home_beds_min", "养老机构床位下限", Unit.BEDS),
    ("staff.centre_coordinators_min", "区域性居家养老服务中心协管员", Unit.PEOPLE),
    ("staff.station_coordinators_min", "社区居家养老服务站协管员", Unit.PEOPLE),
    ("staff.ratio_self_care", "护理员与自理老人配比", Unit.ONE_TO),
    ("staff.ratio_partial_care", "护理员与半失能老人配比", Unit.ONE_TO),
    ("staff.ratio_full_care", "护理员与失能老人配比", Unit.ONE_TO),
    ("staff.ratio_rounding", "配比进位方式（填“分别进位”或“合计进位”）", Unit.TEXT),
    ("staff.night_ratio", "夜班护理员与在住老人配比", Unit.ONE_TO),
    ("staff.night_level", "夜班护理员技能等级（5 至 1，五级最低）", Unit.ITEMS),
    ("service.severe_hours", "重度失能老人基本居家养老服务", Unit.HOURS_PER_MONTH),
    ("service.moderate_hours", "中度失能老人基本居家养老服务", Unit.HOURS_PER_MONTH),
    ("service.six_helps", "“六助”服务内容", Unit.TEXT),
    ("disclosure.care_prices", "居家养老服务收费价格公开", Unit.TEXT),
    ("disclosure.rating_results", "评定评估结果公开", Unit.TEXT),
    ("disclosure.homes_refresh", "备案机构信息更新", Unit.WORKING_DAYS),
    ("disclosure.policy", "政策与指南公开", Unit.WORKING_DAYS),
    ("disclosure.suppress_below", "统计数小于此值不公开", Unit.PEOPLE),
    ("subsidy.operating_a_min", "A级运营补贴下限", Unit.FEN_PER_YEAR),
    ("subsidy.operating_aa_min", "AA级运营补贴下限", Unit.FEN_PER_YEAR),
    ("subsidy.operating_aaa_min", "AAA级运营补贴下限", Unit.FEN_PER_YEAR),
    ("subsidy.bed_partial_care", "收住半失能老人床位补贴", Unit.FEN_PER_MONTH),
    ("subsidy.bed_full_care", "收住失能老人床位补贴", Unit.FEN_PER_MONTH),
    ("subsidy.purchased_service_min", "政府购买服务标准下限", Unit.FEN_PER_MONTH),
    ("subsidy.operating_a", "A级运营补贴标准", Unit.FEN_PER_YEAR),
    ("subsidy.operating_aa", "AA级运营补贴标准", Unit.FEN_PER_YEAR),
    ("subsidy.operating_aaa", "AAA级运营补贴标准", Unit.FEN_PER_YEAR),
    ("subsidy.star_1", "一星级运营补贴标准", Unit.FEN_PER_MONTH),
    ("subsidy.star_2", "二星级运营补贴标准", Unit.FEN_PER_MONTH),
    ("subsidy.star_3", "三星级运营补贴标准", Unit.FEN_PER_MONTH),
    ("subsidy.star_4", "四星级运营补贴标准", Unit.FEN_PER_MONTH),
    ("subsidy.star_5", "五星级运营补贴标准", Unit.FEN_PER_MONTH),
    ("subsidy.condition", "补贴条件", Unit.TEXT),
    ("rating.levels", "社区养老服务机构等级", Unit.TEXT),
    ("rating.indicators", "社区养老服务机构评定指标", Unit.TEXT),
    ("rating.validity", "等级有效期", Unit.YEARS),
    ("rating.notice", "评定结果公示期", Unit.WORKING_DAYS),
    ("rating.renewal", "期满前申请续评", Unit.MONTHS),
    ("rating.panel_size", "现场评定组人数下限", Unit.PEOPLE),
    ("rating.wait_after_revocation", "撤销等级后再次申请间隔", Unit.MONTHS),
    ("sampling.rate_a", "A级（低风险）年度抽查比例", Unit.RATE),
    ("sampling.rate_b", "B级（一般风险）年度抽查比例", Unit.RATE),
    ("sampling.rate_c", "C级（较高风险）年度抽查比例", Unit.RATE),
    ("sampling.rate_d", "D级（高风险）年度抽查比例", Unit.RATE),
    ("sampling.rate_listed", "失信惩戒对象年度抽查比例", Unit.RATE),
    ("sampling.tier_unrated", "未评级机构按何级抽查", Unit.TEXT),
    ("sampling.team_size", "每家检查人员人数", Unit.PEOPLE),
    ("inspection.visits_min", "每家现场检查次数下限", Unit.TIMES_PER_YEAR),
    ("inspection.joint_visits_min", "每家联合检查次数下限", Unit.TIMES_PER_YEAR),
    ("inspection.visits_cap", "每家检查频次上限", Unit.TIMES_PER_YEAR),
    ("inspection.first_visit", "备案后首次现场检查", Unit.WORKING_DAYS),
    ("inspection.unfiled_visit", "发现未备案机构后现场检查", Unit.WORKING_DAYS),
    ("inspection.notice", "检查前送达通知", Unit.WORKING_DAYS),
    ("inspection.publish_result", "检查结束后公开结果", Unit.WORKING_DAYS),
    ("inspection.withdraw", "决定被撤销后撤回公开", Unit.WORKING_DAYS),
    ("rectification.on_the_spot", "立行立改", Unit.NATURAL_DAYS),
    ("rectification.minor", "一般问题整改", Unit.NATURAL_DAYS),
    ("rectification.serious", "较重问题整改", Unit.NATURAL_DAYS),
    ("rectification.construction_max", "需施工整改上限", Unit.NATURAL_DAYS),
    ("rectification.recheck", "整改报告提交后复查", Unit.WORKING_DAYS),
    ("filing.after_first_resident", "收住首位老人后备案", Unit.WORKING_DAYS),
    ("filing.handle", "核对备案材料", Unit.WORKING_DAYS),
    ("filing.closing_notice", "停业前告知", Unit.NATURAL_DAYS),
    ("penalty.publish", "处罚决定公示", Unit.WORKING_DAYS),
    ("penalty.decide", "立案后作出处罚决定", Unit.NATURAL_DAYS),
    ("credit.defence", "陈述申辩期", Unit.WORKING_DAYS),
    ("credit.decision", "申辩期满后作出决定", Unit.WORKING_DAYS),
    ("credit.service", "决定书送达", Unit.WORKING_DAYS),
    ("credit.entry", "归集至信用系统", Unit.WORKING_DAYS),
    ("credit.objection_mark", "异议标注", Unit.WORKING_DAYS),
    ("credit.objection_decide", "异议处理", Unit.WORKING_DAYS),
    ("credit.removal_accept", "移出（修复）申请受理", Unit.WORKING_DAYS),
    ("credit.removal_answer", "移出（修复）申请办结", Unit.WORKING_DAYS),
    ("credit.withdraw", "列入决定被撤销后撤回公开", Unit.WORKING_DAYS),
    ("credit.review", "申请行政复议期限", Unit.NATURAL_DAYS),
    ("credit.lawsuit", "提起行政诉讼期限", Unit.MONTHS),
    ("credit.list_min", "申请移出名单的最短期限", Unit.MONTHS),
    ("credit.list_max", "名单公示的最长期限", Unit.MONTHS),
    ("credit.watch_term", "重点关注对象名单期限", Unit.MONTHS),
    ("credit.repair_by", "移出由本级还是上一级决定", Unit.TEXT),
    ("credit.minor_max", "轻微失信信息最长公示", Unit.MONTHS),
    ("credit.general_min", "一般失信信息最短公示", Unit.MONTHS),
    ("credit.general_max", "一般失信信息最长公示", Unit.MONTHS),
    ("credit.serious_min", "严重失信信息最短公示", Unit.MONTHS),
    ("credit.serious_max", "严重失信信息最长公示", Unit.MONTHS),
    ("credit.warn_before", "公示到期前提醒", Unit.NATURAL_DAYS),
    ("credit.model", "信用评价模型", Unit.TEXT),
    ("credit.tier_table", "风险等级表", Unit.TEXT),
    ("credit.override_max", "人工调整风险等级最长期限", Unit.NATURAL_DAYS),
    ("complaint.enquiry", "12345 咨询、求助办结", Unit.WORKING_DAYS),
    ("complaint.complaint", "12345 投诉办结", Unit.WORKING_DAYS),
    ("complaint.transfer", "不属本部门的转办、退回", Unit.WORKING_DAYS),
    ("complaint.petition_notice", "信访事项告知", Unit.NATURAL_DAYS),
    ("complaint.petition_decide", "信访事项办结", Unit.NATURAL_DAYS),
    ("complaint.petition_extension", "信访事项延期上限", Unit.NATURAL_DAYS),
    ("complaint.consumer_accept", "消费投诉受理", Unit.WORKING_DAYS),
    ("complaint.consumer_mediate", "消费争议调解", Unit.NATURAL_DAYS),
    ("training.safety_education", "安全教育次数下限", Unit.TIMES_PER_HALF_YEAR),
    ("training.safety_pass_rate", "安全教育考核合格率下限", Unit.RATE),
    ("training.drill", "应急演练次数下限", Unit.TIMES_PER_HALF_YEAR),
    ("training.certificate_warnings", "证书到期提醒", Unit.LIST),
    ("archive.inspection", "日常检查档案保管期限", Unit.YEARS),
    ("archive.penalty", "处罚、列入档案保管期限", Unit.YEARS),
    ("archive.rating", "等级评定档案保管期限", Unit.YEARS),
    ("tablet.wipe_after", "归档回执后清除平板数据", Unit.NATURAL_DAYS),
)

SETTINGS: Final[Mapping[str, Setting]] = {key: Setting(key, label, unit) for key, label, unit in _TABLE}


def check_value(setting: Setting, value: Value) -> str | None:
    """What is wrong with a value for a setting, in Chinese (取值检查), or None. The same for a file and for a screen."""
    if setting.unit.is_text:
        return None if isinstance(value, str) and value.strip() else f"“{setting.label}”应填文字"
    if setting.unit is Unit.LIST:
        return None if isinstance(value, tuple) and value else f"“{setting.label}”应填一列整数"
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return f"“{setting.label}”应填不小于0的整数"
    if setting.unit is Unit.RATE and value > 10_000:
        return f"“{setting.label}”不能超过100%"
    return None


# --- what a file says -------------------------------------------------------------------------------------------------


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Said(_Frozen):
    """Something that a document says (有出处的内容): where (`clause`), in which words, how sure we are."""

    clause: str = Field(min_length=1)
    words: str = ""
    confidence: Confidence = Confidence.VERIFIED
    force: Literal["firm", "soft"] = "firm"
    note: str = ""


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class PackValue(_Said):
    """A setting's value in a pack (参数取值). `force: soft` when the document says 原则上, 有条件."""

    value: Annotated[Value, BeforeValidator(_listed)]


class TargetKind(Labelled):
    """What sort of promise a target is (目标类型)."""

    RATE = "rate", "比例"
    COUNT = "count", "数量"
    STANDARD = "standard", "单位标准"
    FLOOR = "floor", "资金下限"
    MILESTONE = "milestone", "事项"


class Step(_Frozen):
    """A point on a target's path (目标节点). No `due`: it holds all the time, or every `Target.every`."""

    due: date | None = None
    value: int = Field(ge=0)


class Target(_Said):
    """What a region promised to reach (政策目标).

    `numerator` and `denominator` say how it is counted; `formula_by` whether the document or the platform says so.
    Several steps make a path; between them nothing is promised. A milestone's value is 1: done.
    """

    id: str = Field(pattern=r"^[A-Z]{2}\d{0,2}-\d{1,2}[a-c]?$")
    label: str = Field(min_length=1)
    kind: TargetKind
    unit: Unit
    path: tuple[Step, ...] = ()
    every: Literal["", "month", "year"] = ""
    numerator: str = Field(min_length=1)
    denominator: str = ""
    formula_by: Literal["document", "platform"] = "platform"

    @model_validator(mode="after")
    def _makes_sense(self) -> Target:
        if (self.kind is TargetKind.RATE) != (self.unit is Unit.RATE):
            raise ValueError(f"{self.id}: a rate and only a rate is counted in ten-thousandths")
        if self.kind is TargetKind.RATE and not self.denominator:
            raise ValueError(f"{self.id}: a rate needs a denominator")
        days = [step.due for step in self.path if step.due is not None]
        if days != sorted(set(days)) or (len(days) != len(self.path) and len(self.path) > 1):
            raise ValueError(f"{self.id}: the steps of a path are dated and in order")
        return self

    def due_by(self, on: date) -> Step | None:
        """The step that should have been reached on a day (当期目标), or None before the first."""
        passed = [step for step in self.path if step.due is None or step.due <= on]
        return passed[-1] if passed else None

    def next_step(self, on: date) -> Step | None:
        """The step that lies ahead (下一节点), or None."""
        return next((step for step in self.path if step.due is not None and step.due > on), None)


class Baseline(_Said):
    """A figure that the document reports (基数), not a promise. `decimals` shifts the point: 3002 with 2 is 30.02."""

    label: str
    value: int
    decimals: int = Field(default=0, ge=0, le=4)
    unit_words: str
    as_of: str


class Paper(_Frozen):
    """The document behind a pack (政策文件). What is not known stays empty and is said in `copy_note`."""

    title: str = Field(min_length=1)
    number: str = ""
    issuer: str = ""
    issued_on: date | None = None
    copy_note: str = ""


class PolicyPack(Edition):
    """One policy document as data (政策包).

    `region` is the code of its region, empty for the platform's own defaults; `jurisdiction` is not used, since
    paths are made when divisions are loaded. `date_status: pending` means that the document's own date is unknown
    and `in_force_from` only holds its place.
    """

    kind: Literal["policy_pack"] = "policy_pack"
    region: str = Field(pattern=r"^(\d{2}|\d{4}|\d{6}|)$")
    date_status: Literal["known", "pending"] = "known"
    document: Paper
    settings: dict[str, PackValue] = Field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    baselines: tuple[Baseline, ...] = ()

    @model_validator(mode="after")
    def _keys_are_known(self) -> PolicyPack:
        for key, given in self.settings.items():
            if key not in SETTINGS:
                raise ValueError(f"{key}: no such setting")
            if fault := check_value(SETTINGS[key], given.value):
                raise ValueError(f"{key}: {fault}")
        ids = [target.id for target in self.targets]
        if len(ids) != len(set(ids)):
            raise ValueError("a target id stands twice")
        return self

    @property
    def date_pending(self) -> bool:
        """Whether the document's own date is unknown (日期待核)."""
        return self.date_status == "pending"

    def cite(self, clause: str) -> str:
        """How a screen names the source of a value (出处)."""
        number = f"（{self.document.number}）" if self.document.number else ""
        title = f"{self.document.title}：" if self.region == PLATFORM else f"《{self.document.title}》"
        return f"{title}{number}{clause}{'【日期待核】' if self.date_pending else ''}"


@cache
def library() -> Library[PolicyPack]:
    """Every shipped pack (政策包库). Raises BadEdition for a file with a fault."""
    return load(FOLDER, PolicyPack)


# --- what holds in a place --------------------------------------------------------------------------------------------


def claims(packs: Iterable[PolicyPack], chain: Sequence[str]) -> Iterator[Claim[Value]]:
    """What the packs say for a region (政策取值). `chain` holds codes from the region upwards: 210102, 2101, 21.

    The platform's defaults come after the last of the chain. Ordered so that of equals the later wins.
    """
    for pack in sorted(packs, key=lambda pack: (pack.in_force_from, pack.code)):
        if pack.region != PLATFORM and pack.region not in chain:
            continue
        distance = len(chain) + 1 if pack.region == PLATFORM else chain.index(pack.region)
        for key, given in pack.settings.items():
            yield Claim(
                key=key,
                value=given.value,
                distance=distance,
                in_force_from=pack.in_force_from,
                in_force_to=pack.in_force_to,
                source=pack.cite(given.clause),
                confidence=given.confidence,
                date_pending=pack.date_pending,
                soft=given.force == "soft",
            )


def settings_for(chain: Sequence[str], *, on: date, own: Iterable[Claim[Value]] = ()) -> Mapping[str, Claim[Value]]:
    """The settings that hold in a region on a day, with their sources (生效参数). `own`: what authorities set themselves."""
    return effective([*claims(library().editions, chain), *own], on=on)


def targets_for(chain: Sequence[str], *, on: date) -> tuple[tuple[PolicyPack, Target], ...]:
    """The targets that bind a region on a day (适用目标), its own first. Targets add up, they do not replace each other."""
    bound = [pack for pack in library().editions if pack.region != PLATFORM and pack.region in chain and pack.in_force_on(on)]
    bound.sort(key=lambda pack: (chain.index(pack.region), -pack.in_force_from.toordinal()))
    return tuple((pack, target) for pack in bound for target in pack.targets)
