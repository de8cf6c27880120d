"""Organisations, sites, filings, facts, papers (机构主体、服务网点、备案、基本情况、证照)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.crypto import EncryptedText
from app.core.db import Identified, Model, Scoped, enum_column, one_of
from app.core.identifiers import Phone
from app.providers.rules import (
    FilingKind,
    FilingState,
    FireTrack,
    Nature,
    OperatorModel,
    PaperKind,
    PaperState,
    SiteKind,
    SiteState,
    Tier,
)
from app.providers.rules.register import ImportState
from app.regions.models import Authority, Region


class Organisation(Identified, Model):
    """A legal body (机构主体) under one 统一社会信用代码, with one or many sites. Penalties go to it, inspections to its sites."""

    __tablename__ = "organisation"
    uscc: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    nature: Mapped[Nature] = enum_column(Nature)
    legal_representative: Mapped[str]
    registrar: Mapped[str]
    registrar_region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    registered_on: Mapped[date | None]
    phone: Mapped[Phone | None] = mapped_column(EncryptedText("organisation.phone", Phone))
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    sites: Mapped[list[Site]] = relationship(back_populates="organisation")
    __table_args__ = (one_of("nature", Nature),)


class Site(Scoped, Model):
    """A place where care is given (服务网点). It is inspected and rated; `site_id` is its own id, for the scope.

    `number` is the nn of its draw id `<code>-<nn>`, given in filing order and never changed (D4).
    """

    __tablename__ = "site"
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[int]
    name: Mapped[str]
    pinyin: Mapped[str]
    initials: Mapped[str]
    kind: Mapped[SiteKind] = enum_column(SiteKind)
    state: Mapped[SiteState] = enum_column(SiteState, default=SiteState.DRAFT)
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    address: Mapped[str]
    service_phone: Mapped[str | None]
    manager_name: Mapped[str | None]
    operator_model: Mapped[OperatorModel | None] = enum_column(OperatorModel)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    first_resident_on: Mapped[date | None]
    filed_on: Mapped[date | None]
    filing_number: Mapped[str | None]
    fire_track: Mapped[FireTrack | None] = enum_column(FireTrack)
    tier: Mapped[Tier] = enum_column(Tier, default=Tier.B)
    tier_reason: Mapped[str | None]
    suspended_until: Mapped[date | None]
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship(back_populates="sites")
    region: Mapped[Region] = relationship()
    authority: Mapped[Authority] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", SiteKind),
        one_of("state", SiteState),
        one_of("operator_model", OperatorModel),
        one_of("fire_track", FireTrack),
        one_of("tier", Tier),
        UniqueConstraint("provider_id", "number"),
        UniqueConstraint("id", "scope_path"),
        CheckConstraint("site_id = id", name="own_scope"),
        CheckConstraint("(state <> 'filed') or (filed_on is not null)", name="filed_has_day"),
        Index("ix_site_scope_name", "scope_path", "name"),
        Index("ix_site_scope_state", "scope_path", "state"),
    )

    def draw_id(self, uscc: str) -> str:
        """The id under which the site is drawn (抽取编号): `<code>-<nn>` (D4)."""
        return f"{uscc}-{self.number:02d}"


class SiteFact(Scoped, Model):
    """A figure or word about a site with its day and source (基本情况): beds, occupied beds, area, charges …

    `key` is one of rules.FACTS; `value` is an integer (counts, 分, ㎡ ×1) or a text or a list as the key says.
    The newest `as_of` counts; older rows are the history.
    """

    __tablename__ = "site_fact"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    key: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    as_of: Mapped[date]
    source: Mapped[str]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    __table_args__ = (Index("ix_site_fact_newest", "site_id", "key", text("as_of desc"), text("entered_at desc")),)


class Filing(Scoped, Model):
    """A filing (备案): what the provider tells and promises, what the authority answers. A filing is no licence and has no expiry."""

    __tablename__ = "filing"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), index=True)
    kind: Mapped[FilingKind] = enum_column(FilingKind)
    state: Mapped[FilingState] = enum_column(FilingState, default=FilingState.DRAFT)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    promise_by: Mapped[UUID | None]
    promise_on: Mapped[date | None]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    return_reason: Mapped[str | None]
    number: Mapped[str | None]
    document_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        one_of("kind", FilingKind),
        one_of("state", FilingState),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("decided_by <> promise_by", name="not_decided_by_its_maker"),
        Index(
            "uq_filing_open", "site_id", "kind", unique=True, postgresql_where=text("state in ('draft','submitted','returned')")
        ),
    )


class SitePaper(Scoped, Model):
    """A paper of a site (证照材料): attached to a filing, or kept for itself with an expiry (rules.PAPERS). Versions stay.

    `reminded` is the last reminder given, in days before the expiry.
    """

    __tablename__ = "site_paper"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    filing_id: Mapped[UUID | None] = mapped_column(ForeignKey("filing.id"), index=True)
    kind: Mapped[PaperKind] = enum_column(PaperKind)
    state: Mapped[PaperState] = enum_column(PaperState, default=PaperState.CURRENT)
    number: Mapped[str | None]
    issuer: Mapped[str | None]
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    blob_id: Mapped[UUID | None] = mapped_column(ForeignKey("blob.id"))
    file_name: Mapped[str | None]
    reminded: Mapped[int | None]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    __table_args__ = (
        one_of("kind", PaperKind),
        one_of("state", PaperState),
        Index("ix_site_paper_expiry", "scope_path", "valid_until", postgresql_where=text("state = 'current'")),
    )


class SiteChange(Scoped, Model):
    """What changed at a site, when and why (变更记录): one row a change of name, address, beds, state, tier …"""

    __tablename__ = "site_change"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    on: Mapped[date]
    what: Mapped[str]
    before: Mapped[Any] = mapped_column(JSONB, nullable=True)
    after: Mapped[Any] = mapped_column(JSONB, nullable=True)
    reason: Mapped[str | None]
    filing_id: Mapped[UUID | None]
    by: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Unmasking(Scoped, Model):
    """Somebody looked at a personal value in the clear (查看明文): which one, when and why. The value itself is not here."""

    __tablename__ = "unmasking"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    what: Mapped[str]
    reason: Mapped[str]
    by: Mapped[UUID]
    at: Mapped[datetime]


class RegisterImport(Scoped, Model):
    """An import of a register (名册导入): the workbook, what a dry run found in it, and what was written.

    `faults` are [sheet, row, column letter, title, sentence]; the workbook is let go once it was written.
    """

    __tablename__ = "register_import"
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))
    state: Mapped[ImportState] = enum_column(ImportState)
    file_name: Mapped[str]
    sha256: Mapped[str]
    workbook: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    rows: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    faults: Mapped[list[list[Any]]] = deferred(mapped_column(JSONB))
    fault_count: Mapped[int]
    unknown: Mapped[list[str]] = mapped_column(JSONB)
    site_ids: Mapped[list[str]] = deferred(mapped_column(JSONB))
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime]
    written_by: Mapped[UUID | None]
    written_at: Mapped[datetime | None]
    __table_args__ = (one_of("state", ImportState), Index("ix_register_import_newest", "scope_path", "uploaded_at"))
