"""Filings (备案规则): the life of a filing, what it must say, which papers it needs.

A filing is no licence: the authority looks at form only, a complete filing gets its receipt, and a receipt has no expiry.
Sources: 老年人权益保障法 art. 43; 《养老机构管理办法》(民政部令第66号), art. 11 for truthfulness, art. 13 for changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.providers.rules.kinds import FilingKind, FilingState, FireTrack, OperatorModel, PaperKind, Tenure
from app.providers.rules.sites import SiteVerb


class FilingVerb(Labelled):
    """What can be done with a filing (备案办理)."""

    SUBMIT = "submit", "提交"
    RETURN = "return", "退回补正"
    RESUBMIT = "resubmit", "补正后再提交"
    ACCEPT = "accept", "出具回执"
    WITHDRAW = "withdraw", "撤回"


_S, _V = FilingState, FilingVerb

NEXT: Final[Mapping[tuple[FilingState, FilingVerb], FilingState]] = {
    (_S.DRAFT, _V.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, _V.ACCEPT): _S.ACCEPTED,
    (_S.SUBMITTED, _V.RETURN): _S.RETURNED,
    (_S.RETURNED, _V.RESUBMIT): _S.SUBMITTED,
    (_S.DRAFT, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.SUBMITTED, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _V.WITHDRAW): _S.WITHDRAWN,
}
OPEN: Final = (FilingState.DRAFT, FilingState.SUBMITTED, FilingState.RETURNED)
EDITABLE: Final = (FilingState.DRAFT, FilingState.RETURNED)


def next_state(state: FilingState, verb: FilingVerb) -> FilingState:
    """Where `verb` takes a filing (备案流转), or a refusal."""
    if (state, verb) not in NEXT:
        raise Refused("filing.not_now", f"备案处于“{state.label}”状态，不能“{verb.label}”。")
    return NEXT[state, verb]


VERB_OF: Final[Mapping[FilingKind, SiteVerb]] = {
    FilingKind.FIRST: SiteVerb.FILE,
    FilingKind.CHANGE: SiteVerb.AMEND,
    FilingKind.MOVE: SiteVerb.AMEND,
    FilingKind.SUSPEND: SiteVerb.SUSPEND,
    FilingKind.CLOSE: SiteVerb.BEGIN_CLOSING,
}
"""What an accepted filing does to its site (备案对网点的作用)."""


# --- what a filing says -----------------------------------------------------------------------------------------------


class Entry(Labelled):
    """Something that a filing says (备案事项). The national minimum is marked in `MINIMUM`; the rest is widely added."""

    NAME = "name", "机构名称"
    ADDRESS = "address", "服务场所地址"
    LEGAL_REPRESENTATIVE = "legal_representative", "法定代表人"
    MANAGER_NAME = "manager_name", "主要负责人（院长）"
    SERVICE_PHONE = "service_phone", "服务电话"
    TENURE = "tenure", "场所权属"
    BEDS = "beds", "床位数量"
    NURSING_BEDS = "nursing_beds", "其中护理型床位"
    FLOOR_AREA = "floor_area", "服务设施建筑面积"
    FIRE_TRACK = "fire_track", "消防手续"
    FIRE_NUMBER = "fire_number", "消防手续文号"
    OPERATOR_MODEL = "operator_model", "运营方式"
    FIRST_RESIDENT_ON = "first_resident_on", "首位老人入住日期"
    REASON = "reason", "原因"
    REGION = "region", "迁入地行政区划"
    UNTIL = "until", "恢复服务日期"
    ENDS_ON = "ends_on", "拟终止服务日期"
    RESIDENTS = "residents", "在住老年人人数"
    RESETTLEMENT = "resettlement", "老年人安置安排"


_E = Entry
MINIMUM: Final[Mapping[FilingKind, tuple[Entry, ...]]] = {
    FilingKind.FIRST: (
        _E.NAME, _E.ADDRESS, _E.LEGAL_REPRESENTATIVE, _E.MANAGER_NAME, _E.SERVICE_PHONE, _E.TENURE, _E.BEDS, _E.FLOOR_AREA,
        _E.FIRST_RESIDENT_ON,
    ),
    FilingKind.CHANGE: (_E.REASON,),
    FilingKind.MOVE: (_E.REGION, _E.ADDRESS, _E.REASON),
    FilingKind.SUSPEND: (_E.REASON, _E.UNTIL, _E.RESIDENTS, _E.RESETTLEMENT),
    FilingKind.CLOSE: (_E.REASON, _E.ENDS_ON, _E.RESIDENTS, _E.RESETTLEMENT),
}  # fmt: skip
CHANGEABLE: Final = (
    _E.NAME, _E.LEGAL_REPRESENTATIVE, _E.MANAGER_NAME, _E.SERVICE_PHONE, _E.TENURE, _E.BEDS, _E.NURSING_BEDS, _E.FLOOR_AREA,
    _E.FIRE_TRACK, _E.FIRE_NUMBER, _E.OPERATOR_MODEL,
)  # fmt: skip
"""What must be filed anew when it changes: name, legal representative, premises, beds, area … (66号令 art. 13)."""

COUNTED: Final = (_E.BEDS, _E.NURSING_BEDS, _E.FLOOR_AREA, _E.RESIDENTS)
DAYS: Final = (_E.FIRST_RESIDENT_ON, _E.UNTIL, _E.ENDS_ON)
CHOSEN: Final[Mapping[Entry, type[Labelled]]] = {
    _E.TENURE: Tenure, _E.FIRE_TRACK: FireTrack, _E.OPERATOR_MODEL: OperatorModel,
}  # fmt: skip
AS_FACTS: Final[Mapping[Entry, str]] = {
    _E.BEDS: "beds", _E.NURSING_BEDS: "nursing_beds", _E.FLOOR_AREA: "floor_area", _E.TENURE: "tenure",
}  # fmt: skip
"""What an accepted filing writes into the facts of the site (备案写入基本情况)."""


def may_say(kind: FilingKind) -> tuple[Entry, ...]:
    """What a filing of a kind may say (可填事项): anything else is dropped."""
    if kind is FilingKind.FIRST:
        return (*MINIMUM[kind], _E.NURSING_BEDS, _E.FIRE_TRACK, _E.FIRE_NUMBER, _E.OPERATOR_MODEL)
    return (*MINIMUM[kind], *CHANGEABLE) if kind is FilingKind.CHANGE else MINIMUM[kind]


def unsaid(kind: FilingKind, content: Mapping[str, Any]) -> tuple[Entry, ...]:
    """What the filing still has to say (未填事项). A change must change something."""
    missing = tuple(entry for entry in MINIMUM[kind] if content.get(entry) in (None, ""))
    if kind is FilingKind.CHANGE and not any(entry in content for entry in CHANGEABLE):
        return (*missing, Entry.NAME)
    return missing


def shown(entry: Entry, value: Any) -> str:
    """A filed value as a person reads it (显示值)."""
    if value is None or value == "":
        return "—"
    if entry in CHOSEN:
        return CHOSEN[entry](value).label
    return {
        _E.BEDS: f"{value} 张",
        _E.NURSING_BEDS: f"{value} 张",
        _E.FLOOR_AREA: f"{value} ㎡",
        _E.RESIDENTS: f"{value} 人",
    }.get(entry, str(value))


# --- papers -----------------------------------------------------------------------------------------------------------

REQUIRED_PAPERS: Final[Mapping[FilingKind, tuple[PaperKind, ...]]] = {
    FilingKind.FIRST: (PaperKind.APPLICATION, PaperKind.REGISTRATION, PaperKind.PROMISE),
    FilingKind.CHANGE: (PaperKind.PROMISE,),
    FilingKind.MOVE: (PaperKind.PROMISE,),
    FilingKind.SUSPEND: (PaperKind.PROMISE,),
    FilingKind.CLOSE: (PaperKind.RESETTLEMENT, PaperKind.PROMISE),
}
"""First filing: 66号令. A fire paper is nationally a promise and only locally an attachment, so it is never asked for here."""

ONLINE_PAPERS: Final = (PaperKind.APPLICATION, PaperKind.PROMISE)
"""Given by filling in the form and by the promise made on submission; no upload needed."""

PROMISE: Final = (
    "本单位承诺：建筑、消防、食品安全、医疗卫生、特种设备等条件符合国家规定；所填内容和所交材料真实、准确、完整，"
    "并对真实性负责；接受民政部门的现场检查和监督管理。"
)
"""Our own wording of the promise that 66号令 asks for; an authority may replace it by its form."""


def missing_papers(kind: FilingKind, attached: Collection[PaperKind]) -> tuple[PaperKind, ...]:
    """The papers that still have to be uploaded (待补材料)."""
    return tuple(p for p in REQUIRED_PAPERS[kind] if p not in ONLINE_PAPERS and p not in attached)


def check_complete(kind: FilingKind, content: Mapping[str, Any], attached: Collection[PaperKind], *, promised: bool) -> None:
    """Refuse an incomplete filing, naming everything that is missing at once (材料齐全). The check is of form only (66号令)."""
    lacking = [e.label for e in unsaid(kind, content)] + [p.label for p in missing_papers(kind, attached)]
    if lacking:
        raise Refused("filing.incomplete", f"还差：{'、'.join(lacking)}。补齐后再提交。")
    if not promised:
        raise Refused("filing.promise", "请阅读承诺书并勾选“我承诺”，再提交。")


def check_first_resident(first_resident_on: date, on: date) -> None:
    """A first filing follows the first resident (先收住后备案): a day to come is refused. Source: 66号令."""
    if first_resident_on > on:
        raise Refused("filing.too_early", "备案在收住第一位老年人之后办理，首位老人入住日期不能晚于今天。")


def check_return_reason(reason: str) -> None:
    """Refuse to return a filing without saying what to complete (退回补正须一次告知)."""
    if len(reason.strip()) < 4:
        raise Refused("filing.reason", "请一次写明需要补正的全部内容。")


def check_decider(decided_by: object, promised_by: object) -> None:
    """Refuse that somebody decides on a filing that he promised himself (经办人与承诺人分开)."""
    if decided_by == promised_by:
        raise Refused("filing.own", "不能办理自己提交的备案，请由另一位经办人办理。")


def receipt_number(word: str, year: int, serial: int) -> str:
    """The number on a receipt (备案回执编号). The pattern is the platform's; the law sets none."""
    return f"{word}养备〔{year}〕{serial}号"
