"""News (事件): frozen facts in the past tense. A lower floor tells; app/wiring.py says who listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was done (已办事项): to what (`subject`), by whom, on which legal day."""

    subject: UUID
    by: UUID
    on: date

    def facts(self) -> dict[str, str | int | bool | list[str] | None]:
        """The event's own fields as plain values for the audit line: ids, codes, hashes, never names or numbers of people."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in {"subject", "by", "on"}}


def _plain(value: Any) -> str | int | bool | list[str] | None:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, UUID | date | datetime):
        return str(value)
    if isinstance(value, tuple | list | frozenset | set):
        return [str(v) for v in (sorted(value) if isinstance(value, frozenset | set) else value)]
    return str(value)


Listener = Callable[[Any], None]
Listeners = Mapping[type[Event], Sequence[Listener]]

_listeners: Listeners = {}


def wire(table: Listeners) -> None:
    """Install the table of listeners (事件去向表); called once by the factory."""
    global _listeners
    _listeners = table


def tell(event: Event) -> None:
    """Tell everybody who listens to this kind of event, in the order of the table."""
    for listener in _listeners.get(type(event), ()):
        listener(event)
