"""`make bench`: every goal beside its limit and its peer, as it is (性能测量). Ratios of one run; machines are shared and noisy."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

Figure = tuple[float, float]
Measure = Callable[[], Figure | dict[str, Figure]]


def measures() -> Iterator[tuple[str, str, str, Measure]]:
    """Name, what is measured, how to read the limit, the function."""
    from bench import bench_draw, bench_pdf, bench_public

    yield (
        "L1",
        "search of 2-4 characters, first 20, 400,000 sites, beside a point look-up of the same driver",
        "<=",
        bench_public.l1,
    )
    yield "H1", "uncached facility page, CPU share, beside a bare Flask hello", ">=", bench_public.h1
    yield "D1", "verifiable pick of 400,000, beside bare SHA-256", "<=", bench_draw.d1
    yield "D2", "team assignment 5,000 sites x 2 of 600, seconds of one core", "<=", bench_draw.d2
    yield "W1", "report PDF, reports a minute, beside Chromium with kept pages", ">=", bench_pdf.w1
    yield "W2", "cost a page from 8 to 35 pages", "<=", bench_pdf.w2


def main(wanted: list[str]) -> int:
    """Run the wanted measures, or all; a goal that is missed is printed, not hidden, and does not fail the run."""
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, what, sign, measure in measures():
        if wanted and name not in wanted:
            continue
        figures = measure()
        for part, (ratio, limit) in (figures if isinstance(figures, dict) else {"": figures}).items():
            met = ratio <= limit if sign == "<=" else ratio >= limit
            print(
                f"{name}  {ratio:8.2f}  goal {sign} {limit:g}  {'met' if met else 'MISSED'}  {what} {part}".rstrip(), flush=True
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
