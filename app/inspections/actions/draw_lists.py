"""Verbs of the two lists and of recusal (名录库与回避办理)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import audit, numbers
from app.core.actor import Actor, Post
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find, visible
from app.inspections.events import draws as events
from app.inspections.models import InspectionObject, InspectorEntry, InspectorRecusal
from app.inspections.queries import draws as queries
from app.inspections.rules.plan import DEPARTMENT_TAGS, TAGS, RecusalReason, inspector_code
from app.providers.models import Organisation, Site
from app.providers.rules import SiteState
from app.regions import queries as regions

LISTED_STATES = frozenset({SiteState.OPERATING, SiteState.FILED, SiteState.SUSPENDED, SiteState.CLOSING})


def renew_objects(*, by: Actor, on: date) -> tuple[int, int]:
    """Bring the list of sites up to date with the register (更新检查对象名录库). Returns how many were listed and struck.

    Running sites are listed, unfiled ones too (办法 art. 4); closed and exited ones are struck with the reason.
    """
    known = {row.site_id: row for row in db.session.scalars(visible(InspectionObject, to=by))}
    sites = visible(Site, to=by).join(Organisation).add_columns(Organisation.uscc).order_by(Site.id)
    listed = struck = 0
    for site, uscc in db.session.execute(sites):
        row = known.get(site.id)
        if site.state in LISTED_STATES:
            listed += _list(site, uscc, row, on)
        elif row is not None and row.struck_on is None and site.state is not SiteState.DRAFT:
            row.struck_on, row.struck_reason = on, site.state.label
            struck += 1
    db.session.flush()
    if listed or struck:
        audit.record(events.ObjectsRenewed(subject=by.authority_id or by.id, by=by.id, on=on, listed=listed, struck=struck))
    return listed, struck


def _list(site: Site, uscc: str, row: InspectionObject | None, on: date) -> bool:
    """Put a site on the list or keep its entry current. True when it was not on the list before."""
    if row is None:
        db.session.add(
            InspectionObject(
                scope_path=site.scope_path,
                provider_id=site.provider_id,
                site_id=site.id,
                draw_id=site.draw_id(uscc),
                name=site.name,
                listed_on=on,
            )
        )
        return True
    again = row.struck_on is not None
    row.scope_path, row.name = site.scope_path, site.name
    if again:
        row.listed_on, row.struck_on, row.struck_reason = on, None, None
    return again


def list_inspector(
    username: str,
    *,
    certificate_no: str,
    certificate_from: date,
    certificate_until: date,
    qualifications: Iterable[str],
    cap: int,
    by: Actor,
    at: datetime,
    on: date,
) -> InspectorEntry:
    """Put an inspector on the authority's list (登记检查人员). The department's tag follows from his body.

    Refused without the post of inspector, or without a certificate valid on the day.
    """
    account = accounts.account_named(username)
    if account is None:
        raise Refused("inspector.unknown", f"没有账号“{username}”，请核对账号名。")
    department = next(
        (
            regions.authority(held.authority_id).department
            for held in accounts.posts_held(account.id, on)
            if held.post in {Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR} and held.authority_id
        ),
        None,
    )
    if department is None or department.value not in DEPARTMENT_TAGS:
        raise Refused("inspector.no_post", f"{account.name}没有检查人员岗位，请先由安全管理员授予。")
    authority = regions.authority(authority_of(by))
    number = numbers.take(authority.id, "draw.inspector", 0)
    row = InspectorEntry(
        scope_path=authority.path,
        authority_id=authority.id,
        account_id=account.id,
        code=inspector_code(authority.region.code, number),
        department=department.label,
        tags=_tags(DEPARTMENT_TAGS[department.value], qualifications),
        entered_by=by.id,
        entered_at=at,
        **_certificate(certificate_no, certificate_from, certificate_until, on),
        cap=_cap(cap),
    )
    already = select(InspectorEntry.id).where(
        InspectorEntry.authority_id == authority.id, InspectorEntry.account_id == account.id
    )
    if db.session.scalar(already):
        raise Refused("inspector.listed", f"{account.name}已在本机关名录中，请直接修改。")
    db.session.add(row)
    db.session.flush()
    audit.record(events.InspectorListed(subject=row.id, by=by.id, on=on, code=row.code, active=True))
    return row


def change_inspector(
    inspector_id: UUID,
    *,
    certificate_no: str,
    certificate_from: date,
    certificate_until: date,
    qualifications: Iterable[str],
    cap: int,
    active: bool,
    by: Actor,
    on: date,
) -> None:
    """Change an entry of the list (修改检查人员). Frozen plans keep what they froze."""
    row = queries.inspector(inspector_id, seen_by=by, lock=True)
    _own_list(row, by)
    department = next(tag for tag in row.tags if tag.startswith("dept."))
    for key, value in _certificate(certificate_no, certificate_from, certificate_until, on if active else None).items():
        setattr(row, key, value)
    row.tags, row.cap, row.active = _tags(department, qualifications), _cap(cap), active
    db.session.flush()
    audit.record(events.InspectorListed(subject=row.id, by=by.id, on=on, code=row.code, active=active))


def authority_of(by: Actor) -> UUID:
    """The authority for which somebody acts (所在机关)."""
    if by.authority_id is None:
        raise Refused("draw.no_authority", "只有机关工作人员可以办理名录和抽查计划。")
    return by.authority_id


def _own_list(row: InspectorEntry, by: Actor) -> None:
    if row.authority_id != by.authority_id:
        raise Refused("inspector.not_own", "这是其他机关的检查人员名录，您可以查看，不能修改。")


def _certificate(number: str, start: date, end: date, on: date | None) -> dict[str, object]:
    if not number.strip():
        raise Refused("inspector.certificate", "请填写行政执法证件号码；没有执法证件的人员不能进入名录。")
    if end < start or (on is not None and end < on):
        raise Refused("inspector.certificate", "执法证件已过有效期，或起止日期填反了，请核对证件。")
    return {"certificate_no": number.strip(), "certificate_from": start, "certificate_until": end}


def _tags(department: str, qualifications: Iterable[str]) -> list[str]:
    chosen = set(qualifications)
    if not chosen <= {tag for tag in TAGS if tag.startswith("qual.")}:
        raise Refused("inspector.tags", "专长只能从列出的几项中选择。")
    return sorted({department, *chosen})


def _cap(cap: int) -> int:
    if not 1 <= cap <= 999:
        raise Refused("inspector.cap", "每次抽查最多承担家数应为 1 至 999。")
    return cap


def declare_recusal(
    inspector_id: UUID, draw_id: str, reason: RecusalReason, note: str, *, by: Actor, at: datetime, on: date
) -> InspectorRecusal:
    """Declare a recusal (申明回避): by the inspector himself, or entered by the office that keeps the list.

    It counts for every plan that is frozen afterwards; for one already frozen a replacement is asked for.
    """
    row = next((own for own in queries.own_entries(seen_by=by) if own.id == inspector_id), None)
    if row is None:
        row = queries.inspector(inspector_id, seen_by=by)
        _own_list(row, by)
    site = queries.object_near(draw_id, row)
    if site is None:
        raise Refused("recusal.object", f"检查对象名录中没有“{draw_id}”，请核对抽取编号。")
    if reason is RecusalReason.OTHER and not note.strip():
        raise Refused("recusal.note", "选择“其他情形”时，请写明具体情况。")
    known = select(InspectorRecusal.id).where(
        InspectorRecusal.inspector_id == row.id,
        InspectorRecusal.object_id == site.id,
        InspectorRecusal.ended_at.is_(None),
    )
    if db.session.scalar(known):
        raise Refused("recusal.known", f"对“{site.name}”的回避已经登记过，不必重复。")
    found = InspectorRecusal(
        scope_path=row.scope_path,
        inspector_id=row.id,
        object_id=site.id,
        account_id=row.account_id,
        reason=reason,
        note=note.strip(),
        declared_by=by.id,
        declared_at=at,
    )
    db.session.add(found)
    db.session.flush()
    audit.record(events.RecusalDeclared(subject=found.id, by=by.id, on=on, inspector_id=row.id, object_id=site.id, reason=reason))
    return found


def end_recusal(recusal_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """End a recusal whose cause has gone (解除回避): by neither the inspector nor the one who entered it."""
    row = find(InspectorRecusal, recusal_id, seen_by=by, lock=True)
    _own_list(row.inspector, by)
    if row.ended_at is not None:
        raise Refused("recusal.ended", "这条回避已经解除。")
    if by.id in {row.declared_by, row.account_id}:
        raise Refused("draw.same_person", "回避须由登记人、本人以外的人解除，请换另一人办理。")
    row.ended_by, row.ended_at = by.id, at
    db.session.flush()
    audit.record(events.RecusalEnded(subject=row.id, by=by.id, on=on))
