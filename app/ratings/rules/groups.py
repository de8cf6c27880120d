"""Bands within a group (同组分段): cut points computed once over all cases, then kept with the publication.

A rating by rank changes when others change. So the cut points are an input of each rating, stored and hashed with it;
recomputing them later from another snapshot would give other stars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

from app.ratings.rules.case import Case, Cuts, InputFault
from app.ratings.rules.evaluate import run
from app.ratings.rules.scheme import Scheme
from app.ratings.rules.shape import Node

Cut = tuple[tuple[Fraction, Fraction], ...]


def with_cuts(scheme: Scheme, cases: Mapping[str, Case], group_of: Mapping[str, str]) -> dict[str, Case]:
    """Every case with the cut points of its group (加上本组分界). A group below its least size uses those of all together."""
    nodes = [node for node in scheme.shape.nodes if node.op == "band_in_group"]
    cuts: dict[str, dict[str, Cut]] = {name: {} for name in cases}
    for node in nodes:
        values = _values(scheme, cases, node)
        members: defaultdict[str, list[Fraction]] = defaultdict(list)
        for name, value in values.items():
            members[group_of.get(name, "")].append(value)
        everyone = cut_points(node, list(values.values()))
        by_group = {g: cut_points(node, m) if len(m) >= node.min_group else everyone for g, m in members.items()}
        for name in cases:
            cuts[name][node.id] = by_group.get(group_of.get(name, ""), everyone)
    return {name: replace(case, cuts=_kept(cuts[name])) for name, case in cases.items()}


def cut_points(node: Node, values: Sequence[Fraction]) -> Cut:
    """The worst value still in each band (分界值): the rank is the band's cumulative share of the group, rounded up.

    Equal values always share a band, so a band may hold more than its share.
    """
    ranked = sorted(values, reverse=node.best == "highest")
    cuts: list[tuple[Fraction, Fraction]] = []
    cumulative = Fraction(0)
    for band, share in node.bands if ranked else ():
        cumulative += share
        cuts.append((band, ranked[min(len(ranked), ceil(len(ranked) * cumulative)) - 1]))
    return tuple(cuts)


def _values(scheme: Scheme, cases: Mapping[str, Case], node: Node) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for name, case in cases.items():
        try:
            value = run(scheme, case).env.get(node.of)
        except InputFault:
            continue
        if isinstance(value, Fraction):
            found[name] = value
    return found


def _kept(cuts: Mapping[str, Cut]) -> Cuts:
    return {node: cut for node, cut in cuts.items() if cut}
