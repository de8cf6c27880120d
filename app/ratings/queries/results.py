"""Results as plain data that is kept (结果留存): level, points by area and item, reasons, trace, hashes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from app.ratings.rules import Result, Scheme
from app.ratings.rules.numbers import shown, written


def plain(result: Result) -> dict[str, Any]:
    """A result as it is kept in the database (结果数据): exact numbers as text."""
    made = result.of
    return {
        "scheme": result.scheme,
        "state": result.state.value,
        "level": result.level,
        "by_rules": result.by_rules,
        "floor": result.floor,
        "ceiling": result.ceiling,
        "value": written(result.value) if result.value is not None else "",
        "missing": list(result.missing),
        "capped_by": list(result.capped_by),
        "unmet": [
            {"level": u.level, "title": u.title or u.text, "text": u.text, "actual": u.actual, "failed": u.failed, "basis": u.basis}
            for u in result.unmet
        ],
        "areas": areas(made, result),
        "items": {
            name: {
                "points": _text(scored.points), "max": written(scored.out_of), "note": scored.note,
                "by": {who: written(points) for who, points in scored.by_assessor.items()},
            }
            for name, scored in result.items.items()
        },
        "trace": [
            {"id": t.id, "title": t.title, "value": t.value, "rule": t.rule, "inputs": [list(i) for i in t.inputs], "clause": t.clause}
            for t in result.trace
        ],
        "scheme_sha": result.scheme_sha,
        "inputs_sha": result.inputs_sha,
        "seal": result.seal,
    }  # fmt: skip


def areas(made: Scheme, result: Result) -> list[dict[str, Any]]:
    """Points and share by area (各领域得分)."""
    found = []
    for area in made.shape.areas:
        points = result.amount(area.id)
        share = points / area.max if points is not None and area.max else None
        found.append(
            {
                "id": area.id, "title": area.title, "points": _text(points), "max": written(area.max),
                "share": int(share * 10000) if share is not None else None,
            }
        )  # fmt: skip
    return found


def _text(value: Fraction | None) -> str:
    return "" if value is None else written(value)


def level_words(made: Scheme, level: str | None) -> str:
    """A level in words (等级名称): 三星, AA, 未评上."""
    if level is None:
        return "尚不能得出"
    order = made.shape.order
    if order and level == order[0]:
        return "未评上等级"
    return level_name(made.shape.scheme, level)


STARS = {"1": "一", "2": "二", "3": "三", "4": "四", "5": "五"}


def level_name(code: str, level: str) -> str:
    """A level as officials say it (等级名称): numbered levels are stars, or 级 under GB/T 37276."""
    if level in STARS:
        return f"{STARS[level]}级" if code.startswith("cn.gbt37276") else f"{STARS[level]}星级"
    return {"none": "未评上等级", "0": "未评上等级"}.get(level, f"{level} 级")


def points_words(value: Fraction | None) -> str:
    """Points for a page (分值)."""
    return "—" if value is None else shown(value)
