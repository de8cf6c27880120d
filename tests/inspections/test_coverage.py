"""Coverage: nobody ends the year with zero, and a visit of another year or site helps nobody."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from app.inspections.rules.coverage import Visit, coverage, summed

A, B, C = uuid4(), uuid4(), uuid4()


def test_visits_and_joint_visits_are_counted_against_the_minimum() -> None:
    visits = [
        Visit(A, date(2026, 3, 1)),
        Visit(A, date(2026, 5, 1), joint=True),
        Visit(B, date(2026, 12, 31)),
        Visit(C, date(2025, 12, 31), joint=True),
        Visit(uuid4(), date(2026, 6, 1)),
    ]
    rows = coverage([A, B, C], visits, year=2026, visits_min=1, joint_min=1)
    assert [(r.visits, r.joint_visits, r.missing_visits, r.missing_joint) for r in rows] == [
        (2, 1, 0, 0),
        (1, 0, 0, 1),
        (0, 0, 1, 1),
    ]
    assert [r.last_on for r in rows] == [date(2026, 5, 1), date(2026, 12, 31), None]
    total = summed(rows)
    assert (total.sites, total.visited, total.joint, total.untouched) == (3, 2, 1, 1)
