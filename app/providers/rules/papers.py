"""Papers of a site (证照材料规则): which expire, when to remind, who gives them.

Days of reminding are the platform's default; a receipt of filing is not among them, since a filing has no expiry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.providers.rules.kinds import PaperKind, PaperState

ALERT_DAYS: Final = (90, 60, 30, 7, 0)


@dataclass(frozen=True, slots=True)
class PaperRule:
    """What holds for a kind of paper (材料规则): whether it expires, when to remind (natural days before), who gives it."""

    expires: bool
    issuer: str
    alert_days: tuple[int, ...] = ()
    note: str = ""


_E = ALERT_DAYS
PAPERS: Final[Mapping[PaperKind, PaperRule]] = {
    PaperKind.APPLICATION: PaperRule(False, "本单位"),
    PaperKind.REGISTRATION: PaperRule(False, "登记机关", note="营业执照、民办非企业单位登记证书或事业单位法人证书"),
    PaperKind.PROMISE: PaperRule(False, "本单位"),
    PaperKind.FIRE: PaperRule(False, "住房城乡建设部门", note="验收意见或备案凭证没有有效期"),
    PaperKind.FIRE_TEST: PaperRule(True, "消防技术服务机构", _E, "消防设施每年至少全面检测一次（消防法第十六条）"),
    PaperKind.FOOD: PaperRule(True, "市场监督管理部门", _E),
    PaperKind.CLINIC: PaperRule(True, "卫生健康部门", _E, "诊所备案没有有效期的，不填有效期"),
    PaperKind.LIFT: PaperRule(True, "特种设备检验机构", _E),
    PaperKind.INSURANCE: PaperRule(True, "保险公司", _E),
    PaperKind.LEASE: PaperRule(True, "产权人", _E, "自有场所不填有效期"),
    PaperKind.MEDICAL_CONTRACT: PaperRule(True, "签约医疗机构", _E),
    PaperKind.RESETTLEMENT: PaperRule(False, "本单位"),
    PaperKind.OTHER: PaperRule(True, "", _E),
}
OPTIONAL_EXPIRY: Final = (PaperKind.CLINIC, PaperKind.LEASE, PaperKind.OTHER)
KEPT: Final = tuple(kind for kind, rule in PAPERS.items() if rule.expires)
"""Kinds that stand in the expiry calendar of a site (证照日历)."""


def check_paper(kind: PaperKind, issued_on: date | None, valid_until: date | None) -> None:
    """Refuse dates that cannot be (证照日期): an expiry on a paper that has none, none where there must be one, a wrong order."""
    rule = PAPERS[kind]
    if valid_until is not None and not rule.expires:
        raise Refused("paper.no_expiry", f"“{kind.label}”没有有效期，请不要填写。")
    if valid_until is None and rule.expires and kind not in OPTIONAL_EXPIRY:
        raise Refused("paper.expiry", f"请填写“{kind.label}”的有效期至（或下次检验日期）。")
    if issued_on is not None and valid_until is not None and valid_until < issued_on:
        raise Refused("paper.order", "有效期不能早于签发日期。")


def alert_stage(kind: PaperKind, valid_until: date, on: date) -> int | None:
    """The reminder that is due on a day (提醒档): the smallest of the alert days that has been reached, or None."""
    left = (valid_until - on).days
    reached = [days for days in PAPERS[kind].alert_days if left <= days]
    return min(reached, default=None)


class Standing(Labelled):
    """How a paper stands on a day (证照状态)."""

    LASTING = "lasting", "长期"
    VALID = "valid", "有效"
    SOON = "soon", "临期"
    EXPIRED = "expired", "已过期"
    REPLACED = "replaced", "已更新"


SOON_DAYS: Final = 30


def standing(state: PaperState, valid_until: date | None, on: date) -> Standing:
    """How a paper stands (证照状态); on its last day it is still valid."""
    if state is PaperState.REPLACED:
        return Standing.REPLACED
    if valid_until is None:
        return Standing.LASTING
    left = (valid_until - on).days
    return Standing.EXPIRED if left < 0 else Standing.SOON if left <= SOON_DAYS else Standing.VALID
