"""A scheme ready for use (评定方案): what its file says, its SHA-256, its faults, and the compiled program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from app.ratings.rules.faults import Fault, SchemeRejected, Stops
from app.ratings.rules.graph import Program
from app.ratings.rules.lint import lint
from app.ratings.rules.program import compile_scheme
from app.ratings.rules.shape import Confidence, SchemeShape, Status
from app.ratings.rules.source import fingerprint, parse


@dataclass(frozen=True, slots=True)
class Scheme:
    """One immutable edition of a scheme (方案版本), identified by its code and edition and proved by its hash."""

    shape: SchemeShape
    sha: str
    program: Program
    faults: tuple[Fault, ...]

    @property
    def key(self) -> str:
        """code@edition (方案编号@版本)."""
        return f"{self.shape.scheme}@{self.shape.edition}"


@dataclass(frozen=True, slots=True)
class Publication:
    """Whether results under a scheme may be published (能否公布), the mark they carry, and what is in the way."""

    allowed: bool
    mark: str
    obstacles: tuple[str, ...]


def load(text: str) -> Scheme:
    """Load a scheme from YAML text (装入方案). Raises SchemeRejected naming every fault that stops its use."""
    scheme, faults = examine(text)
    if scheme is None:
        raise SchemeRejected(faults)
    return scheme


def examine(text: str) -> tuple[Scheme | None, tuple[Fault, ...]]:
    """Read a scheme and name all its faults (检查方案); there is a scheme only if none of them stops its use."""
    try:
        content = parse(text)
    except yaml.YAMLError as error:
        return None, (Fault("file.syntax", "文件", f"YAML 写法不通：{error}"),)
    except ValueError as error:
        return None, (Fault("file.duplicate_key", "文件", str(error)),)
    try:
        shape = SchemeShape.model_validate(content)
    except ValidationError as error:
        return None, tuple(_shape_fault(detail) for detail in error.errors())
    return _compiled(shape, fingerprint(content))


def _compiled(shape: SchemeShape, sha: str) -> tuple[Scheme | None, tuple[Fault, ...]]:
    program, faults = compile_scheme(shape)
    found = tuple(sorted({*faults, *lint(shape)}))
    if program is None or any(fault.stops is Stops.USE for fault in found):
        return None, found
    return Scheme(shape, sha, program, found), found


def _shape_fault(detail: Any) -> Fault:
    where = ".".join(str(part) for part in detail["loc"]) or "文件"
    inexact = "不是精确数" in detail["msg"]
    return Fault("number.inexact" if inexact else "file.shape", where, str(detail["msg"]))


def placeholders(shape: SchemeShape) -> tuple[str, ...]:
    """What is still missing or only stands in (缺口与占位), as sentences for the screen."""
    found = list(shape.gaps)
    found += [f"{item.title}({item.id}):{item.gap}" for item in shape.items if item.gap]
    found += [f"{area.title}：得分率下限为占位数" for area in shape.areas if area.placeholder]
    found += [f"{entry.title}({entry.id}):数值为占位" for entry in shape.entry if entry.placeholder]
    for level in shape.levels:
        found += [f"等级 {level.level}:{each.gap}" for each in level.require if each.gap]
        found += [f"等级 {level.level}：“{each.require}”为占位数" for each in level.require if each.placeholder]
    return tuple(found)


def publication(scheme: Scheme, *, confirmed: bool = False) -> Publication:
    """Whether results may be published (能否公布). `confirmed`: the authority confirmed this edition against a text.

    A confirmation lifts the confidence; it cannot fill a gap, make a placeholder true or mend a fault.
    """
    shape = scheme.shape
    obstacles = [*placeholders(shape), *(fault.sentence for fault in scheme.faults)]
    if shape.status is Status.REFERENCE:
        obstacles.append("境外方案只作对照")
    if shape.status in (Status.SKELETON, Status.SUPERSEDED):
        obstacles.append(f"方案状态为“{shape.status.label}”")
    sure = confirmed or shape.confidence in (Confidence.VERIFIED, Confidence.CORROBORATED)
    default = shape.confidence is Confidence.PLATFORM_DEFAULT
    if not sure and not default:
        obstacles.append(f"方案可信程度为“{shape.confidence.label}”，须由主管机关对照文本确认")
    mark = "主管机关已确认" if confirmed else shape.confidence.label
    return Publication(not obstacles, mark, tuple(obstacles))
