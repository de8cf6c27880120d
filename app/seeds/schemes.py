"""Schemes of authorities in the demo world (演示评定标准): one confirmed for show, one with gaps that is being entered."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from app.core.actor import Post
from app.core.db import acting, db
from app.ratings.actions import editor as actions
from app.ratings.queries import editor as queries
from app.ratings.rules import editor as rules
from app.seeds.people import Cast

SHOWN: Final = rules.Source("演示，未与正式文本核对", "演示条款")


def _moment(on: date) -> datetime:
    return datetime.combine(on, time(2, 0), UTC)


def fill(cast: Cast, on: date) -> int:
    """Make the editions (编制演示评定标准)."""
    began = on - timedelta(days=120)
    done = _confirmed(cast, "1401", "cn.shanxi.3a", began)
    done += _with_gaps(cast, "210102", "cn.shenyang.institution", on)
    db.session.commit()
    return done


def _base(code: str, seen_by: object) -> str:
    return next(e.sha for e in queries.editions(seen_by=seen_by) if e.content["scheme"] == code and e.row is None)  # type: ignore[arg-type]


def _confirmed(cast: Cast, office: str, code: str, on: date) -> int:
    """A city's own 3A edition: one threshold entered by the handler, confirmed by the head."""
    if office not in cast.offices:
        return 0
    maker, head = cast.offices[office].one(Post.HANDLER), cast.offices[office].one(Post.HEAD)
    with acting(maker):
        row = actions.draft_edition(_base(code, maker), start=on, by=maker, at=_moment(on), on=on)
        actions.enter(
            row.id, lambda c: rules.with_level(c, "AAA", ["total >= 92"], SHOWN), SHOWN, by=maker, at=_moment(on), on=on
        )
    with acting(head):
        actions.confirm_edition(row.id, "演示，未与正式文本核对", by=head, on=on + timedelta(days=7))
    return 1


def _with_gaps(cast: Cast, office: str, code: str, on: date) -> int:
    """A district that begins to fill the gaps of the star form: one threshold is there, the rest is open."""
    if office not in cast.offices:
        return 0
    maker = cast.offices[office].one(Post.HANDLER)
    with acting(maker):
        row = actions.draft_edition(_base(code, maker), start=on + timedelta(days=30), by=maker, at=_moment(on), on=on)
        actions.enter(row.id, lambda c: rules.with_level(c, "1", ["total >= 500"], SHOWN), SHOWN, by=maker, at=_moment(on), on=on)
    return 1
