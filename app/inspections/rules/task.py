"""The life of an inspection task (检查任务): states, approval, notice, yearly cap, team, publication.

Working days come in as a function, because they need the State Council's calendar with its make-up days.
Sources: 《养老机构行政检查办法》, 国办发〔2024〕54号, 66号令, 行政处罚法 as named at each rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused

AddWorkingDays = Callable[[date, int], date]


class TaskKind(Labelled):
    """Kinds of inspection (检查类型). The first three: 《养老机构行政检查办法》 art. 8."""

    DAILY = "daily", "日常检查"
    SPECIAL = "special", "专项检查"
    CASE = "case", "个案检查"
    FIRST_VISIT = "first_visit", "备案后首次检查"
    RECHECK = "recheck", "复查"


class TaskState(Labelled):
    """State of a task (任务状态)."""

    PLANNED = "planned", "待审批"
    APPROVED = "approved", "已批准"
    NOTICED = "noticed", "已通知"
    CHECKED_IN = "checked_in", "已到场"
    IN_PROGRESS = "in_progress", "检查中"
    SIGNED = "signed", "已签字，待审核"
    REVIEWED = "reviewed", "已审核"
    CLOSED = "closed", "已办结"
    PUBLISHED = "published", "已公示"
    WITHDRAWN = "withdrawn", "已撤回公示"
    CANCELLED = "cancelled", "已取消"


class TaskSource(Labelled):
    """Why a task was planned (任务来源)."""

    DRAW = "draw", "双随机抽取"
    COMPLAINT = "complaint", "投诉举报"
    FILING = "filing", "备案后首次检查"
    FINDING = "finding", "整改复查"
    ABOVE = "above", "上级部署"
    OWN = "own", "本机关安排"


class MemberRole(Labelled):
    """Part of a person in a task (检查组分工). Helpers do not count among the two officers."""

    LEAD = "lead", "主检人员"
    OFFICER = "officer", "检查人员"
    HELPER = "helper", "随行协助人员"


class CheckInWay(Labelled):
    """How arrival was recorded (到场登记方式)."""

    SCAN = "scan", "扫门口码"
    MANUAL = "manual", "手工登记"


class SignerRole(Labelled):
    """Who signs an on-site record (签字人)."""

    OFFICER = "officer", "检查人员"
    PARTY = "party", "被检查单位"
    WITNESS = "witness", "见证人"


class TaskVerb(Labelled):
    """What may be done to a task (任务操作)."""

    APPROVE = "approve", "批准"
    NOTIFY = "notify", "送达检查通知书"
    CHECK_IN = "check_in", "扫码到场"
    START = "start", "出示证件并告知权利，开始检查"
    SIGN = "sign", "签字"
    RETURN = "return", "退回补充"
    REVIEW = "review", "审核通过"
    CLOSE = "close", "办结"
    PUBLISH = "publish", "公示"
    WITHDRAW = "withdraw", "撤回公示"
    CANCEL = "cancel", "取消"


_S, _V = TaskState, TaskVerb

NEXT: Final[Mapping[tuple[TaskState, TaskVerb], TaskState]] = {
    (_S.PLANNED, _V.APPROVE): _S.APPROVED,
    (_S.PLANNED, _V.CANCEL): _S.CANCELLED,
    (_S.APPROVED, _V.NOTIFY): _S.NOTICED,
    (_S.APPROVED, _V.CHECK_IN): _S.CHECKED_IN,  # notice carried along; see check_arrival
    (_S.APPROVED, _V.CANCEL): _S.CANCELLED,
    (_S.NOTICED, _V.CHECK_IN): _S.CHECKED_IN,
    (_S.NOTICED, _V.CANCEL): _S.CANCELLED,
    (_S.CHECKED_IN, _V.START): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _V.SIGN): _S.SIGNED,
    (_S.SIGNED, _V.RETURN): _S.IN_PROGRESS,
    (_S.SIGNED, _V.REVIEW): _S.REVIEWED,
    (_S.REVIEWED, _V.CLOSE): _S.CLOSED,
    (_S.CLOSED, _V.PUBLISH): _S.PUBLISHED,
    (_S.PUBLISHED, _V.WITHDRAW): _S.WITHDRAWN,
}


def next_state(state: TaskState, verb: TaskVerb) -> TaskState:
    """Where `verb` takes a task (任务流转), or a refusal."""
    if (state, verb) not in NEXT:
        raise Refused("task.not_now", f"检查任务“{state.label}”，不能“{verb.label}”，请先查看任务的办理进度")
    return NEXT[state, verb]


# --- who --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Officer:
    """A person on the team (检查人员). `certificate_until` is the last valid day; helpers and experts have no certificate."""

    id: str
    certificate_no: str
    certificate_from: date | None
    certificate_until: date | None
    recused: bool = False

    def may_inspect(self, on: date) -> bool:
        """Whether the enforcement certificate is valid on a day (执法证件有效)."""
        if not self.certificate_no or self.certificate_from is None or self.certificate_until is None:
            return False
        return self.certificate_from <= on <= self.certificate_until


def check_team(team: Sequence[Officer], *, on: date) -> None:
    """Refuse a team without two certified officers, or with a recused one (检查组).

    Two officers with enforcement certificates (行政处罚法 art. 42 for penalties; 国办发〔2024〕54号: nobody without a
    certificate inspects). Experts, third parties and 网格员 may help but do not count.
    """
    if any(o.recused for o in team):
        raise Refused("task.recused", "检查组中有应当回避的人员，请说明原因并重新抽取，不得人工指定替换")
    if len({o.id for o in team if o.may_inspect(on)}) < 2:
        raise Refused("task.two_officers", f"{on.isoformat()} 持有效执法证件的检查人员不足两名，请重新抽取或更新证件信息")


def check_approval(*, planned_by: str, approved_by: str, item_published: bool) -> None:
    """Refuse an approval by the planner, or of items that were not published (检查审批; 国办发〔2024〕54号: 事项未公布不得检查)."""
    if planned_by == approved_by:
        raise Refused("task.own_approval", "拟定检查任务的人不能批准，请由机关负责人审批")
    if not item_published:
        raise Refused("task.item_not_published", "检查事项尚未列入公布的清单，不得检查；请先公布抽查事项清单")


def check_reviewer(reviewer: str, *, inspectors: Collection[str]) -> None:
    """Refuse a review by an inspector of the same task (审核人与检查人分离)."""
    if reviewer in inspectors:
        raise Refused("task.own_review", "参加检查的人不能审核自己的检查结果，请由另一名人员审核")


def check_publisher(publisher: str, *, inspectors: Collection[str], reviewer: str) -> None:
    """Refuse publication by an inspector or by the reviewer (公示人与检查人、审核人分离)."""
    if publisher in inspectors or publisher == reviewer:
        raise Refused("task.own_publication", "检查人和审核人不能自行公示，请由另一名人员办理")


# --- notice -----------------------------------------------------------------------------------------------------------


class Notice(Labelled):
    """When the home is told (通知方式)."""

    AHEAD = "ahead", "提前送达"
    ON_ARRIVAL = "on_arrival", "到场送达"
    OPTIONAL = "optional", "可以提前告知"


# 《养老机构行政检查办法》: daily and special 3 working days ahead in principle; case never ahead. For first visits and
# re-checks no source fixes it.
NOTICE: Final[Mapping[TaskKind, Notice]] = {
    TaskKind.DAILY: Notice.AHEAD,
    TaskKind.SPECIAL: Notice.AHEAD,
    TaskKind.CASE: Notice.ON_ARRIVAL,
    TaskKind.FIRST_VISIT: Notice.OPTIONAL,
    TaskKind.RECHECK: Notice.OPTIONAL,
}
NOTICE_WORKING_DAYS: Final = 3


def check_notice(kind: TaskKind) -> None:
    """Refuse to give notice ahead of a case inspection (个案检查不得提前通知)."""
    if NOTICE[kind] is Notice.ON_ARRIVAL:
        raise Refused("task.no_notice", "个案检查不得提前透露行程和检查事项，通知书由检查人员随身携带、到场送达")


def earliest_visit(kind: TaskKind, *, noticed_on: date, add_working_days: AddWorkingDays) -> date:
    """The first day on which the home may be visited after its notice (最早检查日): the third working day after."""
    return add_working_days(noticed_on, NOTICE_WORKING_DAYS) if NOTICE[kind] is Notice.AHEAD else noticed_on


def check_arrival(
    kind: TaskKind, *, noticed_on: date | None, on: date, on_arrival_reason: str, add_working_days: AddWorkingDays
) -> None:
    """Refuse an arrival before the notice has run (到场时间), unless a reason for handing it over on arrival was approved."""
    if NOTICE[kind] is not Notice.AHEAD or on_arrival_reason.strip():
        return
    if noticed_on is None:
        raise Refused("task.not_noticed", "尚未送达检查通知书；确有必要到场送达的，请先报批并写明理由")
    earliest = earliest_visit(kind, noticed_on=noticed_on, add_working_days=add_working_days)
    if on < earliest:
        raise Refused(
            "task.notice_running", f"通知书应提前3个工作日送达，最早可于 {earliest.isoformat()} 到场；确有必要的请报批并写明理由"
        )


# --- how often --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection of a site (检查记录), as far as counting needs it. `on` is the day of arrival or, if planned, that day."""

    task_id: str
    kind: TaskKind
    on: date
    from_above: bool = False
    joint: bool = False
    done: bool = True


class CapVerdict(Labelled):
    """What the yearly cap says (年度频次结论)."""

    WITHIN = "within", "未超上限"
    NOT_COUNTED = "not_counted", "不计入上限"
    NEEDS_REASON = "needs_reason", "已达上限，须写明理由报负责人"
    OVER = "over", "已达上限，不得安排"


@dataclass(frozen=True, slots=True)
class Cap:
    """How often a site was inspected in a year against the published cap (年度检查频次), with the tasks that count."""

    verdict: CapVerdict
    limit: int
    counted: tuple[str, ...]

    @property
    def ordinal(self) -> int:
        """Which inspection of the year this would be (本年度第几次)."""
        return len(self.counted) + 1


def counts_towards_cap(kind: TaskKind, *, from_above: bool) -> bool:
    """Whether an inspection counts (是否计入上限): daily, case and special, except special ordered from above.

    国办发〔2024〕54号 and its questions and answers. First visits and re-checks are not named there; not counted.
    """
    if kind is TaskKind.SPECIAL:
        return not from_above
    return kind in (TaskKind.DAILY, TaskKind.CASE)


def yearly_cap(kind: TaskKind, *, on: date, from_above: bool, history: Sequence[Visit], limit: int) -> Cap:
    """Where one more inspection would stand against the yearly cap (年度上限).

    A clue must be followed at once, so a case inspection beyond the cap needs a reason instead of being barred: our
    reading of two rules that meet.
    """
    counted = tuple(v.task_id for v in history if v.on.year == on.year and counts_towards_cap(v.kind, from_above=v.from_above))
    if not counts_towards_cap(kind, from_above=from_above):
        verdict = CapVerdict.NOT_COUNTED
    elif len(counted) < limit:
        verdict = CapVerdict.WITHIN
    else:
        verdict = CapVerdict.NEEDS_REASON if kind is TaskKind.CASE else CapVerdict.OVER
    return Cap(verdict, limit, counted)


def check_cap(cap: Cap, *, reason: str = "") -> None:
    """Refuse what the cap forbids (超频次检查)."""
    if cap.verdict is CapVerdict.OVER:
        raise Refused("task.cap", f"本年度检查已达公布的上限{cap.limit}次，请并入已有检查或改列下一年度")
    if cap.verdict is CapVerdict.NEEDS_REASON and not reason.strip():
        raise Refused("task.cap_reason", f"本年度检查已达公布的上限{cap.limit}次；有线索须立即检查的，请写明线索和理由报负责人")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a home was seen in a year (年度覆盖): once on site (66号令), once jointly (2026 意见)."""

    on_site: tuple[str, ...]
    joint: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether both duties are met (已覆盖)."""
        return bool(self.on_site and self.joint)


def coverage(history: Sequence[Visit], *, year: int) -> Coverage:
    """The inspections that count towards the yearly coverage (年度覆盖)."""
    done = [v for v in history if v.done and v.on.year == year]
    return Coverage(tuple(v.task_id for v in done), tuple(v.task_id for v in done if v.joint))


# --- signing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signing:
    """What must be settled before signatures (签字前核对)."""

    unanswered: Sequence[str]
    disputed: Sequence[str]
    chain_faults: Sequence[str]
    not_met_without_fact: Sequence[str]
    not_applicable_without_reason: Sequence[str]
    missing_steps: Sequence[str]
    officers_signed: Collection[str]
    party_signed_or_refused: bool


def signing_gaps(s: Signing) -> tuple[str, ...]:
    """What still stands in the way of signing (签字前待补), as sentences; empty when nothing does."""
    gaps = [
        *_gap(s.missing_steps, "笔录栏目未填"),
        *_gap(s.unanswered, "尚未作答"),
        *_gap(s.disputed, "意见不一，须由主检人员裁定"),
        *_gap(s.not_met_without_fact, "不符合但未写查见事实"),
        *_gap(s.not_applicable_without_reason, "不适用但未写理由"),
        *s.chain_faults,
    ]
    if len(set(s.officers_signed)) < 2:
        gaps.append("检查人员签字不足两名")
    if not s.party_signed_or_refused:
        gaps.append("被检查单位尚未签字；拒绝签字的，请注明情况并由见证人签字")
    return tuple(gaps)


def _gap(codes: Sequence[str], what: str) -> tuple[str, ...]:
    return (f"{what}：{'、'.join(codes)}",) if codes else ()


def check_signing(s: Signing) -> None:
    """Refuse to conclude an on-site record while something is missing (笔录定稿)."""
    gaps = signing_gaps(s)
    if gaps:
        raise Refused("task.not_ready_to_sign", "还不能定稿：" + "；".join(gaps))


def result_of(*, ordered: int, judged: int) -> ResultCode:
    """The result of an inspection (检查结果): problems to be ordered, else those that wait for judgement, else none.

    Advice on items whose text is pending changes nothing: it is no problem under a verified text.
    """
    if ordered:
        return ResultCode.CORRECTION_ORDERED
    return ResultCode.FOLLOW_UP if judged else ResultCode.NORMAL


# --- clocks -----------------------------------------------------------------------------------------------------------

FIRST_VISIT_WORKING_DAYS: Final = 20  # 66号令, as explained by the ministry on 2020-09-17
PUBLICATION_WORKING_DAYS: Final = 20  # random inspections, from the end of the inspection
WITHDRAWAL_WORKING_DAYS: Final = 3  # 行政处罚法 art. 48, 85


def first_visit_due(*, accepted_on: date, add_working_days: AddWorkingDays) -> date:
    """By when a newly filed home is visited (备案后首次检查), or an unfiled one from the day it was found: 20 working days."""
    return add_working_days(accepted_on, FIRST_VISIT_WORKING_DAYS)


def publication_due(*, ended_on: date, add_working_days: AddWorkingDays) -> date:
    """By when the result is published (公示期限): 20 working days after the end of the inspection."""
    return add_working_days(ended_on, PUBLICATION_WORKING_DAYS)


def withdrawal_due(*, revoked_on: date, add_working_days: AddWorkingDays) -> date:
    """By when a published result that was revoked comes down, with the reason (撤回期限): 3 working days."""
    return add_working_days(revoked_on, WITHDRAWAL_WORKING_DAYS)


def recheck_due(*, reported_on: date, working_days: int, add_working_days: AddWorkingDays) -> date:
    """By when a reported repair is re-checked (复查期限); the number of days is a setting of the deadline table."""
    return add_working_days(reported_on, working_days)


class ResultCode(Labelled):
    """Result of an inspection (检查结果用语): four seen in use, two from memory, which stay inside until confirmed (待核)."""

    NORMAL = "normal", "正常"
    CORRECTION_ORDERED = "correction_ordered", "发现问题已责令改正"
    NOT_DISCLOSED = "not_disclosed", "未按规定公示"
    NOT_REACHED = "not_reached", "通过登记住所无法联系"
    FOLLOW_UP = "follow_up", "发现问题待后续处理"
    UNCOOPERATIVE = "uncooperative", "不配合检查情节严重"

    @property
    def publishable(self) -> bool:
        """Whether the wording was seen in use and may be published (可公示用语)."""
        return self not in (ResultCode.FOLLOW_UP, ResultCode.UNCOOPERATIVE)

    @property
    def public_words(self) -> str:
        """What the public reads (公示用语): never a wording that nobody has confirmed, nor another in its place."""
        return self.label if self.publishable else "结果用语待核"
