"""Importing a staff list: a dry run, every fault at once, all or nothing, and no identity number kept or told."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import text

from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.core.refusal import Refused
from app.core.xlsx.template import template
from app.providers.models import Site
from app.training.actions import importing
from app.training.queries import certificates as papers
from app.training.queries import importing as queries
from app.training.queries import people as who
from app.training.rules import ImportState
from app.training.rules.certificates import kinds_on
from app.training.rules.importing import CERTIFICATES, STAFF, sheets
from tests.providers.builders import AT, ON, a_filed_site, a_manager
from tests.training.builders import a_carer, a_level_number, a_number

STAFF_HEAD = ("姓名", "证件类型", "证件号码", "岗位", "班次", "到岗日期")
PAPER_HEAD = ("姓名", "证件号码", "证书种类", "等级", "证书编号", "发证日期", "有效期至")


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


@pytest.fixture
def site() -> Site:
    return a_filed_site()


def a_book(staff: Sequence[Sequence[object]], papers: Sequence[Sequence[object]] = ()) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, head, rows in ((STAFF, STAFF_HEAD, staff), (CERTIFICATES, PAPER_HEAD, papers)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, head)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)  # type: ignore[arg-type]  # a date serves
                else:
                    sheet.write_string(number, column, str(cell))
    book.close()
    return out.getvalue()


def a_person(name: str, number: str, **more: Any) -> list[object]:
    usual = {"kind": "居民身份证", "post": "养老护理员", "shift": "白班", "start": ON - timedelta(days=30)} | more
    return [name, usual["kind"], number, usual["post"], usual["shift"], usual["start"]]


def check(book: bytes, site: Site, **more: Any) -> Any:
    return importing.check_staff_list(book, "人员.xlsx", site.id, by=more.get("by", SYSTEM), at=AT, on=ON)


def test_a_checked_book_writes_nothing_until_it_is_entered(site: Site) -> None:
    one, two = a_number(), a_number()
    level = a_level_number(4, 24)
    rows = [["示例·甲", one, "养老护理员职业技能等级证书", "四级（中级工）", level, date(2024, 5, 1), ""]]
    rows += [["示例·乙", two, "健康证明", "", "", date(2026, 5, 1), date(2027, 4, 30)]]
    row = check(a_book([a_person("示例·甲", one), a_person("示例·乙", two, post="炊事、送餐人员", shift="")], rows), site)
    assert (row.state, row.counts) == (ImportState.CHECKED, {"people": 2, "certificates": 2, "same": 0})
    assert who.staff_of(site.id, seen_by=SYSTEM, on=ON) == []
    importing.enter_staff_list(row.id, by=a_manager(site), at=AT, on=ON)
    staff = who.staff_of(site.id, seen_by=SYSTEM, on=ON)
    assert sorted(job.person.name for job in staff) == ["示例·乙", "示例·甲"]
    held = papers.of_people([job.person_id for job in staff], seen_by=SYSTEM)
    assert sorted((paper.kind, paper.level, paper.doubts) for found in held.values() for paper in found) == [
        ("caregiver_level", "4", []),
        ("health", None, []),
    ]
    assert (row.state, row.workbook) == (ImportState.DONE, None)
    with pytest.raises(Refused):
        importing.enter_staff_list(row.id, by=SYSTEM, at=AT, on=ON)


def test_the_same_book_again_changes_nothing(site: Site) -> None:
    number = a_number()
    book = a_book([a_person("示例·甲", number)], [["示例·甲", number, "其他证书", "", "示例 1", "", ""]])
    importing.enter_staff_list(check(book, site).id, by=SYSTEM, at=AT, on=ON)
    again = check(book, site)
    assert (again.counts["people"], again.counts["same"]) == (0, 1)
    importing.enter_staff_list(again.id, by=SYSTEM, at=AT, on=ON)
    (job,) = who.staff_of(site.id, seen_by=SYSTEM, on=ON)
    assert len(papers.of_people([job.person_id], seen_by=SYSTEM)[job.person_id]) == 1


def test_every_fault_is_told_at_once_and_none_repeats_a_number(site: Site) -> None:
    known, young, good = a_number(), a_number(birth="20150101"), a_number()
    a_carer(name="示例·原名", identity=known)
    broken = good[:-1] + ("0" if good[-1] != "0" else "1")
    staff = [
        a_person("示例·别名", known),
        a_person("示例·小", young),
        a_person("示例·错", broken),
        a_person("示例·岗", good, post="院士"),
        a_person("示例·晚", a_number(), start=ON + timedelta(days=1)),
        a_person("示例·丁", good),
        a_person("示例·丁", good),
    ]
    rows = [
        ["示例·丁", good, "养老护理员职业技能等级证书", "", "", date(2024, 5, 1), ""],
        ["示例·丁", good, "健康证明", "", "", date(2026, 5, 1), date(2026, 4, 1)],
        ["示例·无", a_number(), "其他证书", "", "", "", ""],
        ["示例·丁", good, "驾驶证", "", "", "", ""],
    ]
    row = check(a_book(staff, rows), site)
    assert row.state is ImportState.FAULTY
    told = {(sheet, line, title) for sheet, line, _, title, _ in row.faults}
    assert told == {
        (STAFF, 2, "姓名"),
        (STAFF, 3, "到岗日期"),
        (STAFF, 4, "证件号码"),
        (STAFF, 5, "岗位"),
        (STAFF, 6, "到岗日期"),
        (STAFF, 8, "证件号码"),
        (CERTIFICATES, 2, "等级"),
        (CERTIFICATES, 3, "有效期至"),
        (CERTIFICATES, 4, "证件号码"),
        (CERTIFICATES, 5, "证书种类"),
    }
    assert not any(number in str(row.faults) for number in (known, young, good, broken))
    with pytest.raises(Refused):
        importing.enter_staff_list(row.id, by=SYSTEM, at=AT, on=ON)
    assert who.staff_of(site.id, seen_by=SYSTEM, on=ON) == []


def test_the_workbook_is_kept_encrypted_and_let_go(site: Site) -> None:
    row = check(a_book([a_person("示例·甲", a_number())]), site)
    db.session.flush()
    stored = db.session.execute(text("select workbook from staff_import where id = :id"), {"id": row.id}).scalar_one()
    assert stored.startswith("sj1.")
    assert importing.forget_staff_lists(AT + timedelta(days=6), by=SYSTEM, on=ON) == 0
    assert importing.forget_staff_lists(AT + timedelta(days=8), by=SYSTEM, on=ON) == 1
    assert row.workbook is None
    with pytest.raises(Refused):
        importing.enter_staff_list(row.id, by=SYSTEM, at=AT, on=ON)


def test_what_became_wrong_since_the_check_is_not_written(site: Site) -> None:
    number = a_number()
    row = check(a_book([a_person("示例·甲", number)]), site)
    a_carer(name="示例·另一人", identity=number)
    with pytest.raises(Refused, check=lambda why: why.code == "import.moved_on"):
        importing.enter_staff_list(row.id, by=SYSTEM, at=AT, on=ON)


def test_the_empty_template_reads_as_nothing(site: Site) -> None:
    row = check(template(sheets(kinds_on(ON))), site)
    assert (row.state, row.rows) == (ImportState.CHECKED, 0)


def test_an_export_goes_out_masked_and_tells_what_is_valid(site: Site) -> None:
    number = a_number()
    job = a_carer(site, identity=number)
    from tests.training.builders import a_certificate

    a_certificate(job, "special_work", number=f"T{number}", valid_to=ON - timedelta(days=1))
    staff, certificates = queries.tables(who.employments(seen_by=SYSTEM), seen_by=SYSTEM, on=ON)
    assert staff.rows[0][3] == f"{number[:3]}***********{number[-4:]}"
    assert certificates.rows[0][3] == f"T{number[:3]}***********{number[-4:]}"
    assert certificates.rows[0][8:10] == ["已过期", False]
