"""The record: one chain, forgotten with what is rolled back, and the verifier names the first bad line."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.core import audit
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.embedded.postgres import Cluster
from app.core.events import Event
from app.core.web import Songjian
from tests.worlds import ON, connected


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    what: str


def note(what: str = "x") -> UUID:
    subject = uuid4()
    audit.record(Noted(subject=subject, by=SYSTEM.id, on=ON, what=what))
    return subject


def test_each_verb_writes_one_chained_line(db_session: object) -> None:
    note("一"), note("二")
    db.session.commit()
    note("三")
    db.session.commit()
    verdict = audit.verify(db.session.connection())
    assert (verdict.lines, verdict.bad_seq) == (3, None)


def test_a_rolled_back_savepoint_takes_its_lines_with_it(db_session: object) -> None:
    kept = note("kept")
    savepoint = db.session.begin_nested()
    note("undone")
    savepoint.rollback()
    db.session.commit()
    assert db.session.scalars(text("select subject from audit_line")).all() == [kept]


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        ('update audit_line set facts = \'{"what": "other"}\' where seq = 2', 2),
        ('update audit_line set "by" = gen_random_uuid() where seq = 3', 3),
        ("delete from audit_line where seq = 2", 2),
        ("delete from audit_line where seq = 4", 4),
        ("update audit_line set seq = 9 where seq = 1", 1),
    ],
)
def test_a_superuser_is_found_out(cluster: Cluster, own_app: Songjian, own_database: str, tamper: str, named: int) -> None:
    with own_app.app_context(), acting(SYSTEM):
        for what in "abcd":
            note(what)
        db.session.commit()
        db.session.remove()
    with connected(cluster, own_database) as connection:
        connection.execute(text("set session_replication_role = replica"))
        connection.execute(text(tamper))
        assert audit.verify(connection).bad_seq == named


def test_the_working_role_cannot_change_the_record(db_session: object) -> None:
    note()
    db.session.commit()
    with pytest.raises(Exception, match="permission denied"):
        db.session.execute(text("update audit_line set \"on\" = '2000-01-01'"))
