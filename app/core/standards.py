"""Standards as data (标准数据): dated editions in files `code.YYYY-MM-DD.yaml`, validated at load, never edited in place.

A standard is `code + edition + in force from/to + jurisdiction`; a user freezes the edition and its SHA-256 into
every decision that rests on it. A correction is a new edition.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

import rfc8785
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.core.labels import Labelled
from app.core.refusal import Refused


class Confidence(Labelled):
    """How sure we are of a text or number (可信程度), and what it may therefore do."""

    VERIFIED = "verified", "已核"
    CORROBORATED = "corroborated", "有旁证"
    DRAFT = "draft", "待核"
    INACTIVE = "inactive", "停用"
    PLATFORM_DEFAULT = "platform_default", "平台默认"

    @property
    def scores(self) -> bool:
        """May count in a score (可计分)."""
        return self in (Confidence.VERIFIED, Confidence.CORROBORATED)

    @property
    def publishable_as_law(self) -> bool:
        """May be published or cited as law (可作为依据公布、引用)."""
        return self.scores

    @property
    def works(self) -> bool:
        """May drive a rule or a clock (可驱动规则、时限); the platform's own defaults do, under their label."""
        return self.scores or self is Confidence.PLATFORM_DEFAULT

    @property
    def shown_on_task(self) -> bool:
        """Is seen by the inspector (检查时可见); an inactive text is seen in the editor only."""
        return self is not Confidence.INACTIVE


class BadEdition(ValueError):
    """An edition cannot be used (标准文件有误); the message names the file and what is wrong in it."""


# --- canonical form ---------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The one byte form of a value (规范字节): RFC 8785, text in NFC, integers and strings only.

    Raises TypeError for fractions, truth values, nothing (None) and anything that is not a list or mapping of such.
    """
    return rfc8785.dumps(_plain(value))


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes (指纹), 64 lower-case hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    raise TypeError(f"integers and strings only, not {type(value).__name__}")


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    plain = {_key(key): _plain(part) for key, part in value.items()}
    if len(plain) != len(value):
        raise TypeError("two keys are the same text in NFC")
    return plain


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys are strings, not {type(key).__name__}")
    return unicodedata.normalize("NFC", key)


# --- editions ---------------------------------------------------------------------------------------------------------


class Edition(BaseModel):
    """One dated edition of a standard (标准版本); the parts every kind of standard shares.

    `jurisdiction` is a region path ending in "/" ("" is the whole country). `in_force_to` is the last day in force.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    edition: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    name: str = Field(min_length=1)
    jurisdiction: str = Field(default="", pattern=r"^(|.*/)$")
    basis: str = Field(min_length=1)
    confidence: Confidence
    in_force_from: date
    in_force_to: date | None = None
    note: str = ""
    sources: dict[str, str] = Field(default_factory=dict)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _dates_make_sense(self) -> Edition:
        if self.edition != self.in_force_from.isoformat():
            raise ValueError("edition must be the day in_force_from")
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            raise ValueError("in_force_to lies before in_force_from")
        return self

    def in_force_on(self, on: date) -> bool:
        """Whether this edition is in force on a day (当日有效)."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)

    def holds_in(self, region_path: str) -> bool:
        """Whether this edition holds in a region (适用地区): its own jurisdiction and everything below."""
        return region_path.startswith(self.jurisdiction)


E = TypeVar("E", bound=Edition)


def parse(data: Mapping[str, Any], shape: type[E]) -> E:
    """An edition from its data (解析版本), with its hash; the same for a file and for a stored row. Raises BadEdition."""
    if "sha256" in data:
        raise BadEdition("sha256 is computed, not written")
    try:
        return shape.model_validate({**data, "sha256": digest(data)})
    except (ValidationError, TypeError) as wrong:
        raise BadEdition(f"{data.get('code', '?')}: {wrong}") from wrong


@dataclass(frozen=True, slots=True)
class Library(Generic[E]):
    """All known editions of one kind of standard (标准库)."""

    editions: tuple[E, ...]

    def __post_init__(self) -> None:
        """Refuse two editions that claim the same place and first day."""
        seen: set[tuple[str, str, str]] = set()
        for e in self.editions:
            key = (e.code, e.jurisdiction, e.edition)
            if key in seen:
                raise BadEdition(f"{e.code} {e.edition}: two editions for {e.jurisdiction or 'the whole country'}")
            seen.add(key)

    def joined(self, more: Iterable[E]) -> Library[E]:
        """This library together with the editions that authorities entered (并入地方版本)."""
        return Library((*self.editions, *more))

    def codes(self) -> tuple[str, ...]:
        """The codes of all standards (标准代码), sorted."""
        return tuple(sorted({e.code for e in self.editions}))

    def edition(self, code: str, version: str, *, jurisdiction: str = "") -> E:
        """One named edition (指定版本), in force or not."""
        for e in self.editions:
            if (e.code, e.edition, e.jurisdiction) == (code, version, jurisdiction):
                return e
        raise Refused("standard.unknown", f"没有“{code}”的 {version} 版，请在标准库中核对版本日期")

    def by_hash(self, sha256: str) -> E:
        """The edition with this hash (按指纹查版本)."""
        for e in self.editions:
            if e.sha256 == sha256:
                return e
        raise Refused("standard.unknown", "标准库中没有这一指纹的版本，请先导入当时所用的版本")

    def in_force(self, code: str, *, on: date, region_path: str = "") -> E:
        """The edition that holds on a day in a region (现行版本): the nearest jurisdiction, then the latest first day."""
        holding = [e for e in self.editions if e.code == code and e.in_force_on(on) and e.holds_in(region_path)]
        if not holding:
            raise Refused("standard.none_in_force", f"{on.isoformat()} 没有生效的“{code}”版本，请先在标准库发布一版")
        return max(holding, key=lambda e: (len(e.jurisdiction), e.in_force_from))


# --- files ------------------------------------------------------------------------------------------------------------


class _PlainYaml(yaml.SafeLoader):
    """YAML with whole numbers and text only (只认整数与文本): `4.1`, `2022-01-01` and `no` stay text."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are all different; plain YAML would let the last one win in silence."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise BadEdition(f"line {node.start_mark.line + 1}: written twice: {', '.join(sorted(twice))}")
        return super().construct_mapping(node, deep)


_PlainYaml.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(0|-?[1-9][0-9]*)$"), list("-0123456789"))

_FILE_NAME = re.compile(r"^([a-z][a-z0-9_]*)\.(\d{4}-\d{2}-\d{2})\.yaml$")


def read_data(text: str) -> dict[str, Any]:
    """The data of one edition file (读取标准文件): whole numbers, text, lists and mappings. Raises BadEdition."""
    try:
        data = yaml.load(text, Loader=_PlainYaml)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.YAMLError as wrong:
        raise BadEdition(str(wrong)) from wrong
    if not isinstance(data, dict):
        raise BadEdition("an edition file is a mapping")
    return data


def load(folder: Path, shape: type[E]) -> Library[E]:
    """Every edition of one kind in a folder (载入标准库). The kind is the value of `kind` that `shape` allows.

    Raises BadEdition for a file whose name does not say its code and edition, or whose content is not valid.
    """
    wanted = shape.model_fields["kind"].default
    editions = []
    for path in sorted(folder.glob("*.yaml")):
        name = _FILE_NAME.match(path.name)
        if name is None:
            raise BadEdition(f"{path.name}: a file is named code.YYYY-MM-DD.yaml")
        data = _read(path)
        if (data.get("code"), data.get("edition")) != name.groups():
            raise BadEdition(f"{path.name}: code and edition inside differ from the name")
        if data.get("kind") == wanted:
            editions.append(_parse_file(path, data, shape))
    return Library(tuple(editions))


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_data(path.read_text(encoding="utf-8"))
    except BadEdition as wrong:
        raise BadEdition(f"{path.name}: {wrong}") from wrong


def _parse_file(path: Path, data: dict[str, Any], shape: type[E]) -> E:
    try:
        return parse(data, shape)
    except BadEdition as wrong:
        raise BadEdition(f"{path.name}: {wrong}") from wrong
