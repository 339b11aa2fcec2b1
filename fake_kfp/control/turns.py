"""Several threads that wait by one clock: each wakes in its turn, the one whose moment comes first.

Without that, a thread that waits for a run which hangs would put the clock to its own timeout, and take the others past theirs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

PATIENCE = 10.0
"""So many real seconds a thread waits for others to sleep as well; one that waits for it would keep it waiting for ever."""

Moment = Callable[[], datetime]
"""When a thread wants to wake, as things stand now."""


class Turns:
    """The threads that wait by one clock, each between :meth:`enter` and :meth:`leave`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._awake = 0
        self._asleep: dict[object, Moment] = {}

    def enter(self) -> None:
        """One more thread waits; it is awake."""
        with self._changed:
            self._awake += 1

    def leave(self) -> None:
        """A thread that is awake waits no more."""
        with self._changed:
            self._awake -= 1
            self._changed.notify_all()

    def sleep(self, moment: Moment, go_to: Callable[[datetime], object]) -> None:
        """Returns when all others sleep and none wakes earlier, after the clock was told to ``go_to`` this thread's moment."""
        me = object()
        with self._changed:
            self._awake -= 1
            self._asleep[me] = moment
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_first(me), PATIENCE)
            del self._asleep[me]
            self._awake += 1
            go_to(moment())

    def _is_first(self, me: object) -> bool:
        return not self._awake and min(self._asleep, key=lambda each: self._asleep[each]()) is me
