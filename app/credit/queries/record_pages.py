"""What the pages of credit show (信用页面内容): lists, a site's file whole, one record with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, or_

from app.core import calendar
from app.core.actor import PROVIDER_POSTS, Actor
from app.core.db import db
from app.core.labels import Labelled
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import subtree, visible
from app.core.standards import Confidence
from app.credit.models.records import CreditObjection, CreditRecord, CreditStanding, ExternalClass
from app.credit.models.tiers import TierDecision, TierOverride
from app.credit.queries import classes, phoenix
from app.credit.queries import records as queries
from app.credit.queries import tiers as tier_queries
from app.credit.rules import graph
from app.credit.rules.classes import VALUES, ClassSource
from app.credit.rules.records import GOOD, EvidenceKind, ObjectionState, RecordKind, Standing
from app.credit.rules.score import Grade, Score, ScoreModel
from app.credit.rules.tier import Decided
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.queries.lists import TIER_TONES, districts
from app.providers.queries.pages import Term, term
from app.providers.rules import Tier

GRADE_TONES: Final[Mapping[Grade | None, str]] = {Grade.A: "ok", Grade.B: "info", Grade.C: "wait", Grade.D: "bad", None: "na"}
STANDING_TONES: Final[Mapping[Standing, str]] = {
    Standing.COUNTS: "wait",
    Standing.AHEAD: "info",
    Standing.ENDED: "na",
    Standing.REPAIRED: "ok",
    Standing.ANNULLED: "na",
}
OBJECTION_TONES: Final[Mapping[ObjectionState, str]] = {
    ObjectionState.OPEN: "wait",
    ObjectionState.UPHELD: "ok",
    ObjectionState.REJECTED: "bad",
    ObjectionState.WITHDRAWN: "na",
}
_OFFICE: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.FINDING: "/office/findings/{id}",
    EvidenceKind.ANSWER: "/office/tasks/{id}/score",
    EvidenceKind.PHOTO: "/files/{id}",
    EvidenceKind.ORDER: "/office/orders/{id}",
    EvidenceKind.COMPLAINT: "/office/complaints/{id}",
    EvidenceKind.DOCUMENT: "/documents/{id}",
}
_MINE: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.FINDING: "/my/findings/{id}",
    EvidenceKind.PHOTO: "/files/{id}",
    EvidenceKind.COMPLAINT: "/my/complaints/{id}",
    EvidenceKind.DOCUMENT: "/documents/{id}",
}


def choices(enum: type[Labelled]) -> Sequence[tuple[str, str]]:
    """Members of an enum to choose from (选项)."""
    return [(member.value, member.label) for member in enum]


def _place_filter(path: str | None, column: Any) -> list[Filter]:
    places = districts(path)
    if not places:
        return []
    return [Filter("district", "区县街道", lambda q, v: q.where(subtree(column, v)), FilterKind.CHOICE, places)]


def _named(statement: Select[Any], words: str) -> Select[Any]:
    low = words.lower().replace(" ", "")
    ways = Site.name.contains(words, autoescape=True), Site.pinyin.contains(low, autoescape=True)
    return statement.where(or_(*ways, Site.initials.startswith(low, autoescape=True)))


# --- lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scored:
    """A site with its file (信用概况): `total` is the base where nothing was ever recorded."""

    site: Site
    file: CreditStanding | None
    base: int

    @property
    def total(self) -> int:
        """The score as last stored (信用分)."""
        return self.file.total if self.file is not None and self.file.total is not None else self.base

    @property
    def grade(self) -> Grade | None:
        """The grade as last stored (信用等级); None where nothing was ever recorded."""
        return self.file.grade if self.file is not None else None


def scored_sites(*, seen_by: Actor) -> Select[Any]:
    """The supervised sites with their files (信用概况)."""
    statement: Select[Any] = tier_queries.living(seen_by=seen_by)
    return statement.outerjoin(CreditStanding, CreditStanding.site_id == Site.id).add_columns(CreditStanding)


def scored_list(path: str | None) -> ListSpec[Scored]:
    """The sites by score (信用概况列表)."""
    return ListSpec(
        columns=[
            Column("name", "机构", lambda r: r.site.name, href=lambda r: url_for("credit.show_site", site_id=r.site.id)),
            Column("total", "信用分", lambda r: r.total, sort="total", number=True),
            Column(
                "grade", "信用", lambda r: r.grade.value if r.grade else "无", tone=lambda r: GRADE_TONES[r.grade], export=False
            ),
            Column("grade_label", "信用等级", lambda r: r.grade.label if r.grade else "无记录", screen=False),
            Column("tier", "风险", lambda r: r.site.tier.value, tone=lambda r: TIER_TONES[r.site.tier], export=False),
            Column("tier_label", "风险等级", lambda r: r.site.tier.label, screen=False),
            Column("reason", "定级理由", lambda r: r.site.tier_reason or "按起始等级"),
            Column("region", "所在区划", lambda r: r.site.region.name),
            Column("uscc", "统一社会信用代码", lambda r: r.site.organisation.uscc, screen=False),
            Column("next", "下次自动变化", lambda r: r.file.next_change_on if r.file else None, screen=False),
        ],
        filters=[
            Filter("q", "名称", _named, hint="名称或拼音首字母"),
            Filter("grade", "信用等级", lambda q, v: q.where(CreditStanding.grade == v), FilterKind.CHOICE, choices(Grade)),
            Filter("tier", "风险等级", lambda q, v: q.where(Site.tier == v), FilterKind.CHOICE, choices(Tier)),
            *_place_filter(path, Site.scope_path),
        ],
        sorts=[
            Sort("name", "名称", Site.pinyin, up="按拼音", down="按拼音倒序"),
            Sort("total", "信用分", CreditStanding.total, nullable=True, up="低分在前", down="高分在前"),
        ],
        default_sort="total",
        tie=Site.id,
    )


def record_list(path: str | None, on: date) -> ListSpec[CreditRecord]:
    """The credit records (信用记录列表)."""

    def where_standing(q: Select[Any], v: str) -> Select[Any]:
        running = CreditRecord.ended.is_(None), or_(CreditRecord.valid_to.is_(None), CreditRecord.valid_to >= on)
        if v == "counts":
            return q.where(*running, CreditRecord.valid_from <= on)
        return q.where(CreditRecord.ended.is_not(None)) if v == "ended_early" else q.where(CreditRecord.valid_to < on)

    stands = [("counts", "计入"), ("over", "已到期"), ("ended_early", "已撤销或修复")]
    return ListSpec(
        columns=[
            Column("recorded", "记入日期", lambda r: r.recorded_on, sort="recorded"),
            Column("site", "机构", lambda r: r.site.name, href=lambda r: url_for("credit.show_record", credit_record_id=r.id)),
            Column("kind", "种类", lambda r: r.kind.label, tone=lambda r: "ok" if r.kind in GOOD else "bad"),
            Column("facts", "事实", lambda r: r.facts),
            Column("clause", "依据", lambda r: r.clause, screen=False),
            Column("from", "起算", lambda r: r.valid_from, screen=False),
            Column("to", "计到", lambda r: r.valid_to or "办理修复前", sort="to"),
            Column(
                "standing",
                "状态",
                lambda r: queries.record_standing(r, on).label,
                tone=lambda r: STANDING_TONES[queries.record_standing(r, on)],
            ),
        ],
        filters=[
            Filter("q", "机构名称", _named),
            Filter("kind", "种类", lambda q, v: q.where(CreditRecord.kind == v), FilterKind.CHOICE, choices(RecordKind)),
            Filter("standing", "状态", where_standing, FilterKind.CHOICE, stands),
            Filter("since", "记入不早于", lambda q, v: q.where(CreditRecord.recorded_on >= v), FilterKind.DATE, primary=False),
            *_place_filter(path, CreditRecord.scope_path),
        ],
        sorts=[
            Sort("recorded", "记入日期", CreditRecord.recorded_on, up="早的在前", down="新的在前"),
            Sort("to", "计到", CreditRecord.valid_to, nullable=True, up="先到期的在前", down="后到期的在前"),
        ],
        default_sort="-recorded",
        tie=CreditRecord.id,
    )


def objection_list() -> ListSpec[CreditObjection]:
    """The objections (信用异议列表)."""
    return ListSpec(
        columns=[
            Column("asked", "提出日期", lambda r: r.asked_on, sort="asked"),
            Column(
                "site", "机构", lambda r: r.site.name, href=lambda r: url_for("credit.show_record", credit_record_id=r.record_id)
            ),
            Column("record", "对哪条记录", lambda r: r.record.kind.label),
            Column("reason", "理由", lambda r: r.reason),
            Column("state", "状态", lambda r: r.state.label, tone=lambda r: OBJECTION_TONES[r.state]),
            Column("decided", "处理日期", lambda r: r.decided_on),
        ],
        filters=[
            Filter("q", "机构名称", _named),
            Filter("state", "状态", lambda q, v: q.where(CreditObjection.state == v), FilterKind.CHOICE, choices(ObjectionState)),
        ],
        sorts=[Sort("asked", "提出日期", CreditObjection.asked_on, up="早的在前", down="新的在前")],
        default_sort="-asked",
        tie=CreditObjection.id,
    )


def open_objections(*, seen_by: Actor) -> int:
    """How many objections wait (待处理异议), at most 1000."""
    query = queries.objections(seen_by=seen_by).where(CreditObjection.state == ObjectionState.OPEN)
    return len(db.session.scalars(query.limit(1000)).all())


# --- one record -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a record rests on (依据材料), with its page; `href` may not exist for this reader."""

    label: str
    words: str
    href: str


def evidence_of(row: CreditRecord, *, seen_by: Actor) -> list[Evidence]:
    """What a record rests on, as links for whoever reads (依据材料)."""
    paths = _MINE if seen_by.posts & PROVIDER_POSTS else _OFFICE
    found = []
    for part in row.evidence:
        kind = EvidenceKind(part["kind"])
        href = paths[kind].format(id=part["id"]) if part["id"] and kind in paths else ""
        found.append(Evidence(kind.label, part["words"], href))
    return found


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record on a site's page (计分行): what it counts today, until when, how it may be contested."""

    row: CreditRecord
    standing: Standing
    item: str
    points: int
    counted: int
    sign: str
    bar: graph.Bar
    objection: CreditObjection | None

    @property
    def shortfall(self) -> bool:
        """Whether a cap let it count for less (受上限限制)."""
        return self.standing is Standing.COUNTS and self.counted < self.points


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record whole (信用记录页)."""

    line: RecordLine
    site: Site
    evidence: Sequence[Evidence]
    objections: Sequence[CreditObjection]
    clock: Term | None
    model: ScoreModel


def record_page(record_id: UUID, *, seen_by: Actor, on: date) -> RecordPage:
    """One record with all it rests on (信用记录页)."""
    row = queries.record(record_id, seen_by=seen_by)
    site = providers.site(row.site_id, seen_by=seen_by)
    model = queries.model_of(site.scope_path, on)
    score = queries.score_on(site.id, seen_by=seen_by, on=on)
    objections = queries.objections_to(row.id, seen_by=seen_by)
    open_one = next((o for o in objections if o.state is ObjectionState.OPEN), None)
    running = calendar.open_clock("credit.objection", open_one.id) if open_one else None
    clock = term(running, on) if running else None
    line = _line(row, score, model, {row.id: open_one} if open_one else {}, on, _span([row], on))
    return RecordPage(line, site, evidence_of(row, seen_by=seen_by), objections, clock, model)


def _span(rows: Sequence[CreditRecord], on: date) -> tuple[date, date]:
    """The time that the bars of some records share (时间轴)."""
    first = min([row.valid_from for row in rows] + [on - timedelta(days=90)])
    last = max([row.valid_to for row in rows if row.valid_to] + [on + timedelta(days=180)])
    return first, last


def _line(
    row: CreditRecord,
    score: Score,
    model: ScoreModel,
    objections: Mapping[UUID, CreditObjection],
    on: date,
    span: tuple[date, date],
) -> RecordLine:
    caught = model.catch(row.kind)
    points = (row.points if caught[2].as_given == "yes" else caught[2].points) if caught else 0
    last = row.ended_on if row.ended_on else row.valid_to
    return RecordLine(
        row=row,
        standing=queries.record_standing(row, on),
        item=caught[1].name if caught else "现行模型不计分",
        points=points,
        counted=score.counted.get(str(row.id), 0),
        sign="+" if caught and caught[0].sense == "add" else "−",
        bar=graph.bar(row.valid_from, last, since=span[0], until=span[1], on=on),
        objection=objections.get(row.id),
    )


# --- a site's file ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class External:
    """Another department's class beside ours (外部评价)."""

    source: ClassSource
    scale: str
    row: ExternalClass | None


@dataclass(frozen=True, slots=True)
class SiteCredit:
    """A site's credit whole (机构信用页)."""

    site: Site
    model: ScoreModel
    score: Score
    grade_tone: str
    lines: Sequence[RecordLine]
    over: Sequence[RecordLine]
    curve: graph.Curve | None
    history: Sequence[tuple[date, int, Grade | None]]
    tier: Decided
    tier_tone: str
    decisions: Sequence[TierDecision]
    override: TierOverride | None
    rate: tuple[str, str]
    external: Sequence[External]
    matches: int
    next_change: date | None

    @property
    def soft(self) -> bool:
        """Whether the model is the platform's own (平台默认)."""
        return self.model.confidence is Confidence.PLATFORM_DEFAULT


def site_credit(site_id: UUID, *, seen_by: Actor, on: date) -> SiteCredit:
    """A site's credit on a day (机构信用页), computed afresh."""
    site = providers.site(site_id, seen_by=seen_by)
    model, score = queries.model_of(site.scope_path, on), queries.score_on(site_id, seen_by=seen_by, on=on)
    rows = queries.records_of(site_id, seen_by=seen_by)
    waiting = visible(CreditObjection, to=seen_by).where(
        CreditObjection.site_id == site_id, CreditObjection.state == ObjectionState.OPEN
    )
    objections = {o.record_id: o for o in db.session.scalars(waiting)}
    running = [r for r in rows if queries.record_standing(r, on) in {Standing.COUNTS, Standing.AHEAD}]
    span = _span(running, on)
    lines = [_line(r, score, model, objections, on, span) for r in running]
    over = [_line(r, score, model, objections, on, _span([r], on)) for r in rows if r not in running]
    kept = [(row.on, row.total, row.grade) for row in queries.stored(site_id, seen_by=seen_by) if row.on <= on]
    decided = tier_queries.decided_on(site_id, seen_by=seen_by, on=on)
    file = queries.standing(site_id, seen_by=seen_by)
    newest = classes.newest_of(site_id, seen_by=seen_by)
    return SiteCredit(
        site=site,
        model=model,
        score=score,
        grade_tone=GRADE_TONES[score.grade],
        lines=lines,
        over=over,
        curve=_curve(kept, model, on),
        history=kept[::-1],
        tier=decided,
        tier_tone=TIER_TONES[decided.tier],
        decisions=tier_queries.decisions(site_id, seen_by=seen_by),
        override=tier_queries.override(site_id, seen_by=seen_by),
        rate=_rate(site, decided, on),
        external=[External(s, "、".join(VALUES[s]), newest.get(s)) for s in ClassSource],
        matches=len(phoenix.matches_of(site_id, seen_by=seen_by)),
        next_change=file.next_change_on if file else None,
    )


def _curve(kept: Sequence[tuple[date, int, Grade | None]], model: ScoreModel, on: date) -> graph.Curve | None:
    if not kept:
        return None
    since = max(kept[0][0] - timedelta(days=30), on - timedelta(days=730))
    points = [(since, model.base), *((day, total) for day, total, _ in kept)] if kept[0][0] > since else [
        (day, total) for day, total, _ in kept
    ]  # fmt: skip
    most = model.base + sum(g.max for g in model.groups if g.sense == "add")
    levels = [(t.least, t.grade.value) for t in model.grades if t.least]
    return graph.curve(points, since=since, until=on, most=most, levels=levels)


def _rate(site: Site, decided: Decided, on: date) -> tuple[str, str]:
    """The yearly draw rate and where it stands (年度抽查比例)."""
    listed = any(reason.code == "listed" for reason in decided.reasons)
    found = tier_queries.rates(site.scope_path, on).get("listed" if listed else decided.tier.value)
    if found is None or not isinstance(found.value, int):
        return "未设置", "请在政策参数中设置"
    return f"{found.value / 100:g}%", found.source


# --- the board of tiers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier on the board (风险等级一档)."""

    tier: Tier
    count: int
    rate: str
    source: str
    tone: str


@dataclass(frozen=True, slots=True)
class TierBoard:
    """The board of tiers (风险等级看板)."""

    rows: Sequence[TierRow]
    listed: Sequence[Site]
    listed_rate: str
    overrides: Sequence[TierOverride]
    weak: bool
    """The strictest tier's rate is below that of the listed: the draw would take too few."""


def tier_board(*, seen_by: Actor, on: date) -> TierBoard:
    """The tiers of an officer's region (风险等级看板)."""
    rates, numbers = tier_queries.rates(seen_by.scope.path or "", on), tier_queries.counts(seen_by=seen_by)
    rows = []
    for tier in Tier:
        claim = rates.get(tier.value)
        rate = f"{claim.value / 100:g}%" if claim and isinstance(claim.value, int) else "未设置"
        rows.append(TierRow(tier, numbers[tier], rate, claim.source if claim else "", TIER_TONES[tier]))
    listed, strictest = rates.get("listed"), rates.get(Tier.D.value)
    both = listed is not None and strictest is not None
    weak = bool(both and isinstance(listed.value, int) and isinstance(strictest.value, int) and strictest.value < listed.value)  # type: ignore[union-attr]
    return TierBoard(
        rows=rows,
        listed=tier_queries.listed_sites(seen_by=seen_by, on=on),
        listed_rate=f"{listed.value / 100:g}%" if listed and isinstance(listed.value, int) else "未设置",
        overrides=tier_queries.overrides(seen_by=seen_by, on=on),
        weak=weak,
    )
