"""What is not exactly the format is refused, by both programs, naming file and line (P11, P12)."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest

from app.core.refusal import Refused
from app.inspections.rules.draw import (
    DrawInputError,
    Inspector,
    Mode,
    Recusal,
    Status,
    Subject,
    commitment,
    compute,
    decode,
    freeze_text,
    inspectors_text,
    plan_text,
    recusals_text,
    subjects_text,
)
from app.inspections.rules.draw.codec import parse_inspectors, parse_plan, parse_recusals, parse_subjects
from tests.inspections.draw.cases import (
    BLIND,
    a_plan,
    a_random_draw,
    as_bytes,
    by_the_page,
    golden,
    homes,
    sealed,
)

FAULTS = [
    ("plan.txt", "YLDRAW1|plan", "YLDRAW2|plan", 1),
    ("plan.txt", "mode|sealed", "mode|secret", 5),
    ("plan.txt", "must_counts|0", "must_counts|2", 6),
    ("plan.txt", "balance|0", "balance|00", 7),
    ("plan.txt", "stratum|A|1000|", "stratum|A|10001|", 8),
    ("plan.txt", "stratum|B|", "stratum|A|", 9),
    ("plan.txt", "stratum|B|2500|1|0", "stratum|B|2500|1|0|", 9),
    ("plan.txt", "team|basic|2|*", "team|basic|2|+", 13),
    ("plan.txt", "team|basic|2|*", "team|basic|1|*", 13),
    ("plan.txt", "input|2|", "input|3|", 17),
    ("plan.txt", "issuer|示例市民政局\n", "", 3),
    ("subjects.txt", "H002|", "H001|", 3),
    ("subjects.txt", "H002|", "H000|", 3),
    ("subjects.txt", "H010|B|2|", "H010|B|0|", 11),
    ("subjects.txt", "H010|B|2|", "H010|B|02|", 11),
    ("subjects.txt", "H010|B|2|", "H010|B|10000|", 11),
    ("subjects.txt", "H010|B|2|", "H010|B|２|", 11),
    ("subjects.txt", "must:complaint", "must:", 4),
    ("subjects.txt", "|draw|joint|和园", "|maybe|joint|和园", 11),
    ("subjects.txt", "|draw|joint|和园", "|draw:why|joint|和园", 11),
    ("subjects.txt", "和园养老院", "和园|养老院", 11),
    ("subjects.txt", "和园养老院", "和园\u202e养老院", 11),
    ("subjects.txt", "和园养老院", "和园\u200b养老院", 11),
    ("subjects.txt", "和园养老院", "和园\ue000养老院", 11),
    ("subjects.txt", "和园养老院", "e\u0301", 11),
    ("subjects.txt", "和园养老院\n", "和园养老院\r\n", 11),
    ("subjects.txt", "寿安养老院\n", "寿安养老院", 17),
    ("subjects.txt", "寿安养老院\n", "寿安养老院\n\n", 18),
    ("subjects.txt", "YLDRAW1", "\ufeffYLDRAW1", 1),
    ("inspectors.txt", "J02|4|", "J02|-1|", 3),
    ("inspectors.txt", "dept.mz,qual.lead|乙", "qual.lead,dept.mz|乙", 3),
    ("inspectors.txt", "dept.mz,qual.lead|乙", "dept.mz,dept.mz|乙", 3),
    ("inspectors.txt", "J02|4|", "J 2|4|", 3),
    ("recusals.txt", "J02|H016|rotation\n", "J02|H016|\n", 3),
    ("recusals.txt", "J02|H016|", "J00|H016|", 3),
    ("recusals.txt", "J02|H016|rotation\n", "J02|H016|rotation\nJ02|H016|rotation\n", 4),
    ("freeze.txt", "subjects|f2", "subjects|F2", 3),
    ("freeze.txt", "inspectors|", "recusals|", 4),
    ("freeze.txt", "blind|0a", "blind|", 6),
    ("seed.txt", "02,05,09", "2,05,09", 3),
    ("seed.txt", "02,05,09", "05,02,09", 3),
    ("seed.txt", "73,79", "73,81", 3),
    ("seed.txt", "input|2|", "input|1|", 4),
    ("seed.txt", "blind|00", "blind|", 5),
]


@pytest.mark.parametrize(("name", "old", "new", "line"), FAULTS)
def test_a_fault_is_named_by_file_and_line(name: str, old: str, new: str, line: int) -> None:
    files = golden("vector")
    files.pop("result.txt")
    assert old in files[name]
    files[name] = files[name].replace(old, new)
    with pytest.raises(DrawInputError) as refused:
        compute(files)
    assert (refused.value.file, refused.value.line) == (name, line)
    assert refused.value.reason
    assert refused.value.sentence.startswith(f"{name} 第 {line} 行：")


def test_the_page_refuses_the_same_files() -> None:
    cases = []
    for name, old, new, _ in FAULTS:
        files = golden("vector")
        files.pop("result.txt")
        cases.append(as_bytes({**files, name: files[name].replace(old, new)}))
    answers = [(answer.get("file"), answer.get("line")) for answer in by_the_page(cases)]
    assert answers == [(name, line) for name, _, _, line in FAULTS]


def test_any_flipped_byte_of_any_file_is_found() -> None:
    good, flips = as_bytes(golden("vector")), Random(12)
    missed = []
    for name, data in good.items():
        for at in range(len(data)):
            bad = bytearray(data)
            bad[at] ^= 1 << flips.randrange(8)
            try:
                compute({file: decode(file, bytes(bad) if file == name else found) for file, found in good.items()})
                missed.append((name, at, "accepted"))
            except DrawInputError as refusal:
                if name not in refusal.sentence:
                    missed.append((name, at, refusal.sentence))
    assert missed == []


def test_the_page_finds_flipped_bytes_too() -> None:
    good, flips = as_bytes(golden("vector")), Random(13)
    names, cases = [], []
    for name, data in good.items():
        for at in flips.sample(range(len(data)), 60):
            bad = bytearray(data)
            bad[at] ^= 1 << flips.randrange(8)
            names.append(name)
            cases.append({**good, name: bytes(bad)})
    answers = by_the_page(cases)
    assert [(name, answer) for name, answer in zip(names, answers, strict=True) if name not in str(answer.get("said"))] == []


def damaged(data: bytes, chance: Random) -> bytes:
    """A byte inserted, dropped or replaced; a line doubled, swapped or cut."""
    at = chance.randrange(len(data))
    what = chance.randrange(6)
    if what == 0:
        return data[:at] + chance.choice((b"|", b"\r", b"\n", b" ", b"\xef\xbb\xbf", b"0", "\u202e".encode())) + data[at:]
    if what == 1:
        return data[:at] + data[at + 1 :]
    if what == 2:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    lines = data.splitlines(keepends=True)
    line = chance.randrange(len(lines))
    if what == 3:
        return b"".join(lines[:line] + lines[line : line + 1] + lines[line:])
    if what == 4:
        return b"".join(lines[:line] + lines[line + 1 :])
    return data[: chance.randrange(len(data))]


def test_damaged_files_are_refused_by_both_and_never_give_another_result() -> None:
    chance = Random(14)
    cases: list[dict[str, bytes]] = []
    ours: list[str] = []
    while len(cases) < 600:
        files = as_bytes(a_random_draw(chance, most_homes=5, most_people=4))
        name = chance.choice(list(files))
        bad = damaged(files[name], chance)
        if bad == files[name] or name == "seed.txt":  # another seed is another draw, unless a result is published
            continue
        cases.append({**files, name: bad})
        with pytest.raises(DrawInputError) as refused:
            compute({file: decode(file, data) for file, data in cases[-1].items()})
        ours.append(refused.value.file)
    assert [answer.get("file") for answer in by_the_page(cases)] == ours


def test_a_hundred_thousand_rows_are_read_and_one_fault_among_them_found() -> None:
    subjects = [Subject(f"H{at:06d}", "A", "t", "示例·院") for at in range(100_000)]
    text = subjects_text(subjects)
    assert len(parse_subjects(text)) == 100_000
    with pytest.raises(DrawInputError) as refused:
        parse_subjects(text.replace("H077777|", "H077776|"))
    assert refused.value.line == 77_779


def test_a_list_that_names_what_is_not_there_is_refused() -> None:
    people = [Inspector("J1", 1, (), "示例·员")]
    for subjects, recusals, name in (
        ([Subject("H1", "B", "t", "示例·院")], [], "subjects.txt"),
        ([Subject("H1", "A", "x", "示例·院")], [], "subjects.txt"),
        (homes(1), [Recusal("J2", "H001", "kin")], "recusals.txt"),
        (homes(1), [Recusal("J1", "H002", "kin")], "recusals.txt"),
    ):
        with pytest.raises(DrawInputError) as refused:
            sealed(a_plan(), subjects, people, recusals)
        assert (refused.value.file, refused.value.line) == (name, 2)


def test_writing_and_reading_give_the_values_back() -> None:
    chance = Random(15)
    for _ in range(50):
        files = a_random_draw(chance)
        subjects, people = parse_subjects(files["subjects.txt"]), parse_inspectors(files["inspectors.txt"])
        assert plan_text(parse_plan(files["plan.txt"])) == files["plan.txt"]
        assert subjects_text(reversed(subjects)) == files["subjects.txt"]
        assert inspectors_text(reversed(people)) == files["inspectors.txt"]
        assert recusals_text(reversed(parse_recusals(files["recusals.txt"]))) == files["recusals.txt"]


def test_recusals_may_be_sorted_by_field_or_by_line() -> None:
    by_field = "YLDRAW1|recusals\nJ1|H1|kin\nJ10|H1|kin\n"
    by_line = "YLDRAW1|recusals\nJ10|H1|kin\nJ1|H1|kin\n"
    assert set(parse_recusals(by_field)) == set(parse_recusals(by_line))


def test_a_name_cannot_smuggle_in_a_row() -> None:
    for name in ("示例\nH2|A|1|draw|t|示例", "示例|甲", "示例\u2028甲"):
        with pytest.raises(DrawInputError):
            subjects_text([Subject("H1", "A", "t", name)])


def test_names_are_written_composed() -> None:
    name = "示例·e\u0301"
    assert unicodedata.normalize("NFC", name) in subjects_text([Subject("H1", "A", "t", name)])


def test_a_reason_belongs_to_must_and_out_only() -> None:
    for status, reason in ((Status.DRAW, "why"), (Status.MUST, ""), (Status.OUT, "")):
        with pytest.raises(DrawInputError):
            subjects_text([Subject("H1", "A", "t", "示例·院", 1, status, reason)])


def test_mode_and_blind_go_together() -> None:
    files = sealed(a_plan(), homes(2), [Inspector("J1", 2, ("lead",), "示例·员")])
    with pytest.raises(Refused, match="当场公开"):
        freeze_text(files, commitment=commitment(BLIND))
    files["plan.txt"] = plan_text(a_plan(mode=Mode.SEALED))
    with pytest.raises(Refused, match="盲数"):
        freeze_text(files, commitment=None)


def test_a_blind_that_was_not_promised_is_refused() -> None:
    files = sealed(a_plan(mode=Mode.SEALED), homes(2), [Inspector("J1", 2, ("lead",), "示例·员")], blind=BLIND)
    files["seed.txt"] = files["seed.txt"].replace(BLIND, BLIND[::-1])
    with pytest.raises(DrawInputError, match=r"seed\.txt 第 4 行"):
        compute(files)
