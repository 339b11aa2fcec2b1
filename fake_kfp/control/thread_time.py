"""Another time for some threads: what modules have of ``time`` and the like is replaced, and asks which thread is looking."""

from __future__ import annotations

import asyncio
import datetime
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

from fake_kfp import forks


class ThreadTime(Protocol):
    """A time to live by."""

    def sleep(self, seconds: float) -> None:
        """In place of :func:`time.sleep`."""

    def time(self) -> float:
        """In place of :func:`time.time`."""

    def monotonic(self) -> float:
        """In place of :func:`time.monotonic`."""


@contextmanager
def shown(modules: Iterable[ModuleType], its_time: ThreadTime) -> Iterator[None]:
    """Shows this thread, and no other, another time wherever these modules have names of ``time``, ``datetime`` and ``asyncio.sleep``.

    The modules ``time`` and ``asyncio`` themselves may be among them. Their names are put back when the last thread has left.
    """
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(_shown(module, its_time))
        yield


@contextmanager
def _shown(module: ModuleType, its_time: ThreadTime) -> Iterator[None]:
    with _lock.held:
        replaced = _replaced.setdefault(module, _Replaced(module))
        replaced.enter()
    times = _threads.times.setdefault(module, [])
    times.append(its_time)
    try:
        yield
    finally:
        times.pop()
        with _lock.held:
            if replaced.leave():
                del _replaced[module]


class _Threads(threading.local):
    """For each thread: by which times it lives in which modules, the innermost last."""

    def __init__(self) -> None:
        self.times: dict[ModuleType, list[ThreadTime]] = {}


@dataclass
class _Replaced:
    """What was put in place of a module's names, as long as somebody is inside."""

    module: ModuleType
    inside: int = 0
    before: dict[str, Any] = field(default_factory=dict)
    now: dict[str, Any] = field(default_factory=dict)

    def enter(self) -> None:
        self.inside += 1
        if self.inside > 1:
            return
        for name, value in list(vars(self.module).items()):
            replacement = _REPLACEMENTS.get(id(value))
            if replacement is not None:
                self.before[name] = value
                self.now[name] = replacement(self.module, value)
                setattr(self.module, name, self.now[name])

    def leave(self) -> bool:
        self.inside -= 1
        if self.inside:
            return False
        for name, value in self.before.items():
            if vars(self.module).get(name) is self.now[name]:  # else somebody else has put something there
                setattr(self.module, name, value)
        return True


_lock = forks.Lock()
_threads = _Threads()
_replaced: dict[ModuleType, _Replaced] = {}

_FUNCTIONS: dict[str, Callable[[ThreadTime], Callable[..., Any]]] = {
    "sleep": lambda its_time: its_time.sleep,
    "time": lambda its_time: its_time.time,
    "monotonic": lambda its_time: its_time.monotonic,
    "time_ns": lambda its_time: lambda: int(its_time.time() * 1e9),
    "monotonic_ns": lambda its_time: lambda: int(its_time.monotonic() * 1e9),
}


def _present(module: ModuleType) -> ThreadTime | None:
    times = _threads.times.get(module)
    return times[-1] if times else None


def _function(name: str) -> Callable[[ModuleType, Any], Any]:
    def replace(module: ModuleType, real: Any) -> Any:
        def call(*arguments: Any) -> Any:
            its_time = _present(module)
            return (real if its_time is None else _FUNCTIONS[name](its_time))(*arguments)

        call.__name__ = name
        return call

    return replace


def _async_sleep(module: ModuleType, real: Any) -> Any:
    async def sleep(delay: float, result: Any = None) -> Any:
        its_time = _present(module)
        if its_time is None or delay <= 0:
            return await real(delay, result)
        its_time.sleep(delay)
        return await real(0, result)  # others are to have their turn, as ever

    return sleep


def _asyncio_module(module: ModuleType, real: ModuleType) -> Any:
    return SimpleNamespace(**{**vars(real), "sleep": _async_sleep(module, asyncio.sleep)})


def _time_module(module: ModuleType, real: ModuleType) -> Any:
    functions = {name: _function(name)(module, getattr(real, name)) for name in _FUNCTIONS}
    return SimpleNamespace(**{**vars(real), **functions})


def _datetime_module(module: ModuleType, real: ModuleType) -> Any:
    return SimpleNamespace(**{**vars(real), "datetime": _datetime_class(module, datetime.datetime)})


def _datetime_class(module: ModuleType, real: Any) -> Any:
    """A class that makes real datetimes, and counts all of them as its own."""

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, real)

    def now(tz: datetime.tzinfo | None = None) -> Any:
        its_time = _present(module)
        return real.now(tz) if its_time is None else real.fromtimestamp(its_time.time(), tz)

    def utcnow() -> Any:
        return now(datetime.timezone.utc).replace(tzinfo=None)

    def make(cls: type, *arguments: Any, **named: Any) -> Any:
        return real(*arguments, **named)

    body = {
        "__new__": make,
        "now": staticmethod(now),
        "today": staticmethod(lambda: now()),
        "utcnow": staticmethod(utcnow),
    }
    return Meta("datetime", (real,), body)


# by identity: a module may have them under any name
_REPLACEMENTS: dict[int, Callable[[ModuleType, Any], Any]] = {
    **{id(getattr(time, name)): _function(name) for name in _FUNCTIONS},
    id(asyncio.sleep): _async_sleep,
    id(asyncio): _asyncio_module,
    id(time): _time_module,
    id(datetime): _datetime_module,
    id(datetime.datetime): _datetime_class,
}
