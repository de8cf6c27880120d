"""The whole draw from its published files (重算): six texts in, result.txt out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.inspections.rules.draw.assign import Pool, Staffing, posts_in_order, staff, teams_of
from app.inspections.rules.draw.codec import read_inputs, rows_of
from app.inspections.rules.draw.select import Queue, places, queues
from app.inspections.rules.draw.values import (
    MAGIC,
    RESULT_FILE,
    DrawInputError,
    Infeasible,
    Inputs,
    Place,
    Result,
    Task,
)


def compute(files: Mapping[str, str]) -> Result:
    """Recompute a draw (重算抽查) from plan, subjects, inspectors, recusals, freeze and seed `.txt`.

    A result.txt among the files must be what comes out. Raises DrawInputError naming file, line and reason.
    """
    result = draw(read_inputs(files))
    if RESULT_FILE in files:
        check_published(result.text, files[RESULT_FILE])
    return result


def draw(inputs: Inputs) -> Result:
    """Draw homes and assign inspectors (抽取与派组)."""
    strata = queues(inputs.plan, inputs.subjects, inputs.seed)
    taking_part = [row for queue in strata for row in (*queue.must, *queue.pool[: queue.count])]
    posts = posts_in_order(inputs.plan, taking_part, teams_of(inputs.subjects))
    pool = Pool(inputs.inspectors, [(recusal.inspector, recusal.subject) for recusal in inputs.recusals])
    staffing = staff(inputs.seed, 1, pool, posts, inputs.plan.balance)
    return _result(inputs, strata, staffing)


def _result(inputs: Inputs, strata: Sequence[Queue], staffing: Staffing) -> Result:
    found: dict[str, list[Place]] = {"must": [], "drawn": [], "reserve": []}
    rows = [f"{MAGIC}|result", f"seed|{inputs.seed}"]
    for queue in strata:
        parts = queue.must, queue.pool[: queue.count], queue.pool[queue.count :]
        for kind, part in zip(found, parts, strict=True):
            ranked = places(queue.stratum, part)
            found[kind].extend(ranked)
            rows.extend(place_row(kind, place) for place in ranked)
    if staffing.infeasible:
        rows.append(infeasible_row(staffing.infeasible))
    else:
        rows.append(f"level|{'off' if staffing.level is None else staffing.level}")
        rows.extend(task_row(task) for task in staffing.tasks)
    text = "\n".join(rows) + "\n"
    must, drawn, reserve = (tuple(ranked) for ranked in found.values())
    return Result(inputs, must, drawn, reserve, staffing.level, staffing.tasks, staffing.infeasible, text)


def place_row(kind: str, place: Place) -> str:
    """The row of a home (对象行)."""
    return f"{kind}|{place.stratum}|{place.rank}|{place.subject}|{place.ticket}"


def task_row(task: Task) -> str:
    """The row of a task (派组行)."""
    passed = ",".join(task.passed) or "none"
    return f"team|{task.subject}|{task.number}|{task.inspector}|{task.ticket}|passed={passed}"


def infeasible_row(why: Infeasible) -> str:
    """The row that says no assignment exists (不可行行)."""
    posts = ",".join(f"{home}/{number}" for home, number in why.posts)
    people = ",".join(why.inspectors) or "none"
    return f"infeasible|{why.post[0]}/{why.post[1]}|slots={posts}|inspectors={people}"


def check_published(computed: str, published: str, file: str = RESULT_FILE) -> None:
    """A published text is what we computed (核对公布结果). Raises DrawInputError at the first line that differs."""
    if computed == published:
        return
    rows_of(file, published)  # names a fault of form first
    ours, theirs = computed.split("\n"), published.split("\n")
    line = next(at for at in range(len(ours) + 1) if ours[at : at + 1] != theirs[at : at + 1])
    wanted = ours[line] if line < len(ours) - 1 else ""
    reason = f"与重算结果不符，应为“{wanted}”" if wanted else "多余的行，重算结果到上一行为止"
    raise DrawInputError(file, line + 1, reason)
