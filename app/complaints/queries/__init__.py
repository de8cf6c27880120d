"""Questions about complaints (投诉举报查询)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, func, select

from app.complaints.models import Complaint, ComplaintFile, ComplaintPause, ComplaintStep, ContactReveal, Inquiry
from app.complaints.rules.clocks import Term, TermsTable, TrackTerms
from app.complaints.rules.kinds import InquiryState, State
from app.complaints.rules.machine import LEADS
from app.complaints.standards import FOLDER
from app.core import crypto
from app.core.actor import NOBODY, SYSTEM, Actor, Scope
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.refusal import NotVisible
from app.core.scope import find, visible
from app.core.standards import Library, load
from app.providers import queries as providers
from app.providers.models import Site
from app.providers.rules import SiteState
from app.regions import queries as regions
from app.regions.models import Authority, Department

NAMED = (SiteState.OPERATING, SiteState.FILED, SiteState.SUSPENDED, SiteState.CLOSING)
"""States of a home about which people may complain by name on the public form."""


# --- terms ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def library() -> Library[TermsTable]:
    """Every shipped table of terms (办理时限库)."""
    return load(FOLDER, TermsTable)


def terms(path: str, on: date) -> TermsTable:
    """The terms that hold in a place on a day (现行办理时限): an authority's own settings stand over the table's numbers."""
    table = library().in_force("complaint_terms", on=on, region_path=path)
    claims = regions.settings_at(path, on)

    def own(term: Term | None) -> Term | None:
        claim = claims.get(term.setting) if term is not None else None
        if term is None or claim is None or not isinstance(claim.value, int):
            return term
        if claim.value == term.count:
            return term
        return term.model_copy(update={"count": claim.value, "source": claim.source, "confidence": claim.confidence})

    def track(found: TrackTerms) -> TrackTerms:
        return found.model_copy(
            update={"handle": own(found.handle), "notice": own(found.notice), "extension": own(found.extension)}
        )

    return table.model_copy(
        update={
            "terms": {name: own(term) for name, term in table.terms.items()},
            "tracks": {name: track(found) for name, found in table.tracks.items()},
        }
    )


# --- one complaint ----------------------------------------------------------------------------------------------------


def complaint(complaint_id: UUID, *, seen_by: Actor, lock: bool = False) -> Complaint:
    """One complaint (投诉)."""
    return find(Complaint, complaint_id, seen_by=seen_by, lock=lock)


def complaints(*, seen_by: Actor) -> Select[Complaint]:
    """The complaints of one's region (投诉列表)."""
    return visible(Complaint, to=seen_by)


def followers(complaint_id: UUID, *, seen_by: Actor) -> Sequence[Complaint]:
    """The complaints merged into one (并入件), oldest first."""
    query = visible(Complaint, to=seen_by).where(Complaint.merged_into_id == complaint_id).order_by(Complaint.received_at)
    return db.session.scalars(query).all()


def leads(row: Complaint, *, seen_by: Actor) -> Sequence[Complaint]:
    """Complaints into which one may be merged (可并入的主办件): of the same authority, about the same home, under way."""
    query = visible(Complaint, to=seen_by).where(
        Complaint.authority_id == row.authority_id,
        Complaint.about_site_id == row.about_site_id,
        Complaint.state.in_(LEADS),
        Complaint.id != row.id,
    )
    return db.session.scalars(query.order_by(Complaint.received_at).limit(50)).all() if row.about_site_id else []


def likely_duplicates(row: Complaint, *, seen_by: Actor) -> Sequence[Complaint]:
    """Other complaints about the same home or from the same telephone, the newest first (疑似重复)."""
    same = [Complaint.about_site_id == row.about_site_id] if row.about_site_id else []
    if row.phone is not None:
        same.append(Complaint.phone_mark.in_(crypto.cipher().fingerprints(row.phone.reveal(), "complaint.phone")))
    if not same:
        return []
    either = same[0] if len(same) == 1 else same[0] | same[1]
    query = visible(Complaint, to=seen_by).where(either, Complaint.id != row.id, Complaint.state != State.ARCHIVED)
    return db.session.scalars(query.order_by(Complaint.received_at.desc()).limit(5)).all()


def steps(complaint_id: UUID, *, seen_by: Actor) -> Sequence[ComplaintStep]:
    """The story, oldest first (办理经过)."""
    query = visible(ComplaintStep, to=seen_by).where(ComplaintStep.complaint_id == complaint_id)
    return db.session.scalars(query.order_by(ComplaintStep.at, ComplaintStep.order)).all()


def pauses(complaint_id: UUID, *, seen_by: Actor) -> Sequence[ComplaintPause]:
    """The pauses, oldest first (中止记录)."""
    query = visible(ComplaintPause, to=seen_by).where(ComplaintPause.complaint_id == complaint_id)
    return db.session.scalars(query.order_by(ComplaintPause.from_on, ComplaintPause.id)).all()


def open_pause(complaint_id: UUID, *, seen_by: Actor) -> ComplaintPause | None:
    """The pause that lasts (当前中止)."""
    return next((pause for pause in pauses(complaint_id, seen_by=seen_by) if pause.until_on is None), None)


def files(complaint_id: UUID, *, seen_by: Actor) -> Sequence[ComplaintFile]:
    """What came with it (投诉材料), oldest first."""
    query = visible(ComplaintFile, to=seen_by).where(ComplaintFile.complaint_id == complaint_id)
    return db.session.scalars(query.order_by(ComplaintFile.at, ComplaintFile.id)).all()


def reveals(complaint_id: UUID, *, seen_by: Actor) -> Sequence[ContactReveal]:
    """Who looked at the contact (查看记录), newest first."""
    query = visible(ContactReveal, to=seen_by).where(ContactReveal.complaint_id == complaint_id)
    return db.session.scalars(query.order_by(ContactReveal.at.desc())).all()


def clocks(subject: UUID, *, seen_by: Actor) -> Sequence[Deadline]:
    """The running clocks, the nearest first (未了期限)."""
    query = visible(Deadline, to=seen_by).where(
        Deadline.subject == subject, Deadline.met_on.is_(None), Deadline.dropped_on.is_(None)
    )
    return db.session.scalars(query.order_by(Deadline.due_on, Deadline.kind)).all()


# --- inquiries --------------------------------------------------------------------------------------------------------


def inquiry(inquiry_id: UUID, *, seen_by: Actor, lock: bool = False) -> Inquiry:
    """What a home was asked (核实函)."""
    return find(Inquiry, inquiry_id, seen_by=seen_by, lock=lock)


def inquiries(*, seen_by: Actor) -> Select[Inquiry]:
    """What was asked of the homes that one sees (核实函列表)."""
    return visible(Inquiry, to=seen_by)


def inquiries_about(complaint_id: UUID, *, seen_by: Actor) -> Sequence[Inquiry]:
    """What the home was asked about one complaint, oldest first."""
    query = visible(Inquiry, to=seen_by).where(Inquiry.complaint_id == complaint_id)
    return db.session.scalars(query.order_by(Inquiry.sent_on, Inquiry.number)).all()


def open_inquiry(complaint_id: UUID, *, seen_by: Actor) -> Inquiry | None:
    """The inquiry that waits for the home, if any (待机构说明)."""
    found = inquiries_about(complaint_id, seen_by=seen_by)
    return next((row for row in found if row.state is InquiryState.SENT), None)


# --- homes and offices ------------------------------------------------------------------------------------------------


def home(row: Complaint, *, seen_by: Actor) -> Site | None:
    """The home that a complaint is about, once it is known (被反映机构)."""
    return providers.site(row.about_site_id, seen_by=seen_by) if row.about_site_id else None


def homes(path: str, *, seen_by: Actor) -> Sequence[tuple[UUID, str]]:
    """The homes to choose from in a region, by name (辖区机构)."""
    query = visible(Site, to=seen_by).where(Site.state != SiteState.DRAFT).order_by(Site.pinyin).limit(500)
    return [(site.id, site.name) for site in db.session.scalars(query) if site.scope_path.startswith(path)]


def named_home(site_id: UUID) -> tuple[UUID, str, UUID] | None:
    """A home that the public form may name: id, name, its authority (公众可选机构). What is drafted or gone is none."""
    with acting(SYSTEM):
        query = select(Site.id, Site.name, Site.authority_id).where(Site.id == site_id, Site.state.in_(NAMED))
        row = db.session.execute(query).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def offices() -> Sequence[Authority]:
    """The authorities that take complaints, by region (受理机关)."""
    return regions.authorities("/", Department.CIVIL_AFFAIRS)


def desk(authority: Authority) -> Actor:
    """The public at an authority's counter (公众窗口): may leave a complaint there, and has no post."""
    return Actor(NOBODY.id, frozenset(), Scope(path=authority.path), authority.id, "公众")


# --- by code ----------------------------------------------------------------------------------------------------------


def by_code(code: str) -> Complaint:
    """The complaint behind a complainant's code (凭查询码). `NotVisible` when there is none. Looks past the scope."""
    with acting(SYSTEM):
        marks = crypto.cipher().fingerprints(code, "complaint.code")
        row = db.session.scalars(select(Complaint).where(Complaint.code_mark.in_(marks))).one_or_none()
    if row is None:
        raise NotVisible("code")
    return row


def by_form(mark: str) -> Complaint | None:
    """The complaint that a form has become already (同一张表), if any."""
    with acting(SYSTEM):
        return db.session.scalars(select(Complaint).where(Complaint.form_mark == mark)).one_or_none()


def lately(origin_mark: str, *, since: datetime) -> int:
    """How many complaints came from one connection since a moment (近来次数)."""
    with acting(SYSTEM):
        query = select(func.count()).where(Complaint.origin_mark == origin_mark, Complaint.received_at > since)
        return int(db.session.scalar(query) or 0)
