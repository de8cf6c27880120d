"""Which homes are drawn (抽取对象): the lowest tickets of each stratum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Final

from app.inspections.rules.draw.tickets import subject_tickets
from app.inspections.rules.draw.values import Place, Plan, Status, Stratum, StratumCount, Subject

Row = tuple[bytes, str]  # a home's ticket and id
BLOCK: Final = 4096  # homes hashed at a time, so that their tickets stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Queue:
    """One stratum in ticket order (分层队列), of whose pool the first `count` are drawn."""

    stratum: str
    must: list[Row]
    pool: list[Row]
    count: int


def number_to_draw(stratum: Stratum, pool: int, must: int, *, must_counts: bool) -> int:
    """How many homes of a stratum are drawn (抽取数): rate rounded up, then minimum, maximum, pool."""
    base = pool + (must if must_counts else 0)
    number = max((base * stratum.rate + 9999) // 10000, stratum.minimum)
    if stratum.maximum:
        number = min(number, stratum.maximum)
    if must_counts:
        number -= must
    return max(0, min(number, pool))


def queues(plan: Plan, subjects: Sequence[Subject], seed: str) -> list[Queue]:
    """All strata in ticket order (各层排队), strata ascending by token."""
    must: dict[str, list[Row]] = {stratum.token: [] for stratum in plan.strata}
    pool: dict[str, list[Row]] = {stratum.token: [] for stratum in plan.strata}
    taking = [subject for subject in subjects if subject.status is not Status.OUT]
    for subject, ticket in zip(taking, subject_tickets(seed, taking), strict=True):
        part = pool if subject.status is Status.DRAW else must
        part[subject.stratum].append((ticket, subject.id))
    for rows in (*must.values(), *pool.values()):
        rows.sort()
    return [
        Queue(
            stratum.token,
            must[stratum.token],
            pool[stratum.token],
            number_to_draw(stratum, len(pool[stratum.token]), len(must[stratum.token]), must_counts=plan.must_counts),
        )
        for stratum in _ascending(plan)
    ]


def pick(plan: Plan, subjects: Sequence[Subject], seed: str) -> dict[str, list[Row]]:
    """Only the drawn homes of each stratum, in ticket order (只取抽中对象): `queues` without the reserves.

    Tickets are evenly spread, so all but a few above the expected bound are left unsorted.
    """
    draw, must = Status.DRAW, Status.MUST  # looked up once: this is the hot path of a large province
    pool = [subject for subject in subjects if subject.status is draw]
    waiting = Counter([subject.stratum for subject in pool])
    musts = Counter([s.stratum for s in subjects if s.status is must] if plan.must_counts else ())
    count = {
        stratum.token: number_to_draw(stratum, waiting[stratum.token], musts[stratum.token], must_counts=plan.must_counts)
        for stratum in _ascending(plan)
    }
    bounds = {stratum: _bound(wanted, waiting[stratum]) for stratum, wanted in count.items()}
    highest = max(bounds.values())
    drawn: dict[str, list[Row]] = {stratum: [] for stratum in count}
    for start in range(0, len(pool), BLOCK):
        block = pool[start : start + BLOCK]
        tickets = subject_tickets(seed, block)
        for at in [at for at, ticket in enumerate(tickets) if ticket < highest]:
            if tickets[at] < bounds[block[at].stratum]:
                drawn[block[at].stratum].append((tickets[at], block[at].id))
    for stratum, rows in drawn.items():
        if len(rows) < count[stratum]:  # about once in 10^9 draws
            return {queue.stratum: queue.pool[: queue.count] for queue in queues(plan, subjects, seed)}
        rows.sort()
        del rows[count[stratum] :]
    return drawn


def _bound(wanted: int, pool: int) -> bytes:
    """A ticket that well over `wanted` of `pool` tickets lie below (上界): six standard deviations above."""
    share = ((wanted + 6 * isqrt(wanted) + 20) << 64) // max(pool, 1)
    return share.to_bytes(8, "big") if share >> 64 == 0 else b"\xff" * 33


def _ascending(plan: Plan) -> list[Stratum]:
    return sorted(plan.strata, key=lambda stratum: stratum.token)


def places(stratum: str, rows: Sequence[Row], first: int = 1) -> tuple[Place, ...]:
    """Rows of a queue with their ranks (名次), counted from `first`."""
    return tuple(Place(stratum, rank, home, ticket.hex()) for rank, (ticket, home) in enumerate(rows, first))


def strata_counts(plan: Plan, subjects: Sequence[Subject]) -> tuple[StratumCount, ...]:
    """What is published at the freeze (封存公告): numbers by stratum, must and out by reason. No seed needed."""
    found = Counter([(home.stratum, home.status.value, home.reason) for home in subjects])
    counts = []
    for stratum in _ascending(plan):
        of = {
            status: {why: n for (token, state, why), n in sorted(found.items()) if (token, state) == (stratum.token, status)}
            for status in Status
        }
        pool, must, out = (sum(of[status].values()) for status in Status)
        counts.append(
            StratumCount(
                stratum.token,
                total=pool + must + out,
                pool=pool,
                must=of[Status.MUST],
                out=of[Status.OUT],
                to_draw=number_to_draw(stratum, pool, must, must_counts=plan.must_counts),
            )
        )
    return tuple(counts)
