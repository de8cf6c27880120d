"""Builders for the tests of inspections (检查测试构件): small checklists, operations, devices."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from app.core.standards import parse
from app.inspections.rules.answers import Fold, Operation, fold, operation_hash
from app.inspections.rules.checklist import Checklist, ChecklistEdition, Confirmation, SiteFacts, freeze

ON = date(2026, 11, 24)
TASK = "6f8d9a34-0d5c-4a51-9d0e-2f6d1a0c7b11"
SHA = "ab" * 32


def an_item(code: str, **other: Any) -> dict[str, Any]:
    """One item of an edition file."""
    return {
        "code": code, "clause": "1", "area": "one", "text": "示例要求", "look_at": "看示例处", "evidence": ["场"], "photo": "none",
        "departments": ["civil_affairs"], "confidence": "verified", "source": "here", **other,
    }  # fmt: skip


def a_hazard(code: str, **other: Any) -> dict[str, Any]:
    """One item of a veto list."""
    return an_item(code, effect="veto", severity="major", **other)


def edition_data(*items: dict[str, Any], **other: Any) -> dict[str, Any]:
    """The data of an edition file."""
    return {
        "kind": "checklist", "code": "sample", "edition": "2026-01-01", "name": "示例检查表", "basis": "示例", "force": "mandatory",
        "confidence": "verified", "in_force_from": "2026-01-01", "platform_defaults": "示例", "sources": {"here": "示例"},
        "areas": [{"key": "one", "label": "一区"}, {"key": "two", "label": "二区"}], "items": list(items), **other,
    }  # fmt: skip


def an_edition(*items: dict[str, Any], **other: Any) -> ChecklistEdition:
    """A valid edition."""
    return parse(edition_data(*items, **other), ChecklistEdition)


def a_checklist(
    *editions: ChecklistEdition, facts: SiteFacts | None = None, confirmations: Iterable[Confirmation] = (), **other: Any
) -> Checklist:
    """A frozen checklist."""
    return freeze(editions, facts or SiteFacts(), confirmations, authority_id="county", on=ON, **other)


_seq = itertools.count(1)


def an_operation(item: str, value: str, kind: str = "answer", **other: Any) -> Operation:
    """One operation with a right hash; every call is a new id and the next number of its device."""
    fields = {
        "op_id": str(uuid.uuid4()), "task_id": TASK, "edition_sha": SHA, "item": item, "kind": kind, "value": value,
        "reason": "", "author_id": "anna", "device_id": "tablet-1", "seq": next(_seq), "replaces": [], "wall_ms": 1, "mono_ms": 1,
        "offset_ms": 0, "prev_hash": "", **other,
    }  # fmt: skip
    return Operation(**fields, hash=operation_hash(fields))


def answered(**given: str) -> Fold:
    """The fold of one plain answer an item; `G_1="met"` answers G-1."""
    return fold(an_operation(code.replace("_", "-"), value) for code, value in given.items())
