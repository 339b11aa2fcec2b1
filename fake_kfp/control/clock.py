"""The world's clock, as a test author has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fake_kfp.deployment import Deployment


class ClockView:
    """The world's clock."""

    def __init__(self, source: Callable[[], Deployment]) -> None:
        self._source = source

    def now(self) -> datetime:
        """The simulated time, in UTC."""
        return self._source().clock.now()

    def advance(
        self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Moves the clock on and returns the new time; a negative sum raises ValueError."""
        with self._source().visit(step=False) as deployment:
            return deployment.advance(seconds + 60 * minutes + 3600 * hours + 86400 * days)
