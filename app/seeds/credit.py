"""Credit of the demo world (演示信用): records in every state, objections, manual tiers, newcomers that look like old homes, imports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from app.core.actor import SYSTEM, Post
from app.core.db import act_as, acting, db
from app.core.xlsx.write import Table, write_table
from app.credit.actions import classes, phoenix, tiers
from app.credit.actions import records as actions
from app.credit.models.records import CreditRecord
from app.credit.rules.classes import SHEET, SHEETS
from app.credit.rules.records import EndWay, RecordKind
from app.providers import actions as providers
from app.providers.models import Site
from app.providers.rules import Nature, SiteKind, Tier
from app.seeds.people import Cast, Office
from app.seeds.sites import Register, a_code

K = RecordKind
# kind, days ago, what happened, by which text, whose paper. All of it is invented and says so.
STORIES: Final = (
    (K.COMMENDATION, 190, "示例：获评市级敬老文明单位（演示）", "", "示例·市民政局"),
    (K.PILOT, 160, "示例：承担认知症照护试点（演示）", "", "示例·市民政局"),
    (K.PENALTY_MINOR, 170, "示例：未按规定公示收费标准，警告（演示）", "《养老机构管理办法》（民政部令第66号）", "示例·区民政局"),
    (K.PENALTY_GENERAL, 120, "示例：未与老年人签订服务协议，罚款（演示）", "《养老机构管理办法》（民政部令第66号）", "示例·区民政局"),
    (K.PENALTY_SERIOUS, 60, "示例：安全隐患逾期不改，责令停业整顿（演示）", "《老年人权益保障法》", "示例·区民政局"),
    (K.FILING_LAPSE, 90, "示例：床位增加后未在规定期限办理变更备案（演示）", "《养老机构管理办法》（民政部令第66号）", "示例·区民政局"),
    (K.FALSE_MATERIAL, 150, "示例：备案承诺与实际不符（演示）", "《养老机构管理办法》（民政部令第66号）", "示例·区民政局"),
    (K.ABNORMAL_LIST, 100, "示例：通过登记的住所无法联系，列入经营异常名录（演示）", "《企业信息公示暂行条例》", "示例·市场监管局"),
    (K.ANNUAL_REPORT, 140, "示例：未按时报送年度工作报告（演示）", "《养老机构管理办法》（民政部令第66号）", "示例·区民政局"),
    (K.INSPECTION_REFUSED, 80, "示例：以无人值守为由拒绝检查（演示）", "《养老机构管理办法》（民政部令第66号）", "示例·区民政局"),
)  # fmt: skip
WHY: Final = "示例：处罚决定书送达后已全部改正，整改材料附后（演示）"


def moment(on: date) -> datetime:
    """A moment of a legal day (时刻), in UTC."""
    return datetime.combine(on, time(3, 0), UTC)


def fill(cast: Cast, register: Register, on: date) -> int:
    """Make the records and what becomes of them (演示信用). Returns how many records were entered by hand."""
    count = 0
    for code in sorted(c for c in cast.offices if len(c) == 6)[:1]:
        office, homes = cast.offices[code], register.by_county[code][:12]
        with acting(SYSTEM):
            rows = [_record(office, homes[n % len(homes)], n, code, on) for n in range(len(STORIES))]
        count += len(rows)
        _contested(office, register, rows, on)
        _by_hand(office, homes, on)
        _newcomers(office, homes, code, on)
        _imports(office, homes, on)
        act_as(SYSTEM)
        for site in homes:
            actions.keep_score(site.id, by=SYSTEM, at=moment(on), on=on)
        db.session.commit()
    return count


def _record(office: Office, site: Site, number: int, code: str, on: date) -> CreditRecord:
    kind, days, facts, clause, source = STORIES[number]
    day = on - timedelta(days=days)
    return actions.add_record(
        site.id, kind, facts=facts, clause=clause, source=source, number=f"示例〔{day.year}〕{code}-{number + 1}号（演示）",
        decided_on=day, by=office.one(Post.HANDLER), at=moment(day), on=day,
    )  # fmt: skip


def _contested(office: Office, register: Register, rows: list[CreditRecord], on: date) -> None:
    """Objections in every state; one record annulled, one repaired."""
    reviewer = office.one(Post.REVIEWER)

    def raised(row: CreditRecord, days: int) -> tuple[UUID, date]:
        day = on - timedelta(days=days)
        return actions.raise_objection(row.id, WHY, by=register.owners[row.site_id], at=moment(day), on=day).id, day

    raised(rows[5], 2)  # waiting
    upheld, day = raised(rows[6], 40)
    actions.decide_objection(upheld, upheld=True, reason="示例：核实后承诺内容属实（演示）", by=reviewer, at=moment(day), on=day)
    rejected, day = raised(rows[3], 35)
    actions.decide_objection(
        rejected, upheld=False, reason="示例：改正不影响处罚已经作出（演示）", by=reviewer, at=moment(day), on=day
    )
    taken_back, day = raised(rows[8], 30)
    actions.withdraw_objection(taken_back, by=register.owners[rows[8].site_id], on=day)
    for row, way, words in (
        (rows[7], EndWay.REPAIRED, "示例：已移出经营异常名录（演示）"),
        (rows[9], EndWay.ANNULLED, "示例：现场值班记录证明当日有人接待（演示）"),
    ):
        day = on - timedelta(days=20)
        actions.end_record(row.id, way, words, by=reviewer, at=moment(day), on=day)


def _by_hand(office: Office, homes: list[Site], on: date) -> None:
    """Manual tiers: in force, ended before its day, past its last day and not yet ended by the night."""
    head, reason = office.one(Post.HEAD), "示例：专项整治期间列为重点检查对象（演示）"
    tiers.override_tier(homes[10].id, Tier.C, reason, until=on + timedelta(days=45), by=head, at=moment(on), on=on)
    before = on - timedelta(days=50)
    row = tiers.override_tier(homes[11].id, Tier.D, reason, until=on, by=head, at=moment(before), on=before)
    tiers.end_override(row.id, by=head, on=on - timedelta(days=10))
    past = on - timedelta(days=30)
    tiers.override_tier(homes[1].id, Tier.C, reason, until=on - timedelta(days=1), by=head, at=moment(past), on=past)


def _newcomers(office: Office, homes: list[Site], code: str, on: date) -> None:
    """Three newcomers at the door of the home with the grave penalty: one waits, one is confirmed, one dismissed."""
    old, handler = homes[4], office.one(Post.HANDLER)
    with acting(SYSTEM):
        for number, (name, same) in enumerate((("百龄", True), ("松龄", True), ("榆荫", True))):
            day = on - timedelta(days=12 - number)
            site = _newcomer(old, code, number, name, same, day)
            for match in phoenix.check_newcomer(site.id, by=SYSTEM, on=day):
                if number and match.old_site_id == old.id:
                    words = ("示例：出资人和原班人员都是原机构的（演示）", "示例：街道重新招标的运营方，与原机构无关（演示）")[
                        number - 1
                    ]
                    phoenix.decide_match(match.id, confirmed=number == 1, reason=words, by=handler, on=day + timedelta(days=3))


def _newcomer(old: Site, code: str, number: int, name: str, same: bool, day: date) -> Site:
    serial = int(uuid5(old.id, name).int % 1_000_000) + 90_000_000
    body = providers.register_organisation(
        a_code(serial, "52", code),
        f"示例·{name}养老服务中心",
        Nature.NON_PROFIT,
        legal_representative=old.organisation.legal_representative if same else f"示例·{name}",
        registrar=old.organisation.registrar,
        registrar_region_id=old.organisation.registrar_region_id,
        by=SYSTEM,
        at=moment(day),
        on=day,
    )
    return providers.register_site(
        body.id, f"示例·{name}养老院", SiteKind.CARE_HOME, region_id=old.region_id, address=old.address, manager_name=f"示例·{name}",
        service_phone=f"024-1000{number:04d}", by=SYSTEM, at=moment(day), on=day,
    )  # fmt: skip


def _imports(office: Office, homes: list[Site], on: date) -> None:
    """External classes: one import written, one waiting, one with faults."""
    handler, titles = office.one(Post.HANDLER), [column.title for column in SHEETS[0].columns]
    samr, ndrc = "市场监管部门企业信用风险分类", "发展改革部门公共信用综合评价"
    day = (on - timedelta(days=25)).isoformat()
    codes = [site.organisation.uscc for site in homes]
    written = [[c, samr, "ABCD"[n % 4], day, "示例·市场监管局（演示）"] for n, c in enumerate(codes[:8])]
    written += [[c, ndrc, "优良中差"[n % 4], day, "示例·发展改革局（演示）"] for n, c in enumerate(codes[:6])]
    faulty = [[codes[0], ndrc, "A", day, "示例·发展改革局（演示）"], ["123", samr, "B", day, ""]]
    for name, rows, enter in (
        ("外部评价-演示", written, True),
        ("外部评价-待写入", written[:2], False),
        ("外部评价-有误", faulty, False),
    ):
        row = classes.check_classes(write_table([Table(SHEET, titles, rows)]), f"{name}.xlsx", by=handler, at=moment(on), on=on)
        if enter:
            classes.enter_classes(row.id, by=handler, at=moment(on), on=on)
