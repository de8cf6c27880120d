"""Writing the published files (写公开文件): one canonical text for each value, read back before it leaves.

Names are brought to NFC and rows to their order here; whatever the reader would refuse is refused at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from app.core.refusal import Refused
from app.inspections.rules.draw.codec import (
    FREEZE_KEYS,
    check_references,
    parse_freeze,
    parse_inspectors,
    parse_plan,
    parse_recusals,
    parse_seed,
    parse_subjects,
)
from app.inspections.rules.draw.tickets import sha256_hex
from app.inspections.rules.draw.values import (
    MAGIC,
    DrawInputError,
    Inspector,
    Mode,
    Plan,
    Recusal,
    SeedInput,
    Stratum,
    Subject,
)


def _write(kind: str, rows: Iterable[Sequence[object]]) -> str:
    lines = [f"{MAGIC}|{kind}"]
    for row in rows:
        line = "|".join(map(str, row))
        if line.count("|") != len(row) - 1 or "\n" in line:  # else a name could smuggle in a row
            raise DrawInputError(f"{kind}.txt", len(lines) + 1, "内容中不能有竖线或换行")
        lines.append(unicodedata.normalize("NFC", line))
    return "\n".join(lines) + "\n"


def plan_text(plan: Plan) -> str:
    """plan.txt of a plan (写方案). Raises DrawInputError if a value does not fit the format."""
    head = [
        ("plan_id", plan.plan_id),
        ("issuer", plan.issuer),
        ("purpose", plan.purpose),
        ("mode", plan.mode.value),
        ("must_counts", int(plan.must_counts)),
        ("balance", "off" if plan.balance is None else plan.balance),
    ]
    strata = [("stratum", s.token, s.rate, s.minimum, s.maximum) for s in sorted(plan.strata, key=_token)]
    seats = sorted(plan.seats, key=lambda seat: (seat.team, seat.number))
    teams = [("team", s.team, s.number, "+".join(s.need) or "*") for s in seats]
    inputs = [("input", i.number, i.source, i.rule) for i in sorted(plan.inputs, key=lambda i: i.number)]
    text = _write("plan", [*head, *strata, *teams, *inputs])
    parse_plan(text)
    return text


def _token(stratum: Stratum) -> str:
    return stratum.token


def subjects_text(subjects: Iterable[Subject]) -> str:
    """subjects.txt of a list of homes in any order (写对象名单)."""
    text = _write(
        "subjects",
        (
            (s.id, s.stratum, s.weight, f"{s.status}:{s.reason}" if s.reason else s.status, s.team, s.name)
            for s in sorted(subjects, key=lambda subject: subject.id)
        ),
    )
    parse_subjects(text)
    return text


def inspectors_text(inspectors: Iterable[Inspector]) -> str:
    """inspectors.txt of a pool in any order (写检查人员名录)."""
    text = _write(
        "inspectors",
        ((i.id, i.cap, ",".join(sorted(i.tags)), i.name) for i in sorted(inspectors, key=lambda inspector: inspector.id)),
    )
    parse_inspectors(text)
    return text


def recusals_text(recusals: Iterable[Recusal]) -> str:
    """recusals.txt of recusals in any order (写回避表)."""
    text = _write("recusals", sorted((r.inspector, r.subject, r.reason) for r in recusals))
    parse_recusals(text)
    return text


def freeze_text(files: Mapping[str, str], *, commitment: str | None) -> str:
    """freeze.txt of the four lists (写封存指纹). `files` by name; `commitment` of the blind, None when open.

    Raises Refused when the plan's mode and the blind do not go together, DrawInputError for a bad list.
    """
    plan = parse_plan(files["plan.txt"])
    check_references(
        plan,
        parse_subjects(files["subjects.txt"]),
        parse_inspectors(files["inspectors.txt"]),
        parse_recusals(files["recusals.txt"]),
    )
    if plan.mode is Mode.SEALED and commitment is None:
        raise Refused("draw.no_blind", "密封方式须先生成盲数并承诺，再封存名单")
    if plan.mode is Mode.OPEN and commitment is not None:
        raise Refused("draw.blind_in_open", "当场公开方式不用盲数，请改为密封方式或去掉盲数")
    rows = [(key, sha256_hex(files[f"{key}.txt"].encode())) for key in FREEZE_KEYS[:4]]
    text = _write("freeze", [*rows, ("blind", commitment or "none")])
    parse_freeze(text)
    return text


def seed_text(freeze: str, inputs: Iterable[SeedInput], *, blind: str | None) -> str:
    """seed.txt (写种子文件). `freeze` is the text of freeze.txt. Raises DrawInputError on a bad value."""
    rows = [("input", i.number, i.source, i.event, i.value) for i in sorted(inputs, key=lambda i: i.number)]
    text = _write("seed", [("freeze", sha256_hex(freeze.encode())), *rows, ("blind", blind or "none")])
    parse_seed(text)
    return text
