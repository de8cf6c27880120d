"""Subsidies that follow a rating (补贴规则): rules as data, computed by month, each row with its reasons.

Money is integer 分. A yearly sum is dealt out over the twelve months so that they add up to it exactly. A month in which
the rating was suspended, revoked or the home listed is not paid. Unknown is unknown: such a row waits, it is never zero.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.labels import Labelled
from app.core.standards import Confidence, Edition, Library, load
from app.ratings.rules.numbers import round_half_up

FOLDER: Final = Path(__file__).parent.parent / "standards" / "subsidies"
MONTHS: Final = 12


class PartMonth(Labelled):
    """What a month counts in which the rating did not hold on every day (不足整月). The dossier has no rule: 平台默认."""

    WHOLE = "whole", "整月有效才计"
    FIRST_DAY = "first_day", "当月1日有效即计"
    DAYS = "days", "按有效天数折算"


class Outcome(Labelled):
    """What becomes of a row (计算结果)."""

    PAID = "paid", "计补"
    ZERO = "zero", "不计"
    OPEN = "open", "待定"

    @property
    def tone(self) -> str:
        """The colour on a screen (颜色)."""
        return {"paid": "ok", "zero": "na", "open": "wait"}[self.value]


class Amount(BaseModel):
    """What a level is worth (金额). `floor`: the document says 不低于, the local amount is set by `setting`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: str
    fen: int = Field(gt=0)
    kind: Literal["floor", "amount"]
    setting: str
    floor_setting: str = ""


class SubsidyRule(Edition):
    """One edition of a subsidy rule (补贴规则). `scheme` empty: not tied to a rating. `heads` names the register's fact.

    `group`: two rules of one group never pay the same site for the same month.
    """

    kind: Literal["subsidy_rule"] = "subsidy_rule"
    region: str = Field(pattern=r"^\d{2,12}$")
    scheme: str = ""
    pays_for: Literal["site", "resident"]
    heads: str = ""
    per: Literal["year", "month"]
    group: str = Field(pattern=r"^[a-z_]+$")
    optional: Literal["yes", "no"]
    part_month: PartMonth
    part_month_confidence: Confidence
    amounts: tuple[Amount, ...]

    @model_validator(mode="after")
    def _makes_sense(self) -> SubsidyRule:
        if (self.pays_for == "resident") != bool(self.heads):
            raise ValueError("a rule per resident names the fact that counts them, another one does not")
        levels = [each.level for each in self.amounts]
        if len(set(levels)) != len(levels) or (not self.scheme) != (levels == [""]):
            raise ValueError("one amount a level; a rule without a scheme has one amount")
        return self

    def amount(self, level: str) -> Amount | None:
        """What a level is worth (等级金额)."""
        return next((each for each in self.amounts if each.level == level), None)


@cache
def library() -> Library[SubsidyRule]:
    """All subsidy rules (补贴规则库)."""
    return load(FOLDER, SubsidyRule)


# --- what is computed from --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A rating from a day to a day, both included (等级有效期间)."""

    rating: str
    level: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Break:
    """Days that do not count, both included (不计期间); `end` open while it lasts. `why` in officials' words."""

    start: date
    end: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Rate:
    """What is paid for a level here (本地标准): the amount, where it comes from, and whether it may be paid."""

    fen: int
    source: str
    payable: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One month of one site (一个月). `fen` None when open; `words` explain every step."""

    month: date
    outcome: Outcome
    fen: int | None
    level: str
    rating: str
    heads: int | None
    words: str


# --- rates ------------------------------------------------------------------------------------------------------------


def rate(rule: SubsidyRule, amount: Amount, *, own: tuple[int, str] | None, floor: tuple[int, str] | None) -> Rate:
    """What is paid for a level at a place (本地标准). `own`: the amount that the place set, `floor`: the floor that holds there.

    A local amount below the floor is not payable; a floor alone is only a reckoning while the place has not said that it pays.
    """
    least, least_from = floor or (amount.fen, rule.basis)
    if amount.kind == "floor":
        if own is None:
            return Rate(least, f"{least_from}：不低于", False, "本地还没有设定补贴标准（文件限有条件的市县），只作测算")
        if own[0] < least:
            return Rate(own[0], own[1], False, f"本地标准低于下限 {yuan(least)}，请先核对政策参数")
        return Rate(own[0], own[1], True)
    if own is not None:
        return Rate(own[0], own[1], True)
    if rule.confidence.scores:
        return Rate(amount.fen, rule.basis, True)
    return Rate(amount.fen, rule.basis, False, f"金额“{rule.confidence.label}”，本地设定标准和文件之后才能发放")


def yuan(fen: int) -> str:
    """Money in words of a row (金额): 4166.67元."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}{f'.{rest:02d}' if rest else ''}元"


def month_share(yearly: int, month: int) -> int:
    """The part of a yearly sum that falls on a month (年额分月), in 分: the twelve add up to the sum exactly."""
    return yearly * month // MONTHS - yearly * (month - 1) // MONTHS


# --- a month ----------------------------------------------------------------------------------------------------------


def months(start: date, end: date) -> list[date]:
    """The first days of the months from `start` to `end` (月份)."""
    found, at = [], start.replace(day=1)
    while at <= end:
        found.append(at)
        at = (at + timedelta(days=32)).replace(day=1)
    return found


def last_day(month: date) -> date:
    """The last day of a month (月末)."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def compute(
    rule: SubsidyRule,
    rates: Mapping[str, Rate],
    *,
    spans: Sequence[Span],
    breaks: Sequence[Break],
    heads: Mapping[date, int | None],
    period: tuple[date, date],
) -> list[Line]:
    """Every month of a period for one site (逐月计算). `heads` by month's first day; a missing month is unknown."""
    return [_month(rule, rates, spans, breaks, heads.get(month), month) for month in months(*period)]


def _month(
    rule: SubsidyRule, rates: Mapping[str, Rate], spans: Sequence[Span], breaks: Sequence[Break], heads: int | None, month: date
) -> Line:
    days = [month + timedelta(days=n) for n in range((last_day(month) - month).days + 1)]
    holding = [_on(rule, spans, breaks, day) for day in days]
    level, rating, why = _level(rule.part_month, holding)
    broken = "；".join(dict.fromkeys(b.why for b in breaks if b.start <= days[-1] and (b.end is None or b.end >= days[0])))
    if level is None:
        return Line(month, Outcome.ZERO, 0, "", rating, heads, broken or why)
    used = rates.get(level)
    if used is None:
        return Line(month, Outcome.ZERO, 0, level, rating, heads, f"等级 {level} 没有对应的补贴")
    if rule.pays_for == "resident" and heads is None:
        return Line(month, Outcome.OPEN, None, level, rating, None, "当月人数没有登记，补登后重新计算")
    counted = sum(1 for each in holding if each is not None)
    fen, sums = _sum(rule, used, month, heads, Fraction(counted, len(days)))
    words = f"{_held(rule, level, counted, len(days))}；{sums}；标准：{used.source}" + (f"；{broken}" if broken else "")
    if not used.payable:
        return Line(month, Outcome.OPEN, fen, level, rating, heads, f"{words}；{used.why_not}")
    return Line(month, Outcome.PAID if fen else Outcome.ZERO, fen, level, rating, heads, words)


def _on(rule: SubsidyRule, spans: Iterable[Span], breaks: Iterable[Break], day: date) -> Span | None:
    if any(b.start <= day and (b.end is None or day <= b.end) for b in breaks):
        return None
    if not rule.scheme:
        return Span("", "", day, day)
    return next((span for span in spans if span.start <= day <= span.end), None)


def _level(part: PartMonth, holding: Sequence[Span | None]) -> tuple[str | None, str, str]:
    """The level that the month is paid at: the one on its first day; a change within the month counts from the next."""
    first = holding[0]
    valid = [each for each in holding if each is not None]
    if not valid:
        return None, "", "当月没有有效等级"
    if part is PartMonth.DAYS:
        return valid[0].level, valid[0].rating, ""
    if first is None:
        return None, valid[0].rating, "当月1日没有有效等级，自次月起计（不足整月的规则为平台默认）"
    if part is PartMonth.WHOLE and len(valid) < len(holding):
        return None, first.rating, "等级当月没有全月有效，不足整月不计（平台默认）"
    return first.level, first.rating, ""


def _held(rule: SubsidyRule, level: str, counted: int, days: int) -> str:
    if not rule.scheme:
        return "不与等级挂钩"
    return (
        f"等级 {level}，当月 {days} 天全部有效"
        if counted == days
        else f"等级 {level}，当月有效 {counted} 天，{rule.part_month.label}"
    )


def _sum(rule: SubsidyRule, used: Rate, month: date, heads: int | None, share: Fraction) -> tuple[int, str]:
    one = month_share(used.fen, month.month) if rule.per == "year" else used.fen
    how = f"年额 {yuan(used.fen)}，{month.month} 月 {yuan(one)}" if rule.per == "year" else f"每人每月 {yuan(one)}"
    people = heads if rule.pays_for == "resident" and heads is not None else 1
    fen = one * people
    if rule.pays_for == "resident":
        how += f" × {people} 人"
    if rule.part_month is PartMonth.DAYS and share != 1:
        fen = int(round_half_up(Fraction(fen) * share))
        how += f" × {share.numerator}/{share.denominator}（四舍五入到分）"
    return fen, f"{how} = {yuan(fen)}"


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of a list (合计), in 分: what is paid, and how many rows wait."""

    fen: int
    paid: int
    zero: int
    open: int


def total(lines: Iterable[Line]) -> Total:
    """The sums of a list (合计)."""
    rows = list(lines)
    by = {outcome: sum(1 for row in rows if row.outcome is outcome) for outcome in Outcome}
    paid = sum(row.fen or 0 for row in rows if row.outcome is Outcome.PAID)
    return Total(paid, by[Outcome.PAID], by[Outcome.ZERO], by[Outcome.OPEN])
