"""The life of a draw plan (抽查计划): states, two people, what may be frozen, who may see what.

The draw itself is in `rules/draw`. Sources: 国办发〔2015〕58号 (全程留痕、责任可追溯); 国发〔2019〕5号 (two lists, 回避);
《养老机构行政检查办法》 art. 6, 8; separation of duties S1, S2, S10 of docs/security.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.inspections.rules import draw
from app.inspections.rules.draw import GAMES, InputRule, Mode, Seat, Stratum


class PlanState(Labelled):
    """State of a plan (计划状态). A sealed plan is `drawn` until its reveal; an open one is revealed at once."""

    DRAFTED = "drafted", "拟定中"
    APPROVED = "approved", "已批准"
    FROZEN = "frozen", "已封存"
    SEEDED = "seeded", "种子已齐"
    DRAWN = "drawn", "已抽取"
    REVEALED = "revealed", "已公开"
    VOIDED = "voided", "已作废"
    DISCARDED = "discarded", "已撤回"


class PlanVerb(Labelled):
    """What may be done to a plan (计划操作)."""

    CHANGE = "change", "修改"
    DISCARD = "discard", "撤回"
    APPROVE = "approve", "批准"
    FREEZE = "freeze", "封存"
    ENTER = "enter", "录入公开值"
    SEED = "seed", "合成种子"
    COMPUTE = "compute", "抽取"
    FOLLOW_UP = "follow_up", "加抽、递补或更换"
    REVEAL = "reveal", "公开"
    VOID = "void", "作废"


_S, _V = PlanState, PlanVerb

NEXT: Final[Mapping[tuple[PlanState, PlanVerb], PlanState]] = {
    (_S.DRAFTED, _V.CHANGE): _S.DRAFTED,
    (_S.DRAFTED, _V.DISCARD): _S.DISCARDED,
    (_S.DRAFTED, _V.APPROVE): _S.APPROVED,
    (_S.APPROVED, _V.DISCARD): _S.DISCARDED,
    (_S.APPROVED, _V.FREEZE): _S.FROZEN,
    (_S.FROZEN, _V.ENTER): _S.FROZEN,
    (_S.FROZEN, _V.SEED): _S.SEEDED,
    (_S.FROZEN, _V.VOID): _S.VOIDED,
    (_S.SEEDED, _V.COMPUTE): _S.DRAWN,
    (_S.SEEDED, _V.VOID): _S.VOIDED,
    (_S.DRAWN, _V.FOLLOW_UP): _S.DRAWN,
    (_S.DRAWN, _V.REVEAL): _S.REVEALED,
    (_S.DRAWN, _V.VOID): _S.VOIDED,
    (_S.REVEALED, _V.FOLLOW_UP): _S.REVEALED,
}
BEFORE_FREEZE: Final = frozenset({_S.DRAFTED, _S.APPROVED, _S.DISCARDED})
COMPUTED: Final = frozenset({_S.DRAWN, _S.REVEALED})


def next_state(state: PlanState, verb: PlanVerb) -> PlanState:
    """Where `verb` takes a plan (计划流转). Raises Refused `draw.not_now`; a second draw is refused as `draw.once`."""
    if verb is PlanVerb.COMPUTE and state in COMPUTED:
        raise Refused("draw.once", "这个计划已经抽取过，一个计划只抽一次。请刷新页面看结果。")
    if (state, verb) not in NEXT:
        raise Refused("draw.not_now", f"计划“{state.label}”，现在不能“{verb.label}”。请刷新页面，按当前步骤办理。")
    return NEXT[state, verb]


# --- closed lists -----------------------------------------------------------------------------------------------------


class Standing(Labelled):
    """How a listed site takes part in one plan (参加方式), when it is not simply drawn by lot."""

    MUST = "must", "必查"
    OUT = "out", "剔除"


class MarkReason(Labelled):
    """Why a site must be inspected or is left out (必查、剔除事由): a closed list, our default."""

    COMPLAINT = "complaint", "投诉举报核查"
    CLUE = "clue", "问题线索核查"
    SUPERIOR = "superior", "上级交办"
    UNCOVERED = "uncovered", "本年度尚未现场检查"
    INSPECTED = "inspected", "本期已检查"
    SUSPENDED = "suspended", "暂停服务或停业安置中"
    JOINED = "joined", "并入其他部门联合检查"


REASONS: Final[Mapping[Standing, tuple[MarkReason, ...]]] = {
    Standing.MUST: (MarkReason.COMPLAINT, MarkReason.CLUE, MarkReason.SUPERIOR, MarkReason.UNCOVERED),
    Standing.OUT: (MarkReason.INSPECTED, MarkReason.SUSPENDED, MarkReason.JOINED),
}


class RecusalReason(Labelled):
    """Why an inspector may not go to a site (回避事由). 行政处罚法 art. 43: an interest that may affect fairness."""

    KIN = "kin", "近亲属关系"
    FORMER_EMPLOYER = "former-employer", "曾在该机构任职"
    INTEREST = "interest", "持股或其他利害关系"
    ROTATION = "rotation", "轮换：上次由其检查"
    HOMETOWN = "hometown", "地域回避"
    OTHER = "other", "其他可能影响公正的情形"


class PlanReach(Labelled):
    """Which sites a plan is about (抽查范围). Filed sites are inspected by the authority that filed them (办法 art. 4)."""

    OWN = "own", "本机关管理的"
    AREA = "area", "辖区内全部（上级抽查）"


class RequestKind(Labelled):
    """What is asked for after the freeze (事后申请)."""

    TOP_UP = "top_up", "加抽"
    REPLACE_SUBJECT = "replace_subject", "对象递补"
    REPLACE_INSPECTOR = "replace_inspector", "更换检查人员"
    VOID = "void", "计划作废"


class RequestState(Labelled):
    """State of a request (申请状态)."""

    ASKED = "asked", "待批准"
    APPROVED = "approved", "已批准"
    DECLINED = "declined", "不予批准"


TAGS: Final[Mapping[str, str]] = {
    "dept.mz": "民政",
    "dept.xf": "消防救援",
    "dept.sc": "市场监管",
    "dept.wj": "卫生健康",
    "dept.zj": "住房城乡建设",
    "qual.lead": "可任组长",
    "qual.fire": "熟悉消防",
    "qual.food": "熟悉食品",
    "qual.care": "熟悉护理",
}
DEPARTMENT_TAGS: Final[Mapping[str, str]] = {
    "civil_affairs": "dept.mz",
    "fire": "dept.xf",
    "market": "dept.sc",
    "health": "dept.wj",
    "housing": "dept.zj",
}
TEAMS: Final[Mapping[str, str]] = {"basic": "民政组", "joint": "联合组"}


def need_words(need: Sequence[str]) -> str:
    """What a seat asks for, in words (席位要求)."""
    return "、".join(TAGS.get(tag, tag) for tag in need) or "不限"


# --- what a plan says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StratumRule:
    """One supervision tier in a plan (分层规则). `rate` in 1/10000, `maximum` 0 = none; `source` says where the rate stands."""

    token: str
    rate: int
    minimum: int = 1
    maximum: int = 0
    team: str = "basic"
    source: str = ""

    def plain(self) -> dict[str, Any]:
        """As stored (存储形式)."""
        return asdict(self)


def basic_and_joint_seats(size: int, joint: Sequence[str]) -> tuple[Seat, ...]:
    """The seats of both teams (小组席位): `size` from civil affairs, one of them a leader; `joint` adds a seat a department tag.

    At least two officers: 行政处罚法 art. 42 (for penalties), `sampling.team_size` of the policy pack.
    """
    if size < 2:
        raise Refused("draw.team_size", "每组检查人员不得少于两人，请在政策参数中改正“每家检查人员人数”")
    basic = tuple(Seat("basic", n, ("dept.mz", "qual.lead") if n == 1 else ("dept.mz",)) for n in range(1, size + 1))
    if not joint:
        return basic
    first = Seat("joint", 1, ("dept.mz", "qual.lead"))
    return (*basic, first, *(Seat("joint", n, (tag,)) for n, tag in enumerate(joint, 2)))


LOTTERY_RULE: Final = "first-draw-on-or-after:"
DICE_RULE: Final = "dice-strings-in-order-of-persons"
_DAY: Final = re.compile(rf"{LOTTERY_RULE}(\d{{4}}-\d{{2}}-\d{{2}})")


def input_rules(source: str, first_day: date, *, dice: bool, demo: bool) -> tuple[InputRule, ...]:
    """The public values of a plan (公开值): a named future lottery draw, and dice thrown after the freeze.

    `demo.dice` stands for a lottery in a demonstration only, since that world cannot wait for a draw.
    """
    if source == "demo.dice":
        if not demo:
            raise Refused("draw.demo_source", "演示骰子只能在演示环境使用，请选择彩票开奖号码")
        return (InputRule(1, "demo.dice", DICE_RULE),)
    if source not in GAMES:
        raise Refused("draw.source", "请选择一种公开开奖的彩票")
    lottery = InputRule(1, source, f"{LOTTERY_RULE}{first_day.isoformat()}")
    return (lottery, InputRule(2, "dice", DICE_RULE)) if dice else (lottery,)


def first_draw_day(rule: InputRule) -> date | None:
    """The first day on which a named lottery draw may take place (最早开奖日); None for dice."""
    found = _DAY.fullmatch(rule.rule)
    return date.fromisoformat(found[1]) if found else None


def source_name(source: str) -> str:
    """The source of a public value in words (公开值名称)."""
    if source in GAMES:
        return f"{GAMES[source].name}开奖号码"
    return {"dice": "现场骰子", "demo.dice": "演示骰子"}.get(source, source)


def plan_code(region_code: str, department: str, year: int, number: int) -> str:
    """The number under which a plan stands in the register (计划编号), a token of the published files."""
    letters = "" if department == "civil_affairs" else f"-{DEPARTMENT_TAGS[department].partition('.')[2]}"
    return f"{region_code}{letters}-{year}-{number:03d}"


def inspector_code(region_code: str, number: int) -> str:
    """The public number of an inspector on an authority's list (人员编号)."""
    return f"{region_code}-J{number:03d}"


def official_code(account_id: UUID) -> str:
    """The public code of an official (人员代号) in events.txt: the beginning of a hash, no name."""
    return f"P-{sha256(account_id.bytes).hexdigest()[:10]}"


# --- what is refused --------------------------------------------------------------------------------------------------

MOST_MUST_SHARE: Final = 2000  # of 10000; draw design §7, our default


def check_two_people(first: UUID | None, second: UUID, sentence: str) -> None:
    """Refuse the same person twice (两人办理, S1, S2, S10)."""
    if first == second:
        raise Refused("draw.same_person", sentence)


def check_days(*, on: date, inspect_from: date, inspect_until: date, reveal_on: date) -> None:
    """Refuse days out of order (计划日期): inspect, then reveal."""
    if not on <= inspect_from <= inspect_until:
        raise Refused("draw.days", "检查起止日期的先后不对：起始日不早于今天，截止日不早于起始日")
    if reveal_on < inspect_until:
        raise Refused("draw.days", "公开日不能早于检查截止日，否则未检查的机构会提前知道自己被抽中")


def check_strata(strata: Sequence[StratumRule], seats: Iterable[Seat]) -> None:
    """Refuse a table of strata that cannot be drawn (分层表)."""
    if not strata or len({rule.token for rule in strata}) != len(strata):
        raise Refused("draw.strata", "分层不能为空或重复")
    teams = {seat.team for seat in seats}
    for rule in strata:
        if not 0 <= rule.rate <= 10_000 or rule.minimum < 0 or rule.maximum < 0:
            raise Refused("draw.strata", f"{rule.token} 层：比例应在 0% 至 100% 之间，家数不能为负")
        if rule.maximum and rule.maximum < rule.minimum:
            raise Refused("draw.strata", f"{rule.token} 层：最多家数不能小于最少家数")
        if rule.team not in teams:
            raise Refused("draw.strata", f"{rule.token} 层的联合组还没有选择参加部门，请先选择")


def check_must_share(must: int, listed: int, *, from_above: bool) -> None:
    """Refuse a must list that swallows the lot (必查名单): over a fifth only with a superior's approval (draw design §7)."""
    if must * 10_000 > listed * MOST_MUST_SHARE and not from_above:
        raise Refused(
            "draw.must_share", f"必查 {must} 家，超过在册 {listed} 家的 20%。请减少必查，或由上级机关负责人批准本计划。"
        )


def check_mark(standing: Standing, reason: MarkReason) -> None:
    """Refuse a reason that does not fit (必查、剔除事由)."""
    if reason not in REASONS[standing]:
        words = "、".join(r.label for r in REASONS[standing])
        raise Refused("draw.reason", f"{standing.label}的事由只能是：{words}")


def check_freeze_before_draw(inputs: Iterable[InputRule], on: date) -> None:
    """Refuse a freeze that is not earlier than the lottery (先封存、后开奖): the day of the draw is too late."""
    for rule in inputs:
        day = first_draw_day(rule)
        if day is not None and on >= day:
            raise Refused("draw.too_late", f"封存须早于开奖日 {day.isoformat()}。请撤回本计划，另拟一份并改用以后的开奖。")


def check_value_is_out(rule: InputRule, on: date) -> None:
    """Refuse a lottery value before its day (未到开奖日)."""
    day = first_draw_day(rule)
    if day is not None and on < day:
        raise Refused("draw.not_drawn_yet", f"{source_name(rule.source)}在 {day.isoformat()} 或以后才开出，现在不能录入。")


def check_own(plan_authority: UUID, own_authority: UUID | None) -> None:
    """Refuse whoever belongs to another authority (本机关办理)."""
    if plan_authority != own_authority:
        raise Refused("draw.not_own", "这是其他机关的抽查计划，您可以查看，不能代为办理。")


def is_above(upper: str | None, lower: str) -> bool:
    """Whether a path lies strictly above another (上级): where a void is approved."""
    return upper is not None and lower != upper and lower.startswith(upper)


def check_from_above(upper: str | None, lower: str, *, same_department: bool) -> None:
    """Refuse a void that is not approved one level up (作废须上级批准)."""
    if not is_above(upper, lower) or not same_department:
        raise Refused("draw.from_above", "计划作废须由上级主管机关批准，本机关不能自行批准。")


# --- who sees what ----------------------------------------------------------------------------------------------------


def names_public(state: PlanState) -> bool:
    """Whether anybody may see who was drawn (名单已公开)."""
    return state is PlanState.REVEALED


def may_open_names(state: PlanState, *, infeasible: bool, own: bool, computes: bool) -> bool:
    """Whether somebody may open the names of a sealed result (可拆看密封名单): the authority's own computing people, recorded."""
    return state is PlanState.DRAWN and not infeasible and own and computes


def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of eight, for the eye (指纹分组)."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))


def rule_values(
    code: str,
    issuer: str,
    title: str,
    mode: Mode,
    strata: Iterable[StratumRule],
    seats: Iterable[Seat],
    inputs: Iterable[InputRule],
) -> draw.Plan:
    """The plan as the engine and plan.txt know it (抽查方案): must stands outside the quota, tasks are levelled."""
    strata = tuple(strata)
    used = {rule.team for rule in strata}
    return draw.Plan(
        plan_id=code,
        issuer=issuer,
        purpose=title,
        mode=mode,
        strata=tuple(Stratum(rule.token, rule.rate, rule.minimum, rule.maximum) for rule in strata),
        seats=tuple(seat for seat in seats if seat.team in used),
        inputs=tuple(inputs),
        must_counts=False,
        balance=0,
    )


def event_hash(prev: str, number: int, kind: str, facts: Sequence[str]) -> str:
    """The chain over everything that happened to a plan after its freeze (事后链): begins with the freeze's fingerprint."""
    return sha256("\n".join((prev, str(number), kind, *facts)).encode()).hexdigest()
