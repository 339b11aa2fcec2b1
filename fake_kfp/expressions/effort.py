"""What the evaluation of an expression costs, counted in steps before it is done: whoever waits, waits for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp.machine import WORK
from fake_kfp.golang.values import Ints

MOST_STEPS = 1_000_000
"""Steps of one evaluation. The real one bounds memory alone, and nobody waits for it."""

STRETCH = 100_000
"""Steps of one evaluation after which others may have a turn: they take some hundredths of a second."""

_CHARACTERS = 16
"""So many characters of a text count as a step."""


_MATCHED = 2
"""So many steps of a matcher of regular expressions count as one."""


class _Around(threading.local):
    """What this thread's evaluations are a part of: ``pause`` is called after every stretch of one."""

    pause: Callable[[], None] | None = None


around = _Around()
"""Set by who keeps others waiting meanwhile."""


class Effort:
    """The steps that one evaluation has taken: a node visited, an element of a list read or made, some characters of a text, what regular
    expressions took."""

    __slots__ = ("_stretch_ends", "steps")

    def __init__(self) -> None:
        self.steps = 0
        self._stretch_ends = STRETCH

    def spend(self, steps: int) -> None:
        """Counts what is about to be done. Raises GoError where that would be too much."""
        self.steps += steps
        if self.steps > self._stretch_ends:
            self._end_stretch()

    def _end_stretch(self) -> None:
        if self.steps > MOST_STEPS:
            raise GoError(
                f"fake_kfp: expressions of more than {MOST_STEPS} steps are not evaluated; do less in one"
            )
        self._stretch_ends = min(MOST_STEPS, self.steps + STRETCH)
        if around.pause is not None:
            around.pause()

    def write(self, characters: int) -> None:
        """Counts a text that is about to be made."""
        self.spend(characters // _CHARACTERS)

    def go_through(self, *values: object) -> None:
        """Counts values with all that is in them, a thing as often as it is in there: so it is compared, and written out."""
        left = MOST_STEPS - self.steps
        waiting = list(values)
        while waiting and left >= 0:
            value = waiting.pop()
            if isinstance(value, str):
                left -= len(value) // _CHARACTERS
            elif isinstance(value, (list, dict)):
                left -= len(value)
                if not isinstance(value, Ints):
                    waiting.extend(value.values() if isinstance(value, dict) else value)
        self.spend(MOST_STEPS - self.steps - left)

    def look_at(self, *values: object) -> None:
        """Counts values without what is in them."""
        for value in values:
            if isinstance(value, (str, bytes)):
                self.spend(len(value) // _CHARACTERS)
            elif isinstance(value, (list, dict)):
                self.spend(len(value))

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function gives. What it matched on the way, which has bounds of its own, is counted behind it."""
        before = WORK.steps
        found = function(*arguments)
        self.spend((WORK.steps - before) // _MATCHED)
        return found
