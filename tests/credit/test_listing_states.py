"""No way round the procedure of the list (名单状态机): every triple outside the table is refused, by verbs and by the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.credit.actions import listing, listing_ends
from app.credit.models.listing import ListEntry
from app.credit.rules import listing as law
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import (
    EntryState,
    EntryVerb,
    ObjectionState,
    ObjectionVerb,
    RepairState,
    RepairVerb,
)
from app.providers.models import Site
from tests.credit.listing_world import START, Bureau, a_bureau, a_service, an_entry, moment
from tests.providers.builders import a_filed_site, an_officer
from tests.worlds import actor

S, V = EntryState, EntryVerb
FAR = date(2031, 6, 2)


@pytest.fixture
def site(db_session: object) -> Site:
    return a_filed_site(on=date(2026, 2, 2))


@pytest.fixture
def people(site: Site) -> Bureau:
    return a_bureau(site)


@pytest.fixture
def entries(site: Site, people: Bureau) -> dict[EntryState, ListEntry]:
    """One entry in each state, brought there by its verbs."""
    return {state: an_entry(site, people, state, publication_class=PublicationClass.GENERAL) for state in S}


def verbs(row: ListEntry, by: Actor) -> dict[EntryVerb, Callable[[], object]]:
    """Every verb on an entry, with everything a form would send, by somebody."""
    day, at = START, moment(START)
    return {
        V.PROPOSE: lambda: listing.propose(row.id, publication_class=PublicationClass.SERIOUS, by=by, at=at, on=day),
        V.DISMISS: lambda: listing.dismiss(row.id, reason="示例", by=by, on=day),
        V.SERVE_NOTICE: lambda: listing.serve_notice(row.id, a_service(day), by=by, on=day),
        V.DEFEND: lambda: listing.make_statement(row.id, words="示例", said_by="示例", by=by, at=at, on=day),
        V.CLOSE_DEFENCE: lambda: listing.close_defence(row.id, answer="示例", by=by, on=FAR),
        V.RETURN: lambda: listing.send_back(row.id, reason="示例", by=by, on=FAR),
        V.REVIEW: lambda: listing.review(row.id, words="示例", by=by, on=FAR),
        V.DECIDE_LIST: lambda: listing.decide_list(row.id, words="示例", by=by, at=at, on=FAR),
        V.DECIDE_NOT: lambda: listing.decide_not(row.id, reason="示例", by=by, at=at, on=FAR),
        V.SERVE_DECISION: lambda: listing.serve_decision(row.id, a_service(FAR), by=by, on=FAR),
        V.WRITE_PUBLIC: lambda: listing.write_public_text(row.id, words="示例", by=by, on=FAR),
        V.CLEAR_PUBLIC: lambda: listing.clear_public_text(row.id, by=by, on=FAR),
        V.PUBLISH: lambda: listing.publish(row.id, by=by, on=FAR),
        V.OBJECT: lambda: listing_ends.object_to(row.id, words="示例", by=by, on=FAR),
        V.APPLY_REPAIR: lambda: listing_ends.apply_for_repair(row.id, corrected="示例", promise=True, by=by, at=at, on=FAR),
        V.ANNUL: lambda: listing_ends.annul(row.id, reason="示例", public_reason="示例", decided_on=FAR, by=by, at=at, on=FAR),
    }


# Removal is reached by an application alone, expiry by the platform alone: neither is a verb of an officer's form.
INDIRECT = {V.REMOVE, V.EXPIRE}


def holders(site: Site) -> dict[Post, Actor]:
    """Somebody of each post who reaches the site."""
    found = {post: an_officer(site, post) for post in Post}
    for post in (Post.PROVIDER_OWNER, Post.SITE_MANAGER, Post.PROVIDER_STAFF):
        found[post] = actor(post, provider_id=site.provider_id, site_ids=frozenset({site.id}))
    return found


def test_every_triple_outside_the_table_is_refused_by_the_verbs(site: Site, entries: dict[EntryState, ListEntry]) -> None:
    people = holders(site)
    tried, open_ones = 0, []
    for (state, row), (post, by) in product(entries.items(), people.items()):
        for verb, do in verbs(row, by).items():
            step = law.STEPS.get((state, verb))
            if step is not None and post in step.posts:
                continue
            tried += 1
            with acting(SYSTEM):
                try:
                    with db.session.begin_nested():
                        do()
                    open_ones.append((state.value, verb.value, post.value))
                except (Refused, NotVisible):
                    pass
    assert open_ones == []
    assert tried == len(S) * (len(V) - len(INDIRECT)) * len(Post) - sum(
        len(step.posts) for (_, verb), step in law.STEPS.items() if verb not in INDIRECT
    )
    with acting(SYSTEM):
        for state, row in entries.items():
            db.session.refresh(row)
            assert row.state is state


def test_the_table_as_a_rule_refuses_every_other_triple() -> None:
    for state, verb, post in product(S, V, Post):
        step = law.STEPS.get((state, verb))
        if step is not None and post in step.posts:
            assert law.step(state, verb, {post}) is step.to
        else:
            with pytest.raises(Refused):
                law.step(state, verb, {post})
    for a, b, post in product(ObjectionState, ObjectionVerb, Post):
        objection = law.OBJECTION_STEPS.get((a, b))
        if objection is None or post not in objection.posts:
            with pytest.raises(Refused):
                law.objection_step(a, b, {post})
    for c, d, post in product(RepairState, RepairVerb, Post):
        repair = law.REPAIR_STEPS.get((c, d))
        if repair is None or post not in repair.posts:
            with pytest.raises(Refused):
                law.repair_step(c, d, {post})


def refused_by_database(statement: str, **values: Any) -> bool:
    """Whether the database refuses a statement; what it did is undone."""
    point = db.session.begin_nested()
    try:
        db.session.execute(text(statement), values)
        db.session.flush()
    except IntegrityError:
        return True
    finally:
        if point.is_active:
            point.rollback()
    return False


def test_every_move_outside_the_table_is_refused_by_the_database(entries: dict[EntryState, ListEntry]) -> None:
    with acting(SYSTEM):
        db.session.flush()
        ids = {state: row.id for state, row in entries.items()}
        db.session.expire_all()
        for before, after in product(S, S):
            if before is after or (before.value, after.value) in law.MOVES:
                continue
            assert refused_by_database("update list_entry set state = :to where id = :id", to=after.value, id=ids[before]), (
                f"{before} → {after}"
            )


def test_no_step_of_the_table_is_made_without_what_it_rests_on(entries: dict[EntryState, ListEntry]) -> None:
    """Along the table too: the bare change of state fails wherever something must have happened before."""
    free = {("clue", "dismissed"), ("proposed", "dismissed"), ("in_review", "clue")}
    with acting(SYSTEM):
        db.session.flush()
        ids = {state.value: row.id for state, row in entries.items()}
        db.session.expire_all()
        for before, after in law.MOVES:
            if (before, after) not in free:
                assert refused_by_database("update list_entry set state = :to where id = :id", to=after, id=ids[before]), (
                    f"{before} → {after}"
                )


HOLLOWED = [
    # what the issue names: recorded notice, closed defence, another reviewer, service
    "notice_served_on = null",
    "notice_number = null",
    "defence_until = null",
    "defence_closed_on = null",
    "defence_closed_on = defence_until",
    "reviewed_by = null",
    "reviewed_by = proposed_by",
    "decision_served_on = null",
    "repair_notice_served_on = null",
    "repair_notice_served_on = decision_served_on + 1",
    "served_receiver = null",
    # and the rest of the chain
    "proposed_by = null",
    "decided_by = proposed_by",
    "decided_by = reviewed_by",
    "decision_number = null",
    "repair_notice_number = null",
    "public_text = null",
    "public_text_cleared_by = null",
    "public_text_cleared_by = public_text_by",
    "kind = 'watch'",
    "publication_bar = 'secret'",
    "max_end = null",
    "max_end = decided_on - 1",
    "earliest_repair_on = decided_on - 1",
]


@pytest.mark.parametrize("change", HOLLOWED)
def test_a_published_entry_cannot_lose_what_it_rests_on(site: Site, people: Bureau, change: str) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    with acting(SYSTEM):
        db.session.flush()
        assert refused_by_database(f"update list_entry set {change} where id = :id", id=row.id)


def test_an_entry_begins_as_a_clue(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    with acting(SYSTEM):
        db.session.flush()
        columns = [c.name for c in ListEntry.__table__.columns if c.name not in ("id", "decision_number")]
        named = ", ".join(f'"{c}"' for c in columns)
        copy = (
            f"insert into list_entry (id, decision_number, {named}) select :new, '另一号', {named} from list_entry where id = :id"
        )
        assert refused_by_database(copy, new=uuid4(), id=row.id), "a whole entry cannot be put in ready-made"


def test_the_history_and_statements_are_only_added_to(site: Site, people: Bureau, db_session: Any) -> None:
    row = an_entry(site, people, S.PUBLISHED)
    with acting(SYSTEM):
        db.session.flush()
        for table in ("list_step", "list_statement"):
            for verb in ("update", "delete"):
                granted = db.session.scalar(text(f"select has_table_privilege('songjian_app', '{table}', '{verb}')"))
                assert granted is False
        granted = db.session.scalar(text("select has_table_privilege('songjian_app', 'list_entry', 'delete')"))
        assert granted is False
        assert row.id


OBJECTION = "update list_objection set {} where id = :id"
REPAIR = "update repair_application set {} where id = :id"


def test_objections_and_applications_are_held_too(site: Site, people: Bureau) -> None:
    row = an_entry(site, people, S.PUBLISHED, publication_class=PublicationClass.GENERAL)
    assert row.earliest_repair_on is not None
    day = row.earliest_repair_on
    with acting(SYSTEM):
        made = listing_ends.object_to(row.id, words="示例", by=people.owner, on=day)
        asked = listing_ends.apply_for_repair(row.id, corrected="示例", promise=True, by=people.owner, at=moment(day), on=day)
        db.session.flush()
        for change in ("state = 'rejected'", "state = 'upheld'", "state = 'marked'"):
            assert refused_by_database(OBJECTION.format(change), id=made.id), change
        for change in (
            "state = 'approved'",
            "state = 'paused'",
            "state = 'accepted'",
            "promise = false",
            "applied_on = earliest_on - 1",
        ):
            assert refused_by_database(REPAIR.format(change), id=asked.id), change
        listing_ends.mark_objection(made.id, by=people.second, on=day)
        listing_ends.accept_application(asked.id, by=people.second, on=day)
        answered = "answer = '示例', decided_on = made_on, state = 'rejected', decided_by = {}"
        for who in ("listed_by", "proposed_by", "marked_by", "null"):
            assert refused_by_database(OBJECTION.format(answered.format(who)), id=made.id), who
        approved = "answer = '示例', number = '示例', decided_on = applied_on, state = 'approved', decided_by = {}"
        for who in ("listed_by", "proposed_by", "accepted_by", "applied_by", "null"):
            assert refused_by_database(REPAIR.format(approved.format(who)), id=asked.id), who
        again = listing_ends.apply_for_repair
        with pytest.raises(Refused, match="正在办理"):
            again(row.id, corrected="示例", promise=True, by=people.owner, at=moment(day), on=day + timedelta(days=1))
