"""The list of dishonesty in the demo world (演示名单): every state once, with persons, objections and applications among them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.core.actor import Actor, Post
from app.core.db import db
from app.credit.actions import listing, listing_ends
from app.credit.actions.listing import Clue, PersonDraft, Service
from app.credit.models.listing import ListEntry
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import ClueSource, EntryState, ListKind, ObjectionVerb, PenaltyKind
from app.inspections.rules.papers import ServiceWay
from app.providers.models import Site
from app.providers.rules import SiteState
from app.regions import actions as regions
from app.seeds.inspections import moment
from app.seeds.people import Cast, Office
from app.seeds.sites import Register

S = EntryState
CONFIRMED: Final = "演示，未与正式文本核对"
# ground, facts, what the public reads
CASES: Final = (
    ("M-07", "示例：检查时锁闭三层通道，提供虚假的消防培训签到表。", "拒绝接受监督检查，提供虚假材料。"),
    ("M-04", "示例：重大火灾隐患经责令逾期未改正。", "存在重大火灾隐患，逾期未改正。"),
    ("M-06", "示例：虚报收住失能老人数，多领补贴。", "以虚假申报骗取补贴。"),
    ("M-08", "示例：连续两年未报送年度工作报告。", "未按规定报送年度工作报告。"),
)


def fill(cast: Cast, register: Register, on: date) -> int:
    """Make the entries (演示名单) at the first county that has homes enough. Returns how many."""
    code, homes = next(
        (code, found)
        for code, sites in register.by_county.items()
        if len(found := [s for s in sites if s.state is SiteState.FILED]) >= 4
    )
    maker = _Maker(cast.offices[code], register, homes, on)
    maker.prepare()
    for state in S:
        maker.bring(state)
        db.session.commit()
    for extra in (maker.objected, maker.applied, maker.paused, maker.person, maker.minor, maker.watched, maker.ending):
        extra()
        db.session.commit()
    return maker.count


class _Maker:
    """Somebody who walks entries through the office (演示办理)."""

    def __init__(self, office: Office, register: Register, homes: list[Site], on: date) -> None:
        self.handler, self.second = office.one(Post.HANDLER), office.one(Post.HANDLER, 1)
        self.reviewer, self.head = office.one(Post.REVIEWER), office.one(Post.HEAD)
        self.office, self.register, self.homes, self.on, self.count = office, register, homes, on, 0

    def owner(self, row: ListEntry) -> Actor:
        """The home's owner."""
        assert row.site_id is not None
        return self.register.owners[row.site_id]

    def start(self, first: date, **more: object) -> ListEntry:
        """A clue found on a day."""
        ground, facts, _ = CASES[self.count % len(CASES)]
        values: dict[str, object] = {
            "kind": ListKind.LIST,
            "table_code": "grounds_mca103",
            "ground_code": ground,
            "source": ClueSource.INSPECTION,
            "source_words": "示例：检查记录",
            "facts": facts,
            "found_on": first,
            "penalty": PenaltyKind.NONE,
        }
        site = self.homes[self.count % len(self.homes)]
        (row, *_) = listing.register_clue(
            site.id,
            Clue(**(values | more)),  # type: ignore[arg-type]
            by=self.handler,
            at=moment(first),
            on=first,
        )
        self.count += 1
        return row

    def decide(self, row: ListEntry, first: date, cls: PublicationClass, until: EntryState) -> date:
        """From the proposal to the decision; gives the day of the last step."""
        listing.propose(row.id, publication_class=cls, by=self.handler, at=moment(first), on=first)
        if until is S.PROPOSED:
            return first
        service = Service(ServiceWay.DIRECT, "示例·王平", first)
        listing.serve_notice(row.id, service, by=self.handler, on=first)
        listing.make_statement(
            row.id, words="示例：已经着手改正，请从轻处理。", said_by="示例·王平", by=self.handler, at=moment(first), on=first
        )
        if until is S.NOTICED:
            return first
        day = listing.defence_until(row) + timedelta(days=1)
        listing.close_defence(row.id, answer="示例：改正情况属实，不影响列入认定。", by=self.handler, on=day)
        if until is S.IN_REVIEW:
            return day
        listing.review(row.id, words="示例：事实清楚、证据充分、程序合法。", by=self.reviewer, on=day)
        if until is S.REVIEWED:
            return day
        if until is S.NOT_LISTED:
            listing.decide_not(row.id, reason="示例：情节轻微，已经改正。", by=self.head, at=moment(day), on=day)
            return day
        listing.decide_list(row.id, words="示例：列入名单。", by=self.head, at=moment(day), on=day)
        return day

    def bring(
        self, state: EntryState, *, first: date | None = None, cls: PublicationClass = PublicationClass.SERIOUS
    ) -> ListEntry:
        """An entry in a state (演示条目)."""
        ago = {S.REMOVED: 230, S.EXPIRED: 500, S.NOTICED: 2}.get(state, 40)
        if state is S.EXPIRED:
            return self.run_out()
        first = first or self.on - timedelta(days=ago)
        row = self.start(first)
        if state is S.CLUE:
            return row
        if state is S.DISMISSED:
            listing.dismiss(row.id, reason="示例：查无实据。", by=self.reviewer, on=first)
            return row
        cls = PublicationClass.GENERAL if state is S.REMOVED else cls
        day = self.decide(row, first, cls, state)
        if state in (S.PROPOSED, S.NOTICED, S.IN_REVIEW, S.REVIEWED, S.NOT_LISTED, S.DECIDED):
            return row
        listing.serve_decision(row.id, Service(ServiceWay.DIRECT, "示例·王平", day), by=self.handler, on=day)
        if state is S.SERVED:
            return row
        self.publish(row, day)
        if state is S.ANNULLED:
            listing_ends.annul(
                row.id, reason="示例：复查发现认定有误。", public_reason="经复查，列入所依据的事实不成立。", decided_on=day,
                by=self.reviewer, at=moment(day), on=day,
            )  # fmt: skip
        if state is S.REMOVED:
            assert row.earliest_repair_on is not None
            asked = self.ask(row, row.earliest_repair_on)
            listing_ends.accept_application(asked, by=self.second, on=row.earliest_repair_on)
            listing_ends.decide_repair(
                asked,
                approve=True,
                answer="示例：条件具备。",
                by=self.reviewer,
                at=moment(row.earliest_repair_on),
                on=row.earliest_repair_on,
            )
        return row

    def publish(self, row: ListEntry, day: date, why: str = "") -> None:
        """Write, clear, publish."""
        words = next(text for ground, _, text in CASES if ground == row.ground_code) if row.ground_code[0] == "M" else "示例"
        listing.write_public_text(row.id, words=words, by=self.handler, on=day)
        listing.clear_public_text(row.id, by=self.reviewer, on=day)
        listing.publish(row.id, needed_because=why, by=self.handler, on=day)

    def ask(self, row: ListEntry, day: date) -> UUID:
        """The home applies for removal."""
        return listing_ends.apply_for_repair(
            row.id, corrected="示例：已经改正，完成全员培训。", promise=True, by=self.owner(row), at=moment(day), on=day
        ).id

    def in_force(self, ago: int, cls: PublicationClass, why: str = "", **more: object) -> ListEntry:
        """A published entry whose clue is some days old."""
        first = self.on - timedelta(days=ago)
        row = self.start(first, **more)
        day = self.decide(row, first, cls, S.PUBLISHED)
        listing.serve_decision(row.id, Service(ServiceWay.DIRECT, "示例·王平", day), by=self.handler, on=day)
        self.publish(row, day, why)
        return row

    def run_out(self) -> ListEntry:
        """An entry that has run out (期满退出)."""
        row = self.in_force(150, PublicationClass.MINOR, "示例：社会影响较大")
        assert row.max_end is not None
        listing_ends.expire(row.id, on=row.max_end + timedelta(days=1))
        return row

    def ending(self) -> None:
        """An entry that ends within the month."""
        self.in_force(80, PublicationClass.MINOR, "示例：社会影响较大")

    def objected(self) -> None:
        """Entries with an objection: one waits to be marked, one is marked, one was rejected."""
        for step in range(3):
            row = self.in_force(30, PublicationClass.SERIOUS)
            made = listing_ends.object_to(row.id, words="示例：签到表是真实的，请复核。", by=self.owner(row), on=self.on)
            if step:
                listing_ends.mark_objection(made.id, by=self.second, on=self.on)
            if step == 2:
                listing_ends.answer_objection(
                    made.id, ObjectionVerb.REJECT, answer="示例：经核对监控录像，签到时间与培训时间不符。", by=self.reviewer,
                    at=moment(self.on), on=self.on,
                )  # fmt: skip

    def applied(self) -> None:
        """Applications for removal: submitted, accepted, refused."""
        for step in range(3):
            row = self.in_force(150, PublicationClass.GENERAL)
            asked = self.ask(row, self.on)
            if step:
                listing_ends.accept_application(asked, by=self.second, on=self.on)
            if step == 2:
                listing_ends.decide_repair(
                    asked, approve=False, answer="示例：整改尚未验收。", by=self.reviewer, at=moment(self.on), on=self.on
                )

    def paused(self) -> None:
        """An application that waits for papers: its term pauses."""
        row = self.in_force(150, PublicationClass.GENERAL)
        asked = self.ask(row, self.on)
        listing_ends.accept_application(asked, by=self.second, on=self.on)
        listing_ends.ask_for_more(asked, what="示例：验收记录复印件", by=self.second, on=self.on)

    def person(self) -> None:
        """A person's entry beside his employer's (从业人员)."""
        self.in_force(35, PublicationClass.SERIOUS, organisation=False, persons=[PersonDraft("示例·赵小六")], ground_code="M-06")

    def minor(self) -> None:
        """A minor one that is in force and, as a rule, not published."""
        self.bring(S.SERVED, cls=PublicationClass.MINOR)

    def watched(self) -> None:
        """The watch list, inside the office (重点关注)."""
        self.regions_set("credit.watch_term", 6)
        first = self.on - timedelta(days=20)
        row = self.start(first, kind=ListKind.WATCH, table_code="grounds_watch", ground_code="W-02")
        day = self.decide(row, first, PublicationClass.SERIOUS, S.SERVED)
        listing.serve_decision(row.id, Service(ServiceWay.DIRECT, "示例·王平", day), by=self.handler, on=day)

    def prepare(self) -> None:
        """What the office confirmed, as a demo may (条文确认)."""
        first = self.on - timedelta(days=300)
        listing.confirm_ground("grounds_mca103", "subsidy_stop", against=CONFIRMED, by=self.head, on=first)

    def regions_set(self, key: str, value: int) -> None:
        """A setting of the place, as a demo may."""
        first = self.on - timedelta(days=300)
        regions.change_setting(
            self.office.authority.region_id, key, value, source="示例·本机关规定（演示）", in_force_from=first, by=self.head,
            at=moment(first), on=first,
        )  # fmt: skip
