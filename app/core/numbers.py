"""Human numbers (编号): counters per authority, kind and year, taken in the issuing transaction, without gaps."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model, db


class NumberCounter(Model):
    """The last number given (编号计数): one row per authority, kind and year."""

    __tablename__ = "number_counter"
    authority_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


def take(authority_id: UUID, kind: str, year: int) -> int:
    """The next number (取号), from 1. The row stays locked until the transaction ends, so a rollback leaves no gap."""
    statement = (
        insert(NumberCounter)
        .values(authority_id=authority_id, kind=kind, year=year, last=1)
        .on_conflict_do_update(index_elements=["authority_id", "kind", "year"], set_={"last": NumberCounter.last + 1})
        .returning(NumberCounter.last)
    )
    return int(db.session.execute(statement).scalar_one())
