"""Sites (网点规则): which authority is competent, the life of a site, the ten-bed rule, fire papers.

Sources: 《养老机构管理办法》(民政部令第66号) art. 2 and the filing rules of its second chapter; 《养老机构行政检查办法》 art. 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence
from app.providers.rules.kinds import FireTrack, Nature, SiteKind, SiteState
from app.regions.rules import Level


class SiteVerb(Labelled):
    """What can happen to a site (网点办理)."""

    OPEN = "open", "开始运营"
    FILE = "file", "备案"
    AMEND = "amend", "变更"
    SUSPEND = "suspend", "暂停服务"
    RESUME = "resume", "恢复服务"
    BEGIN_CLOSING = "begin_closing", "停业安置"
    CLOSE = "close", "核定停业"
    EXIT = "exit", "退出"


_S, _V = SiteState, SiteVerb

SITE_NEXT: Final[Mapping[tuple[SiteState, SiteVerb], SiteState]] = {
    (_S.DRAFT, _V.OPEN): _S.OPERATING,
    (_S.DRAFT, _V.FILE): _S.FILED,
    (_S.DRAFT, _V.EXIT): _S.EXITED,
    (_S.OPERATING, _V.FILE): _S.FILED,
    (_S.OPERATING, _V.BEGIN_CLOSING): _S.CLOSING,
    (_S.FILED, _V.AMEND): _S.FILED,
    (_S.FILED, _V.SUSPEND): _S.SUSPENDED,
    (_S.FILED, _V.BEGIN_CLOSING): _S.CLOSING,
    (_S.SUSPENDED, _V.AMEND): _S.SUSPENDED,
    (_S.SUSPENDED, _V.RESUME): _S.FILED,
    (_S.SUSPENDED, _V.BEGIN_CLOSING): _S.CLOSING,
    (_S.CLOSING, _V.CLOSE): _S.CLOSED,
    (_S.CLOSED, _V.EXIT): _S.EXITED,
}
LIVING: Final = (SiteState.OPERATING, SiteState.FILED, SiteState.SUSPENDED, SiteState.CLOSING)
"""States in which there may be residents, so that supervision goes on (在管)."""


def next_site_state(state: SiteState, verb: SiteVerb) -> SiteState:
    """Where `verb` takes a site (网点流转), or a refusal."""
    if (state, verb) not in SITE_NEXT:
        raise Refused("site.not_now", f"网点处于“{state.label}”状态，不能办理“{verb.label}”。")
    return SITE_NEXT[state, verb]


def competent_level(nature: Nature, registrar: Level, *, filed: bool) -> Level:
    """The level whose civil-affairs authority is competent for a site (主管机关级别).

    For-profit: the county of the premises. Non-profit and public: the level of the body's registrar. Unfiled: the county of the
    premises, whoever registered the body. Sources: 66号令 (filing); 《养老机构行政检查办法》 art. 4 (unfiled).
    """
    if not filed or nature is Nature.FOR_PROFIT:
        return Level.COUNTY
    return registrar if registrar.depth < Level.COUNTY.depth else Level.COUNTY


def check_competent(own: object, competent: object, name: str) -> None:
    """Refuse an act of an authority that is not the competent one (主管机关)."""
    if own != competent:
        raise Refused("site.not_competent", f"这处网点由{name}主管，请由该机关办理。")


TEN_BEDS: Final = 10
"""Beds that make full-day care a 养老机构 (66号令 art. 2)."""


def check_beds(kind: SiteKind, beds: int) -> None:
    """Refuse a care home with fewer than ten beds (十张床位). Source: 66号令 art. 2."""
    if kind is SiteKind.CARE_HOME and beds < TEN_BEDS:
        raise Refused(
            "site.ten_beds",
            f"养老机构应有 {TEN_BEDS} 张以上床位，现填 {beds} 张。不足 {TEN_BEDS} 张的，请按社区养老服务类网点登记。",
        )


def looks_like_care_home(kind: SiteKind, beds: int | None, full_day: bool | None) -> bool:
    """Whether a community site has grown into a care home (疑似养老机构): ten beds with full-day care (66号令 art. 2)."""
    return kind is not SiteKind.CARE_HOME and bool(full_day) and (beds or 0) >= TEN_BEDS


@dataclass(frozen=True, slots=True)
class FirePaper:
    """The paper that shows how the premises stand (消防手续), who gives it, and how sure that is."""

    paper: str
    issuer: str
    note: str
    confidence: Confidence


FIRE_PAPERS: Final[Mapping[FireTrack, FirePaper]] = {
    FireTrack.ACCEPTED: FirePaper(
        "建设工程消防验收意见书", "住房城乡建设部门", "多地对建筑面积较大的场所适用，界线以当地住建部门为准", Confidence.VERIFIED
    ),
    FireTrack.FILED: FirePaper("建设工程消防验收备案凭证", "住房城乡建设部门", "未达到验收界线的场所适用", Confidence.VERIFIED),
    FireTrack.ASSESSED: FirePaper(
        "消防安全评估报告", "第三方消防技术服务机构", "仅部分地方认可，依地方规定", Confidence.VERIFIED
    ),
    FireTrack.CASE_BY_CASE: FirePaper(
        "“一事一议”会议纪要", "县级人民政府或其确定的部门", "适用于没有权属或规划手续的既有建筑，依地方规定", Confidence.DRAFT
    ),
}
"""消防法 art. 13 for acceptance and filing. A “消防安全合格证” does not exist for care homes; what recurs yearly is the test."""


def may_claim(track: FireTrack) -> bool:
    """Whether a provider may claim a fire track by itself (可自报); 一事一议 is decided by the authority alone."""
    return track is not FireTrack.CASE_BY_CASE


def check_fire_decision(reason: str) -> None:
    """Refuse a 一事一议 decision without its reason (一事一议认定)."""
    if not reason.strip():
        raise Refused("fire.reason", "请写明一事一议的会议、参加部门和认定意见。")


def check_closing_day(reported_on: date, ends_on: date, notice_days: int, source: str) -> None:
    """Refuse an end of service nearer than the notice that the place asks for (停业告知). `notice_days` are natural days."""
    earliest = reported_on + timedelta(days=notice_days)
    if ends_on < earliest:
        raise Refused(
            "closing.too_early",
            f"终止服务应提前 {notice_days} 日报告（{source}），最早可到 {earliest.isoformat()}。情况紧急的，请与主管民政部门联系。",
        )
