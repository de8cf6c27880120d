"""Draws for tests (抽查用例): built from values, sealed, computed; the golden vector; the page's program."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from app.inspections.rules.draw import (
    InputRule,
    Inspector,
    Mode,
    Plan,
    Recusal,
    Seat,
    SeedInput,
    Status,
    Stratum,
    Subject,
    commitment,
    freeze_text,
    inspectors_text,
    plan_text,
    recusals_text,
    seed_text,
    subjects_text,
)

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/golden/draw"
BLIND = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"


def golden(name: str) -> dict[str, str]:
    """The files of a published example."""
    return {path.name: path.read_bytes().decode() for path in sorted((GOLDEN / name).iterdir())}


def a_plan(**changes: object) -> Plan:
    """One stratum, teams of two: a leader and anybody."""
    plan = Plan(
        plan_id="示例-2026-01",
        issuer="示例·民政局",
        purpose="示例抽查",
        mode=Mode.OPEN,
        strata=(Stratum("A", 5000),),
        seats=(Seat("t", 1, ("lead",)), Seat("t", 2)),
        inputs=(InputRule(1, "dice", "rolled-after-freeze"),),
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


def sealed(
    plan: Plan,
    subjects: Sequence[Subject],
    inspectors: Sequence[Inspector],
    recusals: Sequence[Recusal] = (),
    *,
    event: str = "2026-12-01",
    value: str = "1",
    blind: str | None = None,
) -> dict[str, str]:
    """The six files of a draw."""
    files = {
        "plan.txt": plan_text(plan),
        "subjects.txt": subjects_text(subjects),
        "inspectors.txt": inspectors_text(inspectors),
        "recusals.txt": recusals_text(recusals),
    }
    files["freeze.txt"] = freeze_text(files, commitment=commitment(blind) if blind else None)
    inputs = [SeedInput(rule.number, rule.source, event, value) for rule in plan.inputs]
    files["seed.txt"] = seed_text(files["freeze.txt"], inputs, blind=blind)
    return files


def homes(count: int, stratum: str = "A", team: str = "t") -> list[Subject]:
    """Homes with nothing special."""
    return [Subject(f"H{at:03d}", stratum, team, f"示例·养老院{at}") for at in range(1, count + 1)]


def a_random_draw(chance: Random, most_homes: int = 12, most_people: int = 8) -> dict[str, str]:
    """A draw of any shape, staffable or not: weights, must, out, limits, tags, recusals, levelling, a blind."""
    tags = ("lead", "mz", "xf")
    strata = tuple(
        Stratum(token, chance.choice((0, 1000, 3333, 5000, 10000)), chance.randint(0, 2), chance.choice((0, 0, 3)))
        for token in chance.sample("ABC", chance.randint(1, 3))
    )
    teams = ("one", "two")
    seats = tuple(
        Seat(team, number, tuple(sorted(chance.sample(tags, chance.choice((0, 1, 1, 2))))))
        for team in teams
        for number in range(1, chance.randint(1, 3) + 1)
    )
    subjects = []
    for at in range(chance.randint(0, most_homes)):
        status = chance.choices(list(Status), (8, 1, 1))[0]
        subjects.append(
            Subject(
                f"H{at}",
                chance.choice(strata).token,
                chance.choice(teams),
                "示例·院",
                chance.choice((1, 1, 1, 2, 5)),
                status,
                "" if status is Status.DRAW else "why",
            )
        )
    inspectors = [
        Inspector(
            f"J{at}",
            chance.randint(0, 5),
            tuple(sorted(chance.sample(tags, chance.randint(0, 3)))),
            "示例·员",
        )
        for at in range(chance.randint(1, most_people))
    ]
    pairs = {(chance.choice(inspectors).id, chance.choice(subjects).id) for _ in range(chance.randint(0, len(subjects)))}
    blind = chance.choice((None, BLIND))
    plan = a_plan(
        mode=Mode.SEALED if blind else Mode.OPEN,
        strata=strata,
        seats=seats,
        must_counts=chance.random() < 0.5,
        balance=chance.choice((None, 0, 0, 1)),
    )
    recusals = [Recusal(inspector, home, "kin") for inspector, home in pairs]
    value = "".join(chance.choice("123456") for _ in range(10))
    return sealed(plan, subjects, inspectors, recusals, value=value, blind=blind)


def a_tight_draw(chance: Random) -> dict[str, str]:
    """Teams of three from hardly enough people, so that colleagues at one home must swap places."""
    tags = ("lead", "mz", "xf")
    plan = a_plan(
        strata=(Stratum("A", 10000),),
        balance=chance.choice((None, 0, 1)),
        seats=tuple(
            Seat(team, number, tuple(sorted(chance.sample(tags, chance.choice((0, 0, 1))))))
            for team in ("one", "two")
            for number in (1, 2, 3)
        ),
    )
    subjects = [Subject(f"H{at}", "A", chance.choice(("one", "two")), "示例·院") for at in range(chance.randint(1, 7))]
    inspectors = [
        Inspector(
            f"J{at}",
            chance.randint(1, 6),
            tuple(sorted(chance.sample(tags, chance.randint(1, 3)))),
            "示例·员",
        )
        for at in range(chance.randint(3, 6))
    ]
    return sealed(plan, subjects, inspectors, value="".join(chance.choice("123456") for _ in range(12)))


def by_the_page(cases: Sequence[Mapping[str, bytes]], *, own_hash_only: bool = False) -> list[dict[str, object]]:
    """What the public page's own program says of each set of files, run under Node: text, or file and line."""
    page = (ROOT / "app/static/draw/checker.html").read_text(encoding="utf-8")
    engine = re.search(r'<script id="engine">(.*?)</script>', page, re.DOTALL)
    assert engine is not None
    hide = 'Object.defineProperty(globalThis, "crypto", { value: undefined });' if own_hash_only else ""
    program = (
        hide
        + engine.group(1)
        + """
    (async () => {
      const answers = [];
      for (const files of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
        for (const name in files) files[name] = new Uint8Array(Buffer.from(files[name], "base64"));
        const failed = [];
        try {
          const done = await YLDRAW1.check(files, (what, good) => { if (!good) failed.push(what); });
          answers.push({ text: done.text });
        } catch (fault) {
          if (!(fault instanceof YLDRAW1.Fault)) throw fault;
          answers.push({ file: fault.file, line: fault.line, said: fault.message + failed.join() });
        }
      }
      process.stdout.write(JSON.stringify(answers));
    })();
    """
    )
    given = json.dumps([{name: b64encode(data).decode() for name, data in files.items()} for files in cases])
    run = subprocess.run(["node", "-e", program], input=given, capture_output=True, text=True, check=True, timeout=300)
    answers: list[dict[str, object]] = json.loads(run.stdout)
    return answers


def as_bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    """Texts as they lie on the disk."""
    return {name: text.encode() for name, text in files.items()}
