"""Speed of the draw (抽查引擎速度): goals D1 and D2. Run: `python -m bench.bench_draw`.

D1: tickets and queues of 400,000 homes beside hashing the same 400,000 lines and nothing else (ratio).
D2: 5,000 homes, teams of two from 600 inspectors, levelled, exactly the least assignment (CPU seconds).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from statistics import median

from app.inspections.rules.draw.assign import Pool, posts_in_order, staff, teams_of
from app.inspections.rules.draw.select import pick, queues
from app.inspections.rules.draw.values import (
    InputRule,
    Inspector,
    Mode,
    Plan,
    Seat,
    Status,
    Stratum,
    Subject,
)  # fmt: skip

SEED = sha256(b"bench").hexdigest()


def _cpu(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _plan(strata: tuple[Stratum, ...], seats: tuple[Seat, ...]) -> Plan:
    return Plan("bench", "示例·民政局", "测速", Mode.OPEN, strata, seats, (InputRule(1, "dice", "now"),))


def d1(homes: int = 400_000, rounds: int = 5) -> tuple[float, float]:
    """CPU of the pick over CPU of bare hashing (抽取比值), and its limit."""
    strata = tuple(Stratum(name, rate) for name, rate in (("A", 200), ("B", 400), ("C", 1200), ("D", 2000)))
    plan = _plan(strata, (Seat("t", 1),))
    subjects = [Subject(f"91330100{at:010d}-01", "ABCD"[at % 4], "t", "示例·机构", 1, Status.DRAW) for at in range(homes)]
    lines = [f"YLDRAW1|subject|{SEED}|{subject.id}|1".encode() for subject in subjects]
    pairs = [
        (_cpu(lambda: [sha256(line).digest() for line in lines]), _cpu(lambda: pick(plan, subjects, SEED))) for _ in range(rounds)
    ]
    bare, spent = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    ratio = median(pair[1] / pair[0] for pair in pairs)
    print(f"D1 pick of {homes}: {spent:.2f} s CPU, bare SHA-256 {bare:.2f} s, ratio {ratio:.2f} (limit 2)")
    return ratio, 2.0


def large_case(homes: int, people: int) -> tuple[Plan, list[Subject], list[Inspector], set[tuple[str, str]]]:
    """A province's draw (全省一次抽查): leaders for seat 1, anybody for seat 2, each home with some recusals."""
    plan = _plan((Stratum("A", 10000),), (Seat("t", 1, ("dept.mz", "qual.lead")), Seat("t", 2)))
    subjects = [Subject(f"H{at:05d}", "A", "t", "示例·机构") for at in range(homes)]
    kinds = (("dept.mz", "qual.lead"), ("dept.mz",), ("dept.mz", "qual.lead"), ("dept.xf",))
    cap = -(-homes * 2 // people) + 4
    inspectors = [Inspector(f"J{at:04d}", cap, kinds[at % 4], "示例·人员") for at in range(people)]
    barred = {(f"J{(at * 7 + step * 31) % people:04d}", f"H{at:05d}") for at in range(0, homes, 4) for step in (0, 1)}
    return plan, subjects, inspectors, barred


def d2(homes: int = 5_000, people: int = 600) -> tuple[float, float]:
    """CPU seconds of the large assignment (派组用时), and their limit."""
    plan, subjects, inspectors, barred = large_case(homes, people)
    (queue,) = queues(plan, subjects, SEED)
    posts = posts_in_order(plan, queue.pool, teams_of(subjects))
    begin = time.process_time()
    done = staff(SEED, 1, Pool(inspectors, barred), posts, plan.balance)
    spent = time.process_time() - begin
    passed = sum(len(task.passed) for task in done.tasks)
    print(
        f"D2 {homes} homes x 2 of {people} inspectors: {spent:.1f} s CPU (limit 10), level {done.level}, "
        f"{len(done.tasks)} tasks, {passed} passed over"
    )
    return spent, 10.0


if __name__ == "__main__":
    d1()
    d2()
