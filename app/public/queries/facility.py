"""A facility's page (机构公示页): everything in one statement, because the page must stay cheap when nothing is cached."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from app.public.queries.reading import SHOWN, fetch, reading


def _list(columns: str, table: str, order: str, at_most: int = 50) -> str:
    """A subquery that gathers the shown rows of a site as JSON (汇总子查询)."""
    return (
        f"(select coalesce(json_agg(t), '[]') from (select {columns} from published.{table}"
        f" where site_id = f.id and {SHOWN} order by {order} limit {at_most}) as t)"
    )


_INSPECTION: Final = "number, kind_word, authority, checked_on, published_on, items, met, not_met, rate, mandatory, mandatory_pending, hazards, result, handling, report_number"
_GRADE: Final = (
    "id, kind_word, scheme_name, edition, mark, level_word, state, state_word, valid_from, valid_to, value, out_of, areas, reason,"
    " changes, replies, authority, certificate_number"
)
_PROBLEM: Final = "id, what, basis, severity, severity_word, found_on, deadline, open, state_word, mended_on"
_LISTS: Final = {
    "facts": _list("section, label, value, unit, as_of, source", "facility_fact", "position"),
    "inspections": _list(_INSPECTION, "inspection_result", "checked_on desc, id", 12),
    "problems": _list(_PROBLEM, "problem", "open desc, deadline nulls last, found_on desc, id"),
    "replies": _list("problem_id, words, said_on", "reply", "said_on, id"),
    "grades": _list(_GRADE, "facility_rating", "(state = 'noticed') desc, valid_to desc, scheme, id", 12),
    "changes": _list("changed_on, what, before, after", "facility_change", "changed_on desc, id"),
    "listings": (
        "(select coalesce(json_agg(t), '[]') from (select id, list_name, ground, facts, authority, number, decided_on, last_day, objected"
        f" from published.listed_entry where uscc = f.uscc and uscc <> '' and {SHOWN} order by decided_on desc, id) as t)"
    ),
}
# One value instead of fifty columns: taking a row apart costs the driver more than reading a text of JSON.
_FACILITY: Final = (
    f"select to_json(p) as page from (select f.*, {', '.join(f'{query} as {name}' for name, query in _LISTS.items())}"
    f" from published.facility f where id = %(id)s and {SHOWN}) as p"
)
_VERSION: Final = f"select version from published.facility where id = %(id)s and {SHOWN}"
_PAGE_DAYS: Final = ("filed_on", "beds_as_of", "charge_as_of", "last_checked_on", "next_deadline")
_DAYS: Final = (
    "as_of",
    "published_on",
    "checked_on",
    "found_on",
    "deadline",
    "mended_on",
    "said_on",
    "changed_on",
    "decided_on",
    "last_day",
    "valid_from",
    "valid_to",
)


def facility(facility_id: UUID, *, on: date) -> SimpleNamespace | None:
    """Everything that a facility's page shows on a day (机构公示内容); None when it is not shown."""
    with reading() as connection:
        rows = fetch(connection, _FACILITY, {"id": facility_id, "day": on})
    if not rows:
        return None
    page = rows[0].page
    for name in _LISTS:
        page[name] = [_thing(values, _DAYS) for values in page[name]]
    return _thing(page, _PAGE_DAYS)


def facility_version(facility_id: UUID, *, on: date) -> int | None:
    """The validator of a facility's page (页面校验值), one column; None when it is not shown."""
    with reading() as connection:
        rows = fetch(connection, _VERSION, {"id": facility_id, "day": on})
    return int(rows[0].version) if rows else None


def _thing(values: dict[str, Any], days: tuple[str, ...]) -> SimpleNamespace:
    """A row that came as JSON, its days as days again."""
    for key in days:
        if values.get(key):
            values[key] = date.fromisoformat(values[key])
    return SimpleNamespace(**values)
