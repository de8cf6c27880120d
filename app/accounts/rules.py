"""Rules of accounts (账号规则): passwords, growing delay, posts that exclude one another, what scope follows from posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import yaml

from app.core.access import Grant
from app.core.actor import OFFICE_POSTS, PROVIDER_POSTS, Post
from app.core.refusal import Refused

LONGEST_LOCK: Final = timedelta(minutes=15)
ADMIN_POSTS: Final = frozenset({Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN})
# Posts that reach the sites of their tasks and nothing else.
ASSIGNED_POSTS: Final = frozenset({Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR, Post.ASSESSOR})
COMMON_PASSWORDS: Final = frozenset(
    {"password", "12345678", "123456789", "1234567890", "qwertyuiop", "11111111", "88888888", "abc12345", "admin123", "iloveyou"}
)


def policy_from(text: str) -> dict[str, Grant]:
    """Read the policy file (读取岗位权限表). Unknown posts or words raise ValueError."""
    return {
        verb: Grant(verb, line["label"], frozenset(Post(p) for p in line["posts"])) for verb, line in yaml.safe_load(text).items()
    }


def check_password(password: str, *, username: str) -> None:
    """Refuse a weak password (口令规则): at least 10 characters, not common, not the account's name.

    Length instead of kinds of characters: OWASP ASVS 5.0 6.2.1; local assessors' habits are settings elsewhere.
    """
    if len(password) < 10:
        raise Refused("password.short", "口令至少 10 个字符，可以用一句容易记的话。")
    if len(password) > 128:
        raise Refused("password.long", "口令不超过 128 个字符。")
    folded = password.casefold()
    if folded in COMMON_PASSWORDS or username.casefold() in folded or len(set(password)) < 4:
        raise Refused("password.common", "这个口令太容易猜到，请换一个，不要包含账号名。")


def lock_after(failed: int, free_tries: int, at: datetime) -> datetime | None:
    """Until when an account waits after `failed` wrong tries in a row (登录失败延时).

    None for the first `free_tries`; then one minute, doubling, at most 15 minutes: nobody is locked out for ever.
    """
    if failed < free_tries:
        return None
    return at + min(timedelta(minutes=2 ** (failed - free_tries)), LONGEST_LOCK)


def check_posts(held: Iterable[Post], added: Post) -> None:
    """Refuse posts that exclude one another (岗位互斥): one of the three administrators, and no business post beside it (S9)."""
    held = set(held)
    if added in ADMIN_POSTS and held - {added}:
        raise Refused("post.exclusive", f"“{added.label}”不能与其他岗位兼任（三员分立）。请另用账号。")
    if held & ADMIN_POSTS and added not in held:
        raise Refused("post.exclusive", "三员账号不能兼任业务岗位，请另用账号。")
    if (added in PROVIDER_POSTS and held & OFFICE_POSTS) or (added in OFFICE_POSTS and held & PROVIDER_POSTS):
        raise Refused("post.exclusive", "同一账号不能既是监管人员又是机构人员。")


def check_workplace(post: Post, *, authority: bool, provider: bool, site: bool) -> None:
    """Refuse a post at the wrong kind of body (岗位与单位相符): office posts at an authority, a manager's and a staff's at a site."""
    if post in OFFICE_POSTS and (not authority or provider):
        raise Refused("post.place", f"“{post.label}”是机关的岗位，请选择机关，不要填机构代码。")
    if post in PROVIDER_POSTS and (authority or not provider):
        raise Refused("post.place", f"“{post.label}”是机构的岗位，请填写机构代码，不要选择机关。")
    if post is Post.PROVIDER_OWNER and site:
        raise Refused("post.place", "机构负责人管全部服务场所，代码后面不加序号。")
    if post in (Post.SITE_MANAGER, Post.PROVIDER_STAFF) and not site:
        raise Refused("post.place", f"“{post.label}”在一个服务场所任职，请在 18 位代码后面加“-序号”，如 …-01。")


def needs_second_factor(posts: Iterable[Post]) -> bool:
    """Whether these posts need a second factor (双因素): every office post does."""
    return not OFFICE_POSTS.isdisjoint(posts)


def labels(posts: Iterable[Post], names: Mapping[Post, str] | None = None) -> str:
    """The posts in words, for the page's head."""
    return "、".join((names or {}).get(p, p.label) for p in sorted(posts))
