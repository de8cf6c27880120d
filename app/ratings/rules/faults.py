"""Faults of a scheme (方案缺陷): what the lint names, where, and whether it stops use or only publication."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stops(StrEnum):
    """What a fault stops (缺陷后果): computing at all, or only publishing."""

    USE = "use"
    PUBLICATION = "publication"

    @property
    def label(self) -> str:
        """The word on the screen (显示名称)."""
        return {"use": "不能使用", "publication": "不能公布"}[self.value]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault (一处缺陷). `code` is stable for programs, `where` the id in the file, `sentence` for people."""

    code: str
    where: str
    sentence: str
    stops: Stops = Stops.USE


class SchemeRejected(Exception):
    """A scheme that cannot be used (方案不可用), with every fault found."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(";".join(f"[{fault.code}] {fault.where}:{fault.sentence}" for fault in faults))
        self.faults = faults
