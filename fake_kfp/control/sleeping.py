"""Times for threads of the test: the fake's, and the wall clock's with what was slept by the fake's on top."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import ModuleType

from fake_kfp.control import waiting
from fake_kfp.control.thread_time import shown
from fake_kfp.deployment import Deployment

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
def sleeping(source: Source, modules: tuple[ModuleType, ...]) -> Iterator[None]:
    """Puts this thread under the fake's clock: in these modules, or, without any, wherever it sleeps; in the SDK, too."""
    sleeper = Sleeper(source)
    with (
        shown([*modules, *loaded_sdk()], FakeTime(source, sleeper)),
        shown([] if modules else [time, asyncio], SleptTime(sleeper)),
    ):
        yield


class Sleeper:
    """A function to sleep with: on to the next event, in steps of the length that is asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._idle = 0
        self.slept = 0.0
        """Seconds."""

    def __call__(self, seconds: float) -> None:
        """Raises ValueError for less than none, TimeoutError after :data:`MOST_IDLE_SLEEPS` in a row in which nothing was due."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        deployment = self._source()
        before = deployment.clock.now()
        self._idle = 0 if waiting.sleep(deployment, seconds) else self._idle + 1
        self.slept += (deployment.clock.now() - before).total_seconds()
        if self._idle >= MOST_IDLE_SLEEPS:
            text = f"nothing was due during {self._idle} sleeps in a row"
            raise TimeoutError(f"{text}: {waiting.describe_all(deployment)}")


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
        return _WALL() + self._sleeper.slept

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return monotonic() + self._sleeper.slept
