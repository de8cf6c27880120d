"""Open data for programs (开放数据接口): CSV and JSON as published today, and the feed of changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Final

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.core.access import anyone
from app.core.clock import today
from app.core.listing import csv_lines
from app.core.refusal import NotVisible
from app.public.queries import listings, opendata

bp = Blueprint("open", __name__, url_prefix="/open")
SOURCE: Final = "松鉴 养老机构公示"
LICENCE: Final = "可以自由复制、使用和再发布，请注明来源和截至日期；撤下的内容请同样撤下。"
KEPT: Final = "public, max-age=300"


def _sent(chunks: Iterator[str], mimetype: str, name: str) -> Response:
    response = Response(stream_with_context(chunks), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = KEPT
    return response


@bp.get("/<name>.csv")
@anyone
def show_csv(name: str) -> ResponseReturnValue:
    """A data set as CSV with Chinese headings (CSV 数据)."""
    dataset, day = _dataset(name), today()
    rows = ([_plain(value) for value in row] for row in opendata.rows(dataset, on=day))
    lines = csv_lines(chain([list(dataset.columns.values())], rows))
    return _sent(lines, "text/csv", f"{name}-{day.isoformat()}.csv")


@bp.get("/<name>.json")
@anyone
def show_json(name: str) -> ResponseReturnValue:
    """A data set as JSON (JSON 数据): source, licence, as-of day, rows."""
    dataset, day = _dataset(name), today()
    head = json.dumps({"source": SOURCE, "licence": LICENCE, "as_of": day.isoformat()}, ensure_ascii=False)

    def chunks() -> Iterator[str]:
        yield head[:-1] + ', "rows": [\n'
        comma = ""
        for row in opendata.rows(dataset, on=day):
            values = dict(zip(dataset.columns, map(_plain, row), strict=True))
            yield comma + json.dumps(values, ensure_ascii=False)
            comma = ",\n"
        yield "\n]}\n"

    return _sent(chunks(), "application/json", f"{name}-{day.isoformat()}.json")


@bp.get("/changes.json")
@anyone
def show_changes() -> ResponseReturnValue:
    """What was published, changed or withdrawn after a number (变动清单)."""
    after = request.args.get("after", "0")
    rows = opendata.changes(int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0)
    body = {
        "source": SOURCE,
        "licence": LICENCE,
        "changes": [{key: _plain(value) for key, value in row._mapping.items()} for row in rows],
        "next": rows[-1].seq if len(rows) == opendata.FEED_PAGE else None,
    }
    response = Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=10"
    return response


@bp.get("/listings/check.json")
@anyone
def show_listing_check() -> ResponseReturnValue:
    """Check a name or code against the list (按名称核对接口): matches of today, each with the reason why it was found."""
    asked, day = request.args.get("name", "").replace("\x00", "").strip()[:40], today()
    found = listings.check(asked, on=day) if asked else []
    body = {
        "source": SOURCE,
        "as_of": day.isoformat(),
        "asked": asked,
        "note": "同名不等于同一主体；请以统一社会信用代码和决定书文号核对。",
        "matches": [
            {"id": str(row.id), "name": row.name, "uscc": row.uscc, "likeness": hit.likeness.value, "why": hit.why}
            for row, hit in found
        ],
    }
    response = Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _dataset(name: str) -> opendata.Dataset:
    if name not in opendata.DATASETS:
        raise NotVisible(name)
    return opendata.DATASETS[name]


def _plain(value: object) -> str | int | bool | None:
    """A value as programs read it: days and moments in ISO 8601."""
    if value is None or isinstance(value, str | int | bool):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
