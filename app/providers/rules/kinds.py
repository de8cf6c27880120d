"""Code lists of the registry (机构与备案代码表): kinds and states of bodies, sites, filings, papers.

Sources: 《养老机构管理办法》(民政部令第66号); docs/glossary.md.
"""

from __future__ import annotations

from app.core.labels import Labelled


class Nature(Labelled):
    """Nature of a body (机构性质)."""

    FOR_PROFIT = "for_profit", "营利性"
    NON_PROFIT = "non_profit", "民办非企业单位"
    PUBLIC = "public", "公办（事业单位）"


class SiteKind(Labelled):
    """Kind of site (网点类型). Ten beds with full-day care make a care home (66号令 art. 2)."""

    CARE_HOME = "care_home", "养老机构"
    HOME_CARE_CENTRE = "home_care_centre", "区域性居家养老服务中心"
    COMMUNITY_STATION = "community_station", "社区养老服务站"
    DAY_CARE = "day_care", "日间照料中心"
    RURAL_HAPPINESS = "rural_happiness", "农村幸福院"
    MEAL_POINT = "meal_point", "老年助餐点"


class SiteState(Labelled):
    """State of a site (网点状态)."""

    DRAFT = "draft", "登记中"
    OPERATING = "operating", "已运营未备案"
    FILED = "filed", "已备案"
    SUSPENDED = "suspended", "暂停服务"
    CLOSING = "closing", "停业安置中"
    CLOSED = "closed", "已停业"
    EXITED = "exited", "已退出"


class OperatorModel(Labelled):
    """Who runs it (运营方式)."""

    PUBLIC_OWN = "public_own", "公办公营"
    PUBLIC_RUN_PRIVATE = "public_run_private", "公建民营"
    PRIVATE = "private", "民办民营"


class FilingKind(Labelled):
    """Kind of filing (备案类型)."""

    FIRST = "first", "设立备案"
    CHANGE = "change", "变更备案"
    MOVE = "move", "迁移备案"
    SUSPEND = "suspend", "暂停服务报告"
    CLOSE = "close", "终止服务报告"


class FilingState(Labelled):
    """State of a filing (备案状态)."""

    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "退回补正"
    ACCEPTED = "accepted", "已备案"
    WITHDRAWN = "withdrawn", "已撤回"


class FireTrack(Labelled):
    """How the fire papers of the premises stand (消防手续路径)."""

    ACCEPTED = "accepted", "消防验收合格"
    FILED = "filed", "消防验收备案"
    ASSESSED = "assessed", "第三方消防安全评估"
    CASE_BY_CASE = "case_by_case", "一事一议"


class PaperKind(Labelled):
    """Kind of paper (材料种类)."""

    APPLICATION = "application", "备案申请书"
    REGISTRATION = "registration", "登记证书"
    PROMISE = "promise", "承诺书"
    FIRE = "fire", "消防手续"
    FIRE_TEST = "fire_test", "消防设施年度检测报告"
    FOOD = "food", "食品经营许可证"
    CLINIC = "clinic", "医疗机构执业许可（备案）"
    LIFT = "lift", "电梯检验报告"
    INSURANCE = "insurance", "综合责任保险单"
    LEASE = "lease", "场所权属或租赁合同"
    MEDICAL_CONTRACT = "medical_contract", "医养签约协议"
    RESETTLEMENT = "resettlement", "安置方案"
    OTHER = "other", "其他材料"


class Tenure(Labelled):
    """By what right the premises are used (场所权属)."""

    OWNED = "owned", "自有"
    LEASED = "leased", "租赁"
    LENT = "lent", "无偿使用"


class PaperState(Labelled):
    """State of a paper (材料状态)."""

    CURRENT = "current", "现行"
    REPLACED = "replaced", "已更新"


class Tier(Labelled):
    """Supervision tier (监管等级): sets the draw rate by the policy pack; credit calls down to set it."""

    A = "A", "A 低风险"
    B = "B", "B 一般"
    C = "C", "C 较高"
    D = "D", "D 高风险"
