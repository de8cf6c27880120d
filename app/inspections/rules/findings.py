"""Findings and rectification (问题与整改): one problem, one row, one deadline, one closer who is not the reporter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import Field

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Edition
from app.inspections.rules.answers import Answer, Fold, Kind
from app.inspections.rules.checklist import Checklist, Department, FrozenItem, Severity
from app.inspections.rules.score import Line, lines

# --- findings ---------------------------------------------------------------------------------------------------------


class Basis(Labelled):
    """What a finding may lead to (处理方式), by the standing of its text."""

    ORDER = "order", "责令改正"
    ADVICE = "advice", "提示改进"
    JUDGEMENT = "judgement", "疑似重大隐患，提请研判"


class Remedy(Labelled):
    """How long putting it right takes by its nature (整改方式)."""

    ON_THE_SPOT = "on_the_spot", "立行立改"
    WITHIN_TERM = "within_term", "限期整改"
    CONSTRUCTION = "construction", "需施工整改"


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """One problem found (发现的问题), before it is written down.

    Only `Basis.ORDER` may be demanded and cite its clause; a pending text is advice, and a pending or doubtful hazard
    is put before those who judge it.
    """

    item: str
    clause: str
    text: str
    severity: Severity
    remedy: Remedy
    basis: Basis
    department: Department
    facts: tuple[str, ...]
    measures: tuple[str, ...]
    photos: tuple[str, ...]
    line: Line


def findings_of(checklist: Checklist, answers: Fold) -> tuple[FindingDraft, ...]:
    """One finding for each item not met and each hazard hit or in doubt (问题清单), major ones first, then by list order."""
    by_item = lines(checklist, answers)
    found = [_finding(i, by_item[i.code], answers) for i in checklist.items if _is_problem(i, by_item[i.code])]
    return tuple(sorted(found, key=lambda f: _RANK[f.severity]))


_RANK: Final[Mapping[Severity, int]] = {Severity.MAJOR: 0, Severity.SERIOUS: 1, Severity.MINOR: 2}


def _is_problem(i: FrozenItem, line: Line) -> bool:
    return line.answer is Answer.NOT_MET or (i.veto and line.answer is Answer.REFERRED)


def _finding(i: FrozenItem, line: Line, answers: Fold) -> FindingDraft:
    remedy = answers.slot(i.code, Kind.REMEDY).value
    return FindingDraft(
        item=i.code,
        clause=i.item.clause,
        text=i.item.text,
        severity=_severity(i, line, answers),
        remedy=Remedy(remedy) if remedy else Remedy.WITHIN_TERM,
        basis=_basis(i, line),
        department=i.item.departments[0],
        facts=answers.values(i.code, Kind.REMARK),
        measures=answers.values(i.code, Kind.MEASURE),
        photos=answers.values(i.code, Kind.PHOTO),
        line=line,
    )


def _basis(i: FrozenItem, line: Line) -> Basis:
    if i.veto and (not i.scores or line.answer is Answer.REFERRED):
        return Basis.JUDGEMENT
    return Basis.ORDER if i.scores else Basis.ADVICE


def _severity(i: FrozenItem, line: Line, answers: Fold) -> Severity:
    """重大 for a hit of the hazard list and for nothing else; an inspector chooses between 一般 and 较重."""
    if i.veto:
        return Severity.MAJOR if _basis(i, line) is Basis.ORDER else Severity.SERIOUS
    chosen = answers.slot(i.code, Kind.SEVERITY).value
    severity = Severity(chosen) if chosen else i.item.severity
    return Severity.SERIOUS if severity is Severity.MAJOR else severity


def without_fact(checklist: Checklist, answers: Fold) -> tuple[str, ...]:
    """Problems for which no fact was written down (缺查见事实), and catch-all hazards without a reason; before signing."""
    by_item = lines(checklist, answers)
    problems = [i for i in checklist.items if _is_problem(i, by_item[i.code])]
    return tuple(
        i.code
        for i in problems
        if not answers.values(i.code, Kind.REMARK) or (i.item.reason_required and not by_item[i.code].reason)
    )


def without_reason(checklist: Checklist, answers: Fold) -> tuple[str, ...]:
    """Items called 不适用 without saying why (缺不适用理由); what the register rules out carries the register's reason."""
    by_item = lines(checklist, answers)
    return tuple(code for code, line in by_item.items() if line.answer is Answer.NOT_APPLICABLE and not line.reason.strip())


def check_downgrade(before: Severity, after: Severity, *, proposed_by: str, approved_by: str, reason: str) -> None:
    """Refuse to lower a major hazard (重大隐患降级) without a reason and a named approver who is not the proposer."""
    if before is not Severity.MAJOR or after is Severity.MAJOR:
        return
    if not reason.strip():
        raise Refused("finding.downgrade_reason", "重大事故隐患改为其他等级须写明理由")
    if not approved_by or approved_by == proposed_by:
        raise Refused("finding.downgrade_approver", "重大事故隐患改为其他等级须由另一名有权人员批准并署名")


# --- deadlines --------------------------------------------------------------------------------------------------------


class DeadlineTable(Edition):
    """Days for putting right and re-checking (整改与复查期限). Calendar days, except `recheck_working_days`."""

    kind: Literal["deadlines"] = "deadlines"
    on_the_spot_days: int = Field(ge=0)
    minor_days: int = Field(ge=0)
    serious_days: int = Field(ge=0)
    construction_max_days: int = Field(ge=1)
    recheck_working_days: int = Field(ge=1)
    extensions_max: int = Field(ge=0)
    major: Literal["stop_at_once_and_plan"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when, and on what ground (整改期限). `plan` asks for a written plan; `stop` for stopping the danger at once."""

    due: date
    days: int
    plan: bool
    stop: bool
    source: str


def deadline(severity: Severity, remedy: Remedy, *, ordered_on: date, table: DeadlineTable) -> Deadline:
    """The deadline of a problem (整改期限) in calendar days from the day of the order.

    A major hazard: the danger is stopped the same day and removed by a supervised plan (安全生产法 art. 65, 41); the
    plan's own dates are set by the approver.
    """
    days, plan = _days(severity, remedy, table)
    return Deadline(
        due=ordered_on + timedelta(days=days),
        days=days,
        plan=plan,
        stop=severity is Severity.MAJOR,
        source=f"{table.name} {table.edition}（{table.confidence.label}）",
    )


def _days(severity: Severity, remedy: Remedy, table: DeadlineTable) -> tuple[int, bool]:
    if severity is Severity.MAJOR:
        return 0, True
    if remedy is Remedy.ON_THE_SPOT:
        return table.on_the_spot_days, False
    if remedy is Remedy.CONSTRUCTION:
        return table.construction_max_days, True
    return (table.serious_days if severity is Severity.SERIOUS else table.minor_days), False


# --- rectification ----------------------------------------------------------------------------------------------------


class RectificationState(Labelled):
    """State of a problem being put right (整改状态)."""

    OPEN = "open", "整改中"
    REPORTED = "reported", "待复查"
    AGAIN = "again", "复查未通过，继续整改"
    ESCALATED = "escalated", "已升级督办"
    CASE = "case", "已提请立案"
    TRANSFERRED = "transferred", "已移送"
    CLOSED = "closed", "已销号"
    REVOKED = "revoked", "已撤销"


class RectificationVerb(Labelled):
    """What may be done to it (整改操作)."""

    REPORT = "report", "提交整改报告"
    PASS = "pass", "复查合格销号"
    FAIL = "fail", "复查不合格"
    ESCALATE = "escalate", "升级督办"
    PREPARE_CASE = "prepare_case", "提请立案"
    TRANSFER = "transfer", "移送其他部门"
    RECEIVE_RESULT = "receive_result", "登记受移送部门处理结果"
    REVOKE = "revoke", "撤销责令"


_S, _V = RectificationState, RectificationVerb

NEXT: Final[Mapping[tuple[RectificationState, RectificationVerb], RectificationState]] = {
    (_S.OPEN, _V.REPORT): _S.REPORTED,
    (_S.OPEN, _V.ESCALATE): _S.ESCALATED,
    (_S.OPEN, _V.TRANSFER): _S.TRANSFERRED,
    (_S.OPEN, _V.REVOKE): _S.REVOKED,
    (_S.REPORTED, _V.PASS): _S.CLOSED,
    (_S.REPORTED, _V.FAIL): _S.AGAIN,
    (_S.REPORTED, _V.REVOKE): _S.REVOKED,
    (_S.AGAIN, _V.REPORT): _S.REPORTED,
    (_S.AGAIN, _V.ESCALATE): _S.ESCALATED,
    (_S.AGAIN, _V.PREPARE_CASE): _S.CASE,
    (_S.AGAIN, _V.TRANSFER): _S.TRANSFERRED,
    (_S.AGAIN, _V.REVOKE): _S.REVOKED,
    (_S.ESCALATED, _V.REPORT): _S.REPORTED,
    (_S.ESCALATED, _V.PREPARE_CASE): _S.CASE,
    (_S.ESCALATED, _V.TRANSFER): _S.TRANSFERRED,
    (_S.ESCALATED, _V.REVOKE): _S.REVOKED,
    (_S.CASE, _V.REPORT): _S.REPORTED,
    (_S.TRANSFERRED, _V.RECEIVE_RESULT): _S.CLOSED,
}

WITH_THE_HOME: Final = frozenset({_S.OPEN, _S.AGAIN, _S.ESCALATED, _S.CASE})


def next_state(state: RectificationState, verb: RectificationVerb) -> RectificationState:
    """Where `verb` takes a problem (整改流转), or a refusal."""
    if (state, verb) not in NEXT:
        raise Refused("rectification.not_now", f"该问题“{state.label}”，不能“{verb.label}”，请先查看它的办理经过")
    return NEXT[state, verb]


def check_recheckers(recheckers: Collection[str], *, reported_by: Collection[str], closer: str) -> None:
    """Refuse a re-check by fewer than two officers, or a closing by whoever reported the problem fixed (复查人与销号人)."""
    if len(set(recheckers)) < 2:
        raise Refused("rectification.two_recheckers", "复查须有两名以上执法人员，请补充复查人员")
    if closer not in recheckers:
        raise Refused("rectification.closer_rechecked", "销号人须是参加本次复查的人员")
    if closer in reported_by:
        raise Refused("rectification.closer_reported", "报告整改完成的人不能销号，请由另一名复查人员办理")


def overdue(state: RectificationState, *, due: date, on: date) -> bool:
    """Whether it is past its deadline and still with the home (逾期未改); the day of the deadline itself is in time."""
    return state in WITH_THE_HOME and on > due


def should_escalate(state: RectificationState, *, due: date, on: date, escalated_on: date | None) -> bool:
    """Whether an overdue problem is to be escalated today (逾期升级): once in its life, whatever comes after."""
    return escalated_on is None and (state, _V.ESCALATE) in NEXT and overdue(state, due=due, on=on)


def check_escalation(*, escalated_on: date | None) -> None:
    """Refuse a second escalation (升级一次为限)."""
    if escalated_on is not None:
        raise Refused("rectification.escalated", f"该问题已于 {escalated_on.isoformat()} 升级督办，请转为提请立案或移送")


def check_transfer(*, to: Department, own: Department, reason: str) -> None:
    """Refuse a transfer (移送) to oneself or without a reason."""
    if to is own:
        raise Refused("rectification.transfer_to_self", "不能移送给本部门，请选择有管辖权的部门")
    if not reason.strip():
        raise Refused("rectification.transfer_reason", "移送须写明事实和理由，并附证据清单")


class ExtensionState(Labelled):
    """State of a request for more time (延期申请状态)."""

    ASKED = "asked", "待审批"
    GRANTED = "granted", "已同意"
    DECLINED = "declined", "未同意"


def check_extension_request(
    state: RectificationState,
    severity: Severity,
    *,
    ordered_on: date,
    due: date,
    asked_on: date,
    wanted: date,
    granted_before: int,
    reason: str,
    table: DeadlineTable,
) -> None:
    """Refuse a request for more time (延期申请) that is late, unreasoned, too far, or one too many; never for 重大."""
    if severity is Severity.MAJOR:
        raise Refused("extension.major", "重大事故隐患须立即停止危险行为并按督办方案整改，不能延期；请报告方案进度")
    if state not in WITH_THE_HOME:
        raise Refused("extension.not_now", f"该问题“{state.label}”，无须延期")
    if asked_on > due:
        raise Refused("extension.late", "整改期限已过，不能再申请延期，请尽快提交整改报告或说明")
    if not reason.strip():
        raise Refused("extension.reason", "请写明需要延期的原因和已采取的临时措施")
    if granted_before >= table.extensions_max:
        raise Refused("extension.too_many", f"延期以{table.extensions_max}次为限，已经用完，请按期整改")
    latest = ordered_on + timedelta(days=table.construction_max_days)
    if not due < wanted <= latest:
        raise Refused("extension.range", f"延期后的期限应在 {due.isoformat()} 之后、不迟于 {latest.isoformat()}")


def check_extension_decision(*, asked_by: str, decided_by: str, state: ExtensionState) -> None:
    """Refuse to decide a request twice or one's own (延期审批)."""
    if state is not ExtensionState.ASKED:
        raise Refused("extension.decided", f"这份延期申请{state.label}，不能重复审批")
    if asked_by == decided_by:
        raise Refused("extension.own", "申请人不能审批自己的延期申请")
