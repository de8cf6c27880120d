"""Verbs on staffing (人员配备办理): how many residents of which ability a site has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.providers import queries as providers
from app.training import events
from app.training.models import CareLoad
from app.training.rules.staffing import Ability, check_residents


def record_care_load(
    site_id: UUID,
    residents: Mapping[Ability, int],
    *,
    as_of: date,
    has_control_room: bool = False,
    has_linked_control: bool = False,
    by: Actor,
    at: datetime,
    on: date,
) -> CareLoad:
    """Record residents by ability as of a day (填报在住老人能力等级). Older counts stay as history."""
    site = providers.site(site_id, seen_by=by)
    if as_of > on:
        raise Refused("residents.future", "数据日期不能晚于今天。")
    beds = providers.facts_of(site.id, seen_by=by).get("beds")
    check_residents(residents, beds=beds.value if beds else None)
    row = CareLoad(
        id=uuid4(),
        scope_path=site.scope_path,
        provider_id=site.provider_id,
        site_id=site.id,
        as_of=as_of,
        residents={ability.value: int(residents.get(ability, 0)) for ability in Ability},
        has_control_room=has_control_room or has_linked_control,
        has_linked_control=has_linked_control,
        entered_by=by.id,
        entered_at=at,
    )
    db.session.add(row)
    db.session.flush()
    total = sum(row.residents.values())
    audit.record(events.CareLoadRecorded(subject=site.id, by=by.id, on=on, as_of=as_of, total=total))
    return row
