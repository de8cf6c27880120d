"""Words of the papers (文书用语): numbers, titles, fixed sentences; an authority may set its own for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused

LONGEST: Final = 60


class Paper(Labelled):
    """Papers of an inspection that carry a number of their own (检查文书), with the usual title."""

    NOTICE = "notice", "检查通知书"
    ONSITE_RECORD = "onsite_record", "现场检查笔录"
    ORDER = "order", "责令（限期）改正通知书"
    RECHECK = "recheck", "整改复查记录"
    REPORT = "report", "养老机构检查报告"
    PUBLIC_REPORT = "public_report", "养老机构检查结果公示"


# The platform's own pattern; `{word}` is the authority's 发文字号用字, as in 示和民.
PATTERNS: Final[Mapping[Paper, str]] = {
    Paper.NOTICE: "{word}养检通〔{year}〕第{n}号",
    Paper.ONSITE_RECORD: "{word}养检笔〔{year}〕第{n}号",
    Paper.ORDER: "{word}养责改〔{year}〕第{n}号",
    Paper.RECHECK: "{word}养复〔{year}〕第{n}号",
    Paper.REPORT: "{word}养检〔{year}〕第{n}号",
    Paper.PUBLIC_REPORT: "{word}养检公〔{year}〕第{n}号",
}
_PLACES: Final = re.compile(r"\{([^{}]*)\}")


def number_of(pattern: str, *, word: str, year: int, n: int) -> str:
    """A document number (文书号): 示和民养责改〔2026〕第3号."""
    return pattern.replace("{word}", word).replace("{year}", str(year)).replace("{n}", str(n))


def check_pattern(pattern: str) -> None:
    """Refuse a number pattern (文书号格式) that would give one number twice or names an unknown place."""
    places = _PLACES.findall(pattern)
    if sorted(set(places) - {"word"}) != ["n", "year"] or len(places) != len(set(places)) or len(pattern) > LONGEST:
        raise Refused("words.pattern", "文书号格式须含 {year} 和 {n} 各一处，可含 {word}（机关用字），总长不超过60字")
    if "{" in _PLACES.sub("", pattern) or "}" in _PLACES.sub("", pattern):
        raise Refused("words.pattern", "文书号格式里的花括号只能用于 {word}、{year}、{n}")


class ServiceWay(Labelled):
    """How a paper is served (送达方式). 行政处罚法 art. 61: electronic service only with signed consent."""

    DIRECT = "direct", "直接送达"
    LEFT = "left", "留置送达"
    POST = "post", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达（已签同意书）"


def check_service(way: ServiceWay, *, receiver: str, note: str) -> None:
    """Refuse a service (送达) without a receiver, or one left behind without saying why and before whom."""
    if way is not ServiceWay.LEFT and not receiver.strip():
        raise Refused("service.receiver", "请填写签收人姓名和职务")
    if way is ServiceWay.LEFT and not note.strip():
        raise Refused("service.witness", "留置送达须写明拒收情况和见证人")
    if way is ServiceWay.ELECTRONIC and not note.strip():
        raise Refused("service.consent", "电子送达须有当事人签字的同意书，请写明同意书日期和送达地址")


REPORT_BACK: Final = "请在各项期限届满前通过本平台提交整改措施和整改后照片，或向本机关提交书面整改报告。"
CONSEQUENCE: Final = "逾期未改正或者改正不到位的，本机关将依法处理。"
OBJECTION: Final = "对本通知有异议的，可以向本机关陈述、申辩。"
