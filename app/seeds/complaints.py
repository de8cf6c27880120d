"""Complaints of the demo world (演示投诉): every state once or twice, each brought there by the verbs on days past."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from app.complaints.actions import desk, intake, verifying
from app.complaints.actions.intake import Draft
from app.complaints.models import Complaint
from app.complaints.rules import gate
from app.complaints.rules.kinds import Channel, Finding, Matter, PauseReason, Relation, Satisfaction, State, Track
from app.core.actor import Actor, Post
from app.core.db import db
from app.providers.models import Site
from app.providers.rules import SiteKind, SiteState
from app.seeds.people import Cast, Office
from app.seeds.sites import Register

COUNTY: Final = "210102"
_serial = itertools.count(1)

SAID: Final[tuple[tuple[Matter, str, str], ...]] = (
    (Matter.CARE, "示例：夜里按铃很久没人来，老人自己下床差点摔倒。", "请说明近一周夜间二楼值班和呼叫铃响应的安排与记录。"),
    (Matter.FEES, "示例：退住一个多月了，押金一直不退，打电话总说等等。", "请说明退住后押金退还的约定、时限和近三个月的退还情况。"),
    (Matter.FOOD, "示例：连着几天晚饭是凉的，肉菜很少，跟公示的菜单不一样。", "请提供近两周菜单、采购单和留样记录，并说明供餐温度的保障措施。"),
    (Matter.STAFF, "示例：护理员说话很凶，推轮椅时撞到门框也不道歉。", "请说明护理员服务礼仪和转运操作的培训与考核情况。"),
    (Matter.SAFETY, "示例：一楼后门晚上上锁，钥匙不知道在谁手里。", "请说明一楼疏散门夜间管理办法，并提供近一个月防火巡查记录。"),
)  # fmt: skip
HOME_WORDS: Final = "示例：经核查，所列情况部分存在，请对照管理制度整改并报送结果。"
REASONS: Final = "示例：查看值班记录、公示栏和监控，走访三名老年人，情况与记录相互印证。"
ANSWER: Final = "示例：经核实，您反映的情况我们已查清，已要求机构改正并将复查。如对结果有异议，可再次联系本机关。"
# What becomes of each complaint, with its track and finding; the days it came in are counted back from the newest.
FATES: Final[tuple[tuple[State, Track, Finding], ...]] = (
    (State.REGISTERED, Track.HOTLINE, Finding.TRUE),
    (State.REGISTERED, Track.HOTLINE, Finding.TRUE),
    (State.CLASSIFIED, Track.PETITION, Finding.TRUE),
    (State.ACCEPTED, Track.REPORT, Finding.TRUE),
    (State.INVESTIGATING, Track.HOTLINE, Finding.TRUE),
    (State.MERGED, Track.HOTLINE, Finding.TRUE),
    (State.SUSPENDED, Track.HOTLINE, Finding.TRUE),
    (State.FOUND, Track.CONSUMER, Finding.PARTLY),
    (State.REVIEWED, Track.HOTLINE, Finding.UNTRUE),
    (State.ANSWERED, Track.REPORT, Finding.TRUE),
    (State.CALLED_BACK, Track.HOTLINE, Finding.UNVERIFIABLE),
    (State.CLOSED, Track.HOTLINE_ENQUIRY, Finding.UNTRUE),
    (State.ARCHIVED, Track.HOTLINE, Finding.PARTLY),
    (State.DECLINED, Track.PETITION, Finding.TRUE),
    (State.FORWARDED, Track.HOTLINE, Finding.TRUE),
    (State.RETURNED, Track.HOTLINE, Finding.TRUE),
)


@dataclass(slots=True)
class Case:
    """One complaint with those who deal with it (一件投诉)."""

    office: Office
    site: Site
    owner: Actor
    row: Complaint
    said: tuple[Matter, str, str]

    @property
    def handler(self) -> Actor:
        return self.office.one(Post.HANDLER)

    @property
    def other(self) -> Actor:
        return self.office.one(Post.HANDLER, 1)

    @property
    def reviewer(self) -> Actor:
        return self.office.one(Post.REVIEWER)


def moment(on: date, hour: int = 2) -> datetime:
    """A moment of a legal day (时刻), in UTC: 10:00 in Beijing by default."""
    return datetime.combine(on, time(hour, 20), UTC)


def fill(cast: Cast, register: Register, on: date) -> int:
    """Make the complaints (演示投诉). Returns how many."""
    office = cast.offices[COUNTY]
    homes = [s for s in register.by_county[COUNTY] if s.state is SiteState.FILED and s.kind is SiteKind.CARE_HOME][:3]
    lead: Case | None = None
    for number, (state, track, finding) in enumerate(FATES):
        day = on - timedelta(days=3 if state is State.MERGED else 2 + number)
        site = homes[0] if state in {State.MERGED, State.INVESTIGATING} else homes[number % len(homes)]
        said = SAID[4 if state in {State.MERGED, State.INVESTIGATING} else number % len(SAID)]
        case = _received(office, site, register.owners[site.id], said, number, state, day)
        _carry(case, state, track, finding, day, lead)
        if state is State.INVESTIGATING:
            lead = case
        db.session.commit()
    return len(FATES)


def _received(
    office: Office, site: Site, owner: Actor, said: tuple[Matter, str, str], number: int, state: State, day: date
) -> Case:
    code = gate.code_for("demo", f"demo-{next(_serial)}")
    draft = Draft(
        about_words=site.name,
        about_site_id=site.id,
        statement=said[1],
        matter=said[0],
        channel=Channel.TRANSFER if state is State.RETURNED else (Channel.PHONE, Channel.VISIT)[number % 2],
        source_words="示例·12345 中心转办单" if state is State.RETURNED else "",
        happened_words="示例：上周",
        anonymous=number % 7 == 6,
        relation=Relation.FAMILY,
        name="示例·王家属",
        phone=f"139000000{number:02d}",
        urgent=number == 1,
        urgent_words="示例：老人说昨晚被人推倒，现在腿不能动",
    )
    row = intake.register_complaint(draft, code=code, by=office.one(Post.HANDLER), at=moment(day), on=day)
    return Case(office, site, owner, row, said)


def _carry(case: Case, state: State, track: Track, finding: Finding, day: date, lead: Case | None) -> None:
    """Bring a complaint as far as `state`, each step by the person whose part it is."""
    row, by, at = case.row, case.handler, moment(day, 4)
    if state is State.REGISTERED:
        return
    if state is State.FORWARDED:
        desk.forward(row.id, "示例·市场监督管理局", "示例：价格问题由该局处理。", by=by, at=at, on=day)
        return
    if state is State.RETURNED:
        desk.send_back_to_source(row.id, "示例：机构不在本辖区", by=by, at=at, on=day)
        return
    desk.classify(row.id, track, matter=case.said[0], about_site_id=case.site.id, by=by, at=at, on=day)
    if state is State.DECLINED:
        desk.decline(row.id, "示例：同一事项法院已经受理，请通过诉讼解决。", by=case.reviewer, at=at, on=day)
        return
    if state is State.CLASSIFIED:
        return
    desk.accept(row.id, by=by, at=at, on=day)
    if state is State.ACCEPTED:
        return
    if state is State.MERGED and lead is not None:
        desk.merge(row.id, lead.row.id, by=by, at=at, on=day)
        return
    desk.assign(row.id, by=by, at=at, on=day)
    _verify(case, state, finding, day)


def _verify(case: Case, state: State, finding: Finding, day: date) -> None:
    row, by, at = case.row, case.handler, moment(day, 6)
    asked = verifying.ask_home(row.id, case.said[2], confirmed=True, by=by, at=at, on=day)
    if state is State.INVESTIGATING:
        desk.ask_extension(row.id, 5, "示例：等机构提供近一个月记录", by=by, at=at, on=day)
        return
    verifying.reply(
        asked.id, "示例：已自查，当班安排和记录如附，个别环节衔接不好，已调整排班。", [], by=case.owner, at=moment(day, 7), on=day
    )
    if state is State.SUSPENDED:
        desk.pause(row.id, PauseReason.SUPPLEMENT, "示例：等投诉人补充缴费凭证", by=case.reviewer, at=moment(day, 8), on=day)
        return
    verifying.find(row.id, finding, REASONS, home_words=HOME_WORDS, confirmed=True, by=by, at=moment(day, 8), on=day)
    if state is State.FOUND:
        return
    verifying.review(row.id, by=case.reviewer, at=moment(day, 9), on=day)
    if state is State.REVIEWED:
        return
    _answer(case, state, day)


def _answer(case: Case, state: State, day: date) -> None:
    row, by, at = case.row, case.handler, moment(day, 9)
    verifying.answer(row.id, ANSWER, "电话", by=by, at=at, on=day)
    if state is State.ANSWERED:
        desk.open_case(row.id, by=by, at=at, on=day)
        return
    if row.reachable:
        said = Satisfaction.UNSATISFIED if state is State.CALLED_BACK else Satisfaction.SATISFIED
        verifying.call_back(row.id, said, "示例：希望看到整改照片", by=case.other, at=at, on=day + timedelta(days=1))
    if state is State.CALLED_BACK:
        return
    verifying.close(row.id, by=by, at=at, on=day + timedelta(days=1))
    if state is not State.CLOSED:
        desk.archive(row.id, by=by, at=at, on=day + timedelta(days=1))
