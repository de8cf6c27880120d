"""What the pages of the phoenix check show (换壳核查页面内容)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import url_for

from app.core.actor import Actor
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import subtree
from app.credit.models.phoenix import PhoenixMatch
from app.credit.queries import phoenix as queries
from app.credit.rules.phoenix import Clue, MatchState, PhoenixTable
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.queries.lists import districts
from app.regions import queries as regions

STATE_TONES: Final[Mapping[MatchState, str]] = {
    MatchState.WAITING: "wait",
    MatchState.CONFIRMED: "bad",
    MatchState.DISMISSED: "na",
}


def match_list(path: str | None) -> ListSpec[PhoenixMatch]:
    """The queue (核查队列), the likeliest first."""
    places = districts(path)
    place = [Filter("district", "区县街道", lambda q, v: q.where(subtree(PhoenixMatch.scope_path, v)), FilterKind.CHOICE, places)]
    return ListSpec(
        columns=[
            Column(
                "new", "新登记网点", lambda r: r.site.name, href=lambda r: url_for("phoenix.show_match", phoenix_match_id=r.id)
            ),
            Column("old", "像哪一家", lambda r: str(r.old["name"])),
            Column("score", "相似度", lambda r: r.score, sort="score", number=True),
            Column("why", "相同之处", lambda r: "、".join(Clue(p["clue"]).label for p in r.points)),
            Column("state", "状态", lambda r: r.state.label, tone=lambda r: STATE_TONES[r.state]),
            Column("found", "发现日期", lambda r: r.found_on, sort="found"),
        ],
        filters=[
            Filter(
                "state",
                "状态",
                lambda q, v: q.where(PhoenixMatch.state == v),
                FilterKind.CHOICE,
                [(m.value, m.label) for m in MatchState],
            ),
            *(place if places else ()),
        ],
        sorts=[
            Sort("score", "相似度", PhoenixMatch.score, up="低的在前", down="高的在前"),
            Sort("found", "发现日期", PhoenixMatch.found_on, up="早的在前", down="新的在前"),
        ],
        default_sort="-score",
        tie=PhoenixMatch.id,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison (对照行)."""

    label: str
    new: str
    old: str
    said: str


@dataclass(frozen=True, slots=True)
class MatchPage:
    """One match whole (核查页)."""

    match: PhoenixMatch
    site: Site
    rows: Sequence[Row]
    record: Sequence[str]
    table: PhoenixTable
    tone: str


def match_page(phoenix_match_id: UUID, *, seen_by: Actor, on: date) -> MatchPage:
    """One match (核查页). Of the old site only what was kept with the match is shown: it may lie in another county."""
    row = queries.match(phoenix_match_id, seen_by=seen_by)
    site = providers.site(row.site_id, seen_by=seen_by)
    said: dict[str, str] = {p["clue"]: f"{p['words']}（+{p['points']}）" for p in row.points}
    old: dict[str, Any] = row.old
    rows = [
        Row("网点名称", site.name, old["name"], said.get(Clue.NAME, "")),
        Row("机构主体", site.organisation.name, old["organisation"], ""),
        Row(
            "地址", regions.full_name(site.region.path) + site.address, old["place"] + old["address"], said.get(Clue.ADDRESS, "")
        ),
        Row("状态", site.state.label, old["state"], ""),
    ]
    now = {Clue.LEGAL_REPRESENTATIVE: site.organisation.legal_representative, Clue.MANAGER: site.manager_name or ""}
    others = [clue for clue in Clue if clue in said and clue not in {Clue.NAME, Clue.ADDRESS}]
    rows += [Row(clue.label, now.get(clue, ""), "同名" if clue in now else "", said[clue]) for clue in others]
    return MatchPage(row, site, rows, old["record"], queries.table_on(on), STATE_TONES[row.state])
