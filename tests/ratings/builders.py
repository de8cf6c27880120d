"""A rating at work for tests (评定工作构件): an authority with its people, assessors, a committee, homes that apply. Real verbs only.

work = a_work()                                  # 太原 小店区, scheme cn.shanxi.3a
row = work.until(State.NOTICED)                  # an application carried that far
with acting(work.head): ...
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.providers.models import Site
from app.providers.rules import SiteKind
from app.ratings.actions import applications, campaigns, decisions, panels, sheets
from app.ratings.actions.campaigns import CampaignDraft
from app.ratings.models import RatingApplication, RatingCampaign
from app.ratings.queries import applications as queries
from app.ratings.queries import sheets as reading
from app.ratings.rules import Item
from app.ratings.rules.process import CampaignKind, Choice, State
from app.ratings.rules.sheet import Operation
from app.regions.models import Authority
from tests.providers import builders
from tests.worlds import an_authority

ON = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
BEFORE = date(2026, 1, 5)
COUNTY = "140105"
SCHEME = "cn.shanxi.3a@0.1"
PASSWORD = "松鉴测试口令 2026"
FACTS: Mapping[str, str] = {
    "registered": "1", "months_operating": "30", "fire_ok": "1", "day_care_capable": "1", "floor_area": "1600", "visits": "10500",
    "reach": "0.12", "beds": "12", "days": "300", "certified": "0.85", "trained": "0.9", "records": "0.92", "satisfied": "0.91",
    "sample_share": "0.2", "sample_people": "40", "closed": "1", "open_major_hazards": "0", "serious_accidents_24m": "0",
    "blacklisted": "0",
}  # fmt: skip
ORDER = (
    State.DRAFT, State.SUBMITTED, State.ACCEPTED, State.ELIGIBLE, State.SCHEDULED, State.ON_SITE, State.CONFERRING, State.PROPOSED,
    State.DECIDED, State.NOTICED, State.PUBLISHED,
)  # fmt: skip
_wall = itertools.count(1_764_000_000_000)


def good(item: Item) -> Any:
    """A good answer to an item (较好的评分)."""
    match item.kind:
        case "achieve" | "veto":
            return "1"
        case "judgement":
            step = item.step or item.max
            return str(step * int(item.max * 9 / 10 / step))
        case "options":
            return [option.id for option in item.options if not any(option.id in o.excludes for o in item.options)]
        case "choice":
            return max(item.options, key=lambda option: option.points).id
        case "deduct":
            return {d.id: "0" for d in item.deductions}
        case "formula":
            return {part.id: str(part.max) for part in item.parts}
    return None


def an_entry(item: str, value: Any, **more: Any) -> Operation:
    """One entry on a sheet, later than the last (一次填写)."""
    return Operation(str(uuid4()), item, value, wall_ms=next(_wall), **more)


@dataclass
class Work:
    """An authority that rates, with everybody who takes part."""

    authority: Authority
    campaign: RatingCampaign
    staff: dict[str, UUID] = field(default_factory=dict)
    assessors: list[UUID] = field(default_factory=list)
    owners: dict[UUID, Actor] = field(default_factory=dict)
    authority_id: UUID = field(init=False)
    campaign_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.authority_id, self.campaign_id = self.authority.id, self.campaign.id

    def who(self, account_id: UUID, on: date = ON) -> Actor:
        """An account as at sign-in, with what is assigned by then."""
        found = people.actor(account_id, self.authority_id, on)
        assert found is not None
        return found

    def __getattr__(self, name: str) -> Actor:
        """`work.handler`, `work.head` … (办理人)."""
        staff = self.__dict__.get("staff", {})
        if name in staff:
            return self.who(staff[name])
        raise AttributeError(name)

    def owner(self, row: RatingApplication) -> Actor:
        """The home's owner."""
        return self.owners[row.site_id]

    def panel(self, row: RatingApplication) -> list[Actor]:
        """The panel of the round, in the order of seats."""
        with acting(SYSTEM):
            members = reading.active(row, seen_by=SYSTEM)
        return [self.who(member.account_id) for member in members]

    def committee(self) -> list[Actor]:
        """The five members, the chair first."""
        return [self.who(self.staff[key]) for key in ("head", "reviewer", "reviewer2", "expert1", "expert2")]

    def begin(self, target: str = "AA", site: Site | None = None) -> RatingApplication:
        """A draft with its claims (填报中的申请)."""
        site = site or a_rated_site()
        owner = self.owners[site.id] = builders.an_owner(site)
        with acting(owner):
            row = applications.begin_application(self.campaign.id, site.id, target, by=owner, at=AT, on=ON)
            if any(fact.id == "visits" for fact in queries.scheme(self.campaign).shape.facts):
                applications.claim_facts(row.id, {"visits": "10500"}, "示例：2025 年服务台账", by=owner, on=ON)
        return row

    def until(self, state: State, target: str = "AA", row: RatingApplication | None = None) -> RatingApplication:
        """An application carried to a state by the people whose part it is."""
        row = row or self.begin(target)
        for step in ORDER[ORDER.index(row.state) + 1 : ORDER.index(state) + 1]:
            getattr(self, f"to_{step.value}")(row)
        return row

    def to_submitted(self, row: RatingApplication) -> None:
        """Self-score and submission."""
        owner = self.owner(row)
        with acting(owner):
            items = queries.scheme(row.campaign).shape.items
            batch = [an_entry(item.id, good(item)) for item in items if good(item) is not None]
            sheets.receive(row.id, batch, device="test", by=owner, at=AT, on=ON)
            applications.submit_application(row.id, by=owner, at=AT, on=ON)

    def to_accepted(self, row: RatingApplication) -> None:
        """Acceptance."""
        with acting(self.handler):
            applications.accept_application(row.id, by=self.handler, on=ON)

    def to_eligible(self, row: RatingApplication, **other: str) -> None:
        """Facts confirmed, found eligible."""
        with acting(self.handler):
            declared = {fact.id for fact in queries.scheme(row.campaign).shape.facts}
            said = {key: value for key, value in ({**FACTS, **other}).items() if key in declared}
            applications.confirm_facts(row.id, said, "示例：台账与证照核对", as_of=ON, by=self.handler, on=ON)
            applications.admit_application(row.id, by=self.handler, on=ON)

    def to_scheduled(self, row: RatingApplication) -> None:
        """A panel drawn by lot, the value entered by two."""
        with acting(self.handler):
            drawn = panels.freeze_panels(row.campaign_id, "cwl.ssq", "封存后第一次开奖", by=self.handler, at=AT, on=ON)
            panels.enter_public_value(drawn.id, "2026135", "03 07 12 18 25 31 + 09", by=self.handler, at=AT, on=ON)
        with acting(self.reviewer):
            panels.enter_public_value(drawn.id, "2026135", "31,25,18,12,07,03+09", by=self.reviewer, at=AT, on=ON)

    def to_on_site(self, row: RatingApplication) -> None:
        """The visit begins."""
        lead = self.panel(row)[0]
        with acting(lead):
            panels.begin_visit(row.id, by=lead, at=AT, on=ON)

    def score(self, row: RatingApplication, who: Actor, lock: bool = True, **other: Any) -> None:
        """One assessor's sheet; `other` by item id."""
        with acting(who):
            items = queries.scheme(row.campaign).shape.items
            batch = [an_entry(i.id, other.get(i.id, good(i))) for i in items if other.get(i.id, good(i)) is not None]
            sheets.receive(row.id, batch, device="test", by=who, at=AT, on=ON)
            if lock:
                sheets.lock_sheet(row.id, by=who, at=AT, on=ON)

    def to_conferring(self, row: RatingApplication, **first: Any) -> None:
        """Every sheet locked; `first` are the first assessor's other opinions."""
        for number, who in enumerate(self.panel(row)):
            self.score(row, who, **(first if number == 0 else {}))

    def to_proposed(self, row: RatingApplication) -> None:
        """What differs is agreed, all sign, the lead hands it in."""
        team = self.panel(row)
        with acting(team[0]):
            scheme = queries.scheme(row.campaign)
            items = {item.id: item for item in scheme.shape.items}
            for apart in reading.differences(row, scheme, seen_by=team[0]):
                sheets.agree_item(
                    row.id, apart.item, good(items[apart.item]), reason="示例：补看记录后一致", by=team[0], at=AT, on=ON
                )
        for who in team:
            with acting(who):
                sheets.sign_consensus(row.id, reading.agreed_sha(row, seen_by=who), by=who, at=AT, on=ON)
        with acting(team[0]):
            sheets.propose(row.id, by=team[0], on=ON)

    def convene(self, *rows: RatingApplication) -> UUID:
        """A meeting over applications."""
        with acting(self.handler):
            return decisions.convene_meeting([row.id for row in rows], ON, by=self.handler, on=ON).id

    def vote(self, row: RatingApplication, choice: Choice = Choice.AGREE, level: str = "", reason: str = "") -> None:
        """All members vote alike."""
        for who in self.committee():
            with acting(who):
                decisions.cast_vote(row.id, choice, level=level, reason=reason, by=who, at=AT, on=ON)

    def to_decided(self, row: RatingApplication) -> None:
        """Meeting, votes, decision."""
        self.convene(row)
        self.vote(row)
        with acting(self.head):
            decisions.decide(row.id, by=self.head, on=ON)

    def to_noticed(self, row: RatingApplication) -> None:
        """The public notice."""
        with acting(self.handler):
            decisions.open_notice(row.id, by=self.handler, on=ON)

    def to_published(self, row: RatingApplication) -> None:
        """Published on the day after the notice."""
        assert row.notice_until is not None
        after = row.notice_until + timedelta(days=1)
        with acting(self.handler):
            decisions.publish_rating(row.id, by=self.handler, on=after)


def an_account(name: str, post: Post, authority: Authority) -> UUID:
    """An account with one post at an authority."""
    row = accounts.open_account(f"shili-{uuid4().hex[:10]}", name, PASSWORD, by=SYSTEM, at=AT, on=BEFORE)
    accounts.grant_post(row.id, post, by=SYSTEM, on=BEFORE, authority_id=authority.id)
    return row.id


def a_rated_site(county: str = COUNTY, kind: SiteKind = SiteKind.HOME_CARE_CENTRE) -> Site:
    """A filed site of a kind that 3A rates."""
    return builders.a_filed_site(county=county, kind=kind, facts={"floor_area": 1600, "beds": 12}, on=ON)


def a_work(
    scheme: str = SCHEME, county: str = COUNTY, kinds: tuple[SiteKind, ...] = (SiteKind.HOME_CARE_CENTRE,), **draft: Any
) -> Work:
    """An authority with an open campaign, seven assessors of two firms and a committee of five."""
    with acting(SYSTEM):
        authority = an_authority(county)
        people_of = {
            "handler": Post.HANDLER, "handler2": Post.HANDLER, "reviewer": Post.REVIEWER, "reviewer2": Post.REVIEWER,
            "head": Post.HEAD, "expert1": Post.ASSESSOR, "expert2": Post.ASSESSOR,
        }  # fmt: skip
        staff = {name: an_account(f"示例·{name}", post, authority) for name, post in people_of.items()}
        assessors = [an_account(f"示例·评{n}", Post.ASSESSOR, authority) for n in range(7)]
    handler, head = (people.actor(staff[key], authority.id, ON) for key in ("handler", "head"))
    assert handler is not None
    assert head is not None
    entered = CampaignDraft(
        title="示例：2026 年社区养老服务机构 3A 评级", kind=draft.pop("kind", CampaignKind.RATING), scheme_key=scheme, site_kinds=kinds,
        opens_on=ON - timedelta(days=10), closes_on=ON + timedelta(days=30), basis="示例：年度评定通知（演示）", **draft,
    )  # fmt: skip
    with acting(handler):
        row = campaigns.draft_campaign(entered, by=handler, at=AT, on=ON)
        for number, account_id in enumerate(assessors):
            panels.enter_assessor(account_id, f"示例·评估{'甲乙'[number % 2]}中心", 5, by=handler, at=AT, on=ON)
        for number, key in enumerate(("head", "reviewer", "reviewer2", "expert1", "expert2")):
            decisions.appoint_member(staff[key], "示例·单位", chair=number == 0, by=handler, on=ON)
    with acting(head):
        campaigns.open_campaign(row.id, by=head, on=ON)
    db.session.flush()
    return Work(authority, row, staff, assessors)
