"""Public values have one spelling and are entered twice alike (P15)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from app.core.refusal import Refused
from app.inspections.rules.draw import Entry, SeedInput, agree, canonical, secret_commitment

KL8 = "02,05,09,11,17,20,23,28,31,36,40,44,49,52,58,61,66,70,73,79"
ENTRY = Entry("liu", 1, "cwl.kl8", "2026321", KL8)


@pytest.mark.parametrize(
    ("source", "typed", "spelt"),
    [
        ("cwl.kl8", "79 73 70 66 61 58 52 49 44 40 36 31 28 23 20 17 11 9 5 2", KL8),
        ("cwl.kl8", KL8.replace(",", "，"), KL8),
        ("cwl.ssq", "31 2 7 12 18 25 + 9", "02,07,12,18,25,31+09"),
        ("cwl.ssq", "02,07,12,18,25,31＋09", "02,07,12,18,25,31+09"),
        ("cwl.qlc", "1 2 3 4 5 6 7 + 30", "01,02,03,04,05,06,07+30"),
        ("lottery.dlt", "35 1 2 3 4 + 12 1", "01,02,03,04,35+01,12"),
        ("demo.dice", " 1663245126，4432165231 ", "1663245126,4432165231"),
        ("officials", " 任意文字 ", "任意文字"),
    ],
)
def test_one_spelling(source: str, typed: str, spelt: str) -> None:
    assert canonical(source, typed) == spelt
    assert canonical(source, spelt) == spelt


@pytest.mark.parametrize(
    ("source", "typed"),
    [
        ("cwl.kl8", KL8.removesuffix(",79")),
        ("cwl.kl8", KL8.replace("79", "81")),
        ("cwl.kl8", KL8.replace("02", "00")),
        ("cwl.kl8", KL8.replace("02", "05")),
        ("cwl.kl8", KL8 + "+01"),
        ("cwl.kl8", KL8.replace("79", "7g")),
        ("cwl.ssq", "2 7 12 18 25 31"),
        ("cwl.ssq", "2 7 12 18 25 31 + 17"),
        ("cwl.ssq", "2 7 12 18 25 34 + 9"),
        ("cwl.qlc", "1 2 3 4 5 6 7 + 7"),
        ("lottery.dlt", "1 2 3 4 5 + 1"),
        ("dice", "1237"),
        ("officials", "  "),
    ],
)
def test_what_cannot_have_been_drawn_is_refused(source: str, typed: str) -> None:
    with pytest.raises(Refused):
        canonical(source, typed)


def test_two_people_who_entered_the_same_agree() -> None:
    other = replace(ENTRY, by="wang", typed=" ".join(reversed(KL8.split(","))))
    assert agree(ENTRY, other) == SeedInput(1, "cwl.kl8", "2026321", KL8)


@pytest.mark.parametrize(
    "other",
    [
        replace(ENTRY, by="wang", typed=KL8.replace("79", "80")),
        replace(ENTRY, by="wang", event="2026322"),
        replace(ENTRY, by="wang", source="dice"),
        replace(ENTRY, by="wang", number=2),
        ENTRY,
    ],
)
def test_entries_that_differ_or_come_from_one_person_are_refused(other: Entry) -> None:
    with pytest.raises(Refused):
        agree(ENTRY, other)


def test_a_ceremony_secret_is_promised_by_its_hash() -> None:
    secret = "ab" * 32
    assert secret_commitment("示例·甲", secret) == sha256(f"YLDRAW1|commit|示例·甲|{secret}".encode()).hexdigest()
    with pytest.raises(Refused):
        secret_commitment("示例·甲", "short")
