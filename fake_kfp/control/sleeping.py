"""Times for threads of the test: the fake's, and the wall clock's with what was slept by the fake's on top."""

from __future__ import annotations

import asyncio
import concurrent.futures._base
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from time import monotonic
from types import ModuleType

from fake_kfp.control import waiting
from fake_kfp.control.thread_time import shown
from fake_kfp.control.thread_waits import really, waiting_by, waits_really
from fake_kfp.control.turns import Turns
from fake_kfp.deployment import Deployment
from fake_kfp.golang.times import later

MOST_IDLE_SLEEPS = 10_000
"""So often a thread may sleep while nothing is due; then it would hang."""

SDK_MODULES = ("kfp.client.client", "kfp._client")
"""Where the SDK's clients are defined: in kfp 2.x, and in 1.8."""

_WALL = time.time  # noqa: TID251 - what threads that sleep by the fake's clock count on from
Source = Callable[[], Deployment]


def loaded_sdk() -> list[ModuleType]:
    """The modules of the SDK that somebody has imported by now."""
    return [sys.modules[name] for name in SDK_MODULES if name in sys.modules]


@contextmanager
def sleeping(
    source: Source, modules: tuple[ModuleType, ...], *, waits: bool = False, threads: bool = False
) -> Iterator[None]:
    """Puts this thread under the fake's clock: in these modules, or, without any, wherever it sleeps; in the SDK, too.

    With ``waits`` what it waits for with a timeout as well; with ``threads`` that, and all threads that it starts.
    """
    turns = Turns() if threads else None
    sleeper = Sleeper(source, turns)

    @contextmanager
    def life() -> Iterator[None]:
        slept = SleptTime(sleeper)
        with ExitStack() as stack:
            stack.enter_context(shown([*modules, *loaded_sdk()], FakeTime(source, sleeper)))
            stack.enter_context(shown([] if modules else [time, asyncio], slept))
            if waits or threads:
                stack.enter_context(shown(_OF_WAITS, slept))
                stack.enter_context(waiting_by(Waits(sleeper, turns, life)))
            yield

    if turns is not None:
        turns.enter()
    try:
        with life():
            yield
    finally:
        if turns is not None:
            turns.leave()


_OF_WAITS = (threading, queue, concurrent.futures._base)
"""Modules that work out for themselves how long is left of a timeout."""


class Sleeper:
    """A function to sleep with: on to the next event, in steps of the length that is asked for. Threads that share it take ``turns``."""

    def __init__(self, source: Source, turns: Turns | None = None) -> None:
        self._source = source
        self._turns = turns
        self._idle = 0
        self.slept = 0.0
        """Seconds."""

    def __call__(self, seconds: float) -> None:
        """Raises ValueError for less than none, TimeoutError after :data:`MOST_IDLE_SLEEPS` in a row in which nothing was due."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        with really():
            deployment = self._source()
            before = deployment.clock.now()
            if self._turns is None:
                is_due = waiting.sleep(deployment, seconds)
                self.slept += (deployment.clock.now() - before).total_seconds()
            else:
                is_due = waiting.is_due(deployment)
                self._turns.sleep(lambda: waiting.wakes_at(deployment, before, seconds), self._go_to)
            self._count(deployment, is_due)

    def wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Lets just so much time pass, or less, if it is over before. Raises TimeoutError as above."""
        with really():
            deployment = self._source()
            moment = later(deployment.clock.now(), seconds)
            is_due = waiting.is_due(deployment)
            if self._turns is not None:
                self._turns.sleep(lambda: deployment.clock.now() if is_over() else moment, self._go_to)
            elif not is_over():
                self._go_to(moment)
            self._count(deployment, is_due)

    def _go_to(self, moment: datetime) -> None:
        deployment = self._source()
        before = deployment.clock.now()
        waiting.run_to(deployment, moment)
        self.slept += (deployment.clock.now() - before).total_seconds()

    def _count(self, deployment: Deployment, is_due: bool) -> None:
        self._idle = 0 if is_due else self._idle + 1
        if self._idle >= MOST_IDLE_SLEEPS:
            text = f"nothing was due during {self._idle} sleeps in a row"
            raise TimeoutError(f"{text}: {waiting.describe_all(deployment)}")


class Waits:
    """How a thread under the fake's clock waits, and how threads live that it starts."""

    def __init__(
        self, sleeper: Sleeper, turns: Turns | None, life: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._turns = turns
        self._life = life
        self.wait = sleeper.wait

    @contextmanager
    def idle(self) -> Iterator[None]:
        """While it waits without a limit, others go on without it."""
        if self._turns is None:
            yield
            return
        with really():
            self._turns.leave()
        try:
            yield
        finally:
            with really():
                self._turns.enter()

    def begins(self) -> Callable[[Callable[[], object]], None] | None:
        """Counts a thread that is about to start; it lives as this one does."""
        if self._turns is None:
            return None
        self._turns.enter()
        return self._live

    def _live(self, run: Callable[[], object]) -> None:
        assert self._turns is not None
        try:
            with self._life():
                run()
        finally:
            self._turns.leave()


class FakeTime:
    """The fake's clock, and a way to sleep."""

    def __init__(self, source: Source, sleep: Callable[[float], object]) -> None:
        self._source = source
        self._sleep = sleep

    def sleep(self, seconds: float) -> None:
        """As told."""
        self._sleep(seconds)

    def time(self) -> float:
        """Seconds since 1970 by the fake's clock."""
        return self._source().clock.now().timestamp()

    monotonic = time


class SleptTime:
    """The wall clock, and the seconds that were slept by the fake's.

    For names that libraries share: gRPC, for one, gives the operating system moments to wait for that it makes of ``time.time()``.
    """

    def __init__(self, sleeper: Sleeper) -> None:
        self._sleeper = sleeper

    def sleep(self, seconds: float) -> None:
        """On to the next event."""
        self._sleeper(seconds)

    def time(self) -> float:
        """Seconds since 1970."""
        return _WALL() + self._slept()

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return monotonic() + self._slept()

    def _slept(self) -> float:
        return 0.0 if waits_really() else self._sleeper.slept
