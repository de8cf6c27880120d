"""What every template may use (模板公用): dates, money, masks and the address of the current list.

`install(app)` is called once by the factory. Nothing here knows a domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from flask import Flask, request

from app.core.clock import BEIJING
from app.core.listing import ListQuery, ListSpec

WEEKDAYS: Final = "一二三四五六日"


def install(app: Flask) -> None:
    """Give the templates their filters and functions (登记模板函数)."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters |= {
        "sj_date": sj_date,
        "sj_datetime": sj_datetime,
        "sj_cell": sj_cell,
        "yuan": yuan,
        "mask": mask,
        "number": number,
    }
    env.globals |= {
        "url_with": url_with,
        "here": here,
        "sj_errors": sj_errors,
        "listed": listed,
        "cleared": cleared,
        "query_errors": query_errors,
    }


def sj_date(value: date | datetime | None, style: str = "iso") -> str:
    """A legal day (日期): `iso` 2026-11-24, `cn` 2026年11月24日, `short` 11月24日, `weekday` 11月24日 星期二. None is 空."""
    if value is None:
        return ""
    day = _local(value).date() if isinstance(value, datetime) else value
    match style:
        case "cn":
            return f"{day.year}年{day.month}月{day.day}日"
        case "short":
            return f"{day.month}月{day.day}日"
        case "weekday":
            return f"{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"
        case _:
            return day.isoformat()


def sj_datetime(value: datetime | None, style: str = "minute") -> str:
    """A moment in Beijing time (时刻): `minute` 2026-11-24 14:02, `second` with seconds, `time` 14:02. None is 空."""
    if value is None:
        return ""
    pattern = {"second": "%Y-%m-%d %H:%M:%S", "time": "%H:%M"}.get(style, "%Y-%m-%d %H:%M")
    return _local(value).strftime(pattern)


def sj_cell(value: Any) -> str:
    """Any plain value of a list (列表单元格): dates, moments, numbers, 是 or 否; a dash when there is none."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return sj_datetime(value)
    if isinstance(value, date):
        return sj_date(value)
    return number(value) if isinstance(value, int) else str(value)


def yuan(fen: int | None, unit: str = " 元") -> str:
    """Money out of 分 (金额): 123456 → 1,234.56 元, 100000 → 1,000 元. None is 空."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), 100)
    cents = f".{rest:02d}" if rest else ""
    return f"{'−' if fen < 0 else ''}{whole:,}{cents}{unit}"


def number(value: float | None, places: int = 0) -> str:
    """A number with thousands (数字): 1,234; `places` digits after the point. None is 空."""
    if value is None:
        return ""
    return f"{value:,.{places}f}".replace("-", "−")


def mask(value: str | None, kind: str = "") -> str:
    """Hide the middle (遮盖): `identity` 210***********12, `phone` 138****5678, `name` 王**; told by length when not given.

    For texts that are already in hand; identity numbers of the database carry their own masking type.
    """
    if not value:
        return ""
    kind = kind or {18: "identity", 15: "identity", 11: "phone"}.get(len(value), "name")
    head, tail = {"identity": (3, 2), "phone": (3, 4)}.get(kind, (1, 0))
    hidden = len(value) - head - tail
    if hidden <= 0:
        return "*" * len(value)
    return value[:head] + "*" * hidden + value[len(value) - tail :]


def here() -> str:
    """The current address with its query (当前地址), for `next=`."""
    return request.full_path.rstrip("?")


def url_with(**changes: Any) -> str:
    """The current list address with `changes` (改参数的地址): None drops a key, a list repeats it.

    The cursor `after` is dropped unless it is among the changes, since another filter or order begins anew.
    """
    return address(request.path, request.args.lists(), **changes)


def address(path: str, args: Iterable[tuple[str, Sequence[str]]], **changes: Any) -> str:
    """`path` with `args`, changed (拼地址); see `url_with`."""
    query: dict[str, list[str]] = {key: list(values) for key, values in args if key != "after"}
    for key, value in changes.items():
        texts = value if isinstance(value, list | tuple) else [value]
        query[key] = [str(text) for text in texts if text is not None and text != ""]
    text = urlencode([(key, value) for key, values in query.items() for value in values if value])
    return f"{path}?{text}" if text else path


def cleared(spec: ListSpec[Any]) -> str:
    """The list address without any filter (去掉全部条件)."""
    return url_with(**{item.key: None for item in spec.filters})


def query_errors(spec: ListSpec[Any], query: ListQuery) -> list[dict[str, str]]:
    """The filters that were not understood (筛选错误), for the error summary."""
    return [{"href": f"#f-{f.key}", "text": _about(f.label, query.errors[f.key])} for f in spec.filters if f.key in query.errors]


def listed(spec: ListSpec[Any], query: ListQuery) -> list[dict[str, str]]:
    """The filters in force (已选条件), each with its words and the address that removes it."""
    found = []
    for item in spec.filters:
        labels = dict(item.choices)
        typed = query.typed.get(item.key, ())
        for text in typed:
            rest = [other for other in typed if other != text]
            word = labels.get(text, "是" if item.kind == "yes" else text)
            found.append({"label": item.label, "word": word, "href": url_with(**{item.key: rest})})
    return found


def sj_errors(form: Any) -> list[dict[str, str]]:
    """Every error of a form for its summary (错误汇总): `href` leads to the field, `text` says what to do."""
    whole = [{"href": "", "text": str(text)} for text in getattr(form, "form_errors", ())]
    return whole + list(_field_errors(form))


def _field_errors(fields: Any) -> Iterator[dict[str, str]]:
    for item in fields:
        if hasattr(item, "form"):  # a form inside the form
            yield from _field_errors(item.form)
        elif hasattr(item, "entries"):  # a list of fields
            yield from _field_errors(item.entries)
            yield from _own_errors(item)
        else:
            yield from _own_errors(item)


def _own_errors(item: Any) -> Iterator[dict[str, str]]:
    suffix = "-0" if item.type in {"RadioField", "SelectMultipleField"} else ""
    for text in item.errors:
        if isinstance(text, str):
            yield {"href": f"#{item.id}{suffix}", "text": _about(item.label.text, text)}


def _about(label: str, text: str) -> str:
    """The sentence, with the field's name before it unless it says it itself."""
    return text if label in text else f"{label}：{text}"


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without time zone")
    return value.astimezone(BEIJING)
