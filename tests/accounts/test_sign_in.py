"""Sign-in as a person meets it: passwords, growing delay, second factor, sessions that end at once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import actions, queries, rules
from app.accounts.models import Account
from app.core.actor import SYSTEM, Post
from app.core.db import db
from app.core.refusal import Refused
from app.core.web import Songjian
from tests.worlds import an_authority

PASSWORD = "松鉴测试口令 2026"


def an_account(*posts: Post, authority: object = None, username: str = "shili-1") -> Account:
    row = actions.open_account(username, "示例·测试员", PASSWORD, by=SYSTEM, at=datetime.now(UTC), on=date(2026, 1, 5))
    authority_id = an_authority().id if authority is None else authority.id  # type: ignore[attr-defined]
    for post in posts:
        actions.grant_post(row.id, post, by=SYSTEM, on=date(2026, 1, 5), authority_id=authority_id)
    db.session.commit()
    return row


def token(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get(page).text)
    assert found, page
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(
        "/sign-in", data={"csrf_token": token(client, "/sign-in"), "username": username, "password": password} | more
    )


def test_an_office_post_needs_a_second_factor(client: FlaskClient) -> None:
    an_account(Post.HANDLER)
    assert sign_in(client, "SHILI-1").headers["Location"] == "/second-factor?next=/home"  # type: ignore[attr-defined]
    assert client.get("/home").status_code == 302, "half signed in is not signed in"
    page = client.get("/second-factor").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    body = {"csrf_token": token(client, "/second-factor"), "code": pyotp.TOTP(secret[1]).now()}
    assert client.post("/second-factor", data=body).status_code == 302
    assert client.get("/home").headers["Location"] == "/office/"


def test_the_same_code_does_not_work_twice(client: FlaskClient) -> None:
    row = an_account(Post.HANDLER)
    at = datetime.now(UTC)
    secret = pyotp.random_base32()
    actions.enrol(row.id, secret, pyotp.TOTP(secret).at(at - timedelta(minutes=1)), at=at - timedelta(minutes=1), on=at.date())
    actions.check_code(row.id, pyotp.TOTP(secret).at(at), at=at, on=at.date())
    with pytest.raises(Refused, match="已用过"):
        actions.check_code(row.id, pyotp.TOTP(secret).at(at), at=at, on=at.date())


def test_wrong_tries_wait_longer_and_longer_but_not_for_ever() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    waits = [(rules.lock_after(n, 5, at) or at) - at for n in range(1, 12)]
    assert [w.total_seconds() / 60 for w in waits] == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]


def test_unknown_and_wrong_answer_alike_and_keep_the_name(client: FlaskClient) -> None:
    an_account(Post.HANDLER)
    pages = [sign_in(client, name, "wrong password 1").text for name in ("shili-1", "nobody-1")]  # type: ignore[attr-defined]
    assert all("账号或口令不对" in page for page in pages)
    assert 'value="nobody-1"' in pages[1]
    row = queries.account_named("shili-1")
    assert row is not None
    assert row.failed_tries == 1


def test_a_form_of_another_site_is_refused(client: FlaskClient) -> None:
    an_account(Post.HANDLER)
    body = {"csrf_token": token(client, "/sign-in"), "username": "shili-1", "password": PASSWORD}
    assert client.post("/sign-in", data=body, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert client.post("/sign-in", data=body | {"csrf_token": "0" * 64}).status_code == 403


def test_next_never_leaves_this_site(client: FlaskClient) -> None:
    row = an_account(username="shili-2")
    actions.grant_post(row.id, Post.PROVIDER_OWNER, by=SYSTEM, on=date(2026, 1, 5), provider_id=uuid4())
    db.session.commit()
    for target in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"):
        assert sign_in(client, "shili-2", next=target).headers["Location"] == "/home"  # type: ignore[attr-defined]


def test_ending_a_post_ends_the_session_at_once(client: FlaskClient) -> None:
    row = an_account(username="shili-3")
    held = actions.grant_post(row.id, Post.PROVIDER_OWNER, by=SYSTEM, on=date(2026, 1, 5), provider_id=uuid4())
    db.session.commit()
    sign_in(client, "shili-3")
    assert client.get("/home").headers["Location"] == "/my/"
    actions.end_post(held.id, by=SYSTEM, on=date.today())
    db.session.commit()
    assert client.get("/home").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("first", "second"),
    [(Post.SYSTEM_ADMIN, Post.AUDIT_ADMIN), (Post.HANDLER, Post.SECURITY_ADMIN), (Post.HEAD, Post.PROVIDER_OWNER)],
)
def test_posts_that_exclude_one_another(first: Post, second: Post) -> None:
    with pytest.raises(Refused):
        rules.check_posts({first}, second)


def test_nobody_grants_to_himself(db_session: object) -> None:
    row = an_account(Post.HANDLER)
    own = queries.actor(row.id, None, date(2026, 1, 5))
    assert own is not None
    with pytest.raises(Refused, match="自己"):
        actions.grant_post(row.id, Post.HEAD, by=own, on=date(2026, 1, 5), authority_id=own.authority_id)


def test_signing_in_does_not_wait_for_itself(own_app: Songjian) -> None:
    """The session is written on a connection of its own while the account is locked: the lock must let it refer to the account."""
    with own_app.app_context():
        an_account(Post.HANDLER)
        db.session.execute(text("set lock_timeout = '2s'"))
        db.session.commit()
        client = own_app.test_client()
        assert sign_in(client, "shili-1").status_code == 302  # type: ignore[attr-defined]
        db.session.remove()
