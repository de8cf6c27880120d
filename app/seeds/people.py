"""Authorities and people of the demo world (演示机关与人员): real districts, visibly fictitious names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.accounts import actions as accounts
from app.accounts import queries as account_queries
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import act_as, db
from app.regions import actions as regions
from app.regions import queries as region_queries
from app.regions.models import Authority, Department

PASSWORD: Final = "演示口令 songjian"  # noqa: S105 — printed at every start of the demo
SECOND_FACTOR: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # the demo shows its codes on the sign-in page
PLACES: Final = {
    "21": ("2101", ("210102", "210103", "210104", "210106")),
    "33": ("3302", ("330203", "330205", "330212")),
    "14": ("1401", ("140105", "140106", "140107")),
}
GIVEN: Final = "安平宁和康泰福瑞祥云松柏竹梅兰菊荷莲桐枫桂榕杉檀"


@dataclass(slots=True)
class Office:
    """One authority with its people (演示机关)."""

    authority: Authority
    people: dict[str, list[Actor]] = field(default_factory=dict)

    def one(self, post: Post, number: int = 0) -> Actor:
        """A holder of a post."""
        return self.people[post.value][number]


@dataclass(slots=True)
class Cast:
    """Everybody in the demo world (演示人员)."""

    offices: dict[str, Office] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def name(self) -> str:
        """The next fictitious name: 示例·安平 …"""
        self.count += 1
        first, second = divmod(self.count, len(GIVEN))
        return f"示例·{GIVEN[first % len(GIVEN)]}{GIVEN[second]}"


OFFICERS: Final = ((Post.HANDLER, 2), (Post.REVIEWER, 2), (Post.HEAD, 1), (Post.INSPECTOR, 6))


def open_offices(at: datetime, on: date) -> Cast:
    """Register the authorities and open the accounts (登记机关与账号)."""
    cast = Cast()
    act_as(SYSTEM)
    for province, (city, counties) in PLACES.items():
        for code in (province, city, *counties):
            office = _civil_affairs(code, cast, at, on)
            cast.offices[code] = office
        for department in (Department.FIRE, Department.MARKET, Department.DISCIPLINE):
            _joint(counties[0], department, cast, at, on)
    _administrators(cast, at, on)
    db.session.commit()
    return cast


def _register(code: str, department: Department, on: date) -> Authority:
    place = region_queries.region_coded(code, on)
    assert place is not None
    word = place.name.removesuffix("市").removesuffix("区").removesuffix("省")[:2]
    return regions.register_authority(
        code,
        department,
        name=f"{place.name}{_DEPARTMENT_NAMES[department]}",
        short_name=f"{place.name}{department.label}",
        number_word=f"示{word}{department.label[0]}",
        seal_text=f"{place.name}{_DEPARTMENT_NAMES[department]}（演示）",
        supervision_phone="0000-1234500",
        by=SYSTEM,
        on=on,
    )


_DEPARTMENT_NAMES: Final = {
    Department.CIVIL_AFFAIRS: "民政局",
    Department.FIRE: "消防救援大队",
    Department.MARKET: "市场监督管理局",
    Department.HOUSING: "住房和城乡建设局",
    Department.HEALTH: "卫生健康局",
    Department.DISCIPLINE: "纪委监委派驻组",
}


def _civil_affairs(code: str, cast: Cast, at: datetime, on: date) -> Office:
    authority = _register(code, Department.CIVIL_AFFAIRS, on)
    if len(code) == 2:
        authority.name = authority.name.replace("民政局", "民政厅")
    office = Office(authority)
    for post, how_many in OFFICERS:
        for number in range(1, how_many + 1):
            actor = _account(f"{post.value}{number}-{code}", post, authority, cast, at, on)
            office.people.setdefault(post.value, []).append(actor)
    cast.lines.append(
        f"{authority.name}：handler1-{code}（经办） reviewer1-{code}（审核） head1-{code}（负责人） inspector1-{code}（执法）"
    )
    return office


def _joint(code: str, department: Department, cast: Cast, at: datetime, on: date) -> None:
    authority = _register(code, department, on)
    post = Post.OBSERVER if department is Department.DISCIPLINE else Post.DEPARTMENT_INSPECTOR
    office = cast.offices.setdefault(f"{code}-{department.value}", Office(authority))
    for number in (1, 2):
        actor = _account(f"{department.value}{number}-{code}", post, authority, cast, at, on)
        office.people.setdefault(post.value, []).append(actor)
    cast.lines.append(f"{authority.name}：{department.value}1-{code}（{post.label}）")


def _administrators(cast: Cast, at: datetime, on: date) -> None:
    authority = cast.offices["21"].authority
    for post in (Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN):
        _account(f"{post.value.replace('_', '-')}", post, authority, cast, at, on)
    cast.lines.append("三员：system-admin、security-admin、audit-admin")


def _account(username: str, post: Post, authority: Authority, cast: Cast, at: datetime, on: date) -> Actor:
    certified = post in {Post.INSPECTOR, Post.DEPARTMENT_INSPECTOR}
    row = accounts.open_account(
        username,
        cast.name(),
        PASSWORD,
        by=SYSTEM,
        at=at,
        on=on,
        certificate_no=f"示{cast.count:05d}" if certified else None,
        certificate_until=date(on.year + 3, 12, 31) if certified else None,
    )
    row.totp_secret = SECOND_FACTOR
    accounts.grant_post(row.id, post, by=SYSTEM, on=on, authority_id=authority.id)
    return actor_of(row.id, authority.id, on)


def actor_of(account_id: UUID, body_id: UUID | None, on: date) -> Actor:
    """The actor that an account is (以其身份)."""
    found = account_queries.actor(account_id, body_id, on)
    assert found is not None
    return found
