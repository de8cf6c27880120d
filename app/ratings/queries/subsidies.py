"""Questions about subsidies (补贴查询): rules and rates at a place, what a site is due, the lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.core.actor import Actor
from app.core.db import db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.core.xlsx.write import Table, write_table
from app.credit.queries import listing
from app.providers.models import Site, SiteFact
from app.providers.rules import SiteKind
from app.ratings.models import Rating, RatingChange
from app.ratings.models.subsidies import SubsidyClaim, SubsidyLine
from app.ratings.queries import editor
from app.ratings.rules.claims import ClaimKind, ClaimState
from app.ratings.rules.process import Measure, Standing
from app.ratings.rules.subsidies import (
    Amount,
    Break,
    Line,
    Outcome,
    Rate,
    Span,
    SubsidyRule,
    compute,
    last_day,
    library,
    months,
    rate,
    yuan,
)
from app.regions import queries as regions

FRESH_DAYS: Final = 100
"""Days before a month for which a registered figure still speaks (登记数据可沿用天数). Platform default."""
CUT_SHORT: Final = (Standing.REVOKED, Standing.ENDED, Standing.REPLACED)
TONES: Final = {ClaimState.DRAFT: "wait", ClaimState.APPROVED: "ok", ClaimState.CANCELLED: "na"}


# --- rules and rates --------------------------------------------------------------------------------------------------


def rule(code: str, *, path: str, on: date) -> SubsidyRule:
    """The edition of a rule that holds at a place on a day (现行补贴规则)."""
    for each in rules(path=path, on=on):
        if each.code == code:
            return each
    raise Refused("subsidy.rule", "本地没有这项补贴规则，请从列表中选择")


def rules(*, path: str, on: date) -> list[SubsidyRule]:
    """The rules that hold at a place (本地补贴规则): those of its own region and of the regions above."""
    codes = {row.code for row in regions.upwards(path)}
    newest: dict[str, SubsidyRule] = {}
    for each in sorted(library().editions, key=lambda e: e.in_force_from):
        if each.region in codes and each.in_force_on(on):
            newest[each.code] = each
    return sorted(newest.values(), key=lambda e: e.name)


def scheme_names(path: str, on: date) -> Mapping[str, str]:
    """The names of the schemes that rules rest on, by code (评定标准名称)."""
    return {code: scheme.shape.name for code, scheme in editor.domestic(path=path, on=on).items()}


def rates(of: SubsidyRule, *, path: str, on: date) -> Mapping[str, Rate]:
    """What each level is worth at a place on a day (本地补贴标准), with the document it comes from."""
    found = regions.settings_at(path, on)

    def said(key: str) -> tuple[int, str] | None:
        claim = found.get(key)
        return (claim.value, claim.source) if claim is not None and isinstance(claim.value, int) and claim.works else None

    def one(amount: Amount) -> Rate:
        return rate(of, amount, own=said(amount.setting), floor=said(amount.floor_setting))

    return {amount.level: one(amount) for amount in of.amounts}


# --- what a site is due -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """One site's months (某机构应补)."""

    site: Site
    lines: Sequence[Line]


def due(of: SubsidyRule, first: date, last: date, *, path: str, seen_by: Actor) -> list[Due]:
    """What every site of a place is due for the months `first` to `last` (应补计算). Reads only."""
    sites = _sites(of, path, first, last, seen_by)
    spans, breaks = _held(of, [s.id for s in sites], seen_by)
    heads = _heads(of, [s.id for s in sites], first, last, seen_by)
    listed = listing.times_listed({s.provider_id for s in sites})
    found = []
    for site in sites:
        lines: list[Line] = []
        for month in months(first, last):
            used = rates(of, path=site.scope_path, on=last_day(month))
            lines += compute(
                of,
                used,
                spans=spans.get(site.id, ()),
                breaks=[*breaks.get(site.id, ()), *(_listed(*days) for days in listed.get(site.provider_id, ()))],
                heads=heads.get(site.id, {}),
                period=(month, month),
            )
        found.append(Due(site, lines))
    return found


def _listed(start: date, end: date) -> Break:
    return Break(start, end, f"{start.isoformat()} 起在失信惩戒对象名单内，最长至 {end.isoformat()}")


def _sites(of: SubsidyRule, path: str, first: date, last: date, seen_by: Actor) -> Sequence[Site]:
    query = visible(Site, to=seen_by).where(Site.scope_path >= path, Site.scope_path < path[:-1] + "0")
    if of.scheme:
        rated = select(Rating.site_id).where(
            Rating.scheme == of.scheme, Rating.valid_from <= last_day(last), Rating.valid_to >= first
        )
        query = query.where(Site.id.in_(rated))
    else:
        query = query.where(Site.kind == SiteKind.CARE_HOME, Site.filed_on <= last_day(last))
    return db.session.scalars(query.order_by(Site.pinyin, Site.id)).all()


def _held(of: SubsidyRule, site_ids: Sequence[UUID], seen_by: Actor) -> tuple[dict[UUID, list[Span]], dict[UUID, list[Break]]]:
    spans: dict[UUID, list[Span]] = {}
    breaks: dict[UUID, list[Break]] = {}
    if not of.scheme:
        return spans, breaks
    query = visible(Rating, to=seen_by).where(Rating.scheme == of.scheme, Rating.site_id.in_(site_ids))
    rows = db.session.scalars(query.order_by(Rating.valid_from)).all()
    done = (
        visible(RatingChange, to=seen_by)
        .where(RatingChange.rating_id.in_([r.id for r in rows]), RatingChange.decided_on.is_not(None))
        .order_by(RatingChange.decided_on)
    )
    changes: dict[UUID, list[RatingChange]] = {}
    for change in db.session.scalars(done):
        changes.setdefault(change.rating_id, []).append(change)
    for row in rows:
        own = changes.get(row.id, [])
        spans.setdefault(row.site_id, []).extend(_spans(row, own))
        breaks.setdefault(row.site_id, []).extend(_breaks(own))
    return spans, breaks


def _spans(row: Rating, changes: Sequence[RatingChange]) -> list[Span]:
    """A rating's days at each level: lowered by a downgrade, cut short by revocation, end or a newer rating."""
    end = min(row.valid_to, row.state_on - timedelta(days=1)) if row.state in CUT_SHORT else row.valid_to
    found, start = [], row.valid_from
    for change in changes:
        if change.measure is Measure.DOWNGRADE and change.decided_on is not None:
            found.append(Span(str(row.id), change.from_level, start, change.decided_on - timedelta(days=1)))
            start = change.decided_on
    found.append(Span(str(row.id), row.level, start, end))
    return [span for span in found if span.start <= span.end]


def _breaks(changes: Sequence[RatingChange]) -> list[Break]:
    found: list[Break] = []
    for change in changes:
        assert change.decided_on is not None
        if change.measure is Measure.SUSPEND:
            found.append(Break(change.decided_on, None, f"等级自 {change.decided_on.isoformat()} 暂停（{change.cause.label}）"))
        elif found and found[-1].end is None:
            last = found.pop()
            found.append(Break(last.start, change.decided_on - timedelta(days=1), last.why))
    return found


def _heads(
    of: SubsidyRule, site_ids: Sequence[UUID], first: date, last: date, seen_by: Actor
) -> dict[UUID, dict[date, int | None]]:
    """Registered figures by month (登记人数): the newest of the month or of the hundred days before it."""
    if not of.heads:
        return {}
    query = (
        visible(SiteFact, to=seen_by)
        .where(SiteFact.site_id.in_(site_ids), SiteFact.key == of.heads, SiteFact.as_of <= last_day(last))
        .where(SiteFact.as_of >= first - timedelta(days=FRESH_DAYS))
        .order_by(SiteFact.as_of, SiteFact.entered_at)
    )
    rows = db.session.scalars(query).all()
    found: dict[UUID, dict[date, int | None]] = {}
    for month in months(first, last):
        for row in rows:
            if month - timedelta(days=FRESH_DAYS) <= row.as_of <= last_day(month) and isinstance(row.value, int):
                found.setdefault(row.site_id, {})[month] = row.value
    return found


# --- lists ------------------------------------------------------------------------------------------------------------


def claim(claim_id: UUID, *, seen_by: Actor, lock: bool = False) -> SubsidyClaim:
    """One list (补贴清单)."""
    return find(SubsidyClaim, claim_id, seen_by=seen_by, lock=lock)


def lines(claim_id: UUID, *, seen_by: Actor) -> Sequence[SubsidyLine]:
    """The rows of a list, by site and month (明细)."""
    query = (
        visible(SubsidyLine, to=seen_by)
        .join(SubsidyLine.site)
        .where(SubsidyLine.claim_id == claim_id)
        .options(joinedload(SubsidyLine.site))
        .order_by(Site.pinyin, SubsidyLine.site_id, SubsidyLine.month)
    )
    return db.session.scalars(query).all()


def holding(site_ids: Sequence[UUID], group: str, first: date, last: date) -> Mapping[tuple[UUID, date], str]:
    """Months that another list holds already, with its number (已计补月份)."""
    query = (
        select(SubsidyLine.site_id, SubsidyLine.month, SubsidyClaim.number)
        .join(SubsidyLine.claim)
        .where(
            SubsidyLine.active,
            SubsidyLine.pay_group == group,
            SubsidyLine.site_id.in_(site_ids),
            SubsidyLine.month.between(first, last),
        )
    )
    return {(row.site_id, row.month): row.number for row in db.session.execute(query)}


def paid_lines(site_id: UUID, since: date, *, seen_by: Actor, scheme: str = "") -> Sequence[SubsidyLine]:
    """Approved rows of a site from a month on (已审批明细); with `scheme`, those that rest on its rating."""
    query = (
        visible(SubsidyLine, to=seen_by)
        .join(SubsidyLine.claim)
        .where(SubsidyLine.site_id == site_id, SubsidyLine.active, SubsidyLine.month >= since)
        .where(SubsidyClaim.state == ClaimState.APPROVED)
        .order_by(SubsidyLine.month)
    )
    if scheme:
        codes = [each.code for each in library().editions if each.scheme == scheme]
        query = query.where(SubsidyLine.rule_code.in_(codes))
    return db.session.scalars(query).all()


def lines_of_provider(*, seen_by: Actor) -> Select[SubsidyLine]:
    """What one's own sites were granted (本机构补贴): approved lists only."""
    granted = visible(SubsidyLine, to=seen_by).where(SubsidyLine.approved_on.is_not(None))
    return granted.options(joinedload(SubsidyLine.site))


def claims(*, seen_by: Actor) -> Select[SubsidyClaim]:
    """The lists of one's region (补贴清单)."""
    return visible(SubsidyClaim, to=seen_by)


def _period(row: SubsidyClaim) -> str:
    first, last = f"{row.first_month:%Y-%m}", f"{row.last_month:%Y-%m}"
    return first if first == last else f"{first} 至 {last}"


CLAIM_LIST: Final[ListSpec[SubsidyClaim]] = ListSpec(
    columns=[
        Column("number", "清单", lambda c: c.number, href=lambda c: url_for("subsidies.show_claim", subsidy_claim_id=c.id)),
        Column("state", "状态", lambda c: c.state.label, tone=lambda c: TONES[c.state]),
        Column("rule", "补贴", lambda c: c.rule_name),
        Column("period", "期间", _period, sort="period"),
        Column("kind", "种类", lambda c: c.kind.label),
        Column("total", "金额", lambda c: yuan(c.total_fen), number=True),
        Column("open", "待定行", lambda c: c.open, number=True),
        Column("made_by", "计算人", lambda c: c.made_by_name),
        Column("approved", "审批日期", lambda c: c.approved_on),
    ],
    filters=[
        Filter(
            "state",
            "状态",
            lambda q, v: q.where(SubsidyClaim.state == v),
            FilterKind.CHOICE,
            [(s.value, s.label) for s in ClaimState],
        ),
        Filter(
            "kind",
            "种类",
            lambda q, v: q.where(SubsidyClaim.kind == v),
            FilterKind.CHOICE,
            [(s.value, s.label) for s in ClaimKind],
        ),
        Filter("q", "补贴名称", lambda q, v: q.where(SubsidyClaim.rule_name.contains(v, autoescape=True))),
    ],
    sorts=[
        Sort("made", "计算时间", SubsidyClaim.made_at, up="旧的在前", down="新的在前"),
        Sort("period", "期间", SubsidyClaim.first_month, up="早的在前", down="晚的在前"),
    ],
    default_sort="-made",
    tie=SubsidyClaim.id,
)

MY_LINES: Final[ListSpec[SubsidyLine]] = ListSpec(
    columns=[
        Column("month", "月份", lambda x: f"{x.month:%Y-%m}", sort="month"),
        Column("site", "网点", lambda x: x.site.name),
        Column("rule", "补贴", lambda x: x.rule_name),
        Column("outcome", "结果", lambda x: x.outcome.label, tone=lambda x: x.outcome.tone),
        Column("fen", "金额", lambda x: yuan(x.fen) if x.fen is not None else "待定", number=True),
        Column("words", "怎么算的", lambda x: x.words),
        Column("claim", "清单", lambda x: x.claim_number),
    ],
    filters=[
        Filter(
            "outcome",
            "结果",
            lambda q, v: q.where(SubsidyLine.outcome == v),
            FilterKind.CHOICE,
            [(o.value, o.label) for o in Outcome],
        )
    ],
    sorts=[Sort("month", "月份", SubsidyLine.month, up="早的在前", down="晚的在前")],
    default_sort="-month",
    tie=SubsidyLine.id,
)


def workbook(row: SubsidyClaim, *, seen_by: Actor) -> bytes:
    """A list as a workbook (导出清单): sums by site, then every month with its reasons; text and numbers, no formula."""
    found = lines(row.id, seen_by=seen_by)
    sums: dict[UUID, list[int | str]] = {}
    for line in found:
        entry = sums.setdefault(line.site_id, [line.site.name, line.site.organisation.uscc, 0, 0])
        if line.outcome is Outcome.PAID and line.fen is not None:
            entry[2] = int(entry[2]) + 1
            entry[3] = int(entry[3]) + line.fen
    head = [[name, code, months_, f"{int(fen) / 100:.2f}"] for name, code, months_, fen in sums.values()]
    detail = [
        [
            line.site.name,
            line.site.organisation.uscc,
            f"{line.month:%Y-%m}",
            line.outcome.label,
            line.level,
            line.heads,
            f"{line.fen / 100:.2f}" if line.fen is not None else "",
            line.words,
        ]
        for line in found
    ]
    about = [
        ["清单编号", row.number],
        ["种类", row.kind.label],
        ["状态", row.state.label],
        ["补贴", row.rule_name],
        ["规则指纹", row.rule_sha],
        ["期间", _period(row)],
        ["合计（元）", f"{row.total_fen / 100:.2f}"],
        ["计算人", row.made_by_name],
        ["审批人", row.approved_by_name or ""],
    ]
    return write_table(
        [
            Table("清单", ["项目", "内容"], about, [16, 60]),
            Table("机构合计", ["机构", "统一社会信用代码", "计补月数", "金额（元）"], head),
            Table("逐月明细", ["机构", "统一社会信用代码", "月份", "结果", "等级", "人数", "金额（元）", "怎么算的"], detail),
        ]
    )


def waiting_reversals(line_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Rows that a reversal names already (已列入追回的明细)."""
    query = select(SubsidyLine.reverses).where(SubsidyLine.reverses.in_(line_ids))
    return frozenset(each for each in db.session.scalars(query) if each is not None)
