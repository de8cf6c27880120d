"""How well the phoenix check does (换壳核查的查准率、查全率): a hundred scenarios with the truth written beside each; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from app.credit.rules.phoenix import Fingerprint, Likeness, PhoenixTable, compare, suspicious

FILE: Final = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One imagined registration with the truth about it (情景). The weights were set before; whoever tunes them looks at the odd numbers alone."""

    id: int
    why: str
    truth: bool
    new: Fingerprint
    old: Fingerprint

    @property
    def held_out(self) -> bool:
        """Whether it is kept for the proof (留作检验): those with even numbers."""
        return self.id % 2 == 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the check said of a scenario (比对结果)."""

    scenario: Scenario
    likeness: Likeness
    flagged: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Right and wrong (统计). Precision: of those flagged, how many are; recall: of those that are, how many were flagged."""

    hits: int
    false_alarms: int
    missed: int
    cleared: int

    @property
    def precision(self) -> float:
        """查准率, 0 to 1; 1 when nothing was flagged."""
        flagged = self.hits + self.false_alarms
        return self.hits / flagged if flagged else 1.0

    @property
    def recall(self) -> float:
        """查全率, 0 to 1; 1 when there was nothing to find."""
        real = self.hits + self.missed
        return self.hits / real if real else 1.0


def scenarios(path: Path = FILE) -> list[Scenario]:
    """The scenarios of the file (情景表). What one does not say differs from the old site in every respect."""
    data = yaml.safe_load(path.read_text("utf-8"))
    places = tuple(data["places"])
    return [_scenario(row, data["olds"], places) for row in data["scenarios"]]


_KEYS: Final = {"address": "address", "rep": "rep", "manager": "manager", "phone": "phone", "beds": "beds", "staff": "staff"}


def _scenario(row: Mapping[str, Any], olds: Mapping[str, Mapping[str, Any]], places: tuple[str, ...]) -> Scenario:
    old, number = olds[row["old"]], int(row["id"])
    fresh: dict[str, Any] = {
        "name": f"示例·{_UNLIKE[number % len(_UNLIKE)]}之家",
        "address": f"示例市青松区无关路{100 + 7 * number}号",
        "rep": f"示例·无关甲{number}",
        "manager": f"示例·无关乙{number}",
        "phone": f"0249{number:06d}",
        "beds": 1000 + number,
        "staff": [f"示例·无关{number}丙", f"示例·无关{number}丁", f"示例·无关{number}戊"],
    }
    same = {key: old[_KEYS[key]] for key in row.get("same", ())}
    said = {key: row[key] for key in ("name", *_KEYS) if key in row}
    return Scenario(number, row["why"], row["phoenix"] == "yes", _print(fresh | same | said, places), _print(old, places))


# Names that share neither a character nor a syllable with those of the old sites.
_UNLIKE: Final = ("银杏", "梧桐", "茉莉", "琥珀", "杜若", "葡萄", "月桂")


def _print(row: Mapping[str, Any], places: tuple[str, ...]) -> Fingerprint:
    return Fingerprint(
        name=row["name"],
        address=row["address"],
        legal_representative=row["rep"],
        manager=row["manager"],
        phones=frozenset({row["phone"]}),
        beds=row["beds"],
        staff=frozenset(row["staff"]),
        places=places,
    )


def outcomes(rows: Iterable[Scenario], table: PhoenixTable) -> list[Outcome]:
    """What the check says of each scenario (逐个比对)."""
    found = []
    for row in rows:
        likeness = compare(row.new, row.old, table)
        found.append(Outcome(row, likeness, suspicious(likeness, table)))
    return found


def tally(rows: Sequence[Outcome]) -> Tally:
    """Count right and wrong (统计)."""

    def count(truth: bool, flagged: bool) -> int:
        return sum(r.scenario.truth is truth and r.flagged is flagged for r in rows)

    return Tally(count(True, True), count(False, True), count(True, False), count(False, False))
