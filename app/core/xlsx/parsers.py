"""Column parsers (列解析): what people type into a cell, read as one kind of value or refused with a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from app.core.xlsx.cells import LOST_DIGITS_FROM, Cell, clip, fold, shown


class Wrong(ValueError):
    """A cell does not say what it should (填写有误); the text is the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Parser:
    """How a column is read (列解析): `read` gives the value or raises `Wrong`.

    `cell_format` is what the template sets for the column ("@" is text), `labels` the choices of its list.
    """

    read: Callable[[Cell], Any]
    cell_format: str = "@"
    labels: tuple[str, ...] = ()
    hint: str = ""


def _text(cell: Cell) -> str:
    """A cell as text (取文本). A number that Excel has already rounded is reported, never guessed."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, (int, float)) and abs(cell) >= LOST_DIGITS_FROM:
        raise Wrong("被 Excel 当作数字存放，后几位已丢失。请先把这一列设为“文本”格式，再重新填写")
    return shown(cell)


def _narrow(cell: Cell) -> str:
    """A number or date typed as text, full-width signs folded."""
    return unicodedata.normalize("NFKC", _text(cell)).strip()


def text(most: int = 200) -> Parser:
    """Free text of at most `most` characters (文本); control characters are refused."""

    def parse(cell: Cell) -> str:
        value = _text(cell)
        if len(value) > most:
            raise Wrong(f"最多 {most} 个字，现有 {len(value)} 个")
        if not value.isprintable() and any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in value):
            raise Wrong("含有看不见的控制字符，请重新填写")
        return value

    return Parser(parse, hint=f"文字，最多 {most} 个字")


def integer(least: int | None = None, most: int | None = None) -> Parser:
    """A whole number within bounds, both included (整数)."""
    bounds = f"{'' if least is None else least}～{'' if most is None else most}"

    def parse(cell: Cell) -> int:
        if isinstance(cell, int) and not isinstance(cell, bool):
            value = cell
        else:
            digits = _narrow(cell).replace(",", "")
            if re.fullmatch(r"[+-]?[0-9]{1,15}", digits) is None:
                raise Wrong("应为整数，只填数字")
            value = int(digits)
        if (least is not None and value < least) or (most is not None and value > most):
            raise Wrong(f"应在 {bounds} 之间")
        return value

    return Parser(parse, cell_format="0", hint="整数" if bounds == "～" else f"整数，{bounds}")


def fen(most_yuan: int = 10**10) -> Parser:
    """An amount in yuan, given back in fen (金额，元→分): at most two decimals, not negative."""

    def parse(cell: Cell) -> int:
        amount = _yuan(cell)
        if not 0 <= amount <= most_yuan:
            raise Wrong(f"金额应在 0～{most_yuan} 元之间")
        if amount != round(amount, 2):
            raise Wrong("金额最多到分（两位小数）")
        return int(amount * 100)

    return Parser(parse, cell_format="0.00", hint="金额，单位元，最多两位小数")


def _yuan(cell: Cell) -> Decimal:
    if isinstance(cell, float):
        return Decimal(str(round(cell, 6)))
    digits = _narrow(cell).replace(",", "").removeprefix("¥").removesuffix("元").strip()
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        raise Wrong("应为金额，只填数字，单位是元") from None
    if not amount.is_finite():
        raise Wrong("应为金额，只填数字，单位是元")
    return amount


_DAY: Final = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)")


def day(earliest: date = date(1900, 1, 1), latest: date = date(2100, 12, 31)) -> Parser:
    """A legal day (日期): a real date, or 2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日."""

    def parse(cell: Cell) -> date:
        value = _day(cell)
        if not earliest <= value <= latest:
            raise Wrong(f"日期应在 {earliest.isoformat()} 至 {latest.isoformat()} 之间")
        return value

    return Parser(parse, cell_format="yyyy-mm-dd", hint="日期，如 2026-11-22")


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DAY.fullmatch("".join(_narrow(cell).split()))
    if match is None:
        raise Wrong("应为日期，如 2026-11-22")
    year, *parts = (int(part) for part in match.groups() if part)
    try:
        return date(year, *parts)
    except ValueError:
        raise Wrong("没有这一天，请核对年月日") from None


def choice(labels: Mapping[str, Any]) -> Parser:
    """One of the labels, given back as its value (选项): `choice({"公办": Kind.PUBLIC, …})`."""
    folded = {fold(label): value for label, value in labels.items()}

    def parse(cell: Cell) -> Any:
        try:
            return folded[fold(cell)]
        except KeyError:
            raise Wrong(f"只能填：{clip('、'.join(labels))}") from None

    return Parser(parse, labels=tuple(labels), hint="从下拉列表中选")


_PHONE: Final = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(?:-[0-9]{1,6})?|[48]00-?[0-9]{3}-?[0-9]{4}|1[0-9]{4}")


def phone() -> Parser:
    """A telephone number (电话): mobile, fixed line with area code, 400/800, or a five-digit service number."""

    def parse(cell: Cell) -> str:
        value = "".join(_narrow(cell).split()).removeprefix("+86")
        if _PHONE.fullmatch(value) is None:
            raise Wrong("应为 11 位手机号，或带区号的座机，如 010-12345678")
        return value

    return Parser(parse, hint="手机号，或带区号的座机")


def code(check: Callable[[str], Any], hint: str = "") -> Parser:
    """An identifier (编码): `check` takes the text and gives the value, or raises Refused or ValueError with a sentence."""

    def parse(cell: Cell) -> Any:
        value = _narrow(cell)
        try:
            return check(value)
        except ValueError as wrong:
            raise Wrong(str(wrong)) from None

    return Parser(parse, hint=hint or "编码，按文本填写")
