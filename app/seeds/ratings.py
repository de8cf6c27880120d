"""Ratings of the demo world (演示等级评定): applications in every state, under four schemes, made by the verbs of those who act.

The city of 太原 rates by the platform's 3A default, which may be published; the city of 沈阳 tries three forms and the
skeleton of GB/T 37276, which may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from app.accounts import actions as accounts
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.providers.models import Site
from app.providers.rules import SiteKind, SiteState
from app.ratings.actions import applications, campaigns, decisions, panels, ratings, sheets
from app.ratings.actions.campaigns import CampaignDraft
from app.ratings.models import RatingApplication, RatingCampaign
from app.ratings.queries import applications as queries
from app.ratings.queries import sheets as reading
from app.ratings.rules import Item, Scheme
from app.ratings.rules.process import CampaignKind, Cause, Choice, Measure, State
from app.ratings.rules.sheet import Operation
from app.seeds.people import PASSWORD, SECOND_FACTOR, Cast, Office, actor_of
from app.seeds.sites import Register

SPACE: Final = UUID("6d1f0f6e-7b0e-4c5b-9f0e-2f6d2f0a1c11")
COMMUNITY: Final = (SiteKind.HOME_CARE_CENTRE, SiteKind.COMMUNITY_STATION, SiteKind.DAY_CARE, SiteKind.RURAL_HAPPINESS)
# Facts that no module keeps; with them a good home reaches AA.
FACTS: Final = {
    "registered": "1", "months_operating": "30", "fire_ok": "1", "day_care_capable": "1", "floor_area": "1600", "visits": "10500",
    "reach": "0.12", "beds": "12", "days": "300", "certified": "0.85", "trained": "0.9", "records": "0.92", "satisfied": "0.91",
    "sample_share": "0.2", "sample_people": "40", "closed": "1", "open_major_hazards": "0", "serious_accidents_24m": "0",
    "blacklisted": "0", "catering": "0", "meal_service": "1", "base_ok": "1", "e1": "1", "e2": "1", "e3": "1", "e4": "1", "e5": "1",
    "e6": "1", "e7": "1", "e8": "1", "e9": "1", "first_time_cap": "3", "penalties_24m": "0", "training_rate": "0.86",
    "disabled_share": "0.4", "first_application": "1",
}  # fmt: skip
LADDER: Final = (
    State.DRAFT, State.SUBMITTED, State.ACCEPTED, State.ELIGIBLE, State.SCHEDULED, State.ON_SITE, State.CONFERRING, State.PROPOSED,
    State.DECIDED, State.NOTICED, State.PUBLISHED,
)  # fmt: skip
# The state a home of 太原 is brought to, with what it branches from; the published ones differ in what followed.
FATES: Final = (
    (State.PUBLISHED, "quiet"), (State.PUBLISHED, "checked"), (State.PUBLISHED, "suspended"), (State.PUBLISHED, "revoked"),
    (State.UNRATED, ""), (State.NOTICED, ""), (State.OBJECTED, ""), (State.REEXAMINED, ""), (State.DECIDED, ""), (State.PROPOSED, ""),
    (State.CONFERRING, ""), (State.ON_SITE, ""), (State.SCHEDULED, ""), (State.ELIGIBLE, ""), (State.ACCEPTED, ""),
    (State.SUBMITTED, ""), (State.RETURNED, ""), (State.REFUSED, ""), (State.WITHDRAWN, ""), (State.DRAFT, ""),
)  # fmt: skip
REACHES: Final = {
    State.UNRATED: State.PUBLISHED, State.OBJECTED: State.NOTICED, State.REEXAMINED: State.NOTICED, State.TRIED: State.DECIDED,
    State.RETURNED: State.SUBMITTED, State.WITHDRAWN: State.SUBMITTED, State.REFUSED: State.ACCEPTED,
}  # fmt: skip


def moment(on: date) -> datetime:
    """A moment of a legal day (时刻)."""
    return datetime.combine(on, time(2, 15), UTC)


@dataclass(slots=True)
class Case:
    """One home's application on its way (演示申请)."""

    site: Site
    owner: Actor
    fate: State
    story: str
    row: RatingApplication | None = None

    @property
    def goal(self) -> State:
        """How far along the ladder it goes."""
        return REACHES.get(self.fate, self.fate)

    @property
    def poor(self) -> bool:
        """Whether it does badly."""
        return self.fate is State.UNRATED


@dataclass(slots=True)
class Team:
    """A city that rates (评定机关): its office, assessors, committee."""

    office: Office
    on: date
    assessors: list[UUID] = field(default_factory=list)
    experts: list[UUID] = field(default_factory=list)

    def who(self, account_id: UUID, on: date) -> Actor:
        """An account as of a day."""
        return actor_of(account_id, self.office.authority.id, on)

    def committee(self) -> list[UUID]:
        """Five members, the chair first."""
        one = self.office.one
        return [one(Post.HEAD).id, one(Post.REVIEWER).id, one(Post.REVIEWER, 1).id, *self.experts]


def fill(cast: Cast, register: Register, on: date) -> int:
    """Make campaigns and applications (演示等级评定). Returns how many applications."""
    taiyuan = _team(cast, "1401", on)
    homes = _homes(register, ("140105", "140106", "140107"), COMMUNITY)
    count = _rate(taiyuan, "cn.shanxi.3a@0.1", "示例：社区养老服务机构 3A 评级", COMMUNITY, homes, register, FATES, "AA")
    shenyang = _team(cast, "2101", on)
    tries = (State.TRIED, State.DECIDED, State.CONFERRING, State.ON_SITE, State.ACCEPTED, State.SUBMITTED, State.DRAFT)
    for scheme, title, kind, target, fates in (
        ("cn.shenyang.station@2019", "示例：社区养老服务站星级试评", SiteKind.COMMUNITY_STATION, "3", tries[:4]),
        ("cn.shenyang.centre@2019", "示例：区域性居家养老服务中心星级试评", SiteKind.HOME_CARE_CENTRE, "3", tries[1:4]),
        ("cn.gbt37276@2018", "示例：养老机构等级试评", SiteKind.CARE_HOME, "3", tries),
        ("cn.shenyang.institution@2019", "示例：养老机构服务质量星级试评", SiteKind.CARE_HOME, "4", tries[3:]),
    ):
        found = _homes(register, ("210102", "210103", "210104", "210106"), (kind,))
        count += _rate(shenyang, scheme, title, (kind,), found, register, tuple((fate, "") for fate in fates), target)
    return count


def _homes(register: Register, counties: tuple[str, ...], kinds: tuple[SiteKind, ...]) -> list[Site]:
    sites = [site for code in counties for site in register.by_county.get(code, ())]
    return [site for site in sites if site.state is SiteState.FILED and site.kind in kinds]


def _team(cast: Cast, code: str, on: date) -> Team:
    """Assessors of two firms, two experts, the committee (评定人员)."""
    office, since = cast.offices[code], on - timedelta(days=120)
    team = Team(office, on)
    handler = office.one(Post.HANDLER)
    for number in range(1, 10):
        name = f"assessor{number}-{code}"
        with acting(SYSTEM):
            row = accounts.open_account(name, cast.name(), PASSWORD, by=SYSTEM, at=moment(since), on=since)
            row.totp_secret = SECOND_FACTOR
            accounts.grant_post(row.id, Post.ASSESSOR, by=SYSTEM, on=since, authority_id=office.authority.id)
        (team.experts if number > 7 else team.assessors).append(row.id)
    cast.lines.append(f"{office.authority.name}：assessor1-{code} … assessor9-{code}（评估员，8、9 为评定委员）")
    with acting(handler):
        for number, account_id in enumerate(team.assessors):
            firm = f"示例·评估{'甲乙'[number % 2]}中心"
            panels.enter_assessor(account_id, firm, 20, by=handler, at=moment(since), on=since)
        for number, account_id in enumerate(team.committee()):
            decisions.appoint_member(account_id, "示例·评定委员会", chair=number == 0, by=handler, on=since)
    db.session.commit()
    return team


def _campaign(team: Team, scheme: str, title: str, kinds: tuple[SiteKind, ...]) -> RatingCampaign:
    day = team.on - timedelta(days=90)
    draft = CampaignDraft(
        title=title, kind=CampaignKind.RATING, scheme_key=scheme, site_kinds=kinds, opens_on=day,
        closes_on=team.on + timedelta(days=30), basis="示例：年度评定通知（演示，未与正式文本核对）",
    )  # fmt: skip
    handler, head = team.office.one(Post.HANDLER), team.office.one(Post.HEAD)
    with acting(handler):
        row = campaigns.draft_campaign(draft, by=handler, at=moment(day), on=day)
    with acting(head):
        campaigns.open_campaign(row.id, by=head, on=day)
    return row


def _rate(
    team: Team, scheme: str, title: str, kinds: tuple[SiteKind, ...], homes: list[Site], register: Register,
    fates: tuple[tuple[State, str], ...], target: str,
) -> int:  # fmt: skip
    campaign = _campaign(team, scheme, title, kinds)
    cases = [Case(site, register.owners[site.id], fate, story) for site, (fate, story) in zip(homes, fates, strict=False)]
    made = Maker(team, campaign, queries.scheme(campaign), target)
    for case in cases:  # what is found eligible after the draw waits for the next one
        if case.goal is not State.ELIGIBLE:
            made.apply(case)
    made.draw([case for case in cases if made.reaches(case, State.SCHEDULED)])
    for case in cases:
        if case.goal is State.ELIGIBLE:
            made.apply(case)
        made.assess(case)
    made.settle([case for case in cases if made.reaches(case, State.DECIDED)])
    for case in cases:
        made.publish(case)
    db.session.commit()
    return len(cases)


@dataclass(slots=True)
class Maker:
    """Carries applications of one campaign, each by the people whose part it is (演示办理)."""

    team: Team
    campaign: RatingCampaign
    scheme: Scheme
    target: str
    entries: int = 0

    def reaches(self, case: Case, state: State) -> bool:
        """Whether a case goes as far as a state."""
        return LADDER.index(case.goal) >= LADDER.index(state)

    def day(self, back: int) -> date:
        """A day so many days ago."""
        return self.team.on - timedelta(days=back)

    def apply(self, case: Case) -> None:
        """Draft, self-score, submission, review (申请与审查)."""
        late = not self.reaches(case, State.SCHEDULED)
        day = self.day(3 if late else 60)
        with acting(case.owner):
            row = applications.begin_application(
                self.campaign.id, case.site.id, self.target, by=case.owner, at=moment(day), on=day
            )
            case.row = row
            self.score(case, case.owner, day, half=case.goal is State.DRAFT)
            if case.goal is State.DRAFT:
                return
            applications.submit_application(row.id, by=case.owner, at=moment(day), on=day)
            if case.fate is State.WITHDRAWN:
                applications.withdraw_application(row.id, by=case.owner, on=day)
        self.review(case, day + timedelta(days=1))

    def review(self, case: Case, day: date) -> None:
        """Acceptance and eligibility (受理、资格)."""
        assert case.row is not None
        handler = self.team.office.one(Post.HANDLER)
        with acting(handler):
            if case.fate is State.RETURNED:
                applications.return_application(case.row.id, "示例：请补 2025 年服务台账", by=handler, on=day)
            if not self.reaches(case, State.ACCEPTED) or case.fate is State.WITHDRAWN:
                return
            applications.accept_application(case.row.id, by=handler, on=day)
            if case.fate is State.REFUSED:
                applications.refuse_application(case.row.id, "示例：运营未满 12 个月", by=handler, on=day)
            if not self.reaches(case, State.ELIGIBLE):
                return
            declared = {fact.id for fact in self.scheme.shape.facts}
            said = {key: value for key, value in FACTS.items() if key in declared}
            applications.confirm_facts(case.row.id, said, "示例：台账与证照核对", as_of=day, by=handler, on=day)
            applications.admit_application(case.row.id, by=handler, on=day)

    def score(self, case: Case, who: Actor, day: date, *, half: bool = False, strict: bool = False) -> None:
        """Fill a sheet (填写评分表)."""
        assert case.row is not None
        items = self.scheme.shape.items
        batch = []
        for item in items[: len(items) // 2] if half else items:
            value = _answer(item, poor=case.poor, strict=strict)
            if value is not None:
                self.entries += 1
                own = uuid5(SPACE, f"{case.row.id}/{who.id}/{case.row.round}/{item.id}")
                batch.append(Operation(str(own), item.id, value, wall_ms=int(moment(day).timestamp() * 1000) + self.entries))
        sheets.receive(case.row.id, batch, device="demo", by=who, at=moment(day), on=day)

    def draw(self, cases: list[Case]) -> None:
        """One draw of panels for all that are eligible by then (抽取评定组)."""
        if not cases:
            return
        day, one = self.day(55), self.team.office.one
        first, second = one(Post.HANDLER), one(Post.REVIEWER)
        waiting = [case for case in cases if case.row is not None and case.row.state is State.ELIGIBLE]
        assert waiting
        with acting(first):
            frozen = panels.freeze_panels(self.campaign.id, "demo.dice", "示例：公证处掷骰", by=first, at=moment(day), on=day)
            panels.enter_public_value(frozen.id, "示例掷骰", "315246", by=first, at=moment(day), on=day)
        with acting(second):
            panels.enter_public_value(frozen.id, "示例掷骰", "315246", by=second, at=moment(day), on=day)

    def assess(self, case: Case) -> None:
        """Visit, sheets, conferring, opinion (现场评定与合议)."""
        row = case.row
        if row is None or not self.reaches(case, State.ON_SITE):
            return
        day = self.day(50)
        with acting(SYSTEM):
            ids = [member.account_id for member in reading.active(row, seen_by=SYSTEM)]
        team = [self.team.who(account_id, day) for account_id in ids]
        with acting(team[0]):
            panels.begin_visit(row.id, by=team[0], at=moment(day), on=day)
        whole = self.reaches(case, State.CONFERRING)
        for number, who in enumerate(team):
            with acting(who):
                self.score(case, who, day, half=not whole, strict=number == 0)
                if whole:
                    sheets.lock_sheet(row.id, by=who, at=moment(day), on=day)
        if self.reaches(case, State.PROPOSED):
            self.confer(case, team, day + timedelta(days=1))

    def confer(self, case: Case, team: list[Actor], day: date) -> None:
        """Agree on what differs, sign, hand in (合议)."""
        row = case.row
        assert row is not None
        items = {item.id: item for item in self.scheme.shape.items}
        lead = team[0]
        with acting(lead):
            for apart in reading.differences(row, self.scheme, seen_by=lead):
                value = _answer(items[apart.item], poor=case.poor, strict=False)
                sheets.agree_item(row.id, apart.item, value, reason="示例：补看三个月记录后一致", by=lead, at=moment(day), on=day)
        for who in team:
            with acting(who):
                sheets.sign_consensus(row.id, reading.agreed_sha(row, seen_by=who), by=who, at=moment(day), on=day)
        with acting(lead):
            sheets.propose(row.id, by=lead, on=day)

    def settle(self, cases: list[Case]) -> None:
        """One meeting over all that are decided (评定会)."""
        rows = [case.row for case in cases if case.row is not None]
        if not rows:
            return
        day, one = self.day(42), self.team.office.one
        handler, head = one(Post.HANDLER), one(Post.HEAD)
        with acting(handler):
            meeting = decisions.convene_meeting([row.id for row in rows], day, by=handler, on=day)
        for account_id in self.team.committee():
            who = self.team.who(account_id, day)
            with acting(who):
                for row in rows:
                    decisions.cast_vote(row.id, Choice.AGREE, by=who, at=moment(day), on=day)
        with acting(head):
            for row in rows:
                decisions.decide(row.id, by=head, on=day)
        with acting(handler):
            decisions.close_meeting(meeting.id, by=handler, on=day)

    def publish(self, case: Case) -> None:
        """Notice, objection, publication, and what follows (公示与公布)."""
        row, one = case.row, self.team.office.one
        if row is None or row.state is not State.DECIDED:
            return
        first, second = one(Post.HANDLER), one(Post.HANDLER, 1)
        if case.fate is State.TRIED:
            with acting(first):
                decisions.end_trial(row.id, by=first, on=self.day(40))
        if not self.reaches(case, State.NOTICED):
            return
        day = self.day(38 if case.goal is State.PUBLISHED else 3)
        with acting(first):
            decisions.open_notice(row.id, by=first, on=day)
        if case.fate in (State.OBJECTED, State.REEXAMINED):
            with acting(case.owner):
                said = decisions.raise_objection(row.id, "示例：康复护理的记录没有看全", by=case.owner, on=day)
            if case.fate is State.REEXAMINED:
                with acting(second):
                    decisions.decide_objection(said.id, uphold=True, reason="示例：确有遗漏，另组复核", by=second, on=day)
        if case.goal is State.PUBLISHED:
            assert row.notice_until is not None
            after = row.notice_until + timedelta(days=1)
            with acting(second):
                rating = decisions.publish_rating(row.id, by=second, on=after)
            if rating is not None:
                self.follow(case, rating.id, after + timedelta(days=5))

    def follow(self, case: Case, rating_id: UUID, day: date) -> None:
        """What followed a grade (后续)."""
        first, head = self.team.office.one(Post.HANDLER), self.team.office.one(Post.HEAD)
        day = min(day, self.team.on)
        if case.story == "checked":
            with acting(case.owner):
                said = ratings.say_reply(rating_id, "示例：感谢评定组，我们会改进夜间服务记录。", by=case.owner, on=day)
            with acting(first):
                ratings.clear_reply(said.id, by=first, at=moment(day), on=day)
        if case.story == "suspended":
            ratings.note_news(case.site.id, Cause.ACCIDENT, source=rating_id, words="示例：老人坠床事故正在调查", on=day)
        if case.story == "revoked":
            with acting(first):
                change = ratings.propose_change(rating_id, Measure.REVOKE, Cause.FRAUD, "示例：服务台账造假", by=first, on=day)
            with acting(head):
                ratings.decide_change(change.id, agreed=True, by=head, on=day)


def _answer(item: Item, *, poor: bool, strict: bool) -> Any:
    """An answer to an item (演示评分): good, or poor; the strict assessor differs on some."""
    bad = poor or (strict and item.kind == "judgement" and int(item.max) % 2 == 0 and item.id.endswith(("8", "points")))
    match item.kind:
        case "achieve":
            return "0" if poor else "1"
        case "veto":
            return "1"
        case "judgement":
            step = item.step or item.max
            return str(step * int(item.max * (3 if bad else 9) / 10 / step))
        case "options":
            plain = [o.id for o in item.options if not any(o.id in other.excludes for other in item.options)]
            return (plain[:1] if poor else plain) or ["-"]
        case "choice":
            ranked = sorted(item.options, key=lambda option: option.points)
            return ranked[0 if poor else -1].id
        case "deduct":
            return {d.id: "2" if poor else "0" for d in item.deductions}
        case "formula":
            return {part.id: str(part.max) for part in item.parts} or None
    return None
