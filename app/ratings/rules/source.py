"""Reading a scheme file as text (读取方案文件): strict YAML, canonical JSON, and its SHA-256."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any, Final

import rfc8785
import yaml


class DuplicateKey(ValueError):
    """The same key twice in one mapping (键重复): the file would silently lose one of them."""


class _StrictLoader(yaml.SafeLoader):
    """Only texts and whole numbers (严格读取): "0.85", dates, "true", "no" and "on" stay as they are written.

    Aliases are refused: a rule is read by lawyers where it stands, and nested aliases can grow without bound.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node (组成结点), refusing aliases."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("方案文件里不许用别名(*)")
        return super().compose_node(parent, index)


_StrictLoader.yaml_implicit_resolvers = {}
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    keys = [str(loader.construct_object(key)) for key, _ in node.value]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise DuplicateKey(f"第 {node.start_mark.line + 1} 行起，键重复：{'、'.join(twice)}")
    values = [loader.construct_object(value, deep=True) for _, value in node.value]
    return dict(zip(keys, values, strict=True))


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)

LARGEST_FILE: Final = 2_000_000


def parse(text: str) -> Any:
    """The content of a YAML text (解析 YAML). Raises yaml.YAMLError or DuplicateKey (a ValueError)."""
    if len(text) > LARGEST_FILE:
        raise ValueError("方案文件过大")
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  # a stricter child of SafeLoader


def canonical(content: Any) -> bytes:
    """Canonical JSON (规范化 JSON): RFC 8785, every text in normal form C, integers and texts only (else ValueError)."""
    return rfc8785.dumps(_normal(content))


def fingerprint(content: Any) -> str:
    """SHA-256 of the canonical JSON, in hex (指纹)."""
    return hashlib.sha256(canonical(content)).hexdigest()


def _normal(content: Any) -> Any:
    if isinstance(content, str):
        return unicodedata.normalize("NFC", content)
    if isinstance(content, dict):
        return {_normal(str(key)): _normal(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_normal(value) for value in content]
    if isinstance(content, int) and not isinstance(content, bool):
        return content
    raise ValueError("规范化 JSON 里只许整数和文字")
