"""The pool of daemon threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fake_kfp.transport.threads import DaemonPool


@pytest.fixture
def pool() -> Iterator[DaemonPool]:
    made = DaemonPool(2, "test")
    yield made
    made.shutdown()


def test_work_is_done_and_its_result_handed_back(pool: DaemonPool) -> None:
    assert pool.submit(pow, 2, exp=5).result(timeout=60) == 32


def test_an_exception_is_handed_back_and_the_thread_goes_on(pool: DaemonPool) -> None:
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result(timeout=60)
    assert pool.submit(len, "abc").result(timeout=60) == 3


def test_work_beyond_the_limit_waits_for_a_free_thread(pool: DaemonPool) -> None:
    go = threading.Event()
    busy = [pool.submit(go.wait, 60) for _ in range(2)]
    waiting = pool.submit(threading.current_thread)
    assert not waiting.done()
    go.set()
    assert all(future.result(timeout=60) for future in busy)
    assert waiting.result(timeout=60).name in {"test-1", "test-2"}


def test_the_threads_are_daemons_and_end_on_shutdown(pool: DaemonPool) -> None:
    thread = pool.submit(threading.current_thread).result(timeout=60)
    assert thread.daemon
    pool.shutdown()
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_work_that_was_cancelled_is_left_out(pool: DaemonPool) -> None:
    go = threading.Event()
    for _ in range(2):
        pool.submit(go.wait, 60)
    cancelled = pool.submit(pytest.fail, "this was cancelled")
    assert cancelled.cancel()
    go.set()
    assert pool.submit(len, "ab").result(timeout=60) == 2
