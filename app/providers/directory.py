"""What accounts ask about providers (机构名录): names and codes of legal bodies and their sites, all of it public."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select, union_all

from app.accounts.directory import Workplace
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.scope import subtree
from app.providers.models import Organisation, Site

_DRAW_ID: Final = re.compile(r"^([0-9A-Z]{18})(?:-(\d{2,4}))?$")


class ProviderDirectory:
    """Looks past the scope of who asks: an administrator of accounts sees no business, but must name an employer."""

    def find(self, code: str) -> Workplace | None:
        """The provider with a code, or its site when `-<nn>` follows (抽取编号)."""
        parts = _DRAW_ID.match(code.strip().upper())
        if parts is None:
            return None
        body = select(Organisation.id, Organisation.name).where(Organisation.uscc == parts[1])
        with acting(SYSTEM):
            if parts[2] is None:
                found = db.session.execute(body).one_or_none()
                return Workplace(found.id, found.name) if found else None
            place = select(Site.provider_id, Site.name, Site.id).join(Site.organisation)
            row = db.session.execute(place.where(Organisation.uscc == parts[1], Site.number == int(parts[2]))).one_or_none()
        return Workplace(row.provider_id, row.name, row.id) if row else None

    def names(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Names of providers and sites by id (机构名称)."""
        if not ids:
            return {}
        both = union_all(
            select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)),
            select(Site.id, Site.name).where(Site.id.in_(ids)),
        )
        with acting(SYSTEM):
            return {row.id: row.name for row in db.session.execute(both)}

    def within(self, path: str) -> Collection[UUID]:
        """Ids of the providers that have a site in a subtree (辖区内机构)."""
        with acting(SYSTEM):
            return frozenset(db.session.scalars(select(Site.provider_id).where(subtree(Site.scope_path, path)).distinct()))
