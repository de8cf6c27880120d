"""Verbs on authorities, policy settings, figures of regions, the calendar (机关、政策参数、地区数据、日历办理)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid5

from app.core import audit, calendar, clock, outbox
from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.core.outbox import Errand
from app.core.refusal import Refused
from app.core.working_days import notice_rows, parse_notice
from app.regions import events, queries
from app.regions.models import Authority, Department, PolicySetting, RegionFact
from app.regions.packs import SETTINGS, Value, check_value
from app.regions.rules import FACTS, within
from app.regions.seeding import region_id


def _own_place(place: UUID, by: Actor) -> str:
    path = queries.region(place).path
    if by.scope.path is None or not within(path, by.scope.path):
        raise Refused("region.foreign", "这个地方不在您的管辖范围内。")
    return path


def register_authority(
    region_code: str,
    department: Department,
    *,
    name: str,
    number_word: str,
    seal_text: str,
    supervision_phone: str,
    short_name: str = "",
    by: Actor,
    on: date,
) -> Authority:
    """Register an authority of a division (登记机关), with the words its documents carry."""
    place = queries.region_coded(region_code, on)
    if place is None:
        raise Refused("region.none", f"没有代码为 {region_code} 的现行行政区划。")
    row = Authority(
        id=uuid5(region_id(region_code), department.value),
        region_id=place.id,
        path=place.path,
        department=department,
        name=name,
        short_name=short_name or name,
        number_word=number_word,
        seal_text=seal_text,
        supervision_phone=supervision_phone,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.AuthorityRegistered(subject=row.id, by=by.id, on=on))
    return row


def change_setting(
    place: UUID, key: str, value: Value, *, source: str, in_force_from: date, by: Actor, at: datetime, on: date
) -> PolicySetting:
    """Set a value of the policy pack for one's own region (调整政策参数). The document it rests on must be named."""
    _own_place(place, by)
    setting = SETTINGS.get(key)
    if setting is None:
        raise Refused("setting.unknown", "没有这项政策参数。")
    if not source.strip():
        raise Refused("setting.source", "请写明依据的文件名称和文号；没有文件的，写明由谁在哪天决定。")
    if (fault := check_value(setting, value)) is not None:
        raise Refused("setting.value", fault)
    row = PolicySetting(
        region_id=place, key=key, value=value, source=source.strip(), in_force_from=in_force_from, set_by=by.id, set_at=at
    )
    db.session.add(row)
    db.session.flush()
    audit.record(events.SettingChanged(subject=row.id, by=by.id, on=on, key=key))
    return row


def enter_fact(place: UUID, key: str, value: int, *, as_of: date, source: str, by: Actor, at: datetime, on: date) -> RegionFact:
    """Enter a figure of a region (录入地区数据), with its day and source."""
    _own_place(place, by)
    if key not in FACTS:
        raise Refused("fact.unknown", "没有这项地区数据。")
    if as_of > on:
        raise Refused("fact.future", "数据日期不能晚于今天。")
    if any((fact.key, fact.as_of) == (key, as_of) for fact in queries.facts_of(place)):
        raise Refused("fact.exists", f"“{FACTS[key][0]}”在 {as_of} 已有一个数。录过的数不改，请写明新的数据日期和来源。")
    if value < 0 or not source.strip():
        raise Refused("fact.bad", "数值不能小于零，并须写明数据来源。")
    row = RegionFact(region_id=place, key=key, value=value, as_of=as_of, source=source.strip(), entered_by=by.id, entered_at=at)
    db.session.add(row)
    db.session.flush()
    audit.record(events.FactEntered(subject=row.id, by=by.id, on=on, key=key))
    return row


def import_notice(text: str, year: int, *, source_doc: str, by: Actor, on: date) -> int:
    """Enter the State Council's notice of a year (录入放假通知): its days become official. Returns how many days were written.

    A notice with any fault is refused whole. Provisional deadlines of every region are recomputed by a worker right after.
    """
    if not source_doc.strip():
        raise Refused("calendar.source", "请写明通知的名称和文号。")
    written = calendar.replace_days(notice_rows(parse_notice(text, year), source_doc.strip()))
    subject = uuid5(region_id("0"), f"calendar-{year}")
    outbox.put("calendar.recompute", subject)
    audit.record(events.CalendarImported(subject=subject, by=by.id, on=on, year=year, days=written))
    return written


def recompute_deadlines(errand: Errand) -> None:  # noqa: ARG001 — there is one calendar
    """Move the open deadlines that rested on provisional days (暂定期限重算); each move is on the record."""
    for deadline_id in calendar.recompute_provisional():
        audit.record(events.DeadlineMoved(subject=deadline_id, by=SYSTEM.id, on=clock.today()))
