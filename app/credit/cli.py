"""Commands of credit (信用命令): pure, they need no service."""

from __future__ import annotations

from datetime import date

import click

from app.credit.rules.phoenix import tables
from app.credit.rules.phoenix_scenarios import Outcome, outcomes, scenarios, tally


@click.group()
def credit() -> None:
    """Credit: how well the phoenix check does (信用)."""


@credit.command("phoenix-scenarios")
@click.option("--edition", default="", help="the day of the table, by default the newest")
@click.option("--all", "everything", is_flag=True, help="print every scenario, not only those it gets wrong")
def phoenix_scenarios(edition: str, everything: bool) -> None:
    """Run the hundred re-registration scenarios; print precision and recall (换壳核查情景)."""
    newest = max((e.edition for e in tables().editions), default="")
    table = tables().edition("phoenix", str(date.fromisoformat(edition or newest)))
    found = outcomes(scenarios(), table)
    for one in found:
        if everything or one.flagged is not one.scenario.truth:
            click.echo(_line(one))
    for words, rows in (
        ("全部", found),
        ("单号（供调整）", [o for o in found if not o.scenario.held_out]),
        ("双号（留作检验）", [o for o in found if o.scenario.held_out]),
    ):
        t = tally(rows)
        click.echo(
            f"{words} {len(rows)} 个：查准率 {t.precision:.3f}，查全率 {t.recall:.3f}"
            f"（对 {t.hits}，误报 {t.false_alarms}，漏报 {t.missed}，正确放过 {t.cleared}）"
        )


def _line(one: Outcome) -> str:
    said = "、".join(f"{p.clue.label}{p.points}" for p in one.likeness.points) or "无"
    words = {(True, True): "查出", (False, False): "放过", (False, True): "误报", (True, False): "漏报"}
    return f"{one.scenario.id:>3} {words[one.scenario.truth, one.flagged]} {one.likeness.score:>3}  {one.scenario.why}：{said}"
