"""Visits: the one way into a world, for one visitor at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import ref

from fake_kfp import errands
from fake_kfp.errands import Errand
from fake_kfp.errors import KfpError
from fake_kfp.store.changes import Changes

T = TypeVar("T")
Inside = TypeVar("Inside")

_LONGEST_WELCOME = 10.0
"""Seconds for which whoever lets others in waits for one of them: he may have been interrupted just then."""


class _Stay:
    """One visit: the visitor is ``inside`` from when he has come in until he has left. ``watch`` notices where he can't leave."""

    __slots__ = ("inside", "watch")

    def __init__(self) -> None:
        self.inside = False
        self.watch: object = None


class _Coming(threading.local):
    """The visit that this thread is about to make."""

    stay = _Stay()


_coming = _Coming()


class Door:
    """The lock of one world, and what happens as somebody takes it.

    ``changes`` are what the present visitor has changed so far. They stay when he leaves, unless something other than a refusal
    (:class:`KfpError`) drives him out: then the world is as he found it. ``arrive`` is called once somebody has come in, or come back
    from an errand. Who is in may come in again, and leaves as often.
    """

    __slots__ = ("__weakref__", "arrive", "changes", "depth", "lock", "waiting")

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.lock = threading.RLock()
        self.depth = 0
        self.waiting: set[threading.Lock] = set()
        """Whoever stands outside has a lock here that is let go when he has come in, or goes away."""
        self.arrive: Callable[[], None] = lambda: None

    def queue(self) -> None:
        """Waits until it is one's turn."""
        outside = threading.Lock()
        outside.acquire()
        try:
            self.waiting.add(outside)
            self.lock.acquire()
        finally:
            self.waiting.discard(outside)
            outside.release()

    def turn_back(self, stay: _Stay, *, was_inside: bool) -> None:
        """Who was interrupted as he came in leaves, however far he was."""
        if stay.inside:
            self.leave(stay, BaseException)
        elif not was_inside and self._is_mine():
            self.lock.release()

    def leave(self, stay: _Stay, kind: type[BaseException] | None = None, *raised: object) -> None:
        """Lets the next one in. Called again where it was interrupted, it makes an end; what is done already is not done twice."""
        if not stay.inside or not self._is_mine():
            return
        try:
            if self.depth <= 1:
                if kind is None or issubclass(kind, KfpError):
                    self.changes.keep()
                else:
                    self.changes.take_back()
        finally:
            depth = self.depth - 1 if self.depth else 0
            # these three in a row: a signal's handler runs after a call or a jump, not between
            stay.inside = False
            self.depth = depth
            self.lock.release()
            stay.watch = None
            while not depth and self._is_mine():  # somebody was interrupted right after he had taken it again
                self.lock.release()

    def _is_mine(self) -> bool:
        return bool(self.lock._is_owned())  # type: ignore[attr-defined]

    def send(self, errand: Errand) -> None:
        """Who is inside goes out, and comes back as if he had not been there before."""
        self.changes.take_back()
        with self.away():
            errand.run()
        self.arrive()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Lets others in while who is inside waits for something; what he has changed so far stays."""
        self.changes.keep()
        depth, self.depth = self.depth, 0
        in_lasting, self.changes.in_lasting = self.changes.in_lasting, False
        for _ in range(depth):
            self.lock.release()
        try:
            yield
        finally:
            self._come_back(depth)
            self.changes.in_lasting = in_lasting

    def _come_back(self, depth: int) -> None:
        """Whatever a signal's handler raises while he waits: he comes in, since he is going to leave."""
        try:
            self.queue()
        except BaseException:
            self._come_back(depth)
            raise
        for _ in range(depth - 1):
            self.lock.acquire()
        self.depth = depth

    def let_others_in(self) -> None:
        """Lets all in who wait by now; but not into a visit within another, which would not know of it."""
        if self.depth > 1 or not self.waiting:
            return
        waiting = tuple(self.waiting)
        with self.away():
            # a lock that is taken again at once is given to nobody else, however long they wait
            for outside in waiting:
                if outside.acquire(timeout=_LONGEST_WELCOME):
                    outside.release()  # somebody else may wait for him, too

    def pause(self) -> None:
        """The same between two pieces of work of which each is whole: what was changed so far stays, whether anybody waits or not."""
        if self.depth == 1:
            self.changes.keep()
        self.let_others_in()

    def renew(self) -> None:
        """In a forked child nobody is left who could leave, unless it is who forked. What others were about to change they did not."""
        if self._is_mine():
            return
        self.lock = threading.RLock()
        self.depth = 0
        self.waiting.clear()
        self.changes.take_back()


class Visit(Generic[Inside]):
    """Comes in by a door: ``with visit as inside:``, or :meth:`call` for calls. Made once for all visits of a kind.

    ``step`` happens before anything else.
    """

    __slots__ = ("_door", "_inside", "_step")

    def __init__(self, door: Door, inside: Inside, step: Callable[[], None] | None = None) -> None:
        self._door = door
        self._inside = inside
        self._step = step

    def __enter__(self) -> Inside:
        door, stay = self._door, _coming.stay
        was_inside = door._is_mine()
        try:
            if not door.lock.acquire(blocking=False):
                door.queue()
            stay.inside = True
            door.depth += 1
            if not door.changes.noting:  # taking back was interrupted, too
                door.changes.take_back()
            if self._step is not None:
                self._step()
            door.arrive()
        except BaseException:
            door.turn_back(stay, was_inside=was_inside)
            raise
        return self._inside

    if TYPE_CHECKING:

        def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None: ...

    else:

        @property
        def __exit__(self) -> Callable[..., None]:
            """What leaves. ``with`` asks for it before it comes in, and nobody else has it: it goes when the ``with`` is over.

            So where a signal's handler interrupts it before it has begun, its going is noticed, and it is done then. Otherwise the
            door would stay shut for ever.
            """
            stay, door = _Stay(), self._door
            leaving = partial(door.leave, stay)
            stay.watch = ref(leaving, lambda gone: door.leave(stay, BaseException))
            _coming.stay = stay
            return leaving

    def call(self, work: Callable[..., T], *arguments: object) -> T:
        """What ``work`` gives for what is inside. It may be sent out on errands: then it begins anew as it comes back."""
        return self.handle(work, self._inside, *arguments)

    def handle(self, work: Callable[..., T], *arguments: object) -> T:
        """The same for who knows his way inside. Every call goes through here."""
        visitor = errands.visitor
        with self:
            if self._door.depth > 1:  # whoever brought him in would not know that others were in meanwhile
                return work(*arguments)
            visitor.results = {}
            try:
                return work(*arguments)
            except Errand as errand:
                return self._call_again(errand, work, *arguments)
            finally:
                visitor.results = None

    def _call_again(self, errand: Errand, work: Callable[..., T], *arguments: object) -> T:
        results: errands.Results = {}
        while True:
            errands.visitor.results = None
            self._door.send(errand)
            results[errand.key] = errand
            errands.visitor.results = results
            try:
                return work(*arguments)
            except Errand as another:
                errand = another
