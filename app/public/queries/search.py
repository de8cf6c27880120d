"""Search (检索): by part of a name, pinyin, initials, code or district, paged by key in the order of the pinyin."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from app.public import rules
from app.public.queries.reading import SHOWN, fetch, reading

PAGE: Final = 20
COUNT_CAP: Final = 1000
LIVING: Final = "state not in ('closed', 'exited')"


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for (检索条件). Money in 分; `checked_since` is the first day that counts as recent."""

    words: tuple[str, ...] = ()
    code: str = ""
    kind: str = ""
    district: str = ""
    free: bool = False
    price_fen: int | None = None
    checked_since: date | None = None
    mended: bool = False
    open: bool = False
    overdue: bool = False
    grade: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of facilities (检索结果). `total` is exact up to a thousand; `after` leads to the next page."""

    rows: Sequence[Any] = ()
    total: int = 0
    capped: bool = False
    after: str = ""

    @property
    def total_words(self) -> str:
        """The number as shown: exact, then 1000+."""
        return f"{COUNT_CAP}+" if self.capped else str(self.total)


@dataclass(slots=True)
class _Frequency:
    """Common words as last counted (常用词表), kept in the process: they choose a plan, so an old table only costs time."""

    day: date | None = None
    total: int = 0
    words: Mapping[str, int] = field(default_factory=dict)


_frequency = _Frequency()
_COLUMNS: Final = (
    "id, name, pinyin, kind_word, state_word, state_note, district, address, beds, free_beds, charge_min_fen,"
    " charge_max_fen, charge_parts, last_checked_on, last_result, open_problems, next_deadline, uscc"
)
# Whether a facility's body stands on a list on the day: asked of the twenty rows of a page alone, never stored with them.
_LISTED: Final = (
    " (select l.list_name from published.listed_entry l where l.uscc = page.uscc and l.uscc <> ''"
    " and l.visible_from <= %(day)s and l.visible_until >= %(day)s limit 1) as listed"
)
_HELD: Final = "r.state = 'valid' and r.valid_from <= %(day)s and r.valid_to >= %(day)s and r.visible_until >= %(day)s"
_GRADED: Final = (
    "exists (select 1 from published.facility_rating r where r.site_id = facility.id and r.scheme = %(scheme)s"
    f" and r.rank >= %(rank)s and {_HELD})"
)
_GRADES: Final = (
    "select r.scheme, r.scheme_name, r.rank, r.level_word, count(*) as facilities from published.facility_rating r"
    f" where {_HELD} group by 1, 2, 3, 4 order by 1, 3 desc"
)
_GRADES_OF: Final = (
    "select r.site_id, r.level_word, r.valid_to from published.facility_rating r"
    f" where r.site_id = any(cast(%(ids)s as uuid[])) and {_HELD} order by r.valid_to desc"
)
_ORDERED: Final = " order by pinyin, id limit %(size)s"
_AFTER: Final = " and (pinyin, id) > (%(after_pinyin)s, cast(%(after_id)s as uuid))"


def learn_frequency(connection: Connection, *, on: date) -> None:
    """Read the table of common words anew (读取常用词), once a day in every process."""
    rows = fetch(connection, "select word, facilities from published.frequent_word", {})
    _frequency.words = {word: facilities for word, facilities in rows if word}
    _frequency.total = next((facilities for word, facilities in rows if not word), 0)
    _frequency.day = on


def _conditions(wanted: Search, values: dict[str, Any]) -> str:
    """The filters as SQL, beside the day (筛选条件)."""
    found = [SHOWN]
    if not wanted.words and not wanted.code:
        found.append(LIVING)
    if wanted.code:
        found.append("((uscc >= %(code)s and uscc < %(code)s || '~') or filing_number = %(code)s)")
        values["code"] = wanted.code
    for at, word in enumerate(wanted.words):
        found.append(f"search like %(word{at})s")
        values[f"word{at}"] = f"%{word}%"
    if wanted.kind:
        found.append("kind = %(kind)s")
        values["kind"] = wanted.kind
    if wanted.district:
        found.append("district_path = %(district)s")
        values["district"] = wanted.district
    if wanted.free:
        found.append("free_beds > 0")
    if wanted.price_fen is not None:
        found.append("charge_min_fen <= %(price)s")
        values["price"] = wanted.price_fen
    if wanted.checked_since is not None:
        found.append("last_checked_on >= %(since)s")
        values["since"] = wanted.checked_since
    if wanted.mended:
        found.append("open_problems = 0 and last_checked_on is not null")
    if wanted.open:
        found.append("open_problems > 0")
    if wanted.grade is not None:
        found.append(_GRADED)
        values["scheme"], values["rank"] = wanted.grade
    if wanted.overdue:
        found.append("next_deadline < %(day)s")
    return " and ".join(found)


def _statements(wanted: Search, values: dict[str, Any], after: str) -> tuple[str, str]:
    """The statements for a page and for the count (检索语句), by the plan that suits the words.

    Rare words: the facilities that have all pairs of characters, from the index, then sorted. Common words: walk the
    facilities in their order until the page is full. The result is the same (tested against plain substring search).
    """
    where = _conditions(wanted, values)
    if not wanted.words or rules.is_common(wanted.words, _frequency.words, _frequency.total):
        source = "published.facility"
    else:
        values["grams"] = rules.telling_grams(wanted.words, _frequency.words)
        source, where = (
            f"(select {_COLUMNS} from published.facility where published.bigrams(search) @> cast(%(grams)s as text[])"
            f" and {where} offset 0) as hit",
            "true",
        )
    return (
        f"select {_COLUMNS} from {source} where {where}{after}{_ORDERED}",
        f"select count(*) from (select 1 from {source} where {where} limit {COUNT_CAP + 1}) as counted",
    )


def first_page(connection: Connection, wanted: Search, *, on: date, after: tuple[str, UUID] | None = None) -> Sequence[Any]:
    """The first twenty facilities in order of their pinyin, and one more if there are more (检索首屏)."""
    if _frequency.day != on:
        learn_frequency(connection, on=on)
    values: dict[str, Any] = {"day": on, "size": PAGE + 1}
    if after is not None:
        values |= {"after_pinyin": after[0], "after_id": after[1]}
    statement, _ = _statements(wanted, values, _AFTER if after else "")
    return fetch(connection, f"select page.*,{_LISTED} from ({statement}) as page order by page.pinyin, page.id", values)


def count(connection: Connection, wanted: Search, *, on: date) -> int:
    """How many facilities fit, at most a thousand and one (结果计数)."""
    values: dict[str, Any] = {"day": on}
    _, statement = _statements(wanted, values, "")
    return int(fetch(connection, statement, values)[0][0])


def search(wanted: Search, *, on: date, after: str = "") -> Found:
    """A page of what fits (检索), with the number of all that fits."""
    with reading() as connection:
        rows = first_page(connection, wanted, on=on, after=_read_cursor(after))
        total = count(connection, wanted, on=on)
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Found(rows, min(total, COUNT_CAP), total > COUNT_CAP, _write_cursor(rows[-1].pinyin, rows[-1].id) if more else "")


def _write_cursor(pinyin: str, facility_id: UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([pinyin, str(facility_id)]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[str, UUID] | None:
    """The place behind which a page begins; what cannot be read begins at the front."""
    try:
        pinyin, facility_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return str(pinyin).replace("\x00", ""), UUID(facility_id)
    except (ValueError, TypeError, AttributeError):
        return None


def grades(*, on: date) -> Sequence[Any]:
    """The grades that somebody holds on a day (可筛选等级), the best of each scheme first."""
    with reading() as connection:
        return fetch(connection, _GRADES, {"day": on})


def grades_of(ids: Sequence[UUID], *, on: date) -> Mapping[UUID, list[str]]:
    """The grades that hold on a day by facility (各机构有效等级)."""
    found: dict[UUID, list[str]] = {}
    if ids:
        with reading() as connection:
            for row in fetch(connection, _GRADES_OF, {"day": on, "ids": [str(i) for i in ids]}):
                found.setdefault(row.site_id, []).append(row.level_word)
    return found


def places() -> Sequence[Any]:
    """The districts in which something is published, by city (公示地区)."""
    with reading() as connection:
        return fetch(connection, "select path, name, city from published.place order by path", {})


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of the first page (首页数字)."""

    facilities: int
    recent: int
    problems: int
    overdue: int


_TALLY: Final = (
    "select count(*) as facilities, count(*) filter (where last_checked_on >= %(since)s) as recent,"
    " coalesce(sum(open_problems), 0) as problems,"
    f" (select count(*) from published.problem where open and deadline < %(day)s and {SHOWN}) as overdue"
    f" from published.facility where {LIVING} and {SHOWN}"
)


def tally(*, on: date) -> Tally:
    """Count what is published (首页统计)."""
    with reading() as connection:
        (row,) = fetch(connection, _TALLY, {"day": on, "since": rules.recent_since(on)})
    return Tally(row.facilities, row.recent, int(row.problems), row.overdue)
