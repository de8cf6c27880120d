"""What is published of grades (应公示的等级): results with sub-scores, reasons of the last changes, the home's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.providers.models import Site
from app.public.models import FOREVER
from app.public.queries.sources import Rows
from app.ratings.models import Rating, RatingApplication, RatingCampaign, RatingChange, RatingReply
from app.ratings.queries.results import level_name
from app.ratings.rules.numbers import shown
from app.ratings.rules.process import State
from app.regions.models import Authority

NOTICED: Final = (State.NOTICED, State.OBJECTED)


def grades(site_ids: Sequence[UUID]) -> Rows:
    """The rows of facility_rating (等级): every published grade with its history, and proposed ones while under notice."""
    return _published(site_ids) | _noticed(site_ids)


def _published(site_ids: Sequence[UUID]) -> Rows:
    query = (
        select(Rating, Authority.name)
        .join(Authority, Authority.id == Rating.authority_id)
        .join(Site, Site.id == Rating.site_id)
        .where(Rating.site_id.in_(site_ids), Site.filed_on.is_not(None))
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).all()
    changes = _changes([row.id for row, _ in found])
    replies = _replies([row.id for row, _ in found])
    return {
        (row.id,): {
            "site_id": row.site_id,
            "kind_word": row.kind.label,
            "scheme": row.scheme,
            "scheme_name": row.scheme_name,
            "edition": row.edition,
            "mark": row.scheme_mark,
            "level": row.level,
            "level_word": level_name(row.scheme, row.level),
            "rank": row.rank,
            "state": "valid" if row.state.value == "downgraded" else row.state.value,
            "state_word": row.state.label if row.state.value != "downgraded" else "有效（已降级）",
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "value": _points(row.value),
            "out_of": _points(row.out_of),
            "areas": [_area(area) for area in row.areas],
            "reason": row.reason,
            "changes": changes.get(row.id, []),
            "replies": replies.get(row.id, []),
            "authority": authority,
            "certificate_number": row.certificate_number if row.document_id else "",
            "visible_from": row.published_on,
            "visible_until": FOREVER,
        }
        for row, authority in found
    }


def _noticed(site_ids: Sequence[UUID]) -> Rows:
    query = (
        select(RatingApplication, RatingCampaign, Authority.name)
        .join(RatingCampaign, RatingCampaign.id == RatingApplication.campaign_id)
        .join(Authority, Authority.id == RatingCampaign.authority_id)
        .where(RatingApplication.site_id.in_(site_ids), RatingApplication.state.in_(NOTICED))
        .execution_options(populate_existing=True)
    )
    return {(row.id,): _notice(row, campaign, authority) for row, campaign, authority in db.session.execute(query)}


def _notice(row: RatingApplication, campaign: RatingCampaign, authority: str) -> dict[str, Any]:
    assert row.noticed_on is not None
    assert row.notice_until is not None
    code, _, edition = campaign.scheme_key.partition("@")
    return {
        "site_id": row.site_id,
        "kind_word": campaign.kind.label,
        "scheme": code,
        "scheme_name": campaign.scheme_name,
        "edition": edition,
        "mark": campaign.scheme_mark,
        "level": row.level or "",
        "level_word": f"拟定：{level_name(code, row.level or 'none')}",
        "rank": 0,
        "state": "noticed",
        "state_word": row.state.label,
        "valid_from": row.noticed_on,
        "valid_to": row.notice_until,
        "value": "",
        "out_of": "",
        "areas": [_area(area) for area in (row.result or {}).get("areas", ())],
        "reason": row.override_reason and f"评定委员会调整：{row.override_reason}",
        "changes": [],
        "replies": [],
        "authority": authority,
        "certificate_number": "",
        "visible_from": row.noticed_on,
        "visible_until": FOREVER,
    }


def _area(area: Mapping[str, Any]) -> dict[str, Any]:
    share = area.get("share")
    return {
        "title": area["title"],
        "points": _points(area["points"]),
        "max": _points(area["max"]),
        "share": round(share / 100) if share is not None else None,
    }


def _points(text: str) -> str:
    return shown(Fraction(text)) if text else ""


def _changes(rating_ids: Sequence[UUID]) -> Mapping[UUID, list[dict[str, str]]]:
    """What was decided about each grade, newest first, with the reason (处理情况)."""
    query = select(RatingChange).where(RatingChange.rating_id.in_(rating_ids), RatingChange.decided_on.is_not(None))
    found: dict[UUID, list[dict[str, str]]] = {}
    for row in db.session.scalars(query.order_by(RatingChange.decided_on.desc(), RatingChange.id)):
        words = f"{row.cause.label}。{row.reason}"
        found.setdefault(row.rating_id, []).append({"on": _day(row.decided_on), "measure": row.measure.label, "reason": words})
    return found


def _replies(rating_ids: Sequence[UUID]) -> Mapping[UUID, list[dict[str, str]]]:
    """What homes said, once cleared for the public (机构回应)."""
    query = select(RatingReply).where(RatingReply.rating_id.in_(rating_ids), RatingReply.cleared_at.is_not(None))
    found: dict[UUID, list[dict[str, str]]] = {}
    for row in db.session.scalars(query.order_by(RatingReply.said_on, RatingReply.id)):
        found.setdefault(row.rating_id, []).append({"on": _day(row.said_on), "words": row.words})
    return found


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
