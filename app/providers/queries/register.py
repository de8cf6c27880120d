"""Questions of importing and exporting a register (名册导入导出查询)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, or_, select

from app.core.actor import SYSTEM, Actor
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.core.xlsx.table import Parsed, parse_workbook
from app.core.xlsx.write import Table
from app.providers import queries
from app.providers.models import Organisation, RegisterImport, Site, SiteFact
from app.providers.rules import SiteKind, SiteState
from app.providers.rules.facts import FACTS, FactType
from app.providers.rules.register import BODIES, FACT_SHEET, SHEETS, SITES, Fault, Known, KnownBody, KnownSite, Place, Plan, plan
from app.providers.rules.sites import competent_level
from app.regions import queries as regions
from app.regions.models import Region
from app.regions.rules import Level

MOST_EXPORTED: Final = 5_000


def register_import(register_import_id: UUID, *, seen_by: Actor, lock: bool = False) -> RegisterImport:
    """One import (一次导入)."""
    return find(RegisterImport, register_import_id, seen_by=seen_by, lock=lock)


def imports(*, seen_by: Actor) -> Sequence[RegisterImport]:
    """The latest imports, newest first (导入记录)."""
    return db.session.scalars(visible(RegisterImport, to=seen_by).order_by(RegisterImport.uploaded_at.desc()).limit(50)).all()


def sites_written(register_import_id: UUID) -> list[UUID]:
    """The sites that an import wrote (导入写入的网点), for those who listen to it."""
    row = register_import(register_import_id, seen_by=SYSTEM)
    return [UUID(site_id) for site_id in row.site_ids]


# --- what a workbook is compared with ---------------------------------------------------------------------------------


def register_now(parsed: Parsed, *, path: str, on: date) -> Known:
    """What the register knows of everything that a workbook names (对照数据).

    Codes and names of bodies are public and a body may have sites elsewhere, so this looks past the scope; what is shown
    of it is only that a value differs, on rows that the importing authority filled in itself.
    """
    db.session.flush()
    with acting(SYSTEM):
        bodies = _bodies({row.values["uscc"] for rows in parsed.rows.values() for row in rows if row.values.get("uscc")})
        places = _places(_said(parsed, BODIES, "registrar_region") | _said(parsed, SITES, "region"), on)
        sites = [site.id for body in bodies.values() for site in body.sites]
        facts = _facts(sites, _said(parsed, FACT_SHEET, "as_of"))
    return Known(path=path, bodies=bodies, places=places, facts=facts)


def _said(parsed: Parsed, sheet: str, key: str) -> set[Any]:
    return {row.values[key] for row in parsed.rows.get(sheet, ()) if row.values.get(key)}


def _bodies(codes: Iterable[str]) -> dict[str, KnownBody]:
    rows = db.session.scalars(select(Organisation).where(Organisation.uscc.in_([str(c) for c in codes]))).all()
    sites: dict[UUID, list[KnownSite]] = {}
    for site in db.session.scalars(select(Site).where(Site.provider_id.in_([r.id for r in rows])).order_by(Site.number)):
        sites.setdefault(site.provider_id, []).append(_known_site(site))
    return {row.uscc: _known_body(row, tuple(sites.get(row.id, ()))) for row in rows}


def _known_body(row: Organisation, sites: tuple[KnownSite, ...]) -> KnownBody:
    return KnownBody(
        id=row.id,
        name=row.name,
        nature=row.nature,
        legal_representative=row.legal_representative,
        registrar=row.registrar,
        registrar_region_id=row.registrar_region_id,
        registered_on=row.registered_on,
        phone=row.phone.reveal() if row.phone else None,
        sites=sites,
    )


def _known_site(site: Site) -> KnownSite:
    return KnownSite(
        id=site.id,
        number=site.number,
        name=site.name,
        kind=site.kind,
        state=site.state,
        region_id=site.region_id,
        path=site.scope_path,
        address=site.address,
        service_phone=site.service_phone,
        manager_name=site.manager_name,
        operator_model=site.operator_model,
        first_resident_on=site.first_resident_on,
        filed_on=site.filed_on,
        filing_number=site.filing_number,
    )


def _places(codes: set[str], on: date) -> dict[str, Place]:
    query = select(Region).where(
        Region.code.in_(codes),
        or_(Region.valid_from.is_(None), Region.valid_from <= on),
        or_(Region.valid_to.is_(None), Region.valid_to >= on),
    )
    return {row.code: Place(row.id, row.path, row.level) for row in db.session.scalars(query)}


def _facts(site_ids: Sequence[UUID], days: set[date]) -> Mapping[tuple[UUID, str, date], Any]:
    query = select(SiteFact.site_id, SiteFact.key, SiteFact.as_of, SiteFact.value)
    query = query.where(SiteFact.site_id.in_(site_ids), SiteFact.as_of.in_(days)).order_by(SiteFact.entered_at)
    return {(site_id, key, as_of): value for site_id, key, as_of, value in db.session.execute(query)}


def read_workbook(data: bytes, path: str, on: date) -> tuple[Parsed, Known, Plan]:
    """Parse, compare, find the competent authorities; what only a comparison shows joins the other faults."""
    parsed = parse_workbook(data, SHEETS)
    known = register_now(parsed, path=path, on=on)
    found = plan(parsed.rows, known, on)
    if not parsed.errors and not found.faults:
        _find_authorities(found, known)
    for fault in found.faults:
        parsed.wrong(fault.sheet, fault.row, fault.key, fault.sentence)
    return parsed, known, found


def _find_authorities(found: Plan, known: Known) -> None:
    """The competent authority of every new site (主管机关), one look-up a place and level."""
    looked_up: dict[tuple[str, Level], UUID] = {}
    levels = {place.id: place.level for place in known.places.values()}
    for (uscc, _), site in found.sites.items():
        place = site["scope_path"], _level(uscc, site, found, known, levels)
        try:
            if place not in looked_up:
                looked_up[place] = regions.competent_authority(*place).id
            site["authority_id"] = looked_up[place]
        except Refused as refusal:
            found.faults.append(Fault(SITES, site["row"], "region", refusal.sentence))


def _level(uscc: str, site: Mapping[str, Any], found: Plan, known: Known, levels: Mapping[UUID, Level]) -> Level:
    body = known.bodies.get(uscc)
    nature = body.nature if body else found.bodies[uscc]["nature"]
    region = body.registrar_region_id if body else found.bodies[uscc]["registrar_region_id"]
    registrar = levels[region] if region in levels else regions.region(region).level
    filed = site["state"] is SiteState.FILED and site["kind"] is SiteKind.CARE_HOME
    return competent_level(nature, registrar, filed=filed)


def corrected(register_import_id: UUID, *, seen_by: Actor, on: date) -> bytes:
    """The workbook of an import with its faults marked (退回改正的工作簿)."""
    row = register_import(register_import_id, seen_by=seen_by)
    if row.workbook is None:
        raise Refused("import.gone", "这份工作簿已不再保存，请重新上传。")
    return read_workbook(row.workbook, row.scope_path, on)[0].corrected()


# --- export -----------------------------------------------------------------------------------------------------------


def tables(statement: Select[Site], *, seen_by: Actor) -> list[Table]:
    """A filtered register as the sheets of the import (导出名册): it can be imported again and changes nothing then.

    Phones are masked, which an import reads as "leave it". At most 5,000 sites.
    """
    rows = db.session.scalars(statement.order_by(Site.scope_path, Site.pinyin, Site.id).limit(MOST_EXPORTED)).all()
    bodies = {row.provider_id: row.organisation for row in rows}
    codes = {r.id: r.code for r in db.session.scalars(select(Region).where(Region.id.in_(_regions(bodies.values()))))}
    heads = {sheet.name: [column.title for column in sheet.columns] for sheet in SHEETS}
    return [
        Table(BODIES, heads[BODIES], [_body_cells(body, codes) for body in bodies.values()]),
        Table(SITES, heads[SITES], [_site_cells(row) for row in rows]),
        Table(FACT_SHEET, heads[FACT_SHEET], _fact_rows(rows, seen_by=seen_by)),
    ]


def _regions(bodies: Iterable[Organisation]) -> set[UUID]:
    return {body.registrar_region_id for body in bodies}


def _body_cells(body: Organisation, codes: Mapping[UUID, str]) -> list[Any]:
    phone = body.phone.masked if body.phone else None
    region = codes[body.registrar_region_id]
    return [body.uscc, body.name, body.nature.label, body.legal_representative, body.registrar, region, body.registered_on, phone]


def _site_cells(site: Site) -> list[Any]:
    return [
        site.organisation.uscc,
        site.number,
        site.name,
        site.kind.label,
        site.region.code,
        site.address,
        site.service_phone,
        site.manager_name,
        site.operator_model.label if site.operator_model else None,
        site.first_resident_on,
        site.filed_on,
        site.filing_number,
    ]


def _fact_rows(sites: Sequence[Site], *, seen_by: Actor) -> list[list[Any]]:
    """One row for each day and source on which newest facts of a site stand."""
    facts = queries.facts_of_sites([site.id for site in sites], seen_by=seen_by)
    found = []
    for site in sites:
        days: dict[tuple[date, str], dict[str, Any]] = {}
        for key, row in facts.get(site.id, {}).items():
            days.setdefault((row.as_of, ""), {})[key] = row.value
        for (as_of, _), values in sorted(days.items()):
            cells = [_fact_cell(key, values.get(key)) for key in FACTS]
            found.append([site.organisation.uscc, site.name, as_of, None, *cells])
    return found


def _fact_cell(key: str, value: Any) -> Any:
    fact = FACTS[key]
    if value is None:
        return None
    if fact.form is FactType.MONEY:
        return value // 100 if value % 100 == 0 else value / 100
    if fact.form is FactType.YES:
        return "是" if value else "否"
    return fact.choices(value).label if fact.choices else value
