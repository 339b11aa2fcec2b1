"""Waits with a timeout in some threads, and threads that these start: what ``threading`` has for that asks which thread is waiting."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from fake_kfp import forks

_ON_THE_WAY = ("threading", "queue", "concurrent.futures._base", "concurrent.futures.thread")
"""Modules that wait for whoever calls them."""
_IN_REAL_TIME = ("fake_kfp", "grpc", "asyncio")
"""Packages whose own waits are for what happens in real time."""


class Waiter(Protocol):
    """How a thread waits."""

    def wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Lets so much time pass, or less, if it is over before."""

    def idle(self) -> AbstractContextManager[None]:
        """While it waits without a limit for what others do."""

    def begins(self) -> Callable[[Callable[[], object]], None] | None:
        """Counts a thread that it is about to start, and gives what does such a thread's work; None where those live as ever."""


class _Threads(threading.local):
    def __init__(self) -> None:
        self.waiters: list[Waiter] = []
        self.waits_really = False


_threads = _Threads()
_lock = forks.Lock()
_inside = 0
_REAL: dict[str, Any] = {}


@contextmanager
def waiting_by(waiter: Waiter) -> Iterator[None]:
    """Inside, this thread waits so. What is replaced for that is put back when the last thread has left."""
    _enter()
    _threads.waiters.append(waiter)
    try:
        yield
    finally:
        _threads.waiters.pop()
        _leave()


@contextmanager
def really() -> Iterator[None]:
    """Inside, this thread waits as ever: for what waiters do themselves."""
    before, _threads.waits_really = _threads.waits_really, True
    try:
        yield
    finally:
        _threads.waits_really = before


def waits_really() -> bool:
    """Whether this thread is inside :func:`really`."""
    return _threads.waits_really


def _enter() -> None:
    global _inside
    with _lock.held:
        _inside += 1
        if _inside == 1:
            _REAL.update({name: getattr(owner, method) for name, (owner, method, _) in _REPLACED.items()})
            for owner, method, replacement in _REPLACED.values():
                setattr(owner, method, replacement)


def _leave() -> None:
    global _inside
    with _lock.held:
        _inside -= 1
        if _inside == 0:
            for name, (owner, method, replacement) in _REPLACED.items():
                if getattr(owner, method) is replacement:  # else somebody else has put something there
                    setattr(owner, method, _REAL[name])


def _present() -> Waiter | None:
    if not _threads.waiters or _threads.waits_really:
        return None
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") in _ON_THE_WAY:
        frame = frame.f_back
    name = "" if frame is None else str(frame.f_globals.get("__name__"))
    return None if name.partition(".")[0] in _IN_REAL_TIME else _threads.waiters[-1]


def _wait(condition: Any, timeout: float | None = None) -> bool:
    """In place of ``Condition.wait``, by which events, queues, barriers and futures wait as well."""
    waiter = _present()
    if waiter is None:
        notified: bool = _REAL["wait"](condition, timeout)
        return notified
    if timeout is None:
        with waiter.idle():
            _REAL["wait"](condition)
        return True
    return _timed_wait(condition, timeout, waiter)


def _timed_wait(condition: Any, timeout: float, waiter: Waiter) -> bool:
    """As the standard library's, but for how time passes."""
    if not condition._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    mine = threading.Lock()
    mine.acquire()
    condition._waiters.append(mine)
    saved = condition._release_save()
    notified = False
    try:
        waiter.wait(max(timeout, 0), lambda: not mine.locked())
        notified = mine.acquire(blocking=False)
    finally:
        condition._acquire_restore(saved)
        if not notified and mine in condition._waiters:
            condition._waiters.remove(mine)
    return notified


def _join(thread: threading.Thread, timeout: float | None = None) -> None:
    """In place of ``Thread.join``."""
    waiter = _present()
    if waiter is None:
        _REAL["join"](thread, timeout)
    elif timeout is None:
        with waiter.idle():
            _REAL["join"](thread)
    else:
        waiter.wait(max(timeout, 0), lambda: not thread.is_alive())
        _REAL["join"](thread, 0)


def _start(thread: threading.Thread) -> None:
    """In place of ``Thread.start``: a thread that lives otherwise does so from its beginning, and is counted before."""
    waiter = _present()
    live = None if waiter is None else waiter.begins()
    if live is None:
        _REAL["start"](thread)
        return
    run = thread.run
    thread.run = lambda: live(run)  # type: ignore[method-assign]
    try:
        _REAL["start"](thread)
    except BaseException:
        live(lambda: None)  # there is none after all
        raise


_REPLACED: dict[str, tuple[Any, str, Any]] = {
    "wait": (threading.Condition, "wait", _wait),
    "join": (threading.Thread, "join", _join),
    "start": (threading.Thread, "start", _start),
}
