"""What is checked before a process serves (启动检查, D31): web, worker, timetable and `flask doctor` ask the same questions."""

from __future__ import annotations

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, rls, storage
from app.core.storage import StoreAway, StoreUnfit
from app.settings import Settings


def faults(settings: Settings, *, probe_store: bool = True) -> list[str]:
    """What forbids serving, in sentences; empty means fit. A store that is away is no fault: it only delays (D20)."""
    found = settings.problems()
    if found:
        return found
    for name in ("database_url", "database_job_url"):
        found += _database_faults(getattr(settings, name))
    found += _public_faults(settings.database_public_url)
    if probe_store:
        found += _store_faults(settings)
    return found


def _database_faults(url: str) -> list[str]:
    try:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            return rls.faults(connection)
    except SQLAlchemyError as away:
        return [f"the database does not answer: {type(away).__name__}"]


def _public_faults(url: str) -> list[str]:
    """The public role may read the schema published and nothing else."""
    query = text(
        """select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and has_table_privilege(c.oid, 'select')"""
    )
    try:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            return [f"the public role may read table {name}" for name in connection.scalars(query)]
    except SQLAlchemyError as away:
        return [f"the database does not answer the public role: {type(away).__name__}"]


def _store_faults(settings: Settings) -> list[str]:
    try:
        storage.from_settings(settings).probe(clock.now())
    except StoreAway:
        return []
    except StoreUnfit as unfit:
        return [str(unfit)]
    return []
