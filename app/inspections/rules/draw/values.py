"""What a draw is made of (抽查要素): the values behind the published files of format YLDRAW1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.core.refusal import Refused

MAGIC: Final = "YLDRAW1"
INPUT_FILES: Final = (
    "plan.txt", "subjects.txt", "inspectors.txt", "recusals.txt", "freeze.txt", "seed.txt",
)  # fmt: skip
RESULT_FILE: Final = "result.txt"
EVENTS_FILE: Final = "events.txt"


class DrawInputError(Refused):
    """A published file cannot be accepted (公开文件不合格). `line` counts from 1; 0 means the file as a whole."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        place = f"{file} 第 {line} 行" if line else f"{file} 全文"
        super().__init__("draw.input", f"{place}：{reason}")
        self.file = file
        self.line = line
        self.reason = reason


class Mode(StrEnum):
    """Whether the result is public at once (公开方式)."""

    OPEN = "open"
    SEALED = "sealed"

    @property
    def label(self) -> str:
        """The word officials use (中文名称)."""
        return {"open": "当场公开", "sealed": "密封后揭示"}[self.value]


class Status(StrEnum):
    """How a home takes part (参加方式)."""

    DRAW = "draw"
    MUST = "must"
    OUT = "out"

    @property
    def label(self) -> str:
        """The word officials use (中文名称)."""
        return {"draw": "参加抽取", "must": "必查", "out": "不参加"}[self.value]


@dataclass(frozen=True, slots=True)
class Stratum:
    """A group of homes with its own rate (分层). `rate` in 1/10000; `maximum` 0 = none."""

    token: str
    rate: int
    minimum: int = 0
    maximum: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """One place in a team (小组席位). `need` lists the tags asked for; empty = anybody (`*`)."""

    team: str
    number: int
    need: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputRule:
    """A public value named beforehand (预先指定的公开值), for example the first lottery draw after a day."""

    number: int
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of one draw (抽查方案). `balance` None = caps are not levelled."""

    plan_id: str
    issuer: str
    purpose: str
    mode: Mode
    strata: tuple[Stratum, ...]
    seats: tuple[Seat, ...]
    inputs: tuple[InputRule, ...]
    must_counts: bool = False
    balance: int | None = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """A home on the list (抽查对象). `reason` belongs to must and out; weight 1..9999 tickets."""

    id: str
    stratum: str
    team: str
    name: str
    weight: int = 1
    status: Status = Status.DRAW
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Inspector:
    """A person in the pool (检查人员). `cap` = most tasks in this draw."""

    id: str
    cap: int
    tags: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Recusal:
    """This inspector may not go to this home (回避)."""

    inspector: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeedInput:
    """A public value as it came out (公开值)."""

    number: int
    source: str
    event: str
    value: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """The fingerprints published at the freeze (封存指纹). `blind` is the commitment, None without a blind."""

    plan: str
    subjects: str
    inspectors: str
    recusals: str
    blind: str | None


@dataclass(frozen=True, slots=True)
class Seed:
    """What the seed is hashed from (种子文件)."""

    freeze: str
    inputs: tuple[SeedInput, ...]
    blind: str | None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The six files, read and found consistent (六份输入). `seed` is the SHA-256 of seed.txt, in hex."""

    plan: Plan
    subjects: tuple[Subject, ...]
    inspectors: tuple[Inspector, ...]
    recusals: tuple[Recusal, ...]
    seed: str


@dataclass(frozen=True, slots=True)
class Place:
    """A home's place in the queue of its stratum (排队名次). `rank` counts from 1 within its kind of row."""

    stratum: str
    rank: int
    subject: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Post:
    """One place to be filled (待派任务): a home and a seat of its team."""

    subject: str
    number: int
    need: tuple[str, ...]

    @property
    def key(self) -> tuple[str, int]:
        """Home and seat number (任务编号)."""
        return self.subject, self.number


@dataclass(frozen=True, slots=True)
class Task:
    """Who goes where (派组结果), with those of lower ticket who could not be taken."""

    subject: str
    number: int
    inspector: str
    ticket: str
    passed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Infeasible:
    """Why no full assignment exists (人手不足的证明): these places can be staffed by these inspectors only."""

    post: tuple[str, int]
    posts: tuple[tuple[str, int], ...]
    inspectors: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The same for people (说明)."""
        posts = "、".join(f"{home} 第 {number} 席" for home, number in self.posts)
        people = "、".join(self.inspectors) or "无人"
        return f"{posts}只能由{people}承担，人手不足；请在新方案中增补检查人员或放宽席位要求"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a draw (抽查结果). `level` None = not levelled, or infeasible; `text` is result.txt."""

    inputs: Inputs
    must: tuple[Place, ...]
    drawn: tuple[Place, ...]
    reserve: tuple[Place, ...]
    level: int | None
    teams: tuple[Task, ...]
    infeasible: Infeasible | None
    text: str = field(repr=False)

    @property
    def seed(self) -> str:
        """SHA-256 of seed.txt (种子)."""
        return self.inputs.seed


@dataclass(frozen=True, slots=True)
class StratumCount:
    """What may be published about a stratum at the freeze (封存公告数). Reasons with their numbers."""

    stratum: str
    total: int
    pool: int
    must: Mapping[str, int]
    out: Mapping[str, int]
    to_draw: int
