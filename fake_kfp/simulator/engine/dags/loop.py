"""The items of a dag's loop: ``dag.go: executeDAGTask``, as far as a task is many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.agenda import Agenda
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.limits import has_room

if TYPE_CHECKING:
    from fake_kfp.simulator.engine.dags.task import TaskRun


class LoopRun:
    """The items of a task's loop. Argo goes through them one by one and stops for this look where one can't start."""

    __slots__ = ("_agenda", "_open", "_run", "_seen")

    def __init__(self, run: TaskRun, count: int) -> None:
        self._run = run
        self._open = count
        self._seen = [False] * count
        self._agenda = Agenda()
        self._agenda.fill(list(range(count)))

    def touch(self, position: int) -> None:
        """Something happened at the item of that position."""
        self._agenda.push(position)
        self._run.dag.touch(self._run.position)

    def walk(self) -> None:
        """Visits the items at which something happened, and ends the loop after the last."""
        run = self._run
        assert run.calls is not None
        assert run.node is not None
        for position in self._agenda.walk(self._has_room):
            call = run.calls[position]
            go_on = run.advance(call)
            self._count(position, call)
            if call.node is not None and call.restless:
                self._agenda.hold(position, started=True)
            if not go_on:
                self._agenda.push(position)
                break
        if self._agenda:
            run.dag.hold(run)
        elif not self._open:
            self._finish(run.calls, run.node)

    def _has_room(self, started: bool) -> bool:
        return has_room(self._run.dag.context)

    def _count(self, position: int, call: Call) -> None:
        if not self._seen[position] and call.node is not None and call.node.fulfilled:
            self._seen[position] = True
            self._open -= 1

    def _finish(self, calls: list[Call], node: Node) -> None:
        """The loop ends as its last failed item, if one failed."""
        phase = "Succeeded"
        for call in calls:
            if call.node is not None and call.node.failed_or_error:
                phase = call.node.phase
        self._run.dag.context.tree.mark(node, phase)
