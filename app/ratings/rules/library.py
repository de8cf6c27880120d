"""The shipped schemes (方案库): one file an edition, `code.edition.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from app.ratings.rules.scheme import Scheme, load

HEAD_LINES: Final = 20
_HEAD: Final = {
    "scheme": re.compile(r"^scheme: (\S+)$", re.M),
    "edition": re.compile(r'^edition: "(\S+)"$', re.M),
}
SHELF: Final = Path(__file__).parent.parent / "standards"


def shelf(folder: Path = SHELF) -> dict[str, Path]:
    """The files by code@edition (方案文件), from the head of each file."""
    return {_key(path): path for path in sorted(folder.glob("*.yaml"))}


def shipped(folder: Path = SHELF) -> dict[str, Scheme]:
    """All shipped schemes by code@edition (全部方案). Raises SchemeRejected if one of them cannot be used."""
    return {key: _read(key, path) for key, path in shelf(folder).items()}


def pick(wanted: str, folder: Path = SHELF) -> Scheme:
    """A scheme by `code` or `code@edition` (选取方案); without an edition the newest. Raises KeyError if there is none."""
    paths = shelf(folder)
    key = wanted if "@" in wanted else newest(wanted, paths)
    return _read(key, paths[key])


def newest(code: str, keys: Iterable[str]) -> str:
    """The newest edition of a code (最新版本)."""
    mine = sorted(key for key in keys if key.partition("@")[0] == code)
    if not mine:
        raise KeyError(code)
    return mine[-1]


def _key(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        head = "".join(islice(file, HEAD_LINES))
    found = [_HEAD[word].search(head) for word in ("scheme", "edition")]
    if None in found:
        raise ValueError(f"{path.name} 的开头没有写 scheme 和 edition")
    return "@".join(match[1] for match in found if match)


def _read(key: str, path: Path) -> Scheme:
    scheme = load(path.read_text(encoding="utf-8"))
    if scheme.key != key:
        raise ValueError(f"{path.name} 里写的是 {scheme.key}")
    return scheme
