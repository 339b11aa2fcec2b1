"""Waits with a timeout, and threads of the code under test, by the fake's clock, where the test says so."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDone
from typing import Any

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import create_run, get_run, rest

REAL = (threading.Condition.wait, threading.Thread.start, threading.Thread.join)
HOUR = 3600.0


def fake_sleep(seconds: float) -> None:
    """As the code under test does."""
    time.sleep(seconds)  # noqa: TID251


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    return fake_kfp


def passed(fake: FakeKfp) -> float:
    """Seconds of the fake's clock since it began."""
    return (fake.clock.now() - fake.deployment.options.now).total_seconds()  # type: ignore[operator]


def in_condition() -> None:
    condition = threading.Condition()
    with condition:
        assert not condition.wait(HOUR)


def in_condition_for() -> None:
    condition = threading.Condition()
    with condition:
        assert not condition.wait_for(lambda: False, HOUR)


def in_queue() -> None:
    with pytest.raises(queue.Empty):
        queue.Queue[int]().get(timeout=HOUR)


def in_full_queue() -> None:
    full = queue.Queue[int](1)
    full.put(1)
    with pytest.raises(queue.Full):
        full.put(2, timeout=HOUR)


def in_future() -> None:
    with pytest.raises(NotDone):
        Future[int]().result(HOUR)


def in_semaphore() -> None:
    assert not threading.Semaphore(0).acquire(timeout=HOUR)


WAITS: list[Callable[[], object]] = [
    lambda: threading.Event().wait(HOUR),
    in_condition,
    in_condition_for,
    in_queue,
    in_full_queue,
    in_future,
    in_semaphore,
]


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_lets_just_so_much_time_pass(fake: FakeKfp, wait: Callable[[], object], threads: bool) -> None:
    before = time.monotonic()
    with fake.sleeping(waits=True, threads=threads):
        began = time.monotonic()
        wait()
        assert time.monotonic() - began >= HOUR
    assert time.monotonic() - before < HOUR
    assert passed(fake) == pytest.approx(HOUR, abs=1e-3)
    assert (threading.Condition.wait, threading.Thread.start, threading.Thread.join) == REAL


def test_what_has_come_is_not_waited_for(fake: FakeKfp) -> None:
    event, filled = threading.Event(), queue.Queue[int]()
    event.set()
    filled.put(1)
    with fake.sleeping(waits=True):
        assert event.wait(HOUR)
        assert filled.get(timeout=HOUR) == 1
    assert passed(fake) == 0


@pytest.mark.parametrize("door", ["REST", "in process"])
def test_a_poller_that_waits_for_an_event_meets_the_end_of_the_run(fake: FakeKfp, door: str) -> None:
    fake.task("main").takes(minutes=30)
    run_id = create_run(fake)
    stop = threading.Event()

    def status() -> str:
        if door == "REST":
            text: str = rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")[1]["run"]["status"]
            return text
        return str(get_run(fake, run_id).run.status)

    with fake.sleeping(waits=True):
        while not stop.wait(60):
            if status() == "Succeeded":
                stop.set()
    assert passed(fake) == pytest.approx(31 * 60, abs=61)


def test_an_event_that_never_comes_is_told(fake: FakeKfp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fake_kfp.control.sleeping.MOST_IDLE_SLEEPS", 5)
    with fake.sleeping(waits=True):
        for _ in range(4):
            assert not threading.Event().wait(1)
        with pytest.raises(TimeoutError, match="nothing was due during 5 sleeps in a row"):
            threading.Event().wait(1)


def test_threads_that_it_starts_take_turns_by_the_same_clock(fake: FakeKfp) -> None:
    seen: list[tuple[str, float]] = []

    def work(name: str, every: float, times: int) -> None:
        for _ in range(times):
            fake_sleep(every)
            seen.append((name, round(passed(fake))))

    with fake.sleeping(threads=True):
        threads = [
            threading.Thread(target=work, args=each) for each in [("a", 70, 3), ("b", 100, 2), ("c", 500, 1)]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [("a", 70), ("b", 100), ("a", 140), ("b", 200), ("a", 210), ("c", 500)]


def test_a_thread_that_is_notified_goes_on_then(fake: FakeKfp) -> None:
    """And not at the end of its timeout."""
    box = queue.Queue[str]()
    got: list[tuple[str, float]] = []

    def produce() -> None:
        fake_sleep(60)
        box.put("result")
        fake_sleep(600)

    with fake.sleeping(threads=True):
        producer = threading.Thread(target=produce)
        producer.start()
        got.append((box.get(timeout=HOUR), round(passed(fake))))
        producer.join(timeout=HOUR)
        assert not producer.is_alive()
        assert round(passed(fake)) == 660
    assert got == [("result", 60)]


def test_other_threads_wait_as_ever(fake: FakeKfp) -> None:
    begun, done = threading.Event(), threading.Event()
    found: list[Any] = []

    def other() -> None:
        begun.wait()
        found.append(threading.Event().wait(0.01))
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with fake.sleeping(waits=True):
        begun.set()
        done.wait()
        assert passed(fake) == 0
        inner = threading.Thread(target=lambda: found.append(threading.Event().wait(0.01)))
        inner.start()
        inner.join()
    thread.join()
    assert (found, passed(fake)) == ([False, False], 0)


def test_an_unowned_condition_is_refused_as_ever(fake: FakeKfp) -> None:
    with fake.sleeping(waits=True), pytest.raises(RuntimeError, match="un-acquired"):
        threading.Condition().wait(1)
