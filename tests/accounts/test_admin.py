"""Accounts in the hands of the security administrator: who may grant what to whom, and what ends at once (S9, S15)."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import actions, queries, sessions
from app.accounts.models import Account, PostHeld
from app.core.actor import SYSTEM, Actor, Post
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import NotVisible, Refused
from app.regions.models import Authority
from tests.worlds import AT, ON, Visit, actor, an_authority, signed_in

FIRST = "示例初始口令 2026"


def admin(client: FlaskClient, code: str = "210102") -> Visit:
    return signed_in(client, Post.SECURITY_ADMIN, authority=an_authority(code), name="示例·安全员")


def somebody(*posts: Post, authority: Authority | None = None) -> Account:
    row = actions.open_account(f"shili-{uuid4().hex[:8]}", "示例·某人", FIRST, by=SYSTEM, at=AT, on=ON)
    for post in posts:
        actions.grant_post(row.id, post, by=SYSTEM, on=ON, authority_id=(authority or an_authority()).id)
    return row


def running(account_id: UUID) -> set[Post]:
    return {held.post for held in queries.posts_held(account_id, today())}


def test_an_account_is_opened_with_its_first_post(client: FlaskClient) -> None:
    visit = admin(client)
    form = {"username": "new.person", "name": "示例·新人", "password": FIRST, "post": "handler", "authority": an_authority().id}
    answer = visit.post("/office/accounts", **form)
    assert answer.status_code == 302
    row = queries.account_named("New.Person")
    assert row is not None
    assert running(row.id) == {Post.HANDLER}
    assert "请把初始口令当面告诉本人" in visit.get(answer.headers["Location"]).text
    assert "示例·新人" in visit.get("/office/accounts?q=new.per").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "short"}, "至少 10 个字符"),
        ({"username": "中文名"}, "账号只用字母"),
        ({"post": "provider_owner"}, "机构的岗位"),
        ({"authority": ""}, "机关的岗位"),
        ({"authority": str(uuid4())}, "请从列表中选择机关"),
        ({"authority": "", "post": "provider_owner", "code": "91210100MA0000000X"}, "没有找到这个机构代码"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(client: FlaskClient, change: dict[str, str], said: str) -> None:
    form = {"username": "new.person", "name": "示例·新人", "password": FIRST, "post": "handler", "authority": an_authority().id}
    answer = admin(client).post("/office/accounts", **(form | change))
    assert answer.status_code == 422
    assert said in answer.text
    assert "示例·新人" in answer.text
    assert queries.account_named("new.person") is None or db.session.new


def test_administrators_are_kept_apart(client: FlaskClient) -> None:
    """S9: nobody holds two of the three posts, and none beside a business post; the page says so."""
    visit, place = admin(client), str(an_authority().id)
    for held, added in ((Post.HANDLER, "audit_admin"), (Post.SYSTEM_ADMIN, "audit_admin"), (Post.AUDIT_ADMIN, "head")):
        row = somebody(held)
        db.session.commit()
        answer = visit.post(f"/office/accounts/{row.id}/posts", post=added, authority=place)
        assert answer.status_code == 422
        assert "三员" in answer.text
        assert running(row.id) == {held}


def test_the_own_account_is_for_another_administrator(client: FlaskClient) -> None:
    visit = admin(client)
    own = f"/office/accounts/{visit.actor.id}"
    assert "这是您自己的账号" in visit.get(own).text
    for act in ("disabling", "second-factor"):
        assert visit.post(f"{own}/{act}").status_code == 409
    held = db.session.scalars(select(PostHeld.id).where(PostHeld.account_id == visit.actor.id)).one()
    assert visit.post(f"{own}/posts/{held}/ending").status_code == 409
    answer = visit.post(f"{own}/posts", post="security_admin", authority=an_authority().id)
    assert "不能给自己授予岗位" in answer.text


def test_another_region_is_out_of_reach(client: FlaskClient) -> None:
    stranger = somebody(Post.HANDLER, authority=an_authority("330203"))
    db.session.commit()
    visit = admin(client)
    assert stranger.username not in visit.get("/office/accounts?size=100").text
    assert visit.get(f"/office/accounts/{stranger.id}").status_code == 404
    assert visit.post(f"/office/accounts/{stranger.id}/disabling").status_code == 404
    with pytest.raises(Refused, match="管理范围"):
        actions.grant_post(somebody().id, Post.HANDLER, by=visit.actor, on=today(), authority_id=an_authority("330203").id)


def test_a_city_manages_its_counties_and_not_the_other_way_round(client: FlaskClient) -> None:
    below, above = somebody(Post.HEAD), somebody(Post.HEAD, authority=an_authority("2101"))
    db.session.commit()
    assert queries.managed(below.id, by=admin(client, "2101").actor).id == below.id
    with pytest.raises(NotVisible):
        queries.managed(above.id, by=admin(client, "210102").actor)


def test_a_transfer_ends_the_old_post_at_once_and_lists_what_is_open(client: FlaskClient) -> None:
    """S15: signed out, the old scope gone, the open tasks named."""
    row, task, site = somebody(Post.INSPECTOR), uuid4(), uuid4()
    actions.assign_site(row.id, site, task=task, on=ON)
    place = an_authority("210103")
    secret = sessions.begin(row.id, body_id=an_authority().id, second_factor=True, at=now())
    visit = admin(client, "2101")
    page = visit.get(f"/office/accounts/{row.id}/transfer").text
    assert str(task) in page
    answer = visit.post(f"/office/accounts/{row.id}/transfer", post="inspector", authority=place.id)
    assert answer.status_code == 302
    assert "1 项未了任务" in visit.get(answer.headers["Location"]).text
    held = queries.posts_held(row.id, today())
    assert [(h.post, h.authority_id) for h in held] == [(Post.INSPECTOR, place.id)]
    assert queries.assigned_sites(row.id, today()) == frozenset()
    hours = timedelta(hours=1)
    assert sessions.look_up(secret, at=now(), idle=hours, absolute=hours) is None


def test_disabled_and_reset_accounts_are_signed_out(client: FlaskClient) -> None:
    row = somebody(Post.HANDLER)
    row.totp_secret, row.failed_tries = "A" * 32, 9
    secrets = [sessions.begin(row.id, body_id=None, second_factor=True, at=now()) for _ in range(3)]
    visit = admin(client)
    hours = timedelta(hours=1)
    for act, form in (("second-factor", {}), ("password", {"password": "另一个初始口令 2027"}), ("disabling", {})):
        assert visit.post(f"/office/accounts/{row.id}/{act}", **form).status_code == 302
        assert sessions.look_up(secrets.pop(), at=now(), idle=hours, absolute=hours) is None
    db.session.refresh(row)
    assert (row.totp_secret, row.failed_tries, row.disabled_at is None) == (None, 0, False)
    with pytest.raises(Refused, match="账号或口令不对"):
        actions.sign_in(row.username, "另一个初始口令 2027", address="127.0.0.1", at=now(), on=today())


def test_a_post_is_ended_once_and_stays_as_history(client: FlaskClient) -> None:
    row = somebody(Post.HANDLER)
    db.session.commit()
    visit = admin(client)
    page = visit.get(f"/office/accounts/{row.id}").text
    end = re.search(r"/office/accounts/[^\"]+/ending", page)
    assert end
    assert visit.post(end[0]).status_code == 302
    assert visit.post(end[0]).status_code == 409
    assert "已结束" in visit.get(f"/office/accounts/{row.id}").text


def test_only_the_security_administrator_enters(client: FlaskClient) -> None:
    assert signed_in(client, Post.HEAD).get("/office/accounts").status_code == 403


@pytest.mark.parametrize("by", [actor(Post.SECURITY_ADMIN), actor(Post.PROVIDER_OWNER, provider_id=uuid4())])
def test_an_administrator_without_an_authority_manages_nobody(db_session: object, by: Actor) -> None:
    with pytest.raises(Refused):
        queries.managed_path(by)
