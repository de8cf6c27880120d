"""Redaction before publication (公示前脱敏): what in a free text may point at somebody who is not the one listed.

Reports of accidents and abuse name victims. A text is published only after nothing of what this finds is left and another
person has read it: the finder is a net with known holes, not the decision. Sources: 个人信息保护法; Zhejiang's rule on
penalties on the web (home address, contact, identity number, account, health, names of natural persons other than the punished).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.core.labels import Labelled


class MarkKind(Labelled):
    """What a marked passage is (需处理内容)."""

    IDENTITY = "identity", "证件号码"
    PHONE = "phone", "电话"
    ACCOUNT = "account", "银行账号"
    ADDRESS = "address", "住址"
    BIRTH = "birth", "出生日期"
    HEALTH = "health", "健康信息"
    NAME = "name", "他人姓名"
    PLATE = "plate", "车牌"
    MAIL = "mail", "电子邮箱"


@dataclass(frozen=True, slots=True)
class Mark:
    """A passage that must go (标记): where it stands and what it is."""

    start: int
    end: int
    kind: MarkKind
    text: str


_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_DOUBLE: Final = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐"
_GIVEN: Final = r"[\u4e00-\u9fa5]{1,2}"
# A name shows itself by the word beside it; without one a surname is an ordinary character.
_AFTER: Final = (
    "老人|老年人|老太|老爷子|奶奶|爷爷|阿姨|大爷|大妈|女士|先生|护理员|护士|医生|院长|家属|之女|之子|之妻|之夫|儿子|女儿|"
    "男，|女，|（男|（女|[（(]?\\d{2,3}岁|反映|陈述|死亡|受伤|摔倒|走失|（化名"
)
_BEFORE: Final = (
    "老人|老年人|护理员|护工|护士|医生|家属|死者|伤者|被害人|受害人|举报人|投诉人|证人|其子|其女|院长|员工|名叫|姓名[:：为]?|系"
)

_PATTERNS: Final[Sequence[tuple[MarkKind, re.Pattern[str]]]] = (
    (MarkKind.IDENTITY, re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])|(?<![0-9A-Za-z])\d{15}(?![0-9A-Za-z])")),
    (MarkKind.PHONE, re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[-—]\d{7,8}(?!\d)")),
    (MarkKind.ACCOUNT, re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)|(?:账号|账户|卡号)[:：为]?\s*\d{6,}")),
    (MarkKind.ADDRESS, re.compile(r"(?:家住|住址(?!略)[:：]?|居住在|住在)[^，。；,;\n]{2,40}")),
    (
        MarkKind.ADDRESS,
        re.compile(
            r"[\u4e00-\u9fa5]{1,8}(?:路|街|巷|弄|村|小区|里)\d+(?:-\d+)?号?(?:楼|栋|幢)?\d*(?:单元)?\d*(?:室|户)"
            r"|\d+(?:号楼|栋|幢)\d*(?:单元)?\d+(?:室|户)"
        ),
    ),
    (
        MarkKind.BIRTH,
        re.compile(
            r"(?:19|20)\d{2}年\d{1,2}月\d{1,2}日(?:出生|生人|生)|出生(?:日期|于|年月)?[:：]?\s*(?:19|20)\d{2}[-年./]\d{1,2}(?:[-月./]\d{1,2}日?)?"
        ),
    ),
    (
        MarkKind.HEALTH,
        re.compile(
            r"(?:患有?|确诊|诊断为|病史[:：为]?)[^，。；,;\n]{1,20}"
            r"|阿尔茨海默(?:病|症)?|失智症?|老年痴呆|精神分裂症?|抑郁症|艾滋病|梅毒|乙肝|肺结核|癌症?|肿瘤|残疾证|残疾等级|[一二三四]级残疾"
        ),
    ),
    (
        MarkKind.PLATE,
        re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•]?[A-Z0-9]{5,6}(?![A-Z0-9])"),
    ),
    (MarkKind.MAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (MarkKind.NAME, re.compile(rf"(?:{_DOUBLE}|[{_SURNAMES}]){_GIVEN}?(?=(?:{_AFTER}))")),
    (MarkKind.NAME, re.compile(rf"(?<=(?:护理员|被害人|受害人|举报人|投诉人|老年人|姓名：))(?:{_DOUBLE}|[{_SURNAMES}]){_GIVEN}")),
    (
        MarkKind.NAME,
        re.compile(
            rf"(?<=(?:老人|护工|护士|医生|家属|死者|伤者|证人|其子|其女|院长|员工|名叫))(?:{_DOUBLE}|[{_SURNAMES}]){_GIVEN}"
        ),
    ),
)
# Words that begin with a surname's character and are none.
_NO_NAMES: Final = frozenset(
    {"高龄", "多名", "任何", "有关", "安排", "方面", "万元", "向老", "白天", "石家", "金额", "于老", "任意", "严重", "成年"}
)
# What often follows a name of two characters and would be taken for its third.
_NO_ENDING: Final = frozenset("打骂反系因在与和将把被的是已未对向死摔受陈称说于提进入住知指使收私锁推拿骗偷等为")
_ANONYMOUS: Final = re.compile(r"^[\u4e00-\u9fa5]{1,2}[某×＊*]+$")


def marks(text: str, *, others: Iterable[str] = (), allowed: Iterable[str] = ()) -> tuple[Mark, ...]:
    """What must go from a text (需处理内容), in order of place. `others` are names known to the file, `allowed` may stand.

    `allowed` are the name of the subject itself and of its legal representative, whose publication is lawful.
    """
    kept = {name for name in allowed if name}
    found: dict[tuple[int, int], Mark] = {}
    for name in {n.strip() for n in others if len(n.strip()) > 1} - kept:
        for hit in re.finditer(re.escape(name), text):
            found[hit.span()] = Mark(*hit.span(), MarkKind.NAME, hit[0])
    for kind, pattern in _PATTERNS:
        for hit in pattern.finditer(text):
            start, word = hit.start(), _name(hit[0]) if kind is MarkKind.NAME else hit[0]
            if kind is MarkKind.NAME and (word in kept or _harmless(word)):
                continue
            end = start + len(word)
            if not any(first < end and start < last for first, last in found):
                found[start, end] = Mark(start, end, kind, word)
    return tuple(found[span] for span in sorted(found))


def _name(word: str) -> str:
    """The name itself, without a verb that was taken for its last character."""
    return word[:-1] if len(word) > 2 and word[-1] in _NO_ENDING else word


def _harmless(word: str) -> bool:
    return len(word) < 2 or word[:2] in _NO_NAMES or _ANONYMOUS.match(word) is not None


_INSTEAD: Final = {
    MarkKind.IDENTITY: "（证件号码略）",
    MarkKind.PHONE: "（电话略）",
    MarkKind.ACCOUNT: "（账号略）",
    MarkKind.ADDRESS: "（住址略）",
    MarkKind.BIRTH: "（出生日期略）",
    MarkKind.HEALTH: "（健康信息略）",
    MarkKind.PLATE: "（车牌略）",
    MarkKind.MAIL: "（邮箱略）",
}


def redact(text: str, found: Sequence[Mark]) -> str:
    """The text with every mark replaced (脱敏建议): a name by its first character and 某, anything else by what it was."""
    parts, at = [], 0
    for mark in found:
        parts.append(text[at : mark.start])
        parts.append(f"{mark.text[0]}某" if mark.kind is MarkKind.NAME else _INSTEAD[mark.kind])
        at = mark.end
    return "".join([*parts, text[at:]])
