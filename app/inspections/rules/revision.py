"""A new edition out of an old one (检查表改版): who may change what, and what a changed item is worth.

A changed clause or text is a draft again (待核) until the authority confirms it against the official text: no workbook and no
form lifts an item's confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.core.refusal import Refused
from app.core.standards import BadEdition, Confidence, parse
from app.inspections.rules.checklist import ChecklistEdition

LOCAL = "local"


def data_of(edition: ChecklistEdition) -> dict[str, Any]:
    """An edition as plain data, every default written out (版本数据)."""
    data = edition.model_dump(mode="json", exclude={"sha256", "defaults"}, exclude_none=True)
    return data | {"items": [_tidy(item) for item in data["items"]]}


def _tidy(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item without what is empty, so that the same item always reads the same."""
    applies = {k: v for k, v in item.get("applies", {}).items() if v}
    kept = {k: v for k, v in item.items() if v not in ("", [], ()) and k != "applies"}
    return kept | ({"applies": applies} if applies else {})


def next_edition(base: ChecklistEdition, *, in_force_from: date, jurisdiction: str, place: str) -> dict[str, Any]:
    """The draft of a local edition (新版草稿): the same items, the authority's own place and first day."""
    if in_force_from <= base.in_force_from and base.jurisdiction == jurisdiction:
        raise Refused("checklist.not_newer", f"新版的施行日应晚于现版的 {base.in_force_from.isoformat()}，请重新选择日期")
    day = in_force_from.isoformat()
    data = data_of(base) | {"edition": day, "in_force_from": day, "jurisdiction": jurisdiction}
    data["note"] = f"{place}在《{base.name}》{base.edition} 版基础上编制。{data.get('note', '')}".strip()
    data.pop("in_force_to", None)
    return data


def rewritten(
    draft: Mapping[str, Any], items: Sequence[Mapping[str, Any]], areas: Sequence[Mapping[str, str]], *, base: ChecklistEdition
) -> dict[str, Any]:
    """A draft with other items (改写草稿). An item whose clause or text differs from the base is 待核. Refuses what is not valid."""
    before = {i.code: i for i in base.items}
    written = []
    for given in items:
        old = before.get(given["code"])
        same = old is not None and (old.clause, old.text) == (given["clause"], given["text"])
        confidence = old.confidence if old is not None and same else Confidence.DRAFT
        source = old.source if old is not None else LOCAL
        written.append(
            _tidy(
                {"effect": "veto" if base.force == "veto" else "score", **given, "confidence": confidence.value, "source": source}
            )
        )
    sources = dict(draft["sources"])
    if any(item["source"] == LOCAL for item in written):
        sources[LOCAL] = "本机关增补，未核对正式文本"
    data = {**draft, "items": written, "areas": [dict(a) for a in areas], "sources": sources}
    checked(data)
    return data


def checked(data: Mapping[str, Any]) -> ChecklistEdition:
    """The edition that data makes (检验版本), or a refusal that names the fault."""
    try:
        return parse(data, ChecklistEdition)
    except BadEdition as wrong:
        first = next((line.strip() for line in str(wrong).splitlines()[1:] if line.strip()), str(wrong))
        raise Refused("checklist.invalid", f"检查表有误，请改正后再传：{first[:200]}") from wrong


def check_publication(*, in_force_from: date, on: date, made_by: str, published_by: str) -> None:
    """Refuse to publish one's own draft, or one that would be in force already (发布检查表)."""
    if made_by == published_by:
        raise Refused("checklist.own", "编制人不能发布自己编制的检查表，请由负责人发布")
    if in_force_from < on:
        raise Refused("checklist.past", f"施行日 {in_force_from.isoformat()} 已过；检查表不溯及既往，请另定施行日")
