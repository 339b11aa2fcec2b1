"""What a soak notes as it goes, and whether that is flat."""

from __future__ import annotations

import gc
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from statistics import median

from fake_kfp import FakeKfp
from fake_kfp.control.journal import MAX_CALLS
from tests.soak.load import Load

BOUNDS = {
    "memory_kb": 1.15,
    "objects": 1.15,
    "due": 2,
    "records": 1.5,
    "cpu_us": 1.3,
    "p50_us": 1.5,
    "p99_us": 2,
}
"""By which factor the last third of the marks may exceed the first. What the clock says also tells of the machine's other work."""

WARM_UP = MAX_CALLS
"""Marks after fewer calls are left out: until then the journal of calls fills."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What was found after so many calls: what the process holds, how much is due, and what calls cost since the mark before."""

    calls: int
    memory_kb: float
    objects: float
    due: float
    records: float
    cpu_us: float
    p50_us: float
    p99_us: float

    def __str__(self) -> str:
        return "  ".join(f"{each.name} {getattr(self, each.name):,.0f}" for each in fields(self))


def soak(fake: FakeKfp, load: Load, calls: int, minutes: float, every: int) -> Iterator[Mark]:
    """Makes so many calls, for so long at most, and gives a mark after each ``every`` calls."""
    end = time.monotonic() + minutes * 60
    done = 0
    while done < calls and time.monotonic() < end:
        load.seconds.clear()
        start = time.process_time()
        while len(load.seconds) < every:
            load.step()
        cpu = time.process_time() - start
        done += len(load.seconds)
        yield _mark(fake, done, cpu, sorted(load.seconds))


def _mark(fake: FakeKfp, calls: int, cpu: float, seconds: Sequence[float]) -> Mark:
    gc.collect()
    services, world = fake.deployment.services, fake.deployment.world
    due = len(services.scheduler._agenda) + len(fake.deployment.simulation._agenda)
    tables = (
        world.experiments,
        world.runs,
        world.pipelines,
        world.pipeline_versions,
        world.jobs,
        world.tasks,
    )
    return Mark(
        calls,
        memory_kb=_memory(),
        objects=len(gc.get_objects()),
        due=due,
        records=sum(len(table) for table in tables),
        cpu_us=1e6 * cpu / len(seconds),
        p50_us=1e6 * seconds[len(seconds) // 2],
        p99_us=1e6 * seconds[len(seconds) * 99 // 100],
    )


def _memory() -> int:
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(os.getpid())], text=True))


def ratios(marks: Sequence[Mark]) -> dict[str, float]:
    """For each figure its median in the last third of the marks by that in the first. Raises AssertionError for too few marks."""
    counted = [mark for mark in marks if mark.calls > WARM_UP]
    assert len(counted) >= 3, f"the marks after the first {WARM_UP:,} calls are too few to compare"
    third = len(counted) // 3

    def of(part: Sequence[Mark], name: str) -> float:
        return max(1.0, float(median(getattr(mark, name) for mark in part)))

    return {name: of(counted[-third:], name) / of(counted[:third], name) for name in BOUNDS}


def grown(found: dict[str, float]) -> list[str]:
    """The figures that exceed their bounds."""
    return [name for name, ratio in found.items() if ratio > BOUNDS[name]]
