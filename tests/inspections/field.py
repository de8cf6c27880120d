"""A day in the field for tests (现场): an authority with its people, a site, a task, and tablets that number and chain what they write."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import db
from app.inspections.actions import tasks as actions
from app.inspections.models import InspectionTask
from app.inspections.queries import tasks
from app.inspections.rules.answers import operation_hash
from app.inspections.rules.checklist import Checklist
from app.inspections.rules.task import CheckInWay, TaskKind
from app.providers.models import Organisation, Site
from app.providers.rules import Nature, SiteKind, SiteState
from app.regions import actions as regions
from app.regions.models import Authority, Department
from tests import worlds

ON = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 5, 32, tzinfo=UTC)
BEFORE = date(2026, 1, 5)
_moments = itertools.count(1)  # settings are cached by the moment they were set
PASSWORD = "松鉴测试口令 2026"


def an_account(name: str, post: Post, authority: Authority, *, certificate: str = "") -> UUID:
    """An account with one post; inspectors with a certificate valid through 2027."""
    row = accounts.open_account(
        f"shili-{uuid4().hex[:10]}", name, PASSWORD, by=SYSTEM, at=AT, on=BEFORE,
        certificate_no=certificate or None, certificate_until=date(2027, 12, 31) if certificate else None,
    )  # fmt: skip
    accounts.grant_post(row.id, post, by=SYSTEM, on=BEFORE, authority_id=authority.id)
    return row.id


def as_actor(account_id: UUID, authority: Authority, on: date = ON) -> Actor:
    """Who the account is that day, as at sign-in."""
    found = people.actor(account_id, authority.id, on)
    assert found is not None
    return found


def a_site(authority: Authority, name: str = "示例·松鹤养老院", kind: SiteKind = SiteKind.CARE_HOME) -> Site:
    """A filed site of a made-up organisation."""
    body = Organisation(
        uscc=uuid4().hex[:18].upper(), name=f"{name}有限公司", nature=Nature.FOR_PROFIT, legal_representative="示例·王",
        registrar="示例·登记机关", registrar_region_id=authority.region_id, created_by=SYSTEM.id, created_at=AT,
    )  # fmt: skip
    db.session.add(body)
    db.session.flush()
    own = uuid4()
    row = Site(
        id=own, site_id=own, scope_path=authority.path, provider_id=body.id, number=1, name=name, pinyin="shili", initials="sl",
        kind=kind, state=SiteState.FILED, region_id=authority.region_id, address="示例街道松林路18号",
        authority_id=authority.id, filed_on=BEFORE, created_at=AT,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


@dataclass
class Field:
    """An authority and its people: who plans, approves, inspects (two), reviews and publishes."""

    authority: Authority
    authority_id: UUID
    site: Site
    handler: UUID
    head: UUID
    lead: UUID
    second: UUID
    reviewer: UUID
    publisher: UUID

    def who(self, account_id: UUID) -> Actor:
        """The actor of one of them, with what is assigned by now."""
        return as_actor(account_id, self.authority)


def a_field(cap: int | None = 4) -> Field:
    """An authority with people and one site; `cap` is the published yearly cap."""
    authority = worlds.an_authority()
    head = an_account("示例·负责人", Post.HEAD, authority)
    made = Field(
        authority=authority,
        authority_id=authority.id,
        site=a_site(authority),
        handler=an_account("示例·经办", Post.HANDLER, authority),
        head=head,
        lead=an_account("示例·周宁", Post.INSPECTOR, authority, certificate="示00127"),
        second=an_account("示例·陈立", Post.INSPECTOR, authority, certificate="示00131"),
        reviewer=an_account("示例·审核", Post.REVIEWER, authority),
        publisher=an_account("示例·公示", Post.HANDLER, authority),
    )
    if cap is not None:
        regions.change_setting(
            authority.region_id, "inspection.visits_cap", cap, source="示例·公布文件", in_force_from=BEFORE,
            by=made.who(head), at=AT + timedelta(seconds=next(_moments)), on=BEFORE,
        )  # fmt: skip
    return made


def a_planned_task(field_: Field, **other: Any) -> InspectionTask:
    """A planned task with its team; a case inspection unless told, so that no notice has to run."""
    given: dict[str, Any] = {
        "kind": TaskKind.CASE,
        "planned_on": ON,
        "team": (field_.lead, field_.second),
        "lists": ("gb38600", "hazards"),
    }
    return actions.plan_task(field_.site.id, **(given | other), by=field_.who(field_.handler), at=AT, on=ON)


def a_task_at_work(field_: Field, **other: Any) -> InspectionTask:
    """A task whose team has arrived and read the rights."""
    row = a_planned_task(field_, **other)
    actions.approve_task(row.id, item_published=True, by=field_.who(field_.head), on=BEFORE)
    lead = field_.who(field_.lead)
    actions.check_in(row.id, way=CheckInWay.SCAN, by=lead, at=AT, on=ON)
    actions.read_rights(row.id, by=lead, at=AT, on=ON)
    return row


def a_department_authority(department: Department) -> Authority:
    """Another department of the same district."""
    return worlds.an_authority(department=department)


@dataclass
class Tablet:
    """A device that writes operations: numbered without gaps, each chained to the one before."""

    task_id: UUID
    sha: str
    author: UUID
    name: str = field(default_factory=lambda: f"pad-{uuid4().hex[:8]}")
    seq: int = 0
    last: str = ""

    def write(self, item: str, value: str, kind: str = "answer", **other: Any) -> dict[str, Any]:
        """The next operation, as it goes over the wire."""
        self.seq += 1
        made = {
            "op_id": str(uuid.uuid4()), "task_id": str(self.task_id), "edition_sha": self.sha, "item": item, "kind": kind,
            "value": value, "reason": "", "author_id": str(self.author), "device_id": self.name, "seq": self.seq, "replaces": [],
            "wall_ms": 1_795_500_000_000 + self.seq, "mono_ms": self.seq, "offset_ms": 0, "prev_hash": self.last, **other,
        }  # fmt: skip
        made["hash"] = self.last = operation_hash(made)
        return made

    def everything(self, checklist: Checklist, **exceptions: str) -> list[dict[str, Any]]:
        """Every record field and item answered; `exceptions` by code with `_` for `-`."""
        fields = {
            "@credentials_shown": "已出示",
            "@rights_read": "已告知",
            "@recusal": "不申请",
            "@on_site_head": "示例·王",
            "@residents_today": "42",
        }
        made = [self.write(name, value, "field") for name, value in fields.items()]
        for i in checklist.items:
            answer = exceptions.get(i.code.replace("-", "_").replace(".", "_"), "met")
            made.append(self.write(i.code, answer, reason="示例理由" if answer in ("not_applicable", "referred") else ""))
            if answer == "not_met" or (i.veto and answer == "referred"):
                made.append(self.write(i.code, "示例·二层东侧通道堆放轮椅3辆", "remark"))
        return made


def a_tablet(row: InspectionTask, author: UUID) -> Tablet:
    """A fresh device for a task."""
    return Tablet(row.id, row.checklist_sha, author)


def checklist_of(row: InspectionTask) -> Checklist:
    """The checklist that a task froze."""
    return tasks.checklist(row.id, seen_by=SYSTEM)
