"""Worker threads that never keep a process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any

from fake_kfp import forks

_Work = tuple["Future[Any]", Callable[[], Any]]


class DaemonPool(Executor):
    """An executor of at most ``limit`` daemon threads, started as they are needed.

    The standard library's pool joins its threads when the interpreter exits: one open stream of a server that nobody stopped
    would hang the process there.
    """

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._begin()
        forks.tell(self._begin)

    def _begin(self) -> None:
        """Without threads, as at first and in a forked child."""
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._started = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Runs ``fn`` on an idle thread, a new one, or, at the limit, the first that becomes free."""
        future: Future[Any] = Future()
        self._work.put((future, partial(fn, *args, **kwargs)))
        if not self._idle.acquire(blocking=False):
            self._start_another()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Lets every thread end once it has nothing left to do; does not wait for that, whatever ``wait`` says."""
        with self._lock:
            for _ in range(self._started):
                self._work.put(None)
            self._started = 0

    def _start_another(self) -> None:
        with self._lock:
            if self._started < self._limit:
                self._started += 1
                threading.Thread(target=self._run, name=f"{self._name}-{self._started}", daemon=True).start()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            future, call = work
            if future.set_running_or_notify_cancel():
                _settle(future, call)
            del future, call, work  # an idle thread keeps nothing alive
            self._idle.release()


def _settle(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:
        future.set_exception(error)
