"""Fonts of the documents (文书字体): two static faces of Noto Sans SC, and nothing else.

The faces come from the npm package `@expo-google-fonts/noto-sans-sc` 0.4.3 (SIL Open Font License 1.1), pinned by the lock
file and again by the digests below: another face would break lines elsewhere and change archived layouts. Only static
TrueType outlines are used, because CFF and variable Chinese fonts come out of the renderer as invalid PDF/A.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from fontTools.ttLib import TTFont

from app.core.refusal import Unavailable

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGE: Final = ROOT / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
FOLDER: Final = ROOT / "var" / "fonts"


@dataclass(frozen=True, slots=True)
class Face:
    """One static font file (字体文件)."""

    file: str
    source: str
    sha256: str


FACES: Final = (
    Face(
        "NotoSansSC_400Regular.ttf",
        "400Regular/NotoSansSC_400Regular.ttf",
        "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",
    ),
    Face(
        "NotoSansSC_700Bold.ttf",
        "700Bold/NotoSansSC_700Bold.ttf",
        "9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96",
    ),
)


@cache
def prepare(folder: Path = FOLDER, package: Path = PACKAGE) -> Path:
    """Put both faces and a private fontconfig file into `folder` (备好字体) and return that file's path.

    The configuration names this folder alone, so no font of the machine can slip into a document.
    Raises `Unavailable` when a face is missing or is another version than the one pinned here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        _install(face, package / face.source, folder / face.file)
    config = folder / "fonts.conf"
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig><dir>{escape(str(folder))}</dir><cachedir>{escape(str(folder / 'cache'))}</cachedir></fontconfig>\n"
    )
    if not config.is_file() or config.read_text("utf-8") != text:
        _replace(config, text.encode())
    return config


@cache
def covered(folder: Path = FOLDER) -> frozenset[int]:
    """Code points that both faces can draw (字库所收字符)."""
    prepare(folder)
    cmaps = []
    for face in FACES:
        with TTFont(folder / face.file, lazy=True) as font:
            cmaps.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*cmaps)


def _install(face: Face, source: Path, target: Path) -> None:
    if target.is_file() and _digest(target) == face.sha256:
        return
    if not source.is_file() or _digest(source) != face.sha256:
        raise Unavailable(f"文书字体 {face.file} 缺失或版本不符，请先运行 make setup")
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        with source.open("rb") as original:
            shutil.copyfileobj(original, part)
        os.fchmod(part.fileno(), 0o644)
    os.replace(part.name, target)


def _replace(target: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        part.write(content)
        os.fchmod(part.fileno(), 0o644)
    os.replace(part.name, target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
