"""Commands of inspections (检查命令): need no database and no settings."""

from __future__ import annotations

from pathlib import Path

import click

from app.inspections.rules.draw import INPUT_FILES, RESULT_FILE, DrawInputError, compute, decode


@click.group("draw")
def draw() -> None:
    """Verifiable double-random draws (双随机抽取)."""


@draw.command("recompute")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def recompute(folder: Path) -> None:
    """Recompute a draw from its published files (重算抽查).

    FOLDER holds plan, subjects, inspectors, recusals, freeze and seed .txt. Prints result.txt and nothing
    else. A result.txt in FOLDER must agree. Exit 1 with a reason on stderr when a file is refused.
    """
    try:
        text = compute(read_folder(folder)).text
    except DrawInputError as refusal:
        click.echo(refusal.sentence, err=True)
        raise SystemExit(1) from None
    click.echo(text.encode(), nl=False)


def read_folder(folder: Path) -> dict[str, str]:
    """The published files of a folder (读入公开文件), result.txt if it is there."""
    files = {}
    for name in (*INPUT_FILES, RESULT_FILE):
        path = folder / name
        if path.is_file():
            files[name] = decode(name, path.read_bytes())
        elif name != RESULT_FILE:
            raise DrawInputError(name, 0, "缺少此文件")
    return files
