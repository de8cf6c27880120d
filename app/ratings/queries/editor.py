"""Which scheme editions there are (评定方案目录): the shipped ones and those that authorities confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.core.refusal import Refused
from app.ratings.queries import schemes
from app.ratings.rules.scheme import Scheme


def domestic(*, path: str, on: date) -> Mapping[str, Scheme]:
    """The newest edition of each scheme that rates homes at a place, by code (本地评定方案)."""
    found: dict[str, Scheme] = {}
    for key, each in sorted(schemes.offered(path).items()):
        scheme = schemes.loaded(key, each.text)
        start = scheme.shape.in_force.start
        if not start or start <= on.isoformat() or scheme.shape.scheme not in found:
            found[scheme.shape.scheme] = scheme
    return found


def newest(code: str, *, path: str, on: date) -> Scheme:
    """The edition of a scheme that holds at a place on a day (现行方案)."""
    found = domestic(path=path, on=on).get(code)
    if found is None:
        raise Refused("scheme.unknown", "没有这套评定标准，请从页面上选择")
    return found
