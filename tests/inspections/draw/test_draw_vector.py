"""The published examples, byte for byte, by Python, by the command and by the public page (P1)."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from app.inspections.rules.draw import INPUT_FILES, compute, strata_counts
from app.inspections.rules.draw.codec import parse_plan, parse_subjects
from app.inspections.rules.draw.select import number_to_draw
from app.inspections.rules.draw.values import Stratum
from tests.inspections.draw.cases import (
    GOLDEN,
    ROOT,
    a_random_draw,
    a_tight_draw,
    as_bytes,
    by_the_page,
    golden,
)

RESULT = "543c1fdc8c67114e82b0019fd10ed3e1b61e118238bb0d3fa05178d911d8aa14"


def command(folder: Path) -> subprocess.CompletedProcess[bytes]:
    """The command as a citizen runs it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from app.inspections.cli import draw; draw()", "recompute", str(folder)],
        cwd=ROOT,
        capture_output=True,
    )


def inputs_in(folder: Path, files: dict[str, str]) -> Path:
    for name in INPUT_FILES:
        (folder / name).write_bytes(files[name].encode())
    return folder


@pytest.mark.parametrize("name", ["vector", "infeasible"])
def test_the_result_is_the_published_one(name: str) -> None:
    files = golden(name)
    published = files.pop("result.txt")
    assert compute(files).text == published
    assert by_the_page([as_bytes(files)]) == [{"text": published}]


def test_the_vector_is_the_specification_s() -> None:
    assert sha256((GOLDEN / "vector/result.txt").read_bytes()).hexdigest() == RESULT


def test_the_infeasible_vector_names_the_only_inspector() -> None:
    result = compute(golden("infeasible"))
    assert "infeasible|H1/2|slots=H1/2,H2/2|inspectors=J3\n" in result.text
    assert not result.teams
    assert "team|" not in result.text


def test_the_command_prints_the_result_and_nothing_else(tmp_path: Path) -> None:
    files = golden("vector")
    run = command(inputs_in(tmp_path, files))
    assert (run.returncode, run.stdout, run.stderr) == (0, files["result.txt"].encode(), b"")


def test_the_command_refuses_in_one_sentence(tmp_path: Path) -> None:
    files = golden("vector")
    files["subjects.txt"] = files["subjects.txt"].replace("H004|A|1|", "H004|A|0|")
    run = command(inputs_in(tmp_path, files))
    assert (run.returncode, run.stdout) == (1, b"")
    assert "subjects.txt 第 5 行" in run.stderr.decode()
    assert run.stderr.count(b"\n") == 1


def test_the_command_refuses_a_folder_without_a_file(tmp_path: Path) -> None:
    inputs_in(tmp_path, golden("vector"))
    (tmp_path / "recusals.txt").unlink()
    run = command(tmp_path)
    assert (run.returncode, run.stdout) == (1, b"")
    assert "recusals.txt" in run.stderr.decode()


def test_the_command_needs_neither_web_nor_database() -> None:
    heavy = "import sys, app.inspections.cli; print([m for m in ('flask', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_both_programs_agree_on_draws_of_any_shape() -> None:
    chance = Random(20261201)
    cases = [a_random_draw(chance) for _ in range(150)] + [a_tight_draw(chance) for _ in range(400)]
    ours = [compute(files).text for files in cases]
    assert by_the_page([as_bytes(files) for files in cases]) == [{"text": text} for text in ours]
    assert {"infeasible|" in text for text in ours} == {True, False}


def test_the_page_agrees_without_the_browser_s_own_hash() -> None:
    files = as_bytes(golden("vector"))
    page = (ROOT / "app/static/draw/checker.html").read_text(encoding="utf-8")
    assert "globalThis.crypto.subtle" in page
    assert by_the_page([files]) == by_the_page([files], own_hash_only=True)


@pytest.mark.parametrize(
    ("pool", "rate", "drawn"),
    [(1, 1000, 1), (9, 1000, 1), (10, 1000, 1), (11, 1000, 2), (0, 1000, 0), (7, 3333, 3)],
)
def test_rates_round_up(pool: int, rate: int, drawn: int) -> None:
    assert number_to_draw(Stratum("A", rate), pool, 0, must_counts=False) == drawn


def test_must_homes_eat_the_random_part_only_if_the_plan_says_so() -> None:
    half = Stratum("A", 5000)
    assert number_to_draw(half, 10, 4, must_counts=False) == 5
    assert number_to_draw(half, 10, 4, must_counts=True) == 3
    assert number_to_draw(half, 2, 9, must_counts=True) == 0


def test_what_is_announced_at_the_freeze() -> None:
    files = golden("vector")
    counts = strata_counts(parse_plan(files["plan.txt"]), parse_subjects(files["subjects.txt"]))
    assert [(c.stratum, c.total, c.pool, dict(c.must), dict(c.out), c.to_draw) for c in counts] == [
        ("A", 6, 5, {"complaint": 1}, {}, 1),
        ("B", 4, 3, {}, {"inspected-2026Q3": 1}, 1),
        ("C", 4, 4, {}, {}, 2),
        ("D", 2, 2, {}, {}, 2),
    ]
