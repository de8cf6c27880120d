"""Questions to the list (名单查询): entries and what hangs on them, who stands on the list on a day, grounds and terms in force.

Whether somebody is listed is asked by date, never by a flag: an entry whose last day has passed counts no more, though no job
has run. A home does not see clues and proposals, only what was served on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account
from app.core import calendar
from app.core.actor import PROVIDER_POSTS, SYSTEM, Actor, Post
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.identifiers import PersonName
from app.core.refusal import NotVisible, Refused
from app.core.scope import find, visible
from app.core.standards import Library, load
from app.credit.models.listing import (
    GroundConfirmation,
    ListAlert,
    ListEntry,
    ListMeasure,
    ListObjection,
    ListStatement,
    ListStep,
    RepairApplication,
)
from app.credit.rules.dates import PublicationClass, PublicationRule, Terms, rule_on
from app.credit.rules.listing import (
    AFTER_NOTICE,
    IN_FORCE,
    OBJECTION_OPEN,
    REPAIR_OPEN,
    Competence,
    EntryState,
    Ground,
    GroundsTable,
    ListKind,
    SubjectKind,
)
from app.credit.standards import FOLDER
from app.providers.models import Site
from app.regions import queries as regions
from app.regions.models import Department
from app.regions.rules import Level

# Posts of the office that see a person's name before it is published; others see it masked.
NAMES_SEEN_BY: Final = frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD, Post.SYSTEM})


# --- grounds and terms ------------------------------------------------------------------------------------------------


@cache
def grounds() -> Library[GroundsTable]:
    """Every table of grounds (列入情形表), in force or not."""
    return load(FOLDER, GroundsTable)


@cache
def rules_of_publication() -> Library[PublicationRule]:
    """Every version of the rule on publication and repair (公示与修复规则各版本)."""
    return load(FOLDER, PublicationRule)


def tables_at(path: str, on: date) -> list[GroundsTable]:
    """The tables of grounds that hold in a place on a day (适用的列入情形表), the nearest first."""
    codes = [row.code for row in regions.upwards(path)]
    found = [t for t in grounds().editions if t.in_force_on(on) and t.holds_for(codes)]
    return sorted(found, key=lambda t: (-len(t.region), t.list is ListKind.WATCH, t.code))


def table_of(entry: ListEntry) -> GroundsTable:
    """The table frozen into an entry (条目所依的情形表)."""
    return grounds().by_hash(entry.table_sha)


def confirmations(authority_id: UUID) -> Sequence[GroundConfirmation]:
    """What an authority confirmed of the grounds (本机关确认的条文)."""
    query = select(GroundConfirmation).where(GroundConfirmation.authority_id == authority_id).order_by(GroundConfirmation.on)
    return db.session.scalars(query).all()


def is_confirmed(authority_id: UUID, table_sha: str, code: str) -> bool:
    """Whether an authority confirmed the text of a ground or measure (是否已确认条文)."""
    return any(row.table_sha == table_sha and row.ground_code == code for row in confirmations(authority_id))


@dataclass(frozen=True, slots=True)
class FrozenTerms:
    """The terms for one decision with where they come from (决定适用期限)."""

    terms: Terms
    rule_name: str
    rule_edition: str
    source: str


def terms_for(kind: ListKind, wanted: PublicationClass, *, path: str, decided_on: date) -> FrozenTerms:
    """The terms that a decision of this day carries (适用期限): by the version of the rule in force, settings of the place."""
    if kind is ListKind.WATCH:
        claim = regions.setting(path, "credit.watch_term", decided_on)
        assert isinstance(claim.value, int)
        return FrozenTerms(Terms(0, claim.value, published=False), "重点关注对象名单", "", f"本机关设置：{claim.source}")
    rule = rule_on(rules_of_publication(), decided_on)
    term = rule.term(wanted)
    sources = [rule.basis]

    def months(key: str, said: int) -> int:
        claim = regions.settings_at(path, decided_on).get(key) if key else None
        if claim is None or not isinstance(claim.value, int):
            return said
        sources.append(claim.source)
        return claim.value

    least, most = months(term.min_setting, term.min_months), months(term.max_setting, term.max_months)
    found = Terms(least, max(least, most), published=term.published == "yes")
    return FrozenTerms(found, rule.name, rule.edition, "；".join(dict.fromkeys(sources)))


def competence(path: str, on: date) -> Competence:
    """Which bureau decides removals here (移出决定机关): the one that listed, unless the place set one level above."""
    return Competence.ABOVE if regions.setting(path, "credit.repair_by", on).value == "上一级" else Competence.SAME


def check_lister(by: Actor, path: str) -> None:
    """Refuse an authority that may not list here (列入机关): a civil affairs bureau of a county or city, over its own area."""
    if by.authority_id is None:
        raise Refused("listing.authority", "名单由市、县民政部门办理")
    row = regions.authority(by.authority_id)
    if row.department is not Department.CIVIL_AFFAIRS or row.level not in (Level.CITY, Level.COUNTY):
        raise Refused("listing.authority", "名单由市、县民政部门列入（谁监管、谁列入），请由主管机关办理")
    if not path.startswith(row.path):
        raise Refused("listing.authority", "这家机构不在本机关辖区内，请移交主管机关办理")


# --- entries ----------------------------------------------------------------------------------------------------------


def entry(list_entry_id: UUID, *, seen_by: Actor, lock: bool = False) -> ListEntry:
    """One entry (名单条目); a home sees it from the service of the notice on."""
    row = find(ListEntry, list_entry_id, seen_by=seen_by, lock=lock)
    if is_home(seen_by) and row.state not in AFTER_NOTICE:
        raise NotVisible("list_entry")
    return row


def is_home(actor: Actor) -> bool:
    """Whether somebody acts for a home (机构一方)."""
    return not actor.posts.isdisjoint(PROVIDER_POSTS)


def entries(*, seen_by: Actor) -> Select[ListEntry]:
    """The entries that somebody may see (可见名单条目)."""
    query = visible(ListEntry, to=seen_by).options(joinedload(ListEntry.authority))
    return query.where(ListEntry.state.in_(AFTER_NOTICE)) if is_home(seen_by) else query


def held_against(*, seen_by: Actor) -> Sequence[ListEntry]:
    """What is held against a home (涉及本机构的名单), the newest first."""
    return db.session.scalars(entries(seen_by=seen_by).order_by(ListEntry.clue_on.desc(), ListEntry.id)).all()


def name_shown(row: ListEntry, to: Actor) -> str:
    """The subject's name as somebody may read it (名称显示): a person's masked, but for those who handle the case."""
    if row.subject_kind is SubjectKind.ORGANISATION or to.posts & NAMES_SEEN_BY:
        return row.subject_name
    return PersonName(row.subject_name).masked


def name_in_export(row: ListEntry) -> str:
    """The subject's name in a file that leaves the house (导出名称): a person's always masked (S12)."""
    return row.subject_name if row.subject_kind is SubjectKind.ORGANISATION else PersonName(row.subject_name).masked


def statements(list_entry_id: UUID, *, seen_by: Actor) -> Sequence[ListStatement]:
    """What the party said (陈述申辩), in order."""
    query = visible(ListStatement, to=seen_by).where(ListStatement.entry_id == list_entry_id).order_by(ListStatement.at)
    return db.session.scalars(query).all()


def steps(list_entry_id: UUID, *, seen_by: Actor) -> Sequence[ListStep]:
    """What was done (办理经过), in order."""
    query = visible(ListStep, to=seen_by).where(ListStep.entry_id == list_entry_id).order_by(ListStep.at)
    return db.session.scalars(query).all()


def objections(list_entry_id: UUID, *, seen_by: Actor) -> Sequence[ListObjection]:
    """The objections against an entry (异议), in order."""
    query = visible(ListObjection, to=seen_by).where(ListObjection.entry_id == list_entry_id)
    return db.session.scalars(query.order_by(ListObjection.made_on, ListObjection.id)).all()


def objection(list_objection_id: UUID, *, seen_by: Actor, lock: bool = False) -> ListObjection:
    """One objection (异议)."""
    return find(ListObjection, list_objection_id, seen_by=seen_by, lock=lock)


def open_objection(list_entry_id: UUID, *, seen_by: Actor) -> ListObjection | None:
    """The objection that is being handled, if any (处理中的异议)."""
    return next((row for row in objections(list_entry_id, seen_by=seen_by) if row.state in OBJECTION_OPEN), None)


def applications(list_entry_id: UUID, *, seen_by: Actor) -> Sequence[RepairApplication]:
    """The applications for removal (移出申请), in order."""
    query = visible(RepairApplication, to=seen_by).where(RepairApplication.entry_id == list_entry_id)
    return db.session.scalars(query.order_by(RepairApplication.applied_on, RepairApplication.id)).all()


def application(repair_application_id: UUID, *, seen_by: Actor, lock: bool = False) -> RepairApplication:
    """One application for removal (移出申请)."""
    return find(RepairApplication, repair_application_id, seen_by=seen_by, lock=lock)


def open_application(list_entry_id: UUID, *, seen_by: Actor) -> RepairApplication | None:
    """The application that is being handled, if any (办理中的移出申请)."""
    return next((row for row in applications(list_entry_id, seen_by=seen_by) if row.state in REPAIR_OPEN), None)


def measures(list_entry_id: UUID, *, seen_by: Actor) -> Sequence[ListMeasure]:
    """The measures that follow from an entry (惩戒措施)."""
    query = visible(ListMeasure, to=seen_by).where(ListMeasure.entry_id == list_entry_id).order_by(ListMeasure.code)
    return db.session.scalars(query).all()


def clocks(subjects: Collection[UUID], *, seen_by: Actor) -> Sequence[Deadline]:
    """The running clocks of entries, objections and applications (运行中的期限), the nearest first."""
    query = visible(Deadline, to=seen_by).where(
        Deadline.subject.in_(subjects), Deadline.met_on.is_(None), Deadline.dropped_on.is_(None)
    )
    return db.session.scalars(query.order_by(Deadline.due_on, Deadline.kind)).all()


def clock(kind: str, subject: UUID) -> Deadline | None:
    """The running clock of one kind (期限), if any."""
    return calendar.open_clock(kind, subject)


def stopped_clock(kind: str, subject: UUID) -> Deadline | None:
    """The clock of one kind that was stopped last (最近中止的期限)."""
    query = select(Deadline).where(Deadline.subject == subject, Deadline.kind == kind, Deadline.dropped_on.is_not(None))
    return db.session.scalars(query.order_by(Deadline.dropped_on.desc(), Deadline.due_on.desc()).limit(1)).one_or_none()


def names(ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of accounts (办理人姓名)."""
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {row.id: row.name for row in rows}


def site_of(row: ListEntry) -> Site:
    """The site where it happened (涉及网点); the organisation is reached through it."""
    with acting(SYSTEM):
        return db.session.scalars(select(Site).where(Site.id == row.site_id).options(joinedload(Site.organisation))).one()


# --- who stands on the list -------------------------------------------------------------------------------------------


def stands_on(on: date) -> ColumnElement[bool]:
    """The condition that an entry is in force on a day (当日有效): served by then, not ended, its last day not past.

    An annulled one was never in force.
    """
    ended_later = and_(ListEntry.state.in_((EntryState.REMOVED, EntryState.EXPIRED)), ListEntry.ended_on > on)
    return and_(
        or_(ListEntry.state.in_(IN_FORCE), ended_later),
        ListEntry.decision_served_on <= on,
        ListEntry.max_end >= on,
    )


def times_listed(provider_ids: Collection[UUID]) -> Mapping[UUID, Sequence[tuple[date, date]]]:
    """From which day to which each organisation was or will be listed (列入期间), both included. An annulled entry never was."""
    with acting(SYSTEM):
        rows = db.session.scalars(
            select(ListEntry)
            .where(
                ListEntry.provider_id.in_(provider_ids),
                ListEntry.subject_kind == SubjectKind.ORGANISATION,
                ListEntry.kind == ListKind.LIST,
                ListEntry.state.in_((*IN_FORCE, EntryState.REMOVED, EntryState.EXPIRED)),
            )
            .order_by(ListEntry.decision_served_on)
        )
        found: dict[UUID, list[tuple[date, date]]] = {}
        for row in rows:
            assert row.provider_id is not None
            assert row.decision_served_on is not None
            assert row.max_end is not None
            last = row.max_end if row.ended_on is None else min(row.max_end, row.ended_on - timedelta(days=1))
            found.setdefault(row.provider_id, []).append((row.decision_served_on, last))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an organisation stands on a list on a day (名单状态快照), to be kept with a decision that rests on it."""

    provider_id: UUID
    on: date
    listed: bool
    watched: bool
    entries: tuple[UUID, ...]
    measures: frozenset[str]


def standing(provider_id: UUID, on: date) -> Standing:
    """Whether an organisation is listed on a day (是否在名单上), for ratings, subsidies and tiers to ask on the day of decision.

    Persons' entries do not make their employer listed.
    """
    with acting(SYSTEM):
        query = select(ListEntry.id, ListEntry.kind).where(
            ListEntry.provider_id == provider_id, ListEntry.subject_kind == SubjectKind.ORGANISATION, stands_on(on)
        )
        found = db.session.execute(query.order_by(ListEntry.id)).all()
        held = db.session.scalars(
            select(ListMeasure.code).where(
                ListMeasure.entry_id.in_([row.id for row in found]),
                ListMeasure.confirmed,
                ListMeasure.imposed_on <= on,
                or_(ListMeasure.lifted_on.is_(None), ListMeasure.lifted_on > on),
            )
        ).all()
    return Standing(
        provider_id,
        on,
        listed=any(row.kind is ListKind.LIST for row in found),
        watched=any(row.kind is ListKind.WATCH for row in found),
        entries=tuple(row.id for row in found),
        measures=frozenset(held),
    )


def ground_of(table_code: str, ground_code: str, *, path: str, on: date) -> tuple[GroundsTable, Ground]:
    """A ground that may be chosen in a place on a day (可选的列入情形)."""
    for table in tables_at(path, on):
        if table.code == table_code:
            return table, table.ground(ground_code)
    raise Refused("listing.table", "这一版列入情形表在本地不适用或者已经停用，请另选")


# --- alerts -----------------------------------------------------------------------------------------------------------


def due_to_expire(on: date) -> Sequence[UUID]:
    """Entries whose last day has passed and whose state does not say so yet (待结的到期条目)."""
    query = select(ListEntry.id).where(ListEntry.state.in_(IN_FORCE), ListEntry.max_end < on).order_by(ListEntry.max_end)
    return db.session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class AlertDue:
    """A warning that is due (应发提醒): about which day, of what kind."""

    list_entry_id: UUID
    kind: str
    due_on: date


ENDING, REPAIRABLE, OVERDUE = "ending", "repairable", "overdue"
ALERT_WORDS: Final = {ENDING: "公示期将满", REPAIRABLE: "已满最短期限，可以申请移出", OVERDUE: "期限已过"}


def alerts_due(on: date) -> list[AlertDue]:
    """The warnings that are due by a day and were not given (应发未发的提醒), whatever nights were missed."""
    running = db.session.scalars(
        select(ListEntry).where(ListEntry.state.in_(IN_FORCE), ListEntry.max_end >= on).order_by(ListEntry.id)
    ).all()
    found: list[AlertDue] = []
    for row in running:
        assert row.max_end is not None
        assert row.earliest_repair_on is not None
        if row.max_end - timedelta(days=regions.number_set(row.scope_path, "credit.warn_before", on)) <= on:
            found.append(AlertDue(row.id, ENDING, row.max_end))
        if row.earliest_repair_on <= on:
            found.append(AlertDue(row.id, REPAIRABLE, row.earliest_repair_on))
    found += _overdue(on)
    given = {
        (a.entry_id, a.kind, a.due_on)
        for a in db.session.scalars(select(ListAlert).where(ListAlert.entry_id.in_([a.list_entry_id for a in found])))
    }
    return [a for a in found if (a.list_entry_id, a.kind, a.due_on) not in given]


def _overdue(on: date) -> list[AlertDue]:
    late = select(Deadline).where(
        or_(Deadline.kind.startswith("listing."), Deadline.kind.startswith("objection."), Deadline.kind.startswith("repair.")),
        Deadline.met_on.is_(None),
        Deadline.dropped_on.is_(None),
        Deadline.due_on < on,
        Deadline.kind != "listing.defence",  # its end opens the next step, nobody is late
    )
    found = []
    for row in db.session.scalars(late.order_by(Deadline.due_on)):
        owner = _owner(row)
        if owner is not None:
            found.append(AlertDue(owner.id, f"{OVERDUE}:{row.kind}", row.due_on))
    return found


def _owner(row: Deadline) -> ListEntry | None:
    """The entry that a clock belongs to (期限所属条目)."""
    if row.kind.startswith("listing."):
        return db.session.get(ListEntry, row.subject)
    if row.kind.startswith("objection."):
        made = db.session.get(ListObjection, row.subject)
        return db.session.get(ListEntry, made.entry_id) if made is not None else None
    asked = db.session.get(RepairApplication, row.subject)
    return db.session.get(ListEntry, asked.entry_id) if asked is not None else None
