"""Reading single fields of small forms (读取表单字段): trimmed, bounded, refused in words that stand beside the form."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from flask import request

from app.core.forms import clean_text
from app.core.labels import Labelled
from app.core.refusal import Refused

E = TypeVar("E", bound=Labelled)
LONGEST: Final = 2000


def text(name: str, label: str = "", *, most: int = LONGEST, needed: bool = False) -> str:
    """A text (文字)."""
    value = clean_text(request.form.get(name, "")) or ""
    if len(value) > most:
        raise Refused("form.long", f"“{label or name}”不超过 {most} 字。")
    if needed and not value:
        raise Refused("form.empty", f"请填写“{label or name}”。")
    return value


def day(name: str, label: str) -> date:
    """A day (日期)."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Refused("form.day", f"请选择“{label}”，格式如 2026-11-24。") from None


def number(name: str, label: str, *, least: int, most: int) -> int:
    """A whole number (整数)."""
    typed = request.form.get(name, "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9) or not least <= int(typed) <= most:
        raise Refused("form.number", f"“{label}”应填 {least} 至 {most} 的整数。")
    return int(typed)


def number_or_none(name: str, label: str, *, least: int, most: int) -> int | None:
    """A whole number, or nothing (可空整数)."""
    return number(name, label, least=least, most=most) if request.form.get(name, "").strip() else None


def row_id(name: str, label: str) -> UUID:
    """An id chosen from a list (所选记录)."""
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise Refused("form.choice", f"请选择“{label}”。") from None


def row_ids(name: str) -> list[UUID]:
    """Ids ticked in a list (勾选记录); what is no id is ignored."""
    found = []
    for typed in request.form.getlist(name):
        try:
            found.append(UUID(typed))
        except ValueError:
            continue
    return found


def choice(name: str, label: str, of: type[E]) -> E:
    """One of a closed list (选项)."""
    try:
        return of(request.form.get(name, ""))
    except ValueError:
        raise Refused("form.choice", f"请选择“{label}”。") from None


def choices(name: str, label: str, of: type[E]) -> list[E]:
    """Several of a closed list (多选)."""
    try:
        return [of(typed) for typed in request.form.getlist(name)]
    except ValueError:
        raise Refused("form.choice", f"“{label}”没有这个选项，请重新选择。") from None


def prefixed(prefix: str) -> dict[str, str]:
    """All fields that begin with a prefix, by the rest of their names (成组字段)."""
    return {
        key.removeprefix(prefix): (clean_text(value) or "")[:LONGEST]
        for key, value in request.form.items()
        if key.startswith(prefix)
    }


def options(of: type[Labelled]) -> list[tuple[str, str]]:
    """A closed list as options (选项表)."""
    return [(member.value, member.label) for member in of]


def answer_of(item: Any) -> tuple[bool, Any, str, str, str]:
    """One item as the plain form sends it (读取一项评分): whether it was there, value, not-applicable rule, reason, remark."""
    form, key = request.form, f"i-{item.id}"
    there = f"h-{item.id}" in form
    na = (clean_text(form.get(f"n-{item.id}", "")) or "")[:60]
    reason, remark = text(f"r-{item.id}", item.title), text(f"m-{item.id}", item.title)
    value: Any = None
    if item.kind == "options":
        value = [typed[:60] for typed in form.getlist(key)] or (["-"] if form.get(f"z-{item.id}") else None)
    elif item.kind in ("deduct", "formula"):
        names = [part.id for part in (item.deductions if item.kind == "deduct" else item.parts)]
        typed = {name: (clean_text(form.get(f"{key}-{name}", "")) or "")[:20] for name in names}
        value = {name: entered or "0" for name, entered in typed.items()} if any(typed.values()) else None
    else:
        value = (clean_text(form.get(key, "")) or "")[:60] or None
    return there, value, na, reason, remark
