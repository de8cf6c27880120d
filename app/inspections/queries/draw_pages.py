"""What the pages of draws show (抽查页面内容): the steps, who may do what now and why not, who sees what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.core.actor import Actor, Post
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.ui import sj_date, sj_datetime
from app.inspections.models import DrawEvent, DrawMark, DrawPlan, DrawRequest, InspectionObject, InspectorEntry, InspectorRecusal
from app.inspections.queries import draws as queries
from app.inspections.queries.draws import DrawnTeam, ListedNumbers, ValueStand
from app.inspections.rules import plan as rules
from app.inspections.rules.draw import InspectorReason, Mode, SubjectReason
from app.inspections.rules.plan import PlanState, RequestKind, RequestState
from app.providers.rules import Tier

_S = PlanState
TONES: Final[Mapping[PlanState, str]] = {
    _S.DRAFTED: "wait",
    _S.APPROVED: "wait",
    _S.FROZEN: "info",
    _S.SEEDED: "info",
    _S.DRAWN: "info",
    _S.REVEALED: "ok",
    _S.VOIDED: "bad",
    _S.DISCARDED: "na",
}
CHANGE_REASONS: Final[tuple[tuple[str, str, str], ...]] = (
    *(("对象递补", reason.value, reason.label) for reason in SubjectReason),
    *(("更换检查人员", reason.value, reason.label) for reason in InspectorReason),
)

PLANS: Final[ListSpec[DrawPlan]] = ListSpec(
    columns=[
        Column("title", "计划", lambda p: p.title, sort="title", href=lambda p: f"/office/draws/{p.id}"),
        Column("code", "编号", lambda p: p.code),
        Column("authority", "机关", lambda p: p.authority.name),
        Column("mode", "方式", lambda p: p.mode.label),
        Column("state", "状态", lambda p: p.state.label, tone=lambda p: TONES[p.state]),
        Column("inspect", "检查时间", lambda p: f"{sj_date(p.inspect_from)} 至 {sj_date(p.inspect_until)}"),
        Column("reveal", "公开日", lambda p: p.reveal_on, sort="reveal"),
        Column("made", "拟定时间", lambda p: p.made_at, sort="made", screen=False),
    ],
    filters=[
        Filter("q", "计划名称", lambda stmt, v: stmt.where(DrawPlan.title.contains(v, autoescape=True))),
        Filter(
            "state",
            "状态",
            lambda stmt, v: stmt.where(DrawPlan.state.in_([PlanState(word) for word in v])),
            FilterKind.MANY,
            [(state.value, state.label) for state in PlanState],
            primary=False,
        ),
        Filter("year", "年度", lambda stmt, v: stmt.where(DrawPlan.year == v), FilterKind.INTEGER),
    ],
    sorts=[
        Sort("made", "拟定时间", DrawPlan.made_at, up="早的在前", down="晚的在前"),
        Sort("reveal", "公开日", DrawPlan.reveal_on, up="早的在前", down="晚的在前"),
        Sort("title", "名称", DrawPlan.title),
    ],
    default_sort="-made",
    tie=DrawPlan.id,
)

INSPECTORS: Final[ListSpec[InspectorEntry]] = ListSpec(
    columns=[
        Column("code", "编号", lambda e: e.code, sort="code", href=lambda e: f"/office/inspectors/{e.id}"),
        Column("name", "姓名", lambda e: e.account.name),
        Column("department", "部门", lambda e: e.department),
        Column("tags", "专长", lambda e: "、".join(rules.TAGS[tag] for tag in e.tags if tag.startswith("qual."))),
        Column("certificate", "执法证号", lambda e: e.certificate_no),
        Column("until", "有效期至", lambda e: e.certificate_until, sort="until"),
        Column("cap", "每次最多（家）", lambda e: e.cap, number=True),
        Column("active", "状态", lambda e: "在岗" if e.active else "停用", tone=lambda e: "ok" if e.active else "na"),
    ],
    filters=[
        Filter("code", "编号", lambda stmt, v: stmt.where(InspectorEntry.code.contains(v, autoescape=True))),
        Filter("active", "只看在岗", lambda stmt, _: stmt.where(InspectorEntry.active), FilterKind.YES),
        Filter("before", "证件到期早于", lambda stmt, v: stmt.where(InspectorEntry.certificate_until < v), FilterKind.DATE),
    ],
    sorts=[
        Sort("code", "编号", InspectorEntry.code),
        Sort("until", "证件有效期", InspectorEntry.certificate_until, up="先到期在前", down="后到期在前"),
    ],
    default_sort="code",
    tie=InspectorEntry.id,
)

OBJECTS: Final[ListSpec[InspectionObject]] = ListSpec(
    columns=[
        Column("name", "机构", lambda o: o.name, sort="name"),
        Column("draw_id", "抽取编号", lambda o: o.draw_id, sort="draw_id"),
        Column("listed", "列入日期", lambda o: o.listed_on, sort="listed"),
        Column("struck", "移出", lambda o: f"{sj_date(o.struck_on)} {o.struck_reason}" if o.struck_on else None),
    ],
    filters=[
        Filter("q", "机构名称", lambda stmt, v: stmt.where(InspectionObject.name.contains(v, autoescape=True))),
        Filter("struck", "只看移出的", lambda stmt, _: stmt.where(InspectionObject.struck_on.is_not(None)), FilterKind.YES),
    ],
    sorts=[
        Sort("name", "名称", InspectionObject.name),
        Sort("draw_id", "抽取编号", InspectionObject.draw_id),
        Sort("listed", "列入日期", InspectionObject.listed_on, up="早的在前", down="晚的在前"),
    ],
    default_sort="name",
    tie=InspectionObject.id,
)

RECUSALS: Final[ListSpec[InspectorRecusal]] = ListSpec(
    columns=[
        Column("inspector", "检查人员", lambda r: f"{r.inspector.account.name}（{r.inspector.code}）"),
        Column("object", "回避的机构", lambda r: r.object.name),
        Column("reason", "事由", lambda r: r.reason.label),
        Column("declared", "登记时间", lambda r: r.declared_at, sort="declared"),
        Column("own", "申明人", lambda r: "本人" if r.declared_by == r.account_id else "机关"),
        Column("ended", "解除", lambda r: sj_datetime(r.ended_at) if r.ended_at else None),
    ],
    filters=[
        Filter("open", "只看有效的", lambda stmt, _: stmt.where(InspectorRecusal.ended_at.is_(None)), FilterKind.YES),
    ],
    sorts=[Sort("declared", "登记时间", InspectorRecusal.declared_at, up="早的在前", down="晚的在前")],
    default_sort="-declared",
    tie=InspectorRecusal.id,
)


# --- a plan -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StratumLine:
    """One line of the table of strata (分层表). `rate` in words; `reserve` = who may still be topped up."""

    label: str
    total: int
    must: int
    out: int
    pool: int
    rate: str
    to_draw: int
    reserve: int
    reasons: str


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A request as a page shows it (申请). `barred` says why the viewer may not decide it; empty when he may."""

    row: DrawRequest
    asked_by: str
    decided_by: str
    barred: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Everything the page of a plan shows (抽查计划页)."""

    steps: Sequence[Mapping[str, Any]]
    step: int
    lead: str
    own: bool
    maker: bool
    lines: Sequence[StratumLine]
    totals: StratumLine
    listed: ListedNumbers
    sources: Sequence[str]
    marks: Sequence[DrawMark]
    unmarked: Sequence[InspectionObject]
    values: Sequence[ValueStand]
    waits: frozenset[int]
    missing: str
    seats: Sequence[tuple[str, int, str]]
    freeze_hash: str
    result_hash: str
    infeasible: str
    teams: Sequence[DrawnTeam]
    sees: Sequence[tuple[str, str, str, str]]
    requests: Sequence[AskedFor]
    events: Sequence[DrawEvent]
    names: Mapping[UUID, str]
    supplements: Sequence[DrawPlan]
    may_look: bool
    may_open_escrow: bool
    barred: Mapping[str, str]


def plan_page(row: DrawPlan, *, seen_by: Actor, on: date, computes: bool) -> PlanPage:
    """The page of a plan for one viewer on a day (抽查计划页). Drawn names only when they are public."""
    own = row.authority_id == seen_by.authority_id
    names = queries.person_names([row.made_by, row.approved_by, row.frozen_by, row.computed_by])
    listed = queries.numbers(row)
    lines = _lines(row, listed)
    values = queries.values_of(row)
    editable = row.state is PlanState.DRAFTED and own
    marks = queries.marks_of(row)
    marked = {mark.object_id for mark in marks}
    may_look = rules.may_open_names(row.state, infeasible=bool(row.infeasible), own=own, computes=computes)
    escrow = queries.escrow_of(row.id, seen_by=seen_by) if seen_by.holds(Post.OBSERVER) else None
    return PlanPage(
        steps=_steps(row, values),
        step=_step(row),
        lead=_lead(row, names),
        own=own,
        maker=row.made_by == seen_by.id,
        lines=lines,
        totals=_total(lines),
        listed=listed,
        sources=_sources(row),
        marks=marks,
        unmarked=[found for found in queries.objects_of(row) if found.id not in marked] if editable else (),
        values=values,
        waits=frozenset(stand.rule.number for stand in values if stand.waits_for(seen_by)),
        missing=_missing(values),
        seats=[(rules.TEAMS[seat.team], seat.number, rules.need_words(seat.need)) for seat in queries.seats_of(row)],
        freeze_hash=rules.grouped(row.freeze_hash or ""),
        result_hash=rules.grouped(row.result_hash or ""),
        infeasible=_infeasible(row, may_see=(own and computes) or rules.names_public(row.state)),
        teams=queries.teams_in(row) if rules.names_public(row.state) and not row.infeasible else (),
        sees=_sees(row),
        requests=_requests(row, seen_by),
        events=queries.events_of(row),
        names=names,
        supplements=queries.supplements_of(row),
        may_look=may_look,
        may_open_escrow=escrow is not None and (row.state is PlanState.VOIDED or on > row.reveal_on),
        barred=_barred(row, seen_by, on),
    )


def _step(row: DrawPlan) -> int:
    """The open step, from 1 (当前步骤): also where a voided plan came to a halt."""
    if row.state is PlanState.VOIDED:
        return 5 if row.result_hash else 3
    order = {_S.DRAFTED: 1, _S.DISCARDED: 1, _S.APPROVED: 2, _S.FROZEN: 3, _S.SEEDED: 4, _S.DRAWN: 5, _S.REVEALED: 6}
    return order[row.state]


def _steps(row: DrawPlan, values: Sequence[ValueStand]) -> list[dict[str, Any]]:
    agreed = sum(stand.agreed is not None for stand in values)
    notes = (
        ("计划", f"{sj_datetime(row.approved_at)[5:]} 批准" if row.approved_at else "待批准"),
        ("封存", sj_datetime(row.frozen_at)[5:] if row.frozen_at else "批准后"),
        ("种子", f"{agreed}/{len(values)} 个公开值" if row.frozen_at else "封存后"),
        ("抽取", sj_datetime(row.computed_at)[5:] if row.computed_at else "种子齐后"),
        ("检查", f"{sj_date(row.inspect_from, 'short')} 至 {sj_date(row.inspect_until, 'short')}"),
        ("公开", sj_datetime(row.revealed_at)[5:] if row.revealed_at else f"{sj_date(row.reveal_on, 'short')} 自动"),
    )
    current, stopped = _step(row), row.state in {_S.VOIDED, _S.DISCARDED}
    done = row.state is PlanState.REVEALED
    return [
        {
            "label": label,
            "note": note,
            "state": ("done" if number < current or done else "next")
            if number != current or done
            else ("stopped" if stopped else "now"),
        }
        for number, (label, note) in enumerate(notes, 1)
    ]


def _lead(row: DrawPlan, names: Mapping[UUID, str]) -> str:
    parts = [f"计划 {row.code}" if row.code else "封存时取号", f"{row.mode.label}", f"拟定 {names.get(row.made_by, '')}"]
    if row.approved_by:
        parts[-1] += f"，批准 {names.get(row.approved_by, '')}"
    return " · ".join([row.authority.name, *parts])


def _lines(row: DrawPlan, listed: ListedNumbers) -> list[StratumLine]:
    rates = {rule.token: rule for rule in queries.strata_of(row)}
    return [
        StratumLine(
            Tier(found.stratum).label,
            found.total,
            sum(found.must.values()),
            sum(found.out.values()),
            found.pool,
            f"{rates[found.stratum].rate / 100:g}%",
            found.to_draw,
            found.pool - found.to_draw,
            "；".join(
                f"{standing}{rules.MarkReason(reason).label} {number} 家"
                for standing, found_reasons in (("必查：", found.must), ("剔除：", found.out))
                for reason, number in found_reasons.items()
            ),
        )
        for found in listed.strata
    ]


def _total(lines: Sequence[StratumLine]) -> StratumLine:
    sums = [sum(getattr(line, name) for line in lines) for name in ("total", "must", "out", "pool", "to_draw", "reserve")]
    total, must, out, pool, to_draw, reserve = sums
    return StratumLine("合计", total, must, out, pool, "", to_draw, reserve, "")


def _sources(row: DrawPlan) -> list[str]:
    """Where the rates stand, each source once (比例出处)."""
    found: dict[str, list[str]] = {}
    for rule in queries.strata_of(row):
        found.setdefault(rule.source, []).append(rule.token)
    return [f"{'、'.join(tokens)} 级：{source}" for source, tokens in found.items()]


def _missing(values: Sequence[ValueStand]) -> str:
    """What is still missing before the draw (还差什么)."""
    found = []
    for stand in values:
        if stand.agreed is None:
            name = rules.source_name(stand.rule.source)
            found.append(f"{name}还差{'一人' if stand.entered else '两人'}录入")
    return "；".join(found)


def _infeasible(row: DrawPlan, *, may_see: bool) -> str:
    if not row.infeasible:
        return ""
    if not may_see:
        return "检查人员不足，没有派组。"
    certificate = queries.result_of(row).infeasible
    assert certificate is not None
    return certificate.sentence


def _sees(row: DrawPlan) -> list[tuple[str, str, str, str]]:
    """Who sees what at this moment (此刻谁能看到什么): content, the office, superior and discipline, the public."""
    yes = "可见"
    if row.state in rules.BEFORE_FREEZE:
        return [("计划内容", yes, yes, "不可见"), ("机构、人员名录", yes, yes, "不可见")]
    public, sealed = rules.names_public(row.state), row.mode is Mode.SEALED
    rows = [
        ("规则、比例、封存指纹", yes, yes, yes),
        ("公开号码", yes, yes, yes),
        ("机构、人员名录", yes, yes, yes if public else "仅数量"),
    ]
    if sealed:
        rows.append(("盲值", yes, yes, yes) if public else ("盲值", "密封", "封套备份", "仅指纹"))
    if row.state is PlanState.VOIDED:
        return [*rows, ("作废理由", yes, yes, yes)]
    if public:
        return [*rows, ("抽中名单、分组", yes, yes, yes)]
    if not sealed:
        return [*rows, ("抽中名单、分组", "抽取后可见", "抽取后可见", "抽取后可见")]
    office = "登记事由可看" if row.state is PlanState.DRAWN else "抽取后登记事由可看"
    return [*rows, ("抽中名单、分组", office, "仅指纹", f"{sj_date(row.reveal_on, 'short')}起")]


def _requests(row: DrawPlan, seen_by: Actor) -> list[AskedFor]:
    found = queries.requests_of(row)
    names = queries.person_names([who for request in found for who in (request.asked_by, request.decided_by)])
    return [
        AskedFor(
            request,
            names.get(request.asked_by, ""),
            names.get(request.decided_by, "") if request.decided_by else "",
            _why_not_decide(request, row, seen_by),
        )
        for request in found
    ]


def _why_not_decide(request: DrawRequest, row: DrawPlan, seen_by: Actor) -> str:
    if request.state is not RequestState.ASKED:
        return request.state.label
    if request.asked_by == seen_by.id:
        return "您提出的申请，由另一人决定"
    if request.kind is RequestKind.VOID:
        above = rules.is_above(seen_by.scope.path, row.scope_path) and seen_by.department == row.authority.department.value
        return "" if above else "由上级主管机关决定"
    return "" if row.authority_id == seen_by.authority_id else "由本计划的机关决定"


def _barred(row: DrawPlan, seen_by: Actor, on: date) -> dict[str, str]:
    """Why a button cannot be used by this viewer now (不能办理的原因); a verb that is missing here can be."""
    own = row.authority_id == seen_by.authority_id
    found: dict[str, str] = {}
    if row.made_by == seen_by.id:
        found |= {"approve": "您是拟定人，须由另一人批准", "freeze": "您是拟定人，须由另一人封存"}
    elif not own and not rules.is_above(seen_by.scope.path, row.scope_path):
        found["approve"] = "由本计划的机关批准"
    if not own:
        found |= dict.fromkeys(("freeze", "compute", "enter", "change", "void"), "由本计划的机关办理")
    late = [day for rule in queries.inputs_of(row) if (day := rules.first_draw_day(rule)) and on >= day]
    if late:
        found.setdefault("freeze", f"已到开奖日 {sj_date(late[0])}，须在开奖日以前封存")
    early = [day for rule in queries.inputs_of(row) if (day := rules.first_draw_day(rule)) and on < day]
    if early:
        found.setdefault("lottery", f"{sj_date(early[0])} 或以后开奖，开奖后录入")
    if queries.has_open_void(row):
        found["void"] = "作废申请正在等上级批准"
    return found
