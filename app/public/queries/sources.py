"""What should be published (应公示内容), computed from the registry, the inspections and the archive. Reads, never writes.

Each function gives the rows of one published table for some sites: key columns and values. Whether they differ from what
is published is decided in actions. Columns are read with Core, so that nothing stale comes from the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.archive.models import Document
from app.archive.rules import DocumentState
from app.core.actor import SYSTEM
from app.core.audit import AuditLine
from app.core.clock import BEIJING, legal_day
from app.core.db import db
from app.credit.models.listing import ListEntry, ListObjection
from app.credit.rules.listing import EntryState, ObjectionState
from app.inspections.models import DrawPlan, DrawRequest, Finding, InspectionTask
from app.inspections.queries import draws as draws_of
from app.inspections.queries.draws import PUBLIC_AT_FREEZE
from app.inspections.rules.findings import Basis, RectificationState
from app.inspections.rules.plan import RequestKind, RequestState
from app.inspections.rules.task import ResultCode, TaskState
from app.providers.models import Organisation, Site, SiteChange, SiteFact
from app.providers.queries import facts_of_sites
from app.providers.rules.facts import FACTS, FactType
from app.public import rules
from app.public.models import FOREVER
from app.regions.models import Authority, Region
from app.regions.rules import Level, lineage

Rows = dict[tuple[Any, ...], dict[str, Any]]


def sites_to_publish() -> Sequence[UUID]:
    """Every site that has ever been filed (应公示机构)."""
    return db.session.scalars(select(Site.id).where(Site.filed_on.is_not(None)).order_by(Site.id)).all()


def facilities(site_ids: Sequence[UUID], inspections: Rows, problems: Rows) -> tuple[Rows, Rows]:
    """The rows of facility and facility_fact for the filed ones among `site_ids` (机构及其情况)."""
    query = (
        select(Site, Organisation.uscc, Organisation.name, Organisation.nature, Authority.name, Authority.supervision_phone)
        .join(Organisation, Organisation.id == Site.provider_id)
        .join(Authority, Authority.id == Site.authority_id)
        .where(Site.id.in_(site_ids), Site.filed_on.is_not(None))
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).all()
    places = _places(row[0].scope_path for row in found)
    facts = facts_of_sites(site_ids, seen_by=SYSTEM)
    shown: Rows = {}
    told: Rows = {}
    for site, uscc, organisation, nature, authority, phone in found:
        own = {key: row for key, row in facts.get(site.id, {}).items() if key in FACTS}
        names = places[site.scope_path]
        row = _register(site, names)
        row |= {"uscc": uscc, "organisation": organisation, "nature_word": nature.label}
        row |= {"authority": authority, "authority_phone": phone}
        row |= _capacity(own) | _charges(own)
        row |= _record([r for r in inspections.values() if r["site_id"] == site.id], _of(problems, site.id))
        row["search"] = rules.search_text(site.name, row["region_name"], site.address, site.pinyin, site.initials)
        shown[(site.id,)] = row
        told |= _told(site, own)
    return shown, told


def _of(rows: Rows, site_id: UUID) -> list[dict[str, Any]]:
    return [row for row in rows.values() if row["site_id"] == site_id]


def _register(site: Site, names: Mapping[Level, tuple[str, str]]) -> dict[str, Any]:
    """What the register says (登记信息). The tier of supervision is the authority's own and stays inside."""
    district_path, district = names.get(Level.COUNTY) or names.get(Level.CITY) or (site.scope_path, "")
    return {
        "visible_from": site.filed_on,
        "visible_until": FOREVER,
        "name": site.name,
        "pinyin": site.pinyin.lower(),
        "initials": site.initials.lower(),
        "kind": site.kind.value,
        "kind_word": site.kind.label,
        "state": site.state.value,
        "state_word": site.state.label,
        "state_note": rules.state_note(site.state, site.suspended_until, site.closed_on),
        "region_path": site.scope_path,
        "region_name": "".join(name for _, name in names.values()),
        "district_path": district_path,
        "district": district,
        "address": site.address,
        "filing_number": site.filing_number,
        "filed_on": site.filed_on,
        "operator_word": site.operator_model.label if site.operator_model else None,
        "service_phone": site.service_phone,
    }


def _capacity(own: Mapping[str, SiteFact]) -> dict[str, Any]:
    beds, nursing, occupied = (_whole(own, key) for key in ("beds", "nursing_beds", "occupied_beds"))
    days = [own[key].as_of for key in ("beds", "nursing_beds", "occupied_beds") if key in own]
    free = rules.free_beds(beds, occupied)
    return {"beds": beds, "nursing_beds": nursing, "free_beds": free, "beds_as_of": max(days, default=None)}


def _charges(own: Mapping[str, SiteFact]) -> dict[str, Any]:
    month = rules.monthly({key: row.value for key, row in own.items()})
    days = [row.as_of for key, row in own.items() if FACTS[key].form is FactType.MONEY]
    return {
        "charge_min_fen": month and month.least,
        "charge_max_fen": month and month.most,
        "charge_parts": month and month.parts,
        "charge_as_of": max(days, default=None),
    }


def _record(inspections: Sequence[dict[str, Any]], problems: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The last inspection and what is still open (最近检查与未改问题), over what is not withdrawn."""
    seen = [row for row in inspections if row["visible_until"] == FOREVER]
    last = max(seen, key=lambda row: (row["checked_on"], row["number"]), default=None)
    open_ones = [row for row in problems if row["open"] and row["visible_until"] == FOREVER]
    return {
        "last_checked_on": last and last["checked_on"],
        "last_result": last and last["result"],
        "open_problems": len(open_ones),
        "next_deadline": min((row["deadline"] for row in open_ones if row["deadline"]), default=None),
    }


def _told(site: Site, own: Mapping[str, SiteFact]) -> Rows:
    """The facts that are shown (公示的情况), in the registry's order."""
    return {
        (site.id, key): {
            "position": position,
            "section": fact.group.value,
            "label": fact.label,
            "value": rules.fact_words(key, own[key].value),
            "unit": fact.unit,
            "as_of": own[key].as_of,
            "source": own[key].source,
            "visible_from": site.filed_on,
            "visible_until": FOREVER,
        }
        for position, (key, fact) in enumerate(FACTS.items())
        if fact.public and key in own
    }


def _whole(own: Mapping[str, SiteFact], key: str) -> int | None:
    value = own[key].value if key in own else None
    return value if isinstance(value, int) else None


def _places(paths: Iterable[str]) -> Mapping[str, dict[Level, tuple[str, str]]]:
    """For each path the divisions from the province down (上级区划): level → path, name."""
    wanted = set(paths)
    above = {path for own in wanted for path in lineage(own)}
    query = select(Region.path, Region.level, Region.name).where(Region.path.in_(above), Region.level != Level.NATION)
    known = {path: (level, name) for path, level, name in db.session.execute(query)}
    return {own: {known[path][0]: (path, known[path][1]) for path in reversed(lineage(own)) if path in known} for own in wanted}


def place_names(district_paths: Iterable[str]) -> Rows:
    """The rows of place (公示地区): a district and the city above it."""
    return {
        (path,): {"name": list(names.values())[-1][1], "city": "".join(name for _, name in list(names.values())[:-1])}
        for path, names in _places(district_paths).items()
        if names
    }


def changes(site_ids: Sequence[UUID]) -> Rows:
    """The rows of facility_change (变更记录): only kinds of change that rules.SHOWN_CHANGES names."""
    query = (
        select(SiteChange.id, SiteChange.site_id, SiteChange.on, SiteChange.what, SiteChange.before, SiteChange.after)
        .join(Site, Site.id == SiteChange.site_id)
        .where(SiteChange.site_id.in_(site_ids), SiteChange.what.in_(rules.SHOWN_CHANGES), Site.filed_on.is_not(None))
    )
    return {
        (row.id,): {
            "site_id": row.site_id,
            "changed_on": row.on,
            "what": rules.SHOWN_CHANGES[row.what],
            "before": rules.change_words(row.what, row.before),
            "after": rules.change_words(row.what, row.after),
            "visible_from": row.on,
            "visible_until": FOREVER,
        }
        for row in db.session.execute(query)
        if row.before is not None
    }


_PUBLISHED = (TaskState.PUBLISHED, TaskState.WITHDRAWN)


def inspection_results(site_ids: Sequence[UUID]) -> Rows:
    """The rows of inspection_result (检查结果). A withdrawn one was last seen on the day before (行政处罚法 art. 48)."""
    task = InspectionTask
    query = (
        select(task, Authority.name)
        .join(Authority, Authority.id == task.authority_id)
        .where(task.site_id.in_(site_ids), task.state.in_(_PUBLISHED), task.published_on.is_not(None))
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).all()
    reports = _public_reports([row.id for row, _ in found])
    return {(row.id,): _result(row, authority, reports.get(row.id)) for row, authority in found}


def _public_reports(task_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The numbers of the published reports (公示报告文书号), the newest of each inspection."""
    query = select(Document.subject, Document.number).where(Document.subject.in_(task_ids), Document.public)
    return {row.subject: row.number for row in db.session.execute(query.order_by(Document.created_at))}


def _result(task: InspectionTask, authority: str, report: str | None) -> dict[str, Any]:
    assert task.result is not None  # CHECK closed_has_result
    assert task.published_on is not None
    return {
        "site_id": task.site_id,
        "number": task.number,
        "kind_word": task.kind.label,
        "authority": authority,
        "checked_on": task.ended_on or task.published_on,
        "published_on": task.published_on,
        "items": (task.met or 0) + (task.not_met or 0),
        "met": task.met or 0,
        "not_met": task.not_met or 0,
        "rate": task.rate_per_10k,
        "mandatory": task.mandatory.value if task.mandatory else "unknown",
        "mandatory_pending": task.mandatory_pending or 0,
        "hazards": _hazard_names(task),
        "result": task.result.public_words,
        "handling": "责令改正" if task.result is ResultCode.CORRECTION_ORDERED else "",
        "report_number": report,
        "visible_from": task.published_on,
        "visible_until": last_day(task.withdrawn_on),
    }


def _hazard_names(task: InspectionTask) -> list[str]:
    """The names of the major hazards found (重大隐患名称), from the frozen checklist."""
    if not task.hazards:
        return []
    texts = {item["code"]: item["text"] for item in _items(task.checklist)}
    return [texts.get(code, code) for code in task.hazards]


def _items(checklist: Mapping[str, Any]) -> Iterable[Mapping[str, str]]:
    for item in checklist.get("items", ()):
        inner = item.get("item", item)
        yield {"code": item.get("code") or inner["code"], "text": inner.get("text", "")}


def last_day(withdrawn_on: date | None) -> date:
    """The last day on which something is shown (公示截止日): the day before it was withdrawn."""
    return withdrawn_on - timedelta(days=1) if withdrawn_on else FOREVER


def problems(site_ids: Sequence[UUID]) -> tuple[Rows, Rows]:
    """The rows of problem and reply (问题与回应): what an order demands, in the words that an officer cleared for the public.

    A requirement whose text is unverified leads to advice, not to an order, and stays inside. A withdrawn inspection
    takes its problems along.
    """
    query = (
        select(Finding, InspectionTask.published_on, InspectionTask.withdrawn_on, InspectionTask.ended_on)
        .join(InspectionTask, InspectionTask.id == Finding.task_id)
        .where(Finding.site_id.in_(site_ids), Finding.basis == Basis.ORDER, Finding.state != RectificationState.REVOKED)
        .where(InspectionTask.state.in_(_PUBLISHED), InspectionTask.published_on.is_not(None))
        .execution_options(populate_existing=True)
    )
    found: Rows = {}
    replies: Rows = {}
    row: Finding
    for row, published_on, withdrawn_on, ended_on in db.session.execute(query):
        closed = row.state is RectificationState.CLOSED
        period = {"visible_from": published_on, "visible_until": last_day(withdrawn_on)}
        found[(row.id,)] = period | {
            "site_id": row.site_id,
            "inspection_id": row.task_id,
            "what": row.public_text or row.requirement,
            "basis": row.clause,
            "severity": row.severity.value,
            "severity_word": row.severity.label,
            "found_on": ended_on or row.opened_on,
            "deadline": row.due_on,
            "open": not closed,
            "state_word": row.state.label,
            "mended_on": row.closed_on if closed else None,
        }
        if row.reply and row.reply_on and row.reply_cleared_on:
            replies[(row.id,)] = period | {
                "site_id": row.site_id,
                "problem_id": row.id,
                "words": row.reply,
                "said_on": row.reply_on,
                "visible_from": max(published_on or row.reply_cleared_on, row.reply_cleared_on),
            }
    return found, replies


# --------------------------------------------------------------------------------------------------------------- draws

_LONGEST_QUEUE = 500


def draws_to_publish() -> Sequence[UUID]:
    """Every plan that was ever frozen (已封存计划)."""
    return db.session.scalars(select(DrawPlan.id).where(DrawPlan.frozen_at.is_not(None)).order_by(DrawPlan.id)).all()


def draws(plan_ids: Sequence[UUID]) -> tuple[Rows, Rows]:
    """The rows of draw and draw_file (抽查登记与文件): the register from the freeze on, names and files from the reveal on."""
    query = (
        select(DrawPlan, Authority.name)
        .join(Authority, Authority.id == DrawPlan.authority_id)
        .where(DrawPlan.id.in_(plan_ids), DrawPlan.freeze_text.is_not(None), DrawPlan.frozen_at.is_not(None))
        .execution_options(populate_existing=True)
    )
    found: Rows = {}
    files: Rows = {}
    plan: DrawPlan
    for plan, authority in db.session.execute(query):
        assert plan.frozen_at is not None
        found[(plan.id,)] = _draw(plan, authority)
        frozen = legal_day(plan.frozen_at)
        for name, content in draws_of.published_files(plan).items():
            files[(plan.id, name)] = {
                "content": content,
                "sha256": sha256(content.encode()).hexdigest(),
                "visible_from": frozen if name in PUBLIC_AT_FREEZE else legal_day(plan.revealed_at or plan.frozen_at),
                "visible_until": FOREVER,
            }
    return found, files


def _draw(plan: DrawPlan, authority: str) -> dict[str, Any]:
    revealed = plan.revealed_at is not None
    subjects = [line.split("|") for line in (plan.subjects_text or "").splitlines()[1:]]
    return {
        "number": plan.code,
        "year": plan.year,
        "place": plan.number,
        "authority_id": plan.authority_id,
        "authority": authority,
        "purpose": plan.title,
        "mode": plan.mode.value,
        "mode_word": plan.mode.label,
        "state": plan.state.value,
        "state_word": plan.state.label,
        "freeze_hash": plan.freeze_hash,
        "frozen_at": plan.frozen_at,
        "drawn_at": plan.computed_at,
        "seed_hash": plan.seed_hash,
        "result_hash": plan.result_hash,
        "reveal_on": plan.reveal_on,
        "revealed_at": plan.revealed_at,
        "voided_at": plan.voided_at,
        "void_reason": _void_reason(plan.id) if plan.voided_at else None,
        "inputs": _inputs(plan),
        "counts": rules.draw_counts(subjects),
        "queue": rules.draw_queue(subjects, plan.result_text or "")[:_LONGEST_QUEUE] if revealed else [],
        "visible_from": legal_day(plan.frozen_at) if plan.frozen_at else None,
        "visible_until": FOREVER,
    }


def _inputs(plan: DrawPlan) -> list[dict[str, str]]:
    """The public values named beforehand (公开值); their values once the plan is revealed."""
    rows = [line.split("|") for line in (plan.plan_text or "").splitlines() if line.startswith("input|")]
    values = {row[1]: row[-1] for line in (plan.seed_text or "").splitlines() if (row := line.split("|"))[0] == "input"}
    return [{"source": row[2], "rule": row[3], "value": values.get(row[1], "")} for row in rows if len(row) > 3]


def _void_reason(plan_id: UUID) -> str | None:
    """Why a plan was voided (作废原因), as approved from above."""
    query = select(DrawRequest.reason).where(
        DrawRequest.plan_id == plan_id, DrawRequest.kind == RequestKind.VOID, DrawRequest.state == RequestState.APPROVED
    )
    return db.session.scalars(query.limit(1)).one_or_none()


# --------------------------------------------------------------------------------------------- archive and the record


def documents_to_publish() -> Sequence[UUID]:
    """Every archived document (已归档文书)."""
    query = select(Document.id).where(Document.state == DocumentState.ARCHIVED).order_by(Document.id)
    return db.session.scalars(query).all()


def document_checks(document_ids: Sequence[UUID]) -> Rows:
    """The rows of document_check (核验信息) for the archived ones among `document_ids`."""
    query = (
        select(
            *(Document.id, Document.number, Document.kind, Document.issued_on, Document.archived_at),
            *(Document.facts_sha256, Document.sha256, Authority.name),
        )
        .join(Authority, Authority.id == Document.authority_id)
        .where(Document.id.in_(document_ids), Document.state == DocumentState.ARCHIVED)
    )
    return {
        (row.id,): {
            "number": row.number,
            "kind_word": row.kind.label,
            "authority": row.name,
            "issued_on": row.issued_on,
            "archived_on": legal_day(row.archived_at),
            "facts_sha256": row.facts_sha256,
            "sha256": row.sha256,
            "visible_from": legal_day(row.archived_at),
            "visible_until": FOREVER,
        }
        for row in db.session.execute(query)
    }


def audit_head(day: date) -> tuple[int, str] | None:
    """The number and hash of the last line of the record at the end of a day (当日链头); None before the first line."""
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=BEIJING)
    query = select(AuditLine.seq, AuditLine.hash).where(AuditLine.at < end).order_by(AuditLine.seq.desc()).limit(1)
    row = db.session.execute(query).one_or_none()
    return (row.seq, row.hash) if row else None


# ------------------------------------------------------------------------------------------------ the list of dishonesty


def entries_to_publish() -> Sequence[UUID]:
    """Every entry that was ever published (公布过的名单条目)."""
    return db.session.scalars(select(ListEntry.id).where(ListEntry.published_on.is_not(None)).order_by(ListEntry.id)).all()


def listed_entries(entry_ids: Sequence[UUID]) -> tuple[Rows, Rows]:
    """The rows of listed_entry and list_annulment (名单公示、撤销公示).

    An entry is wanted while it is published; its last day stands in the row, so nothing has to run on the day after. One that
    was removed is no longer wanted and ends with the day before.
    """
    query = (
        select(ListEntry, Authority.name, Authority.supervision_phone)
        .join(Authority, Authority.id == ListEntry.authority_id)
        .where(ListEntry.id.in_(entry_ids), ListEntry.published_on.is_not(None))
        .execution_options(populate_existing=True)
    )
    marked = set(
        db.session.scalars(
            select(ListObjection.entry_id).where(
                ListObjection.entry_id.in_(entry_ids), ListObjection.state == ObjectionState.MARKED
            )
        )
    )
    found: Rows = {}
    annulled: Rows = {}
    row: ListEntry
    for row, authority, phone in db.session.execute(query):
        if row.state is EntryState.PUBLISHED:
            found[(row.id,)] = _listed(row, authority, phone, objected=row.id in marked)
        elif row.state is EntryState.ANNULLED:
            annulled[(row.id,)] = {
                "authority": authority,
                "number": row.decision_number,
                "annulled_on": row.ended_on,
                "reason": row.end_public_reason,
                "visible_from": row.ended_on,
                "visible_until": FOREVER,
            }
    return found, annulled


def _listed(row: ListEntry, authority: str, phone: str, *, objected: bool) -> dict[str, Any]:
    return {
        "list_name": row.list_name,
        "authority": authority,
        "authority_phone": phone,
        "district_path": row.scope_path,
        "subject_kind": row.subject_kind.value,
        "subject_word": row.subject_kind.label,
        "name": row.subject_name,
        "uscc": row.subject_code,
        "legal_representative": row.legal_representative,
        "id_masked": row.person_number.masked if row.person_number else "",
        "ground": row.ground_text,
        "basis": row.basis,
        "facts": row.public_text,
        "number": row.decision_number,
        "decided_on": row.decided_on,
        "published_on": row.published_on,
        "class_word": row.publication_class.label if row.publication_class else "",
        "reach": row.reach,
        "earliest_repair_on": row.earliest_repair_on,
        "last_day": row.max_end,
        "objected": objected,
        "search": rules.search_text(row.subject_name, row.subject_code),
        "visible_from": row.published_on,
        "visible_until": row.max_end,
    }
