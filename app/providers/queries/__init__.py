"""Questions about organisations, sites, filings, facts, papers (机构与备案查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager, joinedload

from app.archive import queries as archive
from app.archive.models import Document
from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditLine
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.refusal import NotVisible
from app.core.scope import find, visible
from app.providers.models import Filing, Organisation, Site, SiteChange, SiteFact, SitePaper
from app.providers.rules import FilingState, PaperState
from app.providers.rules.papers import ALERT_DAYS
from app.regions import queries as regions
from app.regions.models import Authority, Department
from app.regions.rules import Level

# --- sites ------------------------------------------------------------------------------------------------------------


def site(site_id: UUID, *, seen_by: Actor, lock: bool = False) -> Site:
    """One site (网点)."""
    return find(Site, site_id, seen_by=seen_by, lock=lock)


def sites(*, seen_by: Actor) -> Select[Site]:
    """The sites that an actor may see (可见网点), with their organisation, to be filtered and cut by a list."""
    return (
        visible(Site, to=seen_by)
        .join(Site.organisation)
        .options(contains_eager(Site.organisation), joinedload(Site.region), joinedload(Site.authority))
    )


def my_sites(*, seen_by: Actor) -> Sequence[Site]:
    """The sites of a provider, by number (本机构网点)."""
    query = visible(Site, to=seen_by).options(joinedload(Site.organisation)).order_by(Site.number, Site.name)
    return db.session.scalars(query).all()


def history(site_id: UUID, *, seen_by: Actor) -> Sequence[SiteChange]:
    """What changed at a site, newest first (变更记录)."""
    query = visible(SiteChange, to=seen_by).where(SiteChange.site_id == site_id)
    return db.session.scalars(query.order_by(SiteChange.on.desc(), SiteChange.at.desc())).all()


def clocks(*, seen_by: Actor, site_id: UUID | None = None) -> Sequence[Deadline]:
    """The clocks that still run, the nearest first (未了期限): of one site or of all that the actor may see."""
    query = visible(Deadline, to=seen_by).where(Deadline.met_on.is_(None), Deadline.dropped_on.is_(None))
    if site_id is not None:
        query = query.where(Deadline.site_id == site_id)
    return db.session.scalars(query.order_by(Deadline.due_on, Deadline.id)).all()


def overdue_first_visits(on: date, *, seen_by: Actor) -> Sequence[UUID]:
    """Sites whose first visit is overdue and not yet announced (首次检查超期)."""
    told = select(AuditLine.seq).where(AuditLine.subject == Deadline.subject, AuditLine.event == "FirstVisitOverdue")
    query = (
        visible(Deadline, to=seen_by)
        .where(Deadline.kind == "first_visit", Deadline.met_on.is_(None), Deadline.dropped_on.is_(None), Deadline.due_on < on)
        .where(~told.exists())
    )
    return db.session.scalars(query.with_only_columns(Deadline.subject)).all()


# --- organisations and authorities ------------------------------------------------------------------------------------


def organisation(organisation_id: UUID) -> Organisation:
    """One organisation; row-level security shows it to whoever reaches one of its sites, or entered it."""
    row = db.session.scalars(select(Organisation).where(Organisation.id == organisation_id)).one_or_none()
    if row is None:
        raise NotVisible("organisation")
    return row


@dataclass(frozen=True, slots=True)
class Body:
    """What the public register of bodies says under a code (主体登记信息): no personal data."""

    id: UUID
    uscc: str
    name: str


def body_coded(uscc: str) -> Body | None:
    """The body with a 统一社会信用代码 (按代码查主体), wherever its sites are.

    Code and name are public, and a body of another county may open a site in one's own: so this looks past the scope.
    """
    db.session.flush()
    with acting(SYSTEM):
        row = db.session.execute(select(Organisation.id, Organisation.uscc, Organisation.name).where(Organisation.uscc == uscc))
        found = row.one_or_none()
    return Body(*found) if found else None


def last_site_number(organisation_id: UUID) -> int:
    """The highest site number of a body so far (末位网点序号), its sites elsewhere included."""
    db.session.flush()
    with acting(SYSTEM):
        query = select(func.coalesce(func.max(Site.number), 0)).where(Site.provider_id == organisation_id)
        return int(db.session.scalars(query).one())


def find_authority(region_id: UUID, department: Department = Department.CIVIL_AFFAIRS, level: Level = Level.COUNTY) -> Authority:
    """The authority of a department that is competent at a level for a place (主管机关)."""
    return regions.competent_authority(regions.region(region_id).path, level, department)


# --- facts ------------------------------------------------------------------------------------------------------------


def facts_of(site_id: UUID, *, seen_by: Actor, on: date | None = None) -> Mapping[str, SiteFact]:
    """The newest value of every fact of a site (现行基本情况), as known on a day when one is given."""
    return facts_of_sites([site_id], seen_by=seen_by, on=on).get(site_id, {})


def facts_of_sites(site_ids: Sequence[UUID], *, seen_by: Actor, on: date | None = None) -> Mapping[UUID, Mapping[str, SiteFact]]:
    """The newest value of every fact of several sites (多处现行基本情况)."""
    query = visible(SiteFact, to=seen_by).where(SiteFact.site_id.in_(site_ids)).ext(distinct_on(SiteFact.site_id, SiteFact.key))
    if on is not None:
        query = query.where(SiteFact.as_of <= on)
    newest = query.order_by(SiteFact.site_id, SiteFact.key, SiteFact.as_of.desc(), SiteFact.entered_at.desc(), SiteFact.id)
    found: dict[UUID, dict[str, SiteFact]] = {}
    for row in db.session.scalars(newest):
        found.setdefault(row.site_id, {})[row.key] = row
    return found


def fact_history(site_id: UUID, *, seen_by: Actor, key: str = "") -> Sequence[SiteFact]:
    """Every value that facts of a site have had, newest first (历史值)."""
    query = visible(SiteFact, to=seen_by).where(SiteFact.site_id == site_id)
    if key:
        query = query.where(SiteFact.key == key)
    return db.session.scalars(query.order_by(SiteFact.as_of.desc(), SiteFact.entered_at.desc(), SiteFact.key).limit(500)).all()


# --- filings ----------------------------------------------------------------------------------------------------------


def filing(filing_id: UUID, *, seen_by: Actor, lock: bool = False) -> Filing:
    """One filing (备案)."""
    return find(Filing, filing_id, seen_by=seen_by, lock=lock)


def filings(*, seen_by: Actor) -> Select[Filing]:
    """The filings that an actor may see (可见备案), with their sites. Drafts are the provider's own business."""
    query = visible(Filing, to=seen_by).join(Filing.site).options(contains_eager(Filing.site).joinedload(Site.organisation))
    return query if seen_by.scope.path is None else query.where(Filing.submitted_at.is_not(None))


def filings_of(site_id: UUID, *, seen_by: Actor) -> Sequence[Filing]:
    """The filings of a site, newest first (备案记录)."""
    query = visible(Filing, to=seen_by).where(Filing.site_id == site_id).order_by(Filing.created_at.desc())
    return db.session.scalars(query).all()


def open_filings(*, seen_by: Actor) -> Sequence[Filing]:
    """Filings of a provider that are not finished (未办结备案): drafts, submitted, returned."""
    query = visible(Filing, to=seen_by).options(joinedload(Filing.site))
    unfinished = (FilingState.DRAFT, FilingState.SUBMITTED, FilingState.RETURNED)
    return db.session.scalars(query.where(Filing.state.in_(unfinished)).order_by(Filing.created_at)).all()


def receipt(filing_id: UUID, *, seen_by: Actor) -> Document | None:
    """The receipt's document, if it has been issued (备案回执)."""
    return next(iter(archive.documents_about(filing_id, seen_by=seen_by)), None)


# --- papers -----------------------------------------------------------------------------------------------------------


def paper(paper_id: UUID, *, seen_by: Actor, lock: bool = False) -> SitePaper:
    """One paper (材料)."""
    return find(SitePaper, paper_id, seen_by=seen_by, lock=lock)


def papers_of(site_id: UUID, *, seen_by: Actor, all_versions: bool = False) -> Sequence[SitePaper]:
    """The papers of a site (证照材料), those that run out first in front."""
    query = visible(SitePaper, to=seen_by).where(SitePaper.site_id == site_id)
    if not all_versions:
        query = query.where(SitePaper.state == PaperState.CURRENT)
    return db.session.scalars(query.order_by(SitePaper.valid_until.asc().nulls_last(), SitePaper.entered_at.desc())).all()


def papers_of_filing(filing_id: UUID, *, seen_by: Actor) -> Sequence[SitePaper]:
    """The papers attached to a filing (备案材料)."""
    query = visible(SitePaper, to=seen_by).where(SitePaper.filing_id == filing_id, SitePaper.state == PaperState.CURRENT)
    return db.session.scalars(query.order_by(SitePaper.entered_at)).all()


def papers_expiring(on: date, *, seen_by: Actor, within: int = ALERT_DAYS[0]) -> Sequence[SitePaper]:
    """Current papers that run out within some days of `on`, or have run out (临期证照), the nearest first."""
    until = on + timedelta(days=within)
    query = visible(SitePaper, to=seen_by).where(SitePaper.state == PaperState.CURRENT, SitePaper.valid_until <= until)
    return db.session.scalars(query.order_by(SitePaper.valid_until, SitePaper.id)).all()
