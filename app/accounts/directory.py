"""Whom an account may work for besides authorities (机构名录): asked here, answered by the module of providers above.

Accounts stand below providers and may not call them; app/wiring.py installs who answers. Everything answered is public:
codes and names of legal bodies and their sites.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Workplace:
    """A provider, or one of its sites (任职机构)."""

    provider_id: UUID
    name: str
    site_id: UUID | None = None


class Directory(Protocol):
    """What is asked about providers (机构名录)."""

    def find(self, code: str) -> Workplace | None:
        """The provider with a 统一社会信用代码, or its site when `-<nn>` follows (抽取编号)."""

    def names(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Names of providers and sites by id."""

    def within(self, path: str) -> Collection[UUID]:
        """Ids of the providers that have a site in a subtree."""


class Nobody:
    """Before anything is installed there are no providers."""

    def find(self, code: str) -> Workplace | None:  # noqa: ARG002
        """None."""
        return None

    def names(self, ids: Collection[UUID]) -> Mapping[UUID, str]:  # noqa: ARG002
        """Nothing."""
        return {}

    def within(self, path: str) -> Collection[UUID]:  # noqa: ARG002
        """Nothing."""
        return ()


_directory: Directory = Nobody()


def install(directory: Directory) -> None:
    """Say who answers (安装机构名录); called once by the factory."""
    global _directory
    _directory = directory


def directory() -> Directory:
    """Who answers questions about providers."""
    return _directory
