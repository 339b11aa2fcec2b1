"""What of a dag, a loop or a step group has to be visited in the next walk, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from sortedcontainers import SortedList


class Agenda:
    """Positions to visit, smallest first.

    ``push`` says that something happened at a position. ``hold`` says that a position was visited but lacked room under a limit on
    parallelism: a later walk comes by again if there is room then. Positions that were ``started`` and have more to do inside need
    other room than those that have yet to start, so the two are kept apart.
    """

    __slots__ = ("_behind", "_heap", "_held", "_last", "_pushed")

    def __init__(self) -> None:
        self._heap: list[int] = []
        self._pushed: set[int] = set()
        self._held: dict[bool, SortedList] = {}
        self._behind: list[int] = []
        self._last = -1

    def __bool__(self) -> bool:
        return bool(self._heap or self._behind or (self._held and any(self._held.values())))

    def fill(self, positions: list[int]) -> None:
        """Everything, at the beginning; ``positions`` must be in order."""
        self._heap = positions
        self._pushed = set(positions)

    def push(self, position: int) -> None:
        """Puts a position on the agenda."""
        if position in self._pushed:
            return
        if position <= self._last:
            self._behind.append(position)
        else:
            self._pushed.add(position)
            heappush(self._heap, position)

    def hold(self, position: int, *, started: bool) -> None:
        """Puts a position among those that wait for room."""
        held = self._held.setdefault(started, SortedList())
        if position not in held:
            held.add(position)

    def walk(self, room: Callable[[bool], bool]) -> Iterator[int]:
        """The positions of one walk, from first to last; held ones only while there is ``room(started)``.

        What is pushed behind the walk's back stays on the agenda for the next one.
        """
        try:
            while (position := self._next(room)) is not None:
                self._last = position
                yield position
        finally:
            self._last = -1
            if self._behind:
                behind, self._behind = self._behind, []
                for position in behind:
                    self.push(position)

    def _next(self, room: Callable[[bool], bool]) -> int | None:
        """Takes the next position off the agenda."""
        if self._held:
            return self._next_with_held(room)
        if not self._heap:
            return None
        position = heappop(self._heap)
        self._pushed.discard(position)
        return position

    def _next_with_held(self, room: Callable[[bool], bool]) -> int | None:
        candidates = self._heap[:1]
        for started, held in self._held.items():
            if held and room(started):
                index = held.bisect_right(self._last)
                candidates.extend(held[index : index + 1])
        if not candidates:
            return None
        position = min(candidates)
        if self._heap and self._heap[0] == position:
            self._pushed.discard(heappop(self._heap))
        for held in self._held.values():
            held.discard(position)
        return position
