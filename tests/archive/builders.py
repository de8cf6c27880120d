"""Documents issued for tests (文书样例): the facts of tests.papers with their pictures kept in the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from app.archive import actions
from app.archive.rules import BlobKind, DocumentKind
from app.core.actor import SYSTEM
from app.core.calendar import Deadline
from app.core.db import db
from app.core.uploads import clean
from tests import papers

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
PLACE = Deadline(scope_path="/1/", provider_id=None, site_id=uuid4())


def pictures_kept() -> dict[str, UUID]:
    """The pictures that the templates show, kept as files."""
    kept = {}
    for name, data in papers.pictures(4).items():
        kept[name] = actions.keep_blob(clean(data, f"{name}.png"), of=PLACE, kind=BlobKind.SIGNATURE, by=SYSTEM, at=AT, on=ON).id
    return kept


def an_order_issued(images: dict[str, UUID] | None = None, number: str = "示民养责改〔2026〕第 21 号") -> UUID:
    """An order issued and committed; its id."""
    row = actions.issue(
        replace(papers.an_order(), number=number),
        kind=DocumentKind.ORDER,
        of=PLACE,
        authority_id=uuid4(),
        about=uuid4(),
        images=pictures_kept() if images is None else images,
        by=SYSTEM,
        at=AT,
        on=ON,
    )
    db.session.commit()
    return row.id
