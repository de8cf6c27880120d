"""The lists of the registry (机构与备案列表): what they show, filter and sort by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from flask import url_for
from sqlalchemy import Select, or_

from app.core.clock import legal_day
from app.core.labels import Labelled
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import subtree
from app.providers.models import Filing, Organisation, Site
from app.providers.rules import FilingKind, FilingState, SiteKind, SiteState, Tier
from app.regions import queries as regions
from app.regions.rules import Level

STATE_TONES: Final = {
    SiteState.DRAFT: "na",
    SiteState.OPERATING: "wait",
    SiteState.FILED: "ok",
    SiteState.SUSPENDED: "wait",
    SiteState.CLOSING: "bad",
    SiteState.CLOSED: "na",
    SiteState.EXITED: "na",
}
TIER_TONES: Final = {Tier.A: "ok", Tier.B: "info", Tier.C: "wait", Tier.D: "bad"}
FILING_TONES: Final = {
    FilingState.DRAFT: "na",
    FilingState.SUBMITTED: "wait",
    FilingState.RETURNED: "bad",
    FilingState.ACCEPTED: "ok",
    FilingState.WITHDRAWN: "na",
}


def _choices(enum: type[Labelled]) -> Sequence[tuple[str, str]]:
    return [(member.value, member.label) for member in enum]


def _named(statement: Select[Any], words: str) -> Select[Any]:
    """By part of the name, by the whole or first letters of its pinyin, by code (名称、拼音、代码)."""
    low = words.lower().replace(" ", "")
    return statement.where(
        or_(
            Site.name.contains(words, autoescape=True),
            Site.pinyin.contains(low, autoescape=True),
            Site.initials.startswith(low, autoescape=True),
            Organisation.uscc == words.upper(),
        )
    )


def _district(statement: Select[Any], path: str) -> Select[Any]:
    return statement.where(subtree(Site.scope_path, path))


def districts(path: str | None) -> list[tuple[str, str]]:
    """The divisions to choose from (区县选择): counties below a city or province, streets below a county."""
    if path is None:
        return []
    counties = regions.below(path, Level.COUNTY)
    rows = counties if len(counties) > 1 else regions.below(path, Level.STREET)
    return [(row.path, row.name) for row in rows]


def site_list(path: str | None) -> ListSpec[Site]:
    """The register of sites (机构名录) for an officer whose region has this path."""
    places = districts(path)
    place = [Filter("district", "区县街道", _district, FilterKind.CHOICE, places)] if places else []
    return ListSpec(
        columns=[
            Column("name", "名称", lambda s: s.name, sort="name", href=lambda s: url_for("sites.show_site", site_id=s.id)),
            Column("state", "状态", lambda s: s.state.label, tone=lambda s: STATE_TONES[s.state]),
            Column("kind", "类型", lambda s: s.kind.label),
            Column("tier", "监管等级", lambda s: s.tier.label, tone=lambda s: TIER_TONES[s.tier]),
            Column("region", "所在区划", lambda s: s.region.name),
            Column("filed_on", "备案日期", lambda s: s.filed_on, sort="filed"),
            Column("filing_number", "备案回执", lambda s: s.filing_number, screen=False),
            Column("uscc", "统一社会信用代码", lambda s: s.organisation.uscc, screen=False),
            Column("number", "网点序号", lambda s: s.number, number=True, screen=False),
            Column("organisation", "机构主体", lambda s: s.organisation.name, screen=False),
            Column("address", "地址", lambda s: s.address, screen=False),
            Column("authority", "主管机关", lambda s: s.authority.name, screen=False),
        ],
        filters=[
            Filter("q", "名称", _named, hint="名称、拼音首字母或统一社会信用代码"),
            Filter("state", "状态", lambda q, v: q.where(Site.state == v), FilterKind.CHOICE, _choices(SiteState)),
            *place,
            Filter("kind", "类型", lambda q, v: q.where(Site.kind == v), FilterKind.CHOICE, _choices(SiteKind), primary=False),
            Filter("tier", "监管等级", lambda q, v: q.where(Site.tier == v), FilterKind.CHOICE, _choices(Tier), primary=False),
        ],
        sorts=[
            Sort("name", "名称", Site.pinyin, up="按拼音", down="按拼音倒序"),
            Sort("filed", "备案日期", Site.filed_on, nullable=True, up="先备案的在前", down="新备案的在前"),
        ],
        default_sort="name",
        tie=Site.id,
    )


def _submitted(row: Filing) -> date | None:
    return legal_day(row.submitted_at) if row.submitted_at else None


FILING_LIST: Final[ListSpec[Filing]] = ListSpec(
    columns=[
        Column("site", "网点", lambda f: f.site.name, href=lambda f: url_for("filings.show_filing", filing_id=f.id)),
        Column("kind", "类型", lambda f: f.kind.label),
        Column("state", "状态", lambda f: f.state.label, tone=lambda f: FILING_TONES[f.state]),
        Column("submitted", "提交日期", _submitted, sort="submitted"),
        Column("number", "回执编号", lambda f: f.number),
    ],
    filters=[
        Filter("q", "网点名称", lambda q, v: q.where(Site.name.contains(v, autoescape=True))),
        Filter("state", "状态", lambda q, v: q.where(Filing.state == v), FilterKind.CHOICE, _choices(FilingState)[1:]),
        Filter("kind", "类型", lambda q, v: q.where(Filing.kind == v), FilterKind.CHOICE, _choices(FilingKind)),
    ],
    sorts=[Sort("submitted", "提交日期", Filing.submitted_at, nullable=True, up="先提交的在前", down="新提交的在前")],
    default_sort="-submitted",
    tie=Filing.id,
)
