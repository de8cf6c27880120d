"""The graph that a scheme compiles to (运算图): nodes, demands of levels, caps, and the values of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from app.ratings.rules.case import Case
from app.ratings.rules.expressions import Env, Expression, Steps, Value
from app.ratings.rules.panel import Scored
from app.ratings.rules.shape import Basis

TOTAL: Final = "total"
MIN_SHARE: Final = "min_share"


@dataclass(slots=True)
class Frame:
    """The values of one run (一次运算的中间值)."""

    case: Case
    env: dict[str, Value]
    scored: dict[str, Scored] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vertex:
    """One node of the graph (结点): what it reads, how it is computed, and what it rests on."""

    id: str
    title: str
    rule: str
    reads: frozenset[str]
    run: Callable[[Frame], Value]
    basis: Basis | None
    op: str


@dataclass(frozen=True, slots=True)
class Check:
    """One demand of one level (一项等级要求); without a test it is a gap and stays unknown."""

    level: str
    text: str
    title: str
    test: Expression | None
    basis: Basis | None
    placeholder: bool
    limit: Fraction | None = None

    def verdict(self, env: Env) -> Value:
        """True, False or unknown (是否满足)."""
        if self.test is None:
            return None
        return self.test.run(env if self.limit is None else {**env, "limit": self.limit})


@dataclass(frozen=True, slots=True)
class Cap:
    """A limiter or veto (限制等级): when it holds, no level above `cap`."""

    id: str
    title: str
    cap: str
    reads: frozenset[str]
    test: Callable[[Frame], Value]
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class Refer:
    """A case for the committee (提交委员会)."""

    id: str
    title: str
    test: Expression
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled scheme (已编译的方案)."""

    vertices: tuple[Vertex, ...]
    checks: Mapping[str, tuple[Check, ...]]
    caps: tuple[Cap, ...]
    refer: tuple[Refer, ...]
    leaves: frozenset[str]
    scored_by_items: frozenset[str]
    steps: Mapping[str, Steps]
    by_id: Mapping[str, Vertex]
