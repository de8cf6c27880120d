"""Search (检索): equal to plain substring search whatever the plan; filters; pages; what is not shown is not found."""

from __future__ import annotations

import random
from datetime import date
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, text

from app.core.db import db
from app.public import rules
from app.public.models import Facility
from app.public.queries import search as finding
from tests.public.builders import a_public_site

pytestmark = pytest.mark.usefixtures("db_session")
DAY = date(2026, 11, 24)
PARTS = "松鹤乐龄康宁福寿桃源长青颐养仁爱泰和春晖金秋"
KINDS = ("养老院", "养老服务中心", "日间照料中心", "护理院")


def _many(n: int, chance: random.Random) -> list[str]:
    """Names in bulk, straight into the published table: search is what is tried here, not publication."""
    rows = []
    for at in range(n):
        name = "示例·" + "".join(chance.choices(PARTS, k=chance.randint(2, 5))) + chance.choice(KINDS)
        rows.append(
            {
                "id": uuid4(), "visible_from": DAY, "name": name, "pinyin": f"p{at:05d}", "initials": "sl", "organisation": name,
                "uscc": f"52210102{at:010d}", "kind": "care_home", "kind_word": "养老机构", "nature_word": "", "state": "filed",
                "state_word": "已备案", "region_path": "/1/", "region_name": "示例区", "district_path": "/1/", "district": "示例区",
                "address": "", "authority": "", "authority_phone": "", "filed_on": DAY, "beds": at % 90, "free_beds": at % 3,
                "charge_min_fen": at * 1000, "open_problems": at % 4, "last_checked_on": DAY,
                "search": rules.search_text(name, "示例区"),
            }
        )  # fmt: skip
    db.session.execute(insert(Facility), rows)
    db.session.flush()
    return [row["search"] for row in rows]


@pytest.mark.parametrize("common", [0, 10**9])
def test_search_equals_substring_search_by_either_plan(common: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    texts = _many(400, chance)
    frequency = {} if common else {part: 10**9 for text_ in texts for k in (2, 3, 4) for part in _runs(text_, k)}
    monkeypatch.setattr(finding, "_frequency", finding._Frequency(DAY, 400, frequency))
    for _ in range(120):
        source = chance.choice(texts).replace(" ", "")
        start, length = chance.randrange(len(source) - 3), chance.randint(2, 6)
        word = source[start : start + length]
        found = finding.search(finding.Search(words=(word,)), on=DAY)
        assert found.total == sum(word in text_ for text_ in texts), word


def _runs(text_: str, length: int) -> list[str]:
    return [text_[at : at + length] for at in range(len(text_) - length + 1)]


def test_pages_follow_each_other_without_loss_or_repetition() -> None:
    _many(95, random.Random(3))
    seen: list[object] = []
    after = ""
    while True:
        found = finding.search(finding.Search(words=("示例",)), on=DAY, after=after)
        seen += [row.id for row in found.rows]
        if not (after := found.after):
            break
    assert len(seen) == len(set(seen)) == 95


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (finding.Search(free=True), lambda at: at % 3 > 0),
        (finding.Search(price_fen=30_000), lambda at: at <= 30),
        (finding.Search(mended=True), lambda at: at % 4 == 0),
        (finding.Search(open=True), lambda at: at % 4 > 0),
        (finding.Search(kind="day_care"), lambda at: False),
        (finding.Search(district="/2/"), lambda at: False),
        (finding.Search(code="522101020000000007"), lambda at: at == 7),
    ],
)
def test_filters(wanted: finding.Search, fits: object) -> None:
    _many(60, random.Random(5))
    assert finding.search(wanted, on=DAY).total == sum(map(fits, range(60)))  # type: ignore[arg-type]


def test_a_page_finds_by_part_pinyin_initials_code_and_district(client: FlaskClient) -> None:
    site = a_public_site()
    other = a_public_site("示例·乐龄养老院", county="330203")
    shown = db.session.get(Facility, site)
    assert shown is not None
    assert shown.filing_number is not None
    queries = ("松鹤", "示例松鹤", "songhe", "slsh", shown.uscc, "和平区 养老", shown.filing_number)
    for query in queries:
        page = client.get("/facilities", query_string={"q": query}).text
        assert str(site) in page, query
        assert str(other) not in page, query


def test_one_character_gives_a_hint(client: FlaskClient) -> None:
    assert "至少输入两个字" in client.get("/facilities?q=松").text


@pytest.mark.parametrize("odd", ["%", "__", "\x00\x00", "'; drop", "𠮷𠮷", "a" * 500, "〔", "(((("])
def test_odd_queries_answer(client: FlaskClient, odd: str) -> None:
    assert client.get("/facilities", query_string={"q": odd, "after": odd, "price": odd, "district": odd}).status_code == 200


def test_the_public_role_reads_nothing_but_the_published_schema(own_app: object) -> None:
    from sqlalchemy.exc import ProgrammingError

    with own_app.app_context(), db.engines["public"].connect() as connection:  # type: ignore[attr-defined]
        connection.execution_options(isolation_level="READ COMMITTED")
        tables = connection.execute(
            text("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'published')")
        ).scalars()
        readable = set()
        for table in tables.all():
            try:
                with connection.begin_nested():
                    connection.execute(text(f"select 1 from {table} limit 1"))
                readable.add(table.split(".")[0])
                if table.startswith("published."):
                    with pytest.raises(ProgrammingError), connection.begin_nested():
                        connection.execute(text(f"delete from {table}"))
            except ProgrammingError:
                assert not table.startswith("published."), table
        assert readable == {"published"}
