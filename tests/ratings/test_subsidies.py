"""Subsidies: the hand tests that a lawyer can check, and lists that never pay twice."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.core.refusal import Forbidden, Refused
from app.core.web import Songjian
from app.credit.rules.listing import EntryState
from app.providers import actions as registry
from app.providers.models import Site
from app.ratings.actions import subsidies as actions
from app.ratings.models.subsidies import SubsidyClaim, SubsidyLine
from app.ratings.queries import subsidies as queries
from app.ratings.rules.claims import ClaimKind, ClaimState, check_period
from app.ratings.rules.subsidies import Break, Outcome, PartMonth, Span, compute, library, month_share, months, rate, total
from tests.credit import listing_world as world
from tests.providers.builders import AT, ON, a_filed_site, an_owner
from tests.worlds import actor, an_authority, signed_in

CASES = yaml.safe_load((Path(__file__).parent / "subsidies.yaml").read_text("utf-8"))
COUNTY = "140105"
JAN, OCT = date(2026, 1, 1), date(2026, 10, 1)


def fen(yuan: str) -> int:
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_hand(case: dict[str, Any]) -> None:
    rule = next(each for each in library().editions if each.code == case["rule"])
    if "part_month" in case:
        rule = rule.model_copy(update={"part_month": PartMonth(case["part_month"])})
    own = {level: (fen(yuan), "示例·文件") for level, yuan in case.get("own", {}).items()}
    lines = compute(
        rule,
        {each.level: rate(rule, each, own=own.get(each.level), floor=None) for each in rule.amounts},
        spans=[Span("r", level, start, end) for level, start, end in case.get("spans", [])],
        breaks=[Break(start, end or None, why) for start, end, why in case.get("breaks", [])],
        heads={date.fromisoformat(f"{month}-01"): count for month, count in case.get("heads", {}).items()},
        period=(case["period"][0], case["period"][1]),
    )
    found = {f"{line.month:%Y-%m}": line for line in lines}
    for month, (outcome, yuan) in case["expect"].items():
        assert (found[month].outcome.value, found[month].fen) == (outcome, fen(yuan) if yuan else None), found[month].words
        assert found[month].words
    assert total(lines).fen == fen(case["total"])


@given(st.integers(0, 10**12))
def test_twelve_months_are_the_year(yearly: int) -> None:
    shares = [month_share(yearly, month) for month in range(1, 13)]
    assert sum(shares) == yearly
    assert max(shares) - min(shares) <= 1


def test_months_and_periods() -> None:
    assert months(date(2025, 11, 30), date(2026, 2, 1)) == [date(2025, 11, 1), date(2025, 12, 1), JAN, date(2026, 2, 1)]
    for first, last, code in (
        (OCT, JAN, "subsidy.period"),
        (OCT, date(2026, 11, 1), "subsidy.month_runs"),
        (date(2025, 10, 1), OCT, "subsidy.period"),
    ):
        with pytest.raises(Refused) as refused:
            check_period(first, last, ON)
        assert refused.value.code == code


# --- lists ------------------------------------------------------------------------------------------------------------


def a_home(disabled: int = 17) -> tuple[UUID, Actor, Actor, Actor]:
    """A filed home in Shanxi with disabled residents registered in January and October, two officers and the owner."""
    site = a_filed_site(county=COUNTY, on=date(2026, 1, 5))
    for day in (date(2026, 1, 10), date(2026, 10, 10)):
        registry.record_facts(
            site.id, {"occupied_beds": 60, "disabled_residents": disabled}, as_of=day, source="示例", by=SYSTEM, at=AT, on=day
        )
    authority = an_authority(COUNTY)
    maker = actor(Post.HANDLER, path=authority.path, authority_id=authority.id, name="示例·经办")
    head = actor(Post.HEAD, path=authority.path, authority_id=authority.id, name="示例·负责人")
    return site.id, maker, head, an_owner(site)


def a_claim(maker: Actor, first: date = JAN, last: date = JAN) -> SubsidyClaim:
    return actions.compute_claim("shanxi_bed_full_care", first, last, by=maker, at=AT, on=ON)


@pytest.fixture
def home(db_session: object) -> tuple[UUID, Actor, Actor, Actor]:
    with acting(SYSTEM):
        return a_home()


def test_computed_by_one_approved_by_another(home: tuple[UUID, Actor, Actor, Actor]) -> None:
    _, maker, head, owner = home
    with acting(maker):
        row = a_claim(maker, JAN, date(2026, 6, 1))
        assert row.total_fen == 17 * 30000 * 4, "January speaks for the hundred days after it, then the rows wait"
        assert row.open == 2
        with pytest.raises(Refused) as own:
            actions.approve_claim(row.id, by=maker, on=ON)
        assert own.value.code == "subsidy.own"
    with acting(owner):
        assert db.session.scalars(queries.lines_of_provider(seen_by=owner)).all() == []
    with acting(head):
        assert actions.approve_claim(row.id, by=head, on=ON).state is ClaimState.APPROVED
        with pytest.raises(Refused):
            actions.approve_claim(row.id, by=head, on=ON)
        with pytest.raises(Refused):
            actions.cancel_claim(row.id, "示例", by=head, on=ON)
    with acting(owner):
        assert len(db.session.scalars(queries.lines_of_provider(seen_by=owner)).unique().all()) == 6


def test_a_month_on_the_dishonesty_list_is_not_paid_and_says_so(db_session: object) -> None:
    with acting(SYSTEM):
        listed, maker, _, _ = a_home()
        site = db.session.get_one(Site, listed)
        untouched = a_home()[0]
        world.an_entry(site, world.a_bureau(site), EntryState.PUBLISHED, decided_on=date(2026, 9, 1))
    with acting(maker):
        rule = queries.rule("shanxi_bed_full_care", path=site.scope_path, on=ON)
        found = {each.site.id: each.lines[0] for each in queries.due(rule, OCT, OCT, path=site.scope_path, seen_by=maker)}
    assert found[listed].outcome is Outcome.ZERO
    assert "失信惩戒对象名单" in found[listed].words
    assert found[untouched].outcome is Outcome.PAID


def test_a_month_is_counted_once_and_free_again_when_cancelled(home: tuple[UUID, Actor, Actor, Actor]) -> None:
    _, maker, _, _ = home
    with acting(maker):
        first = a_claim(maker)
        second = a_claim(maker, JAN, date(2026, 2, 1))
        rows = {line.month: line for line in second.lines}
        assert rows[JAN].outcome is Outcome.ZERO
        assert first.number in rows[JAN].words
        assert rows[date(2026, 2, 1)].outcome is Outcome.PAID
        actions.cancel_claim(first.id, "示例·算错", by=maker, on=ON)
        assert a_claim(maker).paid == 1


def test_a_list_that_is_no_longer_true_is_not_approved(home: tuple[UUID, Actor, Actor, Actor]) -> None:
    site_id, maker, head, _ = home
    with acting(maker):
        row = a_claim(maker)
    with acting(SYSTEM):
        registry.record_facts(site_id, {"disabled_residents": 3}, as_of=date(2026, 1, 20), source="示例", by=SYSTEM, at=AT, on=ON)
    with acting(head), pytest.raises(Refused) as stale:
        actions.approve_claim(row.id, by=head, on=ON)
    assert stale.value.code == "subsidy.stale"


def test_what_was_paid_is_taken_back_once(home: tuple[UUID, Actor, Actor, Actor]) -> None:
    site_id, maker, head, _ = home
    with acting(maker):
        row = a_claim(maker, JAN, date(2026, 3, 1))
    with acting(head):
        actions.approve_claim(row.id, by=head, on=ON)
    with acting(maker):
        (back,) = actions.reverse_months(site_id, date(2026, 2, 15), "示例·撤销", by=maker, at=AT, on=ON)
        assert (back.kind, back.total_fen) == (ClaimKind.REVERSAL, -2 * 17 * 30000)
        assert actions.reverse_months(site_id, date(2026, 2, 1), "示例·撤销", by=maker, at=AT, on=ON) == []
        again = a_claim(maker, date(2026, 2, 1), date(2026, 2, 1))
        assert again.paid == 0, "still held until the reversal is approved"
    with acting(head):
        actions.approve_claim(back.id, by=head, on=ON)
    with acting(maker):
        assert a_claim(maker, date(2026, 2, 1), date(2026, 2, 1)).paid == 1


def test_another_authority_decides_nothing(home: tuple[UUID, Actor, Actor, Actor]) -> None:
    _, maker, _, _ = home
    with acting(maker):
        row = a_claim(maker)
    with acting(SYSTEM):
        city = an_authority("1401")
        above = actor(Post.HEAD, path=city.path, authority_id=city.id)
    with acting(above), pytest.raises(Forbidden):
        actions.approve_claim(row.id, by=above, on=ON)


def test_two_at_once_count_a_month_once(own_app: Songjian) -> None:
    with own_app.app_context(), acting(SYSTEM):
        _, maker, _, _ = a_home()
        db.session.commit()

    def compute_one(_: int) -> str:
        with own_app.app_context(), acting(maker):
            try:
                paid = a_claim(maker).paid
                db.session.commit()
            except Refused as refused:
                db.session.rollback()
                return refused.code
            return str(paid)

    with ThreadPoolExecutor(6) as hands:
        said = sorted(hands.map(compute_one, range(6)))
    assert said.count("1") == 1
    assert set(said) <= {"0", "1", "subsidy.twice"}
    with own_app.app_context(), acting(SYSTEM):
        held = db.session.scalars(db.select(SubsidyLine).where(SubsidyLine.active)).all()
        assert len(held) == 1


def test_the_workbook_has_no_formula(home: tuple[UUID, Actor, Actor, Actor]) -> None:
    _, maker, _, _ = home
    with acting(maker):
        row = a_claim(maker)
        book = queries.workbook(row, seen_by=maker)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/")]
        words = archive.read("xl/sharedStrings.xml").decode()
    assert len(sheets) == 3
    assert not any("<f>" in sheet for sheet in sheets)
    assert "5100.00" in words


def test_pages(client: Any, home: tuple[UUID, Actor, Actor, Actor]) -> None:
    with acting(SYSTEM):
        authority = an_authority(COUNTY)
        visit = signed_in(client, Post.HANDLER, authority=authority)
    assert "计算一张清单" in visit.get("/office/subsidies").get_data(as_text=True)
    assert "不低于" in visit.get("/office/subsidies/rules").get_data(as_text=True)
    bad = visit.post("/office/subsidies", rule="shanxi_bed_full_care", first="2026-1x", last="2026-01")
    assert bad.status_code == 422
    assert "2026-1x" in bad.get_data(as_text=True)
    made = visit.post("/office/subsidies", rule="shanxi_bed_full_care", first="2026-01", last="2026-02")
    where = made.headers["Location"]
    page = visit.get(where).get_data(as_text=True)
    assert "每人每月 300元 × 17 人 = 5,100元" in page
    assert visit.get(where + ".xlsx").status_code == 200
    assert visit.post(where + "/approval").status_code == 403
    head = signed_in(client, Post.HEAD, authority=authority)
    assert head.post(where + "/approval").status_code == 302
    assert "已审批" in head.get(where).get_data(as_text=True)
