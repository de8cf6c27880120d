"""The engine against public data (公开数据验证): every published overall star of 12,913 homes is met."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from click.testing import CliRunner

from app.ratings.cli import ratings

PROVIDERS = Path(__file__).parent.parent / "data" / "cms" / "provider_2020.csv"


def run(*arguments: str) -> str:
    done = CliRunner().invoke(ratings, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_published_overall_star_of_2020_is_met() -> None:
    with PROVIDERS.open(encoding="utf-8") as file:
        published = {row["ccn"]: row["overall"] for row in csv.DictReader(file)}
    out = csv.DictReader(io.StringIO(run("evaluate", "--scheme", "cms.overall@2020-04", "--facts", str(PROVIDERS))))
    assert out.fieldnames == ["id", "level", "value", "unmet", "trace"]
    rated = {row["id"]: row["level"] for row in out}
    assert len(rated) == 12_913
    assert rated == published


def test_the_rule_of_2022_gives_other_stars_on_old_data(tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("home,health_inspection,staffing,qm\na,3,4,3\nb,,4,3\nc,3,9,3\nd,3,5,3\n", encoding="utf-8")
    out = list(csv.DictReader(io.StringIO(run("evaluate", "--scheme", "cms.overall", "--facts", str(few)))))
    assert [(row["id"], row["level"]) for row in out] == [("a", "3"), ("b", ""), ("c", ""), ("d", "4")]
    assert "health_inspection" in out[1]["unmet"]
    assert "不在允许范围内" in out[2]["unmet"]


def test_schemes_are_listed_one_a_line() -> None:
    lines = run("schemes").splitlines()
    assert "cms.overall@2020-04 US reference" in lines
    assert "cms.overall@2022-07 US reference" in lines
    assert all(len(line.split()) == 3 for line in lines)


def test_answers_and_bands_can_come_from_a_file(tmp_path: Path) -> None:
    rows = ["id,region,surveys,revisits_1,revisits_2,findings"]
    grades = ["A", "D", "E", "F", "G", "H", "I", "J", "K", "L"]
    rows += [
        f'h{n},X,2,0,0,"[{{""cycle"":1,""severity"":""{g}"",""sqc"":0,""past_noncompliance"":0,""abuse"":0}}]"'
        for n, g in enumerate(grades)
    ]
    file = tmp_path / "homes.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    out = run("evaluate", "--scheme", "cms.health@2020-04", "--facts", str(file), "--group-by", "region")
    rated = [(row["level"], row["value"]) for row in csv.DictReader(io.StringIO(out))]
    assert [level for level, _ in rated] == ["5", "4", "4", "4", "3", "3", "2", "2", "1", "1"]
    assert rated[4][1] == "12"


def test_an_unknown_scheme_is_refused_in_words() -> None:
    done = CliRunner().invoke(ratings, ["evaluate", "--scheme", "cms.nothing", "--facts", str(PROVIDERS)])
    assert done.exit_code == 1
    assert "没有这个方案" in done.stderr
