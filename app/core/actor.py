"""Who acts (办理人): a frozen value made by accounts, taken by every action and query."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID


class Post(StrEnum):
    """A post (岗位), held at an authority, a provider or a site; the level comes from the authority's region."""

    HANDLER = "handler"
    REVIEWER = "reviewer"
    HEAD = "head"
    INSPECTOR = "inspector"
    DEPARTMENT_INSPECTOR = "department_inspector"
    STREET_OFFICER = "street_officer"
    ASSESSOR = "assessor"
    OBSERVER = "observer"
    PROVIDER_OWNER = "provider_owner"
    SITE_MANAGER = "site_manager"
    PROVIDER_STAFF = "provider_staff"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        return _POST_LABELS[self]


_POST_LABELS: Final = {
    Post.HANDLER: "经办",
    Post.REVIEWER: "审核",
    Post.HEAD: "负责人",
    Post.INSPECTOR: "执法检查人员",
    Post.DEPARTMENT_INSPECTOR: "联合检查人员",
    Post.STREET_OFFICER: "街道（社区）协管",
    Post.ASSESSOR: "评估员",
    Post.OBSERVER: "纪检监察观察员",
    Post.PROVIDER_OWNER: "机构负责人",
    Post.SITE_MANAGER: "院长（网点负责人）",
    Post.PROVIDER_STAFF: "机构工作人员",
    Post.SYSTEM_ADMIN: "系统管理员",
    Post.SECURITY_ADMIN: "安全管理员",
    Post.AUDIT_ADMIN: "审计管理员",
    Post.SYSTEM: "系统",
}

# Posts whose view is the region's subtree; the others see only what is theirs or assigned to them.
REGION_POSTS: Final = frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD, Post.STREET_OFFICER, Post.OBSERVER, Post.SYSTEM})
OFFICE_POSTS: Final = frozenset(
    {Post.HANDLER, Post.REVIEWER, Post.HEAD, Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR, Post.STREET_OFFICER, Post.ASSESSOR}
    | {Post.OBSERVER, Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN}
)
PROVIDER_POSTS: Final = frozenset({Post.PROVIDER_OWNER, Post.SITE_MANAGER, Post.PROVIDER_STAFF})


@dataclass(frozen=True, slots=True)
class Scope:
    """What rows an actor may reach (管辖范围): a region subtree, a provider, or single sites; empty reaches nothing."""

    path: str | None = None
    provider_id: UUID | None = None
    site_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody acting (办理人): the account, the posts held at one body, and the scope that follows from them."""

    id: UUID
    posts: frozenset[Post]
    scope: Scope = field(default_factory=Scope)
    authority_id: UUID | None = None
    name: str = ""
    body_name: str = ""
    department: str = "civil_affairs"

    def holds(self, *posts: Post) -> bool:
        """Whether any of `posts` is held."""
        return not self.posts.isdisjoint(posts)


SYSTEM: Final = Actor(id=UUID(int=0), posts=frozenset({Post.SYSTEM}), scope=Scope(path="/"), name="系统", body_name="松鉴")
NOBODY: Final = Actor(id=UUID(int=1), posts=frozenset(), name="公众")
