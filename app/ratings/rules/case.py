"""What is rated (评定输入): facts, sheets of assessors, records, and a reasoned override; all of it hashed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from app.ratings.rules.expressions import Value
from app.ratings.rules.numbers import exact, written
from app.ratings.rules.shape import Fact, Item, SchemeShape
from app.ratings.rules.source import canonical, fingerprint

AnswerValue = bool | Fraction | str | frozenset[str] | Mapping[str, Fraction] | None
Record = Mapping[str, Value]
Cuts = Mapping[str, tuple[tuple[Fraction, Fraction], ...]]
YES: Final = frozenset({"1", "true", "yes", "y", "是", "有"})
NO: Final = frozenset({"0", "false", "no", "n", "否", "无"})


class InputFault(Exception):
    """Something entered cannot be true of this scheme (输入有误); the sentence says what and where."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One item on one sheet (一项评分): a value, or the id of a not-applicable rule with a reason."""

    value: AnswerValue = None
    na: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One assessor's form (评分表); `answers` by item id."""

    assessor: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Overruling:
    """The committee's reasoned departure from the computed level (合议调整)."""

    level: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything one rating is computed from (一次评定的全部输入).

    `consensus` holds what the assessors agreed after discussion; it stands before their sheets, which are kept.
    `cuts` are published cut points by node. `given` replaces computed values: such a run is a "what if" (试算).
    """

    facts: Mapping[str, Value] = field(default_factory=dict)
    sheets: tuple[Sheet, ...] = ()
    consensus: Mapping[str, Answer] = field(default_factory=dict)
    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    cuts: Cuts = field(default_factory=dict)
    override: Overruling | None = None
    given: Mapping[str, Fraction | str] = field(default_factory=dict)


def read_fact(fact: Fact, raw: object) -> Value:
    """Read a fact as its type asks (读取事实); empty is unknown. Raises InputFault with the field and the value."""
    value = _typed(fact.type, raw, fact.id)
    if value is None:
        return None
    if isinstance(value, Fraction) and not isinstance(value, bool):
        low = fact.min is not None and value < fact.min
        high = fact.max is not None and value > fact.max
        if low or high or (fact.whole and value.denominator != 1):
            raise InputFault(f"{fact.title or fact.id}:{raw} 不在允许范围内")
    if fact.values and value not in fact.values:
        raise InputFault(f"{fact.title or fact.id}：“{raw}”不是可选值({'、'.join(fact.values)})")
    return value


def read_facts(scheme: SchemeShape, raw: Mapping[str, object]) -> dict[str, Value]:
    """The declared facts among `raw` (读取全部事实); other columns are ignored."""
    return {fact.id: read_fact(fact, raw.get(fact.id)) for fact in scheme.facts}


def read_records(scheme: SchemeShape, raw: Mapping[str, Iterable[Mapping[str, object]]]) -> dict[str, tuple[Record, ...]]:
    """The declared records among `raw` (读取记录), each field as its declared type; a missing field is unknown."""
    return {
        name: tuple({key: _typed(kind, row.get(key), f"{name}.{key}") for key, kind in kinds.items()} for row in raw[name])
        for name, kinds in scheme.records.items()
        if name in raw
    }


def _typed(kind: str, raw: object, where: str) -> Value:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if kind == "text":
        return str(raw).strip()
    if kind == "flag":
        return _flag(raw, where)
    try:
        return exact(raw)
    except ValueError as error:
        raise InputFault(f"{where}：“{raw}”不是数") from error


def _flag(raw: object, where: str) -> bool:
    said = str(raw).strip().lower()
    if said in YES:
        return True
    if said in NO:
        return False
    raise InputFault(f"{where}：“{raw}”不是“是/否”")


def read_answer(item: Item, raw: object) -> Answer:
    """Read one answer (读取一项评分) as text or plain data.

    Text forms: achieve and veto 是/否 or 1/0; judgement a number; options ids joined by ";"; choice one id;
    deduct and formula parts "id=number" joined by ";"; not applicable "NA:rule:reason".
    """
    if isinstance(raw, Answer):
        return raw
    if isinstance(raw, Mapping) and ({"na", "value", "evidence"} & raw.keys()):
        inner = read_answer(item, raw.get("value"))
        return Answer(inner.value, str(raw.get("na", "")), str(raw.get("reason", "")), tuple(raw.get("evidence", ())))
    if isinstance(raw, str) and raw.startswith("NA:"):
        _, rule, reason = [*raw.split(":", 2), ""][:3]
        return Answer(na=rule, reason=reason)
    return Answer(_answer_value(item, raw))


def _answer_value(item: Item, raw: object) -> AnswerValue:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    match item.kind:
        case "achieve" | "veto":
            return _flag(raw, item.id)
        case "choice":
            return str(raw).strip()
        case "options":
            ticked = [part.strip() for part in raw.split(";")] if isinstance(raw, str) else list(_each(raw))
            return frozenset(part for part in ticked if part and part != "-")
        case "deduct" | "formula":
            return _numbers_by_id(item, raw)
    try:
        return exact(raw)
    except ValueError as error:
        raise InputFault(f"{item.title}：“{raw}”不是数") from error


def _each(raw: object) -> Iterable[str]:
    if not isinstance(raw, list | tuple | set | frozenset):
        raise InputFault(f"应为选项列表：{raw!r}")
    return [str(part) for part in raw]


def _numbers_by_id(item: Item, raw: object) -> dict[str, Fraction]:
    if isinstance(raw, str):
        raw = dict(part.split("=", 1) for part in raw.split(";") if "=" in part)
    if not isinstance(raw, Mapping):
        raise InputFault(f"{item.title}：应按“编号=数”填写")
    try:
        return {str(key).strip(): exact(value) for key, value in raw.items()}
    except ValueError as error:
        raise InputFault(f"{item.title}:{error}") from error


def inputs_content(case: Case) -> dict[str, Any]:
    """The case as plain data in one order (输入的规范形式): whoever sends what first, the hash is the same."""
    return {
        "facts": {key: _plain(value) for key, value in case.facts.items() if value is not None},
        "sheets": {sheet.assessor: _plain_answers(sheet.answers) for sheet in case.sheets},
        "consensus": _plain_answers(case.consensus),
        "records": {name: _plain_records(rows) for name, rows in case.records.items()},
        "cuts": {node: [[_plain(part) for part in pair] for pair in sorted(pairs)] for node, pairs in case.cuts.items()},
        "override": [case.override.level, case.override.reason, case.override.by] if case.override else [],
        "given": {key: _plain(value) for key, value in case.given.items()},
    }


def inputs_sha(case: Case) -> str:
    """SHA-256 of the inputs (输入指纹)."""
    return fingerprint(inputs_content(case))


def _plain(value: object) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return written(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return "" if value is None else str(value)


def _plain_answers(answers: Mapping[str, Answer]) -> dict[str, Any]:
    return {
        item: {"value": _plain(a.value), "na": a.na, "reason": a.reason, "evidence": sorted(a.evidence)}
        for item, a in answers.items()
    }


def _plain_records(rows: Iterable[Record]) -> list[Any]:
    plain = [{key: _plain(value) for key, value in row.items()} for row in rows]
    return sorted(plain, key=canonical)
