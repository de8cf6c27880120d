"""What a site's page tells of its staff (机构页的人员栏)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db
from app.core.scope import reach
from app.providers.panels import Answer, Happening, Tab
from app.training.models import Certificate, CertificateCheck
from app.training.queries import people
from app.training.rules import Finding
from app.training.rules.certificates import kinds_on


class StaffOfSite:
    """Certificates found false in the timeline, the staff page among the tabs."""

    def answers(self, site_id: UUID, *, seen_by: Actor, on: date) -> Sequence[Answer]:  # noqa: ARG002 — the strip is full
        """Nothing in the strip: it holds five answers and staff has a page of its own."""
        return ()

    def happenings(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Happening]:
        """Certificates of the site's people that were found false."""
        query = (
            select(CertificateCheck.on, Certificate.kind)
            .join(Certificate, Certificate.id == CertificateCheck.certificate_id)
            .where(reach(Certificate, seen_by), Certificate.site_id == site_id, CertificateCheck.finding == Finding.FALSE)
        )
        return [
            Happening(day, "一份从业人员证书认定为虚假", kinds_on(day).named(kind).label, "veto", "alert")
            for day, kind in db.session.execute(query)
        ]

    def tabs(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Tab]:
        """The page of the site's staff, for who sees the area."""
        if seen_by.scope.path is None:
            return ()
        return (Tab("人员与持证", f"/office/sites/{site_id}/staff", people.count_in_post(site_id, seen_by=seen_by)),)
