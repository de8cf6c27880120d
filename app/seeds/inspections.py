"""Inspections of the demo world (演示检查) in every state: planned, noticed, at work, signed, closed, ordered, repaired, published."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.core.actor import Actor, Post
from app.core.db import db
from app.core.uploads import CleanUpload, clean
from app.inspections.actions import answers, findings, hazards, orders, papers, tasks
from app.inspections.actions.findings import Looked
from app.inspections.actions.orders import Demand
from app.inspections.models import Finding, InspectionTask
from app.inspections.queries import answers as logs
from app.inspections.queries import findings as ledger
from app.inspections.queries import tasks as queries
from app.inspections.rules.answers import operation_hash
from app.inspections.rules.checklist import Checklist
from app.inspections.rules.hazards import Stop
from app.inspections.rules.papers import ServiceWay
from app.inspections.rules.recheck import Handling, RecheckResult
from app.inspections.rules.task import CheckInWay, SignerRole, TaskKind, TaskState
from app.providers.models import Site
from app.providers.rules import SiteKind, SiteState
from app.regions import actions as regions
from app.seeds.people import PLACES, Cast, Office, actor_of
from app.seeds.sites import Register

PUBLISHED, RECHECKED, ORDERED, OVERDUE, CLOSED, REVIEWED, SIGNED, AT_WORK, ARRIVED, NOTICED, APPROVED, PLANNED, CANCELLED = range(
    13
)
# The states of a county's inspections, one a site in this order: in the first county of a city every state, in others some.
STAGES: Final = (
    PUBLISHED, PUBLISHED, RECHECKED, ORDERED, OVERDUE, CLOSED, REVIEWED, SIGNED, AT_WORK, ARRIVED, NOTICED, APPROVED, PLANNED, CANCELLED,
)  # fmt: skip
PROBLEMS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"G-4.2": "二层东侧疏散指示标志脱落 1 处"},
    {"F-19": "二层东侧疏散通道堆放轮椅 3 辆、床垫 2 张", "G-4.4b": "10 月 3 日、4 日夜间巡查无记录"},
    {"F-32": "厨房灭火器 1 具压力不足", "F-41": "门厅停放充电电动车 1 辆"},
    {"H-06": "自办食堂未取得食品经营许可证，已停用"},
    {"F-20": "三层 306 室窗户装有固定栅栏", "F-47": "上半年消防培训无签到记录"},
)
SOME_STAGES: Final = (PUBLISHED, OVERDUE, RECHECKED, AT_WORK, NOTICED)
_devices = itertools.count(1)


@dataclass(slots=True)
class Visit:
    """One inspection with those who take part (一次检查)."""

    office: Office
    site: Site
    owner: Actor
    lead: UUID
    second: UUID
    day: date
    row: InspectionTask | None = None

    def inspector(self, account_id: UUID, on: date) -> Actor:
        """An inspector with what is assigned by then."""
        return actor_of(account_id, self.office.authority.id, on)


def moment(on: date, hour: int = 2) -> datetime:
    """A moment of a legal day (时刻), in UTC: 10:00 in Beijing by default."""
    return datetime.combine(on, time(hour, 15), UTC)


def visit_all(cast: Cast, register: Register, on: date) -> int:
    """Make the inspections (演示检查). Returns how many."""
    count = 0
    _settle_first_visits(cast, on)
    firsts = {counties[0] for _, counties in PLACES.values()}
    for code, office in cast.offices.items():
        if len(code) != 6:
            continue
        _publish_cap(office, on)
        stages = STAGES if code in firsts else SOME_STAGES
        for number, (stage, site) in enumerate(zip(stages, _homes(register.by_county[code]), strict=False)):
            people = office.people[Post.INSPECTOR.value]
            lead, second = people[number % 4].id, people[(number + 1) % 4].id
            day = on - timedelta(days=45 - number * 2) if stage <= SIGNED else on
            _carry(Visit(office, site, register.owners[site.id], lead, second, day), stage, count)
            db.session.commit()
            count += 1
    return count


def _settle_first_visits(cast: Cast, on: date) -> None:
    """First visits of sites filed long ago were made before the platform: their drafts are given up, with that reason."""
    drafts = select(InspectionTask).where(
        InspectionTask.kind == TaskKind.FIRST_VISIT,
        InspectionTask.state == TaskState.PLANNED,
        InspectionTask.planned_on < on,
    )
    offices = {office.authority.id: office for office in cast.offices.values()}
    for row in db.session.scalars(drafts):
        by = offices[row.authority_id].one(Post.HANDLER)
        tasks.cancel_task(row.id, reason="示例：平台上线前已完成首次检查", by=by, on=on)
    db.session.commit()


def _homes(sites: list[Site]) -> list[Site]:
    return [site for site in sites if site.state is SiteState.FILED and site.kind is SiteKind.CARE_HOME]


def _publish_cap(office: Office, on: date) -> None:
    place = office.authority
    regions.change_setting(
        place.region_id, "inspection.visits_cap", 4, source="示例·年度行政检查计划（演示）", in_force_from=date(on.year - 1, 1, 1),
        by=office.one(Post.HEAD), at=moment(on), on=on,
    )  # fmt: skip


def _carry(visit: Visit, stage: int, number: int) -> None:
    """Bring an inspection as far as `stage` by its verbs, each on its day by the person whose part it is."""
    handler, head = visit.office.one(Post.HANDLER), visit.office.one(Post.HEAD)
    announced = stage in {NOTICED, PUBLISHED, RECHECKED}
    first = visit.day - timedelta(days=8) if announced and stage != NOTICED else visit.day - timedelta(days=1)
    planned_on = visit.day + timedelta(days=9) if stage in {NOTICED, APPROVED, PLANNED, CANCELLED} else visit.day
    visit.row = row = tasks.plan_task(
        visit.site.id,
        kind=TaskKind.DAILY if announced or stage >= NOTICED else TaskKind.CASE,
        planned_on=planned_on,
        team=(visit.lead, visit.second),
        source_words="示例：年度检查计划" if announced else "示例：投诉线索",
        by=handler,
        at=moment(first),
        on=first,
    )
    if stage == PLANNED:
        return
    if stage == CANCELLED:
        tasks.cancel_task(row.id, reason="示例：与部门联合检查合并", by=handler, on=first)
        return
    tasks.approve_task(row.id, item_published=True, by=head, on=first)
    if stage == APPROVED:
        return
    if announced:
        visit.day = max(visit.day, tasks.serve_notice(row.id, way="直接送达", by=handler, on=first))
    if stage == NOTICED:
        return
    _arrive(visit)
    if stage == ARRIVED:
        return
    problems = PROBLEMS[number % len(PROBLEMS)]
    _answer(visit, problems, part=stage == AT_WORK)
    if stage == AT_WORK:
        return
    _sign(visit)
    _conclude(visit, stage)


def _arrive(visit: Visit) -> None:
    row = _row(visit)
    lead = visit.inspector(visit.lead, visit.day)
    tasks.check_in(row.id, way=CheckInWay.SCAN, by=lead, at=moment(visit.day, 1), on=visit.day)
    tasks.read_rights(row.id, by=lead, at=moment(visit.day, 1), on=visit.day)


def _row(visit: Visit) -> InspectionTask:
    assert visit.row is not None
    return visit.row


@dataclass(slots=True)
class Tablet:
    """A device that writes operations (演示平板): numbered without gaps, each chained to the one before."""

    task_id: UUID
    sha: str
    author: UUID
    start_ms: int
    name: str
    seq: int = 0
    last: str = ""

    def write(self, item: str, value: str, kind: str = "answer", reason: str = "") -> dict[str, Any]:
        """The next operation, as it goes over the wire."""
        self.seq += 1
        made: dict[str, Any] = {
            "op_id": str(uuid4()), "task_id": str(self.task_id), "edition_sha": self.sha, "item": item, "kind": kind,
            "value": value, "reason": reason, "author_id": str(self.author), "device_id": self.name, "seq": self.seq, "replaces": [],
            "wall_ms": self.start_ms + self.seq * 9000, "mono_ms": self.seq * 9000, "offset_ms": 0, "prev_hash": self.last,
        }  # fmt: skip
        made["hash"] = self.last = operation_hash(made)
        return made


def _answer(visit: Visit, problems: Mapping[str, str], *, part: bool) -> None:
    """Fill the checklist (填写检查表): everything met but the problems; `part` stops half-way."""
    row, lead = _row(visit), visit.inspector(visit.lead, visit.day)
    checklist: Checklist = queries.checklist(row.id, seen_by=lead)
    at = moment(visit.day, 3)
    tablet = Tablet(row.id, row.checklist_sha, visit.lead, int(at.timestamp() * 1000), f"demo-pad-{next(_devices):04d}")
    fields = {"@credentials_shown": "已出示", "@rights_read": "已告知", "@recusal": "不申请", "@on_site_head": "示例·王平"}
    batch = [tablet.write(name, value, "field") for name, value in {**fields, "@residents_today": "42"}.items()]
    items = checklist.items[: len(checklist.items) // 2] if part else checklist.items
    for item in items:
        fact = problems.get(item.code)
        batch.append(tablet.write(item.code, "not_met" if fact else "met"))
        if fact:
            batch.append(tablet.write(item.code, f"{fact}（示例）", "remark"))
            photo = a_picture(item.code)
            answers.receive_photo(row.id, photo, by=lead, at=at, on=visit.day)
            batch.append(tablet.write(item.code, photo.original_sha256, "photo", reason="示例：现场"))
    for start in range(0, len(batch), 400):
        answers.receive(batch[start : start + 400], by=lead, at=at, on=visit.day)


def _sign(visit: Visit) -> None:
    row, lead = _row(visit), visit.inspector(visit.lead, visit.day)
    at, on = moment(visit.day, 8), visit.day
    sha = logs.record(row.id, seen_by=lead).fold.sha256
    for officer in (visit.lead, visit.second):
        answers.sign(
            row.id, role=SignerRole.OFFICER, state_sha=sha, account_id=officer, picture=a_signature(), by=lead, at=at, on=on
        )
    answers.sign(row.id, role=SignerRole.PARTY, state_sha=sha, name="示例·王平", picture=a_signature(), by=lead, at=at, on=on)
    tasks.submit_for_review(row.id, by=lead, at=at, on=on)


def _conclude(visit: Visit, stage: int) -> None:
    row, office = _row(visit), visit.office
    if stage == SIGNED:
        return
    day = visit.day + timedelta(days=1)
    tasks.review_task(row.id, by=office.one(Post.REVIEWER), on=day)
    if stage == REVIEWED:
        return
    tasks.close_task(row.id, by=office.one(Post.HANDLER), on=day)
    _supervise(visit, day)
    if stage == CLOSED:
        return
    usual = ledger.usual_demands(row.id, seen_by=office.one(Post.HEAD), on=day)
    if usual:
        order = orders.issue_order(
            row.id, [Demand(u.finding.id, u.words, days=_days(u.finding, stage)) for u in usual],
            by=office.one(Post.HEAD), at=moment(day, 4), on=day,
        )  # fmt: skip
        orders.serve_order(
            order.id, way=ServiceWay.DIRECT, receiver="示例·王平", served_at=moment(day, 6), by=office.one(Post.HANDLER), at=moment(day, 6), on=day
        )  # fmt: skip
    papers.issue_report(row.id, by=office.one(Post.REVIEWER), at=moment(day, 7), on=day)
    if stage in {PUBLISHED, RECHECKED}:
        _repair(visit, [u.finding for u in usual], stage, day + timedelta(days=4))
        tasks.publish_result(row.id, by=office.one(Post.HANDLER, 1), on=day + timedelta(days=9))


def _days(row: Finding, stage: int) -> int | None:
    """A week where the demo wants an overdue problem; a major hazard's day is set by its plan alone."""
    return 7 if stage == OVERDUE and not row.item.startswith("H-") else None


def _supervise(visit: Visit, on: date) -> None:
    """A major hazard goes its own path (重大隐患督办): measures at once."""
    head = visit.office.one(Post.HEAD)
    for row in ledger.findings_of_task(_row(visit).id, seen_by=head):
        if row.item.startswith("H-") and ledger.supervision(row.id, seen_by=head) is not None:
            hazards.decide_measures(
                row.id, [Stop.STOP_USE], reason="示例：食堂停用，改由有证单位送餐", by=head, at=moment(on, 5), on=on
            )


def _repair(visit: Visit, rows: list[Finding], stage: int, on: date) -> None:
    ordinary = [row for row in rows if not row.item.startswith("H-")]
    for row in ordinary:
        at = moment(on)
        draft = findings.save_draft(
            row.id, measure="示例：已整改", uploads=[a_picture(f"整改 {row.item}")], by=visit.owner, at=at, on=on
        )
        photos = [UUID(photo) for photo in draft.photos]
        findings.report_rectified(
            row.id, measure="示例：已清理并张贴标识，安排专人每日查看", photos=photos, by=visit.owner, at=at, on=on
        )
    if not ordinary:
        return
    people = visit.office.people[Post.INSPECTOR.value]
    officers = [people[4].id, people[5].id]
    recheck = findings.assign_recheck(
        [row.id for row in ordinary],
        officers,
        planned_on=on + timedelta(days=2),
        by=visit.office.one(Post.HANDLER),
        at=moment(on, 4),
        on=on,
    )
    if stage == PUBLISHED:
        day = on + timedelta(days=2)
        by = visit.inspector(officers[0], day)
        looked = [Looked(row.id, RecheckResult.DONE, Handling.CLOSE, note="示例：现场查看，已整改") for row in ordinary]
        findings.record_recheck(recheck.id, looked, statement="无异议", by=by, at=moment(day), on=day)


@cache
def a_picture(words: str) -> CleanUpload:
    """A drawn stand-in for a photo (示例照片), plainly no photograph."""
    image = Image.new("RGB", (960, 720), "#D8D2C4")
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 720), (330, 300), (630, 300), (960, 720)], fill="#C4B59A")
    draw.rectangle((330, 120, 630, 300), fill="#EDE8DC")
    for n, letter in enumerate(uuid5(_NAMES, words).bytes):
        draw.rectangle((60 + n * 52, 560 - letter, 90 + n * 52, 700), fill=(80 + letter // 2, 110, 150 - letter // 3))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return clean(file.getvalue(), "示例照片.jpg")


_NAMES: Final = UUID("5b0f1a1e-7f39-4c38-9f45-2f3f6f1f7b10")


@cache
def a_signature() -> CleanUpload:
    """A line that stands for a handwritten name (示例签名)."""
    image = Image.new("RGB", (320, 120), "white")
    ImageDraw.Draw(image).line([(20, 90), (70, 30), (110, 95), (160, 40), (220, 90), (300, 35)], fill="black", width=5)
    file = io.BytesIO()
    image.save(file, "PNG")
    return clean(file.getvalue(), "签名.png")
