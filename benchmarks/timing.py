"""Timing and the table that shows it.

Client and server share one process, so its CPU time is the whole cost of a call; it says more than the clock on a machine that has
other things to do.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SAMPLES = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """What one operation takes, in microseconds: the least and the median of some samples, and the least CPU time."""

    name: str
    least: float
    median: float
    cpu: float

    def divided(self, name: str, by: int) -> Figure:
        """What one of so many takes."""
        return Figure(name, self.least / by, self.median / by, self.cpu / by)


def measure(
    name: str, operation: Callable[[], object], *, calls: int = 200, samples: int = SAMPLES
) -> Figure:
    """Times an operation: ``samples`` times the mean of ``calls`` calls, after a warm-up."""
    for _ in range(max(1, calls // 10)):
        operation()
    times, cpu_times = [], []
    for _ in range(samples):
        seconds, cpu_seconds = _timed(operation, calls)
        times.append(seconds / calls * 1e6)
        cpu_times.append(cpu_seconds / calls * 1e6)
    return Figure(name, min(times), statistics.median(times), min(cpu_times))


def once(name: str, operation: Callable[[], object]) -> Figure:
    """Times an operation that can't be repeated."""
    seconds, cpu_seconds = _timed(operation, 1)
    return Figure(name, seconds * 1e6, seconds * 1e6, cpu_seconds * 1e6)


def _timed(operation: Callable[[], object], calls: int) -> tuple[float, float]:
    start, cpu_start = time.perf_counter(), _cpu_seconds()
    for _ in range(calls):
        operation()
    return time.perf_counter() - start, _cpu_seconds() - cpu_start


def _cpu_seconds() -> float:
    """The CPU time of this process and of the children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Table:
    """Prints figures as they come, each beside its ratio to the first one of the table.

    Where an earlier table had figures of the same names, the ratio of CPU times to those is printed, too.
    """

    def __init__(
        self, title: str, reference: Figure | None = None, earlier: Mapping[str, Figure] | None = None
    ) -> None:
        self._reference = reference
        self._earlier = earlier or {}
        last = f" {'to v1':>8}" if self._earlier else ""
        print(f"\n{title}\n{'':52} {'least':>12} {'median':>12} {'CPU':>12} {'ratio':>8}{last}")

    def add(self, figure: Figure) -> Figure:
        """Prints one figure."""
        self._reference = self._reference or figure
        ratio = figure.least / self._reference.least
        times = (f"{_shown(each):>12}" for each in (figure.least, figure.median, figure.cpu))
        before = self._earlier.get(figure.name)
        last = f" {figure.cpu / before.cpu:8.2f}" if before else ""
        print(f"{figure.name:52} {' '.join(times)} {ratio:8.2f}{last}", flush=True)
        return figure


def _shown(microseconds: float) -> str:
    if microseconds < 10_000:
        return f"{microseconds:,.1f} us"
    return f"{microseconds / 1e3:,.1f} ms" if microseconds < 1e7 else f"{microseconds / 1e6:,.1f} s"
