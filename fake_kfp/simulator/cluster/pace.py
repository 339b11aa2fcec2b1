"""Large pieces of work in slices: between two of them others are let into the world."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event

from fake_kfp import errands
from fake_kfp.expressions.effort import around


class Pace:
    """Counts the steps of work on one thing (a workflow, the tasks of a run), and has a ``pause`` after each slice of so many.

    A step (a call visited, a pod moved, a node written) takes about a tenth of a millisecond.

    Whoever comes in at a pause finds the thing half done: :meth:`wait` sends him out until it is whole. ``away`` lets others in for as
    long as somebody waits.
    """

    def __init__(
        self,
        pause: Callable[[], None] | None = None,
        away: Callable[[], AbstractContextManager[None]] = nullcontext,
        steps: int = 1,
    ) -> None:
        self._pause = pause
        self._away = away
        self.steps = steps
        """How many make a slice."""
        self._left = steps
        self._present: Hashable | None = None
        self._halves: dict[Hashable, Event] = {}

    @contextmanager
    def working_on(self, thing: Hashable) -> Iterator[None]:
        """The steps inside are steps of work on this; a part of other work has no pauses of its own."""
        if self._pause is None or self._present is not None:
            yield
            return
        try:
            self._present = thing
            around.pause = lambda: self._rest(thing)
            yield
        finally:
            self._present = around.pause = None
            whole = self._halves.pop(thing, None)
            if whole is not None:
                whole.set()

    def step(self) -> None:
        """A step is done; after the last one of a slice others are let in."""
        self._left -= 1
        if self._left <= 0 and self._present is not None:
            self._rest(self._present)

    def _rest(self, thing: Hashable) -> None:
        assert self._pause is not None
        self._halves.setdefault(thing, Event())
        try:
            self._present, self._left = None, self.steps
            self._pause()
        finally:
            self._present, self._left = thing, self.steps

    def wait(self, thing: Hashable) -> None:
        """Where somebody else is in the middle of work on this, waits outside until that is done."""
        while (whole := self._halves.get(thing)) is not None and self._present != thing:
            if errands.visitor.results is not None:
                errands.sent(whole.wait, size=float("inf"))
            with self._away():
                whole.wait()

    def wait_for_all(self) -> None:
        """The same for whatever is under way."""
        for thing in tuple(self._halves):
            self.wait(thing)

    def forget(self) -> None:
        """In a forked child nobody goes on with what others were in the middle of."""
        self._halves.clear()
        self._present = None
