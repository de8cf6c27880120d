"""The rating certificate (发放等级证书): its facts are gathered from the published rating and handed to the archive."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.archive import actions as archive
from app.archive import queries as papers_kept
from app.archive.models import Document
from app.archive.rules import DocumentKind
from app.core import audit
from app.core.actor import Actor
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.actions.papers import mark
from app.inspections.queries import papers
from app.ratings.documents.certificate import AreaScore, CertificateFacts, Issuer, stars_of
from app.ratings.events import certificate as events
from app.ratings.models import Rating
from app.ratings.queries import ratings, schemes
from app.ratings.queries.results import level_words


def issue(rating_id: UUID, *, by: Actor, at: datetime, on: date) -> Document:
    """Issue the certificate of a published rating (发放等级证书), once: asked again, the same document comes back.

    Rendered, signed and archived by the workers; public, so that anybody who holds it may check it.
    """
    row = ratings.rating(rating_id, seen_by=by, lock=True)
    if row.document_id is not None:
        return papers_kept.document(row.document_id, seen_by=by)
    if row.published_on > on:
        raise Refused("certificate.not_published", "等级公布之后才能发放证书")
    document = archive.issue(
        facts_of(row, on=on),
        kind=DocumentKind.RATING_CERTIFICATE,
        of=row,
        authority_id=row.authority_id,
        about=row.id,
        retention=papers.retention(row.scope_path, on),
        public=True,
        by=by,
        at=at,
        on=on,
    )
    row.document_id = document.id
    db.session.flush()
    audit.record(events.CertificateIssued(subject=row.id, by=by.id, on=on, site_id=row.site_id, document_id=document.id))
    return document


def facts_of(row: Rating, *, on: date) -> CertificateFacts:
    """What the certificate of a rating says (证书事实)."""
    words = papers.words(row.authority_id)
    scheme = schemes.loaded(row.scheme_sha, row.campaign.scheme_text)
    return CertificateFacts(
        number=row.certificate_number,
        plaque=row.plaque_number,
        issued_on=on,
        mark=mark(),
        issuer=Issuer(
            authority=words.authority.name,
            contact=words.contact,
            phone=words.phone,
            address=words.address,
            complaint_phone=words.authority.supervision_phone,
            seal_text=words.seal_text,
        ),
        name=row.site.name,
        organisation=row.site.organisation.name,
        credit_code=row.site.organisation.uscc,
        address=row.site.address,
        level=row.level,
        level_words=level_words(scheme, row.level),
        stars=stars_of(row.level, scheme.shape.order),
        scheme=row.scheme_name,
        edition=row.edition,
        scheme_mark=row.scheme_mark,
        scheme_sha256=row.scheme_sha,
        result_sha256=row.seal,
        points=row.value,
        most=row.out_of,
        areas=tuple(_area(each) for each in row.areas),
        decided_on=row.published_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _area(kept: dict[str, object]) -> AreaScore:
    return AreaScore(
        area=str(kept.get("title", "")),
        points=str(kept.get("points") or ""),
        most=str(kept.get("max") or kept.get("out_of") or ""),
    )
