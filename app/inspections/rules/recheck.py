"""Re-checks (复查) and the steps of a problem's story: what was found again, what follows, who may not look a second time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.inspections.rules.findings import DeadlineTable
from app.inspections.rules.task import Officer


class RecheckState(Labelled):
    """State of a re-check (复查状态)."""

    ASSIGNED = "assigned", "待复查"
    DONE = "done", "已复查"
    CANCELLED = "cancelled", "已取消"


class RecheckResult(Labelled):
    """What the re-check found of one problem (复查结果)."""

    DONE = "done", "已整改"
    PARTLY = "partly", "部分整改"
    NOT = "not", "未整改"


class Handling(Labelled):
    """What follows (后续处理)."""

    CLOSE = "close", "销号"
    CONTINUE = "continue", "继续整改"
    CASE = "case", "提请立案"
    TRANSFER = "transfer", "移送"


FITTING: Final = {
    RecheckResult.DONE: frozenset({Handling.CLOSE}),
    RecheckResult.PARTLY: frozenset({Handling.CONTINUE, Handling.CASE, Handling.TRANSFER}),
    RecheckResult.NOT: frozenset({Handling.CONTINUE, Handling.CASE, Handling.TRANSFER}),
}


def check_handling(
    result: RecheckResult, handling: Handling, *, new_due: date | None, ordered_on: date, on: date, table: DeadlineTable
) -> None:
    """Refuse a handling that does not fit the result (复查结果与处理), or a new deadline out of range."""
    if handling not in FITTING[result]:
        fitting = "、".join(h.label for h in Handling if h in FITTING[result])
        raise Refused("recheck.handling", f"复查结果“{result.label}”时，后续处理应为：{fitting}")
    if handling is not Handling.CONTINUE:
        return
    latest = max(ordered_on, on) + timedelta(days=table.construction_max_days)
    if new_due is None or not on <= new_due <= latest:
        raise Refused("recheck.new_due", f"继续整改须另定期限，在 {on.isoformat()} 至 {latest.isoformat()} 之间")


def check_other_officers(rechecks: Collection[Officer], *, inspectors: Collection[str], on: date) -> None:
    """Refuse re-checkers who inspected, or fewer than two with a valid certificate (复查换人)."""
    if {o.id for o in rechecks} & set(inspectors):
        raise Refused("recheck.same_officers", "复查须换人：参加原检查的人员不能复查，请另派人员")
    if len({o.id for o in rechecks if o.may_inspect(on)}) < 2:
        raise Refused("recheck.two_officers", f"{on.isoformat()} 持有效执法证件的复查人员不足两名，请补充人员")


class StepKind(Labelled):
    """What happened to a problem (办理经过)."""

    OPENED = "opened", "登记问题"
    JUDGED = "judged", "研判"
    ORDERED = "ordered", "责令改正"
    SERVED = "served", "送达"
    REPORTED = "reported", "提交整改报告"
    EXTENSION_ASKED = "extension_asked", "申请延期"
    EXTENSION_GRANTED = "extension_granted", "同意延期"
    EXTENSION_DECLINED = "extension_declined", "未同意延期"
    RECHECK_ASSIGNED = "recheck_assigned", "安排复查"
    RECHECKED = "rechecked", "复查"
    CLOSED = "closed", "销号"
    ESCALATED = "escalated", "升级督办"
    CASE_PROPOSED = "case_proposed", "提请立案"
    TRANSFERRED = "transferred", "移送"
    TRANSFER_ANSWERED = "transfer_answered", "收到移送处理结果"
    HAZARD_DECIDED = "hazard_decided", "决定立即措施"
    HAZARD_PLANNED = "hazard_planned", "提交整改方案"
    HAZARD_PLAN_DECIDED = "hazard_plan_decided", "审批整改方案"
    HAZARD_REVIEWED = "hazard_reviewed", "审查"
    HAZARD_LIFTED = "hazard_lifted", "解除措施"
    DOWNGRADE_PROPOSED = "downgrade_proposed", "提请降级"
    DOWNGRADED = "downgraded", "批准降级"
    REPLIED = "replied", "机构陈述"
    REPLY_CLEARED = "reply_cleared", "核对机构陈述"
    PUBLIC_TEXT = "public_text", "核定公示文字"
    REVOKED = "revoked", "撤销责令"
