"""What follows from what (事件去向): read this file to know everything that follows from anything.

EVENT → who listens, in order; ERRAND → who does it. Listeners do one insert; slow work goes into the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.accounts.directory import Directory
from app.archive import actions as archive
from app.archive.events import DocumentArchived
from app.complaints.events import ComplaintConfirmed
from app.core.events import Listeners
from app.core.outbox import Handlers
from app.credit.actions import phoenix as credit_phoenix
from app.credit.events import CreditRecorded, Listed, ListingEnded, ListingPublicationChanged
from app.credit.listeners import phoenix as credit_newcomers
from app.credit.listeners import records as credit_records
from app.credit.queries.panel import CreditPanel
from app.inspections.actions import draw_tasks
from app.inspections.events.draws import DrawChanged, DrawCompleted, DrawRevealed, PlanFrozen, PlanSeeded, PlanVoided
from app.inspections.events.findings import (
    CaseProposed,
    ExtensionDecided,
    FindingClosed,
    FindingEscalated,
    FindingJudged,
    FindingRechecked,
    FindingTransferred,
    HazardDowngraded,
    OrderIssued,
    OrderRevoked,
    PublicReportIssued,
    PublicTextConfirmed,
    RectificationReported,
    ReplyCleared,
    TransferAnswered,
)
from app.inspections.events.tasks import (
    InspectionClosed,
    InspectionPublished,
    NoticeServed,
    PublicationWithdrawn,
    RecordConcluded,
)
from app.inspections.listeners import draws as inspection_draws
from app.inspections.listeners import papers as inspection_papers
from app.inspections.listeners import tasks as inspection_tasks
from app.inspections.queries.site_page import InspectionsOfSite
from app.providers import actions as providers
from app.providers import panels
from app.providers.directory import ProviderDirectory
from app.providers.events import FactsRecorded, FilingAccepted, RegisterImported, SiteChanged, SiteRegistered, SiteStateChanged
from app.public import listeners as public
from app.ratings.actions import evidence
from app.ratings.events.work import (
    ApplicationMoved,
    MidCheckDone,
    ObjectionDecided,
    ObjectionRaised,
    RatingChanged,
    RatingPublished,
    ReplySaid,
)
from app.ratings.listeners import certificate as rating_certificate
from app.ratings.listeners import news as rating_news
from app.ratings.listeners import subsidies as rating_subsidies
from app.ratings.queries import facts as rating_facts
from app.ratings.queries.site_panel import RatingPanel
from app.regions import actions as regions
from app.training.queries import pages as training_pages
from app.training.queries.site_page import StaffOfSite

LISTENERS: Final[Listeners] = {
    DocumentArchived: [public.document_archived],
    FilingAccepted: [inspection_tasks.plan_first_visit, public.site_of_news],
    SiteChanged: [public.site_has_news],
    SiteStateChanged: [public.site_has_news, rating_news.site_state_changed],
    FactsRecorded: [public.site_has_news],
    RegisterImported: [public.register_imported, credit_newcomers.register_imported],
    SiteRegistered: [credit_newcomers.site_registered],
    ComplaintConfirmed: [credit_records.complaint_confirmed],
    CreditRecorded: [credit_newcomers.record_entered],
    Listed: [credit_records.listing_changed, rating_news.listed],
    ListingEnded: [credit_records.listing_changed, rating_news.listing_ended],
    ListingPublicationChanged: [public.listing_has_news],
    NoticeServed: [inspection_papers.issue_notice],
    RecordConcluded: [inspection_papers.issue_onsite_record],
    InspectionClosed: [inspection_papers.open_findings],
    InspectionPublished: [inspection_papers.issue_public_report, public.site_of_news],
    PublicationWithdrawn: [public.site_of_news],
    CaseProposed: [public.site_of_news, rating_news.case_proposed],
    ExtensionDecided: [public.site_of_news],
    FindingClosed: [public.site_of_news],
    FindingEscalated: [credit_records.finding_escalated, public.site_of_news],
    FindingJudged: [public.site_of_news, rating_news.hazard_judged],
    FindingRechecked: [public.site_of_news],
    FindingTransferred: [public.site_of_news],
    HazardDowngraded: [credit_records.hazard_downgraded, public.site_of_news],
    OrderIssued: [credit_records.order_issued, public.site_of_news],
    OrderRevoked: [credit_records.order_revoked, public.site_of_news],
    PublicReportIssued: [public.site_of_news],
    PublicTextConfirmed: [public.site_of_news],
    RectificationReported: [public.site_of_news],
    ReplyCleared: [public.site_of_news],
    TransferAnswered: [public.site_of_news],
    PlanFrozen: [public.draw_has_news],
    PlanSeeded: [public.draw_has_news],
    DrawCompleted: [inspection_draws.follow, public.draw_has_news],
    DrawChanged: [inspection_draws.follow, public.draw_has_news],
    DrawRevealed: [public.draw_has_news],
    PlanVoided: [inspection_draws.follow, public.draw_has_news],
    RatingPublished: [rating_certificate.issue_certificate, public.site_of_news],
    RatingChanged: [rating_subsidies.take_back, public.site_of_news],
    MidCheckDone: [rating_news.check_done],
    ApplicationMoved: [public.site_of_news],
    ObjectionDecided: [public.site_of_news],
    ObjectionRaised: [public.site_of_news],
    ReplySaid: [public.site_of_news],
}

ERRANDS: Final[Handlers] = {
    "calendar.recompute": regions.recompute_deadlines,
    "blob.store": archive.store_blob,
    "document.render": archive.render_document,
    "document.archive": archive.archive_document,
    "register.import": providers.write_register,
    "draw.follow": draw_tasks.follow_draw_errand,
    "credit.phoenix": credit_phoenix.check_newcomer_errand,
    "credit.phoenix.around": credit_phoenix.check_around_errand,
    "evidence.check": evidence.check_upload,
    "evidence.clear": evidence.clear_pieces,
}

# Who answers accounts' questions about providers, which stand above them.
PROVIDERS: Final[Directory] = ProviderDirectory()

# What modules above add to a site's page, in the order of its strip: answers, happenings, tabs.
SITE_PAGE: Final[Sequence[panels.Contributor]] = (RatingPanel(), CreditPanel(), InspectionsOfSite(), StaffOfSite())

# What modules above ask of a provider, beside clocks, papers and filings.
ASKERS: Final[Sequence[panels.Asker]] = (training_pages.asked,)

# Who knows facts that ratings ask for (评定取数来源); a later one stands before an earlier one.
RATING_FACTS: Final[Sequence[rating_facts.Source]] = (
    rating_facts.from_register,
    rating_facts.from_inspections,
    rating_facts.from_credit,
)
