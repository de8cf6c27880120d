"""The machine of states, tried whole (办理流程): every state, verb and post; and by constraint where columns can say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.complaints.rules import machine
from app.complaints.rules.kinds import State, Verb
from app.complaints.views.office import ACTS
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.refusal import Forbidden, Refused
from tests.complaints.builders import Desk, a_complaint, a_desk, brought

KEEP = ("registered", "classified", "accepted", "investigating", "suspended", "merged")
# The machine written down a second time, as a picture of the procedure: state → verb → next state ("" stays).
ROAD: dict[str, dict[str, str]] = {
    "registered": {"classify": "classified", "forward": "forwarded", "return": "returned", "mark_urgent": "", "settle_urgent": "", "supplement": ""},
    "classified": {
        "classify": "", "decline": "declined", "forward": "forwarded", "return": "returned", "accept": "accepted", "merge": "merged",
        "mark_urgent": "", "settle_urgent": "", "supplement": "",
    },
    "accepted": {"classify": "", "assign": "investigating", "merge": "merged", "mark_urgent": "", "settle_urgent": "", "supplement": ""},
    "investigating": {
        "classify": "", "assign": "", "merge": "merged", "ask": "", "pause": "suspended", "ask_extension": "", "decide_extension": "",
        "find": "found", "open_case": "", "mark_urgent": "", "settle_urgent": "", "supplement": "",
    },
    "suspended": {"resume": "investigating", "mark_urgent": "", "settle_urgent": "", "supplement": ""},
    "merged": {"answer": "answered", "settle_urgent": "", "supplement": ""},
    "found": {"review": "reviewed", "send_back": "investigating", "open_case": "", "settle_urgent": ""},
    "reviewed": {"answer": "answered", "open_case": "", "settle_urgent": ""},
    "answered": {"call_back": "called_back", "close": "closed", "open_case": "", "settle_urgent": "", "rate": ""},
    "called_back": {"close": "closed", "open_case": "", "settle_urgent": "", "rate": ""},
    "closed": {"archive": "archived", "open_case": "", "settle_urgent": "", "rate": ""},
    "declined": {"archive": "archived", "settle_urgent": ""},
    "forwarded": {"archive": "archived", "settle_urgent": ""},
    "returned": {"archive": "archived", "settle_urgent": ""},
    "archived": {},
}  # fmt: skip
for name in KEEP:
    ROAD[name]["keep"] = ""
HANDLER, REVIEWER, HEAD = {Post.HANDLER}, {Post.REVIEWER}, {Post.HEAD}
PART: dict[str, set[Post]] = {
    "classify": HANDLER, "decline": REVIEWER, "forward": HANDLER, "return": HANDLER, "accept": HANDLER, "assign": HANDLER | REVIEWER,
    "merge": HANDLER, "ask": HANDLER, "pause": REVIEWER, "resume": HANDLER | REVIEWER, "ask_extension": HANDLER,
    "decide_extension": HEAD, "find": HANDLER, "review": REVIEWER, "send_back": REVIEWER, "answer": HANDLER,
    "call_back": HANDLER | REVIEWER, "close": HANDLER, "archive": HANDLER, "open_case": HANDLER, "keep": HANDLER,
    "mark_urgent": HANDLER | REVIEWER | HEAD, "settle_urgent": HANDLER | REVIEWER | HEAD, "supplement": set(), "rate": set(),
}  # fmt: skip


def test_every_state_verb_and_post() -> None:
    tried = wrong = 0
    for state in State:
        for verb in Verb:
            for post in Post:
                tried += 1
                to = ROAD[state.value].get(verb.value)
                expected = None if to is None or post not in PART[verb.value] else State(to or state.value)
                wrong += _outcome(state, verb, post) != expected
    assert (tried, wrong) == (len(State) * len(Verb) * len(Post), 0)


def _outcome(state: State, verb: Verb, post: Post) -> State | None:
    try:
        return machine.next_state(state, verb, {post})
    except (Refused, Forbidden):
        return None


def test_the_public_may_only_add_and_rate() -> None:
    for state in State:
        for verb in Verb:
            try:
                machine.next_state(state, verb, public=True)
            except (Refused, Forbidden):
                continue
            assert verb in {Verb.SUPPLEMENT, Verb.RATE}


def test_the_policy_grants_each_act_to_the_posts_of_the_machine(root: Path) -> None:
    policy = yaml.safe_load((root / "app/accounts/policy.yaml").read_text("utf-8"))
    source = (root / "app/complaints/views/office.py").read_text("utf-8")
    for act in ACTS:
        granted = source.split(f'<uuid:complaint_id>/{act}")\n@requires("')[1].split('"')[0]
        posts = {Post(post) for post in policy[granted]["posts"]}
        assert posts >= machine.WHO[Verb(act)], act
        assert posts <= {Post.HANDLER, Post.REVIEWER, Post.HEAD}, act


@pytest.fixture
def town(db_session: object) -> Desk:
    return a_desk()


# What a state needs, taken away: every line must be stopped by the table itself.
@pytest.mark.parametrize(
    ("state", "change", "constraint"),
    [
        (State.REGISTERED, "state = 'classified'", "classified"),
        (State.REGISTERED, "state = 'accepted'", "(accepted|classified)"),
        (State.CLASSIFIED, "state = 'accepted'", "accepted"),
        (State.CLASSIFIED, "state = 'merged'", "merged"),
        (State.ACCEPTED, "state = 'investigating'", "assigned"),
        (State.INVESTIGATING, "state = 'found'", "found"),
        (State.FOUND, "state = 'reviewed'", "reviewed"),
        (State.FOUND, "finding = null", "found"),
        (State.INVESTIGATING, "state = 'answered'", "answered"),
        (State.FOUND, "state = 'answered', answer = 'x', answered_by = id, answered_at = now()", "answered_on_a_finding"),
        (State.REVIEWED, "state = 'answered'", "answered"),
        (State.ANSWERED, "state = 'called_back'", "called_back"),
        (State.ANSWERED, "answer = ''", "answered"),
        (State.ANSWERED, "answer = null", "answered"),
        (State.CALLED_BACK, "state = 'closed'", "closed"),
        (State.CLOSED, "state = 'archived'", "archived"),
        (State.REGISTERED, "state = 'declined'", "answered"),
        (State.REGISTERED, "state = 'forwarded'", "answered"),
        (State.REGISTERED, "state = 'returned'", "answered"),
        (State.REGISTERED, "state = 'lost'", "(classified|state_known)"),
        (State.REGISTERED, "site_id = about_site_id", "no_home_in_scope"),
        (State.REGISTERED, "provider_id = id", "no_home_in_scope"),
        (State.MERGED, "merged_into_id = id", "not_merged_into_itself"),
        (State.REGISTERED, "anonymous = true", "anonymous_is_nobody"),
        (State.INVESTIGATING, "extension = 5", "extension_decided"),
        (State.CALLED_BACK, "state = 'closed', closed_on = '2026-12-01', urgent = true", "urgent_before_closing"),
    ],
)
def test_the_table_refuses_what_the_machine_refuses(town: Desk, state: State, change: str, constraint: str) -> None:
    row = brought(town, state)
    with acting(SYSTEM):
        db.session.flush()
        with pytest.raises(IntegrityError, match=f"ck_complaint_{constraint}"), db.session.begin_nested():
            db.session.execute(text(f"update complaint set {change} where id = :id"), {"id": row.id})


def test_the_story_is_only_added_to(town: Desk) -> None:
    row = a_complaint(town)
    for table in ("complaint_step", "contact_reveal"):
        with acting(SYSTEM), pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(f"delete from {table} where complaint_id = :id"), {"id": row.id})


def test_acts_of_the_page_are_verbs() -> None:
    named: dict[str, Any] = dict(ACTS)
    assert {Verb(act) for act in named} == set(machine.WHO) - {Verb.REGISTER}
