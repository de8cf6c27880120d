"""What the tracked files may not contain: hosts of package registries, paths of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# Spelt in two pieces, so that this file does not accuse itself.
REGISTRIES = ("registry." + "npmjs", "pypi" + ".org", "python" + "hosted", "arti" + "factory", "npm" + "mirror", "/sim" + "ple/")
PATHS = ("/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/")
FOUND = re.compile("|".join(re.escape(word) for word in REGISTRIES + PATHS))


def tracked(root: Path) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if listed.returncode:
        return [path for folder in ("app", "templates", "tests", "docs") for path in (root / folder).rglob("*") if path.is_file()]
    return [root / name for name in listed.stdout.decode().split("\0") if name]


def test_no_file_names_a_registry_or_a_place_on_one_machine(root: Path) -> None:
    found = []
    for path in tracked(root):
        if not path.is_file():
            continue  # removed in the working copy
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture, a font, a workbook
        for number, line in enumerate(text.splitlines(), 1):
            if hit := FOUND.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {hit[0]}")
    assert found == [], "\n".join(["Say it without the place:", *found])
