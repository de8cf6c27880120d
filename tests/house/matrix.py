"""The world of the access matrix (权限矩阵的世界): seven places with one of everything, every post, and what each may reach.

A place is a site with all that hangs on it: filings, papers, inspections, problems, plans, accounts. `own` lies in the
authority of the posts, the others beside, below, above and far away, and at another provider.

Every text of a place carries its mark, so that any page shows at once whose texts it holds:
    LEAK-CANARY-44nn   for those who reach the place alone
    SHOWN-CANARY-44nn  published by law: the name, address and figures of a filed site; on public pages too
"""

from __future__ import annotations

import io
import re
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.accounts import sessions, views
from app.archive.models import Blob, Document
from app.complaints.actions import desk as complaint_desk
from app.complaints.actions import intake as complaint_intake
from app.complaints.actions import verifying
from app.complaints.rules import gate
from app.complaints.rules.kinds import Channel, Matter, Track
from app.core import clock
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.core.identifiers import IdType, resident_check_character
from app.core.web import Songjian
from app.core.xlsx.template import template
from app.core.xlsx.write import Table, write_table
from app.credit.actions import classes, listing, tiers
from app.credit.actions import records as credit
from app.credit.actions.listing import Clue, Service
from app.credit.models.phoenix import PhoenixMatch
from app.credit.rules.classes import SHEET as CLASS_SHEET
from app.credit.rules.classes import SHEETS as CLASS_SHEETS
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import ClueSource, ListKind
from app.credit.rules.records import RecordKind
from app.inspections.actions import answers, draw_changes, draw_lists, draws, findings, orders, tasks
from app.inspections.actions import checklists as editions
from app.inspections.actions.draw_changes import ChangeWanted
from app.inspections.actions.draws import PlanDraft
from app.inspections.actions.orders import Demand
from app.inspections.models import Finding, InspectionObject, InspectionTask, Signature
from app.inspections.queries import answers as logs
from app.inspections.queries import checklists
from app.inspections.queries import draws as draw_queries
from app.inspections.queries import findings as ledger
from app.inspections.rules.checklist import Department as Branch
from app.inspections.rules.door import door_token
from app.inspections.rules.draw import Mode
from app.inspections.rules.findings import Basis
from app.inspections.rules.papers import ServiceWay
from app.inspections.rules.plan import MarkReason, RecusalReason, RequestKind, Standing
from app.inspections.rules.task import CheckInWay, SignerRole, TaskKind
from app.providers import actions as registry
from app.providers.models import Organisation, Site
from app.providers.rules import FilingKind, PaperKind, SiteKind, SiteState, Tier
from app.providers.rules.register import SHEETS
from app.ratings.actions import editor as scheme_editor
from app.ratings.actions import evidence as vault
from app.ratings.models import (
    AssessorEntry,
    CommitteeMember,
    PanelDraw,
    Rating,
    RatingAlert,
    RatingApplication,
    RatingCampaign,
    RatingChange,
    RatingMeeting,
    RatingObjection,
    RatingReply,
)
from app.ratings.models.subsidies import SubsidyClaim
from app.ratings.queries import editor as scheme_editions
from app.ratings.queries import schemes as offered_schemes
from app.ratings.rules import pick
from app.ratings.rules.evidence import Wanted
from app.ratings.rules.process import CampaignKind, CampaignState, Cause, Measure, State
from app.regions import actions as regions
from app.regions import queries as divisions
from app.regions.models import Authority, Department, Region
from app.training.actions import certificates, courses
from app.training.actions import importing as staff_lists
from app.training.actions import people as staff
from app.training.actions.courses import CourseAsked
from app.training.rules import CourseKind, StaffPost
from app.training.rules.certificates import kinds_on
from app.training.rules.importing import sheets as staff_sheets
from tests.inspections import closing
from tests.inspections import field as visits
from tests.providers import builders
from tests.worlds import an_authority

L = TypeVar("L")
OWN, CHILD, SIBLING, PARENT, FOREIGN = "own", "child", "sibling", "parent", "foreign"
SECOND, OTHER = "own provider's second site", "other provider"
MARKS: Final = {FOREIGN: "4401", SIBLING: "4402", PARENT: "4403", OTHER: "4404", SECOND: "4405", CHILD: "4406", OWN: "4407"}
COUNTIES: Final = {OWN: "210102", SIBLING: "210103", PARENT: "2101", FOREIGN: "330203", SECOND: "210103", OTHER: "210102"}
CANARY: Final = re.compile(r"(LEAK|SHOWN)-CANARY-(\d{4})")
IDENTITY: Final = re.compile(r"99999919700101\d{3}[\dX]")
"""The identity numbers of the people in this world: shown in full to nobody, unless a reason is given."""
PASSWORD: Final = "松鉴测试口令 2026"
ITEMS: Final = ("G_4_2", "G_4_1", "H_06", "H_21")
# Ways of reaching that belong to a post, as the design of roles says them; written down a second time on purpose.
BY_REGION: Final = frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD, Post.STREET_OFFICER, Post.OBSERVER})
BY_TASK: Final = frozenset({Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR})


@dataclass(frozen=True, slots=True)
class Held:
    """Where a row belongs (归属)."""

    path: str
    provider_id: UUID | None
    site_id: UUID | None


@dataclass
class Place:
    """A site with everything that hangs on it: `ids` by the parameter's name in addresses."""

    key: str
    site: Held
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        return MARKS[self.key]


@dataclass(frozen=True)
class Visitor:
    """Somebody with one post, signed in; `None` as a secret is a stranger's."""

    key: str
    post: Post | None
    account_id: UUID | None = None
    authority_id: UUID | None = None
    path: str | None = None
    provider_id: UUID | None = None
    sites: frozenset[UUID] = frozenset()
    cookie: str = ""
    secret: str = ""
    token: str = ""

    @property
    def way(self) -> tuple[object, ...]:
        """What the reach follows from; visitors alike in it see the same rows."""
        return self.authority_id, self.path, self.provider_id, self.sites

    def reaches(self, row: Held) -> bool:
        """Whether a row lies within the post's reach: subtree, provider, single sites."""
        if self.post in BY_REGION:
            return self.path is not None and row.path.startswith(self.path)
        if self.post is Post.PROVIDER_OWNER:
            return row.provider_id == self.provider_id
        return row.site_id in self.sites


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `fault` says what broke inside."""

    status: int
    location: str = ""
    body: str = ""
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.status}{' ' + self.fault if self.fault else ''}{' → ' + self.location if self.location else ''}"


@dataclass
class World:
    """The application over the world, in one transaction that is never committed."""

    app: Songjian
    connection: Connection
    places: dict[str, Place]
    visitors: dict[str, Visitor]
    _held: dict[tuple[str, str], Held] = field(default_factory=dict)

    @property
    def own(self) -> Place:
        return self.places[OWN]

    def ask(self, visitor: Visitor, method: str, address: str, *, token: bool = True, **more: Any) -> Reply:
        """One request, whatever it does undone afterwards."""
        return self.ask_and_look(visitor, method, address, lambda _: None, token=token, **more)[0]

    def ask_and_look(
        self, visitor: Visitor, method: str, address: str, look: Callable[[World], L], *, token: bool = True, **more: Any
    ) -> tuple[Reply, L]:
        """One request and what `look` sees after it, before it is undone."""
        client: FlaskClient = self.app.test_client()
        client.set_cookie(visitor.cookie, visitor.secret)
        headers = {"X-Songjian": "1", "X-CSRF-Token": visitor.token} if token else {}
        headers |= more.pop("headers", {})
        self.connection.exec_driver_sql("savepoint matrix")
        try:
            try:
                reply = _reply(client.open(address, method=method, headers=headers, **more))
            except Exception as fault:
                reply = Reply(500, fault=_where(fault))
            return reply, look(self)
        finally:
            while (left := self.connection.get_nested_transaction()) is not None:
                left.close()
            self.connection.exec_driver_sql("rollback to savepoint matrix")
            self.connection.exec_driver_sql("release savepoint matrix")

    def address(self, rule: Rule, place: Place) -> str:
        """A route's address with the ids of a place."""
        found = {name: place.ids[key_of(rule, name)] for name in rule.arguments}
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda hit: found[hit[1]], rule.rule)

    def held(self, place: Place, key: str) -> Held:
        """Where the row behind a parameter belongs, as its own columns say."""
        query = f"select scope_path, provider_id, site_id from {TABLES[key]} where id = '{place.ids[key]}'"
        if (place.key, key) not in self._held:
            self._held[place.key, key] = Held(*self.rows(query)[0])
        return self._held[place.key, key]

    def authority_of(self, place: Place, key: str) -> UUID:
        """The authority whose row stands behind a parameter."""
        found: UUID = self.rows(f"select authority_id from {AUTHORITYS[key]} where id = '{place.ids[key]}'")[0][0]
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows as the platform sees them."""
        self.connection.execute(text("select set_config('app.path', '/', true)"))
        return [tuple(row) for row in self.connection.execute(text(query))]


def _reply(answer: TestResponse) -> Reply:
    with answer:
        raw = answer.get_data()
    return Reply(answer.status_code, answer.headers.get("Location", ""), _texts(raw, answer.mimetype or ""))


def _texts(raw: bytes, kind: str) -> str:
    """What can be read in a download: an archive's or a workbook's files; anything else as it is."""
    if kind == "application/zip" or "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return raw.decode("utf-8", "replace")


def _where(fault: BaseException) -> str:
    """The fault with the last line of ours that it came through."""
    frames = [f for f in traceback.extract_tb(fault.__traceback__) if "/app/" in f.filename and "/core/web.py" not in f.filename]
    place = f" in {frames[-1].filename.rpartition('/app/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}: {str(fault).splitlines()[0][:160]}{place}"


# --- parameters of addresses ------------------------------------------------------------------------------------------

# Names that mean another thing in some addresses: (beginning of the address, parameter) → key of `Place.ids`.
OTHER_NAMES: Final[Mapping[tuple[str, str], str]] = {
    ("/v/", "number"): "document_number",
    ("/open/", "name"): "dataset",
    ("/draws/", "number"): "draw_code",
    ("/draws/", "name"): "draw_file",
    ("/office/panel-draws/", "name"): "draw_part",
    ("/tablet/tasks/", "sha"): "photo_sha",
    ("/office/tasks/", "sha"): "photo_sha",
    ("/office/checklists/", "sha"): "edition_sha",
    ("/caregivers/", "code"): "share_code",
}

# The table behind a parameter; its row's own columns say whose it is.
TABLES: Final[Mapping[str, str]] = {
    "site_id": "site", "filing_id": "filing", "paper_id": "site_paper", "task_id": "inspection_task",
    "signature_id": "signature", "finding_id": "finding", "hazard_id": "finding", "order_id": "correction_order",
    "extension_id": "extension", "recheck_id": "recheck", "transfer_id": "transfer", "plan_id": "draw_plan",
    "mark_id": "draw_mark", "request_id": "draw_request", "inspector_id": "inspector_entry",
    "register_import_id": "register_import", "recusal_id": "inspector_recusal", "blob_id": "blob", "document_id": "document",
    "complaint_id": "complaint", "inquiry_id": "inquiry",
    "employment_id": "employment", "certificate_id": "certificate", "session_id": "training_session", "share_code_id": "share_code",
    "staff_import_id": "staff_import",
    "credit_record_id": "credit_record", "credit_objection_id": "credit_objection", "tier_override_id": "tier_override",
    "phoenix_match_id": "phoenix_match", "class_import_id": "class_import", "list_entry_id": "list_entry",
    "rating_campaign_id": "rating_campaign", "rating_application_id": "rating_application", "panel_draw_id": "panel_draw",
    "assessor_entry_id": "assessor_entry", "committee_member_id": "committee_member", "rating_meeting_id": "rating_meeting",
    "rating_id": "rating", "rating_objection_id": "rating_objection", "rating_change_id": "rating_change",
    "rating_alert_id": "rating_alert", "rating_reply_id": "rating_reply",
    "evidence_id": "evidence", "evidence_version_id": "evidence_version", "evidence_upload_id": "evidence_upload",
    "subsidy_claim_id": "subsidy_claim",
}  # fmt: skip

# Parameters behind which no walled row stands: who reaches them, and why.
KNOWN: Final[Mapping[str, str]] = {
    "region_id": "divisions and their statistics are public knowledge",
    "authority_id": "authorities are public knowledge",
    "photo_sha": "a hash within a task: the task decides",
    "member_id": "a member within a task: the task decides",
    "token": "the code at a door names the site and shows one's own tasks there, none to a stranger",
    "filename": "style and script",
    "dataset": "open data",
    "edition_sha": "checklists are public standards",
    "scheme_sha": "shipped schemes are public standards",
    "draw_code": "a frozen draw is public",
    "draw_file": "a frozen draw's rules are public",
    "draw_part": "a file within a draw: the draw decides",
    "document_number": "whoever holds a document may check it",
    "share_code": "whoever holds a caregiver's code sees the masked record",
}
# Rows of one authority alone, whatever lies above or below it.
AUTHORITYS: Final[Mapping[str, str]] = {"scheme_edition_id": "scheme_edition", "edition_id": "checklist_edition"}
# Accounts have administrators instead of a scope: of an authority and those below, and of providers with a site there.
ACCOUNTS: Final = frozenset({"account_id", "post_held_id"})
MANAGED: Final = frozenset({OWN, CHILD, OTHER, SECOND})


def key_of(rule: Rule, name: str) -> str:
    """The key of `Place.ids` for a parameter of a route."""
    elsewhere = (key for (start, other), key in OTHER_NAMES.items() if other == name and rule.rule.startswith(start))
    by_table = (key for key, table in TABLES.items() if name == f"{table}_id")
    return next(elsewhere, None) or next(by_table, name)


# --- building ---------------------------------------------------------------------------------------------------------


@contextmanager
def one_transaction(app: Songjian) -> Iterator[Connection]:
    """Bind every engine of the application to one connection whose transaction never commits.

    No context stays open: every request gets a session of its own, as in a server.
    """
    with app.app_context():
        engines = db.engines
        db.session.configure(join_transaction_mode="create_savepoint")
    kept = dict(engines)
    connection = engines[None].connect()
    outer = connection.begin()
    for name in engines:
        engines[name] = connection  # type: ignore[assignment]  # a connection serves where an engine is asked for
    try:
        yield connection
    finally:
        engines.update(kept)
        outer.rollback()
        connection.close()


def build(app: Songjian, connection: Connection) -> World:
    """The world, built by the house's own verbs on today's date."""
    on = clock.today()
    with app.app_context(), acting(SYSTEM):
        places, inspectors = _places(str(app.config["SECRET_KEY"]), on)
        visitors = _visitors(app, places, inspectors, on)
        db.session.commit()
    return World(app, connection, places, visitors)


def street_of(county: str) -> Region:
    """The first street of a county."""
    above = select(Region.id).where(Region.code == county, Region.valid_to.is_(None)).scalar_subquery()
    return db.session.scalars(
        select(Region).where(Region.parent_id == above, Region.valid_to.is_(None)).order_by(Region.code).limit(1)
    ).one()


def _places(key: str, on: date) -> tuple[dict[str, Place], dict[str, UUID]]:
    codes = COUNTIES | {CHILD: street_of(COUNTIES[OWN]).code}
    an_authority("2101"), an_authority("21")
    found: dict[str, Place] = {}
    inspectors: dict[str, UUID] = {}
    body: Organisation | None = None
    for name in (OWN, SECOND, OTHER, CHILD, SIBLING, PARENT, FOREIGN):
        maker = _Maker(name, codes[name], on, body if name == SECOND else None)
        found[name] = maker.everything(key)
        if name == OWN:
            body = maker.organisation
            inspectors = {"inspector": maker.lead.id, "department_inspector": maker.fire}
    return found, inspectors


class _Maker:
    """Makes one place: people of its authority first, then everything they do."""

    def __init__(self, key: str, code: str, on: date, body: Organisation | None) -> None:
        self.key, self.on, self.before = key, on, on - timedelta(days=60)
        self.at = clock.now() - timedelta(hours=2)
        self.leak, self.shown = f"LEAK-CANARY-{MARKS[key]}", f"SHOWN-CANARY-{MARKS[key]}"
        # Officials belong to their authority, which other places share: only the first place of each marks their names.
        self.officials = self.leak if key in {OWN, SIBLING, PARENT, FOREIGN} else "机关人员"
        self.authority = an_authority(code[:6])
        self._cap()
        self.organisation = body or self._organisation(code)
        self.site = self._site(code)
        self.handler, self.other_handler = self._officer(Post.HANDLER), self._officer(Post.HANDLER)
        self.head, self.reviewer = self._officer(Post.HEAD), self._officer(Post.REVIEWER)
        self.lead, self.second, *self.others = (self._officer(Post.INSPECTOR) for _ in range(4))
        self.fire = self._account(Post.DEPARTMENT_INSPECTOR, an_authority(code[:6], Department.FIRE))
        self.owner = builders.an_owner(self.site)
        self.ids: dict[str, str] = {}

    def _cap(self) -> None:
        """The yearly cap of inspections, which an authority has to publish before it inspects."""
        regions.change_setting(
            self.authority.region_id, "inspection.visits_cap", 9, source="示例·公布文件", in_force_from=self.before,
            by=SYSTEM, at=self.at + timedelta(seconds=len(MARKS) + list(MARKS).index(self.key)), on=self.before,
        )  # fmt: skip

    # -- people --------------------------------------------------------------------------------------------------------

    def _account(self, post: Post, authority: Authority) -> UUID:
        row = accounts.open_account(
            f"matrix-{uuid4().hex[:10]}", f"示例·{self.officials}", PASSWORD, by=SYSTEM, at=self.at, on=self.before,
            certificate_no=f"示{self.officials}{uuid4().hex[:4]}", certificate_until=self.on + timedelta(days=400),
        )  # fmt: skip
        accounts.grant_post(row.id, post, by=SYSTEM, on=self.before, authority_id=authority.id)
        return row.id

    def _officer(self, post: Post) -> Actor:
        found = people.actor(self._account(post, self.authority), self.authority.id, self.on)
        assert found is not None
        return found

    def now_as(self, who: Actor) -> Actor:
        """Somebody with what is assigned by now."""
        found = people.actor(who.id, self.authority.id, self.on)
        assert found is not None
        return found

    # -- registry ------------------------------------------------------------------------------------------------------

    def _organisation(self, code: str) -> Organisation:
        name = "示例·甲机构" if self.key == OWN else f"示例·{self.shown}机构"
        return builders.an_organisation(registrar=code[:6], name=name)

    def _site(self, code: str) -> Site:
        place = divisions.region_coded(code, self.on)
        assert place is not None
        site = registry.register_site(
            self.organisation.id, f"示例·{self.shown}养老院", SiteKind.CARE_HOME, region_id=place.id,
            address=f"示例路 {self.shown}", service_phone="024-00000000", manager_name=f"示例·{self.shown}",
            first_resident_on=self.before, by=SYSTEM, at=self.at, on=self.before,
        )  # fmt: skip
        registry.record_facts(
            site.id, {"beds": 60, "floor_area": 2400, "storeys": 4}, as_of=self.before, source=self.shown,
            by=SYSTEM, at=self.at, on=self.before,
        )  # fmt: skip
        builders._bring(site, SiteState.FILED, self.on)
        return site

    def everything(self, key: str) -> Place:
        """One object for every parameter of an address."""
        site = self.site
        self._registry()
        self._inspection()
        self._problems()
        self._plans()
        self._worker()
        self._complaints()
        self._staff()
        self._credit()
        self._listing()
        self._vault()
        self._standards_and_money()
        self.ids |= rating_rows(self.site, self.authority, self.handler, self.leak, self.shown, self.on)
        region_id = site.region_id
        self.ids |= {
            "site_id": str(site.id), "organisation_id": str(self.organisation.id), "region_id": str(region_id),
            "authority_id": str(site.authority_id), "token": door_token(site.id, key), "filename": "css/songjian.css", "dataset": "facilities",
        }  # fmt: skip
        db.session.flush()
        return Place(self.key, Held(site.scope_path, site.provider_id, site.id), self.ids)

    def _registry(self) -> None:
        filing = registry.save_filing_draft(
            self.site.id, FilingKind.CHANGE, {"beds": 80, "reason": f"示例：{self.leak}"}, by=self.owner, at=self.at, on=self.on
        )
        paper = registry.attach_paper(
            self.site.id, PaperKind.LEASE, upload=_named(builders.an_upload(), f"{self.leak}.pdf"), number=self.leak,
            issuer=self.leak, filing_id=filing.id, by=self.owner, at=self.at, on=self.on,
        )  # fmt: skip
        registry.submit_filing(filing.id, promise=True, by=self.owner, at=self.at, on=self.on)
        sent = registry.check_register(template(SHEETS), f"{self.leak}.xlsx", by=self.handler, at=self.at, on=self.on)
        self.ids |= {"filing_id": str(filing.id), "paper_id": str(paper.id), "register_import_id": str(sent.id)}

    def _worker(self) -> None:
        """An account of the place: somebody of the provider, by whom the administrator's reach is tried."""
        row = accounts.open_account(
            f"matrix-{uuid4().hex[:10]}", f"示例·{self.leak}", PASSWORD, by=SYSTEM, at=self.at, on=self.before
        )
        held = accounts.grant_post(
            row.id, Post.SITE_MANAGER, by=SYSTEM, on=self.before, provider_id=self.site.provider_id, site_id=self.site.id
        )
        self.ids |= {"account_id": str(row.id), "post_held_id": str(held.id)}

    def _staff(self) -> None:
        """Somebody in post with a certificate, a planned session, a share code, a checked workbook."""
        about: dict[str, Any] = {"by": self.owner, "at": self.at, "on": self.on}
        serial = list(MARKS).index(self.key) + 900
        body = f"99999919700101{serial}"
        job = staff.employ(
            self.site.id, name=f"示例·{self.leak}", id_type=IdType.RESIDENT, identity=body + resident_check_character(body),
            post=StaffPost.CAREGIVER, started_on=self.before, **about,
        )  # fmt: skip
        paper = certificates.enter_certificate(
            job.id, "other", number=self.leak, issuer=self.leak, issued_on=self.before, valid_to=self.on, **about
        )
        course = CourseAsked(f"示例 {self.leak}", CourseKind.SAFETY, 2, True)
        run = courses.plan_session(course, site_id=self.site.id, held_on=self.on, place=self.leak, trainer=self.leak, **about)
        courses.enrol(run.id, [job.id], by=self.owner, on=self.on)
        code = f"MATRX{serial}ABCD"
        shared = staff.make_share_code(job.id, code, valid_to=self.on, **about)
        book = template(staff_sheets(kinds_on(self.on)))
        sent = staff_lists.check_staff_list(book, f"{self.leak}.xlsx", self.site.id, **about)
        self.ids |= {
            "employment_id": str(job.id), "certificate_id": str(paper.id), "session_id": str(run.id),
            "share_code_id": str(shared.id), "staff_import_id": str(sent.id), "share_code": code,
        }  # fmt: skip

    # -- evidence, schemes, subsidies ----------------------------------------------------------------------------------

    def _vault(self) -> None:
        """A piece of evidence with its file, and an upload on its way."""
        file = _named(builders.an_upload(), f"{self.leak}.pdf")
        wanted = Wanted("rules", f"示例 {self.leak}", f"{self.leak}.pdf", len(file.data), None, ("cn.shanxi.3a/c1",))
        row = vault.add_evidence(self.site.id, wanted, file, by=self.owner, at=self.at, on=self.on)
        coming = vault.begin_upload(self.site.id, wanted, by=self.owner, at=self.at, on=self.on)
        self.ids |= {
            "evidence_id": str(row.id), "evidence_version_id": str(row.kept[0].id), "evidence_upload_id": str(coming.id),
        }  # fmt: skip

    def _standards_and_money(self) -> None:
        """A scheme that the authority is entering; a list of subsidies, put down as it stands: no rule holds everywhere."""
        shipped = next(each for each in scheme_editions.editions(seen_by=self.handler) if each.row is None)
        day = self.on + timedelta(days=400 + list(MARKS).index(self.key))
        edition = scheme_editor.draft_edition(shipped.sha, start=day, by=self.handler, at=self.at, on=self.on)
        claim = SubsidyClaim(
            scope_path=self.authority.path, authority_id=self.authority.id, number=f"{self.officials}{self.key}", rule_code="example", rule_name=self.officials,
            rule_sha="0" * 64, first_month=date(2026, 1, 1), last_month=date(2026, 1, 1), made_by=self.handler.id, made_by_name="示例", made_at=self.at,
        )  # fmt: skip
        db.session.add(claim)
        db.session.flush()
        self.ids |= {"scheme_sha": shipped.sha, "scheme_edition_id": str(edition.id), "subsidy_claim_id": str(claim.id)}

    # -- inspection ----------------------------------------------------------------------------------------------------

    def _task(self) -> InspectionTask:
        row = tasks.plan_task(
            self.site.id, kind=TaskKind.CASE, planned_on=self.on, team=(self.lead.id, self.second.id),
            lists=("gb38600", "hazards"), only=[_code(item) for item in ITEMS], source_words=self.leak, by=self.handler, at=self.at, on=self.on,
        )  # fmt: skip
        tasks.approve_task(row.id, item_published=True, by=self.head, on=self.on)
        tasks.check_in(row.id, way=CheckInWay.MANUAL, reason=self.leak, by=self.now_as(self.lead), at=self.at, on=self.on)
        tasks.read_rights(row.id, by=self.now_as(self.lead), at=self.at, on=self.on)
        return row

    def _answered(self, row: InspectionTask) -> None:
        """Every item answered, four problems, a photo, signed by the first officer."""
        lead = self.now_as(self.lead)
        picture = _named(closing.a_picture(), f"{self.leak}.jpg")
        answers.receive_photo(row.id, picture, by=lead, at=self.at, on=self.on)
        tablet = visits.a_tablet(row, lead.id)
        batch = tablet.everything(visits.checklist_of(row), **dict.fromkeys(ITEMS, "not_met"))
        batch += [tablet.write(_code(item), f"示例 {self.leak}", "measure") for item in ITEMS]
        batch += [tablet.write(_code(ITEMS[0]), picture.original_sha256, "photo", reason=self.leak)]
        answers.receive(batch, by=lead, at=self.at, on=self.on)
        self._sign(row, self.lead.id)
        self.ids["photo_sha"] = picture.original_sha256

    def _sign(self, row: InspectionTask, officer: UUID | None) -> Signature:
        lead = self.now_as(self.lead)
        sha = logs.record(row.id, seen_by=lead).fold.sha256
        role = SignerRole.OFFICER if officer else SignerRole.PARTY
        return answers.sign(
            row.id, role=role, account_id=officer, name="" if officer else f"示例·{self.leak}", state_sha=sha,
            picture=closing.a_signature(), by=lead, at=self.at, on=self.on,
        )  # fmt: skip

    def _inspection(self) -> None:
        running, done = self._task(), self._task()
        accounts.assign_site(self.fire, self.site.id, task=running.id, on=self.on) if self.key == OWN else None
        self._answered(running)
        signed = self._sign(running, self.second.id)
        self._answered(done)
        self._sign(done, self.second.id)
        self._sign(done, None)
        tasks.submit_for_review(done.id, by=self.now_as(self.lead), at=self.at, on=self.on)
        tasks.review_task(done.id, by=self.reviewer, on=self.on)
        tasks.close_task(done.id, by=self.handler, on=self.on)
        self.done = done
        blob = db.session.scalars(select(Blob).where(Blob.site_id == self.site.id, Blob.thumbnail.is_not(None)).limit(1)).one()
        self.ids |= {
            "task_id": str(running.id),
            "signature_id": str(signed.id),
            "blob_id": str(blob.id),
            "member_id": str(self.second.id),
        }

    def _problems(self) -> None:
        usual = ledger.usual_demands(self.done.id, seen_by=self.head, on=self.on)
        order = orders.issue_order(
            self.done.id, [Demand(u.finding.id, f"{u.words}{self.leak}") for u in usual], by=self.head, at=self.at, on=self.on
        )
        found = ledger.findings_of_task(self.done.id, seen_by=SYSTEM)
        hazard = next(f for f in found if ledger.supervision(f.id, seen_by=SYSTEM) is not None)
        one, two = [f for f in found if f.order_id == order.id and f is not hazard][:2]
        judged = next(f for f in found if f.basis is Basis.JUDGEMENT)
        asked = findings.ask_extension(
            one.id, wanted=one.due_on + timedelta(days=5), reason=self.leak, by=self.owner, at=self.at, on=self.on
        )
        recheck = self._reported(two)
        sent = findings.transfer_finding(
            judged.id, to=Branch.FIRE, reason=self.leak, evidence=self.leak, by=self.handler, at=self.at, on=self.on
        )
        document = db.session.scalars(select(Document).where(Document.site_id == self.site.id).limit(1)).one()
        self.ids |= {
            "finding_id": str(one.id), "hazard_id": str(hazard.id), "order_id": str(order.id), "extension_id": str(asked.id),
            "recheck_id": recheck, "transfer_id": str(sent.id), "document_id": str(document.id),
            "document_number": document.number,
        }  # fmt: skip

    def _reported(self, row: Finding) -> str:
        kept = findings.save_draft(
            row.id, measure=self.leak, uploads=[_named(closing.a_picture("整改后"), f"{self.leak}.jpg")],
            by=self.owner, at=self.at, on=self.on,
        )  # fmt: skip
        photos = [UUID(p) for p in kept.photos]
        findings.report_rectified(row.id, measure=self.leak, photos=photos, by=self.owner, at=self.at, on=self.on)
        others = [actor.id for actor in self.others]
        again = findings.assign_recheck([row.id], others, planned_on=self.on, by=self.handler, at=self.at, on=self.on)
        return str(again.id)

    # -- complaints ----------------------------------------------------------------------------------------------------

    def _complaints(self) -> None:
        """A complaint about the home, classified and taken on, and what the home was asked."""
        draft = complaint_intake.Draft(
            about_words=f"示例·{self.shown}养老院", about_site_id=self.site.id, statement=f"示例：夜间无人巡查 {self.leak}",
            matter=Matter.CARE, name=f"示例·{self.leak}", phone="13900000000",
        )  # fmt: skip
        by, code = self.handler, gate.code_for("matrix", self.key)
        row = complaint_intake.register_complaint(replace(draft, channel=Channel.PHONE), code=code, by=by, at=self.at, on=self.on)
        complaint_desk.classify(
            row.id, Track.HOTLINE, matter=Matter.CARE, about_site_id=self.site.id, note=self.leak, by=by, at=self.at, on=self.on
        )
        complaint_desk.accept(row.id, by=by, at=self.at, on=self.on)
        complaint_desk.assign(row.id, by=by, at=self.at, on=self.on)
        facts = f"请说明昨夜二楼值班巡查的安排和记录 {self.leak[:4]}"
        asked = verifying.ask_home(row.id, facts, confirmed=True, by=by, at=self.at, on=self.on)
        self.ids |= {"complaint_id": str(row.id), "inquiry_id": str(asked.id)}

    # -- draws ---------------------------------------------------------------------------------------------------------

    def _plan(self, by: Actor) -> UUID:
        drafted = PlanDraft(
            title=f"示例 {self.shown}",
            mode=Mode.OPEN,
            strata=draw_queries.strata_from_pack(self.authority.path, self.on),
            inspect_from=self.on + timedelta(days=9),
            inspect_until=self.on + timedelta(days=30),
            reveal_on=self.on + timedelta(days=40),
            source="cwl.kl8",
            first_day=self.on + timedelta(days=7),
        )
        return draws.draft_plan(drafted, by=by, at=self.at, on=self.on).id

    def _plans(self) -> None:
        entry = draw_lists.list_inspector(
            people.account(self.lead.id).username, certificate_no=f"示{self.officials}", certificate_from=self.before,
            certificate_until=self.on + timedelta(days=400), qualifications=("qual.lead",), cap=9,
            by=self.handler, at=self.at, on=self.on,
        )  # fmt: skip
        day = self.on + timedelta(days=1 + list(MARKS).index(self.key))  # authorities that share a place draft one a day
        base = checklists.shipped().in_force("gb38600", on=self.on)
        edition = editions.draft_edition(base.sha256, in_force_from=day, by=self.handler, at=self.at, on=self.on)
        draft, frozen = self._plan(self.handler), self._plan(self.handler)
        listed = db.session.scalars(select(InspectionObject).where(InspectionObject.site_id == self.site.id)).one()
        mark = draws.mark_object(
            draft, listed.draw_id, Standing.MUST, MarkReason.CLUE, self.leak, by=self.handler, at=self.at, on=self.on
        )
        recusal = draw_lists.declare_recusal(
            entry.id, listed.draw_id, RecusalReason.OTHER, self.leak, by=self.handler, at=self.at, on=self.on
        )
        draws.approve_plan(frozen, by=self.head, at=self.at, on=self.on)
        plan = draws.freeze_plan(frozen, by=self.head, at=self.at, on=self.on, blind=lambda: "0" * 64)
        wanted = ChangeWanted(RequestKind.VOID, reason=self.leak)
        asked = draw_changes.ask_change(frozen, wanted, by=self.handler, at=self.at, on=self.on)
        self.ids |= {
            "inspector_id": str(entry.id), "plan_id": str(draft), "mark_id": str(mark.id), "recusal_id": str(recusal.id),
            "request_id": str(asked.id), "draw_code": str(plan.code), "draw_file": "plan.txt",
            "edition_id": str(edition.id), "edition_sha": base.sha256,
        }  # fmt: skip

    # -- credit --------------------------------------------------------------------------------------------------------

    def _credit(self) -> None:
        """A record with an objection, a manual tier, a match of the phoenix check, an import of external classes."""
        record = credit.add_record(
            self.site.id, RecordKind.ANNUAL_REPORT, facts=f"示例：{self.leak}", clause=f"示例条款 {self.leak}", source=f"示例 {self.leak}",
            number=self.leak, decided_on=self.on, by=self.handler, at=self.at, on=self.on,
        )  # fmt: skip
        asked = credit.raise_objection(record.id, f"示例异议理由 {self.leak}", by=self.owner, at=self.at, on=self.on)
        manual = tiers.override_tier(
            self.site.id, Tier.C, f"示例：专项整治期间重点检查 {self.leak}", until=self.on, by=self.head, at=self.at, on=self.on
        )
        place = {"scope_path": self.site.scope_path, "provider_id": None, "site_id": self.site.id}
        old = {
            "name": self.leak,
            "place": self.leak,
            "address": self.leak,
            "organisation": self.leak,
            "uscc": "",
            "state": "",
            "record": [],
        }
        match = PhoenixMatch(
            **place, old_site_id=uuid4(), old=old, score=80, points=[{"clue": "name", "points": 35, "words": self.leak}],
            table_sha256="0" * 64, found_on=self.on,
        )  # fmt: skip
        db.session.add(match)
        db.session.flush()
        row = [self.organisation.uscc, "市场监管部门企业信用风险分类", "B", "2026-01-05", self.leak]
        book = write_table([Table(CLASS_SHEET, [column.title for column in CLASS_SHEETS[0].columns], [row])])
        sent = classes.check_classes(book, f"{self.leak}.xlsx", by=self.handler, at=self.at, on=self.on)
        self.ids |= {
            "credit_record_id": str(record.id), "credit_objection_id": str(asked.id), "tier_override_id": str(manual.id),
            "phoenix_match_id": str(match.id), "class_import_id": str(sent.id),
        }  # fmt: skip

    def _listing(self) -> None:
        """An entry of the list in its defence period: the home sees it, and every text of it bears the mark."""
        clue = Clue(
            kind=ListKind.LIST, table_code="grounds_mca103", ground_code="M-07", source=ClueSource.INSPECTION,
            source_words=self.leak, facts=f"示例事实 {self.leak}", found_on=self.on, other_names=[self.leak],
        )  # fmt: skip
        (row,) = listing.register_clue(self.site.id, clue, by=self.handler, at=self.at, on=self.on)
        listing.propose(
            row.id, publication_class=PublicationClass.SERIOUS, proposal=self.leak, by=self.handler, at=self.at, on=self.on
        )
        service = Service(ServiceWay.DIRECT, f"示例·{self.leak}", self.on, self.leak)
        listing.serve_notice(row.id, service, by=self.handler, on=self.on)
        listing.make_statement(row.id, words=self.leak, said_by=self.leak, by=self.owner, at=self.at, on=self.on)
        self.ids["list_entry_id"] = str(row.id)


def _code(item: str) -> str:
    return item.replace("_", "-", 1).replace("_", ".")


def rating_rows(site: Site, authority: Authority, by: Actor, leak: str, shown: str, on: date) -> dict[str, str]:
    """One row of every table of ratings that an address names, as plain rows: their flows have tests of their own."""
    at, scope = clock.now(), {"scope_path": site.scope_path, "provider_id": site.provider_id, "site_id": site.id}
    above = {"scope_path": authority.path, "provider_id": None, "site_id": None}
    chosen = offered_schemes.wanted("cn.shanxi.3a@0.1", authority.path)
    terms = {
        "authority_id": authority.id, "kind": CampaignKind.RATING, "year": on.year, "site_kinds": [site.kind.value], "opens_on": on,
        "closes_on": on + timedelta(days=9), "scheme_key": chosen.key, "scheme_name": chosen.name, "scheme_sha": pick(chosen.key).sha,
        "scheme_text": chosen.text, "scheme_mark": "平台默认", "confirmed": False, "trial": False, "obstacles": [], "panel_size": 3,
        "notice_days": 7, "wait_months": 12, "renew_before_months": 6, "validity_months": 36, "terms_basis": "平台默认",
        "made_by": by.id, "made_at": at,
    }  # fmt: skip
    # A draft is its authority's own; an announced campaign is public, so its words carry no mark.
    campaign = RatingCampaign(**above, **terms, number=leak, title=f"示例·{leak}", basis=leak)
    announced = RatingCampaign(
        **above,
        **terms,
        number=uuid4().hex,
        title="示例·评定工作",
        basis="示例",
        state=CampaignState.OPEN,
        opened_by=SYSTEM.id,
        opened_on=on,
    )
    db.session.add_all([campaign, announced])
    db.session.flush()
    application = RatingApplication(
        **scope, campaign_id=announced.id, number=leak, target="AA", state=State.SUBMITTED, statement=leak, created_by=by.id,
        created_at=at, submitted_on=on, barred=[],
    )  # fmt: skip
    entry = AssessorEntry(
        **above, authority_id=authority.id, account_id=by.id, code=leak, firm=leak, cap=3, entered_by=by.id, entered_at=at
    )
    member = CommitteeMember(**above, authority_id=authority.id, account_id=by.id, of_body=leak, since=on, entered_by=by.id)
    meeting = RatingMeeting(
        **above, authority_id=authority.id, number=leak, held_on=on, chair_id=SYSTEM.id, members=[], quorum=2, convened_by=by.id,
        convened_on=on,
    )  # fmt: skip
    drawn = PanelDraw(
        **above, campaign_id=campaign.id, nth=1, code=leak, files={"plan.txt": leak}, source="cwl.ssq", rule=leak, freeze_hash="0" * 64,
        frozen_by=by.id, frozen_at=at,
    )  # fmt: skip
    db.session.add_all([application, entry, member, meeting, drawn])
    db.session.flush()
    grade = Rating(
        **scope, application_id=application.id, campaign_id=announced.id, authority_id=authority.id, kind=CampaignKind.RATING,
        scheme="cn.shanxi.3a", edition="0.1", scheme_name=chosen.name, scheme_sha=campaign.scheme_sha, scheme_mark="平台默认", level="AA",
        rank=2, value="80", out_of="100", areas=[], reason=shown, result={}, seal="0" * 64, state_on=on, valid_from=on,
        valid_to=on + timedelta(days=900), check_due=on + timedelta(days=400), published_on=on, published_by=by.id,
        certificate_number=shown, plaque_number=leak,
    )  # fmt: skip
    objection = RatingObjection(
        **scope, application_id=application.id, by_home=True, objector="", words=leak, raised_on=on, raised_by=by.id,
        of_decision=SYSTEM.id, barred=[],
    )  # fmt: skip
    db.session.add_all([grade, objection])
    db.session.flush()
    change = RatingChange(
        **scope, rating_id=grade.id, measure=Measure.SUSPEND, cause=Cause.OTHER, from_level="AA", to_level="AA", reason=leak,
        proposed_by=SYSTEM.id, proposed_on=on,
    )  # fmt: skip
    alert = RatingAlert(**scope, rating_id=grade.id, cause=Cause.OTHER, source=grade.id, source_words=leak, told_on=on)
    reply = RatingReply(**scope, rating_id=grade.id, words=leak, said_on=on, said_by=SYSTEM.id)
    db.session.add_all([change, alert, reply])
    db.session.flush()
    rows = {
        "rating_campaign": campaign, "rating_application": application, "assessor_entry": entry, "committee_member": member,
        "rating_meeting": meeting, "panel_draw": drawn, "rating": grade, "rating_objection": objection, "rating_change": change,
        "rating_alert": alert, "rating_reply": reply,
    }  # fmt: skip
    return {f"{name}_id": str(row.id) for name, row in rows.items()} | {"draw_part": "plan.txt"}


def _named(upload: Any, name: str) -> Any:
    return replace(upload, original_name_shown=name)


# --- visitors ---------------------------------------------------------------------------------------------------------


def _visitors(app: Songjian, places: Mapping[str, Place], inspectors: Mapping[str, UUID], on: date) -> dict[str, Visitor]:
    own = places[OWN]
    county, fire = an_authority(COUNTIES[OWN]), an_authority(COUNTIES[OWN], Department.FIRE)
    street = _street_authority(street_of(COUNTIES[OWN]))
    provider, site = own.site.provider_id, own.site.site_id
    assert provider is not None
    assert site is not None
    found = {"anonymous": _stranger(app)}
    for post in Post:
        if post is Post.SYSTEM:
            continue
        authority = {Post.DEPARTMENT_INSPECTOR: fire, Post.STREET_OFFICER: street}.get(post, county)
        at_home = post in {Post.PROVIDER_OWNER, Post.SITE_MANAGER, Post.PROVIDER_STAFF}
        account = inspectors.get(post.value) or _new_account(post, authority, on, provider if at_home else None, site)
        body = provider if at_home else authority.id
        secret = sessions.begin(account, body_id=body, second_factor=True, at=clock.now())
        sites = {site} if post in BY_TASK or (at_home and post is not Post.PROVIDER_OWNER) else set()
        found[post.value] = Visitor(
            post.value, post, account, None if at_home else authority.id, authority.path if post in BY_REGION else None,
            provider if post is Post.PROVIDER_OWNER else None, frozenset(sites),
            views.cookie_name(), secret, sessions.form_token(str(app.config["SECRET_KEY"]), secret),
        )  # fmt: skip
    return found


def _new_account(post: Post, authority: Authority, on: date, provider: UUID | None, site: UUID) -> UUID:
    before = on - timedelta(days=60)
    row = accounts.open_account(
        f"visitor-{post.value}", f"示例·{post.label}", PASSWORD, by=SYSTEM, at=clock.now() - timedelta(days=60), on=before
    )
    body = {"provider_id": provider} if provider else {"authority_id": authority.id}
    at_site = {"site_id": site} if provider and post is not Post.PROVIDER_OWNER else {}
    accounts.grant_post(row.id, post, by=SYSTEM, on=before, **body, **at_site)
    return row.id


def _street_authority(street: Region) -> Authority:
    return an_authority(street.code)


def _stranger(app: Songjian) -> Visitor:
    secret = "a-visitor-of-the-matrix"
    return Visitor(
        "anonymous", None, cookie="sj_visitor", secret=secret, token=sessions.form_token(str(app.config["SECRET_KEY"]), secret)
    )
