"""Which homes are drawn: order, prefixes, strike-outs, chances (P3 to P7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import combinations, permutations
from math import sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.inspections.rules.draw import DrawInputError, Inspector, Status, Stratum, Subject, compute
from app.inspections.rules.draw.codec import parse_plan, parse_subjects
from app.inspections.rules.draw.select import pick, queues
from app.inspections.rules.draw.tickets import sha256_hex, subject_line, subject_tickets
from tests.inspections.draw.cases import a_plan, a_random_draw, homes, sealed

ONE = a_plan(strata=(Stratum("A", 0, 8),))


def seed(at: int) -> str:
    """A seed nobody chose."""
    return sha256(b"seed %d" % at).hexdigest()


def drawn(subjects: Sequence[Subject], of: str, count: int) -> list[str]:
    (queue,) = queues(a_plan(strata=(Stratum("A", 0, count),)), subjects, of)
    return [home for _, home in queue.pool[: queue.count]]


def shuffled(text: str, chance: Random) -> str:
    heading, *rows = text.splitlines(keepends=True)
    chance.shuffle(rows)
    return "".join((heading, *rows))


def test_shuffled_rows_are_refused() -> None:
    chance = Random(3)
    for _ in range(1000):
        files = a_random_draw(chance, most_homes=6, most_people=4)
        name = chance.choice(list(files))
        changed = shuffled(files[name], chance)
        if changed == files[name]:
            continue
        with pytest.raises(DrawInputError, match=name.replace(".", r"\.")):
            compute({**files, name: changed})


def test_lists_given_in_any_order_make_the_same_files() -> None:
    subjects, chance = homes(40), Random(4)
    people = [Inspector(f"J{at}", 9, ("lead",), "示例·员") for at in range(9)]
    wanted = compute(sealed(ONE, subjects, people)).text
    for _ in range(20):
        chance.shuffle(subjects)
        chance.shuffle(people)
        assert compute(sealed(ONE, subjects, people)).text == wanted


def test_a_ticket_is_the_hash_of_one_readable_line() -> None:
    home = Subject("H013", "A", "t", "示例·院", 3)
    (ticket,) = subject_tickets(seed(1), [home])
    assert ticket.hex() == min(sha256_hex(subject_line(seed(1), "H013", j).encode()) for j in (1, 2, 3))


@given(st.integers(1, 40), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_drawing_more_keeps_those_already_drawn(pool: int, at: int) -> None:
    rows = [drawn(homes(pool), seed(at), count) for count in range(pool + 1)]
    assert [len(row) for row in rows] == list(range(pool + 1))
    assert all(rows[count] == rows[pool][:count] for count in range(pool))


@given(st.integers(9, 40), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_striking_out_an_undrawn_home_changes_nobody_else(pool: int, at: int) -> None:
    everyone = homes(pool)
    before = drawn(everyone, seed(at), 8)
    for struck in {home.id for home in everyone} - set(before):
        assert drawn([home for home in everyone if home.id != struck], seed(at), 8) == before


def test_picking_alone_gives_the_drawn_of_the_queues() -> None:
    chance = Random(7)
    for at in range(200):
        files = a_random_draw(chance, most_homes=60)
        plan, subjects = parse_plan(files["plan.txt"]), parse_subjects(files["subjects.txt"])
        whole = {queue.stratum: queue.pool[: queue.count] for queue in queues(plan, subjects, seed(at))}
        assert pick(plan, subjects, seed(at)) == whole


def test_picking_alone_from_a_large_list() -> None:
    subjects = [replace(home, status=Status.OUT, reason="why") if at % 9 == 0 else home for at, home in enumerate(homes(5000))]
    plan = a_plan(strata=(Stratum("A", 700),))
    (queue,) = queues(plan, subjects, seed(0))
    assert pick(plan, subjects, seed(0)) == {"A": queue.pool[: queue.count]}
    assert queue.count == 312


def chi_square_is_plausible(counts: Sequence[int], expected: float, shrink: float = 1.0) -> bool:
    """p in (0.001, 0.999) by Wilson and Hilferty; `shrink` for draws without replacement."""
    degrees = len(counts) - 1
    value = sum((count - expected) ** 2 for count in counts) / expected / shrink
    z = ((value / degrees) ** (1 / 3) - (1 - 2 / (9 * degrees))) / sqrt(2 / (9 * degrees))
    return bool(abs(z) < 3.09)


def inclusion(rounds: int, pool: int = 20, count: int = 5) -> tuple[list[int], list[int]]:
    everyone = homes(pool)
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, ...]] = Counter()
    for at in range(rounds):
        found = sorted(drawn(everyone, seed(at), count))
        singles.update(found)
        pairs.update(combinations(found, 2))
    ids = [home.id for home in everyone]
    return [singles[id_] for id_ in ids], [pairs[pair] for pair in combinations(ids, 2)]


def even_chances(rounds: int) -> None:
    singles, pairs = inclusion(rounds)
    # of 20 homes 5: a home is in with 1/4; the counts of one draw add up to 5, hence the factor 15/19
    assert chi_square_is_plausible(singles, rounds / 4, 15 / 19)
    both = 5 * 4 / (20 * 19)
    deviations = [(count - rounds * both) / sqrt(rounds * both * (1 - both)) for count in pairs]
    assert max(map(abs, deviations)) < 4.5
    assert 0.6 < sum(z * z for z in deviations) / len(deviations) < 1.4


def test_every_home_and_every_pair_is_drawn_alike() -> None:
    even_chances(4_000)


@pytest.mark.soak
def test_every_home_and_every_pair_is_drawn_alike_at_full_size() -> None:
    even_chances(100_000)


def chance_of_order(weights: Sequence[int], order: Sequence[int]) -> float:
    """Successive sampling: the next home with its weight over what is left."""
    left, chance = sum(weights), 1.0
    for at in order:
        chance *= weights[at] / left
        left -= weights[at]
    return chance


@pytest.mark.parametrize("weights", [(1, 2, 3), (1, 1, 4, 9), (1, 2, 3, 5, 8)])
def test_weights_give_successive_sampling(weights: tuple[int, ...]) -> None:
    rounds = 6_000
    everyone = [replace(home, weight=weight) for home, weight in zip(homes(len(weights)), weights, strict=True)]
    seen = Counter(tuple(int(home[1:]) - 1 for home in drawn(everyone, seed(at), len(weights))) for at in range(rounds))
    for order in permutations(range(len(weights))):
        chance = chance_of_order(weights, order)
        assert abs(seen[order] - rounds * chance) < 4.5 * sqrt(rounds * chance * (1 - chance)) + 2


def test_inclusion_by_weight_as_printed_with_the_plan() -> None:
    weights = (1, 2, 3, 5)
    inclusion = [sum(chance_of_order(weights, order) for order in permutations(range(4)) if at in order[:2]) for at in range(4)]
    assert [round(chance, 3) for chance in inclusion] == [0.221, 0.420, 0.588, 0.771]
