"""Calls that live side by side in a node: the tasks of a dag, the items of a loop, the steps of a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from sortedcontainers import SortedList

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call, Owner
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.limits import has_room


class Boundary:
    """The node of a dag or of steps as what happens in it knows it.

    ``call`` is the call of the template, ``node`` the node of that call or of its try.
    """

    def __init__(self, context: Context, call: Call, node: Node) -> None:
        self.context, self.call, self.node = context, call, node

    @property
    def volatile(self) -> bool:
        """Whether what happens inside may read differently in each look."""
        return self.call.template is not None and self.call.template.volatile

    def new_call(self, name: str, caller: Json, kind: str, owner: Owner, position: int) -> Call:
        """The call that a task or a step in here makes."""
        return Call(
            name,
            caller,
            kind=kind,
            boundary=self.call,
            boundary_id=self.node.id,
            on_exit=self.call.on_exit,
            owner=owner,
            position=position,
        )

    def has_room(self, started: bool) -> bool:
        """Whether limits let one more child begin, or one that was ``started`` go on."""
        limit = self.call.template.child_parallelism if self.call.template is not None else 0
        active = self.context.tree.counts(self.node.id).active_children
        return has_room(self.context) and (started or not limit or active < limit)


class Children:
    """Which of the calls side by side the next walk has to come by, by their positions.

    ``room`` says whether limits let a call begin, or go on that has ``started``; ``owner`` is what is around them, if anything is,
    where they have a ``place``. A position that was visited but lacked room is on ``hold``: a later walk comes by again if there is
    room then. Positions that were started and have more to do inside need other room than those that have yet to start, so the two
    are kept apart.
    """

    __slots__ = ("_behind", "_heap", "_held", "_last", "_owner", "_place", "_pushed", "_room")

    def __init__(self, room: Callable[[bool], bool], owner: Owner | None, place: int) -> None:
        self._heap: list[int] = []
        self._pushed: set[int] = set()
        self._held: dict[bool, SortedList] = {}
        self._behind: list[int] = []
        self._last = -1
        self._room, self._owner, self._place = room, owner, place

    def fill(self, count: int) -> None:
        """Has all of them visited in the first walk."""
        self._heap = list(range(count))
        self._pushed = set(self._heap)

    @property
    def restless(self) -> bool:
        """Whether one of them wants a visit, or waits for room."""
        return bool(self._heap or self._behind or (self._held and any(self._held.values())))

    def touch(self, position: int) -> None:
        """Something happened at that position (:class:`~fake_kfp.simulator.engine.calls.Owner`)."""
        self.visit_too(position)
        if self._owner is not None:
            self._owner.touch(self._place)

    def visit_too(self, position: int) -> None:
        """Has a position visited, in this walk if it is still to come. What is around them is at it already and need not be told."""
        if position in self._pushed:
            return
        if position <= self._last:
            self._behind.append(position)
        else:
            self._pushed.add(position)
            heappush(self._heap, position)

    def hold(self, position: int, *, started: bool) -> None:
        """The call at that position lacked room; it wants to be visited again when there is some."""
        held = self._held.setdefault(started, SortedList())
        if position not in held:
            held.add(position)

    def take_apart(self) -> None:
        """Forgets what is around them."""
        self._room, self._owner = bool, None

    def walk(self) -> Iterator[int]:
        """The positions to visit now, from first to last; those on hold only while there is room.

        What is touched behind the walk's back waits for the next one.
        """
        try:
            while self._heap or self._held:
                position = self._next_with_held() if self._held else heappop(self._heap)
                if position is None:
                    return
                self._pushed.discard(position)
                self._last = position
                yield position
        finally:
            self._last = -1
            if self._behind:
                behind, self._behind = self._behind, []
                for position in behind:
                    self.visit_too(position)

    def _next_with_held(self) -> int | None:
        """The next position where some are on hold; None where there is no room for any of those that are left."""
        candidates = self._heap[:1]
        for started, held in self._held.items():
            if held and self._room(started):
                index = held.bisect_right(self._last)
                candidates.extend(held[index : index + 1])
        if not candidates:
            return None
        position = min(candidates)
        if self._heap and self._heap[0] == position:
            heappop(self._heap)
        for held in self._held.values():
            held.discard(position)
        return position


def continues_on(caller: Json, phase: NodePhase) -> bool:
    """Whether a task or step says that its failure is no obstacle (``ContinueOn``)."""
    continue_on = caller.get("continueOn") or {}
    return bool(continue_on.get("error") and phase == "Error") or bool(
        continue_on.get("failed") and phase == "Failed"
    )
