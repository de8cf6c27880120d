"""Lists (列表): addresses are read safely, pages neither lose nor repeat a row, exports are whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import NullPool, Select, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.datastructures import MultiDict

from app.core import listing
from app.core.embedded.postgres import Cluster
from app.core.listing import Column, Cursor, Filter, FilterKind, ListQuery, ListSpec, Page, Sort


class Base(DeclarativeBase):
    pass


class Home(Base):
    __tablename__ = "home"
    __table_args__ = {"prefixes": ["TEMPORARY"]}
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    beds: Mapped[int]
    visited: Mapped[date | None]


SPEC: ListSpec[Home] = ListSpec(
    columns=[
        Column("name", "名称", lambda h: h.name, sort="name"),
        Column("beds", "床位", lambda h: h.beds, sort="beds", number=True),
        Column("visited", "最近检查", lambda h: h.visited, sort="visited"),
    ],
    sorts=[
        Sort("name", "名称", Home.name),
        Sort("beds", "床位", Home.beds),
        Sort("visited", "最近检查", Home.visited, nullable=True),
    ],
    default_sort="-beds",
    tie=Home.id,
    filters=[
        Filter("q", "名称", lambda s, v: s.where(Home.name.contains(v, autoescape=True))),
        Filter("beds", "床位不少于", lambda s, v: s.where(Home.beds >= v), FilterKind.INTEGER),
        Filter("since", "检查不早于", lambda s, v: s.where(Home.visited >= v), FilterKind.DATE),
        Filter(
            "kind", "类型", lambda s, v: s.where(Home.beds.in_([int(x) for x in v])), FilterKind.MANY, [("1", "一"), ("2", "二")]
        ),
        Filter("open", "只看未查", lambda s, _: s.where(Home.visited.is_(None)), FilterKind.YES),
    ],
)


@pytest.fixture
def homes(cluster: Cluster) -> Iterator[Session]:
    cluster.ensure_database("listing")
    engine = create_engine(cluster.url("songjian_owner", "listing"), poolclass=NullPool)
    with engine.connect() as connection, Session(connection) as session:
        Base.metadata.create_all(connection)
        session.add_all(
            Home(
                id=UUID(int=n * 7919 % 131), name=f"示例·{n:03d}", beds=n % 4, visited=None if n % 3 else date(2026, 1, 1 + n % 5)
            )
            for n in range(130)
        )
        session.flush()
        yield session


def ask(**args: str) -> ListQuery:
    return listing.read(SPEC, MultiDict(args))


def page(session: Session, **args: str) -> Page[Home]:
    return listing.fetch(session, select(Home), SPEC, ask(**args))


def walk(session: Session, step: str, **args: str) -> list[Page[Home]]:
    pages = [page(session, **args)]
    while after := getattr(pages[-1], step):
        pages.append(page(session, **{**args, "after": after}))
    return pages


@pytest.mark.parametrize("sort", ["name", "-name", "beds", "-beds", "visited", "-visited"])
def test_pages_forward_and_back_show_every_row_once_in_one_order(homes: Session, sort: str) -> None:
    forward = walk(homes, "next", sort=sort)
    seen = [row.id for p in forward for row in p.rows]
    assert len(seen) == len(set(seen)) == 130
    assert seen == [row.id for row in page(homes, sort=sort, size="100").rows] + seen[100:]
    back = walk(homes, "prev", sort=sort, after=forward[-2].next or "")
    assert [row.id for p in reversed(back) for row in p.rows] == seen
    assert back[-1].prev is None


@pytest.mark.parametrize(("sort", "order"), [("visited", 1), ("-visited", -1)])
def test_rows_without_the_sorted_value_stand_last_both_ways(homes: Session, sort: str, order: int) -> None:
    days = [row.visited for p in walk(homes, "next", sort=sort) for row in p.rows]
    known = [d for d in days if d is not None]
    assert days[len(known) :] == [None] * (130 - len(known))
    assert known == sorted(known)[::order]


def test_a_row_filed_meanwhile_shifts_nothing(homes: Session) -> None:
    first = page(homes, sort="name")
    homes.add(Home(id=UUID(int=999), name="示例·000a", beds=1, visited=None))
    second = page(homes, sort="name", after=first.next or "")
    assert second.rows[0].name == "示例·020"


def test_filters_narrow_and_the_count_follows(homes: Session) -> None:
    assert page(homes, q="示例·00").total == 10
    assert page(homes, q="100%").total == 0
    assert page(homes, beds="3").total == 32
    assert page(homes, since="2026-01-05").total == sum(1 for n in range(130) if n % 3 == 0 and n % 5 == 4)
    both = listing.fetch(
        homes, select(Home), SPEC, listing.read(SPEC, MultiDict([("kind", "1"), ("kind", "2"), ("size", "100")]))
    )
    assert {row.beds for row in both.rows} == {1, 2}
    assert all(row.visited is None for row in page(homes, open="1").rows)


def test_the_count_stops_at_the_cap(homes: Session) -> None:
    homes.add_all(Home(id=UUID(int=2000 + n), name="示例·多", beds=9, visited=None) for n in range(1001))
    assert page(homes, q="多").total_label == "1000+"
    assert page(homes, q="多", beds="10").total_label == "0"


def test_an_unclear_filter_is_told_keeps_its_text_and_shows_no_rows(homes: Session) -> None:
    query = ask(since="昨天", beds="十", kind="9", q="长" * 101)
    assert set(query.errors) == {"since", "beds", "kind", "q"}
    assert query.typed["since"] == ["昨天"]
    assert query.status == 422
    assert listing.fetch(homes, select(Home), SPEC, query).rows == ()


@pytest.mark.parametrize("junk", [{"sort": "id; drop"}, {"size": "7"}, {"after": "!!"}, {"size": "10000"}, {"x": "1"}])
def test_what_is_not_offered_is_ignored(junk: dict[str, str]) -> None:
    assert ask(**junk) == ask()
    assert (ask().sort, ask().size, ask().status) == ("-beds", 20, 200)


def test_a_cursor_survives_its_address_and_serves_its_own_order_only() -> None:
    text = listing.encode(Cursor("-beds", 3, UUID(int=5), backwards=True))
    assert text.replace("-", "").replace("_", "").isalnum()
    assert ask(after=text).cursor == Cursor("-beds", 3, UUID(int=5), backwards=True)
    assert ask(after=text, sort="beds").cursor is None


@pytest.mark.parametrize("value", ["3", True, 2**63, 1.5, [], {"a": 1}])
def test_a_forged_cursor_is_ignored(value: object) -> None:
    assert ask(after=listing.encode(Cursor("-beds", value, UUID(int=5)))).cursor is None


@pytest.mark.parametrize("text", ["W10", "bnVsbA", "WyItYmVkcyIsMSwieCIsMF0", "A" * 3000, "é", "W1siW1tbW1tb"])
def test_a_broken_cursor_is_ignored(text: str) -> None:
    assert ask(after=text).cursor is None


def test_zero_bytes_never_reach_the_database() -> None:
    assert ask(q="a\x00b").values == {"q": "ab"}
    name_sorted = listing.encode(Cursor("name", "a\x00", UUID(int=1)))
    assert ask(sort="name", after=name_sorted).cursor is None


def test_rows_of_several_columns_are_made_by_the_caller(homes: Session) -> None:
    spec: ListSpec[tuple[str, int]] = ListSpec([], SPEC.sorts, "name", Home.id)
    got = listing.fetch_as(
        homes, select(Home.name, Home.beds), spec, listing.read(spec, MultiDict()), make=lambda r: (r[0], r[1])
    )
    assert got.rows[:2] == [("示例·000", 0), ("示例·001", 1)]


def test_an_export_holds_every_filtered_row_in_order(homes: Session) -> None:
    rows = list(listing.export_rows(homes, select(Home), SPEC, ask(sort="name", size="20")))
    assert rows[0] == ["名称", "床位", "最近检查"]
    assert [row[0] for row in rows[1:]] == [f"示例·{n:03d}" for n in range(130)]
    assert len(list(listing.export_rows(homes, select(Home), SPEC, ask(), at_most=30))) == 31


def test_an_export_longer_than_one_read_is_still_whole(homes: Session) -> None:
    homes.add_all(Home(id=UUID(int=5000 + n), name="示例·长", beds=9, visited=None) for n in range(1100))
    rows = list(listing.export_rows(homes, select(Home), SPEC, ask(q="长")))
    assert len(rows) == 1101


def test_csv_opens_as_text() -> None:
    rows: Sequence[Sequence[listing.Cell]] = [["=1+1", -3, True, None, date(2026, 11, 24), '甲,"乙"']]
    assert "".join(listing.csv_lines(rows)) == '\ufeff\'=1+1,-3,是,,2026-11-24,"甲,""乙"""\r\n'


def test_the_key_comparison_is_one_row_comparison_an_index_can_serve() -> None:
    statement: Select[Home] = select(Home)
    text = str(listing.cut(statement, SPEC, ask(after=listing.encode(Cursor("-beds", 3, UUID(int=5))))))
    assert "(home.beds, home.id) < (" in text
    assert "ORDER BY home.beds DESC, home.id DESC" in text
    assert "OFFSET" not in text.upper()
