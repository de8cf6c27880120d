"""The editions that can be used (可用方案): shipped ones, and those that an authority entered and confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.core.refusal import Refused
from app.ratings.rules import Scheme, Status, load, pick, publication, shelf


@dataclass(frozen=True, slots=True)
class Offered:
    """An edition that a campaign may be opened under (可选方案)."""

    key: str
    name: str
    text: str
    confirmed: bool = False


# An authority's own editions come from whoever keeps them: (region path) -> editions. Installed by the editor.
Source = Callable[[str], Sequence[Offered]]
_sources: list[Source] = []


def offer(source: Source) -> None:
    """Say who else has editions to offer (登记方案来源); called once when its module is loaded."""
    if source not in _sources:
        _sources.append(source)


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Offered]:
    found = {}
    for key, path in shelf().items():
        scheme = pick(key)
        if scheme.shape.status is not Status.REFERENCE and scheme.shape.items:
            found[key] = Offered(key, scheme.shape.name, path.read_text(encoding="utf-8"))
    return found


def offered(path: str) -> Mapping[str, Offered]:
    """The editions for an authority's place (本地可用方案): its own before the shipped ones of the same key."""
    own = {each.key: each for source in _sources for each in source(path)}
    return {**_shipped(), **own}


def wanted(key: str, path: str) -> Offered:
    """One edition by key (选定方案). Raises Refused when there is none."""
    found = offered(path).get(key)
    if found is None:
        raise Refused("rating.scheme", "没有这个评定方案，请从列表中选择。")
    return found


@lru_cache(maxsize=64)
def _loaded(sha: str, text: str) -> Scheme:  # noqa: ARG001 — the hash is the key that matters
    return load(text)


def loaded(sha: str, text: str) -> Scheme:
    """A frozen edition, compiled once (装入冻结的方案)."""
    return _loaded(sha, text)


@dataclass(frozen=True, slots=True)
class Choice:
    """An edition as the form offers it (方案选项)."""

    key: str
    name: str
    status: str
    mark: str
    allowed: bool
    obstacles: int


def choices(path: str) -> list[Choice]:
    """The editions with whether their results may be published (方案列表)."""
    found = []
    for each in offered(path).values():
        scheme = _loaded(each.key, each.text)
        said = publication(scheme, confirmed=each.confirmed)
        status = scheme.shape.status.label
        found.append(Choice(each.key, each.name, status, said.mark, said.allowed, len(said.obstacles)))
    return sorted(found, key=lambda choice: (not choice.allowed, choice.key))
