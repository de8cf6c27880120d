"""A register comes in by Excel (名册导入): all of it or nothing, every fault at once, the same file twice changes nothing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core.actor import SYSTEM, Actor, Post
from app.core.audit import AuditLine
from app.core.calendar import Deadline
from app.core.db import acting, db
from app.core.outbox import work_one
from app.core.refusal import Refused
from app.core.xlsx.read import read
from app.core.xlsx.template import template
from app.core.xlsx.write import Table, write_table
from app.providers import actions, queries
from app.providers.models import Organisation, RegisterImport, Site, SiteChange, SiteFact
from app.providers.queries import register
from app.providers.queries.lists import site_list
from app.providers.rules import SiteState
from app.providers.rules.register import BODIES, FACT_SHEET, SHEETS, SITES, ImportState
from app.wiring import ERRANDS
from tests.providers.builders import AT, ON, a_code, a_filed_site
from tests.worlds import actor, an_authority, signed_in

HEADS = {sheet.name: {column.key: column.title for column in sheet.columns} for sheet in SHEETS}
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


def an_importer(code: str = "2101") -> Actor:
    """A handler of the city, whose districts have their authorities."""
    for county in ("210102", "210103", "210104"):
        an_authority(county)
    city = an_authority(code)
    return actor(Post.HANDLER, path=city.path, authority_id=city.id)


def a_register(sites: int, first: int = 1) -> Rows:
    """A register of so many sites; every fifth body has two of them, every tenth site is not filed yet."""
    found: Rows = {BODIES: [], SITES: [], FACT_SHEET: []}
    code = ""
    for n in range(sites):
        if n % 5 != 1:
            code = a_code(70_000_000 + first + n, prefix="91" if n % 3 else "52")
            found[BODIES].append(
                {
                    "uscc": code,
                    "name": f"示例·第{first + n}养老服务中心",
                    "nature": "营利性" if n % 3 else "民办非企业单位",
                    "legal_representative": "示例·甲",
                    "registrar": "示例·登记机关",
                    "registrar_region": "210102",
                    "registered_on": date(2019, 5, 6),
                    "phone": "13800000000",
                }
            )
        home = {
            "uscc": code,
            "name": f"示例·第{first + n}养老院",
            "kind": "养老机构",
            "region": ("210102", "210103", "210104")[n % 3],
            "address": f"示例路 {n} 号",
            "service_phone": "024-00000000",
            "manager_name": "示例·乙",
            "operator_model": "民办民营",
            "first_resident_on": date(2020, 1, 6),
        }
        home |= {} if n % 10 == 9 else {"filed_on": date(2020, 1, 10), "filing_number": f"示民养备〔2020〕{n}号"}
        found[SITES].append(home)
        found[FACT_SHEET].append(
            {"uscc": code, "name": home["name"], "as_of": date(2026, 10, 31), "beds": 60 + n % 40, "nursing_beds": 30}
            | {"occupied_beds": 40, "floor_area": 2400, "charge_bed_min": 1200.5, "insurance": "是", "tenure": "租赁"}
        )
    return found


def a_workbook(rows: Rows) -> bytes:
    return write_table(
        [
            Table(name, list(heads.values()), [[row.get(key) for key in heads] for row in rows[name]])
            for name, heads in HEADS.items()
        ]
    )


def checked(rows: Rows, by: Actor) -> RegisterImport:
    return actions.check_register(a_workbook(rows), "示例名册.xlsx", by=by, at=AT, on=ON)


def imported(rows: Rows, by: Actor) -> RegisterImport:
    row = actions.enter_register(checked(rows, by).id, by=by, at=AT, on=ON)
    db.session.commit()
    while work_one(ERRANDS):
        pass
    db.session.refresh(row)
    return row


def how_many() -> tuple[int, ...]:
    tables = (Organisation, Site, SiteFact, SiteChange, Deadline)
    return tuple(int(db.session.scalar(select(func.count()).select_from(table)) or 0) for table in tables)


def test_a_register_comes_in_whole_and_the_second_time_changes_nothing() -> None:
    by = an_importer()
    with acting(by):
        row = imported(a_register(30), by)
    assert (row.state, row.counts["sites_new"], row.counts["facts_new"]) == (ImportState.DONE, 30, 210)
    assert row.workbook is None, "it held telephone numbers"
    site = db.session.scalars(select(Site).where(Site.name == "示例·第2养老院")).one()
    assert (site.number, site.state, site.filing_number) == (2, SiteState.FILED, "示民养备〔2020〕1号")
    assert site.organisation.phone is not None
    assert str(site.organisation.phone) == "138****0000"
    facts = queries.facts_of(site.id, seen_by=SYSTEM)
    assert (facts["charge_bed_min"].value, facts["insurance"].value, facts["tenure"].value) == (120_050, True, "leased")
    unfiled = db.session.scalars(select(Deadline).where(Deadline.kind == "unfiled_visit")).all()
    assert len(unfiled) == 3, "unfiled homes are visited, imported or not"
    before = how_many()
    with acting(by):
        again = checked(a_register(30), by)
        assert again.state is ImportState.CHECKED
        assert {k: v for k, v in again.counts.items() if v and not k.endswith("_same")} == {}
        assert (again.counts["sites_same"], again.counts["facts_same"]) == (30, 210)
        assert imported(a_register(30), by).state is ImportState.DONE
    assert how_many() == before


def test_competence_follows_the_rule() -> None:
    """A filed non-profit home belongs to its registrar's level, a for-profit or unfiled one to the county."""
    by = an_importer()
    rows = a_register(10)
    for body in rows[BODIES]:
        body["registrar_region"] = "2101"
    imported(rows, by)
    sites = db.session.scalars(select(Site).order_by(Site.name)).all()
    owners = {(s.organisation.nature.value, s.state.value, s.authority.level.value) for s in sites}
    assert owners == {
        ("non_profit", "filed", "city"),
        ("for_profit", "filed", "county"),
        ("non_profit", "operating", "county"),
    }


def test_an_import_completes_but_never_overwrites_what_is_filed() -> None:
    by = an_importer()
    imported(a_register(3), by)
    rows = a_register(3)
    rows[SITES][0] |= {"manager_name": "示例·新院长", "number": 1}
    row = imported(rows, by)
    assert (row.state, row.counts["sites_changed"], row.counts["sites_same"]) == (ImportState.DONE, 1, 2)
    change = db.session.scalars(select(SiteChange)).one()
    assert (change.what, change.before, change.after) == ("manager_name", "示例·乙", "示例·新院长")
    rows[SITES][1] |= {"address": "别处", "filed_on": date(2021, 1, 1)}
    rows[BODIES][0] |= {"legal_representative": "示例·丙"}
    faulty = checked(rows, by)
    assert [(f[0], f[1], f[3]) for f in faulty.faults] == [(BODIES, 2, "法定代表人"), (SITES, 3, "地址"), (SITES, 3, "备案日期")]
    assert all("以登记库为准" in f[4] or "变更备案" in f[4] for f in faulty.faults)


def test_export_and_import_go_round() -> None:
    by = an_importer()
    imported(a_register(12), by)
    spec = site_list(by.scope.path)
    assert spec.columns
    data = write_table(register.tables(queries.sites(seen_by=by), seen_by=by))
    assert [sheet.name for sheet in read(data)] == [BODIES, SITES, FACT_SHEET]
    assert "13800000000" not in str([sheet.rows for sheet in read(data)])
    row = actions.check_register(data, "导出.xlsx", by=by, at=AT, on=ON)
    assert row.faults == []
    assert {k: v for k, v in row.counts.items() if v and not k.endswith("_same")} == {}
    assert (row.counts["bodies_same"], row.counts["sites_same"], row.counts["facts_same"]) == (9, 12, 84)


def test_the_template_is_what_the_import_reads() -> None:
    sheets = {sheet.name: sheet.rows[0] for sheet in read(template(SHEETS)) if sheet.name in HEADS}
    assert sheets.keys() == HEADS.keys()
    for name, heads in HEADS.items():
        assert [str(cell).strip("*") for cell in sheets[name]] == list(heads.values())


Spoil = Callable[[Rows], tuple[str, int, str]]


def spoilt(sheet: str, row: int, key: str, value: Any) -> Spoil:
    """A fault in one cell: what is put there, and where it must be reported (sheet, row in Excel, title)."""

    def spoil(rows: Rows) -> tuple[str, int, str]:
        rows[sheet][row][key] = value
        return sheet, row + 2, HEADS[sheet][key]

    return spoil


def doubled(sheet: str, row: int, key: str) -> Spoil:
    """A row that comes twice."""

    def spoil(rows: Rows) -> tuple[str, int, str]:
        rows[sheet].append(dict(rows[sheet][row]))
        return sheet, len(rows[sheet]) + 1, HEADS[sheet][key]

    return spoil


FAULTS: list[Spoil] = [
    spoilt(BODIES, 400, "uscc", "5221010200000001"),
    spoilt(BODIES, 401, "name", None),
    spoilt(BODIES, 402, "nature", "国企"),
    spoilt(BODIES, 403, "legal_representative", ""),
    spoilt(BODIES, 404, "registrar", "名" * 101),
    spoilt(BODIES, 405, "registrar_region", "999999"),
    spoilt(BODIES, 406, "registrar_region", "21010"),
    spoilt(BODIES, 407, "registered_on", "去年"),
    spoilt(BODIES, 408, "registered_on", date(2027, 1, 1)),
    spoilt(BODIES, 409, "phone", "12345"),
    doubled(BODIES, 10, "uscc"),
    spoilt(SITES, 1, "uscc", "91210102000000001X"),
    spoilt(SITES, 11, "uscc", a_code(99_999_999)),
    spoilt(SITES, 12, "number", 7),
    spoilt(SITES, 13, "number", "一号"),
    spoilt(SITES, 14, "name", "名" * 101),
    spoilt(SITES, 15, "kind", "养老"),
    spoilt(SITES, 16, "region", "330203"),
    spoilt(SITES, 17, "region", "21"),
    spoilt(SITES, 18, "region", "210199"),
    spoilt(SITES, 19, "address", None),
    spoilt(SITES, 20, "service_phone", "无"),
    spoilt(SITES, 21, "operator_model", "个人"),
    spoilt(SITES, 22, "first_resident_on", date(2027, 1, 1)),
    spoilt(SITES, 23, "first_resident_on", "2020-02-30"),
    spoilt(SITES, 24, "filed_on", date(2026, 12, 1)),
    spoilt(SITES, 25, "filed_on", None),
    doubled(SITES, 30, "name"),
    spoilt(FACT_SHEET, 40, "beds", 9),
    spoilt(FACT_SHEET, 41, "beds", -3),
    spoilt(FACT_SHEET, 42, "beds", "六十"),
    spoilt(FACT_SHEET, 43, "nursing_beds", 500),
    spoilt(FACT_SHEET, 44, "disabled_residents", 41),
    spoilt(FACT_SHEET, 45, "charge_bed_min", "1200.005"),
    spoilt(FACT_SHEET, 46, "insurance", "有"),
    spoilt(FACT_SHEET, 47, "tenure", "占用"),
    spoilt(FACT_SHEET, 48, "as_of", date(2026, 12, 31)),
    spoilt(FACT_SHEET, 49, "as_of", None),
    spoilt(FACT_SHEET, 50, "name", "示例·没有这一家"),
    doubled(FACT_SHEET, 60, "as_of"),
]


def test_forty_planted_faults_are_all_listed_and_nothing_is_written() -> None:
    """The register of 1,000 sites with faults of forty kinds; and in the corrected workbook they are marked."""
    by = an_importer()
    rows = a_register(1000)
    planted = {spoil(rows) for spoil in FAULTS}
    assert len(planted) == 40
    before = how_many()
    row = checked(rows, by)
    listed = {(sheet, number, title) for sheet, number, _, title, _ in row.faults}
    assert planted - listed == set()
    follow_ups = [f for f in row.faults if (f[0], f[1], f[3]) not in planted]
    follows = (
        "请先填主体",
        "请核对代码和名称",
        "不能超过",
    )  # a body, a site or a number of beds that is wrong spoils what rests on it
    assert [f for f in follow_ups if not any(words in f[4] for words in follows)] == []
    assert (row.state, how_many()) == (ImportState.FAULTY, before)
    with pytest.raises(Refused, match="不能写入"):
        actions.enter_register(row.id, by=by, at=AT, on=ON)
    marked = {sheet.name: sheet.rows for sheet in read(register.corrected(row.id, seen_by=by, on=ON))}
    for sheet, number, title in planted:
        assert title in str(marked[sheet][number - 1][-1]), (sheet, number, title)


def test_a_thousand_sites_come_in_at_once() -> None:
    by = an_importer()
    row = imported(a_register(1000), by)
    assert (row.state, row.counts["sites_new"], row.counts["facts_new"]) == (ImportState.DONE, 1000, 7000)
    assert len(row.site_ids) == 1000
    db.session.commit()
    lines = db.session.scalars(select(AuditLine).where(AuditLine.subject == row.id).order_by(AuditLine.seq)).all()
    assert [line.event for line in lines] == ["RegisterChecked", "RegisterEntered", "RegisterImported"]
    assert lines[2].facts["created"] == 1000
    mine = db.session.scalars(select(Site.number).join(Site.organisation).where(Organisation.name == "示例·第1养老服务中心"))
    assert sorted(mine) == [1, 2]


def test_what_changed_meanwhile_stops_the_writing() -> None:
    """Checked, then somebody registers the same body: the import finds it when it is written and writes nothing."""
    by = an_importer()
    rows = a_register(2)
    row = checked(rows, by)
    imported({BODIES: [rows[BODIES][0] | {"name": "示例·别名"}], SITES: [], FACT_SHEET: []}, by)
    before = how_many()
    actions.enter_register(row.id, by=by, at=AT, on=ON)
    assert (row.state, how_many()) == (ImportState.FAULTY, before)


def test_a_county_imports_neither_its_neighbours_nor_their_secrets() -> None:
    """A body known elsewhere is found by its code; its other sites stay out of reach."""
    an_importer()
    county = an_authority("210103")
    by = actor(Post.HANDLER, path=county.path, authority_id=county.id)
    chain = a_filed_site(name="示例·连锁一院")
    body = chain.organisation
    rows = a_register(1)
    rows[BODIES], code = [], body.uscc
    rows[SITES][0] |= {"uscc": code, "name": "示例·连锁二院", "region": "210103"}
    rows[FACT_SHEET] = [{"uscc": code, "name": "示例·连锁一院", "as_of": date(2026, 10, 31), "occupied_beds": 1}]
    with acting(by):
        faulty = checked(rows, by)
        assert [f[4] for f in faulty.faults] == ["这处网点不在本机关的区域内"]
        rows[FACT_SHEET] = []
        assert imported(rows, by).state is ImportState.DONE
    assert db.session.scalars(select(Site.number).where(Site.name == "示例·连锁二院")).one() == 2


# --- pages ------------------------------------------------------------------------------------------------------------


def test_import_by_hand(client: FlaskClient) -> None:
    an_importer()
    db.session.commit()
    visit = signed_in(client, Post.HANDLER, authority=an_authority("2101"))

    def upload(data: bytes) -> Any:
        return visit.post("/office/imports", file=(io.BytesIO(data), "示例名册.xlsx"))

    hostile = upload(b"PK\x03\x04 not a workbook")
    assert hostile.status_code == 422
    rows = a_register(4)
    rows[SITES][2]["kind"] = "养老"
    faulty = visit.get(upload(a_workbook(rows)).headers["Location"])
    assert "有 1 处要改" in faulty.text
    assert "只能填：养老机构" in faulty.text
    corrected = faulty.request.path + "/corrected.xlsx"
    assert "只能填" in str(read(visit.get(corrected).data)[1].rows[3][-1])
    page = upload(a_workbook(a_register(4))).headers["Location"]
    assert "核对通过" in visit.get(page).text
    assert visit.post(f"{page}/entry").status_code == 302
    assert "已写入" in visit.get(page).text
    assert visit.post(f"{page}/entry").status_code == 409, "once is enough"
    assert "没有变化" in visit.get(upload(a_workbook(a_register(4))).headers["Location"]).text
    again = upload(visit.get("/office/sites.xlsx").data).headers["Location"]
    assert "没有变化" in visit.get(again).text
    assert visit.get("/office/imports/template.xlsx").status_code == 200


def test_a_large_one_is_written_by_a_worker(client: FlaskClient) -> None:
    by = an_importer()
    db.session.commit()
    visit = signed_in(client, Post.HANDLER, authority=an_authority("2101"))
    page = visit.post("/office/imports", file=(io.BytesIO(a_workbook(a_register(90))), "示例名册.xlsx")).headers["Location"]
    visit.post(f"{page}/entry")
    waiting = visit.get(page).text
    assert "正在写入" in waiting
    assert 'http-equiv="refresh"' in waiting
    with acting(SYSTEM):
        while work_one(ERRANDS):
            pass
        assert len(db.session.scalars(select(Site.id)).all()) == 90
    assert "已写入" in visit.get(page).text
    neighbour = signed_in(client, Post.HANDLER, authority=an_authority("330203"))
    assert neighbour.get(page).status_code == 404
    assert by
