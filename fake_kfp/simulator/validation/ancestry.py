"""The graph of a dag: an order in which its tasks can run, and who comes before whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fake_kfp.simulator.manifests.errors import ValidationError

Task = Mapping[str, Any]


def sorted_tasks(tasks: Sequence[Task], waits_for: Sequence[Collection[str]]) -> list[Task]:
    """The tasks so that each comes after those it waits for, in spec order where that leaves a choice.

    Raises ``duplicated nodeName a``, ``invalid dependency a`` or ``graph with cycle`` (``util/sorting:
    TopologicalSorting``).
    """
    names = [task.get("name") or "" for task in tasks]
    by_name = dict(zip(names, tasks, strict=True))
    if len(by_name) < len(names):
        raise ValidationError(f"duplicated nodeName {_first_duplicate(names)}")
    successors: dict[str, list[str]] = defaultdict(list)
    for name, dependencies in zip(names, waits_for, strict=True):
        for dependency in dependencies:
            if dependency not in by_name:
                raise ValidationError(f"invalid dependency {dependency}")
            successors[dependency].append(name)
    open_count = {name: len(dependencies) for name, dependencies in zip(names, waits_for, strict=True)}
    order = [name for name in names if not open_count[name]]
    for name in order:
        for successor in successors[name]:
            open_count[successor] -= 1
            if not open_count[successor]:
                order.append(successor)
    if len(order) < len(names):
        raise ValidationError("graph with cycle")
    return [by_name[name] for name in order]


def _first_duplicate(names: Sequence[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    raise AssertionError("no name stands twice")


class Ancestry:
    """Answers which tasks another one waits for, directly or through others; for tasks that stand in running order."""

    def __init__(self, tasks: Sequence[Task], dependencies: Mapping[str, Collection[str]]) -> None:
        self._tasks, self._dependencies = tasks, dependencies
        self._positions: dict[str, int] = {}
        self._ancestors: list[int] = []

    def is_ancestor(self, name: str, task: str) -> bool:
        """Whether ``name`` is a task that ``task`` waits for."""
        if name in self._dependencies[task]:
            return True
        if not self._positions:
            self._work_out()
        position = self._positions.get(name)
        return position is not None and bool(self._ancestors[self._positions[task]] >> position & 1)

    def _work_out(self) -> None:
        """One bit set a task: quick enough for thousands of tasks in a row, and done only if somebody asks."""
        self._positions = {task["name"]: position for position, task in enumerate(self._tasks)}
        for task in self._tasks:
            ancestors = 0
            for dependency in self._dependencies[task["name"]]:
                position = self._positions[dependency]
                ancestors |= self._ancestors[position] | 1 << position
            self._ancestors.append(ancestors)
