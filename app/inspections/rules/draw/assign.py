"""Who goes where (派组): the lowest ticket that does not make the rest impossible.

The result is the assignment whose tickets, read in the order of the posts, are least; it does not depend on
how feasibility is found out (docs/draw-yldraw1.md §6).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.inspections.rules.draw.flow import Flow, bits
from app.inspections.rules.draw.tickets import task_tickets
from app.inspections.rules.draw.values import Infeasible, Inspector, Plan, Post, Subject, Task


@dataclass(frozen=True, slots=True)
class Staffing:
    """The outcome of one round (一轮派组): tasks in the order of posts, or why there are none."""

    tasks: tuple[Task, ...]
    level: int | None
    infeasible: Infeasible | None


def posts_in_order(plan: Plan, taking_part: Sequence[tuple[bytes, str]], teams: Mapping[str, str]) -> list[Post]:
    """All places to fill (任务顺序): homes by (ticket, id), then by seat. `taking_part` = (ticket, id)."""
    seats: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for seat in sorted(plan.seats, key=lambda seat: seat.number):
        seats.setdefault(seat.team, []).append((seat.number, seat.need))
    return [Post(home, number, need) for _, home in sorted(taking_part) for number, need in seats[teams[home]]]


def teams_of(subjects: Sequence[Subject]) -> dict[str, str]:
    """Which team each home needs (所需小组)."""
    return {subject.id: subject.team for subject in subjects}


class Pool:
    """The inspectors and who may go where (人员池). `barred` pairs (inspector, home) include recusals."""

    def __init__(self, inspectors: Sequence[Inspector], barred: Collection[tuple[str, str]]) -> None:
        self.ids = [inspector.id for inspector in inspectors]
        self.names = [inspector.id.encode("ascii") for inspector in inspectors]
        self.caps = [inspector.cap for inspector in inspectors]
        self.number = {id_: at for at, id_ in enumerate(self.ids)}
        self.tags = [frozenset(inspector.tags) for inspector in inspectors]
        self._barred: dict[str, int] = {}
        for inspector, home in barred:
            self._barred[home] = self._barred.get(home, 0) | 1 << self.number[inspector]
        self._able: dict[tuple[str, ...], int] = {}
        self._members: dict[int, tuple[list[int], list[bytes]]] = {}

    def eligible(self, post: Post) -> int:
        """The set of inspectors with the tags a post needs and no recusal (可派人员)."""
        able = self._able.get(post.need)
        if able is None:
            need = frozenset(post.need)
            able = sum(1 << at for at, tags in enumerate(self.tags) if need <= tags)
            self._able[post.need] = able
        return able & ~self._barred.get(post.subject, 0)

    def members(self, mask: int) -> tuple[list[int], list[bytes]]:
        """A set as numbers and ids (集合展开), remembered: most homes have no recusals and share it."""
        known = self._members.get(mask)
        if known is None:
            numbers = list(bits(mask))
            known = numbers, [self.names[number] for number in numbers]
            self._members[mask] = known
        return known


def build_flow(pool: Pool, posts: Sequence[Post], caps: Sequence[int]) -> Flow:
    """The empty network of these posts (建立网络)."""
    homes: dict[str, int] = {}
    at = [homes.setdefault(post.subject, len(homes)) for post in posts]
    return Flow(at, [pool.eligible(post) for post in posts], caps)


def levelled(caps: Sequence[int], level: int) -> list[int]:
    """Caps cut down to a level (压平上限)."""
    return [min(cap, level) for cap in caps]


def _least_conceivable_level(pool: Pool, posts: Sequence[Post]) -> int:
    """No level below this can do (下界): enough for each kind of need and for all together."""
    counts: dict[int, int] = {0: len(posts)}
    for post in posts:
        able = pool.eligible(post)
        counts[able] = counts.get(able, 0) + 1
    everybody = (1 << len(pool.ids)) - 1
    return max(-(-count // max((able or everybody).bit_count(), 1)) for able, count in counts.items())


def staff(
    seed: str,
    round_: int,
    pool: Pool,
    posts: Sequence[Post],
    balance: int | None,
    *,
    kept: Mapping[tuple[str, int], str] | None = None,
    level: int = 0,
) -> Staffing:
    """Fill the posts (派组). `kept` posts stay as they are; `level` = least level to try.

    Without a full assignment: no tasks, and a certificate that names the posts and inspectors concerned.
    """
    kept = kept or {}
    open_posts = [at for at, post in enumerate(posts) if post.key not in kept]
    if balance is None:
        level = max(pool.caps, default=0)
    elif not kept:
        level = max(level, _least_conceivable_level(pool, posts))
    flow = _with_kept(pool, posts, levelled(pool.caps, level), kept)
    reached = _fill(flow, pool, open_posts, level)
    if reached is None:
        return Staffing((), None, _certificate(pool, posts, kept))
    if balance is not None:
        flow.set_caps(levelled(pool.caps, reached + balance))
    tasks = tuple(_choose(flow, pool, posts, at, seed, round_) for at in open_posts)
    return Staffing(tasks, None if balance is None else reached, None)


def _with_kept(pool: Pool, posts: Sequence[Post], caps: Sequence[int], kept: Mapping[tuple[str, int], str]) -> Flow:
    flow = build_flow(pool, posts, caps)
    for at, post in enumerate(posts):
        if post.key in kept:
            flow.fix(at, pool.number[kept[post.key]])
    return flow


def _fill(flow: Flow, pool: Pool, open_posts: Sequence[int], level: int) -> int | None:
    """Some full assignment at the least level (先派满), scarce posts first for speed. None if there is none.

    A level is raised only when a post cannot be added, which proves the level too low (§6, theorem 4).
    """
    highest = max(pool.caps, default=0)
    for at in sorted(open_posts, key=lambda at: flow.eligible[at].bit_count()):
        while not flow.place(at):
            if level >= highest:
                return None
            level += 1
            flow.set_caps(levelled(pool.caps, level))
    return level


def _certificate(pool: Pool, posts: Sequence[Post], kept: Mapping[tuple[str, int], str]) -> Infeasible:
    """The first post, in order, that cannot be added, and all that a search from it reaches (不可行证明).

    What is reached is the least cut of that network, so every correct method finds the same.
    """
    flow = _with_kept(pool, posts, pool.caps, kept)
    failed = next(at for at, post in enumerate(posts) if post.key not in kept and not flow.place(at))
    return Infeasible(
        posts[failed].key,
        tuple(sorted(posts[at].key for at in flow.shut_in())),
        tuple(pool.ids[inspector] for inspector in bits(flow.reached)),
    )


def _choose(flow: Flow, pool: Pool, posts: Sequence[Post], at: int, seed: str, round_: int) -> Task:
    post = posts[at]
    numbers, names = pool.members(flow.eligible[at])
    tickets = task_tickets(seed, round_, post.subject, post.number, names)
    flow.lift(at)
    first = tickets.index(min(tickets))
    if flow.fix_if_rest_can_follow(at, numbers[first]):
        return Task(post.subject, post.number, pool.ids[numbers[first]], tickets[first].hex(), ())
    in_order = sorted(range(len(tickets)), key=tickets.__getitem__)
    hopeless = flow.reached
    passed = [pool.ids[numbers[first]]]
    for place in in_order[1:]:
        inspector = numbers[place]
        if not hopeless >> inspector & 1:
            if flow.fix_if_rest_can_follow(at, inspector):
                return Task(post.subject, post.number, pool.ids[inspector], tickets[place].hex(), tuple(passed))
            # whoever the failed search reached is shut in with the one it started from
            hopeless |= flow.reached
        passed.append(pool.ids[inspector])
    raise AssertionError("the flow was full, so the inspector just lifted can always return")
