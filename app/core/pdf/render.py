"""From a template and facts to a PDF (文书渲染). Templates come from `templates/documents/` alone, and all text is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.pdf import fonts, glyphs
from app.core.pdf.job import Job
from app.core.pdf.worker import KEPT, NotRendered, Worker
from app.core.refusal import Refused

__all__ = ["NotRendered", "page_html", "render"]

TEMPLATES: Final = fonts.ROOT / "templates" / "documents"
STYLE: Final = "document.css"
BEIJING: Final = ZoneInfo("Asia/Shanghai")
LARGEST_IMAGE: Final = 5 * 1024 * 1024
TEXT_PIECE: Final = 500
WORD_PIECE: Final = 60
TEXT: Final = re.compile(r"(?<=>)[^<>]{100,}(?=<)")
LONG_WORD: Final = re.compile(r"[^\s<>\u2e80-\U0003ffff]{100,}")
LETTER: Final = re.compile(r"<wbr>|&#?\w+;|.", re.DOTALL)
IMAGE_HEADS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def render(
    template: str,
    context: dict[str, object],
    *,
    attached: bytes,
    attached_name: str,
    identifier: bytes,
    images: Mapping[str, bytes],
    title: str,
    created: datetime,
    worker: Worker = KEPT,
) -> bytes:
    """Render `template` with `context` as PDF/A-3a and PDF/UA-1 with `attached` inside (渲染文书).

    `identifier` is 16 bytes that name the file; `images` are JPEG or PNG by name, shown by `asset:<name>`; `created` is aware.
    The same arguments give the same bytes. Raises `Refused` for a character without glyph or a picture of another kind,
    and `NotRendered` when time, memory or the fetcher stop it.
    """
    glyphs.check(title, "标题")
    glyphs.check(context)
    check_images(images)
    return worker.render(
        Job(
            html=page_html(template, context, title=title, created=created),
            assets={**images, STYLE: style()},
            attached=attached,
            attached_name=attached_name,
            identifier=identifier,
            created=created.astimezone(UTC),
        )
    )


def check_images(images: Mapping[str, bytes]) -> None:
    """Refuse a picture that is no JPEG or PNG of at most 5 MB (核对图片)."""
    for name, data in images.items():
        if not data.startswith(IMAGE_HEADS) or len(data) > LARGEST_IMAGE:
            raise Refused("document.bad_image", f"图片“{name}”不是 5 MB 以内的 JPEG 或 PNG，请重新上传后再生成文书")


def page_html(template: str, context: dict[str, object], *, title: str, created: datetime) -> str:
    """The HTML that is rendered (文书网页稿); also what the bench prints with another engine."""
    stamp = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _easy_lines(_templates().get_template(template).render({**context, "title": title, "created": stamp}))


@cache
def _templates() -> Environment:
    # autoescape=True, not by file name: a template of any suffix must escape.
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"day": day, "minute": minute, "clock": clock, "percent": percent, "ranges": ranges, "span": span}
    return templates


def _easy_lines(html: str) -> str:
    """Cut very long words and paragraphs into pieces that print the same (长词长段切分).

    Line breaking costs the square of a word's or a text's length: a word of 100,000 letters would use up the time limit.
    Works on text between tags only; escaped text holds no `<`, and a character reference is never cut.
    """
    head, body, rest = html.partition("<body>")
    return head + body + TEXT.sub(lambda text: _in_pieces(text[0]), rest)


def _in_pieces(text: str) -> str:
    text = LONG_WORD.sub(lambda word: "<wbr>".join(_cut(word[0], WORD_PIECE)), text)
    if len(text) <= TEXT_PIECE:
        return text
    return "".join(f"<span>{piece}</span>" for piece in _cut(text, TEXT_PIECE))


def _cut(text: str, size: int) -> list[str]:
    letters = LETTER.findall(text)
    return ["".join(letters[start : start + size]) for start in range(0, len(letters), size)]


@cache
def style() -> bytes:
    """The style sheet of all documents (文书样式)."""
    return Path(TEMPLATES / STYLE).read_bytes()


def day(value: date | None) -> str:
    """A date as officials write it (年月日): 2026年11月24日; an open one leaves room for handwriting."""
    return "　　　　年　　月　　日" if value is None else f"{value.year}年{value.month}月{value.day}日"


def minute(value: datetime) -> str:
    """A moment to the minute in Beijing time (年月日时分): 2026年11月24日13时32分."""
    local = value.astimezone(BEIJING)
    return f"{day(local.date())}{local.hour}时{local.minute:02d}分"


def clock(value: datetime) -> str:
    """Hour and minute in Beijing time (时分): 14时41分."""
    local = value.astimezone(BEIJING)
    return f"{local.hour}时{local.minute:02d}分"


def span(start: datetime, end: datetime) -> str:
    """From one moment to another, the day said once if it is the same (起止时间)."""
    same = start.astimezone(BEIJING).date() == end.astimezone(BEIJING).date()
    return f"{minute(start)}至{clock(end) if same else minute(end)}"


def percent(part: int, whole: int) -> str:
    """A share with one decimal, rounded half up in whole numbers (百分率): 90.9%; of nothing it is 无适用项."""
    if whole == 0:
        return "无适用项"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers with runs drawn together (连号合并): 1–3、5; empty for none."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
