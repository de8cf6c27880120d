"""Lists (列表): filter, sort and page any list in one way (D23 of the decisions), knowing no domain.

A view builds a `ListSpec`, reads the address with `read(spec, request.args)` and hands a select to `fetch`:

    query = listing.read(SPEC, request.args)
    page = listing.fetch(db.session, queries.sites(seen_by=me()), SPEC, query)
    return render_template("providers/sites.html", spec=SPEC, query=query, page=page), query.status

Pages are cut by key, not by offset: page 400 costs what page 1 costs, and a row filed meanwhile shifts nothing.
Unknown keys, sorts, sizes and cursors are ignored (an old bookmark still opens); a filter that cannot be understood
is told beside its field, the page shows no rows and answers 422.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Session, scoped_session

R = TypeVar("R")

SIZES: Final = (20, 50, 100)
COUNT_CAP: Final = 1000
EXPORT_CAP: Final = 50_000
TEXT_CAP: Final = 100
CURSOR_CAP: Final = 2_000
INT_CAP: Final = 2**63 - 1

Source = Session | scoped_session[Any] | Connection
Cell = str | int | bool | date | datetime | None


class ListValueError(ValueError):
    """A filter value that cannot be understood (筛选条件看不懂); the text is the sentence for the person."""


class Args(Protocol):
    """What `request.args` offers: one or several texts a key."""

    def getlist(self, key: str) -> list[str]: ...


class FilterKind(StrEnum):
    """How a filter is asked and read (筛选方式)."""

    TEXT = "text"
    CHOICE = "choice"
    MANY = "many"
    DATE = "date"
    INTEGER = "integer"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a list and of its export (列). `value` gives the plain value; a template may draw it otherwise.

    `sort` names a `Sort`; `tone` (ok, bad, na, veto, wait, info) draws the value as a status chip; `href` makes it a
    link; `number` aligns to the right; `screen=False` keeps a column for the export alone.
    """

    key: str
    label: str
    value: Callable[[R], Cell]
    sort: str = ""
    number: bool = False
    tone: Callable[[R], str] | None = None
    href: Callable[[R], str] | None = None
    screen: bool = True
    export: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter (筛选项). `apply(statement, value)` narrows the select.

    The value is str for TEXT and CHOICE, list[str] for MANY, date for DATE, int for INTEGER, True for YES.
    `choices` are (value, label); a value outside them is refused. `primary` ones stand in the first row of the form.
    """

    key: str
    label: str
    apply: Callable[[Select[Any], Any], Select[Any]]
    kind: FilterKind = FilterKind.TEXT
    choices: Sequence[tuple[str, str]] = ()
    hint: str = ""
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of rows (排序). Say `nullable=True` when the column may be null: those rows then stand last both ways."""

    key: str
    label: str
    column: Any
    nullable: bool = False
    up: str = "从小到大"
    down: str = "从大到小"


@dataclass(frozen=True, slots=True)
class ListSpec(Generic[R]):
    """What a list offers (列表说明). `tie` is a unique, never-null column that settles equal sort values.

    `default_sort` is a sort key, with `-` before it for descending.
    """

    columns: Sequence[Column[R]]
    sorts: Sequence[Sort]
    default_sort: str
    tie: Any
    filters: Sequence[Filter] = ()

    @property
    def sort_by_key(self) -> Mapping[str, Sort]:
        """The only names an address may sort by."""
        return {sort.key: sort for sort in self.sorts}

    @property
    def on_screen(self) -> Sequence[Column[R]]:
        """The columns a page shows."""
        return [column for column in self.columns if column.screen]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins (翻页位置): the sort value and tie value of a row; `backwards` reads towards the front."""

    sort: str
    value: Any
    tie: Any
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the person asked for (查询条件), read and checked. `typed` keeps the texts as they were typed."""

    sort_key: str
    descending: bool
    size: int
    values: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    cursor: Cursor | None = None

    @property
    def sort(self) -> str:
        """The order as it stands in the address: `name` or `-name`."""
        return f"-{self.sort_key}" if self.descending else self.sort_key

    @property
    def status(self) -> int:
        """422 when a filter was not understood, else 200."""
        return 422 if self.errors else 200

    @property
    def filtered(self) -> bool:
        """Whether any filter narrows the list."""
        return bool(self.values)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of rows (一页). `next` and `prev` are texts for `?after=`, or None at the ends."""

    rows: Sequence[R]
    size: int
    total: int
    total_capped: bool
    next: str | None = None
    prev: str | None = None

    @property
    def total_label(self) -> str:
        """The number of rows as shown: exact up to a thousand, then `1000+`."""
        return f"{COUNT_CAP}+" if self.total_capped else str(self.total)


def read(spec: ListSpec[R], args: Args) -> ListQuery:
    """Read an address (解析列表地址) against `spec`. Never raises."""
    values: dict[str, Any] = {}
    typed: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    for item in spec.filters:
        texts = [text for raw in args.getlist(item.key) if (text := raw.replace("\x00", "").strip())]
        if not texts:
            continue
        typed[item.key] = texts
        try:
            values[item.key] = _understood(item, texts)
        except ListValueError as why:
            errors[item.key] = str(why)
    sort_key, descending = _order(spec, _first(args, "sort"))
    query = ListQuery(sort_key, descending, _size(_first(args, "size")), values, typed, errors)
    return replace(query, cursor=_cursor(spec, query.sort, _first(args, "after")))


def fetch(source: Source, statement: Select[R], spec: ListSpec[R], query: ListQuery) -> Page[R]:
    """One page of a select of one entity (取一页): the rows are that entity."""
    return fetch_as(source, statement, spec, query, make=_entity)


def fetch_as(
    source: Source,
    statement: Select[*tuple[Any, ...]],
    spec: ListSpec[R],
    query: ListQuery,
    *,
    make: Callable[[Row[*tuple[Any, ...]]], R],
) -> Page[R]:
    """One page of any select (取一页); `make` turns a database row into what the columns read."""
    if query.errors:
        return Page((), query.size, 0, total_capped=False)
    narrowed = narrow(statement, spec, query)
    found = source.execute(cut(narrowed, spec, query)).all()
    if not found and query.cursor is not None and query.cursor.backwards:
        query = replace(query, cursor=None)  # everything before has gone: the front is the first page
        found = source.execute(cut(narrowed, spec, query)).all()
    total = _count(source, narrowed, spec)
    return _page(found, query, total, make)


def narrow(statement: Select[*tuple[Any, ...]], spec: ListSpec[R], query: ListQuery) -> Select[*tuple[Any, ...]]:
    """The select with every filter of `query` applied (按条件筛选)."""
    for item in spec.filters:
        if item.key in query.values:
            statement = item.apply(statement, query.values[item.key])
    return statement


def cut(statement: Select[*tuple[Any, ...]], spec: ListSpec[R], query: ListQuery) -> Select[*tuple[Any, ...]]:
    """The select ordered, started after the cursor and limited to one row more than a page (截取一页).

    The sort value and the tie value are added as the last two columns; the next cursor is made of them.
    """
    sort, tie = spec.sort_by_key[query.sort_key], spec.tie
    backwards = query.cursor is not None and query.cursor.backwards
    descending = query.descending != backwards
    if query.cursor is not None:
        statement = statement.where(_beyond(sort, tie, query.cursor, descending=descending))
    statement = statement.order_by(None).order_by(*_ordering(sort, tie, descending=descending, nulls_first=backwards))
    return statement.limit(query.size + 1).add_columns(sort.column.label("list_sort"), tie.label("list_tie"))


def export_rows(
    source: Source,
    statement: Select[*tuple[Any, ...]],
    spec: ListSpec[R],
    query: ListQuery,
    *,
    make: Callable[[Row[*tuple[Any, ...]]], R] | None = None,
    at_most: int = EXPORT_CAP,
) -> Iterator[list[Cell]]:
    """Headings, then every row of the filtered list in its order (导出), at most `at_most` rows, read page by page."""
    columns = [column for column in spec.columns if column.export]
    yield [column.label for column in columns]
    narrowed, left = narrow(statement, spec, query), 0 if query.errors else at_most
    query = replace(query, cursor=None, size=500)
    made = make or _entity
    while left > 0:
        page = _page(source.execute(cut(narrowed, spec, query)).all(), query, (0, False), made)
        for row in page.rows[:left]:
            yield [column.value(row) for column in columns]
        left -= len(page.rows)
        if page.next is None:
            return
        query = replace(query, cursor=_cursor(spec, query.sort, page.next))


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The rows as CSV text that Excel opens as Chinese and as text (CSV 导出): a mark first, formulas disarmed."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([_disarmed(cell) for cell in row])
        yield line.getvalue()


def encode(cursor: Cursor) -> str:
    """The cursor as an opaque text for an address (翻页位置编码): URL-safe base64 of JSON."""
    body = [cursor.sort, _plain(cursor.value), _plain(cursor.tie), int(cursor.backwards)]
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str, *, value_type: type, tie_type: type) -> Cursor | None:
    """The cursor in `text`, or None when it is not one of ours (翻页位置解码)."""
    if not text or len(text) > CURSOR_CAP:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        sort, value, tie, backwards = json.loads(raw)
        if not isinstance(sort, str) or backwards not in (0, 1) or tie is None:
            return None
        return Cursor(sort, _typed(value, value_type), _typed(tie, tie_type), bool(backwards))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None


# -------------------------------------------------------------------------------------------------------- the address


def _first(args: Args, key: str) -> str:
    return next(iter(args.getlist(key)), "")


def _understood(item: Filter, texts: Sequence[str]) -> Any:
    first = texts[0]
    match item.kind:
        case FilterKind.TEXT:
            return _short(first)
        case FilterKind.CHOICE:
            return _known(item, first)
        case FilterKind.MANY:
            return [_known(item, text) for text in texts]
        case FilterKind.DATE:
            return _day(first)
        case FilterKind.INTEGER:
            return _whole(first)
        case FilterKind.YES:
            return True


def _short(text: str) -> str:
    if len(text) > TEXT_CAP:
        raise ListValueError(f"查找的字太多，请缩短到 {TEXT_CAP} 个字以内")
    return text


def _known(item: Filter, text: str) -> str:
    if text not in {value for value, _ in item.choices}:
        raise ListValueError(f"“{item.label}”没有这个选项，请重新选择")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ListValueError("日期请写成 2026-11-24 这样") from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 18):
        raise ListValueError("这里请填整数")
    return int(text)


def _order(spec: ListSpec[R], text: str) -> tuple[str, bool]:
    known = spec.sort_by_key
    chosen = text if text.removeprefix("-") in known else spec.default_sort
    return chosen.removeprefix("-"), chosen.startswith("-")


def _size(text: str) -> int:
    return next((size for size in SIZES if text == str(size)), SIZES[0])


def _cursor(spec: ListSpec[R], sort: str, text: str) -> Cursor | None:
    column = spec.sort_by_key[sort.removeprefix("-")].column
    cursor = decode(text, value_type=_python_type(column), tie_type=_python_type(spec.tie))
    return cursor if cursor is not None and cursor.sort == sort else None


# --------------------------------------------------------------------------------------------------------- the select


def _beyond(sort: Sort, tie: Any, cursor: Cursor, *, descending: bool) -> ColumnElement[bool]:
    """The rows that come after the cursor in reading direction."""
    column = sort.column
    further = tie < cursor.tie if descending else tie > cursor.tie
    if not sort.nullable:
        here, there = tuple_(column, tie), tuple_(cursor.value, cursor.tie)
        return here < there if descending else here > there
    if cursor.value is None:  # nulls stand last; read backwards, they come first and all values follow
        among_nulls = and_(column.is_(None), further)
        return or_(among_nulls, column.is_not(None)) if cursor.backwards else among_nulls
    past = column < cursor.value if descending else column > cursor.value
    beyond = or_(past, and_(column == cursor.value, further))
    return beyond if cursor.backwards else or_(beyond, column.is_(None))


def _ordering(sort: Sort, tie: Any, *, descending: bool, nulls_first: bool) -> list[Any]:
    first = sort.column.desc() if descending else sort.column.asc()
    if sort.nullable:
        first = first.nulls_first() if nulls_first else first.nulls_last()
    return [first, tie.desc() if descending else tie.asc()]


def _count(source: Source, statement: Select[*tuple[Any, ...]], spec: ListSpec[R]) -> tuple[int, bool]:
    few = statement.order_by(None).limit(COUNT_CAP + 1).with_only_columns(spec.tie, maintain_column_froms=True)
    total = int(source.execute(select(func.count()).select_from(few.subquery())).scalar_one())
    return min(total, COUNT_CAP), total > COUNT_CAP


def _page(
    found: Sequence[Row[*tuple[Any, ...]]],
    query: ListQuery,
    total: tuple[int, bool],
    make: Callable[[Row[*tuple[Any, ...]]], R],
) -> Page[R]:
    cursor = query.cursor
    backwards = cursor is not None and cursor.backwards
    kept, more = list(found[: query.size]), len(found) > query.size
    if backwards:
        kept.reverse()
    has_next, has_prev = (True, more) if backwards else (more, cursor is not None)
    return Page(
        rows=[make(row) for row in kept],
        size=query.size,
        total=total[0],
        total_capped=total[1],
        next=_at(kept[-1], query, backwards=False) if kept and has_next else None,
        prev=_at(kept[0], query, backwards=True) if kept and has_prev else None,
    )


def _entity(row: Row[*tuple[Any, ...]]) -> Any:
    return row[0]


def _at(row: Row[*tuple[Any, ...]], query: ListQuery, *, backwards: bool) -> str:
    values = tuple(row)
    return encode(Cursor(query.sort, values[-2], values[-1], backwards))


# --------------------------------------------------------------------------------------------------------- the values


def _python_type(column: Any) -> type:
    enum = getattr(column.type, "enum", None)
    if isinstance(enum, type):
        return enum
    try:
        return cast("type", column.type.python_type)
    except NotImplementedError:
        return str


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    return str(value) if isinstance(value, UUID | StrEnum) else value


def _typed(value: Any, wanted: type) -> Any:
    """`value` out of JSON as `wanted`; ValueError or TypeError when it is not that."""
    if value is None:
        return None
    if wanted is int:
        if type(value) is not int or abs(value) > INT_CAP:
            raise TypeError
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise TypeError
    if wanted in (date, datetime):
        return wanted.fromisoformat(value)
    return value if wanted is str else wanted(value)


def _disarmed(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    risky = isinstance(cell, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{text}" if risky else text
