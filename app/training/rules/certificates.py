"""Certificates (证书规则): kinds as a table, what a number says, how a certificate stands on a day, when to remind of it.

A number that does not fit its kind's shape warns and never refuses: provinces used shapes of their own. "Expired" is
computed from the dates that stand on the paper and is stored nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.identifiers import IdentityNumber, resident_check_character, tidy
from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition, Library, load
from app.training.rules.people import StaffPost
from app.training.standards import FOLDER

# --- code lists -------------------------------------------------------------------------------------------------------


class CertificateState(Labelled):
    """Where a certificate's entry is (登记状态). Validity is not among these: it follows from the dates."""

    CURRENT = "current", "现行"
    REPLACED = "replaced", "已换新"
    WITHDRAWN = "withdrawn", "录入有误，已撤下"


class Finding(Labelled):
    """What verification found (核验结论)."""

    UNVERIFIED = "unverified", "未核验"
    VERIFIED = "verified", "已核验"
    DOUBTFUL = "doubtful", "存疑待查"
    FALSE = "false", "核实为虚假"


class CheckWay(Labelled):
    """How a certificate was verified (核验方式)."""

    ONLINE = "online", "官方网站查询"
    ORIGINAL = "original", "核对原件"
    ISSUER = "issuer", "发证机构答复"
    REPORT = "report", "举报或检查线索"


class Group(Labelled):
    """What a certificate is for (证书类别)."""

    LEVEL = "level", "护理员等级"
    HEALTH = "health", "健康证明"
    FIRE = "fire", "消防"
    WORK = "work", "特种作业"
    MEDICAL = "medical", "医护执业"
    SOCIAL = "social", "社工"
    FOOD = "food", "食品安全"
    OTHER = "other", "其他"


class Doubt(Labelled):
    """Why a certificate should be looked at (疑点)."""

    SHAPE = "shape", "号码样式与常见的不同"
    YEAR = "year", "号码中的年份与发证日期不一致"
    LEVEL = "level", "号码中的等级与填写的等级不一致"
    PROVINCE = "province", "号码中的省级代码不存在"
    IDENTITY = "identity", "号码中的身份号码不是本人的"
    LIFE = "life", "有效期比通常的长"
    MISSING = "missing", "没有填写号码"
    DUPLICATE = "duplicate", "同一号码登记在不同的人名下"


# --- the table of kinds -----------------------------------------------------------------------------------------------


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SkillLevel(_Frozen):
    """One level of a scheme (等级). `rank` grows with skill; `code` is what a number says: 5 is the lowest of five."""

    code: str
    rank: int = Field(ge=1)
    label: str


class Scheme(_Frozen):
    """A scheme of levels (等级制度): five, or the newer eight."""

    label: str
    confidence: Confidence
    source: str
    levels: tuple[SkillLevel, ...]

    def level(self, code: str | None) -> SkillLevel | None:
        """The level with this code."""
        return next((level for level in self.levels if level.code == code), None)


class NumberShape(_Frozen):
    """A shape of numbers (号码样式): a pattern over the tidied number, with named groups that can be cross-checked."""

    label: str
    pattern: str
    confidence: Confidence
    source: str

    def match(self, number: str) -> re.Match[str] | None:
        """The parts of a number of this shape."""
        return re.fullmatch(self.pattern, number)


class Kind(_Frozen):
    """A kind of certificate (证书种类). Years are what such papers usually last; the paper's own date decides."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    label: str
    group: Group
    scheme: str = ""
    levelled: bool = False
    numbers: tuple[NumberShape, ...] = ()
    life_years: int | None = Field(default=None, ge=1, le=60)
    life_confidence: Confidence = Confidence.DRAFT
    life_source: str = ""
    life_note: str = ""
    review_years: int | None = Field(default=None, ge=1, le=60)
    review_confidence: Confidence = Confidence.DRAFT
    review_source: str = ""
    verify_at: str = ""
    source: str
    confidence: Confidence

    @property
    def holds_identity(self) -> bool:
        """Whether a number of this kind may be an identity number, which is then masked everywhere (证号即身份号码)."""
        return any("(?P<identity>" in shape.pattern for shape in self.numbers)


class PostRule(_Frozen):
    """What a post needs (岗位要求): one valid certificate of each named group; for some a passed course does as well."""

    code: StaffPost
    label: str
    direct_care: bool
    expects: tuple[Group, ...] = ()
    training_counts: bool = False
    basis: str = ""
    confidence: Confidence


class KindTable(Edition):
    """One edition of the table of kinds (证书种类表)."""

    kind: Literal["certificate_kinds"] = "certificate_kinds"
    schemes: Mapping[str, Scheme]
    kinds: tuple[Kind, ...]
    posts: tuple[PostRule, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> KindTable:
        codes = [kind.code for kind in self.kinds]
        if len(set(codes)) != len(codes):
            raise ValueError("a kind stands twice")
        for kind in self.kinds:
            if kind.levelled and kind.scheme not in self.schemes:
                raise ValueError(f"{kind.code}: no scheme {kind.scheme!r}")
        if {post.code for post in self.posts} != set(StaffPost):
            raise ValueError("every post stands once in the table")
        named = {name for kind in self.kinds for name in (kind.source, kind.life_source, kind.review_source) if name}
        if unknown := named - self.sources.keys():
            raise ValueError(f"sources without text: {sorted(unknown)}")
        return self

    def named(self, code: str) -> Kind:
        """The kind with this code (按代码查种类). Raises Refused."""
        for kind in self.kinds:
            if kind.code == code:
                return kind
        raise Refused("certificate.kind", "没有这种证书，请从列表中选；列表里没有的选“其他证书”。")

    def of_group(self, *groups: Group) -> tuple[str, ...]:
        """The codes of the kinds of these groups."""
        return tuple(kind.code for kind in self.kinds if kind.group in groups)

    def scheme_of(self, kind: Kind) -> Scheme | None:
        """The scheme of levels of a kind, if it has levels."""
        return self.schemes.get(kind.scheme) if kind.levelled else None

    def level_label(self, kind_code: str, level: str | None) -> str:
        """A level in words (等级名称), empty when there is none."""
        scheme = self.scheme_of(self.named(kind_code))
        found = scheme.level(level) if scheme and level else None
        return found.label if found else ""

    def post(self, code: StaffPost) -> PostRule:
        """What a post needs (岗位要求)."""
        return next(post for post in self.posts if post.code is code)


@lru_cache(maxsize=1)
def library() -> Library[KindTable]:
    """Every edition of the table (证书种类库)."""
    return load(FOLDER, KindTable)


def kinds_on(on: date) -> KindTable:
    """The table in force on a day (现行证书种类表); before the first edition, the first."""
    first = min(library().editions, key=lambda edition: edition.in_force_from)
    return first if on < first.in_force_from else library().in_force("certificate_kinds", on=on)


# --- what a number says -----------------------------------------------------------------------------------------------

_PROVINCES: Final = frozenset(
    f"{number}"
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 66), (71, 71), (81, 82))
    for number in range(first, last + 1)
)
_EIGHTEEN: Final = re.compile(r"(?<!\d)\d{17}[\dX](?!\d)")
LONG: Final = 15
_SLACK_DAYS: Final = 31


def tidy_number(text: str) -> str:
    """A certificate's number in one spelling (证号整理): half-width, upper case, without spaces and dashes."""
    return tidy(text).translate(str.maketrans("", "", "-－—–"))


def holds_identity(number: str) -> bool:
    """Whether a number contains what is, by birth date and check character, an identity number (含身份号码)."""
    return any(_is_identity(hit.group()) for hit in _EIGHTEEN.finditer(number))


def _is_identity(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return resident_check_character(number[:17]) == number[17]


def shown_number(kind: Kind, number: str) -> str:
    """A number as pages and exports show it (证号显示): masked whenever it is, or holds, an identity number."""
    if not number:
        return ""
    bare = number.removeprefix("T")
    if kind.holds_identity or holds_identity(number):
        prefix = "T" if number.startswith("T") else ""
        return prefix + IdentityNumber(bare).masked
    return number


def shared_number(number: str) -> str:
    """A number as a stranger sees it (对外证号): the last four characters, so that it can be compared with the paper."""
    return f"{'*' * max(len(number) - 4, 4)}{number[-4:]}" if len(number) >= 8 else "*" * len(number)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered of a certificate (录入内容). `identity` is the holder's own number, in the clear, for comparison."""

    kind: Kind
    number: str = ""
    level: str | None = None
    issued_on: date | None = None
    valid_to: date | None = None
    review_due: date | None = None
    identity: str = ""


def check_entry(table: KindTable, entry: Entered, *, on: date) -> None:
    """Refuse what cannot be (证书录入核对): a level that the kind has not, dates in the wrong order or in the future."""
    scheme = table.scheme_of(entry.kind)
    if scheme is None and entry.level:
        raise Refused("certificate.level", f"“{entry.kind.label}”不分等级，请不要选等级。")
    if scheme is not None and scheme.level(entry.level) is None:
        raise Refused("certificate.level", f"请选择“{entry.kind.label}”的等级（{scheme.label}）。")
    if entry.issued_on is not None and entry.issued_on > on:
        raise Refused("certificate.issued", "发证日期不能晚于今天。")
    for day, word in ((entry.valid_to, "有效期至"), (entry.review_due, "复审日期")):
        if day is not None and entry.issued_on is not None and day < entry.issued_on:
            raise Refused("certificate.order", f"{word}不能早于发证日期。")
    if entry.valid_to and entry.review_due and entry.review_due > entry.valid_to:
        raise Refused("certificate.review", "复审日期不能晚于有效期至。")
    if entry.kind.life_years and entry.kind.life_confidence.works and entry.valid_to is None:
        raise Refused(
            "certificate.valid_to", f"“{entry.kind.label}”有有效期（{entry.kind.life_years} 年），请照证书填写“有效期至”。"
        )


def doubts(entry: Entered) -> tuple[Doubt, ...]:
    """Why an entry should be looked at (疑点), in the order of the list; none of them refuses the entry."""
    found: set[Doubt] = set()
    if entry.kind.numbers and not entry.number:
        found.add(Doubt.MISSING)
    elif entry.kind.numbers:
        found |= _number_doubts(entry)
    if _lasts_too_long(entry):
        found.add(Doubt.LIFE)
    return tuple(doubt for doubt in Doubt if doubt in found)


def _number_doubts(entry: Entered) -> set[Doubt]:
    hits = [hit for shape in entry.kind.numbers if (hit := shape.match(entry.number))]
    if not hits:
        return {Doubt.SHAPE}
    every = [_part_doubts(hit.groupdict(), entry) for hit in hits]
    return min(every, key=len)  # the shape that fits best speaks


def _part_doubts(parts: Mapping[str, str | None], entry: Entered) -> set[Doubt]:
    found: set[Doubt] = set()
    year, level, province, identity = (parts.get(name) for name in ("year", "level", "province", "identity"))
    if year and entry.issued_on and int(year) != entry.issued_on.year % 100:
        found.add(Doubt.YEAR)
    if level and entry.level and level != entry.level:
        found.add(Doubt.LEVEL)
    if province and province not in _PROVINCES:
        found.add(Doubt.PROVINCE)
    if identity and (not _is_identity(identity) or (entry.identity and identity != entry.identity)):
        found.add(Doubt.IDENTITY)
    return found


def _lasts_too_long(entry: Entered) -> bool:
    years, issued, until = entry.kind.life_years, entry.issued_on, entry.valid_to
    if years is None or issued is None or until is None:
        return False
    return (until - issued).days > years * 366 + _SLACK_DAYS


# --- how it stands on a day -------------------------------------------------------------------------------------------

ALERT_DAYS: Final = (90, 60, 30, 7, 0)
"""The platform's default; an authority may set others (training.certificate_warnings)."""
EXPIRED_STEP: Final = -1
SOON_DAYS: Final = 90


class Standing(Labelled):
    """How a certificate stands on a day (证书情况)."""

    LASTING = "lasting", "长期"
    VALID = "valid", "有效"
    SOON = "soon", "快到期"
    EXPIRED = "expired", "已过期"
    REPLACED = "replaced", "已换新"
    WITHDRAWN = "withdrawn", "已撤下"
    FALSE = "false", "虚假"


TONES: Final[Mapping[Standing, str]] = {
    Standing.LASTING: "ok",
    Standing.VALID: "ok",
    Standing.SOON: "wait",
    Standing.EXPIRED: "veto",
    Standing.REPLACED: "na",
    Standing.WITHDRAWN: "na",
    Standing.FALSE: "veto",
}


def runs_out(valid_to: date | None, review_due: date | None) -> date | None:
    """The last day on which a certificate may be used (止期): the earlier of its end and its review; None is for ever."""
    return min((day for day in (valid_to, review_due) if day is not None), default=None)


def standing(state: CertificateState, finding: Finding, until: date | None, on: date) -> Standing:
    """How a certificate stands (证书情况); on its last day it is still valid."""
    if finding is Finding.FALSE:
        return Standing.FALSE
    if state is not CertificateState.CURRENT:
        return Standing.REPLACED if state is CertificateState.REPLACED else Standing.WITHDRAWN
    if until is None:
        return Standing.LASTING
    left = (until - on).days
    return Standing.EXPIRED if left < 0 else Standing.SOON if left <= SOON_DAYS else Standing.VALID


def is_valid(state: CertificateState, finding: Finding, until: date | None, on: date) -> bool:
    """Whether a certificate counts on a day (是否有效). One in doubt counts until it is found false."""
    return standing(state, finding, until, on) in {Standing.LASTING, Standing.VALID, Standing.SOON}


def alert_step(until: date, on: date, steps: Sequence[int] = ALERT_DAYS) -> int | None:
    """The alert that holds on a day (提醒档): the smallest step reached, -1 once it has run out, None before the first.

    Taken from the days left and not from "today is the day", so a night without a run loses nothing.
    """
    left = (until - on).days
    if left < 0:
        return EXPIRED_STEP
    return min((step for step in steps if left <= step), default=None)


def alert_words(kind_label: str, until: date, on: date) -> str:
    """The alert in words (提醒文字): the days that are really left."""
    left = (until - on).days
    if left < 0:
        return f"{kind_label}已过期 {-left} 天"
    return f"{kind_label}今天到期" if left == 0 else f"{kind_label}还有 {left} 天到期"


# --- what a post lacks ------------------------------------------------------------------------------------------------


def lacking(table: KindTable, post: StaffPost, valid_groups: set[Group], *, trained: bool) -> tuple[str, ...]:
    """What somebody in a post still lacks on a day (缺什么), in words with the article; empty when nothing is missing."""
    rule = table.post(post)
    missing = []
    for group in rule.expects:
        if group in valid_groups or (rule.training_counts and trained):
            continue
        way = "，或完成岗前培训并考核合格" if rule.training_counts else ""
        missing.append(f"缺有效的{group.label}{'' if group is Group.HEALTH else '证书'}{way}")
    return tuple(missing)
