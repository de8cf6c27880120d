"""Questions about staffing (人员配备查询): what holds in a place, who is there, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.core.db import db
from app.core.scope import visible
from app.core.standards import Confidence
from app.providers import queries as providers
from app.providers.models import Site
from app.regions import queries as regions
from app.regions.packs import Value
from app.regions.rules import Claim, Level
from app.training.models import CareLoad, Certificate, Employment
from app.training.queries import certificates, courses, people
from app.training.rules import Shift, StaffPost
from app.training.rules.certificates import Group, KindTable, is_valid, kinds_on
from app.training.rules.staffing import (
    Ability,
    Counted,
    Demand,
    Line,
    OldAbility,
    Rounding,
    StaffingTable,
    Worker,
    lines,
    table_on,
)
from app.training.rules.staffing import Place as Situation

RATIO_KEYS: Final[Mapping[OldAbility, str]] = {
    OldAbility.SELF_CARE: "staff.ratio_self_care",
    OldAbility.PARTIAL_CARE: "staff.ratio_partial_care",
    OldAbility.FULL_CARE: "staff.ratio_full_care",
}
NIGHT_RATIO: Final = "staff.night_ratio"
NIGHT_LEVEL: Final = "staff.night_level"
ROUNDING: Final = "staff.ratio_rounding"


@dataclass(frozen=True, slots=True)
class Staffing:
    """Staffing of a site on a day (人员配备): the residents it rests on, every demand, what is missing in words."""

    site: Site
    load: CareLoad | None
    residents: Mapping[Ability, int]
    lines: Sequence[Line]
    rounding: Rounding
    rounding_note: str
    sources: Mapping[str, str]
    on: date

    @property
    def gaps(self) -> list[Line]:
        """Demands that are not met (缺口): of several about one shift and post, the one that misses most, then the stricter."""
        worst: dict[tuple[StaffPost, Shift | None], Line] = {}
        for line in self.lines:
            key = (line.demand.role, line.shift)
            if line.missing and (key not in worst or line.missing >= worst[key].missing):
                worst[key] = line
        return list(worst.values())

    @property
    def ruled(self) -> bool:
        """Whether anything verified or set by the authority speaks about this site."""
        return any(line.binding for line in self.lines)


def newest_load(site: Site, *, seen_by: Actor, on: date) -> CareLoad | None:
    """The newest counts of residents by ability (在住老人能力等级)."""
    query = visible(CareLoad, to=seen_by).where(CareLoad.site_id == site.id, CareLoad.as_of <= on)
    return db.session.scalars(query.order_by(CareLoad.as_of.desc(), CareLoad.entered_at.desc()).limit(1)).one_or_none()


def staffing(site: Site, *, seen_by: Actor, on: date) -> Staffing:
    """How a site is staffed (人员配备对照), as it is at this moment: a certificate that ran out last night no longer counts."""
    load = newest_load(site, seen_by=seen_by, on=on)
    residents = {ability: int(load.residents.get(ability, 0)) if load else 0 for ability in Ability}
    table, kinds = table_on(on), kinds_on(on)
    chain = [row for row in regions.upwards(site.scope_path) if row.level is not Level.NATION]
    local, sources = _local(site, on)
    demands = [*local, *table.rows_for(site.kind.value, [row.code for row in chain])]
    situation = Situation(
        site.kind.value, residents, bool(load and load.has_control_room), bool(load and load.has_linked_control)
    )
    rounding, note = _rounding(site, table, on)
    found = lines(table, demands, situation, workers(site, kinds, seen_by=seen_by, on=on), rounding, _levels(kinds))
    found.sort(key=lambda line: (line.missing == 0, not line.binding))  # what is missing first, what is only a draft last
    return Staffing(site, load, residents, found, rounding, note, {**table.sources, **sources}, on)


def _rounding(site: Site, table: StaffingTable, on: date) -> tuple[Rounding, str]:
    """Which way of rounding is in use (进位方式): what the authority set, else the table's own, with the reason."""
    claim = regions.settings_at(site.scope_path, on).get(ROUNDING)
    if claim is None:
        return table.rounding, table.rounding_note
    way = Rounding.SUM if "合计" in str(claim.value) else Rounding.EACH
    return way, f"本地区采用{way.label}：{claim.source}。另一种算法列在旁边。"


def _levels(kinds: KindTable) -> dict[str, tuple[int, str]]:
    return {level.code: (level.rank, level.label) for scheme in kinds.schemes.values() for level in scheme.levels}


def workers(site: Site, kinds: KindTable, *, seen_by: Actor, on: date) -> list[Worker]:
    """Who is in post at a site, with what counts today (在岗人员)."""
    staff = people.staff_of(site.id, seen_by=seen_by, on=on)
    held = certificates.of_people({row.person_id for row in staff}, seen_by=seen_by)
    trained = courses.trained_before_job(seen_by=seen_by, on=on)
    return [worker(row, held.get(row.person_id, ()), kinds, on, trained=row.person_id in trained) for row in staff]


def worker(row: Employment, held: Sequence[Certificate], kinds: KindTable, on: date, *, trained: bool) -> Worker:
    """One person as staffing sees them: the best rank of each group of valid certificates."""
    ranks: dict[Group, int] = {}
    for paper in held:
        if is_valid(paper.state, paper.finding, paper.runs_out_on, on):
            kind = kinds.named(paper.kind)
            scheme = kinds.scheme_of(kind)
            level = scheme.level(paper.level) if scheme else None
            ranks[kind.group] = max(ranks.get(kind.group, 0), level.rank if level else 0)
    return Worker(row.post, row.shift, ranks, trained)


def _local(site: Site, on: date) -> tuple[list[Demand], dict[str, str]]:
    """What the place's own authority set in its policy pack (本级设定), with its source."""
    found = regions.settings_at(site.scope_path, on)
    demands: list[Demand] = []
    sources: dict[str, str] = {}
    ratios = {ability: found[key] for ability, key in RATIO_KEYS.items() if key in found}
    if ratios:
        sources["LOCAL"] = "；".join(sorted({claim.source for claim in ratios.values()}))
        values = {ability: _whole(claim) for ability, claim in ratios.items()}
        demands.append(_row("LOCAL", "本地区规定的配比", Counted.DAY_AND_NIGHT, site, values))
    if NIGHT_RATIO in found:
        claim = found[NIGHT_RATIO]
        sources["LOCAL-NIGHT"] = claim.source
        values = dict.fromkeys(OldAbility, _whole(claim))
        level = str(found[NIGHT_LEVEL].value) if NIGHT_LEVEL in found else ""
        demands.append(_row("LOCAL-NIGHT", "本地区规定的夜班配比", Counted.SHIFT, site, values, Shift.NIGHT, level))
    return demands, sources


def _whole(claim: Claim[Value]) -> int:
    assert isinstance(claim.value, int)
    return max(claim.value, 1)


def _row(
    name: str,
    label: str,
    counted: Counted,
    site: Site,
    ratios: Mapping[OldAbility, int],
    shift: Shift | None = None,
    level: str = "",
) -> Demand:
    return Demand(
        id=name,
        label=label,
        kinds=(site.kind.value,),
        form="ratio",
        counted=counted,
        shift=shift,
        role=StaffPost.CAREGIVER,
        ratios=ratios,
        needs=Group.LEVEL if level else None,
        level=level,
        source=name,
        confidence=Confidence.VERIFIED,
    )


def staffing_of(site_id: UUID, *, seen_by: Actor, on: date) -> Staffing:
    """Staffing of a site by its id (某网点人员配备)."""
    return staffing(providers.site(site_id, seen_by=seen_by), seen_by=seen_by, on=on)
