"""What modules above add to a site's page (机构页各栏): answers for the strip, happenings for the timeline, tabs.

Providers stand below inspections, ratings and credit and may not call them; app/wiring.py installs who contributes.
Everything is asked with the actor, so a contributor shows only what that actor may see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the strip (答案条): 备案, 星级, 信用, 未整改, 最近检查. `tone` is one of the components' tones."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    icon: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline (大事记)."""

    when: date | datetime
    title: str
    text: str = ""
    tone: str = "info"
    icon: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page about the site that another module keeps (分栏)."""

    label: str
    href: str
    count: int | None = None
    wait: bool = False


class Contributor(Protocol):
    """A module above that knows something of a site."""

    def answers(self, site_id: UUID, *, seen_by: Actor, on: date) -> Sequence[Answer]:
        """What it answers in the strip."""

    def happenings(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Happening]:
        """What happened, in any order."""

    def tabs(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Tab]:
        """Its pages about the site."""


_contributors: Sequence[Contributor] = ()


def install(contributors: Sequence[Contributor]) -> None:
    """Say who contributes, in the order of the strip (安装各栏); called once by the factory."""
    global _contributors
    _contributors = tuple(contributors)


def contributors() -> Sequence[Contributor]:
    """Who contributes (各栏来源)."""
    return _contributors


# --- what modules above ask of a provider (要办的事) --------------------------------------------------------------------

Asker = Callable[..., Sequence[Any]]
"""Called with `seen_by` and `on`, gives `Todo`s of app.providers.queries.pages."""

_askers: Sequence[Asker] = ()


def install_askers(found: Sequence[Asker]) -> None:
    """Say which modules above ask something of a provider; called once by the factory."""
    global _askers
    _askers = tuple(found)


def askers() -> Sequence[Asker]:
    """Which modules above ask something of a provider (要办事项来源)."""
    return _askers
