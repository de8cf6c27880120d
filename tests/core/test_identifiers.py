"""Codes, numbers and names: what passes, what is refused, and that nothing prints in the clear."""

import copy
import json
import pickle
from datetime import date
from typing import Any

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from stdnum.cn import ric, uscc

from app.core.identifiers import (
    USCC_ALPHABET,
    BodyKind,
    IdentityNumber,
    IdType,
    PersonName,
    Phone,
    Uscc,
    check_identity,
    organisation_check_character,
    resident_check_character,
    to_eighteen,
    uscc_check_character,
)
from app.core.refusal import Refused
from app.regions.divisions import divisions

ON = date(2026, 11, 22)

# Published codes of large companies; python-stdnum agrees on all of them.
USCCS = (
    "914403001922038216",
    "9144030071526726XG",
    "91330100799655058B",
    "91110000802100433B",
    "911100007109250324",
    "91110000710925462X",
    "91110108551385082Q",
    "91440300100012316L",
    "911103026605015136",
)
# The two examples of GB 11643-1999 and three more.
RESIDENTS = (
    "11010519491231002X",
    "440524188001010014",
    "34052419800101001X",
    "53010219200508011X",
    "360426199101010071",
)


def a_uscc(prefix: str = "52210102", serial: str = "MJ123456") -> str:
    """A code that passes, for a body that does not exist."""
    body = prefix + serial + organisation_check_character(serial)
    return body + uscc_check_character(body)


def a_resident(region: str = "210102", birth: str = "19500102", sequence: str = "123") -> str:
    """A resident number that passes, of nobody."""
    body = region + birth + sequence
    return body + resident_check_character(body)


@pytest.mark.parametrize("code", USCCS)
def test_published_codes_pass_and_the_library_agrees(code: str) -> None:
    assert Uscc.parse(code) == code
    assert uscc.is_valid(code)
    assert Uscc.parse(code).kind is BodyKind.ENTERPRISE


def test_every_wrong_character_and_every_swap_of_neighbours_is_refused() -> None:
    kept = []
    for code in USCCS:
        wrong = {code[:i] + c + code[i + 1 :] for i in range(18) for c in USCC_ALPHABET if c != code[i]}
        wrong |= {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(17)} - {code}
        for attempt in wrong:
            try:
                kept.append(Uscc.parse(attempt))
            except Refused:
                continue
    assert kept == []


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_the_check_character_always_exists(body: str) -> None:
    assert uscc_check_character(body) in USCC_ALPHABET


def test_a_check_remainder_of_nought_wraps_to_the_first_character() -> None:
    code = next(c for n in range(100_000) if (c := a_uscc(serial=f"MJ{n:06d}")).endswith("0"))
    assert Uscc.parse(code) == code


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("12210102", BodyKind.PUBLIC_INSTITUTION),
        ("52210102", BodyKind.PRIVATE_NON_ENTERPRISE),
        ("N2210102", BodyKind.VILLAGE_COLLECTIVE),
        ("Y1210102", BodyKind.OTHER_BODY),
        ("A1210102", BodyKind.MILITARY_BODY),
        ("35210102", None),
    ],
)
def test_bodies_outside_the_market_register_pass_too(prefix: str, kind: BodyKind | None) -> None:
    assert Uscc.parse(a_uscc(prefix)).kind is kind


def test_a_code_is_tidied_before_it_is_judged() -> None:
    assert Uscc.parse(" ９１４４０３００１９２２０３８２１６ ") == "914403001922038216"
    assert Uscc.parse("9144 0300 7152 6726 xg") == "9144030071526726XG"
    assert Uscc.parse("914403001922038216").registered_region == "440300"
    assert Uscc.parse(a_uscc()).registrar == "民政"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91440300192203821", "uscc.length"),
        ("9144030O1922038216", "uscc.character"),
        ("F14403001922038216", "uscc.registrar"),
        ("9144A3001922038216", "uscc.region"),
        ("914403001922038217", "uscc.check"),
    ],
)
def test_a_refusal_names_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        Uscc.parse(text)
    assert refusal.value.code == code


def test_a_code_whose_inner_organisation_code_is_wrong_is_refused() -> None:
    body = "52210102" + "MJ123456" + ("1" if organisation_check_character("MJ123456") != "1" else "2")
    with pytest.raises(Refused, match="第9至17位"):
        Uscc.parse(body + uscc_check_character(body))


@pytest.mark.parametrize("number", RESIDENTS)
def test_resident_numbers_pass(number: str) -> None:
    checked = check_identity(IdType.RESIDENT, number.lower(), on=ON)
    assert checked.number.reveal() == number
    assert checked.birth == date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    assert checked.is_female is (int(number[16]) % 2 == 0)


def test_a_checked_number_does_not_print_what_would_undo_its_mask() -> None:
    printed = repr(check_identity(IdType.RESIDENT, RESIDENTS[0], on=ON))
    assert "110***********002X" in printed
    assert "1949" not in printed


def test_fifteen_digits_become_eighteen() -> None:
    assert to_eighteen("440524800101001") == "440524198001010013"
    assert check_identity(IdType.RESIDENT, "440524800101001", on=ON).number.reveal() == "440524198001010013"


def test_no_county_and_no_year_of_birth_of_the_old_is_refused() -> None:
    """Every county of the register with births 1930–1975; the library refuses most of these people."""
    counties = [d.code for d in divisions() if len(d.code) == 6 and d.valid_to is None]
    known = frozenset(counties)
    refused_by_library = 0
    for place, county in enumerate(counties):
        birth = f"{1930 + place % 46}{1 + place % 12:02d}{1 + place % 28:02d}"
        number = a_resident(county, birth, f"{place % 999 + 1:03d}")
        assert check_identity(IdType.RESIDENT, number, on=ON, known_regions=known).warnings == ()
        for year in range(1930, 1976):
            of_that_year = a_resident(county, f"{year}{birth[4:]}", f"{year % 999:03d}")
            assert check_identity(IdType.RESIDENT, of_that_year, on=ON, known_regions=known).warnings == ()
        try:
            refused_by_library += not ric.is_valid(number)
        except KeyError:
            refused_by_library += 1
    assert len(counties) >= 2_800
    assert refused_by_library > len(counties) // 2


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("11010519491231002", "identity.length"),
        ("1101051949123100AX", "identity.character"),
        ("110105194902300021", "identity.birth"),
        (a_resident(birth="20261123"), "identity.future"),
        ("110105194912310021", "identity.check"),
        ("  ", "identity.empty"),
    ],
)
def test_a_resident_number_is_refused_without_being_repeated(number: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_identity(IdType.RESIDENT, number, on=ON)
    assert refusal.value.code == code
    assert number.strip() == "" or number not in refusal.value.sentence


def test_a_birth_today_passes_and_tomorrow_waits_a_day() -> None:
    born = a_resident(birth="20261122")
    assert check_identity(IdType.RESIDENT, born, on=ON).birth == ON
    with pytest.raises(Refused):
        check_identity(IdType.RESIDENT, born, on=date(2026, 11, 21))


def test_an_unknown_region_is_only_a_warning() -> None:
    checked = check_identity(IdType.RESIDENT, a_resident("999999"[:2] + "0000"), on=ON, known_regions=frozenset())
    assert len(checked.warnings) == 2


@pytest.mark.parametrize(
    ("id_type", "number", "warned"),
    [
        (IdType.HMT_RESIDENCE, a_resident("810000"), False),
        (IdType.HMT_RESIDENCE, a_resident("210102"), True),
        (IdType.FOREIGNER_CARD, a_resident("921156"), False),
        (IdType.FOREIGNER_CARD, "USA311100000001", False),
        (IdType.HM_PERMIT, "H12345678", False),
        (IdType.HM_PERMIT, "M1234567890", False),
        (IdType.HM_PERMIT, "12345678", True),
        (IdType.TW_PERMIT, "12345678", False),
        (IdType.PASSPORT, "EA1234567", False),
        (IdType.PASSPORT, "1", True),
        (IdType.OTHER, "军字第00001号", False),
    ],
)
def test_other_papers_warn_but_do_not_refuse_on_shape(id_type: IdType, number: str, warned: bool) -> None:
    assert bool(check_identity(id_type, number, on=ON).warnings) is warned


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("19912345678", "19912345678"),
        ("02412345678", "024-12345678"),
        ("(024)1234 5678", "024-12345678"),
        ("024-12345678转801", "024-12345678-801"),
        ("0411—8123456", "0411-8123456"),
        ("+86 24 12345678", "024-12345678"),
        ("4001234567", "400-123-4567"),
    ],
)
def test_phones_get_one_spelling(text: str, number: str) -> None:
    assert Phone.parse(text).reveal() == number


@pytest.mark.parametrize("text", ["", "12345", "12812345678", "1381234567", "12345678", "138123456789"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="区号"):
        Phone.parse(text)


MASKED: list[tuple[Any, str]] = [
    (IdentityNumber("11010519491231002X"), "110***********002X"),
    (IdentityNumber("H12345678"), "H******78"),
    (IdentityNumber("123"), "***"),
    (Phone("13812341234"), "138****1234"),
    (Phone("024-12345678-801"), "024-****5678"),
    (Phone("400-123-4567"), "400-****4567"),
    (PersonName("张三丰"), "张*"),
    (PersonName("欧阳修"), "欧*"),
    (PersonName("<b>"), "<*"),
]


@pytest.mark.parametrize(("value", "shown"), MASKED)
def test_every_way_to_print_is_masked(value: Any, shown: str) -> None:
    class Card(BaseModel):
        held: type(value)  # type: ignore[valid-type]

    app = flask.Flask("printing")
    clear = value.reveal()
    with app.app_context():
        prints = [
            str(value),
            f"{value}",
            f"{value:>40}",
            repr(value),
            repr([value]),
            "%s" % value,  # noqa: UP031 - each way to print is the point
            "{!r}".format(value),  # noqa: UP032 - the same
            flask.json.dumps({"held": value}),
            json.dumps({"held": value}, default=str),
            flask.render_template_string("{{ held }}", held=value),
            repr(Card(held=value)),
            Card(held=value).model_dump_json(),
        ]
    assert str(value) == shown
    assert [p for p in prints if clear in p] == []
    assert value.reveal() == clear


def test_a_page_escapes_the_character_it_shows() -> None:
    with flask.Flask("page").app_context():
        assert flask.render_template_string("{{ held }}", held=PersonName("<script>")) == "&lt;*"


def test_a_masked_value_compares_copies_and_is_never_pickled() -> None:
    number = IdentityNumber("11010519491231002X")
    assert number == IdentityNumber("11010519491231002X")
    assert number != PersonName("11010519491231002X")
    assert {number: 1}[copy.deepcopy(number)] == 1
    with pytest.raises(TypeError):
        pickle.dumps(number)


def test_a_web_model_reads_a_phone_and_says_what_is_wrong() -> None:
    class Contact(BaseModel, hide_input_in_errors=True):
        phone: Phone

    assert Contact.model_validate({"phone": "138 1234 5678"}).phone == Phone("13812345678")
    with pytest.raises(ValidationError, match="区号") as refusal:
        Contact.model_validate({"phone": "1391234567"})
    assert "1391234567" not in str(refusal.value)


def test_a_name_is_tidied_and_never_empty() -> None:
    assert PersonName.parse(" 示例·  张三 ").reveal() == "示例· 张三"
    with pytest.raises(Refused):
        PersonName.parse("  ")
