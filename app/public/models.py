"""The `published` schema (公示库): plain copies of what everyone may see, written by listeners, read by the public role.

No table here is under row-level security and none holds a column that may not be shown (D14). Every row says from which
day until which day it may be seen; every query filters by day, so nothing has to run for a row to disappear. Primary
keys come from the source, so that publishing again is an update.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model

SCHEMA: Final = "published"
FOREVER: Final = date.max


class Shown:
    """From which day to which day a row may be seen (可见期), both days included."""

    visible_from: Mapped[date]
    visible_until: Mapped[date] = mapped_column(default=FOREVER)


class Facility(Shown, Model):
    """A site as families see it (公示机构). `version` counts its changes and is the validator of its page.

    Money in 分. `free_beds` is beds less occupied, null when unknown or when the number could point at a person.
    """

    __tablename__ = "facility"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    pinyin: Mapped[str] = mapped_column(String(collation="C"))
    initials: Mapped[str]
    organisation: Mapped[str]
    uscc: Mapped[str] = mapped_column(String(collation="C"))
    kind: Mapped[str]
    kind_word: Mapped[str]
    nature_word: Mapped[str]
    state: Mapped[str]
    state_word: Mapped[str]
    state_note: Mapped[str | None]
    region_path: Mapped[str] = mapped_column(String(collation="C"))
    region_name: Mapped[str]
    district_path: Mapped[str] = mapped_column(String(collation="C"))
    district: Mapped[str]
    address: Mapped[str]
    authority: Mapped[str]
    authority_phone: Mapped[str]
    filing_number: Mapped[str | None]
    filed_on: Mapped[date | None]
    operator_word: Mapped[str | None]
    service_phone: Mapped[str | None]
    beds: Mapped[int | None]
    nursing_beds: Mapped[int | None]
    free_beds: Mapped[int | None]
    beds_as_of: Mapped[date | None]
    charge_min_fen: Mapped[int | None]
    charge_max_fen: Mapped[int | None]
    charge_parts: Mapped[str | None]
    charge_as_of: Mapped[date | None]
    last_checked_on: Mapped[date | None]
    last_result: Mapped[str | None]
    open_problems: Mapped[int] = mapped_column(default=0)
    next_deadline: Mapped[date | None]
    search: Mapped[str]
    __table_args__ = (
        Index("ix_facility_order", "pinyin", "id"),
        Index("ix_facility_district_order", "district_path", "pinyin", "id"),
        Index("ix_facility_uscc", "uscc"),
        Index("ix_facility_filing_number", "filing_number"),
        Index("ix_facility_bigrams", text("published.bigrams(search)"), postgresql_using="gin"),
        {"schema": SCHEMA},
    )


class Place(Model):
    """A city or district in which something is published (公示地区), for the choice on the search page."""

    __tablename__ = "place"
    path: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    name: Mapped[str]
    city: Mapped[str]
    __table_args__ = ({"schema": SCHEMA},)


class FrequentWord(Model):
    """A word of two to four characters that stands in many facilities (常用词): it chooses the plan of a search, never its result."""

    __tablename__ = "frequent_word"
    word: Mapped[str] = mapped_column(primary_key=True)
    facilities: Mapped[int]
    __table_args__ = ({"schema": SCHEMA},)


class FacilityFact(Shown, Model):
    """A figure or word about a site with its day and source (公示情况): only those that the registry marks as public."""

    __tablename__ = "facility_fact"
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    section: Mapped[str]
    label: Mapped[str]
    value: Mapped[str]
    unit: Mapped[str]
    as_of: Mapped[date]
    source: Mapped[str]
    __table_args__ = ({"schema": SCHEMA},)


class FacilityChange(Shown, Model):
    """A dated change of a site (变更记录): name, address, beds, state."""

    __tablename__ = "facility_change"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    changed_on: Mapped[date]
    what: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    __table_args__ = ({"schema": SCHEMA},)


class InspectionResult(Shown, Model):
    """The published result of one inspection (检查结果公示): no staff, no residents, no photos.

    `rate` is the 符合率 per 10,000 and never called a grade; `hazards` are the names of major hazards found (D2).
    """

    __tablename__ = "inspection_result"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[str]
    kind_word: Mapped[str]
    authority: Mapped[str]
    checked_on: Mapped[date]
    published_on: Mapped[date]
    items: Mapped[int]
    met: Mapped[int]
    not_met: Mapped[int]
    rate: Mapped[int | None]
    mandatory: Mapped[str]
    mandatory_pending: Mapped[int]
    hazards: Mapped[list[str]] = mapped_column(JSONB, default=list)
    result: Mapped[str]
    handling: Mapped[str]
    report_number: Mapped[str | None]
    __table_args__ = (Index("ix_inspection_result_checked", "checked_on", "id"), {"schema": SCHEMA})


class Problem(Shown, Model):
    """A problem found by an inspection (检查发现的问题): what, how grave, until when, whether it is mended."""

    __tablename__ = "problem"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    inspection_id: Mapped[UUID]
    what: Mapped[str]
    basis: Mapped[str]
    severity: Mapped[str]
    severity_word: Mapped[str]
    found_on: Mapped[date]
    deadline: Mapped[date | None]
    open: Mapped[bool]
    state_word: Mapped[str]
    mended_on: Mapped[date | None]
    __table_args__ = ({"schema": SCHEMA},)


class Reply(Shown, Model):
    """What a home says to a problem (机构回应), quoted and dated; nobody has checked it."""

    __tablename__ = "reply"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    problem_id: Mapped[UUID]
    words: Mapped[str]
    said_on: Mapped[date]
    __table_args__ = ({"schema": SCHEMA},)


class FacilityRating(Shown, Model):
    """A grade of a site, or a proposed one under public notice (等级公示). Whether it holds is asked by the day: `valid_to`.

    Several grades under different schemes stand side by side. `areas`, `changes`, `replies` are shown as they are.
    """

    __tablename__ = "facility_rating"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    kind_word: Mapped[str]
    scheme: Mapped[str]
    scheme_name: Mapped[str]
    edition: Mapped[str]
    mark: Mapped[str]
    level: Mapped[str]
    level_word: Mapped[str]
    rank: Mapped[int]
    state: Mapped[str]
    state_word: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    value: Mapped[str]
    out_of: Mapped[str]
    areas: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    reason: Mapped[str]
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    replies: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    authority: Mapped[str]
    certificate_number: Mapped[str]
    __table_args__ = (
        Index("ix_facility_rating_held", "scheme", "rank", "site_id", postgresql_where=text("state = 'valid'")),
        {"schema": SCHEMA},
    )


class Draw(Shown, Model):
    """A draw in the gapless register (抽查登记): seen from its freeze on, whatever becomes of it."""

    __tablename__ = "draw"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    number: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    place: Mapped[int]
    authority_id: Mapped[UUID]
    authority: Mapped[str]
    purpose: Mapped[str]
    mode: Mapped[str]
    mode_word: Mapped[str]
    state: Mapped[str]
    state_word: Mapped[str]
    freeze_hash: Mapped[str]
    frozen_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    seed_hash: Mapped[str | None]
    result_hash: Mapped[str | None]
    reveal_on: Mapped[date | None]
    revealed_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    inputs: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    counts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    queue: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    __table_args__ = (Index("ix_draw_frozen", "frozen_at", "id"), {"schema": SCHEMA})


class DrawFile(Shown, Model):
    """A file of a draw, byte for byte (抽查文件): seen from the reveal on."""

    __tablename__ = "draw_file"
    draw_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    __table_args__ = ({"schema": SCHEMA},)


class ListedEntry(Shown, Model):
    """An entry of a list of dishonesty as everybody may read it (名单公示), from its publication to its last day.

    `visible_until` is the last day of its term, so that it disappears by the date alone. A person's number stands masked.
    """

    __tablename__ = "listed_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_name: Mapped[str]
    authority: Mapped[str]
    authority_phone: Mapped[str]
    district_path: Mapped[str] = mapped_column(String(collation="C"))
    subject_kind: Mapped[str]
    subject_word: Mapped[str]
    name: Mapped[str]
    uscc: Mapped[str] = mapped_column(String(collation="C"))
    legal_representative: Mapped[str]
    id_masked: Mapped[str]
    ground: Mapped[str]
    basis: Mapped[str]
    facts: Mapped[str]
    number: Mapped[str]
    decided_on: Mapped[date]
    published_on: Mapped[date]
    class_word: Mapped[str]
    reach: Mapped[str]
    earliest_repair_on: Mapped[date]
    last_day: Mapped[date]
    objected: Mapped[bool] = mapped_column(default=False)
    search: Mapped[str]
    __table_args__ = (
        Index("ix_listed_entry_uscc", "uscc"),
        Index("ix_listed_entry_order", "decided_on", "id"),
        {"schema": SCHEMA},
    )


class ListAnnulment(Shown, Model):
    """A published entry that was annulled (撤销公示): which decision and why; whom it named is not repeated."""

    __tablename__ = "list_annulment"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    authority: Mapped[str]
    number: Mapped[str]
    annulled_on: Mapped[date]
    reason: Mapped[str]
    __table_args__ = ({"schema": SCHEMA},)


class DocumentCheck(Shown, Model):
    """What verification needs of an archived document (文书核验): number, kind, authority, day, two hashes; no content."""

    __tablename__ = "document_check"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(index=True)
    kind_word: Mapped[str]
    authority: Mapped[str]
    issued_on: Mapped[date]
    archived_on: Mapped[date]
    facts_sha256: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    __table_args__ = ({"schema": SCHEMA},)


class AuditDay(Model):
    """The end of the record's chain at the end of a day (每日链头), so that nobody can rewrite the days before."""

    __tablename__ = "audit_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    lines: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[str]
    __table_args__ = ({"schema": SCHEMA},)


class FeedLine(Model):
    """One change of what is published (变动): numbered without gaps in the order of commits."""

    __tablename__ = "feed_line"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    what: Mapped[str]
    subject: Mapped[UUID]
    site_id: Mapped[UUID | None]
    change: Mapped[str]
    __table_args__ = ({"schema": SCHEMA},)


class FeedHead(Model):
    """The number of the last change (变动序号): one row, the validator of every list."""

    __tablename__ = "feed_head"
    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    __table_args__ = ({"schema": SCHEMA},)
