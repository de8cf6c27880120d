"""The register of draws (抽查登记) and the files of a draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import text

from app.public.queries.reading import SHOWN_ON, reading

_REGISTER: Final = text(
    "select number, year, place, authority, purpose, mode, mode_word, state, state_word, freeze_hash, frozen_at, reveal_on,"
    f" revealed_at, voided_at, void_reason from published.draw where {SHOWN_ON}"
    " order by year desc, authority, place desc limit 500"
)
_DRAW: Final = text(
    "select d.*, (select coalesce(json_agg(t), '[]') from (select name, sha256, char_length(content) as size"
    f" from published.draw_file where draw_id = d.id and {SHOWN_ON} order by name) as t) as files,"
    " (select count(*) from published.draw o where o.authority_id = d.authority_id and o.year = d.year) as siblings"
    f" from published.draw d where number = :number and {SHOWN_ON}"
)
_FILE: Final = text(
    "select content from published.draw_file f join published.draw d on d.id = f.draw_id"
    " where d.number = :number and f.name = :name and f.visible_from <= :day and f.visible_until >= :day"
)
_VERSION: Final = text(f"select version from published.draw where number = :number and {SHOWN_ON}")


def register(*, on: date) -> Sequence[Any]:
    """Every draw since its freeze (抽查登记), newest year first, numbers of one authority in their order."""
    with reading() as connection:
        return connection.execute(_REGISTER, {"day": on}).all()


def draw(number: str, *, on: date) -> SimpleNamespace | None:
    """One draw with the names of its files (一次抽查); None when there is no such number."""
    with reading() as connection:
        row = connection.execute(_DRAW, {"number": number, "day": on}).one_or_none()
    if row is None:
        return None
    found = dict(row._mapping)
    found["files"] = [SimpleNamespace(**file) for file in found["files"]]
    return SimpleNamespace(**found)


def draw_version(number: str, *, on: date) -> int | None:
    """The validator of a draw's page (页面校验值)."""
    with reading() as connection:
        found = connection.execute(_VERSION, {"number": number, "day": on}).scalar()
    return None if found is None else int(found)


def draw_file(number: str, name: str, *, on: date) -> str | None:
    """A file of a draw, as it is public now (抽查文件); None before its day."""
    with reading() as connection:
        content = connection.execute(_FILE, {"number": number, "name": name, "day": on}).scalar()
    return None if content is None else str(content)
