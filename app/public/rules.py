"""Rules of publication (公示规则): what is shown of a site, how a search word is read, when a page may be kept.

Sources: 养老服务领域基层政务公开标准目录 (what of a filed home is public); 66号令 on publishing inspections.
Residents are never shown; a count below five is withheld (our own choice, so that it cannot point at a person).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from app.inspections.rules.plan import MarkReason
from app.providers.rules import OperatorModel, SiteKind, SiteState
from app.providers.rules.facts import FACTS, FactGroup, shown_fact

LEAST_COUNT: Final = 5
SHORTEST: Final = 2
LONGEST: Final = 40
MOST_WORDS: Final = 4
# Beyond this many facilities a word is common: reading them all to sort them costs more than walking the order.
COMMON: Final = 2000
MONTHS_RECENT: Final = 3


def plain(text: str) -> str:
    """A text as it is searched (检索文本): width and case evened, everything but letters, digits and spaces dropped."""
    evened = unicodedata.normalize("NFKC", text).lower()
    return " ".join("".join(c for c in part if c.isalnum()) for part in evened.split()).strip()


def search_text(*parts: str) -> str:
    """What a search looks into (检索内容): parts apart by a space, so that no word reaches over two of them."""
    return " ".join(word for part in parts if (word := plain(part).replace(" ", "")))


class Trouble(Enum):
    """Why a query cannot be searched (检索词不可用)."""

    TOO_SHORT = "请至少输入两个字，如“松鹤”。也可以输入拼音、拼音首字母或统一社会信用代码。"
    TOO_LONG = "输入的内容太长，请只写机构名称中的几个字。"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as understood (检索意图): words that must all occur, or a code to look up."""

    words: tuple[str, ...] = ()
    code: str = ""
    trouble: Trouble | None = None


_CODE: Final = re.compile(r"(?=.*\d)[0-9A-Z]{6,18}\Z")


def understand(query: str) -> Wanted:
    """Read what somebody typed (理解检索词). Never raises; an empty query wants everything."""
    typed = unicodedata.normalize("NFKC", query.replace("\x00", "")).strip()
    if len(typed) > LONGEST:
        return Wanted(trouble=Trouble.TOO_LONG)
    if _CODE.match(typed.upper()) or "〔" in typed:
        return Wanted(code=typed.upper())
    words = tuple(dict.fromkeys(plain(typed).split()))[:MOST_WORDS]
    if any(len(word) < SHORTEST for word in words) or (typed and not words):
        return Wanted(trouble=Trouble.TOO_SHORT)
    return Wanted(words)


def grams(word: str) -> list[str]:
    """The pairs of neighbouring characters of a word (二元组), in order, each once."""
    return list(dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1)))


def telling_grams(words: Sequence[str], frequency: Mapping[str, int]) -> list[str]:
    """The pairs by which rare words are looked up (检索用二元组): the common ones say little and cost most, so they are left out.

    What they would have excluded is excluded by the comparison with the whole word. At least one pair stays.
    """
    found = list(dict.fromkeys(gram for word in words for gram in grams(word)))
    telling = [gram for gram in found if gram not in frequency]
    return telling or sorted(found, key=lambda gram: frequency[gram])[:2]


def parts(word: str) -> Sequence[str]:
    """The word itself up to four characters, else its runs of four (计频片段)."""
    return [word] if len(word) <= 4 else [word[at : at + 4] for at in range(len(word) - 3)]


def is_common(words: Sequence[str], frequency: Mapping[str, int], total: int) -> bool:
    """Whether walking the facilities in order finds twenty hits sooner than collecting all hits (常用词).

    Every word must be common. A word of more than four characters is judged by its runs of four, which says less, so
    they must stand in a twentieth of all facilities.
    """
    return all(
        min(frequency.get(part, 0) for part in parts(word)) > (COMMON if len(word) <= 4 else max(COMMON, total // 20))
        for word in words
    )


def free_beds(beds: int | None, occupied: int | None) -> int | None:
    """Beds less occupied (空床), or None when unknown or when fewer than five live there (小数抑制)."""
    if beds is None or occupied is None or occupied < LEAST_COUNT:
        return None
    return max(beds - occupied, 0)


def charge_words(least: int | None, most: int | None) -> str:
    """The monthly charge in words (收费用语): 2,400–4,600 元/月."""
    if least is None:
        return "没有公示收费"
    upper = f"–{most // 100:,}" if most is not None and most != least else ""
    return f"{least // 100:,}{upper} 元/月"


def free_words(free: int | None) -> str:
    """Free beds in words (空床用语). Unknown is not none."""
    if free is None:
        return "空床请电话问"
    return f"空床 {free} 张" if free else "没有空床"


def recent_since(day: date) -> date:
    """The first day of the last three months (近三个月起始日)."""
    month = day.month - MONTHS_RECENT
    year, month = (day.year, month) if month > 0 else (day.year - 1, month + 12)
    return date(year, month, min(day.day, 28))


def short_hash(digest: str) -> str:
    """Head and tail of a fingerprint (指纹摘录): 8a5bbf90…550a."""
    return f"{digest[:8]}…{digest[-4:]}" if len(digest) > 16 else digest


# --- what is shown of a site ------------------------------------------------------------------------------------------


def fact_words(key: str, value: object) -> str:
    """A fact in words (数值用语). A count of people below five is withheld, so that it cannot point at a person."""
    if FACTS[key].group is FactGroup.PEOPLE and isinstance(value, int) and value < LEAST_COUNT:
        return f"少于 {LEAST_COUNT}"
    return shown_fact(key, value)


CHARGE_PARTS: Final = (("床位", "charge_bed"), ("护理", "charge_care"), ("伙食", "charge_meals"))


@dataclass(frozen=True, slots=True)
class Monthly:
    """What a month costs by the posted charges (每月收费), in 分, and which parts that counts."""

    least: int
    most: int
    parts: str


def monthly(values: Mapping[str, object]) -> Monthly | None:
    """The posted monthly charges added up (每月合计): bed, care, meals, as far as posted; None without a bed charge."""
    least = most = 0
    named: list[str] = []
    for word, key in CHARGE_PARTS:
        posted = [v for name in (f"{key}_min", f"{key}_max", key) if isinstance(v := values.get(name), int)]
        if posted:
            least, most, named = least + min(posted), most + max(posted), [*named, word]
        elif key == "charge_bed":
            return None
    return Monthly(least, most, "＋".join(named))


SHOWN_CHANGES: Final[Mapping[str, str]] = {
    "name": "名称",
    "address": "地址",
    "beds": "床位",
    "nursing_beds": "护理型床位",
    "state": "状态",
    "kind": "类型",
    "operator_model": "运营方式",
}


def change_words(what: str, value: object) -> str:
    """A value of a change in words (变更内容)."""
    if value is None:
        return ""
    words = {"state": SiteState, "kind": SiteKind, "operator_model": OperatorModel}.get(what)
    if words is not None and str(value) in {member.value for member in words}:
        return words(str(value)).label
    return str(value)


def state_note(state: SiteState, suspended_until: date | None, closed_on: date | None) -> str | None:
    """What a state means for a family (状态说明), where people would misread it."""
    match state:
        case SiteState.SUSPENDED:
            until = f"，预计到 {suspended_until.isoformat()}" if suspended_until else ""
            return f"暂时不接收老人{until}。"
        case SiteState.CLOSING:
            return "正在停业，在住老人由机构和民政部门安置，不再接收新的老人。"
        case SiteState.CLOSED | SiteState.EXITED:
            day = f"已于 {closed_on.isoformat()} " if closed_on else "已"
            return f"{day}停业，下面是停业前的记录。"
        case _:
            return None


# --- draws ------------------------------------------------------------------------------------------------------------


REASONS: Final[Mapping[str, str]] = {reason.value: reason.label for reason in MarkReason}


def draw_counts(subjects: Sequence[Sequence[str]]) -> list[dict[str, object]]:
    """How many homes stand in each stratum (分层家数), taking part, must and left out with the reasons; no names."""
    table: dict[str, dict[str, object]] = {}
    for _, stratum, _, status, *_ in subjects:
        row = table.setdefault(stratum, {"stratum": stratum, "draw": 0, "must": 0, "out": 0, "reasons": {}})
        kind, _, reason = status.partition(":")
        row[kind] = int(str(row[kind])) + 1
        if reason:
            reasons = row["reasons"]
            assert isinstance(reasons, dict)
            reasons[reason] = reasons.get(reason, 0) + 1
    return [table[stratum] for stratum in sorted(table)]


def draw_queue(subjects: Sequence[Sequence[str]], result: str) -> list[dict[str, object]]:
    """The queue of a revealed draw (排队结果): stratum, standing, rank, id, name, ticket, in the order of the result file."""
    names = {row[0]: row[-1] for row in subjects}
    found: list[dict[str, object]] = []
    for line in result.splitlines():
        kind, *cells = line.split("|")
        if kind in {"must", "drawn", "reserve"} and len(cells) == 4:
            stratum, rank, subject, ticket = cells
            row: dict[str, object] = {"standing": kind, "stratum": stratum, "rank": rank, "id": subject}
            found.append(row | {"name": names.get(subject, ""), "ticket": ticket})
    return found


# --- verification -----------------------------------------------------------------------------------------------------


class Verdict(Enum):
    """What verification says (核验结论): tone, heading, and what to do."""

    SAME_FILE = ("ok", "与归档一致", "这个文件和档案里的原件一个字节都不差。")
    SAME_DATA = (
        "wait",
        "内容与归档一致，但不是归档原件",
        "文件里的数据和档案一致，文件本身被另存或加工过。需要原件的，请向出具机关索取。",
    )
    SAME_CODE = (
        "ok",
        "与归档一致",
        "二维码里的指纹和档案一致。请再看纸上的文书号、机关、日期与下面是否相同，正文以归档原件为准。",
    )
    NUMBER_KNOWN = ("info", "有这个文书", "请比对纸上印的记录码，与下面完全相同才是同一份；不同的，请不要采信。")
    DIFFERENT = ("veto", "与归档不一致", "文书号存在，但指纹对不上，内容可能被改过。请不要采信，并拿着它向出具机关核实。")
    UNKNOWN = (
        "veto",
        "查无此号",
        "档案里没有这份文书。请核对文书号有没有抄错；刚出具的文书归档一般要几分钟；仍查不到的，请向落款机关核实。",
    )

    def __init__(self, tone: str, heading: str, advice: str) -> None:
        self.tone = tone
        self.heading = heading
        self.advice = advice


def judge_code(archived: Sequence[str], code: str) -> Verdict:
    """What a number says, and the head of a hash with it when there is one (按号核验). `archived` are data hashes, 64 hex."""
    if not archived:
        return Verdict.UNKNOWN
    typed = re.sub(r"[^0-9a-f]", "", code.lower())
    if not code:
        return Verdict.NUMBER_KNOWN
    return Verdict.SAME_CODE if len(typed) >= 16 and any(own.startswith(typed) for own in archived) else Verdict.DIFFERENT


def judge_file(file: str, archived_file: str | None, number_known: bool) -> Verdict:
    """What an uploaded file is (按文件核验): `archived_file` is the hash of the archived file with this file or data."""
    if archived_file is None:
        return Verdict.DIFFERENT if number_known else Verdict.UNKNOWN
    return Verdict.SAME_FILE if archived_file == file else Verdict.SAME_DATA
