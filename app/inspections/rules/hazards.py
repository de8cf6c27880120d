"""Supervision of major hazards (重大事故隐患督办): its own path beside the ordinary rectification, never averaged, never skipped.

Sources: 安全生产法 art. 65 (remove at once, order people out, stop business or use; go on only after review agrees), art. 41
(the authority keeps a system of supervision). Which post decides what is the platform's own arrangement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence


class Stop(Labelled):
    """What is ordered at once (立即措施); 安全生产法 art. 65."""

    REMOVE = "remove", "责令立即排除"
    STOP_USE = "stop_use", "停止使用相关设施、设备、场所"
    EVACUATE = "evacuate", "撤出危险区域内人员"
    SUSPEND = "suspend", "暂时停业"

    @property
    def binds(self) -> bool:
        """Whether something was stopped that only a review may set free again (须经审查同意方可恢复)."""
        return self is not Stop.REMOVE


class SupervisionState(Labelled):
    """State of a supervised hazard (督办状态)."""

    OPENED = "opened", "待采取措施"
    DECIDED = "decided", "已采取措施，待整改方案"
    PLANNED = "planned", "方案待批准"
    APPROVED = "approved", "按方案整改中"
    REVIEWED = "reviewed", "审查同意，待解除"
    LIFTED = "lifted", "已解除"
    DOWNGRADED = "downgraded", "经批准不再按重大事故隐患督办"


class SupervisionVerb(Labelled):
    """What may be done to it (督办操作)."""

    DECIDE = "decide", "决定立即措施"
    PLAN = "plan", "提交整改方案"
    RETURN_PLAN = "return_plan", "退回整改方案"
    APPROVE_PLAN = "approve_plan", "批准整改方案"
    REVIEW = "review", "审查同意解除"
    REVIEW_FAILS = "review_fails", "审查不同意解除"
    LIFT = "lift", "解除措施"
    DOWNGRADE = "downgrade", "降级"


_S, _V = SupervisionState, SupervisionVerb

NEXT: Final[Mapping[tuple[SupervisionState, SupervisionVerb], SupervisionState]] = {
    (_S.OPENED, _V.DECIDE): _S.DECIDED,
    (_S.DECIDED, _V.DECIDE): _S.DECIDED,
    (_S.DECIDED, _V.PLAN): _S.PLANNED,
    (_S.PLANNED, _V.RETURN_PLAN): _S.DECIDED,
    (_S.PLANNED, _V.APPROVE_PLAN): _S.APPROVED,
    (_S.APPROVED, _V.DECIDE): _S.APPROVED,
    (_S.APPROVED, _V.REVIEW): _S.REVIEWED,
    (_S.APPROVED, _V.REVIEW_FAILS): _S.APPROVED,
    (_S.REVIEWED, _V.LIFT): _S.LIFTED,
    (_S.OPENED, _V.DOWNGRADE): _S.DOWNGRADED,
    (_S.DECIDED, _V.DOWNGRADE): _S.DOWNGRADED,
    (_S.PLANNED, _V.DOWNGRADE): _S.DOWNGRADED,
    (_S.APPROVED, _V.DOWNGRADE): _S.DOWNGRADED,
}

ENDED: Final = frozenset({_S.LIFTED, _S.DOWNGRADED})


def next_state(state: SupervisionState, verb: SupervisionVerb) -> SupervisionState:
    """Where `verb` takes a supervised hazard (督办流转), or a refusal."""
    if (state, verb) not in NEXT:
        raise Refused("hazard.not_now", f"该督办事项“{state.label}”，不能“{verb.label}”，请先完成前一步")
    return NEXT[state, verb]


def check_measures(measures: Collection[Stop], *, reason: str) -> None:
    """Refuse a decision without a measure, or without saying what is stopped and why (立即措施)."""
    if not measures:
        raise Refused("hazard.measures", "请至少选择一项立即措施；重大事故隐患不能只记录不处置")
    if not reason.strip():
        raise Refused("hazard.reason", "请写明危险所在、停用或撤离的范围和理由")


def check_lifting(*, decided_by: str, reviewed_by: str, lifted_by: str, opinion: str) -> None:
    """Refuse to lift without the review's words, or by the person who reviewed (审查与解除分离)."""
    if not opinion.strip():
        raise Refused("hazard.opinion", "解除措施须有审查意见，请写明由谁审查、依据什么认定隐患已排除")
    if lifted_by == reviewed_by:
        raise Refused("hazard.own_review", "审查人不能自行解除，请由另一名负责人决定")
    if reviewed_by == decided_by:
        raise Refused("hazard.reviewer_decided", "作出停用、撤离决定的人不能审查是否解除，请由另一名人员审查")


class Judgement(Labelled):
    """What becomes of a suspected hazard or of a pending text (研判结论)."""

    MAJOR = "major", "属于重大事故隐患"
    SERIOUS = "serious", "不属于重大事故隐患，按较重问题责令改正"
    ADVICE = "advice", "提示改进"
    NONE = "none", "不成立"


def check_judgement(
    judgement: Judgement, *, confidence: Confidence, reason: str, rule: str, judged_by: str, found_by: Collection[str]
) -> None:
    """Refuse a judgement (研判) by who found it, without reasons, under a text that was not verified, or without a rule.

    The 2023 判定标准 lets the competent department and experts decide hard cases together; a text that nobody has compared
    with the official one is never called a hit of that standard. `rule` names the other law an order would rest on.
    """
    if judged_by in found_by:
        raise Refused("judgement.own", "参加检查的人不能研判自己发现的情形，请由负责人会同有关部门或专家研判")
    if not reason.strip():
        raise Refused("judgement.reason", "请写明研判依据、参加研判的部门或专家和结论")
    if judgement is Judgement.MAJOR and not confidence.scores:
        raise Refused(
            "judgement.not_verified", "该情形的条文尚未核对，不能认定为重大事故隐患；请先核对条文，或按其他依据责令改正"
        )
    if judgement is Judgement.SERIOUS and not rule.strip():
        raise Refused("judgement.rule", "责令改正须有依据，请写明所依据的法律、法规或标准名称")
