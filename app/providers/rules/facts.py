"""Facts of a site (基本情况规则): which figures are kept, their units, and when two of them contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.providers.rules.kinds import Tenure


class FactType(Labelled):
    """How a fact is kept (数据类型): whole numbers (money in 分), yes or no, a closed list, or words."""

    COUNT = "count", "整数"
    MONEY = "money", "金额"
    YES = "yes", "是否"
    CHOICE = "choice", "选项"
    TEXT = "text", "文字"


class FactGroup(Labelled):
    """Where a fact is shown (分组)."""

    SCALE = "scale", "规模"
    PEOPLE = "people", "入住与人员"
    CHARGES = "charges", "公示收费"
    SUPPORT = "support", "保障"


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of fact (指标). `public` ones are shown to everybody; `most` is a bound against slips of the pen."""

    key: str
    label: str
    unit: str
    form: FactType
    group: FactGroup
    most: int = 100_000
    public: bool = True
    choices: type[Labelled] | None = None


_C, _M, _Y, _T = FactType.COUNT, FactType.MONEY, FactType.YES, FactType.TEXT
_SCALE, _PEOPLE, _CHARGES, _SUPPORT = FactGroup
_MOST_FEN: Final = 10_000_000

FACTS: Final[Mapping[str, Fact]] = {
    fact.key: fact
    for fact in (
        Fact("beds", "核定床位", "张", _C, _SCALE, 10_000),
        Fact("nursing_beds", "护理型床位", "张", _C, _SCALE, 10_000),
        Fact("full_day", "提供全日集中住宿和照料", "", _Y, _SCALE),
        Fact("floor_area", "建筑面积", "㎡", _C, _SCALE, 1_000_000),
        Fact("site_area", "占地面积", "㎡", _C, _SCALE, 10_000_000),
        Fact("storeys", "楼层数", "层", _C, _SCALE, 60),
        Fact("tenure", "场所权属", "", FactType.CHOICE, _SCALE, choices=Tenure),
        Fact("households_served", "服务户数", "户", _C, _SCALE, 1_000_000),
        Fact("occupied_beds", "在住人数", "人", _C, _PEOPLE, 10_000),
        Fact("disabled_residents", "其中失能", "人", _C, _PEOPLE, 10_000),
        Fact("staff", "工作人员", "人", _C, _PEOPLE, 10_000),
        Fact("caregivers", "护理员", "人", _C, _PEOPLE, 10_000),
        Fact("charge_bed_min", "床位费最低", "元/月", _M, _CHARGES, _MOST_FEN),
        Fact("charge_bed_max", "床位费最高", "元/月", _M, _CHARGES, _MOST_FEN),
        Fact("charge_care_min", "护理费最低", "元/月", _M, _CHARGES, _MOST_FEN),
        Fact("charge_care_max", "护理费最高", "元/月", _M, _CHARGES, _MOST_FEN),
        Fact("charge_meals", "伙食费", "元/月", _M, _CHARGES, _MOST_FEN),
        Fact("charges_published", "收费已在场所公示", "", _Y, _CHARGES),
        Fact("insurance", "投保养老机构责任保险", "", _Y, _SUPPORT),
        Fact("medical_contract", "与医疗机构签约", "", _Y, _SUPPORT),
        Fact("clinic", "内设医疗机构", "", _Y, _SUPPORT),
        Fact("canteen", "自办食堂", "", _Y, _SUPPORT),
        Fact("lift", "设有电梯", "", _Y, _SUPPORT),
        Fact("services", "服务内容", "", _T, _SUPPORT, 200),
    )
}

_PAIRS: Final = (
    ("nursing_beds", "beds"),
    ("disabled_residents", "occupied_beds"),
    ("caregivers", "staff"),
    ("charge_bed_min", "charge_bed_max"),
    ("charge_care_min", "charge_care_max"),
)


def check_fact(key: str, value: Any) -> str | None:
    """What is wrong with one value (数据核对), in a sentence, or None."""
    fact = FACTS.get(key)
    if fact is None:
        return "没有这个指标"
    if fact.form in (FactType.COUNT, FactType.MONEY):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= fact.most:
            most = fact.most // 100 if fact.form is FactType.MONEY else fact.most
            return f"“{fact.label}”应在 0～{most} 之间"
    elif fact.form is FactType.YES:
        if not isinstance(value, bool):
            return f"“{fact.label}”应填是或否"
    elif not isinstance(value, str) or not value.strip() or len(value) > 200:
        return f"“{fact.label}”应填不超过 200 字的文字"
    elif fact.choices is not None and value not in {str(member) for member in fact.choices}:
        return f"“{fact.label}”没有这个选项"
    return None


def contradictions(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pairs of facts that cannot both be true (前后矛盾): (key, sentence). A part may not exceed its whole."""
    return tuple(
        (part, f"“{FACTS[part].label}”不能超过“{FACTS[whole].label}”")
        for part, whole in _PAIRS
        if isinstance(values.get(part), int) and isinstance(values.get(whole), int) and values[part] > values[whole]
    )


def check_facts(values: Mapping[str, Any]) -> None:
    """Refuse values that are wrong or contradict each other, all at once (数据核对)."""
    faults = [fault for key, value in values.items() if (fault := check_fact(key, value))]
    if not faults:
        faults = [sentence for _, sentence in contradictions(values)]
    if faults:
        raise Refused("facts.wrong", "；".join(faults) + "。请核对后再存。")


def shown_fact(key: str, value: Any) -> str:
    """A value as a person reads it, without its unit (显示值): money in 元, 是 or 否."""
    fact = FACTS[key]
    if value is None:
        return "—"
    if fact.form is FactType.MONEY:
        whole, rest = divmod(int(value), 100)
        return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    if fact.form is FactType.YES:
        return "是" if value else "否"
    if fact.choices is not None:
        return fact.choices(value).label
    return f"{value:,}" if isinstance(value, int) else str(value)
