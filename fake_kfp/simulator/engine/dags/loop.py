"""The items of a dag's loop: ``dag.go: executeDAGTask``, as far as a task is many."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.simulator.cluster.phases import NodePhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call, Owner
from fake_kfp.simulator.engine.children import Children
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.limits import has_room


class LoopRun:
    """The items of a task's loop. Argo goes through them one by one and stops for this look where one can't start.

    ``owner`` is the dag around it, the task is at its ``place``.
    """

    __slots__ = ("_context", "_open", "_seen", "children", "node")

    def __init__(self, context: Context, node: Node, count: int, owner: Owner, place: int) -> None:
        self._context, self.node = context, node
        self._open = count
        self._seen = [False] * count
        self.children = Children(self._has_room, owner, place)
        self.children.fill(count)

    def walk(self, calls: list[Call], advance: Callable[[Call], bool]) -> bool:
        """Visits the items at which something happened, and ends the loop after the last; False where it lacks room to go on.

        ``advance`` runs one of the ``calls`` as far as it goes, and says whether the operator goes on to the next item.
        """
        for position in self.children.walk():
            call = calls[position]
            go_on = advance(call)
            if call.node is not None:
                self._count(position, call.node)
                if call.restless:
                    self.children.hold(position, started=True)
            if not go_on:
                self.children.visit_too(position)
                break
        if self.children.restless:
            return False
        if not self._open:
            self._finish(calls)
        return True

    def _has_room(self, started: bool) -> bool:
        return has_room(self._context)

    def _count(self, position: int, node: Node) -> None:
        if node.fulfilled and not self._seen[position]:
            self._seen[position] = True
            self._open -= 1

    def _finish(self, calls: list[Call]) -> None:
        """The loop ends as its last failed item, if one failed."""
        phase: NodePhase = "Succeeded"
        for call in calls:
            if call.node is not None and call.node.failed_or_error:
                phase = call.node.phase
        self._context.tree.mark(self.node, phase)
