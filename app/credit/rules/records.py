"""Credit records (信用记录): what may be recorded, on what evidence, until when, and how it ends; pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused


class RecordKind(Labelled):
    """What a record is about (记录种类). What it costs or earns is said by a model, not here."""

    FINDING_MINOR = "finding_minor", "检查发现一般问题"
    FINDING_SERIOUS = "finding_serious", "检查发现较重问题"
    FINDING_MAJOR = "finding_major", "重大事故隐患"
    RECTIFICATION_OVERDUE = "rectification_overdue", "逾期未整改"
    INSPECTION_REFUSED = "inspection_refused", "拒绝、阻碍检查或隐瞒"
    COMPLAINT_CONFIRMED = "complaint_confirmed", "投诉举报查实"
    PENALTY_MINOR = "penalty_minor", "行政处罚（轻微）"
    PENALTY_GENERAL = "penalty_general", "行政处罚（一般）"
    PENALTY_SERIOUS = "penalty_serious", "行政处罚（严重）"
    REGISTRATION_LAPSE = "registration_lapse", "登记事项不符"
    FILING_LAPSE = "filing_lapse", "备案不及时、不准确"
    FALSE_MATERIAL = "false_material", "备案承诺虚假或隐瞒"
    ABNORMAL_LIST = "abnormal_list", "列入经营（活动）异常名录"
    ANNUAL_REPORT = "annual_report", "年度报告、年检不合格"
    STAFF_DISHONESTY = "staff_dishonesty", "主要人员、护理员严重失信"
    STANDARD_MISSED = "standard_missed", "强制性标准未达标"
    MONITORING = "monitoring", "日常监测扣分"
    ARREARS = "arrears", "欠缴税费"
    COMMENDATION = "commendation", "受到表彰奖励"
    PILOT = "pilot", "承担试点示范"


BY_HAND: Final = tuple(
    kind
    for kind in RecordKind
    if kind
    not in {
        RecordKind.FINDING_MINOR,
        RecordKind.FINDING_SERIOUS,
        RecordKind.FINDING_MAJOR,
        RecordKind.RECTIFICATION_OVERDUE,
        RecordKind.COMPLAINT_CONFIRMED,
    }
)
"""What an officer may enter; the others come from the flow that found them, so that each has its file."""
GOOD: Final = frozenset({RecordKind.COMMENDATION, RecordKind.PILOT})
BAD: Final = frozenset(
    {
        RecordKind.FINDING_MAJOR,
        RecordKind.INSPECTION_REFUSED,
        RecordKind.PENALTY_GENERAL,
        RecordKind.PENALTY_SERIOUS,
        RecordKind.FALSE_MATERIAL,
        RecordKind.ABNORMAL_LIST,
    }
)
"""A bad record (不良记录) in the sense of the phoenix check: grave enough that somebody might want to leave it behind."""


class EvidenceKind(Labelled):
    """What a record rests on (依据材料)."""

    FINDING = "finding", "检查问题"
    ANSWER = "answer", "检查答案"
    PHOTO = "photo", "现场照片"
    ORDER = "order", "责令改正通知书"
    COMPLAINT = "complaint", "投诉举报"
    DOCUMENT = "document", "文书"
    IMPORTED = "imported", "外部数据"


class EndWay(Labelled):
    """How a record ended before its time (提前结束方式)."""

    ANNULLED = "annulled", "已撤销（自始不计）"
    REPAIRED = "repaired", "已修复（自修复日起不计）"


class ObjectionState(Labelled):
    """State of an objection (异议状态)."""

    OPEN = "open", "处理中"
    UPHELD = "upheld", "成立，记录已撤销"
    REJECTED = "rejected", "不成立"
    WITHDRAWN = "withdrawn", "已撤回"


class Standing(Labelled):
    """How a record stands on a day (记录状态), computed from its dates, never stored."""

    COUNTS = "counts", "计入"
    AHEAD = "ahead", "尚未起算"
    ENDED = "ended", "已到期"
    REPAIRED = "repaired", "已修复"
    ANNULLED = "annulled", "已撤销"


def standing(valid_from: date, valid_to: date | None, ended: EndWay | None, ended_on: date | None, *, on: date) -> Standing:
    """How a record stands on a day (记录状态). `valid_to` is the last day that counts; a repair counts from its own day."""
    if ended is EndWay.ANNULLED:
        return Standing.ANNULLED
    if ended is EndWay.REPAIRED and ended_on is not None and on >= ended_on:
        return Standing.REPAIRED
    if on < valid_from:
        return Standing.AHEAD
    return Standing.ENDED if valid_to is not None and on > valid_to else Standing.COUNTS


def check_record(kind: RecordKind, *, facts: str, clause: str, evidence: int, valid_from: date, valid_to: date | None) -> None:
    """Refuse a record that nobody could check (记录须有据可查)."""
    if not facts.strip():
        raise Refused("credit.facts", "请写明事实：何时、何事、由谁认定；不写个人信息。")
    if kind not in GOOD and not clause.strip():
        raise Refused("credit.clause", "请写明依据的条款或文件，机构要能看到为什么扣分。")
    if evidence == 0:
        raise Refused("credit.evidence", "请填写依据材料（文书号、数据来源），没有材料的不能记入。")
    if valid_to is not None and valid_to < valid_from:
        raise Refused("credit.dates", "截止日期不能早于起算日期。")


def check_by_hand(kind: RecordKind, *, source: str, number: str, decided_on: date, on: date) -> None:
    """Refuse what comes from its own flow, or has no paper to show (手工记入条件)."""
    if kind not in BY_HAND:
        raise Refused("credit.by_flow", f"“{kind.label}”由检查、整改、投诉办理时自动记入，不能手工记入。")
    if not source.strip() or not number.strip():
        raise Refused("credit.paper", "请填写来源单位和文书号（或数据批次号），机构要能据此核对。")
    if decided_on > on:
        raise Refused("credit.future", "认定日期不能晚于今天。")


def not_open(state: ObjectionState) -> Refused:
    """The refusal to touch an objection that is over (异议已办结)."""
    return Refused("objection.decided", f"这件异议{state.label}。")


def check_end(*, ended: EndWay | None, reason: str, recorded_by: object, by: object, by_system: bool) -> None:
    """Refuse to end a record twice, without reason, or by whoever entered it (撤销、修复须由他人办理)."""
    if ended is not None:
        raise Refused("credit.ended", f"这条记录{ended.label}，不能重复办理。")
    if len(reason.strip()) < 4:
        raise Refused("credit.reason", "请写明理由，理由会给机构看。")
    if recorded_by == by and not by_system:
        raise Refused("credit.own", "记入的人不能撤销或修复自己记入的记录，请由另一名有权人员办理。")


def check_objection(kind_standing: Standing, *, open_one: bool, reason: str) -> None:
    """Refuse an objection to what no longer counts, a second one beside the first, or one without reasons (提出异议)."""
    if kind_standing not in {Standing.COUNTS, Standing.AHEAD}:
        raise Refused("objection.not_now", f"这条记录{kind_standing.label}，不再影响信用分，不需要提出异议。")
    if open_one:
        raise Refused("objection.open", "这条记录的异议正在处理，请等处理结果；要补充材料可先撤回再重新提出。")
    if len(reason.strip()) < 10:
        raise Refused("objection.reason", "请写清楚哪里不对、有什么材料，至少10个字。")


def check_objection_decision(*, state: ObjectionState, reason: str, recorded_by: object, asked_by: object, by: object) -> None:
    """Refuse to decide an objection twice, without reasons, or by a party to it (异议由他人处理)."""
    if state is not ObjectionState.OPEN:
        raise Refused("objection.decided", f"这件异议{state.label}，不能重复处理。")
    if len(reason.strip()) < 4:
        raise Refused("objection.why", "请写明处理理由，理由会告知机构。")
    if by in {recorded_by, asked_by}:
        raise Refused("objection.own", "记入这条记录的人不能处理对它的异议，请由另一名有权人员办理。")
