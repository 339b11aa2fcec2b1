"""The world's clock, as a test author has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fake_kfp.control import waiting
from fake_kfp.control.sleeping import Sleeper
from fake_kfp.deployment import Deployment


class ClockView:
    """The world's clock."""

    def __init__(self, source: Callable[[], Deployment]) -> None:
        self._source = source
        self._sleeper = Sleeper(source)

    def now(self) -> datetime:
        """The simulated time, in UTC."""
        return self._source().clock.now()

    def advance(
        self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Moves the clock on and returns the new time; a negative sum raises ValueError."""
        return waiting.advance(self._source(), seconds + 60 * minutes + 3600 * hours + 86400 * days)

    def run_until(
        self, until: str | datetime | Callable[[], object], timeout: float | timedelta | None = None
    ) -> datetime:
        """Lets everything happen up to a moment, or one event after the other until a function says that it is so; gives the new time.

        ``timeout`` is in simulated seconds. Raises TimeoutError once it has passed, or once nothing is due any more; ValueError where
        ``until`` is no moment. A moment that is over already is no wait.
        """
        deployment, limit = self._source(), waiting.seconds_of(timeout)
        if callable(until):
            waiting.run_until(deployment, until, limit)
        else:
            waiting.run_to(deployment, waiting.moment_of(until), limit)
        return self.now()

    def sleep(self, seconds: float) -> None:
        """To be given to a poller in place of :func:`time.sleep`: on to the next event, in steps of so many seconds."""
        self._sleeper(seconds)
