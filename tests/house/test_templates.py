"""Templates escape everything, and the content policy finds nothing inline."""

from __future__ import annotations

import re
from pathlib import Path

SAFE = {"components/icons.html": "shapes written in the file itself"}
NOT_HTML = {"documents/document.css": "the style sheet of PDF documents"}
FORBIDDEN = {
    "a style attribute (use a class)": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an inline script (use app/static/js)": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event attribute (use data-…)": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "autoescape off": re.compile(r"\{%-?\s*autoescape\s+false", re.IGNORECASE),
}


def templates(root: Path) -> dict[str, str]:
    folder = root / "templates"
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_only_html_names_since_others_are_not_escaped(root: Path) -> None:
    assert {name for name in templates(root) if not name.endswith(".html")} == NOT_HTML.keys()


def test_nothing_is_declared_safe(root: Path) -> None:
    assert {name for name, text in templates(root).items() if re.search(r"\|\s*safe\b|Markup\(", text)} == SAFE.keys()


def test_nothing_inline(root: Path) -> None:
    found = [
        f"templates/{name}: {what}"
        for name, text in templates(root).items()
        if not name.startswith("documents/")  # rendered into PDF by our own fetcher, no browser reads them
        for what, pattern in FORBIDDEN.items()
        if pattern.search(text)
    ]
    assert found == []


def test_code_declares_nothing_safe_either(root: Path) -> None:
    """`Markup` turns escaping off; who needs it gets a line here with the reason."""
    allowed: dict[str, str] = {}
    using = {str(p.relative_to(root)) for p in (root / "app").rglob("*.py") if re.search(r"\bMarkup\(", p.read_text("utf-8"))}
    assert using == allowed.keys()
