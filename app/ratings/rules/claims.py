"""The way of a subsidy list (补贴清单规则): computed, approved by another person, or cancelled."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from app.core.labels import Labelled
from app.core.refusal import Refused

LONGEST_MONTHS: Final = 12


class ClaimKind(Labelled):
    """Paying out or taking back (清单种类)."""

    CLAIM = "claim", "发放清单"
    REVERSAL = "reversal", "追回清单"


class ClaimState(Labelled):
    """How far a list is (清单状态)."""

    DRAFT = "draft", "待审批"
    APPROVED = "approved", "已审批"
    CANCELLED = "cancelled", "已作废"


def check_period(first: date, last: date, on: date) -> tuple[date, date]:
    """The months of a list (清单期间) by their first days: ended months only, at most twelve, in order."""
    first, last = first.replace(day=1), last.replace(day=1)
    if first > last:
        raise Refused("subsidy.period", "起始月份应不晚于截止月份")
    if last >= on.replace(day=1):
        raise Refused("subsidy.month_runs", "只能计算已经结束的月份，请把截止月份改到上个月或更早")
    if (last.year - first.year) * 12 + last.month - first.month >= LONGEST_MONTHS:
        raise Refused("subsidy.period", f"一张清单最多 {LONGEST_MONTHS} 个月，请分开计算")
    return first, last


def check_approval(state: ClaimState, *, made_by: UUID, by: UUID, paid: int) -> None:
    """Refuse an approval (审批核对) by the maker, of a list that is settled, or of one that pays nothing."""
    if state is not ClaimState.DRAFT:
        raise Refused("subsidy.settled", f"这张清单“{state.label}”，不能再审批")
    if by == made_by:
        raise Refused("subsidy.own", "清单由另一名人员审批，不能审批自己计算的清单")
    if paid == 0:
        raise Refused("subsidy.nothing", "清单里没有可以计补的行，请先补齐本地标准或登记数据，再重新计算")
