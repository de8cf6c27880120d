"""The list of dishonesty (失信惩戒对象名单公示): who stands on it today, and a check by name that explains its near matches.

Every question compares with the day: an entry whose last day was yesterday is gone, whether or not anything ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from pypinyin import lazy_pinyin
from sqlalchemy import text

from app.credit.rules.likeness import Near, near, ranked
from app.public.queries.reading import SHOWN_ON, reading

MOST: Final = 200
_COLUMNS: Final = (
    "id, list_name, authority, authority_phone, subject_kind, subject_word, name, uscc, legal_representative, id_masked, ground,"
    " basis, facts, number, decided_on, published_on, class_word, reach, earliest_repair_on, last_day, objected"
)
_ENTRIES: Final = text(
    f"select {_COLUMNS} from published.listed_entry where {SHOWN_ON} and search like :part order by decided_on desc, id limit {MOST}"
)
_NAMES: Final = text(f"select id, name, uscc, subject_kind from published.listed_entry where {SHOWN_ON} order by name, id")
_ANNULLED: Final = text(
    f"select authority, number, annulled_on, reason from published.list_annulment where {SHOWN_ON} order by annulled_on desc limit 50"
)


def listings(*, on: date, part: str = "") -> Sequence[Any]:
    """Who stands on the list on a day (名单), the newest decision first; `part` is a part of a name or code, evened."""
    with reading() as connection:
        return connection.execute(_ENTRIES, {"day": on, "part": f"%{part}%"}).all()


def annulments(*, on: date) -> Sequence[Any]:
    """Entries that were annulled after they had been published (撤销公示), without names."""
    with reading() as connection:
        return connection.execute(_ANNULLED, {"day": on}).all()


def check(asked: str, *, on: date) -> list[tuple[Any, Near]]:
    """What of the list bears a name or looks like it, each with the reason (按名称核对), the strongest first."""
    with reading() as connection:
        rows = connection.execute(_NAMES, {"day": on}).all()
    found = {row.id: (row, hit) for row in rows if (hit := near(asked, row.name, row.uscc, reading=_sound)) is not None}
    order = {id(hit): rank for rank, hit in enumerate(ranked(hit for _, hit in found.values()))}
    return sorted(found.values(), key=lambda pair: order[id(pair[1])])


def _sound(name: str) -> str:
    return " ".join(lazy_pinyin(name))
