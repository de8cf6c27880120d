"""Verification of documents (文书核验) and the ends of the record (链头)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from app.public.queries.reading import SHOWN_ON, reading

_COLUMNS: Final = "number, kind_word, authority, issued_on, archived_on, facts_sha256, sha256"
_BY_NUMBER: Final = text(
    f"select {_COLUMNS} from published.document_check where number = :number and {SHOWN_ON} order by issued_on"
)
_BY_HASH: Final = text(
    f"select {_COLUMNS} from published.document_check where (sha256 = :file or facts_sha256 = :facts) and {SHOWN_ON}"
    " order by sha256 = :file desc, issued_on limit 1"
)
_HEADS: Final = text("select day, lines, head from published.audit_day order by day desc limit 400")


def checks_by_number(number: str, *, on: date) -> Sequence[Any]:
    """What is archived under a number (按文书号核验): one row, or one an authority."""
    with reading() as connection:
        return connection.execute(_BY_NUMBER, {"number": number, "day": on}).all()


def check_by_hash(file_sha256: str, facts_sha256: str, *, on: date) -> Any | None:
    """The archived document with this file or this data (按文件核验); the very file first."""
    with reading() as connection:
        return connection.execute(_BY_HASH, {"file": file_sha256, "facts": facts_sha256, "day": on}).one_or_none()


def heads() -> Sequence[Any]:
    """Where the record's chain stood at the end of each day (每日链头), newest first."""
    with reading() as connection:
        return connection.execute(_HEADS).all()
