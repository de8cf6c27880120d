"""Identifiers (标识号码): what a code, a number or a name must look like, and how it prints.

Pure: no register is asked. A well-formed number may still belong to nobody.
Sources: GB 32100-2015 with its amendment of 2016 (统一社会信用代码), GB 11714 (组织机构代码),
GB 11643-1999 (公民身份号码). A number never stands in a refusal, a log line or a traceback.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self

from app.core.labels import Labelled
from app.core.refusal import Refused

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


def tidy(text: str) -> str:
    """The text as a clerk means it (录入整理): half-width, upper case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


# --- 统一社会信用代码 -------------------------------------------------------------------------------------

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_USCC_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))
_ORG_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


class BodyKind(Labelled):
    """What kind of body a code names (机构类别): registering department and class, the first characters."""

    GOVERNMENT_ORGAN = "11", "机关"
    PUBLIC_INSTITUTION = "12", "事业单位"
    MASS_ORGANISATION = "13", "群众团体"
    OTHER_PUBLIC_BODY = "19", "机构编制部门登记的其他机构"
    SOCIAL_ASSOCIATION = "51", "社会团体"
    PRIVATE_NON_ENTERPRISE = "52", "民办非企业单位"
    FOUNDATION = "53", "基金会"
    OTHER_CIVIL_AFFAIRS_BODY = "59", "民政部门登记的其他机构"
    ENTERPRISE = "91", "企业"
    SOLE_TRADER = "92", "个体工商户"
    FARMERS_COOPERATIVE = "93", "农民专业合作社"
    GROUP_COLLECTIVE = "N1", "组级集体经济组织"
    VILLAGE_COLLECTIVE = "N2", "村级集体经济组织"
    TOWNSHIP_COLLECTIVE = "N3", "乡镇级集体经济组织"
    MILITARY_BODY = "A", "军队单位"
    OTHER_BODY = "Y", "其他机构"


_KINDS: Final = {kind.value: kind for kind in BodyKind}

_REGISTRARS: Final = {
    "1": "机构编制",
    "2": "外交",
    "3": "司法行政",
    "4": "文化",
    "5": "民政",
    "6": "旅游",
    "7": "宗教",
    "8": "工会",
    "9": "市场监督管理",
    "A": "军队",
    "N": "农业农村",
    "Y": "其他",
}


class Uscc(str):
    """A unified social credit code that passed its checks (统一社会信用代码), 18 characters.

    Not a key for a care site: one code may stand for several sites. Its region is where the body was
    registered, never where the home is.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Uscc:
        """The code in `text`, tidied and checked (校验). Raises Refused with the reason. Source: GB 32100-2015."""
        code = tidy(text)
        if len(code) != 18:
            raise Refused("uscc.length", f"统一社会信用代码应为18位，现为{len(code)}位，请对照登记证书补全")
        wrong = sorted(set(code) - set(USCC_ALPHABET))
        if wrong:
            raise Refused(
                "uscc.character",
                f"统一社会信用代码不使用字符“{'、'.join(wrong)}”（没有字母I、O、S、V、Z），请对照登记证书更正",
            )
        if code[0] not in _REGISTRARS:
            raise Refused("uscc.registrar", "统一社会信用代码第1位不是登记管理部门代码，请对照登记证书更正")
        if not code[2:8].isdigit():
            raise Refused("uscc.region", "统一社会信用代码第3至8位应为登记机关行政区划数字，请对照登记证书更正")
        if code[17] != uscc_check_character(code[:17]):
            raise Refused("uscc.check", "统一社会信用代码校验位不符，至少有一位录错，请对照登记证书逐位核对")
        if code[16] != organisation_check_character(code[8:16]):
            raise Refused("uscc.organisation", "统一社会信用代码第9至17位（主体标识码）校验不符，请对照登记证书核对")
        return cls(code)

    @property
    def registrar(self) -> str:
        """The registering department's field (登记管理部门), for instance 民政."""
        return _REGISTRARS[self[0]]

    @property
    def kind(self) -> BodyKind | None:
        """The kind of body (机构类别), or None for a class we do not know: a reason to look, not to refuse."""
        return _KINDS.get(str(self[:2])) or _KINDS.get(str(self[0]))

    @property
    def registered_region(self) -> str:
        """Six digits of the registering office (登记机关行政区划码); may be abolished, never an address."""
        return str(self[2:8])

    @property
    def organisation_code(self) -> str:
        """The nine-character organisation code inside (组织机构代码)."""
        return str(self[8:17])


def uscc_check_character(body: str) -> str:
    """The 18th character for the first 17 (校验位). Source: GB 32100-2015, weights 3^(i-1) mod 31."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(body: str) -> str:
    """The ninth character for the first eight (组织机构代码校验位). Source: GB 11714."""
    total = sum(_ORG_ALPHABET.index(c) * w for c, w in zip(body, _ORG_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


# --- values that print masked -----------------------------------------------------------------------------


class Masked:
    """A personal value that prints masked everywhere (脱敏值): str, repr, format, page, JSON, log.

    Only `reveal()` gives the value; call it inside the audited verb and where it is encrypted. Pickling is
    refused, because a pickle would carry the value in the clear. A web model that holds one sets
    `hide_input_in_errors=True`, else pydantic repeats a wrong input in its error.
    """

    __slots__ = ("_value",)
    what: ClassVar[str] = "个人信息"

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def parse(cls, text: str) -> Self:
        """The value in `text` (录入); subclasses check and refuse."""
        return cls(text.strip())

    @property
    def masked(self) -> str:
        """The masked form (脱敏显示)."""
        return "*" if self._value else ""

    def reveal(self) -> str:
        """The value in the clear (明文). The caller answers for the audit line."""
        return self._value

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.masked}>"

    def __format__(self, spec: str) -> str:
        return format(self.masked, spec)

    def __html__(self) -> str:
        """What Jinja and Flask's JSON print (页面与接口显示). A family name may be any character, so it is escaped."""
        return self.masked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked) and type(other) is type(self) and other._value == self._value

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds personal data and is never pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        def read(value: object) -> Masked:
            if isinstance(value, cls):
                return value
            if isinstance(value, str):
                try:
                    return cls.parse(value)
                except Refused as refusal:
                    raise ValueError(refusal.sentence) from None
            raise ValueError("应为文字")

        return core_schema.no_info_plain_validator_function(
            read,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )


class IdentityNumber(Masked):
    """The number of an identity paper (证件号码), printed as 110***********1234.

    First three and last four are reversible beside a birth date and a district: never show both.
    """

    __slots__ = ()
    what = "证件号码"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number, tidied only (整理); what it must satisfy depends on the paper: see `check_identity`."""
        number = tidy(text)
        if not number:
            raise Refused("identity.empty", "请填写证件号码")
        return cls(number)

    @property
    def masked(self) -> str:
        """Three and four characters kept of a long number, one and two of a short one (脱敏显示)."""
        number = self._value
        if len(number) >= 15:
            return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
        if len(number) >= 7:
            return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}"
        return "*" * len(number)


class PersonName(Masked):
    """A person's name (姓名), printed as 张*; the length of the rest is not shown."""

    __slots__ = ()
    what = "姓名"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The name without outer and doubled spaces (整理)."""
        name = " ".join(unicodedata.normalize("NFC", text).split())
        if not name:
            raise Refused("name.empty", "请填写姓名")
        return cls(name)

    @property
    def masked(self) -> str:
        """The first character and one star (脱敏显示)."""
        return f"{self._value[0]}*" if self._value else ""


_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_LANDLINE: Final = re.compile(r"(010|02\d|0[3-9]\d{2})-?(\d{7,8})(?:(?:-|转|EXT\.?)(\d{1,6}))?")
_HOTLINE: Final = re.compile(r"[48]00-?\d{3}-?\d{4}")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-") | {"(": "", ")": "-"})


class Phone(Masked):
    """A telephone number (电话), printed as 138****1234. Not unique to a person: elders often give a child's."""

    __slots__ = ()
    what = "电话号码"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number in one spelling (整理): 13812345678, 024-12345678 or 024-12345678-801, 400-123-4567.

        Raises Refused when it is neither a mobile, nor a landline with area code, nor a 400/800 number.
        """
        digits = tidy(text).translate(_DASHES)
        digits, abroad = re.subn(r"^(\+|00)86-?", "", digits)  # dialled from abroad, an area code loses its 0
        mobile = digits.replace("-", "")
        if _MOBILE.fullmatch(mobile):
            return cls(mobile)
        if mobile.startswith("86") and _MOBILE.fullmatch(mobile[2:]):
            return cls(mobile[2:])
        if _HOTLINE.fullmatch(digits):
            return cls(f"{mobile[:3]}-{mobile[3:6]}-{mobile[6:]}")
        found = _LANDLINE.fullmatch(digits) or (_LANDLINE.fullmatch(f"0{digits}") if abroad else None)
        if found:
            return cls("-".join(part for part in found.groups() if part))
        raise Refused("phone.shape", "电话号码应为11位手机号，或“区号-号码”的固定电话（如024-12345678），请更正")

    @property
    def is_mobile(self) -> bool:
        """Whether a text message can reach it (手机号)."""
        return _MOBILE.fullmatch(self._value) is not None

    @property
    def masked(self) -> str:
        """Mobile 138****1234; a landline keeps area code and last four; the extension is dropped (脱敏显示)."""
        if self.is_mobile:
            return f"{self._value[:3]}****{self._value[-4:]}"
        area, _, rest = self._value.partition("-")
        number = rest.split("-")[0] if area not in ("400", "800") else rest.replace("-", "")
        return f"{area}-****{number[-4:]}" if number else "****"


# --- 身份证件 --------------------------------------------------------------------------------------------


class IdType(Labelled):
    """The kind of identity paper (证件类型)."""

    RESIDENT = "resident", "居民身份证"
    HMT_RESIDENCE = "hmt_residence", "港澳台居民居住证"
    HM_PERMIT = "hm_permit", "港澳居民来往内地通行证"
    TW_PERMIT = "tw_permit", "台湾居民来往大陆通行证"
    FOREIGNER_CARD = "foreigner_card", "外国人永久居留身份证"
    PASSPORT = "passport", "护照"
    OTHER = "other", "其他证件"


# Shapes from memory, not read in a standard: a mismatch warns and never refuses.
_SHAPES: Final = {
    IdType.HM_PERMIT: re.compile(r"[HM]\d{8}(\d{2})?"),
    IdType.TW_PERMIT: re.compile(r"\d{8}|\d{10}[A-Z]?"),
    IdType.PASSPORT: re.compile(r"[A-Z0-9]{6,12}"),
}


@dataclass(frozen=True, slots=True)
class CheckedIdentity:
    """An identity number that passed (已校验证件号码): upper case, 18 places where the paper has 18.

    `birth` and `is_female` are read from the number where it carries them; `warnings` are sentences for
    the clerk that do not stop the entry. The birth date is not printed: beside the masked number it would undo the mask.
    """

    id_type: IdType
    number: IdentityNumber
    birth: date | None = field(repr=False)
    is_female: bool | None = field(repr=False)
    warnings: tuple[str, ...] = ()


_RIC_WEIGHTS: Final = tuple(pow(2, 17 - i, 11) for i in range(17))


def resident_check_character(body: str) -> str:
    """The 18th character for the first 17 digits (校验码). Source: GB 11643-1999."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _RIC_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def to_eighteen(number: str) -> str:
    """A first-generation number of 15 digits in 18 places (15位升18位). Source: GB 11643-1999."""
    body = f"{number[:6]}19{number[6:]}"
    return body + resident_check_character(body)


def check_identity(id_type: IdType, text: str, *, on: date, known_regions: Container[str] | None = None) -> CheckedIdentity:
    """Check an identity number as of `on` (证件号码校验). Raises Refused; the sentence never repeats the number.

    A resident number is judged by length, digits, a real birth date not after `on`, and the check character.
    The region is only a warning: numbers were issued with the codes of their time, most of them abolished
    since. `known_regions` holds the six-digit codes known to us, current and retired; None asks nothing.
    """
    number = IdentityNumber.parse(text).reveal()
    if id_type in (IdType.RESIDENT, IdType.HMT_RESIDENCE):
        return _check_eighteen(id_type, number, on, known_regions)
    if id_type is IdType.FOREIGNER_CARD and len(number) == 18:
        return _check_eighteen(id_type, number, on, None)
    shape = _SHAPES.get(id_type)
    odd = shape is not None and not shape.fullmatch(number)
    warnings = (f"{id_type.label}号码的样式与常见的不同，请对照证件核对",) if odd else ()
    return CheckedIdentity(id_type, IdentityNumber(number), None, None, warnings)


def _check_eighteen(id_type: IdType, number: str, on: date, known_regions: Container[str] | None) -> CheckedIdentity:
    """The common rule of all numbers of 18 places (18位号码校验)."""
    if id_type is IdType.RESIDENT and re.fullmatch(r"[0-9]{15}", number):
        number = to_eighteen(number)
    if len(number) != 18:
        raise Refused("identity.length", f"{id_type.label}号码应为18位，现为{len(number)}位，请对照证件补全")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Refused("identity.character", f"{id_type.label}号码前17位应为数字，末位为数字或X，请对照证件更正")
    birth = _birth(number[6:14])
    if birth is None:
        raise Refused("identity.birth", f"{id_type.label}号码第7至14位不是真实的出生日期，请对照证件更正")
    if birth > on:
        raise Refused("identity.future", f"{id_type.label}号码中的出生日期晚于今天，请对照证件更正")
    if number[17] != resident_check_character(number[:17]):
        raise Refused("identity.check", f"{id_type.label}号码校验码不符，至少有一位录错，请对照证件逐位核对")
    return CheckedIdentity(
        id_type,
        IdentityNumber(number),
        birth,
        int(number[16]) % 2 == 0,
        _doubts(id_type, number, birth, on, known_regions),
    )


def _birth(digits: str) -> date | None:
    """The date in eight digits, or None (出生日期)."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _doubts(id_type: IdType, number: str, birth: date, on: date, known_regions: Container[str] | None) -> tuple[str, ...]:
    """What a clerk should look at again (提示)."""
    doubts = []
    likely = (
        IdType.HMT_RESIDENCE
        if number[:2] in ("81", "82", "83")
        else IdType.FOREIGNER_CARD
        if number[0] == "9"
        else IdType.RESIDENT
    )
    if likely is not id_type:
        doubts.append(f"号码开头像是{likely.label}，请核对证件类型")
    if id_type is IdType.RESIDENT and known_regions is not None and number[:6] not in known_regions:
        doubts.append("号码前6位不在已知的现行或历史行政区划代码中，请对照证件核对")
    if on.year - birth.year > 120:
        doubts.append("按号码推算年龄超过120岁，请对照证件核对")
    return tuple(doubts)
