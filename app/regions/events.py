"""What happens to regions, packs and the calendar (区划、政策参数、日历事件)."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRegistered(Event):
    """An authority was registered (登记机关)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged(Event):
    """A value of the policy pack was set (调整政策参数)."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactEntered(Event):
    """A figure of a region was entered (录入地区数据)."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarImported(Event):
    """A notice of the State Council was entered (录入放假通知)."""

    year: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMoved(Event):
    """A provisional deadline changed when its year became official (暂定期限调整)."""
