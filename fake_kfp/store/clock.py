"""The one clock of a world. Nothing else in the package reads the time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from time import monotonic

from fake_kfp.golang.times import LAST_MOMENT, later


@dataclass(frozen=True, slots=True)
class ClockState:
    """Where a clock stands: when it started, and how many seconds it has moved since."""

    start: datetime
    moved: float = 0.0


class Clock:
    """Simulated time: stands still, or follows the wall clock times ``speed``; either way it can be moved on.

    ``start`` is the time it shows first (the wall clock's unless given); ``speed`` is simulated seconds per real second, 0 for a
    clock that stands still but for :meth:`advance`. All times are aware, in UTC.
    """

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        self._start = start or datetime.now(timezone.utc)
        self._speed = speed
        self._origin = monotonic()
        self._moved = 0.0
        self._shown: datetime | None = None

    def now(self) -> datetime:
        """The simulated time."""
        if self._shown is not None:
            return self._shown
        return later(self._start, self._elapsed() + self._moved)

    def seconds(self) -> int:
        """The simulated time in whole seconds since 1970: what the API's timestamps are made of."""
        return int(self.now().timestamp())

    def advance(self, seconds: float) -> datetime:
        """Moves the clock on and returns the new time; time never goes back, nor beyond the year 9999 (ValueError)."""
        if not seconds >= 0:
            raise ValueError(f"the clock can't go back by {-seconds} seconds")
        try:
            moved = self.now() + timedelta(seconds=seconds)
        except OverflowError:
            raise ValueError(
                f"{seconds} more seconds are too many: the clock ends with the year 9999"
            ) from None
        self._moved += seconds
        return moved

    def advance_to(self, moment: datetime) -> datetime:
        """Moves the clock on to a moment and returns the new time; nothing happens where that is over already."""
        moment = min(moment, LAST_MOMENT)
        missing = (moment - self.now()).total_seconds()
        while missing > 0:  # a sum of floats may come out a microsecond short
            self._moved = max(self._moved + missing, math.nextafter(self._moved, math.inf))
            missing = (moment - self.now()).total_seconds()
        return self.now()

    def step(self, seconds: float) -> None:
        """Moves the clock on as :meth:`advance` does; where time ends it stands still."""
        if self.now() < LAST_MOMENT:
            self._moved += seconds

    @contextmanager
    def showing(self, moment: int | datetime) -> Iterator[None]:
        """Shows another moment inside (seconds since 1970, or a time): the one at which something was due that is only done now."""
        before = self._shown
        try:
            self._shown = moment if isinstance(moment, datetime) else _moment(moment)
            yield
        finally:
            self._shown = before

    @property
    def shows_present(self) -> bool:
        """Whether nobody is inside :meth:`showing`."""
        return self._shown is None

    def show_present(self) -> None:
        """Ends :meth:`showing`, if that was interrupted."""
        self._shown = None

    def state(self) -> ClockState:
        """Where it stands."""
        return ClockState(self._start, self._elapsed() + self._moved)

    def restore(self, state: ClockState) -> None:
        """Puts it where another stood; it goes on from there."""
        self._start, self._moved = state.start, state.moved
        self._origin = monotonic()

    def _elapsed(self) -> float:
        # imported by name: there are threads whose `time.monotonic` is the fake's
        return (monotonic() - self._origin) * self._speed if self._speed else 0.0


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
