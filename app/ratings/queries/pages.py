"""What stands on the pages of ratings (评定页面内容): sheets, gaps to the next level, progress, the committee's columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Account
from app.core.actor import PROVIDER_POSTS, Actor
from app.core.audit import AuditLine
from app.core.db import db
from app.providers.queries import pages as terms
from app.ratings.models import CommitteeVote, PanelMember, RatingApplication, RatingFact, RatingMeeting, ScoreSheet
from app.ratings.queries import applications, decisions, results, sheets
from app.ratings.queries import evidence as vault
from app.ratings.rules import Case, Item, Result, Scheme, Scored, Way, evaluate, placeholders, ways_up
from app.ratings.rules.case import InputFault
from app.ratings.rules.eligibility import Condition, conditions
from app.ratings.rules.process import SHOWN_TO_HOME, State, Verb
from app.ratings.rules.radar import Spoke, polygon, spokes
from app.ratings.rules.sheet import Operation

KINDS: Mapping[str, str] = {
    "achieve": "达标得分", "judgement": "判断打分", "options": "多选得分", "choice": "单选", "deduct": "逐处扣分",
    "tier": "系统取数", "formula": "公式", "veto": "一票否决",
}  # fmt: skip


# --- a sheet ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item on a sheet (评分项): what stands, what it came to, the evidence beside it."""

    item: Item
    op: Operation | None
    scored: Scored
    kind: str
    by_fact: bool
    fact_words: str
    pieces: Sequence[Any]

    @property
    def state(self) -> str:
        """done, na or open, for the list beside the form."""
        if self.by_fact:
            return "fact"
        if self.scored.note.startswith("不适用"):
            return "na"
        return "open" if self.op is None else "done"

    @property
    def points(self) -> str:
        """Points in words."""
        return results.points_words(self.scored.points)


@dataclass(frozen=True, slots=True)
class AreaView:
    """An area with its bar (评分领域): points so far, lost so far, the least share of the level applied for."""

    id: str
    title: str
    points: Fraction
    max: Fraction
    line: Fraction | None
    answered: int
    items: Sequence[ItemView]

    @property
    def of(self) -> int:
        """How many items there are."""
        return len(self.items)


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The whole form (评分表页)."""

    row: RatingApplication
    scheme: Scheme
    sheet: ScoreSheet | None
    areas: Sequence[AreaView]
    total: Fraction
    left: Sequence[str]
    locked: tuple[int, int]
    faults: Mapping[str, str]

    @property
    def writable(self) -> bool:
        """Whether entries are taken now."""
        own = self.sheet is None or self.sheet.locked_at is None
        return own and self.row.state in (State.DRAFT, State.RETURNED, State.ON_SITE)

    @property
    def target(self) -> str:
        """The level applied for, in words."""
        return results.level_words(self.scheme, self.row.target) if self.row.target else "年度评估"


def sheet_page(
    row: RatingApplication,
    *,
    seen_by: Actor,
    on: date,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, Operation] | None = None,
) -> SheetPage:
    """One's own sheet as it stands (我的评分表); `typed` is shown in its place after a form with faults came back."""
    scheme = applications.scheme(row.campaign)
    sheet = sheets.own_sheet(row, seen_by=seen_by)
    home = bool(seen_by.posts & PROVIDER_POSTS)
    said = sheets.standing(sheet)
    result = evaluate(scheme, sheets.one_sheet_case(row, scheme, sheet, seen_by=seen_by, claims=home))
    facts = applications.facts(row, claims=home, seen_by=seen_by)
    pieces = _pieces(row, scheme, on, seen_by=seen_by)
    areas = [_area(area, row.target, result, {**said, **(typed or {})}, facts, pieces) for area in scheme.shape.areas]
    total = sum((area.points for area in areas), Fraction(0))
    left = sheets.unanswered(scheme, result, said)
    return SheetPage(row, scheme, sheet, areas, total, left, sheets.locked_count(row), faults or {})


def _pieces(row: RatingApplication, scheme: Scheme, on: date, *, seen_by: Actor) -> Mapping[str, Sequence[Any]]:
    """The evidence beside each item: the versions fixed at submission, else what the vault holds today."""
    if row.evidence is not None:
        return {
            item: [{"title": p["title"], "href": f"/evidence/{p['version']}", "type": p["type"]} for p in kept]
            for item, kept in row.evidence.items()
        }
    found = vault.for_items(row.site_id, scheme.shape.scheme, on, seen_by=seen_by)
    return {
        item: [{"title": p.title, "href": f"/evidence/{p.version_id}", "type": p.content_type} for p in kept]
        for item, kept in found.items()
    }


def _area(
    area: Any, target: str, result: Result, said: Mapping[str, Operation], facts: Mapping[str, RatingFact],
    pieces: Mapping[str, Sequence[Any]],
) -> AreaView:  # fmt: skip
    items = [_item(item, result, said, facts, pieces) for item in area.items]
    points = sum((i.scored.points or Fraction(0) for i in items), Fraction(0))
    share = area.min_share.get(target)
    answered = sum(1 for i in items if i.state != "open")
    return AreaView(area.id, area.title, points, area.max, share * area.max if share else None, answered, items)


def _item(
    item: Item,
    result: Result,
    said: Mapping[str, Operation],
    facts: Mapping[str, RatingFact],
    pieces: Mapping[str, Sequence[Any]],
) -> ItemView:
    by_fact = item.kind == "tier" or (item.kind == "formula" and not item.parts)
    words = ""
    if item.fact and item.fact in facts:
        fact = facts[item.fact]
        words = f"{fact.value}（{fact.origin.label}，{fact.source}，{fact.as_of.isoformat()}）"
    elif by_fact:
        lacking = "、".join(name for name in result.items[item.id].missing if name not in facts)
        words = f"还没有数据{('：' + lacking) if lacking and not item.fact else ''}"
        known = [f"{facts[name].value}" for name in _reads(item) if name in facts]
        words = "、".join(known) if known and not lacking else words
    return ItemView(item, said.get(item.id), result.items[item.id], KINDS[item.kind], by_fact, words, pieces.get(item.id, ()))


def _reads(item: Item) -> list[str]:
    return [part for part in item.expr.replace("(", " ").replace(")", " ").replace(",", " ").split() if part.isidentifier()]


# --- the way up -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing for the next level (离上一级还差什么)."""

    state: str
    now: str
    value: str
    of: str
    next: str
    ways: Sequence[Way]
    names: Mapping[str, str]
    missing: Sequence[str]
    unmet: Sequence[tuple[str, str, str]]
    areas: Sequence[Mapping[str, Any]]
    basis: str


def gap(row: RatingApplication, *, seen_by: Actor) -> Gap | None:
    """The gap of an application (晋级差距): from the result once the home may see it, before from its own self-score."""
    scheme = applications.scheme(row.campaign)
    if row.state in SHOWN_TO_HOME and row.result:
        return _kept_gap(row, scheme, seen_by=seen_by)
    own = next((s for s in sheets.sheets(row, seen_by=seen_by) if s.author_id is None), None)
    case = sheets.one_sheet_case(row, scheme, own, seen_by=seen_by, claims=True)
    return _gap(scheme, case, "按自评和填报数据试算，不是评定结果")


def _kept_gap(row: RatingApplication, scheme: Scheme, *, seen_by: Actor) -> Gap | None:
    """From the kept result: the answers stay with the office, the points of each item are the home's to know."""
    kept: Mapping[str, Any] = row.result or {}
    facts = applications.values(scheme, applications.facts(row, claims=False, seen_by=seen_by))
    given = {name: Fraction(line["points"]) for name, line in kept["items"].items() if line["points"]}
    answerable = {i.id for i in scheme.shape.items if i.kind != "veto"}
    case = Case(facts=facts, given={name: points for name, points in given.items() if name in answerable})
    return _gap(scheme, case, "按评定结果计算", level=row.level)


def _gap(scheme: Scheme, case: Case, basis: str, level: str | None = None) -> Gap | None:
    try:
        result = evaluate(scheme, case)
    except InputFault:
        return None
    ways = ways_up(scheme, result)
    stands = level or result.level or result.floor
    order = list(scheme.shape.order)
    above = order[order.index(stands) + 1] if stands in order and stands != order[-1] else ""
    names = {item.id: item.title for item in scheme.shape.items} | {f.id: f.title or f.id for f in scheme.shape.facts}
    unmet = [(u.title or _readable(u.text), u.actual, u.basis) for u in result.unmet if u.level == above]
    return Gap(
        state=result.state.label,
        now=results.level_words(scheme, stands),
        value=results.points_words(result.value),
        of=results.points_words(scheme.shape.total) if scheme.shape.total else "",
        next=results.level_words(scheme, above) if above else "",
        ways=[way for way in ways if way.level == above],
        names=names,
        missing=sorted({names.get(name.partition("@")[0], name) for name in result.missing}),
        unmet=[(title, _renamed(actual, names, scheme), basis_) for title, actual, basis_ in unmet],
        areas=results.areas(scheme, result),
        basis=basis,
    )


def _readable(text: str) -> str:
    return text.replace("total", "总分").replace(">=", "不少于").replace("<=", "不超过")


def _renamed(actual: str, names: Mapping[str, str], scheme: Scheme) -> str:
    areas = {f"{a.id}.share": f"{a.title}得分率" for a in scheme.shape.areas} | {"total": "总分"}
    for key, title in sorted({**areas, **names}.items(), key=lambda pair: -len(pair[0])):
        actual = actual.replace(f"{key}=", f"{title} ")
    return actual


# --- progress and history ---------------------------------------------------------------------------------------------

STEPS: Sequence[tuple[str, frozenset[State]]] = (
    ("自评申请", frozenset({State.DRAFT, State.RETURNED})),
    ("受理审查", frozenset({State.SUBMITTED, State.ACCEPTED})),
    ("抽取评定组", frozenset({State.ELIGIBLE, State.REEXAMINED})),
    ("现场评定", frozenset({State.SCHEDULED, State.ON_SITE})),
    ("合议", frozenset({State.CONFERRING})),
    ("委员会审定", frozenset({State.PROPOSED, State.DECIDED})),
    ("公示", frozenset({State.NOTICED, State.OBJECTED})),
    ("公布发证", frozenset({State.PUBLISHED})),
)
STOPPED = frozenset({State.REFUSED, State.WITHDRAWN, State.UNRATED, State.TRIED})


def steps(row: RatingApplication) -> list[Mapping[str, str]]:
    """How far an application is (办理进度)."""
    at = next((n for n, (_, states) in enumerate(STEPS) if row.state in states), _stopped_at(row))
    found: list[Mapping[str, str]] = []
    for number, (label, _) in enumerate(STEPS):
        state = "done" if number < at or row.state is State.PUBLISHED else "now" if number == at else "next"
        if number == at and row.state in STOPPED:
            state = "stopped"
        found.append({"label": label, "state": state, "note": row.state.label if number == at else ""})
    return found


def _stopped_at(row: RatingApplication) -> int:
    if row.decided_on is not None:
        return 6
    return 1 if row.submitted_on else 0


VERB_TONES = {Verb.RETURN: "wait", Verb.REFUSE: "bad", Verb.WITHDRAW: "na", Verb.SEND_BACK: "wait", Verb.CONCLUDE: "na"}
EVENTS = {
    "EligibilityTaken": "固定资格快照", "PanelMemberReplaced": "评定员回避更换", "SheetLocked": "一张评分表锁定",
    "ConsensusSigned": "评定组成员签字", "RatingDecided": "评定委员会审定", "ObjectionRaised": "提出异议", "ObjectionDecided": "处理异议",
    "VoteCast": "委员表决",
}  # fmt: skip
# What a home is not told while it happens: who scored and who voted.
INSIDE = frozenset({"SheetLocked", "ConsensusSigned", "VoteCast", "RatingDecided"})


def history(row: RatingApplication, *, seen_by: Actor) -> list[Mapping[str, Any]]:
    """What happened to an application, newest first (大事记), from the record."""
    query = select(AuditLine.on, AuditLine.event, AuditLine.facts).where(AuditLine.subject == row.id)
    home = bool(seen_by.posts & PROVIDER_POSTS)
    found: list[Mapping[str, Any]] = []
    for on, event, facts in db.session.execute(query.order_by(AuditLine.seq.desc()).limit(60)):
        if event == "ApplicationMoved" and facts.get("target") != "free":
            verb = Verb(facts["verb"])
            found.append({"when": date.fromisoformat(on), "title": verb.label, "tone": VERB_TONES.get(verb, "info")})
        elif event in EVENTS and not (home and event in INSIDE):
            found.append({"when": date.fromisoformat(on), "title": EVENTS[event], "tone": "info"})
    return found


# --- the office's view of one application -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactView:
    """A declared fact with what is known of it (评定事实)."""

    id: str
    title: str
    unit: str
    type: str
    source: str
    value: str
    origin: str
    words: str
    claimed: str


@dataclass(frozen=True, slots=True)
class OfficePage:
    """One application as the office sees it (申请页)."""

    row: RatingApplication
    scheme: Scheme
    target: str
    level: str
    by_rules: str
    conditions: Sequence[Condition]
    facts: Sequence[FactView]
    panel: Sequence[PanelMember]
    locked: tuple[int, int]
    differences: Sequence[Any]
    objections: Sequence[Any]
    areas: Sequence[Mapping[str, Any]]
    clock: Any
    names: Mapping[str, str]


def office_page(row: RatingApplication, *, seen_by: Actor, on: date) -> OfficePage:
    """Everything the office needs to go on with an application (申请页内容)."""
    scheme = applications.scheme(row.campaign)
    kept = applications.facts(row, claims=False, seen_by=seen_by)
    said = applications.facts(row, claims=True, seen_by=seen_by)
    opened = row.opened_at is not None
    clock = next((c for c in _clocks(row, seen_by=seen_by)), None)
    return OfficePage(
        row=row,
        scheme=scheme,
        target=results.level_words(scheme, row.target) if row.target else "年度评估",
        level=results.level_words(scheme, row.level) if row.decided_on else "",
        by_rules=results.level_words(scheme, row.by_rules) if row.result else "",
        conditions=conditions(scheme, applications.values(scheme, kept), row.target),
        facts=[_fact(fact, kept, said) for fact in scheme.shape.facts],
        panel=sheets.panel(row, seen_by=seen_by),
        locked=sheets.locked_count(row),
        differences=sheets.differences(row, scheme, seen_by=seen_by) if opened else (),
        objections=applications.objections(row.id, seen_by=seen_by),
        areas=(row.result or {}).get("areas", ()),
        clock=terms.term(clock, on) if clock is not None else None,
        names=names_of({i for i in (row.accepted_by, row.admitted_by, row.decided_by, row.noticed_by) if i}),
    )


def _clocks(row: RatingApplication, *, seen_by: Actor) -> Sequence[Any]:
    from app.providers import queries as providers

    return [c for c in providers.clocks(seen_by=seen_by, site_id=row.site_id) if c.subject == row.id]


def _fact(fact: Any, kept: Mapping[str, RatingFact], said: Mapping[str, RatingFact]) -> FactView:
    known, claim = kept.get(fact.id), said.get(fact.id)
    claimed = claim.value if claim is not None and known is None else ""
    words = f"{known.source}，{known.as_of.isoformat()}" if known else (f"机构填报：{claim.source}" if claim else fact.source)
    origin = known.origin.label if known else ("机构填报，待核实" if claim else "未知")
    return FactView(
        fact.id, fact.title or fact.id, fact.unit, fact.type, fact.source, known.value if known else "", origin, words, claimed
    )


def my_facts(row: RatingApplication, *, seen_by: Actor) -> list[FactView]:
    """The facts that a home sees and enters (填报数据)."""
    scheme = applications.scheme(row.campaign)
    said = applications.facts(row, claims=True, seen_by=seen_by)
    return [
        FactView(
            f.id, f.title or f.id, f.unit, f.type, f.source, said[f.id].value if f.id in said else "",
            said[f.id].origin.value if f.id in said else "", said[f.id].source if f.id in said else "", "",
        )
        for f in scheme.shape.facts
    ]  # fmt: skip


def names_of(ids: set[UUID]) -> Mapping[str, str]:
    """Names of office people by id (姓名)."""
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {str(row.id): row.name for row in rows}


# --- the committee ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawing:
    """A radar's parts (雷达图): the result, the self-score dotted, the least shares dashed."""

    spokes: Sequence[Spoke]
    result: str
    own: str
    least: str


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """One application before the committee (上会申请一列)."""

    row: RatingApplication
    target: str
    current: str
    differences: Sequence[Any]
    marks: Mapping[str, Sequence[tuple[float, str]]]
    areas: Sequence[Mapping[str, Any]]
    own: Mapping[str, str]
    least: Mapping[str, int]
    drawing: Drawing | None
    total: str
    computed: str
    unmet: Sequence[str]
    levels: Sequence[tuple[str, str]]
    vote: CommitteeVote | None
    tally: decisions.Tally
    counted: Sequence[tuple[str, int]]
    barred: bool
    may_vote: bool


def case_column(row: RatingApplication, held: RatingMeeting, *, seen_by: Actor, on: date) -> CaseColumn:
    """What the committee sees of one application (一列内容): divergences first, then areas, then the computed level."""
    scheme = applications.scheme(row.campaign)
    kept: Mapping[str, Any] = row.result or {}
    apart = sheets.differences(row, scheme, seen_by=seen_by)
    own_points = _own_points(row, scheme, seen_by=seen_by)
    areas = list(kept.get("areas", ()))
    least = {a.id: int(a.min_share.get(row.target, 0) * 10000) for a in scheme.shape.areas}
    current = applications.current_rating(row.site_id, scheme.shape.scheme, on, seen_by=seen_by)
    order = list(scheme.shape.order)
    by_rules = kept.get("by_rules")
    near = [level for level in order if by_rules in order and level != by_rules
            and abs(order.index(level) - order.index(by_rules)) <= scheme.shape.override.max_steps]  # fmt: skip
    barred = str(seen_by.id) in row.barred
    said = decisions.tally(row, held, seen_by=seen_by)
    votes = Counter(said.votes.values())
    member = str(seen_by.id) in held.members and str(seen_by.id) not in held.absent
    return CaseColumn(
        row=row,
        target=results.level_words(scheme, row.target) if row.target else "年度评估",
        current=results.level_words(scheme, current.level) if current else "没有有效等级",
        differences=apart,
        marks={
            d.item: [(float(p / d.most) if d.most else 0.0, results.points_words(p)) for p in sorted(d.by.values())]
            for d in apart
        },
        areas=areas,
        own=own_points,
        least=least,
        drawing=_drawing(areas, own_points, least),
        total=results.points_words(Fraction(kept["value"])) if kept.get("value") else "—",
        computed=results.level_words(scheme, by_rules),
        unmet=[f"{u['title']}（现 {u['actual']}）" for u in kept.get("unmet", ()) if u["level"] == row.target][:4],
        levels=[(level, results.level_words(scheme, level)) for level in near],
        vote=decisions.vote_of(row, seen_by.id, seen_by=seen_by),
        tally=said,
        counted=[
            (f"{choice.label}：{results.level_words(scheme, level)}" if level else choice.label, count)
            for (choice, level), count in votes.most_common()
        ],
        barred=barred,
        may_vote=member and not barred and row.state is State.PROPOSED,
    )


def _own_points(row: RatingApplication, scheme: Scheme, *, seen_by: Actor) -> Mapping[str, str]:
    own = next((s for s in sheets.sheets(row, seen_by=seen_by) if s.author_id is None), None)
    if own is None:
        return {}
    result = evaluate(scheme, sheets.one_sheet_case(row, scheme, own, seen_by=seen_by, claims=True))
    found = {}
    for area in scheme.shape.areas:
        points = sum((result.items[i.id].points or Fraction(0) for i in area.items), Fraction(0))
        found[area.id] = results.points_words(points)
    return found


def _drawing(areas: Sequence[Mapping[str, Any]], own: Mapping[str, str], least: Mapping[str, int]) -> Drawing | None:
    if len(areas) < 3:
        return None
    shares = [(a["share"] or 0) / 10000 for a in areas]
    mine = [float(Fraction(own.get(a["id"], "0").replace(",", "")) / Fraction(a["max"])) for a in areas] if own else []
    lines = [least.get(a["id"], 0) / 10000 for a in areas]
    return Drawing(
        spokes([a["title"] for a in areas]), polygon(shares), polygon(mine) if mine else "", polygon(lines) if any(lines) else ""
    )


def drawing_of(areas: Sequence[Mapping[str, Any]]) -> Drawing | None:
    """The radar of a published result (雷达图)."""
    return _drawing(areas, {}, {})


def gaps_of(scheme: Scheme) -> tuple[str, ...]:
    """What the edition still lacks (方案缺口)."""
    return placeholders(scheme.shape)


# --- "what if" --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same inputs under another edition (试算): never a result, always marked."""

    scheme: str
    name: str
    level: str
    value: str
    state: str
    dropped: Sequence[str]


def what_if(row: RatingApplication, other: Scheme, *, seen_by: Actor) -> WhatIf:
    """Compute an application under another edition (换版试算); items and facts that it does not know are left out."""
    own = applications.scheme(row.campaign)
    case = sheets.case(row, own, seen_by=seen_by)
    known = {item.id for item in other.shape.items}
    declared = {fact.id for fact in other.shape.facts}
    sheets_ = tuple(type(s)(s.assessor, {k: v for k, v in s.answers.items() if k in known}) for s in case.sheets)
    consensus = {k: v for k, v in case.consensus.items() if k in known}
    facts = {k: v for k, v in case.facts.items() if k in declared}
    dropped = sorted({k for s in case.sheets for k in s.answers} - known)
    try:
        result = evaluate(other, Case(facts=facts, sheets=sheets_, consensus=consensus))
    except InputFault as error:
        return WhatIf(other.key, other.shape.name, "不能试算", "—", str(error), dropped)
    return WhatIf(
        other.key, other.shape.name, results.level_words(other, result.level), results.points_words(result.value),
        result.state.label, dropped,
    )  # fmt: skip
