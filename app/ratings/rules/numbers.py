"""Exact numbers (精确数): every point, share and weight is a fraction; nothing is rounded unless a scheme says where."""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor
from typing import Final

_WRITTEN: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?(/[1-9][0-9]{0,14})?")
HALF: Final = Fraction(1, 2)


def exact(written: object) -> Fraction:
    """Read an exact number (精确数): an integer, a decimal such as "0.85" or a fraction such as "1/3".

    Raises ValueError on anything inexact: a float has already lost the digits that the rule was written with.
    """
    if isinstance(written, Fraction):
        return written
    if isinstance(written, int) and not isinstance(written, bool):
        return Fraction(written)
    if isinstance(written, str) and _WRITTEN.fullmatch(written.strip()):
        above, _, below = written.strip().partition("/")
        return Fraction(above) / Fraction(below or "1")
    raise ValueError(f"不是精确数：{written!r}")


def round_half_up(value: Fraction, step: Fraction = Fraction(1)) -> Fraction:
    """Round to the nearest multiple of `step`, halves upward (四舍五入): 278.5 becomes 279, not 278."""
    return step * floor(value / step + HALF)


def written(value: Fraction) -> str:
    """Write a number exactly (精确写法): a decimal where it ends within six places, a fraction otherwise."""
    millionths = value * 1_000_000
    return _decimal(value, 6) if millionths.denominator == 1 else f"{value.numerator}/{value.denominator}"


def shown(value: Fraction, places: int = 3) -> str:
    """Write a number for reading (显示写法): half up at `places` decimals, without trailing zeros."""
    return _decimal(round_half_up(value, Fraction(1, 10**places)), places)


def _decimal(value: Fraction, places: int) -> str:
    whole, part = divmod(abs(value.numerator) * 10**places // value.denominator, 10**places)
    tail = str(part).rjust(places, "0").rstrip("0")
    return ("-" if value < 0 else "") + str(whole) + ("." + tail if tail else "")
