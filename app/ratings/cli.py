"""Commands of the rating engine (评定命令): need no service and print only the result."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from app.ratings.rules import (
    Answer,
    Case,
    InputFault,
    Result,
    Scheme,
    SchemeRejected,
    Sheet,
    State,
    evaluate,
    pick,
    read_answer,
    read_facts,
    read_records,
    shipped,
    shown,
    with_cuts,
)

Row = Mapping[str, str]


@click.group()
def ratings() -> None:
    """Rating schemes and their results (等级评定)."""


@ratings.command()
def schemes() -> None:
    """List `code@edition jurisdiction status`, one a line (方案清单)."""
    for key, scheme in sorted(shipped().items()):
        click.echo(f"{key} {scheme.shape.jurisdiction} {scheme.shape.status}")


@ratings.command(name="evaluate")
@click.option("--scheme", "wanted", required=True, metavar="CODE[@EDITION]", help="without an edition the newest")
@click.option("--facts", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--group-by", "column", default=None, metavar="COLUMN", help="column that bands are formed within")
def evaluate_file(wanted: str, path: Path, column: str | None) -> None:
    """Rate every row of a CSV file (批量评定): first column the id, facts and items by column name, empty is unknown.

    Prints CSV `id,level,value,unmet,trace`; the trace is JSON. A row that cannot be rated says why under `unmet`.
    """
    scheme = _scheme(wanted)
    names, rows = _read(path)
    cases: dict[str, Case] = {}
    refused: dict[str, str] = {}
    for key, row in rows.items():
        try:
            cases[key] = _case(scheme, row)
        except InputFault as fault:
            refused[key] = str(fault)
    cases = _grouped(scheme, cases, rows, column)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "level", "value", "unmet", "trace"])
    for key, name in names.items():
        out.writerow(_refusal(name, refused[key]) if key in refused else _line(name, scheme, cases[key]))


def _read(path: Path) -> tuple[dict[str, str], dict[str, Row]]:
    """The ids and the rows by line (读取文件): ids may repeat, no row is lost."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="")
            first = (reader.fieldnames or [""])[0]
            rows = {str(line): row for line, row in enumerate(reader)}
    except UnicodeDecodeError as error:
        raise click.ClickException("文件须为 UTF-8 编码的 CSV") from error
    return {line: row.get(first) or "" for line, row in rows.items()}, dict(rows)


def _scheme(wanted: str) -> Scheme:
    try:
        return pick(wanted)
    except KeyError as error:
        raise click.ClickException(f"没有这个方案：{wanted}；用 ratings schemes 查看清单") from error
    except SchemeRejected as error:
        raise click.ClickException(f"方案不可用：{error}") from error


def _case(scheme: Scheme, row: Row) -> Case:
    answers: dict[str, Answer] = {}
    for item in scheme.shape.items:
        if (row.get(item.id) or "").strip() and item.kind != "tier":
            answers[item.id] = read_answer(item, row[item.id])
    records = {name: _records(name, row[name]) for name in scheme.shape.records if (row.get(name) or "").strip()}
    sheets = (Sheet("file", answers),) if answers else ()
    return Case(facts=read_facts(scheme.shape, row), sheets=sheets, records=read_records(scheme.shape, records))


def _records(name: str, cell: str) -> list[dict[str, object]]:
    try:
        rows = json.loads(cell)
    except json.JSONDecodeError as error:
        raise InputFault(f"{name}：应为 JSON 列表") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputFault(f"{name}：应为 JSON 列表")
    return rows


def _grouped(scheme: Scheme, cases: dict[str, Case], rows: Mapping[str, Row], column: str | None) -> dict[str, Case]:
    nodes = [node for node in scheme.shape.nodes if node.op == "band_in_group"]
    if not nodes:
        return cases
    by = column or nodes[0].group
    if rows and by not in next(iter(rows.values())):
        raise click.ClickException(f"文件里没有这一列：{by}；用 --group-by 指定分组的列")
    return with_cuts(scheme, cases, {key: row.get(by) or "" for key, row in rows.items()})


def _line(name: str, scheme: Scheme, case: Case) -> list[str]:
    try:
        result = evaluate(scheme, case)
    except InputFault as fault:
        return _refusal(name, str(fault))
    value = shown(result.value) if result.value is not None else ""
    return [name, result.level or "", value, _unmet(result), _trace(result)]


def _refusal(name: str, sentence: str) -> list[str]:
    return [name, "", "", f"输入有误：{sentence}", ""]


def _unmet(result: Result) -> str:
    lacking = [f"缺：{'、'.join(result.missing)}"] if result.missing else []
    referred = [f"由评定委员会决定：{'、'.join(result.referred_by)}"] if result.state is State.REFERRED else []
    return ";".join([*lacking, *referred, *(str(unmet) for unmet in result.unmet)])


def _trace(result: Result) -> str:
    steps = [
        {"id": line.id, "value": line.value, "rule": line.rule, "inputs": dict(line.inputs), "clause": line.clause}
        | ({"note": line.note} if line.note else {})
        for line in result.trace
    ]
    whole = {
        "scheme": result.scheme, "state": result.state, "scheme_sha": result.scheme_sha, "inputs_sha": result.inputs_sha,
        "seal": result.seal, "steps": steps,
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
