"""When something is due, and for whom: one moment each."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Generic, TypeVar

from fake_kfp.store.changes import Changes

When = TypeVar("When")
Key = TypeVar("Key")

_STALE_ENTRIES = 64


class Agenda(Generic[When, Key]):
    """The moment at which something is due for each key, and the keys in the order of their moments; at the same one, as they were planned.

    A heap, in which an entry that was overtaken stays until it comes up or is cleared away: it is told by its number. So a key has one
    entry that counts, whatever was planned, taken and taken back before, and in its old place.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._heap: list[tuple[When, int, Key]] = []
        self._planned: dict[Key, tuple[When, int]] = {}
        self._order = count()

    def __contains__(self, key: object) -> bool:
        return key in self._planned

    def __len__(self) -> int:
        return len(self._planned)

    def get(self, key: Key) -> When | None:
        """When something is due for a key."""
        planned = self._planned.get(key)
        return None if planned is None else planned[0]

    def plan(self, key: Key, when: When) -> None:
        """Then something is due for a key, and not when it was before."""
        self._note(key)
        self._put(key, (when, next(self._order)))
        self._clear()

    def drop(self, key: Key) -> None:
        """Nothing is due for a key."""
        if key in self._planned:
            self._note(key)
            del self._planned[key]

    def first(self) -> tuple[When, Key] | None:
        """What is due first."""
        while self._heap:
            when, number, key = self._heap[0]
            if self._planned.get(key) == (when, number):
                return when, key
            heapq.heappop(self._heap)
        return None

    def take(self) -> tuple[When, Key]:
        """Takes off what is due first, which there has to be."""
        found = self.first()
        assert found is not None
        self.drop(found[1])
        return found

    def due(self, by: When) -> list[Key]:
        """For whom something is due by then, in order; it stays so. Costs what it gives, and what was overtaken among it."""
        found, places = [], [0]
        while places:
            place = places.pop()
            if place < len(self._heap) and not self._heap[place][0] > by:  # type: ignore[operator]
                found.append(self._heap[place])
                places += (2 * place + 1, 2 * place + 2)
        return [key for when, number, key in sorted(set(found)) if self._planned.get(key) == (when, number)]

    def state(self) -> list[tuple[When, Key]]:
        """All that is due, in order."""
        entries = sorted((when, number, key) for key, (when, number) in self._planned.items())
        return [(when, key) for when, _, key in entries]

    def restore(self, state: Iterable[tuple[When, Key]], planned: Mapping[Key, When]) -> None:
        """What is planned is due, at one moment in the order in which it stands in ``state``, which may hold what was overtaken."""
        moments = dict.fromkeys(key for when, key in state if planned.get(key) == when)
        moments.update(dict.fromkeys(planned))
        self._planned = {key: (planned[key], next(self._order)) for key in moments}
        self._fill()

    def _note(self, key: Key) -> None:
        planned = self._planned.get(key)
        if planned is None:
            self._changes.note(self._planned.pop, key, None)
        else:
            self._changes.note(self._put, key, planned)

    def _put(self, key: Key, planned: tuple[When, int]) -> None:
        self._planned[key] = planned
        heapq.heappush(self._heap, (*planned, key))

    def _clear(self) -> None:
        """Lets go of what was overtaken, once that is most of it: a heap holds no more than a few times what is to come."""
        if len(self._heap) > _STALE_ENTRIES + 2 * len(self._planned):
            self._fill()

    def _fill(self) -> None:
        self._heap = [(when, number, key) for key, (when, number) in self._planned.items()]
        heapq.heapify(self._heap)
