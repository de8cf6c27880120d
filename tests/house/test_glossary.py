"""One word for one thing: every table's class stands in the glossary."""

from __future__ import annotations

import ast
import re
from pathlib import Path


def rows(root: Path) -> list[list[str]]:
    text = (root / "docs" / "glossary.md").read_text("utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def classes_named(root: Path) -> list[str]:
    return [name for row in rows(root) for name in re.findall(r"`(\w+)`", row[2])]


def tables(root: Path) -> set[str]:
    """Every class with a `__tablename__`, read from the source, so that unfinished modules count too."""
    found = set()
    for path in (root / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "__tablename__" for line in node.body
            ):
                found.add(node.name)
    return found


def test_every_table_has_its_word(root: Path) -> None:
    missing = tables(root) - set(classes_named(root))
    assert missing == set(), f"Enter them into docs/glossary.md with the Chinese term: {sorted(missing)}"


def test_no_class_stands_twice(root: Path) -> None:
    named = classes_named(root)
    assert sorted(name for name in set(named) if named.count(name) > 1) == []


def test_every_term_is_in_both_languages(root: Path) -> None:
    lame = [row for row in rows(root)[2:] if row[0] and not row[0].startswith("**") and not row[1]]
    assert lame == []
