"""Who goes where: least assignment, feasibility, levels, no favourites (P8 to P10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import product
from random import Random
from statistics import pstdev

import networkx as nx
import pytest

from app.inspections.rules.draw import Inspector
from app.inspections.rules.draw.assign import Pool, Staffing, staff
from app.inspections.rules.draw.tickets import task_tickets
from app.inspections.rules.draw.values import Post
from tests.inspections.draw.test_draw_homes import chi_square_is_plausible

TAGS = ("lead", "mz", "xf")
Barred = set[tuple[str, str]]
Case = tuple[list[Post], list[Inspector], Barred]


def a_case(chance: Random, homes: int, seats: int, people: int, cap: int) -> Case:
    """Posts, inspectors and recusals, as often impossible as not."""
    posts = [
        Post(f"H{home}", seat, tuple(sorted(chance.sample(TAGS, chance.choice((0, 0, 1, 1, 2))))))
        for home in range(chance.randint(1, homes))
        for seat in range(1, chance.randint(1, seats) + 1)
    ]
    inspectors = [
        Inspector(f"J{at:02d}", chance.randint(0, cap), tuple(sorted(chance.sample(TAGS, chance.randint(0, 3)))), "")
        for at in range(chance.randint(1, people))
    ]
    every = list(product([one.id for one in inspectors], sorted({post.subject for post in posts})))
    return posts, inspectors, set(chance.sample(every, chance.randint(0, len(every) // 4)))


def able(case: Case, post: Post) -> list[Inspector]:
    _, inspectors, barred = case
    return [one for one in inspectors if {*post.need} <= {*one.tags} and (one.id, post.subject) not in barred]


def assignments(case: Case, caps: dict[str, int], at: int = 0, taken: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All full assignments, by trying everything."""
    posts = case[0]
    if at == len(posts):
        yield taken
        return
    for one in able(case, posts[at]):
        twice = any(posts[n].subject == posts[at].subject and who == one.id for n, who in enumerate(taken))
        if not twice and taken.count(one.id) < caps[one.id]:
            yield from assignments(case, caps, at + 1, (*taken, one.id))


def least(case: Case, seed: str, balance: int | None) -> tuple[tuple[str, ...], int | None] | None:
    """The specification taken literally: enumerate, level, compare ticket vectors."""
    posts, inspectors, _ = case
    highest = max(one.cap for one in inspectors)
    caps = {one.id: one.cap for one in inspectors}
    level = None
    if next(assignments(case, caps), None) is None:
        return None
    if balance is not None:
        levels = range(highest + 1)
        level = next(k for k in levels if any(assignments(case, {who: min(cap, k) for who, cap in caps.items()})))
        caps = {who: min(cap, level + balance) for who, cap in caps.items()}

    def tickets(found: tuple[str, ...]) -> list[bytes]:
        return [
            sha256(f"YLDRAW1|assign|{seed}|1|{post.subject}|{post.number}|{who}".encode()).digest()
            for post, who in zip(posts, found, strict=True)
        ]

    return min(assignments(case, caps), key=tickets), level


def ours(case: Case, seed: str, balance: int | None) -> Staffing:
    posts, inspectors, barred = case
    return staff(seed, 1, Pool(inspectors, barred), posts, balance)


def equals_enumeration(rounds: int) -> None:
    chance, forced, impossible = Random(8), 0, 0
    for at in range(rounds):
        case = a_case(chance, homes=3, seats=2, people=5, cap=3)
        seed, balance = sha256(b"%d" % at).hexdigest(), chance.choice((None, 0, 0, 1))
        found, wanted = ours(case, seed, balance), least(case, seed, balance)
        if wanted is None:
            assert found.infeasible is not None
            assert not found.tasks
            impossible += 1
            continue
        assert (tuple(task.inspector for task in found.tasks), found.level) == wanted
        forced += sum(len(task.passed) for task in found.tasks)
        for post, task in zip(case[0], found.tasks, strict=True):
            names = [one.id for one in able(case, post)]
            queue = sorted(zip(task_tickets(seed, 1, *post.key, [n.encode() for n in names]), names, strict=True))
            order = [name for _, name in queue]
            assert list(task.passed) == order[: order.index(task.inspector)]
    assert forced > rounds // 20
    assert rounds // 10 < impossible < rounds * 9 // 10


def test_the_least_of_all_assignments() -> None:
    equals_enumeration(1_200)


@pytest.mark.soak
def test_the_least_of_all_assignments_at_full_size() -> None:
    equals_enumeration(10_000)


def network(case: Case, posts: Sequence[Post]) -> nx.DiGraph:
    """The same question put to another library."""
    graph = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    for one in case[1]:
        graph.add_edge(one.id, "sink", capacity=one.cap)
    for post in posts:
        graph.add_edge("source", post.key, capacity=1)
        for one in able(case, post):
            graph.add_edge(post.key, (post.subject, one.id), capacity=1)
            graph.add_edge((post.subject, one.id), one.id, capacity=1)
    return graph


def agrees_with_networkx(rounds: int) -> None:
    chance, answers = Random(9), Counter[bool]()
    for at in range(rounds):
        case = a_case(chance, homes=12, seats=3, people=14, cap=4)
        posts = case[0]
        found = ours(case, sha256(b"%d" % at).hexdigest(), None)
        flow = nx.maximum_flow_value(network(case, posts), "source", "sink")
        assert (found.infeasible is None) == (flow == len(posts))
        answers[found.infeasible is None] += 1
        if found.infeasible is None:
            continue
        keys = [post.key for post in posts]
        upto = posts[: keys.index(found.infeasible.post) + 1]
        assert nx.maximum_flow_value(network(case, upto), "source", "sink") == len(upto) - 1
        assert nx.maximum_flow_value(network(case, upto[:-1]), "source", "sink") == len(upto) - 1
        cut = least_cut(case, upto)
        assert found.infeasible.posts == tuple(sorted(key for key in keys if key in cut))
        assert found.infeasible.inspectors == tuple(one.id for one in case[1] if one.id in cut)
    assert min(answers.values()) > rounds // 10


def least_cut(case: Case, posts: Sequence[Post]) -> set[object]:
    """All that the source still reaches after a maximum flow."""
    graph = network(case, posts)
    residual = nx.algorithms.flow.edmonds_karp(graph, "source", "sink")
    open_ = nx.DiGraph((a, b) for a, b, arc in residual.edges(data=True) if arc["capacity"] > arc["flow"])
    open_.add_node("source")
    return {*nx.descendants(open_, "source")}


def test_feasibility_and_certificate_as_networkx_sees_them() -> None:
    agrees_with_networkx(150)


@pytest.mark.soak
def test_feasibility_and_certificate_as_networkx_sees_them_at_full_size() -> None:
    agrees_with_networkx(1_000)


def naive(case: Case, seed: str) -> tuple[str, ...]:
    """Slot by slot, each candidate tried by a whole maximum flow: slow and plain."""
    posts = case[0]
    fixed: list[str] = []
    for at, post in enumerate(posts):
        names = [one.id for one in able(case, post)]
        queue = sorted(zip(task_tickets(seed, 1, *post.key, [n.encode() for n in names]), names, strict=True))
        for _, name in queue:
            if can_follow(case, [*fixed, name]):
                fixed.append(name)
                break
        assert len(fixed) == at + 1
    return tuple(fixed)


def can_follow(case: Case, fixed: Sequence[str]) -> bool:
    posts, inspectors, barred = case
    done = list(zip(posts, fixed, strict=False))
    load = Counter(fixed)
    if any(load[one.id] > one.cap for one in inspectors) or len({(p.subject, who) for p, who in done}) < len(done):
        return False
    left = [Inspector(one.id, one.cap - load[one.id], one.tags, "") for one in inspectors]
    rest = (posts, left, barred | {(who, post.subject) for post, who in done})
    waiting = posts[len(fixed) :]
    return bool(nx.maximum_flow_value(network(rest, waiting), "source", "sink") == len(waiting))


def test_rerouting_one_unit_equals_a_whole_flow_for_each_candidate() -> None:
    chance, solved, forced = Random(10), 0, 0
    for at in range(60):
        case = a_case(chance, homes=8, seats=3, people=9, cap=4)
        seed = sha256(b"%d" % at).hexdigest()
        found = ours(case, seed, None)
        if found.infeasible is None:
            assert tuple(task.inspector for task in found.tasks) == naive(case, seed)
            solved += 1
            forced += sum(len(task.passed) for task in found.tasks)
    assert solved > 8
    assert forced > 40


def no_favourites(rounds: int) -> None:
    posts = [Post(home, seat, ("lead",) if seat == 1 else ()) for home in ("H1", "H2", "H3") for seat in (1, 2)]
    people = [Inspector(f"J{at}", 2, ("lead",) if at < 4 else (), "") for at in range(8)]
    leads, others, joint = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for at in range(rounds):
        for home, *team in _teams(staff(sha256(b"%d" % at).hexdigest(), 1, Pool(people, ()), posts, 0)):
            leads[team[0]] += home == "H2"
            others.update(who for who in team[1:] if who >= "J4" and home == "H2")
            joint[team[0], team[1]] += 1
    assert chi_square_is_plausible([leads[f"J{at}"] for at in range(4)], rounds / 4)
    assert chi_square_is_plausible([others[f"J{at}"] for at in range(4, 8)], others.total() / 4)
    mixed = [count for (a, b), count in joint.items() if b >= "J4"]
    assert len(mixed) == 16
    assert pstdev(mixed) < 5 * (sum(mixed) / 16) ** 0.5


def _teams(done: Staffing) -> Iterator[tuple[str, ...]]:
    for first, second in zip(done.tasks[::2], done.tasks[1::2], strict=True):
        yield first.subject, first.inspector, second.inspector


def test_inspectors_alike_have_like_chances() -> None:
    no_favourites(2_000)


@pytest.mark.soak
def test_inspectors_alike_have_like_chances_at_full_size() -> None:
    no_favourites(10_000)


def test_nobody_twice_at_one_home_even_when_nobody_else_is_left() -> None:
    posts = [Post("H1", 1, ()), Post("H1", 2, ())]
    done = ours((posts, [Inspector("J1", 9, (), "")], set()), "0" * 64, 0)
    assert done.infeasible is not None
    assert done.infeasible.inspectors == ()
    assert done.infeasible.posts == (("H1", 1), ("H1", 2))
