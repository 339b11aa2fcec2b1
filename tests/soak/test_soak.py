"""A short soak, and that a growing one would be noticed; ``make soak`` makes a million calls."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

from fake_kfp import FakeKfp
from tests.soak.load import MOST, Load
from tests.soak.marks import BOUNDS, WARM_UP, Mark, grown, ratios, soak

PLAIN = Mark(WARM_UP + 1, *[1000.0] * len(BOUNDS))


def changed(mark: Mark, name: str, value: float) -> Mark:
    changes: dict[str, Any] = {name: value}
    return replace(mark, **changes)


def test_mixed_calls_are_answered_and_leave_the_world_small() -> None:
    with (
        FakeKfp(simulation="clocked", now="2024-01-01T00:00:00Z", speed=0, seed=1) as fake,
        closing(Load(fake)) as load,
    ):
        marks = list(soak(fake, load, calls=300, minutes=1, every=100))
    assert len(marks) == 3
    assert marks[-1].calls >= 300
    answered = {name for name, code in load.answers if code in ("OK", "200")}
    wanted = {
        "RetryRun",
        "TerminateRunV1",
        "CreateRecurringRun",
        "DeleteRun",
        "ReportWorkflowV1",
        "upload",
    }
    assert wanted - answered == set()
    assert marks[-1].records < 20 * sum(MOST.values())


def test_what_grows_is_noticed_and_a_warm_up_is_not() -> None:
    flat = [replace(PLAIN, calls=1, memory_kb=1.0), *[PLAIN] * 12]
    assert grown(ratios(flat)) == []
    for name in BOUNDS:
        growing = [changed(mark, name, 1000.0 * (1 + at / 3)) for at, mark in enumerate(flat)]
        assert grown(ratios(growing)) == [name]


def test_a_single_slow_mark_is_no_growth() -> None:
    assert grown(ratios([*[PLAIN] * 12, replace(PLAIN, p99_us=1e6)])) == []
