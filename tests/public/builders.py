"""Builders of what the public sees (公示测试构件): sites filed with the registry's verbs and published as at a commit."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.core.db import db
from tests.providers.builders import a_filed_site

FILED = date(2026, 3, 4)
CHARGES = {"charge_bed_min": 180_000, "charge_bed_max": 320_000, "charge_care_min": 60_000, "charge_care_max": 140_000}


def a_public_site(name: str = "示例·松鹤养老院", *, on: date = FILED, **more: Any) -> UUID:
    """A filed care home with charges and 48 of 60 beds taken, as the public sees it (公示机构). Commits; gives its id."""
    facts = (
        {"occupied_beds": 48, "nursing_beds": 30, "caregivers": 12, "services": "全托、日托"} | CHARGES | more.pop("facts", {})
    )
    site_id = a_filed_site(name=name, facts=facts, on=on, **more).id
    db.session.commit()
    return site_id
