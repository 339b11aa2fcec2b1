"""Timing and the table that shows it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

SAMPLES = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """What one operation takes, in microseconds: the least and the median of some samples."""

    name: str
    least: float
    median: float


def measure(
    name: str, operation: Callable[[], object], *, calls: int = 200, samples: int = SAMPLES
) -> Figure:
    """Times an operation: ``samples`` times the mean of ``calls`` calls, after a warm-up."""
    for _ in range(max(1, calls // 10)):
        operation()
    means = []
    for _ in range(samples):
        start = time.perf_counter()
        for _ in range(calls):
            operation()
        means.append((time.perf_counter() - start) / calls * 1e6)
    return Figure(name, min(means), statistics.median(means))


def once(name: str, operation: Callable[[], object]) -> Figure:
    """Times an operation that can't be repeated."""
    start = time.perf_counter()
    operation()
    taken = (time.perf_counter() - start) * 1e6
    return Figure(name, taken, taken)


class Table:
    """Prints figures as they come, each beside its ratio to the first one of the table."""

    def __init__(self, title: str, reference: Figure | None = None) -> None:
        self._reference = reference
        print(f"\n{title}\n{'':52} {'least':>12} {'median':>12} {'ratio':>8}")

    def add(self, figure: Figure) -> Figure:
        """Prints one figure."""
        self._reference = self._reference or figure
        ratio = figure.median / self._reference.median
        print(
            f"{figure.name:52} {_shown(figure.least):>12} {_shown(figure.median):>12} {ratio:8.2f}",
            flush=True,
        )
        return figure


def _shown(microseconds: float) -> str:
    if microseconds < 10_000:
        return f"{microseconds:,.1f} us"
    return f"{microseconds / 1e3:,.1f} ms" if microseconds < 1e7 else f"{microseconds / 1e6:,.1f} s"
