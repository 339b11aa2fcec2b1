"""When recurring runs are due, as the scheduled-workflow controller counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.times import ZERO_SECONDS
from fake_kfp.services.jobs.schedules import next_due
from fake_kfp.store.records import Trigger

CREATED = 1_000_000
HOURLY = "0 0 * * * *"


def due(
    trigger: Trigger, *, last: int | None = None, now: int = CREATED, catch_up: bool = True
) -> int | None:
    return next_due(trigger, last, CREATED, now, catch_up)


def all_due(trigger: Trigger, *, now: int, catch_up: bool) -> list[int]:
    """Every time for which a run is made by ``now``, if the controller first looks then."""
    times: list[int] = []
    while (
        next_time := due(trigger, last=times[-1] if times else None, now=now, catch_up=catch_up)
    ) is not None:
        if next_time > now:
            break
        times.append(next_time)
    return times


def test_without_trigger_a_run_is_due_once_when_the_job_is_made() -> None:
    assert due(Trigger()) == CREATED
    assert due(Trigger(), last=CREATED) is None


def test_the_first_interval_counts_from_the_making() -> None:
    assert due(Trigger(interval_seconds=60)) == CREATED + 60


def test_the_first_interval_counts_from_a_start_that_was_given() -> None:
    assert due(Trigger(interval_seconds=60, periodic_start=CREATED + 1000)) == CREATED + 1060
    assert due(Trigger(interval_seconds=60, periodic_start=0), now=CREATED) == 60


def test_no_interval_ends_after_the_end() -> None:
    trigger = Trigger(interval_seconds=60, periodic_end=CREATED + 100)
    assert due(trigger) == CREATED + 60
    assert due(trigger, last=CREATED + 60) is None


def test_the_end_itself_is_due() -> None:
    assert due(Trigger(interval_seconds=60, periodic_end=CREATED + 60)) == CREATED + 60


@pytest.mark.parametrize("catch_up", [True, False])
def test_gos_zero_time_is_none(catch_up: bool) -> None:
    """Go clients send it for times that they leave out."""
    zero = ZERO_SECONDS
    for told, plain in (
        (Trigger(interval_seconds=60, periodic_start=zero, periodic_end=zero), Trigger(interval_seconds=60)),
        (Trigger(cron=HOURLY, cron_start=zero, cron_end=zero), Trigger(cron=HOURLY)),
    ):
        now = CREATED + 10_000
        assert due(told, now=now, catch_up=catch_up) == due(plain, now=now, catch_up=catch_up)


def test_cron_counts_from_the_making_the_start_or_the_last_run() -> None:
    assert due(Trigger(cron=HOURLY)) == 1_000_800
    assert due(Trigger(cron=HOURLY, cron_start=CREATED + 86400)) == 1_087_200
    assert due(Trigger(cron=HOURLY), last=1_000_800) == 1_004_400


def test_cron_ends_with_its_end() -> None:
    assert due(Trigger(cron=HOURLY, cron_end=1_000_800)) == 1_000_800
    assert due(Trigger(cron=HOURLY, cron_end=1_000_799)) is None


def test_a_line_that_never_fits_is_never_due() -> None:
    assert due(Trigger(cron="0 0 0 31 2 *")) is None


@pytest.mark.parametrize(
    "trigger",
    [
        Trigger(interval_seconds=3600, periodic_start=0, periodic_end=7200),
        Trigger(cron=HOURLY, cron_start=0, cron_end=7200),
    ],
)
def test_a_time_long_past_is_caught_up_with_run_by_run_or_made_good_by_one_run(trigger: Trigger) -> None:
    assert all_due(trigger, now=CREATED, catch_up=True) == [3600, 7200]
    assert all_due(trigger, now=CREATED, catch_up=False) == [7200]


def test_without_catching_up_an_interval_missed_long_ago_is_due_now() -> None:
    trigger = Trigger(interval_seconds=60)
    assert due(trigger, now=CREATED + 1000, catch_up=False) == CREATED + 1000
    assert due(trigger, now=CREATED + 119, catch_up=False) == CREATED + 60


@given(st.integers(1, 5000), st.integers(0, 20_000), st.integers(0, 20_000))
def test_catching_up_makes_a_run_for_every_interval_there_was(interval: int, start: int, length: int) -> None:
    trigger = Trigger(interval_seconds=interval, periodic_start=start, periodic_end=start + length)
    assert all_due(trigger, now=CREATED, catch_up=True) == list(
        range(start + interval, start + length + 1, interval)
    )


@given(
    st.sampled_from(["@every 7m", "@hourly", "*/40 * * * * *"]), st.integers(0, 5000), st.integers(0, 5000)
)
def test_without_catching_up_only_the_last_of_the_missed_cron_times_is_left(
    line: str, start: int, length: int
) -> None:
    trigger = Trigger(cron=line, cron_start=start, cron_end=start + length)
    every = all_due(trigger, now=CREATED, catch_up=True)
    assert all_due(trigger, now=CREATED, catch_up=False) == every[-1:]
